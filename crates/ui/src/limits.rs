//! Every bound of this crate, with its unit and its reason.

use std::time::Duration;

/// Connections at once. A page has few, live events included; who comes above that waits.
pub(crate) const CONNECTIONS: usize = 1_024;

/// Live events at once, so that they leave connections for everything else.
pub(crate) const STREAMS: usize = 512;

/// How long a TLS handshake may take.
pub(crate) const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long the head of a request may take, and how long a connection may lie idle before its next one.
pub(crate) const HEAD: Duration = Duration::from_secs(15);

/// How long a whole body may take: the largest fits into that on a slow line.
pub(crate) const BODY: Duration = Duration::from_secs(10);

/// How long a client may take nothing of an answer before it is cut off.
pub(crate) const STALLED: Duration = Duration::from_secs(30);

/// Bytes of a request's head; cookies and long addresses fit many times.
pub(crate) const HEAD_BYTES: usize = 32 << 10;

/// Fields of a request's head; proxies add a dozen.
pub(crate) const HEAD_FIELDS: usize = 100;

/// Bytes of a body: the longest form has a thousand stages or some hundred classes.
pub(crate) const BODY_BYTES: usize = 256 << 10;

/// Bytes of a body that is too long which are read and dropped before the answer: a client that writes its body
/// before it reads would get a reset connection in place of the reason.
pub(crate) const DROPPED_BYTES: usize = 4 << 20;

/// Fields of a form, each class of a test included.
pub(crate) const FIELDS: usize = 2_000;

/// Bytes of a base path or a prefix that a proxy tells.
pub(crate) const PREFIX: usize = 256;

/// Bytes of a host that is to be loaded, as the master's.
pub(crate) const HOST: usize = akrida_master::limits::HOST;

/// Bytes of a value that is quoted in a message.
pub(crate) const QUOTED: usize = 80;

/// Lines of the master's log that are kept, as Locust's.
pub(crate) const LOG_LINES: usize = 500;

/// Bytes of one line of the log that are kept.
pub(crate) const LOG_LINE: usize = 8 << 10;

/// Rows of a table of a page without script: it is read and laid out at once.
pub(crate) const PAGE: usize = 100;

/// Rows of statistics, and of errors, in `/stats/requests`, as Locust's.
pub(crate) const ROWS: usize = 500;

/// Added to the stop timeout for how long a stop may be waited for.
pub(crate) const STOP: Duration = Duration::from_secs(5);

/// Time between two snapshots in one stream of events: a ramp of a small fleet makes many.
pub(crate) const EVENTS_APART: Duration = Duration::from_millis(250);

/// Silence in a stream of events before a comment is sent, so that proxies do not close it: they begin at 30 s.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(10);

/// How long connections may go on when the face closes.
pub(crate) const CLOSING: Duration = Duration::from_secs(1);

/// Users, and tokens, of a file.
pub(crate) const USERS: usize = 1_000;

/// Bytes of a user's name or password.
pub(crate) const PASSWORD: usize = 256;

/// How long a session lasts.
pub(crate) const SESSION: Duration = Duration::from_secs(12 * 3_600);

/// Sessions at once; the oldest makes room.
pub(crate) const SESSIONS: usize = 1_000;

/// Failed log-ins of one name at one address that cost nothing; ten times as many of a name or an address in all.
pub(crate) const FREE_FAILURES: u32 = 5;

/// The longest wait after failed log-ins.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// After this without a failure, failed log-ins are forgotten.
pub(crate) const FAILURES_LAST: Duration = Duration::from_secs(15 * 60);

/// Addresses and names whose failures are remembered.
pub(crate) const FAILURES: usize = 4_096;

/// Passwords that are looked at or wait for it at once: each takes a processor some tens of milliseconds.
pub(crate) const VERIFIERS: usize = 8;

/// Bytes of a file that is sent which are in memory at once.
pub(crate) const CHUNK: usize = 64 << 10;

/// How old what the API server said of the workers may be before it is asked again, however many pages look.
pub(crate) const SCALE_FRESH: Duration = Duration::from_secs(1);

/// How long wish, pods and workers may stay apart without a change before that is told as a problem: a pod that has its
/// image is there within a few seconds.
pub(crate) const SETTLED: Duration = Duration::from_secs(20);

/// Time between two self-tests of the right to rescale, while they fail.
pub(crate) const REHEARSE_AGAIN: Duration = Duration::from_secs(30);

/// Changes of the number of workers that are listed.
pub(crate) const CHANGES: usize = 50;

/// Runs in a list; older ones are there, and not shown.
pub(crate) const RUNS: usize = 1_000;

/// Bytes of the name of a run's file.
pub(crate) const RUN_ID: usize = 100;

/// Characters of what a run is called.
pub(crate) const RUN_NAME: usize = 120;

/// Largest file of a run that is read for a page, bytes.
pub(crate) const RUN_FILE: u64 = 2 << 30;

/// Runs side by side.
pub(crate) const COMPARED: usize = 6;

/// Files of runs that are read at once: each takes a second, and its memory.
pub(crate) const READERS: usize = 2;
