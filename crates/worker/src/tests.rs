//! What a worker says and does, in order.

mod beside;

mod receipts;

use crate::event::{Config, Effects, End, Event, Measured, Notice, Now, Usage, Work};
use crate::{Mix, WorkerCore, limits};
use akrida_engine::{Rows, Share, Used};
use akrida_protocol::{Acknowledged, ClassShare, Echo, ParsedOptions, SpawnJob, ToMaster, ToWorker, Value};
use akrida_scenario::Scenario;
use akrida_scenario::model::{CustomOption, OptionValue};
use akrida_stats::{Arrivals, Delta, EntryKey, Measured as Entry};
use bytes::Bytes;
use std::time::Duration;

mod old_master;

/// A worker and the time.
struct Bench {
    core: WorkerCore,
    now: Duration,
}

impl Bench {
    fn new() -> Self {
        let classes = vec!["Reader".to_owned(), "Writer".to_owned()];
        let tasks = vec![vec!["read".to_owned(), "look".to_owned()], vec!["write".to_owned()]];
        // Three of four users are readers.
        let mix = Mix::new(|users| vec![users - users / 4, users / 4]);
        let config = Config { classes, tasks, mix, ..Config::new("w".to_owned(), &Scenario::default(), 2) };
        let began = Now { monotonic: Duration::ZERO, wall_us: 1_000_000 };
        Self { core: WorkerCore::new(config, began), now: Duration::ZERO }
    }

    /// One that the master has acknowledged, a moment before its first report is due.
    fn acknowledged() -> Self {
        let mut bench = Self::new();
        bench.tick(0);
        bench.frame(&ToWorker::Ack { index: Some(0), akrida: true });
        bench.tick(0);
        bench
    }

    fn on(&mut self, event: Event) -> Effects {
        let wall_us = 1_000_000 + u64::try_from(self.now.as_micros()).unwrap();
        self.core.on(Now { monotonic: self.now, wall_us }, event)
    }

    fn frame(&mut self, message: &ToWorker) -> Effects {
        self.on(Event::Frame(message.encode("w")))
    }

    /// The master acknowledges reports up to this number.
    fn acknowledge(&mut self, sequence: u64) -> Effects {
        self.frame(&ToWorker::Acknowledged(Acknowledged { process: 1_000_000, sequence }))
    }

    /// Lets `millis` pass and gives what was said.
    fn tick(&mut self, millis: u64) -> Vec<String> {
        self.now += Duration::from_millis(millis);
        said(&self.on(Event::Tick { usage: Usage::default(), congested: false }))
    }

    fn spawn(&mut self, timestamp: f64, users: [(&str, u64); 2]) -> Effects {
        self.spawn_sharing(timestamp, users, None)
    }

    fn spawn_sharing(
        &mut self,
        timestamp: f64,
        users: [(&str, u64); 2],
        share: Option<akrida_protocol::Share>,
    ) -> Effects {
        self.frame(&ToWorker::Spawn(SpawnJob {
            timestamp,
            user_classes_count: users.map(|(class, users)| (class.to_owned(), users)).into(),
            host: None,
            stop_timeout: Some(1.5),
            parsed_options: ParsedOptions::default(),
            stage: None,
            share,
            rows: None,
        }))
    }

    /// One with users at work, of a master like ours.
    fn running() -> Self {
        let mut bench = Self::acknowledged();
        let share =
            akrida_protocol::Share { offset: 0, stride: 1, workers: 1, elapsed_us: 0, users: [].into() };
        bench.spawn_sharing(1.0, [("Reader", 3), ("Writer", 1)], Some(share));
        bench.on(Event::Adjusted(vec![3, 1]));
        bench
    }
}

/// The kinds of the messages.
fn said(effects: &Effects) -> Vec<String> {
    effects.frames.iter().map(|frame| decoded(frame).kind().to_owned()).collect()
}

