//! Frames that no sound peer would send: recorded ones, damaged, and others made up to be as bad as they can.

use super::tree::Tree;
use bytes::Bytes;
use fastrand::Rng;
use std::path::Path;

/// The recorded sessions of Locust and its workers.
const RECORDINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../protocol/tests/traces");

/// Longest recorded frame that is taken, bytes: the files that a master hands out are long and all alike.
const LONGEST: usize = 16 * 1024;

/// Types of messages, in both directions.
const KINDS: &[&str] = &[
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
    "ack",
    "spawn",
    "stop",
    "reconnect",
    "update_user_class",
    "custom",
    "",
    "hatch",
    "hatching",
    "hatch_complete",
];

/// Names that mean something to one of the two sides.
const FIELDS: &[&str] = &[
    "state",
    "current_cpu_usage",
    "current_memory_usage",
    "akrida",
    "cores",
    "lag_p95_us",
    "sent_at_us",
    "stats",
    "stats_total",
    "errors",
    "user_classes_count",
    "user_count",
    "sequence",
    "job",
    "ended",
    "stop_run",
    "arrivals",
    "hist",
    "tags",
    "stage",
    "from_intended",
    "num_requests",
    "num_reqs_per_sec",
    "response_times",
    "timestamp",
    "host",
    "stop_timeout",
    "parsed_options",
    "share",
    "offset",
    "stride",
    "elapsed_us",
    "users",
    "index",
    "msg",
    "traceback",
    "logs",
    "worker_id",
    "name",
    "method",
    "count",
    "num_clients",
    "num_users",
    "hatch_rate",
    "spawn_rate",
    "occurences",
    "__datetime__",
    "as_str",
];

/// Makes hostile frames.
#[derive(Clone, Debug)]
pub(crate) struct Frames {
    to_master: Vec<Bytes>,
    to_worker: Vec<Bytes>,
    /// Identities of others, to be named in bodies.
    ids: Vec<String>,
    /// Classes of the test, so that counts hit something.
    classes: Vec<String>,
}

impl Frames {
    /// From the recorded sessions, and from `more` frames (whether to the master, frame). `ids` are others' names,
    /// `classes` those of the test.
    pub(crate) fn new(more: Vec<(bool, Bytes)>, ids: Vec<String>, classes: &[&str]) -> Self {
        let (mut to_master, mut to_worker) = (Vec::new(), Vec::new());
        for (is_to_master, frame) in recorded(Path::new(RECORDINGS)).into_iter().chain(more) {
            if frame.len() <= LONGEST {
                if is_to_master { &mut to_master } else { &mut to_worker }.push(frame);
            }
        }
        let classes = classes.iter().map(|&class| class.to_owned()).collect();
        Self { to_master, to_worker, ids, classes }
    }

    /// A frame for a master.
    pub(crate) fn to_master(&self, rng: &mut Rng) -> Bytes {
        self.hostile(&self.to_master, rng)
    }

    /// A frame for a worker.
    pub(crate) fn to_worker(&self, rng: &mut Rng) -> Bytes {
        self.hostile(&self.to_worker, rng)
    }

    fn hostile(&self, sound: &[Bytes], rng: &mut Rng) -> Bytes {
        let frame = &sound[rng.usize(0..sound.len())];
        match rng.u8(0..20) {
            0 => frame.clone(),
            1 => noise(rng, 300).into(),
            2 => envelope(self.kind(rng), self.value(rng, 0), self.id(rng)),
            3 => claims(self.kind(rng), rng),
            4..=7 => damaged(frame, rng),
            8 => damaged(&self.altered(frame, rng), rng),
            _ => self.altered(frame, rng),
        }
    }

    /// A sound frame of which some values are others.
    fn altered(&self, frame: &Bytes, rng: &mut Rng) -> Bytes {
        let Some(mut tree) = Tree::read(&mut &frame[..]) else { return frame.clone() };
        for _ in 0..=rng.usize(0..4) {
            let at = rng.usize(0..tree.len());
            let part = tree.nth(at);
            match part {
                Tree::List(items) if !items.is_empty() && rng.bool() => restructure(items, rng),
                Tree::Map(pairs) if !pairs.is_empty() && rng.bool() => restructure(pairs, rng),
                Tree::Uint(number) if rng.bool() => {
                    *number = number.wrapping_add(rng.u64(0..3)).wrapping_sub(1);
                }
                Tree::Float(number) if rng.bool() => *number += [-1e9, -5.0, 5.0, 1e9][rng.usize(0..4)],
                _ => *part = self.value(rng, 0),
            }
        }
        // Whoever is named is not who speaks.
        if let Tree::List(elements) = &mut tree
            && let Some(node_id) = elements.get_mut(2)
            && rng.u8(0..3) == 0
        {
            *node_id = Tree::text(self.id(rng));
        }
        written(&tree)
    }

