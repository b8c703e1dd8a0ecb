//! What does not fit together ends the controller before anything is tested or scaled.

use crate::binary::{run_tool, scratch};
use crate::repository::root;

const EVALUATION: &str = "docs/custom-pod-autoscaler/evaluation_config.yaml";

/// Starts it without a cluster, with this evaluation, and these arguments more; exit code and standard error.
fn start(evaluation: &str, more: &[&str]) -> (Option<i32>, String) {
    let test = root().join("scenarios/locustfiles/fibonacci.py").display().to_string();
    let own = ["autoscale", "--target", "deployment/fibonacci", "--evaluation", evaluation, "-f", &test];
    let ended = run_tool(&[], &[&own[..], more].concat());
    (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let original = std::fs::read_to_string(root().join(EVALUATION)).unwrap();
    let check = |old: &str, new: &str, expected: &[&str]| {
        assert!(original.contains(old), "{old}");
        let file = scratch("evaluation.yaml", &original.replace(old, new));
        let (code, told) = start(&file, &["-H", "http://127.0.0.1:1", "-t", "1s"]);
        assert_eq!(code, Some(2), "{told}");
        assert!(expected.iter().all(|part| told.contains(part)), "{expected:?}: {told}");
    };
    check("decay:", "deacy:", &["unknown key `deacy`", "evaluation.yaml:6:1", "did you mean `decay`?"]);
    check("\"mean\"", "\"maen\"", &["`maen` is not known here", "evaluation.yaml:4:11"]);
    check("target: 7", "target: -7", &["a target is a time", "evaluation.yaml:5:13"]);
    check(
        "/fibonacci?n=10",
        "/fibonaci?n=10",
        &["the scenario never requests `GET /fibonaci?n=10`", "evaluation.yaml:3:15"],
    );
    check(
        "\"GET\"",
        "\"POST\"",
        &["the scenario never requests `POST /fibonacci?n=10`", "evaluation.yaml:2:13"],
    );
}

#[test]
fn what_is_missing_is_told() {
    let evaluation = root().join(EVALUATION).display().to_string();
    let check = |more: &[&str], expected: &str| {
        let (code, told) = start(&evaluation, more);
        assert!(code == Some(2) && told.contains(expected), "{code:?}: {told}");
    };
    check(&["-H", "http://127.0.0.1:1"], "the test would never end");
    check(&["-t", "1s"], "user class WebsiteUser has no host, and no --host is given");
    check(&["-H", "http://127.0.0.1:1", "-t", "1s"], "there is no cluster here");
}
