//! Whoever reaches the master's port may say anything to it: a good worker is served all the same, and no figure of it
//! changes.

use crate::upheaval::{Fleet, USERS};
use akrida_protocol::{StatsReport, ToMaster, ToWorker, Version, WorkerState};
use akrida_run::{FleetEventKind, Row, RunState, Snapshot};
use akrida_stats::{Delta, EntryKey, Measured};
use akrida_testkit::Peer;
use rmp::encode;
use std::sync::Arc;

/// Any msgpack.
#[derive(Clone)]
enum Value {
    Nil,
    Int(i64),
    Big(u64),
    Float(f64),
    Text(&'static str),
    List(Vec<Value>),
    Map(Vec<(&'static str, Value)>),
}

impl Value {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Nil => encode::write_nil(out).unwrap(),
            Self::Int(value) => drop(encode::write_sint(out, *value).unwrap()),
            Self::Big(value) => drop(encode::write_uint(out, *value).unwrap()),
            Self::Float(value) => encode::write_f64(out, *value).unwrap(),
            Self::Text(value) => encode::write_str(out, value).unwrap(),
            Self::List(values) => {
                encode::write_array_len(out, u32::try_from(values.len()).unwrap()).unwrap();
                values.iter().for_each(|value| value.write(out));
            }
            Self::Map(members) => {
                encode::write_map_len(out, u32::try_from(members.len()).unwrap()).unwrap();
                for (key, value) in members {
                    encode::write_str(out, key).unwrap();
                    value.write(out);
                }
            }
        }
    }
}

/// A message of this kind that claims to be of `node`.
fn message(kind: &str, data: &Value, node: &str) -> Vec<u8> {
    let mut out = vec![0x93];
    encode::write_str(&mut out, kind).unwrap();
    data.write(&mut out);
    encode::write_str(&mut out, node).unwrap();
    out
}

const KINDS: [&str; 11] = [
    "client_ready",
    "heartbeat",
    "stats",
    "logs",
    "spawning",
    "spawning_complete",
    "client_stopped",
    "exception",
    "quit",
    "locustfile",
    "made_up",
];

/// Values that are no number, or none that counts anything.
fn numbers() -> Vec<Value> {
    let floats = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, -1.5, -0.0];
    let mut numbers: Vec<_> = floats.map(Value::Float).into();
    numbers.extend([Value::Int(-1), Value::Int(i64::MIN), Value::Big(u64::MAX), Value::Big(1 << 62)]);
    numbers
}

/// Bodies that are no message at all.
fn garbage() -> Vec<Vec<u8>> {
    let deep = |open: u8| [&b"\x93\xa5stats"[..], &vec![open; 100_000]].concat();
    let whole = ToMaster::Quit.encode("x").to_vec();
    vec![
        Vec::new(),
        vec![0xc1],
        vec![0xff; 5_000],
        b"GET / HTTP/1.1".to_vec(),
        whole[..whole.len() - 1].to_vec(),
        [&whole[..], b"more"].concat(),
        // Four thousand million members, and none of them.
        b"\xdd\xff\xff\xff\xff".to_vec(),
        b"\x93\xa5stats\xdf\xff\xff\xff\xff".to_vec(),
        b"\x93\xdb\xff\xff\xff\xffstats".to_vec(),
        b"\x93\xa2\xff\xfe\xc0\xa1x".to_vec(),
        deep(0x91),
        deep(0x81),
        vec![0; 1 << 20],
    ]
}

/// Messages of each kind with data of wrong shapes, that name this node.
fn shapes(node: &str) -> Vec<Vec<u8>> {
    let mut values =
        vec![Value::Nil, Value::Text("text"), Value::List(vec![Value::Nil; 3]), Value::Map(Vec::new())];
    values.extend(numbers());
    for number in numbers() {
        values.push(Value::Map(vec![
            ("state", Value::Text("running")),
            ("current_cpu_usage", number.clone()),
            ("current_memory_usage", number.clone()),
            ("user_count", number.clone()),
            ("user_classes_count", Value::Map(vec![("Reader", number.clone()), ("\u{1b}[2J", number)])),
        ]));
    }
    let kinds = KINDS.iter().filter(|kind| **kind != "client_ready");
    kinds.flat_map(|kind| values.iter().map(|value| message(kind, value, node)).collect::<Vec<_>>()).collect()
}

