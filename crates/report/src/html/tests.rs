//! What a reader of a report sees, and what nobody can make him see.

use super::*;
use crate::samples;

const PARTS: Parts = Parts { script: "let drawn = 1;", style: "body { margin: 0 }" };

fn page(snapshot: &Snapshot) -> String {
    let about =
        About { files: "shop.yaml".to_owned(), started_us: 1_795_370_400_000_000, ..About::default() };
    let subject = Subject { name: "", about: &about, snapshot, series: &[], events: &[], ended: true };
    render(&subject, &PARTS).unwrap()
}

#[test]
fn verdicts() {
    let word = |snapshot: &Snapshot| {
        let page = page(snapshot);
        let begin = page.find("badge ").unwrap();
        page[begin..].split(['>', '<']).nth(1).unwrap().to_owned()
    };
    let over = |snapshot: Snapshot| Snapshot { state: akrida_run::RunState::Stopped, ..snapshot };
    assert_eq!(word(&over(samples::one_row())), "Passed");
    assert_eq!(word(&over(samples::failures())), "Failed");
    assert_eq!(word(&Snapshot::default()), "Nothing measured");
    let going_on = Snapshot { state: akrida_run::RunState::Running, ..samples::one_row() };
    assert_eq!(word(&going_on), "Goes on");
}

#[test]
fn thresholds_and_failures_decide_as_the_exit_code_does() {
    use akrida_run::RunState::{Running, Stopped};
    let judged = |which: &[usize], snapshot: Snapshot| Snapshot {
        thresholds: which.iter().map(|at| samples::judged().thresholds[*at].clone()).collect(),
        state: Stopped,
        ..snapshot
    };
    let passed = page(&judged(&[1], samples::one_row()));
    assert!(
        passed.contains(">Passed<") && passed.contains("The threshold is kept.") && passed.contains("0.25 %")
    );
    let broken = page(&judged(&[0, 1, 2, 3], samples::one_row()));
    for words in [
        ">Failed<",
        "3 of 4 thresholds are broken.",
        "p95 &#62; 300ms",
        "stopped the run",
        "nothing was measured",
    ] {
        assert!(broken.contains(words), "{words}: {broken}");
    }
    let going_on = Snapshot { state: Running, ..judged(&[2], samples::one_row()) };
    assert!(page(&going_on).contains(">Goes on<") && page(&going_on).contains("nothing measured yet"));
    // Failed requests fail a run beside thresholds that are kept, unless they were allowed.
    let failures = judged(&[1], samples::failures());
    for (failures_pass, word) in [(false, ">Failed<"), (true, ">Passed<")] {
        let about = About { failures_pass, ..About::default() };
        let subject =
            Subject { name: "", about: &about, snapshot: &failures, series: &[], events: &[], ended: true };
        assert!(render(&subject, &PARTS).unwrap().contains(word), "{word}");
    }
}

#[test]
fn a_run_whose_fleet_was_lost_has_failed() {
    let snapshot = Snapshot { state: akrida_run::RunState::Stopped, ..samples::one_row() };
    let kind = akrida_run::FleetEventKind::Stopping { reason: akrida_run::StopReason::NoWorkers };
    let (about, events) = (About::default(), [akrida_run::FleetEvent { at: 0.0, kind }]);
    let subject =
        Subject { name: "", about: &about, snapshot: &snapshot, series: &[], events: &events, ended: true };
    let page = render(&subject, &PARTS).unwrap();
    assert!(page.contains(">Failed<") && page.contains("no worker was left"), "{page}");
}

#[test]
fn nothing_that_was_measured_becomes_markup() {
    let evil = "</script><img src=x onerror=alert(1)>";
    let mut snapshot = samples::failures();
    snapshot.rows[0].name = evil.to_owned();
    snapshot.rows[0].method = evil.to_owned();
    snapshot.errors[0].error = evil.to_owned();
    snapshot.exceptions[0].msg = evil.to_owned();
    snapshot.exceptions[0].traceback = evil.to_owned();
    snapshot.notices.push(evil.to_owned());
    snapshot.host = Some(evil.to_owned());
    snapshot.tags = samples::stages_and_tags().tags;
    snapshot.tags[0].label = evil.to_owned();
    let about = About {
        files: evil.to_owned(),
        profile: Some(evil.to_owned()),
        texts: vec![(evil.to_owned(), evil.to_owned())],
        parameters: vec![(evil.to_owned(), evil.to_owned())],
        version: evil.to_owned(),
        ..About::default()
    };
    let event =
        akrida_run::FleetEvent { at: 0.0, kind: akrida_run::FleetEventKind::Warning(evil.to_owned()) };
    let events = [event];
    let subject =
        Subject { name: evil, about: &about, snapshot: &snapshot, series: &[], events: &events, ended: true };
    let page = render(&subject, &PARTS).unwrap();
    assert!(!page.contains("<img"), "{page}");
    assert_eq!(page.matches("<script").count(), 1, "its own alone");
    assert!(page.matches("&#60;img").count() >= 14);
}

#[test]
fn what_the_script_reads_cannot_end_its_element() {
    let course = data::Course::of(&Snapshot::default(), &[]);
    assert!(course.is_empty() && !course.has_heat());
    assert!(!course.json().contains('<'));
}

#[test]
fn five_hundred_names_and_an_hour_are_small() {
    let mut snapshot = samples::thirty_long_names();
    let row = snapshot.rows[29].clone();
    snapshot.rows = (0..500)
        .map(|number| akrida_run::Row { name: format!("/{number}{}", row.name), ..row.clone() })
        .collect();
    let second = |number: u64| Second {
        at_us: 1_795_370_400_000_000 + number * 1_000_000,
        requests: 1_000,
        heat: (0..crate::run_file::HEAT as u32).map(|row| row * 20).collect(),
        point: Some(akrida_run::HistoryPoint {
            at: 1_795_370_400.123 + number as f64,
            percentiles: Some([123.456; 11]),
            ..akrida_run::HistoryPoint::default()
        }),
        ..Second::default()
    };
    let series: Vec<_> = (0..3_600).map(second).collect();
    let about = About::default();
    let subject =
        Subject { name: "", about: &about, snapshot: &snapshot, series: &series, events: &[], ended: true };
    let page = render(&subject, &PARTS).unwrap();
    assert!(page.len() < 2 << 20, "{} bytes", page.len());
    assert_eq!(page.matches("<canvas").count(), 1);
}
