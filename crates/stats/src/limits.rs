//! Every bound of this crate, with its unit and its reason.

/// Longest time that a histogram tells apart, in microseconds (one hour); longer ones count as this long.
pub const LONGEST_US: u64 = 3_600_000_000;

/// Significant decimal digits kept by histograms: a percentile is off by at most one in a thousand.
pub const SIGNIFICANT_DIGITS: u8 = 3;

/// Distinct (method, name, tags, stage) entries kept by a recorder or a total. What comes later is counted
/// under [`OTHER`], so that a test that puts an id into each name cannot exhaust the memory of a fleet.
pub const ENTRIES: usize = 5_000;

/// Distinct (method, name, error text) rows kept. What comes later is counted under [`OTHER`].
pub const ERRORS: usize = 1_000;

/// Longest name of a request, in bytes; the rest is cut as that of an error text.
pub const NAME: usize = 1_024;

/// Longest error text kept, in bytes; the rest is cut at a character's boundary and marked by an ellipsis.
pub const ERROR_TEXT: usize = 1_024;

/// Buckets of small histograms that are kept side by side before they are put into a dense one, which takes about as
/// much memory.
pub const GATHERED: usize = 4_096;

/// Name of the entry, or text of the error, under which everything above a bound is counted.
pub const OTHER: &str = "(other)";

/// Length of the window over which "current" values are taken, in seconds, as Locust's.
pub const WINDOW_S: u64 = 10;

/// Newest seconds left out of the window, because reports for them may still be under way, as Locust's.
pub const WINDOW_LAG_S: u64 = 2;

/// Seconds kept of each row's counts by second (three hours); of a longer run the newest are kept.
pub const SECONDS: u64 = 3 * 3_600;

/// Points of the history. When it is full, every second point is dropped and the interval doubles.
pub const HISTORY_POINTS: usize = 2_048;
