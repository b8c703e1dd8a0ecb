//! Workers that are busy or whose clocks are wrong, and a master that is late.

use super::*;
use akrida_protocol::Echo;

fn locusts(cpu_usage: f64) -> ToMaster {
    ToMaster::Heartbeat { state: WorkerState::Running, cpu_usage, memory_usage: 1, extra: None }
}

/// A report of a worker of Locust that says it began at so many unix seconds.
fn began(start_s: u64) -> ToMaster {
    began_us(start_s * 1_000_000)
}

fn began_us(start_us: u64) -> ToMaster {
    let total = Measured { requests: 1, ..Measured::since(start_us) };
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
    // Set right, it is said of nobody any more; about as wrong as the bound, it is not told again and again.
    let mut told = |ahead_ms: u64| {
        let came = bench.core.registry.get(&PeerId::from("b")).and_then(|node| node.reported_us).unwrap();
        bench.now += Duration::from_secs(3);
        bench.say("b", &began_us(came + ahead_ms * 1_000));
        (
            bench.warned(|kind| matches!(kind, FleetEventKind::WorkerSkewed { .. })),
            bench.has_notice("The clocks of"),
        )
    };
    assert_eq!(
        [told(4_500), told(0), told(4_500), told(5_500)],
        [(1, true), (1, false), (1, false), (2, true)]
    );
}

#[test]
fn seconds_of_lateness_are_counted_however_rare_heartbeats_are() {
    let mut bench = Bench::new(&["a"]);
    bench.core.config = bench.core.config.clone().with_heartbeats(Duration::from_secs(10), 2);
    bench.start(1);
    bench.say("a", &heartbeat(WorkerState::Running, 30_000));
    bench.requests();
    assert_eq!(bench.snapshot.generator.saturated_seconds, 10);
}

#[test]
fn a_worker_is_missing_after_as_many_heartbeats_as_the_configuration_says() {
    let mut bench = Bench::new(&["a", "b"]);
    bench.core.config = bench.core.config.clone().with_heartbeats(Duration::from_secs(4), 2);
    bench.start(2);
    bench.say("a", &heartbeat(WorkerState::Running, 0));
    let missing = |bench: &Bench| bench.warned(|kind| matches!(kind, FleetEventKind::WorkerMissing { .. }));
    bench.pass(10, &["b"]);
    assert_eq!(missing(&bench), 0);
    let moved = bench.pass(1, &["b"]);
    assert!(missing(&bench) == 1 && moved.contains(&to("b", "spawn 2")), "{moved:?}");
    // One whose connection broke has a second for a new one, and then the time until its next heartbeat.
    bench.on(Event::Disconnected(PeerId::from("b")));
    bench.pass(5, &[]);
    assert_eq!(missing(&bench), 1);
    bench.pass(1, &[]);
    assert_eq!(missing(&bench), 2);
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
