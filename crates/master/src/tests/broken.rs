//! Frames that cannot be read, and connections that break.

use super::{Bench, heartbeat, to};
use crate::event::{Command, Event};
use crate::limits;
use akrida_protocol::{ToMaster, WorkerState};
use akrida_run::FleetEventKind;
use akrida_transport::{PeerId, SendError};
use bytes::Bytes;

const NONSENSE: Bytes = Bytes::from_static(b"\x93\xa5stats\xff");

fn warnings(bench: &Bench) -> usize {
    bench.events.iter().filter(|event| matches!(event, FleetEventKind::Warning(_))).count()
}

#[test]
fn a_known_worker_that_cannot_be_read_is_asked_to_connect_anew_now_and_then_and_told_of_once() {
    let mut bench = Bench::new(&["a", "b"]);
    let asked = [("a".to_owned(), "reconnect".to_owned())];
    assert_eq!(bench.frame("a", NONSENSE), asked);
    for _ in 0..100 {
        assert_eq!(bench.frame("a", NONSENSE), []);
    }
    bench.pass(limits::ASK_TO_RECONNECT.as_secs(), &["a", "b"]);
    assert_eq!(bench.frame("a", NONSENSE), asked);
    assert_eq!(bench.frame("b", NONSENSE), [("b".to_owned(), "reconnect".to_owned())]);
    assert_eq!(warnings(&bench), 2, "one for each");
}

#[test]
fn a_stranger_that_cannot_be_read_is_answered_by_nothing() {
    let mut bench = Bench::new(&["a"]);
    assert_eq!(bench.frame("stranger", NONSENSE), []);
    assert_eq!(warnings(&bench), 0);
}

#[test]
fn a_worker_whose_connection_broke_is_missed_soon_unless_it_is_heard_again() {
    let mut bench = Bench::new(&["a", "b"]);
    bench.start(4);
    bench.on(Event::Disconnected(PeerId::from("a")));
    bench.on(Event::Disconnected(PeerId::from("b")));
    let told = bench.pass(3, &["b"]);
    assert!(told.contains(&("b".to_owned(), "spawn 4".to_owned())), "{told:?}");
    let missing: Vec<_> =
        bench.events.iter().filter(|event| matches!(event, FleetEventKind::WorkerMissing { .. })).collect();
    assert_eq!(missing.len(), 1, "{missing:?}");
}

#[test]
fn what_may_have_been_lost_with_a_connection_is_told_again_at_once() {
    let mut bench = Bench::new(&["a"]);
    let (_, jobs) = bench.command(super::start(4, None));
    let job = ("a".to_owned(), "spawn 4".to_owned());
    assert_eq!(jobs, std::slice::from_ref(&job));
    bench.pass(1, &["a"]);
    bench.on(Event::Disconnected(PeerId::from("a")));
    assert!(bench.pass(1, &["a"]).contains(&job));
    bench.on(Event::Unsent(PeerId::from("a"), SendError::Gone));
    assert_eq!(bench.pass(1, &[]), [], "nobody is there who could hear it");
    assert!(bench.pass(1, &["a"]).contains(&job));
    // Once it has been carried out, a new connection changes nothing.
    bench.carry_out(vec![job.clone()]);
    bench.on(Event::Disconnected(PeerId::from("a")));
    assert!(!bench.pass(1, &["a"]).contains(&job));
}

#[test]
fn a_stop_that_may_have_been_lost_with_a_connection_is_told_again_at_once_but_not_to_one_of_locusts() {
    let lost = [
        Event::Disconnected(PeerId::from("a")),
        Event::Unsent(PeerId::from("a"), SendError::Gone),
        Event::Unsent(PeerId::from("a"), SendError::Full),
    ];
    for event in lost {
        let mut bench = Bench::new(&["a"]);
        bench.start(4);
        assert_eq!(bench.command(Command::Stop).1, [to("a", "stop")]);
        let at_work = heartbeat(WorkerState::Running, 0);
        assert_eq!(bench.say("a", &at_work), [to("a", "heartbeat")], "it may be under way");
        bench.on(event);
        assert_eq!(bench.say("a", &at_work), [to("a", "heartbeat"), to("a", "stop")]);
        assert_eq!(bench.say("a", &at_work), [to("a", "heartbeat")]);
    }
    let mut bench = Bench::new(&["theirs"]);
    let state = WorkerState::Running;
    let at_work = ToMaster::Heartbeat { state, cpu_usage: 50.0, memory_usage: 1, extra: None };
    bench.start(4);
    bench.say("theirs", &at_work);
    assert_eq!(bench.command(Command::Stop).1, [to("theirs", "stop")]);
    bench.on(Event::Disconnected(PeerId::from("theirs")));
    assert_eq!(bench.say("theirs", &at_work), [to("theirs", "heartbeat")]);
    bench.now += limits::REPEAT_STOP;
    assert_eq!(bench.say("theirs", &at_work), [to("theirs", "heartbeat"), to("theirs", "stop")]);
}
