//! A worker's report: what it measured since the one before.
//!
//! Locust's keys carry what Locust knows; times in them are float milliseconds, which hold microseconds exactly
//! up to [`limits::TIME_US`]. Under `akrida` stand the exact histograms, tags and stage of an entry, and what Locust
//! has no words for of the report. Entries that differ only in tags or stage share (name, method); Locust's master
//! adds them up.

use crate::error::{At as _, Read, required};
use crate::generation::{Generation, Generations};
use crate::histogram::{read_exact, read_rounded, write_exact, write_rounded};
use crate::reader::Reader;
use crate::receipt::{self, Receipt};
use crate::rows::{self, RowsUsed};
use crate::to_master::{read_by_class, read_classes, write_classes, write_users};
use crate::writer::Writer;
use crate::{AKRIDA, error_key, limits};
use akrida_stats::limits::{ENTRIES, OTHER};
use akrida_stats::{
    Arrivals, Delta, EntryKey, ErrorKey, ErrorRow, Errors, FromIntended, Measured, PerSecond, SecondCounts,
};
use std::collections::BTreeMap;

/// What a worker reports.
#[derive(Clone, Debug, PartialEq)]
pub struct StatsReport {
    /// What was measured since the last report. From Locust's workers since 0.10 with a total of its own.
    pub delta: Delta,
    /// Users by class; empty before 2.0.
    pub user_classes_count: BTreeMap<String, u64>,
    /// Users in all.
    pub user_count: u64,
    /// Whether response times are exact; else they are rounded as Locust rounds, and tags and stages are unknown.
    pub exact: bool,
    /// Counts the reports of a worker, so that a missing or repeated one shows; `None` from Locust's workers.
    pub sequence: Option<u64>,
    /// Tells the processes of a worker apart that begins again under its name, and counts its reports anew: when it
    /// began, unix microseconds by its own clock. `None` where nothing is counted.
    pub process: Option<u64>,
    /// What the worker wants to hear of it; `None` where it does not keep it.
    pub receipt: Option<Receipt>,
    /// Timestamp of the newest job that it took; `None` before the first, and from Locust's workers.
    pub job: Option<f64>,
    /// Users that ended by themselves since the run began, by class. Told by exact reports only.
    pub ended: BTreeMap<String, u64>,
    /// Why a user wants the whole run to end, if one does. Told by exact reports only.
    pub stop_run: Option<String>,
    /// What was used of leased rows; `None` where none are. Told by exact reports only.
    pub rows: Option<RowsUsed>,
}

pub(crate) fn write(writer: &mut Writer, report: &StatsReport) {
    let delta = &report.delta;
    writer.map(5 + usize::from(report.exact));
    writer.text("stats");
    writer.array(delta.entries.len());
    for (key, measured) in &delta.entries {
        write_entry(writer, key, measured, report.exact);
    }
    writer.text("stats_total");
    let aggregated = EntryKey::plain("", "Aggregated");
    match &delta.total {
        // An exact total is marked as one of its own; else the reader takes the sum, as the sender does.
        Some(total) => write_entry(writer, &aggregated, total, report.exact),
        None => write_entry(writer, &aggregated, &delta.sum(), false),
    }
    writer.text("errors");
    write_errors(writer, &delta.errors);
    write_users(writer, &report.user_classes_count, report.user_count);
    if report.exact {
        write_extra(writer, report);
    }
}

/// Writes what Locust has no words for; what is not there is left out.
fn write_extra(writer: &mut Writer, report: &StatsReport) {
    let delta = &report.delta;
    let fields = [
        report.sequence.is_some(),
        report.process.is_some(),
        report.receipt.is_some(),
        delta.names_overflowed,
        !delta.arrivals.is_empty(),
        report.job.is_some(),
        !report.ended.is_empty(),
        report.stop_run.is_some(),
        report.rows.is_some(),
    ];
    writer.text(AKRIDA);
    writer.map(fields.into_iter().filter(|there| *there).count());
    if let Some(sequence) = report.sequence {
        writer.text("sequence");
        writer.uint(sequence.min(limits::COUNT));
    }
    if let Some(process) = report.process {
        writer.text("process");
        writer.uint(process.min(limits::COUNT));
    }
    if let Some(receipt) = report.receipt {
        writer.text("receipt");
        receipt::write_receipt(writer, receipt);
    }
    if delta.names_overflowed {
        writer.text("names_overflowed");
        writer.boolean(true);
    }
    if !delta.arrivals.is_empty() {
        writer.text("arrivals");
        writer.map(delta.arrivals.len());
        for (class, Arrivals { started, dropped }) in &delta.arrivals {
            writer.text(class);
            writer.array(2);
            [started, dropped].into_iter().for_each(|count| writer.uint(*count.min(&limits::COUNT)));
        }
    }
    if let Some(job) = report.job {
        writer.text("job");
        writer.float(job);
    }
    if !report.ended.is_empty() {
        writer.text("ended");
        write_classes(writer, &report.ended);
    }
    if let Some(reason) = &report.stop_run {
        writer.text("stop_run");
        writer.text(reason);
    }
    if let Some(used) = &report.rows {
        writer.text("rows");
        rows::write_used(writer, used);
    }
}

