//! A run for OpenTelemetry: the body of an export request of its metrics, in Protocol Buffers.
//!
//! The few messages that it takes are written by hand, by the numbers of
//! `opentelemetry/proto/metrics/v1/metrics.proto`. Sums and histograms are cumulative, since the start of the run.

use akrida_run::Snapshot;
use akrida_run::metrics::{BOUNDS_US, Series};

/// Who sends.
#[derive(Clone, Debug)]
pub struct Resource<'a> {
    /// Attributes by name, `service.name` among them.
    pub attributes: &'a [(String, String)],
    /// The version of the program.
    pub version: &'a str,
}

/// The body of `ExportMetricsServiceRequest` for the run of a master.
#[must_use]
pub fn export(snapshot: &Snapshot, series: &[Series], resource: &Resource<'_>) -> Vec<u8> {
    let times = Times { start: nanoseconds(snapshot.start), now: nanoseconds(snapshot.at) };
    let mut scope = Message::default();
    scope.message(1, |scope| {
        scope.text(1, "akrida");
        scope.text(2, resource.version);
    });
    for metric in metrics(snapshot, series, times) {
        scope.bytes(2, &metric.0);
    }
    let mut request = Message::default();
    request.message(1, |of_resource| {
        of_resource.message(1, |message| attributes(message, 1, resource.attributes));
        of_resource.bytes(2, &scope.0);
    });
    request.0
}

#[derive(Clone, Copy)]
struct Times {
    /// Unix nanoseconds.
    start: u64,
    now: u64,
}

fn metrics(snapshot: &Snapshot, series: &[Series], times: Times) -> Vec<Message> {
    let by_request = |series: &Series| {
        let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        [label("request.method", &series.method), label("request.name", &series.name)]
    };
    let counter = |name: &str, unit: &str, help: &str, value: fn(&Series) -> u64| {
        let points =
            series.iter().map(|series| number(times, &by_request(series), Value::Whole(value(series))));
        sum(name, unit, help, points)
    };
    let one = |name: &str, unit: &str, help: &str, value: f64| {
        gauge(name, unit, help, [number(times, &[], Value::Float(value))])
    };
    let durations = series.iter().map(|series| duration(times, &by_request(series), series));
    let broken = snapshot.thresholds.iter().map(|row| {
        let broken = row.state == akrida_run::ThresholdState::Broken;
        number(times, &[("threshold".to_owned(), row.text.clone())], Value::Whole(broken.into()))
    });
    let lag_ms = snapshot.workers.iter().filter_map(|worker| worker.lag_ms).fold(0.0, f64::max);
    let present =
        snapshot.workers.iter().filter(|worker| worker.state != akrida_run::WorkerState::Missing).count();
    let mut all = vec![
        counter("akrida.requests", "{request}", "Requests that ended", |series| series.requests),
        counter("akrida.request.failures", "{request}", "Failed requests", |series| series.failures),
        counter("akrida.response.size", "By", "Bytes of the responses' bodies", |series| series.bytes),
        histogram("akrida.request.duration", "s", "Response times", durations),
        one("akrida.users", "{user}", "Users that run now", snapshot.user_count as f64),
        one("akrida.users.wanted", "{user}", "Users that are wanted now", snapshot.target_user_count as f64),
        one("akrida.workers", "{worker}", "Workers that are not missing", present as f64),
        one("akrida.fleet.lag", "s", "How late the latest worker started what it should start", lag_ms / 1e3),
        one(
            "akrida.recent.requests",
            "{request}/s",
            "Requests per second over ten seconds",
            snapshot.now.rps,
        ),
    ];
    if let Some(p95) = snapshot.now.p95 {
        all.push(one(
            "akrida.recent.request.duration.p95",
            "s",
            "95th percentile over ten seconds",
            p95 / 1e3,
        ));
    }
    if !snapshot.thresholds.is_empty() {
        all.push(gauge("akrida.threshold.broken", "1", "Whether a threshold is broken", broken));
    }
    all
}

fn named(name: &str, unit: &str, help: &str) -> Message {
    let mut metric = Message::default();
    metric.text(1, name);
    metric.text(2, help);
    metric.text(3, unit);
    metric
}

