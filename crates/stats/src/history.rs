//! A bounded series over the whole run.

use crate::limits::HISTORY_POINTS;

/// Points at a steady interval, at most [`HISTORY_POINTS`]. When it is full, every second point is dropped and
/// only every second new one is taken from then on, so a run of any length keeps its whole shape.
#[derive(Clone, Debug)]
pub struct History<T> {
    points: Vec<T>,
    /// Of how many pushed points one is kept.
    stride: u64,
    pushed: u64,
}

impl<T> Default for History<T> {
    fn default() -> Self {
        Self { points: Vec::new(), stride: 1, pushed: 0 }
    }
}

impl<T> History<T> {
    /// Offers the next point.
    pub fn push(&mut self, point: T) {
        let take = self.pushed.is_multiple_of(self.stride);
        self.pushed += 1;
        if !take {
            return;
        }
        self.points.push(point);
        if self.points.len() >= HISTORY_POINTS {
            let mut index = 0;
            self.points.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.stride *= 2;
        }
    }

    /// The points kept, oldest first.
    #[must_use]
    pub fn points(&self) -> &[T] {
        &self.points
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_keeps_its_shape_within_the_bound() {
        let mut history = History::default();
        for point in 0..100_000_u64 {
            history.push(point);
            assert!(history.points().len() < HISTORY_POINTS);
        }
        let steps: Vec<_> = history.points().windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(history.points()[0], 0);
        assert!(steps.iter().all(|step| *step == steps[0]), "evenly spaced");
        assert!(history.points().len() > HISTORY_POINTS / 3);
    }
}
