//! Workers at work while hostile peers talk to their master.

use super::checks::check_numbers;
use super::script::Began;
use super::{COUNTED, Simulation};
use crate::fuzz::{Frames, Tried, used};
use akrida_master::{Command, Edit, Event, Load, Refusal, Start, limits};
use akrida_protocol::{ToMaster, ToWorker, Version, WorkerState};
use akrida_run::{FleetEventKind, RunState, StopReason};
use akrida_transport::{PeerId, SendError};
use bytes::Bytes;
use std::sync::LazyLock;
use std::time::Duration;

/// Things that happen in one siege.
const STEPS: usize = 400;

/// Workers at work.
const WORKERS: usize = 3;

/// Users wanted at most.
const USERS: u64 = 60;

/// Hostile peers that come back again and again.
const HOSTILE: usize = 6;

/// One in so many sieges has more identities than a master knows workers.
const FLOODS: u64 = 100;

/// Longest computing time that anything may take, whatever it is and however slow the machine.
const SLOWEST: Duration = Duration::from_secs(20);

/// Frames to mutate, among others those of workers like ours, under another name.
static FRAMES: LazyLock<Frames> = LazyLock::new(|| {
    let ids = (0..WORKERS).map(|index| format!("host{index}_{index}")).collect();
    Frames::new(super::sample(), ids, &super::CLASSES)
});

/// Plays a siege. The workers keep their users and their figures are exact, whatever hostile peers say.
///
/// # Panics
/// When something does not hold.
#[must_use]
pub fn siege(seed: u64) -> Tried {
    let mut siege = Siege {
        simulation: Simulation::new(seed),
        began: Began::default(),
        tried: Tried::default(),
        identities: 0,
        sequence: 0,
    };
    siege.play(seed % FLOODS == FLOODS - 1);
    siege.tried
}

struct Siege {
    simulation: Simulation,
    began: Began,
    tried: Tried,
    /// How many hostile peers there were that came only once.
    identities: u64,
    /// Number of the newest report that a hostile peer made up.
    sequence: u64,
}

impl Siege {
    fn play(&mut self, flood: bool) {
        self.simulation.besieged = true;
        for _ in 0..WORKERS {
            self.simulation.join(None, Duration::ZERO);
        }
        self.simulation.watched.allow(Duration::ZERO, USERS);
        self.simulation.pass(Duration::from_secs(1));
        self.start();
        self.simulation.pass(Duration::from_secs(2));
        for _ in 0..STEPS {
            self.act();
        }
        if flood {
            for _ in 0..limits::WORKERS + 500 {
                let peer = self.stranger();
                self.hostile(Event::Frame { peer, body: ready() });
            }
            self.simulation.pass(Duration::from_secs(2));
        }
        self.rest();
    }

    fn act(&mut self) {
        match self.simulation.rng.u8(0..100) {
            0..=1 => self.command(),
            2..=21 => {
                let pause = self.simulation.rng.u64(0..800);
                self.simulation.pass(Duration::from_millis(pause));
                self.inspect(true);
            }
            22..=25 => {
                let peer = self.peer();
                let event = match self.simulation.rng.u8(0..3) {
                    0 => Event::Disconnected(peer),
                    1 => Event::Unsent(peer, SendError::Full),
                    _ => Event::Unsent(peer, SendError::Gone),
                };
                self.hostile(event);
            }
            26..=40 => {
                let (peer, body) = (self.peer(), self.sound());
                self.hostile(Event::Frame { peer, body });
            }
            41 if self.counted().is_some() => {
                // Once there is a row of the workers', others cannot take its place.
                self.sequence += 1;
                let entries = self.simulation.rng.u64(1..700);
                let body = FRAMES.many_names(entries, self.sequence, &mut self.simulation.rng);
                let peer = self.peer();
                self.hostile(Event::Frame { peer, body });
            }
            _ => {
                let (peer, body) = (self.peer(), FRAMES.to_master(&mut self.simulation.rng));
                self.hostile(Event::Frame { peer, body });
            }
        }
    }

    /// A hostile peer.
    fn peer(&mut self) -> PeerId {
        match self.simulation.rng.u8(0..40) {
            0 => self.stranger(),
            1 => PeerId::from(Bytes::from_static(b"\xff\xfe\x00")),
            2 => PeerId::from("x".repeat(self.simulation.rng.usize(0..400)).as_str()),
            _ => PeerId::from(format!("hostile_{}", self.simulation.rng.usize(0..HOSTILE)).as_str()),
        }
    }

    /// A hostile peer that nobody has seen before.
    fn stranger(&mut self) -> PeerId {
        self.identities += 1;
        PeerId::from(format!("stranger_{}", self.identities).as_str())
    }

    /// What a sound worker might say, at the wrong time.
    fn sound(&mut self) -> Bytes {
        let rng = &mut self.simulation.rng;
        let message = match rng.u8(0..8) {
            0..=2 => return ready(),
            3 => ToMaster::ClientStopped,
            4 => ToMaster::Quit,
            5 => ToMaster::Spawning,
            6 => ToMaster::Exception {
                msg: "x".repeat(rng.usize(0..20_000)),
                traceback: format!("{} {}", rng.u32(..), "y".repeat(rng.usize(0..20_000))),
            },
            _ => ToMaster::Heartbeat {
                state: [WorkerState::Ready, WorkerState::Running][rng.usize(0..2)].clone(),
                cpu_usage: rng.f64() * 1e6,
                memory_usage: rng.u64(..) >> 12,
                extra: None,
            },
        };
        message.encode("host0_0")
    }

