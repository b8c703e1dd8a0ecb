//! What users do, one thing after another.

use super::{Request, Slot, Wait};
use crate::expr::Expr;
use std::sync::Arc;

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
    /// Gives variables values, all of which are evaluated before. No other user sees one without the others.
    SetAll(Vec<(Slot, Expr)>),
    /// Does `body` for each item.
    For {
        /// Holds the item.
        target: Slot,
        /// A list, or the characters of a string.
        items: Expr,
        /// What is done for each.
        body: Vec<Step>,
    },
    /// Does `body` so many times; not at all for 0 and below.
    Repeat {
        /// A whole number.
        times: Expr,
        /// What is done.
        body: Vec<Step>,
    },
    /// Does `body` as long as the condition is true before it.
    While {
        /// Decides.
        condition: Expr,
        /// What is done.
        body: Vec<Step>,
    },
    /// Does the first branch whose condition is true.
    If {
        /// (condition, what is done).
        branches: Vec<(Expr, Vec<Step>)>,
        /// Done if no condition is true.
        otherwise: Vec<Step>,
    },
    /// Does one of these, picked by weight.
    Choose(Vec<(u32, Vec<Step>)>),
    /// Does `body`, whose requests carry the group's name as a further tag.
    Group {
        /// With the names of the groups around it: `checkout/pay`.
        name: String,
        /// What is done.
        body: Vec<Step>,
    },
    /// Does nothing for a while: [`Wait::Constant`] or [`Wait::Between`].
    Sleep(Wait),
    /// Does nothing for so many seconds, 0 and above.
    Pause(Expr),
    /// Reads or changes what the user's client keeps.
    Client(ClientStep),
    /// Ends the innermost loop.
    Break,
    /// Goes on with the next round of the innermost loop.
    Continue,
    /// Does these as a part of their own, which a [`Step::Return`] within ends.
    Call(Vec<Step>),
    /// Ends the innermost [`Step::Call`] around, or what the user does: its task, `on_start` or `on_stop`.
    Return,
    /// Goes on elsewhere when something raises.
    Try(Box<Try>),
    /// Raises this exception; `None` for the one that a handler around is about.
    Raise(Option<Expr>),
    /// Ends early.
    Stop(Extent),
    /// Within a [`Request::handler`]: the request passed, whatever its status (Locust: `response.success()`).
    Success,
    /// Within a [`Request::handler`]: the request failed for this reason (Locust: `response.failure(text)`).
    Failure(Expr),
}

/// Something with the client of a user, beside its requests.
#[derive(Clone, Debug)]
pub enum ClientStep {
    /// Gives the variable a dict of the cookies that the client keeps, whatever hosts they are for (Locust:
    /// `self.client.cookies`).
    Cookies(Slot),
    /// Keeps cookies of its own, which go to all hosts: a dict of names and texts. One whose value is None is
    /// forgotten, whoever set it (Locust: `self.client.cookies.update({...})`).
    SetCookies(Expr),
    /// Forgets all cookies (Locust: `self.client.cookies.clear()`).
    ForgetCookies,
    /// Gives the variable the address under which the paths of requests are, or None where there is none (Locust:
    /// `self.host`).
    Host(Slot),
}

/// Steps that may raise, and what is done then (Python: `try`).
#[derive(Clone, Debug, Default)]
pub struct Try {
    /// What may raise.
    pub body: Vec<Step>,
    /// What is done about it: the first that takes the exception.
    pub handlers: Vec<Handler>,
    /// Done after `body` if that raised nothing (Python: `else`).
    pub otherwise: Vec<Step>,
    /// Done in any case, however the rest ends (Python: `finally`).
    pub always: Vec<Step>,
}

/// What is done about some exceptions (Python: `except`).
#[derive(Clone, Debug)]
pub struct Handler {
    /// Names of exceptions that it takes, with those that derive from Python's own; `None` for all.
    pub kinds: Option<Arc<[Arc<str>]>>,
    /// Holds the exception meanwhile.
    pub target: Option<Slot>,
    /// What is done.
    pub steps: Vec<Step>,
}

/// What a [`Step::Stop`] ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// This run of the task; the user goes on with its wait (Locust: `RescheduleTask`).
    Iteration,
    /// The same, without a wait after it (Locust: `RescheduleTaskImmediately`).
    IterationAtOnce,
    /// The set of tasks; the user goes on with those around it after their wait (Locust:
    /// `interrupt(reschedule=False)`). As [`Extent::Iteration`] outside of a set.
    Set,
    /// The same, without a wait after it (Locust: `interrupt()`).
    SetAtOnce,
    /// The user, after its `on_stop`; no other takes its place in this run (Locust: `StopUser`).
    User,
    /// The whole run (Locust: `environment.runner.quit()`).
    Run,
}
