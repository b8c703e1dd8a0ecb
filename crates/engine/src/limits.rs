//! Every bound of this crate, with its unit and its reason.

use std::time::Duration;

/// The longest that an exchange may take unless its request says otherwise, as FastHttpUser's.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// How often deadlines of requests are looked at: they are kept to this precision. One pass over the users of a
/// core costs far less than a timer per request.
pub const DEADLINE_TICK: Duration = Duration::from_millis(20);

/// The shortest time between two rings of a core's precise timer: those that are due meanwhile are woken together.
/// At most so much is added to a response time that counts from when its request should have started.
pub const TIMER_REST: Duration = Duration::from_micros(100);

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

/// Codings of one body that are undone; servers use one.
pub const CODINGS: usize = 4;

/// Pieces that one body may be encoded in: members of gzip, frames of zstd. A piece of nothing takes a few bytes but
/// a new decoder; those who cut bodies into pieces make them some ten kilobytes large.
pub const FRAMES: usize = 2_000;

/// Largest window of a zstd body, bytes: what RFC 8878 asks decoders to support. More memory than this is never
/// taken beside the decoded body.
pub const ZSTD_WINDOW: u64 = 8 * 1024 * 1024;

/// Most headers of an answer.
pub const HEADERS: usize = 256;

/// Largest head of an answer by HTTP/1, and most of an answer that is held before it is looked at, bytes. Python takes
/// 64 KiB for each header, browsers 256 KiB for all; what one user may hold, 300 users hold 300 times.
pub const HEAD: usize = 128 * 1024;

/// Read buffer of a connection that waits, bytes. It grows while large answers are read.
pub const READ_BUFFER: usize = 8 * 1024;

/// How much a server may send before it is read, by HTTP/2, bytes per connection. As nobody but a busy core leaves
/// it unread, it bounds memory and hardly slows large answers down.
pub const HTTP2_WINDOW: u32 = 256 * 1024;

/// Largest head of an answer by HTTP/2, bytes as HTTP/2 counts them.
pub const HTTP2_HEADERS: u32 = 64 * 1024;

/// How much of a request waits to be written, by HTTP/2, bytes.
pub const HTTP2_SEND_BUFFER: usize = 64 * 1024;

/// Streams that were given up and whose last frames may still come, by HTTP/2. A user has one at a time.
pub const HTTP2_RESETS: usize = 4;

/// Longest head of a proxy's answer to CONNECT, bytes.
pub const TUNNEL_ANSWER: usize = 16 * 1024;

/// How long a name that has no address is not looked up again, so that users that try on do not flood a resolver
/// in trouble.
pub const DNS_RETRY: Duration = Duration::from_secs(1);

/// Names whose addresses are remembered; above that all are forgotten.
pub const NAMES: usize = 10_000;

/// Connections that one user keeps, by origin; the one that was used longest ago is closed above that.
pub const CONNECTIONS: usize = 6;

/// Cookies that one user keeps, as many as browsers do for a site; further new ones are not kept.
pub const COOKIES: usize = 300;

/// Longest cookie that is kept, bytes of its name and value, as browsers have it.
pub const COOKIE: usize = 4096;

/// Commands waiting for a core.
pub const COMMANDS: usize = 16;

/// Exceptions waiting to be reported; above that they are dropped, the failures themselves are not.
pub const EXCEPTIONS: usize = 256;

/// Longest text that leaves the engine, such as an exception's, bytes. What an expression raises may quote a value of
/// megabytes.
pub const TEXT: usize = 16 * 1024;

/// Times that an exchange polls its connection before it lets other users run.
pub const POLLS: u32 = 8;

/// Instructions of one run of a task between two requests or pauses, so that no task goes on for ever unseen.
pub const STEPS: u32 = 1_000_000;

/// Instructions of a user after which others run. They take microseconds at most, unless expressions make large
/// values.
pub const STEPS_AT_ONCE: u32 = 32;

/// Most values of JSON in which a path is looked for that may find one value many times. Each of them may then be
/// found once for each container around it, of which there are up to 128.
pub const JSON_SEARCHED: usize = 20_000;

/// Most finds of which a capture chooses.
pub const FINDS: usize = 100_000;

/// Most bytes that a regular expression goes through to find all matches, if each match makes it go through the
/// whole body; seldom any does, but some can be made to by what a server sends.
pub const FIND_BYTES: usize = 1 << 30;

/// Largest HTML body that is parsed, bytes.
pub const HTML_BYTES: usize = 4 * 1024 * 1024;

/// Most nodes of a parsed page, some hundred bytes each.
pub const HTML_NODES: usize = 300_000;

/// Most attributes of one element, if they come without a pause; about a tenth of a second.
pub const HTML_ATTRIBUTES: usize = 20_000;

/// Most steps of parsing a page: the sum, over its tags and texts, of what each may have to look at. A page of
/// three megabytes takes about ten million; the limit is a tenth of a second.
pub const HTML_STEPS: usize = 32_000_000;

/// Most steps of looking for a selector: the sum, over all elements, of what each has above (or beside) it.
pub const SELECTOR_STEPS: u64 = 32_000_000;
