//! Checks: whether an answer is what the test wants.

use super::json::{self, Found};
use super::{Fault, Reading, expect, words};
use akrida_scenario::expr::{Expr, Frame, Value};
use akrida_scenario::model::{Check, Template, Test};
use std::borrow::Cow;

/// The first of `checks` that does not hold.
pub(super) fn check(checks: &[Check], reading: &Reading<'_>, frame: &mut Frame<'_>) -> Result<(), Fault> {
    checks.iter().try_for_each(|check| holds(check, reading, frame))
}

fn holds(check: &Check, reading: &Reading<'_>, frame: &mut Frame<'_>) -> Result<(), Fault> {
    match check {
        Check::Status(ranges) => {
            let status = reading.status;
            let fits = ranges.iter().any(|(least, most)| (*least..=*most).contains(&status));
            expect(fits, || format!("status {status} is not {}", listed(ranges)))
        }
        Check::Header { name, test } => header(name, test, reading, frame),
        Check::Body(test) => {
            let body = reading.body()?;
            match test {
                Test::Exists(wanted) => expect(*wanted != body.is_empty(), || empty("the body", *wanted)),
                Test::Count(wanted) => count("the body", usize::from(!body.is_empty()), wanted, frame),
                Test::Matches(regex) => {
                    let text = reading.text()?;
                    expect(regex.is_match(text), || unmatched("the body", regex))
                }
                _ => Text { what: "the body", bytes: body }.passes(test, frame),
            }
        }
        Check::Json { text, path, test } => {
            let found = Found::new(text, path, reading.json()?)?;
            json::passes(&found, test, frame)
        }
        Check::Size { least, most } => {
            let size = reading.body()?.len() as u64;
            expect(size >= *least, || format!("the body has less than {least} bytes"))?;
            expect(size <= *most, || format!("the body has more than {most} bytes"))
        }
        Check::Time(most) => expect(reading.took <= *most, || format!("slower than {most:?}")),
        Check::That { condition, text } => {
            let holds = condition.eval(frame)?.truthy();
            expect(holds, || format!("not true: {}", words::short(text)))
        }
    }
}

fn listed(ranges: &[(u16, u16)]) -> String {
    let range = |&(least, most): &(u16, u16)| {
        if least == most { least.to_string() } else { format!("{least}-{most}") }
    };
    ranges.iter().map(range).collect::<Vec<_>>().join(" or ")
}

fn header(name: &str, test: &Test, reading: &Reading<'_>, frame: &mut Frame<'_>) -> Result<(), Fault> {
    let values: Vec<Cow<'_, str>> = reading.header(name).collect();
    let what = format!("header {name}");
    match test {
        Test::Exists(wanted) => expect(*wanted != values.is_empty(), || empty(&what, *wanted)),
        Test::Count(wanted) => count(&what, values.len(), wanted, frame),
        Test::Lacks(_) if values.is_empty() => Ok(()),
        _ if values.is_empty() => Err(Fault::Wrong(empty(&what, true))),
        Test::Matches(regex) => expect(regex.is_match(&values.join(", ")), || unmatched(&what, regex)),
        _ => Text { what: &what, bytes: values.join(", ").as_bytes() }.passes(test, frame),
    }
}

/// What is said of something that is missing though it is `wanted`, or the other way round.
pub(super) fn empty(what: &str, wanted: bool) -> String {
    format!("{what} is {}there", if wanted { "not " } else { "" })
}

pub(super) fn unmatched(what: &str, regex: &regex::Regex) -> String {
    format!("{what} does not match {}", words::short(regex.as_str()))
}

pub(super) fn count(what: &str, count: usize, wanted: &Expr, frame: &mut Frame<'_>) -> Result<(), Fault> {
    let came = i64::try_from(count).map_or(Value::None, Value::Int);
    let holds = wanted.eval(frame)? == came;
    expect(holds, || format!("{what} is not there {} times", words::expr(wanted)))
}

/// Text that is tested.
pub(super) struct Text<'a> {
    pub(super) what: &'a str,
    pub(super) bytes: &'a [u8],
}

impl Text<'_> {
    /// [`Test::Contains`], [`Test::Lacks`] and [`Test::Equals`].
    pub(super) fn passes(&self, test: &Test, frame: &mut Frame<'_>) -> Result<(), Fault> {
        let what = self.what;
        match test {
            Test::Contains(part) => expect(self.contains(part, frame)?, || {
                format!("{what} does not contain {}", words::template(part))
            }),
            Test::Lacks(part) => {
                expect(!self.contains(part, frame)?, || format!("{what} contains {}", words::template(part)))
            }
            Test::Equals(wanted) => {
                let value = wanted.eval(frame)?;
                let equal = words::plain(&value).as_bytes() == self.bytes;
                expect(equal, || format!("{what} is not {}", words::expr(wanted)))
            }
            Test::Matches(_) | Test::Exists(_) | Test::Count(_) => Ok(()),
        }
    }

    fn contains(&self, part: &Template, frame: &mut Frame<'_>) -> Result<bool, Fault> {
        Ok(memchr::memmem::find(self.bytes, part.render(frame)?.as_bytes()).is_some())
    }
}
