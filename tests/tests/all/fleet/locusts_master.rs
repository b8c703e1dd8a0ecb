//! Workers of ours, alone and beside Locust's, work for a Locust master that is led by its HTTP API, through two
//! runs. What it shows is what arrived, request by request.

use super::ground::{BETWEEN, Counted, Ground, LOCUSTS_EXCEPTION, STOP_TIMEOUT, users};
use super::web::Web;
use crate::binary::{Akrida, free_port, now};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::Duration;

struct Fleet {
    ground: Ground,
    web: Web,
    master: Akrida,
    /// The first ones are ours.
    workers: Vec<Akrida>,
}

impl Fleet {
    /// A master with so many workers of ours and of Locust, all of which are ready.
    fn meet(ours: usize, locusts: usize) -> Self {
        let ground = Ground::new();
        let (web, port) = (free_port(), free_port());
        let (url, stop_timeout) = (ground.target.url(), STOP_TIMEOUT.to_string());
        let load = ["-f", &ground.locustfile, "-H", &url, "--stop-timeout", &stop_timeout];
        let here = ["--web-host", "127.0.0.1", "--web-port", &web];
        let fleet = ["--master", "--master-bind-port", &port];
        let master = Akrida::start_locust(&[&load[..], &here, &fleet].concat());
        let joins = ["--worker", "--master-port", &port];
        let our = || Akrida::start(&[&["-f", &ground.scenario], &joins[..]].concat());
        let their = || Akrida::start_locust(&[&["-f", &ground.locustfile], &joins[..]].concat());
        let mut workers: Vec<Akrida> = (0..ours).map(|_| our()).collect();
        workers.extend((0..locusts).map(|_| their()));
        let fleet = Self { web: Web::at(&web), ground, master, workers };
        fleet.ready(ours + locusts);
        fleet
    }

    /// Waits until so many workers are there.
    fn ready(&self, workers: usize) {
        self.web.until("/worker-count", |answer| answer["worker_count"] == workers);
    }

    /// Wants so many users.
    fn swarm(&self, users: u64) {
        let answer = self.web.post("/swarm", &format!("user_count={users}&spawn_rate=10"));
        assert_eq!(answer["success"], true, "{answer}");
    }

    /// Waits until so many users run, on so many workers.
    fn reach(&self, users: u64, workers: usize) {
        let at_work = |answer: &Value| {
            let all = answer["workers"].as_array().unwrap().iter();
            all.filter(|worker| worker["user_count"].as_u64().unwrap() > 0).count()
        };
        self.web.until("/stats/requests", |answer| {
            answer["state"] == "running" && answer["user_count"] == users && at_work(answer) == workers
        });
    }

    /// Waits until these users run, on so many workers.
    fn run(&self, wanted: &BTreeMap<String, u64>, workers: usize) {
        let total: u64 = wanted.values().sum();
        self.reach(total, workers);
        // Shares of the users that workers tell of, to three digits.
        self.web.until("/tasks", |answer| {
            wanted.iter().all(|(class, users)| {
                let share = answer["total"][class]["ratio"].as_f64().unwrap_or(0.0);
                (share * total as f64 - *users as f64).abs() < 0.1
            })
        });
    }

    /// Waits until so many more requests of each kind have arrived.
    fn load(&self, more: u64) {
        let before = self.ground.counted();
        self.master.until(|| {
            let counted = self.ground.counted().since(&before);
            ["GET /read", "POST /write", "GET /watch"]
                .iter()
                .all(|key| counted.requests.get(*key).is_some_and(|count| *count >= more))
        });
    }

    /// Stops the run; four seconds later all that arrived since `before` is shown.
    fn stop(&self, before: &Counted) -> (Value, Counted) {
        assert_eq!(self.web.post("/stop", "")["success"], true);
        let stopped = now();
        let counted = self.ground.counted();
        let expected = counted.since(before);
        // Its answers are two seconds old at times.
        let figures = self.web.until("/stats/requests", |answer| shown(answer) == expected.requests);
        assert_eq!(failures(&figures), expected.failures());
        let rps = figures["total_rps"].as_f64().unwrap();
        assert!(rps > 1.0, "the run began when it did: {rps} requests per second");
        let exceptions = self.web.get("/exceptions").unwrap();
        let counts = exceptions["exceptions"].as_array().unwrap().iter().map(|row| row["count"].as_u64());
        assert_eq!(counts.map(Option::unwrap).sum::<u64>(), expected.exceptions, "{exceptions}");
        sleep(BETWEEN.saturating_sub(stopped.elapsed()));
        assert_eq!(self.ground.counted(), counted, "nobody works between two runs");
        (exceptions, counted)
    }

