//! An engine that only counts.

use super::rows::Rows;
use super::{COUNTED, OPEN};
use akrida_stats::{Arrivals, Delta, EntryKey, Measured as Entry, PerSecond, SecondCounts, Sparse};
use akrida_worker::{Event, Job, Measured, Work};
use fastrand::Rng;
use std::time::Duration;

/// How often users finish requests.
const WORK: Duration = Duration::from_millis(250);

/// One in so many requests has a row that is given only once. To note each costs time.
const WITH_ROW: u64 = 16;

/// Most rows that are given at once: a hostile master may want users without end.
const ROWS_AT_ONCE: u64 = 1_000;

/// What a request takes, microseconds; a bucket of its own in histograms.
const TAKES_US: u64 = 1_000;

/// Imitates an engine: takes its time for everything and counts what its users finish.
#[derive(Debug)]
pub(super) struct FakeEngine {
    pub(super) users: Vec<u64>,
    /// Users that ended by themselves in this run.
    ended: Vec<u64>,
    /// Whether all users end by themselves from now on.
    exhausted: bool,
    /// Whether a user wants the run to end.
    pub(super) stop_run: bool,
    /// The newest job that was carried out.
    pub(super) job: Option<Job>,
    /// Requests finished since the last report.
    unreported: u64,
    /// Requests finished ever.
    pub(super) finished: u64,
    adjusting: Option<(Duration, Job)>,
    /// When the report is handed over, and what is in it if that was taken early.
    reporting: Option<(Duration, Option<u64>)>,
    stopping: Option<Duration>,
    next_work: Duration,
    pub(super) rows: Rows,
}

impl FakeEngine {
    pub(super) fn new(classes: usize, now: Duration) -> Self {
        Self {
            users: vec![0; classes],
            ended: vec![0; classes],
            exhausted: false,
            stop_run: false,
            job: None,
            unreported: 0,
            finished: 0,
            adjusting: None,
            reporting: None,
            stopping: None,
            next_work: now + WORK,
            rows: Rows::default(),
        }
    }

    pub(super) fn begin(&mut self, now: Duration, work: Work, rng: &mut Rng) {
        let mut within = |millis| now + Duration::from_millis(rng.u64(0..millis));
        match work {
            Work::Run(job) => self.adjusting = Some((within(300), job)),
            Work::SetClockAhead(_) | Work::EditClass(_) | Work::SetOptions(_) => {}
            Work::Supply(rows) => self.rows.supply(&rows),
            Work::Report => {
                let handed_over = within(50);
                // A real engine reads its cores one after the other: some before the last request, some after.
                let early = rng.bool().then(|| std::mem::take(&mut self.unreported));
                self.reporting = Some((handed_over, early));
            }
            Work::Stop => {
                self.adjusting = None;
                self.stopping = Some(within(1_500));
            }
        }
    }

    pub(super) fn deadline(&self) -> Duration {
        let adjusting = self.adjusting.as_ref().map_or(Duration::MAX, |(due, _)| *due);
        let reporting = self.reporting.as_ref().map_or(Duration::MAX, |(due, _)| *due);
        let stopping = self.stopping.unwrap_or(Duration::MAX);
        // Without users nothing is finished.
        let work = if self.user_count() > 0 { self.next_work } else { Duration::MAX };
        work.min(adjusting).min(reporting).min(stopping)
    }

