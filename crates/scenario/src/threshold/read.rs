//! From text to a threshold, word by word.

use super::{Comparison, Metric, Scope, Threshold, ThresholdError};
use crate::duration::{parse_duration, parse_number};
use std::ops::Range;
use std::time::Duration;

/// What can be measured, for people who wrote something else.
const METRICS: &str = "p50 to p100, median, mean, min, max, failures, checks, requests, rps, dropped or lag";

const LABELS: &str = "name, method, tag, stage, class or from";

/// What a bound is compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bounds {
    /// A figure of one run.
    Figures,
    /// How two runs differ.
    Changes,
}

/// What a metric counts in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Time,
    /// A number, or a share of all.
    Count,
    Plain,
    PerSecond,
}

/// Reads one text from its beginning to its end.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

type Result<T> = std::result::Result<T, ThresholdError>;

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn threshold(mut self, bounds: Bounds) -> Result<Threshold> {
        let (metric, kind) = self.metric()?;
        let scope = self.scope(metric, kind)?;
        let comparison = self.comparison()?;
        let (metric, bound) = match bounds {
            Bounds::Figures => self.bound(metric, kind)?,
            Bounds::Changes => (share(metric).unwrap_or(metric), self.change()?),
        };
        let abort = self.abort(bounds)?;
        Ok(Threshold { text: self.text.trim().to_owned(), metric, scope, comparison, bound, abort })
    }

    fn metric(&mut self) -> Result<(Metric, Kind)> {
        let (word, at) = self.word(|c| c.is_ascii_alphanumeric() || "._".contains(c));
        let metric = match word {
            "" => {
                let message =
                    if self.text.trim().is_empty() { "this is empty" } else { "no metric stands here" };
                return Err(wrong(at, message, "write a condition such as `p95 > 300ms` or `failures > 1%`"));
            }
            "median" => (Metric::Quantile(0.5), Kind::Time),
            "mean" | "avg" => (Metric::Mean, Kind::Time),
            "min" => (Metric::Min, Kind::Time),
            "max" => (Metric::Max, Kind::Time),
            "failures" => (Metric::Failures, Kind::Count),
            "checks" => (Metric::Checks, Kind::Count),
            "dropped" => (Metric::Dropped, Kind::Count),
            "requests" => (Metric::Requests, Kind::Plain),
            "rps" => (Metric::Rps, Kind::PerSecond),
            "lag" => (Metric::Lag, Kind::Time),
            _ => (Metric::Quantile(quantile(word, &at)?), Kind::Time),
        };
        Ok(metric)
    }

    fn scope(&mut self, metric: Metric, kind: Kind) -> Result<Scope> {
        let mut scope = Scope::default();
        if !self.take("{") {
            return Ok(scope);
        }
        loop {
            let (label, at) = self.word(|c| c.is_ascii_alphanumeric() || c == '_');
            check_label(label, &at, metric, kind)?;
            let (equals, place) = self.symbols();
            if equals != "=" {
                return Err(wrong(
                    place,
                    "a label has `=` and a value between quotes",
                    format!("write `{label}=\"...\"`"),
                ));
            }
            let (value, place) = self.quoted(label)?;
            let known = match label {
                "name" => &mut scope.name,
                "method" => &mut scope.method,
                "tag" => &mut scope.tag,
                "stage" => &mut scope.stage,
                "class" => &mut scope.class,
                _ if value == "intended" && !scope.from_intended => {
                    scope.from_intended = true;
                    if self.go_on()? {
                        continue;
                    }
                    return Ok(scope);
                }
                _ if scope.from_intended => return Err(twice(label, at)),
                _ => {
                    let message = format!("`{value}` is nothing that times are counted from");
                    return Err(wrong(place, message, "write `from=\"intended\"`, or leave it out"));
                }
            };
            if known.replace(value).is_some() {
                return Err(twice(label, at));
            }
            if !self.go_on()? {
                return Ok(scope);
            }
        }
    }

    /// Whether another label follows.
    fn go_on(&mut self) -> Result<bool> {
        if self.take(",") {
            return Ok(true);
        }
        if self.take("}") {
            return Ok(false);
        }
        let at = self.here();
        Err(wrong(at, "the labels are not closed", "write `}` after the last label, and `,` between two"))
    }

    fn comparison(&mut self) -> Result<Comparison> {
        let (symbols, at) = self.symbols();
        match symbols {
            ">" => Ok(Comparison::Above),
            ">=" => Ok(Comparison::AtLeast),
            "<" => Ok(Comparison::Below),
            "<=" => Ok(Comparison::AtMost),
            "" => Err(wrong(at, "a comparison is missing here", "write `>`, `>=`, `<` or `<=` and a bound")),
            _ => Err(wrong(at, format!("`{symbols}` is no comparison"), "write `>`, `>=`, `<` or `<=`")),
        }
    }

    /// The bound, and the metric that its unit makes of the one that stands before.
    fn bound(&mut self, metric: Metric, kind: Kind) -> Result<(Metric, f64)> {
        let (word, at) = self.word(|c| !c.is_whitespace());
        if word.is_empty() {
            return Err(wrong(at, "the bound is missing", format!("write {}", example(kind))));
        }
        let digits = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
        let (number, unit) = word.split_at(digits);
        let not_one =
            || wrong(at.clone(), format!("`{word}` is no bound"), format!("write {}", example(kind)));
        if kind == Kind::Time {
            if unit.is_empty() && parse_number(number).is_some() {
                let message = format!("`{word}` has no unit");
                return Err(wrong(at, message, format!("write a time such as `{word}ms` or `1.5s`")));
            }
            let time = parse_duration(word).map_err(|_| not_one())?;
            return Ok((metric, time.as_secs_f64() * 1e3));
        }
        let number = parse_number(number).ok_or_else(not_one)?;
        match (unit, kind, metric) {
            ("", _, _) | ("/s", Kind::PerSecond, _) => Ok((metric, number)),
            ("/s", _, Metric::Failures) => Ok((Metric::FailuresPerSecond, number)),
            ("%", Kind::Count, _) if number <= 100.0 => Ok((share(metric).unwrap_or(metric), number / 100.0)),
            ("%", Kind::Count, _) => {
                Err(wrong(at, format!("`{word}` is more than all"), "write at most `100%`"))
            }
            _ => Err(not_one()),
        }
    }

    /// A change: `+10%`.
    fn change(&mut self) -> Result<f64> {
        let (word, at) = self.word(|c| !c.is_whitespace());
        let (sign, rest) = match word.split_at_checked(1) {
            Some(("+", rest)) => (1.0, rest),
            Some(("-", rest)) => (-1.0, rest),
            _ => (0.0, word),
        };
        let number = rest.strip_suffix('%').and_then(parse_number).filter(|_| sign != 0.0);
        let number = number.ok_or_else(|| {
            let message = if word.is_empty() {
                "the change is missing".to_owned()
            } else {
                format!("`{word}` is no change")
            };
            wrong(at, message, "write how much more or less it is, such as `+10%` or `-5%`")
        })?;
        Ok(sign * number / 100.0)
    }

    fn abort(&mut self, bounds: Bounds) -> Result<Option<Duration>> {
        let (word, at) = self.word(|c| !c.is_whitespace());
        if word.is_empty() {
            return Ok(None);
        }
        if word != "abort" {
            let message = format!("`{word}` has no meaning here");
            return Err(wrong(at, message, "end it after the bound, or write `abort` or `abort after 30s`"));
        }
        if bounds == Bounds::Changes {
            return Err(wrong(at, "both runs are over: nothing can be stopped", "leave `abort` out"));
        }
        let (word, at) = self.word(|c| !c.is_whitespace());
        if word.is_empty() {
            return Ok(Some(Duration::ZERO));
        }
        let remedy = "write `abort`, or `abort after` and a time such as `30s`";
        if word != "after" {
            return Err(wrong(at, format!("`{word}` has no meaning after `abort`"), remedy));
        }
        let (word, at) = self.word(|c| !c.is_whitespace());
        let delay = parse_duration(word).map_err(|_| {
            let message =
                if word.is_empty() { "a time is missing".to_owned() } else { format!("`{word}` is no time") };
            wrong(at, message, remedy)
        })?;
        let (rest, at) = self.word(|c| !c.is_whitespace());
        if rest.is_empty() {
            return Ok(Some(delay));
        }
        Err(wrong(at, format!("`{rest}` has no meaning here"), "leave it out"))
    }

    /// Text between quotes of either kind; a backslash keeps what follows it from ending the text.
    fn quoted(&mut self, label: &str) -> Result<(String, Range<usize>)> {
        self.skip();
        let begin = self.at;
        let unquoted = |at| {
            wrong(
                at,
                format!("the value of `{label}` is not between quotes"),
                format!("write `{label}=\"...\"`"),
            )
        };
        let Some(quote) = self.rest().chars().next().filter(|c| "\"'".contains(*c)) else {
            return Err(unquoted(self.here()));
        };
        let (mut value, mut escaped) = (String::new(), false);
        for (at, character) in self.rest().char_indices().skip(1) {
            match character {
                _ if escaped => {
                    value.push(character);
                    escaped = false;
                }
                '\\' => escaped = true,
                _ if character == quote => {
                    self.at = begin + at + 1;
                    return Ok((value, begin..self.at));
                }
                _ => value.push(character),
            }
        }
        Err(wrong(
            begin..self.text.len(),
            "the quotes are not closed",
            format!("end the value with `{quote}`"),
        ))
    }

    /// The next characters that belong to a word, and where they stand; nothing at the end.
    fn word(&mut self, belongs: impl Fn(char) -> bool) -> (&'a str, Range<usize>) {
        self.skip();
        let rest = self.rest();
        let length = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        let at = self.at..self.at + length;
        self.at += length;
        (&rest[..length], if length == 0 { self.here() } else { at })
    }

    fn symbols(&mut self) -> (&'a str, Range<usize>) {
        self.word(|c| "<>=!~".contains(c))
    }

    fn take(&mut self, symbol: &str) -> bool {
        self.skip();
        let found = self.rest().starts_with(symbol);
        self.at += if found { symbol.len() } else { 0 };
        found
    }

    fn skip(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The character that is read next; the end if there is none.
    fn here(&self) -> Range<usize> {
        self.at..self.at + self.rest().chars().next().map_or(0, char::len_utf8)
    }
}

