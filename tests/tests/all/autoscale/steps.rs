//! The steps of the Custom Pod Autoscaler framework, as it runs them.

use crate::binary::{binary, folder};
use crate::kubernetes::yaml::documents;
use crate::repository::root;
use akrida_testkit::Target;
use serde_json::json;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// What each generation of the framework writes for a Deployment of three replicas.
const FIRST: &str = include_str!("../../../custom-pod-autoscaler/first-metric.json");
const PRESENT: &str = include_str!("../../../custom-pod-autoscaler/present-metric.json");
const PER_POD: &str = include_str!("../../../custom-pod-autoscaler/present-metric-per-pod.json");
/// After the metric step of the Locust Pod Autoscaler measured a mean of 8.4 ms.
const FIRST_EVALUATE: &str = include_str!("../../../custom-pod-autoscaler/first-evaluate.json");
const PRESENT_EVALUATE: &str = include_str!("../../../custom-pod-autoscaler/present-evaluate.json");
const DRY_RUN: &str = include_str!("../../../custom-pod-autoscaler/present-dry-run.json");

/// Runs a step; its exit code, standard output and standard error.
fn step(step: &str, variables: &[(&str, &str)], input: &str) -> (Option<i32>, String, String) {
    let mut command = Command::new(binary());
    command.args(["autoscale", step]).env_clear().envs(variables.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // One that does not read its input may be gone.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let ended = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ended.status.code(), text(ended.stdout), text(ended.stderr))
}

fn file(path: &str) -> String {
    root().join(path).display().to_string()
}

/// The input of the evaluate step after a metric step with this output.
fn evaluation(run_type: &str, value: &str) -> String {
    let metric = json!({ "resource": "fibonacci", "value": value });
    format!(r#"{{"metrics": [{metric}], {run_type}}}"#)
}

/// What the metric step of the first autoscaler printed, with so many requests and failures and this mean.
fn figures(requests: u64, failures: u64, mean: f64) -> String {
    let entry = json!({
        "request_type": "GET", "num_requests": requests, "avg_response_time": mean, "median_response_time": mean,
        "min_response_time": mean, "max_response_time": mean,
    });
    let requests = json!({ "GET_/fibonacci?n=10": entry });
    json!({ "current_replicas": 3, "num_requests_fail": failures, "requests": requests }).to_string()
}

/// What is answered to this input, with what is remembered in `folder`.
fn answered(folder: &Path, input: &str) -> String {
    let memory = folder.join("decay.json").display().to_string();
    let config = file("docs/custom-pod-autoscaler/evaluation_config.yaml");
    let variables = [("evaluationConfigFilePath", config.as_str()), ("decayInfoFilePath", memory.as_str())];
    let (code, out, err) = step("evaluate", &variables, input);
    assert_eq!(code, Some(0), "{err}");
    out.trim().to_owned()
}

/// Evaluates `value` with what is remembered in `folder`; the answer.
fn evaluate(folder: &Path, run_type: &str, value: &str) -> String {
    answered(folder, &evaluation(run_type, value))
}

#[test]
fn both_generations_of_the_framework_are_served() {
    let target = Target::fibonacci();
    let (host, test) = (target.url(), file("scenarios/locustfiles/fibonacci.py"));
    let variables = [
        ("locustHost", host.as_str()),
        ("locustUsers", "10"),
        ("locustHatchRate", "10"),
        ("locustRunTime", "2"),
        ("locustFilePath", test.as_str()),
    ];
    for (input, run_type, key) in [
        (FIRST, r#""run_type": "scaler""#, "target_replicas"),
        (PRESENT, r#""runType": "scaler""#, "targetReplicas"),
    ] {
        let here = folder();
        let (code, out, err) = step("metric", &variables, input);
        assert_eq!(code, Some(0), "{err}");
        let value: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(value["current_replicas"], 3);
        assert_eq!(value["requests"]["GET_/fibonacci?n=10"]["num_requests"], 10, "{out}");
        let answer: serde_json::Value = serde_json::from_str(&evaluate(&here, run_type, &out)).unwrap();
        let slow = value["requests"]["GET_/fibonacci?n=10"]["avg_response_time"].as_f64().unwrap() > 7.0;
        assert_eq!(answer, json!({ key: if slow { 4 } else { 3 } }));
        fs::remove_dir_all(here).unwrap();
    }
}

#[test]
fn recorded_evaluations_are_answered_in_their_words() {
    let here = folder();
    assert_eq!(answered(&here, DRY_RUN), r#"{"targetReplicas":4}"#);
    assert!(!here.join("decay.json").exists());
    assert_eq!(answered(&here, FIRST_EVALUATE), r#"{"target_replicas":4}"#);
    assert_eq!(answered(&here, PRESENT_EVALUATE), r#"{"targetReplicas":4}"#);
    assert!(here.join("decay.json").exists());
    fs::remove_dir_all(here).unwrap();
}

#[test]
fn the_example_says_what_the_steps_are_called() {
    let config = fs::read_to_string(file("docs/custom-pod-autoscaler/config.yaml")).unwrap();
    let config = &documents(&config)[0];
    for step in ["metric", "evaluate"] {
        let shell = &config[step]["shell"];
        assert_eq!(
            (&shell["entrypoint"], &shell["command"]),
            (&json!("akrida"), &json!(["autoscale", step]))
        );
    }
    assert_eq!(config["runMode"], "per-resource");
    let same = |one: &str, other: &str| {
        assert_eq!(fs::read_to_string(file(one)).unwrap(), fs::read_to_string(file(other)).unwrap());
    };
    same("docs/custom-pod-autoscaler/locustfile.py", "scenarios/locustfiles/fibonacci.py");
    same("docs/custom-pod-autoscaler/locustfile.py", "k8s/autoscaler/locustfile.py");
    same("docs/custom-pod-autoscaler/evaluation_config.yaml", "k8s/autoscaler/evaluation.yaml");
}

#[test]
fn the_getting_starteds_figures_are_enough_and_decay_as_described() {
    let here = folder();
    let run = |value: &str| evaluate(&here, r#""runType": "scaler""#, value);
    let (up, same, down) = (r#"{"targetReplicas":4}"#, r#"{"targetReplicas":3}"#, r#"{"targetReplicas":2}"#);
    assert_eq!(run(&figures(10, 0, 7.1)), up);
    for _ in 0..3 {
        assert_eq!(run(&figures(10, 0, 6.9)), same);
    }
    assert_eq!(run(&figures(10, 0, 6.9)), down);
    fs::remove_dir_all(here).unwrap();
}

#[test]
fn failed_empty_and_thin_tests_do_not_decay() {
    let here = folder();
    fs::write(here.join("decay.json"), r#"{"runs_since_change": 99}"#).unwrap();
    let run = |value: &str| evaluate(&here, r#""run_type": "scaler""#, value);
    for value in [figures(10, 10, 0.0), figures(10, 1, 5.0), figures(0, 0, 0.0), figures(2, 0, 5.0)] {
        assert_eq!(run(&value), r#"{"target_replicas":3}"#, "{value}");
    }
    assert_eq!(run(&figures(10, 0, 5.0)), r#"{"target_replicas":2}"#, "they were not counted either");
    fs::remove_dir_all(here).unwrap();
}

#[test]
fn a_dry_run_leaves_the_file_as_it_is() {
    let here = folder();
    let memory = here.join("decay.json");
    fs::write(&memory, r#"{"runs_since_change": 99}"#).unwrap();
    assert_eq!(
        evaluate(&here, r#""runType": "api_dry_run""#, &figures(10, 0, 5.0)),
        r#"{"targetReplicas":2}"#
    );
    assert_eq!(fs::read_to_string(memory).unwrap(), r#"{"runs_since_change": 99}"#);
    fs::remove_dir_all(here).unwrap();
}

#[test]
fn more_than_ten_runs_and_what_the_first_autoscaler_left_behind_do_not_end_it() {
    let here = folder();
    let config = here.join("patient.yaml");
    let text = fs::read_to_string(file("docs/custom-pod-autoscaler/evaluation_config.yaml")).unwrap();
    fs::write(&config, text.replace("unchangedRuns: 3", "unchangedRuns: 10")).unwrap();
    let (config, memory) = (config.display().to_string(), here.join("decay.json"));
    let shown = memory.display().to_string();
    let variables = [("evaluationConfigFilePath", config.as_str()), ("decayInfoFilePath", shown.as_str())];
    let run = || step("evaluate", &variables, &evaluation(r#""run_type": "scaler""#, &figures(10, 0, 5.0)));
    let answers: Vec<String> = (0..22).map(|_| run().1).collect();
    let fell: Vec<usize> = (0..22).filter(|&index| answers[index] == "{\"target_replicas\":2}\n").collect();
    // It stays at three here, since nobody scales: that is seen, and counting begins anew.
    assert_eq!(fell, [10, 21], "{answers:?}");

    fs::write(&memory, r#"{"runs_since_change": 0}}"#).unwrap();
    let (code, out, err) = run();
    assert_eq!((code, out.as_str()), (Some(0), "{\"target_replicas\":3}\n"));
    assert!(err.contains("what was remembered cannot be read"), "{err}");
    assert!(fs::read_to_string(&memory).unwrap().starts_with(r#"{"runs_since_change":1,"#));
    fs::remove_dir_all(here).unwrap();
}

#[test]
fn what_is_wrong_ends_with_code_2_and_one_line() {
    let here = folder();
    let (config, memory) = (file("docs/custom-pod-autoscaler/evaluation_config.yaml"), here.join("x"));
    let memory = memory.display().to_string();
    let usual = [("evaluationConfigFilePath", config.as_str()), ("decayInfoFilePath", memory.as_str())];
    let check = |name: &str, variables: &[(&str, &str)], input: &str, expected: &str| {
        let (code, out, err) = step(name, variables, input);
        assert_eq!((code, out.as_str(), err.lines().count()), (Some(2), "", 1), "{err}");
        assert!(err.starts_with("error: ") && err.contains(expected), "{expected}: {err}");
    };
    let test = [("locustHost", "http://127.0.0.1:1"), ("locustUsers", "10"), ("locustHatchRate", "10")];
    check("metric", &test, "no json", "standard input is not JSON");
    check("metric", &test, PER_POD, "runMode: per-resource");
    check("metric", &test[..1], FIRST, "environment variable locustUsers is missing");
    check("metric", &[test[0], ("locustUsers", "ten"), test[2]], FIRST, "`ten` is not a whole number");
    check("metric", &[test[0], test[1], test[2], ("locustFilePath", "none.py")], FIRST, "none.py");
    check("evaluate", &usual, "{}", "there are no `metrics`");
    check("evaluate", &usual, &evaluation(r#""runType": "x""#, "{}"), "run type");
    check("evaluate", &usual, &evaluation(r#""runType": "api""#, "No results"), "standard input is not JSON");
    let wrong = here.join("wrong.yaml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&wrong, text.replace("\"mean\"", "\"maen\"").replace("decay", "deacy")).unwrap();
    let wrong = wrong.display().to_string();
    let input = evaluation(r#""runType": "api""#, &figures(10, 0, 5.0));
    check("evaluate", &[("evaluationConfigFilePath", &wrong), usual[1]], &input, "wrong.yaml:4:11: `maen`");
    check("evaluate", &[("evaluationConfigFilePath", "none.yaml"), usual[1]], &input, "none.yaml");
    check(
        "evaluate",
        &[usual[0], usual[1], ("maxReplicas", "many")],
        &input,
        "`many` is no number of replicas",
    );
    fs::remove_dir_all(here).unwrap();
}
