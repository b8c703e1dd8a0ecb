//! Methods and attributes of digests, UUIDs, points in time, durations and matches.

use super::bytes::hex;
use crate::expr::call::{Attribute, Method, argument, given, text_at, value_error};

use crate::expr::library::time::{iso_format, iso_seconds, strftime, zone};
use crate::expr::object::{Match, Moment, Object};
use crate::expr::{EvalError, Value};

pub(crate) static METHODS: &[Method] = &[
    Method::new("digest", &[], 0, |value, _, run| match object(value)? {
        Object::Digest(bytes) => Some(run.bytes(bytes.to_vec())),
        _ => None,
    }),
    Method::new("end", &[], 0, |value, _, _| found(value).map(|found| Ok(place(found.span.1)))),
    Method::new("group", &["*groups"], 0, |value, arguments, run| {
        found(value).map(|found| match arguments {
            [] => group(found, &Value::Int(0)),
            [only] => group(found, only),
            several => {
                let groups = several.iter().map(|name| group(found, name)).collect::<Result<_, _>>()?;
                run.list(groups)
            }
        })
    }),
    Method::new("groups", &["default"], 0, |value, arguments, run| {
        found(value).map(|found| {
            let default = given(arguments, 0).unwrap_or(&Value::None);
            let groups = found.groups.iter().skip(1);
            run.list(
                groups.map(|group| if *group == Value::None { default } else { group }.clone()).collect(),
            )
        })
    }),
    Method::new("hexdigest", &[], 0, |value, _, run| match object(value)? {
        Object::Digest(bytes) => Some(hex(bytes, run)),
        _ => None,
    }),
    Method::new("isoformat", &["sep", "timespec"], 0, |value, arguments, _| {
        moment(value).map(|moment| iso(moment, arguments))
    }),
    Method::new("start", &[], 0, |value, _, _| found(value).map(|found| Ok(place(found.span.0)))),
    Method::new("strftime", &["format"], 1, |value, arguments, run| {
        moment(value).map(|moment| strftime(moment, text_at(arguments, 0)?, run))
    }),
    Method::new("timestamp", &[], 0, |value, _, _| {
        moment(value).map(|moment| moment.timestamp().map(seconds))
    }),
    Method::new("total_seconds", &[], 0, |value, _, _| match object(value)? {
        Object::Duration(micros) => Some(Ok(seconds(*micros))),
        _ => None,
    }),
    Method::new("weekday", &[], 0, |value, _, _| {
        moment(value).map(|moment| Ok(Value::Int(moment.at.weekday().to_monday_zero_offset().into())))
    }),
];

pub(crate) static ATTRIBUTES: &[Attribute] = &[
    Attribute { name: "day", read: |value, _| part(value, |moment| moment.at.day().into()) },
    Attribute {
        name: "hex",
        read: |value, _| match object(value)? {
            Object::Uuid(number) => Some(Ok(Value::from(format!("{number:032x}")))),
            _ => None,
        },
    },
    Attribute { name: "hour", read: |value, _| part(value, |moment| moment.at.hour().into()) },
    Attribute {
        name: "microsecond",
        read: |value, _| part(value, |moment| (moment.at.subsec_nanosecond() / 1_000).into()),
    },
    Attribute { name: "minute", read: |value, _| part(value, |moment| moment.at.minute().into()) },
    Attribute { name: "month", read: |value, _| part(value, |moment| moment.at.month().into()) },
    Attribute { name: "second", read: |value, _| part(value, |moment| moment.at.second().into()) },
    Attribute { name: "year", read: |value, _| part(value, |moment| moment.at.year().into()) },
];

fn object(value: &Value) -> Option<&Object> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

fn moment(value: &Value) -> Option<&Moment> {
    match object(value)? {
        Object::Moment(moment) => Some(moment),
        _ => None,
    }
}

fn found(value: &Value) -> Option<&Match> {
    match object(value)? {
        Object::Match(found) => Some(found),
        _ => None,
    }
}

fn part(value: &Value, of: fn(&Moment) -> i64) -> Option<Result<Value, EvalError>> {
    moment(value).map(|moment| Ok(Value::Int(of(moment))))
}

fn place(place: usize) -> Value {
    Value::Int(i64::try_from(place).unwrap_or(i64::MAX))
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of this century have an exact float")]
fn seconds(micros: i64) -> Value {
    Value::Float(micros as f64 / 1e6)
}

/// What a group found, by its number or name.
pub(crate) fn group(found: &Match, name: &Value) -> Result<Value, EvalError> {
    let place = match name {
        Value::Int(place) => usize::try_from(*place).ok(),
        Value::Str(name) => found.names.iter().find(|(known, _)| **known == **name).map(|(_, place)| *place),
        _ => None,
    };
    let group = place.and_then(|place| found.groups.get(place)).cloned();
    group.ok_or_else(|| EvalError::raise("IndexError", "no such group"))
}

fn iso(moment: &Moment, arguments: &[Value]) -> Result<Value, EvalError> {
    let between = match argument(arguments, 0) {
        Value::Unset => 'T',
        _ => {
            let mut characters = text_at(arguments, 0)?.chars();
            match (characters.next(), characters.next()) {
                (Some(only), None) => only,
                _ => return Err(value_error("sep must be one character")),
            }
        }
    };
    let micros = moment.at.subsec_nanosecond() / 1_000;
    let seconds = || iso_seconds(moment, between);
    let text = match given(arguments, 1).map_or(Ok("auto"), |_| text_at(arguments, 1))? {
        "auto" => return Ok(iso_format(moment, between).into()),
        "seconds" => seconds(),
        "milliseconds" => format!("{}.{:03}", seconds(), micros / 1_000),
        "microseconds" => format!("{}.{micros:06}", seconds()),
        "minutes" => seconds().chars().take("yyyy-mm-ddThh:mm".len()).collect(),
        _ => return Err(value_error("Unknown timespec value")),
    };
    Ok((text + zone(moment)).into())
}
