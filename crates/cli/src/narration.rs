//! What happens in a run, in Locust's words.

use crate::log::{Level, Speaker};
use akrida_run::{ClassCounts, FleetEventKind, StopReason};
use std::time::Duration;

/// Where it happens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene {
    /// Whether workers are other processes, which come and go; alone, the only one is in this process.
    pub(crate) fleet: bool,
    /// Whether the process goes on when a run is over.
    pub(crate) stays: bool,
}

/// A log line about what happened.
pub(crate) fn line(kind: &FleetEventKind, Scene { fleet, stays }: Scene) -> (Level, Speaker, String) {
    use FleetEventKind as Kind;
    use Level::{Debug, Info, Warning};
    use Speaker::Run;
    match kind {
        Kind::WorkerReady { id, .. } | Kind::WorkerLeft { id, .. } if !fleet => {
            (Debug, Run, format!("The worker in this process ({id}) comes or goes"))
        }
        Kind::WorkerReady { id, index, generation, workers } => (
            Info,
            Run,
            format!(
                "{id} (index {index}, Locust {generation}) reported as ready. {workers} workers connected."
            ),
        ),
        Kind::WorkerRecognised { id, index, generation } => {
            (Info, Run, format!("{id} (index {index}) speaks as Locust {generation} does."))
        }
        Kind::WorkerLeft { id, index, workers } => {
            (Info, Run, format!("Worker '{id}' (index {index}) quit. {workers} workers connected."))
        }
        Kind::WorkerMissing { id } => {
            (Warning, Run, format!("Worker {id} failed to send heartbeat, setting state to missing."))
        }
        Kind::WorkerBack { id } => (Info, Run, format!("Worker {id} self-healed with heartbeat")),
        Kind::WorkerSaturated { lag_ms, .. } => {
            (Warning, Run, format!("Limited by the generator: requests start {lag_ms:.0} ms late"))
        }
        Kind::WorkerBusy { id, index } => (
            Warning,
            Run,
            format!(
                "Worker {id} (index {index}) exceeded cpu threshold (will only log this once per worker)"
            ),
        ),
        Kind::WorkerSkewed { id, ahead } => {
            let how = if *ahead < 0.0 { "behind" } else { "ahead of" };
            let seconds = ahead.abs();
            (Warning, Run, format!("The clock of worker {id} is {seconds:.1} s {how} the master's: set it"))
        }
        Kind::MasterLate { lag_ms } => {
            (Warning, Run, format!("The master has too much to do: it is {lag_ms:.0} ms late"))
        }
        Kind::Resumed { away, users, workers, requests } => (
            Info,
            Run,
            format!(
                "Going on with the run of the master before, {away:.1} s after it last wrote its journal: {users} users on \
                 {workers} workers, {requests} requests so far"
            ),
        ),
        Kind::Ramping { target, spawn_rate, workers } if fleet => (
            Info,
            Run,
            format!(
                "Sending spawn jobs of {target} users at {spawn_rate:.2} spawn rate to {workers} ready workers"
            ),
        ),
        Kind::Ramping { target, spawn_rate, .. } => {
            (Info, Run, format!("Ramping to {target} users at a rate of {spawn_rate:.2} per second"))
        }
        Kind::Spawned { users, unclassed } => {
            (Info, Run, format!("All users spawned: {}", counts(users, *unclassed)))
        }
        Kind::StageBegan { index, name } => (Info, Run, stage(*index, name)),
        Kind::Stopping { reason } => stopping(reason, stays),
        Kind::Stopped => (Debug, Run, "All users stopped".to_owned()),
        Kind::Warning(text) => (Warning, Run, text.clone()),
        Kind::Rescaled { from, to, why } => {
            (Info, Run, format!("Workers wanted of Kubernetes: {to} instead of {from}. {why}."))
        }
    }
}

fn stopping(reason: &StopReason, stays: bool) -> (Level, Speaker, String) {
    let end = if stays { "stopping test" } else { "shutting down" };
    let (level, text) = match reason {
        StopReason::Asked => (Level::Debug, "Stopping all users".to_owned()),
        StopReason::RunTime => (Level::Info, format!("--run-time limit reached, {end}")),
        StopReason::Stages => (Level::Info, format!("The last stage is over, {end}")),
        StopReason::UsersEnded => (Level::Info, format!("All users have ended by themselves, {end}")),
        StopReason::User(reason) => (Level::Info, format!("A user ends the run, {end}: {reason}")),
        StopReason::Threshold(text) => (Level::Error, format!("Threshold broken, {end}: {text}")),
        StopReason::NoWorkers => (Level::Error, "The last worker quit, stopping test.".to_owned()),
    };
    (level, Speaker::Main, text)
}

/// `Stage 2 begins`, with its name where it is more than its number.
fn stage(index: usize, name: &str) -> String {
    let number = index + 1;
    if name == number.to_string() {
        format!("Stage {number} begins")
    } else {
        format!("Stage {number} begins: {name}")
    }
}

/// `{"A": 2, "B": 1} (3 total users)`, with those whose classes are not known.
fn counts(users: &ClassCounts, unclassed: u64) -> String {
    let classes: Vec<_> = users
        .iter()
        .map(|(name, count)| format!("{}: {count}", serde_json::Value::from(name.as_str())))
        .collect();
    let others = match unclassed {
        0 => String::new(),
        others => format!(" and {others} of classes that their workers chose"),
    };
    let all = users.values().fold(unclassed, |sum, users| sum.saturating_add(*users));
    format!("{{{}}}{others} ({all} total users)", classes.join(", "))
}

