//! Every bound of this crate, with its unit and its reason.

use std::time::Duration;

/// Looks in a row, one each second, in which at least half of the workers are saturated, before more are wanted: less
/// is noise, and whoever waits longer measures the generator.
pub const SATURATED_LOOKS: u32 = 5;

/// Users by which a smaller fleet must be able to grow, in percent, before workers are taken away: without this, load
/// that swings around a whole number of workers would start and stop one again and again.
pub const SLACK_PERCENT: u64 = 10;

/// Time between two changes of the number of workers, unless something else is said: a pod takes tens of seconds to
/// be scheduled, started and connected, and what it changes shows after that.
pub const WORKER_COOLDOWN: Duration = Duration::from_secs(60);

/// Longest cool-down: a day.
pub const COOLDOWN: Duration = Duration::from_secs(24 * 60 * 60);

/// Users per worker, unless something else is said. A worker of Akrida holds many more; what it measures of itself
/// brings more workers sooner.
pub const USERS_PER_WORKER: u64 = 1_000;

/// Most replicas that are ever asked for: the API server has no bound, and a Deployment of more is a mistake.
pub const REPLICAS: u32 = 10_000;

/// Bounds of an evaluation that names none: those of the Custom Pod Autoscaler framework.
pub const MIN_REPLICAS: u32 = 1;
/// See [`MIN_REPLICAS`].
pub const MAX_REPLICAS: u32 = 10;

/// Requests of an endpoint below which a test decides nothing, unless something else is said. Ten users with waits of
/// five to nine seconds make about ten requests in five seconds, and these have to be enough.
pub const MINIMUM_SAMPLES: u64 = 5;

/// How far a value may be above its target before the proportional rule scales, unless something else is said; the
/// horizontal pod autoscaler of Kubernetes has the same.
pub const TOLERANCE: f64 = 0.1;

/// Targets of one evaluation.
pub const TARGETS: usize = 1_000;

/// Largest file of what is remembered, bytes: it is a few hundred.
pub const MEMORY_BYTES: usize = 64 * 1024;

/// Recommendations that are remembered. They fall, so there is one for each count at most.
pub const RECOMMENDATIONS: usize = 1_000;

/// Largest input of the steps of the Custom Pod Autoscaler framework, bytes: a resource and one metric.
pub const STEP_INPUT: u64 = 16 * 1024 * 1024;
