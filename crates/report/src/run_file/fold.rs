//! What the frames of a file come to.

use super::About;
use super::frame::{Frame, HeadError};
use super::reader::Frames;
use super::series::{self, HEAT, Second};
use super::writer::without_total;
use crate::limits;
use akrida_run::record::Begins;
use akrida_run::{
    FleetEvent, HistoryPoint, Piece, Record, Results, RunState, Snapshot, Statement, WorkerRow,
};
use akrida_stats::Totals;

/// Said of a sum of runs that had thresholds.
const UNJUDGED: &str =
    "Thresholds are held against single runs: of several files that are added up, each has its own verdict.";

/// A run as its file tells it.
#[derive(Clone, Debug)]
pub struct Run {
    /// What was asked for.
    pub about: About,
    /// Where it stood at last: what the master showed then, but the last ten seconds of single rows.
    pub snapshot: Snapshot,
    /// What was measured since it began, or since its figures were reset: exact histograms.
    pub totals: Totals,
    /// Its course, from its beginning. Figures that were reset are in it too.
    pub series: Vec<Second>,
    /// What happened.
    pub events: Vec<FleetEvent>,
    /// Whether its end was written.
    pub ended: bool,
    /// Bytes at the file's end that were not read.
    pub unread: usize,
    /// When figures by name were last written, and the newest second, unix microseconds: what is between them is
    /// known in total only, as of a run whose master was killed.
    pub known_by_name_us: (u64, u64),
}

impl Run {
    /// Reads a file.
    ///
    /// # Errors
    /// When it is no such file.
    pub fn read(bytes: &[u8]) -> Result<Self, HeadError> {
        let (fold, unread) = Fold::read(bytes, false)?;
        Ok(Self { unread, ..fold.run() })
    }

    /// The same with [`Second::total`], which takes longer.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_with_course(bytes: &[u8]) -> Result<Self, HeadError> {
        let (fold, unread) = Fold::read(bytes, true)?;
        Ok(Self { unread, ..fold.run() })
    }

    /// When it began, unix seconds.
    #[must_use]
    pub fn began(&self) -> f64 {
        seconds(self.about.started_us)
    }

    /// How long it went on so far, seconds.
    #[must_use]
    pub fn duration(&self) -> f64 {
        let until = self.snapshot.end.unwrap_or(self.snapshot.at);
        (until - self.began()).max(0.0)
    }

    /// Adds another run, as if its workers had been of this one's fleet: what was measured is summed exactly, and so
    /// are the seconds of both courses.
    pub fn absorb(&mut self, other: &Self) {
        self.totals.absorb(&other.totals);
        let (mine, theirs) = (std::mem::take(&mut self.series), &other.series);
        let mut all: Vec<Second> = mine.into_iter().chain(theirs.iter().cloned()).collect();
        all.sort_by_key(|second| second.at_us);
        for second in all {
            match self.series.last_mut() {
                Some(last) if last.at_us / 1_000_000 == second.at_us / 1_000_000 => {
                    let (users, point) = (last.user_count, last.point);
                    let sum = std::mem::take(last).with(second);
                    let point = match (point, sum.point) {
                        (Some(one), Some(other)) => Some(both(one, other)),
                        (one, other) => one.or(other),
                    };
                    *last = Second {
                        user_count: users.saturating_add(sum.user_count),
                        point,
                        total: None,
                        ..sum
                    };
                }
                _ => series::push(&mut self.series, Second { total: None, ..second }),
            }
        }
        self.events.extend(other.events.iter().cloned());
        self.events.sort_by(|a, b| a.at.total_cmp(&b.at));
        self.events.truncate(limits::EVENTS);
        let (mine, theirs) = (&self.snapshot, &other.snapshot);
        let mut statement = Statement::of(mine, Vec::new(), 0);
        statement.at = mine.at.max(theirs.at);
        statement.end = larger(mine.end, theirs.end);
        statement.user_count = mine.user_count.saturating_add(theirs.user_count);
        if mine.state == RunState::Stopped {
            statement.state = theirs.state;
        }
        statement.workers.extend(theirs.workers.iter().cloned());
        let notices = theirs.notices.iter().filter(|notice| !mine.notices.contains(notice));
        statement.notices.extend(notices.cloned());
        if !(mine.thresholds.is_empty() && theirs.thresholds.is_empty()) {
            // A warm-up that they left out is in the sums here.
            statement.thresholds.clear();
            statement.notices.push(UNJUDGED.to_owned());
        }
        statement.generator.saturated_seconds += theirs.generator.saturated_seconds;
        statement.generator.worst_lag_ms = mine.generator.worst_lag_ms.max(theirs.generator.worst_lag_ms);
        statement.now_us = self.known_by_name_us.1.max(other.known_by_name_us.1);
        for row in &theirs.arrivals {
            match statement.arrivals.iter_mut().find(|mine| mine.user_class == row.user_class) {
                Some(mine) => {
                    mine.started = mine.started.saturating_add(row.started);
                    mine.dropped = mine.dropped.saturating_add(row.dropped);
                }
                None => statement.arrivals.push(row.clone()),
            }
        }
        let names = |snapshot: &Snapshot| -> Vec<String> {
            snapshot.stages.iter().map(|cut| cut.label.clone()).collect()
        };
        let labels = if names(mine).len() >= names(theirs).len() { names(mine) } else { names(theirs) };
        let mut results = Results::of_totals(self.totals.clone());
        results.exceptions.add(&mine.exceptions);
        results.exceptions.add(&theirs.exceptions);
        let history = mine.history.clone();
        self.snapshot = statement.snapshot(&mut results);
        self.snapshot.history = history;
        for (cut, label) in self.snapshot.stages.iter_mut().zip(labels) {
            cut.row.name.clone_from(&label);
            cut.label = label;
        }
        self.about.started_us = self.about.started_us.min(other.about.started_us);
        self.about.failures_pass &= other.about.failures_pass;
        self.ended &= other.ended;
        self.unread += other.unread;
    }
}

