//! One connection to a master: the handshake, then frames in both directions until either side ends.

use super::room::{Room, Share, patience};
use super::routes::{Connected, Queued, Routes};
use super::zmtp::{self, Broken, Head, Role};
use crate::hub::Inlet;
use crate::{Incoming, PeerId, limits};
use bytes::{Buf, Bytes, BytesMut};
use rustix::net::sockopt;
use std::cell::RefCell;
use std::future::{pending, poll_fn};
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

/// Answers to commands of the peer that wait to be written; further ones are dropped.
const ANSWERS: usize = 4;

/// What the connections of a hub share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) role: Role,
    pub(super) routes: Arc<Routes>,
    pub(super) room: Arc<Room>,
    pub(super) inlet: Inlet,
    pub(super) urgent: fn(&[u8]) -> bool,
}

/// Serves a connection to its end. Whatever the peer sends ends at worst this connection.
pub(super) async fn serve(stream: TcpStream, address: IpAddr, shared: Arc<Shared>) {
    set_options(&stream);
    let (read, write) = stream.into_split();
    converse(read, write, address, &shared).await;
}

async fn converse(
    read: impl AsyncRead + Unpin,
    mut write: impl AsyncWrite + Unpin,
    address: IpAddr,
    shared: &Shared,
) {
    let mut reader = Reader { half: read, come: BytesMut::new() };
    let handshake = Duration::from_millis(u64::try_from(limits::HANDSHAKE_MS).unwrap_or_default());
    let Ok(Ok(identity)) = timeout(handshake, shake_hands(&mut reader, &mut write, shared.role)).await else {
        return;
    };
    let Some(Connected { peer, number, frames, cut, replaces }) = shared.routes.open(&identity) else {
        return;
    };
    if replaces {
        // What was sent on the older connection may be lost.
        shared.inlet.wait_urgent(Incoming::Disconnected { peer: peer.clone() }).await;
    }
    let (answers, to_answer) = mpsc::channel(ANSWERS);
    let (share, heard) = (shared.room.share(address), AtomicUsize::new(0));
    tokio::select! {
        _ = receive(&mut reader, shared, &share, &peer, &answers, &heard) => {}
        _ = send(write, frames, to_answer) => {}
        // Who pulls never says anything.
        () = silence(&heard), if shared.role != Role::Push => {}
        _ = cut => {}
    }
    if shared.routes.close(&peer, number) {
        shared.inlet.wait_urgent(Incoming::Disconnected { peer }).await;
    }
}

/// Ends when a peer has sent no message for too long; `heard` counts them.
async fn silence(heard: &AtomicUsize) {
    sleep(limits::FIRST_WORD).await;
    let mut before = 0;
    loop {
        let now = heard.load(Ordering::Relaxed);
        if now == before {
            return;
        }
        before = now;
        sleep(limits::SILENCE).await;
    }
}

/// None of these is needed to go on.
fn set_options(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    let _ = sockopt::set_socket_keepalive(stream, true);
    #[cfg(not(target_os = "openbsd"))]
    let _ = sockopt::set_tcp_keepidle(stream, limits::KEEPALIVE_IDLE);
}

async fn shake_hands(
    reader: &mut Reader<impl AsyncRead + Unpin>,
    write: &mut (impl AsyncWrite + Unpin),
    role: Role,
) -> io::Result<Bytes> {
    write.write_all(&zmtp::greeting()).await?;
    while reader.come.len() < zmtp::GREETING {
        reader.fill().await?;
        zmtp::check_greeting(&reader.come[..reader.come.len().min(zmtp::GREETING)])?;
    }
    reader.come.advance(zmtp::GREETING);
    write.write_all(&zmtp::ready(role)).await?;
    let Head { command: true, length, .. } = reader.head().await? else { return Err(Broken.into()) };
    let body = reader.small(length).await?;
    let identity = zmtp::introduced(&body, role)?;
    // A name means nothing where nobody is addressed.
    Ok(if role == Role::Router { Bytes::copy_from_slice(identity) } else { Bytes::new() })
}

/// Hands on what comes, until the connection ends.
async fn receive(
    reader: &mut Reader<impl AsyncRead + Unpin>,
    shared: &Shared,
    share: &Share<'_>,
    peer: &PeerId,
    answers: &mpsc::Sender<Vec<u8>>,
    heard: &AtomicUsize,
) -> io::Result<()> {
    loop {
        let head = reader.head().await?;
        if head.command {
            if let Some(answer) = zmtp::answer(&reader.small(head.length).await?) {
                let _ = answers.try_send(answer);
            }
            continue;
        }
        if shared.role == Role::Push {
            return Err(Broken.into());
        }
        let body = if head.length > limits::SMALL {
            // Who sends nothing gets no room.
            timeout(limits::BODY, reader.begin(limits::SMALL)).await??;
            let Some(room) = share.reserve(head.length).await else { return Ok(()) };
            room.fill(timeout(patience(head.length), reader.long(&head, share)).await??)
        } else {
            let body = timeout(patience(head.length), reader.whole(&head)).await??;
            if (shared.urgent)(&body) {
                body
            } else {
                let Some(room) = share.reserve(body.len()).await else { return Ok(()) };
                room.fill(body.into())
            }
        };
        heard.fetch_add(1, Ordering::Relaxed);
        let urgent = (shared.urgent)(&body);
        let incoming = match shared.role {
            Role::Pull => Incoming::Pushed { by: peer.clone(), body },
            _ => Incoming::Frame { peer: peer.clone(), body },
        };
        if urgent {
            shared.inlet.wait_urgent(incoming).await;
        } else {
            shared.inlet.wait_other(incoming).await;
        }
    }
}

