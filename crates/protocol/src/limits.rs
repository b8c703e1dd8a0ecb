//! Every bound of this crate, with its unit and its reason. Texts above their bound are shortened where a report
//! would be lost otherwise, and refused where they identify something.

/// Longest message type, in bytes. Locust's own have at most 17; locustfiles may register others.
pub const KIND: usize = 256;

/// Longest node id, in bytes: ZeroMQ's bound for an identity.
pub const NODE_ID: usize = 255;

/// Longest version, state, class, option or tag name, in bytes; longer ones are refused.
pub const NAME: usize = 1_024;

/// Longest request name and method kept, in bytes; the rest is cut and marked by an ellipsis. Some tests name
/// requests by whole URLs.
pub const REQUEST_NAME: usize = 2_048;

/// Longest log line, exception message or traceback kept, in bytes; the rest is cut.
pub const TEXT: usize = 65_536;

/// Lines of a worker's log. Locust sends its whole buffer of 500.
pub const LOG_LINES: usize = 2_000;

/// User classes named in a message.
pub const USER_CLASSES: usize = 1_000;

/// Tags of a statistics entry.
pub const TAGS: usize = 64;

/// Statistics entries in a report. A recorder keeps fewer; above its bound entries are read into one for the rest,
/// which takes time for each.
pub const ENTRIES: usize = 20_000;

/// How far, in seconds, per-second counts of a report may lie from the first of them. What lies further off is left
/// out: only the rates of the last seconds use these counts, and a clock that jumps must not cost the whole report.
pub const SECONDS: u64 = 3_600;

/// Buckets of a histogram. One of three digits over an hour has fewer than 24,000.
pub const BUCKETS: usize = 32_768;

/// Largest count. Up to here counts survive a way through JSON's and Locust's floats.
pub const COUNT: u64 = 1 << 53;

/// Longest time, or sum of times, in a report, in microseconds (71 years). Up to here microseconds survive the
/// way through Locust's float milliseconds exactly.
pub const TIME_US: u64 = 1 << 51;

/// Latest time of day, in unix seconds (the year 2106). Up to here microseconds survive the way through Locust's
/// float seconds exactly.
pub const UNIX_S: u64 = (1 << 32) - 1;

/// Parts into which rows of data are divided: more than any fleet has workers. Small enough that no number of rows
/// overflows.
pub const STRIDE: u64 = 1 << 20;

/// Sources of rows that are given only once: more than a scenario may have.
pub const FEEDERS: usize = 10_000;

/// Leases of rows in one message. A master gives few at a time; it never has to give as many.
pub const LEASES: usize = 20_000;

/// Nesting of free-form values (custom options, class attributes).
pub const DEPTH: usize = 16;

/// Elements in one free-form value, nested ones included.
pub const ELEMENTS: usize = 10_000;

/// Longest text in a free-form value, in bytes.
pub const VALUE_TEXT: usize = 65_536;

/// Files of a locustfile answer.
pub const LOCUSTFILES: usize = 1_000;

/// Longest locustfile, in bytes.
pub const LOCUSTFILE: usize = 8 * 1024 * 1024;
