//! The four CSV files of `--csv PREFIX`, with the headers, cells and line ends that Locust 2.47 writes, and two more
//! for load that is open or paced.
//!
//! Cells that hold text from scenario files or servers and would be taken for a formula by a spreadsheet (they
//! begin with `=`, `+`, `-`, `@`, a tab or a carriage return) get an apostrophe in front, which spreadsheets
//! hide; no name that starts with a path's `/` is changed. Percentiles and medians are whole milliseconds, as
//! Locust's are. In `PREFIX_stats_history.csv` percentiles are those of the last ten seconds, as Locust's are.

use crate::console::{PERCENTILE_HEADINGS, median};
use crate::run_file::Second;
use akrida_run::{Row, Snapshot};
use jiff::Timestamp;
use std::borrow::Cow;

/// `PREFIX_stats.csv`: one row for each (name, method) and one for all.
#[must_use]
pub fn stats(snapshot: &Snapshot) -> String {
    stats_of(snapshot.rows.iter().chain([&snapshot.total]))
}

/// `PREFIX_intended_stats.csv`: the rows of `PREFIX_stats.csv` that have times from the intended start, with these in
/// place of their response times; `None` if none has.
#[must_use]
pub fn intended_stats(snapshot: &Snapshot) -> Option<String> {
    let rows: Vec<Row> = snapshot.rows.iter().chain([&snapshot.total]).filter_map(from_intended).collect();
    (!rows.is_empty()).then(|| stats_of(&rows))
}

/// `row` with its times from the intended start in place of its response times.
fn from_intended(row: &Row) -> Option<Row> {
    let from = row.from_intended.as_ref()?;
    Some(Row {
        min_response_time: Some(from.min),
        max_response_time: from.max,
        avg_response_time: from.avg,
        median_response_time: from.percentiles[0],
        percentiles: Some(from.percentiles),
        ..row.clone()
    })
}

/// `PREFIX_arrivals.csv`: one row for each class with open load; `None` if there is none.
#[must_use]
pub fn arrivals(snapshot: &Snapshot) -> Option<String> {
    let mut table = Table::default();
    table.line(["User Class", "Started", "Dropped"]);
    for row in &snapshot.arrivals {
        table.line([text(&row.user_class), row.started.to_string().into(), row.dropped.to_string().into()]);
    }
    (!snapshot.arrivals.is_empty()).then_some(table.0)
}

fn stats_of<'a>(rows: impl IntoIterator<Item = &'a Row>) -> String {
    let mut table = Table::default();
    let fixed = [
        "Type",
        "Name",
        "Request Count",
        "Failure Count",
        "Median Response Time",
        "Average Response Time",
        "Min Response Time",
        "Max Response Time",
        "Average Content Size",
        "Requests/s",
        "Failures/s",
    ];
    table.line(fixed.into_iter().chain(PERCENTILE_HEADINGS));
    for row in rows {
        let rates = [decimal(row.total_rps), decimal(row.total_fail_per_sec)];
        table.line(
            [text(&row.method), text(name(row))]
                .into_iter()
                .chain(measured(row))
                .chain(rates)
                .chain(percentiles(row.percentiles.as_ref(), row.num_requests)),
        );
    }
    table.0
}

/// `PREFIX_failures.csv`: one row for each (method, name, error).
#[must_use]
pub fn failures(snapshot: &Snapshot) -> String {
    let mut table = Table::default();
    table.line(["Method", "Name", "Error", "Occurrences", "First Seen", "Last Seen"]);
    for row in &snapshot.errors {
        table.line([
            text(&row.method),
            text(&row.name),
            text(&row.error),
            row.occurrences.to_string().into(),
            row.first_seen.map_or_else(String::new, utc).into(),
            row.last_seen.map_or_else(String::new, utc).into(),
        ]);
    }
    table.0
}

/// `PREFIX_exceptions.csv`: one row for each exception in users.
#[must_use]
pub fn exceptions(snapshot: &Snapshot) -> String {
    let mut table = Table::default();
    table.line(["Count", "Message", "Traceback", "Nodes"]);
    for row in &snapshot.exceptions {
        let nodes = row.nodes.join(", ");
        table.line([row.count.to_string().into(), text(&row.msg), text(&row.traceback), text(&nodes)]);
    }
    table.0
}

/// The first line of `PREFIX_stats_history.csv`.
#[must_use]
pub fn history_header() -> String {
    let mut table = Table::default();
    let before = ["Timestamp", "User Count", "Type", "Name", "Requests/s", "Failures/s"];
    let after = [
        "Total Request Count",
        "Total Failure Count",
        "Total Median Response Time",
        "Total Average Response Time",
        "Total Min Response Time",
        "Total Max Response Time",
        "Total Average Content Size",
    ];
    table.line(before.into_iter().chain(PERCENTILE_HEADINGS).chain(after));
    table.0
}