/// What is said of the run time before the run.
pub(crate) fn run_time(limit: Option<Duration>, staged: bool) -> Option<String> {
    match limit {
        Some(time) => Some(format!("Run time limit set to {} seconds", time.as_secs_f64())),
        None if staged => None,
        None => Some("No run time limit set, use CTRL+C to interrupt".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let id = || "host_1".to_owned();
        let kinds = [
            FleetEventKind::WorkerReady {
                id: id(),
                index: 3,
                generation: "0.10 to 1.6".to_owned(),
                workers: 1,
            },
            FleetEventKind::WorkerRecognised { id: id(), index: 3, generation: "0.14".to_owned() },
            FleetEventKind::WorkerLeft { id: id(), index: 3, workers: 0 },
            FleetEventKind::WorkerMissing { id: id() },
            FleetEventKind::WorkerBack { id: id() },
            FleetEventKind::WorkerSaturated { id: id(), lag_ms: 45.6 },
            FleetEventKind::WorkerBusy { id: id(), index: 3 },
            FleetEventKind::WorkerSkewed { id: id(), ahead: -7.25 },
            FleetEventKind::MasterLate { lag_ms: 250.4 },
            FleetEventKind::Resumed { away: 1.25, users: 50, workers: 6, requests: 1_234 },
            FleetEventKind::Ramping { target: 50, spawn_rate: 50.0, workers: 1 },
            FleetEventKind::Spawned {
                users: [("B\"".to_owned(), 1), ("A".to_owned(), 2)].into(),
                unclassed: 0,
            },
            FleetEventKind::Spawned { users: [("A".to_owned(), 2)].into(), unclassed: 5 },
            FleetEventKind::StageBegan { index: 0, name: "1".to_owned() },
            FleetEventKind::StageBegan { index: 1, name: "peak".to_owned() },
            FleetEventKind::Stopping { reason: StopReason::Asked },
            FleetEventKind::Stopping { reason: StopReason::RunTime },
            FleetEventKind::Stopping { reason: StopReason::Stages },
            FleetEventKind::Stopping { reason: StopReason::UsersEnded },
            FleetEventKind::Stopping { reason: StopReason::User("stop: run".to_owned()) },
            FleetEventKind::Stopping { reason: StopReason::NoWorkers },
            FleetEventKind::Stopping { reason: StopReason::Threshold("p95 > 1s abort".to_owned()) },
            FleetEventKind::Stopped,
            FleetEventKind::Warning("Something is ignored.".to_owned()),
            FleetEventKind::Rescaled { from: 2, to: 3, why: "250 users at 100 per worker".to_owned() },
        ];
        let shown = kinds.map(|kind| {
            let (level, speaker, text) = line(&kind, Scene { fleet: true, stays: false });
            format!("{level:?} {speaker:?} {text}\n")
        });
        insta::assert_snapshot!(shown.concat(), @r#"
        Info Run host_1 (index 3, Locust 0.10 to 1.6) reported as ready. 1 workers connected.
        Info Run host_1 (index 3) speaks as Locust 0.14 does.
        Info Run Worker 'host_1' (index 3) quit. 0 workers connected.
        Warning Run Worker host_1 failed to send heartbeat, setting state to missing.
        Info Run Worker host_1 self-healed with heartbeat
        Warning Run Limited by the generator: requests start 46 ms late
        Warning Run Worker host_1 (index 3) exceeded cpu threshold (will only log this once per worker)
        Warning Run The clock of worker host_1 is 7.2 s behind the master's: set it
        Warning Run The master has too much to do: it is 250 ms late
        Info Run Going on with the run of the master before, 1.2 s after it last wrote its journal: 50 users on 6 workers, 1234 requests so far
        Info Run Sending spawn jobs of 50 users at 50.00 spawn rate to 1 ready workers
        Info Run All users spawned: {"A": 2, "B\"": 1} (3 total users)
        Info Run All users spawned: {"A": 2} and 5 of classes that their workers chose (7 total users)
        Info Run Stage 1 begins
        Info Run Stage 2 begins: peak
        Debug Main Stopping all users
        Info Main --run-time limit reached, shutting down
        Info Main The last stage is over, shutting down
        Info Main All users have ended by themselves, shutting down
        Info Main A user ends the run, shutting down: stop: run
        Error Main The last worker quit, stopping test.
        Error Main Threshold broken, shutting down: p95 > 1s abort
        Debug Run All users stopped
        Warning Run Something is ignored.
        Info Run Workers wanted of Kubernetes: 3 instead of 2. 250 users at 100 per worker.
        "#);
    }

    #[test]
    fn alone_nobody_hears_of_workers() {
        const ALONE: Scene = Scene { fleet: false, stays: true };
        let limit = FleetEventKind::Stopping { reason: StopReason::RunTime };
        assert_eq!(line(&limit, ALONE).2, "--run-time limit reached, stopping test");
        let ready = FleetEventKind::WorkerReady {
            id: "local".to_owned(),
            index: 0,
            generation: "2.47.0".to_owned(),
            workers: 1,
        };
        assert_eq!(line(&ready, ALONE).0, Level::Debug);
        let ramping = FleetEventKind::Ramping { target: 50, spawn_rate: 50.0, workers: 1 };
        assert_eq!(line(&ramping, ALONE).2, "Ramping to 50 users at a rate of 50.00 per second");
    }

    #[test]
    fn run_times() {
        let check = |seconds: Option<f64>, staged, expected: Option<&str>| {
            assert_eq!(run_time(seconds.map(Duration::from_secs_f64), staged).as_deref(), expected);
        };
        check(Some(10.0), false, Some("Run time limit set to 10 seconds"));
        check(Some(1.5), true, Some("Run time limit set to 1.5 seconds"));
        check(None, false, Some("No run time limit set, use CTRL+C to interrupt"));
        check(None, true, None);
    }
}
