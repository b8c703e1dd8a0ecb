//! Every recorded message of Locust 2.47.0 is understood, and said again in the same way.

use crate::recordings::{Recorded, recorded};
use crate::tree::{Tree, same, tree};
use akrida_protocol::{ToMaster, ToWorker};

/// Decodes and encodes, in the message's own direction.
fn again(message: &Recorded) -> (String, Vec<u8>) {
    let frame = &message.frame;
    let again = if message.to_master {
        ToMaster::decode(frame)
            .map(|read| (read.message.kind().to_owned(), read.message.encode(&read.node_id)))
    } else {
        ToWorker::decode(frame)
            .map(|read| (read.message.kind().to_owned(), read.message.encode(&read.node_id)))
    };
    let (kind, frame) = again.unwrap_or_else(|error| panic!("{}: {error}", message.file));
    (kind, frame.to_vec())
}

#[test]
fn all_are_understood_and_mean_the_same_when_said_again() {
    let messages = recorded();
    assert_eq!(messages.len(), 1_135);
    for message in messages {
        let (kind, frame) = again(&message);
        assert_eq!(kind, message.kind, "{}", message.file);
        let (ours, theirs) = (tree(&mut &frame[..]), tree(&mut &message.frame[..]));
        assert!(
            same(&ours, &sorted_entries(&theirs)),
            "{}\nours   {ours:?}\ntheirs {theirs:?}",
            message.file
        );
    }
}

/// Their order of entries is that of first requests; ours is by name and method.
fn sorted_entries(frame: &Tree) -> Tree {
    let mut frame = frame.clone();
    let key = |entry: &Tree| match entry {
        Tree::Map(entry) => match (&entry["name"], &entry["method"]) {
            (Tree::Text(name), Tree::Text(method)) => (name.clone(), method.clone()),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    if let Tree::List(elements) = &mut frame
        && let Tree::Map(data) = &mut elements[1]
        && let Some(Tree::List(entries)) = data.get_mut("stats")
    {
        entries.sort_by_key(key);
    }
    frame
}

#[test]
fn what_has_one_form_is_said_again_byte_for_byte() {
    // The others hold maps in the order in which a Python worker met their keys, and times below a microsecond.
    let unordered = ["stats", "spawning_complete"];
    let mut compared = std::collections::BTreeSet::new();
    for message in recorded() {
        if message.to_master && unordered.contains(&message.kind.as_str()) {
            continue;
        }
        let (_, frame) = again(&message);
        assert_eq!(frame, message.frame, "{}: {:?}", message.file, tree(&mut &message.frame[..]));
        compared.insert((message.to_master, message.kind));
    }
    let compared: Vec<_> = compared.iter().map(|(to_master, kind)| (*to_master, kind.as_str())).collect();
    assert_eq!(
        compared,
        [
            (false, "ack"),
            (false, "heartbeat"),
            (false, "locustfile"),
            (false, "quit"),
            (false, "spawn"),
            (false, "spawning_complete"),
            (false, "stop"),
            (true, "client_ready"),
            (true, "client_stopped"),
            (true, "exception"),
            (true, "heartbeat"),
            (true, "locustfile"),
            (true, "logs"),
            (true, "quit"),
            (true, "spawning"),
        ]
    );
}

#[test]
fn error_keys_are_locusts() {
    let mut keys = 0;
    for message in recorded().iter().filter(|message| message.kind == "stats") {
        let Tree::List(elements) = tree(&mut &message.frame[..]) else { panic!() };
        let Tree::Map(data) = &elements[1] else { panic!() };
        let Tree::Map(errors) = &data["errors"] else { panic!() };
        for (key, row) in errors {
            let Tree::Map(row) = row else { panic!() };
            let text = |name: &str| match &row[name] {
                Tree::Text(text) => text.clone(),
                other => panic!("{other:?}"),
            };
            assert_eq!(&akrida_protocol::error_key(&text("method"), &text("name"), &text("error")), key);
            keys += 1;
        }
    }
    assert!(keys > 20, "{keys}");
}
