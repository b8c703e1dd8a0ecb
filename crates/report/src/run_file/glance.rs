//! What a list of runs says of one, without reading all of its file.

use super::About;
use super::frame::{BEFORE, Frame, HEAD, read_head};
use crate::limits;
use akrida_run::Statement;
use std::io::{self, Read, Seek, SeekFrom};

/// A run, at a glance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Glance {
    /// What was asked for.
    pub about: About,
    /// Where it stood at last.
    pub statement: Statement,
    /// Whether its end was written.
    pub ended: bool,
}

impl Glance {
    /// Looks at a file: at its first frame, and at its last ones.
    ///
    /// # Errors
    /// When it cannot be read, or is no such file.
    pub fn read(file: &mut (impl Read + Seek)) -> io::Result<Self> {
        let mut head = vec![0; HEAD];
        file.read_exact(&mut head)?;
        read_head(&head).map_err(io::Error::other)?;
        let end = file.seek(SeekFrom::End(0))?;
        // Where frames begin, and their lengths.
        let mut frames = Vec::new();
        let mut at = HEAD as u64;
        loop {
            let mut before = [0; BEFORE];
            file.seek(SeekFrom::Start(at))?;
            if at + BEFORE as u64 > end {
                break;
            }
            file.read_exact(&mut before)?;
            let length = u32::from_le_bytes([before[0], before[1], before[2], before[3]]);
            let next = at + BEFORE as u64 + u64::from(length);
            if next > end || frames.len() >= limits::FRAMES {
                break;
            }
            frames.push((at, length));
            at = next;
        }
        let mut glance = Self::default();
        let about = frames.first().map(|frame| load(file, *frame)).transpose()?.flatten();
        if let Some(Frame::About(about)) = about {
            glance.about = *about;
        }
        for frame in frames.into_iter().skip(1).rev().take(limits::GLANCED) {
            if let Some(Frame::Second { statement, closes, .. }) = load(file, frame)? {
                glance.ended |= closes;
                if let Some(statement) = statement {
                    glance.statement = *statement;
                    break;
                }
            }
        }
        Ok(glance)
    }
}

/// The frame that begins there; `None` if it is damaged.
fn load(file: &mut (impl Read + Seek), (at, length): (u64, u32)) -> io::Result<Option<Frame>> {
    if u64::from(length) > limits::FRAME {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = vec![0; BEFORE + length as usize];
    file.read_exact(&mut bytes)?;
    let (before, packed) = bytes.split_at(BEFORE);
    if before[4..] != crc32fast::hash(packed).to_le_bytes() {
        return Ok(None);
    }
    Ok(Frame::decode(packed))
}
