//! What goes into the journal, and what comes out of it.
//!
//! A master that is given the means to keep a journal yields a [`Record`] at least each second, and before it tells
//! anybody anything about the run: what a worker was told to run, and the rows that it was given, are written first. So
//! whoever begins with the journal knows of each user that may run. What workers measured is acknowledged once it is
//! written; a worker that waits for that is served soon.
//!
//! A record that could not be written is kept, added to the next one, and tried again; until then nothing is
//! acknowledged, and workers keep what they measured.

use crate::MasterCore;
use crate::config::Config;
use crate::event::{Effects, Now};
use crate::limits;
use crate::registry::{Node, Presence, total};
use akrida_protocol::{Share, StatsReport, ToWorker};
use akrida_run::record::{Begins, Course, JobMark, Moment, StockMark, WorkerMark};
use akrida_run::{ExceptionRow, FleetEventKind, HistoryPoint, Record, Results, RunState};
use akrida_transport::PeerId;
use std::collections::BTreeSet;
use std::time::Duration;

/// What is to be written.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    /// Whether one is kept.
    kept: bool,
    /// What was measured and happened since the last record.
    pending: Record,
    /// Whether that has to be written before anything is said.
    pub(crate) urgent: bool,
    /// Whether workers were leased rows of which it does not know yet.
    unwritten_leases: bool,
    /// When it is written at the latest, monotonic.
    next: Duration,
    /// Workers that wait to hear that their reports are written.
    waiting: BTreeSet<PeerId>,
    /// What was written last.
    course: Option<Course>,
    stocks: Option<Vec<StockMark>>,
    /// Whether the last record could not be written.
    failing: bool,
}

impl Journal {
    pub(crate) fn is_kept(&self) -> bool {
        self.kept
    }

    /// When a record is due, monotonic.
    pub(crate) fn deadline(&self) -> Duration {
        if self.kept { self.next } else { Duration::MAX }
    }

    /// Counting begins anew.
    pub(crate) fn begin(&mut self, now: Now, keeps_rows: bool) {
        if self.kept {
            let begins = Some(Begins { at_us: now.wall_us, keeps_rows });
            self.pending.absorb(Record { begins, at: moment(now), ..Record::default() });
        }
    }

    /// Counts what was measured.
    pub(crate) fn measure(&mut self, now: Now, report: &mut StatsReport) {
        if !self.kept {
            return;
        }
        let delta = std::mem::take(&mut report.delta);
        self.pending.measure(report.exact, delta);
        if report.sequence.is_none() {
            // It is sent only once.
            self.soon(now);
        }
    }

    pub(crate) fn raise(&mut self, row: ExceptionRow) {
        if self.kept {
            self.pending.raise(row);
        }
    }

    pub(crate) fn note(&mut self, point: HistoryPoint) {
        if self.kept {
            self.pending.points.push(point);
        }
    }

    /// Somebody waits for it.
    fn soon(&mut self, now: Now) {
        if !self.failing {
            self.next = self.next.min(now.monotonic + limits::WRITE_SOON);
        }
    }

    /// A worker waits to hear that its report is written.
    pub(crate) fn await_record(&mut self, now: Now, peer: &PeerId) {
        self.waiting.insert(peer.clone());
        self.soon(now);
    }
}

impl Config {
    /// Tells tests apart that cannot go on with each other's journals: by classes, tasks, open load and data.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let Self { classes, tasks, open, rows, sources, python_only, left_out, .. } = self;
        let text = format!("{:?}", (classes, tasks, open, rows, sources, python_only, left_out));
        // FNV-1a: the same on each machine, and nobody has to be kept from forging it.
        text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    }
}

impl MasterCore {
    /// From now on records are yielded, and [`Event::Recorded`](crate::Event::Recorded) or
    /// [`Event::Unrecorded`](crate::Event::Unrecorded) are expected after each.
    pub fn keep_journal(&mut self, now: Now) {
        self.journal.kept = true;
        self.journal.next = now.monotonic + limits::WRITE;
    }

