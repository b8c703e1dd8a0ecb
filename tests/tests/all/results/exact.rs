//! Figures of twenty workers are those of one histogram that was fed with all samples.

use super::taped::{EPOCH, Fleet, report};
use akrida_master::Load;
use akrida_protocol::ToMaster;
use akrida_report::run_file::Run;
use akrida_run::{PERCENTILES, Row, Snapshot};
use akrida_scenario::Stage;
use akrida_stats::{EntryKey, Histogram, Outcome, Recorder, RequestId, Sample, Sparse, Totals};
use fastrand::Rng;
use std::time::Duration;

const WORKERS: usize = 20;
const STAGES: [&str; 2] = ["warm", "peak"];

/// A request as it was labelled.
struct Labelled {
    name: String,
    tags: Vec<String>,
    stage: u16,
    us: u64,
}

/// A run of twenty workers, and all samples that they took.
fn live() -> (Fleet, Vec<Labelled>) {
    let mut random = Rng::with_seed(20);
    let mut fleet = Fleet::new(WORKERS);
    let start_us = u64::try_from((EPOCH + fleet.at).as_micros()).unwrap();
    let stage = |name: &str| Stage {
        name: name.to_owned(),
        duration: Duration::from_secs(6),
        users: 40,
        spawn_rate: 100.0,
    };
    fleet.start(Load::Stages(STAGES.map(stage).into()));
    let mut recorders: Vec<_> = (0..WORKERS).map(|_| Recorder::new(start_us)).collect();
    let mut samples = Vec::new();
    for second in 1..=10 {
        for (worker, recorder) in recorders.iter_mut().enumerate() {
            for _ in 0..random.usize(0..60) {
                let name = format!("/{}", random.usize(0..6));
                let tags: Vec<_> = (0..random.usize(0..3)).map(|tag| format!("t{tag}")).collect();
                let stage = u16::from(second > 6);
                let done = second * 1_000_000 - random.usize(0..900_000) as u64;
                // From microseconds to a minute, as real ones are: most are short.
                let us = (random.usize(1..1_000) as u64) << random.usize(0..16);
                let sent = done.saturating_sub(us);
                let label = recorder.label(EntryKey { tags: tags.clone(), ..EntryKey::plain("GET", &name) });
                // Recorders count stages from 1.
                let request = RequestId { label, stage: stage + 1 };
                let outcome = Outcome::Passed;
                recorder.record(&Sample { request, intended: None, sent, done, bytes: 1, outcome });
                samples.push(Labelled { name, tags, stage, us: done - sent });
            }
            let message = ToMaster::Stats(report(recorder, second, second * 1_000_000));
            let late = Duration::from_millis(random.usize(0..300) as u64);
            fleet.pass((Duration::from_secs(100 + second) + late).max(fleet.at));
            fleet.say(worker, &message);
        }
    }
    fleet.stop(WORKERS);
    (fleet, samples)
}

/// One histogram, fed with the samples that are meant; and its percentiles as they are shown.
fn fed(samples: &[Labelled], is_meant: impl Fn(&Labelled) -> bool) -> (Sparse, Option<[f64; 11]>) {
    let mut histogram: Histogram = Histogram::default();
    let meant = || samples.iter().filter(|sample| is_meant(sample)).map(|sample| sample.us);
    meant().for_each(|us| histogram.record(us));
    let (least, most) = (meant().min().unwrap(), meant().max().unwrap());
    let shown = histogram.quantiles(PERCENTILES).map(|us| us.clamp(least, most) as f64 / 1e3);
    (histogram.to_sparse(), Some(shown))
}

/// The sum of all histograms whose keys are meant.
fn summed(totals: &Totals, is_meant: impl Fn(&EntryKey) -> bool) -> Sparse {
    let mut sum = Sparse::default();
    totals.cuts().filter(|(key, _)| is_meant(key)).for_each(|(_, measured)| sum.add(&measured.times));
    sum
}

fn check(snapshot: &Snapshot, totals: &Totals, samples: &[Labelled]) {
    let percentiles = |row: &Row| row.percentiles;
    let (all, shown) = fed(samples, |_| true);
    assert_eq!((totals.total().times.to_sparse(), percentiles(&snapshot.total)), (all.clone(), shown));
    assert_eq!(snapshot.total.num_requests, samples.len() as u64);

    assert_eq!(totals.entries().count(), 6);
    for (((name, _), cut), row) in totals.entries().zip(&snapshot.rows) {
        let expected = fed(samples, |sample| sample.name == *name);
        assert_eq!((cut.times.to_sparse(), percentiles(row)), expected, "{name}");
    }

    for tag in ["t0", "t1"] {
        let is = |tags: &[String]| tags.iter().any(|found| found == tag);
        let row = snapshot.tags.iter().find(|cut| cut.label == tag).unwrap();
        let expected = fed(samples, |sample| is(&sample.tags));
        assert_eq!((summed(totals, |key| is(&key.tags)), percentiles(&row.row)), expected, "{tag}");
    }

    let mut by_stage = Sparse::default();
    for (stage, (name, row)) in (0..).zip(STAGES.iter().zip(&snapshot.stages)) {
        let here = summed(totals, |key| key.stage == Some(stage));
        by_stage.add(&here);
        assert_eq!(row.label, *name);
        assert_eq!((here, percentiles(&row.row)), fed(samples, |sample| sample.stage == stage), "{name}");
    }
    assert_eq!(by_stage, all, "stages sum to the total");
    let mut by_tags = summed(totals, |key| key.tags.is_empty());
    by_tags.add(&summed(totals, |key| !key.tags.is_empty()));
    assert_eq!(by_tags, all, "what has tags and what has none sum to the total");
}

#[test]
fn a_fleet_of_twenty_is_one_histogram() {
    let (fleet, samples) = live();
    assert!(samples.len() > 3_000);
    let run = Run::read(&fleet.file()).unwrap();
    check(&run.snapshot, &run.totals, &samples);
    check(&fleet.snapshot.clone(), &fleet.master.into_totals(), &samples);
}
