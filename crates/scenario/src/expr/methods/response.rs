//! What an answer to a request has.

use crate::expr::call::{Attribute, Method, argument, given};
use crate::expr::display::Repr;
use crate::expr::json::read_json;
use crate::expr::object::Object;
use crate::expr::{EvalError, Response, Value};
use std::sync::Arc;

pub(crate) static METHODS: &[Method] = &[Method::new("json", &[], 0, |value, _, run| {
    of(value, |response| {
        run.charge(response.body.len())?;
        read_json(&response.body)
    })
})];

pub(crate) static ATTRIBUTES: &[Attribute] = &[
    Attribute { name: "content", read: |value, run| of(value, |response| run.bytes(response.body.clone())) },
    Attribute { name: "elapsed", read: |value, _| of(value, |response| Ok(elapsed(response))) },
    Attribute { name: "ok", read: |value, _| of(value, |response| Ok(Value::Bool(response.ok()))) },
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
