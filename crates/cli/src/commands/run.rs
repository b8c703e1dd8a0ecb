//! `akrida`: runs a test, or prints what is in it.

use super::print;
use super::report::html;
use crate::about::about;
use crate::exit::{Failure, Kind, Outcome, PASSED};
use crate::files;
use crate::log::{Level, Log, Notice, Speaker};
use crate::log_buffer::LogBuffer;
use crate::metrics::Port;
use crate::narration::Scene;
use crate::parts::Parts;
use crate::plan::{Load, Plan, Role, Task, Test, WorkerPlan};
use crate::python_only::PythonOnly;
use crate::reporter::{self, Reporter};
use crate::runs::{Keeper, Keeping};
use crate::screen::Screen;
use crate::session::{self, Attended, Generator, Web};
use crate::settings::Layer;
use crate::source::{self, Loaded};
use crate::{narration, startup, system};
use akrida_master::{Config, Handout};
use akrida_report::{ratio, verdict};
use akrida_run::Snapshot;
use akrida_scenario::model::{Step, Template};
use akrida_scenario::{Scenario, UserClass};
use std::sync::Arc;

/// Descriptors that are not users' connections.
const OTHER_FILES: u64 = 100;

/// Carries out what was typed.
///
/// # Errors
/// When there is nothing to run, or no way to run it.
pub(crate) fn run(typed: Layer) -> Result<u8, Failure> {
    let (mut plan, mut notices) = startup::plan(typed)?;
    if let (Test::OfMaster, Role::Worker(fleet)) = (&plan.test, &plan.role) {
        let fleet = fleet.clone();
        return work_on_what_comes(plan, &fleet, &notices);
    }
    let Loaded { mut scenario, parts, warnings } = match source::load(&plan.test, &plan.selection) {
        Err(failure) if failure.kind == Kind::Scenario => outlined(&mut plan, failure)?,
        loaded => loaded?,
    };
    plan.set_options(&mut scenario)?;
    plan.fit(&scenario);
    notices.extend(warnings.into_iter().map(Notice::warning));
    Ok(carry_out(&plan, scenario, parts, &notices)?.code)
}

/// A test that could not be loaded as what a master of Python workers knows of it, where that is enough.
fn outlined(plan: &mut Plan, failure: Failure) -> Result<Loaded, Failure> {
    let Some(mut test) = PythonOnly::read(&plan.test, &plan.selection)? else { return Err(failure) };
    match &mut plan.role {
        // What is printed needs no steps.
        _ if plan.task == Task::List => {}
        _ if plan.task != Task::Run => test.loaded.warnings.extend(test.unseen_tasks()),
        Role::Master(master) if master.processes == 0 => {
            let line = test.line();
            test.loaded.warnings.insert(0, line);
            master.python_only = Some(test.seen);
        }
        // The processes that a master starts are Akrida's.
        role => return Err(test.refusal(&failure, role)),
    }
    Ok(test.loaded)
}

/// What a command ended with.
pub(crate) struct Ended {
    pub(crate) code: u8,
    /// The figures, if anything was run, and where more can be said about them.
    pub(crate) run: Option<(Arc<Snapshot>, Screen)>,
}

/// Does with `scenario`, which was read from `parts`, what the plan says.
pub(crate) fn carry_out(
    plan: &Plan,
    scenario: Scenario,
    parts: Parts,
    notices: &[Notice],
) -> Result<Ended, Failure> {
    if !print_what_is_asked(plan, &scenario) {
        return load(plan, scenario, parts, notices);
    }
    let notes = notices.iter().filter(|notice| notice.level >= Level::Warning);
    notes.for_each(|note| Screen::stderr().print(&format!("Note: {}\n", note.text)));
    Ok(Ended { code: PASSED, run: None })
}

/// Prints what is asked about the test; `false` if it is to be run.
fn print_what_is_asked(plan: &Plan, scenario: &Scenario) -> bool {
    let printed = match plan.task {
        Task::List => ratio::list(scenario),
        Task::Ratio { users, json: true } => ratio::json(scenario, users) + "\n",
        Task::Ratio { users, json: false } => ratio::text(scenario, users),
        Task::Run => return false,
    };
    print(&printed);
    true
}