/// What two masters noted in the same second.
fn both(one: HistoryPoint, other: HistoryPoint) -> HistoryPoint {
    HistoryPoint {
        user_count: one.user_count.saturating_add(other.user_count),
        worker_count: one.worker_count.saturating_add(other.worker_count),
        now: akrida_run::Now {
            rps: one.now.rps + other.now.rps,
            fail_per_sec: one.now.fail_per_sec + other.now.fail_per_sec,
            // Percentiles are no sums: the worse one is shown.
            median: larger(one.now.median, other.now.median),
            p95: larger(one.now.p95, other.now.p95),
            avg: larger(one.now.avg, other.now.avg),
        },
        percentiles: match (one.percentiles, other.percentiles) {
            (Some(a), Some(b)) => Some(std::array::from_fn(|at| a[at].max(b[at]))),
            (a, b) => a.or(b),
        },
        lag_ms: one.lag_ms.max(other.lag_ms),
        dropped: one.dropped.saturating_add(other.dropped),
        ..one
    }
}

/// The larger of two numbers that may not be there.
fn larger(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    }
}

fn seconds(us: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "microseconds since 1970 stay below 2^53 until 2255")]
    let us = us as f64;
    us / 1e6
}

/// Adds up frames, or the pieces that frames are made of.
#[derive(Debug)]
pub struct Fold {
    about: About,
    results: Results,
    statement: Statement,
    workers: Vec<WorkerRow>,
    series: Vec<Second>,
    events: Vec<FleetEvent>,
    ended: bool,
    with_course: bool,
    by_name_us: u64,
    newest_us: u64,
}

impl Fold {
    /// Of a run that begins.
    #[must_use]
    pub fn new(about: About) -> Self {
        Self {
            results: Results::since(about.started_us, 0.0),
            about,
            statement: Statement::default(),
            workers: Vec::new(),
            series: Vec::new(),
            events: Vec::new(),
            ended: false,
            with_course: false,
            by_name_us: 0,
            newest_us: 0,
        }
    }

    /// Of all frames of a file, and how many bytes were not read.
    fn read(bytes: &[u8], with_course: bool) -> Result<(Self, usize), HeadError> {
        let mut frames = Frames::new(bytes)?;
        let mut fold = Self { with_course, ..Self::new(About::default()) };
        frames.by_ref().for_each(|frame| fold.add(frame));
        Ok((fold, frames.left()))
    }

    /// Adds a frame.
    pub fn add(&mut self, frame: Frame) {
        match frame {
            Frame::About(about) => {
                self.results = Results::since(about.started_us, 0.0);
                self.about = *about;
            }
            Frame::Second { record, statement, with_workers, closes } => {
                self.second(*record, statement, with_workers, closes);
            }
            Frame::Slice(record) => {
                self.by_name_us = record.at.wall_us;
                self.by_name(*record);
            }
            Frame::Sum(record) => self.sum(*record),
        }
    }

