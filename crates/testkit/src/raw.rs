//! HTTP by hand, for the targets that must decide about every byte or every microsecond.

use crate::http1::Request;
use crate::limits::{REQUEST_BODY, REQUEST_HEAD};
use std::io;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// The bytes are no request, or one beyond the limits.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// Takes the first request off the buffer if all of it is there. Its body must come with a `Content-Length`.
pub(crate) fn take(buffer: &mut Vec<u8>) -> Result<Option<Request>, Unreadable> {
    let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return if buffer.len() > REQUEST_HEAD { Err(Unreadable) } else { Ok(None) };
    };
    let mut request = head(&buffer[..end])?;
    let length = match request.header("content-length") {
        None => 0,
        Some(length) => length.parse().ok().filter(|&length| length <= REQUEST_BODY).ok_or(Unreadable)?,
    };
    let (start, whole) = (end + 4, end + 4 + length);
    if buffer.len() < whole {
        return Ok(None);
    }
    request.body = buffer[start..whole].to_vec().into();
    buffer.drain(..whole);
    Ok(Some(request))
}

/// The next request; `None` at the end of the connection or on what is no request.
pub(crate) async fn next(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<Request>> {
    loop {
        match take(buffer) {
            Ok(Some(request)) => return Ok(Some(request)),
            Ok(None) if stream.read_buf(buffer).await? > 0 => {}
            _ => return Ok(None),
        }
    }
}

fn head(bytes: &[u8]) -> Result<Request, Unreadable> {
    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable)?;
    let mut lines = text.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target), Some("HTTP/1.1"), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Unreadable);
    };
    let mut request = Request::new(method, target);
    for line in lines {
        let (name, value) = line.split_once(':').ok_or(Unreadable)?;
        request.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    Ok(request)
}

/// A client that hides nothing, for the tests of this crate.
#[cfg(test)]
pub(crate) mod testing {
    use std::io::{ErrorKind, Read, Write};
    use std::net::{SocketAddr, TcpStream};
    use std::time::Duration;

    /// How a server ended a connection.
    #[derive(Debug, PartialEq, Eq)]
    pub(crate) enum Ending {
        Closed,
        Reset,
        /// It did not.
        Open,
    }

    /// Sends this and reads until the server ends the connection.
    pub(crate) fn talk(server: SocketAddr, text: &str) -> (String, Ending) {
        let mut stream = connect(server, text);
        let mut heard = Vec::new();
        let ending = match stream.read_to_end(&mut heard) {
            Ok(_) => Ending::Closed,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => Ending::Reset,
            Err(error) => panic!("the server neither answered nor closed: {error}"),
        };
        (String::from_utf8_lossy(&heard).into_owned(), ending)
    }

    /// Sends this, reads as many bytes, and makes sure that no more follow and the connection stays open.
    pub(crate) fn hear(server: SocketAddr, text: &str, bytes: usize) -> (String, Ending) {
        let mut stream = connect(server, text);
        let mut heard = vec![0; bytes];
        stream.read_exact(&mut heard).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let ending = match stream.read(&mut [0]) {
            Ok(0) => Ending::Closed,
            Ok(_) => panic!("more than {bytes} bytes"),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => Ending::Reset,
            Err(_) => Ending::Open,
        };
        (String::from_utf8_lossy(&heard).into_owned(), ending)
    }

    fn connect(server: SocketAddr, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(server).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_one_after_the_other() {
        let mut buffer =
            b"POST /a?b=c HTTP/1.1\r\nContent-Length: 2\r\nX: y\r\n\r\nhiGET / HTTP/1.1\r\n\r".to_vec();
        let first = take(&mut buffer).unwrap().unwrap();
        assert_eq!((first.method.as_str(), first.path.as_str(), first.text().as_str()), ("POST", "/a", "hi"));
        assert_eq!(first.header("x"), Some("y"));
        assert_eq!(take(&mut buffer), Ok(None));
        buffer.push(b'\n');
        assert_eq!(take(&mut buffer).unwrap().unwrap().path, "/");
        assert!(buffer.is_empty());
    }

    #[test]
    fn refuses_what_is_no_request() {
        for bad in ["", "GET /", "GET / HTTP/1.1 x", "GET / HTTP/1.1\r\nno colon", "GET / HTTP/1.0"] {
            assert_eq!(take(&mut format!("{bad}\r\n\r\n").into_bytes()), Err(Unreadable), "{bad}");
        }
        for length in ["x", "-1", "99999999999"] {
            let bad = format!("GET / HTTP/1.1\r\nContent-Length: {length}\r\n\r\n");
            assert_eq!(take(&mut bad.into_bytes()), Err(Unreadable));
        }
        assert_eq!(take(&mut vec![b'x'; REQUEST_HEAD + 1]), Err(Unreadable));
    }
}
