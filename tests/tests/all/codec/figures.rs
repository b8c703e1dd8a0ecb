//! Reports that are added up by Locust's master and by ours come to the same, where Locust's rounding allows.

use super::{frames, line, tell};
use akrida_protocol::{Receipt, StatsReport, ToMaster, Version, error_key};
use akrida_scenario::Scenario;
use akrida_stats::{Cut, EntryKey, Outcome, Recorder, RequestId, Sample, Totals};
use akrida_worker::{Config, Event, Measured, Now, WorkerCore};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// 2026, unix microseconds.
const EPOCH: u64 = 1_795_000_000_000_000;

/// The quantiles that the other end tells, in its order.
const PERCENTILES: [f64; 11] = [0.5, 0.66, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999, 1.0];

/// Names, and requests of each. Neither these numbers nor their sum times a quantile is whole: there Locust takes the
/// next larger time than the nearest rank.
const REQUESTS: [(&str, u64); 3] = [("/", 997), ("/cart", 991), ("/it's \u{2603}", 1_009)];

/// Response times that Locust's rounding leaves as they are.
fn time_ms(number: u64) -> u64 {
    match number % 4 {
        0 => number % 100,
        1 => 100 + 10 * (number % 90),
        2 => 1_000 + 100 * (number % 90),
        _ => 10_000 + 1_000 * (number % 50),
    }
}

/// What `workers` measured, in turns; each reports three times.
fn reports(workers: u64, exact: bool) -> Vec<(u64, StatsReport)> {
    let mut reports = Vec::new();
    for worker in 0..workers {
        let mut recorder = Recorder::new(EPOCH + worker);
        let mut tag = EntryKey::plain("GET", "/");
        tag.tags = vec!["tea".to_owned()];
        let labels = REQUESTS.map(|(name, _)| recorder.label(EntryKey::plain("GET", name)));
        let tagged = recorder.label(tag);
        for part in 0..3 {
            for (label, (_, requests)) in labels.iter().zip(REQUESTS) {
                for number in
                    (0..requests).filter(|number| number % workers == worker && number / 7 % 3 == part)
                {
                    // Of two cuts of one request, which Locust's master adds up.
                    let label = if *label == labels[0] && number % 2 == 0 { tagged } else { *label };
                    let request = RequestId { label, stage: 0 };
                    let sent = part * 3_000_000 + number * 1_000;
                    let done = sent + time_ms(number) * 1_000;
                    let outcome = if number % 10 == 0 { Outcome::Failed } else { Outcome::Passed };
                    recorder.record(&Sample { request, intended: None, sent, done, bytes: number, outcome });
                    if outcome == Outcome::Failed {
                        let error = format!("CatchResponseError(\"it's no tea {}\")", number % 20);
                        recorder.failed(request, &error, done);
                    }
                }
            }
            let delta = recorder.drain((part + 1) * 3_000_000);
            let report = StatsReport {
                delta,
                user_classes_count: BTreeMap::new(),
                user_count: 0,
                exact,
                sequence: exact.then_some(part + 1),
                process: Some(1),
                receipt: Some(Receipt::default()),
                job: None,
                ended: BTreeMap::new(),
                stop_run: None,
                rows: None,
            };
            reports.push((worker, report));
        }
    }
    reports
}

/// Locust's rounding, halves to the even neighbour.
fn rounded(us: u64) -> u64 {
    let ms = us as f64 / 1e3;
    let step = match ms {
        ..100.0 => 1.0,
        ..1_000.0 => 10.0,
        ..10_000.0 => 100.0,
        _ => 1_000.0,
    };
    ((ms / step).round_ties_even() * step) as u64
}

#[track_caller]
fn near(ours: f64, theirs: &Value, what: &str) {
    let theirs = theirs.as_f64().unwrap_or_else(|| panic!("{what}: {theirs}"));
    assert!((ours - theirs).abs() <= 1e-6 * ours.abs().max(1.0), "{what}: ours {ours}, theirs {theirs}");
}

/// Locust's entry and ours say the same.
#[track_caller]
fn same(theirs: &Value, cut: &Cut) {
    let ours = &cut.counted;
    let counts = [ours.requests, ours.untimed, ours.failures, ours.content_length];
    let names = ["requests", "untimed", "failures", "content_length"];
    assert_eq!(json!(counts), json!(names.map(|name| theirs[name].clone())), "{names:?}");
    let ms = |us: u64| us as f64 / 1e3;
    near(ms(ours.min_us.unwrap()), &theirs["min"], "min");
    near(ms(ours.max_us), &theirs["max"], "max");
    near(ms(ours.total_us) / ours.timed() as f64, &theirs["avg"], "avg");
    near(ours.last_us.unwrap() as f64 / 1e6, &theirs["last"], "last");
    let seconds = |count: fn(&akrida_stats::SecondCounts) -> u64| {
        let seconds = ours.per_second.seconds().iter().map(|(second, counts)| (*second, count(counts)));
        json!(seconds.filter(|(_, count)| *count > 0).collect::<Vec<_>>())
    };
    assert_eq!(theirs["per_second"], seconds(|counts| counts.requests));
    assert_eq!(theirs["failures_per_second"], seconds(|counts| counts.failures));
    let percentiles = cut.times.quantiles(PERCENTILES).map(rounded);
    assert_eq!(theirs["percentiles"], json!(percentiles), "percentiles");
}