    /// Adds a piece as it is, for whoever has no file.
    pub fn add_piece(&mut self, piece: Piece) {
        let Piece { mut record, statement, resumes, closes } = piece;
        if resumes {
            let at = record.at;
            self.sum(std::mem::take(&mut record));
            record.at = at;
        }
        let by_name = super::writer::split(&mut record);
        self.second(record, statement, true, closes);
        self.by_name_us = self.newest_us;
        self.by_name(by_name);
    }

    fn begin(&mut self, begins: Begins) {
        if begins.keeps_rows {
            self.results.reset(begins.at_us);
        } else {
            self.results = Results::since(begins.at_us, 0.0);
        }
    }

    fn second(
        &mut self,
        record: Record,
        statement: Option<Box<Statement>>,
        with_workers: bool,
        closes: bool,
    ) {
        if let Some(begins) = record.begins {
            self.begin(begins);
        }
        let at_us = record.at.wall_us;
        self.newest_us = self.newest_us.max(at_us);
        let (mut heat, mut requests, mut failures) = ([0; HEAT], 0_u64, 0_u64);
        for delta in [record.exact, record.rounded] {
            if let Some(total) = &delta.total {
                series::count(&mut heat, &total.times);
                requests = requests.saturating_add(total.requests);
                failures = failures.saturating_add(total.failures);
            }
            self.results.merge(at_us / 1_000_000, &delta);
        }
        record.points.iter().for_each(|point| self.results.add_point(*point));
        let room = limits::EVENTS.saturating_sub(self.events.len());
        self.events.extend(record.events.into_iter().take(room));
        let says = statement.is_some();
        if let Some(mut statement) = statement {
            if with_workers {
                self.workers = std::mem::take(&mut statement.workers);
            }
            self.statement = *statement;
        }
        self.ended |= closes;
        if !says && requests == 0 && failures == 0 {
            return;
        }
        let heat: Box<[u32]> = if requests == 0 { Box::default() } else { Box::new(heat) };
        let total = (self.with_course && says).then(|| Box::new(self.total_row()));
        let second = Second {
            at_us,
            requests,
            failures,
            heat,
            point: record.points.last().copied(),
            user_count: self.statement.user_count,
            at: self.statement.at,
            total,
        };
        series::push(&mut self.series, second);
    }

    fn total_row(&mut self) -> akrida_run::Row {
        let mut row = self.results.total_row(self.statement.now_us);
        row.current_percentiles = self.statement.current_percentiles;
        if let Some(from) = &mut row.from_intended {
            from.current_percentiles = self.statement.current_intended;
        }
        row
    }

    fn by_name(&mut self, record: Record) {
        let second = record.at.wall_us / 1_000_000;
        for delta in [record.exact, record.rounded] {
            self.results.merge(second, &without_total(delta));
        }
        self.results.exceptions.add(&record.exceptions);
    }

    fn sum(&mut self, mut record: Record) {
        let began = record.begins.map_or(self.about.started_us, |begins| begins.at_us);
        self.events = std::mem::take(&mut record.events);
        self.results = Results::restore(began, 0.0, &record, self.statement.generator);
        (self.by_name_us, self.newest_us) = (record.at.wall_us, record.at.wall_us);
        self.ended = false;
    }

    /// What it came to so far.
    #[must_use]
    pub fn run(mut self) -> Run {
        self.statement.workers = std::mem::take(&mut self.workers);
        let mut snapshot = self.statement.snapshot(&mut self.results);
        let by_name = self.by_name_us.min(self.newest_us);
        if !self.ended && self.newest_us.saturating_sub(by_name) >= 1_000_000 {
            snapshot.notices.push(format!(
                "The run's file ends in the middle of it: figures by name, stage and tag and the errors lack its last {:.0} s, \
                 which are in the totals.",
                seconds(self.newest_us - by_name)
            ));
        }
        Run {
            about: self.about,
            snapshot,
            totals: self.results.into_totals(),
            series: self.series,
            events: self.events,
            ended: self.ended,
            unread: 0,
            known_by_name_us: (by_name, self.newest_us),
        }
    }
}

/// For what is not read from a file.
impl Default for Fold {
    fn default() -> Self {
        Self::new(About::default())
    }
}
