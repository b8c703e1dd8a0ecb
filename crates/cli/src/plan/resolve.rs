//! From values to a plan.

use super::value::{
    Reader, cores, first_of_two_ports, heartbeat_interval, host, is_on, missed_heartbeats, nonzero_port,
    place, processes, rate, span, stages, thresholds, whole, worker_wait,
};
use super::web;
use super::{
    Csv, EnginePlan, Load, Machine, MasterPlan, Output, Plan, Role, Tables, Task, Test, Verdict, WorkerPlan,
};
use crate::args::{Status, flags};
use crate::exit::{FAILED, Failure};
use crate::log::{Level, Notice, Style};
use crate::pipeline::Pipeline;
use crate::quick::Address;
use crate::settings::{Layer, Origin, Setting};
use akrida_scenario::duration::parse_run_time;
use akrida_scenario::select::Selection;
use std::path::PathBuf;
use std::time::Duration;

/// How long a request in flight at the end may take, unless `--drain` says otherwise.
const DRAIN: Duration = Duration::from_secs(2);

/// How often workers tell that they live, how many heartbeats they may miss, and how long a run waits for a worker when
/// the last one is gone, unless flags say otherwise.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(1);
const MISSED_HEARTBEATS: u32 = 3;
const WORKER_WAIT: Duration = Duration::from_secs(10);

/// Where masters wait for workers, as Locust's.
pub(crate) const MASTER_PORT: u16 = 5557;

const SPAN: &str = "a time such as 20, 20s, 3m, 2h, 1h20m or 3h30m10s";
const RUN_TIME: &str = "a time above 0 such as 20, 20s, 3m, 2h, 1h20m or 3h30m10s";

/// Resolves `layer`, and tells what of it has no effect.
///
/// # Errors
/// The first value that cannot be read, and what this version cannot do.
pub(crate) fn resolve(layer: &Layer, machine: Machine) -> Result<(Plan, Vec<Notice>), Failure> {
    let mut notices = statuses(layer)?;
    let read = Reader { layer };
    let role = role(&read, machine.cores)?;
    notices.extend(of_other_roles(layer, &role)?);
    let (test, classes) = test(&read)?;
    let users = read.parse(&flags::USERS, "a whole number such as 50", whole)?;
    // Locust's rate, but a quick look at an address is not meant to be a ramp.
    let usual_rate = match &test {
        Test::Address(_) => users.unwrap_or(1).max(1) as f64,
        _ => 1.0,
    };
    let seed = read.parse(&flags::SEED, "a whole number", whole)?;
    let web = web::web(&read, &role, &test, &mut notices)?;
    let mut plan = Plan {
        task: task(&read, users),
        role,
        test,
        selection: Selection {
            classes,
            tags: read.many(&flags::TAGS),
            exclude_tags: read.many(&flags::EXCLUDE_TAGS),
            equal_weights: read.on(&flags::EQUAL_WEIGHTS),
        },
        load: Load {
            host: read.parse(
                &flags::HOST,
                "an address with http:// or https://, such as https://www.example.com",
                host,
            )?,
            users: users.unwrap_or(1),
            spawn_rate: read.parse(&flags::SPAWN_RATE, "a number above 0", rate)?.unwrap_or(usual_rate),
            run_time: read.parse(&flags::RUN_TIME, RUN_TIME, |text| parse_run_time(text).ok())?,
            stages: stages(&read)?,
            options: options(&read)?,
            given: [&flags::USERS, &flags::SPAWN_RATE]
                .into_iter()
                .filter(|flag| read.text(flag).is_some())
                .map(|flag| flag.long)
                .collect(),
            stop_timeout: read.parse(&flags::STOP_TIMEOUT, SPAN, span)?.unwrap_or_default(),
            reset_stats: read.on(&flags::RESET_STATS),
        },
        engine: EnginePlan {
            cores: read.parse(&flags::CORES, "a number of threads from 1", cores)?.unwrap_or(machine.cores),
            seed: seed.unwrap_or(machine.seed),
            seeded: seed.is_some(),
            drain: read.parse(&flags::DRAIN, SPAN, span)?.unwrap_or(DRAIN),
            tls_ca: read.text(&flags::TLS_CA).map(PathBuf::from).into_iter().collect(),
        },
        output: output(&read, web.is_some(), &mut notices)?,
        verdict: Verdict {
            on_error: read
                .parse(&flags::EXIT_CODE_ON_ERROR, "an exit code from 0 to 255", |text| text.parse().ok())?
                .unwrap_or(FAILED),
            fail_on_saturation: read.on(&flags::FAIL_ON_SATURATION),
            fail_if: thresholds(&read)?,
            warm_up: read.parse(&flags::WARM_UP, SPAN, span)?,
        },
        web,
        health_port: read
            .parse(&flags::HEALTH_PORT, "a port from 1 to 65535, or 0 for none", |text| text.parse().ok())?
            .filter(|port| *port != 0),
        metrics_port: metrics_port(&read)?,
        #[cfg(feature = "otel")]
        otel: None,
    };
    plan.output.html = plan.output.html.map(|name| filled_in(name, &plan.load));
    Ok((plan, notices))
}

