use super::*;
use akrida_scenario::{Requested, yaml};

const ORIGINAL: &str = r#"
targets:
  - method: "GET"
    endpoint: "/fibonacci?n=10"
    type: "mean"
    target: 7
decay:
  replicas: 1
  unchangedRuns: 3
"#;

fn requested() -> Requested {
    let text =
        "users:\n  A:\n    host: http://a\n    tasks:\n      - get: /fibonacci?n=10\n      - post: /pay\n";
    yaml::load("a.yaml", text).unwrap().requested(None)
}

fn target(what: What, limit: f64) -> Target {
    Target { method: "GET".to_owned(), endpoint: "/fibonacci?n=10".to_owned(), what, limit }
}

#[test]
fn the_first_files_are_read_unchanged() {
    let expected = Evaluation {
        targets: vec![target(What::Mean, 7.0)],
        decay: Some(Decay { replicas: 1, unchanged_runs: 3 }),
        ..Evaluation::default()
    };
    assert_eq!(load("e.yaml", ORIGINAL, Some(&requested()), (None, None)).unwrap(), expected);
    // The default minimum must not stop ten users who wait five to nine seconds: about ten samples in five seconds.
    assert!(expected.minimum_samples <= 5);
    assert_eq!((expected.min, expected.max), (1, 10));
}

#[test]
fn everything_that_is_new_is_read() {
    let text = "
targets:
  - {method: GET, endpoint: /fibonacci?n=10, type: p99.9, target: 1.5s}
  - {method: GET, endpoint: /fibonacci?n=10, type: p50, target: 7ms}
  - {method: GET, endpoint: /fibonacci?n=10, type: failure_ratio, target: 5%}
  - {method: GET, endpoint: /fibonacci?n=10, type: max, target: 0.5}
minReplicas: 2
maxReplicas: 20
rule: proportional
tolerance: 0.2
downscaleStabilization: 5m
cooldown: 90s
minimumSamples: 100
failureTolerance: 0.01
onFailedTest: up
";
    let expected = Evaluation {
        targets: vec![
            target(What::Percentile(8), 1_500.0),
            target(What::Percentile(0), 7.0),
            target(What::FailureRatio, 0.05),
            target(What::Max, 0.5),
        ],
        decay: None,
        min: 2,
        max: 20,
        rule: Rule::Proportional { tolerance: 0.2 },
        stabilization: Duration::from_secs(300),
        cooldown: Duration::from_secs(90),
        minimum_samples: 100,
        failure_tolerance: 0.01,
        on_failed_test: OnFailedTest::Up,
    };
    assert_eq!(load("e.yaml", text, None, (Some(7), Some(8))).unwrap(), expected);
}

#[test]
fn bounds_come_from_elsewhere_where_the_file_has_none() {
    let bounds = |text: &str, given| load("e.yaml", text, None, given).map(|found| (found.min, found.max));
    assert_eq!(bounds(ORIGINAL, (Some(2), Some(4))), Ok((2, 4)));
    assert_eq!(bounds(&format!("{ORIGINAL}maxReplicas: 3\n"), (Some(2), Some(9))), Ok((2, 3)));
    assert!(bounds(&format!("{ORIGINAL}maxReplicas: 3\n"), (Some(4), None)).is_err());
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let check = |text: &str, expected: &str| {
        let problems = load("e.yaml", text, Some(&requested()), (None, None))
            .map_or_else(|p| p.to_string(), |e| format!("{e:?}"));
        assert_eq!(problems, expected, "{text}");
    };
    let with = |from: &str, to: &str| ORIGINAL.replace(from, to);
    check(
        &with("unchangedRuns", "unchangedruns"),
        "e.yaml:8:3: a decay needs `unchangedRuns` (add `unchangedRuns`)\n\
         e.yaml:9:3: unknown key `unchangedruns` (did you mean `unchangedRuns`?)",
    );
    check(&with("mean", "maen"), "e.yaml:5:11: `maen` is not known here (did you mean `mean`?)");
    check(&with("mean", "p97"), "e.yaml:5:11: `p97` is not known here (did you mean `p99`?)");
    check(
        &with("target: 7", "target: fast"),
        "e.yaml:6:13: a target is a time (write milliseconds such as `7`, or a duration such as `7ms` or `1.5s`)",
    );
    check(
        &with("target: 7", "target: \"7\""),
        "e.yaml:6:13: a target is a time (write milliseconds such as `7`, or a duration such as `7ms` or `1.5s`)",
    );
    check(
        &with("n=10", "n=11"),
        "e.yaml:4:15: the scenario never requests `GET /fibonacci?n=11` (did you mean `/fibonacci?n=10`?)",
    );
    check(
        &with("GET", "get"),
        "e.yaml:3:13: the scenario never requests `get /fibonacci?n=10` (it asks for it by `GET`)",
    );
    check(
        &format!("{ORIGINAL}cooldown: 90\n"),
        "e.yaml:10:11: cooldown is no time up to a day (write it with its unit, such as `90s` or `5m`)",
    );
    check(
        &format!("{ORIGINAL}minReplicas: 5\nmaxReplicas: 3\n"),
        "e.yaml:11:14: at least 5 and at most 3 replicas cannot both hold (correct one of them)",
    );
    check(
        &format!("{ORIGINAL}tolerance: 0.2\n"),
        "e.yaml:10:12: `tolerance` has no meaning with this rule (leave it out, or write `rule: proportional`)",
    );
    check(
        &format!("{ORIGINAL}maxReplicas: 100000\n"),
        "e.yaml:10:14: this is no such number (write a whole number from 1 to 10000)",
    );
    check("targets: []\n", "e.yaml:1:10: there are no targets (write at least one)");
    check(
        "",
        "e.yaml:1:1: the file is empty (write `targets:` with at least one method, endpoint, type and target)",
    );
    check("3", "e.yaml:1:1: an evaluation is a mapping (write `targets`, each with its value)");
}

#[test]
fn names_of_figures() {
    let names: Vec<String> = What::all().map(|what| what.to_string()).collect();
    assert_eq!(names.join(" "), "mean median max p50 p66 p75 p80 p90 p95 p98 p99 p99.9 p99.99 failure_ratio");
    assert!(What::all().all(|what| What::named(&what.to_string()) == Some(what)));
}

#[test]
fn any_text_is_read_or_refused() {
    let mut rng = fastrand::Rng::with_seed(9);
    for _ in 0..2_000 {
        let mut bytes = ORIGINAL.as_bytes().to_vec();
        for _ in 0..rng.usize(1..5) {
            let at = rng.usize(..bytes.len());
            bytes[at] = rng.u8(b' '..b'~');
        }
        let text = String::from_utf8(bytes).unwrap();
        if let Err(problems) = load("e.yaml", &text, Some(&requested()), (None, None)) {
            assert!(!problems.list.is_empty(), "{text}");
        }
    }
}
