//! A worker whose master is hostile, and then is not any more.

use super::{Frames, Tried, used};
use crate::simulation::Bench;
use akrida_protocol::{ParsedOptions, SpawnJob, ToMaster, ToWorker, WorkerState};
use bytes::Bytes;
use fastrand::Rng;
use std::sync::LazyLock;
use std::time::Duration;

/// Things that happen in one case.
const STEPS: usize = 500;

/// Most frames, and notices, that a worker answers one thing with.
const ANSWERS: usize = 200;

/// Longest computing time that anything may take, whatever it is and however slow the machine.
const SLOWEST: Duration = Duration::from_secs(20);

static FRAMES: LazyLock<Frames> = LazyLock::new(|| {
    Frames::new(crate::simulation::sample(), vec!["another".to_owned()], &["Reader", "Writer"])
});

/// Tells a worker hostile frames. Whatever they were, in the end it does what a sound master says.
///
/// # Panics
/// When that does not hold.
#[must_use]
pub fn worker(seed: u64) -> Tried {
    let mut case = Case { rng: Rng::with_seed(seed), bench: Bench::new(seed), tried: Tried::default() };
    for _ in 0..STEPS {
        case.act();
    }
    case.rest();
    case.tried
}

struct Case {
    rng: Rng,
    bench: Bench,
    tried: Tried,
}

impl Case {
    fn act(&mut self) {
        if self.bench.has_ended() {
            // A master may send it home.
            self.bench = Bench::new(self.rng.u64(..));
        }
        match self.rng.u8(0..10) {
            0 | 1 => {
                let pause = Duration::from_millis(self.rng.u64(0..900));
                self.bench.pass(pause);
            }
            2 => {
                let message = match self.rng.u8(0..4) {
                    0 => ToWorker::Ack { index: Some(0), akrida: self.rng.bool() },
                    1 => ToWorker::Stop,
                    2 => ToWorker::Heartbeat(None),
                    _ => self.job(self.rng.clone().f64() * 1e10),
                };
                self.frame(message.encode("w"));
            }
            _ => {
                let frame = FRAMES.to_worker(&mut self.rng);
                self.frame(frame);
            }
        }
    }

    fn frame(&mut self, frame: Bytes) {
        self.tried.frames += 1;
        self.tried.understood += u64::from(ToWorker::decode(&frame).is_ok());
        let began = used();
        let said = self.bench.frame(frame);
        let took = used() - began;
        assert!(took < SLOWEST, "one event takes {took:?}");
        self.tried.slowest = self.tried.slowest.max(took);
        assert!(said.len() < ANSWERS, "{} answers to one frame", said.len());
    }

    fn job(&self, timestamp: f64) -> ToWorker {
        ToWorker::Spawn(SpawnJob {
            timestamp,
            user_classes_count: [("Reader".to_owned(), 3), ("Writer".to_owned(), 2)].into(),
            host: None,
            stop_timeout: Some(0.0),
            parsed_options: ParsedOptions::default(),
            stage: None,
            share: None,
            rows: None,
        })
    }

    /// A sound master takes over.
    fn rest(&mut self) {
        if self.bench.has_ended() {
            self.bench = Bench::new(0);
        }
        // Not only once: whoever is being stopped for good ends, and another process begins.
        for _ in 0..2 {
            self.frame(ToWorker::Stop.encode("w"));
            // It waits for its last report to be acknowledged, which nobody does here.
            self.bench.pass(Duration::from_secs(14));
            if self.bench.has_ended() {
                self.bench = Bench::new(0);
            }
        }
        self.frame(ToWorker::Ack { index: Some(0), akrida: true }.encode("w"));
        self.bench.said.clear();
        self.bench.pass(Duration::from_millis(1_500));
        let ready =
            |message: &ToMaster| matches!(message, ToMaster::Heartbeat { state: WorkerState::Ready, .. });
        assert!(self.bench.said.iter().any(ready), "{:?}", self.bench.said);
        let job = self.job(1_700_000_000.0);
        self.frame(job.encode("w"));
        self.bench.pass(Duration::from_secs(1));
        assert_eq!(self.bench.users(), [3, 2, 0], "what the sound master wants");
    }
}
