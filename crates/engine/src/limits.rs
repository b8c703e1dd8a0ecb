//! Every bound of this crate, with its unit and its reason.

use std::time::Duration;

/// The longest that an exchange may take unless its request says otherwise, as FastHttpUser's.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// How often deadlines of requests are looked at: they are kept to this precision. One pass over the users of a
/// core costs far less than a timer per request.
pub const DEADLINE_TICK: Duration = Duration::from_millis(20);

/// How often each core measures how late it is.
pub const LAG_TICK: Duration = Duration::from_millis(10);

/// How long a request in flight may take when its user must end, unless the options say otherwise. One that
/// takes longer is abandoned and counted as failed.
pub const DRAIN: Duration = Duration::from_secs(2);

/// Pause of a user after an exception in `on_start`, before it tries again, so that a target that is down is not
/// flooded by log-ins.
pub const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// Largest body kept for checks, captures and expressions, bytes. A larger one is counted, and what wants to read
/// it fails the request.
pub const BODY: usize = 16 * 1024 * 1024;

/// Most headers of an answer.
pub const HEADERS: usize = 256;

/// Read buffer of a connection that waits, bytes. It grows while large answers are read.
pub const READ_BUFFER: usize = 8 * 1024;

/// Connections that one user keeps, by origin; the one that was used longest ago is closed above that.
pub const CONNECTIONS: usize = 6;

/// Cookies that one user keeps, as many as browsers do for a site; further new ones are not kept.
pub const COOKIES: usize = 300;

/// Commands waiting for a core.
pub const COMMANDS: usize = 16;

/// Exceptions waiting to be reported; above that they are dropped, the failures themselves are not.
pub const EXCEPTIONS: usize = 256;

/// Times that an exchange polls its connection before it lets other users run.
pub const POLLS: u32 = 8;

/// Instructions of one run of a task between two requests, so that no task can hold up a core.
pub const STEPS: u32 = 1_000_000;
