//! Every bound of this crate, with its unit and its reason.

use std::time::Duration;

/// Bytes of tests that are handed out in a second, so that those who ask and do not read cannot fill the memory. Who
/// asks in vain asks again.
pub const HANDOUT_BYTES_PER_SECOND: usize = 64 << 20;

/// Lines of one worker's log, as Locust keeps them.
pub const LOG_LINES: usize = 500;

/// Lines of one worker's log, bytes: long ones leave room for fewer.
pub const LOG_BYTES: usize = 256 << 10;

/// Lines of all workers' logs, bytes. Where they would be more, each worker has an equal share of it.
pub const ALL_LOG_BYTES: usize = 64 << 20;

/// Classes that workers have and the test has not, which are told.
pub const STRANGE_CLASSES: usize = 100;

/// Workers whose reason for having no users is told in one snapshot; more would say the same.
pub const MISFITS: usize = 10;

/// Longest base address of a class, bytes.
pub const HOST: usize = 2_048;

/// Tasks that an edit of a class may name: more than a scenario may have.
pub const TASKS: usize = 10_000;

/// How often a worker is expected to be heard unless the configuration says otherwise, as Locust's.
pub const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(1);

/// Silence after which a worker is missing unless the configuration says otherwise: three missed heartbeats, and half
/// of one for the way.
pub const LIVENESS: Duration = Duration::from_millis(3_500);

/// The same for workers of before Locust 0.10, which send no heartbeats: three missed reports, one every three seconds,
/// and half of one for the way.
pub const UNADDRESSED: Duration = Duration::from_millis(10_500);

/// How long a worker whose connection broke may take to connect anew. If its next heartbeat after that is not heard it
/// is missing: a process that ended is not waited for in vain.
pub const RECONNECT: Duration = Duration::from_secs(1);

/// How often a worker whose frames cannot be read is asked to connect anew.
pub const ASK_TO_RECONNECT: Duration = Duration::from_secs(10);

/// How long a missing worker stays on the list, as Locust's.
pub const FORGET: Duration = Duration::from_secs(60);

/// How often the master looks who is there.
pub const LOOK: Duration = Duration::from_millis(250);

/// How often it publishes a snapshot, besides those at changes of state.
pub const SNAPSHOT: Duration = Duration::from_secs(1);

/// Workers of which each that comes or goes is worth a snapshot of its own. In a larger fleet thousands may come at
/// once, and each snapshot shows all of them.
pub const SMALL_FLEET: usize = 100;

/// Time between two snapshots of a larger fleet, unless the run's state changes.
pub const SNAPSHOTS_APART: Duration = Duration::from_millis(200);

/// A look that comes this much too late says that the master itself stood still; workers are not blamed for
/// silence of that time.
pub const STANDSTILL: Duration = Duration::from_millis(500);

/// Workers known at once. One costs some kilobytes; ten thousand are what this master is built for.
pub const WORKERS: usize = 12_000;

/// In a larger fleet than a small one users are placed at most once in so much time for each worker: with ten thousand
/// about once a second.
pub const PAUSE_PER_WORKER: Duration = Duration::from_micros(100);

/// Longest identity of a worker, bytes; a host name and an identifier are shorter.
pub const IDENTITY: usize = 255;

/// How long after the last job of a ramp workers may take to tell that all users run, before the run counts as
/// running all the same. Longer than Locust's second: thousands of users connect at once here.
pub const SETTLE: Duration = Duration::from_secs(3);

/// Added to stop timeout and drain bound before workers that did not confirm their stop are given up.
pub const STOP_GRACE: Duration = Duration::from_secs(5);

/// How long a request in flight at the end may take on a worker unless the configuration says otherwise.
pub const DRAIN: Duration = Duration::from_secs(2);

/// How long after their stop workers may take to be ready again before the run counts as stopped all the same:
/// Python workers sleep for their stop timeout.
pub const READY_GRACE: Duration = Duration::from_secs(1);

/// How long after their stop Locust's workers may take to send their last figures before a run is over without them:
/// they report every three seconds, and a busy one is late.
pub const LAST_FIGURES: Duration = Duration::from_secs(5);

/// How long a run without any worker waits for one before it stops, unless the configuration says otherwise.
pub const WORKER_WAIT: Duration = Duration::from_secs(10);

/// After this, and the stop timeout, a worker that still tells of users is told once more to stop.
pub const REPEAT_STOP: Duration = Duration::from_secs(5);

/// After this, and the stop timeout, a worker that has not carried out its job is told it once more.
pub const REPEAT_JOB: Duration = Duration::from_secs(5);

/// How long the workers may take to leave when the master quits.
pub const QUIT_GRACE: Duration = Duration::from_secs(3);

/// A worker that starts things later than this at the 95th percentile of a second is saturated: it would be a
/// visible part of the response times of most services.
pub const LAG_BOUND: Duration = Duration::from_millis(20);

/// CPU of a worker, percent of one core, above which Locust's word is that its times may not be right; for workers that
/// do not tell how late they are.
pub const BUSY_CPU: f64 = 90.0;

/// Clocks of Locust's workers that are further off are told: rates of the last seconds are wrong then.
pub const SKEW: Duration = Duration::from_secs(5);

/// A clock that was wrong counts as right again within this: one that is about as far off as the bound above is not
/// told again and again.
pub const SKEW_MENDED: Duration = Duration::from_secs(4);

/// Locust's workers report every three seconds; two reports that come closer together than this were not sent so.
pub const REPORTS_APART: Duration = Duration::from_millis(1_500);

/// A master that is later than this when it looks after its workers has too much to do: heartbeats are answered late,
/// and users come late in ramps.
pub const MASTER_LAG_BOUND: Duration = Duration::from_millis(200);

/// Users that a start may ask for.
pub const USERS: u64 = 100_000_000;

/// Stages of one run.
pub const STAGES: usize = 1_000;

/// How long the rows last that a worker has in hand, at the rate at which it uses them: until its next report, and as
/// long again if that is late. More would be lost with it.
pub const ROWS_LAST: Duration = Duration::from_secs(2);

/// Most rows that a worker has in hand, whatever it says that it uses.
pub const ROWS_AHEAD: u64 = 1 << 20;

/// Time over which is measured how many rows a worker uses; shorter ones say little.
pub const ROWS_MEASURED: Duration = Duration::from_millis(500);

/// Leases of one source that a worker has at once; who has as many uses them up first.
pub const LEASES: usize = 64;

/// How often the journal is written at least.
pub const WRITE: Duration = Duration::from_secs(1);

/// How soon it is written when a worker waits for that: not at once, since others may be about to.
pub const WRITE_SOON: Duration = Duration::from_millis(20);

/// How long workers of a master that was restarted may take to connect anew before a broken connection counts: theirs
/// try once a second.
pub const RETURN: Duration = Duration::from_secs(3);

/// Frames handled before other things have their turn.
pub const FRAMES_AT_ONCE: usize = 256;

/// How long after others frames wait for more of them. Heartbeats are answered so much later at worst, which nobody
/// sees.
pub const GATHER: Duration = Duration::from_millis(1);

/// Commands that wait for the master.
pub const COMMANDS: usize = 64;

/// Events that a slow reader may be behind before it misses some.
pub const EVENTS: usize = 1_024;
