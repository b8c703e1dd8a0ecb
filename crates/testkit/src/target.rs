//! The handle that tests hold.

use crate::certificates::{Authority, Identity, common_name};
use crate::http1::{self, Answer, Handler, Request};
use crate::ledger::Ledger;
use crate::server::Server;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// A server to load. It stops when it is dropped; its [`Ledger`] is at hand by dereference.
#[derive(Debug)]
pub struct Target {
    scheme: &'static str,
    server: Server,
    ledger: Arc<Ledger>,
}

impl Target {
    /// Answers each request as `answer` says.
    pub fn start(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let handler: Arc<Handler> = Arc::new(answer);
        Self::with("http", move |ledger| {
            Server::start(move |stream| http1::serve(stream, None, ledger.clone(), handler.clone()))
        })
    }

    /// As [`Target::start`], behind TLS. A connection is counted when its handshake is done.
    pub fn start_tls(
        identity: &Identity,
        answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::tls(identity, None, Arc::new(answer))
    }

    /// As [`Target::start_tls`], for clients that show a certificate of this authority; its name is the request's
    /// [`client`](Request::client). Others are let go in the handshake.
    pub fn start_mutual_tls(
        identity: &Identity,
        clients: &Authority,
        answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::tls(identity, Some(clients), Arc::new(answer))
    }

    fn tls(identity: &Identity, clients: Option<&Authority>, handler: Arc<Handler>) -> Self {
        let acceptor = TlsAcceptor::from(identity.server_config(clients));
        Self::with("https", move |ledger| {
            Server::start(move |stream| {
                let (acceptor, ledger, handler) = (acceptor.clone(), ledger.clone(), handler.clone());
                async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
                        let client = shown.and_then(common_name);
                        http1::serve(stream, client, ledger, handler).await;
                    }
                }
            })
        })
    }

    /// A target around a server that writes into the ledger it is given.
    pub(crate) fn with(scheme: &'static str, server: impl FnOnce(Arc<Ledger>) -> Server) -> Self {
        let ledger = Arc::new(Ledger::default());
        Self { scheme, server: server(ledger.clone()), ledger }
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.server.address()
    }

    /// Its base address, `http://127.0.0.1:PORT` or `https://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.addr())
    }
}

impl Deref for Target {
    type Target = Ledger;

    fn deref(&self) -> &Ledger {
        &self.ledger
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::testing::{Ending, talk};

    #[test]
    fn answers_and_records() {
        let target = Target::start(|request| match request.path.as_str() {
            "/hello" => Answer::ok("hello").header("x-seen", request.header("x-sent").unwrap_or("")),
            _ => Answer::status(404, "no"),
        });
        let (text, ending) = talk(
            target.addr(),
            "POST /hello?a=b HTTP/1.1\r\nhost: x\r\nx-sent: 1\r\ncontent-length: 2\r\n\r\nhi\
             GET /other HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        );
        assert_eq!(ending, Ending::Closed);
        assert!(text.starts_with("HTTP/1.1 200 OK\r\nx-seen: 1\r\n"), "{text}");
        assert!(text.contains("\r\n\r\nhelloHTTP/1.1 404 Not Found\r\n"), "{text}");
        assert!(text.ends_with("\r\n\r\nno"), "{text}");

        assert_eq!((target.connections(), target.total()), (1, 2));
        assert_eq!((target.count("POST", "/hello"), target.count("GET", "/other")), (1, 1));
        let first = &target.requests()[0];
        assert_eq!((first.query.as_deref(), first.text().as_str(), first.connection), (Some("a=b"), "hi", 1));
    }
}
