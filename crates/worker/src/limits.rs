//! Every bound of this crate, with its unit and its reason.

use std::time::Duration;

/// How often a worker tells that it lives unless its configuration says otherwise, as Locust's.
pub const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(1);

/// How often statistics go to an Akrida master: a page that is a second old is live.
pub const REPORT_INTERVAL: Duration = Duration::from_secs(1);

/// How often statistics go to a Python master, as Locust's; it would melt at more.
pub const REPORT_INTERVAL_PYTHON: Duration = Duration::from_secs(3);

/// How often `client_ready` is repeated until the master acknowledges it, as Locust's.
pub const CONNECT_INTERVAL: Duration = Duration::from_secs(5);

/// How long a master that takes what is said may answer nothing before it is taken for one from before Locust 2.10,
/// none of which ever answers: it misses workers that it does not hear.
pub const UNANSWERED: Duration = Duration::from_secs(2);

/// How often `client_ready` is repeated to such a master, which notes each: another one may be there by then.
pub const ANNOUNCE_AGAIN: Duration = Duration::from_secs(30);

/// Time between two steps of a ramp that this worker makes by itself, as masters before 2.0 want.
pub const STEP: Duration = Duration::from_millis(100);

/// How often `client_ready` is sent in vain before the worker gives up, as Locust's: five minutes.
pub const CONNECT_ATTEMPTS: u32 = 61;

/// How often a worker without a test asks for it, as Locust's.
pub const FETCH_INTERVAL: Duration = Duration::from_secs(1);

/// How long it asks in vain before it gives up, as Locust's.
pub const FETCH: Duration = Duration::from_secs(300);

/// After this it is said that it still waits, and then at each [`FETCH_REMINDER`], as Locust's.
pub const FETCH_PATIENCE: Duration = Duration::from_secs(10);

/// Time between two lines that say so.
pub const FETCH_REMINDER: Duration = Duration::from_secs(60);

/// Silence of a master that answers heartbeats after which the worker gives up, as Locust's.
pub const MASTER_SILENCE: Duration = Duration::from_secs(60);

/// Heartbeats in a row that a master may leave without an answer, however rare they are.
pub const HEARTBEATS_UNANSWERED: u32 = 4;

/// How often new lines of the log go to the master, as Locust's.
pub const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// Lines between two reports of the log, as Locust's: who writes more would trouble the master with all of them.
pub const LOG_LINES_PER_REPORT: usize = 70;

/// Users that one worker runs; each costs some kilobytes and a connection. A master that wants more is told so.
pub const USERS: u64 = 1_000_000;

/// Longest base address that a master may give a class, bytes.
pub const HOST: usize = 2_048;

/// Tasks that a master may name: more than a scenario may have.
pub const TASKS: usize = 10_000;

/// A tick that comes this late means that the process itself stood still, stopped by a terminal or a debugger.
pub const STANDSTILL: Duration = Duration::from_millis(500);

/// Entries in one `stats` message: a larger report goes out in parts, so that no frame comes near the longest
/// that a transport takes and no report delays a heartbeat.
pub const ENTRIES_PER_REPORT: usize = 250;

/// Reports kept until the master acknowledges them: half a minute of them. While there are as many, what is measured
/// stays in the engine.
pub const KEPT_REPORTS: usize = 32;

/// The same, in bytes, and a report more: ten seconds of reports of five thousand names.
pub const KEPT_BYTES: usize = 16 << 20;

/// Reports that are not acknowledged for so long are sent again; twice as long after each time that brings nothing.
/// Acknowledgements come with the answers to heartbeats, and a master that keeps a journal writes it each second.
pub const SEND_AGAIN: Duration = Duration::from_secs(3);

/// The longest of these times.
pub const SEND_AGAIN_AT_MOST: Duration = Duration::from_secs(30);

/// The shortest time between two such attempts, whatever the master says that it lacks.
pub const SEND_AGAIN_AT_LEAST: Duration = Duration::from_secs(1);

/// How long a worker that has stopped waits for its last report to be acknowledged before it says so: less than
/// Kubernetes gives a process that is asked to end.
pub const LAST_ACKNOWLEDGED: Duration = Duration::from_secs(10);

/// The same where the master said that it quits: it waits for its workers no longer.
pub const QUIT_ACKNOWLEDGED: Duration = Duration::from_secs(2);

/// Frames that wait in the shell for room on the link. Heartbeats, reports and exceptions stop while any waits,
/// so only answers to the master are added; above the bound they are dropped.
pub const OUTBOX: usize = 1_000;

/// How long a worker that ends waits for room for its last frames.
pub const LAST_WORDS: Duration = Duration::from_secs(2);

/// Echoes of heartbeats from which the skew of clocks is known: one of them was not held up.
pub const ECHOES: usize = 8;

/// Longest way there and back, microseconds, of an echo that says something about clocks.
pub const ECHO_US: u64 = 30_000_000;

/// Clocks that are apart by less than this many microseconds more or less are left as they are: it is how exactly they
/// are compared, and rates are counted by the second.
pub const SKEW_US: u64 = 5_000;

/// Classes unknown to this worker that are remembered, so that each is told once.
pub const UNKNOWN_CLASSES: usize = 100;

/// Attributes of a class that are named in a line of the log; Locust's page changes four at once.
pub const ATTRIBUTES_NAMED: usize = 10;

/// The version that a worker tells: that of the Locust whose protocol it speaks. Locust's master warns of others.
pub const LOCUST_VERSION: &str = "2.47.0";
