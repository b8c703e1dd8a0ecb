//! What `akrida autoscale` is asked for beside the test.

use super::Plan;
use super::value::{Reader, place, span, whole};
use crate::args::{Flag, autoscale as flags, flags as test};
use crate::exit::Failure;
use crate::settings::Layer;
use akrida_autoscaler::round::Ways;
use akrida_autoscaler::site::{Keep, Wanted};
use akrida_scaler::Target;
use http::Uri;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

/// Between two rounds, unless something else is said; the framework of Custom Pod Autoscalers has the same.
const INTERVAL: Duration = Duration::from_secs(15);

/// Less than a second is no test, and whoever waits a day watches nothing.
const INTERVALS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(24 * 60 * 60);

const STATUS_PORT: u16 = 8_090;

/// The ConfigMap of the manifests.
const CONFIG_MAP: &str = "akrida-autoscaler";

/// What a controller does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AutoscalePlan {
    pub(crate) target: Wanted,
    pub(crate) namespace: Option<String>,
    pub(crate) evaluation: PathBuf,
    pub(crate) interval: Duration,
    pub(crate) state: State,
    pub(crate) ways: Ways,
    /// After these it ends; `None` for never.
    pub(crate) rounds: Option<u64>,
    pub(crate) status_port: u16,
    /// Where tests are run; `None` for this process.
    pub(crate) master: Option<Remote>,
}

/// Where rounds keep what they remember.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    File(PathBuf),
    Cluster(Keep),
}

/// A master that runs tests for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remote {
    pub(crate) address: Uri,
    pub(crate) token: Option<String>,
    /// Stages as they were written; empty for a constant load.
    pub(crate) stages: String,
}

/// Resolves the flags that are autoscaling's own.
///
/// # Errors
/// The first value that is missing or cannot be read, and a test that would never end.
pub(crate) fn resolve(layer: &Layer, plan: &Plan) -> Result<AutoscalePlan, Failure> {
    let read = Reader { layer };
    let target = read.parse(&flags::TARGET, "a target such as deployment/fibonacci", Wanted::parse)?;
    let namespace = read.parse(&flags::NAMESPACE, "a namespace", |text| {
        Target::deployment(Some(text), "a").ok().map(|_| text.to_owned())
    })?;
    let master = master(&read)?;
    if master.is_some() && plan.load.run_time.is_none() && plan.load.stages.is_empty() {
        return Err(never_ends());
    }
    Ok(AutoscalePlan {
        target: target.ok_or_else(|| missing(&flags::TARGET, "deployment/NAME"))?,
        namespace,
        evaluation: read
            .text(&flags::EVALUATION)
            .map(PathBuf::from)
            .ok_or_else(|| missing(&flags::EVALUATION, "FILE"))?,
        interval: read
            .parse(&flags::INTERVAL, "a time from 1s to 24h such as 10s", |text| {
                span(text).filter(|interval| INTERVALS.contains(interval))
            })?
            .unwrap_or(INTERVAL),
        state: read
            .parse(&flags::STATE, "configmap/NAME, annotation, or a file", state)?
            .unwrap_or_else(|| State::Cluster(Keep::ConfigMap(CONFIG_MAP.to_owned()))),
        ways: Ways { dry_run: read.on(&flags::DRY_RUN), ignore_rivals: read.on(&flags::IGNORE_RIVALS) },
        rounds: read
            .parse(&flags::ROUNDS, "a number of rounds from 1", |text| whole(text).filter(|n| *n > 0))?,
        status_port: read
            .parse(&flags::STATUS_PORT, "a port from 0 to 65535", |text| text.parse().ok())?
            .unwrap_or(STATUS_PORT),
        master,
    })
}

/// What is said of a test that nothing ends.
pub(crate) fn never_ends() -> Failure {
    Failure::usage("the test would never end", "say how long it takes, such as -t 5s")
}

