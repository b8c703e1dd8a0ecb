//! An HTTP proxy.

use crate::http1::{self, Answer, Request};
use crate::ledger::Ledger;
use crate::server::Server;
use crate::target::Target;
use bytes::Bytes;
use http::{Method, StatusCode, Uri, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use tokio::net::TcpStream;

type Body = BoxBody<Bytes, hyper::Error>;

impl Target {
    /// A proxy for plain requests (in absolute form) and tunnels (`CONNECT`).
    ///
    /// It is on its own machine whatever a host is called: `http://shop.test:80/a` goes to port 80 of 127.0.0.1,
    /// so that names that only the proxy knows can be tried. Its ledger has what it was asked for, with the whole
    /// address as the path: `GET http://shop.test:80/a`, `CONNECT shop.test:443`, without bodies. What it cannot
    /// reach is answered by 502.
    #[must_use]
    pub fn proxy() -> Self {
        Self::proxy_with(None)
    }

    /// As [`Target::proxy`], for one user only. Others are answered by 407 (and are in the ledger).
    ///
    /// `credentials` are what follows `Basic `: name, colon and password in base64.
    #[must_use]
    pub fn proxy_for(credentials: &str) -> Self {
        Self::proxy_with(Some(format!("Basic {credentials}").into()))
    }

    fn proxy_with(expected: Option<Arc<str>>) -> Self {
        Self::with("http", move |ledger| {
            Server::start(move |stream| serve(stream, ledger.clone(), expected.clone()))
        })
    }
}

async fn serve(stream: TcpStream, ledger: Arc<Ledger>, expected: Option<Arc<str>>) {
    let connection = ledger.connection();
    let service = service_fn(|request| exchange(request, connection, &ledger, expected.as_deref()));
    let served = hyper::server::conn::http1::Builder::new()
        .preserve_header_case(true)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    // An error here is a client that went away or sent what is not HTTP: what it did is the client's test.
    let _ = served.await;
}

async fn exchange(
    request: hyper::Request<Incoming>,
    connection: u64,
    ledger: &Ledger,
    expected: Option<&str>,
) -> Result<hyper::Response<Body>, Infallible> {
    // Not by `Request::new`: the query belongs to the address.
    let entry = Request {
        method: request.method().to_string(),
        path: request.uri().to_string(),
        headers: http1::headers(request.headers()),
        connection,
        ..Request::default()
    };
    ledger.enter(&entry);
    if expected.is_some_and(|expected| entry.header("proxy-authorization") != Some(expected)) {
        let answer =
            Answer::status(407, "who are you?").header("proxy-authenticate", "Basic realm=\"proxy\"");
        return Ok(own(answer));
    }
    let passed = match *request.method() {
        Method::CONNECT => tunnel(request).await,
        _ => forward(request).await,
    };
    Ok(passed.unwrap_or_else(|reason| own(Answer::status(502, reason))))
}

/// Opens a way through; what passes it is nobody's business.
async fn tunnel(request: hyper::Request<Incoming>) -> Result<hyper::Response<Body>, String> {
    let mut there = connect(request.uri()).await.map_err(|error| error.to_string())?;
    tokio::spawn(async move {
        if let Ok(upgraded) = hyper::upgrade::on(request).await {
            // An end that went away ends the tunnel.
            let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(upgraded), &mut there).await;
        }
    });
    Ok(own(Answer::ok("")))
}

/// Asks the server in the client's stead, over a connection that is made for it.
async fn forward(mut request: hyper::Request<Incoming>) -> Result<hyper::Response<Body>, String> {
    if request.uri().authority().is_none() {
        return Ok(own(Answer::status(400, "a proxy needs the whole address")));
    }
    let there = connect(request.uri()).await.map_err(|error| error.to_string())?;
    let path = request.uri().path_and_query().map_or("/", |target| target.as_str());
    *request.uri_mut() = path.parse().map_err(|_| "not a path".to_owned())?;
    request.headers_mut().remove(header::PROXY_AUTHORIZATION);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(there))
        .await
        .map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
    Ok(answer.map(BodyExt::boxed))
}

async fn connect(uri: &Uri) -> io::Result<TcpStream> {
    let port = uri.port_u16().unwrap_or(80);
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await
}

fn own(answer: Answer) -> hyper::Response<Body> {
    let mut response =
        http1::response(answer).map(|body: Full<Bytes>| body.map_err(|never| match never {}).boxed());
    if response.status() == StatusCode::OK {
        // A tunnel's answer has no body, not even an empty one.
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ClosedPort;
    use crate::raw::testing::talk;

    fn text(proxy: &Target, request: &str) -> String {
        talk(proxy.addr(), request).0
    }

    #[test]
    fn forwards_and_tunnels() {
        let server = Target::start(|request| Answer::ok(format!("{} {}", request.path, request.text())));
        let port = server.addr().port();
        let proxy = Target::proxy();

        let plain = format!(
            "POST http://shop.test:{port}/a?b=c HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n\
             content-length: 2\r\n\r\nhi"
        );
        let heard = text(&proxy, &plain);
        assert!(heard.starts_with("HTTP/1.1 200 OK\r\n") && heard.ends_with("\r\n\r\n/a hi"), "{heard}");
        assert_eq!(server.requests()[0].header("host"), Some("shop.test"));

        let tunnel = format!(
            "CONNECT shop.test:{port} HTTP/1.1\r\nhost: shop.test\r\n\r\n\
             GET /in HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\n\r\n"
        );
        let heard = text(&proxy, &tunnel);
        assert!(heard.starts_with("HTTP/1.1 200 OK\r\n") && heard.ends_with("\r\n\r\n/in "), "{heard}");

        assert_eq!((server.total(), proxy.total(), proxy.connections()), (2, 2, 2));
        assert_eq!(proxy.count("POST", &format!("http://shop.test:{port}/a?b=c")), 1);
        assert_eq!(proxy.count("CONNECT", &format!("shop.test:{port}")), 1);
    }

    #[test]
    fn lets_only_its_user_through() {
        let server = Target::start(|_| Answer::ok("hello"));
        let proxy = Target::proxy_for("Zm9vOmJhcg==");
        let ask = |authorization: &str| {
            let request = format!(
                "GET {}/ HTTP/1.1\r\nhost: x\r\n{authorization}connection: close\r\n\r\n",
                server.url()
            );
            text(&proxy, &request)
        };
        assert!(ask("").starts_with("HTTP/1.1 407 "));
        assert!(ask("proxy-authorization: Basic eDp5\r\n").starts_with("HTTP/1.1 407 "));
        assert!(ask("proxy-authorization: Basic Zm9vOmJhcg==\r\n").starts_with("HTTP/1.1 200 "));
        assert_eq!((server.total(), proxy.total()), (1, 3));
        assert_eq!(server.requests()[0].header("proxy-authorization"), None);
    }

    #[test]
    fn says_what_it_cannot_do() {
        let proxy = Target::proxy();
        let closed = ClosedPort::new();
        let head = "HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        assert!(text(&proxy, &format!("GET {}/ {head}", closed.url())).starts_with("HTTP/1.1 502 "));
        assert!(text(&proxy, &format!("CONNECT {} {head}", closed.addr())).starts_with("HTTP/1.1 502 "));
        assert!(text(&proxy, &format!("GET / {head}")).starts_with("HTTP/1.1 400 "));
    }
}
