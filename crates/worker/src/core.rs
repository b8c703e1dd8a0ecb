//! What a worker does, as a state machine without I/O.
//!
//! The states and their messages are section 6 of Locust's protocol: ready -(spawn)-> spawning -(users adjusted)->
//! running -(stop)-> ready. On the way from running to ready, or to the end, users are stopped first, then their
//! last statistics are fetched and sent, and only then `client_stopped` or `quit`.

mod reports;

use crate::event::{Config, Effects, End, Event, Job, LogLines, Notice, Now, Usage, Work};
use crate::growth::Growth;
use crate::kept::Kept;
use crate::logs::{LogReports, Verdict};
use crate::skew::Skew;
use crate::{edits, limits, options, rows};
use akrida_engine::{Rows, Share};
use akrida_protocol::{
    AkridaHeartbeat, Envelope, Generations, SpawnJob, ToMaster, ToWorker, Version, WorkerState,
};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The state machine of a worker.
#[derive(Debug)]
pub struct WorkerCore {
    pub(crate) config: Config,
    pub(crate) state: State,
    pub(crate) registration: Registration,
    /// Users that ran when the engine last told, by class index.
    pub(crate) users: Vec<u64>,
    /// Timestamp of the newest job; older ones are stale.
    newest_job: f64,
    /// What a master of before 2.0 wants, until it wants something else.
    pub(crate) growth: Option<Growth>,
    pub(crate) next_step: Duration,
    /// Of which generations the master may be, by what it said.
    pub(crate) master: Generations,
    /// When a master that did not answer yet is taken for one that never does.
    pub(crate) presumed: Duration,
    /// Whether it was.
    pub(crate) unanswered: bool,
    /// The term of the rows that are leased to it; `None` where none are.
    pub(crate) term: Option<u64>,
    next_heartbeat: Duration,
    next_report: Duration,
    report_interval: Duration,
    next_log: Duration,
    log: LogReports,
    /// Whether the engine was asked for a report and has not answered.
    reporting: bool,
    /// Number of the newest `stats` message.
    sequence: u64,
    /// Whether the master acknowledges reports.
    acknowledges: bool,
    /// Reports that it did not acknowledge.
    kept: Kept,
    /// When anything was heard of the master, monotonic.
    heard: Duration,
    /// When this process began, unix microseconds: its reports are numbered from then on.
    process: u64,
    /// Why a user wants the run to end: told with each report until it has, for a report may be lost.
    stop_run: Option<String>,
    /// The worst lag since the last heartbeat: (95th percentile, maximum), microseconds.
    lag: (u64, u64),
    /// When the master was last heard, once it has shown that it answers heartbeats.
    master_heard: Option<Duration>,
    skew: Skew,
    /// As of the last tick.
    usage: Usage,
    unknown_classes: BTreeSet<String>,
    /// The tags, and those that are excluded, that the master wants: told when they change.
    tags: (Vec<String>, Vec<String>),
    /// What the master's newest job said of the scenario's options, and what was told of that.
    pub(crate) options: options::Said,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Ready,
    Spawning,
    Running,
    /// Users are being stopped.
    Stopping(Then),
    /// Users are stopped; their last statistics are fetched. `outdated` while a report is under way that may have
    /// been taken before the last request ended: one more is fetched after it.
    Emptying {
        then: Then,
        outdated: bool,
    },
    /// All is reported, and the master has not acknowledged all of it. At this time it is waited for no longer.
    Settling {
        then: Then,
        until: Duration,
    },
    Ended,
}

/// What follows when all users are stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    Ready,
    End(End),
}

/// Where this worker is with the master.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Registration {
    /// `client_ready` is sent, again and again, until it is acknowledged.
    Announcing {
        next: Duration,
        attempts: u32,
    },
    Acknowledged,
}

impl WorkerCore {
    /// A worker that has said nothing yet.
    #[must_use]
    pub fn new(config: Config, now: Now) -> Self {
        Self {
            users: vec![0; config.classes.len()],
            config,
            state: State::Ready,
            registration: Registration::Announcing { next: now.monotonic, attempts: 0 },
            newest_job: 0.0,
            growth: None,
            next_step: Duration::MAX,
            master: Generations::ALL,
            presumed: Duration::MAX,
            unanswered: false,
            term: None,
            next_heartbeat: Duration::MAX,
            next_report: Duration::MAX,
            report_interval: limits::REPORT_INTERVAL_PYTHON,
            next_log: Duration::MAX,
            log: LogReports::default(),
            reporting: false,
            sequence: 0,
            acknowledges: false,
            kept: Kept::default(),
            heard: now.monotonic,
            process: now.wall_us,
            stop_run: None,
            lag: (0, 0),
            master_heard: None,
            skew: Skew::default(),
            usage: Usage::default(),
            unknown_classes: BTreeSet::new(),
            tags: (Vec::new(), Vec::new()),
            options: options::Said::default(),
        }
    }

