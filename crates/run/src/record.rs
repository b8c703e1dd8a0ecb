//! A slice of a run: what was measured in it, what happened, and where the run stood at its end.
//!
//! Records in order are the run. A sum of records is a record too ([`Record::absorb`]), so what a run came to is one
//! record, and a file of records can be made short at any time.
//!
//! A master's journal keeps records so that its successor can go on with the run; then they are as short as it takes. A
//! file of a run keeps them for readers, one each second.

use crate::limits;
use crate::{ExceptionRow, FleetEvent, Generator, HistoryPoint, RunState, StopReason};
use akrida_stats::{Delta, EntryKey, Measured};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A slice of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its end.
    pub at: Moment,
    /// Whether counting begins anew with it: what was measured before counts no more.
    pub begins: Option<Begins>,
    /// What Akrida's workers measured.
    pub exact: Delta,
    /// What Locust's workers measured: rounded times, and totals of their own.
    pub rounded: Delta,
    /// What users raised.
    pub exceptions: Vec<ExceptionRow>,
    /// The course of the run.
    pub points: Vec<HistoryPoint>,
    /// What happened.
    pub events: Vec<FleetEvent>,
    /// Where the run stands, if that has changed.
    pub course: Option<Course>,
    /// The workers that have changed, by id; `None` for one that is known no longer.
    pub workers: BTreeMap<String, Option<WorkerMark>>,
    /// Rows that are given once and that nobody has, by source, if that has changed.
    pub stocks: Option<Vec<StockMark>>,
}

/// A moment of the master's process and of the day. The monotonic scale goes on in the next process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Microseconds since some fixed moment.
    pub monotonic_us: u64,
    /// Unix microseconds.
    pub wall_us: u64,
}

/// Counting begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begins {
    /// When, unix microseconds.
    pub at_us: u64,
    /// Whether rows of before are kept, with zeros: figures were reset, and it is not another run.
    pub keeps_rows: bool,
}

/// Where a master stands with its run. Times are microseconds on the master's monotonic scale unless they say
/// otherwise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// Where the run is in its life.
    pub state: RunState,
    /// How many runs were started.
    pub runs: u64,
    /// Timestamp of the newest job, unix seconds.
    pub newest_job: f64,
    /// The same, before the newest run.
    pub job_before_run: f64,
    /// The newest lease and the newest term of rows that are given once.
    pub newest_lease: (u64, u64),
    /// Whether the load generator itself was the limit.
    pub generator: Generator,
    /// Workers on the list whose last figures did not come.
    pub lost: BTreeSet<String>,
    /// How many others' last figures will not come.
    pub lost_for_good: u64,
    /// How often a master went on with this run after another one.
    pub restarts: u64,
    /// Stages that have begun: names, and when, unix microseconds.
    pub stages: Vec<(String, u64)>,
    /// User classes that were changed, by index.
    pub classes: BTreeMap<u64, ClassMark>,
    /// The classes that get users, by index; empty where nobody chose.
    pub chosen: Vec<bool>,
    /// The run, if one goes on.
    pub run: Option<RunMark>,
    /// Values of the scenario's options by name, as they are written into forms.
    #[serde(default)]
    pub options: Vec<(String, String)>,
}

/// What was changed of a user class. What is `None` is as in the test.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClassMark {
    /// Share of users.
    pub weight: Option<u64>,
    /// Exactly this many users.
    pub fixed_count: Option<u64>,
    /// Base address.
    pub host: Option<String>,
    /// Names of the tasks that are kept.
    pub tasks: Option<Vec<String>>,
}

