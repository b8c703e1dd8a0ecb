//! When arrivals are due: a pure function of their number.

use crate::control::NEVER;
use akrida_scenario::model::Arrivals;

/// When the arrivals of the whole fleet are due, numbered from 0, in microseconds since the run began.
///
/// Arrival `j` is due as soon as the rate, summed up over time, exceeds `j`: at once if the rate is constant from the
/// beginning, and after a pause with those that come after it.
#[derive(Debug)]
pub(crate) struct Schedule {
    /// In order; the last has no end.
    pieces: Vec<Piece>,
}

/// A time in which the rate changes evenly. Floating point holds the microseconds of centuries exactly.
#[derive(Debug)]
struct Piece {
    /// When it begins, microseconds.
    begin: f64,
    /// How long it lasts, microseconds.
    length: f64,
    /// Arrivals before it; a part of one counts as that part.
    before: f64,
    /// Per microsecond, at its beginning.
    rate: f64,
    /// By how much the rate grows per microsecond.
    slope: f64,
    /// Microseconds between two arrivals of an even rate, in the form that rounds least: (1e6, per second).
    even: (f64, f64),
}

impl Piece {
    fn new(begin: f64, length: f64, before: f64, (from, to): (f64, f64)) -> Self {
        let slope = if from == to { 0.0 } else { (to - from) / 1e6 / length };
        Self { begin, length, before, rate: from / 1e6, slope, even: (1e6, from) }
    }

    /// Arrivals in its first `time` microseconds.
    fn count(&self, time: f64) -> f64 {
        if self.slope == 0.0 {
            time * self.even.1 / self.even.0
        } else {
            (self.rate + self.slope / 2.0 * time) * time
        }
    }

    /// When `count` have arrived, microseconds from its beginning; infinite if they never do.
    fn time(&self, count: f64) -> f64 {
        if count <= 0.0 && (self.rate > 0.0 || self.slope > 0.0) {
            0.0
        } else if self.slope == 0.0 {
            count * self.even.0 / self.even.1
        } else {
            // The root of a quadratic in the form that subtracts nothing from almost itself.
            let under = (self.rate * self.rate + 2.0 * self.slope * count).max(0.0);
            2.0 * count / (self.rate + under.sqrt())
        }
    }
}

impl Schedule {
    pub(crate) fn new(arrivals: &Arrivals) -> Self {
        let sound = |rate: f64| if rate.is_finite() { rate.max(0.0) } else { 0.0 };
        let (mut pieces, mut rate) = (Vec::new(), sound(arrivals.initial_rate));
        let (mut begin, mut before) = (0.0, 0.0);
        for &(length, end) in &arrivals.spans {
            let (length, end) = (length.as_secs_f64() * 1e6, sound(end));
            if length > 0.0 {
                let piece = Piece::new(begin, length, before, (rate, end));
                (begin, before) = (begin + length, before + piece.count(length));
                pieces.push(piece);
            }
            rate = end;
        }
        pieces.push(Piece::new(begin, f64::INFINITY, before, (rate, rate)));
        Self { pieces }
    }