fn gauge(name: &str, unit: &str, help: &str, points: impl IntoIterator<Item = Message>) -> Message {
    let mut metric = named(name, unit, help);
    metric.message(5, |gauge| points.into_iter().for_each(|point| gauge.bytes(1, &point.0)));
    metric
}

/// `AGGREGATION_TEMPORALITY_CUMULATIVE`
const CUMULATIVE: u64 = 2;

fn sum(name: &str, unit: &str, help: &str, points: impl IntoIterator<Item = Message>) -> Message {
    let mut metric = named(name, unit, help);
    metric.message(7, |sum| {
        points.into_iter().for_each(|point| sum.bytes(1, &point.0));
        sum.whole(2, CUMULATIVE);
        sum.whole(3, 1);
    });
    metric
}

fn histogram(name: &str, unit: &str, help: &str, points: impl IntoIterator<Item = Message>) -> Message {
    let mut metric = named(name, unit, help);
    metric.message(9, |histogram| {
        points.into_iter().for_each(|point| histogram.bytes(1, &point.0));
        histogram.whole(2, CUMULATIVE);
    });
    metric
}

#[derive(Clone, Copy)]
enum Value {
    Whole(u64),
    Float(f64),
}

fn number(times: Times, labels: &[(String, String)], value: Value) -> Message {
    let mut point = Message::default();
    point.fixed(2, times.start);
    point.fixed(3, times.now);
    match value {
        Value::Float(value) => point.fixed(4, value.to_bits()),
        Value::Whole(value) => point.fixed(6, value),
    }
    attributes(&mut point, 7, labels);
    point
}

fn duration(times: Times, labels: &[(String, String)], series: &Series) -> Message {
    let mut point = Message::default();
    point.fixed(2, times.start);
    point.fixed(3, times.now);
    point.fixed(4, series.timed);
    point.fixed(5, (series.total_us as f64 / 1e6).to_bits());
    let mut below = 0;
    let counts = series.buckets.iter().copied().chain([series.timed]).map(|up_to| {
        let count = up_to.saturating_sub(below);
        below = up_to;
        count
    });
    point.packed(6, counts);
    point.packed(7, BOUNDS_US.iter().map(|us| (*us as f64 / 1e6).to_bits()));
    attributes(&mut point, 9, labels);
    point
}

fn attributes(message: &mut Message, field: u32, of: &[(String, String)]) {
    for (name, value) in of {
        message.message(field, |pair| {
            pair.text(1, name);
            pair.message(2, |any| any.text(1, value));
        });
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of this century")]
fn nanoseconds(unix_s: f64) -> u64 {
    (unix_s * 1e9) as u64
}

/// A message as Protocol Buffers write it.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value as u8 & 0x7f) | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn key(&mut self, field: u32, kind: u64) {
        self.varint(u64::from(field) << 3 | kind);
    }

    fn whole(&mut self, field: u32, value: u64) {
        self.key(field, 0);
        self.varint(value);
    }

    /// `fixed64`, `sfixed64` and, by its bits, `double`.
    fn fixed(&mut self, field: u32, value: u64) {
        self.key(field, 1);
        self.0.extend(value.to_le_bytes());
    }

    fn bytes(&mut self, field: u32, bytes: &[u8]) {
        self.key(field, 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, field: u32, text: &str) {
        self.bytes(field, text.as_bytes());
    }

    fn message(&mut self, field: u32, write: impl FnOnce(&mut Self)) {
        let mut message = Self::default();
        write(&mut message);
        self.bytes(field, &message.0);
    }

    fn packed(&mut self, field: u32, values: impl Iterator<Item = u64>) {
        let bytes: Vec<u8> = values.flat_map(u64::to_le_bytes).collect();
        self.bytes(field, &bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_written_as_the_format_says() {
        let mut message = Message::default();
        message.whole(1, 300);
        message.text(2, "hi");
        message.fixed(3, 1.0_f64.to_bits());
        message.message(4, |inner| inner.whole(1, 0));
        message.packed(5, [1, 2].into_iter());
        let mut expected = vec![0x08, 0xac, 0x02, 0x12, 2, b'h', b'i', 0x19, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f];
        expected.extend([0x22, 2, 0x08, 0, 0x2a, 16, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(message.0, expected);
    }
}
