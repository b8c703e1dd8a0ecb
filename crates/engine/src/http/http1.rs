//! A connection that speaks HTTP/1.1, driven inside its user's task.

use super::answer::{Answer, Keep};
use super::connection::Unanswered;
use super::stream::{Socket, Stream};
use crate::control::Control;
use crate::core::Core;
use crate::failure::Failure;
use crate::limits;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

pub(super) type RequestBody = Full<Bytes>;

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

impl From<hyper::Error> for Unanswered {
    fn from(error: hyper::Error) -> Self {
        // hyper cancels what it has not begun to write, and nothing else.
        if error.is_canceled() { Self::Unsent(Failure::Disconnected) } else { Self::Failed(error.into()) }
    }
}

/// A kept-alive connection, driven by whoever exchanges on it.
pub(super) struct Http1 {
    send: SendRequest<RequestBody>,
    driver: Pin<Box<http1::Connection<TokioIo<Stream>, RequestBody>>>,
    closed: bool,
    /// Whether a proxy is at the other end, which wants to know where requests go.
    pub(super) proxied: bool,
}

impl Http1 {
    pub(super) async fn open(socket: Socket, proxied: bool) -> Result<Self, Failure> {
        let waker = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
        let (send, driver) = http1::Builder::new()
            .writev(false)
            .max_headers(limits::HEADERS)
            .max_buf_size(limits::HEAD)
            .handshake(TokioIo::new(Stream::new(socket, waker)))
            .await
            .map_err(Failure::from)?;
        Ok(Self { send, driver: Box::pin(driver), closed: false, proxied })
    }

    /// Whether a request may be sent. A connection that the peer has closed meanwhile may still look usable; then
    /// the request comes back as [`Unanswered::Unsent`].
    pub(super) fn usable(&mut self, raised: &Raised) -> bool {
        if !self.closed && !self.send.is_ready() {
            self.closed = self.driver.as_mut().poll(&mut Context::from_waker(&raised.waker)).is_ready();
        }
        !self.closed && self.send.is_ready()
    }

    /// Sends `request` and receives the whole answer; of it only what `keep` says is kept.
    ///
    /// Not an `async fn`: the request, a large value, moves into hyper's queue at once and not by way of a future.
    pub(super) fn exchange<'a>(
        &'a mut self,
        core: &'a Core,
        control: &'a Control,
        request: Request<RequestBody>,
        keep: Keep,
    ) -> impl Future<Output = Result<Answer, Unanswered>> + 'a {
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
                        let answer = receiving.take().map(|done| done.answer);
                        return Poll::Ready(answer.ok_or(Unanswered::Unsent(Failure::Disconnected)));
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

/// A response whose body is coming in.
struct Receiving {
    answer: Answer,
    incoming: Incoming,
}

impl Receiving {
    fn new(response: http::Response<Incoming>, keep: Keep) -> Self {
        let (head, incoming) = response.into_parts();
        Self { answer: Answer::new(head, keep), incoming }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        loop {
            match Pin::new(&mut self.incoming).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Some(data) = frame.data_ref() {
                        self.answer.take(data);
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
}