/// A run that goes on. Times as in [`Course`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunMark {
    /// Stages, or a single one without end for a constant load.
    pub load: Vec<StageMark>,
    /// Whether the load has stages.
    pub staged: bool,
    /// The stage that runs, from 0.
    pub stage: u64,
    /// When it is over; the largest number for never.
    pub stage_ends: u64,
    /// When the run time is over; the largest number for never.
    pub run_time_ends: u64,
    /// Base address that wins over those of the classes.
    pub host: Option<String>,
    /// When it began.
    pub began: u64,
    /// Into how many parts rows that go round are divided, and into how many they were at first.
    pub seats: (u64, u64),
    /// Where the ramp began and leads, users.
    pub ramp: (u64, u64),
    /// When the ramp began.
    pub ramp_began: u64,
    /// Users wanted at this point of it.
    pub users: u64,
    /// Whether a worker was told of it.
    pub is_placed: bool,
    /// Why it is being stopped.
    pub stopping: Option<StopReason>,
}

/// A stage, or a constant load.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StageMark {
    /// What it is called.
    pub name: String,
    /// How long it lasts, microseconds.
    pub duration_us: u64,
    /// Users.
    pub users: u64,
    /// Users per second.
    pub spawn_rate: f64,
}

/// What a master knows of a worker that its successor has to know. Users are by class index.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WorkerMark {
    /// Its number since the first master began, from 0.
    pub index: u64,
    /// The process that counts its reports, and the number of the newest one that was merged; `None` where nothing is
    /// counted.
    pub merged: Option<(u64, u64)>,
    /// The newest run in which it was told to take part.
    pub run: u64,
    /// Users that it last told of.
    pub users: Vec<u64>,
    /// Users that it last told of without their classes.
    pub unclassed: u64,
    /// Of which generations of Locust's protocol it may be, by number: the oldest and the newest.
    pub generations: (u8, u8),
    /// Users that ended by themselves.
    pub ended: Vec<u64>,
    /// Its seat among those that divide rows.
    pub seat: Option<u64>,
    /// What it was last told to run.
    pub job: Option<JobMark>,
    /// What it has of rows that are given once.
    pub holding: Option<HoldingMark>,
    /// What it said of its version.
    pub version: Option<String>,
    /// Its cores, if it tells them.
    pub cores: Option<u64>,
    /// Whether it is one of Locust's.
    pub is_locusts: bool,
    /// Why it gets no users; empty if it does.
    pub idle: String,
}

/// What a worker was told to run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JobMark {
    /// Users by class index.
    pub users: Vec<u64>,
    /// The stage.
    pub stage: Option<u16>,
    /// When it was made, unix seconds.
    pub timestamp: f64,
    /// Offset, stride and workers of its share.
    pub share: (u64, u64, u64),
    /// Its users of open load, by class: how many stand before them, and how many there are in the fleet.
    pub open: BTreeMap<String, (u64, u64)>,
    /// Where it chooses classes by itself: users, users per second, and whether it is done.
    pub number: Option<(u64, f64, bool)>,
}

/// What a worker has of rows that are given once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HoldingMark {
    /// The term of its leases.
    pub term: u64,
    /// Whether it gives no more.
    pub closed: bool,
    /// By source.
    pub held: Vec<HeldMark>,
}

/// What a worker has of one source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HeldMark {
    /// Leases that are not used up: source, number, first row, row behind the last.
    pub leases: Vec<(u16, u64, u64, u64)>,
    /// Rows of leases that are used up.
    pub used_up: u64,
    /// Rows that it gave.
    pub given: u64,
}

/// Rows of one source that nobody has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StockMark {
    /// The first row that nobody ever had.
    pub next: u64,
    /// The row behind the last one.
    pub end: u64,
    /// What came back: first rows, and rows behind the last.
    pub returned: Vec<(u64, u64)>,
    /// Rows that went to workers that were lost.
    pub lost: u64,
}