fn decoded(frame: &Bytes) -> ToMaster {
    ToMaster::decode(frame).unwrap().message
}

fn measured(entries: u64) -> Measured {
    let entry = || Entry { requests: 1, ..Entry::default() };
    let entries =
        (0..entries).map(|number| (EntryKey::plain("GET", &format!("/{number}")), entry())).collect();
    Measured { delta: Delta { entries, ..Delta::default() }, users: vec![0, 0], ..Measured::default() }
}

/// A tick while what was said before waits for room.
const CONGESTED: Event = Event::Tick { usage: Usage { cpu_percent: 0.0, memory: 0 }, congested: true };

#[test]
fn it_announces_itself_until_it_is_acknowledged() {
    let mut bench = Bench::new();
    assert_eq!(bench.tick(0), ["client_ready"]);
    assert!(bench.tick(1_999).is_empty());
    bench.now += Duration::from_millis(3_001);
    assert_eq!(said(&bench.on(CONGESTED)), ["client_ready"], "nothing more to a master that is not there");
    bench.frame(&ToWorker::Ack { index: Some(0), akrida: true });
    assert_eq!(bench.tick(0), ["heartbeat"]);
    assert_eq!(bench.tick(1_000), ["heartbeat"]);
}

#[test]
fn it_gives_up_when_nobody_answers() {
    let mut bench = Bench::new();
    for _ in 0..limits::CONNECT_ATTEMPTS {
        bench.now += Duration::from_secs(5);
        assert_eq!(said(&bench.on(CONGESTED)), ["client_ready"]);
    }
    bench.now += Duration::from_secs(5);
    assert!(said(&bench.on(CONGESTED)).is_empty());
    bench.on(Event::Idle);
    assert_eq!(bench.on(Event::Reported(measured(0))).end, Some(End::NoMaster));
}

#[test]
fn a_job_is_carried_out_once_and_never_an_older_one() {
    let mut bench = Bench::acknowledged();
    let effects = bench.spawn(2.0, [("Reader", 3), ("Writer", 1)]);
    assert_eq!(said(&effects), ["spawning"]);
    let [Work::Run(job)] = effects.work.as_slice() else { panic!("{:?}", effects.work) };
    assert_eq!((job.users.as_slice(), job.stop_timeout), (&[3, 1][..], Some(Duration::from_millis(1_500))));
    assert_eq!(said(&bench.on(Event::Adjusted(vec![3, 1]))), ["spawning_complete"]);
    for stale in [2.0, 1.0] {
        assert!(bench.spawn(stale, [("Reader", 9), ("Writer", 9)]).work.is_empty());
    }
}

#[test]
fn its_share_of_what_the_fleet_divides_goes_to_the_engine() {
    let mut bench = Bench::acknowledged();
    let effects = bench.spawn(1.0, [("Reader", 3), ("Writer", 1)]);
    let [Work::Run(job)] = effects.work.as_slice() else { panic!("{:?}", effects.work) };
    assert_eq!(job.share, Share::default(), "a master that deals nothing");
    let share = akrida_protocol::Share {
        offset: 1,
        stride: 4,
        workers: 3,
        elapsed_us: 2_500_000,
        users: [("Writer".to_owned(), ClassShare { before: 7, in_fleet: 9 })].into(),
    };
    let effects = bench.frame(&ToWorker::Spawn(SpawnJob {
        timestamp: 2.0,
        user_classes_count: [("Reader".to_owned(), 3), ("Writer".to_owned(), 2)].into(),
        host: None,
        stop_timeout: None,
        parsed_options: ParsedOptions::default(),
        stage: None,
        share: Some(share),
        rows: None,
    }));
    let [Work::Run(job)] = effects.work.as_slice() else { panic!("{:?}", effects.work) };
    let users = vec![(0, 3), (7, 9)];
    let elapsed = Duration::from_millis(2_500);
    let expected = Share { offset: 1, stride: 4, engines: 3, elapsed, users, rows: Rows::All };
    assert_eq!(job.share, expected);
}

