//! A simulated worker: says what a real one says, and loads nothing.

use crate::zmtp::Dealer;
use akrida_benches::{recorder, sample};
use akrida_protocol::{
    AkridaHeartbeat, ParsedOptions, StatsReport, ToMaster, ToWorker, Version, WorkerState,
};
use akrida_stats::{Delta, Histogram};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

/// Requests of each worker in a second, over all endpoints.
const REQUESTS_PER_SECOND: u64 = 200;

/// What the workers of a fleet are, and what became of it.
pub(crate) struct Fleet {
    pub(crate) port: u16,
    pub(crate) workers: usize,
    pub(crate) endpoints: usize,
    /// Between two reports: a second to Akrida's masters, three to Locust's.
    pub(crate) interval: Duration,
    /// Whether workers are Akrida's: exact figures, numbered.
    pub(crate) akrida: bool,
    /// Whether all report at once.
    pub(crate) aligned: bool,
    pub(crate) began: Instant,
    /// What each worker measured in the interval before now; made once for all of them.
    measured: RefCell<(Instant, Rc<Delta>)>,
    pub(crate) running: Cell<usize>,
    pub(crate) reported: Cell<u64>,
    /// Bytes of the newest report.
    pub(crate) report_bytes: Cell<usize>,
    /// From a heartbeat to its answer, microseconds.
    answers: RefCell<Histogram>,
    /// Whether the window in which answers count is open.
    pub(crate) counting: Cell<bool>,
    pub(crate) broken: Cell<usize>,
}

impl Fleet {
    pub(crate) fn new(port: u16, workers: usize, endpoints: usize, akrida: bool, aligned: bool) -> Self {
        let began = Instant::now();
        Self {
            port,
            workers,
            endpoints,
            interval: Duration::from_secs(if akrida { 1 } else { 3 }),
            akrida,
            aligned,
            began,
            measured: RefCell::new((began, Rc::new(Delta::default()))),
            running: Cell::new(0),
            reported: Cell::new(0),
            report_bytes: Cell::new(0),
            answers: RefCell::default(),
            counting: Cell::new(false),
            broken: Cell::new(0),
        }
    }

    /// How many heartbeats were answered while that counted, and how soon: median, p99 and at worst, milliseconds.
    pub(crate) fn answers(&self) -> (u64, [f64; 3]) {
        let answers = self.answers.borrow();
        (answers.len(), answers.quantiles([0.5, 0.99, 1.0]).map(|us| us as f64 / 1e3))
    }

    /// What a worker has measured since its last report.
    fn delta(&self) -> Rc<Delta> {
        let now = Instant::now();
        let mut measured = self.measured.borrow_mut();
        if measured.1.is_empty() || now.duration_since(measured.0) > Duration::from_millis(500) {
            *measured = (now, Rc::new(self.measure()));
        }
        measured.1.clone()
    }

    fn measure(&self) -> Delta {
        let (mut recorder, ids) = recorder(self.endpoints);
        let began = unix_us().saturating_sub(self.interval.as_micros() as u64);
        recorder.set_epoch(began);
        let requests = REQUESTS_PER_SECOND * self.interval.as_secs();
        let mut rng = fastrand::Rng::with_seed(began);
        for number in 0..requests {
            let done = number * self.interval.as_micros() as u64 / requests;
            let spread = 1 + rng.u64(0..8) * rng.u64(0..8);
            recorder.record(&sample(ids[rng.usize(0..ids.len())], done, 1_000 * spread + rng.u64(0..1_000)));
        }
        recorder.drain(self.interval.as_micros() as u64)
    }

    /// Ticks of one of the workers.
    fn ticks(&self, number: usize, period: Duration, together: bool) -> Interval {
        let phase =
            if together { Duration::ZERO } else { period.mul_f64(number as f64 / self.workers as f64) };
        let elapsed = self.began.elapsed();
        let periods = elapsed.div_duration_f64(period).ceil() as u32 + 1;
        let mut ticks = interval_at(self.began + period * periods + phase, period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        ticks
    }
}

/// Lives until the master says quit.
pub(crate) async fn live(fleet: Rc<Fleet>, number: usize) -> io::Result<()> {
    let id = format!("host{}_{number:032x}", number % 50);
    let mut worker = Worker {
        dealer: Dealer::connect(fleet.port, &id).await?,
        id,
        users: BTreeMap::new(),
        state: WorkerState::Ready,
        beats: VecDeque::new(),
        sequence: 0,
        newest_job: None,
        fleet,
        number,
    };
    worker.say(&ToMaster::ClientReady(Version::Told("2.47.0".to_owned()))).await?;
    worker.serve().await
}

struct Worker {
    fleet: Rc<Fleet>,
    number: usize,
    id: String,
    dealer: Dealer,
    users: BTreeMap<String, u64>,
    state: WorkerState,
    /// When heartbeats were sent that were not answered.
    beats: VecDeque<Instant>,
    sequence: u64,
    newest_job: Option<f64>,
}

impl Worker {
    async fn say(&mut self, message: &ToMaster) -> io::Result<()> {
        self.dealer.send(&message.encode(&self.id)).await
    }