fn wrong(at: Range<usize>, message: impl Into<String>, remedy: impl Into<String>) -> ThresholdError {
    ThresholdError { at, message: message.into(), remedy: remedy.into() }
}

fn twice(label: &str, at: Range<usize>) -> ThresholdError {
    wrong(at, format!("`{label}` stands twice"), "keep one of the two; write another threshold for the other")
}

/// `p95` to 0.95.
fn quantile(word: &str, at: &Range<usize>) -> Result<f64> {
    let Some(number) = word.strip_prefix('p').and_then(parse_number) else {
        return Err(wrong(
            at.clone(),
            format!("`{word}` is nothing that is measured"),
            format!("write {METRICS}"),
        ));
    };
    if number > 100.0 {
        return Err(wrong(
            at.clone(),
            format!("`{word}` is no percentile"),
            "write one from `p0` to `p100`, such as `p99.9`",
        ));
    }
    // Rounded, so that 99.9 is 0.999 and not a hair above.
    Ok((number * 1e10).round() / 1e12)
}

/// Refuses a label that is none, or has no meaning for this metric.
fn check_label(label: &str, at: &Range<usize>, metric: Metric, kind: Kind) -> Result<()> {
    let meaning = match label {
        "name" | "method" => !matches!(metric, Metric::Dropped | Metric::Lag),
        "tag" | "stage" => !matches!(metric, Metric::Dropped | Metric::Lag | Metric::Checks),
        "class" => metric == Metric::Dropped,
        "from" => kind == Kind::Time && metric != Metric::Lag,
        _ => {
            let message = if label.is_empty() {
                "a label is missing".to_owned()
            } else {
                format!("`{label}` is no label")
            };
            return Err(wrong(at.clone(), message, format!("write {LABELS}, with a value between quotes")));
        }
    };
    let what = match metric {
        Metric::Dropped => "dropped starts are counted for all, or by `class`",
        Metric::Lag => "the lag is that of the whole fleet",
        Metric::Checks => "failed checks are counted for all, or by `name` and `method`",
        _ if label == "class" => "only `dropped` is counted by user class",
        _ => "only times can be counted from the intended start",
    };
    if meaning {
        Ok(())
    } else {
        Err(wrong(at.clone(), format!("`{label}` has no meaning here: {what}"), "leave it out"))
    }
}

/// What a metric is as a share of all.
fn share(metric: Metric) -> Option<Metric> {
    match metric {
        Metric::Failures => Some(Metric::FailureRatio),
        Metric::Checks => Some(Metric::CheckRatio),
        Metric::Dropped => Some(Metric::DroppedRatio),
        _ => None,
    }
}

/// How a bound of this kind is written.
fn example(kind: Kind) -> &'static str {
    match kind {
        Kind::Time => "a time such as `300ms` or `1.5s`",
        Kind::Count => "a number such as `10`, or a share such as `1%`",
        Kind::Plain => "a number such as `1000`",
        Kind::PerSecond => "a number per second such as `50`",
    }
}
