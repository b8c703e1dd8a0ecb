//! Rows of data, given to the users of all cores.
//!
//! Rows are numbered over and over: of 10 rows, number 23 is the fourth in its third round. Rows that nobody else may
//! be given are [leased](leases); rows that go round are taken from this engine's own [`Lane`], which meets no other
//! of the fleet.

mod lane;
mod leases;

pub use leases::{Lease, Rows, Used};

pub(crate) use lane::Lane;

use crate::control::Control;
use akrida_scenario::Scenario;
use akrida_scenario::expr::Value;
use akrida_scenario::model::{AtEnd, Extent, Feeder, Take};
use leases::{Leases, Taken};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// How far the feeders of a scenario are, for all cores of an engine and one run.
#[derive(Debug)]
pub(crate) struct Feeders {
    /// In the order of [`Scenario::feeders`].
    supplies: Box<[Supply]>,
}

/// Where the rows of a feeder come from.
#[derive(Debug)]
enum Supply {
    Random,
    /// The number behind the last that was given.
    Lane(AtomicU64),
    Leases(Leases),
}

/// A row, if there is one.
pub(crate) enum Next {
    /// This one.
    Row(Value),
    /// No more will come: this much ends.
    Over(Extent),
    /// None is here now: more may be leased.
    Later,
}

impl Feeders {
    /// All at their beginning. `starved` is told when users have to wait for rows.
    pub(crate) fn new(scenario: &Scenario, starved: &Arc<Notify>) -> Self {
        let supply = |feeder: &Arc<Feeder>| match feeder.take {
            Take::Random => Supply::Random,
            Take::Cycle => Supply::Lane(AtomicU64::new(0)),
            Take::Unique(_) => Supply::Leases(Leases::new(starved.clone())),
        };
        Self { supplies: scenario.feeders().iter().map(supply).collect() }
    }

    /// Takes over what this engine has of unique rows.
    pub(crate) fn supply(&self, scenario: &Scenario, rows: &Rows) {
        for (index, feeder) in scenario.feeders().iter().enumerate() {
            if let Some(Supply::Leases(leases)) = self.supplies.get(index) {
                leases.supply(index, rows, end(feeder));
            }
        }
    }

    /// Waits until there may be a row of the feeder with this `index`, or until there will be none; `false` if the user
    /// is asked to end meanwhile. The user has to look again.
    pub(crate) async fn wait(&self, index: usize, control: &Control) -> bool {
        match &self.supplies[index] {
            Supply::Leases(leases) => leases.wait(control).await,
            Supply::Random | Supply::Lane(_) => true,
        }
    }

    /// What was given of each feeder whose rows are leased.
    pub(crate) fn used(&self) -> Vec<Used> {
        let used = |(index, supply): (usize, &Supply)| match supply {
            Supply::Leases(leases) => Some(leases.used(index)),
            Supply::Random | Supply::Lane(_) => None,
        };
        self.supplies.iter().enumerate().filter_map(used).collect()
    }

    /// The next row of the feeder with this `index`.
    pub(crate) fn take(&self, index: usize, feeder: &Feeder, lane: Lane, rng: &mut fastrand::Rng) -> Next {
        let rows = (feeder.rows.len() as u64).max(1);
        let number = match &self.supplies[index] {
            Supply::Random => rng.u64(0..rows),
            Supply::Lane(next) => {
                let mut given = 0;
                // Never refused.
                let _ = next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |next| {
                    given = lane.at_least(next);
                    Some(given.saturating_add(1))
                });
                given
            }
            Supply::Leases(leases) => match leases.take() {
                Taken::Row(number) => number,
                Taken::Later => return Next::Later,
                Taken::Nothing if feeder.take == Take::Unique(AtEnd::StopRun) => {
                    return Next::Over(Extent::Run);
                }
                Taken::Nothing => return Next::Over(Extent::User),
            },
        };
        let row = usize::try_from(number % rows).ok().and_then(|at| feeder.rows.get(at));
        // Front ends let no feeder pass that has no rows.
        row.map_or(Next::Over(Extent::User), |row| Next::Row(row.clone()))
    }
}

/// The number behind the last row; `u64::MAX` where rows begin again.
fn end(feeder: &Feeder) -> u64 {
    match feeder.take {
        Take::Unique(AtEnd::StopUser | AtEnd::StopRun) => feeder.rows.len() as u64,
        Take::Unique(AtEnd::Restart) | Take::Cycle | Take::Random => u64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_scenario::model::{Feed, Per, Slot, UserClass};

    fn scenario(rows: i64, take: Take) -> (Arc<Feeder>, Scenario) {
        let rows = (0..rows).map(Value::Int).collect();
        let feeder = Arc::new(Feeder { name: "row".into(), rows, take });
        let feed = || Feed { feeder: feeder.clone(), slot: Slot::User(0), per: Per::User };
        let class = || UserClass { feeds: vec![feed()], ..UserClass::default() };
        (feeder.clone(), Scenario { classes: vec![class(), class()], ..Scenario::default() })
    }

    /// What lanes, one after the other, are given of so many rows, all of them this engine's; -1 for the end.
    fn check(rows: i64, take: Take, lanes: &[(u64, u64)], expected: &[i64]) {
        let (feeder, scenario) = scenario(rows, take);
        let feeders = Feeders::new(&scenario, &Arc::default());
        feeders.supply(&scenario, &Rows::All);
        assert_eq!(feeders.supplies.len(), 1, "one feeder of two classes is one");
        let mut rng = fastrand::Rng::with_seed(1);
        let mut take = |&(offset, stride): &(u64, u64)| match feeders.take(
            0,
            &feeder,
            Lane::new(offset, stride),
            &mut rng,
        ) {
            Next::Row(Value::Int(row)) => row,
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
    fn lanes_divide_rows_that_go_round() {
        check(5, Take::Cycle, &[(1, 2); 4], &[1, 3, 0, 2]);
        check(9, Take::Cycle, &[(0, 1), (0, 1), (0, 1), (1, 2), (1, 2)], &[0, 1, 2, 3, 5]);
        check(5, Take::Unique(AtEnd::StopUser), &[(1, 2); 3], &[0, 1, 2]);
    }

    #[test]
    fn any_row_may_come_at_random() {
        let (feeder, scenario) = scenario(3, Take::Random);
        let (feeders, mut rng) = (Feeders::new(&scenario, &Arc::default()), fastrand::Rng::with_seed(2));
        let mut seen = [0; 3];
        for _ in 0..300 {
            let Next::Row(Value::Int(row)) = feeders.take(0, &feeder, Lane::new(1, 2), &mut rng) else {
                panic!()
            };
            seen[usize::try_from(row).unwrap()] += 1;
        }
        assert!(seen.iter().all(|&count| count > 60), "{seen:?}");
    }
}