/// Refuses what this version must not ignore, and tells what it does ignore.
fn statuses(layer: &Layer) -> Result<Vec<Notice>, Failure> {
    let mut notices = Vec::new();
    for flag in flags::all() {
        let Some(setting) = layer.get(flag).filter(|setting| is_on(flag, setting)) else { continue };
        let place = place(flag, setting);
        match (flag.status, &setting.origin) {
            (Status::Works, _) => {}
            (Status::Idle(why), _) => notices.push(Notice::info(format!("{place} {why}"))),
            (Status::Missing(instead), Origin::Typed) => {
                return Err(Failure::usage(format!("{place} is not in this version yet"), instead));
            }
            (Status::Missing(_), _) => {
                notices
                    .push(Notice::warning(format!("{place} is not in this version yet and has no effect")));
            }
        }
    }
    Ok(notices)
}

/// Tells which flags are for a process of another role.
///
/// # Errors
/// When one that is Akrida's own was typed.
fn of_other_roles(layer: &Layer, role: &Role) -> Result<Vec<Notice>, Failure> {
    // A worker that a master has started for itself was told all that its master was told.
    if layer.get(&flags::PROCESSES).and_then(Setting::last) == Some("0") {
        return Ok(Vec::new());
    }
    let (is_master, is_worker) = (matches!(role, Role::Master(_)), matches!(role, Role::Worker(_)));
    let own = [&flags::WORKER_WAIT, &flags::STATE_DIR, &flags::LEGACY_08_PORT].into_iter();
    for flag in own.chain(web::RESCALE) {
        if let Some(setting) = layer.get(flag).filter(|_| !is_master)
            && setting.origin == Origin::Typed
        {
            let place = place(flag, setting);
            return Err(Failure::usage(
                format!("{place} is for a master"),
                "say --master too, or leave it out",
            ));
        }
    }
    for flag in [&flags::FAIL_IF, &flags::WARM_UP, &flags::JUNIT, &flags::SUMMARY] {
        if let Some(setting) = layer.get(flag).filter(|_| is_worker)
            && setting.origin == Origin::Typed
        {
            let message = format!("{} has no meaning for a worker", place(flag, setting));
            return Err(Failure::usage(message, "say it to the master, which judges the run"));
        }
    }
    let several = matches!(role, Role::Worker(fleet) if fleet.processes > 0);
    if let Some(setting) = layer.get(&flags::METRICS_PORT).filter(|_| several)
        && setting.origin == Origin::Typed
    {
        let place = place(&flags::METRICS_PORT, setting);
        let message = format!("{place}: of several worker processes only one could have it");
        return Err(Failure::usage(message, "start each worker by itself, or leave it out"));
    }
    let masters = [
        &flags::MASTER_BIND_HOST,
        &flags::MASTER_BIND_PORT,
        &flags::LEGACY_08_PORT,
        &flags::EXPECT_WORKERS,
        &flags::EXPECT_WORKERS_MAX_WAIT,
        &flags::WORKER_WAIT,
        &flags::STATE_DIR,
        &flags::HEARTBEAT_LIVENESS,
    ];
    let workers = [&flags::MASTER_HOST, &flags::MASTER_PORT];
    let masters = masters.into_iter().chain(web::RESCALE).map(|flag| (flag, "no master", is_master));
    let workers = workers.into_iter().map(|flag| (flag, "no worker", is_worker));
    let fleet = [(&flags::HEARTBEAT_INTERVAL, "neither master nor worker", is_master || is_worker)];
    let of_runs = [&flags::FAIL_IF, &flags::WARM_UP, &flags::JUNIT, &flags::SUMMARY, &flags::OTEL];
    let of_runs = of_runs.map(|flag| (flag, "a worker, and its master tells of the run", !is_worker));
    let scraped = [(&flags::METRICS_PORT, "several workers", !several)];
    let idle = masters.chain(workers).chain(fleet).chain(of_runs).chain(scraped);
    let idle = idle.filter(|(_, _, useful)| !useful);
    let told = idle.filter_map(|(flag, what, _)| {
        let place = place(flag, layer.get(flag)?);
        Some(Notice::info(format!("{place} has no effect: this process is {what}")))
    });
    Ok(told.collect())
}

