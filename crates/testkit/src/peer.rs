//! A peer of a master that says whatever a test wants: ZeroMQ's protocol by hand.

use crate::limits::PATIENCE;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};

/// A connection to a master on this machine, as a worker has one.
#[derive(Debug)]
pub struct Peer(TcpStream);

impl Peer {
    /// Connects to `port` on 127.0.0.1 and introduces itself by this name, at most 200 bytes.
    #[must_use]
    pub fn connect(port: u16, name: &str) -> Self {
        let mut stream =
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("the master's port takes connections");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time above zero is one");
        let mut greeting = b"\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL".to_vec();
        greeting.resize(64, 0);
        let name = [&[u8::try_from(name.len()).expect("a short name")], name.as_bytes()].concat();
        let ready = [&b"\x05READY\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\0"[..], &name].concat();
        let length = u8::try_from(ready.len()).expect("a short name");
        stream.write_all(&[greeting, vec![4, length], ready].concat()).expect("the master is there");
        let mut this = Self(stream);
        let mut theirs = [0; 64];
        this.0.read_exact(&mut theirs).expect("the master's greeting");
        let _introduction = this.frame();
        this
    }

    /// Says this, whole; `false` if the connection is gone.
    pub fn say(&mut self, body: &[u8]) -> bool {
        let length = (body.len() as u64).to_be_bytes();
        self.0.write_all(&[&[2][..], &length, body].concat()).is_ok()
    }

    /// What the master says next; `None` if it ends the connection.
    pub fn hear(&mut self) -> Option<Vec<u8>> {
        self.frame()
    }

    fn frame(&mut self) -> Option<Vec<u8>> {
        let mut flags = [0];
        self.0.read_exact(&mut flags).ok()?;
        let mut length = [0; 8];
        let size = if flags[0] & 2 == 0 { 1 } else { 8 };
        self.0.read_exact(&mut length[8 - size..]).ok()?;
        let mut body = vec![0; usize::try_from(u64::from_be_bytes(length)).ok()?];
        self.0.read_exact(&mut body).ok()?;
        Some(body)
    }
}
