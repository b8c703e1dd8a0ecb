//! Every bound of this crate, with its unit and its reason.

/// Longest content of a frame, bytes. The longest is the sum of a whole run, of ten thousand keys.
pub const FRAME: u64 = 128 << 20;

/// How hard frames are compressed, of 9: more takes twice the time for a hundredth less.
pub const COMPRESSION: u32 = 6;

/// How often totals are written at most, microseconds. Masters tell of each second; a late one makes up for it with a
/// shorter one.
pub const SECOND_US: u64 = 500_000;

/// How often figures by name are written, microseconds: an hour of 500 names fits into 20 MB then.
pub const SLICE_US: u64 = 9_900_000;

/// Whenever a file has grown by this many bytes it is written in steps twice as long.
pub const COARSER: u64 = 128 << 20;

/// How often steps are doubled at most: to some minutes, so that hardly anything is left of what grows with time.
pub const COARSEST: u64 = 8;

/// Frames of a file that are counted at a glance: more than a file may have that is written in coarser steps.
pub const FRAMES: usize = 4_000_000;

/// Frames at a file's end that are looked at, at a glance: behind the last second stand a slice and what came late.
pub const GLANCED: usize = 64;

/// Seconds of a run that are kept apart when it is read: a day and a half.
pub const SERIES: usize = 131_072;

/// Events of a run that are kept when it is read; later ones are left out.
pub const EVENTS: usize = 10_000;
