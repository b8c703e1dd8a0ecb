//! Steps as flat code, so that a user runs a loop in a loop without a future in a future.

use super::compiler::Compiler;
use super::{ClassContext, Prepared, Weights};
use akrida_scenario::expr::Expr;
use akrida_scenario::model::{ClientStep, Extent, Slot, Step, Wait};
use akrida_stats::Recorder;
use std::sync::Arc;

/// One instruction. Jumps are indices into the same code.
pub(crate) enum Op {
    /// Sends a request and holds its result; one without a handler is filed at once.
    Request(Box<Prepared>),
    /// Files the result that is held.
    File,
    /// Marks the result that is held as passed.
    Success,
    /// Marks the result that is held as failed, for this reason.
    Failure(Expr),
    /// Gives a variable a value.
    Set(Slot, Expr),
    /// Gives variables values, all evaluated before.
    SetAll(Vec<(Slot, Expr)>),
    /// Begins to loop over a value.
    Enter(Expr),
    /// Takes the next item, or ends the innermost loop and jumps.
    Next(Slot, usize),
    /// Begins to loop so many times.
    EnterTimes(Expr),
    /// Counts one round, or ends the innermost loop and jumps.
    NextTime(usize),
    /// Jumps.
    Jump(usize),
    /// Jumps unless the condition is true.
    Unless(Expr, usize),
    /// Jumps to one of these places, picked by weight.
    Choose(Weights, Vec<usize>),
    /// Ends the innermost loop, wherever it stands.
    Leave,
    /// Does nothing for a while.
    Sleep(Wait),
    /// Does nothing for so many seconds.
    Pause(Expr),
    /// Does something with what the client keeps.
    Client(ClientStep),
    /// Ends early.
    Stop(Extent),
    /// From here on whatever is raised goes on at this place.
    Try(usize),
    /// The newest [`Op::Try`] is over.
    EndTry,
    /// Jumps unless the exception that was caught last is one of these; else it is given to the variable.
    Except(Option<Arc<[Arc<str>]>>, Option<Slot>, usize),
    /// The exception that was caught last was dealt with, or what [`Op::Later`] said has no meaning any more.
    Forget,
    /// After the next [`Op::Resume`] it goes on here.
    Later(usize),
    /// Goes on as [`Op::Later`] said, or raises again what was caught.
    Resume,
    /// Raises the value, or again what was caught last.
    Raise(Option<Expr>),
}

/// What a task, `on_start` or `on_stop` does.
pub(crate) struct Code {
    /// The task's name, `on_start` or `on_stop`.
    pub(crate) name: String,
    pub(crate) ops: Vec<Op>,
}

impl Code {
    pub(super) fn compile(
        name: &str,
        steps: &[Step],
        tags: &[String],
        context: &ClassContext<'_>,
        recorder: &mut Recorder,
    ) -> Self {
        let ops = Compiler::new(tags, context, recorder).compile(steps);
        Self { name: name.to_owned(), ops }
    }
}
