use super::*;
use akrida_run::Row;

const FIRST: &str =
    r#"{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"fibonacci"},"spec":{"replicas":3}}"#;
const PRESENT: &str = r#"{"resource":{"kind":"Deployment","metadata":{"name":"fibonacci"},"spec":{"replicas":3}},
    "runType":"scaler"}"#;

fn snapshot() -> Snapshot {
    let row = Row {
        method: "GET".to_owned(),
        name: "/fibonacci?n=10".to_owned(),
        num_requests: 10,
        num_failures: 1,
        avg_response_time: 8.5,
        median_response_time: 8.0,
        max_response_time: 12.0,
        min_response_time: Some(4.0),
        percentiles: Some([8.0, 9.0, 9.0, 9.0, 10.0, 11.0, 12.0, 12.0, 12.0, 12.0, 12.0]),
        ..Row::default()
    };
    let total = Row { num_requests: 10, num_failures: 1, ..Row::default() };
    Snapshot { rows: vec![row], total, start: 1.0, end: Some(6.0), ..Snapshot::default() }
}

/// The input of the evaluate step after a metric step that printed `value`.
fn evaluate(run_type: &str, value: &str) -> String {
    let metric = json!({ "resource": "fibonacci", "value": value });
    format!(r#"{{"metrics":[{metric}],{run_type}}}"#)
}

#[test]
fn both_generations_say_how_many_there_are() {
    let check = |text: &str, generation| {
        assert_eq!(metric_input(text), Ok(MetricInput { generation, replicas: 3 }), "{text}");
    };
    check(FIRST, Generation::First);
    check(PRESENT, Generation::Present);
    check(
        r#"{"resource":{"spec":{"replicas":3}},"runType":"api_dry_run","kubernetesMetrics":[]}"#,
        Generation::Present,
    );
}

#[test]
fn what_is_measured_reaches_the_evaluation() {
    let value = metric_output(&snapshot(), 3);
    let resource = r#""resource":{"spec":{"replicas":3}}"#;
    for (words, generation, dry_run) in [
        (r#""run_type":"scaler""#.to_owned(), Generation::First, false),
        (r#""run_type":"api_dry_run""#.to_owned(), Generation::First, true),
        (format!(r#"{resource},"runType":"api""#), Generation::Present, false),
        (format!(r#"{resource},"runType":"api_dry_run""#), Generation::Present, true),
        (resource.to_owned(), Generation::Present, false),
    ] {
        let found = evaluate_input(&evaluate(&words, &value)).unwrap();
        assert_eq!((found.generation, found.dry_run, found.replicas), (generation, dry_run, 3), "{words}");
        let mut expected = Measured::of(&snapshot());
        // The last of them is the longest time, which has a key of its own.
        let all = expected.endpoints.values_mut().next().and_then(|figures| figures.percentiles.as_mut());
        let last = all.unwrap();
        assert!(found.measured.endpoints.values().all(|figures| figures.percentiles.unwrap()[10].is_nan()));
        last[10] = f64::NAN;
        assert_eq!(format!("{:?}", found.measured), format!("{expected:?}"));
    }
}

#[test]
fn what_the_first_autoscaler_measured_is_read() {
    // Its figures tell of no failures for each endpoint, so those of the test count.
    let value = r#"{"current_replicas": 4, "num_requests": 9, "num_requests_fail": 2, "requests":
        {"GET_/fibonacci?n=10": {"request_type": "GET", "num_requests": 9, "min_response_time": 3,
        "avg_response_time": 6.5, "median_response_time": 6, "max_response_time": 12}}}"#;
    let found = evaluate_input(&evaluate(r#""run_type":"scaler""#, value)).unwrap();
    let figures = &found.measured.endpoints[&("GET".to_owned(), "/fibonacci?n=10".to_owned())];
    assert_eq!((figures.requests, figures.failures, figures.mean), (9, 2, 6.5));
    assert_eq!((found.replicas, &figures.percentiles), (4, &None));
}

#[test]
fn each_generation_is_answered_in_its_words() {
    assert_eq!(evaluate_output(Generation::First, 4), r#"{"target_replicas":4}"#);
    assert_eq!(evaluate_output(Generation::Present, 4), r#"{"targetReplicas":4}"#);
}

#[test]
fn bad_inputs_are_refused_in_one_line() {
    let metric =
        |text: &str, expected: &str| assert_eq!(metric_input(text).unwrap_err().to_string(), expected);
    metric("", "standard input is not JSON: EOF while parsing a value at line 1 column 0");
    metric("[1]", "standard input is not what the framework sends: the input is no object");
    let form = "standard input is not what the framework sends:";
    metric(
        r#"{"resource":{"kind":"Pod","spec":{}}}"#,
        &format!(
            "{form} the resource has no `spec.replicas`: write `runMode: per-resource` into the framework's \
             configuration"
        ),
    );
    for count in ["-1", "2.5", "\"3\"", "null", "1e99", "99999999999"] {
        metric(
            &format!(r#"{{"spec":{{"replicas":{count}}}}}"#),
            &format!("{form} `spec.replicas` is no number of replicas"),
        );
    }
    metric(r#"{"resource":3}"#, &format!("{form} `resource` is no object"));
    metric(
        r#"{"resource":{"spec":{"replicas":3}},"runType":"x"}"#,
        &format!("{form} the run type is none of scaler, api and api_dry_run"),
    );

    let value = metric_output(&snapshot(), 3);
    let evaluation = |text: &str| evaluate_input(text).unwrap_err().to_string();
    let check = |text: &str, expected: &str| assert_eq!(evaluation(text), format!("{form} {expected}"));
    check("{}", "there are no `metrics`");
    let none =
        "metrics where one is wanted: write `runMode: per-resource` into the framework's configuration";
    check(r#"{"metrics":[]}"#, &format!("there are 0 {none}"));
    check(r#"{"metrics":[{},{}]}"#, &format!("there are 2 {none}"));
    check(r#"{"metrics":[{"value":3}]}"#, "the metric has no `value`");
    check(&evaluate(r#""runType":3"#, &value), "the run type is no word");
    check(&evaluate(r#""runType":"api""#, "[]"), "the metric's value is no object");
    check(
        &evaluate(r#""runType":"api""#, "{}"),
        "neither the metric nor the resource says how many replicas there are",
    );
    check(
        &evaluate(r#""runType":"api""#, r#"{"current_replicas":-4}"#),
        "`current_replicas` is no number of replicas",
    );
    check(
        &evaluate(r#""runType":"api""#, r#"{"current_replicas":4}"#),
        "the metric's value has no `requests`",
    );
    check(
        &evaluate(r#""runType":"api""#, r#"{"current_replicas":4,"requests":{"GET_/":{"num_requests":3}}}"#),
        "the figures of an endpoint have no `avg_response_time`",
    );
    assert!(
        evaluation(&evaluate(r#""runType":"api""#, "no results")).starts_with("standard input is not JSON: ")
    );
}

#[test]
fn any_input_is_read_or_refused_in_one_line() {
    let mut rng = fastrand::Rng::with_seed(9);
    let input = evaluate(r#""runType":"api""#, &metric_output(&snapshot(), 3));
    for text in [PRESENT, input.as_str()] {
        for _ in 0..2_000 {
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..rng.usize(1..4) {
                let at = rng.usize(..bytes.len());
                bytes[at] = rng.u8(b' '..b'~');
            }
            let text = String::from_utf8(bytes).unwrap();
            for error in [metric_input(&text).err(), evaluate_input(&text).err()].into_iter().flatten() {
                assert!(!error.to_string().contains('\n'), "{error}");
            }
        }
    }
}
