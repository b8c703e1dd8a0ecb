//! Every bound of this crate, with its unit and its reason.

/// Longest frame in bytes, in either direction: a report of thousands of histograms fits, a claimed length of
/// 2^62 does not.
pub const FRAME: usize = 16 << 20;

/// Frames queued for one worker, as ZeroMQ's high-water mark: a worker that does not read for longer is stuck.
pub const QUEUE_TO_WORKER: usize = 1_000;

/// Frames queued for the master, of all workers together: a second of heartbeats and reports of a few thousand.
pub const QUEUE_TO_MASTER: usize = 10_000;

/// Frames that wait in the master's queue to the thread of its socket, for all workers together.
pub const QUEUE_TO_SOCKET: usize = 100_000;

/// Frames that wait in a worker's queue to the thread of its socket. Few: what is old by the time that the master is
/// back is better made anew.
pub const QUEUE_FROM_WORKER: usize = 64;

/// Bytes of frames that the thread of the master's socket holds while the master is busy. Above it the socket is not
/// read, and workers' frames wait in their own processes.
pub const HELD: usize = 256 << 20;

/// Frames that the thread of a socket takes before it looks after those that are to be sent.
pub const AT_ONCE: usize = 256;

/// Parts of a message that are looked at; Locust's have two with the identity, others' an empty delimiter more.
pub const PARTS: usize = 3;

/// How long a socket that is closed goes on sending what is left, milliseconds.
pub const LINGER_MS: i32 = 2_000;

/// How long a peer may take for ZeroMQ's handshake, milliseconds.
pub const HANDSHAKE_MS: i32 = 5_000;

/// Silence before TCP asks whether the peer is still there, seconds; as Locust's.
pub const KEEPALIVE_IDLE_S: i32 = 30;

/// Frames that libzmq queues for each peer.
pub const HIGH_WATER: i32 = 1_000;

/// Longest time between two attempts of a worker to connect, milliseconds.
pub const RECONNECT_MS: i32 = 1_000;

/// How often a thread with something in hand that found no room tries again, milliseconds.
pub const RETRY_MS: i64 = 5;