    fn kind(&self, rng: &mut Rng) -> &'static str {
        KINDS[rng.usize(0..KINDS.len())]
    }

    fn id(&self, rng: &mut Rng) -> &str {
        if self.ids.is_empty() { "w" } else { &self.ids[rng.usize(0..self.ids.len())] }
    }

    fn word(&self, rng: &mut Rng) -> String {
        match rng.u8(0..8) {
            0 => String::new(),
            1 => "x".repeat(rng.usize(0..3_000)),
            2 => "é\u{1b}[2J\0\"\\\u{202e}".to_owned(),
            3 => rng.u64(0..10).to_string(),
            4 => self.id(rng).to_owned(),
            5 => self.classes.get(rng.usize(0..=self.classes.len())).cloned().unwrap_or_default(),
            6 => ["ready", "running", "spawning", "stopped", "missing"][rng.usize(0..5)].to_owned(),
            _ => FIELDS[rng.usize(0..FIELDS.len())].to_owned(),
        }
    }

    fn value(&self, rng: &mut Rng, depth: usize) -> Tree {
        match rng.u8(0..if depth < 4 { 14 } else { 10 }) {
            0 => Tree::Nil,
            1 => Tree::Bool(rng.bool()),
            2 => Tree::Uint(counts(rng)),
            3 => Tree::Int([-1, i64::MIN, -128, -1_000_000_007][rng.usize(0..4)]),
            4 | 5 => Tree::Float(numbers(rng)),
            6 | 7 => Tree::text(&self.word(rng)),
            8 => Tree::Text(noise(rng, 20)),
            9 => Tree::Blob(noise(rng, 200)),
            10 => {
                let items = rng.usize(0..6);
                Tree::List((0..items).map(|_| self.value(rng, depth + 1)).collect())
            }
            11 => {
                let pairs = rng.usize(0..6);
                Tree::Map(
                    (0..pairs).map(|_| (self.value(rng, depth + 1), self.value(rng, depth + 1))).collect(),
                )
            }
            12 => {
                let pairs = rng.usize(0..6);
                let pair = |_| (Tree::Text(self.word(rng).into_bytes()), self.value(rng, depth + 1));
                Tree::Map((0..pairs).map(pair).collect())
            }
            _ => self.huge(rng),
        }
    }

    /// Something deep or wide.
    fn huge(&self, rng: &mut Rng) -> Tree {
        match rng.u8(0..6) {
            0 => (0..rng.usize(0..2_000)).fold(Tree::Nil, |inner, _| Tree::List(vec![inner])),
            1 => (0..rng.usize(0..200)).fold(Tree::Nil, |inner, _| Tree::map([("a", inner)])),
            2 => Tree::List(vec![Tree::Uint(1); rng.usize(0..5_000)]),
            3 => {
                // Seconds all over the calendar, buckets all over the clock.
                let pairs = 0..rng.u64(0..3_000);
                Tree::Map(pairs.map(|_| (Tree::Uint(rng.u64(0..1 << 33)), Tree::Uint(counts(rng)))).collect())
            }
            4 => {
                let names = 0..rng.u64(0..1_500);
                let class = |_| (Tree::text(&rng.u32(..).to_string()), Tree::Uint(1));
                Tree::Map(names.map(class).collect())
            }
            _ => {
                let entries = 0..rng.u64(0..300);
                Tree::List(entries.map(|_| entry(&format!("/{}", rng.u32(..)), rng)).collect())
            }
        }
    }

    /// A report as an Akrida worker would write it, with many entries, each under a name of its own.
    pub(crate) fn many_names(&self, entries: u64, sequence: u64, rng: &mut Rng) -> Bytes {
        let stats = (0..entries).map(|_| entry(&format!("/{}", rng.u64(..)), rng)).collect();
        let error = |_| {
            let error = format!("error {}", rng.u64(..));
            let row = Tree::map([
                ("name", Tree::text("/")),
                ("method", Tree::text("GET")),
                ("error", Tree::text(&error)),
                ("occurrences", Tree::Uint(counts(rng) >> 11)),
            ]);
            (Tree::Text(error.into_bytes()), row)
        };
        let data = Tree::map([
            ("errors", Tree::Map((0..entries / 2).map(error).collect())),
            ("stats", Tree::List(stats)),
            ("stats_total", entry("Aggregated", rng)),
            ("user_classes_count", Tree::map([])),
            ("user_count", Tree::Uint(0)),
            ("akrida", Tree::map([("sequence", Tree::Uint(sequence))])),
        ]);
        envelope("stats", data, self.id(rng))
    }
}

