//! Bytes and text: `encode`, `decode`, `hex`.

use crate::expr::call::{Method, given, text_at};
use crate::expr::display::Repr;
use crate::expr::eval::Run;
use crate::expr::{EvalError, Value};
use std::fmt::Write as _;

pub(crate) static METHODS: &[Method] = &[
    Method::new("decode", &["encoding", "errors"], 0, |value, arguments, run| match value {
        Value::Bytes(bytes) => Some(decode(bytes, arguments, run)),
        _ => None,
    }),
    Method::new("encode", &["encoding", "errors"], 0, |value, arguments, run| {
        value.as_str().map(|_| encode(value, arguments, run))
    }),
    Method::new("hex", &[], 0, |value, _, run| match value {
        Value::Bytes(bytes) => Some(hex(bytes, run)),
        _ => None,
    }),
];

/// An encoding that is known here.
#[derive(Clone, Copy)]
enum Encoding {
    Utf8,
    Ascii,
    Latin1,
}

impl Encoding {
    fn named(name: &str) -> Result<Self, EvalError> {
        match name.to_ascii_lowercase().replace('_', "-").as_str() {
            "utf-8" | "utf8" => Ok(Self::Utf8),
            "ascii" | "us-ascii" => Ok(Self::Ascii),
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" => Ok(Self::Latin1),
            _ => Err(EvalError::raise("LookupError", &format!("unknown encoding: {name}"))),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Ascii => "ascii",
            Self::Latin1 => "latin-1",
        }
    }

    /// The first code that it cannot write or read as one byte.
    fn end(self) -> u32 {
        if let Self::Latin1 = self { 0x100 } else { 0x80 }
    }
}

/// What is done with what cannot be converted.
#[derive(Clone, Copy, PartialEq)]
enum Errors {
    Strict,
    Ignore,
    Replace,
}

impl Errors {
    fn named(name: &str) -> Result<Self, EvalError> {
        match name {
            "strict" => Ok(Self::Strict),
            "ignore" => Ok(Self::Ignore),
            "replace" => Ok(Self::Replace),
            _ => Err(EvalError::raise("LookupError", &format!("unknown error handler name '{name}'"))),
        }
    }
}

fn word<'v>(arguments: &'v [Value], place: usize, default: &'v str) -> Result<&'v str, EvalError> {
    given(arguments, place).map_or(Ok(default), |_| text_at(arguments, place))
}

/// `text.encode(encoding, errors)`
pub(crate) fn encode(value: &Value, arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let text = value.as_str().unwrap_or_default();
    let encoding = Encoding::named(word(arguments, 0, "utf-8")?)?;
    let errors = Errors::named(word(arguments, 1, "strict")?)?;
    run.charge(text.len())?;
    if let Encoding::Utf8 = encoding {
        return Ok(Value::Bytes(text.as_bytes().into()));
    }
    let mut bytes = Vec::with_capacity(text.len());
    for (place, character) in text.chars().enumerate() {
        let code = u32::from(character);
        match (u8::try_from(code), errors) {
            (Ok(byte), _) if code < encoding.end() => bytes.push(byte),
            (_, Errors::Ignore) => {}
            (_, Errors::Replace) => bytes.push(b'?'),
            (_, Errors::Strict) => {
                let words = format!(
                    "'{}' codec can't encode character {} in position {place}: ordinal not in range({})",
                    encoding.name(),
                    Repr(&Value::from(character)),
                    encoding.end()
                );
                return Err(EvalError::raise("UnicodeEncodeError", &words));
            }
        }
    }
    Ok(Value::Bytes(bytes.into()))
}

fn decode(bytes: &[u8], arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    decode_text(bytes, word(arguments, 0, "utf-8")?, word(arguments, 1, "strict")?, run)
}

/// `bytes.decode(encoding, errors)`
pub(crate) fn decode_text(
    bytes: &[u8],
    encoding: &str,
    errors: &str,
    run: &mut Run<'_, '_>,
) -> Result<Value, EvalError> {
    const REPLACEMENT: &str = "\u{fffd}";
    let (encoding, errors) = (Encoding::named(encoding)?, Errors::named(errors)?);
    // A byte that cannot be read is replaced by three.
    run.charge(bytes.len().saturating_mul(3))?;
    let mut text = String::with_capacity(bytes.len());
    let undecodable = |byte: u8, place: usize, why: &str| {
        let name = encoding.name();
        let words = format!("'{name}' codec can't decode byte {byte:#04x} in position {place}: {why}");
        EvalError::raise("UnicodeDecodeError", &words)
    };
    if let Encoding::Utf8 = encoding {
        let mut place = 0;
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            place += chunk.valid().len();
            if let Some(byte) = chunk.invalid().first() {
                match errors {
                    Errors::Strict => {
                        let why = match byte {
                            0xc2..=0xf4 if place + chunk.invalid().len() == bytes.len() => {
                                "unexpected end of data"
                            }
                            0xc2..=0xf4 => "invalid continuation byte",
                            _ => "invalid start byte",
                        };
                        return Err(undecodable(*byte, place, why));
                    }
                    Errors::Ignore => {}
                    Errors::Replace => text.push_str(REPLACEMENT),
                }
                place += chunk.invalid().len();
            }
        }
        return Ok(text.into());
    }
    for (place, &byte) in bytes.iter().enumerate() {
        match errors {
            _ if u32::from(byte) < encoding.end() => text.push(char::from(byte)),
            Errors::Strict => return Err(undecodable(byte, place, "ordinal not in range(128)")),
            Errors::Ignore => {}
            Errors::Replace => text.push_str(REPLACEMENT),
        }
    }
    Ok(text.into())
}

/// Two digits for each byte.
pub(crate) fn hex(bytes: &[u8], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    run.charge(bytes.len().saturating_mul(2))?;
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        _ = write!(text, "{byte:02x}");
    }
    Ok(text.into())
}
