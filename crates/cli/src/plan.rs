//! What was asked for, resolved once: after this, no value is text and none has two sources.

use crate::args::{Flag, Status, Takes, flags};
use crate::exit::{FAILED, Failure};
use crate::log::{Level, Notice, Style};
use crate::quick::Address;
use crate::settings::{Layer, Origin, Setting};
use akrida_scenario::Stage;
use akrida_scenario::duration::{parse_duration, parse_run_time};
use akrida_scenario::select::Selection;
use akrida_scenario::stages::parse_stages;
use std::path::PathBuf;
use std::time::Duration;

/// Most threads that run users: more than any machine has cores.
const CORES: usize = 4_096;

/// How long a request in flight at the end may take, unless `--drain` says otherwise.
const DRAIN: Duration = Duration::from_secs(2);

/// Everything that a command needs to know.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) task: Task,
    pub(crate) test: Test,
    pub(crate) selection: Selection,
    pub(crate) load: Load,
    pub(crate) engine: EnginePlan,
    pub(crate) output: Output,
    pub(crate) verdict: Verdict,
}

/// What is to be done with the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Run,
    /// Print the names of its classes.
    List,
    /// Print the ratios of its tasks, for so many users if that was said.
    Ratio {
        users: Option<u64>,
        json: bool,
    },
}

/// Where the test comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    /// The file that is there: `locustfile.py` or `akrida.yaml`.
    DefaultFile,
    Files(Vec<PathBuf>),
    /// No file: one address is loaded.
    Address(Address),
}

impl Test {
    /// The files of a list with commas.
    pub(crate) fn files(list: &str) -> Self {
        Self::Files(list.split(',').map(|file| PathBuf::from(file.trim())).collect())
    }
}

/// How much, and for how long.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Load {
    /// `None` for each class's own.
    pub(crate) host: Option<String>,
    pub(crate) users: u64,
    pub(crate) spawn_rate: f64,
    /// `None` until somebody stops it.
    pub(crate) run_time: Option<Duration>,
    /// Empty where the scenario decides.
    pub(crate) stages: Vec<Stage>,
    /// Which of --users and --spawn-rate were given; stages make them mean nothing.
    pub(crate) given: Vec<&'static str>,
    pub(crate) stop_timeout: Duration,
    pub(crate) reset_stats: bool,
}

/// How users are run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EnginePlan {
    pub(crate) cores: usize,
    pub(crate) seed: u64,
    pub(crate) drain: Duration,
    /// Files with certificates that are trusted too.
    pub(crate) tls_ca: Vec<PathBuf>,
}

/// What is shown and written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) log: Style,
    /// `None` for standard error.
    pub(crate) logfile: Option<PathBuf>,
    /// Whether tables are printed at all, and also while the run goes on.
    pub(crate) tables: Tables,
    pub(crate) csv: Option<Csv>,
    /// Whether JSON goes to standard output.
    pub(crate) json: bool,
    pub(crate) json_file: Option<PathBuf>,
    pub(crate) profile: Option<String>,
}

/// When tables are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tables {
    Never,
    AtTheEnd,
    Periodically,
}

/// CSV files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Csv {
    /// Path to which `_stats.csv` and so on are added.
    pub(crate) prefix: String,
    pub(crate) full_history: bool,
}

/// What the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) on_error: u8,
    pub(crate) fail_on_saturation: bool,
}

/// What the machine offers where nothing is said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) seed: u64,
}

/// Resolves `layer`, and tells what of it has no effect.
///
/// # Errors
/// The first value that cannot be read, and what this version cannot do.
pub(crate) fn resolve(layer: &Layer, machine: Machine) -> Result<(Plan, Vec<Notice>), Failure> {
    let mut notices = statuses(layer)?;
    let read = Reader { layer };
    let (test, classes) = test(&read)?;
    let users = read.parse(&flags::USERS, "a whole number such as 50", whole)?;
    let plan = Plan {
        task: task(&read, users),
        test,
        selection: Selection {
            classes,
            tags: read.many(&flags::TAGS),
            exclude_tags: read.many(&flags::EXCLUDE_TAGS),
            equal_weights: read.on(&flags::EQUAL_WEIGHTS),
        },
        load: Load {
            host: read.parse(&flags::HOST, "an address such as https://www.example.com", host)?,
            users: users.unwrap_or(1),
            spawn_rate: read.parse(&flags::SPAWN_RATE, "a number above 0", rate)?.unwrap_or(1.0),
            run_time: read.parse(&flags::RUN_TIME, RUN_TIME, |text| parse_run_time(text).ok())?,
            stages: stages(&read)?,
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
            seed: read.parse(&flags::SEED, "a whole number", whole)?.unwrap_or(machine.seed),
            drain: read.parse(&flags::DRAIN, SPAN, span)?.unwrap_or(DRAIN),
            tls_ca: read.text(&flags::TLS_CA).map(PathBuf::from).into_iter().collect(),
        },
        output: output(&read, &mut notices)?,
        verdict: Verdict {
            on_error: read
                .parse(&flags::EXIT_CODE_ON_ERROR, "an exit code from 0 to 255", |text| text.parse().ok())?
                .unwrap_or(FAILED),
            fail_on_saturation: read.on(&flags::FAIL_ON_SATURATION),
        },
    };
    Ok((plan, notices))
}

