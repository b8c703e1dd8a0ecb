//! Frames one after the other.

use super::frame::{BEFORE, Frame, HEAD, HeadError, read_head};

/// Reads the frames of a file, up to its last whole one.
#[derive(Clone, Debug)]
pub struct Frames<'a> {
    rest: &'a [u8],
    read: usize,
}

impl<'a> Frames<'a> {
    /// Of a whole file.
    ///
    /// # Errors
    /// When it is no such file.
    pub fn new(bytes: &'a [u8]) -> Result<Self, HeadError> {
        Ok(Self { rest: read_head(bytes)?, read: HEAD })
    }

    /// Bytes of the head and the frames that were read: what follows is cut off, or damaged.
    #[must_use]
    pub fn read(&self) -> usize {
        self.read
    }

    /// Bytes that were not read.
    #[must_use]
    pub fn left(&self) -> usize {
        self.rest.len()
    }
}

impl Iterator for Frames<'_> {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        let (length, rest) = self.rest.split_first_chunk()?;
        let (checksum, rest) = rest.split_first_chunk()?;
        let length = u32::from_le_bytes(*length) as usize;
        let (packed, rest) = rest.split_at_checked(length)?;
        if crc32fast::hash(packed) != u32::from_le_bytes(*checksum) {
            return None;
        }
        let frame = Frame::decode(packed)?;
        self.rest = rest;
        self.read += BEFORE + length;
        Some(frame)
    }
}
