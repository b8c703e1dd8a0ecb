//! Workers of Locust, alone and beside ours, work for our master: real processes over ZeroMQ, through two runs.
//! What the master shows is what arrived, request by request.

use super::ground::{BETWEEN, Counted, Ground, LOCUSTS_EXCEPTION, SCENARIO, STOP_TIMEOUT, users};
use crate::binary::Akrida;
use akrida_master::{Config, Edit, Handle, Load, Master, Start};
use akrida_run::{FleetEvent, FleetEventKind, RunState, Snapshot, WorkerState};
use akrida_scenario::yaml;
use akrida_transport::zmq::{Binding, bind};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// Whatever takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which workers a fleet has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Locust,
    Akrida,
}

pub(super) struct Fleet {
    ground: Ground,
    pub(super) handle: Handle,
    events: Receiver<FleetEvent>,
    master: JoinHandle<()>,
    port: String,
    workers: Vec<(Kind, Akrida)>,
}

impl Fleet {
    /// A master with so many workers of ours, all of which are ready.
    pub(super) async fn of_akrida(workers: usize) -> Self {
        Self::meet(&vec![Kind::Akrida; workers]).await
    }

    /// A master with these workers, all of which are ready.
    async fn meet(kinds: &[Kind]) -> Self {
        let ground = Ground::new();
        let binding = Binding { host: "127.0.0.1".to_owned(), port: 0, urgent: akrida_protocol::is_urgent };
        let (hub, port) = bind(&binding).unwrap();
        let scenario = yaml::load("scenario.yaml", SCENARIO).unwrap();
        let stop_timeout = Duration::from_secs(STOP_TIMEOUT);
        let (master, handle) = Master::new(Config { stop_timeout, ..Config::new(&scenario) }, hub);
        let events = handle.events();
        let master = tokio::spawn(async { drop(master.run().await) });
        let port = port.to_string();
        let mut fleet = Self { ground, handle, events, master, port, workers: Vec::new() };
        fleet.join(kinds).await;
        fleet
    }

    /// Starts these workers, and waits until they are ready.
    async fn join(&mut self, kinds: &[Kind]) {
        let joins = ["--worker", "--master-port", &self.port];
        let start = |kind: &Kind| match kind {
            Kind::Locust => Akrida::start_locust(&[&["-f", &self.ground.locustfile][..], &joins].concat()),
            Kind::Akrida => Akrida::start(&[&["-f", &self.ground.scenario][..], &joins].concat()),
        };
        let started: Vec<_> = kinds.iter().map(|kind| (*kind, start(kind))).collect();
        self.workers.extend(started);
        let all = self.workers.len();
        self.until(|snapshot| snapshot.workers.len() == all).await;
    }

    async fn until(&self, so: impl FnMut(&Arc<Snapshot>) -> bool) -> Arc<Snapshot> {
        let mut snapshots = self.handle.snapshots();
        let found = timeout(PATIENCE, snapshots.wait_for(so)).await;
        match found {
            Ok(snapshot) => snapshot.unwrap().clone(),
            Err(_) => panic!("it did not come to that: {:?}", self.handle.snapshots().borrow()),
        }
    }

    async fn start(&self, users: u64) {
        let load = Load::Constant { users, spawn_rate: 10.0 };
        self.handle
            .start(Start { load, host: Some(self.ground.target.url()), run_time: None })
            .await
            .unwrap();
    }

    async fn edit(&self, users: u64) {
        self.handle.edit(Edit { users, spawn_rate: 10.0, host: None, run_time: None }).await.unwrap();
    }

    /// Waits until these users run, on so many workers.
    async fn run(&self, wanted: &BTreeMap<String, u64>, workers: usize) -> Arc<Snapshot> {
        let at_work = |snapshot: &Snapshot| {
            let at_work = snapshot.workers.iter().filter(|worker| worker.state == WorkerState::Running);
            at_work.count()
        };
        self.until(|snapshot| {
            let state = snapshot.state == RunState::Running && at_work(snapshot) == workers;
            state && snapshot.user_classes == *wanted
        })
        .await
    }

