//! Any value of msgpack, to take frames apart and to put together what no sound sender would say.

use rmp::Marker;
use rmp::encode;

/// A value. Texts may be no UTF-8, keys may be anything.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    Nil,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
    List(Vec<Tree>),
    Map(Vec<(Tree, Tree)>),
}

impl Tree {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.as_bytes().to_vec())
    }

    /// A map with texts for keys.
    pub(super) fn map<const N: usize>(fields: [(&str, Self); N]) -> Self {
        Self::Map(fields.into_iter().map(|(name, value)| (Self::text(name), value)).collect())
    }

    /// Reads one value of a sound frame; `None` of what is not sound, or in a form that no peer of ours uses.
    pub(super) fn read(rest: &mut &[u8]) -> Option<Self> {
        let marker = Marker::from_u8(uint(rest, 1)? as u8);
        Some(match marker {
            Marker::Null => Self::Nil,
            Marker::True => Self::Bool(true),
            Marker::False => Self::Bool(false),
            Marker::FixPos(value) => Self::Uint(value.into()),
            Marker::FixNeg(value) => Self::Int(value.into()),
            Marker::U8 => Self::Uint(uint(rest, 1)?),
            Marker::U16 => Self::Uint(uint(rest, 2)?),
            Marker::U32 => Self::Uint(uint(rest, 4)?),
            Marker::U64 => Self::Uint(uint(rest, 8)?),
            Marker::F64 => Self::Float(f64::from_bits(uint(rest, 8)?)),
            Marker::FixStr(len) => Self::Text(bytes(rest, len.into())?),
            Marker::Str8 => Self::Text(sized(rest, 1)?),
            Marker::Str16 => Self::Text(sized(rest, 2)?),
            Marker::Bin8 => Self::Blob(sized(rest, 1)?),
            Marker::Bin16 => Self::Blob(sized(rest, 2)?),
            Marker::FixArray(len) => Self::list(rest, len.into())?,
            Marker::Array16 => {
                let len = uint(rest, 2)?;
                Self::list(rest, len)?
            }
            Marker::FixMap(len) => Self::pairs(rest, len.into())?,
            Marker::Map16 => {
                let len = uint(rest, 2)?;
                Self::pairs(rest, len)?
            }
            _ => return None,
        })
    }

    fn list(rest: &mut &[u8], len: u64) -> Option<Self> {
        (0..len).map(|_| Self::read(rest)).collect::<Option<_>>().map(Self::List)
    }

    fn pairs(rest: &mut &[u8], len: u64) -> Option<Self> {
        let pair = |_| Some((Self::read(rest)?, Self::read(rest)?));
        (0..len).map(pair).collect::<Option<_>>().map(Self::Map)
    }

    /// Its encoded form.
    pub(super) fn write(&self, frame: &mut Vec<u8>) {
        let sound = "a vector takes whatever is written";
        match self {
            Self::Nil => encode::write_nil(frame).expect(sound),
            Self::Bool(value) => encode::write_bool(frame, *value).expect(sound),
            Self::Int(value) => drop(encode::write_sint(frame, *value).expect(sound)),
            Self::Uint(value) => drop(encode::write_uint(frame, *value).expect(sound)),
            Self::Float(value) => encode::write_f64(frame, *value).expect(sound),
            Self::Text(text) => {
                encode::write_str_len(frame, text.len() as u32).expect(sound);
                frame.extend_from_slice(text);
            }
            Self::Blob(blob) => encode::write_bin(frame, blob).expect(sound),
            Self::List(items) => {
                encode::write_array_len(frame, items.len() as u32).expect(sound);
                items.iter().for_each(|item| item.write(frame));
            }
            Self::Map(pairs) => {
                encode::write_map_len(frame, pairs.len() as u32).expect(sound);
                for (key, value) in pairs {
                    key.write(frame);
                    value.write(frame);
                }
            }
        }
    }

    /// How many values it consists of.
    pub(super) fn len(&self) -> usize {
        1 + match self {
            Self::List(items) => items.iter().map(Self::len).sum(),
            Self::Map(pairs) => pairs.iter().map(|(key, value)| key.len() + value.len()).sum(),
            _ => 0,
        }
    }

    /// The value numbered `at`, itself being 0.
    pub(super) fn nth(&mut self, mut at: usize) -> &mut Self {
        let mut this = self;
        while at > 0 {
            at -= 1;
            let parts: Vec<&mut Self> = match this {
                Self::List(items) => items.iter_mut().collect(),
                Self::Map(pairs) => pairs.iter_mut().flat_map(|(key, value)| [key, value]).collect(),
                _ => unreachable!("numbers are below `len`"),
            };
            let mut next = None;
            for part in parts {
                let len = part.len();
                if at < len {
                    next = Some(part);
                    break;
                }
                at -= len;
            }
            this = next.expect("numbers are below `len`");
        }
        this
    }
}

fn uint(rest: &mut &[u8], width: usize) -> Option<u64> {
    let taken = bytes(rest, width as u64)?;
    Some(taken.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

fn sized(rest: &mut &[u8], width: usize) -> Option<Vec<u8>> {
    let len = uint(rest, width)?;
    bytes(rest, len)
}

fn bytes(rest: &mut &[u8], len: u64) -> Option<Vec<u8>> {
    let (taken, after) = rest.split_at_checked(usize::try_from(len).ok()?)?;
    *rest = after;
    Some(taken.to_vec())
}