pub(crate) fn read(reader: &mut Reader<'_>) -> Read<(StatsReport, Generations)> {
    let mut delta = Delta::default();
    let (mut user_classes_count, mut user_count) = (None, 0);
    let (mut exact, mut sequence, mut process, mut total) = (false, None, None, None);
    let (mut receipt, mut job, mut ended, mut stop_run, mut rows) = (None, None, BTreeMap::new(), None, None);
    let mut seconds = Seconds::default();
    reader.fields(|name, reader| {
        match name {
            "stats" => reader.elements(limits::ENTRIES, "entries", |reader| {
                let entry = read_entry(reader, &mut seconds)?;
                insert(&mut delta, entry.key, entry.measured);
                Ok(())
            })?,
            "stats_total" => total = Some(look_at_total(reader)?),
            "errors" => delta.errors = read_errors(reader)?,
            "user_classes_count" => user_classes_count = Some(read_classes(reader)?),
            "user_count" => user_count = reader.count()?,
            AKRIDA => {
                exact = true;
                reader.fields(|name, reader| {
                    match name {
                        "sequence" => sequence = Some(reader.count()?),
                        "process" => process = Some(reader.count()?),
                        "receipt" => receipt = Some(receipt::read_receipt(reader)?),
                        "names_overflowed" => delta.names_overflowed |= reader.boolean()?,
                        "arrivals" => delta.arrivals = read_by_class(reader, read_arrivals)?,
                        "job" => job = Some(reader.finite()?),
                        "ended" => ended = read_classes(reader)?,
                        "stop_run" => stop_run = Some(reader.shortened(limits::TEXT)?),
                        "rows" => rows = Some(rows::read_used(reader)?),
                        _ => reader.skip()?,
                    }
                    Ok(())
                })?;
            }
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    let generations = match (&total, &user_classes_count) {
        (_, Some(_)) => Generations::only(Generation::V2),
        (Some(_), None) => Generations::between(Generation::V0_10, Generation::V1_4),
        (None, None) => Generations::only(Generation::V0_5),
    };
    if generations == Generations::only(Generation::V0_5) {
        delta.entries.values_mut().for_each(count_failures);
    } else {
        let (mut total, is_its_own) = required(total, "stats_total")?;
        if !exact || is_its_own {
            delta.total = Some(read_entry(&mut total, &mut seconds).at("stats_total")?.measured);
        }
    }
    let report = StatsReport {
        delta,
        user_classes_count: user_classes_count.unwrap_or_default(),
        user_count,
        exact,
        sequence,
        process,
        receipt,
        job,
        ended,
        stop_run,
        rows,
    };
    Ok((report, generations))
}

/// Before 0.10 a failed request was counted as a failure only, and its time not at all.
fn count_failures(measured: &mut Measured) {
    measured.requests = measured.requests.saturating_add(measured.failures).min(limits::COUNT);
    measured.untimed = measured.untimed.saturating_add(measured.failures).min(limits::COUNT);
}

/// Passes over the total, which is read later if it is not the sum of the entries: whether it is one of its own.
fn look_at_total<'a>(reader: &mut Reader<'a>) -> Read<(Reader<'a>, bool)> {
    let total = *reader;
    let mut is_its_own = false;
    reader.raw_fields(|name, reader| {
        is_its_own |= name == AKRIDA.as_bytes();
        reader.skip()
    })?;
    Ok((total, is_its_own))
}

fn read_arrivals(reader: &mut Reader<'_>) -> Read<Arrivals> {
    let [started, dropped] = reader.tuple(Reader::count)?;
    Ok(Arrivals { started, dropped })
}

/// Files an entry, within the bound on names that recorders keep too.
fn insert(delta: &mut Delta, mut key: EntryKey, measured: Measured) {
    if delta.entries.len() > ENTRIES && !delta.entries.contains_key(&key) {
        delta.names_overflowed = true;
        key = EntryKey::plain("", OTHER);
    }
    delta.entries.entry(key).and_modify(|kept| kept.merge(&measured)).or_insert(measured);
}

struct Entry {
    key: EntryKey,
    measured: Measured,
}

/// Counts by second of an entry that is being read.
#[derive(Default)]
struct Seconds {
    /// The first one counted in the report.
    first: Option<u64>,
    /// Those of the entry, in any order. Emptied with each.
    counts: Vec<(u64, SecondCounts)>,
}

fn write_entry(writer: &mut Writer, key: &EntryKey, measured: &Measured, exact: bool) {
    writer.map(14 + usize::from(exact));
    writer.text("name");
    writer.text(&key.name);
    writer.text("method");
    writer.text(&key.method);
    writer.text("last_request_timestamp");
    writer.optional(measured.last_us, Writer::unix_seconds);
    writer.text("start_time");
    writer.unix_seconds(measured.start_us);
    for (name, count) in [
        ("num_requests", measured.requests),
        ("num_none_requests", measured.untimed),
        ("num_failures", measured.failures),
    ] {
        writer.text(name);
        writer.uint(count.min(limits::COUNT));
    }
    writer.text("total_response_time");
    writer.milliseconds(measured.total_us);
    writer.text("max_response_time");
    writer.milliseconds(measured.max_us);
    writer.text("min_response_time");
    writer.optional(measured.min_us, Writer::milliseconds);
    writer.text("total_content_length");
    writer.uint(measured.content_length.min(limits::COUNT));
    writer.text("response_times");
    write_rounded(writer, &measured.times);
    writer.text("num_reqs_per_sec");
    write_seconds(writer, &measured.per_second, |counts| counts.requests);
    writer.text("num_fail_per_sec");
    write_seconds(writer, &measured.per_second, |counts| counts.failures);
    if exact {
        writer.text(AKRIDA);
        let fields = [!key.tags.is_empty(), key.stage.is_some(), measured.from_intended.is_some()];
        writer.map(1 + fields.into_iter().filter(|there| *there).count());
        writer.text("hist");
        write_exact(writer, &measured.times);
        if let Some(from) = &measured.from_intended {
            writer.text("from_intended");
            write_from_intended(writer, from);
        }
        if !key.tags.is_empty() {
            writer.text("tags");
            writer.array(key.tags.len());
            key.tags.iter().for_each(|tag| writer.text(tag));
        }
        if let Some(stage) = key.stage {
            writer.text("stage");
            writer.uint(stage.into());
        }
    }
}

fn read_entry(reader: &mut Reader<'_>, seconds: &mut Seconds) -> Read<Entry> {
    let (mut name, mut method, mut start_us) = (None, None, None);
    let (mut requests, mut failures, mut total_us) = (None, None, None);
    let (mut rounded, mut exact, mut from_intended) = (None, None, None);
    let (mut tags, mut stage) = (Vec::new(), None);
    let mut measured = Measured::default();
    reader.raw_fields(|field, reader| {
        match field {
            b"name" => name = Some(reader.shortened(limits::REQUEST_NAME)?),
            // Nil of totals before 1.0.
            b"method" => {
                let told = reader.optional(|reader| reader.shortened(limits::REQUEST_NAME))?;
                method = Some(told.unwrap_or_default());
            }
            b"last_request_timestamp" => measured.last_us = reader.optional(Reader::unix_seconds)?,
            b"start_time" => start_us = Some(reader.unix_seconds()?),
            b"num_requests" => requests = Some(reader.count()?),
            b"num_none_requests" => measured.untimed = reader.count()?,
            b"num_failures" => failures = Some(reader.count()?),
            b"total_response_time" => total_us = Some(reader.milliseconds()?),
            b"max_response_time" => measured.max_us = reader.milliseconds()?,
            b"min_response_time" => measured.min_us = reader.optional(Reader::milliseconds)?,
            b"total_content_length" => measured.content_length = reader.count()?,
            // Read only if there are no exact ones, which come later.
            b"response_times" => {
                rounded = Some(*reader);
                reader.skip()?;
            }
            b"num_reqs_per_sec" => seconds.read(reader, |requests| SecondCounts { requests, failures: 0 })?,
            b"num_fail_per_sec" => seconds.read(reader, |failures| SecondCounts { requests: 0, failures })?,
            field if field == AKRIDA.as_bytes() => reader.raw_fields(|field, reader| {
                match field {
                    b"hist" => exact = Some(read_exact(reader)?),
                    b"from_intended" => from_intended = Some(Box::new(read_from_intended(reader)?)),
                    b"tags" => reader.elements(limits::TAGS, "tags", |reader| {
                        tags.push(reader.text(limits::NAME)?.to_owned());
                        Ok(())
                    })?,
                    b"stage" => stage = Some(reader.small()?),
                    _ => reader.skip()?,
                }
                Ok(())
            })?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    measured.start_us = required(start_us, "start_time")?;
    measured.requests = required(requests, "num_requests")?;
    measured.failures = required(failures, "num_failures")?;
    measured.total_us = required(total_us, "total_response_time")?;
    measured.times = match exact {
        Some(times) => times,
        None => read_rounded(&mut required(rounded, "response_times")?).at("response_times")?,
    };
    measured.from_intended = from_intended;
    measured.per_second = seconds.take();
    let (name, method) = (required(name, "name")?, required(method, "method")?);
    Ok(Entry { key: EntryKey { name, method, tags, stage }, measured })
}

fn write_from_intended(writer: &mut Writer, from: &FromIntended) {
    writer.map(4);
    for (name, us) in [("total_us", from.total_us), ("min_us", from.min_us), ("max_us", from.max_us)] {
        writer.text(name);
        writer.uint(us.min(limits::COUNT));
    }
    writer.text("hist");
    write_exact(writer, &from.times);
}

fn read_from_intended(reader: &mut Reader<'_>) -> Read<FromIntended> {
    let (mut total_us, mut min_us, mut max_us, mut times) = (None, None, None, None);
    reader.fields(|field, reader| {
        match field {
            "total_us" => total_us = Some(reader.count()?),
            "min_us" => min_us = Some(reader.count()?),
            "max_us" => max_us = Some(reader.count()?),
            "hist" => times = Some(read_exact(reader)?),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(FromIntended {
        total_us: required(total_us, "total_us")?,
        min_us: required(min_us, "min_us")?,
        max_us: required(max_us, "max_us")?,
        times: required(times, "hist")?,
    })
}

/// Writes one of Locust's two per-second maps. A second in which nothing was counted at all stands in neither.
fn write_seconds(writer: &mut Writer, seconds: &PerSecond, count: impl Fn(&SecondCounts) -> u64) {
    let counted = || {
        seconds.seconds().iter().map(|(second, counts)| (*second, count(counts))).filter(|entry| entry.1 > 0)
    };
    writer.map(counted().count());
    for (second, count) in counted() {
        writer.uint(second.min(limits::UNIX_S));
        writer.uint(count.min(limits::COUNT));
    }
}

impl Seconds {
    /// Reads one of Locust's two per-second maps.
    fn read(&mut self, reader: &mut Reader<'_>, count: fn(u64) -> SecondCounts) -> Read<()> {
        let len = reader.map(usize::MAX, "seconds")?;
        for _ in 0..len {
            let second = reader.integer_key(limits::UNIX_S)?;
            let counts = count(reader.count()?);
            if second.abs_diff(*self.first.get_or_insert(second)) <= limits::SECONDS {
                self.counts.push((second, counts));
            }
        }
        Ok(())
    }

    fn take(&mut self) -> PerSecond {
        self.counts.sort_by_key(|entry| entry.0);
        PerSecond::from_seconds(self.counts.drain(..))
    }
}

fn write_errors(writer: &mut Writer, errors: &Errors) {
    writer.map(errors.len());
    for (key, row) in errors.iter() {
        writer.text(&error_key(&key.method, &key.name, &key.error));
        let times = [("first_seen", row.first_us), ("last_seen", row.last_us)];
        writer.map(4 + times.iter().filter(|time| time.1.is_some()).count());
        for (name, text) in [("name", &key.name), ("method", &key.method), ("error", &key.error)] {
            writer.text(name);
            writer.text(text);
        }
        writer.text("occurrences");
        writer.uint(row.occurrences.min(limits::COUNT));
        for (name, us) in times {
            if let Some(us) = us {
                writer.text(name);
                writer.unix_seconds(us);
            }
        }
    }
}

fn read_errors(reader: &mut Reader<'_>) -> Read<Errors> {
    let mut errors = Errors::default();
    reader.fields(|_, reader| {
        let (mut name, mut method, mut error, mut occurrences) = (None, None, None, None);
        let (mut first_us, mut last_us) = (None, None);
        reader.fields(|field, reader| {
            match field {
                "name" => name = Some(reader.shortened(limits::REQUEST_NAME)?),
                "method" => method = Some(reader.shortened(limits::REQUEST_NAME)?),
                "error" => error = Some(reader.text(usize::MAX)?.to_owned()),
                // Misspelt before 0.12.
                "occurrences" | "occurences" => occurrences = Some(reader.count()?),
                "first_seen" => first_us = reader.optional(Reader::unix_seconds)?,
                "last_seen" => last_us = reader.optional(Reader::unix_seconds)?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let key = ErrorKey {
            method: required(method, "method")?,
            name: required(name, "name")?,
            error: required(error, "error")?,
        };
        errors.add(key, ErrorRow { occurrences: required(occurrences, "occurrences")?, first_us, last_us });
        Ok(())
    })?;
    Ok(errors)
}