    /// Tells the master something of a hostile peer, and looks at what it does about it.
    fn hostile(&mut self, event: Event) {
        if let Event::Frame { body, .. } = &event {
            self.tried.frames += 1;
            self.tried.understood += u64::from(ToMaster::decode(body).is_ok());
        }
        self.simulation.seen.clear();
        let what = if let Event::Frame { body, .. } = &event { body.clone() } else { Bytes::new() };
        let began = used();
        self.simulation.tell_master(event);
        let took = used() - began;
        assert!(took < SLOWEST, "one event takes {took:?}: {what:?}");
        self.tried.slowest = self.tried.slowest.max(took);
        let stopping = self.simulation.stopping.is_some();
        for frame in &self.simulation.seen {
            match ToWorker::decode(frame).expect("what a master says is understood").message {
                ToWorker::Spawn(_) | ToWorker::SpawningComplete { .. } | ToWorker::Rows(_) => {}
                ToWorker::Stop if stopping => {}
                other => panic!("a worker is told {other:?}, because of another peer"),
            }
        }
        self.inspect(false);
        self.follow();
    }

    /// Takes in that the run ended: a peer that takes part may say so.
    fn follow(&mut self) {
        if let Some((reason, _)) = self.simulation.stopping.take() {
            let by_peers = matches!(reason, StopReason::User(_) | StopReason::UsersEnded | StopReason::Asked);
            assert!(by_peers, "{reason:?}");
        }
    }

    /// What is shown is sound, within bounds, and true of the workers.
    fn inspect(&self, thoroughly: bool) {
        let snapshot = &self.simulation.snapshot;
        assert!(snapshot.workers.len() <= limits::WORKERS);
        assert!(snapshot.exceptions.len() <= akrida_run::limits::DISTINCT_EXCEPTIONS + 1);
        assert!(snapshot.rows.len() <= akrida_stats::limits::ENTRIES + 1);
        assert!(snapshot.errors.len() <= akrida_stats::limits::ERRORS + 1);
        assert!(snapshot.tags.len() <= akrida_run::limits::TAGS);
        assert!(snapshot.notices.len() <= 20 && snapshot.notices.iter().all(|notice| notice.len() < 2_000));
        for worker in self.simulation.workers.iter().filter(|worker| worker.is_alive()) {
            let id = worker.peer.as_str();
            let row = snapshot.workers.iter().find(|row| Some(row.id.as_str()) == id).expect("all are there");
            assert_ne!(row.state, akrida_run::WorkerState::Missing, "{id:?}");
            assert_eq!(
                (row.cpu_usage, row.memory_usage),
                (super::worker::CPU, super::worker::MEMORY),
                "{id:?}"
            );
        }
        if thoroughly {
            check_numbers(snapshot);
            self.check_counted();
        }
    }

    /// Requests that are counted for the workers.
    fn counted(&self) -> Option<u64> {
        let row = self.simulation.snapshot.rows.iter().find(|row| row.name == COUNTED);
        row.map(|row| row.num_requests)
    }

    fn check_counted(&self) {
        if self.began.clean {
            let arrived = self.simulation.arrived_by_snapshot - self.began.arrived;
            assert_eq!(self.counted().unwrap_or(0), arrived, "counted of what the workers told");
        }
    }

    fn command(&mut self) {
        let users = self.simulation.rng.u64(0..USERS);
        match self.simulation.rng.u8(0..6) {
            0 | 1 => self.start(),
            2 => {
                // Where there is no run, it is refused.
                let _ = self.simulation.command(Command::Stop);
            }
            3 => {
                self.began.arrived = self.simulation.reports.arrived();
                assert_eq!(self.simulation.command(Command::Reset), Ok(()));
            }
            _ => {
                let edit = Edit { users, spawn_rate: 100.0, host: None, run_time: None };
                let _ = self.simulation.command(Command::Edit(edit));
            }
        }
        self.follow();
    }

    fn start(&mut self) {
        let (arrived, clean) = (self.simulation.reports.arrived(), self.simulation.is_clean());
        let load = Load::Constant { users: self.simulation.rng.u64(1..USERS), spawn_rate: 100.0 };
        match self.simulation.command(Command::Start(Start { load, host: None, run_time: None })) {
            Ok(()) => self.began = Began { arrived, clean, ..Began::default() },
            Err(refused) => assert!(matches!(refused, Refusal::Running | Refusal::Stopping), "{refused:?}"),
        }
    }

    /// The hostile peers fall silent. The workers are as if they had never been there.
    fn rest(&mut self) {
        self.simulation.pass(Duration::from_secs(20));
        self.follow();
        if matches!(self.simulation.snapshot.state, RunState::Ready | RunState::Stopped) {
            self.start();
            self.simulation.pass(Duration::from_secs(10));
            self.follow();
        }
        self.inspect(true);
        self.simulation.check_workers();
        let wanted = self.simulation.snapshot.target_user_count;
        self.simulation.check_users(wanted);
        assert!(self.simulation.told.iter().all(|kind| !self.concerns_workers(kind)), "a worker was lost");
    }

    /// Whether a worker that never did anything wrong is said to be gone.
    fn concerns_workers(&self, kind: &FleetEventKind) -> bool {
        let (FleetEventKind::WorkerMissing { id } | FleetEventKind::WorkerLeft { id, .. }) = kind else {
            return false;
        };
        self.simulation.workers.iter().any(|worker| worker.peer.as_str() == Some(id))
    }
}

fn ready() -> Bytes {
    ToMaster::ClientReady(Version::Told("2.47.0".to_owned())).encode("host1_1")
}
