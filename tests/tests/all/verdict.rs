//! What a run is worth, as a shell and a pipeline see it.

use crate::binary::{Akrida, folder, run, scratch};
use akrida_testkit::{Answer, Target};
use std::fs;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// Answers at once; `/no` with an error.
fn target() -> Target {
    Target::start(|request| match request.path.as_str() {
        "/no" => Answer::status(500, "no"),
        _ => Answer::ok("x"),
    })
}

fn scenario(path: &str, thresholds: &str) -> String {
    let users = format!("users: {{A: {{wait: 50ms, tasks: [{{get: {path}}}]}}}}\n");
    scratch("judged.yaml", &(users + thresholds))
}

#[test]
fn thresholds_decide_the_exit_code() {
    let target = target();
    let url = target.url();
    let check = |path: &str, arguments: &[&str], code: i32, verdict: &str| {
        let file = scenario(path, "");
        let all =
            [&["-f", &file, "-H", &url, "--headless", "-t", "1s", "--only-summary"], arguments].concat();
        let ended = run(&all, SECOND);
        ended.exits(code);
        assert!(ended.stderr.contains(verdict), "{arguments:?}:\n{}", ended.stderr);
    };
    check("/", &["--fail-if", "p95 > 30s"], 0, "The threshold is kept");
    check("/", &["--fail-if", "p95 > 30s", "--fail-if", "requests > 0"], 1, "1 of 2 thresholds is broken");
    check("/", &["--fail-if", "p95{name=\"/typo\"} > 30s"], 1, "BROKEN: nothing was measured for it");
    check("/no", &["--fail-if", "failures > 101"], 1, "The threshold is kept");
    check("/no", &["--fail-if", "failures < 1%", "--exit-code-on-error", "0"], 0, "100.00 %  passed");
    check("/no", &["--fail-if", "failures > 1%", "--exit-code-on-error", "0"], 1, "BROKEN");
    check("/no", &["--fail-if", "failures > 1%", "--exit-code-on-error", "9"], 1, "BROKEN");
    check("/", &["--fail-if", "p95 > 30s", "--warm-up", "1h"], 1, "BROKEN: nothing was measured for it");
    check("/", &["--fail-if", "p95 > 300"], 2, "--fail-if `p95 > 300`, character 7: `300` has no unit");
}

#[test]
fn thresholds_of_the_scenario_the_flag_and_the_environment() {
    let target = target();
    let file = scenario("/", "thresholds: [\"max > 1h\", \"requests < 1\"]\n");
    let arguments = ["-f", &file, "-H", &target.url(), "--headless", "-t", "1s", "--fail-if", "min > 1h"];
    run(&arguments, SECOND).exits(0);
    let variables = [("AKRIDA_FAIL_IF", "[\"p50 > 1h\", \"max > 1h\", \"requests >= 1\"]")];
    let ended = Akrida::start_with(&variables, &arguments[..7]).end(SECOND);
    ended.exits(1);
    let rows = ended.json[0]["run"]["thresholds"].as_array().unwrap();
    let states: Vec<_> =
        rows.iter().map(|row| (row["text"].as_str().unwrap(), row["state"].as_str().unwrap())).collect();
    let expected = [
        ("max > 1h", "passed"),
        ("requests < 1", "passed"),
        ("p50 > 1h", "passed"),
        ("requests >= 1", "broken"),
    ];
    assert_eq!(states, expected);
}

#[test]
fn abort_stops_a_run_that_would_go_on() {
    let target = target();
    let file = scenario("/no", "thresholds: [\"failures > 20% abort after 1s\"]\n");
    let ended = run(&["-f", &file, "-H", &target.url(), "--headless", "-t", "10m"], SECOND);
    ended.exits(1);
    let log = &ended.stderr;
    assert!(log.contains("Threshold broken, shutting down: failures > 20% abort after 1s"), "{log}");
    assert!(log.contains("BROKEN, stopped the run"), "{log}");
    let run = &ended.json[0]["run"];
    let lasted = run["end"].as_f64().unwrap() - run["start"].as_f64().unwrap();
    assert!((1.0..60.0).contains(&lasted), "{lasted} s");
    assert_eq!(run["thresholds"][0]["aborted"], true);
}

#[test]
fn a_pipeline_finds_its_files() {
    let target = target();
    let file = scenario("/no", "");
    let out = folder();
    let [junit, summary, step] = ["out/load.xml", "out/load.md", "step.md"].map(|name| out.join(name));
    fs::write(&step, "what a step before wrote\n").unwrap();
    let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", step.to_str().unwrap())];
    let flags = ["--junit", junit.to_str().unwrap(), "--summary", summary.to_str().unwrap()];
    let flags = [&flags[..], &["--fail-if", "failures > 1%", "--only-summary"]].concat();
    let url = target.url();
    let all = [&["-f", &file, "-H", &url, "--headless", "-t", "1s"], &flags[..]].concat();
    let ended = Akrida::start_with(&variables, &all).end(SECOND);
    ended.exits(1);
    let xml = fs::read_to_string(&junit).unwrap();
    assert!(xml.contains("<testcase classname=\"akrida.thresholds\" name=\"failures &gt; 1%\""), "{xml}");
    assert!(
        xml.contains("<testcase classname=\"akrida.requests\" name=\"GET /no\"")
            && xml.contains("500 Server Error"),
        "{xml}"
    );
    let markdown = fs::read_to_string(&summary).unwrap();
    assert!(markdown.starts_with("## Load test\n") && markdown.contains("**BROKEN**"), "{markdown}");
    assert_eq!(fs::read_to_string(&step).unwrap(), format!("what a step before wrote\n{markdown}"));
    let annotation = "::error title=Threshold broken::failures > 1%25: 100.00 %25, BROKEN";
    assert!(ended.stderr.lines().any(|line| line == annotation), "{}", ended.stderr);
}
