//! `akrida autoscale metric` and `akrida autoscale evaluate`: the steps of the Custom Pod Autoscaler framework, with
//! the environment variables of the Locust Pod Autoscaler.

use super::{load, state_file};
use crate::args::{Flag, flags};
use crate::commands::autoscale::world::now;
use crate::commands::print;
use crate::environment::{self, Variables};
use crate::exit::{Failure, Kind, PASSED};
use crate::plan::{self, Machine};
use crate::session::{run_short, runtime};
use crate::settings::{Layer, Origin};
use crate::source::{self, Loaded};
use crate::{clock, files, system};
use akrida_autoscaler::limits::STEP_INPUT;
use akrida_autoscaler::memory::Kept;
use akrida_autoscaler::policy::decide;
use akrida_autoscaler::steps::{evaluate_input, evaluate_output, metric_input, metric_output};
use akrida_scenario::Problems;
use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

/// Variable, flag, and what holds where it is not set; `None` where it has to be.
const TEST: [(&str, &Flag, Option<&str>); 5] = [
    ("locustHost", &flags::HOST, None),
    ("locustUsers", &flags::USERS, None),
    ("locustHatchRate", &flags::SPAWN_RATE, None),
    ("locustRunTime", &flags::RUN_TIME, Some("20")),
    ("locustFilePath", &flags::LOCUSTFILE, Some("/locustfile.py")),
];

/// Runs a test, and prints what it measured.
///
/// # Errors
/// When standard input or a variable is not as it has to be, or the test cannot be run; one line.
pub(crate) fn metric() -> Result<u8, Failure> {
    measure().map_err(one_line)
}

/// Compares what a test measured, and prints how many replicas that asks for.
///
/// # Errors
/// When standard input or the evaluation file is not as it has to be; one line.
pub(crate) fn evaluate() -> Result<u8, Failure> {
    compare().map_err(one_line)
}

fn measure() -> Result<u8, Failure> {
    let input = metric_input(&input()?).map_err(|error| Failure::usage(error.to_string(), ""))?;
    let layer = layer(&environment::of_this_process())?;
    let (mut plan, _) =
        plan::resolve(&layer, Machine { cores: system::cores(), seed: clock::nanoseconds() })?;
    let Loaded { scenario, .. } = source::load(&plan.test, &plan.selection)?;
    plan.fit(&scenario);
    system::raise_open_files();
    let measured = runtime()?.block_on(run_short(&Arc::new(scenario), &plan));
    let snapshot = measured.map_err(|why| Failure::generator(format!("the test failed: {why}"), ""))?;
    print(&format!("{}\n", metric_output(&snapshot, input.replicas)));
    Ok(PASSED)
}

fn compare() -> Result<u8, Failure> {
    let input = evaluate_input(&input()?).map_err(|error| Failure::usage(error.to_string(), ""))?;
    let variables = environment::of_this_process();
    let path = |name: &str, usual: &str| PathBuf::from(set(&variables, name).unwrap_or(usual));
    let bounds = (replicas(&variables, "minReplicas")?, replicas(&variables, "maxReplicas")?);
    let file = path("evaluationConfigFilePath", "/evaluation_config.yaml");
    let evaluation = load(&file, None, bounds, first_of)?;
    let file = path("decayInfoFilePath", "/decay_info.json");
    let text = state_file::read(&file).map_err(|error| files::cannot("read", &file, &error))?;
    let now = now();
    let (kept, unreadable) = Kept::read(&text, now);
    if let Some(error) = unreadable {
        warn(&format!("{}: {error}", file.display()));
    }
    let memory = kept.resolve(input.replicas);
    let decision = decide(&evaluation, &memory, input.replicas, Ok(&input.measured), now);
    warn(&decision.why);
    if !input.dry_run {
        let kept = Kept::from(decision.memory).write();
        state_file::write(&file, &kept).map_err(|error| files::cannot("write", &file, &error))?;
    }
    print(&format!("{}\n", evaluate_output(input.generation, decision.to)));
    Ok(PASSED)
}

/// Standard error is what the framework logs.
fn warn(text: &str) {
    // Whoever read it may be gone.
    let _ = writeln!(io::stderr(), "{text}");
}

