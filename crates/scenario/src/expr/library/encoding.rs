//! The modules `base64`, `json` and `urllib.parse`.

use crate::expr::call::{Function, argument, given, text_at, type_error, value_error};
use crate::expr::eval::Run;
use crate::expr::json::{Style, read_json, write_json};
use crate::expr::methods::bytes::decode_text;
use crate::expr::{EvalError, Value};
use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use std::fmt::Write as _;

pub(crate) static FUNCTIONS: &[Function] = &[
    Function::fixed("base64.b64decode", &["s"], 1, |arguments, run| decode(arguments, false, run)),
    Function::fixed("base64.b64encode", &["s"], 1, |arguments, run| encode(arguments, &PLAIN, run)),
    Function::fixed("base64.urlsafe_b64decode", &["s"], 1, |arguments, run| decode(arguments, true, run)),
    Function::fixed("base64.urlsafe_b64encode", &["s"], 1, |arguments, run| encode(arguments, &SAFE, run)),
    Function::fixed(
        "json.dumps",
        &["obj", "*", "ensure_ascii", "allow_nan", "indent", "separators", "sort_keys"],
        1,
        dumps,
    ),
    Function::fixed("json.loads", &["s"], 1, loads),
    Function::fixed("urllib.parse.quote", &["string", "safe"], 1, |arguments, run| {
        let safe = given(arguments, 1).map_or(Ok("/"), |_| text_at(arguments, 1))?;
        quote_value(argument(arguments, 0), safe, false, run)
    }),
    Function::fixed("urllib.parse.quote_plus", &["string", "safe"], 1, |arguments, run| {
        let safe = given(arguments, 1).map_or(Ok(""), |_| text_at(arguments, 1))?;
        quote_value(argument(arguments, 0), safe, true, run)
    }),
    Function::fixed("urllib.parse.unquote", &["string"], 1, |arguments, run| unquote(arguments, false, run)),
    Function::fixed("urllib.parse.unquote_plus", &["string"], 1, |arguments, run| {
        unquote(arguments, true, run)
    }),
    Function::fixed("urllib.parse.urlencode", &["query", "doseq"], 1, url_encode),
];

/// Python wants the padding, but lets the bits before it be anything.
const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
static PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, CONFIG);
static SAFE: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, CONFIG);

fn encode(arguments: &[Value], engine: &GeneralPurpose, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    match argument(arguments, 0) {
        Value::Bytes(bytes) => {
            run.charge(bytes.len())?;
            run.bytes(engine.encode(bytes).into_bytes())
        }
        other => Err(type_error(&format!("a bytes-like object is required, not '{}'", other.type_name()))),
    }
}

fn decode(arguments: &[Value], safe: bool, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let encoded = match argument(arguments, 0) {
        Value::Bytes(bytes) => &**bytes,
        Value::Str(text) if text.is_ascii() => text.as_bytes(),
        Value::Str(_) => return Err(value_error("string argument should contain only ASCII characters")),
        other => {
            let found = other.type_name();
            let words = format!("argument should be a bytes-like object or ASCII string, not '{found}'");
            return Err(type_error(&words));
        }
    };
    run.charge(encoded.len().saturating_mul(2))?;
    // As Python, which leaves out what is not of the alphabet: lines are often broken.
    let digits = encoded.iter().filter_map(|byte| match byte {
        b'-' if safe => Some(b'+'),
        b'_' if safe => Some(b'/'),
        b'+' | b'/' | b'=' => Some(*byte),
        _ => byte.is_ascii_alphanumeric().then_some(*byte),
    });
    match PLAIN.decode(digits.collect::<Vec<u8>>()) {
        Ok(bytes) => Ok(Value::Bytes(bytes.into())),
        Err(_) => Err(EvalError::raise("Error", "Incorrect padding")),
    }
}

