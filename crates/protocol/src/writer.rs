//! Writes msgpack as Python's encoder does: shortest integers, float64, str8 and above for longer texts.

use bytes::Bytes;
use rmp::encode::{self, ByteBuf};

/// A frame in the making. Writing to memory cannot fail, which rmp's error types say: they have no values.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    buffer: ByteBuf,
}

impl Writer {
    pub(crate) fn finish(self) -> Bytes {
        self.buffer.into_vec().into()
    }

    pub(crate) fn nil(&mut self) {
        let Ok(()) = encode::write_nil(&mut self.buffer);
    }

    pub(crate) fn boolean(&mut self, value: bool) {
        let Ok(()) = encode::write_bool(&mut self.buffer, value);
    }

    pub(crate) fn uint(&mut self, value: u64) {
        let Ok(_) = encode::write_uint(&mut self.buffer, value);
    }

    pub(crate) fn sint(&mut self, value: i64) {
        let Ok(_) = encode::write_sint(&mut self.buffer, value);
    }

    pub(crate) fn float(&mut self, value: f64) {
        let Ok(()) = encode::write_f64(&mut self.buffer, value);
    }

    pub(crate) fn text(&mut self, value: &str) {
        let Ok(()) = encode::write_str(&mut self.buffer, value);
    }

    pub(crate) fn blob(&mut self, value: &[u8]) {
        let Ok(()) = encode::write_bin(&mut self.buffer, value);
    }

    pub(crate) fn array(&mut self, len: usize) {
        let Ok(_) = encode::write_array_len(&mut self.buffer, len as u32);
    }

    pub(crate) fn map(&mut self, len: usize) {
        let Ok(_) = encode::write_map_len(&mut self.buffer, len as u32);
    }

    /// `write`, or nil for `None`.
    pub(crate) fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        match value {
            Some(value) => write(self, value),
            None => self.nil(),
        }
    }

    /// Microseconds as Locust's milliseconds.
    pub(crate) fn milliseconds(&mut self, us: u64) {
        self.float(us.min(crate::limits::TIME_US) as f64 / 1e3);
    }

    /// Unix microseconds as Locust's seconds.
    pub(crate) fn unix_seconds(&mut self, us: u64) {
        self.float(us.min(crate::limits::UNIX_S * 1_000_000) as f64 / 1e6);
    }
}
