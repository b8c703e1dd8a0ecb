//! What happened, in sentences.

use super::view::utc;
use crate::numbers::{count, ms, plural, rate};
use akrida_run::{FleetEvent, FleetEventKind as Kind, StopReason};

pub(super) struct EventView {
    pub(super) at: String,
    pub(super) text: String,
    pub(super) bad: bool,
}

impl EventView {
    pub(super) fn of(event: &FleetEvent) -> Self {
        let bad = matches!(
            event.kind,
            Kind::WorkerMissing { .. }
                | Kind::WorkerSaturated { .. }
                | Kind::WorkerBusy { .. }
                | Kind::WorkerSkewed { .. }
                | Kind::MasterLate { .. }
                | Kind::Warning(_)
                | Kind::Stopping { reason: StopReason::NoWorkers }
        );
        Self { at: utc(event.at), text: text(&event.kind), bad }
    }
}

fn text(kind: &Kind) -> String {
    match kind {
        Kind::WorkerReady { id, workers, .. } => {
            format!("Worker {id} is ready; {} connected.", plural(*workers, "worker"))
        }
        Kind::WorkerRecognised { id, generation, .. } => {
            format!("Worker {id} speaks as Locust {generation} does.")
        }
        Kind::WorkerLeft { id, workers, .. } => {
            format!("Worker {id} left; {} connected.", plural(*workers, "worker"))
        }
        Kind::WorkerMissing { id } => format!("Worker {id} fell silent."),
        Kind::WorkerBack { id } => format!("Worker {id} is heard again."),
        Kind::WorkerSaturated { id, lag_ms } => {
            format!("Worker {id} starts requests {} ms late.", ms(*lag_ms))
        }
        Kind::WorkerBusy { id, .. } => format!("Worker {id} has too little processor left for exact times."),
        Kind::WorkerSkewed { id, ahead } => {
            format!("The clock of worker {id} is {ahead:.1} s ahead of the master's.")
        }
        Kind::MasterLate { lag_ms } => format!("The master is {} ms late.", ms(*lag_ms)),
        Kind::Resumed { away, users, workers, .. } => format!(
            "Another master went on after {away:.1} s, with {} on {}.",
            plural(*users, "user"),
            plural(*workers, "worker")
        ),
        Kind::Ramping { target, spawn_rate, workers } => format!(
            "Users on the way to {} at {} a second, on {}.",
            count(*target),
            rate(*spawn_rate),
            plural(*workers, "worker")
        ),
        Kind::Spawned { users, unclassed } => {
            let all = users.values().fold(*unclassed, |sum, users| sum.saturating_add(*users));
            format!("All {} run.", plural(all, "user"))
        }
        Kind::StageBegan { index, name } => format!("Stage {} begins: {name}.", index + 1),
        Kind::Stopping { reason } => match reason {
            StopReason::Asked => "Somebody stops the run.".to_owned(),
            StopReason::RunTime => "The run time is over.".to_owned(),
            StopReason::Stages => "The last stage is over.".to_owned(),
            StopReason::UsersEnded => "All users have ended by themselves.".to_owned(),
            StopReason::User(reason) => format!("A user ends the run: {reason}."),
            StopReason::NoWorkers => "No worker is left.".to_owned(),
            StopReason::Threshold(text) => format!("A threshold is broken: {text}"),
        },
        Kind::Stopped => "All users are stopped.".to_owned(),
        Kind::Warning(text) => text.clone(),
        Kind::Rescaled { from, to, why } => {
            format!("{} wanted, no longer {}: {why}.", plural(*to, "worker"), count(*from))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_marked_where_workers_followed_load() {
        let why = "250 users at 100 per worker".to_owned();
        let event = FleetEvent { at: 0.0, kind: Kind::Rescaled { from: 2, to: 3, why } };
        let told = EventView::of(&event);
        assert_eq!(told.text, "3 workers wanted, no longer 2: 250 users at 100 per worker.");
        assert!(!told.bad);
    }
}