    /// Yields a record, if it is time for one.
    pub(crate) fn record(&mut self, now: Now, effects: &mut Effects) {
        if !self.journal.kept {
            self.registry.removed.clear();
            effects.leases.clear();
            return;
        }
        self.journal.pending.events.extend(effects.events.iter().cloned());
        let leases = std::mem::take(&mut self.ledger.touched);
        self.journal.unwritten_leases |= leases;
        if !self.journal.unwritten_leases {
            effects.leases.clear();
        }
        self.journal.urgent |= leases;
        let retries = !self.journal.failing || leases || now.monotonic >= self.journal.next;
        if !(self.journal.urgent && retries) && now.monotonic < self.journal.next {
            return;
        }
        self.journal.urgent = false;
        self.journal.next = now.monotonic + limits::WRITE;
        let mut record = std::mem::take(&mut self.journal.pending);
        record.at = moment(now);
        let course = self.course();
        if self.journal.course.as_ref() != Some(&course) {
            record.course = Some(course);
        }
        let stocks = self.ledger.marks();
        if self.journal.stocks.as_ref() != Some(&stocks) {
            record.stocks = Some(stocks);
        }
        for id in self.registry.removed.drain(..) {
            record.workers.insert(id, None);
        }
        for (_, node) in self.registry.iter_mut().filter(|(_, node)| node.unwritten) {
            node.unwritten = false;
            record.workers.insert(node.id.clone(), Some(node.mark()));
        }
        if !record.is_empty() {
            effects.record = Some(Box::new(record));
        }
    }

    /// The newest record is written.
    pub(crate) fn on_recorded(&mut self, now: Now, record: &Record, effects: &mut Effects) {
        self.journal.unwritten_leases = false;
        if std::mem::take(&mut self.journal.failing) {
            let text = "The journal is written again.".to_owned();
            effects.tell(now, FleetEventKind::Warning(text));
        }
        if let Some(course) = &record.course {
            self.journal.course = Some(course.clone());
        }
        if let Some(stocks) = &record.stocks {
            self.journal.stocks = Some(stocks.clone());
        }
        for (id, mark) in &record.workers {
            let merged = mark.as_ref().and_then(|mark| mark.merged);
            if let Some(node) = self.registry.get_mut(&PeerId::from(id.as_str())) {
                node.recorded = merged.or(node.recorded);
            }
        }
        self.acknowledge_waiting(effects);
    }

    /// The newest record could not be written: it is tried again with the next one.
    pub(crate) fn on_unrecorded(&mut self, now: Now, record: Record, text: &str, effects: &mut Effects) {
        let journal = &mut self.journal;
        let newer = std::mem::replace(&mut journal.pending, record);
        let at = journal.pending.at;
        journal.pending.absorb(newer);
        journal.pending.at = at;
        journal.next = now.monotonic + limits::WRITE;
        if !std::mem::replace(&mut journal.failing, true) {
            let text = format!(
                "The journal cannot be written: {text}. The run goes on, and it is tried again each second; until then a \
                 master that is restarted lacks what happens."
            );
            effects.tell(now, FleetEventKind::Warning(text));
        }
        // A run that ends has no use for a journal: whoever waits is not kept from leaving.
        if !matches!(self.state, RunState::Spawning | RunState::Running) {
            for (_, node) in self.registry.iter_mut() {
                node.recorded = node.process.map(|process| (process, node.sequence));
            }
            self.acknowledge_waiting(effects);
        }
    }

    fn acknowledge_waiting(&mut self, effects: &mut Effects) {
        for peer in std::mem::take(&mut self.journal.waiting) {
            let Some(node) = self.registry.get(&peer) else { continue };
            if let Some(acknowledged) = node.acknowledged(true) {
                effects.send(&peer, &node.id, &ToWorker::Acknowledged(acknowledged));
            }
        }
    }

