//! What happens to a fleet of real processes in the middle of a run: workers that leave, are killed, freeze, are cut off
//! and come back. The master is in this process, so that it can be watched.

use crate::binary::{Akrida, now, scratch};
use akrida_master::{Config, Handle, Load, Master, Start};
use akrida_run::{FleetEvent, FleetEventKind, RunState, Snapshot, StopReason, WorkerState};
use akrida_scenario::yaml;
use akrida_testkit::{Answer, Relay, Target};
use akrida_transport::zmq::{Binding, bind};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Whatever takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(60);

const SCENARIO: &str = "
users:
  Reader:
    wait: { constant: 50ms }
    tasks:
      - get: /read
";

/// The same for Locust's workers.
const LOCUSTFILE: &str = "
from locust import FastHttpUser, constant, task

class Reader(FastHttpUser):
    wait_time = constant(0.05)

    @task
    def read(self):
        self.client.get('/read')
";

/// Users of each run.
pub(crate) const USERS: u64 = 12;

/// What happens to a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blow {
    /// It is asked to leave.
    Term,
    /// Its process is ended.
    Kill,
    /// Its process is stopped, and goes on later.
    Freeze,
    /// Its connection breaks, and no new one can be made until later.
    Cut,
    /// Its connection goes dead, and nobody is told.
    Dead,
    /// The cable of its machine is pulled: a network namespace with a cable of its own, from which it does not reach the
    /// server.
    Unplug,
}

/// When it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Ramp,
    Steady,
}

pub(crate) struct Fleet {
    target: Target,
    pub(crate) handle: Handle,
    events: Receiver<FleetEvent>,
    /// Told when the master has ended. It has a thread of its own, so that a test may wait for a peer as it likes.
    ended: oneshot::Receiver<()>,
    pub(crate) port: u16,
    workers: Vec<Akrida>,
    /// The way of the first worker.
    relay: Relay,
    /// The machine of the first worker, if it has one of its own.
    machine: Option<Machine>,
}

