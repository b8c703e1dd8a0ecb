//! Each message to a master: from our encoder to Locust's master, and from Locust's worker to our decoder.

use super::{frames, line, tell};
use akrida_protocol::{
    AkridaHeartbeat, LocustfileReply, LocustfileSource, Receipt, StatsReport, ToMaster, ToWorker, Version,
    WorkerState,
};
use akrida_stats::Delta;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const OURS: &str = "here_5d41402abc4b2a76b9719d911017c592";

/// What Locust's master knows after each message, and what it answered.
fn after(messages: &[ToMaster]) -> Vec<(Value, Vec<ToWorker>)> {
    let lines: Vec<Value> =
        messages.iter().map(|message| line("master", OURS, &message.encode(OURS))).collect();
    let told = tell(&lines).into_iter().zip(messages).map(|(answer, message)| {
        assert_eq!((&answer["type"], &answer["node_id"]), (&json!(message.kind()), &json!(OURS)));
        let said = frames(&answer["answers"]);
        let said = said.iter().map(|frame| {
            let read = ToWorker::decode(frame).unwrap();
            assert_eq!(read.node_id, OURS);
            read.message
        });
        let said = said.collect();
        (answer, said)
    });
    told.collect()
}

fn heartbeat(state: WorkerState, extra: Option<AkridaHeartbeat>) -> ToMaster {
    ToMaster::Heartbeat { state, cpu_usage: 12.5, memory_usage: 1 << 33, extra }
}

fn users(readers: u64, writers: u64) -> BTreeMap<String, u64> {
    [("Reader".to_owned(), readers), ("Writer".to_owned(), writers)].into()
}

#[test]
fn a_worker_is_known_as_it_says() {
    let extra = AkridaHeartbeat {
        cores: 4,
        lag_p95_us: 1_000,
        lag_max_us: 2_000,
        sent_at_us: 1_795_000_000_000_000,
        clock_ahead_us: Some(-5),
    };
    let report = StatsReport {
        delta: Delta::default(),
        user_classes_count: users(2, 1),
        user_count: 3,
        exact: true,
        sequence: Some(1),
        process: Some(1),
        receipt: Some(Receipt { acknowledged: 1, at_once: true }),
        job: Some(1_795_000_000.25),
        ended: users(1, 0),
        stop_run: Some("a reason".to_owned()),
        rows: None,
    };
    let messages = [
        ToMaster::ClientReady(Version::Old),
        ToMaster::ClientReady(Version::Told("2.47.0".to_owned())),
        heartbeat(WorkerState::Ready, Some(extra)),
        ToMaster::Spawning,
        ToMaster::SpawningComplete { user_classes_count: users(3, 1), user_count: 4 },
        ToMaster::Stats(report),
        heartbeat(WorkerState::Other("cleanup".to_owned()), None),
        ToMaster::ClientStopped,
        ToMaster::ClientReady(Version::Unchecked),
        ToMaster::Quit,
    ];
    let client = |state: &str, users: Value, cpu: f64, memory: u64| json!([state, users, cpu, memory]);
    let memory = 1 << 33;
    let expected = [
        None,
        Some(client("ready", json!({}), 0.0, 0)),
        Some(client("ready", json!({}), 12.5, memory)),
        Some(client("spawning", json!({}), 12.5, memory)),
        Some(client("running", json!(users(3, 1)), 12.5, memory)),
        Some(client("running", json!(users(2, 1)), 12.5, memory)),
        Some(client("cleanup", json!(users(2, 1)), 12.5, memory)),
        None,
        Some(client("ready", json!({}), 0.0, 0)),
        None,
    ];
    // Its own worker is the first one that Locust's master counted.
    let ack = || ToWorker::Ack { index: Some(1), akrida: false };
    let answers = [
        vec![],
        vec![ack()],
        vec![ToWorker::Heartbeat(None)],
        vec![],
        vec![],
        vec![],
        vec![ToWorker::Heartbeat(None)],
        vec![],
        vec![ack()],
        vec![],
    ];
    for (at, (knows, said)) in after(&messages).into_iter().enumerate() {
        let known = &knows["clients"][OURS];
        let number = |value: &Value| value.as_f64().map(|number| json!(number)).unwrap_or(value.clone());
        let known = known.as_array().map(|known| known.iter().map(number).collect::<Vec<_>>());
        let wanted = expected[at].as_ref().map(|client| client.as_array().unwrap());
        let wanted = wanted.map(|client| client.iter().map(number).collect::<Vec<_>>());
        assert_eq!(known, wanted, "after message {at}, {}", messages[at].kind());
        assert_eq!(said, answers[at], "to message {at}, {}", messages[at].kind());
    }
}

