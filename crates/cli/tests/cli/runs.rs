//! Short runs of the demo: what they write, log and exit with.

use crate::binary::Akrida;
use serde_json::Value;

/// What differs from run to run.
const FILTERS: [(&str, &str); 2] = [
    (r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] [^/]+/", "[time] host/"),
    (r"counted \d+ requests", "counted N requests"),
];

/// What a busy machine may add to any run.
const BUSY: &str = "Limited by the generator";

/// The log lines of `stderr`, without the tables.
fn log(stderr: &str) -> String {
    let wanted = |line: &&str| (line.starts_with('[') && !line.contains(BUSY)) || line.starts_with("target");
    let lines = stderr.lines().filter(wanted);
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_demo_counts_what_its_target_counted() {
    let akrida = Akrida::new();
    let ended = akrida.run(
        "demo --headless -u 5 -r 5 -t 1s --json --json-file out/results --csv out/run --csv-full-history",
    );
    assert_eq!(ended.code, Some(0), "{ended}");
    let list: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(akrida.read("out/results.json"), ended.stdout.trim_end());
    let requests = list[0]["num_requests"].as_u64().unwrap();
    assert!(requests > 0);
    let times = list[0]["response_times"].as_object().unwrap();
    assert_eq!(times.values().filter_map(Value::as_u64).sum::<u64>(), requests);
    assert!(
        ended.stderr.contains(&format!("target counted {requests} requests, as many as were sent")),
        "{ended}"
    );

    let stats = akrida.read("out/run_stats.csv");
    let total = stats.lines().find(|line| line.starts_with(",Aggregated,")).unwrap();
    assert!(total.starts_with(&format!(",Aggregated,{requests},0,")), "{total}");
    assert!(akrida.read("out/run_stats_history.csv").lines().count() >= 3);
    for name in ["failures", "exceptions"] {
        assert_eq!(akrida.read(&format!("out/run_{name}.csv")).lines().count(), 1);
    }
}

#[test]
fn a_run_logs_in_locusts_words() {
    let ended =
        Akrida::new().run("demo --headless -u 5 -r 5 -t 1s --only-summary --web-port 8089 --profile nightly");
    insta::with_settings!({ filters => FILTERS.to_vec() }, {
        insta::assert_snapshot!(log(&ended.stderr));
    });
}

#[test]
fn a_log_file_takes_the_log_and_leaves_the_tables() {
    let akrida = Akrida::new();
    let ended = akrida.run("demo --headless -t 1s --logfile logs/run.log");
    assert!(ended.stderr.contains("Aggregated") && !ended.stderr.contains("INFO"), "{ended}");
    assert!(akrida.read("logs/run.log").contains("All users spawned: {\"DemoUser\": 1} (1 total users)"));
}

#[test]
fn nothing_but_json_where_that_is_wanted() {
    let ended = Akrida::new().run("demo --headless -t 1s --json --skip-log");
    assert!(ended.stderr.lines().all(|line| line.starts_with(BUSY)), "{ended}");
    assert_eq!(ended.code, Some(0));
    assert!(serde_json::from_str::<Value>(&ended.stdout).is_ok());
}

#[test]
fn a_class_without_a_host_is_told_before_the_run() {
    let text = "users:\n  A:\n    tasks:\n      t: {get: /x}\n";
    let akrida = Akrida::new().file("akrida.yaml", text);
    insta::assert_snapshot!(akrida.run("--headless -t 1s"), @r"
    error: user class A has no host, and no --host is given
      help: say --host https://www.example.com, or give the class a host
    exit code 2
    ");
    assert_eq!(akrida.run("--headless -t 1s -H http://127.0.0.1:1").code, Some(1));
}

#[test]
fn what_users_raise_is_shown() {
    let text = "users:\n  A:\n    host: http://127.0.0.1:1\n    wait: 0.1\n    tasks:\n      t: {get: '/{{ 1 / random.randint(0, 0) }}'}\n";
    let ended = Akrida::new().file("akrida.yaml", text).run("--headless -t 1s");
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.stderr.contains("Exception report") && ended.stderr.contains("ZeroDivisionError"),
        "{ended}"
    );
}

/// Nobody listens on port 1.
#[test]
fn failures_decide_the_exit_code() {
    let ended = Akrida::new().run("http://127.0.0.1:1/ -t 1s --headless");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("Error report") && ended.stderr.contains("GET /: "), "{ended}");
    let ended = Akrida::new().run("http://127.0.0.1:1/ -t 1s --headless --exit-code-on-error 0");
    assert_eq!(ended.code, Some(0));
}