    /// Does what is due; `wall_us` is what the clock of its process says.
    pub(super) fn due(&mut self, now: Duration, wall_us: u64, rng: &mut Rng) -> Vec<Event> {
        let mut events = Vec::new();
        if now >= self.next_work {
            self.next_work = now + WORK;
            self.finish(rng.u64(0..=2 * self.user_count()));
        }
        if let Some((_, job)) = self.adjusting.take_if(|(due, _)| now >= *due) {
            // Who has ended is not replaced.
            self.users =
                job.users.iter().zip(&self.ended).map(|(job, ended)| job.saturating_sub(*ended)).collect();
            self.rows.supply(&job.share.rows);
            self.job = Some(job);
            self.let_end();
            events.push(Event::Adjusted(self.users.clone()));
        }
        if self.stopping.take_if(|due| now >= *due).is_some() {
            // Requests that were in flight.
            self.finish(rng.u64(0..=self.user_count()));
            self.users.fill(0);
            self.ended.fill(0);
            self.job = None;
            self.rows.wait(0);
            events.push(Event::Idle);
        }
        if let Some((_, early)) = self.reporting.take_if(|(due, _)| now >= *due) {
            let requests = early.unwrap_or_else(|| std::mem::take(&mut self.unreported));
            let stop_run = std::mem::take(&mut self.stop_run);
            events.push(Event::Reported(Measured {
                delta: delta(requests, wall_us),
                users: self.users.clone(),
                ended: self.ended.clone(),
                stop_run: stop_run.then(|| "enough".to_owned()),
                used: self.rows.used(),
                ..Measured::default()
            }));
        }
        events
    }

    /// Its users end by themselves, now and from now on.
    pub(super) fn exhaust(&mut self) {
        self.exhausted = true;
        self.let_end();
    }

    /// Some of its users end by themselves.
    pub(super) fn end_some(&mut self, rng: &mut Rng) {
        for (users, ended) in self.users.iter_mut().zip(&mut self.ended) {
            let some = rng.u64(0..=*users);
            *users -= some;
            *ended += some;
        }
    }

    fn let_end(&mut self) {
        if let (true, Some(job)) = (self.exhausted, &self.job) {
            for (ended, job) in self.ended.iter_mut().zip(&job.users) {
                *ended = (*ended).max(*job);
            }
            self.users.fill(0);
        }
    }

    /// Users by class that it runs or that ended: together what its job wants.
    pub(super) fn accounted(&self) -> Vec<u64> {
        let Some(job) = &self.job else { return self.users.clone() };
        let of = |((users, ended), job): ((&u64, &u64), &u64)| users + ended.min(job);
        self.users.iter().zip(&self.ended).zip(&job.users).map(of).collect()
    }

    /// Requests that are in no frame yet.
    pub(super) fn held(&self) -> u64 {
        self.unreported + self.reporting.as_ref().and_then(|(_, early)| *early).unwrap_or(0)
    }

    /// Whether it has nothing to do and nothing to tell.
    pub(super) fn is_empty(&self) -> bool {
        self.user_count() == 0 && self.held() == 0 && self.adjusting.is_none()
    }

    pub(super) fn user_count(&self) -> u64 {
        self.users.iter().sum()
    }

    fn finish(&mut self, requests: u64) {
        self.unreported += requests;
        self.finished += requests;
        // One in so many with a row, or its user waits for one.
        self.rows.take((requests / WITH_ROW).min(ROWS_AT_ONCE));
    }
}

fn delta(requests: u64, wall_us: u64) -> Delta {
    let mut delta = Delta::default();
    if requests > 0 {
        let counts = SecondCounts { requests, failures: 0 };
        let entry = Entry {
            requests,
            total_us: requests * TAKES_US,
            min_us: Some(TAKES_US),
            max_us: TAKES_US,
            times: Sparse::from_buckets(vec![(TAKES_US, requests)]),
            per_second: PerSecond::from_seconds([(wall_us / 1_000_000, counts)]),
            start_us: wall_us.saturating_sub(1_000_000),
            last_us: Some(wall_us),
            ..Entry::default()
        };
        delta.entries.insert(EntryKey::plain("GET", COUNTED), entry);
        // As if each was a start of open load, so that both have to add up to the same.
        let arrivals = Arrivals { started: requests, dropped: 2 * requests };
        delta.arrivals.insert(OPEN.to_owned(), arrivals);
    }
    delta
}
