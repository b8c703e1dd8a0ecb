//! Rows of data, given to the users of all cores.
//!
//! Rows are numbered over and over: of 10 rows, number 23 is the fourth in its third round. An engine gives the
//! numbers of its own [`Lane`], in order, and the lanes of a fleet meet nowhere.
//!
//! Lanes change when the fleet does. An engine then goes on in its new lane behind the last number that it gave, so
//! that it never gives one twice itself. But others may have given numbers of that lane before, and what this one
//! leaves out may be given by nobody: only a fleet that stays as it is gives each row of a unique feeder once.

use akrida_scenario::expr::Value;
use akrida_scenario::model::{AtEnd, Extent, Feed, Feeder, Scenario, Take};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Which numbers are an engine's own: each `stride`th from `offset`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lane {
    offset: u64,
    stride: u64,
}

impl Lane {
    /// A stride of 0 is taken for 1.
    pub(crate) fn new(offset: u64, stride: u64) -> Self {
        Self { offset, stride: stride.max(1) }
    }

    /// Its first number, which tells it from the other lanes of the fleet.
    pub(crate) fn offset(self) -> u64 {
        self.offset
    }

    /// The first number of this lane that is not below `least`.
    fn at_least(self, least: u64) -> u64 {
        let strides = least.saturating_sub(self.offset).div_ceil(self.stride);
        self.offset.saturating_add(strides.saturating_mul(self.stride))
    }
}

/// How far the feeders of a scenario are, for all cores of an engine and one run.
#[derive(Debug)]
pub(crate) struct Positions {
    /// By feeder: the number behind the last that was given.
    next: Box<[AtomicU64]>,
}

impl Positions {
    /// All at their beginning.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        Self { next: distinct(scenario).iter().map(|_| AtomicU64::new(0)).collect() }
    }

    /// The next row of the feeder with this `index`, or what ends because there is none.
    pub(crate) fn take(
        &self,
        index: usize,
        feeder: &Feeder,
        lane: Lane,
        rng: &mut fastrand::Rng,
    ) -> Result<Value, Extent> {
        let rows = feeder.rows.len() as u64;
        let end = match feeder.take {
            Take::Random => return row(feeder, rng.u64(0..rows.max(1))),
            Take::Cycle | Take::Unique(AtEnd::Restart) => u64::MAX,
            Take::Unique(AtEnd::StopUser | AtEnd::StopRun) => rows,
        };
        let mut given = 0;
        let taken = self.next[index].fetch_update(Ordering::Relaxed, Ordering::Relaxed, |next| {
            given = lane.at_least(next);
            (given < end).then(|| given + 1)
        });
        match (taken, feeder.take) {
            (Ok(_), _) => row(feeder, given % rows.max(1)),
            (Err(_), Take::Unique(AtEnd::StopRun)) => Err(Extent::Run),
            (Err(_), _) => Err(Extent::User),
        }
    }
}

fn row(feeder: &Feeder, index: u64) -> Result<Value, Extent> {
    let row = usize::try_from(index).ok().and_then(|index| feeder.rows.get(index));
    // Front ends let no feeder pass that has no rows.
    row.cloned().ok_or(Extent::User)
}

/// Each feeder once, however many classes it feeds; always in the same order.
pub(crate) fn distinct(scenario: &Scenario) -> Vec<Arc<Feeder>> {
    let mut distinct: Vec<Arc<Feeder>> = Vec::new();
    for Feed { feeder, .. } in scenario.classes.iter().flat_map(|class| &class.feeds) {
        if !distinct.iter().any(|other| Arc::ptr_eq(other, feeder)) {
            distinct.push(feeder.clone());
        }
    }
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_scenario::model::{Per, Slot, UserClass};

    fn scenario(rows: i64, take: Take) -> (Arc<Feeder>, Scenario) {
        let rows = (0..rows).map(Value::Int).collect();
        let feeder = Arc::new(Feeder { name: "row".into(), rows, take });
        let feed = || Feed { feeder: feeder.clone(), slot: Slot::User(0), per: Per::User };
        let class = || UserClass { feeds: vec![feed()], ..UserClass::default() };
        (feeder.clone(), Scenario { classes: vec![class(), class()], ..Scenario::default() })
    }

    /// What lanes, one after the other, are given of so many rows; -1 for the end.
    fn check(rows: i64, take: Take, lanes: &[(u64, u64)], expected: &[i64]) {
        let (feeder, scenario) = scenario(rows, take);
        let positions = Positions::new(&scenario);
        assert_eq!(positions.next.len(), 1, "one feeder of two classes is one");
        let mut rng = fastrand::Rng::with_seed(1);
        let mut take = |&(offset, stride): &(u64, u64)| match positions.take(
            0,
            &feeder,
            Lane::new(offset, stride),
            &mut rng,
        ) {
            Ok(Value::Int(row)) => row,
            _ => -1,
        };
        assert_eq!(lanes.iter().map(&mut take).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn rows_come_in_order_until_the_end_or_again() {
        let alone = [(0, 1); 5];
        check(3, Take::Unique(AtEnd::StopUser), &alone, &[0, 1, 2, -1, -1]);
        check(3, Take::Unique(AtEnd::Restart), &alone, &[0, 1, 2, 0, 1]);
        check(3, Take::Cycle, &alone, &[0, 1, 2, 0, 1]);
        check(0, Take::Cycle, &[(0, 1)], &[-1]);
    }

    #[test]
    fn lanes_divide_the_rows() {
        check(5, Take::Unique(AtEnd::StopUser), &[(0, 2); 4], &[0, 2, 4, -1]);
        check(5, Take::Unique(AtEnd::StopUser), &[(1, 2); 3], &[1, 3, -1]);
        check(5, Take::Cycle, &[(1, 2); 4], &[1, 3, 0, 2]);
    }

    #[test]
    fn a_new_lane_goes_on_behind_what_was_given() {
        let unique = Take::Unique(AtEnd::StopUser);
        check(9, unique, &[(0, 1), (0, 1), (0, 1), (1, 2), (1, 2)], &[0, 1, 2, 3, 5]);
        check(9, unique, &[(1, 4), (1, 4), (0, 1), (0, 1)], &[1, 5, 6, 7]);
        check(9, unique, &[(1, 0), (u64::MAX, u64::MAX)], &[1, -1]);
    }

    #[test]
    fn any_row_may_come_at_random() {
        let (feeder, scenario) = scenario(3, Take::Random);
        let (positions, mut rng) = (Positions::new(&scenario), fastrand::Rng::with_seed(2));
        let mut seen = [0; 3];
        for _ in 0..300 {
            let Ok(Value::Int(row)) = positions.take(0, &feeder, Lane::new(1, 2), &mut rng) else { panic!() };
            seen[usize::try_from(row).unwrap()] += 1;
        }
        assert!(seen.iter().all(|&count| count > 60), "{seen:?}");
    }
}
