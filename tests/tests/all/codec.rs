//! Real Locust takes apart what our encoder makes, with its own classes, and our decoder what Locust's makes.

mod figures;
mod to_master;
mod to_worker;

use crate::binary::locusts_python;
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::{Command, Stdio};

/// A master and a worker of Locust in one process, which answer lines with lines.
const BOTH_ENDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/python/both_ends.py");

/// Tells both ends of Locust, one after the other; what they made of each.
fn tell(lines: &[Value]) -> Vec<Value> {
    let mut command = Command::new(locusts_python());
    command.arg(BOTH_ENDS).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    // A few kilobytes, which a pipe holds; then its end.
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let (stdout, log) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    let answers: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), lines.len(), "{stdout}\n{log}");
    for (line, answer) in lines.iter().zip(&answers) {
        assert!(answer["raised"].is_null(), "{line}\n{}", answer["raised"].as_str().unwrap_or_default());
    }
    answers
}

/// A line that tells `frame` to `to`.
fn line(to: &str, peer: &str, frame: &[u8]) -> Value {
    let hex: String = frame.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({ "to": to, "peer": peer, "frame": hex })
}

/// The frames of an answer.
fn frames(list: &Value) -> Vec<Vec<u8>> {
    let byte = |hex: &str, at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    let frame = |hex: &str| (0..hex.len()).step_by(2).map(|at| byte(hex, at)).collect();
    list.as_array().unwrap().iter().map(|hex| frame(hex.as_str().unwrap())).collect()
}
