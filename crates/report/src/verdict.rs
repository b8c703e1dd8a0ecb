//! What a run is worth: its thresholds, held against what was measured.

use crate::text::visible;
use akrida_run::threshold::Unit;
use akrida_run::{Snapshot, ThresholdRow, ThresholdState};
use std::fmt::Write as _;

/// Widest column for conditions in the table, characters; a longer one moves what follows it.
const WIDEST: usize = 80;

/// How many thresholds are broken in a run that is over; none where nothing was started.
#[must_use]
pub fn broken(snapshot: &Snapshot) -> usize {
    let started = snapshot.start > 0.0;
    snapshot.thresholds.iter().filter(|row| started && row.is_broken()).count()
}

/// The table of thresholds of a run that is over, and a line that sums it up; nothing where there are none.
#[must_use]
pub fn table(snapshot: &Snapshot) -> String {
    let rows = &snapshot.thresholds;
    if rows.is_empty() || snapshot.start <= 0.0 {
        return String::new();
    }
    let widest =
        rows.iter().map(|row| visible(&row.text).chars().count()).max().unwrap_or(0).clamp(10, WIDEST);
    let mut out = format!(
        "{:<widest$} {:>12}  Verdict\n{:-<widest$} {:->12}  {:-<7}\n",
        "Thresholds", "Measured", "", "", ""
    );
    for row in rows {
        let line = format!("{:<widest$} {:>12}  {}", visible(&row.text), measured(row), word(row));
        _ = writeln!(out, "{}", line.trim_end());
    }
    _ = writeln!(out, "{}\n", summary(rows));
    out
}

/// `2 of 3 thresholds are broken`
pub(crate) fn summary(rows: &[ThresholdRow]) -> String {
    sentence(rows.iter().filter(|row| row.is_broken()).count(), rows.len())
}

pub(crate) fn sentence(broken: usize, all: usize) -> String {
    match (broken, all) {
        (0, 1) => "The threshold is kept".to_owned(),
        (0, all) => format!("All {all} thresholds are kept"),
        (1, 1) => "The threshold is broken".to_owned(),
        (1, all) => format!("1 of {all} thresholds is broken"),
        (broken, all) => format!("{broken} of {all} thresholds are broken"),
    }
}

/// What became of a threshold.
pub(crate) fn word(row: &ThresholdRow) -> &'static str {
    match (row.state, row.aborted) {
        (ThresholdState::Passed, _) => "passed",
        (ThresholdState::Broken, false) => "BROKEN",
        (ThresholdState::Broken, true) => "BROKEN, stopped the run",
        (ThresholdState::Unmeasured, _) => "BROKEN: nothing was measured for it",
    }
}

/// What was measured, with its unit; a dash for nothing.
#[must_use]
pub fn measured(row: &ThresholdRow) -> String {
    row.value.map_or_else(|| "-".to_owned(), |value| with_unit(value, row.unit))
}

pub(crate) fn with_unit(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Ms if value < 100.0 => format!("{value:.2} ms"),
        Unit::Ms => format!("{value:.0} ms"),
        Unit::Ratio => format!("{:.2} %", value * 100.0),
        Unit::Count => format!("{value}"),
        Unit::PerSecond => format!("{value:.2}/s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_table_says_what_was_measured_and_what_it_is_worth() {
        insta::assert_snapshot!(table(&samples::judged()), @r#"
        Thresholds                     Measured  Verdict
        -------------------------- ------------  -------
        p95 > 300ms                      412 ms  BROKEN
        failures > 1%                    0.25 %  passed
        rps{name="/buy"} < 50                 -  BROKEN: nothing was measured for it
        dropped > 10                         12  BROKEN, stopped the run
        p50{name="/\x1b[31m"} > 1s      4.21 ms  passed
        3 of 5 thresholds are broken
        "#);
        assert_eq!((table(&samples::one_row()), broken(&samples::one_row())), (String::new(), 0));
        assert_eq!(broken(&samples::judged()), 3);
        assert_eq!(broken(&Snapshot { start: 0.0, ..samples::judged() }), 0);
    }

    #[test]
    fn sums_are_sentences() {
        let rows = samples::judged().thresholds;
        let check = |rows: &[ThresholdRow], text: &str| assert_eq!(summary(rows), text);
        check(&rows[..1], "The threshold is broken");
        check(&rows[1..2], "The threshold is kept");
        check(&rows[..2], "1 of 2 thresholds is broken");
        check(&[rows[1].clone(), rows[1].clone()], "All 2 thresholds are kept");
    }
}
