//! One connection and the exchanges on it.

use super::client::Keep;
use super::origin::Origin;
use super::stream::Stream;
use crate::control::{Control, Overdue};
use crate::core::Core;
use crate::failure::Failure;
use crate::limits;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use tokio::net::TcpStream;

type RequestBody = Full<Bytes>;

/// What hyper wakes instead of a task: tells that polling once more is worth it.
#[derive(Debug, Default)]
pub(crate) struct Flag(AtomicBool);

impl Flag {
    /// Whether it was raised since the last call.
    fn take(&self) -> bool {
        // A plain load first: the swap of an atomic costs more than the whole check when nothing was raised.
        self.0.load(Ordering::Relaxed) && self.0.swap(false, Ordering::Relaxed)
    }
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The one [`Flag`] of a core and a waker that raises it.
#[derive(Debug)]
pub(crate) struct Raised {
    flag: Arc<Flag>,
    waker: Waker,
}

impl Default for Raised {
    fn default() -> Self {
        let flag = Arc::new(Flag::default());
        Self { waker: Waker::from(flag.clone()), flag }
    }
}

/// An answer, as far as it is kept.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Bytes of the body.
    pub(crate) bytes: u64,
    /// The body, if it is kept and within [`limits::BODY`].
    pub(crate) body: Option<Vec<u8>>,
}

/// Why an exchange gave no answer.
pub(crate) enum Unanswered {
    /// Nothing of the request was written: it may go out on another connection.
    Unsent,
    /// It failed.
    Failed(Failure),
}

impl From<hyper::Error> for Unanswered {
    fn from(error: hyper::Error) -> Self {
        // hyper cancels what it has not begun to write, and nothing else.
        if error.is_canceled() { Self::Unsent } else { Self::Failed(error.into()) }
    }
}

impl From<Failure> for Unanswered {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// A kept-alive HTTP/1.1 connection, driven by whoever exchanges on it.
pub(crate) struct Connection {
    pub(crate) origin: Rc<Origin>,
    send: SendRequest<RequestBody>,
    driver: Pin<Box<http1::Connection<TokioIo<Stream>, RequestBody>>>,
    closed: bool,
}

impl Connection {
    /// Connects, with TLS where the origin wants it, trying each address of the name in turn.
    pub(crate) async fn open(core: &Core, control: &Control, origin: Rc<Origin>) -> Result<Self, Failure> {
        let waker = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
        let connect = async {
            let addresses = core.dns.resolve(&origin.host, origin.port).await?;
            let mut failure = Failure::Dns(origin.host.clone());
            for address in addresses.iter() {
                match TcpStream::connect(address).await {
                    Ok(socket) => {
                        socket.set_nodelay(true).map_err(|error| Failure::from(&error))?;
                        return Ok(socket);
                    }
                    Err(error) => failure = Failure::from(&error),
                }
            }
            Err(failure)
        };
        let stream = within(core, control, connect).await?;
        let stream = if origin.tls {
            let handshake = core.tls.connect(&origin.host, stream);
            Stream::tls(within(core, control, handshake).await?, waker)
        } else {
            Stream::plain(stream, waker)
        };
        let (send, driver) = http1::Builder::new()
            .writev(false)
            .max_headers(limits::HEADERS)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(Failure::from)?;
        Ok(Self { origin, send, driver: Box::pin(driver), closed: false })
    }

    /// Whether a request may be sent. A connection that the peer has closed meanwhile may still look usable; then
    /// the request comes back as [`Unanswered::Unsent`].
    pub(crate) fn usable(&mut self, raised: &Raised) -> bool {
        if !self.closed && !self.send.is_ready() {
            self.closed = self.driver.as_mut().poll(&mut Context::from_waker(&raised.waker)).is_ready();
        }
        !self.closed && self.send.is_ready()
    }