    /// Waits until so many more requests of each kind have arrived.
    async fn load(&self, more: u64) {
        let before = self.ground.counted();
        let enough = |counted: &Counted| {
            ["GET /read", "POST /write", "GET /watch"].iter().all(|key| {
                let count = |counted: &Counted| counted.requests.get(*key).copied().unwrap_or(0);
                count(counted) >= count(&before) + more
            })
        };
        let waiting = async {
            while !enough(&self.ground.counted()) {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, waiting).await.expect("the load stopped");
    }

    /// Stops the run; what it shows must be what arrived since `before`.
    async fn stop(&self, before: &Counted) -> (Arc<Snapshot>, Counted) {
        self.handle.stop().await.unwrap();
        let snapshot = self.until(|snapshot| snapshot.state == RunState::Stopped).await;
        let counted = self.ground.counted();
        assert_eq!(shown(&snapshot), counted.since(before), "shown, and counted");
        assert_eq!(failures(&snapshot), counted.since(before).failures());
        assert_eq!((snapshot.user_count, misses(&snapshot)), (0, false), "{:?}", snapshot.notices);
        (snapshot, counted)
    }

    /// Everybody goes home in peace.
    pub(super) async fn quit(self) {
        self.handle.quit().await.unwrap();
        timeout(PATIENCE, self.master).await.unwrap().unwrap();
        for (_, worker) in self.workers {
            worker.end(Duration::from_secs(STOP_TIMEOUT)).exits(0);
        }
    }
}

fn shown(snapshot: &Snapshot) -> Counted {
    let requests = snapshot.rows.iter().map(|row| (format!("{} {}", row.method, row.name), row.num_requests));
    Counted {
        requests: requests.collect(),
        exceptions: snapshot.exceptions.iter().map(|exception| exception.count).sum(),
    }
}

/// Whether figures are missing. A busy machine may make the generator late, which is told too.
fn misses(snapshot: &Snapshot) -> bool {
    snapshot.notices.iter().any(|notice| notice.contains("are missing"))
}

/// Failures by request: as rows count them, which must be as errors do.
fn failures(snapshot: &Snapshot) -> BTreeMap<String, u64> {
    let failed = snapshot.rows.iter().filter(|row| row.num_failures > 0);
    let rows: BTreeMap<String, u64> =
        failed.map(|row| (format!("{} {}", row.method, row.name), row.num_failures)).collect();
    let mut errors = BTreeMap::new();
    for error in &snapshot.errors {
        *errors.entry(format!("{} {}", error.method, error.name)).or_insert(0) += error.occurrences;
    }
    assert_eq!(rows, errors);
    rows
}

/// Ramps, edits up and down, stops, and runs once more; `kinds` are two workers.
async fn two_runs(kinds: [Kind; 2]) {
    let mut fleet = Fleet::meet(&kinds).await;
    fleet.start(8).await;
    let running = fleet.run(&users(4, 2, 2), 2).await;
    assert!(running.workers.iter().all(|worker| worker.user_count == 4), "{:?}", running.workers);
    fleet.edit(20).await;
    let running = fleet.run(&users(13, 2, 5), 2).await;
    assert!(running.workers.iter().all(|worker| worker.user_count == 10), "{:?}", running.workers);
    fleet.load(30).await;
    fleet.edit(6).await;
    fleet.run(&users(3, 2, 1), 2).await;
    fleet.load(10).await;
    let (first, counted) = fleet.stop(&Counted::default()).await;

    let locusts = first.exceptions.iter().find(|exception| exception.msg == LOCUSTS_EXCEPTION).unwrap();
    assert!(locusts.traceback.contains("locustfile.py") && locusts.traceback.contains("raise RuntimeError"));
    let of_locust = kinds.iter().filter(|kind| **kind == Kind::Locust).count();
    let known = first.workers.iter().map(|worker| &worker.id);
    let known = known.filter(|id| locusts.nodes.contains(id));
    assert_eq!((locusts.nodes.len(), known.count()), (of_locust, of_locust), "{:?}", first.exceptions);

    sleep(BETWEEN).await;
    assert_eq!(fleet.ground.counted(), counted, "nobody works between two runs");
    fleet.start(4).await;
    // Locust's workers sleep for their stop timeout before they are ready again.
    fleet.run(&users(1, 2, 1), 2).await;
    fleet.load(10).await;
    fleet.stop(&counted).await;

    let mut left = Vec::new();
    while let Ok(event) = fleet.events.try_recv() {
        if let FleetEventKind::WorkerMissing { id } | FleetEventKind::WorkerLeft { id, .. } = event.kind {
            left.push(id);
        }
    }
    assert_eq!(left, Vec::<String>::new(), "nobody was away for a moment");
    fleet.quit().await;
}

#[tokio::test]
async fn workers_that_come_while_nothing_runs_are_in_the_next_run_from_its_beginning() {
    let mut fleet = Fleet::meet(&[Kind::Akrida]).await;
    let mut counted = Counted::default();
    for (comes, readers, writers) in [(Kind::Akrida, 4, 2), (Kind::Locust, 7, 3)] {
        // Nothing runs yet, or any more.
        fleet.join(&[comes]).await;
        let workers = fleet.workers.len();
        fleet.start(readers + writers + 2).await;
        fleet.run(&users(readers, 2, writers), workers).await;
        let mut ramps = Vec::new();
        while let Ok(event) = fleet.events.try_recv() {
            if let FleetEventKind::Ramping { workers, .. } = event.kind {
                ramps.push(workers);
            }
        }
        assert_eq!(ramps, [workers as u64], "all of them, at once");
        fleet.load(10).await;
        (_, counted) = fleet.stop(&counted).await;
    }
    fleet.quit().await;
}

#[tokio::test]
async fn locusts_workers_work_for_our_master_through_two_runs() {
    two_runs([Kind::Locust, Kind::Locust]).await;
}

#[tokio::test]
async fn a_mixed_fleet_works_for_our_master_through_two_runs() {
    two_runs([Kind::Locust, Kind::Akrida]).await;
}

#[tokio::test]
async fn a_worker_that_is_asked_to_end_takes_nothing_with_it_and_its_users_run_elsewhere() {
    let fleet = Fleet::meet(&[Kind::Akrida, Kind::Locust]).await;
    fleet.start(20).await;
    fleet.run(&users(13, 2, 5), 2).await;
    fleet.load(10).await;
    fleet.workers[0].1.terminate();
    fleet.until(|snapshot| snapshot.workers.len() == 1).await;
    fleet.run(&users(13, 2, 5), 1).await;
    fleet.load(10).await;
    fleet.stop(&Counted::default()).await;
    fleet.quit().await;
}

#[tokio::test]
async fn what_a_worker_of_locust_takes_with_it_is_missed() {
    let mut fleet = Fleet::meet(&[Kind::Akrida, Kind::Locust]).await;
    fleet.start(20).await;
    fleet.run(&users(13, 2, 5), 2).await;
    fleet.load(10).await;
    let (_, leaving) = fleet.workers.pop().unwrap();
    leaving.terminate();
    // Its exit code tells of its exceptions.
    leaving.end(Duration::from_secs(STOP_TIMEOUT)).exits(1);
    fleet.until(|snapshot| snapshot.workers.len() == 1).await;
    fleet.run(&users(13, 2, 5), 1).await;
    fleet.load(10).await;
    fleet.handle.stop().await.unwrap();
    let snapshot = fleet.until(|snapshot| snapshot.state == RunState::Stopped).await;
    assert!(misses(&snapshot), "{:?}", snapshot.notices);
    assert!(snapshot.total.num_requests <= fleet.ground.target.total());
    fleet.quit().await;
}

/// A new job stops a worker of Locust in the middle of the one before, which may be stopping users just then.
#[tokio::test]
async fn a_storm_of_edits_loses_nothing() {
    let fleet = Fleet::meet(&[Kind::Locust, Kind::Akrida, Kind::Locust, Kind::Akrida]).await;
    fleet.start(8).await;
    for number in 0..40_u64 {
        let users = 4 + number * 37 % 44;
        fleet.handle.edit(Edit { users, spawn_rate: 50.0, host: None, run_time: None }).await.unwrap();
        sleep(Duration::from_millis(number * 13 % 100)).await;
    }
    fleet.edit(20).await;
    fleet.run(&users(13, 2, 5), 4).await;
    fleet.load(10).await;
    fleet.stop(&Counted::default()).await;
    fleet.quit().await;
}
