//! What an answer to a request has.

use crate::expr::call::{Attribute, Method, argument, given};
use crate::expr::display::Repr;
use crate::expr::eval::Run;
use crate::expr::json::read_json;
use crate::expr::object::Object;
use crate::expr::{EvalError, Response, Value};
use std::sync::Arc;

pub(crate) static METHODS: &[Method] = &[
    Method::new("json", &[], 0, |value, _, run| {
        of(value, |response| {
            run.charge(response.body.len())?;
            read_json(&response.body)
        })
    }),
    Method::new("raise_for_status", &[], 0, |value, _, _| {
        of(value, |response| {
            let side = match response.status {
                400..500 => "Client",
                500..600 => "Server",
                _ => return Ok(Value::None),
            };
            let (status, reason, url) = (response.status, response.reason, &response.url);
            Err(EvalError::raise("HTTPError", &format!("{status} {side} Error: {reason} for url: {url}")))
        })
    }),
];

pub(crate) static ATTRIBUTES: &[Attribute] = &[
    Attribute { name: "content", read: |value, run| of(value, |response| run.bytes(response.body.clone())) },
    Attribute { name: "cookies", read: |value, run| of(value, |response| cookies(response, run)) },
    Attribute { name: "elapsed", read: |value, _| of(value, |response| Ok(elapsed(response))) },
    Attribute { name: "ok", read: |value, _| of(value, |response| Ok(Value::Bool(response.ok()))) },
    Attribute { name: "reason", read: |value, _| of(value, |response| Ok(response.reason.into())) },
    Attribute {
        name: "status_code",
        read: |value, _| of(value, |response| Ok(Value::Int(response.status.into()))),
    },
    Attribute {
        name: "text",
        read: |value, run| {
            of(value, |response| {
                run.charge(response.body.len())?;
                Ok(Value::from(&*String::from_utf8_lossy(&response.body)))
            })
        },
    },
    Attribute { name: "url", read: |value, run| of(value, |response| run.text(&response.url)) },
];

/// `response.headers[name]`
pub(crate) static HEADER: Method = Method::new("headers", &["name"], 1, |value, arguments, _| {
    let name = argument(arguments, 0);
    of(value, |response| {
        header(response, name)?.ok_or_else(|| EvalError(format!("KeyError({})", Repr(name))))
    })
});

/// `response.headers.get(name, default)`
pub(crate) static HEADER_GET: Method =
    Method::new("headers", &["key", "default"], 1, |value, arguments, _| {
        of(value, |response| {
            let found = header(response, argument(arguments, 0))?;
            Ok(found.or(given(arguments, 1).cloned()).unwrap_or(Value::None))
        })
    });

/// `name in response.headers`
pub(crate) static HEADER_IN: Method = Method::new("headers", &["name"], 1, |value, arguments, _| {
    of(value, |response| Ok(Value::Bool(header(response, argument(arguments, 0))?.is_some())))
});

fn of(
    value: &Value,
    read: impl FnOnce(&Response) -> Result<Value, EvalError>,
) -> Option<Result<Value, EvalError>> {
    match value {
        Value::Response(response) => Some(read(response)),
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "no exchange takes 292,000 years")]
fn elapsed(response: &Response) -> Value {
    Value::Object(Arc::new(Object::Duration((response.elapsed_s * 1e6).round() as i64)))
}

/// Those that it sets, by name.
fn cookies(response: &Response, run: &mut Run<'_, '_>) -> Result<Value, EvalError> {
    let set = response.headers.iter().filter(|(name, _)| name == "set-cookie");
    let cookie = |(_, value): &(String, String)| {
        let (name, value) = value.split(';').next()?.split_once('=')?;
        Some((name.trim().into(), Value::from(value.trim().trim_matches('"'))))
    };
    run.dict(set.filter_map(cookie).collect())
}

/// Values of equal names are joined as `requests` joins them.
fn header(response: &Response, name: &Value) -> Result<Option<Value>, EvalError> {
    let Some(name) = name.as_str() else {
        return Err(EvalError::raise(
            "AttributeError",
            &format!("'{}' object has no attribute 'lower'", name.type_name()),
        ));
    };
    let name = name.to_lowercase();
    let values: Vec<&str> =
        response.headers.iter().filter(|(key, _)| *key == name).map(|(_, value)| value.as_str()).collect();
    Ok((!values.is_empty()).then(|| values.join(", ").into()))
}