impl Fleet {
    /// A master and nobody else.
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Config)) -> Self {
        let target = Target::start(|_| Answer::ok("yes").after(Duration::from_millis(10)));
        let binding = Binding { host: "*".to_owned(), port: 0, urgent: akrida_protocol::is_urgent };
        let (hub, port) = bind(&binding).unwrap();
        let scenario = yaml::load("scenario.yaml", SCENARIO).unwrap();
        let mut config = Config::new(&scenario);
        change(&mut config);
        let (master, handle) = Master::new(config, hub);
        let events = handle.events();
        let (ending, ended) = oneshot::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            drop(runtime.block_on(master.run()));
            // A test that has failed does not listen.
            let _ = ending.send(());
        });
        Self {
            target,
            handle,
            events,
            ended,
            port,
            workers: Vec::new(),
            relay: Relay::to(port),
            machine: None,
        }
    }

    /// A master with so many workers, the first one behind the relay.
    pub(crate) async fn meet(workers: usize) -> Self {
        let mut fleet = Self::new();
        let through = fleet.relay.addr().port();
        fleet.join(through).await;
        for _ in 1..workers {
            fleet.join(fleet.port).await;
        }
        fleet
    }

    /// As [`Fleet::meet`] with three, the first one on a machine of its own.
    async fn apart() -> Self {
        let mut fleet = Self::new();
        let machine = Machine::plugged_in();
        let file = scratch("scenario.yaml", SCENARIO);
        let port = fleet.port.to_string();
        let master = ["--master-host", Machine::MASTER, "--master-port", &port];
        let worker = Akrida::start_in(machine.name, &[&["-f", &file, "--worker"][..], &master].concat());
        fleet.machine = Some(machine);
        fleet.take_in(worker).await;
        for _ in 0..2 {
            fleet.join(fleet.port).await;
        }
        fleet
    }

    /// One more worker, which comes through `port`; waits until it is ready.
    async fn join(&mut self, port: u16) {
        let file = scratch("scenario.yaml", SCENARIO);
        self.take_in(Akrida::start(&["-f", &file, "--worker", "--master-port", &port.to_string()])).await;
    }

    async fn take_in(&mut self, worker: Akrida) {
        self.workers.push(worker);
        let number = self.workers.len();
        self.until(|snapshot| snapshot.workers.len() == number).await;
    }

    pub(crate) async fn until(&self, so: impl FnMut(&Arc<Snapshot>) -> bool) -> Arc<Snapshot> {
        let mut snapshots = self.handle.snapshots();
        let found = timeout(PATIENCE, snapshots.wait_for(so)).await;
        match found {
            Ok(snapshot) => snapshot.unwrap().clone(),
            Err(_) => panic!("it did not come to that: {:?}", self.handle.snapshots().borrow()),
        }
    }

    pub(crate) async fn start(&self, spawn_rate: f64) {
        let load = Load::Constant { users: USERS, spawn_rate };
        self.handle.start(Start { load, host: Some(self.target.url()), run_time: None }).await.unwrap();
    }

    /// Starts a run and lets it come to that moment.
    async fn start_until(&self, moment: Moment) {
        match moment {
            Moment::Ramp => {
                self.start(2.0).await;
                self.until(|snapshot| snapshot.user_count >= USERS / 3).await;
            }
            Moment::Steady => {
                self.start(1_000.0).await;
                self.whole(self.workers.len()).await;
            }
        }
    }

    /// Waits until all users run, on so many workers.
    pub(crate) async fn whole(&self, workers: usize) -> Arc<Snapshot> {
        self.until(|snapshot| is_whole(snapshot, workers)).await
    }

    /// Deals the first worker a blow.
    fn strike(&self, blow: Blow) {
        match blow {
            Blow::Term => self.workers[0].terminate(),
            Blow::Kill => self.workers[0].kill(),
            Blow::Freeze => self.workers[0].signal("-STOP"),
            Blow::Cut => self.relay.cut(),
            Blow::Dead => self.relay.go_dead(),
            Blow::Unplug => self.machine().link("down"),
        }
    }

    fn heal(&self, blow: Blow) {
        match blow {
            Blow::Term | Blow::Kill => {}
            Blow::Freeze => self.workers[0].signal("-CONT"),
            Blow::Cut | Blow::Dead => self.relay.mend(),
            Blow::Unplug => self.machine().link("up"),
        }
    }

    fn machine(&self) -> &Machine {
        self.machine.as_ref().expect("the first worker has a machine of its own")
    }

    /// Waits until this has happened.
    async fn told(&mut self, is: impl Fn(&FleetEventKind) -> bool) -> FleetEventKind {
        let waiting = async {
            loop {
                let event = self.events.recv().await.unwrap();
                if is(&event.kind) {
                    return event.kind;
                }
            }
        };
        timeout(PATIENCE, waiting).await.expect("it does not happen")
    }

    pub(crate) fn newest(&self) -> Arc<Snapshot> {
        self.handle.snapshots().borrow().clone()
    }

    /// What has happened that was not looked at yet.
    pub(crate) fn happened(&mut self) -> Vec<FleetEventKind> {
        std::iter::from_fn(|| self.events.try_recv().ok()).map(|event| event.kind).collect()
    }

    /// Requests that have arrived.
    pub(crate) fn requests(&self) -> u64 {
        self.target.total()
    }

    pub(crate) async fn stop(&self) -> Arc<Snapshot> {
        self.handle.stop().await.unwrap();
        self.until(|snapshot| snapshot.state == RunState::Stopped).await
    }

    pub(crate) async fn quit(self) {
        self.handle.quit().await.unwrap();
        timeout(PATIENCE, self.ended).await.unwrap().unwrap();
    }
}

/// Whether all users run, on so many workers and on no other.
fn is_whole(snapshot: &Snapshot, workers: usize) -> bool {
    let live: Vec<_> =
        snapshot.workers.iter().filter(|worker| worker.state != WorkerState::Missing).collect();
    snapshot.state == RunState::Running
        && snapshot.user_count == USERS
        && live.len() == workers
        && live.iter().all(|worker| worker.state == WorkerState::Running && worker.user_count > 0)
}

