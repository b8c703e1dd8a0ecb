//! Metrics: a real Prometheus scrapes, and says what the page says.

use crate::binary::{Akrida, folder, free_port, scratch};
use crate::repository::{root, text};
use akrida_testkit::{Answer, Target};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const SCENARIO: &str = "
users:
  Visitor:
    wait: {pacing: 100ms}
    tasks:
      quick: {weight: 9, steps: [{get: /quick}]}
      slow: {steps: [{get: /slow, name: '/sl\"ow'}]}
";

fn target() -> Target {
    Target::start(|request| match request.path.as_str() {
        "/quick" => Answer::ok("x"),
        _ => Answer::status(500, "no"),
    })
}

/// A real Prometheus that scrapes each second; it ends when this is dropped.
struct Prometheus {
    child: Child,
    port: String,
}

impl Prometheus {
    fn scraping(port: &str) -> Self {
        let folder = folder();
        let config = format!(
            "global: {{scrape_interval: 1s, scrape_timeout: 1s}}\nscrape_configs:\n  - job_name: akrida\n    \
             static_configs: [{{targets: ['127.0.0.1:{port}']}}]\n"
        );
        fs::write(folder.join("prometheus.yml"), config).unwrap();
        let own = free_port();
        let child = Command::new("prometheus")
            .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--log.level=warn"])
            .arg(format!("--web.listen-address=127.0.0.1:{own}"))
            .current_dir(&folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("`cargo xtask test` installs Prometheus");
        Self { child, port: own }
    }

    /// The values of a query; none while there are none.
    fn ask(&self, query: &str) -> Vec<f64> {
        let url = format!("http://127.0.0.1:{}/api/v1/query", self.port);
        let output = Command::new("curl")
            .args(["-sG", &url, "--data-urlencode"])
            .arg(format!("query={query}"))
            .output();
        let answer: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap_or(Value::Null);
        let rows = answer["data"]["result"].as_array().into_iter().flatten();
        rows.map(|row| row["value"][1].as_str().unwrap().parse().unwrap()).collect()
    }

    fn one(&self, query: &str) -> f64 {
        let values = self.ask(query);
        assert_eq!(values.len(), 1, "{query}: {values:?}");
        values[0]
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn fetch(port: &str, path: &str, accept: &str) -> String {
    let url = format!("http://127.0.0.1:{port}{path}");
    let output =
        Command::new("curl").args(["-sf", "-H", &format!("accept: {accept}"), &url]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn page(port: &str) -> Value {
    serde_json::from_str(&fetch(port, "/api/v1/snapshot", "application/json")).unwrap_or(Value::Null)
}

/// What Prometheus' own tool has to say.
fn promtool(text: &str) {
    let mut child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("`cargo xtask test` installs Prometheus");
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && said.trim().is_empty(), "{said}\n{text}");
}

#[test]
fn a_real_prometheus_says_what_the_page_says() {
    let (target, port) = (target(), free_port());
    let file = scratch("metrics.yaml", SCENARIO);
    let own = ["-f", &file, "-H", &target.url(), "-u", "10", "-r", "10", "--autostart"];
    let web = ["--web-host", "127.0.0.1", "--web-port", &port, "--fail-if", "p95 > 1h"];
    let akrida = Akrida::start(&[&own[..], &web].concat());
    akrida.logs("Starting web interface at http");
    let prometheus = Prometheus::scraping(&port);
    akrida.until(|| prometheus.ask("akrida_users > 9").len() == 1);
    promtool(&fetch(&port, "/metrics", "text/plain"));
    akrida.until(|| page(&port)["total"]["num_requests"].as_u64().is_some_and(|requests| requests > 50));
    // When the run is over the figures stand still, for both to be read.
    fetch(&port, "/stop", "application/json");
    akrida.until(|| page(&port)["state"] == "stopped");
    akrida.until(|| prometheus.ask("akrida_run_state{state=\"stopped\"} == 1").len() == 1);
    akrida.until(|| {
        let counted = page(&port)["total"]["num_requests"].as_f64();
        prometheus.ask("sum(akrida_requests_total)").first().copied() == counted
    });
    let page = page(&port);
    let (total, now) = (&page["total"], &page["now"]);
    let number = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("{page}"));
    let check = |query: &str, expected: f64| {
        let found = prometheus.one(query);
        // The page is given three digits after the point.
        assert!(
            (found - expected).abs() <= 0.000_5 + expected.abs() * 1e-9,
            "{query}: {found}, and the page says {expected}"
        );
    };
    check("akrida_recent_requests_per_second", number(&now["rps"]));
    check(
        "akrida_recent_request_duration_seconds{quantile=\"0.95\"} * 1000",
        number(&total["current_percentiles"][5]),
    );
    check("sum(akrida_requests_total)", number(&total["num_requests"]));
    check("sum(akrida_request_failures_total)", number(&total["num_failures"]));
    check("sum(akrida_request_duration_seconds_count)", number(&total["num_requests"]));
    check(
        "sum(akrida_request_duration_seconds_sum) / sum(akrida_request_duration_seconds_count) * 1000",
        number(&total["avg_response_time"]),
    );
    check(
        "akrida_requests_total{method=\"GET\",name=\"/sl\\\"ow\"} == akrida_request_failures_total",
        number(&total["num_failures"]),
    );
    check("akrida_threshold_broken{threshold=\"p95 > 1h\"}", 0.0);
    check("akrida_workers{state=\"ready\"}", 1.0);
    // A query over buckets is as fine as they are: between the bounds around what is exact.
    let bucketed = prometheus
        .one("histogram_quantile(0.95, sum by (le) (akrida_request_duration_seconds_bucket))")
        * 1e3;
    let exact = number(&total["percentiles"][5]);
    let bounds = akrida_run::metrics::BOUNDS_US.map(|us| us as f64 / 1e3);
    let above = bounds.iter().position(|bound| exact <= *bound).unwrap();
    let below = above.checked_sub(1).map_or(0.0, |at| bounds[at]);
    // An exact percentile at a bound may be counted on either side of it.
    let slack = exact * 0.002;
    assert!((below - slack..=bounds[above] + slack).contains(&bucketed), "{bucketed}, and exactly {exact}");
}

#[test]
fn processes_without_a_page_have_a_port_for_metrics() {
    let (target, fleet) = (target(), free_port());
    let file = scratch("metrics.yaml", SCENARIO);
    let [of_master, of_worker] = [free_port(), free_port()];
    let own = ["-f", &file, "-H", &target.url(), "-u", "5", "-r", "5", "--headless", "--only-summary"];
    let as_master = [
        "--master",
        "--master-bind-host",
        "127.0.0.1",
        "--master-bind-port",
        &fleet,
        "--metrics-port",
        &of_master,
    ];
    let master = Akrida::start(&[&own[..], &as_master].concat());
    let as_worker = ["--worker", "--master-port", &fleet, "--metrics-port", &of_worker];
    let worker = Akrida::start(&[&["-f", &file][..], &as_worker].concat());
    let metrics = |port: &str| fetch(port, "/metrics", "text/plain");
    worker.until(|| metrics(&of_worker).contains("akrida_worker_users 5\n"));
    master.until(|| metrics(&of_master).contains("akrida_users 5\n"));
    let counted = |page: &str| page.contains("requests_total{method=\"GET\",name=\"/quick\"}");
    worker.until(|| counted(&metrics(&of_worker)) && counted(&metrics(&of_master)));
    [&of_master, &of_worker].into_iter().for_each(|port| promtool(&metrics(port)));
    let open = fetch(&of_worker, "/metrics", "application/openmetrics-text; version=1.0.0");
    assert!(open.ends_with("# EOF\n") && open.contains("# TYPE akrida_worker_requests counter\n"), "{open}");
    assert_eq!(fetch(&of_worker, "/other", "text/plain"), "");
    master.interrupt();
    master.end(Duration::ZERO);
    assert!(worker.end(Duration::ZERO).status.success());
}

/// The names of metrics in an expression of the dashboard.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("akrida_")).map(str::to_owned).collect()
}

#[test]
fn the_dashboard_shows_what_there_is() {
    let folder = root().join("k8s/grafana");
    let read = |name: &str| text(Path::new("k8s/grafana").join(name).as_path()).unwrap();
    let dashboard: Value = serde_json::from_str(&read("akrida.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let expressions: Vec<&str> = targets.map(|target| target["expr"].as_str().unwrap()).collect();
    assert!(expressions.len() >= 10, "{expressions:?}");
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{}", panel["title"]);
    }
    let (target, port) = (target(), free_port());
    let file = scratch("metrics.yaml", SCENARIO);
    let own = ["-f", &file, "-H", &target.url(), "-u", "1", "--autostart", "--fail-if", "p95 > 1h"];
    let akrida = Akrida::start(&[&own[..], &["--web-host", "127.0.0.1", "--web-port", &port]].concat());
    akrida.logs("Starting web interface at http");
    akrida.until(|| fetch(&port, "/metrics", "text/plain").contains("_bucket{"));
    // Names with and without what their samples end with.
    let there = names(&fetch(&port, "/metrics", "text/plain"));
    let missing: Vec<_> =
        expressions.iter().flat_map(|text| names(text)).filter(|name| !there.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let kustomization = read("kustomization.yaml");
    assert!(
        kustomization.contains("files: [akrida.json]") && folder.join("akrida.json").is_file(),
        "{kustomization}"
    );
}
