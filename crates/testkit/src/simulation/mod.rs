//! A master and workers under virtual time, on one thread, from a seed.
//!
//! The real state machines of both roles talk in encoded frames over a network that delays, holds, drops and repeats
//! them; only the engines are imitations, which count what they finish. Nothing here depends on a clock, a thread or
//! the order of a hash map, so a seed is a whole history: a failure names it and tells the last of what happened.

mod bench;
mod checks;
mod engine;
mod faults;
mod history;
mod network;
mod reports;
mod rows;
mod sample;
mod script;
mod siege;
mod worker;

pub(crate) use bench::Bench;
pub(crate) use sample::sample;
pub use script::{run, show};
pub use siege::siege;

use akrida_dispatch::{Class, ClassSequence};
use akrida_master::{Command, Config, Event, MasterCore, Refusal, Source};
use akrida_protocol::ParsedOptions;
use akrida_run::file::Records;
use akrida_run::{FleetEventKind, Record, Snapshot, StopReason};
use akrida_scenario::model::Arrivals;
use akrida_transport::{PeerId, SendError};
use bytes::Bytes;
use fastrand::Rng;
use history::History;
use network::InFlight;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;
use worker::SimWorker;

/// Unix microseconds at virtual 0.
const EPOCH_US: u64 = 1_700_000_000_000_000;

/// The classes of the test.
const CLASSES: [&str; 3] = [OPEN, "Writer", "Admin"];

/// The class with open load: the first.
const OPEN: &str = "Reader";

/// The feeder whose rows are given only once.
const ROWS: u16 = 0;

/// What requests are called.
const COUNTED: &str = "/counted";

/// The beginning of a report.
const STATS: &[u8] = b"\x93\xa5stats";

/// The beginning of a job.
const SPAWN: &[u8] = b"\x93\xa5spawn";

/// Between two looks at what must hold all the time.
const WATCH: Duration = Duration::from_millis(250);

/// Most things that happen meanwhile: with more, somebody does without end what does not bring him on.
const STEPS: u32 = 100_000;

/// The wall clock of a process: how far it is from the true time, microseconds.
#[derive(Clone, Copy, Debug, Default)]
struct Clock(i64);

impl Clock {
    fn wall_us(self, now: Duration) -> u64 {
        let truth = EPOCH_US + u64::try_from(now.as_micros()).unwrap_or(u64::MAX / 2);
        truth.saturating_add_signed(self.0)
    }

    fn master(self, now: Duration) -> akrida_master::Now {
        akrida_master::Now { monotonic: now, wall_us: self.wall_us(now) }
    }

    fn worker(self, now: Duration) -> akrida_worker::Now {
        akrida_worker::Now { monotonic: now, wall_us: self.wall_us(now) }
    }
}

/// A cluster under virtual time.
pub(crate) struct Simulation {
    seed: u64,
    pub(crate) rng: Rng,
    pub(crate) now: Duration,
    /// `None` while its process is gone.
    master: Option<MasterCore>,
    /// When the next master begins.
    master_from: Duration,
    master_clock: Clock,
    pub(crate) snapshot: Arc<Snapshot>,
    /// Why the master stopped the newest run, and when; taken by whoever looks.
    stopping: Option<(StopReason, Duration)>,
    /// Whether the master is at its end.
    ended: bool,
    sequence: ClassSequence,
    workers: Vec<SimWorker>,
    network: BinaryHeap<Reverse<InFlight>>,
    sent: u64,
    /// Of a hundred frames so many are dropped.
    drop_percent: u32,
    /// When the newest fault was over; the future counts.
    last_fault: Duration,
    reports: reports::Reports,
    /// What the master's journal comes to, if it keeps one.
    journal: Option<Record>,
    /// The journal cannot be written until then.
    disk_full_until: Duration,
    /// The newest record could not be written, and is to be tried again.
    journal_lags: bool,
    /// Requests that the master had, when the newest snapshot was made.
    arrived_by_snapshot: u64,
    /// Whether the master was never without a word of a worker that lives for so long that it forgot it.
    remembered: bool,
    watched: checks::Watched,
    history: History,
    /// Whether what follows is kept.
    besieged: bool,
    /// What workers were sent since somebody forgot it.
    seen: Vec<Bytes>,
    /// What the master told, as far as it is kept.
    told: Vec<FleetEventKind>,
    /// Rows that were given.
    given: rows::Given,
}

