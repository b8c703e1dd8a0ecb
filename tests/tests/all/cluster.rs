//! A master and workers with real engines in this process, joined by the memory transport, against a real server.

use akrida_engine::{Engine, Options};
use akrida_master::{Config, Edit, Handle, HandleError, Load, Master, Refusal, Start};
use akrida_run::{FleetEventKind, RunState, Snapshot};
use akrida_scenario::{Scenario, Stage, yaml};
use akrida_testkit::{Answer, Target};
use akrida_transport::memory;
use akrida_worker::{End, LogLines};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// Whatever takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(20);

const SCENARIO: &str = "
users:
  Reader:
    weight: 3
    wait: { constant: 5ms }
    tasks:
      - tags: [read]
        get: /read
  Writer:
    wait: { constant: 5ms }
    tasks:
      - tags: [write]
        post: /write
";

struct Cluster {
    target: Target,
    handle: Handle,
    master: JoinHandle<()>,
    workers: Vec<(oneshot::Sender<()>, JoinHandle<End>)>,
}

impl Cluster {
    /// A cluster of `workers` that load a server of its own.
    async fn start(workers: usize) -> Self {
        Self::of(SCENARIO, workers).await
    }

    /// As [`Cluster::start`], for this scenario.
    async fn of(scenario: &str, workers: usize) -> Self {
        let target = Target::start(|_| Answer::ok("fine"));
        let scenario = Arc::new(yaml::load("cluster.yaml", scenario).unwrap());
        let (hub, network) = memory::network();
        let (master, handle) = Master::new(Config::new(&scenario), hub);
        let master = tokio::spawn(async { drop(master.run().await) });
        let workers =
            (0..workers).map(|number| worker(&scenario, &network, &format!("here_{number}"))).collect();
        let this = Self { target, handle, master, workers };
        this.wait_for(|snapshot| snapshot.workers.len() == this.workers.len()).await;
        this
    }

    async fn begin(&self, load: Load) -> Result<(), HandleError> {
        self.handle.start(Start { load, host: Some(self.target.url()), run_time: None }).await
    }

    /// Waits for a snapshot.
    async fn wait_for(&self, wanted: impl FnMut(&Arc<Snapshot>) -> bool) -> Arc<Snapshot> {
        let mut snapshots = self.handle.snapshots();
        let found = tokio::time::timeout(PATIENCE, snapshots.wait_for(wanted)).await;
        match found {
            Ok(snapshot) => snapshot.unwrap().clone(),
            Err(_) => panic!("it did not come to that: {:?}", self.handle.snapshots().borrow()),
        }
    }

    async fn stopped(&self) -> Arc<Snapshot> {
        self.wait_for(|snapshot| snapshot.state == RunState::Stopped).await
    }

    /// Everybody goes home.
    async fn quit(self) {
        self.handle.quit().await.unwrap();
        tokio::time::timeout(PATIENCE, self.master).await.unwrap().unwrap();
        for (_stay, worker) in self.workers {
            assert_eq!(worker.await.unwrap(), End::Quit);
        }
    }
}

fn worker(
    scenario: &Arc<Scenario>,
    network: &memory::Network,
    id: &str,
) -> (oneshot::Sender<()>, JoinHandle<End>) {
    let (engine, exceptions) = Engine::start(scenario, &Options::default()).unwrap();
    let config = akrida_worker::Config::new(id.to_owned(), scenario, 1);
    let (notices, _) = mpsc::channel(16);
    let (leave, asked) = oneshot::channel();
    let link = network.connect(id);
    let run = akrida_worker::run(link, engine, exceptions, config, notices, LogLines::default, async {
        // A sender that is dropped asks for nothing.
        if asked.await.is_err() {
            std::future::pending::<()>().await;
        }
    });
    (leave, tokio::spawn(run))
}

fn constant(users: u64, spawn_rate: f64) -> Load {
    Load::Constant { users, spawn_rate }
}

/// What the master counted is what the server saw, request by request.
fn assert_exact(snapshot: &Snapshot, target: &Target, before: (u64, u64)) {
    let count = |name: &str| {
        snapshot.rows.iter().filter(|row| row.name == name).map(|row| row.num_requests).sum::<u64>()
    };
    let counts = (count("/read"), count("/write"));
    let seen = (target.count("GET", "/read"), target.count("POST", "/write"));
    assert_eq!((counts.0 + before.0, counts.1 + before.1), seen);
    assert_eq!(snapshot.total.num_requests, counts.0 + counts.1);
    assert_eq!((snapshot.total.num_failures, snapshot.errors.len()), (0, 0), "{:?}", snapshot.errors);
    assert_eq!(snapshot.user_count, 0);
}

#[tokio::test]
async fn fifty_users_at_once_are_counted_exactly() {
    let cluster = Cluster::start(1).await;
    let mut events = cluster.handle.events();
    cluster.begin(constant(50, 50.0)).await.unwrap();
    let running = cluster.wait_for(|snapshot| snapshot.state == RunState::Running).await;
    assert_eq!(running.user_count, 50);
    assert_eq!(running.user_classes.values().copied().collect::<Vec<_>>(), [37, 13]);
    cluster.wait_for(|snapshot| snapshot.total.num_requests > 500).await;
    cluster.handle.stop().await.unwrap();
    let snapshot = cluster.stopped().await;
    assert_exact(&snapshot, &cluster.target, (0, 0));
    assert_eq!(snapshot.tags.iter().map(|tag| tag.label.as_str()).collect::<Vec<_>>(), ["read", "write"]);
    let mut kinds = Vec::new();
    while let Ok(event) = events.try_recv() {
        // A busy machine may make the generator late, which is told too.
        if !matches!(event.kind, FleetEventKind::WorkerSaturated { .. }) {
            kinds.push(event.kind);
        }
    }
    assert!(
        matches!(
            kinds.as_slice(),
            [
                FleetEventKind::Ramping { target: 50, workers: 1, .. },
                FleetEventKind::Spawned { .. },
                FleetEventKind::Stopping { .. },
                FleetEventKind::Stopped,
            ]
        ),
        "{kinds:?}"
    );
    cluster.quit().await;
}

