//! `--json` and `--json-file`: a list with one object for each (name, method), with Locust 2.47's keys.
//!
//! What Locust's shape cannot carry stands under keys of its own: in every entry `avg_response_time`,
//! `median_response_time`, `response_time_percentiles`, the rates and, where the load is open or paced,
//! `from_intended`; in the first entry alone `run`, with what concerns all of them (aggregate, stages, tags, arrivals,
//! errors, generator, notices). So the length of the list, its
//! indices and sums over it mean what they mean in Locust's.

use akrida_run::{ArrivalsRow, CutRow, ErrorRow, ExceptionRow, Generator, Row, Snapshot, ThresholdRow};
use akrida_stats::{Cut, Histogram, PerSecond, SecondCounts, Totals};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// The whole output, without a line end: the rows of `snapshot` with the histograms that `totals` of the same run
/// has. The counts by second reach back only as far as `totals` keeps them. `profile` is what `--profile` named
/// the run.
#[must_use]
pub fn render(snapshot: &Snapshot, totals: &Totals, profile: Option<&str>) -> String {
    let cuts: HashMap<_, _> =
        totals.entries().map(|((name, method), cut)| ((name.as_str(), method.as_str()), cut)).collect();
    let entries: Vec<_> = snapshot
        .rows
        .iter()
        .filter_map(|row| Some((row, *cuts.get(&(row.name.as_str(), row.method.as_str()))?)))
        .enumerate()
        .map(|(index, (row, cut))| Entry::of(row, cut, (index == 0).then(|| Run::of(snapshot, profile))))
        .collect();
    pretty(&entries)
}

/// JSON as Python's `json.dumps(..., indent=4)` lays it out.
pub(crate) fn pretty(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    let layout = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, layout);
    // Writing plain data with text keys to memory cannot fail.
    let _ = value.serialize(&mut serializer);
    String::from_utf8(out).unwrap_or_default()
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    method: &'a str,
    last_request_timestamp: Option<f64>,
    start_time: f64,
    num_requests: u64,
    num_none_requests: u64,
    num_failures: u64,
    total_response_time: f64,
    max_response_time: f64,
    min_response_time: Option<f64>,
    total_content_length: u64,
    response_times: BTreeMap<u64, u64>,
    num_reqs_per_sec: BTreeMap<u64, u64>,
    num_fail_per_sec: BTreeMap<u64, u64>,
    // From here on what Locust has no keys for.
    avg_response_time: f64,
    median_response_time: f64,
    response_time_percentiles: Option<Percentiles>,
    total_rps: f64,
    total_fail_per_sec: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_intended: Option<FromIntended>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<Run<'a>>,
}

/// Response times from the intended start, milliseconds.
#[derive(Serialize)]
struct FromIntended {
    num_requests: u64,
    min_response_time: f64,
    max_response_time: f64,
    avg_response_time: f64,
    response_time_percentiles: Percentiles,
    response_times: BTreeMap<u64, u64>,
}

impl FromIntended {
    fn of(row: &Row, cut: &Cut) -> Option<Self> {
        let from = row.from_intended.as_ref()?;
        Some(Self {
            num_requests: from.count,
            min_response_time: from.min,
            max_response_time: from.max,
            avg_response_time: from.avg,
            response_time_percentiles: Percentiles(from.percentiles),
            response_times: response_times(cut.from_intended.as_deref()?),
        })
    }
}

impl<'a> Entry<'a> {
    fn of(row: &'a Row, cut: &Cut, run: Option<Run<'a>>) -> Self {
        let counted = &cut.counted;
        Self {
            name: &row.name,
            method: &row.method,
            last_request_timestamp: counted.last_us.map(seconds),
            start_time: seconds(counted.start_us),
            num_requests: row.num_requests,
            num_none_requests: counted.untimed,
            num_failures: row.num_failures,
            total_response_time: ms(counted.total_us),
            max_response_time: row.max_response_time,
            min_response_time: row.min_response_time,
            total_content_length: counted.content_length,
            response_times: response_times(&cut.times),
            num_reqs_per_sec: by_second(&counted.per_second, |counts| counts.requests),
            num_fail_per_sec: by_second(&counted.per_second, |counts| counts.failures),
            avg_response_time: row.avg_response_time,
            median_response_time: row.median_response_time,
            response_time_percentiles: row.percentiles.map(Percentiles),
            total_rps: row.total_rps,
            total_fail_per_sec: row.total_fail_per_sec,
            from_intended: FromIntended::of(row, cut),
            run,
        }
    }
}

/// What concerns the whole run.
#[derive(Serialize)]
struct Run<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'a str>,
    start: f64,
    end: Option<f64>,
    aggregated: &'a Row,
    stages: &'a [CutRow],
    tags: &'a [CutRow],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    arrivals: &'a [ArrivalsRow],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    thresholds: &'a [ThresholdRow],
    errors: &'a [ErrorRow],
    exceptions: &'a [ExceptionRow],
    limited_by_generator: bool,
    generator: Generator,
    notices: &'a [String],
}

impl<'a> Run<'a> {
    fn of(snapshot: &'a Snapshot, profile: Option<&'a str>) -> Self {
        Self {
            profile,
            start: snapshot.start,
            end: snapshot.end,
            aggregated: &snapshot.total,
            stages: &snapshot.stages,
            tags: &snapshot.tags,
            arrivals: &snapshot.arrivals,
            thresholds: &snapshot.thresholds,
            errors: &snapshot.errors,
            exceptions: &snapshot.exceptions,
            limited_by_generator: snapshot.generator.saturated(),
            generator: snapshot.generator,
            notices: &snapshot.notices,
        }
    }
}

