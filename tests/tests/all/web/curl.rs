//! Requests by real curl.

use serde_json::Value;
use std::process::{Command, Output};

/// What was answered.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// The answer to what curl sends with these arguments.
#[track_caller]
pub(super) fn curl(arguments: &[&str]) -> Answer {
    let output = run(arguments);
    assert!(output.status.success(), "curl {arguments:?}: {}", output.status);
    parse(&String::from_utf8_lossy(&output.stdout))
}

/// What comes of an answer that does not end.
pub(super) fn listen(seconds: &str, arguments: &[&str]) -> Answer {
    parse(&String::from_utf8_lossy(&run(&[&["-N", "--max-time", seconds], arguments].concat()).stdout))
}

/// The status of what a browser gets at last.
pub(super) fn followed(url: &str) -> String {
    let output = run(&["-k", "-L", "-o", "/dev/null", "-w", "%{http_code}", url]);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new("curl");
    command.args(["-q", "-s", "-i", "--noproxy", "*", "--max-time", "100"]).args(arguments);
    command.env_clear().output().expect("there is curl")
}

fn parse(mut text: &str) -> Answer {
    loop {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text}"));
        let mut lines = head.lines();
        let first = lines.next().unwrap_or_default();
        let status = first.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        if status == 100 {
            text = body;
            continue;
        }
        let headers = lines.filter_map(|line| line.split_once(':'));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
        return Answer { status, headers: headers.collect(), body: body.to_owned() };
    }
}
