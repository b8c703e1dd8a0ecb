//! Rows for readers, computed from what was measured.
//!
//! Rules of derived numbers are those of Locust (section 3 of its protocol), but percentiles come from exact
//! histograms and rates over a whole run from its real start. Times go from microseconds to milliseconds here.

use crate::limits;
use crate::{CutRow, ErrorRow, FromIntended, PERCENTILES, Row};
use akrida_stats::{Cut, EntryKey, Errors, Histogram, Measured, Sparse, Totals};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// The name of the row over everything, as Locust's.
const AGGREGATED: &str = "Aggregated";

/// What rows are computed at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// The unix second that counts as now for current rates.
    pub(crate) second: u64,
    /// The unix second in which counting began.
    pub(crate) start: u64,
    /// From the start to the newest request of all, seconds; 0 before the first.
    pub(crate) elapsed_s: f64,
}

impl Moment {
    /// At unix microseconds `now_us`.
    pub(crate) fn of(totals: &Totals, now_us: u64) -> Self {
        let start_us = totals.start_us();
        let newest_us = totals.total().counted.last_us.unwrap_or(0);
        Self {
            second: now_us / 1_000_000,
            start: start_us / 1_000_000,
            elapsed_s: newest_us.saturating_sub(start_us) as f64 / 1e6,
        }
    }

    /// The same, but for a stage: its rates are over its own span.
    fn within(self, span: &Span) -> Self {
        let elapsed_us = span.ends_us.saturating_sub(span.begins_us);
        Self { start: span.begins_us / 1_000_000, elapsed_s: elapsed_us as f64 / 1e6, ..self }
    }
}

/// A stage and when it ran, unix microseconds. One that is not over ends now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// What it is called.
    pub name: String,
    /// When it began.
    pub begins_us: u64,
    /// When it ended.
    pub ends_us: u64,
}

/// Rows by tag and by stage, and what they are as of: requests counted, and the second or the last stage's end.
#[derive(Clone, Debug)]
struct Cuts {
    as_of: (u64, u64),
    tags: Vec<CutRow>,
    stages: Vec<CutRow>,
}

/// Makes rows, and remembers percentiles: a row in which nothing new was timed is not walked again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    service: Walked,
    from_intended: Walked,
    cuts: Option<Cuts>,
}

/// Percentiles of rows, with how many times they are of.
#[derive(Clone, Debug, Default)]
struct Walked(HashMap<(String, String), (u64, [u64; 11])>);

impl Walked {
    /// The percentiles of a row's `times`; `None` if there are none.
    fn percentiles(&mut self, key: &(String, String), times: &Histogram) -> Option<[u64; 11]> {
        let timed = times.len();
        let walked = match self.0.get(key) {
            Some((then, walked)) if *then == timed => *walked,
            _ => {
                let walked = times.quantiles(PERCENTILES);
                self.0.insert(key.clone(), (timed, walked));
                walked
            }
        };
        (timed > 0).then_some(walked)
    }
}

impl Rows {
    /// One row for each (name, method), and the one over everything.
    pub(crate) fn of(&mut self, totals: &Totals, moment: Moment) -> (Vec<Row>, Row) {
        let rows = totals.entries().map(|(key, cut)| self.row(key, cut, moment)).collect();
        (rows, self.total(totals, moment))
    }

    /// The row over everything.
    pub(crate) fn total(&mut self, totals: &Totals, moment: Moment) -> Row {
        let aggregated = (AGGREGATED.to_owned(), String::new());
        self.row(&aggregated, totals.total(), moment)
    }

    fn row(&mut self, key: &(String, String), cut: &Cut, moment: Moment) -> Row {
        let (name, method) = key;
        let recent = cut.recent(moment.second);
        let times =
            Times { run: self.service.percentiles(key, &cut.times), recent: percentiles(&recent.times) };
        let intended = cut.from_intended.as_deref().and_then(|times| {
            let run = self.from_intended.percentiles(key, times)?;
            Some((times.len(), run, percentiles(&recent.from_intended)))
        });
        Row {
            from_intended: intended
                .and_then(|(count, run, recent)| from_intended(&cut.counted, count, run, recent)),
            ..row(method, name, &cut.counted, times, moment)
        }
    }