/// Response times by [`akrida_run::PERCENTILES`], written as an object: `{"50%": 1.25, ...}`.
struct Percentiles([f64; 11]);

impl Serialize for Percentiles {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(crate::console::PERCENTILE_HEADINGS.iter().zip(self.0))
    }
}

/// Counts by response time in milliseconds, to two digits as Locust's wire and JSON have them.
fn response_times(histogram: &Histogram) -> BTreeMap<u64, u64> {
    let mut times = BTreeMap::new();
    for (us, count) in histogram.to_sparse().buckets() {
        *times.entry(two_digits(ms(*us))).or_default() += count;
    }
    times
}

/// Milliseconds, rounded as Locust rounds them: to whole ones below 100, then to two digits, but never coarser
/// than a second.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a response time, not negative")]
fn two_digits(ms: f64) -> u64 {
    let step = match ms {
        ms if ms < 100.0 => 1.0,
        ms if ms < 1_000.0 => 10.0,
        ms if ms < 10_000.0 => 100.0,
        _ => 1_000.0,
    };
    ((ms / step).round_ties_even() * step) as u64
}

/// The seconds in which something happened.
fn by_second(seconds: &PerSecond, count: impl Fn(&SecondCounts) -> u64) -> BTreeMap<u64, u64> {
    seconds
        .seconds()
        .iter()
        .map(|(second, counts)| (*second, count(counts)))
        .filter(|(_, n)| *n > 0)
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of our time fit into 2^53")]
fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}

#[expect(clippy::cast_precision_loss, reason = "a sum for display")]
fn ms(us: u64) -> f64 {
    us as f64 / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use akrida_stats::{Delta, EntryKey, FromIntended, Measured, Sparse};

    /// What a fleet may have measured under the rows of `snapshot`.
    fn totals(snapshot: &Snapshot) -> Totals {
        const START_US: u64 = 1_795_370_400_000_000;
        let mut totals = Totals::since(START_US);
        let mut delta = Delta::default();
        for row in &snapshot.rows {
            let counts = SecondCounts { requests: row.num_requests, failures: row.num_failures };
            let measured = Measured {
                requests: row.num_requests,
                failures: row.num_failures,
                total_us: 62_364_940,
                content_length: 24_690,
                times: Sparse::from_buckets(vec![(620, 5), (1_490, 40), (147_000, 12_300)]),
                from_intended: row.from_intended.as_ref().map(|from| {
                    let times = Sparse::from_buckets(vec![(2_500, from.count - 1), (900_000, 1)]);
                    Box::new(FromIntended { total_us: 120_500, min_us: 2_500, max_us: 900_000, times })
                }),
                per_second: PerSecond::from_seconds([(START_US / 1_000_000, counts)]),
                last_us: Some(START_US + 9_900_000),
                ..Measured::since(START_US)
            };
            delta.entries.insert(EntryKey::plain(&row.method, &row.name), measured);
        }
        totals.merge(START_US / 1_000_000, &delta);
        totals
    }

    fn rendered(snapshot: &Snapshot, profile: Option<&str>) -> String {
        render(snapshot, &totals(snapshot), profile)
    }

    #[test]
    fn a_run_without_requests_is_an_empty_list() {
        assert_eq!(rendered(&Snapshot::default(), None), "[]");
    }

    #[test]
    fn an_entry_has_locusts_keys_and_ours() {
        insta::assert_snapshot!(rendered(&samples::one_row(), Some("nightly")));
    }

    #[test]
    fn the_run_stands_in_the_first_entry_only() {
        let list: serde_json::Value = serde_json::from_str(&rendered(&samples::failures(), None)).unwrap();
        assert_eq!(list.as_array().unwrap().len(), 2);
        assert_eq!(list[0]["run"]["errors"].as_array().unwrap().len(), 3);
        assert_eq!(list[0]["run"]["limited_by_generator"], false);
        assert!(list[1].get("run").is_none());
    }

    #[test]
    fn open_load_stands_beside_service_times() {
        let list: serde_json::Value = serde_json::from_str(&rendered(&samples::open_load(), None)).unwrap();
        assert!(list[0].get("from_intended").is_none(), "{}", list[0]);
        let from = &list[1]["from_intended"];
        assert_eq!((&from["num_requests"], &from["max_response_time"]), (&995.into(), &900.0.into()));
        assert_eq!(from["response_time_percentiles"]["99%"], 640.0);
        assert_eq!(from["response_times"].to_string(), r#"{"2":994,"900":1}"#);
        assert_eq!(
            list[0]["run"]["arrivals"][0].to_string(),
            r#"{"user_class":"Shopper","rate":50.0,"started":995,"dropped":5}"#
        );
    }

    #[test]
    fn stages_tags_and_saturation() {
        let first = |snapshot| {
            let list: serde_json::Value = serde_json::from_str(&rendered(&snapshot, None)).unwrap();
            list[0]["run"].clone()
        };
        let run = first(samples::stages_and_tags());
        assert_eq!(
            (&run["stages"][1]["label"], &run["tags"][0]["row"]["num_requests"]),
            (&"peak".into(), &750.into())
        );
        let run = first(samples::saturated());
        assert_eq!(
            (&run["limited_by_generator"], &run["generator"]["worst_lag_ms"]),
            (&true.into(), &45.6.into())
        );
    }

    #[test]
    fn times_are_rounded_as_locust_does() {
        for (ms, rounded) in
            [(0.4, 0), (0.5, 0), (1.5, 2), (99.4, 99), (147.0, 150), (3_432.0, 3_400), (58_760.0, 59_000)]
        {
            assert_eq!(two_digits(ms), rounded, "{ms}");
        }
    }
}
