//! Command lines and what becomes of them.

use super::{Csv, Machine, MasterPlan, Plan, Role, Tables, Task, Test, WorkerPlan, resolve};
use crate::args::command::{Typed, command, typed};
use crate::args::flags;
use crate::exit::Failure;
use crate::log::{Level, Notice, Style};
use crate::settings::{Layer, Origin};
use akrida_autoscaler::workers::Rules;
use akrida_ui::Hosts;
use std::time::Duration;

const MACHINE: Machine = Machine { cores: 2, seed: 7 };

fn try_plan(line: &str) -> Result<(Plan, Vec<Notice>), Failure> {
    let matches = command().try_get_matches_from(line.split(' ')).unwrap_or_else(|error| panic!("{error}"));
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
    assert_eq!((plan.output.log, plan.output.tables), (Style::Full(Level::Info), Tables::AtTheEnd));
    assert_eq!((plan.engine.cores, plan.engine.seed, plan.engine.drain), (2, 7, Duration::from_secs(2)));
}

#[test]
fn what_is_said_is_done() {
    let plan = plan(
        "akrida -f a.yaml,b.py -H https://x.example:8443/shop -u 50 -r 2.5 -t 1h20m -s 30s --drain 0.5 \
         --csv out/run --csv-full-history --json-file res --html out/{u}-{r}-{t}.html --only-summary -L warning \
         --exit-code-on-error 9 --cores 3 --seed 1 -T a b -- Shopper",
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
    assert_eq!(plan.output.html, Some("out/50-2.5-4800.html".into()));
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
    error: --host: `www.example.com` is not an address with http:// or https://, such as https://www.example.com
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
    let lines = ["--config-users {}"];
    let shown = lines.map(|flags| refusal(&format!("akrida {flags}")));
    insta::assert_snapshot!(shown.join("\n"), @r"
    error: --config-users is not in this version yet
      help: write the attributes into the scenario instead
    ");
}

#[test]
fn the_web_page_is_there_unless_somebody_says_no() {
    let is_there = |line: &str| plan(line).web.is_some();
    for line in [
        "akrida",
        "akrida --master",
        "akrida --processes 2",
        "akrida --headless --headful",
        "akrida http://a --web-port 1",
        "akrida http://a --autostart",
    ] {
        assert!(is_there(line), "{line}");
    }
    for line in [
        "akrida --headless",
        "akrida --worker",
        "akrida --master --headless",
        "akrida http://a",
        "akrida http://a -t 5",
    ] {
        assert!(!is_there(line), "{line}");
    }
    let line = "akrida -P 80 --web-host :: --web-base-path /locust/ --autostart --autoquit 5 --tls-cert c --tls-key k \
                --web-login --web-users u --class-picker --web-open-stats --web-allow-origin https://a,* \
                --web-allow-host a.example";
    let web = plan(line).web.unwrap();
    assert_eq!((web.host.as_str(), web.port, web.base.as_str()), ("::", 80, "/locust"));
    assert_eq!((web.autostart, web.autoquit), (true, Some(Duration::from_secs(5))));
    assert_eq!(web.tls, Some(("c".into(), "k".into())));
    assert_eq!((web.users.as_deref(), web.class_picker, web.open_stats), (Some("u"), true, true));
    assert_eq!((web.origins.any, web.origins.named), (true, vec!["https://a".to_owned()]));
    assert_eq!(web.hosts, Hosts::parse("a.example").unwrap());
    let usual = plan("akrida --autostart --autoquit -1").web.unwrap();
    assert_eq!((usual.host.as_str(), usual.port, usual.base.as_str(), usual.autoquit), ("", 8089, "", None));
    assert_eq!(plan("akrida --print-stats").output.tables, Tables::Periodically);
    assert_eq!(plan("akrida --headless").output.tables, Tables::Periodically);
}

#[test]
fn what_does_not_go_together_on_the_web_is_refused() {
    let lines = [
        "--autoquit 5",
        "--web-base-path locust",
        "--web-base-path //evil",
        "--web-login",
        "--tls-cert c",
        "--web-port x",
        "--web-allow-origin grafana",
        "--web-allow-host https://a.example",
        "--autostart --autoquit x",
    ];
    let shown = lines.map(|flags| refusal(&format!("akrida {flags}")));
    insta::assert_snapshot!(shown.join("\n"), @r"
    error: --autoquit is only meaningful in combination with --autostart
      help: say --autostart too, or leave it out
    error: --web-base-path: the url path must start with a slash
    error: --web-base-path: write a path such as /locust, of letters, digits and - . _ ~ without empty parts
    error: --web-login: nobody could log in
      help: name a file of users with --web-users; `akrida web-user NAME` makes its lines
    error: --tls-cert and --tls-key belong together
      help: name both files
    error: --web-port: `x` is not a port from 0 to 65535
    error: --web-allow-origin: `grafana` is not an origin such as https://grafana.example.org
    error: --web-allow-host: `https://a.example` is not a name such as load.example.org
    error: --autoquit: `x` is not a number of seconds
    ");
}

#[test]
fn what_has_no_effect_is_told() {
    let line = "akrida --web-port 80 --autostart --autoquit 5 --enable-rebalancing --expect-workers 2";
    insta::assert_snapshot!(notices(line), @r"
    INFO: --enable-rebalancing is not needed: users are always rebalanced
    INFO: --expect-workers has no effect: this process is no master
    ");
    insta::assert_snapshot!(notices("akrida --headless --class-picker --web-port 1 --autostart --print-stats"), @r"
    INFO: --web-port has no effect: there is no web page in this run
    INFO: The --autostart argument is implied by --headless, no need to set both.
    INFO: --class-picker has no effect: there is no web page in this run
    ");
    assert_eq!(notices("akrida --headless"), "");
}

#[test]
fn a_file_or_variable_is_no_reason_to_refuse() {
    let with = |flag: &str, origin| {
        let mut layer = Layer::default();
        layer.set(flags::named("headless").unwrap(), vec!["true".into()], Origin::Typed);
        layer.set(flags::named(flag).unwrap(), vec!["true".into()], origin);
        match resolve(&layer, MACHINE) {
            Ok((_, notices)) => notices.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
            Err(failure) => failure.to_string(),
        }
    };
    assert_eq!(
        with("config-users", Origin::File("locust.conf".into())),
        "WARNING: config-users (locust.conf) is not in this version yet and has no effect"
    );
    assert_eq!(
        with("csv-full-history", Origin::Environment("LOCUST_CSV_FULL_HISTORY")),
        "INFO: --csv-full-history has no meaning without --csv"
    );
}

#[test]
fn workers_follow_load_if_that_was_said() {
    let follow = |line: &str| match plan(line).role {
        Role::Master(master) => master.follow.map(|plan| (plan.target.to_string(), plan.rules)),
        other => panic!("{other:?}"),
    };
    let rules = |users_per_worker, min, max, cooldown| Rules {
        users_per_worker,
        min,
        max,
        cooldown: Duration::from_secs(cooldown),
    };
    assert_eq!(follow("akrida --master"), None);
    assert_eq!(
        follow("akrida --master --headless --autoscale-workers"),
        Some(("Deployment akrida-worker".to_owned(), rules(1_000, 0, 100, 60)))
    );
    assert_eq!(
        follow(
            "akrida --master --autoscale-workers --users-per-worker 50 --min-workers 2 --max-workers 9 \
             --workers-cooldown 2m --worker-deployment w --worker-namespace load"
        ),
        Some(("Deployment w in namespace load".to_owned(), rules(50, 2, 9, 120)))
    );
    insta::assert_snapshot!(refusal("akrida --master --users-per-worker 50"), @r"
    error: --users-per-worker has no meaning without --autoscale-workers
      help: say --autoscale-workers too, or leave it out
    ");
    insta::assert_snapshot!(refusal("akrida --autoscale-workers"), @r"
    error: --autoscale-workers is for a master
      help: say --master too, or leave it out
    ");
    insta::assert_snapshot!(
        refusal("akrida --master --autoscale-workers --users-per-worker 0"),
        @"error: --users-per-worker: `0` is not a number of users from 1"
    );
}

#[test]
fn roles() {
    let seconds = Duration::from_secs;
    let master = MasterPlan {
        host: "*".to_owned(),
        port: 5557,
        legacy_08_port: None,
        expect: 1,
        max_wait: None,
        processes: 0,
        heartbeat_interval: seconds(1),
        missed_heartbeats: 3,
        worker_wait: seconds(10),
        python_only: None,
        state_dir: None,
        follow: None,
    };
    let worker =
        WorkerPlan { host: "127.0.0.1".to_owned(), port: 5557, processes: 0, heartbeat_interval: seconds(1) };
    let check = |line: &str, expected: Role| assert_eq!(plan(line).role, expected, "{line}");
    check("akrida", Role::Alone);
    check("akrida --master", Role::Master(master.clone()));
    check(
        "akrida --master --master-bind-host 10.0.0.1 --master-bind-port 7 --expect-workers 3 --expect-workers-max-wait 60",
        Role::Master(MasterPlan {
            host: "10.0.0.1".to_owned(),
            port: 7,
            expect: 3,
            max_wait: Some(Duration::from_secs(60)),
            ..master.clone()
        }),
    );
    check("akrida --processes 4", Role::Master(MasterPlan { expect: 4, processes: 4, ..master.clone() }));
    check(
        "akrida --master --state-dir state",
        Role::Master(MasterPlan { state_dir: Some("state".into()), ..master.clone() }),
    );
    check("akrida --processes -1", Role::Master(MasterPlan { expect: 2, processes: 2, ..master.clone() }));
    check("akrida --worker", Role::Worker(worker.clone()));
    check(
        "akrida --worker --master-host m --master-port 7 --processes 2",
        Role::Worker(WorkerPlan { host: "m".to_owned(), port: 7, processes: 2, ..worker }),
    );
    check(
        "akrida --master --heartbeat-interval 2s --heartbeat-liveness 5 --worker-wait 1m",
        Role::Master(MasterPlan {
            heartbeat_interval: seconds(2),
            missed_heartbeats: 5,
            worker_wait: seconds(60),
            ..master.clone()
        }),
    );
    check(
        "akrida --worker --heartbeat-interval 60",
        Role::Worker(WorkerPlan { heartbeat_interval: seconds(60), ..worker.clone() }),
    );
    check(
        "akrida --master --legacy-08-port 5600",
        Role::Master(MasterPlan { legacy_08_port: Some(5600), ..master.clone() }),
    );
    insta::assert_snapshot!(refusal("akrida --worker --legacy-08-port 5600"), @r"
    error: --legacy-08-port is for a master
      help: say --master too, or leave it out
    ");
    insta::assert_snapshot!(refusal("akrida --master --legacy-08-port 65535"), @r"
    error: --legacy-08-port: `65535` is not a port from 1 to 65534
    ");
    check(
        "akrida --master --worker-wait 0",
        Role::Master(MasterPlan { worker_wait: seconds(0), ..master.clone() }),
    );
    insta::assert_snapshot!(refusal("akrida --master --worker"), @r"
    error: a process is master or worker, not both
      help: leave one of them out
    ");
    assert_eq!(
        notices("akrida --headless --worker --master-bind-port 1"),
        "INFO: --master-bind-port has no effect: this process is no master\n"
    );
    assert_eq!(
        notices("akrida --headless --master-port 1"),
        "INFO: --master-port has no effect: this process is no worker\n"
    );
    assert_eq!(
        notices("akrida --headless --worker --heartbeat-liveness 5 --heartbeat-interval 2"),
        "INFO: --heartbeat-liveness has no effect: this process is no master\n"
    );
    assert_eq!(
        notices("akrida --headless --heartbeat-interval 2"),
        "INFO: --heartbeat-interval has no effect: this process is neither master nor worker\n"
    );
}

#[test]
fn liveness_has_bounds() {
    for (line, expected) in [
        (
            "--master --heartbeat-interval 999ms",
            "--heartbeat-interval: `999ms` is not a time from 1s to 60s such as 2s",
        ),
        (
            "--worker --heartbeat-interval 61",
            "--heartbeat-interval: `61` is not a time from 1s to 60s such as 2s",
        ),
        (
            "--master --heartbeat-liveness 0",
            "--heartbeat-liveness: `0` is not a number of heartbeats from 1 to 100",
        ),
        (
            "--master --heartbeat-liveness 101",
            "--heartbeat-liveness: `101` is not a number of heartbeats from 1 to 100",
        ),
        ("--master --worker-wait 25h", "--worker-wait: `25h` is not a time from 0 to 24h such as 30s or 5m"),
        (
            "--worker --worker-wait 5",
            "--worker-wait is for a master\n  help: say --master too, or leave it out",
        ),
    ] {
        assert_eq!(refusal(&format!("akrida {line}")), format!("error: {expected}"));
    }
}

/// What a plan says of a scenario: users, spawn rate, run time in seconds, and seed.
fn fitted(line: &str, scenario: &str) -> (u64, f64, Option<f64>, u64) {
    let mut plan = plan(line);
    let scenario =
        akrida_scenario::yaml::load("a.yaml", scenario).unwrap_or_else(|problems| panic!("{problems}"));
    plan.fit(&scenario);
    let run_time = plan.load.run_time.map(|time| time.as_secs_f64());
    (plan.load.users, plan.load.spawn_rate, run_time, plan.engine.seed)
}

#[test]
fn a_scenario_decides_what_is_not_said() {
    const STEADY: &str = "
users:
  A: { host: http://a, arrivals: { rate: 100, max_users: 40 }, tasks: { t: { get: / } } }
";
    const RAMP: &str = "
seed: 42
users:
  A:
    host: http://a
    arrivals: { stages: [{ duration: 30s, rate: 100 }, { duration: 1m, rate: 100 }], max_users: 500 }
    tasks: { t: { get: / } }
  B: { host: http://a, arrivals: { stages: [{ duration: 10s, rate: 5 }], max_users: 20 }, tasks: { t: { get: / } } }
";
    const CLOSED: &str = "
users:
  A: { host: http://a, arrivals: { rate: 100, max_users: 40 }, tasks: { t: { get: / } } }
  C: { host: http://a, tasks: { t: { get: / } } }
";
    assert_eq!(fitted("akrida", STEADY), (40, 40.0, None, 7));
    assert_eq!(fitted("akrida", RAMP), (520, 520.0, Some(90.0), 42));
    assert_eq!(fitted("akrida -u 300 -r 10 -t 5s --seed 1", RAMP), (300, 10.0, Some(5.0), 1));
    assert_eq!(fitted("akrida -u 300", RAMP), (300, 300.0, Some(90.0), 42));
    assert_eq!(fitted("akrida --stages 1m:5", RAMP), (520, 520.0, None, 42));
    assert_eq!(fitted("akrida", CLOSED), (1, 1.0, None, 7));
}

#[test]
fn what_a_worker_is_not_asked_for() {
    let lines =
        ["--worker --junit x.xml", "--worker --warm-up 5s", "--worker --processes 2 --metrics-port 9646"];
    let shown = lines.map(|flags| refusal(&format!("akrida {flags}")));
    insta::assert_snapshot!(shown.join("\n"), @r"
    error: --junit has no meaning for a worker
      help: say it to the master, which judges the run
    error: --warm-up has no meaning for a worker
      help: say it to the master, which judges the run
    error: --metrics-port: of several worker processes only one could have it
      help: start each worker by itself, or leave it out
    ");
    assert_eq!(
        notices("akrida --worker --otel --metrics-port 9646"),
        "INFO: --otel has no effect: this process is a worker, and its master tells of the run\n"
    );
    assert_eq!(plan("akrida --worker --metrics-port 9646").metrics_port, Some(9646));
    assert_eq!(plan("akrida --worker --processes 0 --metrics-port 9646").metrics_port, None);
}
