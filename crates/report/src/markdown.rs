//! A run in Markdown, for the page that a pipeline shows and for comments.

use crate::text::visible;
use crate::verdict::{measured, summary, word};
use akrida_run::{Row, Snapshot};
use std::fmt::Write as _;

/// Requests that are listed; the sum of all is below them.
const ROWS: usize = 100;

/// Errors that are listed.
const ERRORS: usize = 20;

/// A run that is over. `profile` is what `--profile` named it.
#[must_use]
pub fn render(snapshot: &Snapshot, profile: Option<&str>) -> String {
    let mut out =
        format!("## Load test{}\n\n", profile.map(|name| format!(": {}", escaped(name))).unwrap_or_default());
    verdict(&mut out, snapshot);
    requests(&mut out, snapshot);
    errors(&mut out, snapshot);
    for notice in &snapshot.notices {
        _ = writeln!(out, "> {}\n", escaped(notice));
    }
    out
}

fn verdict(out: &mut String, snapshot: &Snapshot) {
    let total = &snapshot.total;
    let seconds = (snapshot.end.unwrap_or(snapshot.at) - snapshot.start).max(0.0);
    _ = writeln!(
        out,
        "{} requests in {seconds:.0} s ({:.2}/s), {} failed ({:.2} %).\n",
        total.num_requests,
        total.total_rps,
        total.num_failures,
        total.fail_ratio * 100.0
    );
    if snapshot.thresholds.is_empty() || snapshot.start <= 0.0 {
        return;
    }
    _ = writeln!(
        out,
        "**{}.**\n\n| threshold | measured | verdict |\n|---|---:|---|",
        summary(&snapshot.thresholds)
    );
    for row in &snapshot.thresholds {
        let word = if row.is_broken() { format!("**{}**", word(row)) } else { word(row).to_owned() };
        _ = writeln!(out, "| {} | {} | {word} |", escaped(&row.text), measured(row));
    }
    out.push('\n');
}

fn requests(out: &mut String, snapshot: &Snapshot) {
    if snapshot.rows.is_empty() {
        return;
    }
    out.push_str("| request | requests | failed | mean ms | p50 | p95 | p99 | max | per s |\n");
    out.push_str("|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    for row in snapshot.rows.iter().take(ROWS) {
        let name =
            if row.method.is_empty() { row.name.clone() } else { format!("{} {}", row.method, row.name) };
        line(out, &escaped(&name), row);
    }
    line(out, "**all**", &snapshot.total);
    if snapshot.rows.len() > ROWS {
        _ = write!(out, "\n{} more requests are not listed.\n", snapshot.rows.len() - ROWS);
    }
    out.push('\n');
}

fn line(out: &mut String, name: &str, row: &Row) {
    // Of akrida_run::PERCENTILES.
    let [p50, p95, p99] = [0, 5, 7]
        .map(|index: usize| row.percentiles.map_or_else(|| "-".to_owned(), |values| ms(values[index])));
    _ = writeln!(
        out,
        "| {name} | {} | {} | {} | {p50} | {p95} | {p99} | {} | {:.2} |",
        row.num_requests,
        row.num_failures,
        ms(row.avg_response_time),
        ms(row.max_response_time),
        row.total_rps
    );
}

fn ms(ms: f64) -> String {
    if ms < 100.0 { format!("{ms:.2}") } else { format!("{ms:.0}") }
}

fn errors(out: &mut String, snapshot: &Snapshot) {
    if snapshot.errors.is_empty() {
        return;
    }
    let mut rows: Vec<_> = snapshot.errors.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.occurrences));
    out.push_str("| failures | request | error |\n|---:|---|---|\n");
    for row in rows.iter().take(ERRORS) {
        let name = format!("{} {}", row.method, row.name);
        _ = writeln!(out, "| {} | {} | {} |", row.occurrences, escaped(name.trim()), escaped(&row.error));
    }
    if rows.len() > ERRORS {
        _ = write!(out, "\n{} more errors are not listed.\n", rows.len() - ERRORS);
    }
    out.push('\n');
}

/// Text of strangers, which must be neither markup nor HTML, and stays in its cell.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for character in visible(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '$' => out.extend(['\\', character]),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_run_in_markdown() {
        let snapshot = Snapshot { thresholds: samples::judged().thresholds, ..samples::failures() };
        let text = render(&snapshot, Some("nightly"));
        let has = |line: &str| assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        has("## Load test: nightly");
        has("42 requests in 10 s (4.20/s), 16 failed (38.10 %).");
        has("**3 of 5 thresholds are broken.**");
        has("| p95 &gt; 300ms | 412 ms | **BROKEN** |");
        has("| failures &gt; 1% | 0.25 % | passed |");
        has("| GET /a | 40 | 14 | 840 | 700 | 1576 | 1926 | 2451 | 4.00 |");
        has("| 11 | GET /a | CatchResponseError('Got an error, \"quoted\"') |");
    }

    #[test]
    fn no_text_leaves_its_cell() {
        assert_eq!(
            escaped("a|b\n<img src=x> `c` [d](e) *f*"),
            "a\\|b\\\\n&lt;img src=x&gt; \\`c\\` \\[d\\](e) \\*f\\*"
        );
        let row = samples::row("GET", "/|\n|x|", 1, 0, 1.0);
        let text = render(&Snapshot { rows: vec![row], ..samples::one_row() }, None);
        let cells = |line: &str| line.replace("\\|", "").matches('|').count();
        let table: Vec<_> = text.lines().filter(|line| line.starts_with('|')).collect();
        assert!(table.len() == 4 && table.iter().all(|line| cells(line) == 10), "{text}");
    }

    #[test]
    fn long_lists_are_cut() {
        let rows = (0..150).map(|number| samples::row("GET", &format!("/{number}"), 1, 0, 1.0)).collect();
        let text = render(&Snapshot { rows, ..samples::one_row() }, None);
        assert!(text.contains("50 more requests are not listed.") && !text.contains("/149"), "{text}");
    }
}
