//! Frames as bytes.

use super::About;
use crate::limits;
use akrida_run::{Record, Statement};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use std::io::{Read as _, Write as _};

/// What every file begins with.
const WORDS: &[u8] = b"akrida results\n";

/// The version of what follows. Another one when a frame or a record gets another shape.
pub const VERSION: u16 = 1;

/// Bytes of a head.
pub(super) const HEAD: usize = WORDS.len() + 2;

/// Bytes before the content of a frame.
pub(super) const BEFORE: usize = 8;

/// What a file is made of.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame {
    /// What the run is of: the first one.
    About(Box<About>),
    /// What was measured in total since the second before, and where the run stands; `with_workers` says whether the
    /// statement lists them, or they are as they were.
    Second {
        /// Of what was measured it has the totals alone.
        record: Box<Record>,
        /// `None` where it is as it was.
        statement: Option<Box<Statement>>,
        /// See above.
        with_workers: bool,
        /// Whether the run has come to its end.
        closes: bool,
    },
    /// What was measured by name since the slice before; it has no totals.
    Slice(Box<Record>),
    /// All that was so far, in place of the frames before: another master goes on with the run.
    Sum(Box<Record>),
}

/// Why a file is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// It begins with something else.
    #[error("it is no file of a run's results")]
    Other,
    /// It is of another version of Akrida.
    #[error("it has version {0} of the format, and this program knows version {VERSION}")]
    Version(u16),
    /// It ends before it says what it is of.
    #[error("it ends before it says what it is of")]
    Empty,
}

/// Why a frame is not written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a frame cannot be written: {0}")]
pub struct FrameError(String);

impl FrameError {
    fn new(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// The head of a file.
#[must_use]
pub fn head() -> Vec<u8> {
    [WORDS, &VERSION.to_le_bytes()].concat()
}

/// What follows the head.
///
/// # Errors
/// When it is no such file, of another version, or ends within the head.
pub fn read_head(bytes: &[u8]) -> Result<&[u8], HeadError> {
    let known = bytes.len().min(WORDS.len());
    if bytes[..known] != WORDS[..known] {
        return Err(HeadError::Other);
    }
    let (version, rest) = bytes[known..].split_first_chunk().ok_or(HeadError::Empty)?;
    match u16::from_le_bytes(*version) {
        VERSION => Ok(rest),
        other => Err(HeadError::Version(other)),
    }
}

mod kind {
    pub(super) const ABOUT: u8 = 0;
    pub(super) const SECOND: u8 = 1;
    pub(super) const SLICE: u8 = 2;
    pub(super) const SUM: u8 = 3;
}

/// Bits of the byte behind a second's kind.
mod bit {
    pub(super) const STATEMENT: u8 = 1;
    pub(super) const WORKERS: u8 = 2;
    pub(super) const CLOSES: u8 = 4;
}

impl Frame {
    /// Its bytes.
    ///
    /// # Errors
    /// When it is too long.
    pub fn encode(&self) -> Result<Vec<u8>, FrameError> {
        let content = self.content()?;
        if content.len() as u64 > limits::FRAME {
            return Err(FrameError(format!("{} bytes are too many", content.len())));
        }
        let mut encoder = DeflateEncoder::new(vec![0; BEFORE], Compression::new(limits::COMPRESSION));
        encoder.write_all(&content).map_err(FrameError::new)?;
        let mut bytes = encoder.finish().map_err(FrameError::new)?;
        let (before, packed) = bytes.split_at_mut(BEFORE);
        let length = u32::try_from(packed.len()).map_err(FrameError::new)?;
        before[..4].copy_from_slice(&length.to_le_bytes());
        before[4..].copy_from_slice(&crc32fast::hash(packed).to_le_bytes());
        Ok(bytes)
    }

    fn content(&self) -> Result<Vec<u8>, FrameError> {
        let record = |record: &Record| rmp_serde::to_vec(record).map_err(FrameError::new);
        Ok(match self {
            Self::About(about) => {
                [vec![kind::ABOUT], rmp_serde::to_vec_named(about).map_err(FrameError::new)?].concat()
            }
            Self::Second { record: measured, statement, with_workers, closes } => {
                let bits = (u8::from(statement.is_some()) * bit::STATEMENT)
                    | (u8::from(*with_workers) * bit::WORKERS)
                    | (u8::from(*closes) * bit::CLOSES);
                let statement = match statement {
                    Some(statement) => rmp_serde::to_vec_named(statement).map_err(FrameError::new)?,
                    None => Vec::new(),
                };
                let measured = record(measured)?;
                let length = u32::try_from(measured.len()).map_err(FrameError::new)?;
                [&[kind::SECOND, bits], &length.to_le_bytes()[..], &measured, &statement].concat()
            }
            Self::Slice(slice) => [vec![kind::SLICE], record(slice)?].concat(),
            Self::Sum(sum) => [vec![kind::SUM], record(sum)?].concat(),
        })
    }

    /// The frame with this content; `None` if it is none.
    pub(super) fn decode(packed: &[u8]) -> Option<Self> {
        let mut content = Vec::new();
        DeflateDecoder::new(packed).take(limits::FRAME + 1).read_to_end(&mut content).ok()?;
        if content.len() as u64 > limits::FRAME {
            return None;
        }
        let (kind, content) = content.split_first()?;
        match *kind {
            kind::ABOUT => rmp_serde::from_slice(content).ok().map(|about| Self::About(Box::new(about))),
            kind::SECOND => Self::second(content),
            kind::SLICE => record(content).map(Self::Slice),
            kind::SUM => record(content).map(Self::Sum),
            _ => None,
        }
    }

    fn second(content: &[u8]) -> Option<Self> {
        let (bits, content) = content.split_first()?;
        let (length, content) = content.split_first_chunk()?;
        let (measured, statement) = content.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let says = bits & bit::STATEMENT != 0;
        Some(Self::Second {
            record: record(measured)?,
            statement: if says { Some(Box::new(rmp_serde::from_slice(statement).ok()?)) } else { None },
            with_workers: bits & bit::WORKERS != 0,
            closes: bits & bit::CLOSES != 0,
        })
    }
}

fn record(content: &[u8]) -> Option<Box<Record>> {
    rmp_serde::from_slice(content).ok().map(Box::new)
}