#[test]
fn a_report_of_nothing_does_not_begin_in_1970() {
    let mut bench = Bench::running();
    bench.now += Duration::from_secs(7);
    let effects = bench.on(Event::Reported(measured(0)));
    let ToMaster::Stats(report) = decoded(&effects.frames[0]) else { panic!("a report") };
    assert_eq!(report.delta.sum(), Entry::since(8_000_000));
}

#[test]
fn what_its_users_end_is_told_with_each_report_and_arrivals_once() {
    let mut bench = Bench::running();
    let mut measured = measured(limits::ENTRIES_PER_REPORT as u64 + 1);
    let arrivals = Arrivals { started: 5, dropped: 2 };
    measured.delta.arrivals.insert("Reader".to_owned(), arrivals);
    (measured.ended, measured.stop_run) = (vec![2, 0], Some("no row is left".to_owned()));
    let effects = bench.on(Event::Reported(measured));
    let mut sum = Delta::default();
    assert_eq!(effects.frames.len(), 2);
    for frame in &effects.frames {
        let ToMaster::Stats(report) = decoded(frame) else { panic!("{:?}", decoded(frame)) };
        assert_eq!((report.ended["Reader"], report.stop_run.as_deref()), (2, Some("no row is left")));
        sum.merge(report.delta);
    }
    assert_eq!(sum.arrivals["Reader"], arrivals);
    let reason = |effects: Effects| match decoded(&effects.frames[0]) {
        ToMaster::Stats(report) => report.stop_run,
        other => panic!("{other:?}"),
    };
    assert!(reason(bench.on(Event::Reported(self::measured(0)))).is_some(), "any report may be lost");
    bench.frame(&ToWorker::Stop);
    bench.on(Event::Idle);
    bench.on(Event::Reported(self::measured(0)));
    bench.acknowledge(u64::MAX);
    bench.spawn(2.0, [("Reader", 3), ("Writer", 1)]);
    assert_eq!(reason(bench.on(Event::Reported(self::measured(0)))), None, "that was another run");
}

#[test]
fn classes_that_it_does_not_have_are_told_once_and_left_out() {
    let mut bench = Bench::acknowledged();
    let effects = bench.spawn(1.0, [("Ghost", 5), ("Writer", 1)]);
    let [Work::Run(job)] = effects.work.as_slice() else { panic!("{:?}", effects.work) };
    assert_eq!(job.users, [0, 1]);
    let warnings = |effects: &Effects| {
        effects.notices.iter().filter(|notice| matches!(notice, Notice::Warning(_))).count()
    };
    assert_eq!(warnings(&effects), 1);
    assert_eq!(warnings(&bench.spawn(2.0, [("Ghost", 6), ("Writer", 1)])), 0);
}

#[test]
fn its_last_figures_come_after_its_users_and_before_client_stopped() {
    let mut bench = Bench::running();
    let stopping = bench.frame(&ToWorker::Stop);
    assert!(stopping.frames.is_empty());
    assert_eq!(stopping.work, [Work::Stop]);
    assert_eq!(bench.on(Event::Idle).work, [Work::Report]);
    assert_eq!(said(&bench.on(Event::Reported(measured(2)))), ["stats"], "until the master has them");
    assert_eq!(said(&bench.acknowledge(1)), ["heartbeat", "client_stopped", "client_ready"]);
}

#[test]
fn a_report_taken_before_the_last_request_is_followed_by_another() {
    let mut bench = Bench::running();
    bench.tick(1_000);
    bench.frame(&ToWorker::Stop);
    assert!(bench.on(Event::Idle).work.is_empty(), "one report is under way already");
    let early = bench.on(Event::Reported(measured(1)));
    assert_eq!((said(&early), early.work), (vec!["stats".to_owned()], vec![Work::Report]));
    assert_eq!(said(&bench.on(Event::Reported(measured(1)))), ["stats"]);
    assert!(said(&bench.acknowledge(1)).is_empty(), "that was the one before");
    assert_eq!(said(&bench.acknowledge(2)), ["heartbeat", "client_stopped", "client_ready"]);
}

