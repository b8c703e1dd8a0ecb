//! The web face of a process, made from what was asked for.

use crate::environment;
use crate::exit::Failure;
use crate::files;
use crate::log::{Log, Speaker};
use crate::plan::{MASTER_PORT, Plan, RescalePlan, Role, Test, WebPlan};
use akrida_report::run_file;
use akrida_scaler::{Cluster, Scaler};
use akrida_scenario::Scenario;
use akrida_ui::login::Users;
use akrida_ui::{About, Class, Config, Face, Rescale, Task, Tls};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Largest file of certificates, a key or users, bytes.
const FILE: u64 = 1 << 20;

/// A web face that has its address.
pub(crate) struct Web {
    pub(super) face: Face,
    pub(super) config: Config,
    pub(super) autostart: bool,
    pub(super) autoquit: Option<Duration>,
}

impl Web {
    /// Takes the address, and tells the log what it is. `needs_host` is a class that cannot run without one;
    /// `report` is what reports say of the test.
    ///
    /// # Errors
    /// When the address cannot be had, or a file cannot be used.
    pub(crate) fn open(
        plan: &Plan,
        web: &WebPlan,
        scenario: &Scenario,
        needs_host: Option<&str>,
        report: run_file::About,
        log: &Log,
    ) -> Result<Self, Failure> {
        let tls = web.tls.as_ref().map(|(certificate, key)| tls(certificate, key)).transpose()?;
        let users = web.users.as_deref().map(users).transpose()?;
        let face = Face::bind(&web.host, web.port).map_err(|error| {
            Failure::generator(
                format!("The web port {} cannot be had: {error}", web.port),
                "end the program that has it, or choose another one with --web-port",
            )
        })?;
        let protocol = if tls.is_some() { "https" } else { "http" };
        let own = format!("{protocol}://{}{}", face.address(), web.base.as_str());
        let address = web.display_name.as_ref().filter(|_| web.host.is_empty()).unwrap_or(&own);
        log.info(Speaker::Main, &format!("Starting web interface at {address}"));
        let config = Config {
            about: about(plan, web, scenario, needs_host),
            base: web.base.clone(),
            tail: log.tail(),
            users,
            open_stats: web.open_stats,
            origins: web.origins.clone(),
            hosts: web.hosts.clone(),
            tls,
            rescale: web.rescale.as_ref().map(|rescaled| rescale(rescaled, plan, log)),
            report,
            runs_dir: plan.output.runs_dir.clone(),
        };
        Ok(Self { face, config, autostart: web.autostart, autoquit: web.autoquit })
    }

    /// Of a master whose workers come by this port.
    pub(super) fn with_master_port(mut self, port: u16) -> Self {
        self.config.about.master_port = (port != MASTER_PORT).then_some(port);
        self
    }
}

/// The workers that Kubernetes runs. The API server is not reached before somebody wants something of it.
fn rescale(rescaled: &RescalePlan, plan: &Plan, log: &Log) -> Rescale {
    let cluster = Cluster::new(environment::cluster_access());
    let log = log.clone();
    let following = match &plan.role {
        Role::Master(master) => master.follow.as_ref(),
        _ => None,
    };
    Rescale {
        scaler: Scaler::new(Arc::new(cluster), rescaled.target.clone()),
        bounds: rescaled.bounds.clone(),
        follows: following.map(|plan| {
            format!("The number follows load: {}. What is set here holds until the next change.", plan.rules)
        }),
        announce: Box::new(move |text| log.info(Speaker::Run, text)),
    }
}

fn about(plan: &Plan, web: &WebPlan, scenario: &Scenario, needs_host: Option<&str>) -> About {
    let load = &plan.load;
    let classes = scenario.classes.iter().map(|class| Class {
        name: class.name.clone(),
        weight: class.weight.into(),
        fixed_count: class.fixed_count,
        host: class.host.clone(),
        open: class.arrivals.is_some(),
        tasks: class
            .tasks
            .iter()
            .map(|task| Task { name: task.name.clone(), weight: task.weight.into() })
            .collect(),
    });
    About {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        locustfile: file_names(&plan.test, scenario),
        classes: classes.collect(),
        stages: if load.stages.is_empty() { scenario.stages.clone() } else { load.stages.clone() },
        users: load.users,
        spawn_rate: load.spawn_rate,
        host: load.host.clone(),
        run_time: load.run_time,
        stop_timeout: load.stop_timeout,
        needs_host: needs_host.map(str::to_owned),
        options: scenario.options().into_iter().cloned().collect(),
        distributed: matches!(plan.role, Role::Master(_)),
        master_port: None,
        class_picker: web.class_picker,
        profile: plan.output.profile.clone(),
        full_history: plan
            .output
            .csv
            .as_ref()
            .filter(|csv| csv.full_history)
            .map(|csv| PathBuf::from(format!("{}_stats_history.csv", csv.prefix))),
    }
}

/// As Locust shows them: without folders.
fn file_names(test: &Test, scenario: &Scenario) -> String {
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match test {
        Test::Files(paths) => paths.iter().map(name).collect::<Vec<_>>().join(","),
        _ => name(&PathBuf::from(&scenario.file)),
    }
}

fn tls(certificate: &Path, key: &Path) -> Result<Tls, Failure> {
    let (chain, key) = (files::read(certificate, FILE)?, files::read(key, FILE)?);
    Tls::new(&chain, &key)
        .map_err(|error| Failure::usage(error, "name PEM files with --tls-cert and --tls-key"))
}

/// The users of a file, or those that the text itself holds.
fn users(text: &str) -> Result<Users, Failure> {
    let are_lines = text.contains(":$argon2") || text.contains(":sha256:");
    let lines = if are_lines { text.to_owned() } else { files::read_text(Path::new(text), FILE)? };
    Users::parse(&lines).map_err(|error| {
        let place = if are_lines { "AKRIDA_WEB_USERS" } else { text };
        Failure::usage(format!("{place}: {error}"), "`akrida web-user NAME` makes a line")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_come_from_a_file_or_from_the_text() {
        let line = akrida_ui::login::new_token("ci").unwrap().line;
        assert!(users(&line).is_ok());
        let missing = users("no-such-file").unwrap_err();
        assert!(missing.message.contains("no-such-file"), "{missing}");
        let wrong = users(&format!("{line}\nalice:$argon2id$x")).unwrap_err();
        assert!(wrong.message.starts_with("AKRIDA_WEB_USERS: line 2: "), "{wrong}");
    }
}
