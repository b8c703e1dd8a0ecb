//! Each message to a worker: from our encoder to Locust's worker, and from Locust's master to our decoder.

use super::{frames, line, tell};
use akrida_protocol::{
    Acknowledged, ClassShare, Echo, Lease, LocustfileReply, LocustfileSource, ParsedOptions, Rows, Share,
    SpawnJob, ToWorker, Value as Free,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What Locust's worker does after each message.
fn after(messages: &[ToWorker]) -> Vec<Value> {
    let lines: Vec<Value> = messages.iter().map(|message| line("worker", "", &message.encode("w"))).collect();
    let told = tell(&lines);
    for (answer, message) in told.iter().zip(messages) {
        assert_eq!((&answer["type"], &answer["node_id"]), (&json!(message.kind()), &json!("w")));
    }
    told
}

fn job(timestamp: f64, readers: u64, writers: u64) -> SpawnJob {
    SpawnJob {
        timestamp,
        user_classes_count: [("Reader".to_owned(), readers), ("Writer".to_owned(), writers)].into(),
        host: Some("http://127.0.0.1:1".to_owned()),
        stop_timeout: Some(0.25),
        parsed_options: ParsedOptions(vec![
            ("custom".to_owned(), Free::Text("it's \u{2603}".to_owned())),
            ("tags".to_owned(), Free::List(Vec::new())),
        ]),
        stage: None,
        share: None,
        rows: None,
    }
}

fn rows() -> Rows {
    Rows { term: 1, leases: vec![Lease { feeder: 0, number: 1, from: 0, until: 10 }], ended: vec![1] }
}

#[test]
fn locusts_worker_does_as_it_is_told() {
    let share = Share {
        offset: 0,
        stride: 2,
        workers: 2,
        elapsed_us: 1_000_000,
        users: [("Reader".to_owned(), ClassShare { before: 3, in_fleet: 9 })].into(),
    };
    let whole = SpawnJob { stage: Some(1), share: Some(share), rows: Some(rows()), ..job(2.5, 1, 3) };
    let echo =
        Echo { sent_at_us: 1, master_us: 2, acknowledged: Some(Acknowledged { process: 3, sequence: 4 }) };
    let attributes = vec![
        ("weight".to_owned(), Free::Int(7)),
        ("color".to_owned(), Free::Text("red".to_owned())),
        ("tasks".to_owned(), Free::List(vec![Free::Text("read".to_owned())])),
    ];
    let told = after(&[
        ToWorker::Ack { index: Some(7), akrida: true },
        ToWorker::Ack { index: None, akrida: false },
        ToWorker::Spawn(job(1.5, 3, 1)),
        ToWorker::Spawn(whole),
        // Older than the newest: it has no effect.
        ToWorker::Spawn(job(2.0, 9, 9)),
        ToWorker::SpawningComplete { user_count: 4 },
        ToWorker::Heartbeat(None),
        ToWorker::Heartbeat(Some(echo)),
        ToWorker::Rows(rows()),
        ToWorker::Acknowledged(Acknowledged { process: 3, sequence: 4 }),
        ToWorker::UpdateUserClass { user_class_name: "Reader".to_owned(), attributes },
        ToWorker::Custom { kind: "of_a_locustfile".to_owned() },
        ToWorker::Custom { kind: "of_nobody".to_owned() },
        ToWorker::Stop,
        // After this nothing is sure to arrive.
        ToWorker::Reconnect,
    ]);
    assert_eq!((&told[0]["index"], &told[1]["index"]), (&json!(7), &json!(7)));
    let doing = |at: usize| (told[at]["state"].as_str().unwrap(), told[at]["users"].clone());
    let users = |readers: u64, writers: u64| json!({ "Reader": readers, "Writer": writers });
    assert_eq!(doing(1), ("ready", users(0, 0)));
    assert_eq!(doing(2), ("running", users(3, 1)));
    for key in ["host", "stop_timeout", "custom", "tags"] {
        let wanted = json!({
            "host": "http://127.0.0.1:1", "stop_timeout": 0.25, "custom": "it's \u{2603}", "tags": []
        });
        assert_eq!(told[2][key], wanted[key], "{key}");
    }
    assert_eq!((doing(3), doing(4)), (("running", users(1, 3)), ("running", users(1, 3))));
    assert_eq!(told[5]["spawned"], json!([4]));
    assert_eq!(
        (&told[5]["reader"]["color"], &told[10]["reader"]),
        (&Value::Null, &json!({ "weight": 7, "color": "red", "tasks": ["read"] }),)
    );
    assert_eq!(told[7]["heard"], true);
    assert_eq!(
        (&told[10]["custom_messages"], &told[12]["custom_messages"]),
        (&json!([]), &json!(["of_a_locustfile"]))
    );
    assert_eq!((doing(12), doing(13)), (("running", users(1, 3)), ("ready", users(0, 0))));
}

#[test]
fn locusts_worker_ends_when_it_is_told() {
    let told = after(&[ToWorker::Spawn(job(1.5, 3, 1)), ToWorker::Quit]);
    assert_eq!(told[1]["users"], json!({ "Reader": 0, "Writer": 0 }));
}

#[test]
fn locusts_worker_reads_our_answer_when_it_asks_for_the_test() {
    let sources = LocustfileReply::Sources(vec![
        LocustfileSource::File { filename: "a.py".to_owned(), contents: "# \u{2603}\n".to_owned() },
        LocustfileSource::Url("http://127.0.0.1:1/b.py".to_owned()),
    ]);
    let error = LocustfileReply::Error("there is none".to_owned());
    let reply = |reply| line("download", "", &ToWorker::Locustfile(reply).encode("w"));
    let told = tell(&[reply(sources), reply(error)]);
    let files = json!([{ "filename": "a.py", "contents": "# \u{2603}\n" }, "http://127.0.0.1:1/b.py"]);
    assert_eq!(told, [json!({ "files": files }), json!({ "exit": 1 })]);
}

#[test]
fn each_message_of_locusts_master_is_understood() {
    let said = tell(&[json!({ "to": "themselves" })]).remove(0);
    let mut kinds = BTreeSet::new();
    for frame in frames(&said["sent"]["to_worker"]) {
        let message = ToWorker::decode(&frame).unwrap().message;
        kinds.insert(message.kind().to_owned());
        match message {
            ToWorker::Ack { index, akrida } => assert_eq!((index, akrida), (Some(0), false)),
            ToWorker::Spawn(job) => {
                assert_eq!(job.user_classes_count.values().sum::<u64>(), 4);
                assert_eq!((job.host, job.stop_timeout, job.share), (None, Some(0.0), None));
            }
            ToWorker::SpawningComplete { user_count } => assert_eq!(user_count, 4),
            ToWorker::Heartbeat(echo) => assert_eq!(echo, None),
            ToWorker::UpdateUserClass { user_class_name, attributes } => {
                let tasks = Free::List(vec![Free::Text("read".to_owned())]);
                let wanted = [("weight".to_owned(), Free::Int(5)), ("tasks".to_owned(), tasks)];
                assert_eq!((user_class_name.as_str(), &attributes[..]), ("Reader", &wanted[..]));
            }
            _ => {}
        }
    }
    let all = [
        "ack",
        "heartbeat",
        "locustfile",
        "of_a_locustfile",
        "quit",
        "reconnect",
        "spawn",
        "spawning_complete",
        "stop",
        "update_user_class",
    ];
    assert_eq!(kinds.iter().map(String::as_str).collect::<Vec<_>>(), all);
}