#[tokio::test]
async fn a_second_run_counts_nothing_of_the_first() {
    let cluster = Cluster::start(2).await;
    cluster.begin(constant(10, 10.0)).await.unwrap();
    cluster.wait_for(|snapshot| snapshot.total.num_requests > 100).await;
    cluster.handle.stop().await.unwrap();
    let first = cluster.stopped().await;
    assert_exact(&first, &cluster.target, (0, 0));
    let ledger = &*cluster.target;
    let before = (ledger.count("GET", "/read"), ledger.count("POST", "/write"));
    cluster.begin(constant(10, 10.0)).await.unwrap();
    cluster
        .wait_for(|snapshot| snapshot.state == RunState::Running && snapshot.total.num_requests > 100)
        .await;
    cluster.handle.stop().await.unwrap();
    let second = cluster.stopped().await;
    assert_exact(&second, &cluster.target, before);
    assert!(second.start > first.start);
    cluster.quit().await;
}

#[tokio::test]
async fn names_of_one_run_take_no_room_from_the_next() {
    let many = "users: {A: {wait: {constant: 20ms}, \
                tasks: {t: {steps: [{get: /, name: '{{ random.randint(0, 10 ** 15) }}'}]}}}}";
    let cluster = Cluster::of(many, 1).await;
    cluster.begin(constant(100, 100.0)).await.unwrap();
    let is_full = |snapshot: &Snapshot| snapshot.notices.iter().any(|notice| notice.contains("distinct"));
    cluster.wait_for(|snapshot| is_full(snapshot)).await;
    cluster.handle.stop().await.unwrap();
    cluster.stopped().await;
    cluster.begin(constant(1, 1.0)).await.unwrap();
    cluster
        .wait_for(|snapshot| snapshot.state == RunState::Running && snapshot.total.num_requests > 10)
        .await;
    cluster.handle.stop().await.unwrap();
    let snapshot = cluster.stopped().await;
    assert!(!is_full(&snapshot), "{:?}", snapshot.notices);
    let other = snapshot.rows.iter().filter(|row| row.name == akrida_stats::limits::OTHER);
    assert_eq!(other.count(), 0);
    cluster.quit().await;
}

#[tokio::test]
async fn a_stop_in_the_middle_of_a_ramp_loses_nothing() {
    let cluster = Cluster::start(2).await;
    cluster.begin(constant(1_000, 20.0)).await.unwrap();
    cluster.wait_for(|snapshot| snapshot.user_count >= 40).await;
    let edit = Edit { users: 500, spawn_rate: 30.0, host: None, run_time: None };
    cluster.handle.edit(edit).await.unwrap();
    cluster.wait_for(|snapshot| snapshot.user_count >= 70).await;
    cluster.handle.stop().await.unwrap();
    let snapshot = cluster.stopped().await;
    assert_exact(&snapshot, &cluster.target, (0, 0));
    cluster.quit().await;
}

#[tokio::test]
async fn stages_follow_each_other_and_have_rows() {
    let cluster = Cluster::start(1).await;
    let stage = |name: &str, users| Stage {
        name: name.to_owned(),
        duration: Duration::from_millis(1_200),
        users,
        spawn_rate: 100.0,
    };
    cluster.begin(Load::Stages(vec![stage("low", 2), stage("high", 20)])).await.unwrap();
    let snapshot = cluster.stopped().await;
    assert_exact(&snapshot, &cluster.target, (0, 0));
    let rows: Vec<_> =
        snapshot.stages.iter().map(|stage| (stage.label.as_str(), stage.row.num_requests)).collect();
    let [("low", low), ("high", high)] = rows[..] else { panic!("{rows:?}") };
    assert!(low > 0 && high > 2 * low, "{rows:?}");
    assert_eq!(low + high, snapshot.total.num_requests);
    cluster.quit().await;
}

#[tokio::test]
async fn a_worker_that_leaves_hands_over_its_users_and_its_figures() {
    let mut cluster = Cluster::start(2).await;
    cluster.begin(constant(20, 20.0)).await.unwrap();
    cluster.wait_for(|snapshot| snapshot.total.num_requests > 100).await;
    let (leave, worker) = cluster.workers.pop().unwrap();
    leave.send(()).unwrap();
    assert_eq!(worker.await.unwrap(), End::Terminated);
    cluster.wait_for(|snapshot| snapshot.workers.len() == 1 && snapshot.user_count == 20).await;
    cluster.handle.stop().await.unwrap();
    let snapshot = cluster.stopped().await;
    assert_exact(&snapshot, &cluster.target, (0, 0));
    assert!(snapshot.notices.iter().all(|notice| !notice.contains("last figures")), "{:?}", snapshot.notices);
    cluster.quit().await;
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_a_reason() {
    let cluster = Cluster::start(0).await;
    let refused = |refusal| Err(HandleError::Refused(refusal));
    assert_eq!(cluster.begin(constant(1, 1.0)).await, refused(Refusal::NoWorkers));
    assert_eq!(cluster.handle.stop().await, refused(Refusal::NotRunning));
    let handle = cluster.handle.clone();
    cluster.quit().await;
    assert_eq!(handle.stop().await, Err(HandleError::Ended));
}
