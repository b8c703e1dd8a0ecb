//! What a reader of a report sees, and what nobody can make him see.

use super::*;
use crate::samples;
use akrida_run::{ThresholdRow, ThresholdState};

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
fn thresholds_decide_where_there_are_some() {
    let check = |state, failures_pass, verdict: &str, said: &str| {
        let row = |state| ThresholdRow { text: "p95 < 300ms".to_owned(), state, ..ThresholdRow::default() };
        let state_of_run = akrida_run::RunState::Stopped;
        let snapshot = Snapshot { state: state_of_run, thresholds: vec![row(state)], ..samples::failures() };
        let about = About { failures_pass, ..About::default() };
        let subject =
            Subject { name: "", about: &about, snapshot: &snapshot, series: &[], events: &[], ended: true };
        let page = render(&subject, &PARTS).unwrap();
        assert!(page.contains(verdict) && page.contains(said) && page.contains("p95 &#60; 300ms"), "{page}");
    };
    check(ThresholdState::Passed, true, ">Passed<", "The threshold is kept.");
    check(ThresholdState::Passed, false, ">Failed<", "The threshold is kept.");
    check(ThresholdState::Broken, true, ">Failed<", "The threshold is broken.");
    check(ThresholdState::Unmeasured, true, ">Failed<", "broken: nothing was measured");
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