/// Statistics with each of the numbers in each place.
fn statistics(node: &str) -> Vec<Vec<u8>> {
    let report = |number: Value| {
        let times = Value::Map(vec![("12", number.clone()), ("x", number.clone()), ("-3", Value::Int(1))]);
        let entry = |name| {
            Value::Map(vec![
                ("name", Value::Text(name)),
                ("method", Value::Text("GET")),
                ("last_request_timestamp", number.clone()),
                ("start_time", number.clone()),
                ("num_requests", number.clone()),
                ("num_none_requests", number.clone()),
                ("num_failures", number.clone()),
                ("total_response_time", number.clone()),
                ("max_response_time", number.clone()),
                ("min_response_time", number.clone()),
                ("total_content_length", number.clone()),
                ("response_times", times.clone()),
                ("num_reqs_per_sec", times.clone()),
                ("num_fail_per_sec", times.clone()),
            ])
        };
        let error = Value::Map(vec![
            ("name", Value::Text("/lie")),
            ("method", Value::Text("GET")),
            ("error", Value::Text("NaN")),
            ("occurrences", number.clone()),
            ("first_seen", number.clone()),
            ("last_seen", number.clone()),
        ]);
        Value::Map(vec![
            ("stats", Value::List(vec![entry("/lie"), entry("/lie")])),
            ("stats_total", entry("Aggregated")),
            ("errors", Value::Map(vec![("key", error)])),
            ("user_classes_count", Value::Map(vec![("Reader", number.clone())])),
            ("user_count", number),
        ])
    };
    let mut all = numbers();
    all.extend([Value::Int(1), Value::Float(0.5)]);
    all.into_iter().map(|number| message("stats", &report(number), node)).collect()
}

/// Statistics that are in order, of a thousand requests.
fn good_statistics(node: &str) -> Vec<u8> {
    let entry = Measured { requests: 1_000, untimed: 1_000, ..Measured::default() };
    let mut delta = Delta::default();
    delta.entries.insert(EntryKey::plain("GET", "/lie"), entry);
    let report = StatsReport {
        delta,
        user_classes_count: [("Reader".to_owned(), 99)].into(),
        user_count: 99,
        exact: true,
        sequence: Some(1),
        process: Some(1),
        receipt: None,
        job: None,
        ended: [].into(),
        stop_run: Some("enough".to_owned()),
        rows: None,
    };
    ToMaster::Stats(report).encode(node).to_vec()
}

fn ready(node: &str) -> Vec<u8> {
    ToMaster::ClientReady(Version::Told("2.47.0".to_owned())).encode(node).to_vec()
}

fn heartbeat(node: &str) -> Vec<u8> {
    let state = WorkerState::Running;
    ToMaster::Heartbeat { state, cpu_usage: 0.0, memory_usage: 0, extra: None }.encode(node).to_vec()
}

/// Waits until the master says something of this kind.
fn hears(peer: &mut Peer, kind: &str) {
    loop {
        let body = peer.hear().unwrap_or_else(|| panic!("the connection ended before {kind}"));
        if ToWorker::decode(&body).unwrap().message.kind() == kind {
            return;
        }
    }
}

/// The good worker's id. What happens to it stands in the events.
fn good(snapshot: &Snapshot) -> String {
    snapshot.workers[0].id.clone()
}

fn is_about(kind: &FleetEventKind, worker: &str) -> bool {
    match kind {
        FleetEventKind::WorkerLeft { id, .. }
        | FleetEventKind::WorkerMissing { id }
        | FleetEventKind::WorkerBack { id } => id == worker,
        _ => false,
    }
}

/// What is shown can be written as JSON, and all of it is numbers where there should be some.
fn is_sound(snapshot: &Snapshot) {
    let text = serde_json::to_string(snapshot).unwrap();
    let back: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(back["total"]["num_requests"].is_u64());
    for Row { avg_response_time, max_response_time, total_rps, current_rps, fail_ratio, .. } in
        snapshot.rows.iter().chain([&snapshot.total])
    {
        for value in [avg_response_time, max_response_time, total_rps, current_rps, fail_ratio] {
            assert!(value.is_finite() && *value >= 0.0, "{:?}", snapshot.rows);
        }
    }
    for worker in &snapshot.workers {
        assert!(worker.cpu_usage.is_finite(), "{worker:?}");
    }
    for error in &snapshot.errors {
        assert!(error.first_seen.is_none_or(f64::is_finite) && error.last_seen.is_none_or(f64::is_finite));
    }
}

