//! Steps as flat code, so that a user runs a loop in a loop without a future in a future.

use super::{ClassContext, Prepared};
use akrida_scenario::expr::Expr;
use akrida_scenario::model::{Slot, Step};
use akrida_stats::Recorder;

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
    /// Begins to loop over a value.
    Enter(Expr),
    /// Takes the next item, or ends the innermost loop and jumps.
    Next(Slot, usize),
    /// Jumps.
    Jump(usize),
    /// Jumps unless the condition is true.
    Unless(Expr, usize),
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
        let mut code = Self { name: name.to_owned(), ops: Vec::new() };
        code.block(steps, tags, context, recorder);
        code
    }

    fn block(
        &mut self,
        steps: &[Step],
        tags: &[String],
        context: &ClassContext<'_>,
        recorder: &mut Recorder,
    ) {
        for step in steps {
            match step {
                Step::Request(request) => {
                    self.ops.push(Op::Request(Box::new(Prepared::new(request, tags, context, recorder))));
                    if let Some(handler) = &request.handler {
                        self.block(handler, tags, context, recorder);
                        self.ops.push(Op::File);
                    }
                }
                Step::Set { target, value } => self.ops.push(Op::Set(*target, value.clone())),
                Step::For { target, items, body } => {
                    self.ops.push(Op::Enter(items.clone()));
                    let next = self.ops.len();
                    self.ops.push(Op::Next(*target, 0));
                    self.block(body, tags, context, recorder);
                    self.ops.push(Op::Jump(next));
                    self.ops[next] = Op::Next(*target, self.ops.len());
                }
                Step::If { branches, otherwise } => {
                    let mut ends = Vec::new();
                    for (condition, body) in branches {
                        let unless = self.ops.len();
                        self.ops.push(Op::Unless(condition.clone(), 0));
                        self.block(body, tags, context, recorder);
                        ends.push(self.ops.len());
                        self.ops.push(Op::Jump(0));
                        self.ops[unless] = Op::Unless(condition.clone(), self.ops.len());
                    }
                    self.block(otherwise, tags, context, recorder);
                    for end in ends {
                        self.ops[end] = Op::Jump(self.ops.len());
                    }
                }
                Step::Repeat { .. }
                | Step::While { .. }
                | Step::Choose(_)
                | Step::Group { .. }
                | Step::Sleep(_)
                | Step::Stop(_) => {}
                Step::Success => self.ops.push(Op::Success),
                Step::Failure(reason) => self.ops.push(Op::Failure(reason.clone())),
            }
        }
    }
}
