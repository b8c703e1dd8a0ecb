//! Reads msgpack from a frame without trusting a single length in it.

use crate::error::{At as _, Fault, Problem, Read, excerpt};
use crate::limits;
use rmp::Marker;

/// What is left of a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

/// A number, as msgpack tells them apart.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Number {
    /// Zero or above.
    Unsigned(u64),
    /// Below zero.
    Negative(i64),
    /// Any float.
    Float(f64),
}

/// What a value begins with, lengths included.
pub(crate) enum Head<'a> {
    Nil,
    Bool(bool),
    Number(Number),
    Text(&'a [u8]),
    Bytes(&'a [u8]),
    Array(u32),
    Map(u32),
    /// An extension type or the reserved byte; Locust sends neither.
    Other,
}

impl Head<'_> {
    fn name(&self) -> &'static str {
        match self {
            Self::Nil => "nil",
            Self::Bool(_) => "a boolean",
            Self::Number(Number::Float(_)) => "a float",
            Self::Number(_) => "an integer",
            Self::Text(_) => "a text",
            Self::Bytes(_) => "bytes",
            Self::Array(_) => "an array",
            Self::Map(_) => "a map",
            Self::Other => "an extension",
        }
    }

    fn instead_of(&self, wanted: &'static str) -> Fault {
        Problem::Type { wanted, found: self.name() }.into()
    }
}

impl<'a> Reader<'a> {
    pub(crate) fn new(frame: &'a [u8]) -> Self {
        Self { rest: frame }
    }

    /// Bytes not read yet.
    pub(crate) fn remaining(&self) -> usize {
        self.rest.len()
    }

