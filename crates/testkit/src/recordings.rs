//! What real masters and workers of Locust said to each other.

use bytes::Bytes;
use std::time::Duration;

/// One message of a recorded session.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Since the session began.
    pub at: Duration,
    /// The worker that said it or is told it.
    pub peer: String,
    /// Whether the worker said it.
    pub to_master: bool,
    /// Its type.
    pub kind: String,
    /// The whole of it.
    pub frame: Bytes,
}

/// The session of this name, in order; they stand beside the tests of the protocol.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn session(name: &str) -> Vec<Recorded> {
    let file = format!("{}/../protocol/tests/traces/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    text.lines().map(|line| message(line).unwrap_or_else(|| panic!("{file}: {line}"))).collect()
}

fn message(line: &str) -> Option<Recorded> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    let text = |key: &str| line[key].as_str();
    let hex = text("hex")?;
    let byte = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    Some(Recorded {
        at: Duration::from_secs_f64(line["t"].as_f64()?),
        peer: text("peer")?.to_owned(),
        to_master: text("dir")? == "w2m",
        kind: text("type")?.to_owned(),
        frame: (0..hex.len()).step_by(2).map(byte).collect::<Option<Vec<u8>>>()?.into(),
    })
}
