//! Reports that workers keep until they are acknowledged.

use super::*;
use akrida_protocol::{Acknowledged, Receipt};

/// A report that is kept, of the newest job.
fn kept(bench: &Bench, sequence: u64, requests: u64, acknowledged: u64, at_once: bool) -> ToMaster {
    let ToMaster::Stats(report) = stats(sequence, requests, 1) else { panic!("a report") };
    let receipt = Some(Receipt { acknowledged, at_once });
    ToMaster::Stats(StatsReport { receipt, job: Some(bench.core.newest_job), ..report })
}

/// What the master acknowledges in answer to a message.
fn acknowledged(bench: &mut Bench, message: &ToMaster) -> Option<u64> {
    let effects = bench.on(Event::Frame { peer: PeerId::from("a"), body: message.encode("a") });
    let sequence = |frame: &Bytes| match ToWorker::decode(frame).unwrap().message {
        ToWorker::Acknowledged(Acknowledged { process: 1, sequence }) => Some(sequence),
        ToWorker::Heartbeat(Some(echo)) => echo.acknowledged.map(|acknowledged| acknowledged.sequence),
        _ => None,
    };
    effects.frames.iter().find_map(|(_, frame)| sequence(frame))
}

#[test]
fn a_report_is_acknowledged_with_the_next_heartbeat_or_at_once_where_its_worker_waits() {
    let mut bench = Bench::new(&["a"]);
    bench.start(1);
    let (first, second) = (kept(&bench, 1, 5, 0, false), kept(&bench, 2, 7, 0, true));
    assert_eq!(acknowledged(&mut bench, &heartbeat(WorkerState::Running, 0)), None);
    assert_eq!(acknowledged(&mut bench, &first), None);
    assert_eq!(acknowledged(&mut bench, &heartbeat(WorkerState::Running, 0)), Some(1));
    assert_eq!(acknowledged(&mut bench, &second), Some(2));
    assert_eq!(acknowledged(&mut bench, &first), Some(2), "it was merged already");
    assert_eq!(bench.requests(), 12);
}

#[test]
fn a_report_that_comes_before_one_that_was_lost_waits_for_it() {
    let mut bench = Bench::new(&["a"]);
    bench.start(1);
    let reports: Vec<_> = (1..=3).map(|number| kept(&bench, number, 10, 0, false)).collect();
    assert_eq!(acknowledged(&mut bench, &reports[0]), None);
    assert_eq!(acknowledged(&mut bench, &reports[2]), Some(1), "the second is missing");
    assert_eq!(bench.requests(), 10);
    reports[1..].iter().for_each(|report| assert_eq!(acknowledged(&mut bench, report), None));
    assert_eq!(bench.requests(), 30);
    // What the worker keeps no longer cannot come any more.
    let later = kept(&bench, 6, 10, 5, false);
    assert_eq!(acknowledged(&mut bench, &later), None);
    assert_eq!(bench.requests(), 40);
}

#[test]
fn a_process_that_nobody_here_knows_is_counted_from_what_it_keeps() {
    let mut bench = Bench::new(&["a"]);
    bench.start(1);
    let (seventh, ninth) = (kept(&bench, 7, 10, 6, false), kept(&bench, 9, 10, 6, false));
    assert_eq!(acknowledged(&mut bench, &ninth), Some(6));
    assert_eq!(acknowledged(&mut bench, &seventh), None);
    assert_eq!(bench.requests(), 10);
}

#[test]
fn what_is_sent_again_counts_for_its_own_run_only() {
    let mut bench = Bench::new(&["a"]);
    bench.start(1);
    let old = kept(&bench, 1, 10, 0, false);
    bench.command(Command::Stop).0.unwrap();
    bench.say("a", &ToMaster::ClientStopped);
    bench.say("a", &ready());
    bench.start(1);
    assert_eq!(acknowledged(&mut bench, &old), None);
    let new = kept(&bench, 2, 7, 0, true);
    assert_eq!(acknowledged(&mut bench, &new), Some(2));
    assert_eq!(bench.requests(), 7);
}

#[test]
fn last_words_of_the_process_before_do_not_count_the_new_ones_again() {
    let mut bench = Bench::new(&["a"]);
    bench.start(1);
    let of = |process, report: ToMaster| {
        let ToMaster::Stats(report) = report else { panic!("a report") };
        ToMaster::Stats(StatsReport { process: Some(process), ..report })
    };
    let report = |number| kept(&bench, number, 10, 0, false);
    let reports = [of(8, report(1)), of(9, report(1)), of(8, report(2)), of(9, report(1)), of(8, report(1))];
    for report in &reports {
        bench.say("a", report);
    }
    assert_eq!(bench.requests(), 30);
}

#[test]
fn who_is_forgotten_and_comes_back_is_counted_once() {
    let mut bench = Bench::new(&["a", "b"]);
    bench.start(2);
    let report = kept(&bench, 1, 10, 0, false);
    assert_eq!(acknowledged(&mut bench, &report), None);
    bench.pass(65, &["b"]);
    bench.say("a", &ready());
    assert_eq!(acknowledged(&mut bench, &report), Some(1));
    assert_eq!(bench.requests(), 10);
}

#[test]
fn a_stranger_keeps_nothing_for_a_master_that_does_not_count_it() {
    let mut bench = Bench::new(&[]);
    let report = kept(&bench, 5, 10, 0, false);
    assert_eq!(acknowledged(&mut bench, &report), Some(5));
    assert_eq!(acknowledged(&mut bench, &stats(6, 10, 1)), None, "it keeps none");
}