    /// The master is asked to end, and sends its workers home.
    fn quit(self) {
        // A worker of Locust's that sleeps is forgotten by its master, and would wait a minute for it.
        self.ready(self.workers.len());
        self.master.terminate();
        // It tells of failures and exceptions.
        self.master.end(Duration::from_secs(STOP_TIMEOUT)).exits(1);
        for worker in self.workers {
            worker.end(Duration::from_secs(STOP_TIMEOUT)).exits(0);
        }
    }
}

/// Requests by `METHOD name`; rows that were zeroed are none.
fn shown(figures: &Value) -> BTreeMap<String, u64> {
    by_request(figures, "num_requests")
}

/// Failures by request: as rows count them, which must be as errors do.
fn failures(figures: &Value) -> BTreeMap<String, u64> {
    let rows = by_request(figures, "num_failures");
    let mut errors = BTreeMap::new();
    for error in figures["errors"].as_array().unwrap() {
        *errors.entry(request(error)).or_insert(0) += error["occurrences"].as_u64().unwrap();
    }
    assert_eq!(rows, errors);
    rows
}

fn by_request(figures: &Value, count: &str) -> BTreeMap<String, u64> {
    let rows = figures["stats"].as_array().unwrap().iter().filter(|row| row["name"] != "Aggregated");
    let counts = rows.map(|row| (request(row), row[count].as_u64().unwrap()));
    counts.filter(|(_, count)| *count > 0).collect()
}

fn request(row: &Value) -> String {
    format!("{} {}", row["method"].as_str().unwrap(), row["name"].as_str().unwrap())
}

/// Ramps, edits up and down, stops.
fn first_run(fleet: &Fleet) -> (Value, Counted) {
    fleet.swarm(8);
    fleet.run(&users(4, 2, 2), 2);
    fleet.swarm(20);
    fleet.run(&users(13, 2, 5), 2);
    fleet.load(30);
    fleet.swarm(6);
    fleet.run(&users(3, 2, 1), 2);
    fleet.load(10);
    fleet.stop(&Counted::default())
}

#[test]
fn our_workers_work_for_locusts_master_and_one_that_is_asked_to_end_takes_nothing_with_it() {
    let mut fleet = Fleet::meet(2, 0);
    let (exceptions, counted) = first_run(&fleet);
    let rows = exceptions["exceptions"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["msg"].as_str().unwrap().contains("tea")), "{exceptions}");
    // The host of the run wins over that of a class.
    fleet.web.change(&json!({ "user_class_name": "Reader", "weight": 3, "host": "http://127.0.0.1:1" }));
    let changed = "The master changes host of user class Reader.";
    fleet.workers.iter().for_each(|worker| worker.logs(changed));
    fleet.swarm(20);
    fleet.run(&users(13, 2, 5), 2);
    fleet.load(10);
    let leaving = fleet.workers.remove(0);
    leaving.terminate();
    leaving.end(Duration::from_secs(STOP_TIMEOUT)).exits(0);
    fleet.run(&users(13, 2, 5), 1);
    fleet.load(10);
    fleet.stop(&counted);
    fleet.quit();
}

#[test]
fn a_mixed_fleet_works_for_locusts_master_through_two_runs() {
    let fleet = Fleet::meet(1, 1);
    let (exceptions, counted) = first_run(&fleet);
    let rows = exceptions["exceptions"].as_array().unwrap();
    let of = |msg: &str| {
        let row = rows.iter().find(|row| row["msg"].as_str().unwrap().contains(msg));
        row.unwrap_or_else(|| panic!("{exceptions}"))["nodes"].clone()
    };
    assert_ne!(of(LOCUSTS_EXCEPTION), of("tea"), "each on its own node");
    // Four seconds after the stop Locust's worker still sleeps; it joins when its stop timeout is over.
    fleet.swarm(20);
    fleet.load(10);
    fleet.ready(2);
    fleet.run(&users(13, 2, 5), 2);
    fleet.load(10);
    fleet.stop(&counted);
    fleet.quit();
}

#[test]
fn a_storm_of_edits_loses_nothing() {
    let fleet = Fleet::meet(2, 1);
    for number in 0..30_u64 {
        fleet.swarm(4 + number * 37 % 44);
        sleep(Duration::from_millis(number * 13 % 100));
    }
    fleet.swarm(20);
    // Of which classes depends on the way there: Locust does not wind back its order of classes on the way down.
    fleet.reach(20, 3);
    fleet.load(10);
    fleet.stop(&Counted::default());
    fleet.quit();
}