    fn course(&self) -> Course {
        Course {
            state: self.state,
            runs: self.runs,
            newest_job: self.newest_job,
            job_before_run: self.job_before_run,
            newest_lease: self.ledger.newest(),
            generator: self.results.generator,
            lost: self.lost.clone(),
            lost_for_good: self.lost_for_good,
            restarts: self.restarts,
            stages: self.stages.clone(),
            classes: self.class_edits.iter().map(|(class, edit)| (*class as u64, edit.mark())).collect(),
            chosen: if self.chosen.contains(&false) { self.chosen.clone() } else { Vec::new() },
            run: self.run.as_ref().map(crate::life::Run::mark),
            options: self.options_mark(),
        }
    }

    /// A master that goes on where another one was, as the sum of its records tells. `now` is on that master's
    /// monotonic scale; see [`Record::at`]. It says what it found with the first event that it is told of.
    ///
    /// Workers of a run that goes on are taken for present, with what they were told to run: their users run on
    /// meanwhile, and nobody starts or stops any. Who is not heard in time is missing as always.
    #[must_use]
    pub fn restore(config: Config, now: Now, record: &Record) -> Self {
        let mut core = Self::new(config, now);
        core.keep_journal(now);
        let Some(course) = &record.course else { return core };
        core.state = course.state;
        core.runs = course.runs;
        (core.newest_job, core.job_before_run) = (course.newest_job, course.job_before_run);
        (core.lost, core.lost_for_good) = (course.lost.clone(), course.lost_for_good);
        core.stages.clone_from(&course.stages);
        core.restore_options(&course.options);
        core.restarts = course.restarts + 1;
        core.restore_classes(&course.classes, &course.chosen);
        core.run = course.run.as_ref().and_then(|mark| crate::life::Run::restore(mark, now, &core.config));
        if core.run.is_none()
            && matches!(core.state, RunState::Spawning | RunState::Running | RunState::Stopping)
        {
            core.state = RunState::Stopped;
        }
        let began = record.begins.map_or(now.wall_us, |begins| begins.at_us);
        core.results =
            Results::restore(began, crate::health::millis(limits::LAG_BOUND), record, course.generator);
        core.verdict.resume(Now { wall_us: began, ..now }, &core.results, now);
        core.ledger.restore(course.newest_lease, record.stocks.as_deref().unwrap_or_default());
        let stopping = core.run.as_ref().is_some_and(crate::life::Run::is_stopping);
        for (id, mark) in &record.workers {
            let Some(mark) = mark else { continue };
            core.restore_worker(now, id, mark, stopping);
        }
        core.registry.count_from(record.workers.values().flatten().map(|mark| mark.index + 1).max());
        (core.journal.course, core.journal.stocks) = (record.course.clone(), record.stocks.clone());
        core.unplaced = core.run.is_some();
        core.resumed = Some(record.at);
        core
    }

    fn restore_worker(&mut self, now: Now, id: &str, mark: &WorkerMark, stopping: bool) {
        let (classes, newcomer) = (self.classes.len(), self.fitness_of_newcomer());
        let ours = mark.run == self.runs && self.run.is_some();
        let Some(node) = self.registry.register(&PeerId::from(id), id, classes, now) else { return };
        node.index = mark.index;
        // It is told nothing before it is heard, and has time for that.
        node.heard = now.monotonic + limits::RETURN;
        node.broke = Some(node.heard);
        node.process = mark.merged.map(|(process, _)| process);
        node.sequence = mark.merged.map_or(0, |(_, sequence)| sequence);
        node.recorded = mark.merged;
        node.run = mark.run;
        let by_class =
            |users: &Vec<u64>| (0..classes).map(|class| users.get(class).copied().unwrap_or(0)).collect();
        (node.users, node.ended) = (by_class(&mark.users), by_class(&mark.ended));
        node.unclassed = mark.unclassed;
        node.generations =
            akrida_protocol::Generations::from_numbers(mark.generations).unwrap_or(crate::old::BY_ADDRESS);
        node.seat = mark.seat;
        node.version.clone_from(&mark.version);
        (node.cores, node.is_locusts) = (mark.cores, mark.is_locusts);
        node.fitness = match mark.idle.as_str() {
            "" if mark.job.is_some() => crate::fitness::Fitness::Fit,
            "" => newcomer,
            reason => crate::fitness::Fitness::Unfit(reason.to_owned()),
        };
        node.has_named_classes = mark.is_locusts;
        node.holding = mark.holding.as_ref().map(crate::leases::Holding::restore);
        let at_work = ours && (mark.job.is_some() || total(&node.users).saturating_add(node.unclassed) > 0);
        node.presence = match (at_work, stopping) {
            // Told once more as soon as it is heard.
            (true, true) => Presence::Stopping(None),
            (true, false) => Presence::Running,
            (false, _) => Presence::Ready,
        };
        if ours && !stopping {
            node.job = mark.job.as_ref().map(|job| restored_job(job, classes, now));
        }
    }

