//! OpenTelemetry: what is sent is decoded by the official definitions.

use crate::binary::{Akrida, folder, locusts_python, scratch};
use akrida_testkit::{Answer, Target};
use serde_json::Value;
use std::fs;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Prints what `MessageToJson` makes of a request. Numbers of 64 bits are text there.
const DECODE: &str = "
import sys
from google.protobuf.json_format import MessageToJson
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
request = ExportMetricsServiceRequest()
request.ParseFromString(open(sys.argv[1], 'rb').read())
print(MessageToJson(request))
";

fn decoded(body: &[u8]) -> Value {
    let file = folder().join("export.bin");
    fs::write(&file, body).unwrap();
    let output = Command::new(locusts_python()).args(["-c", DECODE]).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn metric<'a>(request: &'a Value, name: &str) -> &'a Value {
    let metrics = request["resourceMetrics"][0]["scopeMetrics"][0]["metrics"].as_array().unwrap();
    metrics.iter().find(|metric| metric["name"] == name).unwrap_or_else(|| panic!("no {name} in {request}"))
}

fn whole(value: &Value) -> u64 {
    value.as_str().unwrap_or_else(|| panic!("{value}")).parse().unwrap()
}

#[test]
fn a_collector_gets_what_the_run_came_to() {
    let target = Target::start(|request| match request.path.as_str() {
        "/no" => Answer::status(500, "no"),
        _ => Answer::ok("x"),
    });
    let exports: Arc<Mutex<Vec<_>>> = Arc::default();
    let kept = Arc::clone(&exports);
    let collector = Target::start(move |request| {
        kept.lock().unwrap().push((request.path.clone(), request.headers.clone(), request.body.to_vec()));
        Answer::ok("")
    });
    let tasks = "users: {A: {wait: 50ms, tasks: [{get: /}, {get: /no}]}}\n";
    let file = scratch("otel.yaml", &format!("{tasks}thresholds: [\"p95 > 1h\"]\n"));
    let (url, to) = (target.url(), collector.url());
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", to.as_str()),
        ("OTEL_METRIC_EXPORT_INTERVAL", "300"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=shop%201"),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=ci"),
    ];
    let arguments = ["-f", &file, "-H", &url, "--headless", "-u", "3", "-r", "3", "--otel"];
    let akrida = Akrida::start_with(&variables, &arguments);
    akrida.until(|| exports.lock().unwrap().len() >= 2 && target.total() >= 20);
    akrida.interrupt();
    let ended = akrida.end(Duration::ZERO);
    ended.exits(1);
    // The last one is of the run's end.
    let exports = exports.lock().unwrap();
    let (path, headers, body) = exports.last().unwrap();
    assert_eq!(path, "/v1/metrics");
    for (name, value) in [("content-type", "application/x-protobuf"), ("x-tenant", "shop 1")] {
        assert!(headers.contains(&(name.to_owned(), value.to_owned())), "{headers:?}");
    }
    let request = decoded(body);
    let attributes = request["resourceMetrics"][0]["resource"]["attributes"].to_string();
    assert!(
        attributes.contains("service.name") && attributes.contains("deployment.environment"),
        "{attributes}"
    );
    let requests = metric(&request, "akrida.requests");
    assert_eq!(requests["sum"]["aggregationTemporality"], "AGGREGATION_TEMPORALITY_CUMULATIVE");
    assert_eq!(requests["sum"]["isMonotonic"], true);
    let points = requests["sum"]["dataPoints"].as_array().unwrap();
    let counted: u64 = points.iter().map(|point| whole(&point["asInt"])).sum();
    assert_eq!(counted, ended.requests().values().sum::<u64>());
    let durations =
        metric(&request, "akrida.request.duration")["histogram"]["dataPoints"].as_array().unwrap();
    for point in durations {
        let counts = point["bucketCounts"].as_array().unwrap();
        assert_eq!(counts.len(), point["explicitBounds"].as_array().unwrap().len() + 1);
        assert_eq!(counts.iter().map(whole).sum::<u64>(), whole(&point["count"]), "{point}");
        assert!(whole(&point["startTimeUnixNano"]) < whole(&point["timeUnixNano"]), "{point}");
        assert!(point["attributes"].to_string().contains("request.name"), "{point}");
    }
    let failed = metric(&request, "akrida.request.failures")["sum"]["dataPoints"].as_array().unwrap();
    assert!(failed.iter().any(|point| whole(&point["asInt"]) > 0));
    assert_eq!(metric(&request, "akrida.threshold.broken")["gauge"]["dataPoints"][0]["asInt"], "0");
}

#[test]
fn a_collector_that_is_away_is_told_once_and_costs_the_run_nothing() {
    let target = Target::start(|_| Answer::ok("x"));
    let url = target.url();
    let variables =
        [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"), ("OTEL_METRIC_EXPORT_INTERVAL", "100")];
    let arguments = [url.as_str(), "--headless", "-t", "1s", "--otel"];
    let ended = Akrida::start_with(&variables, &arguments).end(Duration::from_secs(1));
    ended.exits(0);
    // Once while the run goes on, and once for what it came to.
    let told = ended.stderr.matches("Metrics cannot be sent to http://127.0.0.1:1/v1/metrics").count();
    assert!((1..=2).contains(&told), "{}", ended.stderr);
}
