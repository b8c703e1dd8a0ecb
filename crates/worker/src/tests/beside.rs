//! What a worker is told and tells beside its jobs and its figures.

use super::*;
use crate::event::LogLines;
use akrida_engine::ClassEdit;
use akrida_protocol::Value;

#[test]
fn what_a_master_changes_of_a_class_goes_to_the_engine() {
    let mut bench = Bench::running();
    let mut change = |attribute: &str, value| {
        let attributes = vec![(attribute.to_owned(), value)];
        let change = ToWorker::UpdateUserClass { user_class_name: "Writer".to_owned(), attributes };
        let effects = bench.frame(&change);
        (effects.work, effects.notices)
    };
    let edit = ClassEdit { class: 1, tasks: Some(vec!["write".to_owned()]), ..ClassEdit::default() };
    let told = Notice::ClassChanged("The master changes tasks of user class Writer.".to_owned());
    let tasks = Value::List(vec![Value::Text("write".to_owned())]);
    assert_eq!(change("tasks", tasks), (vec![Work::EditClass(edit)], vec![told]));
    let (work, told) = change("host", Value::Int(5));
    assert!(work.is_empty() && matches!(told.as_slice(), [Notice::Warning(_)]), "{work:?} {told:?}");
    assert_eq!(change("weight", Value::Int(5)), (Vec::new(), Vec::new()), "the master itself sees to that");
}

#[test]
fn more_users_than_a_worker_can_have_are_refused_and_the_master_is_told() {
    let mut bench = Bench::running();
    for (reader, writer) in [(1 << 53, 1 << 53), (0, 1 << 40), (limits::USERS, 1)] {
        bench.now += Duration::from_secs(1);
        let effects = bench.spawn(bench.now.as_secs_f64() + 1.0, [("Reader", reader), ("Writer", writer)]);
        assert!(effects.work.is_empty(), "{:?}", effects.work);
        let [frame] = effects.frames.as_slice() else { panic!("{:?}", said(&effects)) };
        let ToMaster::Exception { msg, .. } = decoded(frame) else { panic!("{:?}", said(&effects)) };
        assert!(msg.contains("too many for one worker, which runs up to 1000000"), "{msg}");
    }
    let effects = bench.spawn(9.0, [("Reader", limits::USERS), ("Writer", 0)]);
    assert!(matches!(effects.work.as_slice(), [Work::Run(_)]), "as many as it can have: {:?}", effects.work);
}

#[test]
fn new_lines_of_its_log_go_to_the_master_every_ten_seconds() {
    let mut bench = Bench::acknowledged();
    let asked = |bench: &mut Bench, millis| {
        bench.now += Duration::from_millis(millis);
        bench.on(Event::Tick { usage: Usage::default(), congested: false }).log
    };
    // It was asked for when the master acknowledged it.
    assert!(!asked(&mut bench, 9_999));
    assert!(asked(&mut bench, 1));
    let lines = vec!["one".to_owned(), "two".to_owned()];
    let effects = bench.on(Event::Logged(LogLines { lines: lines.clone(), added: 1 }));
    let [frame] = effects.frames.as_slice() else { panic!("{:?}", said(&effects)) };
    assert_eq!(decoded(frame), ToMaster::Logs { worker_id: "w".to_owned(), logs: lines.clone() });
    assert!(said(&bench.on(Event::Logged(LogLines { lines: lines.clone(), added: 0 }))).is_empty());
    let effects = bench.on(Event::Logged(LogLines { lines, added: 71 }));
    assert_eq!((said(&effects), effects.notices.len()), (vec!["logs".to_owned()], 1));
}

#[test]
fn its_heartbeats_come_as_often_as_it_is_told_and_a_silent_master_is_given_time_for_them() {
    let mut bench = Bench::new();
    let config = Config::new("w".to_owned(), &Scenario::default(), 1);
    let config = Config { heartbeat_interval: Duration::from_secs(30), ..config };
    bench.core = WorkerCore::new(config, Now::default());
    bench.tick(0);
    bench.frame(&ToWorker::Heartbeat(None));
    bench.frame(&ToWorker::Ack { index: Some(0), akrida: true });
    let mut told = bench.tick(0);
    for _ in 0..119 {
        told.extend(bench.tick(1_000));
    }
    assert_eq!(told.iter().filter(|kind| *kind == "heartbeat").count(), 1 + 3);
    bench.now += Duration::from_secs(1);
    let effects = bench.on(Event::Tick { usage: Usage::default(), congested: false });
    assert_eq!(effects.work, [Work::Stop], "after four of them");
}
