//! The HTTP API of a Locust master, as a script uses it.

use crate::binary::now;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// Whatever takes longer has failed. A stop may take as long as Locust's stop timeout.
const PATIENCE: Duration = Duration::from_secs(60);

/// The page of a master.
pub(super) struct Web {
    address: String,
}

impl Web {
    pub(super) fn at(port: &str) -> Self {
        Self { address: format!("127.0.0.1:{port}") }
    }

    /// The answer to a GET; `None` while nobody listens.
    pub(super) fn get(&self, path: &str) -> Option<Value> {
        self.exchange("GET", path, "", "")
    }

    /// The answer to a form.
    pub(super) fn post(&self, path: &str, form: &str) -> Value {
        self.exchange("POST", path, "application/x-www-form-urlencoded", form).unwrap()
    }

    /// Changes a user class.
    pub(super) fn change(&self, class: &Value) {
        self.exchange("POST", "/user", "application/json", &class.to_string()).unwrap();
    }

    /// The first answer of which this is so.
    #[track_caller]
    pub(super) fn until(&self, path: &str, so: impl Fn(&Value) -> bool) -> Value {
        let deadline = now() + PATIENCE;
        loop {
            let answer = self.get(path);
            if let Some(answer) = &answer
                && so(answer)
            {
                return answer.clone();
            }
            assert!(now() < deadline, "it does not come to pass at {path}: {answer:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn exchange(&self, method: &str, path: &str, kind: &str, body: &str) -> Option<Value> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             content-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 20"), "{answer}");
        Some(serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}")))
    }
}