impl Record {
    /// Whether it tells nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self { at: self.at, ..Self::default() }
    }

    /// Adds the record that follows.
    pub fn absorb(&mut self, later: Self) {
        let Self { at, begins, exact, rounded, exceptions, points, events, course, workers, stocks } = later;
        self.at = at;
        if let Some(begins) = begins {
            self.begin(begins);
        }
        merge(&mut self.exact, exact);
        merge(&mut self.rounded, rounded);
        for row in exceptions {
            self.raise(row);
        }
        self.points.extend(points);
        if self.points.len() > limits::POINTS {
            let mut number = 0;
            self.points.retain(|_| {
                number += 1;
                number % 2 == 1
            });
        }
        self.events.extend(events);
        let old = self.events.len().saturating_sub(limits::EVENTS);
        self.events.drain(..old);
        self.course = course.or(self.course.take());
        self.stocks = stocks.or(self.stocks.take());
        self.workers.extend(workers);
    }

    /// What a file that begins with this record need not tell: workers that are known no longer.
    pub fn forget(&mut self) {
        self.workers.retain(|_, worker| worker.is_some());
    }

    fn begin(&mut self, begins: Begins) {
        self.begins = Some(begins);
        self.exceptions.clear();
        self.points.clear();
        for delta in [&mut self.exact, &mut self.rounded] {
            let old = std::mem::take(delta);
            if begins.keeps_rows {
                let nothing = || Measured::since(begins.at_us);
                let row = |key: EntryKey| (EntryKey { tags: Vec::new(), stage: None, ..key }, nothing());
                delta.entries = old.entries.into_keys().map(row).collect();
                delta.total = old.total.map(|_| nothing());
            }
        }
        if !begins.keeps_rows {
            self.events.clear();
        }
    }

    /// Adds what a worker measured: `exact` from Akrida's, whose sum is its total.
    pub fn measure(&mut self, exact: bool, mut delta: Delta) {
        if exact {
            delta.total = None;
        }
        if !delta.is_empty() {
            merge(if exact { &mut self.exact } else { &mut self.rounded }, delta);
        }
    }

    /// Adds what users raised.
    pub fn raise(&mut self, row: ExceptionRow) {
        let full = self.exceptions.len() >= limits::EXCEPTIONS;
        match self.exceptions.iter_mut().find(|kept| kept.traceback == row.traceback) {
            Some(kept) => {
                kept.count = kept.count.saturating_add(row.count);
                let nodes: BTreeSet<String> = kept.nodes.drain(..).chain(row.nodes).collect();
                kept.nodes = nodes.into_iter().take(limits::EXCEPTION_NODES).collect();
            }
            None if full => {
                let other = || akrida_stats::limits::OTHER.to_owned();
                let last = self.exceptions.last_mut();
                if let Some(last) = last.filter(|last| last.traceback == other()) {
                    last.count = last.count.saturating_add(row.count);
                } else {
                    self.exceptions.push(ExceptionRow { traceback: other(), msg: other(), ..row });
                }
            }
            None => self.exceptions.push(row),
        }
    }
}

/// Adds `other`, within the bounds on keys and seconds.
fn merge(sum: &mut Delta, other: Delta) {
    let Delta { entries, total, errors, arrivals, names_overflowed } = other;
    for (mut key, measured) in entries {
        if sum.entries.len() >= limits::KEYS && !sum.entries.contains_key(&key) {
            sum.names_overflowed = true;
            // Tags and stages stay: their sums must not lack anything.
            let name = akrida_stats::limits::OTHER.to_owned();
            key = EntryKey { name, method: String::new(), ..key };
        }
        let kept = sum.entries.entry(key).or_insert_with(|| Measured::since(measured.start_us));
        kept.merge(&measured);
        forget_old(kept);
    }
    // All that is left merges as any delta does.
    sum.merge(Delta { entries: BTreeMap::new(), total, errors, arrivals, names_overflowed });
    sum.total.iter_mut().for_each(forget_old);
}

