//! One connection to a master: the handshake, then frames in both directions until either side ends.

use super::room::{Room, patience};
use super::routes::{Connected, Routes, Waiting};
use super::zmtp::{self, Broken, Head};
use crate::hub::Inlet;
use crate::{Incoming, PeerId, limits};
use bytes::{Buf, Bytes, BytesMut};
use rustix::net::sockopt;
use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Answers to commands of the peer that wait to be written; further ones are dropped.
const ANSWERS: usize = 4;

/// What the connections of a hub share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) routes: Arc<Routes>,
    pub(super) room: Room,
    pub(super) inlet: Inlet,
    pub(super) urgent: fn(&[u8]) -> bool,
}

/// Serves a connection to its end. Whatever the peer sends ends at worst this connection.
pub(super) async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    set_options(&stream);
    let (read, write) = stream.into_split();
    let mut reader = Reader { half: read, come: BytesMut::new() };
    let handshake = Duration::from_millis(u64::try_from(limits::HANDSHAKE_MS).unwrap_or_default());
    let Ok(Ok((identity, write))) = timeout(handshake, shake_hands(&mut reader, write)).await else { return };
    let Some(Connected { peer, number, frames, waiting, cut }) = shared.routes.open(&identity) else {
        return;
    };
    let (answers, to_answer) = mpsc::channel(ANSWERS);
    tokio::select! {
        _ = receive(&mut reader, &shared, &peer, &answers) => {}
        _ = send(write, frames, to_answer, &waiting) => {}
        _ = cut => {}
    }
    if shared.routes.close(&peer, number) {
        shared.inlet.wait_urgent(Incoming::Disconnected { peer }).await;
    }
}

/// None of these is needed to go on.
fn set_options(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    let _ = sockopt::set_socket_keepalive(stream, true);
    #[cfg(not(target_os = "openbsd"))]
    let _ = sockopt::set_tcp_keepidle(stream, limits::KEEPALIVE_IDLE);
}

async fn shake_hands(reader: &mut Reader, mut write: OwnedWriteHalf) -> io::Result<(Bytes, OwnedWriteHalf)> {
    write.write_all(&zmtp::greeting()).await?;
    while reader.come.len() < zmtp::GREETING {
        reader.fill().await?;
        zmtp::check_greeting(&reader.come[..reader.come.len().min(zmtp::GREETING)])?;
    }
    reader.come.advance(zmtp::GREETING);
    write.write_all(&zmtp::ready()).await?;
    let Head { command: true, length, .. } = reader.head().await? else { return Err(Broken.into()) };
    let body = reader.small(length).await?;
    Ok((Bytes::copy_from_slice(zmtp::introduced(&body)?), write))
}

/// Hands on what comes, until the connection ends.
async fn receive(
    reader: &mut Reader,
    shared: &Shared,
    peer: &PeerId,
    answers: &mpsc::Sender<Vec<u8>>,
) -> io::Result<()> {
    loop {
        let head = reader.head().await?;
        if head.command {
            if let Some(answer) = zmtp::answer(&reader.small(head.length).await?) {
                let _ = answers.try_send(answer);
            }
            continue;
        }
        let body = if head.length > limits::SMALL {
            let Some(room) = shared.room.reserve(head.length).await else { return Ok(()) };
            room.fill(timeout(patience(head.length), reader.long(&head)).await??)
        } else {
            let body = timeout(patience(head.length), reader.whole(&head)).await??;
            if (shared.urgent)(&body) {
                body
            } else {
                let Some(room) = shared.room.reserve(body.len()).await else { return Ok(()) };
                room.fill(body.into())
            }
        };
        let urgent = (shared.urgent)(&body);
        let incoming = Incoming::Frame { peer: peer.clone(), body };
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
    mut half: OwnedWriteHalf,
    mut frames: mpsc::Receiver<Bytes>,
    mut to_answer: mpsc::Receiver<Vec<u8>>,
    waiting: &Waiting,
) -> io::Result<()> {
    let mut out = Vec::new();
    loop {
        tokio::select! {
            Some(answer) = to_answer.recv() => out = answer,
            frame = frames.recv() => {
                let mut next = frame;
                if next.is_none() {
                    half.shutdown().await?;
                    return pending().await;
                }
                while let Some(body) = next {
                    waiting.less(body.len());
                    zmtp::write_message(&mut out, &body);
                    next = if out.len() < limits::WRITE { frames.try_recv().ok() } else { None };
                }
            }
        }
        half.write_all(&out).await?;
        out.clear();
        out.shrink_to(limits::READ);
    }
}

/// The receiving half of a connection.
struct Reader {
    half: OwnedReadHalf,
    /// What has come and was not taken yet.
    come: BytesMut,
}

impl Reader {
    /// Reads something.
    async fn fill(&mut self) -> io::Result<()> {
        self.come.reserve(limits::READ);
        match self.half.read_buf(&mut self.come).await? {
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

    /// A body of at most [`limits::SMALL`] bytes.
    async fn small(&mut self, length: usize) -> io::Result<Bytes> {
        while self.come.len() < length {
            self.fill().await?;
        }
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

    /// The first part of a message, of any length; the others are thrown away.
    async fn long(&mut self, head: &Head) -> io::Result<Vec<u8>> {
        let mut body = Vec::with_capacity(head.length);
        let here = self.come.len().min(head.length);
        body.extend_from_slice(&self.come[..here]);
        self.come.advance(here);
        let missing = (head.length - here) as u64;
        if (&mut self.half).take(missing).read_to_end(&mut body).await? as u64 != missing {
            return Err(io::ErrorKind::UnexpectedEof.into());
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
