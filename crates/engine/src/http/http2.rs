//! A connection that speaks HTTP/2: one request after the other, each on a stream of its own.
//!
//! The connection is driven by a task of its own, because a server may want an answer (to pings and settings)
//! while its user waits.

use super::answer::{Answer, Keep};
use super::client::Outgoing;
use super::connection::{Unanswered, within};
use super::stream::Socket;
use crate::control::Control;
use crate::core::Core;
use crate::failure::Failure;
use crate::limits;
use bytes::Bytes;
use h2::client::{Builder, ResponseFuture, SendRequest};
use h2::{Reason, RecvStream, SendStream};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, Method, Request, Uri, header};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::task::JoinSet;

pub(super) struct Http2 {
    send: SendRequest<Bytes>,
    /// The one task that drives the connection; dropped with this, it ends.
    driver: JoinSet<Result<(), h2::Error>>,
}

impl Http2 {
    pub(super) async fn open(socket: Socket) -> Result<Self, Failure> {
        let (send, connection) = Builder::new()
            .initial_window_size(limits::HTTP2_WINDOW)
            .initial_connection_window_size(limits::HTTP2_WINDOW)
            .max_header_list_size(limits::HTTP2_HEADERS)
            .max_send_buffer_size(limits::HTTP2_SEND_BUFFER)
            .max_concurrent_reset_streams(limits::HTTP2_RESETS)
            .enable_push(false)
            .handshake(socket)
            .await
            .map_err(|error| Failure::from(&error))?;
        let mut driver = JoinSet::new();
        driver.spawn_local(connection);
        Ok(Self { send, driver })
    }

    /// As [`super::connection::Connection::usable`].
    pub(super) fn usable(&mut self) -> bool {
        self.driver.try_join_next().is_none() && !self.driver.is_empty()
    }

    pub(super) async fn exchange(
        &mut self,
        core: &Core,
        control: &Control,
        outgoing: &Outgoing,
        headers: HeaderMap,
        keep: Keep,
    ) -> Result<Answer, Unanswered> {
        let request = request(outgoing, headers)?;
        let unsent = |error: h2::Error| Unanswered::Unsent(Failure::from(&error));
        let ready = poll_fn(|cx| self.send.poll_ready(cx).map_err(unsent));
        within(core, control, ready).await?;
        let is_whole = outgoing.body.is_empty();
        let (answer, stream) = self.send.send_request(request, is_whole).map_err(unsent)?;
        let mut sending = (!is_whole).then(|| Sending { stream, rest: outgoing.body.clone() });
        let mut receiving = Receiving::Head(answer, keep);
        let exchange = poll_fn(|cx| {
            // An answer may come before the request is through.
            if let Some(body) = &mut sending
                && body.poll(cx).is_ready()
            {
                sending = None;
            }
            receiving.poll(cx)
        });
        within(core, control, exchange).await.map_err(|unanswered| self.explain(unanswered))
    }

    /// A server that ends a connection in anger may say why, and then just closes it.
    fn explain(&mut self, unanswered: Unanswered) -> Unanswered {
        let Unanswered::Failed(Failure::Disconnected | Failure::Incomplete) = unanswered else {
            return unanswered;
        };
        match self.driver.try_join_next() {
            Some(Ok(Err(error))) if error.is_go_away() => Failure::from(&error).into(),
            _ => unanswered,
        }
    }
}

/// A request's body on its way out.
struct Sending {
    stream: SendStream<Bytes>,
    rest: Bytes,
}

impl Sending {
    /// Ends when all is handed over, or when the peer wants no more of it: why, its answer tells.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let room = self.stream.capacity().min(self.rest.len());
            if room > 0 {
                let piece = self.rest.split_to(room);
                let is_last = self.rest.is_empty();
                if self.stream.send_data(piece, is_last).is_err() || is_last {
                    return Poll::Ready(());
                }
                continue;
            }
            self.stream.reserve_capacity(self.rest.len());
            match self.stream.poll_capacity(cx) {
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

/// An answer on its way in.
enum Receiving {
    Head(ResponseFuture, Keep),
    Body(Option<Answer>, RecvStream),
}

impl Receiving {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Answer, Unanswered>> {
        loop {
            match self {
                Self::Head(answer, keep) => match Pin::new(answer).poll(cx) {
                    Poll::Ready(Ok(response)) => {
                        let (head, stream) = response.into_parts();
                        *self = Self::Body(Some(Answer::new(head, *keep)), stream);
                    }
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(unanswered(&error))),
                    Poll::Pending => return Poll::Pending,
                },
                Self::Body(answer, stream) => match stream.poll_data(cx) {
                    Poll::Ready(Some(Ok(data))) => {
                        if let Some(answer) = answer {
                            answer.take(&data);
                        }
                        // Fails only on a stream that is gone, which the next poll tells.
                        let _ = stream.flow_control().release_capacity(data.len());
                    }
                    // A server that has answered may so refuse the rest of the request.
                    Poll::Ready(Some(Err(error))) if error.reason() != Some(Reason::NO_ERROR) => {
                        let failure = match Failure::from(&error) {
                            Failure::Disconnected => Failure::Incomplete,
                            failure => failure,
                        };
                        return Poll::Ready(Err(failure.into()));
                    }
                    Poll::Ready(_) => {
                        let missing = || Unanswered::Failed(Failure::Incomplete);
                        return Poll::Ready(answer.take().ok_or_else(missing));
                    }
                    Poll::Pending => return Poll::Pending,
                },
            }
        }
    }
}

/// Why no answer came, and whether the server says that it has not even looked at the request.
fn unanswered(error: &h2::Error) -> Unanswered {
    let refused = error.is_reset() && error.reason() == Some(Reason::REFUSED_STREAM);
    // h2 tells a stream of the server's GOAWAY only if the server will not process that stream.
    if error.is_remote() && (refused || error.is_go_away()) {
        Unanswered::Unsent(error.into())
    } else {
        Unanswered::Failed(error.into())
    }
}

/// The head of a request: `Host` becomes `:authority`, and headers that are about the connection go.
fn request(outgoing: &Outgoing, mut headers: HeaderMap) -> Result<Request<()>, Failure> {
    let host = headers.remove(header::HOST);
    let host = host.as_ref().unwrap_or(&outgoing.origin.header);
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(if outgoing.origin.tls { Scheme::HTTPS } else { Scheme::HTTP });
    parts.authority = Some(Authority::try_from(host.as_bytes()).map_err(|_| Failure::BadHost)?);
    let path = outgoing.uri.path_and_query().cloned();
    parts.path_and_query = Some(path.unwrap_or(PathAndQuery::from_static("/")));
    for name in [header::CONNECTION, header::TRANSFER_ENCODING, header::UPGRADE] {
        headers.remove(name);
    }
    for name in ["keep-alive", "proxy-connection", "http2-settings"] {
        headers.remove(name);
    }
    if headers.get(header::TE).is_some_and(|value| value != "trailers") {
        headers.remove(header::TE);
    }
    if !outgoing.body.is_empty() || matches!(outgoing.method, Method::POST | Method::PUT | Method::PATCH) {
        headers.entry(header::CONTENT_LENGTH).or_insert(outgoing.body.len().into());
    }
    let mut request = Request::new(());
    *request.method_mut() = outgoing.method.clone();
    *request.uri_mut() = Uri::from_parts(parts).map_err(|_| Failure::BadHost)?;
    *request.headers_mut() = headers;
    Ok(request)
}
