//! Every bound of this crate, with its unit and its reason.

use std::time::Duration;

/// Longest frame in bytes, in either direction: a report of thousands of histograms fits, a claimed length of
/// 2^62 does not.
pub const FRAME: usize = 16 << 20;

/// Frames queued for one worker, as ZeroMQ's high-water mark: a worker that does not read for longer is stuck.
pub const QUEUE_TO_WORKER: usize = 1_000;

/// Frames queued for the master, of all workers together: a second of heartbeats and reports of a few thousand.
pub const QUEUE_TO_MASTER: usize = 10_000;

/// Bytes queued for one worker, if that is more than one frame: a thousand jobs of many classes.
pub const BYTES_TO_WORKER: usize = 4 << 20;

/// Bytes that may be queued for a worker whatever is queued for others: some seconds of heartbeats, and a job of some
/// hundred classes.
pub const OWN_TO_WORKER: usize = 8 << 10;

/// Bytes queued for all workers together, besides what each has for itself: tests for those that ask for them, larger
/// jobs.
pub const BYTES_TO_WORKERS: usize = 128 << 20;

/// How long a peer may read nothing of what it is sent before its connection ends. Systems read for a process that
/// sleeps, so this one is stuck for good, or does not want to read.
pub const UNREAD: Duration = Duration::from_secs(10);

/// How long a peer that has introduced itself may take for its first message. A worker's is ready before.
pub const FIRST_WORD: Duration = Duration::from_secs(15);

/// How long a peer may be silent. Workers are heard each second, and forgotten after a minute.
pub const SILENCE: Duration = Duration::from_secs(120);

/// Connections to the master: its workers, and some that come to ask or by mistake. Later ones wait in the system's
/// queue.
pub const CONNECTIONS: usize = 16_000;

/// Connections to each of the two ports for workers that have no address: Locust's before 0.10.
pub const UNADDRESSED: usize = 1_000;

/// Connections that the system may have ready before they are taken. Those beyond are tried again after a second.
pub const BACKLOG: i32 = 4_096;

/// Longest identity of a peer, bytes: the protocol's own bound.
pub const IDENTITY: usize = 255;

/// Longest command of ZeroMQ's own, bytes: the longest that we know, an introduction, has some hundred.
pub const COMMAND: usize = 4 << 10;

/// Frames that wait in a worker's queue to the thread of its socket. Few: what is old by the time that the master is
/// back is better made anew.
pub const QUEUE_FROM_WORKER: usize = 64;

/// Frames up to this length, in bytes, are read without asking for room, a heartbeat among them: many connections may
/// each have one at the same time.
pub const SMALL: usize = 4 << 10;

/// Longest frame, in bytes, that is not large. Akrida's reports stay below it, and those of most Locust workers.
pub const USUAL: usize = 1 << 20;

/// Bytes of frames that are not large which the master's end holds: those that are being read, and those that wait for
/// the master. Above it connections are not read, and workers' frames wait in their own processes.
pub const HELD_USUAL: usize = 128 << 20;

/// The same for large frames.
pub const HELD_LARGE: usize = 128 << 20;

/// The same for frames up to [`SMALL`], which nobody can have room for before they have come.
pub const HELD_SMALL: usize = 64 << 20;

/// Frames that are taken before one that is urgent has to let another one go first.
pub const OVERTAKEN: usize = 16;

/// What a frame that waits costs besides its body, bytes.
pub const OVERHEAD: usize = 256;

/// Frames other than urgent ones that wait for the master. Their bytes are bounded by [`HELD_SMALL`],
/// [`HELD_USUAL`] and [`HELD_LARGE`], which together are less than this many empty frames.
pub const HELD_FRAMES: usize = 1 << 20;

/// How much of each of these one address may have, one part of so many: who claims all that can be had keeps out only
/// those who share its address.
pub const ADDRESSES: usize = 2;

/// How long nothing of a body may come while others may wait for the room that it has.
pub const STALL: Duration = Duration::from_secs(1);

/// How long a peer may take for the body of a frame, besides what [`SLOWEST`] allows for its length.
pub const BODY: Duration = Duration::from_secs(5);

/// The slowest connection on which long frames can be sent, bytes per second.
pub const SLOWEST: usize = 256 << 10;

/// Bytes read from a connection at once: a usual report, so that it takes one call.
pub const READ: usize = 16 << 10;

/// Bytes that a connection keeps for what comes next, if nothing is left of what came: a heartbeat.
pub const KEPT: usize = 512;

/// Time between two looks at the sockets of a busy hub, in which frames come that are then read together.
pub const REST: Duration = Duration::from_micros(300);

/// Bytes of frames that are put together to be written at once.
pub const WRITE: usize = 64 << 10;

/// Frames that the thread of a socket takes before it looks after those that are to be sent.
pub const AT_ONCE: usize = 256;

/// Parts of a message; Locust's have one, others' an empty delimiter more. Only the first is looked at.
pub const PARTS: usize = 3;

/// How long a socket that is closed goes on sending what is left, milliseconds.
pub const LINGER_MS: i32 = 2_000;

/// How long a peer may take for ZeroMQ's handshake, milliseconds. Locust's workers are there within a few.
pub const HANDSHAKE_MS: i32 = 5_000;

/// Silence before TCP asks whether the peer is still there; as Locust's.
pub const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);

/// Frames that libzmq queues on a worker's end.
pub const HIGH_WATER: i32 = 1_000;

/// How long a worker waits between an old connection and a new one, so that the old one is read to its end.
pub const RENEW_PAUSE: Duration = Duration::from_millis(100);

/// Longest time between two attempts of a worker to connect, milliseconds.
pub const RECONNECT_MS: i32 = 1_000;

/// How often a thread with something in hand that found no room tries again, milliseconds.
pub const RETRY_MS: i64 = 5;
