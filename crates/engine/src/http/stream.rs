//! A socket, plain or under TLS, that always wakes its user.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// A connection polled with a context of its own choosing.
///
/// A user drives hyper's connection inside its own task, so nothing but the socket ever has to wake that task:
/// hyper's inner channels would only make it run once more for nothing. The exchange therefore polls hyper with a
/// flag for a waker, and the socket registers the task's real one, which is kept here.
#[derive(Debug)]
pub(crate) struct Stream {
    kind: Kind,
    waker: Waker,
}

#[derive(Debug)]
enum Kind {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    pub(crate) fn plain(socket: TcpStream, waker: Waker) -> Self {
        Self { kind: Kind::Plain(socket), waker }
    }

    pub(crate) fn tls(stream: TlsStream<TcpStream>, waker: Waker) -> Self {
        Self { kind: Kind::Tls(Box::new(stream)), waker }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let cx = &mut Context::from_waker(&this.waker);
        match &mut this.kind {
            Kind::Plain(socket) => Pin::new(socket).poll_read(cx, buffer),
            Kind::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let cx = &mut Context::from_waker(&this.waker);
        match &mut this.kind {
            Kind::Plain(socket) => Pin::new(socket).poll_write(cx, bytes),
            Kind::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let cx = &mut Context::from_waker(&this.waker);
        match &mut this.kind {
            Kind::Plain(socket) => Pin::new(socket).poll_write_vectored(cx, slices),
            Kind::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.kind {
            Kind::Plain(socket) => socket.is_write_vectored(),
            Kind::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let cx = &mut Context::from_waker(&this.waker);
        match &mut this.kind {
            Kind::Plain(socket) => Pin::new(socket).poll_flush(cx),
            Kind::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let cx = &mut Context::from_waker(&this.waker);
        match &mut this.kind {
            Kind::Plain(socket) => Pin::new(socket).poll_shutdown(cx),
            Kind::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