fn input() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = io::stdin().take(STEP_INPUT + 1).read_to_end(&mut bytes);
    let refused = |why: String| Failure::usage(format!("standard input {why}"), "");
    read.map_err(|error| refused(format!("cannot be read: {error}")))?;
    if bytes.len() as u64 > STEP_INPUT {
        return Err(refused(format!("is longer than {STEP_INPUT} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| refused("is not UTF-8 text".to_owned()))
}

/// The value of a variable that says something.
fn set<'a>(variables: &'a Variables, name: &str) -> Option<&'a str> {
    variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

fn replicas(variables: &Variables, name: &str) -> Result<Option<u32>, Failure> {
    let Some(text) = set(variables, name) else { return Ok(None) };
    let wrong =
        || Failure::usage(format!("environment variable {name}: `{text}` is no number of replicas"), "");
    text.parse().map(Some).map_err(|_| wrong())
}

/// What the variables say of the test; the newer names of Akrida's own are below the first autoscaler's.
fn layer(variables: &Variables) -> Result<Layer, Failure> {
    let mut first = Layer::default();
    for (name, flag, _) in TEST {
        if let Some(value) = set(variables, name) {
            first.set(flag, vec![value.to_owned()], Origin::Environment(name));
        }
    }
    let mut layer = first.over(environment::read(variables)?);
    for (name, flag, usual) in TEST {
        match (layer.get(flag), usual) {
            (Some(_), _) => {}
            (None, Some(usual)) => layer.set(flag, vec![usual.to_owned()], Origin::Environment(name)),
            (None, None) => {
                return Err(Failure::usage(format!("environment variable {name} is missing"), ""));
            }
        }
    }
    Ok(layer)
}

/// One problem for a line, and how many others there are.
fn first_of(problems: &Problems) -> String {
    let text = problems.to_string();
    let first = text.lines().next().unwrap_or_default();
    match problems.count() {
        0 | 1 => format!("error: {first}"),
        count => format!("error: {first}, and {} more", count - 1),
    }
}

/// The failure with all that is said of it on one line.
fn one_line(failure: Failure) -> Failure {
    let text = match failure.kind {
        // An excerpt follows, of which the place is enough.
        Kind::Scenario => {
            let mut lines = failure.message.lines().map(str::trim);
            let first = lines.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
            match lines.find_map(|line| line.strip_prefix("--> ")) {
                Some(place) => format!("{place}: {first}"),
                None => first,
            }
        }
        _ if failure.hint.is_empty() => failure.message,
        _ => format!("{} ({})", failure.message, failure.hint),
    };
    match failure.kind {
        Kind::Usage | Kind::Scenario => Failure::usage(text, ""),
        _ => Failure::generator(text, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_first_autoscalers_variables_are_read() {
        let given = [("locustHost", "http://a"), ("locustUsers", "10"), ("locustHatchRate", "5")];
        let layer = layer(&variables(&given)).unwrap();
        let (plan, _) = plan::resolve(&layer, Machine { cores: 1, seed: 0 }).unwrap();
        assert_eq!(plan.load.host.as_deref(), Some("http://a"));
        assert_eq!((plan.load.users, plan.load.spawn_rate), (10, 5.0));
        assert_eq!(plan.load.run_time, Some(std::time::Duration::from_secs(20)));
        assert_eq!(plan.test, plan::Test::files("/locustfile.py"));
    }

    #[test]
    fn what_is_missing_or_wrong_is_told_by_its_name() {
        let check = |pairs: &[(&str, &str)], expected: &str| {
            let resolved = layer(&variables(pairs))
                .and_then(|layer| plan::resolve(&layer, Machine { cores: 1, seed: 0 }).map(|_| ()));
            assert_eq!(one_line(resolved.unwrap_err()).to_string(), expected);
        };
        let (host, rate) = (("locustHost", "http://a"), ("locustHatchRate", "5"));
        check(&[host, rate], "error: environment variable locustUsers is missing");
        check(&[host, ("locustUsers", ""), rate], "error: environment variable locustUsers is missing");
        check(
            &[host, ("locustUsers", "ten"), rate],
            "error: users (environment variable locustUsers): `ten` is not a whole number such as 50",
        );
        assert_eq!(
            one_line(replicas(&variables(&[("minReplicas", "-1")]), "minReplicas").unwrap_err()).to_string(),
            "error: environment variable minReplicas: `-1` is no number of replicas"
        );
    }

    #[test]
    fn any_failure_fits_on_a_line() {
        let check = |failure: Failure, expected: &str, code: u8| {
            let line = one_line(failure);
            assert_eq!((line.to_string().as_str(), line.code()), (expected, code));
        };
        check(Failure::usage("no", "yes"), "error: no (yes)", 2);
        check(Failure::generator("no", ""), "error: no", 3);
        check(Failure::scenario("error: no\n --> a.py:1:2\n  |\n"), "error: a.py:1:2: no", 2);
        check(
            Failure::scenario("error: e.yaml:1:1: no (yes), and 2 more"),
            "error: e.yaml:1:1: no (yes), and 2 more",
            2,
        );
    }
}
