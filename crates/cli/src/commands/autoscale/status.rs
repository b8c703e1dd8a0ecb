//! What the controller says of itself over HTTP: `/healthz` and `/metrics`.

use super::world::now;
use crate::exit::Failure;
use crate::small_server::{self, Bounds};
use akrida_autoscaler::evaluation::Evaluation;
use akrida_autoscaler::round::{End, Report};
use http::StatusCode;
use std::fmt::Write as _;
use std::net::{Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;

/// Connections at once: a prober and a few scrapers.
const CONNECTIONS: usize = 32;

/// How long a connection may say nothing.
const SILENCE: Duration = Duration::from_secs(10);

/// What is told.
#[derive(Clone)]
pub(super) struct Status {
    address: SocketAddr,
    told: Arc<Mutex<Told>>,
}

struct Told {
    /// When the last round ended, or the process began; unix seconds.
    alive: f64,
    /// So long after that it counts as stuck.
    patience: Duration,
    rounds: [u64; End::ALL.len()],
    last: String,
}

impl Status {
    /// Serves on all addresses of the machine.
    ///
    /// # Errors
    /// When the port cannot be had.
    pub(super) async fn serve(port: u16, patience: Duration) -> Result<Self, Failure> {
        let any = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
        let bound = match TcpListener::bind(any).await {
            // A machine without IPv6.
            Err(_) => TcpListener::bind(("0.0.0.0", port)).await,
            bound => bound,
        };
        let cannot = |error: std::io::Error| {
            Failure::generator(
                format!("The status port {port} cannot be had: {error}"),
                "end the program that has it, or choose another one with --status-port",
            )
        };
        let listener = bound.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        let told = Told { alive: now(), patience, rounds: [0; End::ALL.len()], last: String::new() };
        let status = Self { address, told: Arc::new(Mutex::new(told)) };
        let bounds = Bounds { connections: CONNECTIONS, silence: Some(SILENCE) };
        let told = status.clone();
        tokio::spawn(small_server::serve(listener, bounds, move |request| {
            told.answer(request.uri().path(), now())
        }));
        Ok(status)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// A round is over.
    pub(super) fn round(&self, evaluation: &Evaluation, report: &Report, at: f64) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.alive = at;
        if let Some((_, count)) = End::ALL.iter().zip(&mut told.rounds).find(|(end, _)| **end == report.end) {
            *count += 1;
        }
        told.last = last(evaluation, report, at);
    }

    fn answer(&self, path: &str, now: f64) -> (StatusCode, String) {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match path {
            "/healthz" => {
                let silent = now - told.alive;
                if silent <= told.patience.as_secs_f64() {
                    (StatusCode::OK, "ok\n".to_owned())
                } else {
                    (StatusCode::SERVICE_UNAVAILABLE, format!("no round has ended for {silent:.0} s\n"))
                }
            }
            "/metrics" => (StatusCode::OK, told.metrics()),
            _ => (StatusCode::NOT_FOUND, "there are /healthz and /metrics here\n".to_owned()),
        }
    }
}

impl Told {
    fn metrics(&self) -> String {
        let mut text = String::from("# TYPE akrida_autoscaler_rounds_total counter\n");
        for (end, count) in End::ALL.iter().zip(self.rounds) {
            _ = writeln!(text, "akrida_autoscaler_rounds_total{{end=\"{}\"}} {count}", end.word());
        }
        text + &self.last
    }
}

/// The metrics of the last round.
fn last(evaluation: &Evaluation, report: &Report, at: f64) -> String {
    let mut text = String::new();
    let mut gauge = |name: &str, labels: &str, value: f64| {
        _ = writeln!(text, "# TYPE akrida_autoscaler_{name} gauge\nakrida_autoscaler_{name}{labels} {value}");
    };
    gauge("last_round_timestamp_seconds", "", at);
    if let Some(replicas) = report.to {
        gauge("replicas", "", f64::from(replicas));
    }
    gauge("min_replicas", "", f64::from(evaluation.min));
    gauge("max_replicas", "", f64::from(evaluation.max));
    if let Some(measured) = &report.measured {
        for (name, what) in [("value", true), ("target", false)] {
            _ = writeln!(text, "# TYPE akrida_autoscaler_{name} gauge");
            for target in &evaluation.targets {
                let value = measured.figures(target).and_then(|figures| figures.value(target.what));
                let Some(value) = (if what { value } else { Some(target.limit) }) else { continue };
                let (method, endpoint) = (label(&target.method), label(&target.endpoint));
                _ = writeln!(
                    text,
                    "akrida_autoscaler_{name}{{method=\"{method}\",endpoint=\"{endpoint}\",type=\"{}\"}} {value}",
                    target.what
                );
            }
        }
    }
    text
}

/// As the text format wants values of labels.
fn label(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_autoscaler::evaluation::{Target, What};
    use akrida_autoscaler::measured::{Figures, Measured};

    fn status() -> Status {
        let told = Told {
            alive: 100.0,
            patience: Duration::from_secs(30),
            rounds: [0; End::ALL.len()],
            last: String::new(),
        };
        Status { address: SocketAddr::from(([127, 0, 0, 1], 1)), told: Arc::new(Mutex::new(told)) }
    }

    #[test]
    fn whoever_ends_no_round_is_not_healthy() {
        let status = status();
        assert_eq!(status.answer("/healthz", 130.0).0, StatusCode::OK);
        let stuck = (StatusCode::SERVICE_UNAVAILABLE, "no round has ended for 31 s\n".to_owned());
        assert_eq!(status.answer("/healthz", 131.0), stuck);
        assert_eq!(status.answer("/", 100.0).0, StatusCode::NOT_FOUND);
    }

    #[test]
    fn rounds_are_told_as_metrics() {
        let target = |what| Target { method: "GET".into(), endpoint: "/a\"b".into(), what, limit: 7.0 };
        let evaluation = Evaluation {
            targets: vec![target(What::Mean), target(What::Percentile(5))],
            ..Evaluation::default()
        };
        let figures = Figures { requests: 10, mean: 8.5, ..Figures::default() };
        let measured = Measured { endpoints: [(("GET".into(), "/a\"b".into()), figures)].into() };
        let report = Report {
            end: End::Scaled,
            from: Some(2),
            to: Some(3),
            verdict: None,
            measured: Some(measured),
            text: String::new(),
        };
        let status = status();
        status.round(&evaluation, &report, 120.0);
        insta::assert_snapshot!(status.answer("/metrics", 0.0).1, @r#"
        # TYPE akrida_autoscaler_rounds_total counter
        akrida_autoscaler_rounds_total{end="scaled"} 1
        akrida_autoscaler_rounds_total{end="kept"} 0
        akrida_autoscaler_rounds_total{end="would_scale"} 0
        akrida_autoscaler_rounds_total{end="off"} 0
        akrida_autoscaler_rounds_total{end="rival"} 0
        akrida_autoscaler_rounds_total{end="failed"} 0
        # TYPE akrida_autoscaler_last_round_timestamp_seconds gauge
        akrida_autoscaler_last_round_timestamp_seconds 120
        # TYPE akrida_autoscaler_replicas gauge
        akrida_autoscaler_replicas 3
        # TYPE akrida_autoscaler_min_replicas gauge
        akrida_autoscaler_min_replicas 1
        # TYPE akrida_autoscaler_max_replicas gauge
        akrida_autoscaler_max_replicas 10
        # TYPE akrida_autoscaler_value gauge
        akrida_autoscaler_value{method="GET",endpoint="/a\"b",type="mean"} 8.5
        # TYPE akrida_autoscaler_target gauge
        akrida_autoscaler_target{method="GET",endpoint="/a\"b",type="mean"} 7
        akrida_autoscaler_target{method="GET",endpoint="/a\"b",type="p95"} 7
        "#);
    }
}