impl Simulation {
    pub(crate) fn new(seed: u64) -> Self {
        let classes = classes();
        Self {
            seed,
            rng: Rng::with_seed(seed),
            now: Duration::ZERO,
            master: Some(MasterCore::new(config(), Clock::default().master(Duration::ZERO))),
            master_from: Duration::ZERO,
            master_clock: Clock::default(),
            snapshot: Arc::default(),
            stopping: None,
            ended: false,
            sequence: ClassSequence::new(&classes),
            workers: Vec::new(),
            network: BinaryHeap::new(),
            sent: 0,
            drop_percent: 0,
            last_fault: Duration::ZERO,
            reports: reports::Reports::default(),
            journal: None,
            disk_full_until: Duration::ZERO,
            journal_lags: false,
            arrived_by_snapshot: 0,
            remembered: true,
            watched: checks::Watched::default(),
            history: History::default(),
            besieged: false,
            seen: Vec::new(),
            told: Vec::new(),
            given: rows::Given::default(),
        }
    }

    /// Lets virtual time pass.
    pub(crate) fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while self.now < until {
            let next = (self.now + WATCH).min(until);
            let mut steps = 0;
            while self.step(next) {
                steps += 1;
                assert!(steps < STEPS, "too much happens within {WATCH:?}");
            }
            self.now = next;
            self.watch();
        }
    }

    /// Does the next thing that is due by `until`; whether there was one.
    fn step(&mut self, until: Duration) -> bool {
        let frame = self.next_arrival();
        let due = |(index, worker): (usize, &SimWorker)| (worker.deadline(), index);
        let (work, worker) = self.workers.iter().enumerate().map(due).min().unwrap_or((Duration::MAX, 0));
        let master = self.master.as_ref().map_or(self.master_from, MasterCore::deadline);
        let next = frame.min(work).min(master);
        if next > until {
            return false;
        }
        self.now = self.now.max(next);
        if self.master.is_none() && next == master {
            self.begin_master();
        } else if next == frame {
            self.deliver();
        } else if next == work {
            let events = self.workers[worker].due(self.now, &mut self.rng);
            events.into_iter().for_each(|event| self.tell_worker(worker, event));
        } else {
            self.tell_master(Event::Tick);
        }
        true
    }

    pub(crate) fn tell_master(&mut self, event: Event) -> Option<Result<(), Refusal>> {
        let begins = matches!(event, Event::Command(Command::Start(_)));
        let master = self.master.as_mut()?;
        let effects = master.on(self.master_clock.master(self.now), event);
        if begins && effects.answer == Some(Ok(())) {
            self.given.begin();
        }
        let recorded = effects.record.map(|record| self.write(record));
        let written = matches!(recorded, Some(Event::Recorded(_)));
        for event in effects.events {
            self.note(&format!("master: {:?}", event.kind));
            match event.kind {
                FleetEventKind::Stopping { reason } => self.stopping = Some((reason, self.now)),
                gone @ (FleetEventKind::WorkerMissing { .. } | FleetEventKind::WorkerLeft { .. })
                    if self.besieged =>
                {
                    self.told.push(gone);
                }
                _ => {}
            }
        }
        if let Some(snapshot) = effects.snapshot {
            self.snapshot = snapshot;
            self.arrived_by_snapshot = self.reports.arrived();
        }
        self.ended |= effects.end;
        let mut unsent = Vec::new();
        for (place, (peer, body)) in effects.frames.into_iter().enumerate() {
            let sent = if effects.leases.contains(&place) && !written {
                Err(SendError::Full)
            } else {
                self.given.see(&body);
                self.check_acknowledged(&peer, &body);
                self.post(&peer, body)
            };
            unsent.extend(sent.err().map(|error| Event::Unsent(peer, error)));
        }
        for event in recorded.into_iter().chain(unsent) {
            self.tell_master(event);
        }
        effects.answer
    }

    pub(crate) fn command(&mut self, command: Command) -> Result<(), Refusal> {
        self.note(&format!("command: {command:?}"));
        self.tell_master(Event::Command(command)).expect("every command is answered")
    }

    /// Writes a record of the master, and gives what it is to be told of that.
    fn write(&mut self, record: Box<Record>) -> Event {
        let full = self.now < self.disk_full_until;
        self.journal_lags = full && self.journal.is_some();
        match &mut self.journal {
            Some(journal) if !full => {
                journal.absorb((*record).clone());
                self.reports.write();
                Event::Recorded(record)
            }
            _ => Event::Unrecorded(record, "no space left".to_owned()),
        }
    }

    /// The master keeps a journal from now on.
    fn keep_journal(&mut self) {
        let now = self.master_clock.master(self.now);
        self.journal = Some(Record::default());
        self.master.iter_mut().for_each(|master| master.keep_journal(now));
    }

    /// Whether a master that begins now goes on with a run.
    fn resumes(&self) -> bool {
        let course = self.journal.as_ref().and_then(|journal| journal.course.as_ref());
        course.is_some_and(|course| course.run.is_some())
    }

    /// A master begins that knows what is in the journal, or nothing.
    fn begin_master(&mut self) {
        self.workers.iter_mut().for_each(|worker| worker.connected = false);
        self.stopping = None;
        self.snapshot = Arc::default();
        let now = self.master_clock.master(self.now);
        if self.resumes()
            && let Some(journal) = &self.journal
        {
            let bytes = journal.encode().expect("a record can be written");
            let journal = Records::new(&bytes).next().expect("what is written is read");
            self.note("a new master goes on");
            self.master = Some(MasterCore::restore(config(), now, &journal));
            self.reports.go_back();
            self.tell_master(Event::Tick);
            return;
        }
        self.note("a new master begins");
        self.master = Some(MasterCore::new(config(), now));
        self.given = rows::Given::default();
        if self.journal.is_some() {
            self.keep_journal();
        }
    }

    fn tell_worker(&mut self, index: usize, event: akrida_worker::Event) {
        let reports = matches!(event, akrida_worker::Event::Reported(_));
        let (frames, ended) = self.workers[index].on(self.now, event, &mut self.rng);
        for row in self.workers[index].engine.rows.taken() {
            self.given.note(row);
        }
        for body in frames {
            if let Some(report) = reports::report(&body).filter(|_| reports) {
                self.reports.make(index, &report);
            }
            self.send(index, true, body);
        }
        if let Some(end) = ended {
            self.note(&format!("worker {index}: ended, {end:?}"));
            assert_eq!(self.workers[index].engine.held(), 0, "worker {index} ends and has told all");
        }
    }

    /// The newest process under a name.
    fn newest(&self, peer: &PeerId) -> Option<usize> {
        self.workers.iter().rposition(|worker| worker.peer == *peer)
    }

    /// Starts the process of a worker, under a new name unless it has one.
    pub(crate) fn join(&mut self, peer: Option<PeerId>, begins: Duration) -> usize {
        let index = self.workers.len();
        let peer = peer.unwrap_or_else(|| PeerId::from(format!("host{}_{index}", index % 3).as_str()));
        let clock = Clock(self.rng.i64(0..10_000_000));
        self.note(&format!("worker {index} joins as {peer:?} at {begins:?}"));
        self.workers.push(SimWorker::new(peer, begins, clock, &mut self.rng));
        index
    }

    /// Whether nothing of an earlier run is left: no users, no figures, and no job on its way to make some.
    fn is_clean(&self) -> bool {
        let is_job = |body: &Bytes| body.starts_with(SPAWN);
        let figures_or_job = |frame: &InFlight| {
            let is_figures = |body: &Bytes| body.starts_with(STATS) && !self.workers[frame.worker].is_alive();
            frame.body.as_ref().is_some_and(|body| is_job(body) || is_figures(body))
        };
        self.workers.iter().all(SimWorker::is_empty)
            && self.is_all_reported()
            && !self.network.iter().any(|Reverse(frame)| figures_or_job(frame))
    }
}

fn classes() -> Vec<Class> {
    let of = [(3, 0), (1, 0), (1, 2)];
    let classes = CLASSES.iter().zip(of);
    classes
        .map(|(&name, (weight, fixed_count))| Class { name: name.to_owned(), weight, fixed_count })
        .collect()
}

fn config() -> Config {
    Config {
        classes: classes(),
        stop_timeout: Duration::ZERO,
        drain: Duration::from_secs(2),
        worker_wait: Duration::from_secs(10),
        open: vec![Some(Arrivals { initial_rate: 50.0, spans: Vec::new() }), None, None],
        rows: true,
        sources: vec![Source { feeder: ROWS, name: "rows".to_owned(), rows: None, classes: vec![0, 1, 2] }],
        reset_stats: false,
        parsed_options: ParsedOptions::default(),
        options: Vec::new(),
        heartbeat_interval: Duration::from_secs(1),
        liveness: Duration::from_millis(3_500),
        tasks: Vec::new(),
        python_only: false,
        left_out: Vec::new(),
        handout: akrida_master::Handout::default(),
        thresholds: Vec::new(),
        warm_up: Duration::ZERO,
    }
}