/// All that Locust's master added up is what ours adds up of the same frames.
fn compare(knows: &Value, frames: &[Vec<u8>]) {
    let mut totals = Totals::since(EPOCH);
    for frame in frames {
        let ToMaster::Stats(StatsReport { delta, .. }) = ToMaster::decode(frame).unwrap().message else {
            panic!("a report");
        };
        totals.merge(EPOCH / 1_000_000, &delta);
    }
    let entries = knows["entries"].as_object().unwrap();
    let names = totals.entries().map(|((name, method), _)| format!("{method} {name}"));
    let mut theirs: Vec<_> = entries.keys().cloned().collect();
    let mut ours: Vec<_> = names.collect();
    theirs.sort();
    ours.sort();
    assert_eq!(ours, theirs);
    for ((name, method), cut) in totals.entries().filter(|(_, cut)| cut.counted.timed() > 0) {
        same(&entries[&format!("{method} {name}")], cut);
    }
    same(&knows["total"], totals.total());

    let errors = knows["errors"].as_object().unwrap();
    assert_eq!(errors.len(), totals.errors().len());
    for (key, row) in totals.errors().iter() {
        let theirs = &errors[&error_key(&key.method, &key.name, &key.error)];
        let texts = [&theirs["method"], &theirs["name"], &theirs["error"]].map(|text| text.as_str().unwrap());
        assert_eq!(texts, [&key.method, &key.name, &key.error].map(String::as_str));
        assert_eq!(theirs["occurrences"], row.occurrences, "{key:?}");
        near(row.first_us.unwrap() as f64 / 1e6, &theirs["first_seen"], "first_seen");
        near(row.last_us.unwrap() as f64 / 1e6, &theirs["last_seen"], "last_seen");
    }
}

#[test]
fn our_reports_come_to_the_same_with_locusts_master() {
    for exact in [true, false] {
        let (mut lines, mut told) = (Vec::new(), Vec::new());
        for worker in 0..2 {
            let ready = ToMaster::ClientReady(Version::Told("2.47.0".to_owned()));
            let id = format!("here_{worker}");
            lines.push(line("master", &id, &ready.encode(&id)));
        }
        for (worker, report) in reports(2, exact) {
            let id = format!("here_{worker}");
            let frame = ToMaster::Stats(report).encode(&id);
            lines.push(line("master", &id, &frame));
            told.push(frame.to_vec());
        }
        assert_eq!(told.len(), 6);
        let knows = tell(&lines).pop().unwrap();
        assert_eq!(knows["total"]["requests"], 997 + 991 + 1_009);
        compare(&knows, &told);
    }
}

#[test]
fn locusts_reports_come_to_the_same_with_our_master() {
    let said = tell(&[json!({ "to": "themselves" })]).remove(0);
    let frames: Vec<Vec<u8>> = frames(&said["sent"]["to_master"])
        .into_iter()
        .filter(|frame| matches!(ToMaster::decode(frame).unwrap().message, ToMaster::Stats(_)))
        .collect();
    assert_eq!(said["heard"]["total"]["requests"], 200);
    compare(&said["heard"], &frames);
}

#[test]
fn a_worker_of_ours_that_measured_nothing_changes_nothing() {
    let config = Config::new("here_0".to_owned(), &Scenario::default(), 1);
    let later = Now { monotonic: Duration::ZERO, wall_us: EPOCH + 60_000_000 };
    let mut worker = WorkerCore::new(config, later);
    let nothing = worker.on(later, Event::Reported(Measured::default())).frames.remove(0);
    let [(_, report), ..] = &reports(1, true)[..] else { panic!("a report") };
    let something = ToMaster::Stats(report.clone()).encode("here_0");
    let knows = tell(&[&something, &nothing].map(|frame| line("master", "here_0", frame)));
    assert_eq!(knows[0]["entries"], knows[1]["entries"]);
    assert_eq!(knows[0]["total"], knows[1]["total"]);
    assert_eq!(knows[0]["total"]["start"], 1_795_000_000.0);
    assert_eq!(knows[1]["clients"], json!({}), "it never said that it is ready");
}