/// What this process is. As in Locust `--processes` without a word of a role makes it the master of its own workers.
fn role(read: &Reader<'_>, machine_cores: usize) -> Result<Role, Failure> {
    let processes = read
        .parse(&flags::PROCESSES, "a number of processes, or -1 for one on each core", processes)?
        .map_or(0, |count| count.unwrap_or(machine_cores));
    let port = "a port from 1 to 65535";
    let heartbeat_interval = read
        .parse(&flags::HEARTBEAT_INTERVAL, "a time from 1s to 60s such as 2s", heartbeat_interval)?
        .unwrap_or(HEARTBEAT_INTERVAL);
    if read.on(&flags::WORKER) {
        if read.on(&flags::MASTER) {
            return Err(Failure::usage("a process is master or worker, not both", "leave one of them out"));
        }
        return Ok(Role::Worker(WorkerPlan {
            host: read.text(&flags::MASTER_HOST).unwrap_or("127.0.0.1").to_owned(),
            port: read.parse(&flags::MASTER_PORT, port, nonzero_port)?.unwrap_or(MASTER_PORT),
            processes,
            heartbeat_interval,
        }));
    }
    if !read.on(&flags::MASTER) && processes == 0 {
        return Ok(Role::Alone);
    }
    let wait = |text: &str| span(text);
    let max_wait = read.parse(&flags::EXPECT_WORKERS_MAX_WAIT, SPAN, wait)?.filter(|wait| !wait.is_zero());
    Ok(Role::Master(MasterPlan {
        host: read.text(&flags::MASTER_BIND_HOST).unwrap_or("*").to_owned(),
        port: read.parse(&flags::MASTER_BIND_PORT, port, nonzero_port)?.unwrap_or(MASTER_PORT),
        legacy_08_port: read.parse(&flags::LEGACY_08_PORT, "a port from 1 to 65534", first_of_two_ports)?,
        expect: read
            .parse(&flags::EXPECT_WORKERS, "a number of workers", whole)?
            .unwrap_or(processes as u64)
            .max(1),
        max_wait,
        processes,
        heartbeat_interval,
        missed_heartbeats: read
            .parse(&flags::HEARTBEAT_LIVENESS, "a number of heartbeats from 1 to 100", missed_heartbeats)?
            .unwrap_or(MISSED_HEARTBEATS),
        worker_wait: read
            .parse(&flags::WORKER_WAIT, "a time from 0 to 24h such as 30s or 5m", worker_wait)?
            .unwrap_or(WORKER_WAIT),
        python_only: None,
        state_dir: read.text(&flags::STATE_DIR).map(PathBuf::from),
        follow: web::follow(read)?.map(Box::new),
    }))
}

/// `NAME=VALUE`, once or several times.
fn options(read: &Reader<'_>) -> Result<Vec<(String, String)>, Failure> {
    let pair = |text: String| match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(Failure::usage(format!("--option: `{text}` is not NAME=VALUE"), "")),
    };
    read.many(&flags::OPTION).into_iter().map(pair).collect()
}

/// Not for a worker that a master has started for itself: it was told all that its master was told, and one of them has
/// the port.
fn metrics_port(read: &Reader<'_>) -> Result<Option<u16>, Failure> {
    let port = read.parse(&flags::METRICS_PORT, "a port from 0 to 65535", |text| text.parse().ok())?;
    Ok(port.filter(|_| read.text(&flags::PROCESSES) != Some("0")))
}