    /// What is said of a run that had more than one master.
    pub(crate) fn restarted(&self) -> Option<String> {
        let times = match self.restarts {
            0 => return None,
            1 => "once".to_owned(),
            restarts => format!("{restarts} times"),
        };
        let theirs = self.registry.nodes().any(|node| node.is_locusts && node.run == self.runs);
        let theirs = if theirs {
            " Of Locust's workers, figures of up to three seconds before each time may be missing: they do not keep what was \
             on its way."
        } else {
            ""
        };
        Some(format!("The master was restarted {times} in this run.{theirs}"))
    }

    /// Says what was found in the journal.
    pub(crate) fn tell_resumed(&mut self, now: Now, effects: &mut Effects) {
        let Some(then) = self.resumed.take() else { return };
        let away = Duration::from_micros(now.wall_us.saturating_sub(then.wall_us));
        let kind = FleetEventKind::Resumed {
            away: away.as_secs_f64(),
            users: self.run.as_ref().map_or(0, |run| run.goal().users),
            workers: self.registry.live(),
            requests: self.results.requests(),
        };
        effects.tell(now, kind);
    }
}

pub(crate) fn moment(now: Now) -> Moment {
    Moment { monotonic_us: micros(now.monotonic), wall_us: now.wall_us }
}

/// A moment as microseconds; the largest number for never.
pub(crate) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// What [`micros`] made.
pub(crate) fn time(us: u64) -> Duration {
    if us == u64::MAX { Duration::MAX } else { Duration::from_micros(us) }
}

impl Node {
    fn mark(&self) -> WorkerMark {
        let job = self.job.as_ref().map(|job| JobMark {
            users: job.users.clone(),
            stage: job.stage,
            timestamp: job.timestamp,
            number: job.number.as_ref().map(|number| (number.users, number.rate, number.is_done)),
            share: (job.share.offset, job.share.stride, job.share.workers),
            open: job
                .share
                .users
                .iter()
                .map(|(class, part)| (class.clone(), (part.before, part.in_fleet)))
                .collect(),
        });
        WorkerMark {
            index: self.index,
            merged: self.process.map(|process| (process, self.sequence)),
            run: self.run,
            users: self.users.clone(),
            ended: self.ended.clone(),
            unclassed: self.unclassed,
            generations: self.generations.numbers(),
            seat: self.seat,
            job,
            holding: self.holding.as_ref().map(crate::leases::Holding::mark),
            version: self.version.clone(),
            cores: self.cores,
            is_locusts: self.is_locusts,
            idle: match &self.fitness {
                crate::fitness::Fitness::Unfit(reason) => reason.clone(),
                _ => String::new(),
            },
        }
    }
}

fn restored_job(mark: &JobMark, classes: usize, now: Now) -> crate::registry::Job {
    let (offset, stride, workers) = mark.share;
    let number = mark.number.map(|(users, rate, is_done)| crate::old::Number { users, rate, is_done });
    let part = |(class, (before, in_fleet)): (&String, &(u64, u64))| {
        (class.clone(), akrida_protocol::ClassShare { before: *before, in_fleet: *in_fleet })
    };
    crate::registry::Job {
        users: (0..classes).map(|class| mark.users.get(class).copied().unwrap_or(0)).collect(),
        stage: mark.stage,
        share: Share { offset, stride, workers, elapsed_us: 0, users: mark.open.iter().map(part).collect() },
        timestamp: mark.timestamp,
        due: now.monotonic,
        number,
    }
}
