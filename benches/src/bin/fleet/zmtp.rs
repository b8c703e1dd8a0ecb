//! As much of ZMTP 3.0 as a DEALER needs that talks to one ROUTER: thousands of libzmq's sockets do not fit on a core.

use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Greeting: signature, version 3.0, mechanism NULL, client.
const GREETING: usize = 64;

/// The bits of a frame's flags.
const MORE: u8 = 1;
const LONG: u8 = 2;
const COMMAND: u8 = 4;

/// A connection to a master.
pub(crate) struct Dealer {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Dealer {
    pub(crate) async fn connect(port: u16, identity: &str) -> io::Result<Self> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let mut greeting = [0; GREETING];
        greeting[..10].copy_from_slice(&[0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f]);
        greeting[10] = 3;
        greeting[12..16].copy_from_slice(b"NULL");
        stream.write_all(&greeting).await?;
        stream.read_exact(&mut greeting).await?;
        let mut ready = b"\x05READY".to_vec();
        for (name, value) in [("Socket-Type", "DEALER"), ("Identity", identity)] {
            ready.push(name.len() as u8);
            ready.extend_from_slice(name.as_bytes());
            ready.extend_from_slice(&(value.len() as u32).to_be_bytes());
            ready.extend_from_slice(value.as_bytes());
        }
        let mut dealer = Self { stream, unread: Vec::new() };
        dealer.write(COMMAND, &ready).await?;
        Ok(dealer)
    }

    /// Sends a message of one frame.
    pub(crate) async fn send(&mut self, body: &[u8]) -> io::Result<()> {
        self.write(0, body).await
    }

    async fn write(&mut self, flags: u8, body: &[u8]) -> io::Result<()> {
        let mut frame = Vec::with_capacity(body.len() + 9);
        match u8::try_from(body.len()) {
            Ok(length) => frame.extend([flags, length]),
            Err(_) => {
                frame.push(flags | LONG);
                frame.extend_from_slice(&(body.len() as u64).to_be_bytes());
            }
        }
        frame.extend_from_slice(body);
        self.stream.write_all(&frame).await
    }

    /// The next frame of a message. Cancel safe.
    pub(crate) async fn receive(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some((flags, begin, end)) = frame(&self.unread) {
                let body = self.unread[begin..end].to_vec();
                self.unread.drain(..end);
                if flags & (COMMAND | MORE) == 0 {
                    return Ok(body);
                }
            } else if self.stream.read_buf(&mut self.unread).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// The flags of the first frame, and where its body begins and ends, if all of it is there.
fn frame(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let flags = *bytes.first()?;
    let (begin, length): (usize, usize) = if flags & LONG == 0 {
        (2, usize::from(*bytes.get(1)?))
    } else {
        (9, usize::try_from(u64::from_be_bytes(bytes.get(1..9)?.try_into().ok()?)).ok()?)
    };
    let end = begin.checked_add(length)?;
    (end <= bytes.len()).then_some((flags, begin, end))
}
