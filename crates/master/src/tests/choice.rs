//! Which classes of the test get users.

use super::{Bench, ready, start};
use crate::event::{Command, Event, Refusal};
use akrida_protocol::{ToMaster, ToWorker};
use akrida_run::ClassCounts;
use akrida_transport::PeerId;

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