    /// When arrival `number` is due; [`NEVER`] if it never is.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, as is wanted"
    )]
    pub(crate) fn due(&self, number: u64) -> u64 {
        let number = number as f64;
        let piece = self.pieces.partition_point(|piece| piece.before <= number).saturating_sub(1);
        let piece = &self.pieces[piece];
        let time = piece.time(number - piece.before).min(piece.length);
        // Neither 0 / 0, a rate of 0 without end, nor infinity is a time.
        if time.is_finite() { (piece.begin + time).round() as u64 } else { NEVER }
    }

    /// How many arrivals are due before `time`.
    pub(crate) fn before(&self, time: u64) -> u64 {
        // Near enough, for the rounding of `due`; what it says itself decides.
        let mut least = self.estimate(time.saturating_sub(2)).saturating_sub(2);
        let mut most = self.estimate(time.saturating_add(2)).saturating_add(2);
        while least < most {
            let middle = least + (most - least) / 2;
            if self.due(middle) < time { least = middle + 1 } else { most = middle }
        }
        least
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, as is wanted"
    )]
    fn estimate(&self, time: u64) -> u64 {
        let time = time as f64;
        let piece = self.pieces.partition_point(|piece| piece.begin <= time).saturating_sub(1);
        let piece = &self.pieces[piece];
        (piece.before + piece.count(time - piece.begin)) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    fn schedule(initial_rate: f64, spans: &[(u64, f64)]) -> Schedule {
        let spans = spans.iter().map(|&(ms, rate)| (Duration::from_millis(ms), rate)).collect();
        Schedule::new(&Arrivals { initial_rate, spans })
    }

    /// When the first arrivals are due.
    fn check(schedule: &Schedule, expected: &[u64]) {
        let due: Vec<_> = (0..expected.len() as u64).map(|number| schedule.due(number)).collect();
        assert_eq!(due, expected);
    }

    #[test]
    fn even_rates_are_exact() {
        check(&schedule(1_000.0, &[]), &[0, 1_000, 2_000, 3_000]);
        check(&schedule(3.0, &[]), &[0, 333_333, 666_667, 1_000_000]);
        // A day later still.
        assert_eq!(schedule(1_000.0, &[]).due(86_400_000), 86_400_000_000);
        assert_eq!(schedule(300.0 / 60.0, &[]).due(5 * 3_600), 3_600_000_000);
    }

    #[test]
    fn a_ramp_sums_up_its_rate() {
        // Half a rate times the square of the time.
        let ramp = schedule(0.0, &[(2_000, 4.0)]);
        check(&ramp, &[0, 1_000_000, 1_414_214, 1_732_051, 2_000_000, 2_250_000]);
        let down = schedule(4.0, &[(2_000, 0.0)]);
        check(&down, &[0, 267_949, 585_786, 1_000_000, NEVER]);
    }

    #[test]
    fn rates_jump_pause_and_end() {
        check(
            &schedule(2.0, &[(1_000, 2.0), (0, 4.0), (500, 4.0), (0, 0.0)]),
            &[0, 500_000, 1_000_000, 1_250_000, NEVER, NEVER],
        );
        let pause = schedule(2.0, &[(1_000, 2.0), (0, 0.0), (3_000, 0.0), (0, 2.0)]);
        check(&pause, &[0, 500_000, 4_000_000, 4_500_000]);
        check(&schedule(0.0, &[(1_000, 0.0), (0, 1.0)]), &[1_000_000, 2_000_000]);
        check(&schedule(0.0, &[]), &[NEVER, NEVER]);
        check(&schedule(f64::NAN, &[(1_000, -5.0)]), &[NEVER]);
    }

    #[test]
    fn the_count_agrees_with_the_times() {
        let schedule = schedule(1_000.0, &[(2_000, 1_000.0), (0, 0.0)]);
        assert_eq!((schedule.before(0), schedule.before(1)), (0, 1));
        assert_eq!((schedule.before(1_000), schedule.before(1_001)), (1, 2));
        assert_eq!((schedule.before(2_000_000), schedule.before(u64::MAX)), (2_000, 2_000));
    }

    proptest! {
        #[test]
        fn counts_follow_the_summed_rate(
            initial in 0.0..5_000.0_f64,
            spans in prop::collection::vec((0..5_000_u64, prop_oneof![Just(0.0), 0.0..5_000.0_f64]), 0..6),
            time in 0..40_000_000_u64,
        ) {
            let schedule = schedule(initial, &spans);
            let (mut sum, mut rate, mut left) = (0.0, initial, time as f64 / 1e6);
            for &(ms, end) in &spans {
                let length = ms as f64 / 1e3;
                let part = left.min(length);
                if length > 0.0 {
                    sum += (rate + (end - rate) * part / length / 2.0) * part;
                }
                (rate, left) = (end, left - part);
            }
            sum += rate * left;
            let count = schedule.before(time);
            prop_assert!((count as f64 - sum).abs() <= 1.01, "{count} arrivals, {sum} by the rate");
            // What is counted is due before, and the next one is not; and times never go back.
            prop_assert!(count == 0 || schedule.due(count - 1) < time);
            prop_assert!(schedule.due(count) >= time);
            let first = count.saturating_sub(50);
            prop_assert!((first..first + 100).all(|number| schedule.due(number) <= schedule.due(number + 1)));
        }
    }
}
