//! From steps to flat code: loops and branches become jumps, and so does what leaves them early.

use super::code::Op;
use super::{ClassContext, Prepared};
use akrida_scenario::model::{Handler, Step, Try};
use akrida_stats::Recorder;

/// Code that is being made.
pub(super) struct Compiler<'a> {
    ops: Vec<Op>,
    /// Those of the task and of the groups around the present step; sorted.
    tags: Vec<String>,
    /// What is around the present step; innermost last.
    around: Vec<Around>,
    context: &'a ClassContext<'a>,
    recorder: &'a mut Recorder,
}

/// Something that has to be ended properly by whatever leaves it early.
enum Around {
    /// A loop: where its next round begins, the jumps to its end, and whether the user keeps a place in it.
    Loop { again: usize, breaks: Vec<usize>, kept: bool },
    /// The handler of a request that is not filed yet.
    Handler,
    /// Steps whose exceptions are caught.
    Try,
    /// The handlers of an exception, or steps that are done in any case.
    Caught,
    /// Steps after which others are done in any case: the jumps to those.
    Always(Vec<usize>),
    /// Steps that a return ends: the jumps to their end.
    Call(Vec<usize>),
}

/// Past the end of any code.
const END: usize = usize::MAX;

impl<'a> Compiler<'a> {
    pub(super) fn new(tags: &[String], context: &'a ClassContext<'a>, recorder: &'a mut Recorder) -> Self {
        Self { ops: Vec::new(), tags: tags.to_vec(), around: Vec::new(), context, recorder }
    }

    pub(super) fn compile(mut self, steps: &[Step]) -> Vec<Op> {
        self.block(steps);
        self.ops
    }