    /// Rows by tag and by stage (named by `stages`), where these are in use.
    pub(crate) fn cuts(
        &mut self,
        totals: &Totals,
        stages: &[Span],
        moment: Moment,
    ) -> (Vec<CutRow>, Vec<CutRow>) {
        let now = stages.last().map_or(moment.second, |stage| stage.ends_us);
        let as_of = (totals.total().counted.requests, now);
        if let Some(cuts) = self.cuts.as_ref().filter(|cuts| cuts.as_of == as_of) {
            return (cuts.tags.clone(), cuts.stages.clone());
        }
        let tags = fold(totals, |key| key.tags.clone());
        let by_stage = fold(totals, |key| key.stage.into_iter().collect());
        let tags: Vec<_> =
            tags.into_iter().take(limits::TAGS).map(|(tag, sum)| cut_row(tag, &sum, moment)).collect();
        let by_stage: Vec<_> = by_stage
            .into_iter()
            .map(|(index, sum)| match stages.get(usize::from(index)) {
                Some(span) => cut_row(span.name.clone(), &sum, moment.within(span)),
                None => cut_row((index + 1).to_string(), &sum, moment),
            })
            .collect();
        self.cuts = Some(Cuts { as_of, tags: tags.clone(), stages: by_stage.clone() });
        (tags, by_stage)
    }
}

/// The sums over all entries by each of their labels.
fn fold<L: Ord>(totals: &Totals, labels: impl Fn(&EntryKey) -> Vec<L>) -> BTreeMap<L, Measured> {
    let mut sums = BTreeMap::new();
    for (key, measured) in totals.cuts() {
        for label in labels(key) {
            sums.entry(label).or_insert_with(|| Measured::since(measured.start_us)).merge(measured);
        }
    }
    sums
}

fn cut_row(label: String, sum: &Measured, moment: Moment) -> CutRow {
    let times = Times { run: percentiles(&sum.times), recent: None };
    let intended = sum
        .from_intended
        .as_deref()
        .and_then(|from| from_intended(sum, from.times.len(), percentiles(&from.times)?, None));
    CutRow { row: Row { from_intended: intended, ..row("", &label, sum, times, moment) }, label }
}

/// Percentiles, microseconds; `None` of nothing.
fn percentiles(times: &Sparse) -> Option<[u64; 11]> {
    (!times.is_empty()).then(|| times.quantiles(PERCENTILES))
}

/// Times from the intended start of `count` requests, with percentiles of the run and of the last seconds.
#[expect(clippy::cast_precision_loss, reason = "sums and counts for display")]
fn from_intended(
    counted: &Measured,
    count: u64,
    run: [u64; 11],
    recent: Option<[u64; 11]>,
) -> Option<FromIntended> {
    let from = counted.from_intended.as_deref()?;
    let within = |us: u64| ms(us.min(from.max_us).max(from.min_us));
    Some(FromIntended {
        count,
        min: ms(from.min_us),
        max: ms(from.max_us),
        avg: from.total_us as f64 / count.max(1) as f64 / 1e3,
        percentiles: run.map(within),
        current_percentiles: recent.map(|values| values.map(within)),
    })
}

/// Percentiles of a row, microseconds.
#[derive(Clone, Copy)]
struct Times {
    run: Option<[u64; 11]>,
    recent: Option<[u64; 11]>,
}

#[expect(clippy::cast_precision_loss, reason = "counts and sums for display")]
fn row(method: &str, name: &str, counted: &Measured, times: Times, moment: Moment) -> Row {
    let (requests, failures) = (counted.requests as f64, counted.failures as f64);
    let (current_rps, current_fail_per_sec) = counted.current_rates(moment.second, moment.start);
    let per_s = |count: f64| if moment.elapsed_s > 0.0 { count / moment.elapsed_s } else { 0.0 };
    let per = |sum: u64, count: u64| if count > 0 { sum as f64 / count as f64 } else { 0.0 };
    // Buckets are wider than a microsecond: without this a percentile could exceed the maximum.
    let within = |us: u64| ms(us.min(counted.max_us).max(counted.min_us.unwrap_or(0)));
    Row {
        method: method.to_owned(),
        name: name.to_owned(),
        num_requests: counted.requests,
        num_failures: counted.failures,
        fail_ratio: if counted.requests > 0 { failures / requests } else { failures.min(1.0) },
        min_response_time: counted.min_us.map(ms),
        max_response_time: ms(counted.max_us),
        avg_response_time: per(counted.total_us, counted.timed()) / 1e3,
        median_response_time: times.run.map_or(0.0, |values| within(values[0])),
        avg_content_length: per(counted.content_length, counted.requests),
        current_rps,
        current_fail_per_sec,
        total_rps: per_s(requests),
        total_fail_per_sec: per_s(failures),
        percentiles: times.run.map(|values| values.map(within)),
        current_percentiles: times.recent.map(|values| values.map(within)),
        from_intended: None,
    }
}

/// The rows of all failures.
pub(crate) fn errors(errors: &Errors) -> Vec<ErrorRow> {
    errors
        .iter()
        .map(|(key, row)| ErrorRow {
            method: key.method.clone(),
            name: key.name.clone(),
            error: key.error.clone(),
            occurrences: row.occurrences,
            first_seen: row.first_us.map(seconds),
            last_seen: row.last_us.map(seconds),
        })
        .collect()
}

