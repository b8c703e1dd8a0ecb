//! What people choose for a run: classes, options, and what holds instead of stages.

use super::{Bench, ready, start};
use crate::event::{Amend, Command, Effects, Event, Load, Refusal, Start};
use akrida_protocol::{SpawnJob, ToMaster, ToWorker, Value};
use akrida_run::{ClassCounts, RunState};
use akrida_scenario::Stage;
use akrida_scenario::model::{CustomOption, OptionValue};
use akrida_transport::PeerId;
use std::time::Duration;

/// Does it, and lets the only worker carry out what that brings.
fn users_after(bench: &mut Bench, command: Command) -> ClassCounts {
    let effects = bench.on(Event::Command(command));
    assert_eq!(effects.answer, Some(Ok(())));
    for (_, body) in effects.frames {
        let ToWorker::Spawn(job) = ToWorker::decode(&body).unwrap().message else { continue };
        let users: ClassCounts = job.user_classes_count.into_iter().collect();
        let user_count = users.values().sum();
        let done = ToMaster::SpawningComplete {
            user_classes_count: users.iter().map(|(name, count)| (name.clone(), *count)).collect(),
            user_count,
        };
        bench.on(Event::Frame { peer: PeerId::from("a"), body: done.encode("a") });
        bench.on(Event::Tick);
    }
    bench.snapshot.user_classes.clone()
}

#[test]
fn only_chosen_classes_get_users_in_this_run_and_in_the_next() {
    let mut bench = Bench::with_classes(&["A", "B"], &[]);
    bench.say("a", &ready());
    let choose = |names: &[&str]| Command::Choose(names.iter().map(|&name| name.to_owned()).collect());
    let counts = |a, b| ClassCounts::from([("A".to_owned(), a), ("B".to_owned(), b)]);
    assert_eq!(bench.command(choose(&[])).0, Err(Refusal::NoClass));
    assert_eq!(bench.command(choose(&["A", "Ghost"])).0, Err(Refusal::UnknownClass));
    assert_eq!(users_after(&mut bench, start(4, None)), counts(2, 2), "what was refused changes nothing");
    assert_eq!(users_after(&mut bench, choose(&["B"])), counts(0, 4));
    bench.command(Command::Stop).0.unwrap();
    bench.say("a", &ToMaster::ClientStopped);
    bench.say("a", &ready());
    assert_eq!(users_after(&mut bench, start(3, None)), counts(0, 3));
    assert_eq!(users_after(&mut bench, choose(&["A", "B"])), counts(2, 1));
}

/// The job that is told to a worker.
fn job(effects: &Effects) -> Option<SpawnJob> {
    effects.frames.iter().find_map(|(_, body)| match ToWorker::decode(body).unwrap().message {
        ToWorker::Spawn(job) => Some(job),
        _ => None,
    })
}

#[test]
fn options_go_to_workers_with_each_job_and_to_those_that_run() {
    let mut bench = Bench::new(&["a"]);
    let size = OptionValue::Int(20);
    let option = |name: &str, value: OptionValue, choices: &[OptionValue]| CustomOption {
        name: name.to_owned(),
        value,
        choices: choices.to_vec(),
        help: None,
    };
    bench.core.config.options =
        vec![option("tenant", OptionValue::Text("acme".into()), &[]), option("size", size.clone(), &[size])];
    bench.core.config.parsed_options.set("tags", Value::List(Vec::new()));
    let set = |name: &str, value| Command::SetOptions(vec![(name.to_owned(), value)]);
    let text = |text: &str| OptionValue::Text(text.into());
    for wrong in [set("tenant", OptionValue::Int(1)), set("size", OptionValue::Int(30)), set("x", text("x"))]
    {
        assert_eq!(bench.command(wrong).0, Err(Refusal::Options));
    }
    let job_after = |bench: &mut Bench, command| {
        let effects = bench.on(Event::Command(command));
        assert_eq!(effects.answer, Some(Ok(())));
        job(&effects).map(|job| job.parsed_options)
    };
    let told = job_after(&mut bench, start(2, None)).unwrap();
    assert_eq!(told.get("tenant"), Some(&Value::Text("acme".to_owned())), "what was refused changes nothing");
    assert_eq!((told.get("size"), told.get("tags")), (Some(&Value::Int(20)), Some(&Value::List(Vec::new()))));
    let told = job_after(&mut bench, set("tenant", text("zoo"))).unwrap();
    assert_eq!(told.get("tenant"), Some(&Value::Text("zoo".to_owned())));
    assert_eq!(job_after(&mut bench, set("tenant", text("zoo"))), None, "nothing has changed");
}

#[test]
fn stages_go_on_with_another_host_or_are_taken_over() {
    let mut bench = Bench::new(&["a"]);
    let stage =
        |users| Stage { name: String::new(), duration: Duration::from_secs(100), users, spawn_rate: 1_000.0 };
    let load = Load::Stages(vec![stage(4), stage(9)]);
    bench.command(Command::Start(Start { load, host: None, run_time: None })).0.unwrap();
    let amend = |bench: &mut Bench, amend| job(&bench.on(Event::Command(Command::Amend(amend))));
    let host = Some("http://b".to_owned());
    let moved = amend(&mut bench, Amend { host: host.clone(), ..Amend::default() }).unwrap();
    assert_eq!((moved.host, moved.stage, moved.user_classes_count["User"]), (host.clone(), Some(0), 4));
    let run_time = Some(Duration::from_secs(60));
    assert_eq!(amend(&mut bench, Amend { run_time, ..Amend::default() }), None, "workers need not know");
    assert_eq!(bench.snapshot.time_left, Some(60.0));
    let taken = amend(&mut bench, Amend { users: Some((7, 1_000.0)), ..Amend::default() }).unwrap();
    assert_eq!((taken.host, taken.stage, taken.user_classes_count["User"]), (host, None, 7));
    assert_eq!((bench.snapshot.stage.clone(), bench.snapshot.state), (None, RunState::Spawning));
    bench.command(Command::Stop).0.unwrap();
    assert_eq!(bench.command(Command::Amend(Amend::default())).0, Err(Refusal::Stopping));
}