const SPAN: &str = "a time such as 20, 20s, 3m, 2h, 1h20m or 3h30m10s";
const RUN_TIME: &str = "a time above 0 such as 20, 20s, 3m, 2h, 1h20m or 3h30m10s";

/// Refuses what this version must not ignore, and tells what it does ignore.
fn statuses(layer: &Layer) -> Result<Vec<Notice>, Failure> {
    let mut notices = Vec::new();
    for flag in flags::all() {
        let Some(setting) = layer.get(flag).filter(|setting| is_on(flag, setting)) else { continue };
        let place = place(flag, setting);
        match (flag.status, &setting.origin) {
            (Status::Works, _) => {}
            (Status::Idle(why), _) => notices.push(Notice::info(format!("{place} {why}"))),
            (Status::Missing(instead), Origin::Typed) | (Status::Refused(instead), _) => {
                return Err(Failure::usage(format!("{place} is not in this version yet"), instead));
            }
            (Status::Missing(_), _) => {
                notices
                    .push(Notice::warning(format!("{place} is not in this version yet and has no effect")));
            }
        }
    }
    if ["headless", "autostart"].into_iter().filter_map(flags::named).all(|flag| layer.get(flag).is_none()) {
        notices
            .push(Notice::info("This version has no web page: the run starts at once, as with --headless"));
    }
    Ok(notices)
}

fn is_on(flag: &Flag, setting: &Setting) -> bool {
    flag.takes != Takes::Nothing || setting.last() == Some("true")
}

/// How the place of a setting is told: `--users`, `LOCUST_USERS`, `users in locust.conf`.
fn place(flag: &Flag, setting: &Setting) -> String {
    match &setting.origin {
        Origin::Typed => format!("--{}", flag.long),
        Origin::Environment(name) => format!("{} (environment variable {name})", flag.long),
        Origin::File(file) => format!("{} ({file})", flag.long),
    }
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
        Some("-") => {
            return Err(Failure::usage(
                "-f -: there is no master to get a locustfile from in this version",
                "name a file",
            ));
        }
        Some(list) => Test::files(list),
    };
    Ok((test, positionals.clone()))
}

fn output(read: &Reader<'_>, notices: &mut Vec<Notice>) -> Result<Output, Failure> {
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
            (false, false) => Tables::Periodically,
        },
        csv,
        json: read.on(&flags::JSON),
        // As Locust does: the ending is always added.
        json_file: read.text(&flags::JSON_FILE).map(|name| PathBuf::from(format!("{name}.json"))),
        profile: read.text(&flags::PROFILE).map(str::to_owned),
    })
}

/// Reads values of a layer.
struct Reader<'a> {
    layer: &'a Layer,
}

impl<'a> Reader<'a> {
    fn on(&self, flag: &Flag) -> bool {
        self.layer.get(flag).is_some_and(|setting| is_on(flag, setting))
    }

    fn text(&self, flag: &Flag) -> Option<&'a str> {
        self.layer.get(flag).and_then(Setting::last)
    }

    fn many(&self, flag: &Flag) -> Vec<String> {
        self.layer.get(flag).map(|setting| setting.values.clone()).unwrap_or_default()
    }

    fn parse<T>(
        &self,
        flag: &Flag,
        wanted: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Failure> {
        let Some(setting) = self.layer.get(flag) else { return Ok(None) };
        let Some(text) = setting.last() else { return Ok(None) };
        let wrong = || Failure::usage(format!("{}: `{text}` is not {wanted}", place(flag, setting)), "");
        parse(text).map(Some).ok_or_else(wrong)
    }
}

fn stages(read: &Reader<'_>) -> Result<Vec<Stage>, Failure> {
    let Some(setting) = read.layer.get(&flags::STAGES) else { return Ok(Vec::new()) };
    parse_stages(setting.last().unwrap_or_default())
        .map_err(|error| Failure::usage(format!("{}: {error}", place(&flags::STAGES, setting)), ""))
}

fn span(text: &str) -> Option<Duration> {
    parse_duration(text).ok()
}

