//! Every bound of this crate, with its unit and its reason.

use std::time::Duration;

/// Requests kept whole by a ledger; later ones are only counted, so that a load test does not fill the memory.
pub const REQUESTS_KEPT: usize = 10_000;

/// Distinct (method, path) pairs counted by a ledger; later ones count only towards the total.
pub const PATHS_COUNTED: usize = 10_000;

/// Largest request body that is read, in bytes; a larger one is answered by 413.
pub const REQUEST_BODY: usize = 16 << 20;

/// Largest request head that the raw targets read, in bytes; a larger one closes the connection.
pub const REQUEST_HEAD: usize = 64 << 10;

/// Connections that may wait to be accepted: a thousand users connect at once. The kernel may allow fewer.
pub const BACKLOG: u32 = 4_096;

/// How long accepting rests after an error such as "too many open files".
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// How often a port is tried to be had again that a server had before, each time after [`ACCEPT_PAUSE`].
pub const BIND_TRIES: u32 = 3_000;

/// Largest `n` of the Fibonacci target; its recursion takes some milliseconds.
pub const FIBONACCI_N: u32 = 30;

/// Body of the huge answers unless the query says otherwise, in bytes.
pub const HUGE_BODY: u64 = 64 << 20;

/// Largest body of the huge answers, in bytes.
pub const HUGEST_BODY: u64 = 4 << 30;

/// Longest that a stalled exchange is held, so that no test hangs for ever on a client without a timeout.
pub const STALL: Duration = Duration::from_secs(120);

/// Connections of the timed target; each has a thread.
pub const TIMED_CONNECTIONS: usize = 256;

/// Handling times kept by the timed target: a quarter of an hour at 10,000 requests per second.
pub const TIMES_KEPT: usize = 9_000_000;

/// How often nginx is started anew because somebody took one of its ports meanwhile.
pub const NGINX_STARTS: usize = 20;

/// How often nginx is looked after before it is given up, with 10 ms between: ten seconds.
pub const NGINX_WAIT: usize = 1_000;

/// How long a peer waits for a master's next word.
pub const PATIENCE: Duration = Duration::from_secs(60);
