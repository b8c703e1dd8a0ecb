//! What users do, one thing after another.

use super::{Request, Slot, Wait};
use crate::expr::Expr;

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
    /// Ends early.
    Stop(Extent),
    /// Within a [`Request::handler`]: the request passed, whatever its status (Locust: `response.success()`).
    Success,
    /// Within a [`Request::handler`]: the request failed for this reason (Locust: `response.failure(text)`).
    Failure(Expr),
}

/// What a [`Step::Stop`] ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// This run of the task; the user goes on with its wait (Locust: `RescheduleTask`).
    Iteration,
    /// The user, after its `on_stop`; no other takes its place in this run (Locust: `StopUser`).
    User,
    /// The whole run (Locust: `environment.runner.quit()`).
    Run,
}