/// How long after a blow to one of three workers all users ran on the others; and whether all figures are there.
pub(crate) async fn recover(blow: Blow, moment: Moment) -> Duration {
    let fleet = if blow == Blow::Unplug { Fleet::apart().await } else { Fleet::meet(3).await };
    fleet.start_until(moment).await;
    if moment == Moment::Ramp {
        // The ramp itself is not what is measured: what is left of it is walked at once.
        let edit = akrida_master::Edit { users: USERS, spawn_rate: 1_000.0, host: None, run_time: None };
        fleet.handle.edit(edit).await.unwrap();
    }
    let began = now();
    fleet.strike(blow);
    fleet.whole(2).await;
    let took = began.elapsed();
    fleet.heal(blow);
    if !matches!(blow, Blow::Term | Blow::Kill) {
        back(&fleet).await;
    }
    let figures = fleet.stop().await;
    if blow == Blow::Term {
        assert_eq!(figures.total.num_requests, fleet.target.total(), "figures are missing");
        // A busy machine may be told of too, which is another matter.
        let lost = figures.notices.iter().find(|notice| notice.contains("last figures"));
        assert_eq!(lost, None);
    } else if blow != Blow::Unplug {
        // What a worker holds when it is killed is lost, and nothing is counted twice.
        assert!(figures.total.num_requests <= fleet.target.total());
    }
    fleet.quit().await;
    took
}

/// A worker that was away is used again, and at no later time are there too many users or too few.
async fn back(fleet: &Fleet) {
    fleet.whole(3).await;
    let mut snapshots = fleet.handle.snapshots();
    for _ in 0..3 {
        snapshots.changed().await.unwrap();
        let snapshot = snapshots.borrow_and_update().clone();
        assert_eq!(snapshot.user_count, USERS, "{:?}", snapshot.workers);
    }
}

#[tokio::test]
async fn a_worker_that_is_asked_to_leave_leaves_nothing_behind_in_a_ramp_or_after_it() {
    recover(Blow::Term, Moment::Ramp).await;
    recover(Blow::Term, Moment::Steady).await;
}

#[tokio::test]
async fn the_users_of_a_killed_worker_run_elsewhere() {
    recover(Blow::Kill, Moment::Ramp).await;
    recover(Blow::Kill, Moment::Steady).await;
}

#[tokio::test]
async fn a_frozen_worker_is_replaced_and_comes_back_without_double_users() {
    recover(Blow::Freeze, Moment::Ramp).await;
    recover(Blow::Freeze, Moment::Steady).await;
}

#[tokio::test]
async fn a_worker_whose_cable_is_cut_is_replaced_and_comes_back() {
    recover(Blow::Cut, Moment::Ramp).await;
    recover(Blow::Cut, Moment::Steady).await;
}

#[tokio::test]
async fn a_worker_whose_cable_is_dead_is_replaced_and_comes_back() {
    recover(Blow::Dead, Moment::Ramp).await;
    recover(Blow::Dead, Moment::Steady).await;
}

#[tokio::test]
async fn a_worker_of_locust_that_is_killed_or_frozen_is_replaced_as_ours_are() {
    for blow in [Blow::Kill, Blow::Freeze] {
        let mut fleet = Fleet::new();
        let file = scratch("locustfile.py", LOCUSTFILE);
        let port = fleet.port.to_string();
        fleet.take_in(Akrida::start_locust(&["-f", &file, "--worker", "--master-port", &port])).await;
        fleet.join(fleet.port).await;
        fleet.start_until(Moment::Steady).await;
        fleet.strike(blow);
        fleet.whole(1).await;
        fleet.heal(blow);
        if blow == Blow::Freeze {
            fleet.whole(2).await;
        }
        fleet.stop().await;
        fleet.quit().await;
    }
}

