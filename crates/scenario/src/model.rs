//! The typed, checked scenario that both front ends make and the engine runs.
//!
//! Names of variables are gone here: each is a [`Slot`], so that a running user looks nothing up by name.

use crate::expr::Expr;
use serde_json_path::JsonPath;
use std::sync::Arc;
use std::time::Duration;

/// A whole test.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What the file is called in logs and reports.
    pub file: String,
    /// User classes, by order in the file; at least one.
    pub classes: Vec<UserClass>,
    /// Users and spawn rate over time; empty where the command line decides.
    pub stages: Vec<Stage>,
}

/// One kind of user.
#[derive(Clone, Debug)]
pub struct UserClass {
    /// Its name, unique in the scenario.
    pub name: String,
    /// Share of users among all weighted classes, at least 1. Without meaning where `fixed_count` is set.
    pub weight: u32,
    /// Exactly this many users, spawned before weighted ones; 0 for a weighted class.
    pub fixed_count: u64,
    /// Base address, such as `https://example.org:8443/shop`; `--host` wins over it.
    pub host: Option<String>,
    /// Sent with each request unless the request has one of the same name.
    pub headers: Vec<(String, Template)>,
    /// Whether cookies that responses set are kept and sent.
    pub cookies: bool,
    /// Whether a connection serves a whole user or one iteration of a task.
    pub connection: Connection,
    /// What lies between two tasks.
    pub wait: Wait,
    /// Done once when the user starts.
    pub on_start: Vec<Step>,
    /// Done once when the user stops.
    pub on_stop: Vec<Step>,
    /// What the user does over and over, picked by weight; at least one.
    pub tasks: Vec<Task>,
    /// Names of the variables that live as long as the user ([`Slot::User`]), by slot.
    pub user_variables: Vec<String>,
    /// How many [`Slot::Local`] the largest of `on_start`, `on_stop` and the tasks needs.
    pub locals: usize,
}

/// How long a connection lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Connection {
    /// As long as its user.
    #[default]
    User,
    /// As long as one iteration of a task.
    Iteration,
}

/// What lies between two tasks of a user.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wait {
    /// This long after each task (Locust: `constant`).
    Constant(Duration),
    /// Evenly distributed between the two (Locust: `between`).
    Between(Duration, Duration),
    /// Tasks start this far apart, however long they take (Locust: `constant_pacing`).
    Pacing(Duration),
    /// Tasks start this many times per second and user (Locust: `constant_throughput`).
    Throughput(f64),
}

/// Something that users do.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its name, unique in the class.
    pub name: String,
    /// Share among the class's tasks, at least 1.
    pub weight: u32,
    /// Sorted, without repeats.
    pub tags: Vec<String>,
    /// What it does.
    pub steps: Vec<Step>,
}

/// One thing that a task does.
#[derive(Clone, Debug)]
pub enum Step {
    /// Sends a request and waits for its answer.
    Request(Box<Request>),
    /// Gives a variable a value.
    Set {
        /// Which.
        target: Slot,
        /// What.
        value: Expr,
    },
    /// Does `body` for each item.
    For {
        /// Holds the item.
        target: Slot,
        /// A list, or the characters of a string.
        items: Expr,
        /// What is done for each.
        body: Vec<Step>,
    },
    /// Does the first branch whose condition is true.
    If {
        /// (condition, what is done).
        branches: Vec<(Expr, Vec<Step>)>,
        /// Done if no condition is true.
        otherwise: Vec<Step>,
    },
    /// Within a [`Request::handler`]: the request passed, whatever its status (Locust: `response.success()`).
    Success,
    /// Within a [`Request::handler`]: the request failed for this reason (Locust: `response.failure(text)`).
    Failure(Expr),
}

/// Where a variable's value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// As long as the user lives; an index into [`UserClass::user_variables`].
    User(u16),
    /// As long as one run of a task, of `on_start` or of `on_stop`; below [`UserClass::locals`].
    Local(u16),
}

/// Text with expressions in it.
#[derive(Clone, Debug)]
pub enum Template {
    /// Known before the run.
    Fixed(Arc<str>),
    /// Put together each time.
    Parts(Vec<Part>),
}

/// A piece of a [`Template`].
#[derive(Clone, Debug)]
pub enum Part {
    /// As it stands.
    Text(Arc<str>),
    /// Its value as text, as Python's `str()` would write it.
    Value(Expr),
}

/// One HTTP request and what is made of its answer.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `POST`, ...: an HTTP token.
    pub method: String,
    /// A path under the host, or an absolute `http://` or `https://` address.
    pub url: Template,
    /// Added to the address, percent-encoded.
    pub query: Vec<(Template, Template)>,
    /// In addition to the class's headers, and before them.
    pub headers: Vec<(String, Template)>,
    /// What is sent.
    pub body: Body,
    /// What the request is filed under; `None` for the path and query that are really requested, as Locust does.
    /// The YAML front end gives a path with expressions its own text as a name, so that names stay few.
    pub name: Option<Template>,
    /// The longest that the whole exchange may take; `None` means the engine's default.
    pub timeout: Option<Duration>,
    /// How many redirects are followed within this request; 0 to take a redirect for the answer.
    pub redirects: u8,
    /// All must hold, or the request fails. With none, a status of 400 or above fails it (unless `handler`
    /// decides).
    pub checks: Vec<Check>,
    /// Done with the answer of a request that passed its checks.
    pub captures: Vec<Capture>,
    /// Done with the answer before the request is filed; may decide whether it passed (Locust:
    /// `with ... catch_response=True as response`).
    pub handler: Option<Vec<Step>>,
    /// Keeps the answer for expressions of `handler` and later steps.
    pub response: Option<Slot>,
}

/// The body of a request.
#[derive(Clone, Debug)]
pub enum Body {
    /// None.
    Empty,
    /// A value written as JSON; sets `Content-Type: application/json` unless a header does.
    Json(Expr),
    /// Fields as a browser's form sends them; sets `Content-Type: application/x-www-form-urlencoded`.
    Form(Vec<(Template, Template)>),
    /// Text as it stands.
    Raw(Template),
}

/// What must hold of an answer.
#[derive(Clone, Debug)]
pub enum Check {
    /// The status lies in one of these ranges (each inclusive).
    Status(Vec<(u16, u16)>),
    /// The body holds this text.
    Contains(Template),
    /// The body does not hold this text.
    Lacks(Template),
    /// The body is this text.
    Equals(Template),
}

/// Something taken from an answer.
#[derive(Clone, Debug)]
pub struct Capture {
    /// What it is called in the file, for messages.
    pub name: String,
    /// Where it is kept.
    pub target: Slot,
    /// Where it is found. When it is not there, the request fails.
    pub from: CaptureFrom,
}

/// Where in an answer something is found.
#[derive(Clone, Debug)]
pub enum CaptureFrom {
    /// The first match of a JSON path in the body.
    Json {
        /// As written.
        text: String,
        /// As parsed.
        path: JsonPath,
    },
    /// A header's value; its name in lower case.
    Header(String),
}

/// A span of the run with its own number of users.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// What it is called; by default its number, from 1.
    pub name: String,
    /// How long it lasts, its ramp included.
    pub duration: Duration,
    /// How many users it wants.
    pub users: u64,
    /// Users started or stopped per second on the way there, above 0.
    pub spawn_rate: f64,
}