/// Writes what is queued. Once nothing can be queued any more, all is written and the peer told that nothing follows,
/// it waits for the peer to end.
async fn send(
    mut half: impl AsyncWrite + Unpin,
    mut frames: mpsc::Receiver<Queued>,
    mut to_answer: mpsc::Receiver<Vec<u8>>,
) -> io::Result<()> {
    let mut out = Vec::new();
    // Frames in `out`, which count until they are written.
    let mut taken: Vec<Queued> = Vec::new();
    loop {
        let mut next = tokio::select! {
            Some(answer) = to_answer.recv() => {
                out = answer;
                None
            }
            frame = frames.recv() => {
                if frame.is_none() {
                    half.shutdown().await?;
                    return pending().await;
                }
                frame
            }
        };
        while let Some(frame) = next {
            zmtp::write_head(&mut out, frame.body().len());
            if frame.body().len() > limits::WRITE {
                // Not copied.
                write(&mut half, &out).await?;
                out.clear();
                taken.clear();
                write(&mut half, frame.body()).await?;
            } else {
                out.extend_from_slice(frame.body());
                taken.push(frame);
            }
            next = if out.len() < limits::WRITE { frames.try_recv().ok() } else { None };
        }
        write(&mut half, &out).await?;
        out.clear();
        taken.clear();
        out.shrink_to(limits::KEPT);
    }
}

/// Writes to a peer, which has to read on.
async fn write(half: &mut (impl AsyncWrite + Unpin), mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = timeout(limits::UNREAD, half.write(bytes)).await??;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = &bytes[written..];
    }
    Ok(())
}

/// The receiving half of a connection.
struct Reader<R> {
    half: R,
    /// What has come and was not taken yet.
    come: BytesMut,
}

thread_local! {
    /// Where a thread's connections read to: so none needs a buffer of its own while nothing comes.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; limits::READ]);
}

impl<R: AsyncRead + Unpin> Reader<R> {
    /// Reads something.
    async fn fill(&mut self) -> io::Result<()> {
        if self.come.is_empty() && self.come.capacity() > limits::KEPT {
            self.come = BytesMut::new();
        }
        let Self { half, come } = self;
        let read = poll_fn(|context| {
            SCRATCH.with_borrow_mut(|scratch| {
                let mut scratch = ReadBuf::new(scratch);
                let polled = Pin::new(&mut *half).poll_read(context, &mut scratch);
                if let Poll::Ready(Ok(())) = polled {
                    come.extend_from_slice(scratch.filled());
                }
                polled.map_ok(|()| scratch.filled().len())
            })
        });
        match read.await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    async fn head(&mut self) -> io::Result<Head> {
        loop {
            if let Some((head, size)) = zmtp::head(&self.come)? {
                self.come.advance(size);
                return Ok(head);
            }
            self.fill().await?;
        }
    }

    /// Waits for the first `length` bytes of a body, few, and leaves them where they are.
    async fn begin(&mut self, length: usize) -> io::Result<()> {
        while self.come.len() < length {
            self.fill().await?;
        }
        Ok(())
    }

    /// A body of at most [`limits::SMALL`] bytes.
    async fn small(&mut self, length: usize) -> io::Result<Bytes> {
        self.begin(length).await?;
        let body = Bytes::copy_from_slice(&self.come[..length]);
        self.come.advance(length);
        Ok(body)
    }

    /// The first part of a message, small; the others are thrown away.
    async fn whole(&mut self, head: &Head) -> io::Result<Bytes> {
        let body = self.small(head.length).await?;
        self.skip_parts(head).await?;
        Ok(body)
    }

    /// The first part of a message, of any length, for which there is room; the others are thrown away. It has to come
    /// without a break while others may wait for the room.
    async fn long(&mut self, head: &Head, share: &Share<'_>) -> io::Result<Vec<u8>> {
        let mut body = Vec::with_capacity(head.length);
        let here = self.come.len().min(head.length);
        body.extend_from_slice(&self.come[..here]);
        self.come.advance(here);
        while body.len() < head.length {
            let missing = (head.length - body.len()) as u64;
            match timeout(limits::STALL, (&mut self.half).take(missing).read_buf(&mut body)).await {
                Ok(read) => {
                    if read? == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(stalled) if share.is_short(head.length) => return Err(stalled.into()),
                Err(_) => {}
            }
        }
        self.skip_parts(head).await?;
        Ok(body)
    }

    /// Throws the parts after the first one away.
    async fn skip_parts(&mut self, first: &Head) -> io::Result<()> {
        let mut more = first.more;
        let mut parts = 1;
        while more {
            let head = self.head().await?;
            parts += 1;
            if head.command || parts > limits::PARTS {
                return Err(Broken.into());
            }
            let mut missing = head.length;
            loop {
                let here = self.come.len().min(missing);
                self.come.advance(here);
                missing -= here;
                if missing == 0 {
                    break;
                }
                self.fill().await?;
            }
            more = head.more;
        }
        Ok(())
    }
}

impl From<Broken> for io::Error {
    fn from(_: Broken) -> Self {
        io::ErrorKind::InvalidData.into()
    }
}

#[cfg(test)]
mod tests;
