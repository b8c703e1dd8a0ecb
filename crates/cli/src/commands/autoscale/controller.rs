//! The controller: one round after the other, told in the log, as Events and as metrics.

use super::status::Status;
use super::world::{Tester, World, now};
use super::{drawn, load};
use crate::commands::print;
use crate::commands::run::all_have_hosts;
use crate::environment;
use crate::exit::{Failure, GENERATOR, PASSED};
use crate::log::{Level, Log, Speaker};
use crate::plan::Task;
use crate::plan::autoscale::{AutoscalePlan, never_ends};
use crate::screen::Screen;
use crate::session::runtime;
use crate::settings::Layer;
use crate::source::{self, Loaded};
use crate::{reporter, signals, startup, system};
use akrida_autoscaler::evaluation::{Evaluation, Target};
use akrida_autoscaler::round::{End, Report, Round};
use akrida_autoscaler::site::{Event, Site};
use akrida_report::text::visible;
use akrida_scaler::Cluster;
use akrida_scenario::Stage;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{MissedTickBehavior, interval, sleep};

/// Between two tries to find the target at the beginning.
const AGAIN: Duration = Duration::from_secs(5);

/// Scales until somebody ends it, or so many rounds are over.
///
/// # Errors
/// When something that was asked for cannot be read, or does not fit together.
pub(crate) fn autoscale(typed: Layer) -> Result<u8, Failure> {
    let (mut plan, asked, notices) = startup::autoscale(typed)?;
    let mut lasts = lasting(&plan.load.stages) + plan.load.run_time.unwrap_or_default();
    let (tester, requested) = match &asked.master {
        Some(master) => (Tester::There { master: master.clone(), plan: Box::new(plan.clone()) }, None),
        None => {
            let Loaded { scenario, warnings, .. } = source::load(&plan.test, &plan.selection)?;
            plan.fit(&scenario);
            if plan.load.run_time.is_none() && plan.load.stages.is_empty() && scenario.stages.is_empty() {
                return Err(never_ends());
            }
            all_have_hosts(&plan, &scenario)?;
            lasts += lasting(&scenario.stages);
            warnings.iter().for_each(|warning| Screen::stderr().print(&format!("Note: {warning}\n")));
            let requested = scenario.requested(plan.load.host.as_deref());
            (Tester::Here { scenario: Arc::new(scenario), plan: Box::new(plan.clone()) }, Some(requested))
        }
    };
    let evaluation = load(&asked.evaluation, requested.as_ref(), (None, None), drawn)?;
    if plan.task == Task::List {
        print(&listed(&evaluation));
        return Ok(PASSED);
    }
    let cluster = Cluster::new(environment::cluster_access());
    if !cluster.is_there() {
        return Err(Failure::usage(
            "there is no cluster here",
            "run this in a pod that has a service account, or set KUBECONFIG",
        ));
    }
    system::raise_open_files();
    let log = reporter::log(&plan.output, &system::host_name(), &Screen::stderr())?;
    log.info(Speaker::Main, &format!("Starting Akrida {}", env!("CARGO_PKG_VERSION")));
    notices.iter().for_each(|notice| log.line(notice.level, Speaker::Main, &notice.text));
    runtime()?.block_on(async {
        let interrupted = signals::listen(log.clone())?;
        let status = Status::serve(asked.status_port, patience(asked.interval, lasts)).await?;
        log.info(Speaker::Main, &format!("Health and metrics at http://{}", status.address()));
        let controller = Controller { evaluation, asked, log, status };
        controller.run(Arc::new(cluster), tester, interrupted).await
    })
}

/// What `--list` prints once everything is read: each target.
fn listed(evaluation: &Evaluation) -> String {
    let targets = evaluation.targets.iter();
    let line = |Target { method, endpoint, what, limit }: &Target| {
        format!("{} {}: {what} at most {}\n", visible(method), visible(endpoint), what.show(*limit))
    };
    targets.map(line).collect()
}

fn lasting(stages: &[Stage]) -> Duration {
    stages.iter().map(|stage| stage.duration).sum()
}

/// How long no round may end before the controller counts as stuck, with tests that last so long.
fn patience(interval: Duration, lasts: Duration) -> Duration {
    3 * (interval + lasts) + Duration::from_secs(60)
}

struct Controller {
    evaluation: Evaluation,
    asked: AutoscalePlan,
    log: Log,
    status: Status,
}

impl Controller {
    async fn run<T>(
        self,
        cluster: Arc<Cluster>,
        tester: Tester,
        mut interrupted: oneshot::Receiver<T>,
    ) -> Result<u8, Failure> {
        let site = tokio::select! {
            site = self.find(&cluster) => site,
            _ = &mut interrupted => return Ok(PASSED),
        };
        let AutoscalePlan { interval: period, state, ways, rounds, .. } = &self.asked;
        let (min, max) = (self.evaluation.min, self.evaluation.max);
        let dry = if ways.dry_run { ", changing nothing (dry run)" } else { "" };
        let text = format!(
            "Scaling {} between {min} and {max} replicas every {} s{dry}",
            site.name(),
            period.as_secs_f64()
        );
        self.log.info(Speaker::Main, &text);
        let mut world = World { site, tester, state: state.clone(), dry: ways.dry_run.then(String::new) };
        let mut ticks = interval(*period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let (mut number, mut last) = (0, None);
        loop {
            // A round that is broken off is one that was lost: the next controller goes on as if it had not been.
            let report = tokio::select! {
                biased;
                _ = &mut interrupted => break,
                report = async {
                    ticks.tick().await;
                    world.play(Round::new(&self.evaluation, *ways)).await
                } => report,
            };
            number += 1;
            self.tell(number, &report, last, &world.site).await;
            last = Some(report.end);
            if rounds.is_some_and(|rounds| number >= rounds) {
                break;
            }
        }
        self.log.info(Speaker::Main, "Shutting down");
        Ok(if rounds.is_some() && last == Some(End::Failed) { GENERATOR } else { PASSED })
    }

    /// Finds the target, however long that takes: the API server may come later than this pod.
    async fn find(&self, cluster: &Arc<Cluster>) -> Site {
        loop {
            match Site::find(cluster.clone(), &self.asked.target, self.asked.namespace.as_deref()).await {
                Ok(site) => return site,
                Err(why) => self.log.warning(Speaker::Main, &format!("Cannot begin: {why}")),
            }
            sleep(AGAIN).await;
        }
    }

    /// Tells of a round; as an Event only what is news.
    async fn tell(&self, number: u64, report: &Report, last: Option<End>, site: &Site) {
        let level = match report.end {
            End::Failed | End::Rival => Level::Warning,
            _ => Level::Info,
        };
        self.log.line(level, Speaker::Run, &format!("Round {number}: {}", report.text));
        self.status.round(&self.evaluation, report, now());
        let (reason, warning) = match report.end {
            End::Scaled => ("Rescaled", false),
            End::Failed if last != Some(End::Failed) => ("AutoscalingFailed", true),
            End::Rival if last != Some(End::Rival) => ("AutoscalingRefused", true),
            End::Off if last != Some(End::Off) => ("AutoscalingOff", false),
            _ => return,
        };
        if self.asked.ways.dry_run {
            return;
        }
        let at = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let event = Event { reason, warning, message: &report.text, at: &at };
        if let Err(why) = site.tell(&event).await {
            self.log.warning(Speaker::Run, &format!("The Event {reason} is told nowhere else: {why}"));
        }
    }
}
