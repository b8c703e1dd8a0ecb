//! Running code.

use super::User;
use super::loops::Loops;
use super::wait::pause;
use crate::control::{NEVER, Phase};
use crate::failure::check_text;
use crate::limits;
use crate::program::{Code, Op};
use akrida_scenario::expr::EvalError;
use akrida_scenario::model::Extent;
use akrida_stats::{Outcome, RequestId, Sample};

/// Why code ended early.
pub(super) enum Ended {
    /// It raised.
    Exception(String),
    /// The user was asked to end.
    Asked,
    /// The user wants to end, or has no data to go on with.
    ByItself,
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

impl User {
    /// Runs a task or `on_start`; how many requests it made. `intended` is when it should have started.
    pub(super) async fn run_task(&mut self, code: &Code, intended: u64) -> Result<u32, Ended> {
        self.run_until(code, intended, Phase::End).await
    }

    /// Runs `on_stop`, also for a user that must end.
    pub(super) async fn run_closing(&mut self, code: &Code, intended: u64) -> Result<u32, Ended> {
        self.run_until(code, intended, Phase::Gone).await
    }

    /// Runs until the code ends, or the user is in phase `until`.
    async fn run_until(&mut self, code: &Code, intended: u64, until: Phase) -> Result<u32, Ended> {
        let mut held = Vec::new();
        let done = self.go_through(code, intended, until, &mut held).await;
        // A request that was answered is counted, however the code around it ended.
        held.iter().for_each(|held| self.file(held));
        done
    }

    async fn go_through(
        &mut self,
        code: &Code,
        mut intended: u64,
        until: Phase,
        held: &mut Vec<Held>,
    ) -> Result<u32, Ended> {
        let mut loops = Loops::default();
        let (mut requests, mut steps, mut at) = (0, 0, 0);
        while let Some(op) = code.ops.get(at) {
            at += 1;
            match op {
                Op::Request(prepared) => {
                    if self.must_end(until) {
                        return Err(Ended::Asked);
                    }
                    let result = self.exchange(prepared, intended).await?;
                    (requests, steps, intended) = (requests + 1, 0, NEVER);
                    if prepared.has_handler() {
                        held.push(result);
                    } else {
                        self.file(&result);
                    }
                    continue;
                }
                Op::Sleep(wait) => {
                    let pause = pause(*wait, &mut self.rng);
                    if pause > 0 {
                        if !self.sleep(pause, until).await {
                            return Err(Ended::Asked);
                        }
                        // What follows should have started that much later.
                        (steps, intended) = (0, intended.saturating_add(pause));
                        continue;
                    }
                }
                Op::Stop(extent) => return self.stop_within(code, *extent).map(|()| requests),
                op => self.step(op, &mut at, &mut loops, held)?,
            }
            steps += 1;
            if steps > limits::STEPS {
                let message = "RuntimeError('too many steps without a request')";
                return Err(Ended::Exception(message.to_owned()));
            }
            if steps % limits::STEPS_AT_ONCE == 0 {
                tokio::task::yield_now().await;
                if self.must_end(until) {
                    return Err(Ended::Asked);
                }
                self.answered = self.core.clock.now();
            }
        }
        Ok(requests)
    }

    /// Ends this run of `code`, and maybe more.
    fn stop_within(&self, code: &Code, extent: Extent) -> Result<(), Ended> {
        if extent == Extent::Run {
            let class = self.core.class_name(self.class);
            self.end_run(&format!("{} of {class} stopped it", code.name));
        }
        if extent == Extent::Iteration { Ok(()) } else { Err(Ended::ByItself) }
    }

    /// Whether no further request may begin.
    pub(super) fn must_end(&self, until: Phase) -> bool {
        let phase = self.control.phase();
        phase >= until || (phase > Phase::Run && self.core.clock.now() >= self.control.abandon_at())
    }

    fn step(
        &mut self,
        op: &Op,
        at: &mut usize,
        loops: &mut Loops,
        held: &mut Vec<Held>,
    ) -> Result<(), EvalError> {
        match op {
            Op::File => {
                if let Some(held) = held.pop() {
                    self.file(&held);
                }
            }
            Op::Success => {
                if let Some(held) = held.last_mut() {
                    held.failure = None;
                }
            }
            Op::Failure(reason) => {
                let reason = reason.eval(&mut self.frame())?;
                if let Some(held) = held.last_mut() {
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
                loops.enter(items);
            }
            Op::Next(target, end) => match loops.next_item() {
                Some(item) => self.frame().set(*target, item),
                None => *at = *end,
            },
            Op::EnterTimes(times) => {
                let times = times.eval(&mut self.frame())?;
                loops.enter_times(&times)?;
            }
            Op::NextTime(end) => {
                if !loops.next_time() {
                    *at = *end;
                }
            }
            Op::Jump(to) => *at = *to,
            Op::Unless(condition, to) => {
                if !condition.eval(&mut self.frame())?.truthy() {
                    *at = *to;
                }
            }
            Op::Choose(weights, places) => {
                if let Some(place) = places.get(weights.pick(&mut self.rng)) {
                    *at = *place;
                }
            }
            // These take time or end the code, and are not done here.
            Op::Request(_) | Op::Sleep(_) | Op::Stop(_) => {}
        }
        Ok(())
    }

    /// Counts a request.
    pub(super) fn file(&self, held: &Held) {
        let mut recorder = self.core.recorder.borrow_mut();
        let outcome = if let Some(reason) = &held.failure {
            recorder.failed(held.request, &self.core.redactor.clean(reason), held.done);
            Outcome::Failed
        } else {
            Outcome::Passed
        };
        recorder.record(&Sample {
            request: held.request,
            intended: self.timed.then_some(held.intended),
            sent: held.sent,
            done: held.done,
            bytes: held.bytes,
            outcome,
        });
    }
}