fn load(plan: &Plan, scenario: Scenario, parts: Parts, notices: &[Notice]) -> Result<Ended, Failure> {
    if let Role::Worker(fleet) = &plan.role {
        drop(parts);
        return work(plan, fleet, scenario, notices);
    }
    let needs_host = without_host(&scenario).map(str::to_owned);
    let at_once = plan.web.as_ref().is_none_or(|web| web.autostart);
    if at_once {
        all_have_hosts(plan, &scenario)?;
    }
    let handout = match plan.role {
        Role::Master(ref fleet) => session::handout(&plan.test, &parts, fleet.python_only.is_some()),
        Role::Alone | Role::Worker(_) => Handout::default(),
    };
    let keeping = Keeping {
        folder: plan.output.runs_dir.clone(),
        wanted: plan.output.html.is_some(),
        about: about(plan, &scenario, &parts, Config::new(&scenario).fingerprint()),
    };
    // Large data is not kept twice.
    drop(parts);
    let scenario = Arc::new(scenario);
    let generator = match plan.role {
        Role::Alone => Some(Generator::new(&scenario, &plan.engine)?),
        Role::Master(_) | Role::Worker(_) => None,
    };
    let screen = Screen::stderr();
    let log = reporter::log(&plan.output, &system::host_name(), &screen)?;
    let fleet = matches!(plan.role, Role::Master(_));
    let scene = Scene { fleet, stays: plan.web.is_some() };
    let mut reporter = Reporter::new(log.clone(), screen.clone(), plan.output.clone(), scene)?;
    log.info(Speaker::Main, &format!("Starting Akrida {}", env!("CARGO_PKG_VERSION")));
    notices.iter().for_each(|notice| log.line(notice.level, Speaker::Main, &notice.text));
    let web = plan.web.as_ref();
    let web = web
        .map(|web| Web::open(plan, web, &scenario, needs_host.as_deref(), keeping.about.clone(), &log))
        .transpose()?;
    tell_plan(&log, plan, &scenario, at_once);
    let (keeper, hand) = keeping.start(log.clone())?.unzip();
    let ended = match (&plan.role, generator) {
        (Role::Master(fleet), _) => {
            session::run_master(&scenario, fleet, handout, plan, web, hand, &mut reporter)
        }
        (_, Some(generator)) => session::run_alone(&scenario, generator, plan, web, hand, &mut reporter),
        (_, None) => return Ok(Ended { code: PASSED, run: None }),
    };
    // All is written, however the run ended.
    let run = keeper.and_then(Keeper::end);
    let report = match (&plan.output.html, run) {
        (Some(path), Some(run)) => html(&run).and_then(|page| files::write(path, &page)),
        _ => Ok(()),
    };
    let (snapshot, totals) = ended?;
    let outcome = Outcome {
        failed: !snapshot.errors.is_empty() || !snapshot.exceptions.is_empty(),
        saturated: plan.verdict.fail_on_saturation && snapshot.generator.saturated(),
        broken: verdict::broken(&snapshot) > 0,
    };
    let code = outcome.code(plan.verdict.on_error);
    reporter.finish(&snapshot, &totals, code, plan.verdict.on_error != PASSED)?;
    report?;
    Ok(Ended { code, run: Some((snapshot, screen)) })
}

/// Works for a master.
fn work(plan: &Plan, fleet: &WorkerPlan, scenario: Scenario, notices: &[Notice]) -> Result<Ended, Failure> {
    let log = workers_log(plan, notices)?;
    let attended = Attended::new(plan.health_port, &log)?;
    let code = if fleet.processes > 0 {
        session::run_processes(fleet, &plan.engine, attended)?
    } else {
        let metrics = plan.metrics_port.map(|port| Port::take(port, &log)).transpose()?;
        let scenario = Arc::new(scenario);
        session::run_worker(&scenario, fleet, &plan.engine, &plan.selection, &log, attended, metrics)?
    };
    Ok(Ended { code, run: None })
}

/// Works for a master on the test that it hands out.
fn work_on_what_comes(mut plan: Plan, fleet: &WorkerPlan, notices: &[Notice]) -> Result<u8, Failure> {
    let log = workers_log(&plan, notices)?;
    let mut attended = Attended::new(plan.health_port, &log)?;
    if fleet.processes > 0 && plan.task == Task::Run {
        // Each of them asks for itself.
        return session::run_processes(fleet, &plan.engine, attended);
    }
    let Some(parts) = session::fetch(fleet, &mut attended, &log)? else { return Ok(PASSED) };
    let (mut scenario, warnings) = source::load_parts(&parts, &plan.selection)?;
    drop(parts);
    plan.set_options(&mut scenario)?;
    plan.fit(&scenario);
    warnings.iter().for_each(|warning| log.warning(Speaker::Main, warning));
    if print_what_is_asked(&plan, &scenario) {
        return Ok(PASSED);
    }
    let metrics = plan.metrics_port.map(|port| Port::take(port, &log)).transpose()?;
    session::run_worker(&Arc::new(scenario), fleet, &plan.engine, &plan.selection, &log, attended, metrics)
}

fn workers_log(plan: &Plan, notices: &[Notice]) -> Result<Log, Failure> {
    let log = reporter::log(&plan.output, &system::host_name(), &Screen::stderr())?;
    let log = log.keeping(LogBuffer::default());
    log.info(Speaker::Main, &format!("Starting Akrida {}", env!("CARGO_PKG_VERSION")));
    notices.iter().for_each(|notice| log.line(notice.level, Speaker::Main, &notice.text));
    system::raise_open_files();
    Ok(log)
}

