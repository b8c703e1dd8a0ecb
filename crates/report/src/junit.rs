//! JUnit XML: a case for each threshold, and one for each request, for whatever shows test results.
//!
//! There is no one standard. What is written passes both schemas in use: that of Ant's reports, which wants each
//! attribute and element in its place, and that of Jenkins.

use crate::text::visible;
use crate::verdict::{measured, word};
use akrida_run::{ErrorRow, Row, Snapshot, ThresholdRow, ThresholdState};
use std::fmt::Write as _;

/// Errors that are listed for one request; the rest is counted.
const ERRORS: usize = 20;

/// What a file is made for.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// The name of this machine.
    pub host: &'a str,
    /// Whether a request that fails makes the run fail, whatever the thresholds say.
    pub failures_count: bool,
}

/// The file of a run that is over.
#[must_use]
pub fn render(snapshot: &Snapshot, settings: Settings<'_>) -> String {
    let seconds = (snapshot.end.unwrap_or(snapshot.at) - snapshot.start).max(0.0);
    let thresholds: Vec<_> = snapshot.thresholds.iter().map(threshold).collect();
    let requests = snapshot.rows.iter().map(|row| request(row, &snapshot.errors, settings.failures_count));
    let suites = [("thresholds", thresholds), ("requests", requests.collect())];
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n".to_owned();
    for (id, (name, cases)) in suites.iter().enumerate() {
        suite(&mut out, (id, name), cases, Times { began: snapshot.start, seconds }, settings.host);
    }
    out + "</testsuites>\n"
}

/// A case of a suite.
struct Case {
    name: String,
    /// Seconds.
    time: f64,
    /// What went wrong: in one line, of what kind, and in full.
    failure: Option<(String, &'static str, String)>,
}

#[derive(Clone, Copy)]
struct Times {
    /// Unix seconds.
    began: f64,
    seconds: f64,
}

fn threshold(row: &ThresholdRow) -> Case {
    let failure = (row.state != ThresholdState::Passed).then(|| {
        let line = match row.state {
            ThresholdState::Unmeasured => "nothing was measured for it".to_owned(),
            _ => format!("{} was measured", measured(row)),
        };
        let text = format!("{}: {} ({})", row.text, word(row), measured(row));
        (line, "threshold", text)
    });
    Case { name: row.text.clone(), time: 0.0, failure }
}

fn request(row: &Row, errors: &[ErrorRow], failures_count: bool) -> Case {
    let failure = (failures_count && row.num_failures > 0).then(|| {
        let of: Vec<_> =
            errors.iter().filter(|error| error.name == row.name && error.method == row.method).collect();
        let lines =
            of.iter().take(ERRORS).map(|error| format!("{} times: {}", error.occurrences, error.error));
        let mut lines: Vec<String> = lines.collect();
        if of.len() > ERRORS {
            lines.push(format!("and {} other errors", of.len() - ERRORS));
        }
        let line = format!("{} of {} requests failed", row.num_failures, row.num_requests);
        (line, "requests", lines.join("\n"))
    });
    let name = if row.method.is_empty() { row.name.clone() } else { format!("{} {}", row.method, row.name) };
    Case { name, time: row.avg_response_time / 1e3, failure }
}

fn suite(out: &mut String, (id, name): (usize, &str), cases: &[Case], times: Times, host: &str) {
    let failures = cases.iter().filter(|case| case.failure.is_some()).count();
    let host = if host.is_empty() { "localhost" } else { host };
    _ = writeln!(
        out,
        "  <testsuite id=\"{id}\" package=\"akrida\" name=\"{name}\" hostname=\"{}\" timestamp=\"{}\" tests=\"{}\" \
         failures=\"{failures}\" errors=\"0\" skipped=\"0\" time=\"{:.3}\">\n    <properties/>",
        escaped(host),
        timestamp(times.began),
        cases.len(),
        times.seconds,
    );
    for Case { name: case, time, failure } in cases {
        _ = write!(
            out,
            "    <testcase classname=\"akrida.{name}\" name=\"{}\" time=\"{time:.6}\"",
            escaped(&visible(case))
        );
        match failure {
            None => out.push_str("/>\n"),
            Some((line, kind, text)) => {
                let lines: Vec<_> = text.lines().map(|line| escaped(&visible(line))).collect();
                _ = writeln!(
                    out,
                    ">\n      <failure type=\"{kind}\" message=\"{}\">{}</failure>\n    </testcase>",
                    escaped(line),
                    lines.join("\n")
                );
            }
        }
    }
    out.push_str("    <system-out/>\n    <system-err/>\n  </testsuite>\n");
}

/// Without a zone, as the schemas want it; UTC.
#[expect(clippy::cast_possible_truncation, reason = "seconds of this century")]
fn timestamp(unix_s: f64) -> String {
    let time = jiff::Timestamp::from_second(unix_s as i64).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// Text for an attribute or an element. Characters that XML cannot have are replaced.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ if character.is_control() => out.push('\u{fffd}'),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
#[path = "junit_tests.rs"]
mod tests;
