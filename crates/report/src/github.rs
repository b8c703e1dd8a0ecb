//! Annotations for GitHub Actions: lines in its log that it shows beside the run.

use crate::text::visible;
use crate::verdict::{measured, word};
use akrida_run::Snapshot;
use std::fmt::Write as _;

/// Annotations of one kind: GitHub shows no more of a step.
const MOST: usize = 10;

/// What is wrong with a run that is over: broken thresholds and failed requests as errors, notices as warnings.
#[must_use]
pub fn annotations(snapshot: &Snapshot) -> String {
    let mut out = String::new();
    let started = snapshot.start > 0.0;
    let broken = snapshot.thresholds.iter().filter(|row| started && row.is_broken());
    let broken =
        broken.map(|row| ("Threshold broken", format!("{}: {}, {}", row.text, measured(row), word(row))));
    let failed = snapshot.errors.iter().map(|row| {
        let text = format!("{} {}: {} ({} times)", row.method, row.name, row.error, row.occurrences);
        ("Requests failed", text.trim().to_owned())
    });
    for (title, text) in broken.chain(failed).take(MOST) {
        _ = writeln!(out, "::error title={title}::{}", escaped(&text));
    }
    for notice in snapshot.notices.iter().take(MOST) {
        _ = writeln!(out, "::warning title=Akrida::{}", escaped(notice));
    }
    out
}

fn escaped(text: &str) -> String {
    visible(text).replace('%', "%25")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn what_is_wrong_is_annotated() {
        let notices = vec!["100 % of it is late.".to_owned()];
        let snapshot = Snapshot { thresholds: samples::judged().thresholds, notices, ..samples::failures() };
        insta::assert_snapshot!(annotations(&snapshot), @r#"
        ::error title=Threshold broken::p95 > 300ms: 412 ms, BROKEN
        ::error title=Threshold broken::rps{name="/buy"} < 50: -, BROKEN: nothing was measured for it
        ::error title=Threshold broken::dropped > 10: 12, BROKEN, stopped the run
        ::error title=Requests failed::GET /a: HTTPError('500 Server Error: Internal Server Error for url: /a') (3 times)
        ::error title=Requests failed::GET /a: CatchResponseError('Got an error, "quoted"') (11 times)
        ::error title=Requests failed::GET =cmd|'/c calc'!A1: two\nlines \x1b[31mand colour (2 times)
        ::warning title=Akrida::100 %25 of it is late.
        "#);
        assert_eq!(annotations(&samples::one_row()), "");
    }
}
