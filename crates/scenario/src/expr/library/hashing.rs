//! The modules `hashlib` and `hmac`.

use crate::expr::call::{Function, argument, type_error, value_error};
use crate::expr::eval::Run;
use crate::expr::object::Object;
use crate::expr::{EvalError, Value};
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use std::sync::Arc;

pub(crate) static FUNCTIONS: &[Function] = &[
    Function::fixed("hashlib.md5", &["string"], 0, |arguments, run| {
        hash(arguments, |b| Md5::digest(b).to_vec(), run)
    }),
    Function::fixed("hashlib.sha1", &["string"], 0, |arguments, run| {
        hash(arguments, |b| Sha1::digest(b).to_vec(), run)
    }),
    Function::fixed("hashlib.sha224", &["string"], 0, |arguments, run| {
        hash(arguments, |b| Sha224::digest(b).to_vec(), run)
    }),
    Function::fixed("hashlib.sha256", &["string"], 0, |arguments, run| {
        hash(arguments, |b| Sha256::digest(b).to_vec(), run)
    }),
    Function::fixed("hashlib.sha384", &["string"], 0, |arguments, run| {
        hash(arguments, |b| Sha384::digest(b).to_vec(), run)
    }),
    Function::fixed("hashlib.sha512", &["string"], 0, |arguments, run| {
        hash(arguments, |b| Sha512::digest(b).to_vec(), run)
    }),
    Function::fixed("hmac.new", &["key", "msg", "digestmod"], 3, authenticate),
];

/// What is hashed, after it was paid for: a step is about as much work as eight bytes.
fn hashed<'v>(value: &'v Value, run: &mut Run<'_, '_>) -> Result<&'v [u8], EvalError> {
    match value {
        Value::Bytes(bytes) => {
            run.work(bytes.len() / 8)?;
            Ok(bytes)
        }
        Value::Unset => Ok(&[]),
        Value::Str(_) => Err(type_error("Strings must be encoded before hashing")),
        _ => Err(type_error("object supporting the buffer API required")),
    }
}

fn hash(arguments: &[Value], with: fn(&[u8]) -> Vec<u8>, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let bytes = hashed(argument(arguments, 0), run)?;
    Ok(digest(with(bytes)))
}

fn digest(bytes: Vec<u8>) -> Value {
    Value::Object(Arc::new(Object::Digest(bytes.into())))
}

fn authenticate(arguments: &[Value], run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let key = match argument(arguments, 0) {
        Value::Bytes(key) => key,
        other => {
            let words = format!("key: expected bytes or bytearray, but got '{}'", other.type_name());
            return Err(type_error(&words));
        }
    };
    run.work(key.len() / 8)?;
    let message = match argument(arguments, 1) {
        Value::None => &[],
        message => hashed(message, run)?,
    };
    let Some(name) = argument(arguments, 2).as_str() else {
        return Err(type_error("Missing required argument 'digestmod'."));
    };
    let code = match name.to_ascii_lowercase().as_str() {
        "md5" => code::<Hmac<Md5>>(key, message),
        "sha1" => code::<Hmac<Sha1>>(key, message),
        "sha224" => code::<Hmac<Sha224>>(key, message),
        "sha256" => code::<Hmac<Sha256>>(key, message),
        "sha384" => code::<Hmac<Sha384>>(key, message),
        "sha512" => code::<Hmac<Sha512>>(key, message),
        _ => return Err(value_error(&format!("unsupported hash type {name}"))),
    };
    code.map(digest).ok_or_else(|| value_error("unsupported key"))
}

fn code<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
    mac.update(message);
    Some(mac.finalize().into_bytes().to_vec())
}