    /// Sends `request` and receives the whole answer; of it only what `keep` says is kept.
    ///
    /// Not an `async fn`: the request, a large value, moves into hyper's queue at once and not by way of a future.
    pub(crate) fn exchange<'a>(
        &'a mut self,
        core: &'a Core,
        control: &'a Control,
        request: Request<RequestBody>,
        keep: Keep,
    ) -> impl Future<Output = Result<Received, Unanswered>> + 'a {
        let answer = self.send.send_request(request);
        let (driver, closed) = (&mut self.driver, &mut self.closed);
        async move {
            let mut answer = pin!(answer);
            let mut receiving: Option<Receiving> = None;
            let mut first = true;
            poll_fn(|cx| {
                control.register(cx);
                let raised_cx = &mut Context::from_waker(&core.raised.waker);
                for _ in 0..limits::POLLS {
                    core.raised.flag.take();
                    if !*closed {
                        *closed = driver.as_mut().poll(raised_cx).is_ready();
                    }
                    if receiving.is_none()
                        && let Poll::Ready(response) = answer.as_mut().poll(raised_cx)
                    {
                        receiving = Some(Receiving::new(response.map_err(Unanswered::from)?, keep));
                    }
                    if let Some(state) = &mut receiving
                        && let Poll::Ready(done) = state.poll(raised_cx)
                    {
                        done?;
                        return Poll::Ready(
                            receiving.take().map(Receiving::finish).ok_or(Unanswered::Unsent),
                        );
                    }
                    if !core.raised.flag.take() {
                        // Only the socket can bring news now, and it wakes this task. The first time around
                        // nothing can be overdue yet.
                        if !std::mem::take(&mut first)
                            && let Some(overdue) = control.overdue(core.clock.now())
                        {
                            return Poll::Ready(Err(Failure::from(overdue).into()));
                        }
                        return Poll::Pending;
                    }
                }
                // Much is coming in: let other users run, and go on.
                if let Some(overdue) = control.overdue(core.clock.now()) {
                    return Poll::Ready(Err(Failure::from(overdue).into()));
                }
                cx.waker().wake_by_ref();
                Poll::Pending
            })
            .await
        }
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

/// A response whose body is coming in.
struct Receiving {
    status: StatusCode,
    headers: HeaderMap,
    incoming: Incoming,
    bytes: u64,
    body: Option<Vec<u8>>,
}

impl Receiving {
    fn new(response: http::Response<Incoming>, keep: Keep) -> Self {
        let (head, incoming) = response.into_parts();
        let wanted = keep.headers
            || head.status.is_redirection()
            || (keep.cookies && head.headers.contains_key(header::SET_COOKIE));
        // Headers are slices of hyper's read buffer. While they live it cannot be used again, and the next read
        // would need a new one of eight kilobytes.
        let headers = if wanted { head.headers } else { HeaderMap::new() };
        let body = keep.body.then(Vec::new);
        Self { status: head.status, headers, incoming, bytes: 0, body }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        loop {
            match Pin::new(&mut self.incoming).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Some(data) = frame.data_ref() {
                        self.take(data);
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Err(match Failure::from(error) {
                        Failure::Disconnected => Failure::Incomplete,
                        failure => failure,
                    }));
                }
                Poll::Ready(None) => return Poll::Ready(Ok(())),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn take(&mut self, data: &[u8]) {
        self.bytes += data.len() as u64;
        if self.bytes > limits::BODY as u64 {
            self.body = None;
        }
        if let Some(body) = &mut self.body {
            body.extend_from_slice(data);
        }
    }

    fn finish(self) -> Received {
        Received { status: self.status, headers: self.headers, bytes: self.bytes, body: self.body }
    }
}

/// Runs `work` until it is done or the request is overdue.
async fn within<T>(
    core: &Core,
    control: &Control,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let mut work = pin!(work);
    poll_fn(|cx| {
        control.register(cx);
        match work.as_mut().poll(cx) {
            Poll::Pending => match control.overdue(core.clock.now()) {
                Some(overdue) => Poll::Ready(Err(overdue.into())),
                None => Poll::Pending,
            },
            ready => ready,
        }
    })
    .await
}