fn dumps(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let flag = |place: usize, default: bool| given(arguments, place).map_or(default, Value::truthy);
    let indent = match given(arguments, 3) {
        None | Some(Value::None) => None,
        Some(Value::Str(text)) => Some(text.to_string()),
        Some(_) => {
            let count = crate::expr::call::integer_at(arguments, 3, 0)?.clamp(0, 64);
            Some(" ".repeat(usize::try_from(count).unwrap_or(0)))
        }
    };
    let separators = match given(arguments, 4) {
        None | Some(Value::None) => None,
        Some(Value::List(pair)) => match pair.as_slice() {
            [Value::Str(item), Value::Str(key)] => Some((item.to_string(), key.to_string())),
            _ => return Err(value_error("separators are two texts: between items, and after keys")),
        },
        Some(_) => return Err(type_error("separators are two texts: between items, and after keys")),
    };
    let (item, key) = separators.unwrap_or_else(|| {
        // Where each item has a line of its own, no space follows the comma.
        (if indent.is_some() { "," } else { ", " }.to_owned(), ": ".to_owned())
    });
    let style =
        Style { ascii: flag(1, true), allow_nan: flag(2, true), indent, item, key, sort: flag(5, false) };
    let mut json = String::new();
    write_json(&mut json, argument(arguments, 0), &style)?;
    run.written(json)
}

fn loads(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let json = match argument(arguments, 0) {
        Value::Str(json) => json.as_bytes(),
        Value::Bytes(json) => json,
        other => {
            let found = other.type_name();
            let words = format!("the JSON object must be str, bytes or bytearray, not {found}");
            return Err(type_error(&words));
        }
    };
    run.charge(json.len())?;
    read_json(json)
}

fn quote_value(value: &Value, safe: &str, plus: bool, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let bytes = match value {
        Value::Str(text) => text.as_bytes(),
        Value::Bytes(bytes) => bytes,
        _ => return Err(type_error("quote_from_bytes() expected bytes")),
    };
    let mut quoted = String::new();
    quote(&mut quoted, bytes, safe, plus, run)?;
    run.written(quoted)
}

/// All but letters, digits, `_.-~` and what is `safe` as `%XX`.
fn quote(
    out: &mut String,
    bytes: &[u8],
    safe: &str,
    plus: bool,
    run: &mut Run<'_, '_>,
) -> Result<(), EvalError> {
    run.charge(bytes.len().saturating_mul(3))?;
    let safe: Vec<u8> = safe.bytes().filter(u8::is_ascii).take(1 << 7).collect();
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"_.-~".contains(&byte) || safe.contains(&byte) {
            out.push(char::from(byte));
        } else if plus && byte == b' ' {
            out.push('+');
        } else {
            _ = write!(out, "%{byte:02X}");
        }
    }
    Ok(())
}

fn unquote(arguments: &[Value], plus: bool, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let text = text_at(arguments, 0)?;
    run.charge(text.len())?;
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digit = |place: usize| after.get(place).and_then(|byte| char::from(*byte).to_digit(16));
        match (byte, digit(0).zip(digit(1))) {
            (b'%', Some((high, low))) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                rest = &after[2..];
            }
            _ => {
                bytes.push(if plus && byte == b'+' { b' ' } else { byte });
                rest = after;
            }
        }
    }
    decode_text(&bytes, "utf-8", "replace", run)
}

fn url_encode(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let several = given(arguments, 1).is_some_and(Value::truthy);
    let query = argument(arguments, 0);
    let mut pairs: Vec<(Value, Value)> = Vec::new();
    match query {
        Value::Dict(items) => {
            run.charge_items(2 * items.len())?;
            pairs.extend(items.iter().map(|(key, value)| (Value::Str(key.clone()), value.clone())));
        }
        Value::List(items) => {
            run.charge_items(2 * items.len())?;
            for item in items.iter() {
                match run.items(item)?.as_slice() {
                    [key, value] => pairs.push((key.clone(), value.clone())),
                    _ => return Err(type_error("not a valid non-string sequence or mapping object")),
                }
            }
        }
        _ => return Err(type_error("not a valid non-string sequence or mapping object")),
    }
    let mut encoded = String::new();
    for (key, value) in &pairs {
        let values = match value {
            Value::List(_) if several => run.items(value)?,
            _ => vec![value.clone()],
        };
        for value in &values {
            if !encoded.is_empty() {
                encoded.push('&');
            }
            quote(&mut encoded, &as_bytes(key, run)?, "", true, run)?;
            encoded.push('=');
            quote(&mut encoded, &as_bytes(value, run)?, "", true, run)?;
        }
    }
    run.written(encoded)
}

fn as_bytes(value: &Value, run: &mut Run<'_, '_>) -> Result<Vec<u8>, EvalError> {
    let bytes = match value {
        Value::Bytes(bytes) => bytes.to_vec(),
        _ => value.to_string().into_bytes(),
    };
    run.charge(bytes.len())?;
    Ok(bytes)
}