fn missing(flag: &Flag, value: &str) -> Failure {
    Failure::usage(format!("--{} is missing", flag.long), format!("say --{} {value}", flag.long))
}

fn state(text: &str) -> Option<State> {
    match text.split_once('/') {
        Some(("configmap", name)) => {
            Target::deployment(None, name).ok().map(|_| State::Cluster(Keep::ConfigMap(name.to_owned())))
        }
        _ if text == "annotation" => Some(State::Cluster(Keep::Annotation)),
        _ => (!text.is_empty()).then(|| State::File(PathBuf::from(text))),
    }
}

fn master(read: &Reader<'_>) -> Result<Option<Remote>, Failure> {
    let token = read.text(&flags::ON_MASTER_TOKEN).map(str::to_owned);
    let Some(setting) = read.layer.get(&flags::ON_MASTER) else { return Ok(None) };
    let text = setting.last().unwrap_or_default();
    let address = text.parse::<Uri>().ok().filter(|address| {
        address.scheme_str() == Some("http") && address.host().is_some() && address.query().is_none()
    });
    match address {
        Some(address) => {
            let stages = read.text(&test::STAGES).unwrap_or_default().to_owned();
            Ok(Some(Remote { address, token, stages }))
        }
        None => Err(Failure::usage(
            format!("{}: `{text}` is no address of a master's page", place(&flags::ON_MASTER, setting)),
            "write it such as http://akrida-master:8089; TLS is not spoken here",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Machine, resolve as resolve_run};
    use crate::settings::Origin;

    fn check(settings: &[(&Flag, &str)]) -> Result<AutoscalePlan, String> {
        let mut layer = Layer::default();
        let usual = [(&flags::TARGET, "deployment/web"), (&flags::EVALUATION, "e.yaml")];
        for (flag, value) in usual.iter().chain(settings) {
            layer.set(flag, vec![(*value).to_owned()], Origin::Typed);
        }
        let (plan, _) = resolve_run(&layer, Machine { cores: 1, seed: 0 }).unwrap();
        resolve(&layer, &plan).map_err(|failure| failure.to_string())
    }

    #[test]
    fn what_is_not_said_is_as_usual() {
        let plan = check(&[]).unwrap();
        assert_eq!((plan.interval, plan.status_port, plan.rounds), (INTERVAL, STATUS_PORT, None));
        assert_eq!(plan.state, State::Cluster(Keep::ConfigMap("akrida-autoscaler".to_owned())));
        assert_eq!((plan.ways, plan.master, plan.namespace), (Ways::default(), None, None));
    }

    #[test]
    fn places_of_what_is_remembered() {
        let check = |text: &str, expected: Option<State>| assert_eq!(state(text), expected, "{text}");
        check("annotation", Some(State::Cluster(Keep::Annotation)));
        check("configmap/x", Some(State::Cluster(Keep::ConfigMap("x".to_owned()))));
        check("configmap/X y", None);
        check("/data/state.json", Some(State::File("/data/state.json".into())));
        check("", None);
    }

    #[test]
    fn what_is_wrong_is_told() {
        let told = |settings: &[(&Flag, &str)]| check(settings).unwrap_err();
        assert_eq!(
            told(&[(&flags::TARGET, "web")]),
            "error: --target: `web` is not a target such as deployment/fibonacci"
        );
        assert_eq!(
            told(&[(&flags::INTERVAL, "0.1s")]),
            "error: --interval: `0.1s` is not a time from 1s to 24h such as 10s"
        );
        assert_eq!(told(&[(&flags::ROUNDS, "0")]), "error: --rounds: `0` is not a number of rounds from 1");
        assert!(told(&[(&flags::ON_MASTER, "https://m")]).contains("is no address of a master's page"));
        assert!(told(&[(&flags::ON_MASTER, "http://m:8089")]).contains("the test would never end"));
        assert!(told(&[(&flags::NAMESPACE, "a/b")]).contains("is not a namespace"));
    }
}