#[test]
fn what_a_worker_tells_beside_is_kept() {
    let exception = |msg: &str| ToMaster::Exception {
        msg: msg.to_owned(),
        traceback: "In watch of a user of class Reader: it's \u{2603}".to_owned(),
    };
    let logs = ["one", "it's \u{2603}"].map(str::to_owned).to_vec();
    let told = after(&[
        ToMaster::ClientReady(Version::Told("2.47.0".to_owned())),
        exception("first"),
        exception("second"),
        ToMaster::Logs { worker_id: OURS.to_owned(), logs: logs.clone() },
        ToMaster::Custom { kind: "of_a_locustfile".to_owned() },
        ToMaster::Custom { kind: "of_nobody".to_owned() },
        ToMaster::Locustfile { version: "2.47.0".to_owned(), akrida: true },
    ]);
    let (knows, said) = told.last().unwrap();
    let [row] = knows["exceptions"].as_array().unwrap().as_slice() else { panic!("{knows}") };
    assert_eq!((&row["count"], &row["msg"], &row["nodes"]), (&json!(2), &json!("first"), &json!([OURS])));
    assert_eq!(row["traceback"], "In watch of a user of class Reader: it's \u{2603}");
    assert_eq!(knows["logs"][OURS], json!(logs));
    let [ToWorker::Locustfile(LocustfileReply::Sources(sources))] = said.as_slice() else {
        panic!("{said:?}");
    };
    let [LocustfileSource::File { filename, contents }] = sources.as_slice() else { panic!("{sources:?}") };
    assert_eq!(
        (filename.as_str(), contents.as_str()),
        ("both_ends.py", include_str!("../../../python/both_ends.py"))
    );
}

#[test]
fn each_message_of_locusts_workers_is_understood() {
    let said = tell(&[json!({ "to": "themselves" })]).remove(0);
    let mut kinds = BTreeSet::new();
    for frame in frames(&said["sent"]["to_master"]) {
        let message = ToMaster::decode(&frame).unwrap().message;
        kinds.insert(message.kind().to_owned());
        match message {
            ToMaster::ClientReady(version) => assert_eq!(version, Version::Told("2.47.0".to_owned())),
            ToMaster::Heartbeat { extra, .. } => assert_eq!(extra, None),
            ToMaster::SpawningComplete { user_classes_count, user_count } => {
                assert_eq!((user_classes_count, user_count), (users(3, 1), 4));
            }
            ToMaster::Exception { msg, traceback } => {
                assert_eq!(msg, "deliberate \u{2603}");
                assert!(traceback.contains("both_ends.py"), "{traceback}");
            }
            ToMaster::Logs { logs, .. } => assert_eq!(logs, ["one", "two"]),
            ToMaster::Locustfile { version, .. } => assert_eq!(version, "2.47.0"),
            ToMaster::Stats(report) => assert!(!report.exact && report.sequence.is_none()),
            _ => {}
        }
    }
    let all = [
        "client_ready",
        "client_stopped",
        "exception",
        "heartbeat",
        "locustfile",
        "logs",
        "of_a_locustfile",
        "quit",
        "spawning",
        "spawning_complete",
        "stats",
    ];
    assert_eq!(kinds.iter().map(String::as_str).collect::<Vec<_>>(), all);
}