fn whole(text: &str) -> Option<u64> {
    text.parse().ok()
}

fn rate(text: &str) -> Option<f64> {
    text.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate > 0.0)
}

fn cores(text: &str) -> Option<usize> {
    text.parse().ok().filter(|cores| (1..=CORES).contains(cores))
}

fn host(text: &str) -> Option<String> {
    Address::parse(text).map(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::command::{Typed, command, typed};

    const MACHINE: Machine = Machine { cores: 2, seed: 7 };

    fn try_plan(line: &str) -> Result<(Plan, Vec<Notice>), Failure> {
        let matches =
            command().try_get_matches_from(line.split(' ')).unwrap_or_else(|error| panic!("{error}"));
        let Typed::Run(layer) = typed(&matches) else { panic!("{line} is not a run") };
        resolve(&layer, MACHINE)
    }

    fn plan(line: &str) -> Plan {
        try_plan(line).unwrap_or_else(|failure| panic!("{failure}")).0
    }

    fn notices(line: &str) -> String {
        let notices = try_plan(line).unwrap_or_else(|failure| panic!("{failure}")).1;
        notices.iter().map(|notice| format!("{notice}\n")).collect()
    }

    fn refusal(line: &str) -> String {
        try_plan(line).expect_err(line).to_string()
    }

    #[test]
    fn defaults_are_locusts() {
        let plan = plan("akrida");
        assert_eq!((plan.task, plan.test), (Task::Run, Test::DefaultFile));
        assert_eq!((plan.load.users, plan.load.spawn_rate, plan.load.run_time), (1, 1.0, None));
        assert_eq!((plan.load.stop_timeout, plan.verdict.on_error), (Duration::ZERO, 1));
        assert_eq!((plan.output.log, plan.output.tables), (Style::Full(Level::Info), Tables::Periodically));
        assert_eq!((plan.engine.cores, plan.engine.seed, plan.engine.drain), (2, 7, Duration::from_secs(2)));
    }

    #[test]
    fn what_is_said_is_done() {
        let plan = plan(
            "akrida -f a.yaml,b.py -H https://x.example:8443/shop -u 50 -r 2.5 -t 1h20m -s 30s --drain 0.5 --csv out/run \
             --csv-full-history --json-file res --only-summary -L warning --exit-code-on-error 9 --cores 3 --seed 1 -T a b -- Shopper",
        );
        assert_eq!(plan.test, Test::Files(vec!["a.yaml".into(), "b.py".into()]));
        assert_eq!(plan.selection.classes, ["Shopper"]);
        assert_eq!(plan.selection.tags, ["a", "b"]);
        assert_eq!(plan.load.host.as_deref(), Some("https://x.example:8443/shop"));
        assert_eq!((plan.load.users, plan.load.spawn_rate), (50, 2.5));
        assert_eq!(plan.load.run_time, Some(Duration::from_secs(4_800)));
        assert_eq!(plan.load.given, ["users", "spawn-rate"]);
        assert_eq!((plan.engine.cores, plan.engine.seed), (3, 1));
        assert_eq!(
            (plan.load.stop_timeout, plan.engine.drain),
            (Duration::from_secs(30), Duration::from_millis(500))
        );
        assert_eq!(plan.output.csv, Some(Csv { prefix: "out/run".into(), full_history: true }));
        assert_eq!(plan.output.json_file, Some("res.json".into()));
        assert_eq!((plan.output.log, plan.output.tables), (Style::Full(Level::Warning), Tables::AtTheEnd));
        assert_eq!(plan.verdict.on_error, 9);
    }

    #[test]
    fn an_address_is_loaded_without_a_scenario() {
        let plan = plan("akrida http://localhost:8080/a?b=1 -u 5");
        assert!(matches!(plan.test, Test::Address(_)));
        assert!(plan.selection.classes.is_empty());
    }

    #[test]
    fn values_that_cannot_be_read() {
        let lines = [
            "akrida -u ten",
            "akrida -u -1",
            "akrida -r 0",
            "akrida -r inf",
            "akrida -t 10x",
            "akrida -t 0",
            "akrida -H www.example.com",
            "akrida -L LOUD",
            "akrida --exit-code-on-error 256",
            "akrida --cores 0",
            "akrida --stages 1m",
            "akrida --csv-full-history",
            "akrida -f -",
            "akrida http://",
            "akrida http://a http://b",
            "akrida http://a -f x.yaml",
        ];
        insta::assert_snapshot!(lines.map(|line| format!("$ {line}\n{}", refusal(line))).join("\n"), @r"
        $ akrida -u ten
        error: --users: `ten` is not a whole number such as 50
        $ akrida -u -1
        error: --users: `-1` is not a whole number such as 50
        $ akrida -r 0
        error: --spawn-rate: `0` is not a number above 0
        $ akrida -r inf
        error: --spawn-rate: `inf` is not a number above 0
        $ akrida -t 10x
        error: --run-time: `10x` is not a time above 0 such as 20, 20s, 3m, 2h, 1h20m or 3h30m10s
        $ akrida -t 0
        error: --run-time: `0` is not a time above 0 such as 20, 20s, 3m, 2h, 1h20m or 3h30m10s
        $ akrida -H www.example.com
        error: --host: `www.example.com` is not an address such as https://www.example.com
        $ akrida -L LOUD
        error: --loglevel: `LOUD` is not DEBUG, INFO, WARNING, ERROR or CRITICAL
        $ akrida --exit-code-on-error 256
        error: --exit-code-on-error: `256` is not an exit code from 0 to 255
        $ akrida --cores 0
        error: --cores: `0` is not a number of threads from 1
        $ akrida --stages 1m
        error: --stages: stage 1, `1m`: write duration:users or duration:users@rate, such as 1m:50@5
        $ akrida --csv-full-history
        error: --csv-full-history has no meaning without --csv
          help: say --csv PREFIX too
        $ akrida -f -
        error: -f -: there is no master to get a locustfile from in this version
          help: name a file
        $ akrida http://
        error: `http://` is not an address
          help: write it like http://localhost:8080/path
        $ akrida http://a http://b
        error: an address stands alone: there are no user classes to choose among
          help: leave the other names out, or name a scenario with -f and the address with -H
        $ akrida http://a -f x.yaml
        error: an address is loaded without a scenario, but -f names one
          help: leave -f out, or give the address with -H
        ");
    }

    #[test]
    fn what_is_not_here_yet() {
        let lines = [
            "--master",
            "--worker",
            "--processes 4",
            "--html r.html",
            "--web-login",
            "--otel",
            "--config-users {}",
        ];
        let shown = lines.map(|flags| refusal(&format!("akrida {flags}")));
        insta::assert_snapshot!(shown.join("\n"), @r"
        error: --master is not in this version yet
          help: this version runs on one machine, as master and worker in one process; leave it out
        error: --worker is not in this version yet
          help: this version runs on one machine, as master and worker in one process; leave it out
        error: --processes is not in this version yet
          help: one process uses all cores; choose how many with --cores
        error: --html is not in this version yet
          help: use --csv or --json-file
        error: --web-login is not in this version yet
          help: there is no web page to protect; leave it out
        error: --otel is not in this version yet
          help: leave it out
        error: --config-users is not in this version yet
          help: write the attributes into the scenario instead
        ");
    }

    #[test]
    fn what_has_no_effect_is_told() {
        insta::assert_snapshot!(notices("akrida --web-port 80 --autostart --autoquit 5 --enable-rebalancing --expect-workers 2"), @r"
        INFO: --autostart is implied: without a web page the run starts at once
        INFO: --autoquit has no effect: without a web page Akrida quits when the run is over
        INFO: --web-port has no effect: this version has no web page
        INFO: --expect-workers has no effect: this version runs on one machine
        INFO: --enable-rebalancing is not needed: users are always rebalanced
        ");
        insta::assert_snapshot!(notices("akrida --class-picker"), @r"
        INFO: --class-picker has no effect: this version has no web page; name user classes at the end of the command line
        INFO: This version has no web page: the run starts at once, as with --headless
        ");
        assert_eq!(notices("akrida --headless"), "");
    }

    #[test]
    fn a_file_or_variable_is_no_reason_to_refuse_but_for_roles() {
        let with = |flag: &str, origin| {
            let mut layer = Layer::default();
            layer.set(flags::named("headless").unwrap(), vec!["true".into()], Origin::Typed);
            layer.set(flags::named(flag).unwrap(), vec!["true".into()], origin);
            match resolve(&layer, MACHINE) {
                Ok((_, notices)) => notices.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
                Err(failure) => failure.to_string(),
            }
        };
        insta::assert_snapshot!(with("html", Origin::File("locust.conf".into())), @"WARNING: html (locust.conf) is not in this version yet and has no effect");
        insta::assert_snapshot!(with("csv-full-history", Origin::Environment("LOCUST_CSV_FULL_HISTORY")), @"INFO: --csv-full-history has no meaning without --csv");
        insta::assert_snapshot!(with("worker", Origin::Environment("LOCUST_MODE")), @r"
        error: worker (environment variable LOCUST_MODE) is not in this version yet
          help: this version runs on one machine, as master and worker in one process; leave it out
        ");
    }
}
