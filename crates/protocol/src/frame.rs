//! Locust's envelope: every frame is an array of type, data and node id.

use crate::error::{At as _, DecodeError, Problem, Read};
use crate::generation::Generations;
use crate::limits;
use crate::reader::{Head, Reader};
use crate::writer::Writer;
use bytes::Bytes;

/// A message and the node id in its frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope<M> {
    /// The message.
    pub message: M,
    /// From a worker: who it claims to be; only the connection's identity says who it is. From the master: whom
    /// it is for; empty in masters' messages before 0.10, which are for whoever gets them.
    pub node_id: String,
    /// Of which generations its sender may be, by the form of this message alone.
    pub generations: Generations,
}

/// Writes a frame whose data is written by `data`.
pub(crate) fn encode(kind: &str, node_id: &str, data: impl FnOnce(&mut Writer)) -> Bytes {
    let mut writer = Writer::default();
    writer.array(3);
    writer.text(kind);
    data(&mut writer);
    writer.text(node_id);
    writer.finish()
}

/// Writes a frame for whoever gets it.
pub(crate) fn encode_for_anybody(kind: &str, data: impl FnOnce(&mut Writer)) -> Bytes {
    let mut writer = Writer::default();
    writer.array(3);
    writer.text(kind);
    data(&mut writer);
    writer.nil();
    writer.finish()
}

/// A frame that goes to many, written once up to whom it is for.
#[derive(Clone, Debug)]
pub struct Shared(Bytes);

impl Shared {
    /// Of a frame for nobody: the last byte is an empty node id.
    pub(crate) fn new(mut frame: Bytes) -> Self {
        frame.truncate(frame.len().saturating_sub(1));
        Self(frame)
    }

    /// Bytes of it, without whom it is for.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.len()
    }

    /// The frame for the worker `node_id`.
    #[must_use]
    pub fn to(&self, node_id: &str) -> Bytes {
        let mut tail = Writer::default();
        tail.text(node_id);
        [&self.0[..], &tail.finish()[..]].concat().into()
    }
}

/// Reads a frame whose data is read by `data`, which is told the type.
pub(crate) fn decode<'a, M>(
    frame: &'a [u8],
    data: impl FnOnce(&str, &mut Reader<'a>) -> Read<(M, Generations)>,
) -> Result<Envelope<M>, DecodeError> {
    let mut reader = Reader::new(frame);
    let kind = kind(&mut reader).map_err(|fault| fault.into_error(None))?;
    let body = || -> Read<Envelope<M>> {
        let (message, generations) = data(kind, &mut reader)?;
        let node_id = node_id(&mut reader).at("node_id")?;
        match reader.remaining() {
            0 => Ok(Envelope { message, node_id, generations }),
            trailing => Err(Problem::TrailingBytes(trailing).into()),
        }
    };
    body().map_err(|fault| fault.into_error(Some(kind)))
}

fn node_id(reader: &mut Reader<'_>) -> Read<String> {
    let mut ahead = *reader;
    if matches!(ahead.head()?, Head::Nil) {
        *reader = ahead;
        return Ok(String::new());
    }
    reader.text(limits::NODE_ID).map(str::to_owned)
}

fn kind<'a>(reader: &mut Reader<'a>) -> Read<&'a str> {
    let elements = reader.array(usize::MAX, "elements")?;
    if elements != 3 {
        return Err(Problem::Elements { wanted: 3, found: elements as u32 }.into());
    }
    reader.text(limits::KIND).at("type")
}
