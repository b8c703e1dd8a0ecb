//! The charts as plain drawings, for whoever has no script: a line for each series over the whole run.

use super::text::{count, ms, rate};
use akrida_run::HistoryPoint;
use std::fmt::Write as _;

/// Size of a drawing, in its own units.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 160.0;

/// Points of a line; more cannot be seen.
const POINTS: usize = 300;

/// A drawing with its lines.
#[derive(Debug)]
pub(crate) struct Sketch {
    pub(crate) title: &'static str,
    pub(crate) lines: Vec<Line>,
}

#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) label: &'static str,
    /// Which of the colours of the style sheet.
    pub(crate) colour: u8,
    /// The newest value.
    pub(crate) newest: String,
    /// What a drawing's path says.
    pub(crate) path: String,
}

type Series<'a> = (&'static str, u8, fn(f64) -> String, &'a dyn Fn(&HistoryPoint) -> Option<f64>);

/// All charts of a run.
pub(crate) fn all(history: &[HistoryPoint]) -> Vec<Sketch> {
    let percentile = |index: usize| move |point: &HistoryPoint| Some(point.percentiles?[index]);
    let whole: fn(f64) -> String = |value| count(value as u64);
    let drawn = |title, series: &[Series<'_>]| sketch(title, history, series);
    vec![
        drawn(
            "Requests per second",
            &[
                ("Requests/s", 1, rate, &|point| Some(point.now.rps)),
                ("Failures/s", 2, rate, &|point| Some(point.now.fail_per_sec)),
            ],
        ),
        drawn(
            "Response times, ms",
            &[("p50", 3, ms, &percentile(0)), ("p95", 1, ms, &percentile(5)), ("p99", 4, ms, &percentile(7))],
        ),
        drawn("Users", &[("Users", 3, whole, &|point| Some(point.user_count as f64))]),
        drawn("Workers", &[("Workers", 4, whole, &|point| Some(point.worker_count as f64))]),
        drawn("Generator lag, ms", &[("Worst lag", 5, ms, &|point| Some(point.lag_ms))]),
    ]
}

fn sketch(title: &'static str, history: &[HistoryPoint], series: &[Series<'_>]) -> Sketch {
    let values = series.iter().flat_map(|(.., of)| history.iter().filter_map(of));
    let top = values.fold(0.0, f64::max);
    let line = |(label, colour, show, of): &Series<'_>| Line {
        label,
        colour: *colour,
        newest: history.last().and_then(of).map_or_else(|| super::text::NOTHING.to_owned(), show),
        path: path(history, top, of),
    };
    Sketch { title, lines: series.iter().map(line).collect() }
}

/// A path through the values; it is interrupted where there is none.
fn path(history: &[HistoryPoint], top: f64, of: &dyn Fn(&HistoryPoint) -> Option<f64>) -> String {
    let (Some(first), Some(last)) = (history.first(), history.last()) else { return String::new() };
    let length = (last.at - first.at).max(1.0);
    let each = history.len().div_ceil(POINTS).max(1);
    let (mut path, mut pen_up) = (String::new(), true);
    // The newest point is one of them.
    let skipped = (history.len() - 1) % each;
    for point in history.iter().skip(skipped).step_by(each) {
        let Some(value) = of(point) else {
            pen_up = true;
            continue;
        };
        let x = (point.at - first.at) / length * WIDTH;
        let y = HEIGHT - value / top.max(1e-9) * HEIGHT;
        let _ = write!(path, "{}{x:.1} {y:.1}", if pen_up { 'M' } else { 'L' });
        pen_up = false;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_through_what_there_is() {
        let point = |at: f64, users: u64| HistoryPoint { at, user_count: users, ..HistoryPoint::default() };
        let history = [point(10.0, 0), point(11.0, 5), point(12.0, 10)];
        let users = |point: &HistoryPoint| (point.user_count != 5).then_some(point.user_count as f64);
        assert_eq!(path(&history, 10.0, &users), "M0.0 160.0M600.0 0.0");
        let every = |point: &HistoryPoint| Some(point.user_count as f64);
        assert_eq!(path(&history, 10.0, &every), "M0.0 160.0L300.0 80.0L600.0 0.0");
        assert_eq!(path(&[], 10.0, &every), "");
        let long: Vec<_> = (0..1_000).map(|at| point(f64::from(at), 1)).collect();
        let path = path(&long, 1.0, &every);
        assert!(path.matches('L').count() <= POINTS && path.ends_with("L600.0 0.0"), "{path}");
        let sketches = all(&history);
        assert_eq!(sketches[2].lines[0].newest, "10");
        assert_eq!(sketches[1].lines[0].path, "");
    }
}
