//! A comparison for a terminal, and in Markdown.

use super::{Basis, Change, Comparison, Held, Judgement};
use crate::markdown::escaped;
use crate::text::visible;
use crate::verdict::with_unit;
use akrida_run::threshold::Unit;
use akrida_scenario::threshold::Metric;
use std::fmt::Write as _;

/// Names that are listed; those that did not change are only counted.
const NAMES: usize = 100;

/// A comparison as a person reads it in a terminal.
#[must_use]
pub fn text(comparison: &Comparison, held: &[Held]) -> String {
    let mut out = format!(
        "{} compared with {}\n\n{:<12} {:>12} {:>12} {:>9}\n",
        visible(&comparison.after),
        earlier(comparison),
        "",
        "before",
        "after",
        "change"
    );
    out.push_str("All requests\n");
    rows(&mut out, &comparison.total);
    let (changed, same) = split(comparison);
    for ((name, method), changes) in changed.iter().take(NAMES) {
        _ = writeln!(out, "{}", visible(&label(name, method)));
        rows(&mut out, changes);
    }
    for line in remarks(comparison, changed.len(), same) {
        _ = writeln!(out, "{}", visible(&line));
    }
    for held in held {
        let word = if held.broken { "BROKEN" } else { "passed" };
        _ = writeln!(out, "{word}  {} ({})", visible(&held.text), told(held));
    }
    out
}

fn rows(out: &mut String, changes: &[Change]) {
    for change in changes {
        let line = format!(
            "  {:<10} {:>12} {:>12} {:>9}  {}",
            word(change.metric),
            value(change.metric, change.before),
            value(change.metric, change.after),
            percent(change),
            judged(change)
        );
        _ = writeln!(out, "{}", line.trim_end());
    }
}

/// The same in Markdown.
#[must_use]
pub fn markdown(comparison: &Comparison, held: &[Held]) -> String {
    let (after, before) = (escaped(&comparison.after), escaped(&earlier(comparison)));
    let mut out = format!("## {after} compared with {before}\n\n");
    if !held.is_empty() {
        out.push_str("| condition | change | verdict |\n|---|---:|---|\n");
        for held in held {
            let word = if held.broken { "**BROKEN**" } else { "passed" };
            _ = writeln!(out, "| {} | {} | {word} |", escaped(&held.text), told(held));
        }
        out.push('\n');
    }
    out.push_str("| requests | figure | before | after | change | |\n|---|---|---:|---:|---:|---|\n");
    table(&mut out, "**all**", &comparison.total);
    let (changed, same) = split(comparison);
    for ((name, method), changes) in changed.iter().take(NAMES) {
        table(&mut out, &escaped(&label(name, method)), changes);
    }
    out.push('\n');
    for line in remarks(comparison, changed.len(), same) {
        _ = writeln!(out, "{}\n", escaped(&line));
    }
    out
}

fn table(out: &mut String, name: &str, changes: &[Change]) {
    for change in changes {
        let judged = judged(change);
        let judged = if change.judgement == Judgement::Different { format!("**{judged}**") } else { judged };
        _ = writeln!(
            out,
            "| {name} | {} | {} | {} | {} | {judged} |",
            word(change.metric),
            value(change.metric, change.before),
            value(change.metric, change.after),
            percent(change)
        );
    }
}

type Named<'a> = (&'a (String, String), &'a Vec<Change>);

/// The names in which something is different, and how many there are without.
fn split(comparison: &Comparison) -> (Vec<Named<'_>>, usize) {
    let is_different = |change: &Change| change.judgement == Judgement::Different;
    let changed: Vec<Named<'_>> =
        comparison.names.iter().filter(|(_, changes)| changes.iter().any(is_different)).collect();
    let same = comparison.names.len() - changed.len();
    (changed, same)
}

fn remarks(comparison: &Comparison, changed: usize, same: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if changed > NAMES {
        lines.push(format!("{} more names have changed and are not listed.", changed - NAMES));
    }
    if same > 0 {
        let names = if same == 1 { "name has" } else { "names have" };
        // Those with too few requests to tell are among them.
        lines.push(format!("{same} {names} no change that can be told from noise."));
    }
    for (what, keys) in [("Gone", &comparison.gone), ("New", &comparison.new)] {
        if !keys.is_empty() {
            let names: Vec<_> = keys.iter().take(10).map(|(name, method)| label(name, method)).collect();
            let more = if keys.len() > 10 { format!(" and {} more", keys.len() - 10) } else { String::new() };
            lines.push(format!("{what}: {}{more}.", names.join(", ")));
        }
    }
    lines
}

/// The earlier run, or how many there are.
fn earlier(comparison: &Comparison) -> String {
    match comparison.before.as_slice() {
        [one] => one.clone(),
        several => format!("{} earlier runs ({})", several.len(), several.join(", ")),
    }
}

fn label(name: &str, method: &str) -> String {
    if method.is_empty() { name.to_owned() } else { format!("{method} {name}") }
}

fn word(metric: Metric) -> String {
    match metric {
        Metric::Quantile(quantile) => format!("p{}", (quantile * 1e4).round() / 1e2),
        Metric::Mean => "mean".to_owned(),
        Metric::FailureRatio => "failures".to_owned(),
        Metric::Rps => "rps".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn value(metric: Metric, value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| with_unit(value, Unit::of(metric)))
}

fn percent(change: &Change) -> String {
    change.change.map_or_else(|| "-".to_owned(), signed)
}

fn signed(share: f64) -> String {
    let text = format!("{:+.1} %", share * 100.0);
    // What rounds to nothing has no direction.
    if text == "-0.0 %" { "+0.0 %".to_owned() } else { text }
}

/// `within noise of 3 earlier runs (-2.0 to +9.1 %)`
fn judged(change: &Change) -> String {
    let of = match change.basis {
        Basis::Slices => String::new(),
        Basis::Runs(runs) => format!(" of {runs} earlier runs"),
    };
    let interval = change
        .interval
        .map(|(from, to)| format!(" ({} to {})", signed(from).trim_end_matches(" %"), signed(to)))
        .unwrap_or_default();
    match change.judgement {
        Judgement::TooFew => "too few to tell".to_owned(),
        Judgement::Noise => format!("within noise{of}{interval}"),
        Judgement::Different => {
            let more = change.after > change.before;
            let word = match (change.metric, more) {
                (Metric::FailureRatio, true) => "MORE",
                (Metric::FailureRatio, false) => "fewer",
                (Metric::Rps, true) => "higher",
                (Metric::Rps, false) => "LOWER",
                (_, true) => "SLOWER",
                (_, false) => "faster",
            };
            let beyond = if of.is_empty() { String::new() } else { format!(", beyond the noise{of}") };
            format!("{word}{beyond}{interval}")
        }
    }
}

fn told(held: &Held) -> String {
    held.change.map_or_else(|| "nothing was measured for it".to_owned(), signed)
}
