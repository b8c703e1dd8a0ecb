//! Every bound of this crate, with its unit and its reason.

/// Longest record, bytes. The longest is the sum of a whole run: ten thousand keys with a histogram each.
pub const RECORD: usize = 1 << 30;

/// Keys of a sum of records: twice what a run keeps apart, since a name counts once for each of its tags and stages.
/// What comes later is counted under `(other)`.
pub const KEYS: usize = 2 * akrida_stats::limits::ENTRIES;

/// Seconds back from the newest whose counts a sum of records keeps.
pub const SECONDS: u64 = akrida_stats::limits::SECONDS;

/// Events of a sum of records; older ones are left out.
pub const EVENTS: usize = 1_000;

/// Points of the course in a sum of records; above it every second one is left out.
pub const POINTS: usize = 2 * akrida_stats::limits::HISTORY_POINTS;

/// Exceptions, by where they were raised, of a sum of records.
pub const EXCEPTIONS: usize = 1_000;

/// Distinct exceptions of a run; later ones are counted together in one more row.
pub const DISTINCT_EXCEPTIONS: usize = 200;

/// Longest message or traceback of an exception kept, bytes.
pub const EXCEPTION_TEXT: usize = 8 * 1024;

/// Ids of workers kept with one exception.
pub const EXCEPTION_NODES: usize = 100;

/// Tags that have a row of their own.
pub const TAGS: usize = 200;

/// Names that have series of their own in monitoring. Each is some thirty lines of a scrape; others share one.
pub const NAMED_SERIES: usize = 500;
