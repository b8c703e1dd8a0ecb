//! Running code.

use super::User;
use crate::control::Phase;
use crate::failure::check_text;
use crate::limits;
use crate::program::{Code, Op};
use akrida_scenario::expr::{EvalError, Value};
use akrida_stats::{Outcome, RequestId, Sample};

/// Why code ended early.
pub(super) enum Ended {
    /// It raised.
    Exception(String),
    /// The user was asked to end.
    Asked,
}

impl From<EvalError> for Ended {
    fn from(error: EvalError) -> Self {
        Self::Exception(error.0)
    }
}

/// A request that was answered and not filed yet.
pub(super) struct Held {
    pub(super) request: RequestId,
    pub(super) intended: u64,
    pub(super) sent: u64,
    pub(super) done: u64,
    pub(super) bytes: u64,
    /// Why it failed, if it did.
    pub(super) failure: Option<String>,
}

/// The loops that are under way, innermost last.
type Loops = Vec<(Vec<Value>, usize)>;

impl User {
    /// Runs a task; how many requests it made. `intended` is when it should have started.
    pub(super) async fn run(&mut self, code: &Code, intended: u64) -> Result<u32, Ended> {
        self.run_until(code, intended, Phase::End).await
    }

    /// Runs `on_stop`, also for a user that must end.
    pub(super) async fn run_closing(&mut self, code: &Code, intended: u64) -> Result<u32, Ended> {
        self.run_until(code, intended, Phase::Gone).await
    }

    /// Runs until the code ends, or the user is in phase `until`.
    async fn run_until(&mut self, code: &Code, mut intended: u64, until: Phase) -> Result<u32, Ended> {
        let mut loops = Loops::new();
        let mut held: Option<Held> = None;
        let mut requests = 0;
        let mut steps = 0;
        let mut at = 0;
        while let Some(op) = code.ops.get(at) {
            at += 1;
            match op {
                Op::Request(prepared) => {
                    if self.control.phase() >= until || self.core.clock.now() >= self.control.abandon_at() {
                        return Err(Ended::Asked);
                    }
                    let result = self.exchange(prepared, intended).await?;
                    (requests, steps, intended) = (requests + 1, 0, crate::control::NEVER);
                    if prepared.has_handler() {
                        held = Some(result);
                    } else {
                        self.file(&result);
                    }
                    continue;
                }
                // Everything else may raise, and a request that was answered is counted all the same.
                op => {
                    steps += 1;
                    let done = if steps > limits::STEPS {
                        Err(EvalError("RuntimeError('too many steps without a request')".to_owned()))
                    } else {
                        self.step(op, &mut at, &mut loops, &mut held)
                    };
                    if let Err(error) = done {
                        if let Some(held) = held {
                            self.file(&held);
                        }
                        return Err(error.into());
                    }
                }
            }
        }
        Ok(requests)
    }

    fn step(
        &mut self,
        op: &Op,
        at: &mut usize,
        loops: &mut Loops,
        held: &mut Option<Held>,
    ) -> Result<(), EvalError> {
        match op {
            Op::Request(_) => {}
            Op::File => {
                if let Some(held) = held.take() {
                    self.file(&held);
                }
            }
            Op::Success => {
                if let Some(held) = held {
                    held.failure = None;
                }
            }
            Op::Failure(reason) => {
                let reason = reason.eval(&mut self.frame())?;
                if let Some(held) = held {
                    held.failure = Some(check_text(&reason.to_string()));
                }
            }
            Op::Set(target, value) => {
                let mut frame = self.frame();
                let value = value.eval(&mut frame)?;
                frame.set(*target, value);
            }
            Op::Enter(items) => {
                let items = items.eval(&mut self.frame())?.items()?;
                loops.push((items, 0));
            }
            Op::Next(target, end) => {
                let Some((items, next)) = loops.last_mut() else { return Ok(()) };
                match items.get(*next) {
                    Some(item) => {
                        *next += 1;
                        let item = item.clone();
                        self.frame().set(*target, item);
                    }
                    None => {
                        loops.pop();
                        *at = *end;
                    }
                }
            }
            Op::Jump(to) => *at = *to,
            Op::Unless(condition, to) => {
                if !condition.eval(&mut self.frame())?.truthy() {
                    *at = *to;
                }
            }
        }
        Ok(())
    }

    /// Counts a request.
    pub(super) fn file(&self, held: &Held) {
        let mut recorder = self.core.recorder.borrow_mut();
        let outcome = if let Some(reason) = &held.failure {
            recorder.failed(held.request, reason, held.done);
            Outcome::Failed
        } else {
            Outcome::Passed
        };
        recorder.record(&Sample {
            request: held.request,
            intended: held.intended,
            sent: held.sent,
            done: held.done,
            bytes: held.bytes,
            outcome,
        });
    }
}
