//! HTTP proxies: asked to pass requests on, or to open a tunnel.

use super::http1::RequestBody;
use super::origin::{Origin, credentials};
use crate::failure::Failure;
use crate::limits;
use akrida_scenario::expr::{Frame, Value};
use akrida_scenario::model::{Secret, Template};
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Request, StatusCode, Uri, header};
use std::fmt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An HTTP proxy.
pub(super) struct Proxy {
    pub(super) host: String,
    pub(super) port: u16,
    /// Who the user is, for `Proxy-Authorization`.
    pub(super) authorization: Option<HeaderValue>,
}

impl fmt::Debug for Proxy {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl Proxy {
    /// Reads an address that may hold expressions of secrets. What is wrong with it is told without showing it.
    pub(super) fn new(address: &Template, secrets: &[Secret]) -> Result<Self, String> {
        let shared: Vec<Value> = secrets.iter().map(|secret| Value::Str(secret.value.clone())).collect();
        let mut rng = fastrand::Rng::with_seed(0);
        let mut frame = Frame { shared: &shared, ..Frame::bare(&mut rng) };
        let text = address.render(&mut frame).map_err(|error| format!("the proxy's address: {error}"))?;
        let wrong = || "the proxy's address is not of the form http://[user:password@]host:port".to_owned();
        let url = url::Url::parse(&text).map_err(|_| wrong())?;
        let origin = Origin::of(&url).filter(|origin| !origin.tls).ok_or_else(wrong)?;
        Ok(Self { host: origin.host, port: origin.port, authorization: credentials(&url) })
    }

    /// Tells the proxy where a plain request goes, and who asks.
    pub(super) fn address(&self, request: &mut Request<RequestBody>, origin: &Origin) {
        let mut parts = std::mem::take(request.uri_mut()).into_parts();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Authority::try_from(origin.header.as_bytes()).ok();
        // An origin's header always is an authority.
        *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
        if let Some(authorization) = &self.authorization {
            request.headers_mut().insert(header::PROXY_AUTHORIZATION, authorization.clone());
        }
    }

    /// Has the proxy open a tunnel to `origin` over `socket`, a connection to the proxy.
    pub(super) async fn tunnel(&self, socket: &mut TcpStream, origin: &Origin) -> Result<(), Failure> {
        let (open, close) = if origin.host.contains(':') { ("[", "]") } else { ("", "") };
        let target = format!("{open}{}{close}:{}", origin.host, origin.port);
        let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n").into_bytes();
        if let Some(authorization) = &self.authorization {
            request.extend_from_slice(b"Proxy-Authorization: ");
            request.extend_from_slice(authorization.as_bytes());
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        socket.write_all(&request).await.map_err(|error| Failure::from(&error))?;
        match answer(socket).await? {
            status if status.is_success() => Ok(()),
            status => Err(Failure::Tunnel(status)),
        }
    }
}

/// Reads the head of the proxy's answer, and not a byte of what may come after it.
async fn answer(socket: &mut TcpStream) -> Result<StatusCode, Failure> {
    let mut head = Vec::with_capacity(256);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= limits::TUNNEL_ANSWER {
            return Err(Failure::Malformed("the head of the proxy's answer is too long"));
        }
        // One byte at a time: rare, short, and it leaves what belongs to the tunnel in the socket.
        head.push(socket.read_u8().await.map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Failure::Disconnected,
            _ => Failure::from(&error),
        })?);
    }
    status(&head).ok_or(Failure::Malformed("the answer of the proxy is not HTTP/1.1"))
}

fn status(head: &[u8]) -> Option<StatusCode> {
    let rest = head.strip_prefix(b"HTTP/1.")?;
    let digits = rest.strip_prefix(b"1 ").or_else(|| rest.strip_prefix(b"0 "))?.get(..3)?;
    StatusCode::from_bytes(digits).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, expected: Option<(&str, u16, Option<&str>)>) {
        let read = Proxy::new(&Template::Fixed(address.into()), &[]).ok();
        let read = read.as_ref().map(|proxy| {
            let authorization = proxy.authorization.as_ref().map(|value| value.to_str().unwrap());
            (proxy.host.as_str(), proxy.port, authorization)
        });
        assert_eq!(read, expected, "{address}");
    }

    #[test]
    fn addresses() {
        check("http://proxy:3128", Some(("proxy", 3128, None)));
        check("http://proxy", Some(("proxy", 80, None)));
        check("http://user:p%40ss@10.0.0.1:8080", Some(("10.0.0.1", 8080, Some("Basic dXNlcjpwQHNz"))));
        check("http://[::1]:3128", Some(("::1", 3128, None)));
        check("https://proxy:3128", None);
        check("socks5://proxy:1080", None);
        check("proxy:3128", None);
    }

    #[test]
    fn a_password_is_in_no_error_and_no_debug_text() {
        let address = Template::Fixed("ftp://user:hush@proxy".into());
        assert!(!Proxy::new(&address, &[]).unwrap_err().contains("hush"));
        let proxy = Proxy::new(&Template::Fixed("http://user:hush@proxy".into()), &[]).unwrap();
        assert!(!format!("{proxy:?}").contains("user"));
    }

    #[test]
    fn answers() {
        assert_eq!(status(b"HTTP/1.1 200 Connection established\r\n\r\n"), Some(StatusCode::OK));
        assert_eq!(status(b"HTTP/1.0 407\r\n\r\n"), Some(StatusCode::PROXY_AUTHENTICATION_REQUIRED));
        for garbage in [&b"HTTP/2 200\r\n\r\n"[..], b"HTTP/1.1 20\r\n\r\n", b"SSH-2.0\r\n\r\n", b"\r\n\r\n"] {
            assert_eq!(status(garbage), None);
        }
    }
}