fn task(read: &Reader<'_>, users: Option<u64>) -> Task {
    if read.on(&flags::LIST) {
        Task::List
    } else if read.on(&flags::SHOW_TASK_RATIO) {
        Task::Ratio { users, json: false }
    } else if read.on(&flags::SHOW_TASK_RATIO_JSON) {
        Task::Ratio { users, json: true }
    } else {
        Task::Run
    }
}

/// The test, and the classes of it that are named.
fn test(read: &Reader<'_>) -> Result<(Test, Vec<String>), Failure> {
    let positionals = &read.layer.classes;
    let addresses = positionals.iter().filter(|text| Address::looks_like_one(text)).count();
    let file = read.layer.get(&flags::LOCUSTFILE);
    if addresses > 0 {
        if positionals.len() > 1 {
            return Err(Failure::usage(
                "an address stands alone: there are no user classes to choose among",
                "leave the other names out, or name a scenario with -f and the address with -H",
            ));
        }
        if file.is_some_and(|setting| setting.origin == Origin::Typed) {
            return Err(Failure::usage(
                "an address is loaded without a scenario, but -f names one",
                "leave -f out, or give the address with -H",
            ));
        }
        let text = &positionals[0];
        let address = Address::parse(text).ok_or_else(|| {
            Failure::usage(format!("`{text}` is not an address"), "write it like http://localhost:8080/path")
        })?;
        return Ok((Test::Address(address), Vec::new()));
    }
    let test = match file.and_then(Setting::last) {
        None => Test::DefaultFile,
        Some("-") => Test::OfMaster,
        Some(list) => Test::files(list),
    };
    Ok((test, positionals.clone()))
}

/// As Locust does: `{u}`, `{r}` and `{t}` stand for users, spawn rate and run time, where these are known.
fn filled_in(name: PathBuf, load: &Load) -> PathBuf {
    let Some(name) = name.to_str() else { return name };
    let seconds = load.run_time.map(|time| time.as_secs_f64().to_string());
    let known = [Some(load.users.to_string()), Some(load.spawn_rate.to_string()), seconds];
    let known = ["{u}", "{r}", "{t}"].into_iter().zip(known);
    let filled = known.fold(name.to_owned(), |name, (sign, value)| match value {
        Some(value) => name.replace(sign, &value),
        None => name,
    });
    PathBuf::from(filled)
}

fn output(read: &Reader<'_>, web: bool, notices: &mut Vec<Notice>) -> Result<Output, Failure> {
    let level = read
        .parse(&flags::LOGLEVEL, "DEBUG, INFO, WARNING, ERROR or CRITICAL", Level::named)?
        .unwrap_or(Level::Info);
    let bare = read.on(&flags::SKIP_LOG_SETUP);
    let csv = read
        .text(&flags::CSV)
        .map(|prefix| Csv { prefix: prefix.to_owned(), full_history: read.on(&flags::CSV_FULL_HISTORY) });
    if csv.is_none() && read.on(&flags::CSV_FULL_HISTORY) {
        let text = "--csv-full-history has no meaning without --csv";
        match read.layer.get(&flags::CSV_FULL_HISTORY).map(|setting| &setting.origin) {
            Some(Origin::Typed) => return Err(Failure::usage(text, "say --csv PREFIX too")),
            _ => notices.push(Notice::info(text)),
        }
    }
    Ok(Output {
        log: if bare { Style::Bare } else { Style::Full(level) },
        logfile: read.text(&flags::LOGFILE).map(PathBuf::from),
        tables: match (bare, read.on(&flags::ONLY_SUMMARY)) {
            (true, _) => Tables::Never,
            (false, true) => Tables::AtTheEnd,
            (false, false) if web && !read.on(&flags::PRINT_STATS) => Tables::AtTheEnd,
            (false, false) => Tables::Periodically,
        },
        csv,
        json: read.on(&flags::JSON),
        // As Locust does: the ending is always added.
        json_file: read.text(&flags::JSON_FILE).map(|name| PathBuf::from(format!("{name}.json"))),
        html: read.text(&flags::HTML).map(PathBuf::from),
        runs_dir: read.text(&flags::RUNS_DIR).map(PathBuf::from),
        profile: read.text(&flags::PROFILE).map(str::to_owned),
        pipeline: Pipeline {
            junit: read.text(&flags::JUNIT).map(PathBuf::from),
            summary: read.text(&flags::SUMMARY).map(PathBuf::from),
            ..Pipeline::default()
        },
    })
}
