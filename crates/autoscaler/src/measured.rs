//! What a load test measured, as far as a decision needs it.

use crate::evaluation::{Target, What};
use akrida_run::{PERCENTILES, Row, Snapshot};
use serde_json::Value;
use std::collections::BTreeMap;

/// The figures of one endpoint. Times are milliseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Requests, failed ones included.
    pub requests: u64,
    /// Failures.
    pub failures: u64,
    /// Mean response time.
    pub mean: f64,
    /// Median response time.
    pub median: f64,
    /// Longest response time.
    pub max: f64,
    /// Response times at [`PERCENTILES`]; `None` where whoever measured does not tell them.
    pub percentiles: Option<[f64; PERCENTILES.len()]>,
}

/// What one load test measured, by (method, name).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// Each endpoint that had requests.
    pub endpoints: BTreeMap<(String, String), Figures>,
}

impl Measured {
    /// What a run measured.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let figures = |row: &Row| Figures {
            requests: row.num_requests,
            failures: row.num_failures,
            mean: row.avg_response_time,
            median: row.median_response_time,
            max: row.max_response_time,
            percentiles: row.percentiles,
        };
        let rows = snapshot.rows.iter();
        Self { endpoints: rows.map(|row| ((row.method.clone(), row.name.clone()), figures(row))).collect() }
    }

    /// What a master tells in its `api/v1/snapshot`; `None` if it is something else.
    #[must_use]
    pub fn read(snapshot: &Value) -> Option<Self> {
        let mut measured = Self::default();
        for row in snapshot.get("rows")?.as_array()? {
            let text = |key: &str| row.get(key)?.as_str().map(str::to_owned);
            let (count, number) = (|key: &str| row.get(key)?.as_u64(), |key: &str| row.get(key)?.as_f64());
            let percentiles = row.get("percentiles").and_then(Value::as_array);
            let percentiles = percentiles.and_then(|all| {
                let all: Option<Vec<f64>> = all.iter().map(Value::as_f64).collect();
                all?.try_into().ok()
            });
            let figures = Figures {
                requests: count("num_requests")?,
                failures: count("num_failures")?,
                mean: number("avg_response_time")?,
                median: number("median_response_time")?,
                max: number("max_response_time")?,
                percentiles,
            };
            measured.endpoints.insert((text("method")?, text("name")?), figures);
        }
        Some(measured)
    }

    /// The figures that a target looks at.
    #[must_use]
    pub fn figures(&self, target: &Target) -> Option<&Figures> {
        self.endpoints.get(&(target.method.clone(), target.endpoint.clone()))
    }
}

impl Figures {
    /// One figure; `None` if it was not measured.
    #[must_use]
    pub fn value(&self, what: What) -> Option<f64> {
        let value = match what {
            What::Mean => self.mean,
            What::Median => self.median,
            What::Max => self.max,
            What::Percentile(index) => *self.percentiles.as_ref()?.get(index)?,
            What::FailureRatio => self.fail_ratio(),
        };
        (self.requests > 0 && value.is_finite()).then_some(value)
    }

    /// Failures per request, at most 1.
    #[must_use]
    pub fn fail_ratio(&self) -> f64 {
        if self.failures == 0 { 0.0 } else { (self.failures as f64 / self.requests.max(1) as f64).min(1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_measured() {
        let row = Row {
            method: "GET".to_owned(),
            name: "/a".to_owned(),
            num_requests: 10,
            num_failures: 1,
            avg_response_time: 5.0,
            median_response_time: 4.0,
            max_response_time: 9.0,
            percentiles: Some([4.0, 5.0, 5.0, 5.0, 6.0, 7.0, 8.0, 8.5, 9.0, 9.0, 9.0]),
            ..Row::default()
        };
        let measured = Measured::of(&Snapshot { rows: vec![row], ..Snapshot::default() });
        let value = |what: &str| {
            let (method, endpoint) = ("GET".to_owned(), "/a".to_owned());
            let target = Target { method, endpoint, what: What::named(what).unwrap(), limit: 0.0 };
            measured.figures(&target).and_then(|figures| figures.value(target.what))
        };
        for (what, expected) in
            [("mean", 5.0), ("median", 4.0), ("max", 9.0), ("p95", 7.0), ("failure_ratio", 0.1)]
        {
            assert_eq!(value(what), Some(expected), "{what}");
        }
    }

    #[test]
    fn what_a_master_tells_is_read() {
        let times = [4.0, 5.0, 5.0, 5.0, 6.0, 7.0, 8.0, 8.5, 9.0, 9.0, 9.0];
        let row = serde_json::json!({
            "method": "GET", "name": "/a", "num_requests": 10, "num_failures": 1, "avg_response_time": 5,
            "median_response_time": 4, "max_response_time": 9.0, "percentiles": times,
        });
        let measured = Measured::read(&serde_json::json!({ "rows": [row] })).unwrap();
        let figures = &measured.endpoints[&("GET".to_owned(), "/a".to_owned())];
        assert_eq!((figures.requests, figures.mean, figures.percentiles), (10, 5.0, Some(times)));
        for wrong in ["{}", "[]", r#"{"rows": [{}]}"#, r#"{"rows": 3}"#] {
            assert_eq!(Measured::read(&serde_json::from_str(wrong).unwrap()), None, "{wrong}");
        }
    }

    #[test]
    fn nothing_is_measured_without_requests() {
        assert!(What::all().all(|what| Figures::default().value(what).is_none()));
        let broken = Figures { requests: 1, failures: 5, mean: f64::NAN, ..Figures::default() };
        assert_eq!(broken.value(What::Mean), None);
        assert_eq!(broken.value(What::FailureRatio), Some(1.0));
        assert_eq!(broken.value(What::Percentile(0)), None);
    }
}
