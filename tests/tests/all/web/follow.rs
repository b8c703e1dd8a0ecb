//! A real master that asks a stand-in for Kubernetes' API server for as many workers as its users need, and gets them.

use super::Served;
use crate::binary::{Akrida, folder, free_port, now, scratch};
use akrida_testkit::{Grant, Kubernetes};
use serde_json::{Value, json};
use std::thread::sleep;
use std::time::Duration;

const SCENARIO: &str = "users: {A: {wait: {constant: 1s}, tasks: {t: {steps: [{get: /ok}]}}}}";

/// How long a machine that does much else may take from one state to the next.
const SLACK: Duration = Duration::from_secs(120);

/// A master whose workers follow load, ten users each, and the pods of its workers.
struct Fleet {
    served: Served,
    kubernetes: Kubernetes,
    pods: Vec<Akrida>,
    scenario: String,
    port: String,
}

impl Fleet {
    fn start(kubernetes: Kubernetes, host: &str) -> Self {
        kubernetes.change("akrida-worker", |object| (object.controlled, object.existing) = (false, 0));
        let (scenario, port) = (scratch("follow.yaml", SCENARIO), free_port());
        let config = kubernetes.kubeconfig(&folder());
        let of_master =
            ["--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", &port, "-H", host];
        let of_workers = ["--autoscale-workers", "--users-per-worker", "10", "--max-workers", "4"];
        let cooldown = ["--workers-cooldown", "1s"];
        let arguments = [&of_master[..], &of_workers, &cooldown].concat();
        let served = Served::with(&scenario, &[("KUBECONFIG", &config)], &arguments);
        Self { served, kubernetes, pods: Vec::new(), scenario, port }
    }

    /// Makes as many pods as are wanted, as a Deployment's controller does, until this is so.
    #[track_caller]
    fn until(&mut self, so: impl Fn(&Self) -> bool) {
        let deadline = now() + SLACK;
        while !so(self) {
            assert!(now() < deadline, "it does not come to pass:\n{}", self.served.akrida.stderr());
            let wanted = usize::try_from(self.kubernetes.wanted()).unwrap();
            while self.pods.len() < wanted {
                let (file, port) = (self.scenario.as_str(), self.port.as_str());
                let arguments = ["-f", file, "--worker", "--master-host", "127.0.0.1", "--master-port", port];
                self.pods.push(Akrida::start_bare(&arguments));
            }
            while self.pods.len() > wanted {
                let pod = self.pods.pop().unwrap();
                pod.terminate();
                pod.end(Duration::from_secs(30)).exits(0);
            }
            let existing = i64::try_from(wanted).unwrap();
            self.kubernetes.change("akrida-worker", |object| object.existing = existing);
            sleep(Duration::from_millis(20));
        }
    }

    /// Users, and the workers that have some of them or wait for some.
    fn users_and_workers(&self) -> (u64, usize) {
        let snapshot = self.served.snapshot();
        let workers = snapshot["workers"].as_array().unwrap();
        let there = workers.iter().filter(|worker| worker["state"] != "missing").count();
        (snapshot["user_count"].as_u64().unwrap(), there)
    }

    fn view(&self) -> Value {
        self.served.get("/api/v1/rescale").json()
    }

    /// The newest change, as the page lists it.
    fn newest(&self) -> String {
        self.view()["changes"][0]["text"].as_str().unwrap_or_default().to_owned()
    }
}

#[test]
fn workers_come_with_users_and_go_with_them() {
    let target = super::target();
    let mut fleet = Fleet::start(Kubernetes::start(0), &target.url());
    fleet.served.akrida.logs("Workers follow load: one worker for 10 users, ");
    // A run cannot start without.
    fleet.until(|fleet| fleet.users_and_workers() == (0, 1));

    let swarm = |fleet: &Fleet, users: u32| {
        let answer = fleet.served.post("/swarm", &format!("user_count={users}&spawn_rate=100"));
        assert_eq!(answer.json()["success"], true, "{answer:?}");
    };
    swarm(&fleet, 25);
    fleet.until(|fleet| fleet.users_and_workers() == (25, 3));
    fleet.served.akrida.logs("Workers wanted of Kubernetes: 3 instead of 1. 25 users at 10 per worker.");
    fleet.until(|fleet| fleet.newest() == "workers 1 -> 3, by load (25 users at 10 per worker)");
    let told = fleet.view();
    assert!(told["follows"].as_str().unwrap().starts_with("The number follows load: "), "{told}");
    assert!(fleet.served.get("/rescale-form").body.contains("The number follows load: "));

    // More than the bound allows.
    swarm(&fleet, 500);
    fleet.until(|fleet| fleet.users_and_workers() == (500, 4));
    swarm(&fleet, 8);
    fleet.until(|fleet| fleet.users_and_workers() == (8, 1));
    fleet.until(|fleet| fleet.newest() == "workers 4 -> 1, by load (8 users at 10 per worker)");

    // What a person sets holds until the next change.
    let answer = fleet.served.post("/rescale", "worker_count=2");
    assert_eq!(answer.json()["success"], true, "{answer:?}");
    fleet.until(|fleet| fleet.newest() == "workers 2 -> 1, by load (8 users at 10 per worker)");
    assert_eq!(fleet.view()["changes"][1]["text"], "workers 1 -> 2, by 127.0.0.1");
    let asked: Vec<Value> = fleet.kubernetes.patches();
    let asked: Vec<i64> = asked.iter().map(|patch| patch["spec"]["replicas"].as_i64().unwrap()).collect();
    assert_eq!(asked, [1, 3, 4, 1, 2, 1]);
}

#[test]
fn a_missing_right_is_told_once_and_waited_for() {
    let kubernetes = Kubernetes::start(0);
    kubernetes.grant(vec![Grant::scale("get", "akrida-worker")]);
    let mut fleet = Fleet::start(kubernetes, "http://127.0.0.1:1");
    let refused = "Workers do not follow load: ";
    fleet.served.akrida.logs(refused);
    let patches = |fleet: &Fleet| fleet.kubernetes.patches().len();
    fleet.until(|fleet| patches(fleet) >= 2);
    assert_eq!(fleet.served.akrida.stderr().matches(refused).count(), 1, "{}", fleet.served.akrida.stderr());
    assert_eq!(fleet.view()["changes"], json!([]));
    fleet
        .kubernetes
        .grant(vec![Grant::scale("get", "akrida-worker"), Grant::scale("patch", "akrida-worker")]);
    fleet.until(|fleet| fleet.users_and_workers() == (0, 1));
}
