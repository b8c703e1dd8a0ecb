//! Steps as flat code, so that a user runs a loop in a loop without a future in a future.

use super::{ClassContext, Prepared, Weights};
use akrida_scenario::expr::Expr;
use akrida_scenario::model::{Extent, Slot, Step, Wait};
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
    /// Does nothing for a while.
    Sleep(Wait),
    /// Ends early.
    Stop(Extent),
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
        let mut compiler = Compiler { ops: Vec::new(), tags: tags.to_vec(), context, recorder };
        compiler.block(steps);
        Self { name: name.to_owned(), ops: compiler.ops }
    }
}

/// Code that is being made.
struct Compiler<'a> {
    ops: Vec<Op>,
    /// Those of the task and of the groups around the present step; sorted.
    tags: Vec<String>,
    context: &'a ClassContext<'a>,
    recorder: &'a mut Recorder,
}

impl Compiler<'_> {
    fn block(&mut self, steps: &[Step]) {
        steps.iter().for_each(|step| self.step(step));
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Request(request) => {
                let prepared = Prepared::new(request, &self.tags, self.context, self.recorder);
                self.ops.push(Op::Request(Box::new(prepared)));
                if let Some(handler) = &request.handler {
                    self.block(handler);
                    self.ops.push(Op::File);
                }
            }
            Step::Set { target, value } => self.ops.push(Op::Set(*target, value.clone())),
            Step::For { target, items, body } => {
                self.ops.push(Op::Enter(items.clone()));
                self.repeated(body, |end| Op::Next(*target, end));
            }
            Step::Repeat { times, body } => {
                self.ops.push(Op::EnterTimes(times.clone()));
                self.repeated(body, Op::NextTime);
            }
            Step::While { condition, body } => self.repeated(body, |end| Op::Unless(condition.clone(), end)),
            Step::If { branches, otherwise } => {
                let mut ends = Vec::new();
                for (condition, body) in branches {
                    let unless = self.reserve();
                    self.block(body);
                    ends.push(self.reserve());
                    self.ops[unless] = Op::Unless(condition.clone(), self.ops.len());
                }
                self.block(otherwise);
                self.meet(&ends);
            }
            Step::Choose(branches) => {
                let choose = self.reserve();
                let (mut places, mut ends) = (Vec::new(), Vec::new());
                for (_, body) in branches {
                    places.push(self.ops.len());
                    self.block(body);
                    ends.push(self.reserve());
                }
                self.meet(&ends);
                let weights = branches.iter().map(|(weight, _)| *weight).collect();
                self.ops[choose] = Op::Choose(weights, places);
            }
            Step::Group { name, body } => self.group(name, body),
            Step::Sleep(wait) => self.ops.push(Op::Sleep(*wait)),
            Step::Stop(extent) => self.ops.push(Op::Stop(*extent)),
            Step::Success => self.ops.push(Op::Success),
            Step::Failure(reason) => self.ops.push(Op::Failure(reason.clone())),
        }
    }

    /// `body` again and again, until what stands before each round jumps to the end.
    fn repeated(&mut self, body: &[Step], test: impl Fn(usize) -> Op) {
        let again = self.reserve();
        self.block(body);
        self.ops.push(Op::Jump(again));
        self.ops[again] = test(self.ops.len());
    }

    fn group(&mut self, name: &str, body: &[Step]) {
        match self.tags.binary_search_by(|tag| tag.as_str().cmp(name)) {
            // The task, or a group around this one, has the same tag.
            Ok(_) => self.block(body),
            Err(place) => {
                self.tags.insert(place, name.to_owned());
                self.block(body);
                self.tags.remove(place);
            }
        }
    }

    /// Room for a jump whose end is not known yet.
    fn reserve(&mut self) -> usize {
        self.ops.push(Op::Jump(0));
        self.ops.len() - 1
    }

    /// Lets branches go on here.
    fn meet(&mut self, ends: &[usize]) {
        for &end in ends {
            self.ops[end] = Op::Jump(self.ops.len());
        }
    }
}