fn forget_old(measured: &mut Measured) {
    if let Some((newest, _)) = measured.per_second.seconds().last() {
        measured.per_second.forget_before(newest.saturating_sub(limits::SECONDS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_stats::{ErrorKey, ErrorRow, PerSecond, SecondCounts, Sparse};

    fn measured(requests: u64, second: u64) -> Measured {
        let counts = SecondCounts { requests, failures: 0 };
        Measured {
            requests,
            total_us: 7 * requests,
            times: Sparse::from_buckets(vec![(7, requests)]),
            per_second: PerSecond::from_seconds([(second, counts)]),
            ..Measured::since(second * 1_000_000)
        }
    }

    /// A record of second `second`, with so many requests of /a and half as many from Locust's workers.
    fn record(second: u64, requests: u64) -> Record {
        let at = Moment { monotonic_us: second, wall_us: second * 1_000_000 };
        let mut record = Record { at, ..Record::default() };
        let mut key = EntryKey::plain("GET", "/a");
        key.stage = Some(1);
        record.exact.entries.insert(key, measured(requests, second));
        record.rounded.entries.insert(EntryKey::plain("GET", "/a"), measured(requests / 2, second));
        record.rounded.total = Some(measured(requests / 2, second));
        let key = ErrorKey { method: "GET".into(), name: "/a".into(), error: "no".into() };
        record.exact.errors.add(key, ErrorRow { occurrences: 1, first_us: Some(second), last_us: None });
        record
            .workers
            .insert("a".into(), Some(WorkerMark { merged: Some((1, second)), ..Default::default() }));
        record
    }

    fn requests(record: &Record) -> (u64, u64) {
        (record.exact.sum().requests, record.rounded.sum().requests)
    }

    #[test]
    fn records_add_up_to_one() {
        let mut sum = record(1, 10);
        sum.course = Some(Course { runs: 1, ..Course::default() });
        (2..=5).for_each(|second| sum.absorb(record(second, 10)));
        assert_eq!((requests(&sum), sum.at.monotonic_us), ((50, 25), 5));
        assert_eq!(sum.exact.errors.iter().map(|(_, row)| row.occurrences).sum::<u64>(), 5);
        let worker = sum.workers["a"].as_ref().unwrap();
        assert_eq!((worker.merged, sum.course.as_ref().unwrap().runs), (Some((1, 5)), 1));
        let mut gone = Record::default();
        gone.workers.insert("a".into(), None);
        sum.absorb(gone);
        sum.forget();
        assert!(sum.workers.is_empty());
    }

    #[test]
    fn what_was_before_a_start_counts_no_more_and_after_a_reset_its_rows_are_there() {
        let begins = |keeps_rows| {
            let mut record = record(9, 4);
            record.exact.entries.clear();
            record.rounded = Delta::default();
            Record { begins: Some(Begins { at_us: 9_000_000, keeps_rows }), ..record }
        };
        for (keeps_rows, rows) in [(false, 0), (true, 1)] {
            let mut sum = record(1, 10);
            sum.absorb(begins(keeps_rows));
            assert_eq!((requests(&sum), sum.exact.entries.len()), ((0, 0), rows));
            assert_eq!(sum.exact.errors.iter().map(|(_, row)| row.occurrences).sum::<u64>(), 1);
            sum.absorb(record(10, 6));
            assert_eq!(requests(&sum), (6, 3));
        }
    }

    #[test]
    fn a_sum_is_bounded_and_lacks_nothing() {
        let mut sum = Record::default();
        let most = limits::KEYS + 10;
        for number in 0..most {
            let mut record = Record::default();
            let key = EntryKey { stage: Some(3), ..EntryKey::plain("GET", &number.to_string()) };
            record.exact.entries.insert(key, measured(1, 1));
            let exception = ExceptionRow { count: 1, traceback: number.to_string(), ..Default::default() };
            record.exceptions.push(exception);
            record.points.push(HistoryPoint { at: number as f64, ..HistoryPoint::default() });
            record.events.push(FleetEvent { at: 0.0, kind: crate::FleetEventKind::Stopped });
            sum.absorb(record);
        }
        assert_eq!((sum.exact.entries.len(), requests(&sum).0), (limits::KEYS + 1, most as u64));
        assert!(sum.exact.entries.keys().all(|key| key.stage == Some(3)));
        assert_eq!(sum.exceptions.len(), limits::EXCEPTIONS + 1);
        assert_eq!(sum.exceptions.iter().map(|row| row.count).sum::<u64>(), most as u64);
        assert!(sum.points.len() <= limits::POINTS && sum.points.len() > limits::POINTS / 4);
        assert_eq!(sum.events.len(), limits::EVENTS);
    }
}