/// An entry that can be read.
fn entry(name: &str, rng: &mut Rng) -> Tree {
    let count = |rng: &mut Rng| Tree::Uint(counts(rng) >> 11);
    let second = rng.u64(0..1 << 32);
    Tree::map([
        ("name", Tree::text(name)),
        ("method", Tree::text(["GET", "POST", ""][rng.usize(0..3)])),
        ("last_request_timestamp", if rng.bool() { Tree::Nil } else { Tree::Float(rng.f64() * 4e9) }),
        ("start_time", Tree::Float(rng.f64() * 4e9)),
        ("num_requests", count(rng)),
        ("num_none_requests", count(rng)),
        ("num_failures", count(rng)),
        ("total_response_time", Tree::Float(rng.f64() * 1e12)),
        ("max_response_time", Tree::Float(rng.f64() * 1e12)),
        ("min_response_time", if rng.bool() { Tree::Nil } else { Tree::Float(rng.f64() * 1e12) }),
        ("total_content_length", count(rng)),
        ("response_times", Tree::Map(vec![(Tree::Uint(rng.u64(0..1 << 40)), count(rng))])),
        ("num_reqs_per_sec", Tree::Map(vec![(Tree::Uint(second), count(rng))])),
        ("num_fail_per_sec", Tree::Map(vec![(Tree::Uint(second), count(rng))])),
    ])
}

fn counts(rng: &mut Rng) -> u64 {
    let edges =
        [0, 1, 2, 127, 128, 65_535, u64::from(u32::MAX), (1 << 53) - 1, 1 << 53, (1 << 53) + 1, u64::MAX];
    if rng.bool() { edges[rng.usize(0..edges.len())] } else { rng.u64(..) >> rng.u32(0..64) }
}

fn numbers(rng: &mut Rng) -> f64 {
    let edges = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -0.0,
        -1.0,
        0.5,
        1e300,
        -1e300,
        f64::MIN_POSITIVE,
        1e-320,
        1_700_000_000.0,
        1_699_990_000.5,
        1_800_000_000.0,
        9e15,
        1e19,
    ];
    if rng.bool() { edges[rng.usize(0..edges.len())] } else { f64::from_bits(rng.u64(..)) }
}

fn noise(rng: &mut Rng, most: usize) -> Vec<u8> {
    (0..rng.usize(0..most)).map(|_| rng.u8(..)).collect()
}

/// A frame that claims to be much longer than it is.
fn claims(kind: &str, rng: &mut Rng) -> Bytes {
    let claim: &[u8] = [
        &b"\xdd\xff\xff\xff\xff"[..],
        b"\xdf\xff\xff\xff\xff",
        b"\xdb\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xc9\xff\xff\xff\xff\x01",
        b"\xdc\xff\xff",
        b"\xc1",
    ][rng.usize(0..7)];
    let mut frame = b"\x93".to_vec();
    Tree::text(kind).write(&mut frame);
    if rng.bool() {
        frame.push(0x81);
        Tree::text(FIELDS[rng.usize(0..FIELDS.len())]).write(&mut frame);
    }
    frame.extend_from_slice(claim);
    frame.into()
}

/// Other bytes at some places, or fewer, or more.
fn damaged(frame: &Bytes, rng: &mut Rng) -> Bytes {
    let mut bytes = frame.to_vec();
    for _ in 0..=rng.usize(0..5) {
        if bytes.is_empty() {
            break;
        }
        let at = rng.usize(0..bytes.len());
        match rng.u8(0..8) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, rng.u8(..)),
            2 => drop(bytes.remove(at)),
            3 => bytes[at] ^= 1 << rng.u8(0..8),
            4 => {
                let until = rng.usize(at..bytes.len()).min(at + 50);
                let again = bytes[at..until].to_vec();
                bytes.splice(at..at, again);
            }
            _ => bytes[at] = rng.u8(..),
        }
    }
    bytes.into()
}

/// Leaves one out, doubles one, or lets two change places.
fn restructure<T: Clone>(parts: &mut Vec<T>, rng: &mut Rng) {
    let (at, other) = (rng.usize(0..parts.len()), rng.usize(0..parts.len()));
    match rng.u8(0..3) {
        0 => drop(parts.remove(at)),
        1 => parts.insert(at, parts[other].clone()),
        _ => parts.swap(at, other),
    }
}

fn envelope(kind: &str, data: Tree, node_id: &str) -> Bytes {
    written(&Tree::List(vec![Tree::text(kind), data, Tree::text(node_id)]))
}

fn written(tree: &Tree) -> Bytes {
    let mut frame = Vec::new();
    tree.write(&mut frame);
    frame.into()
}

/// All recorded frames, also those of old generations: whether to the master, and the frame.
fn recorded(folder: &Path) -> Vec<(bool, Bytes)> {
    let files = std::fs::read_dir(folder).expect("the recordings are there");
    let mut files: Vec<_> = files.map(|file| file.expect("a folder is listed").path()).collect();
    // A seed is a whole history: in the same order on each machine.
    files.sort();
    let mut frames = Vec::new();
    for file in files {
        if file.is_dir() {
            frames.extend(recorded(&file));
            continue;
        }
        let lines = std::fs::read_to_string(&file).expect("recordings are text");
        for line in lines.lines() {
            let line: serde_json::Value = serde_json::from_str(line).expect("recordings are JSON");
            let hex = line["hex"].as_str().expect("recordings hold frames");
            let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("recordings are hexadecimal");
            let frame: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
            frames.push((line["dir"] == "w2m", frame.into()));
        }
    }
    frames
}
