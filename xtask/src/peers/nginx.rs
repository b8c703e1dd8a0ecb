//! The server that is loaded: nginx on a core of its own, which counts for all alike.

use super::figures::Failed;
use super::peer::{folder, shell};
use crate::step::RAISE_FILES;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// One worker; a fixed answer of 13 bytes, and a shop's; connections that stay; nothing written per request.
const CONFIGURATION: &str = r#"
daemon off;
worker_processes 1;
worker_rlimit_nofile 65536;
pid nginx.pid;
error_log error.log;
events { worker_connections 20000; multi_accept on; }
http {
  access_log off;
  keepalive_timeout 1h;
  keepalive_requests 1000000000;
  server {
    listen ADDRESS backlog=16384;
    location / { default_type text/plain; return 200 'Hello, world!'; }
    location = /login { default_type application/json; return 200 '{"token": "token-1"}'; }
    location = /item { default_type application/json; return 200 '{"item": $arg_id}'; }
    location = /buy { default_type text/plain; return 200 'bought'; }
    location = /status { stub_status; }
  }
}
"#;

/// What nginx counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Status {
    /// Connections open now, the one that asks left out.
    pub(crate) connections: u64,
    /// Requests so far, this one included.
    pub(crate) requests: u64,
}

/// A running nginx; it is ended when this is dropped.
pub(crate) struct Nginx {
    child: Child,
    address: SocketAddr,
}

impl Nginx {
    /// Starts it on core 1, on a free port.
    pub(crate) fn start() -> Result<Self, Failed> {
        let text = |error: std::io::Error| format!("nginx: {error}");
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.map_err(text)?;
        let folder = folder().join("nginx");
        fs::create_dir_all(&folder).map_err(text)?;
        let file = folder.join("nginx.conf");
        fs::write(&file, CONFIGURATION.replace("ADDRESS", &address.to_string())).map_err(text)?;

        let script =
            format!(r#"{RAISE_FILES} PATH="$PATH:/usr/sbin"; exec taskset -c 1 nginx -p "$0" -c nginx.conf"#);
        let mut command = shell(&script);
        command.arg(&folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let server = Self { child: command.spawn().map_err(text)?, address };
        for _ in 0..100 {
            if server.status().is_ok() {
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(format!("nginx does not answer; see {}", folder.join("error.log").display()))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it counted so far.
    pub(crate) fn status(&self) -> Result<Status, Failed> {
        let ask = || {
            let mut stream = TcpStream::connect(self.address)?;
            stream.set_read_timeout(Some(Duration::from_secs(10)))?;
            stream.write_all(b"GET /status HTTP/1.0\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).map(|_| answer)
        };
        let answer = ask().map_err(|error: std::io::Error| format!("nginx: {error}"))?;
        parse(&answer).ok_or_else(|| format!("nginx says: {answer}"))
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Not killed, because its worker would live on.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

/// Reads the page of nginx's stub_status.
fn parse(answer: &str) -> Option<Status> {
    let page = answer.split("Active connections:").nth(1)?;
    let mut numbers =
        page.split(|letter: char| !letter.is_ascii_digit()).filter_map(|word| word.parse().ok());
    let (active, requests): (u64, u64) = (numbers.next()?, numbers.nth(2)?);
    Some(Status { connections: active.checked_sub(1)?, requests })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_page() {
        let page = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nActive connections: 51 \n\
                    server accepts handled requests\n 61 60 7000 \nReading: 0 Writing: 50 Waiting: 0 \n";
        assert_eq!(parse(page), Some(Status { connections: 50, requests: 7_000 }));
        assert_eq!(parse("HTTP/1.1 404 Not Found\r\n\r\n"), None);
    }
}
