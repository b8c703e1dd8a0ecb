//! Every recorded message of Locust 0.8.1, 0.14.6 and 1.6.0 is understood, tells of which generation its sender is,
//! and is said to a peer of that generation in the same way.

use crate::recordings::{Recorded, recorded_of_old};
use crate::tree::{Tree, same, tree};
use akrida_protocol::{Generation, Generations, ToMaster, ToWorker, Version, WorkerState};
use std::collections::{BTreeMap, BTreeSet};

/// Which generation a session is of, and as which its workers and its master show themselves by what they say in it.
fn of(file: &str) -> [Generations; 3] {
    let only = Generations::only;
    let clients = Generations::between(Generation::V0_10, Generation::V0_14);
    if file.starts_with("0.8.1") {
        [only(Generation::V0_5); 3]
    } else if file.starts_with("0.14.6") {
        // A run tells it from 1.4; whether users are still called clients only the master says.
        let hatching = Generations::between(Generation::V0_14, Generation::V1_0);
        [only(Generation::V0_14), hatching, clients]
    } else {
        let spawning = Generations::between(Generation::V1_2, Generation::V1_4);
        [only(Generation::V1_4), only(Generation::V1_4), spawning]
    }
}

#[test]
fn each_side_is_recognised_by_what_it_says_in_a_run() {
    let mut known: BTreeMap<(String, bool), Generations> = BTreeMap::new();
    for message in recorded_of_old() {
        let said = if message.to_master {
            ToMaster::decode(&message.frame).unwrap().generations
        } else {
            ToWorker::decode(&message.frame).unwrap().generations
        };
        let [own, ..] = of(&message.file);
        assert!(said.may_be(own), "{}: {} is said by {said}", message.file, message.kind);
        if message.file.ends_with("_run.jsonl") {
            let known = known.entry((message.file, message.to_master)).or_insert(Generations::ALL);
            *known = known.narrowed(said);
        }
    }
    assert_eq!(known.len(), 6);
    for ((file, to_master), known) in known {
        let [_, worker, master] = of(&file);
        // What connects by ROUTER and DEALER is not of the oldest.
        let by_address = Generations::between(Generation::V0_10, Generation::V2);
        let known = if file.starts_with("0.8.1") { known } else { known.narrowed(by_address) };
        assert_eq!(known, if to_master { worker } else { master }, "{file}");
    }
}

#[test]
fn what_has_one_form_is_said_again_byte_for_byte() {
    let mut compared = BTreeSet::new();
    for message in recorded_of_old() {
        let Recorded { file, to_master, kind, frame } = message;
        let [own, ..] = of(&file);
        let again = if to_master {
            // Before 1.0 texts of more than 31 bytes were written as longer ones are now.
            if ["stats", "heartbeat"].contains(&kind.as_str()) || file.starts_with("0.8.1") {
                continue;
            }
            let read = ToMaster::decode(&frame).unwrap();
            vec![read.message.encode_in(own, &read.node_id)]
        } else {
            let read = ToWorker::decode(&frame).unwrap();
            read.message.encode_in(own, &read.node_id)
        };
        assert!(again.iter().eq([&frame]), "{file}: {:?}", tree(&mut &frame[..]));
        compared.insert(format!("{} {kind}", file.split('_').next().unwrap()));
    }
    let wanted = [
        "0.14.6 client_ready",
        "0.14.6 client_stopped",
        "0.14.6 exception",
        "0.14.6 hatch",
        "0.14.6 hatch_complete",
        "0.14.6 hatching",
        "0.14.6 quit",
        "0.14.6 stop",
        "0.8.1 hatch",
        "0.8.1 quit",
        "0.8.1 stop",
        "1.6.0 client_ready",
        "1.6.0 client_stopped",
        "1.6.0 exception",
        "1.6.0 quit",
        "1.6.0 spawn",
        "1.6.0 spawning",
        "1.6.0 spawning_complete",
        "1.6.0 stop",
    ];
    assert_eq!(compared, wanted.map(str::to_owned).into());
}

