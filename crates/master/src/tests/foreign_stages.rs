//! Stages of workers that know of none.

use super::*;
use akrida_run::STAGES_BY_ARRIVAL;

fn locusts_figures(requests: u64) -> ToMaster {
    report(0, requests, 2, |report| (report.sequence, report.exact) = (None, false))
}

fn by_stage(bench: &mut Bench) -> Vec<(String, u64)> {
    bench.requests();
    let row = |cut: &akrida_run::CutRow| (cut.label.clone(), cut.row.num_requests);
    bench.snapshot.stages.iter().map(row).collect()
}

#[test]
fn figures_fall_into_the_stage_in_which_they_arrive_and_that_is_told() {
    let mut bench = Bench::new(&["python"]);
    let stage = |name: &str| Stage {
        name: name.to_owned(),
        duration: Duration::from_secs(10),
        users: 2,
        spawn_rate: 100.0,
    };
    let load = Load::Stages(vec![stage("warm"), stage("peak")]);
    bench.command(Command::Start(Start { load, host: None, run_time: None })).0.unwrap();
    bench.say("python", &locusts_figures(3));
    assert_eq!(by_stage(&mut bench), [("warm".to_owned(), 3)]);
    bench.pass(10, &["python"]);
    bench.say("python", &locusts_figures(40));
    assert_eq!(by_stage(&mut bench), [("warm".to_owned(), 3), ("peak".to_owned(), 40)]);
    assert_eq!(bench.snapshot.total.num_requests, 43, "stages sum to the total");
    assert!(bench.snapshot.notices.iter().any(|notice| notice == STAGES_BY_ARRIVAL));
}

#[test]
fn what_tells_its_stage_keeps_it_and_without_stages_there_is_none() {
    let mut bench = Bench::new(&["ours", "python"]);
    bench.start(2);
    bench.say("python", &locusts_figures(3));
    assert_eq!(by_stage(&mut bench), []);
    let mut delta = Delta::default();
    for stage in [None, Some(0)] {
        let key = EntryKey { stage, ..EntryKey::plain("GET", "/") };
        delta.entries.insert(key, Measured { requests: 2, ..Measured::since(1) });
    }
    delta.put_into_stage(1);
    let stages: Vec<_> = delta.entries.into_keys().map(|key| key.stage).collect();
    assert_eq!(stages, [Some(0), Some(1)]);
    assert!(bench.snapshot.notices.iter().all(|notice| notice != STAGES_BY_ARRIVAL));
}
