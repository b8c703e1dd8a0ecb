//! Workers that are busy or whose clocks are wrong, and a master that is late.

use super::*;
use akrida_protocol::Echo;

fn locusts(cpu_usage: f64) -> ToMaster {
    ToMaster::Heartbeat { state: WorkerState::Running, cpu_usage, memory_usage: 1, extra: None }
}

/// A report of a worker of Locust that says it began at so many unix seconds.
fn began(start_s: u64) -> ToMaster {
    let total = Measured { requests: 1, ..Measured::since(start_s * 1_000_000) };
    report(0, 1, 1, |report| {
        (report.sequence, report.exact, report.delta.total) = (None, false, Some(total));
    })
}

impl Bench {
    fn warned(&self, of: fn(&FleetEventKind) -> bool) -> usize {
        self.events.iter().filter(|kind| of(kind)).count()
    }

    fn has_notice(&mut self, part: &str) -> bool {
        self.requests();
        self.snapshot.notices.iter().any(|notice| notice.contains(part))
    }
}

#[test]
fn the_cpu_of_a_worker_that_tells_no_lateness_is_told_once_and_marks_the_run() {
    let mut bench = Bench::new(&["a"]);
    let idle =
        ToMaster::Heartbeat { state: WorkerState::Ready, cpu_usage: 80.0, memory_usage: 1, extra: None };
    bench.say("a", &idle);
    assert!(!bench.has_notice("the limit"), "before the run that is nobody's concern");
    bench.start(1);
    for cpu in [95.0, 89.0, 99.0] {
        bench.say("a", &locusts(cpu));
    }
    assert_eq!(bench.warned(|kind| matches!(kind, FleetEventKind::WorkerBusy { index: 0, .. })), 1);
    bench.requests();
    let generator = bench.snapshot.generator;
    assert_eq!((generator.saturated_now, generator.saturated_seconds), (true, 2));
    assert!(bench.snapshot.workers[0].saturated && !bench.snapshot.workers[0].akrida);
    // Ours tells how late it is, which is what counts.
    let busy = heartbeat(WorkerState::Running, 0);
    bench.say("a", &busy);
    bench.requests();
    assert!(!bench.snapshot.generator.saturated_now);
}

#[test]
fn an_echo_goes_to_ours_and_nothing_to_locusts() {
    let mut bench = Bench::new(&["a"]);
    let answer = |bench: &mut Bench, message: &ToMaster| {
        let effects = bench.on(Event::Frame { peer: PeerId::from("a"), body: message.encode("a") });
        ToWorker::decode(&effects.frames[0].1).unwrap().message
    };
    bench.now += Duration::from_secs(5);
    let echo = Echo { sent_at_us: 7, master_us: 6_000_000, acknowledged: None };
    assert_eq!(answer(&mut bench, &heartbeat(WorkerState::Ready, 0)), ToWorker::Heartbeat(Some(echo)));
    assert_eq!(answer(&mut bench, &locusts(0.0)), ToWorker::Heartbeat(None));
}

#[test]
fn a_wrong_clock_of_locusts_worker_is_told_once_and_shown() {
    let mut bench = Bench::new(&["a", "b"]);
    bench.start(2);
    // What a report says of when it began is compared with when the one before came: at 1 s, the bench's epoch.
    for (worker, ahead) in [("a", 0), ("b", 60)] {
        bench.say(worker, &began(1 + ahead));
    }
    bench.now += Duration::from_secs(3);
    for (worker, ahead) in [("a", 0), ("b", 60)] {
        bench.say(worker, &began(1 + ahead));
        bench.say(worker, &began(4 + ahead));
    }
    assert_eq!(
        bench.warned(|kind| matches!(kind, FleetEventKind::WorkerSkewed { ahead, .. } if *ahead == 60.0)),
        1
    );
    assert!(bench.has_notice("The clocks of 1 of Locust's workers"));
    let clocks: Vec<_> = bench.snapshot.workers.iter().map(|worker| worker.clock_ahead_ms).collect();
    assert_eq!(clocks, [Some(0.0), Some(60_000.0)]);
}

#[test]
fn a_master_that_is_late_says_so() {
    let mut bench = Bench::new(&["a"]);
    bench.start(1);
    bench.now += limits::LOOK;
    bench.on(Event::Tick);
    assert!(!bench.has_notice("The master itself"));
    bench.now += limits::LOOK + limits::MASTER_LAG_BOUND + Duration::from_millis(50);
    bench.on(Event::Tick);
    assert_eq!(bench.warned(|kind| matches!(kind, FleetEventKind::MasterLate { .. })), 1);
    assert!(bench.has_notice("The master itself was up to"));
    bench.on(Event::Usage { cpu_usage: 12.5, memory_usage: 99 });
    bench.requests();
    assert_eq!((bench.snapshot.master.cpu_usage, bench.snapshot.master.memory_usage), (12.5, 99));
}