/// A number in a map of a frame.
fn number(map: &Tree, key: &str) -> f64 {
    match map {
        Tree::Map(fields) => match &fields[key] {
            Tree::Number(number) => *number,
            other => panic!("{key} is {other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn reports_are_read_whole_and_failures_before_0_10_are_requests() {
    let mut reports = 0;
    for message in recorded_of_old().into_iter().filter(|message| message.kind == "stats") {
        let Tree::List(elements) = tree(&mut &message.frame[..]) else { panic!() };
        let Tree::Map(data) = &elements[1] else { panic!() };
        let Tree::List(entries) = &data["stats"] else { panic!() };
        let Tree::Map(errors) = &data["errors"] else { panic!() };
        let oldest = message.file.starts_with("0.8.1");
        let (mut requests, mut failures) = (0.0, 0.0);
        for entry in entries {
            failures += number(entry, "num_failures");
            requests += number(entry, "num_requests");
        }
        if oldest {
            requests += failures;
        }
        let ToMaster::Stats(report) = ToMaster::decode(&message.frame).unwrap().message else { panic!() };
        let sum = report.delta.sum();
        assert!(same(&Tree::Number(requests), &Tree::Number(sum.requests as f64)), "{}", message.file);
        assert!(same(&Tree::Number(failures), &Tree::Number(sum.failures as f64)), "{}", message.file);
        assert_eq!((report.delta.total.is_none(), report.exact), (oldest, false));
        let misspelt = if oldest { "occurences" } else { "occurrences" };
        let occurrences: f64 = errors.values().map(|error| number(error, misspelt)).sum();
        let read: u64 = report.delta.errors.iter().map(|(_, row)| row.occurrences).sum();
        assert!(same(&Tree::Number(occurrences), &Tree::Number(read as f64)), "{}", message.file);
        reports += 1;
    }
    assert!(reports > 50, "{reports}");
}

#[test]
fn a_worker_whose_words_are_not_known_yet_is_told_in_both() {
    let job = akrida_protocol::UsersJob { users: 7, spawn_rate: 2.5, host: None, stop_timeout: Some(1.0) };
    let message = ToWorker::SpawnUsers(job);
    let check = |generations: Generations, kinds: &[&str], numbers: &[&str]| {
        let mut said = Vec::new();
        let mut keys = BTreeSet::new();
        for frame in message.encode_in(generations, "w") {
            let Tree::List(elements) = tree(&mut &frame[..]) else { panic!() };
            let (Tree::Text(kind), Tree::Map(data)) = (&elements[0], &elements[1]) else { panic!() };
            said.push(kind.clone());
            keys.extend(data.keys().filter(|key| key.starts_with("num_")).cloned());
            assert_eq!(ToWorker::decode(&frame).unwrap().message, message);
        }
        assert_eq!(said, kinds);
        assert_eq!(keys, numbers.iter().map(|key| (*key).to_owned()).collect());
    };
    let between = Generations::between;
    check(between(Generation::V0_14, Generation::V1_2), &["hatch", "spawn"], &["num_clients", "num_users"]);
    check(Generations::only(Generation::V0_10), &["hatch"], &["num_clients"]);
    check(Generations::only(Generation::V1_0), &["hatch"], &["num_users"]);
    check(Generations::only(Generation::V1_4), &["spawn"], &["num_users"]);
}

#[test]
fn nobody_is_told_what_it_does_not_know() {
    let old = Generations::between(Generation::V0_10, Generation::V1_4);
    for message in [
        ToWorker::Ack { index: Some(1), akrida: true },
        ToWorker::Heartbeat(None),
        ToWorker::Reconnect,
        ToWorker::SpawningComplete { user_count: 3 },
    ] {
        assert!(message.encode_in(old, "w").is_empty(), "{message:?}");
        assert!(message.encode_in(Generations::only(Generation::V0_5), "w").is_empty(), "{message:?}");
        assert_eq!(message.encode_in(Generations::only(Generation::V2), "w"), [message.encode("w")]);
    }
    assert_eq!(ToWorker::Stop.encode_in(old, "w"), [ToWorker::Stop.encode("w")]);
}

#[test]
fn users_that_hatch_are_told_in_the_words_of_a_master_that_knows_no_other() {
    let heartbeat = |state| ToMaster::Heartbeat { state, cpu_usage: 1.0, memory_usage: 0, extra: None };
    let state = |message: &ToMaster, generations| {
        let frame = message.encode_in(generations, "w");
        let Tree::List(elements) = tree(&mut &frame[..]) else { panic!() };
        let Tree::Map(data) = &elements[1] else { panic!() };
        assert_eq!(ToMaster::decode(&frame).unwrap().message, *message);
        format!("{:?}", data["state"])
    };
    let spawning = heartbeat(WorkerState::Spawning);
    assert_eq!(state(&spawning, Generations::HATCHING), r#"Text("hatching")"#);
    assert_eq!(state(&spawning, Generations::only(Generation::V1_4)), r#"Text("spawning")"#);
    assert_eq!(state(&heartbeat(WorkerState::Running), Generations::HATCHING), r#"Text("running")"#);
    let ready = ToMaster::ClientReady(Version::Told("2.47.0".to_owned()));
    let read = ToMaster::decode(&ready.encode_in(Generations::HATCHING, "w")).unwrap();
    assert_eq!(read.message, ToMaster::ClientReady(Version::Old));
}