/// What one second adds to `PREFIX_stats_history.csv`: the total, and with `--csv-full-history` all rows before it.
#[must_use]
pub fn history_lines(snapshot: &Snapshot, full: bool) -> String {
    let mut table = Table::default();
    let rows: &[Row] = if full { &snapshot.rows } else { &[] };
    for row in rows.iter().chain([&snapshot.total]) {
        let before = [
            format!("{:.0}", snapshot.at.floor()).into(),
            snapshot.user_count.to_string().into(),
            text(&row.method),
            text(name(row)),
            format!("{:.6}", row.current_rps).into(),
            format!("{:.6}", row.current_fail_per_sec).into(),
        ];
        let current = percentiles(row.current_percentiles.as_ref(), row.num_requests);
        table.line(before.into_iter().chain(current).chain(measured(row)));
    }
    table.0
}

/// The lines of `PREFIX_stats_history.csv` for the seconds of a run that was read with its course, without those of
/// single names, which a run's file does not have for each second.
#[must_use]
pub fn history_again(series: &[Second]) -> String {
    let line = |second: &Second| {
        let total = second.total.as_deref()?.clone();
        let (at, user_count) = (second.at, second.user_count);
        Some(history_lines(&Snapshot { at, user_count, total, ..Snapshot::default() }, false))
    };
    series.iter().filter_map(line).collect()
}

/// The row's name; the total has one also before anybody filled the snapshot.
fn name(row: &Row) -> &str {
    if row.name.is_empty() && row.method.is_empty() { "Aggregated" } else { &row.name }
}

/// Counts, times and size, in the order that both tables of statistics have them.
fn measured(row: &Row) -> [Cow<'static, str>; 7] {
    [
        row.num_requests.to_string().into(),
        row.num_failures.to_string().into(),
        // Below ten milliseconds a whole number would tell little, or contradict the minimum.
        if (f64::MIN_POSITIVE..10.0).contains(&row.median_response_time) {
            decimal(row.median_response_time)
        } else {
            whole(median(row))
        },
        decimal(row.avg_response_time),
        row.min_response_time.filter(|ms| *ms != 0.0).map_or(Cow::Borrowed("0"), decimal),
        if row.max_response_time == 0.0 { Cow::Borrowed("0") } else { decimal(row.max_response_time) },
        if row.num_requests == 0 { Cow::Borrowed("0") } else { decimal(row.avg_content_length) },
    ]
}

fn percentiles(values: Option<&[f64; 11]>, requests: u64) -> [Cow<'static, str>; 11] {
    match values {
        Some(values) => values.map(|ms| whole(ms.round())),
        None if requests == 0 => [const { Cow::Borrowed("N/A") }; 11],
        None => [const { Cow::Borrowed("0") }; 11],
    }
}

/// A number as Python writes a float.
fn decimal(number: f64) -> Cow<'static, str> {
    format!("{number:?}").into()
}

/// A number without a fraction if it has none, as Python writes an int.
fn whole(number: f64) -> Cow<'static, str> {
    format!("{number}").into()
}

/// `2026-11-22T18:00:00Z`; empty for a time that no calendar holds.
fn utc(unix_seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "whole seconds; what is out of range saturates")]
    let seconds = unix_seconds.floor() as i64;
    Timestamp::from_second(seconds)
        .map_or_else(|_| String::new(), |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// A cell of text that strangers wrote.
fn text(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        return format!("'{cell}").into();
    }
    cell.into()
}

/// Lines of cells, quoted where they must be.
#[derive(Default)]
struct Table(String);

