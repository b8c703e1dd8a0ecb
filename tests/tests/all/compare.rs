//! `akrida compare` and `akrida report`, with files of runs.

use crate::binary::{Akrida, Ended, folder, run, scratch};
use akrida_report::run_file::{About, Writer};
use akrida_run::record::{Begins, Moment};
use akrida_run::{Piece, Record, Statement};
use akrida_stats::{EntryKey, Measured, Sparse};
use akrida_testkit::{Answer, Target};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const START_US: u64 = 1_800_000_000_000_000;

/// A second of a made run whose response times are `factor` times 10 to 29.9 ms; its middle is a little different in
/// each second.
fn piece(second: u64, factor: f64) -> Piece {
    let wall_us = START_US + second * 1_000_000;
    let mut record = Record { at: Moment { monotonic_us: 0, wall_us }, ..Record::default() };
    if second == 0 {
        record.begins = Some(Begins { at_us: START_US, keeps_rows: false });
    }
    let requests = 100;
    let us = |number: u64| (factor * (10_000 + 200 * number + second * 7_919 % 300) as f64) as u64;
    let buckets: Vec<_> = (0..requests).map(|number| (us(number), 1)).collect();
    let measured = Measured {
        requests,
        total_us: buckets.iter().map(|(us, _)| us).sum(),
        times: Sparse::from_buckets(buckets),
        ..Measured::since(START_US)
    };
    record.exact.entries.insert(EntryKey::plain("GET", "/"), measured);
    let statement = Statement { now_us: wall_us, ..Statement::default() };
    Piece { record, statement: Some(Box::new(statement)), ..Piece::default() }
}

/// Writes the file of a run of so many seconds.
fn made(folder: &Path, name: &str, seconds: u64, factor: f64) -> String {
    let about = About { started_us: START_US, ..About::default() };
    let (mut writer, mut bytes) = Writer::begin(&about).unwrap();
    for second in 0..=seconds {
        bytes.extend(writer.add(piece(second, factor)).unwrap());
    }
    bytes.extend(writer.end().unwrap());
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path.to_string_lossy().into_owned()
}

fn akrida(arguments: &[&str]) -> Ended {
    Akrida::start_bare(arguments).end(Duration::ZERO)
}

#[test]
fn what_changed_is_said_and_decides_the_exit_code() {
    let folder = folder();
    let monday = made(&folder, "monday.akrida", 100, 1.0);
    let tuesday = made(&folder, "tuesday.akrida", 100, 1.0);
    let slow = made(&folder, "slow.akrida", 100, 1.2);
    let short = made(&folder, "short.akrida", 20, 1.2);
    let check = |runs: &[&str], conditions: &[&str], code: i32, says: &[&str]| {
        let conditions = conditions.iter().flat_map(|text| ["--fail-if", *text]);
        let all: Vec<&str> = ["compare"].into_iter().chain(runs.iter().copied()).chain(conditions).collect();
        let ended = akrida(&all);
        ended.exits(code);
        let said = [ended.stdout.as_str(), &ended.stderr].concat();
        says.iter().for_each(|text| assert!(said.contains(text), "{text} of {all:?}:\n{said}"));
    };
    check(&[&monday, &tuesday], &[], 0, &["tuesday compared with monday", "within noise"]);
    check(&[&monday, &tuesday], &["p95 > +0%"], 0, &["passed  p95 > +0%"]);
    check(&[&monday, &slow], &[], 0, &["SLOWER", "+20.0 %"]);
    check(&[&monday, &slow], &["p95 > +10%", "rps < -5%"], 1, &["BROKEN  p95 > +10%", "passed  rps < -5%"]);
    check(&[&monday, &slow], &["p95{name=\"/typo\"} > +10%"], 1, &["BROKEN  p95{name=\"/typo\"} > +10%"]);
    check(&[&slow, &monday], &["p95 > +10%"], 0, &["faster", "passed  p95 > +10%"]);
    check(&[&monday, &short], &[], 0, &["too few to tell"]);
    check(&[&monday], &[], 2, &[]);
    check(&[&monday, &slow], &["p95 > 10%"], 2, &["--fail-if `p95 > 10%`, character 7: `10%` is no change"]);
    check(&[&monday, &slow], &["max > +10%"], 2, &["this is not compared"]);
    check(&[&monday, &format!("{monday}.gone")], &[], 2, &["cannot read"]);
    let other = scratch("other.akrida", "something else");
    check(&[&monday, &other], &[], 2, &["it is no file of a run's results"]);
    let summary = folder.join("out/compare.md");
    akrida(&["compare", &monday, &slow, "--summary", summary.to_str().unwrap()]).exits(0);
    let markdown = fs::read_to_string(&summary).unwrap();
    assert!(
        markdown.starts_with("## slow compared with monday") && markdown.contains("**SLOWER"),
        "{markdown}"
    );
}

#[test]
fn outputs_for_pipelines_are_the_same_from_the_file() {
    let target = Target::start(|request| match request.path.as_str() {
        "/no" => Answer::status(500, "no"),
        _ => Answer::ok("x"),
    });
    let file = scratch("kept.yaml", "users: {A: {wait: 50ms, tasks: [{get: /}, {get: /no}]}}\n");
    let out = folder();
    let path = |name: &str| out.join(name).to_string_lossy().into_owned();
    let (runs, live, again) = (path("runs"), [path("a.xml"), path("a.md")], [path("b.xml"), path("b.md")]);
    let url = target.url();
    let load = ["-f", &file, "-H", &url, "--headless", "-t", "1s", "--exit-code-on-error", "0"];
    let judged = ["--fail-if", "p95 > 1h", "--fail-if", "requests >= 1", "--profile", "night"];
    let kept = ["--runs-dir", &runs, "--junit", &live[0], "--summary", &live[1]];
    let ended = run(&[&load[..], &judged, &kept].concat(), Duration::from_secs(1));
    ended.exits(1);
    let found: Vec<PathBuf> = fs::read_dir(&runs).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [kept] = found.as_slice() else { panic!("{found:?}") };
    let variables = [("GITHUB_ACTIONS", "true")];
    let report = ["report", kept.to_str().unwrap(), "--junit", &again[0], "--summary", &again[1]];
    let mut command = std::process::Command::new(crate::binary::binary());
    command.args(report);
    let reported = Akrida::start_by(command, &variables).end(Duration::ZERO);
    reported.exits(0);
    for (live, again) in live.iter().zip(&again) {
        let [live, again] = [live, again].map(|path| fs::read_to_string(path).unwrap());
        assert_eq!(live, again);
        assert!(live.contains("requests &gt;= 1") || live.contains("requests >= 1"), "{live}");
    }
    assert!(reported.stdout.contains("1 of 2 thresholds is broken"), "{}", reported.stdout);
    assert!(reported.stderr.contains("::error title=Threshold broken::requests >= 1"), "{}", reported.stderr);
}