#[tokio::test]
async fn what_strangers_say_changes_nothing() {
    let mut fleet = Fleet::meet(1).await;
    fleet.start(1_000.0).await;
    let worker = good(&*fleet.whole(1).await);
    let mut stranger = Peer::connect(fleet.port, "stranger");
    let lies = [good_statistics("stranger"), good_statistics(&worker)];
    let bodies = garbage().into_iter().chain(shapes(&worker)).chain(statistics(&worker)).chain(lies);
    for body in bodies {
        assert!(stranger.say(&body), "whatever it says, its connection stays");
    }
    // All of it has been read when this is answered: somebody unknown is told to stop.
    assert!(stranger.say(&heartbeat(&worker)));
    hears(&mut stranger, "stop");
    fleet.whole(1).await;
    let figures = fleet.stop().await;
    assert_eq!(figures.total.num_requests, fleet.requests(), "the good worker's, and no other");
    // That the load was late is true on a machine that does much else, and no stranger said it.
    let late = |notice: &&String| notice.starts_with("The load generator itself was the limit");
    let notices: Vec<&String> = figures.notices.iter().filter(|notice| !late(notice)).collect();
    assert_eq!((figures.workers.len(), notices, figures.exceptions.len()), (1, Vec::new(), 0));
    is_sound(&figures);
    assert!(fleet.happened().iter().all(|event| !is_about(event, &worker)));
    fleet.quit().await;
}

#[tokio::test]
async fn a_worker_that_lies_spoils_its_own_figures_and_nothing_else() {
    let mut fleet = Fleet::meet(1).await;
    fleet.start(1_000.0).await;
    let worker = good(&*fleet.whole(1).await);
    let mut liar = Peer::connect(fleet.port, "liar");
    assert!(liar.say(&ready("liar")));
    hears(&mut liar, "spawn");
    for body in garbage().into_iter().chain(shapes(&worker)).chain(statistics(&worker)) {
        assert!(liar.say(&body));
        is_sound(&fleet.newest());
    }
    // By now it has said that it quits; so it says that it is there again.
    assert!(liar.say(&ready(&worker)));
    hears(&mut liar, "ack");
    assert!(liar.say(b"\xc1"));
    hears(&mut liar, "reconnect");
    is_sound(&fleet.newest());
    drop(liar);
    let snapshot = fleet.whole(1).await;
    is_sound(&snapshot);
    let row = snapshot.workers.iter().find(|row| row.id == worker).unwrap();
    assert_eq!(row.user_count, USERS);
    assert!(fleet.happened().iter().all(|event| !is_about(event, &worker)));
    fleet.stop().await;
    fleet.quit().await;
}

#[tokio::test]
async fn of_a_storm_of_connections_with_one_name_the_newest_is_served_and_others_are_not_touched() {
    let mut fleet = Fleet::meet(1).await;
    fleet.start(1_000.0).await;
    let worker = good(&*fleet.whole(1).await);
    let mut newest = Peer::connect(fleet.port, "twin");
    let mut older = Vec::new();
    for _ in 0..200 {
        assert!(newest.say(&ready("twin")));
        hears(&mut newest, "ack");
        older.push(std::mem::replace(&mut newest, Peer::connect(fleet.port, "twin")));
    }
    assert!(newest.say(&ready("twin")));
    hears(&mut newest, "spawn");
    for mut old in older {
        while old.hear().is_some() {}
    }
    let row = |snapshot: &Arc<Snapshot>, id: &str| {
        snapshot.workers.iter().find(|row| row.id == id).map_or(0, |row| row.user_count)
    };
    // The good one has its half, and all of them when the other one is gone.
    fleet.until(|snapshot| row(snapshot, &worker) == USERS / 2).await;
    drop(newest);
    fleet.until(|snapshot| row(snapshot, &worker) == USERS && snapshot.state == RunState::Running).await;
    let events = fleet.happened();
    assert!(events.iter().all(|event| !is_about(event, &worker)), "{events:?}");
    fleet.stop().await;
    fleet.quit().await;
}

#[tokio::test]
async fn ten_thousand_names_leave_room_for_a_good_worker() {
    let fleet = Fleet::meet(1).await;
    let port = fleet.port;
    let crowd = tokio::task::spawn_blocking(move || {
        for number in 0..10_000 {
            let name = format!("crowd_{number}");
            let mut peer = Peer::connect(port, &name);
            assert!(peer.say(&ready(&name)));
        }
    });
    crowd.await.unwrap();
    fleet.start(1_000.0).await;
    fleet.whole(1).await;
    is_sound(&fleet.newest());
    let figures = fleet.stop().await;
    assert_eq!(figures.total.num_requests, fleet.requests());
    fleet.quit().await;
}