#[tokio::test]
async fn a_run_without_workers_waits_says_so_and_stops() {
    let mut fleet = Fleet::with(|config| config.worker_wait = Duration::from_secs(2));
    fleet.join(fleet.port).await;
    fleet.start_until(Moment::Steady).await;
    fleet.strike(Blow::Kill);
    let waits = "No worker is left: the run waits 2 s for one before it stops.";
    fleet.told(|event| *event == FleetEventKind::Warning(waits.to_owned())).await;
    fleet.told(|event| *event == FleetEventKind::Stopping { reason: StopReason::NoWorkers }).await;
    fleet.until(|snapshot| snapshot.state == RunState::Stopped).await;
    fleet.quit().await;
}

#[tokio::test]
async fn a_run_without_workers_goes_on_when_one_comes() {
    let mut fleet = Fleet::with(|config| config.worker_wait = PATIENCE);
    fleet.join(fleet.port).await;
    fleet.start_until(Moment::Steady).await;
    fleet.strike(Blow::Kill);
    fleet.told(|event| matches!(event, FleetEventKind::Warning(text) if text.starts_with("No worker"))).await;
    fleet.join(fleet.port).await;
    fleet.whole(1).await;
    fleet.stop().await;
    fleet.quit().await;
}

/// How long after it was ready a worker that came in the middle had users, while one was there already.
pub(crate) async fn joined(moment: Moment) -> Duration {
    let mut fleet = Fleet::meet(1).await;
    fleet.start_until(moment).await;
    fleet.join(fleet.port).await;
    let ready = now();
    fleet.until(|snapshot| snapshot.workers.iter().all(|worker| worker.user_count > 0)).await;
    let took = ready.elapsed();
    fleet.whole(2).await;
    fleet.stop().await;
    fleet.quit().await;
    took
}

#[tokio::test]
async fn who_joins_in_a_ramp_or_after_it_is_used() {
    joined(Moment::Ramp).await;
    joined(Moment::Steady).await;
}

#[tokio::test]
async fn who_joins_while_a_run_is_stopping_is_used_by_the_next_one() {
    let mut fleet = Fleet::with(|config| config.stop_timeout = PATIENCE);
    fleet.join(fleet.port).await;
    fleet.start_until(Moment::Steady).await;
    // As long as it is frozen it does not stop.
    fleet.strike(Blow::Freeze);
    fleet.handle.stop().await.unwrap();
    fleet.join(fleet.port).await;
    fleet.heal(Blow::Freeze);
    fleet.until(|snapshot| snapshot.state == RunState::Stopped).await;
    fleet.start_until(Moment::Steady).await;
    fleet.stop().await;
    fleet.quit().await;
}

/// A network namespace with a cable to this one; root can make one where iproute2 is.
struct Machine {
    name: &'static str,
}

impl Machine {
    /// Where it finds this machine.
    const MASTER: &str = "10.213.7.1";

    fn plugged_in() -> Self {
        let this = Self { name: "akrida-apart" };
        let made = ip("netns add akrida-apart")
            && ip("link add akrida0 type veth peer name akrida1 netns akrida-apart")
            && ip("addr add 10.213.7.1/30 dev akrida0")
            && ip("link set akrida0 up")
            && ip("-n akrida-apart addr add 10.213.7.2/30 dev akrida1")
            && ip("-n akrida-apart link set akrida1 up")
            && ip("-n akrida-apart link set lo up");
        assert!(made, "no network namespace can be made here");
        this
    }

    fn link(&self, state: &str) {
        assert!(ip(&format!("link set akrida0 {state}")));
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Its cable goes with it.
        ip("netns del akrida-apart");
    }
}

/// Whether a machine of its own can be had: for root, and not everywhere.
pub(crate) fn can_be_apart() -> bool {
    let can = ip("netns add akrida-trial");
    can && ip("netns del akrida-trial")
}

fn ip(words: &str) -> bool {
    let run = Command::new("/usr/sbin/ip").args(words.split(' ')).stderr(Stdio::null()).status();
    run.is_ok_and(|status| status.success())
}