    fn take(&mut self, count: usize) -> Read<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Problem::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn bytes<const N: usize>(&mut self) -> Read<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Problem::Truncated)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn len8(&mut self) -> Read<usize> {
        Ok(usize::from(u8::from_be_bytes(self.bytes()?)))
    }

    fn len16(&mut self) -> Read<usize> {
        Ok(usize::from(u16::from_be_bytes(self.bytes()?)))
    }

    fn len32(&mut self) -> Read<u32> {
        Ok(u32::from_be_bytes(self.bytes()?))
    }

    /// Reads a scalar, or the beginning of a collection.
    pub(crate) fn head(&mut self) -> Read<Head<'a>> {
        let [marker] = self.bytes()?;
        let unsigned = |value| Head::Number(Number::Unsigned(value));
        let signed =
            |value: i64| Head::Number(u64::try_from(value).map_or(Number::Negative(value), Number::Unsigned));
        Ok(match Marker::from_u8(marker) {
            Marker::Null => Head::Nil,
            Marker::True => Head::Bool(true),
            Marker::False => Head::Bool(false),
            Marker::FixPos(value) => unsigned(value.into()),
            Marker::FixNeg(value) => signed(value.into()),
            Marker::U8 => unsigned(u8::from_be_bytes(self.bytes()?).into()),
            Marker::U16 => unsigned(u16::from_be_bytes(self.bytes()?).into()),
            Marker::U32 => unsigned(u32::from_be_bytes(self.bytes()?).into()),
            Marker::U64 => unsigned(u64::from_be_bytes(self.bytes()?)),
            Marker::I8 => signed(i8::from_be_bytes(self.bytes()?).into()),
            Marker::I16 => signed(i16::from_be_bytes(self.bytes()?).into()),
            Marker::I32 => signed(i32::from_be_bytes(self.bytes()?).into()),
            Marker::I64 => signed(i64::from_be_bytes(self.bytes()?)),
            Marker::F32 => Head::Number(Number::Float(f32::from_be_bytes(self.bytes()?).into())),
            Marker::F64 => Head::Number(Number::Float(f64::from_be_bytes(self.bytes()?))),
            Marker::FixStr(len) => Head::Text(self.take(len.into())?),
            Marker::Str8 => self.len8().and_then(|len| self.take(len)).map(Head::Text)?,
            Marker::Str16 => self.len16().and_then(|len| self.take(len)).map(Head::Text)?,
            Marker::Str32 => self.len32().and_then(|len| self.take(len as usize)).map(Head::Text)?,
            Marker::Bin8 => self.len8().and_then(|len| self.take(len)).map(Head::Bytes)?,
            Marker::Bin16 => self.len16().and_then(|len| self.take(len)).map(Head::Bytes)?,
            Marker::Bin32 => self.len32().and_then(|len| self.take(len as usize)).map(Head::Bytes)?,
            Marker::FixArray(len) => Head::Array(len.into()),
            Marker::Array16 => Head::Array(self.len16()? as u32),
            Marker::Array32 => Head::Array(self.len32()?),
            Marker::FixMap(len) => Head::Map(len.into()),
            Marker::Map16 => Head::Map(self.len16()? as u32),
            Marker::Map32 => Head::Map(self.len32()?),
            // A type byte comes before the data of every extension.
            Marker::FixExt1 => self.take(2).map(|_| Head::Other)?,
            Marker::FixExt2 => self.take(3).map(|_| Head::Other)?,
            Marker::FixExt4 => self.take(5).map(|_| Head::Other)?,
            Marker::FixExt8 => self.take(9).map(|_| Head::Other)?,
            Marker::FixExt16 => self.take(17).map(|_| Head::Other)?,
            Marker::Ext8 => self.len8().and_then(|len| self.take(len + 1)).map(|_| Head::Other)?,
            Marker::Ext16 => self.len16().and_then(|len| self.take(len + 1)).map(|_| Head::Other)?,
            Marker::Ext32 => self.len32().and_then(|len| self.take(len as usize + 1)).map(|_| Head::Other)?,
            Marker::Reserved => Head::Other,
        })
    }

    /// Passes over one value. Neither recursive nor longer than the frame: each element costs at least a byte,
    /// whatever length its collection claims.
    pub(crate) fn skip(&mut self) -> Read<()> {
        let mut pending = 1_u64;
        while pending > 0 {
            pending -= 1;
            let &marker = self.rest.first().ok_or(Problem::Truncated)?;
            // What nearly all is, without looking at it closely.
            let bytes = match Marker::from_u8(marker) {
                Marker::FixPos(_) | Marker::FixNeg(_) | Marker::Null | Marker::True | Marker::False => 1,
                Marker::U8 | Marker::I8 => 2,
                Marker::U16 | Marker::I16 => 3,
                Marker::U32 | Marker::I32 | Marker::F32 => 5,
                Marker::U64 | Marker::I64 | Marker::F64 => 9,
                Marker::FixStr(len) => 1 + usize::from(len),
                _ => {
                    match self.head()? {
                        Head::Array(len) => pending += u64::from(len),
                        Head::Map(len) => pending += 2 * u64::from(len),
                        _ => {}
                    }
                    continue;
                }
            };
            self.take(bytes)?;
        }
        Ok(())
    }

    /// Passes over a nil; false, and nothing passed, if there is something else.
    pub(crate) fn nil(&mut self) -> bool {
        let nil = self.rest.first() == Some(&Marker::Null.to_u8());
        if nil {
            self.rest = &self.rest[1..];
        }
        nil
    }

    /// `read`, or `None` for a nil.
    pub(crate) fn optional<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<Option<T>> {
        if self.nil() { Ok(None) } else { read(self).map(Some) }
    }

    /// A text of at most `limit` bytes.
    pub(crate) fn text(&mut self, limit: usize) -> Read<&'a str> {
        match self.head()? {
            Head::Text(text) if text.len() > limit => Err(Problem::TooMany { limit, unit: "bytes" }.into()),
            Head::Text(text) => std::str::from_utf8(text).map_err(|_| Problem::NotUtf8.into()),
            head => Err(head.instead_of("a text")),
        }
    }

    /// A text of which at most `limit` bytes are kept.
    pub(crate) fn shortened(&mut self, limit: usize) -> Read<String> {
        let text = self.text(usize::MAX)?;
        if text.len() <= limit {
            return Ok(text.to_owned());
        }
        let end = text.floor_char_boundary(limit - '…'.len_utf8());
        Ok(format!("{}…", &text[..end]))
    }

    /// Raw bytes.
    pub(crate) fn blob(&mut self) -> Read<&'a [u8]> {
        match self.head()? {
            Head::Bytes(bytes) => Ok(bytes),
            head => Err(head.instead_of("bytes")),
        }
    }

    /// A boolean.
    pub(crate) fn boolean(&mut self) -> Read<bool> {
        match self.head()? {
            Head::Bool(value) => Ok(value),
            head => Err(head.instead_of("a boolean")),
        }
    }

    fn number(&mut self, wanted: &'static str) -> Read<Number> {
        match self.head()? {
            Head::Number(number) => Ok(number),
            head => Err(head.instead_of(wanted)),
        }
    }

    /// How many of something: a whole number from 0 to [`limits::COUNT`].
    pub(crate) fn count(&mut self) -> Read<u64> {
        let number = self.number("a count")?;
        number.whole(limits::COUNT).ok_or_else(|| number.instead_of("a count"))
    }

    /// As [`Self::count`], for a type with a bound of its own.
    pub(crate) fn small<T: TryFrom<u64>>(&mut self) -> Read<T> {
        let number = self.number("a small count")?;
        let whole = number.whole(limits::COUNT).and_then(|count| T::try_from(count).ok());
        whole.ok_or_else(|| number.instead_of("a small count"))
    }

    /// A whole number from -[`limits::COUNT`] to [`limits::COUNT`].
    pub(crate) fn signed(&mut self) -> Read<i64> {
        let number = self.number("a whole number")?;
        let whole = match number {
            Number::Negative(below) if below.unsigned_abs() <= limits::COUNT => Some(below),
            number => number.whole(limits::COUNT).and_then(|count| i64::try_from(count).ok()),
        };
        whole.ok_or_else(|| number.instead_of("a whole number"))
    }

    /// A finite number.
    pub(crate) fn finite(&mut self) -> Read<f64> {
        let number = self.number("a number")?;
        let value = number.as_f64();
        if value.is_finite() { Ok(value) } else { Err(number.instead_of("a number")) }
    }

    /// A finite number, 0 or above.
    pub(crate) fn amount(&mut self) -> Read<f64> {
        let number = self.number("a number of 0 or more")?;
        let value = number.as_f64();
        if value.is_finite() && value >= 0.0 {
            Ok(value)
        } else {
            Err(number.instead_of("a number of 0 or more"))
        }
    }

    /// Locust's milliseconds, as microseconds up to [`limits::TIME_US`].
    pub(crate) fn milliseconds(&mut self) -> Read<u64> {
        let number = self.number("milliseconds")?;
        number.scaled(1e3, limits::TIME_US).ok_or_else(|| number.instead_of("milliseconds"))
    }

    /// Locust's time of day in seconds, as unix microseconds up to [`limits::UNIX_S`].
    pub(crate) fn unix_seconds(&mut self) -> Read<u64> {
        let number = self.number("a time of day")?;
        let limit = limits::UNIX_S * 1_000_000;
        number.scaled(1e6, limit).ok_or_else(|| number.instead_of("a time of day"))
    }

    /// The key of a map keyed by whole numbers, which some peers write as texts.
    pub(crate) fn integer_key(&mut self, limit: u64) -> Read<u64> {
        match self.head()? {
            Head::Number(number) => number.whole(limit).ok_or_else(|| number.instead_of("a whole number")),
            Head::Text(text) => std::str::from_utf8(text)
                .ok()
                .and_then(|text| text.parse().ok())
                .filter(|key| *key <= limit)
                .ok_or_else(|| {
                    let found = excerpt(&String::from_utf8_lossy(&text[..text.len().min(64)]));
                    Problem::Range { wanted: "a whole number", found }.into()
                }),
            head => Err(head.instead_of("a whole number")),
        }
    }

    /// The length of an array, at most `limit`.
    pub(crate) fn array(&mut self, limit: usize, unit: &'static str) -> Read<usize> {
        match self.head()? {
            Head::Array(len) => bounded(len, limit, unit),
            head => Err(head.instead_of("an array")),
        }
    }

    /// The number of pairs in a map, at most `limit`.
    pub(crate) fn map(&mut self, limit: usize, unit: &'static str) -> Read<usize> {
        match self.head()? {
            Head::Map(len) => bounded(len, limit, unit),
            head => Err(head.instead_of("a map")),
        }
    }

    /// Hands each element of an array to `read`.
    pub(crate) fn elements(
        &mut self,
        limit: usize,
        unit: &'static str,
        mut read: impl FnMut(&mut Self) -> Read<()>,
    ) -> Read<()> {
        let len = self.array(limit, unit)?;
        (0..len).try_for_each(|index| read(self).nth(index))
    }

    /// So many of the same kind.
    pub(crate) fn tuple<T: Copy + Default, const N: usize>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Read<T>,
    ) -> Read<[T; N]> {
        let len = self.array(N, "elements")?;
        if len < N {
            return Err(Problem::Elements { wanted: N as u32, found: len as u32 }.into());
        }
        let mut elements = [T::default(); N];
        for (index, element) in elements.iter_mut().enumerate() {
            *element = read(self).nth(index)?;
        }
        Ok(elements)
    }

    /// Hands each field of a map to `read`, which passes over those it does not know. Fields whose name is no
    /// text are passed over here.
    pub(crate) fn fields(&mut self, mut read: impl FnMut(&'a str, &mut Self) -> Read<()>) -> Read<()> {
        self.raw_fields(|name, reader| match std::str::from_utf8(name) {
            Ok(name) => read(name, reader),
            Err(_) => reader.skip(),
        })
    }

    /// As [`Self::fields`], with names that may be any bytes: to look whether they are text costs more than to compare
    /// them.
    pub(crate) fn raw_fields(&mut self, mut read: impl FnMut(&'a [u8], &mut Self) -> Read<()>) -> Read<()> {
        let len = self.map(usize::MAX, "fields")?;
        for _ in 0..len {
            let key = *self;
            match self.head()? {
                Head::Text(name) if name.len() <= limits::NAME => {
                    let read = read(name, self);
                    if read.is_err() {
                        // Only what is wrong needs a name.
                        return read.at(&String::from_utf8_lossy(name));
                    }
                }
                _ => {
                    *self = key;
                    self.skip()?;
                    self.skip()?;
                }
            }
        }
        Ok(())
    }
}

fn bounded(len: u32, limit: usize, unit: &'static str) -> Read<usize> {
    let len = len as usize;
    if len > limit { Err(Problem::TooMany { limit, unit }.into()) } else { Ok(len) }
}

impl Number {
    fn as_f64(self) -> f64 {
        match self {
            Self::Unsigned(value) => value as f64,
            Self::Negative(value) => value as f64,
            Self::Float(value) => value,
        }
    }

    /// The number if it is whole and in `0..=limit`, where `limit` is at most 2^53.
    fn whole(self, limit: u64) -> Option<u64> {
        let value = match self {
            Self::Unsigned(value) => value,
            Self::Float(value) if value >= 0.0 && value <= limit as f64 && value.fract() == 0.0 => {
                value as u64
            }
            _ => return None,
        };
        (value <= limit).then_some(value)
    }

    /// The number times `factor`, rounded, if that is in `0..=limit`.
    fn scaled(self, factor: f64, limit: u64) -> Option<u64> {
        let value = (self.as_f64() * factor).round();
        (value >= 0.0 && value <= limit as f64).then_some(value as u64)
    }

    fn instead_of(self, wanted: &'static str) -> Fault {
        let found = match self {
            Self::Unsigned(value) => value.to_string(),
            Self::Negative(value) => value.to_string(),
            Self::Float(value) => format!("{value:?}"),
        };
        Problem::Range { wanted, found }.into()
    }
}
