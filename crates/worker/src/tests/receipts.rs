//! Reports that are kept until the master acknowledges them.

use super::*;

/// The numbers of the reports that are sent.
fn numbers(effects: &Effects) -> Vec<u64> {
    let number = |frame: &Bytes| match decoded(frame) {
        ToMaster::Stats(report) => report.sequence,
        _ => None,
    };
    effects.frames.iter().filter_map(number).collect()
}

#[test]
fn what_is_not_acknowledged_is_sent_again_as_it_was() {
    let mut bench = Bench::running();
    let sent: Vec<Bytes> = (0..3).flat_map(|_| bench.on(Event::Reported(measured(2))).frames).collect();
    bench.acknowledge(1);
    bench.now += limits::SEND_AGAIN - Duration::from_millis(1);
    let tick = || Event::Tick { usage: Usage::default(), congested: false };
    bench.frame(&ToWorker::Heartbeat(None));
    assert!(numbers(&bench.on(tick())).is_empty());
    bench.now += Duration::from_millis(1);
    let again = bench.on(tick());
    assert_eq!(numbers(&again), [2, 3]);
    assert!(again.frames.ends_with(&sent[1..]));
    bench.now += limits::SEND_AGAIN_AT_LEAST;
    assert_eq!(numbers(&bench.acknowledge(1)), [2, 3], "the master says what it lacks");
    bench.acknowledge(3);
    bench.frame(&ToWorker::Heartbeat(None));
    bench.now += 3 * limits::SEND_AGAIN_AT_MOST / 2;
    assert!(numbers(&bench.on(tick())).is_empty());
}

#[test]
fn an_acknowledgement_may_come_with_the_answer_to_a_heartbeat_and_for_another_process_is_none() {
    let mut bench = Bench::running();
    bench.on(Event::Reported(measured(1)));
    let answer = |process| {
        let acknowledged = Some(Acknowledged { process, sequence: 1 });
        ToWorker::Heartbeat(Some(Echo { sent_at_us: 0, master_us: 0, acknowledged }))
    };
    for (process, kept) in [(7, 1), (1_000_000, 0)] {
        bench.frame(&answer(process));
        bench.frame(&ToWorker::Stop);
        bench.on(Event::Idle);
        assert_eq!(said(&bench.on(Event::Reported(measured(0)))), ["stats"]);
        // The last one is acknowledged alone; the first is missing or not.
        let effects = bench.acknowledge(2);
        assert_eq!(said(&effects).len(), 3, "{process}: {kept}");
        bench = Bench::running();
        bench.on(Event::Reported(measured(1)));
    }
}

#[test]
fn what_was_sent_before_it_was_acknowledged_is_not_said_to_be_kept() {
    let mut bench = Bench::new();
    bench.tick(0);
    // As of a master that said so to the process before, and of another one that is there by now.
    bench.frame(&ToWorker::Stop);
    bench.on(Event::Idle);
    assert_eq!(numbers(&bench.on(Event::Reported(measured(0)))), [1]);
    bench.frame(&ToWorker::Ack { index: Some(0), akrida: true });
    bench.frame(&ToWorker::Stop);
    bench.on(Event::Idle);
    let effects = bench.on(Event::Reported(measured(0)));
    let Some(ToMaster::Stats(report)) = effects.frames.first().map(decoded) else { panic!("{effects:?}") };
    assert_eq!(report.sequence, Some(2));
    assert_eq!(
        report.receipt.map(|receipt| receipt.acknowledged),
        Some(1),
        "the master must not wait for it"
    );
}

#[test]
fn while_nothing_is_acknowledged_what_is_measured_stays_in_the_engine() {
    let mut bench = Bench::running();
    let mut reports = 0;
    for _ in 0..3 * limits::KEPT_REPORTS {
        bench.now += limits::REPORT_INTERVAL;
        let effects = bench.on(Event::Tick { usage: Usage::default(), congested: false });
        if effects.work == [Work::Report] {
            reports += 1;
            bench.on(Event::Reported(measured(1)));
        }
    }
    assert_eq!(reports, limits::KEPT_REPORTS);
    bench.frame(&ToWorker::Stop);
    assert_eq!(bench.on(Event::Idle).work, [Work::Report], "at the end it is fetched all the same");
}

#[test]
fn a_master_that_does_not_acknowledge_the_last_figures_is_not_waited_for_without_end() {
    let mut bench = Bench::running();
    bench.frame(&ToWorker::Stop);
    bench.on(Event::Idle);
    bench.on(Event::Reported(measured(2)));
    bench.now += limits::LAST_ACKNOWLEDGED;
    let effects = bench.on(Event::Tick { usage: Usage::default(), congested: false });
    assert!(said(&effects).ends_with(&["client_stopped".to_owned(), "client_ready".to_owned()]));
    assert!(matches!(effects.notices.as_slice(), [Notice::Warning(_)]), "{:?}", effects.notices);
    // The next report says that nothing of it is to be waited for.
    let effects = bench.on(Event::Reported(measured(0)));
    let ToMaster::Stats(report) = decoded(&effects.frames[0]) else { panic!("a report") };
    assert_eq!((report.sequence, report.receipt.map(|receipt| receipt.acknowledged)), (Some(2), Some(1)));
}

#[test]
fn a_master_of_locust_is_sent_nothing_twice() {
    let mut bench = Bench::running();
    bench.on(Event::Reported(measured(1)));
    bench.frame(&ToWorker::Ack { index: Some(0), akrida: false });
    let effects = bench.on(Event::Reported(measured(1)));
    let ToMaster::Stats(report) = decoded(&effects.frames[0]) else { panic!("a report") };
    assert_eq!(report.receipt, None);
    bench.frame(&ToWorker::Heartbeat(None));
    bench.now += limits::SEND_AGAIN;
    assert!(numbers(&bench.on(Event::Tick { usage: Usage::default(), congested: false })).is_empty());
    bench.on(Event::Reported(measured(1)));
    bench.frame(&ToWorker::Stop);
    bench.on(Event::Idle);
    let said = said(&bench.on(Event::Reported(measured(1))));
    assert_eq!(said, ["stats", "heartbeat", "client_stopped", "client_ready"]);
}
