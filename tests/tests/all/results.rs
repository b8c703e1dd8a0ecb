//! A run as a file: what a master told of it, what the real binary writes, and what is made again of that.

mod exact;
mod hour;
mod taped;

pub(crate) use hour::hour;

use crate::binary::{Akrida, folder, free_port, run_tool, scratch, tool};
use akrida_report::run_file::Run;
use akrida_testkit::{Answer, Target};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const SCENARIO: &str = "
secrets: {token: {env: TOKEN}}
users:
  Reader:
    wait: {constant: 20ms}
    tasks:
      read: {tags: [read], steps: [{get: /ok, headers: {X-Token: '{{ token }}'}}]}
      fail: {steps: [{get: /fail}]}
";

fn target() -> Target {
    Target::start(|request| match request.path.as_str() {
        "/fail" => Answer::status(500, "no"),
        _ => Answer::ok("x"),
    })
}

/// The only run's file in a folder.
fn only(folder: &Path) -> PathBuf {
    let mut found = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let file = found.next().expect("a run's file");
    assert_eq!(found.next(), None, "one run, one file");
    file
}

/// Runs `akrida report` on a file.
fn again(file: &Path, arguments: &[&str]) -> String {
    let file = file.display().to_string();
    tool(&[&["report", &file][..], arguments].concat(), "").0
}

#[test]
fn what_is_made_again_is_what_was_made_live() {
    let (target, runs) = (target(), folder());
    let (scenario, runs_dir) = (scratch("results.yaml", SCENARIO), runs.display().to_string());
    let live = [
        "-f",
        &scenario,
        "-H",
        &target.url(),
        "-u",
        "5",
        "-r",
        "50",
        "-t",
        "3s",
        "--headless",
        "--runs-dir",
        &runs_dir,
        "--csv",
        "live",
        "--html",
        "live.html",
        "--json",
    ];
    let variables = [("TOKEN", "hunter2-hunter2")];
    let akrida = Akrida::start_with(&variables, &live);
    let file_of = |name: &str| {
        let name = name.to_owned();
        move |akrida: &Akrida| akrida.read(&name)
    };
    akrida.logs("Shutting down");
    akrida.until(|| akrida.read("live.html").contains("</html>"));
    let tables: Vec<String> = ["live_stats.csv", "live_failures.csv", "live_exceptions.csv"]
        .map(file_of)
        .map(|read| read(&akrida))
        .into();
    let page = akrida.read("live.html");
    let ended = akrida.end(Duration::from_secs(10));
    ended.exits(1);
    let file = only(&runs);

    let outputs = folder();
    let path = |name: &str| outputs.join(name).display().to_string();
    let made = again(
        &file,
        &["--json", &path("again.json"), "--csv", &path("again"), "--html", &path("again.html")],
    );
    let read = |name: &str| fs::read_to_string(outputs.join(name)).unwrap();
    let json: Value = serde_json::from_str(&read("again.json")).unwrap();
    assert_eq!(json, ended.json);
    assert_eq!(tables, ["again_stats.csv", "again_failures.csv", "again_exceptions.csv"].map(read));
    let summary = |text: &str| {
        let begin = text.rfind("Type     Name").map(|at| text[..at].rfind("Type     Name").unwrap_or(at));
        text[begin.unwrap()..].trim_end().to_owned()
    };
    assert_eq!(summary(&made), summary(&ended.stderr));
    for page in [page, read("again.html")] {
        assert!(page.contains(">Failed<") && page.contains("<canvas id=\"heat\""), "{page}");
        assert!(page.contains("X-Token") && !page.contains("hunter2"), "the text, without the secret");
    }
    let run = Run::read(&fs::read(&file).unwrap()).unwrap();
    assert!(run.ended && run.series.len() >= 3);
    assert_eq!(run.totals.total().counted.requests, target.total());
    for folder in [runs, outputs] {
        fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn a_killed_process_leaves_what_it_measured() {
    let (target, runs) = (target(), folder());
    let (scenario, runs_dir) = (scratch("killed.yaml", SCENARIO), runs.display().to_string());
    let akrida = Akrida::start_with(
        &[("TOKEN", "secret-token"), ("AKRIDA_RUNS_DIR", &runs_dir)],
        &["-f", &scenario, "-H", &target.url(), "-u", "5", "-r", "50", "--headless"],
    );
    let read = || {
        let file = fs::read_dir(&runs).ok()?.next()?.ok()?.path();
        Run::read(&fs::read(file).ok()?).ok()
    };
    // The file is read while it is written.
    akrida.until(|| read().is_some_and(|run| run.snapshot.total.num_requests > 100));
    akrida.kill();
    akrida.end(Duration::from_secs(10));
    let run = read().unwrap();
    assert!(!run.ended && run.snapshot.total.num_requests <= target.total());
    let made = again(&only(&runs), &[]);
    assert!(made.contains("Aggregated"), "{made}");
    fs::remove_dir_all(runs).unwrap();
}

#[test]
fn a_fleet_has_a_file_too_and_files_add_up() {
    let (target, runs, port) = (target(), folder(), free_port());
    let (scenario, runs_dir) = (scratch("fleet.yaml", SCENARIO), runs.display().to_string());
    let variables = [("TOKEN", "secret-token")];
    let worker = ["-f", &scenario, "--worker", "--master-port", &port];
    let workers: Vec<_> = (0..2).map(|_| Akrida::start_with(&variables, &worker)).collect();
    let url = target.url();
    let master = [
        "-f",
        &scenario,
        "-H",
        &url,
        "-u",
        "6",
        "-r",
        "50",
        "-t",
        "2s",
        "--headless",
        "--master",
        "--master-bind-port",
        &port,
        "--expect-workers",
        "2",
        "--runs-dir",
        &runs_dir,
    ];
    let ended = Akrida::start_with(&variables, &master).end(Duration::from_secs(20));
    ended.exits(1);
    workers.into_iter().for_each(|worker| {
        worker.end(Duration::from_secs(20));
    });
    let file = only(&runs);
    let run = Run::read(&fs::read(&file).unwrap()).unwrap();
    assert_eq!((run.snapshot.total.num_requests, run.snapshot.workers.len()), (target.total(), 2));
    let (twice, outputs) = (file.display().to_string(), folder());
    let json = outputs.join("sum.json").display().to_string();
    again(&file, &[&twice, "--json", &json]);
    let sum: Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    let requests = |value: &Value| value[0]["run"]["aggregated"]["num_requests"].as_u64().unwrap();
    assert_eq!(requests(&sum), 2 * requests(&ended.json));
    for folder in [runs, outputs] {
        fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn what_is_no_run_is_refused() {
    let file = scratch("notes.akrida", "dear diary");
    let refused = |arguments: &[&str]| {
        let output = run_tool(&[], arguments);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let said = refused(&["report", &file]);
    assert!(said.contains("it is no file of a run's results"), "{said}");
    assert!(refused(&["report"]).contains("FILE"));
}
