//! Wakes a thread that polls sockets.

use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;

/// A descriptor that is readable once it was rung and until it was heard.
#[derive(Debug)]
pub(super) struct Bell {
    rope: UnixStream,
    clapper: UnixStream,
}

impl Bell {
    pub(super) fn new() -> io::Result<Self> {
        let (rope, clapper) = UnixStream::pair()?;
        rope.set_nonblocking(true)?;
        clapper.set_nonblocking(true)?;
        Ok(Self { rope, clapper })
    }

    /// Rings. One that rings loudly already, with its buffer full, is left alone.
    pub(super) fn ring(&self) {
        let _ = (&self.rope).write(&[0]);
    }

    /// Stops the ringing.
    pub(super) fn hear(&self) {
        let mut rings = [0; 1024];
        while matches!((&self.clapper).read(&mut rings), Ok(heard) if heard == rings.len()) {}
    }

    pub(super) fn descriptor(&self) -> RawFd {
        self.clapper.as_raw_fd()
    }
}