    /// When it wants an [`Event::Tick`] at the latest, on the monotonic scale.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        let announce = match self.registration {
            Registration::Announcing { next, .. } => next,
            Registration::Acknowledged => Duration::MAX,
        };
        let settled = match self.state {
            State::Settling { until, .. } => until,
            _ => Duration::MAX,
        };
        let again = self.kept.deadline(self.heard);
        let old_master = self.presumed.min(self.next_step);
        let reports = self.next_report.min(self.next_log);
        announce.min(self.next_heartbeat).min(reports).min(settled).min(again).min(old_master)
    }

    /// What it does about `event`.
    pub fn on(&mut self, now: Now, event: Event) -> Effects {
        let mut effects = Effects::default();
        if self.state == State::Ended {
            return effects;
        }
        match event {
            Event::Frame(body) => self.on_frame(now, &body, &mut effects),
            Event::Tick { usage, congested } => self.on_tick(now, usage, congested, &mut effects),
            Event::Adjusted(users) => self.on_adjusted(users, &mut effects),
            Event::Reported(measured) => self.on_reported(now, measured, &mut effects),
            Event::Idle => self.on_idle(&mut effects),
            // The master learns of it by a report, and leases more.
            Event::Starved => self.fetch(&mut effects),
            Event::Logged(lines) => self.on_logged(lines, &mut effects),
            Event::Exception { msg, traceback } => {
                self.send(&ToMaster::Exception { msg, traceback }, &mut effects);
            }
            Event::Terminate => self.stop(Then::End(End::Terminated), &mut effects),
            Event::Disconnected => self.stop(Then::End(End::MasterGone), &mut effects),
        }
        effects
    }

    fn on_frame(&mut self, now: Now, body: &Bytes, effects: &mut Effects) {
        let message = match ToWorker::decode(body) {
            Ok(Envelope { message, generations, .. }) => {
                self.recognise(generations);
                message
            }
            Err(error) => {
                let text = format!("A frame from the master is ignored: {error}.");
                effects.notices.push(Notice::Warning(text));
                return;
            }
        };
        self.heard = now.monotonic;
        if let Some(heard) = &mut self.master_heard {
            *heard = now.monotonic;
        }
        match message {
            ToWorker::Ack { akrida, .. } => {
                self.acknowledged_by(akrida);
                self.unanswered = false;
                self.report_interval =
                    if akrida { limits::REPORT_INTERVAL } else { limits::REPORT_INTERVAL_PYTHON };
                self.acknowledged(now, effects);
            }
            ToWorker::Spawn(job) => self.on_spawn(now, job, effects),
            ToWorker::SpawnUsers(job) => self.on_users_job(now, job, effects),
            ToWorker::Stop => {
                effects.notices.push(Notice::Stopping);
                self.stop(Then::Ready, effects);
            }
            ToWorker::Quit => self.stop(Then::End(End::Quit), effects),
            ToWorker::Heartbeat(echo) => {
                self.master_heard = Some(now.monotonic);
                if echo.is_some() {
                    self.presume_no_longer(now);
                }
                if let Some(acknowledged) = echo.and_then(|echo| echo.acknowledged) {
                    self.on_acknowledged(now, acknowledged, effects);
                }
                let ahead = echo.and_then(|echo| self.skew.hear(now, echo));
                effects.work.extend(ahead.map(Work::SetClockAhead));
            }
            ToWorker::Acknowledged(acknowledged) => {
                let before = self.kept.acknowledged();
                self.on_acknowledged(now, acknowledged, effects);
                // It says so because something else came than the next one.
                let lacks = acknowledged.process == self.process && acknowledged.sequence <= before;
                if lacks && !self.kept.is_empty() {
                    effects.frames.extend(self.kept.wanted(now.monotonic));
                }
            }
            // Of another term than the newest job's, they are about users that have stopped.
            ToWorker::Rows(leased) if self.term == Some(leased.term) => {
                effects.work.push(Work::Supply(rows::for_engine(leased)));
            }
            ToWorker::UpdateUserClass { user_class_name, attributes } => {
                let (edit, notices) = edits::read(&self.config, &user_class_name, attributes);
                effects.work.extend(edit.map(Work::EditClass));
                effects.notices.extend(notices);
            }
            ToWorker::Reconnect => effects.reconnect = true,
            // News that need no answer, or belong to Python workers.
            _ => {}
        }
    }

    pub(crate) fn acknowledged(&mut self, now: Now, effects: &mut Effects) {
        if self.registration == Registration::Acknowledged {
            return;
        }
        self.registration = Registration::Acknowledged;
        self.begin_beats(now);
        effects.notices.push(Notice::Connected);
    }

    fn on_spawn(&mut self, now: Now, job: SpawnJob, effects: &mut Effects) {
        // A master like ours acknowledges each process. What comes before that was meant for another one under this
        // name, and so were the rows that are leased with it.
        if job.share.is_some() && self.registration != Registration::Acknowledged {
            return;
        }
        if job.share.is_none() {
            self.acknowledged_by(false);
        }
        // Else a job is as good as an acknowledgement: a master that was restarted adopts its workers by one.
        self.acknowledged(now, effects);
        let stale = job.timestamp <= self.newest_job;
        if stale || !matches!(self.state, State::Ready | State::Spawning | State::Running) {
            return;
        }
        self.newest_job = job.timestamp;
        let wanted = job.user_classes_count.values().fold(0_u64, |sum, users| sum.saturating_add(*users));
        if wanted > limits::USERS {
            return self.refuse(wanted, effects);
        }
        self.end_growth();
        self.state = State::Spawning;
        self.send(&ToMaster::Spawning, effects);
        let users = self.by_index(&job.user_classes_count, effects);
        effects.notices.push(Notice::Spawning(users.clone()));
        let texts = |name| job.parsed_options.texts(name);
        let tags = (texts("tags"), texts("exclude_tags"));
        if self.tags != tags {
            self.tags.clone_from(&tags);
            effects.notices.push(Notice::Tags { tags: tags.0, exclude_tags: tags.1 });
        }
        self.take_options(&job.parsed_options, effects);
        self.term = job.rows.as_ref().map(|rows| rows.term);
        let rows = job.rows.map_or(Rows::All, rows::for_engine);
        // Locust's masters deal nothing: each of their workers takes all.
        let share = job.share.map_or_else(Share::default, |share| self.share(&share, &users));
        effects.work.push(Work::Run(Job {
            share: Share { rows, ..share },
            users,
            host: job.host,
            stop_timeout: job.stop_timeout.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
            stage: job.stage,
        }));
    }

    /// A job is too large for one worker: it goes on as before, and the master shows why among its exceptions, which
    /// is how a worker of Locust tells what went wrong.
    pub(crate) fn refuse(&self, wanted: u64, effects: &mut Effects) {
        let most = limits::USERS;
        let msg = format!(
            "{wanted} users are too many for one worker, which runs up to {most}: start more workers"
        );
        effects.notices.push(Notice::Warning(format!("{msg}.")));
        let traceback = "In the worker itself, of a job of its master".to_owned();
        self.send(&ToMaster::Exception { msg, traceback }, effects);
    }

    fn on_logged(&mut self, LogLines { lines, added }: LogLines, effects: &mut Effects) {
        let verdict = self.log.judge(added);
        effects.notices.extend(verdict.notice());
        if verdict != Verdict::Keep {
            self.send(&ToMaster::Logs { worker_id: self.config.node_id.clone(), logs: lines }, effects);
        }
    }

    fn on_tick(&mut self, now: Now, usage: Usage, congested: bool, effects: &mut Effects) {
        self.usage = usage;
        // While this process itself stood still, the master's silence was nobody's fault.
        let late = now.monotonic.saturating_sub(self.deadline());
        if late >= limits::STANDSTILL
            && let Some(heard) = &mut self.master_heard
        {
            *heard += late;
        }
        if self.master_heard.is_some_and(|heard| now.monotonic >= heard + self.patience()) {
            // Heard once is enough: what is due meanwhile is still done, or it would be due for ever.
            self.master_heard = None;
            self.stop(Then::End(End::MasterGone), effects);
        }
        if let Registration::Announcing { next, attempts } = self.registration
            && now.monotonic >= next
        {
            if attempts >= limits::CONNECT_ATTEMPTS {
                return self.stop(Then::End(End::NoMaster), effects);
            }
            // Who takes what is said is there, even if it never answers.
            let attempts = if self.unanswered && !congested { 0 } else { attempts };
            self.announce(now, attempts + 1, effects);
        }
        self.presume(now, congested);
        if now.monotonic >= self.next_step {
            self.take_step(now, effects);
        }
        if now.monotonic >= self.next_heartbeat {
            self.next_heartbeat = after(self.next_heartbeat, self.config.heartbeat_interval, now);
            if !congested {
                self.heartbeat(now, usage, effects);
            }
        }
        if now.monotonic >= self.next_report {
            self.next_report = after(self.next_report, self.report_interval, now);
            // What is not fetched now stays in the engine and is in the next report.
            if !congested && self.kept.has_room() && !matches!(self.state, State::Settling { .. }) {
                self.fetch(effects);
            }
        }
        if now.monotonic >= self.kept.deadline(self.heard) {
            if congested {
                self.kept.postpone(now.monotonic);
            } else {
                effects.frames.extend(self.kept.due(now.monotonic, self.heard));
            }
        }
        if let State::Settling { then, until } = self.state
            && now.monotonic >= until
        {
            let text =
                "The master did not acknowledge the last figures: they may be missing from its results.";
            effects.notices.push(Notice::Warning(text.to_owned()));
            self.kept.give_up();
            self.emptied(now, then, effects);
        }
        if now.monotonic >= self.next_log {
            self.next_log = after(self.next_log, limits::LOG_INTERVAL, now);
            effects.log = !congested;
        }
    }

    /// Silence of a master after which it is given up.
    fn patience(&self) -> Duration {
        limits::MASTER_SILENCE.max(self.config.heartbeat_interval * limits::HEARTBEATS_UNANSWERED)
    }

    fn announce(&mut self, now: Now, attempts: u32, effects: &mut Effects) {
        let interval = if self.unanswered { limits::ANNOUNCE_AGAIN } else { limits::CONNECT_INTERVAL };
        self.registration = Registration::Announcing { next: now.monotonic + interval, attempts };
        if self.next_heartbeat == Duration::MAX && self.presumed == Duration::MAX {
            self.presumed = now.monotonic + limits::UNANSWERED;
        }
        let version = Version::Told(limits::LOCUST_VERSION.to_owned());
        self.send(&ToMaster::ClientReady(version), effects);
    }

    fn heartbeat(&mut self, now: Now, usage: Usage, effects: &mut Effects) {
        let state = match self.state {
            State::Ready | State::Ended => WorkerState::Ready,
            State::Spawning => WorkerState::Spawning,
            State::Running | State::Stopping(_) | State::Emptying { .. } | State::Settling { .. } => {
                WorkerState::Running
            }
        };
        let (lag_p95_us, lag_max_us) = std::mem::take(&mut self.lag);
        let heartbeat = ToMaster::Heartbeat {
            state,
            cpu_usage: usage.cpu_percent,
            memory_usage: usage.memory,
            extra: Some(AkridaHeartbeat {
                cores: self.config.cores,
                lag_p95_us,
                lag_max_us,
                sent_at_us: now.wall_us,
                clock_ahead_us: self.skew.ahead_us(),
            }),
        };
        self.send(&heartbeat, effects);
    }

    fn on_adjusted(&mut self, users: Vec<u64>, effects: &mut Effects) {
        if self.state != State::Spawning {
            return;
        }
        self.users = users;
        if self.next_step < Duration::MAX {
            return;
        }
        self.state = State::Running;
        let message = ToMaster::SpawningComplete {
            user_classes_count: self.by_name(&self.users),
            user_count: self.users.iter().sum(),
        };
        self.send(&message, effects);
    }

    pub(crate) fn send(&self, message: &ToMaster, effects: &mut Effects) {
        effects.frames.push(message.encode_in(self.master, &self.config.node_id));
    }

    /// Counts by class index, with names.
    fn by_name(&self, counts: &[u64]) -> BTreeMap<String, u64> {
        self.config.classes.iter().cloned().zip(counts.iter().copied()).collect()
    }

    /// A share by class index. Of a class that is not divided, this worker has all that it runs.
    fn share(&self, share: &akrida_protocol::Share, here: &[u64]) -> Share {
        let part = |(class, here): (&String, &u64)| match share.users.get(class) {
            Some(part) => (part.before, part.in_fleet),
            None => (0, *here),
        };
        Share {
            offset: share.offset,
            stride: share.stride,
            engines: share.workers,
            rows: Rows::All,
            elapsed: Duration::from_micros(share.elapsed_us),
            users: self.config.classes.iter().zip(here).map(part).collect(),
        }
    }

    /// The users of a job by class index. Classes that the scenario does not have are told once and ignored.
    fn by_index(&mut self, wanted: &BTreeMap<String, u64>, effects: &mut Effects) -> Vec<u64> {
        for (class, &users) in wanted {
            let unknown = users > 0 && !self.config.classes.contains(class);
            if unknown
                && self.unknown_classes.len() < limits::UNKNOWN_CLASSES
                && self.unknown_classes.insert(class.clone())
            {
                effects.notices.push(Notice::Warning(format!(
                    "The master wants users of class {class}, which this scenario does not have; they are left out."
                )));
            }
        }
        self.config.classes.iter().map(|class| wanted.get(class).copied().unwrap_or(0)).collect()
    }
}

/// The first moment of a steady beat after `now`; beats that were missed are left out.
fn after(mut beat: Duration, interval: Duration, now: Now) -> Duration {
    beat += interval;
    if beat <= now.monotonic { now.monotonic + interval } else { beat }
}
