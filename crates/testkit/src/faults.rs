//! A server that does everything a server should not, one thing per path, byte by byte.

use crate::http1::Request;
use crate::ledger::Ledger;
use crate::limits::{HUGE_BODY, HUGEST_BODY, STALL};
use crate::raw::next;
use crate::server::Server;
use crate::target::Target;
use std::io;
use std::marker;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// What the server does when a path is requested.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// The path that asks for it.
    pub path: &'static str,
    /// Its steps. A script that does not end the connection leaves it open for the next request.
    pub script: &'static [Act],
}

/// One step of a [`Fault`].
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// Sends these bytes.
    Send(&'static [u8]),
    /// Sends these bytes, one in 100 ms.
    Drip(&'static [u8]),
    /// Sends these bytes many times over.
    Repeat(&'static [u8], usize),
    /// Sends a head and a body of `?bytes=N` bytes, 64 MiB by default, 4 GiB at most.
    Huge {
        /// In chunks, rather than with the length announced.
        chunked: bool,
    },
    /// Does nothing for 50 ms, so that the client has read what came before.
    Pause,
    /// Does nothing for two minutes.
    Stall,
    /// Closes the connection properly.
    Close,
    /// Resets the connection.
    Reset,
}

use Act::{Close, Drip, Huge, Pause, Repeat, Reset, Send, Stall};

/// Everything that [`Target::faults`] can do; other paths answer 404.
#[rustfmt::skip]
pub const FAULTS: &[Fault] = &[
    fault("/ok", &[Send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")]),
    // The connection ends.
    fault("/close", &[Close]),
    fault("/reset", &[Reset]),
    fault("/close-in-head", &[Send(b"HTTP/1.1 200 OK\r\nContent-Le"), Close]),
    fault("/reset-in-head", &[Send(b"HTTP/1.1 200 OK\r\nContent-Le"), Pause, Reset]),
    fault("/close-in-body", &[Send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789"), Close]),
    fault("/reset-in-body", &[Send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789"), Pause, Reset]),
    fault("/close-in-chunks", &[Send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"), Close]),
    // Nothing more comes, or slowly, or much.
    fault("/stall", &[Stall]),
    fault("/stall-in-head", &[Send(b"HTTP/1.1 200 OK\r\nContent-Le"), Stall]),
    fault("/stall-in-body", &[Send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789"), Stall]),
    fault("/slow-head", &[Drip(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"), Send(b"ok")]),
    fault("/slow-body", &[Send(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"), Drip(b"01234567890123456789")]),
    fault("/huge-body", &[Huge { chunked: false }]),
    fault("/huge-chunks", &[Huge { chunked: true }]),
    fault("/huge-header", &[
        Send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Huge: "), Repeat(b"0123456789abcdef", 65_536),
        Send(b"\r\n\r\nok"),
    ]),
    fault("/many-headers", &[
        Send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"), Repeat(b"X-Many: 1\r\n", 1_000), Send(b"\r\nok"),
    ]),
    // It is not HTTP, or not quite.
    fault("/garbage", &[Send(b"SSH-2.0-OpenSSH_9.2\r\n"), Close]),
    fault("/bad-version", &[Send(b"HTTP/7.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), Close]),
    fault("/bad-status", &[Send(b"HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok"), Close]),
    fault("/bad-header-name", &[Send(b"HTTP/1.1 200 OK\r\nBad\x01Name: 1\r\nContent-Length: 2\r\n\r\nok"), Close]),
    fault("/bad-header-value", &[Send(b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 2\r\n\r\nok"), Close]),
    fault("/bad-length", &[Send(b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok"), Close]),
    fault("/two-lengths", &[
        Send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok"), Close,
    ]),
    fault("/bad-chunk", &[Send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nok\r\n0\r\n\r\n"), Close]),
    fault("/extra-body", &[Send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more")]),
    // It is HTTP, but seldom seen.
    fault("/no-content", &[Send(b"HTTP/1.1 204 No Content\r\n\r\n")]),
    fault("/no-content-with-length", &[Send(b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n")]),
    fault("/not-modified", &[Send(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n")]),
    fault("/head", &[Send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")]),
    fault("/continue", &[Send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")]),
    fault("/latin-1", &[Send(b"HTTP/1.1 200 OK\r\nX-Name: caf\xe9\r\nContent-Length: 2\r\n\r\nok")]),
    fault("/until-close", &[Send(b"HTTP/1.0 200 OK\r\n\r\nok"), Close]),
    fault("/connection-close", &[Send(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"), Close]),
    fault("/close-when-idle", &[Send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), Pause, Close]),
    fault("/server-error", &[Send(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\nno")]),
];

const NOT_FOUND: &[Act] = &[Send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno")];

const fn fault(path: &'static str, script: &'static [Act]) -> Fault {
    Fault { path, script }
}

impl Target {
    /// Misbehaves as [`FAULTS`] says for each path. Ports that refuse are [`ClosedPort`](crate::ClosedPort)s.
    #[must_use]
    pub fn faults() -> Self {
        Self::scripted(by_path)
    }

    /// Does with each request what `script` says for it at that moment.
    pub(crate) fn scripted(
        script: impl Fn(&Request) -> &'static [Act] + marker::Send + Sync + 'static,
    ) -> Self {
        let script: Arc<Script> = Arc::new(script);
        Self::with("http", |ledger| {
            Server::start(move |stream| connection(stream, ledger.clone(), script.clone()))
        })
    }
}

type Script = dyn Fn(&Request) -> &'static [Act] + marker::Send + Sync;

fn by_path(request: &Request) -> &'static [Act] {
    script(&request.path).unwrap_or(NOT_FOUND)
}

/// The script of this path.
pub(crate) fn script(path: &str) -> Option<&'static [Act]> {
    FAULTS.iter().find(|fault| fault.path == path).map(|fault| fault.script)
}

async fn connection(mut stream: TcpStream, ledger: Arc<Ledger>, script: Arc<Script>) {
    let connection = ledger.connection();
    let mut buffer = Vec::new();
    // An error here is a client that went away in the middle of a fault, as it may.
    while let Ok(Some(request)) = next(&mut stream, &mut buffer).await {
        let request = Request { connection, ..request };
        ledger.enter(&request);
        for act in script(&request) {
            match perform(*act, &request, &mut stream).await {
                Ok(true) => {}
                Ok(false) | Err(_) => return,
            }
        }
    }
}

/// Does one step; says whether the connection goes on.
async fn perform(act: Act, request: &Request, stream: &mut TcpStream) -> io::Result<bool> {
    match act {
        Send(bytes) => stream.write_all(bytes).await?,
        Drip(bytes) => {
            for byte in bytes {
                stream.write_all(&[*byte]).await?;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        Repeat(bytes, times) => stream.write_all(&bytes.repeat(times)).await?,
        Huge { chunked } => huge(chunked, request, stream).await?,
        Pause => tokio::time::sleep(Duration::from_millis(50)).await,
        Stall => return stall(stream).await,
        Close => {
            stream.shutdown().await?;
            return Ok(false);
        }
        Reset => {
            stream.set_zero_linger()?;
            return Ok(false);
        }
    }
    Ok(true)
}

/// Does nothing until the time is up; whether the client is still there. Under load it must not keep the connections
/// of all clients that gave up.
async fn stall(stream: &TcpStream) -> io::Result<bool> {
    let gone = async {
        loop {
            stream.readable().await?;
            match stream.peek(&mut [0]).await {
                Ok(0) => return Ok(false),
                // It sent more, which is not news again until it is read.
                Ok(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                Err(error) => return Err(error),
            }
        }
    };
    tokio::time::timeout(STALL, gone).await.unwrap_or(Ok(true))
}

async fn huge(chunked: bool, request: &Request, stream: &mut TcpStream) -> io::Result<()> {
    static PIECE: [u8; 65_536] = [b'x'; 65_536];
    let bytes = request.parameter("bytes").and_then(|bytes| bytes.parse().ok()).unwrap_or(HUGE_BODY);
    let mut left = bytes.min(HUGEST_BODY);
    let head = match chunked {
        true => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(),
        false => format!("HTTP/1.1 200 OK\r\nContent-Length: {left}\r\n\r\n"),
    };
    stream.write_all(head.as_bytes()).await?;
    while left > 0 {
        let piece = &PIECE[..left.min(PIECE.len() as u64) as usize];
        if chunked {
            stream.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).await?;
        }
        stream.write_all(piece).await?;
        if chunked {
            stream.write_all(b"\r\n").await?;
        }
        left -= piece.len() as u64;
    }
    if chunked {
        stream.write_all(b"0\r\n\r\n").await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::testing::{Ending, hear, talk};

    fn get(path: &str) -> String {
        format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")
    }

    /// Each script is seen by a bare socket as it is written, and so is the end of its connection.
    #[test]
    fn does_what_the_table_says() {
        let target = Target::faults();
        let mut seen = 0;
        for Fault { path, script } in FAULTS {
            let mut expected = Vec::new();
            let mut ending = Ending::Open;
            for act in *script {
                match act {
                    Send(bytes) | Drip(bytes) => expected.extend_from_slice(bytes),
                    Repeat(bytes, times) => expected.extend(bytes.repeat(*times)),
                    Close => ending = Ending::Closed,
                    Reset => ending = Ending::Reset,
                    Pause | Stall | Huge { .. } => {}
                }
            }
            if script.iter().any(|act| matches!(act, Drip(_) | Huge { .. })) {
                continue;
            }
            let heard = match ending {
                Ending::Open => hear(target.addr(), &get(path), expected.len()),
                _ => talk(target.addr(), &get(path)),
            };
            assert_eq!(heard, (String::from_utf8_lossy(&expected).into_owned(), ending), "{path}");
            seen += 1;
            assert_eq!((target.count("GET", path), target.total()), (1, seen), "{path}");
        }
    }

    #[test]
    fn paths_are_distinct() {
        for (index, fault) in FAULTS.iter().enumerate() {
            assert!(!FAULTS[..index].iter().any(|other| other.path == fault.path), "{}", fault.path);
        }
    }

    #[test]
    fn an_open_connection_serves_on() {
        let target = Target::faults();
        let text = [get("/ok"), get("/no-content"), get("/nowhere"), get("/connection-close")].concat();
        let (heard, ending) = talk(target.addr(), &text);
        let statuses: Vec<&str> = heard.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
        assert_eq!((statuses, ending), (vec!["200", "204", "404", "200"], Ending::Closed));
        assert_eq!((target.connections(), target.total()), (1, 4));
    }

    #[test]
    fn huge_bodies_have_the_size_asked_for() {
        let target = Target::faults();
        let path = "/huge-body?bytes=100000";
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
        let (heard, ending) = hear(target.addr(), &get(path), head.len() + 100_000);
        assert!(heard.starts_with(head) && ending == Ending::Open);

        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let chunks = format!("{head}10000\r\n{}\r\n1\r\nx\r\n0\r\n\r\n", "x".repeat(65_536));
        let (heard, ending) = hear(target.addr(), &get("/huge-chunks?bytes=65537"), chunks.len());
        assert!(heard == chunks && ending == Ending::Open);
    }

    #[test]
    fn a_stranger_is_let_go() {
        let target = Target::faults();
        assert_eq!(talk(target.addr(), "hello\r\n\r\n").1, Ending::Closed);
        assert_eq!(target.total(), 0);
    }
}
