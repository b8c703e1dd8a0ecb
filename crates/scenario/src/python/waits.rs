//! What lies between two tasks.

use super::attributes::{Family, Kind, Member};
use super::file::File;
use super::refuse::Refusals;
use crate::expr::Value;
use crate::limits::LONGEST_S;
use crate::model::Wait;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};
use std::time::Duration;

/// Before Locust 0.13 a class that said nothing waited one second.
const OLD_DEFAULT: Duration = Duration::from_secs(1);

/// A wait: what is known of it, and what is done in its place.
pub(super) type Waits<'f> = (Wait, Option<Waiting<'f>>);

/// A wait that Python computes each time.
#[derive(Clone, Copy)]
pub(super) enum Waiting<'f> {
    Lambda(&'f ast::ExprLambda),
    Method(&'f ast::StmtFunctionDef),
}

/// The wait that a task set has of its own.
pub(super) fn own_wait<'f>(file: &File<'f>, set: &Family<'f>, refusals: &mut Refusals) -> Option<Waits<'f>> {
    match set.find("wait_time") {
        Some(Member::Value(Expr::NoneLiteral(_))) | None => {}
        Some(_) => return Some(wait(file, set, None, refusals)),
    }
    match (set.value("min_wait"), set.value("max_wait")) {
        (None, None) => None,
        _ => Some(wait(file, set, None, refusals)),
    }
}

/// The wait of a user that runs the tasks of `set`, if it has one; the task set's own wins.
pub(super) fn wait<'f>(
    file: &File<'f>,
    user: &Family<'f>,
    set: Option<&Family<'f>>,
    refusals: &mut Refusals,
) -> Waits<'f> {
    let families = || set.into_iter().chain([user]);
    let none = Wait::Constant(Duration::ZERO);
    for family in families() {
        match family.find("wait_time") {
            Some(Member::Value(Expr::NoneLiteral(_))) | None => {}
            Some(Member::Value(Expr::Lambda(lambda))) => return (none, Some(Waiting::Lambda(lambda))),
            Some(Member::Value(Expr::Name(name))) if let Some(function) = file.functions.get(&*name.id) => {
                return (none, Some(Waiting::Method(function)));
            }
            Some(Member::Value(value)) => return (from_call(file, value, refusals).unwrap_or(none), None),
            Some(Member::Method(method)) => return (none, Some(Waiting::Method(method))),
            Some(Member::Class(class)) => computed(class.name.range, refusals),
        }
    }
    (by_bounds(file, user, set, refusals), None)
}

/// The wait that `min_wait` and `max_wait` say.
fn by_bounds<'f>(
    file: &File<'f>,
    user: &Family<'f>,
    set: Option<&Family<'f>>,
    refusals: &mut Refusals,
) -> Wait {
    let families = || set.into_iter().chain([user]);
    let bound = |name: &str| families().find_map(|family| family.value(name));
    let (low, high) = (bound("min_wait"), bound("max_wait"));
    if matches!(user.kind, Kind::User | Kind::FastUser | Kind::PlainUser) {
        for value in low.iter().chain(&high) {
            refusals.wrong(
                value.range(),
                "min_wait and max_wait have no effect since Locust 1.0",
                "write `wait_time = between(1, 2)`, in seconds",
            );
        }
        return Wait::Constant(Duration::ZERO);
    }
    let mut milliseconds = |value: Option<&'f Expr>| match value {
        Some(value) => number(file, value, 1000.0, refusals),
        None => Some(OLD_DEFAULT),
    };
    match (milliseconds(low), milliseconds(high)) {
        (Some(least), Some(most)) if least > most => {
            let range = low.or(high).map_or(user.name.range, Ranged::range);
            let message = format!("the wait ends ({} ms) before it begins", most.as_millis());
            refusals.wrong(range, message, "set both min_wait and max_wait; each is 1000 unless it is set");
            Wait::Constant(most)
        }
        (Some(least), Some(most)) if least == most => Wait::Constant(least),
        (Some(least), Some(most)) => Wait::Between(least, most),
        _ => Wait::Constant(Duration::ZERO),
    }
}

fn computed(range: TextRange, refusals: &mut Refusals) {
    refusals.untranslated(
        range,
        "this wait is not translated",
        "write between(), constant(), constant_pacing(), constant_throughput() or a method that gives seconds",
    );
}

/// `between(1, 2)` and its like.
fn from_call<'f>(file: &File<'f>, value: &'f Expr, refusals: &mut Refusals) -> Option<Wait> {
    let Expr::Call(call) = value else {
        computed(value.range(), refusals);
        return None;
    };
    let arguments = &*call.arguments.args;
    match (file.locust_name(&call.func), arguments, &*call.arguments.keywords) {
        (Some("constant"), [wait], []) => Some(Wait::Constant(number(file, wait, 1.0, refusals)?)),
        (Some("constant_pacing"), [wait], []) => Some(Wait::Pacing(number(file, wait, 1.0, refusals)?)),
        (Some("between"), [low, high], []) => {
            let low = number(file, low, 1.0, refusals);
            let high = number(file, high, 1.0, refusals);
            // Locust interpolates between the two, so that their order does not matter.
            let (low, high) = (low?, high?);
            Some(Wait::Between(low.min(high), low.max(high)))
        }
        (Some("constant_throughput"), [rate], []) => match file.value(rate, refusals)? {
            Value::Int(rate) if rate > 0 => as_float(rate).map(Wait::Throughput),
            Value::Float(rate) if rate > 0.0 && rate.is_finite() => Some(Wait::Throughput(rate)),
            _ => {
                refusals.wrong(
                    rate.range(),
                    "a throughput is a number above 0",
                    "write tasks per second and user",
                );
                None
            }
        },
        (Some(name @ ("constant" | "constant_pacing" | "between" | "constant_throughput")), ..) => {
            let form = if name == "between" { "between(1, 2.5)".to_owned() } else { format!("{name}(1)") };
            let remedy = format!("write it as in `{form}`");
            refusals.wrong(call.range(), format!("the arguments of {name}() are not understood"), remedy);
            None
        }
        _ => {
            computed(call.func.range(), refusals);
            None
        }
    }
}

fn as_float(number: i64) -> Option<f64> {
    u32::try_from(number).ok().map(f64::from)
}

/// A duration in seconds, or in parts of a second: `unit` of them make one.
fn number(file: &File<'_>, value: &Expr, unit: f64, refusals: &mut Refusals) -> Option<Duration> {
    let seconds = match file.value(value, refusals)? {
        Value::Int(number) => as_float(number),
        Value::Float(number) => Some(number),
        _ => None,
    }
    .map(|number| number / unit)
    .filter(|seconds| (0.0..=LONGEST_S).contains(seconds));
    if seconds.is_none() {
        let message =
            "a wait is a number of seconds from 0 to a year (of milliseconds in min_wait and max_wait)";
        refusals.wrong(value.range(), message, "write a number such as 1 or 2.5");
    }
    seconds.map(Duration::from_secs_f64)
}

/// A duration in seconds.
pub(super) fn seconds(file: &File<'_>, value: &Expr, refusals: &mut Refusals) -> Option<Duration> {
    number(file, value, 1.0, refusals)
}
