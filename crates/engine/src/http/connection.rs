//! One connection: how it is opened, and what is spoken on it.

use super::http1::{Http1, Raised};
use super::http2::Http2;
use super::network::Network;
use super::origin::Origin;
use super::stream::Socket;
use super::tls::agreed_on_http2;
use crate::control::{Control, Overdue};
use crate::core::Core;
use crate::failure::Failure;
use akrida_scenario::model::HttpVersion;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use tokio::net::TcpStream;

/// Why an exchange gave no answer.
#[derive(Debug)]
pub(super) enum Unanswered {
    /// The peer has done nothing about the request: it may go out on another connection. If there is no other,
    /// it failed for this.
    Unsent(Failure),
    /// It failed.
    Failed(Failure),
}

impl From<Failure> for Unanswered {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Overdue> for Failure {
    fn from(overdue: Overdue) -> Self {
        match overdue {
            Overdue::TimedOut => Self::TimedOut,
            Overdue::Abandoned => Self::Abandoned,
        }
    }
}

/// A kept-alive connection. It must be used only by the task that opened it.
pub(super) struct Connection {
    pub(super) origin: Rc<Origin>,
    pub(super) spoken: Spoken,
}

pub(super) enum Spoken {
    Http1(Http1),
    /// Behind a pointer, so that it does not make the common connection larger.
    Http2(Box<Http2>),
}

impl Connection {
    /// Connects as the network says.
    pub(super) async fn open(
        core: &Core,
        control: &Control,
        network: &Network,
        origin: Rc<Origin>,
    ) -> Result<Self, Failure> {
        let (socket, http2) = within(core, control, network.connect(&origin)).await?;
        let spoken = if http2 {
            Spoken::Http2(Box::new(Http2::open(socket).await?))
        } else {
            Spoken::Http1(Http1::open(socket, network.proxy.is_some() && !origin.tls).await?)
        };
        Ok(Self { origin, spoken })
    }

    /// Whether a request may be sent. A connection that the peer has closed meanwhile may still look usable; then
    /// the request comes back as [`Unanswered::Unsent`].
    pub(super) fn usable(&mut self, raised: &Raised) -> bool {
        match &mut self.spoken {
            Spoken::Http1(http1) => http1.usable(raised),
            Spoken::Http2(http2) => http2.usable(),
        }
    }
}

impl Network {
    /// Connects to `origin`, through the proxy and with TLS where they are wanted; also tells whether HTTP/2 is
    /// spoken.
    async fn connect(&self, origin: &Origin) -> Result<(Socket, bool), Failure> {
        let socket = match &self.proxy {
            None => self.dial(&origin.host, origin.port).await?,
            Some(proxy) => {
                let dialed = self.dial(&proxy.host, proxy.port).await;
                let mut socket = dialed.map_err(|failure| {
                    Failure::Proxy(Box::new(match failure {
                        // Its name may be a secret.
                        Failure::Dns(_) => Failure::Dns("the proxy".to_owned()),
                        failure => failure,
                    }))
                })?;
                if origin.tls {
                    proxy.tunnel(&mut socket, origin).await?;
                }
                socket
            }
        };
        if !origin.tls {
            // A proxy that passes requests on is spoken to in HTTP/1.1.
            return Ok((Socket::Plain(socket), self.version == HttpVersion::Http2 && self.proxy.is_none()));
        }
        let stream = self.tls.connect(&origin.host, socket).await?;
        let http2 = agreed_on_http2(&stream);
        Ok((Socket::Tls(Box::new(stream)), http2))
    }

    /// Tries each address of a name in turn.
    async fn dial(&self, host: &str, port: u16) -> Result<TcpStream, Failure> {
        let mut failure = Failure::Dns(host.to_owned());
        for address in self.lookup.resolve(host, port).await?.iter() {
            match TcpStream::connect(address).await {
                Ok(socket) => {
                    socket.set_nodelay(true).map_err(|error| Failure::from(&error))?;
                    return Ok(socket);
                }
                Err(error) => failure = Failure::from(&error),
            }
        }
        Err(failure)
    }
}

/// Runs `work` until it is done or the request is overdue.
pub(super) async fn within<T, E: From<Failure>>(
    core: &Core,
    control: &Control,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let mut work = pin!(work);
    poll_fn(|cx| {
        control.register(cx);
        match work.as_mut().poll(cx) {
            Poll::Pending => match control.overdue(core.clock.now()) {
                Some(overdue) => Poll::Ready(Err(Failure::from(overdue).into())),
                None => Poll::Pending,
            },
            ready => ready,
        }
    })
    .await
}