    fn block(&mut self, steps: &[Step]) {
        steps.iter().for_each(|step| self.step(step));
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Request(request) => {
                let prepared = Prepared::new(request, &self.tags, self.context, self.recorder);
                self.ops.push(Op::Request(Box::new(prepared)));
                if let Some(handler) = &request.handler {
                    self.within(Around::Handler, handler);
                    self.ops.push(Op::File);
                }
            }
            Step::Set { target, value } => self.ops.push(Op::Set(*target, value.clone())),
            Step::For { target, items, body } => {
                self.ops.push(Op::Enter(items.clone()));
                self.repeated(body, true, |end| Op::Next(*target, end));
            }
            Step::Repeat { times, body } => {
                self.ops.push(Op::EnterTimes(times.clone()));
                self.repeated(body, true, Op::NextTime);
            }
            Step::While { condition, body } => {
                self.repeated(body, false, |end| Op::Unless(condition.clone(), end));
            }
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
            Step::SetAll(values) => self.ops.push(Op::SetAll(values.clone())),
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
            Step::Client(step) => self.ops.push(Op::Client(step.clone())),
            Step::Pause(seconds) => self.ops.push(Op::Pause(seconds.clone())),
            Step::Stop(extent) => {
                self.leave(|_| false);
                self.ops.push(Op::Stop(*extent));
            }
            Step::Break => self.end_of_loop(),
            Step::Continue => self.next_round(),
            Step::Call(body) => {
                if let Some(Around::Call(ends)) = self.within(Around::Call(Vec::new()), body) {
                    self.meet(&ends);
                }
            }
            Step::Return => self.end_of_call(),
            Step::Try(attempt) => self.attempt(attempt),
            Step::Raise(value) => self.ops.push(Op::Raise(value.clone())),
            Step::Success => self.ops.push(Op::Success),
            Step::Failure(reason) => self.ops.push(Op::Failure(reason.clone())),
        }
    }

    /// `body` again and again, until what stands before each round jumps to the end.
    fn repeated(&mut self, body: &[Step], kept: bool, test: impl Fn(usize) -> Op) {
        let again = self.reserve();
        let around = self.within(Around::Loop { again, breaks: Vec::new(), kept }, body);
        self.ops.push(Op::Jump(again));
        self.ops[again] = test(self.ops.len());
        if let Some(Around::Loop { breaks, .. }) = around {
            self.meet(&breaks);
        }
    }

    /// `body` with this around it, which is given back.
    fn within(&mut self, around: Around, body: &[Step]) -> Option<Around> {
        self.around.push(around);
        self.block(body);
        self.around.pop()
    }

    /// Ends properly whatever is around, innermost first, until something is `wanted`; its place.
    fn leave(&mut self, wanted: impl Fn(&Around) -> bool) -> Option<usize> {
        for place in (0..self.around.len()).rev() {
            if wanted(&self.around[place]) {
                return Some(place);
            }
            match &self.around[place] {
                Around::Loop { kept: true, .. } => self.ops.push(Op::Leave),
                Around::Handler => self.ops.push(Op::File),
                Around::Try => self.ops.push(Op::EndTry),
                Around::Caught => self.ops.push(Op::Forget),
                Around::Always(_) => {
                    self.ops.push(Op::EndTry);
                    self.ops.push(Op::Later(self.ops.len() + 2));
                    let to = self.reserve();
                    if let Around::Always(entries) = &mut self.around[place] {
                        entries.push(to);
                    }
                }
                Around::Loop { kept: false, .. } | Around::Call(_) => {}
            }
        }
        None
    }

    fn end_of_loop(&mut self) {
        let Some(place) = self.leave(|around| matches!(around, Around::Loop { .. })) else { return };
        if matches!(self.around[place], Around::Loop { kept: true, .. }) {
            self.ops.push(Op::Leave);
        }
        let to = self.reserve();
        if let Around::Loop { breaks, .. } = &mut self.around[place] {
            breaks.push(to);
        }
    }

    fn next_round(&mut self) {
        if let Some(place) = self.leave(|around| matches!(around, Around::Loop { .. }))
            && let Around::Loop { again, .. } = self.around[place]
        {
            self.ops.push(Op::Jump(again));
        }
    }

    fn end_of_call(&mut self) {
        let place = self.leave(|around| matches!(around, Around::Call(_)));
        let to = self.reserve();
        match place.map(|place| &mut self.around[place]) {
            Some(Around::Call(ends)) => ends.push(to),
            _ => self.ops[to] = Op::Jump(END),
        }
    }

    /// `finally` is compiled once, and told where to go on.
    fn attempt(&mut self, attempt: &Try) {
        if attempt.always.is_empty() {
            return self.caught(attempt);
        }
        let begin = self.reserve();
        self.around.push(Around::Always(Vec::new()));
        self.caught(attempt);
        let around = self.around.pop();
        self.ops.push(Op::EndTry);
        let later = self.reserve();
        let always = self.ops.len();
        self.ops[begin] = Op::Try(always);
        if let Some(Around::Always(entries)) = around {
            self.meet(&entries);
        }
        self.within(Around::Caught, &attempt.always);
        self.ops.push(Op::Resume);
        self.ops[later] = Op::Later(self.ops.len());
    }

    /// A `try` without its `finally`.
    fn caught(&mut self, attempt: &Try) {
        if attempt.handlers.is_empty() {
            self.block(&attempt.body);
            return self.block(&attempt.otherwise);
        }
        let begin = self.reserve();
        self.within(Around::Try, &attempt.body);
        self.ops.push(Op::EndTry);
        self.block(&attempt.otherwise);
        let mut ends = vec![self.reserve()];
        self.ops[begin] = Op::Try(self.ops.len());
        for Handler { kinds, target, steps } in &attempt.handlers {
            let except = self.reserve();
            self.within(Around::Caught, steps);
            self.ops.push(Op::Forget);
            ends.push(self.reserve());
            self.ops[except] = Op::Except(kinds.clone(), *target, self.ops.len());
        }
        self.ops.push(Op::Resume);
        self.meet(&ends);
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