    async fn serve(&mut self) -> io::Result<()> {
        let fleet = self.fleet.clone();
        // Like the reports, heartbeats of real workers are spread by when each process began.
        let mut beats = fleet.ticks(self.number, Duration::from_secs(1), false);
        let mut reports = fleet.ticks(self.number, fleet.interval, fleet.aligned);
        loop {
            tokio::select! {
                frame = self.dealer.receive() => {
                    let frame = frame?;
                    let message = ToWorker::decode(&frame).map_err(io::Error::other)?.message;
                    if self.hear(message).await? {
                        return Ok(());
                    }
                }
                _ = beats.tick() => self.beat().await?,
                _ = reports.tick() => self.report().await?,
            }
        }
    }

    /// Whether this is the end.
    async fn hear(&mut self, message: ToWorker) -> io::Result<bool> {
        match message {
            ToWorker::Heartbeat(_) => {
                if let Some(sent) = self.beats.pop_front().filter(|_| self.fleet.counting.get()) {
                    self.fleet.answers.borrow_mut().record(sent.elapsed().as_micros() as u64);
                }
            }
            ToWorker::Spawn(job) => {
                if self.state == WorkerState::Ready {
                    self.fleet.running.set(self.fleet.running.get() + 1);
                }
                self.state = WorkerState::Running;
                self.newest_job = Some(job.timestamp);
                self.users = job.user_classes_count;
                debug_assert!(job.parsed_options != ParsedOptions::default() || self.fleet.akrida);
                self.say(&ToMaster::Spawning).await?;
                let (user_classes_count, user_count) = (self.users.clone(), self.users.values().sum());
                self.say(&ToMaster::SpawningComplete { user_classes_count, user_count }).await?;
            }
            ToWorker::Stop => {
                self.state = WorkerState::Ready;
                self.users.values_mut().for_each(|users| *users = 0);
                self.say(&ToMaster::ClientStopped).await?;
                self.say(&ToMaster::ClientReady(Version::Told("2.47.0".to_owned()))).await?;
            }
            ToWorker::Quit => {
                self.say(&ToMaster::Quit).await?;
                return Ok(true);
            }
            _ => {}
        }
        Ok(false)
    }

    async fn beat(&mut self) -> io::Result<()> {
        let extra = AkridaHeartbeat {
            cores: 1,
            lag_p95_us: 100,
            lag_max_us: 300,
            sent_at_us: unix_us(),
            clock_ahead_us: Some(0),
        };
        let heartbeat = ToMaster::Heartbeat {
            state: self.state.clone(),
            cpu_usage: 12.5,
            memory_usage: 50 << 20,
            extra: self.fleet.akrida.then_some(extra),
        };
        self.beats.push_back(Instant::now());
        self.say(&heartbeat).await
    }

    async fn report(&mut self) -> io::Result<()> {
        if self.state != WorkerState::Running {
            return Ok(());
        }
        self.sequence += 1;
        let delta = Delta::clone(&self.fleet.delta());
        let requests = delta.sum().requests;
        let report = StatsReport {
            delta,
            user_classes_count: self.users.clone(),
            user_count: self.users.values().sum(),
            exact: self.fleet.akrida,
            sequence: self.fleet.akrida.then_some(self.sequence),
            process: self.fleet.akrida.then_some(1),
            receipt: None,
            job: self.newest_job.filter(|_| self.fleet.akrida),
            ended: BTreeMap::new(),
            stop_run: None,
            rows: None,
        };
        let frame = ToMaster::Stats(report).encode(&self.id);
        self.fleet.report_bytes.set(frame.len());
        self.dealer.send(&frame).await?;
        self.fleet.reported.set(self.fleet.reported.get() + requests);
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "the time of day of what is made up")]
fn unix_us() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros() as u64
}
