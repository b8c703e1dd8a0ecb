//! Open load for people: what was started and dropped, and what is wanted now.

use akrida_run::ArrivalsRow;
use akrida_scenario::model::Arrivals as Schedule;
use akrida_stats::{Arrivals, Totals};
use std::time::Duration;

/// The row of a class; `elapsed` since the run began, `None` when none goes on.
fn row(class: &str, schedule: &Schedule, so_far: Arrivals, elapsed: Option<Duration>) -> ArrivalsRow {
    ArrivalsRow {
        user_class: class.to_owned(),
        rate: elapsed.map(|elapsed| rate(schedule, elapsed)),
        started: so_far.started,
        dropped: so_far.dropped,
    }
}

/// Rows of the classes that have a schedule in `open`.
pub(crate) fn rows(
    totals: &Totals,
    classes: &[String],
    open: &[Option<Schedule>],
    elapsed: Option<Duration>,
) -> Vec<ArrivalsRow> {
    let classes = classes.iter().zip(open).filter_map(|(class, open)| Some((class, open.as_ref()?)));
    let so_far = |class: &str| totals.arrivals().get(class).copied().unwrap_or_default();
    classes.map(|(class, schedule)| row(class, schedule, so_far(class), elapsed)).collect()
}

/// Starts per second that `schedule` wants at `elapsed`.
fn rate(schedule: &Schedule, elapsed: Duration) -> f64 {
    let (mut before, mut begins) = (schedule.initial_rate, Duration::ZERO);
    for &(duration, after) in &schedule.spans {
        let into = elapsed.saturating_sub(begins);
        if into < duration {
            return before + (after - before) * into.div_duration_f64(duration);
        }
        (before, begins) = (after, begins.saturating_add(duration));
    }
    before
}

/// What is said where starts were dropped.
pub(crate) fn notice(row: &ArrivalsRow) -> Option<String> {
    let ArrivalsRow { user_class, started, dropped, .. } = row;
    let wanted = started.saturating_add(*dropped);
    (*dropped > 0).then(|| {
        format!(
            "{dropped} of {wanted} starts of {user_class} found no free user and were dropped; raise its max_users."
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_change_evenly_jump_where_a_span_has_no_length_and_then_stay() {
        let seconds = Duration::from_secs;
        let spans = vec![(seconds(10), 100.0), (seconds(10), 100.0), (seconds(0), 20.0), (seconds(10), 0.0)];
        let ramp = Schedule { initial_rate: 0.0, spans };
        for (at, expected) in
            [(0, 0.0), (5, 50.0), (10, 100.0), (19, 100.0), (20, 20.0), (25, 10.0), (99, 0.0)]
        {
            assert_eq!(rate(&ramp, seconds(at)), expected, "{at} s");
        }
        let steady = Schedule { initial_rate: 7.5, spans: Vec::new() };
        assert_eq!((rate(&steady, seconds(0)), rate(&steady, Duration::MAX)), (7.5, 7.5));
    }

    #[test]
    fn drops_are_told_in_a_sentence() {
        let schedule = Schedule { initial_rate: 1.0, spans: Vec::new() };
        let shown = |dropped| notice(&row("Shopper", &schedule, Arrivals { started: 7, dropped }, None));
        assert_eq!(shown(0), None);
        assert_eq!(
            shown(3).as_deref(),
            Some("3 of 10 starts of Shopper found no free user and were dropped; raise its max_users.")
        );
    }
}
