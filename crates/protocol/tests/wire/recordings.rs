//! The recorded traffic.

/// One recorded message.
#[derive(Debug)]
pub(crate) struct Recorded {
    pub(crate) file: String,
    pub(crate) to_master: bool,
    pub(crate) kind: String,
    pub(crate) frame: Vec<u8>,
}

/// Every message that Locust 2.47.0 and its workers exchanged in the recorded sessions, in order.
pub(crate) fn recorded() -> Vec<Recorded> {
    recorded_in("tests/traces")
}

/// The same of Locust 0.8.1, 0.14.6 and 1.6.0.
pub(crate) fn recorded_of_old() -> Vec<Recorded> {
    recorded_in("tests/traces/old")
}

fn recorded_in(folder: &str) -> Vec<Recorded> {
    let mut messages = Vec::new();
    for entry in std::fs::read_dir(format!("{}/{folder}", env!("CARGO_MANIFEST_DIR"))).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            messages.push(Recorded {
                file: path.file_name().unwrap().to_string_lossy().into_owned(),
                to_master: line["dir"] == "w2m",
                kind: line["type"].as_str().unwrap().to_owned(),
                frame: from_hex(line["hex"].as_str().unwrap()),
            });
        }
    }
    messages
}

fn from_hex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}