/// Unix microseconds as seconds.
#[expect(clippy::cast_precision_loss, reason = "microseconds since 1970 stay below 2^53 until 2255")]
pub(crate) fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}

/// Microseconds as milliseconds.
#[expect(clippy::cast_precision_loss, reason = "response times")]
pub(crate) fn ms(us: u64) -> f64 {
    us as f64 / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_stats::{Delta, Outcome, Recorder, RequestId, Sample};

    const EPOCH: u64 = 1_700_000_000_000_000;

    /// One request per millisecond of `times_ms`, each begun with the run.
    fn delta(name: &str, tags: &[&str], stage: u16, times_ms: &[u64]) -> Delta {
        let mut recorder = Recorder::new(EPOCH);
        let tags = tags.iter().map(|&tag| tag.to_owned()).collect();
        let label = recorder.label(EntryKey { tags, ..EntryKey::plain("GET", name) });
        for &time in times_ms {
            recorder.record(&Sample {
                request: RequestId { label, stage },
                intended: None,
                sent: 0,
                done: time * 1_000,
                bytes: 10,
                outcome: Outcome::Passed,
            });
        }
        recorder.drain(1_000_000)
    }

    fn totals(deltas: &[Delta]) -> Totals {
        let mut totals = Totals::since(EPOCH);
        deltas.iter().for_each(|delta| totals.merge(EPOCH / 1_000_000, delta));
        totals
    }

    fn near(left: f64, right: f64) -> bool {
        (left - right).abs() < 1e-6
    }

    #[test]
    fn a_row_holds_what_locust_would_show_and_no_percentile_exceeds_the_maximum() {
        let times: Vec<u64> = (1..=100).map(|time| time * 40).collect();
        let totals = totals(&[delta("/", &[], 0, &times)]);
        let moment = Moment::of(&totals, EPOCH + 4_000_000);
        let (rows, total) = Rows::default().of(&totals, moment);
        let [row] = rows.as_slice() else { panic!("one row") };
        assert_eq!(
            (row.num_requests, row.min_response_time, row.max_response_time),
            (100, Some(40.0), 4_000.0)
        );
        assert!(near(row.avg_response_time, 2_020.0) && near(row.avg_content_length, 10.0), "{row:?}");
        assert!(near(row.total_rps, 25.0), "100 requests until the newest one at 4 s: {row:?}");
        let percentiles = row.percentiles.unwrap();
        assert!(near(percentiles[10], 4_000.0) && percentiles.is_sorted(), "{percentiles:?}");
        assert!((row.median_response_time - 2_000.0).abs() <= 2.0, "{row:?}");
        assert_eq!((total.name.as_str(), total.num_requests), ("Aggregated", 100));
    }

    #[test]
    fn nothing_measured_is_no_number_out_of_nothing() {
        let totals = totals(&[]);
        let (rows, total) = Rows::default().of(&totals, Moment::of(&totals, EPOCH));
        assert!(rows.is_empty());
        assert_eq!((total.percentiles, total.min_response_time, total.fail_ratio), (None, None, 0.0));
    }

    #[test]
    fn tags_and_stages_have_rows_of_their_own() {
        let totals = totals(&[
            delta("/a", &["read", "slow"], 1, &[10]),
            delta("/b", &["read"], 2, &[20, 30]),
            delta("/c", &[], 2, &[40]),
        ]);
        let stages = [Span { name: "warm".to_owned(), begins_us: EPOCH, ends_us: EPOCH + 4_000_000 }];
        let (tags, stages) = Rows::default().cuts(&totals, &stages, Moment::of(&totals, EPOCH));
        let counts = |cuts: &[CutRow]| -> Vec<(String, u64)> {
            cuts.iter().map(|cut| (cut.label.clone(), cut.row.num_requests)).collect()
        };
        assert_eq!(counts(&tags), [("read".to_owned(), 3), ("slow".to_owned(), 1)]);
        assert_eq!(counts(&stages), [("warm".to_owned(), 1), ("2".to_owned(), 3)]);
        assert_eq!(stages[0].row.total_rps, 0.25, "one request in a stage of four seconds");
    }

    #[test]
    fn new_times_change_percentiles_that_are_remembered() {
        let mut rows = Rows::default();
        let mut totals = totals(&[delta("/", &[], 0, &[10])]);
        let moment = Moment::of(&totals, EPOCH);
        assert_eq!(rows.of(&totals, moment).0[0].median_response_time, 10.0);
        totals.merge(EPOCH / 1_000_000, &delta("/", &[], 0, &[30, 30, 30]));
        assert_eq!(rows.of(&totals, moment).0[0].median_response_time, 30.0);
    }
}
