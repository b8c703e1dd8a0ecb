//! The typed, checked scenario that both front ends make and the engine runs.
//!
//! Names of variables are gone here: each is a [`Slot`], so that a running user looks nothing up by name.

mod answer;
mod data;
mod load;
mod network;
mod option;
mod request;
mod step;

pub use answer::{Capture, CaptureFrom, Check, Pick, Test};
pub use data::{AtEnd, Feed, Feeder, Per, Secret, Take};
pub use load::{Arrivals, Stage, Wait};
pub use network::{Connection, Dns, HttpVersion, Identity, Network, Tls};
pub use option::{CustomOption, OptionError, OptionValue};
pub use request::{Auth, Body, Content, Field, Request};
pub use step::{ClientStep, Extent, Handler, Step, Try};

use crate::expr::{Expr, Value};
use crate::threshold::Threshold;
use std::sync::Arc;
use std::time::Duration;

/// A whole test.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    /// What the file is called in logs and reports.
    pub file: String,
    /// User classes, by order in the file; at least one.
    pub classes: Vec<UserClass>,
    /// Users and spawn rate over time; empty where the command line decides.
    pub stages: Vec<Stage>,
    /// First values of the variables that all users of a worker share and change, by [`Slot::Worker`].
    pub worker_variables: Vec<Value>,
    /// Where random values start from; `None` where the command line or chance decides.
    pub seed: Option<u64>,
    /// When the run has failed.
    pub thresholds: Vec<Threshold>,
    /// How long thresholds leave out what is measured in the beginning.
    pub warm_up: Duration,
}

/// One kind of user.
#[derive(Clone, Debug, Default)]
pub struct UserClass {
    /// Its name, unique in the scenario.
    pub name: String,
    /// Share of users among all weighted classes, at least 1. Without meaning where `fixed_count` is set.
    pub weight: u32,
    /// Exactly this many users, spawned before weighted ones; 0 for a weighted class. Where there are `arrivals`,
    /// the most that are at work at once.
    pub fixed_count: u64,
    /// Base address, such as `https://example.org:8443/shop`; `--host` wins over it.
    pub host: Option<String>,
    /// Sent with each request unless the request has one of the same name.
    pub headers: Vec<(String, Template)>,
    /// Who the user is, for requests that say nothing else.
    pub auth: Option<Auth>,
    /// Whether cookies that responses set are kept and sent.
    pub cookies: bool,
    /// How requests travel.
    pub network: Network,
    /// Whether statuses that fail a request are told in the words of Locust's `FastHttpUser`
    /// (`LocustBadStatusCode(code=500)`) rather than in those of `HttpUser`.
    pub fast_client: bool,
    /// What lies between two tasks. Without meaning where there are `arrivals`.
    pub wait: Wait,
    /// Done between two tasks in place of `wait`; empty where that says it all.
    pub waiting: Vec<Step>,
    /// Open load: tasks start by this schedule, however long they take.
    pub arrivals: Option<Arrivals>,
    /// Done once when the user starts.
    pub on_start: Vec<Step>,
    /// Done once when the user stops.
    pub on_stop: Vec<Step>,
    /// What the user does over and over, picked by weight; at least one.
    pub tasks: Vec<Task>,
    /// Rows of data that the user is given.
    pub feeds: Vec<Feed>,
    /// The first values by [`Slot::Shared`]; the same for all users of the class.
    pub secrets: Arc<[Secret]>,
    /// The values after these; the same for all users of a run.
    pub options: Arc<[CustomOption]>,
    /// Names of the variables that live as long as the user ([`Slot::User`]), by slot.
    pub user_variables: Vec<String>,
    /// How many [`Slot::Local`] the largest of `on_start`, `on_stop` and the tasks needs.
    pub locals: usize,
}

impl UserClass {
    /// Values by [`Slot::Shared`].
    #[must_use]
    pub fn shared(&self) -> Vec<Value> {
        let secrets = self.secrets.iter().map(|secret| Value::Str(secret.value.clone()));
        secrets.chain(self.options.iter().map(|option| Value::from(&option.value))).collect()
    }
}

/// Something that users do.
#[derive(Clone, Debug, Default)]
pub struct Task {
    /// Its name, unique in the class; within a set it may stand several times.
    pub name: String,
    /// Share among the class's tasks, at least 1.
    pub weight: u32,
    /// Sorted, without repeats.
    pub tags: Vec<String>,
    /// What it does.
    pub steps: Vec<Step>,
    /// In a set of [`Order::Markov`]: the names of the tasks that may come next, each with its weight.
    pub next: Vec<(String, u32)>,
    /// For a set of tasks, which the user does in place of `steps` until it leaves them.
    pub set: Option<Box<TaskSet>>,
}

/// Tasks that a user does until it leaves them (Locust: `TaskSet`).
#[derive(Clone, Debug, Default)]
pub struct TaskSet {
    /// How the next one is picked.
    pub order: Order,
    /// What lies between two of them; `None` for what the user class says.
    pub wait: Option<Wait>,
    /// Done in place of `wait`, which is then set too; empty where that says it all.
    pub waiting: Vec<Step>,
    /// Done when the user begins with them.
    pub on_start: Vec<Step>,
    /// Done when the user leaves them, or stops.
    pub on_stop: Vec<Step>,
    /// What the user does; at least one.
    pub tasks: Vec<Task>,
}

/// How a user picks the next one of its tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By chance and weight.
    #[default]
    Random,
    /// One after the other, each as often as its weight says, and again from the first (Locust:
    /// `SequentialTaskSet`).
    Sequence,
    /// First the first one, and then as [`Task::next`] of each says (Locust: `MarkovTaskSet`).
    Markov,
}

impl Task {
    /// All steps of the task itself, and of tasks within it.
    pub fn all_steps(&self) -> Box<dyn Iterator<Item = &Step> + '_> {
        let within = self.set.iter().flat_map(|set| {
            let of_tasks = set.tasks.iter().flat_map(Self::all_steps);
            set.on_start.iter().chain(&set.on_stop).chain(&set.waiting).chain(of_tasks)
        });
        Box::new(self.steps.iter().chain(within))
    }
}

/// Where a variable's value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// As long as the user lives; an index into [`UserClass::user_variables`].
    User(u16),
    /// As long as one run of a task, of `on_start` or of `on_stop`; below [`UserClass::locals`].
    Local(u16),
    /// The same for all users; an index into [`UserClass::shared`].
    Shared(u16),
    /// The same for all users of a worker, each of which may change it; an index into
    /// [`Scenario::worker_variables`].
    Worker(u16),
}

/// Text with expressions in it.
#[derive(Clone, Debug)]
pub enum Template {
    /// Known before the run.
    Fixed(Arc<str>),
    /// Put together each time.
    Parts(Vec<Part>),
}

impl Default for Template {
    /// No text.
    fn default() -> Self {
        Self::Fixed("".into())
    }
}

/// A piece of a [`Template`].
#[derive(Clone, Debug)]
pub enum Part {
    /// As it stands.
    Text(Arc<str>),
    /// Its value as text, as Python's `str()` would write it.
    Value(Expr),
}
