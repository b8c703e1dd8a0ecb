//! Every bound of this crate, with its unit and its reason.

/// Longest frame in bytes, in either direction: a report of thousands of histograms fits, a claimed length of
/// 2^62 does not.
pub const FRAME: usize = 16 << 20;

/// Frames queued for one worker, as ZeroMQ's high-water mark: a worker that does not read for longer is stuck.
pub const QUEUE_TO_WORKER: usize = 1_000;

/// Frames queued for the master, of all workers together: a second of heartbeats and reports of a few thousand.
pub const QUEUE_TO_MASTER: usize = 10_000;