impl Table {
    fn line<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) {
        for (index, cell) in cells.into_iter().enumerate() {
            if index > 0 {
                self.0.push(',');
            }
            let cell = cell.as_ref();
            if cell.contains(['"', ',', '\r', '\n']) {
                self.0.push('"');
                self.0.push_str(&cell.replace('"', "\"\""));
                self.0.push('"');
            } else {
                self.0.push_str(cell);
            }
        }
        self.0.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    /// With line ends and escapes made visible: they are part of the format.
    fn shown(csv: &str) -> String {
        csv.replace("\r\n", "␍␊\n").replace('\u{1b}', "␛")
    }

    #[test]
    fn headers_are_locusts() {
        let empty = Snapshot::default();
        insta::assert_snapshot!(shown(&stats(&empty)), @r"
        Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%␍␊
        ,Aggregated,0,0,0,0.0,0,0,0,0.0,0.0,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A␍␊
        ");
        insta::assert_snapshot!(shown(&failures(&empty)), @"Method,Name,Error,Occurrences,First Seen,Last Seen␍␊");
        insta::assert_snapshot!(shown(&exceptions(&empty)), @"Count,Message,Traceback,Nodes␍␊");
        insta::assert_snapshot!(shown(&(history_header() + &history_lines(&empty, true))), @r"
        Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%,Total Request Count,Total Failure Count,Total Median Response Time,Total Average Response Time,Total Min Response Time,Total Max Response Time,Total Average Content Size␍␊
        0,0,,Aggregated,0.000000,0.000000,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,0,0,0,0.0,0,0,0␍␊
        ");
    }

    #[test]
    fn rows() {
        insta::assert_snapshot!(shown(&stats(&samples::failures())), @r"
        Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%␍␊
        GET,/a,40,14,700,840.4799999999999,350.2,2451.4,2.0,4.0,1.4,700,876,1051,1226,1401,1576,1751,1926,2101,2276,2451␍␊
        GET,'=cmd|'/c calc'!A1,2,2,0.62,0.744,0.31,2.17,2.0,0.2,0.2,1,1,1,1,1,1,2,2,2,2,2␍␊
        ,Aggregated,42,16,651,780.6,325.25,2276.75,2.0,4.2,1.6,651,813,976,1138,1301,1464,1626,1789,1952,2114,2277␍␊
        ");
        insta::assert_snapshot!(shown(&failures(&samples::failures())), @r#"
        Method,Name,Error,Occurrences,First Seen,Last Seen␍␊
        GET,/a,HTTPError('500 Server Error: Internal Server Error for url: /a'),3,2026-11-22T18:00:01Z,2026-11-22T18:00:09Z␍␊
        GET,/a,"CatchResponseError('Got an error, ""quoted""')",11,2026-11-22T18:00:01Z,2026-11-22T18:00:09Z␍␊
        GET,'=cmd|'/c calc'!A1,"two
        lines ␛[31mand colour",2,,␍␊
        "#);
        insta::assert_snapshot!(shown(&exceptions(&samples::failures())), @r#"
        Count,Message,Traceback,Nodes␍␊
        2,"boom,
        ""q""","  File ""locustfile.py"", line 3
        ","host_1, host_2"␍␊
        "#);
    }

    #[test]
    fn open_and_paced_load() {
        let (closed, open) = (samples::failures(), samples::open_load());
        assert_eq!((intended_stats(&closed), arrivals(&closed)), (None, None));
        insta::assert_snapshot!(shown(&intended_stats(&open).unwrap()), @r"
        Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%␍␊
        GET,/open,1000,0,80,120.5,2.5,900.0,2.0,100.0,0.0,80,160,240,320,400,480,560,640,720,800,880␍␊
        ,Aggregated,1500,0,80,120.5,2.5,900.0,2.0,150.0,0.0,80,160,240,320,400,480,560,640,720,800,880␍␊
        ");
        insta::assert_snapshot!(shown(&arrivals(&open).unwrap()), @r"
        User Class,Started,Dropped␍␊
        Shopper,995,5␍␊
        Visitor,12,0␍␊
        ");
    }

    #[test]
    fn history_with_and_without_rows() {
        let run = samples::failures();
        insta::assert_snapshot!(shown(&history_lines(&run, false)), @"1795370410,50,,Aggregated,5.250000,2.000000,1301,1626,1952,2277,2602,2927,3253,3578,3903,4228,4554,42,16,651,780.6,325.25,2276.75,2.0␍␊");
        insta::assert_snapshot!(shown(&history_lines(&run, true)), @r"
        1795370410,50,GET,/a,5.000000,1.750000,1401,1751,2101,2451,2802,3152,3502,3852,4202,4553,4903,40,14,700,840.4799999999999,350.2,2451.4,2.0␍␊
        1795370410,50,GET,'=cmd|'/c calc'!A1,0.250000,0.250000,1,2,2,2,2,3,3,3,4,4,4,2,2,0.62,0.744,0.31,2.17,2.0␍␊
        1795370410,50,,Aggregated,5.250000,2.000000,1301,1626,1952,2277,2602,2927,3253,3578,3903,4228,4554,42,16,651,780.6,325.25,2276.75,2.0␍␊
        ");
    }

    #[test]
    fn formulas_stay_text() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-1", "'-1"),
            ("+1", "'+1"),
            ("\t=1", "'\t=1"),
            ("/a=b", "/a=b"),
            ("", ""),
        ] {
            assert_eq!(text(cell), written);
        }
    }

    #[test]
    fn times_beyond_the_calendar_are_left_out() {
        assert_eq!([utc(f64::MAX), utc(f64::NAN)], ["", "1970-01-01T00:00:00Z"]);
    }
}
