//! What the steps of a round do: in the cluster, with files, and by tests.

use super::{remote, state_file};
use crate::plan::Plan;
use crate::plan::autoscale::{Remote, State};
use crate::session;
use akrida_autoscaler::measured::Measured;
use akrida_autoscaler::round::{Answer, Report, Round, Step};
use akrida_autoscaler::site::Site;
use akrida_scenario::Scenario;
use jiff::Timestamp;
use std::sync::Arc;

/// How tests are run.
pub(super) enum Tester {
    /// In this process.
    Here { scenario: Arc<Scenario>, plan: Box<Plan> },
    /// On a master.
    There { master: Remote, plan: Box<Plan> },
}

/// Where rounds have their effects.
pub(super) struct World {
    pub(super) site: Site,
    pub(super) tester: Tester,
    pub(super) state: State,
    /// In a dry run nothing is written anywhere; what is remembered is here.
    pub(super) dry: Option<String>,
}

impl World {
    /// Plays one round to its end.
    pub(super) async fn play(&mut self, mut round: Round<'_>) -> Report {
        let mut step = Step::ReadReplicas;
        loop {
            let answer = match step {
                Step::ReadReplicas => Answer::Replicas(self.site.replicas().await),
                Step::FindRivals => Answer::Rivals(self.site.rivals().await),
                Step::Test => Answer::Tested(self.test().await),
                Step::ReadKept => Answer::Kept(self.read().await),
                Step::Keep(text) => Answer::Done(self.keep(text).await),
                Step::Scale(count) => Answer::Replicas(self.site.scale(count).await),
                Step::Tell(report) => return report,
            };
            step = round.on(now(), answer);
        }
    }

    async fn test(&self) -> Result<Measured, String> {
        match &self.tester {
            Tester::Here { scenario, plan } => {
                session::run_short(scenario, plan).await.map(|snapshot| Measured::of(&snapshot))
            }
            Tester::There { master, plan } => remote::run(master, &plan.load).await,
        }
    }

    async fn read(&self) -> Result<String, String> {
        match (&self.dry, &self.state) {
            (Some(text), _) if !text.is_empty() => Ok(text.clone()),
            (_, State::File(path)) => {
                state_file::read(path).map_err(|error| format!("{}: {error}", path.display()))
            }
            (_, State::Cluster(keep)) => self.site.read(keep).await,
        }
    }

    async fn keep(&mut self, text: String) -> Result<(), String> {
        match (&mut self.dry, &self.state) {
            (Some(dry), _) => {
                *dry = text;
                Ok(())
            }
            (None, State::File(path)) => {
                state_file::write(path, &text).map_err(|error| format!("{}: {error}", path.display()))
            }
            (None, State::Cluster(keep)) => self.site.keep(keep, &text).await,
        }
    }
}

/// Unix seconds.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of this century are exact in a float")]
pub(super) fn now() -> f64 {
    Timestamp::now().as_millisecond() as f64 / 1e3
}