#[test]
fn it_ends_when_it_is_told_so_and_a_stop_does_not_take_that_back() {
    let mut bench = Bench::running();
    bench.on(Event::Terminate);
    bench.frame(&ToWorker::Stop);
    bench.on(Event::Idle);
    bench.on(Event::Reported(measured(1)));
    let last = bench.acknowledge(1);
    assert_eq!(said(&last), ["heartbeat", "client_stopped", "quit"]);
    assert_eq!(last.end, Some(End::Terminated));
    assert!(bench.tick(60_000).is_empty());
}

#[test]
fn a_master_that_answered_once_and_then_fell_silent_is_given_up() {
    let mut bench = Bench::running();
    bench.frame(&ToWorker::Heartbeat(None));
    // In one leap the worker itself would have stood still, which is not the master's silence.
    bench.tick(120_000);
    assert!(bench.on(Event::Idle).work.is_empty(), "nothing is being stopped yet");
    for _ in 0..240 {
        bench.tick(250);
    }
    bench.on(Event::Idle);
    bench.on(Event::Reported(measured(0)));
    assert_eq!(bench.on(Event::Reported(measured(0))).end, Some(End::MasterGone));
}

#[test]
fn large_reports_go_in_numbered_parts_and_lose_nothing() {
    let mut bench = Bench::running();
    let entries = 2 * limits::ENTRIES_PER_REPORT as u64 + 1;
    let effects = bench.on(Event::Reported(measured(entries)));
    let reports: Vec<_> = effects
        .frames
        .iter()
        .map(|frame| match decoded(frame) {
            ToMaster::Stats(report) => (report.sequence, report.delta.sum().requests),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(reports.iter().map(|(number, _)| number.unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(reports.iter().map(|(_, requests)| requests).sum::<u64>(), entries);
}

#[test]
fn what_can_wait_is_not_added_to_a_full_link() {
    let mut bench = Bench::running();
    bench.now += Duration::from_secs(1);
    let effects = bench.on(Event::Tick { usage: Usage::default(), congested: true });
    assert!(effects.frames.is_empty() && effects.work.is_empty(), "{effects:?}");
}

#[test]
fn a_master_that_could_not_read_a_frame_gets_a_new_connection_and_nothing_else() {
    let mut bench = Bench::running();
    let effects = bench.frame(&ToWorker::Reconnect);
    assert!(effects.reconnect && effects.frames.is_empty() && effects.work.is_empty(), "{effects:?}");
    assert!(!bench.frame(&ToWorker::Heartbeat(None)).reconnect);
    assert_eq!(bench.tick(1_000), ["heartbeat"]);
}

#[test]
fn nonsense_from_the_master_is_told_and_survived() {
    let mut bench = Bench::running();
    for nonsense in [&b""[..], b"\x93", b"not msgpack at all", &[0xff; 40]] {
        let effects = bench.on(Event::Frame(Bytes::from_static(nonsense)));
        assert!(matches!(effects.notices.as_slice(), [Notice::Warning(_)]), "{effects:?}");
    }
    assert_eq!(bench.tick(1_000), ["heartbeat"]);
}

#[test]
fn leased_rows_go_to_the_engine_and_what_was_given_to_the_master() {
    let leased = |term| akrida_protocol::Rows {
        term,
        leases: vec![akrida_protocol::Lease { feeder: 2, number: 5, from: 10, until: 20 }],
        ended: vec![1],
    };
    let lease = akrida_engine::Lease { feeder: 2, number: 5, from: 10, until: 20 };
    let expected = |term| Rows::Leased { term, leases: vec![lease], ended: vec![1] };
    let mut bench = Bench::acknowledged();
    let job = |timestamp, rows| {
        ToWorker::Spawn(SpawnJob {
            timestamp,
            user_classes_count: [("Reader".to_owned(), 1)].into(),
            host: None,
            stop_timeout: None,
            parsed_options: ParsedOptions::default(),
            stage: None,
            share: None,
            rows,
        })
    };
    let effects = bench.frame(&job(1.0, Some(leased(7))));
    let [Work::Run(run)] = effects.work.as_slice() else { panic!("{:?}", effects.work) };
    assert_eq!(run.share.rows, expected(7));
    assert_eq!(bench.frame(&ToWorker::Rows(leased(7))).work, [Work::Supply(expected(7))]);
    assert_eq!(bench.frame(&ToWorker::Rows(leased(6))).work, [], "of users that have stopped");
    assert_eq!(bench.on(Event::Starved).work, [Work::Report], "the master learns of it at once");
    let used = |term| Used { feeder: 2, term, given: 4, waiting: 3 };
    let reported = |bench: &mut Bench, term| {
        let effects = bench.on(Event::Reported(Measured { used: vec![used(term)], ..Measured::default() }));
        let ToMaster::Stats(report) = decoded(&effects.frames[0]) else { panic!("no report") };
        report.rows.unwrap()
    };
    let of_feeder = akrida_protocol::Used { given: 4, waiting: 3 };
    let told = |closed, feeders: &[(u16, akrida_protocol::Used)]| akrida_protocol::RowsUsed {
        term: 7,
        closed,
        feeders: feeders.iter().copied().collect(),
    };
    assert_eq!(reported(&mut bench, 7), told(false, &[(2, of_feeder)]));
    assert_eq!(reported(&mut bench, 6), told(false, &[]), "the engine answers from before");
    bench.frame(&ToWorker::Stop);
    assert_eq!(bench.on(Event::Idle).work, [Work::Report]);
    assert_eq!(reported(&mut bench, 7), told(true, &[(2, of_feeder)]), "and no more will be");
}

#[test]
fn a_clock_that_is_wrong_is_corrected_by_the_masters() {
    let mut bench = Bench::acknowledged();
    bench.now += Duration::from_secs(1);
    // Now it is 2 s by its own clock, and was 3 s earlier by the master's.
    let echo =
        |master_us| ToWorker::Heartbeat(Some(Echo { sent_at_us: 2_000_000, master_us, acknowledged: None }));
    assert_eq!(bench.frame(&echo(5_000_000)).work, [Work::SetClockAhead(-3_000_000)]);
    assert_eq!(bench.frame(&echo(5_001_000)).work, [], "that is how exactly clocks are read");
    let effects = bench.on(Event::Tick { usage: Usage::default(), congested: false });
    let ToMaster::Heartbeat { extra: Some(extra), .. } = decoded(&effects.frames[0]) else {
        panic!("no heartbeat")
    };
    assert_eq!((extra.sent_at_us, extra.clock_ahead_us), (2_000_000, Some(-3_000_000)));
    assert_eq!(bench.frame(&ToWorker::Heartbeat(None)).work, [], "Locust's masters say nothing");
}

#[test]
fn options_reach_the_engine_before_the_job_that_brings_them() {
    let mut bench = Bench::acknowledged();
    let option =
        |name: &str, value| CustomOption { name: name.to_owned(), value, choices: vec![], help: None };
    bench.core.config.options = vec![option("size", OptionValue::Int(20))];
    let mut work = |timestamp: f64, size: Option<Value>| {
        let mut parsed_options = ParsedOptions::default();
        if let Some(size) = size {
            parsed_options.set("size", size);
        }
        let effects = bench.frame(&ToWorker::Spawn(SpawnJob {
            timestamp,
            user_classes_count: [("Reader".to_owned(), 1)].into(),
            host: None,
            stop_timeout: None,
            parsed_options,
            stage: None,
            share: None,
            rows: None,
        }));
        let warned = effects.notices.iter().any(|notice| matches!(notice, Notice::Warning(_)));
        let set = effects.work.into_iter().map(|work| match work {
            Work::SetOptions(values) => Some(values),
            Work::Run(_) => None,
            other => panic!("{other:?}"),
        });
        (set.collect::<Vec<_>>(), warned)
    };
    let values = |values: &[i64]| {
        let value = |size: &i64| ("size".to_owned(), OptionValue::Int(*size));
        (vec![Some(values.iter().map(value).collect()), None], false)
    };
    assert_eq!(work(1.0, None), (vec![None], false));
    assert_eq!(work(2.0, Some(Value::Int(50))), values(&[50]));
    assert_eq!(work(3.0, Some(Value::Int(50))), (vec![None], false), "nothing new");
    assert_eq!(work(4.0, Some(Value::Text("x".to_owned()))), (values(&[]).0, true));
    assert_eq!(work(5.0, None), values(&[]));
}

#[test]
fn a_masters_selection_of_tasks_is_told_when_it_changes() {
    let mut bench = Bench::acknowledged();
    let mut told = |timestamp: f64, tags: &[&str]| {
        let mut parsed_options = ParsedOptions::default();
        let tags: Vec<String> = tags.iter().map(|&tag| tag.to_owned()).collect();
        parsed_options.set_texts("tags", &tags);
        let effects = bench.frame(&ToWorker::Spawn(SpawnJob {
            timestamp,
            user_classes_count: [("Reader".to_owned(), 1)].into(),
            host: None,
            stop_timeout: None,
            parsed_options,
            stage: None,
            share: None,
            rows: None,
        }));
        effects.notices.into_iter().filter(|notice| matches!(notice, Notice::Tags { .. })).collect::<Vec<_>>()
    };
    assert_eq!(told(1.0, &[]), []);
    let tags = vec!["read".to_owned()];
    assert_eq!(told(2.0, &["read"]), [Notice::Tags { tags, exclude_tags: Vec::new() }]);
    assert_eq!(told(3.0, &["read"]), []);
}

#[test]
fn a_job_of_a_master_whose_clock_is_behind_is_taken_after_a_stop() {
    let mut bench = Bench::acknowledged();
    bench.spawn(4e9, [("Reader", 3), ("Writer", 0)]);
    bench.frame(&ToWorker::Stop);
    bench.on(Event::Idle);
    bench.on(Event::Reported(Measured::default()));
    bench.acknowledge(1);
    let effects = bench.spawn(1e9, [("Reader", 2), ("Writer", 0)]);
    assert!(matches!(effects.work.as_slice(), [Work::Run(_)]), "{:?}", effects.work);
}

#[test]
fn a_job_for_the_process_before_it_is_not_taken() {
    let mut bench = Bench::new();
    bench.tick(0);
    let job = |share| {
        ToWorker::Spawn(SpawnJob {
            timestamp: 1.0,
            user_classes_count: [("Reader".to_owned(), 1)].into(),
            host: None,
            stop_timeout: None,
            parsed_options: ParsedOptions::default(),
            stage: None,
            share,
            rows: None,
        })
    };
    let share = akrida_protocol::Share { offset: 0, stride: 1, workers: 1, elapsed_us: 0, users: [].into() };
    assert_eq!(bench.frame(&job(Some(share.clone()))).work, []);
    bench.frame(&ToWorker::Ack { index: Some(0), akrida: true });
    assert!(matches!(bench.frame(&job(Some(share))).work.as_slice(), [Work::Run(_)]));
    let mut bench = Bench::new();
    bench.tick(0);
    let adopted = bench.frame(&job(None)).work;
    assert!(matches!(adopted.as_slice(), [Work::Run(_)]), "a master of Locust may adopt it so: {adopted:?}");
}