/// Whether each class has a host, or needs none.
///
/// # Errors
/// The first that has none.
pub(crate) fn all_have_hosts(plan: &Plan, scenario: &Scenario) -> Result<(), Failure> {
    match without_host(scenario) {
        Some(class) if plan.load.host.is_none() => Err(Failure::usage(
            format!("user class {class} has no host, and no --host is given"),
            "say --host https://www.example.com, or give the class a host",
        )),
        _ => Ok(()),
    }
}

/// A class that needs a host for a request which it is bound to make, and has none.
fn without_host(scenario: &Scenario) -> Option<&str> {
    let relative = |step: &Step| match step {
        Step::Request(request) => matches!(&request.url, Template::Fixed(url) if url.starts_with('/')),
        _ => false,
    };
    let needs_one = |class: &&UserClass| {
        let tasks = class.tasks.iter().flat_map(|task| task.all_steps());
        class.host.is_none() && class.on_start.iter().chain(tasks).any(relative)
    };
    scenario.classes.iter().find(needs_one).map(|class| class.name.as_str())
}

/// Logs what a person may want to know before the run.
fn tell_plan(log: &Log, plan: &Plan, scenario: &Scenario, at_once: bool) {
    if let Some(profile) = &plan.output.profile {
        log.info(Speaker::Main, &format!("Profile: {profile}"));
    }
    log.debug(Speaker::Main, &format!("{} cores, seed {}", plan.engine.cores, plan.engine.seed));
    let staged = !plan.load.stages.is_empty() || !scenario.stages.is_empty();
    for line in remarks(&plan.load, scenario, staged, system::raise_open_files()) {
        log.warning(Speaker::Main, &line);
    }
    if let Some(line) = narration::run_time(plan.load.run_time, staged || !at_once) {
        log.info(Speaker::Main, &line);
    }
}

/// What is odd about a plan for this scenario on a machine that allows so many open files.
fn remarks(load: &Load, scenario: &Scenario, staged: bool, open_files: Option<u64>) -> Vec<String> {
    let mut remarks = Vec::new();
    let stages = if load.stages.is_empty() { &scenario.stages } else { &load.stages };
    let users = stages.iter().map(|stage| stage.users).max().unwrap_or(load.users);
    if staged && !load.given.is_empty() {
        let flags: Vec<_> = load.given.iter().map(|flag| format!("--{flag}")).collect();
        remarks.push(format!("The stages decide about users; ignored: {}", flags.join(", ")));
    }
    let fixed: u64 = scenario.classes.iter().map(|class| class.fixed_count).sum();
    if fixed > users {
        remarks.push(format!(
            "Total fixed_count of User classes ({fixed}) is greater than the specified number of users \
             ({users}), so not all will be spawned."
        ));
    }
    if let Some(limit) = open_files.filter(|limit| *limit < users.saturating_add(OTHER_FILES)) {
        remarks.push(format!(
            "System open file limit {limit} is too low for {users} users, each of which has a connection; \
             raise it with ulimit -n."
        ));
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quick::one_request;
    use std::time::Duration;

    #[test]
    fn classes_without_a_host() {
        let named = one_request("A", "load", "http://localhost", "/");
        let bare = UserClass { name: "B".to_owned(), host: None, ..named.clone() };
        let absolute = UserClass { host: None, ..one_request("C", "load", "", "http://localhost/") };
        let check = |classes: &[&UserClass], expected: Option<&str>| {
            let classes = classes.iter().map(|&class| class.clone()).collect();
            let scenario = Scenario { classes, ..Scenario::default() };
            assert_eq!(without_host(&scenario), expected);
        };
        check(&[&named, &absolute], None);
        check(&[&named, &bare], Some("B"));
    }

    #[test]
    fn odd_plans_are_remarked() {
        let load = Load {
            host: None,
            users: 50,
            spawn_rate: 1.0,
            run_time: None,
            stages: Vec::new(),
            options: Vec::new(),
            given: vec!["users"],
            stop_timeout: Duration::ZERO,
            reset_stats: false,
        };
        let mut class = one_request("A", "load", "http://localhost", "/");
        class.fixed_count = 60;
        let scenario = Scenario { classes: vec![class], ..Scenario::default() };
        insta::assert_snapshot!(remarks(&load, &scenario, true, Some(149)).join("\n"), @r"
        The stages decide about users; ignored: --users
        Total fixed_count of User classes (60) is greater than the specified number of users (50), so not all will be spawned.
        System open file limit 149 is too low for 50 users, each of which has a connection; raise it with ulimit -n.
        ");
        assert!(remarks(&Load { users: 60, ..load }, &scenario, false, Some(160)).is_empty());
    }
}
