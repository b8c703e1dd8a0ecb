//! Running code.

use super::User;
use super::flow::Flow;
use super::wait::pause;
use crate::control::{NEVER, Phase};
use crate::failure::check_text;
use crate::limits;
use crate::program::{Code, Op};
use akrida_scenario::expr::{EvalError, Value};
use akrida_scenario::model::{ClientStep, Extent};
use akrida_stats::{Outcome, RequestId, Sample};

/// Why code ended early.
pub(super) enum Ended {
    /// It raised.
    Exception(String),
    /// The user was asked to end.
    Asked,
    /// The user wants to end, or has no data to go on with.
    ByItself,
    /// Only the task, with what comes next.
    Left(Next),
}

/// What a user does after a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Next {
    /// Whether it leaves the set of tasks that it is in.
    pub(super) leaves: bool,
    /// Whether it goes on without a wait.
    pub(super) at_once: bool,
}

impl From<EvalError> for Ended {
    fn from(error: EvalError) -> Self {
        Self::Exception(error.0)
    }
}

/// A number of seconds in microseconds, for which a user sleeps.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked before")]
fn seconds_us(seconds: &Value) -> Result<u64, EvalError> {
    let number = match seconds {
        // Whole seconds beyond a year are as many as a year.
        Value::Int(number) if *number < 0 => -1.0,
        Value::Int(number) => u32::try_from(*number).map_or(f64::MAX, f64::from),
        Value::Float(number) => *number,
        Value::Bool(number) => f64::from(*number),
        other => {
            let kind = other.type_name();
            return Err(EvalError(format!(
                "TypeError(\"'{kind}' object cannot be interpreted as an integer\")"
            )));
        }
    };
    if number < 0.0 || number.is_nan() {
        return Err(EvalError("ValueError('sleep length must be non-negative')".to_owned()));
    }
    Ok((number.min(akrida_scenario::limits::LONGEST_S) * 1e6).round() as u64)
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

    /// Runs what lies between two tasks, which a user that shall end does not wait for.
    pub(super) async fn run_waiting(&mut self, code: &Code, intended: u64) -> Result<u32, Ended> {
        self.run_until(code, intended, Phase::Finish).await
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
        let mut flow = Flow::default();
        let (mut requests, mut steps, mut at) = (0, 0, 0);
        while let Some(op) = code.ops.get(at) {
            at += 1;
            let raised = match op {
                Op::Request(prepared) => {
                    if self.must_end(until) {
                        return Err(Ended::Asked);
                    }
                    match self.exchange(prepared, intended).await {
                        Ok(result) => {
                            (requests, steps, intended) = (requests + 1, 0, NEVER);
                            if prepared.has_handler() {
                                held.push(result);
                            } else {
                                self.file(&result);
                            }
                            continue;
                        }
                        Err(Ended::Exception(error)) => Err(EvalError(error)),
                        Err(ended) => return Err(ended),
                    }
                }
                Op::Sleep(_) | Op::Pause(_) => match self.pause(op) {
                    Ok(pause @ 1..) => {
                        if !self.sleep(pause, until).await {
                            return Err(Ended::Asked);
                        }
                        // What follows should have started that much later.
                        (steps, intended) = (0, intended.saturating_add(pause));
                        continue;
                    }
                    none => none.map(|_| ()),
                },
                Op::Stop(extent) => return self.stop_within(code, *extent).map(|()| requests),
                op => self.step(op, &mut at, &mut flow, held),
            };
            if let Err(error) = raised {
                let (goes_on, kept) = flow.raise(error)?;
                at = goes_on;
                // Answered requests are counted, however the code around them ended.
                held.drain(kept.min(held.len())..).for_each(|held| self.file(&held));
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
        let left = |leaves, at_once| Err(Ended::Left(Next { leaves, at_once }));
        match extent {
            Extent::Iteration => Ok(()),
            Extent::IterationAtOnce => left(false, true),
            Extent::Set => left(true, false),
            Extent::SetAtOnce => left(true, true),
            Extent::User => Err(Ended::ByItself),
            Extent::Run => {
                let class = self.core.class_name(self.class);
                self.end_run(&format!("{} of {class} stopped it", code.name));
                Err(Ended::ByItself)
            }
        }
    }

    /// Whether no further request may begin.
    pub(super) fn must_end(&self, until: Phase) -> bool {
        let phase = self.control.phase();
        phase >= until || (phase > Phase::Run && self.core.clock.now() >= self.control.abandon_at())
    }

    /// Microseconds that a pause takes.
    fn pause(&mut self, op: &Op) -> Result<u64, EvalError> {
        match op {
            Op::Sleep(wait) => Ok(pause(*wait, &mut self.rng)),
            Op::Pause(seconds) => seconds_us(&seconds.eval(&mut self.frame())?),
            _ => Ok(0),
        }
    }

    fn step(
        &mut self,
        op: &Op,
        at: &mut usize,
        flow: &mut Flow,
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
                    held.failure = Some(match EvalError::of(&reason) {
                        Some(exception) => exception.0,
                        None => check_text(&reason.to_string()),
                    });
                }
            }
            Op::Set(target, value) => {
                let mut frame = self.frame();
                let value = value.eval(&mut frame)?;
                frame.set(*target, value);
            }
            Op::SetAll(values) => {
                let mut frame = self.frame();
                let given = values.iter().map(|(_, value)| value.eval(&mut frame));
                let given = given.collect::<Result<Vec<_>, _>>()?;
                values.iter().zip(given).for_each(|((target, _), value)| frame.set(*target, value));
            }
            Op::Client(step) => self.with_client(step)?,
            Op::Enter(items) => {
                let items = items.eval(&mut self.frame())?.items()?;
                flow.loops.enter(items);
            }
            Op::Next(target, end) => match flow.loops.next_item() {
                Some(item) => self.frame().set(*target, item),
                None => *at = *end,
            },
            Op::EnterTimes(times) => {
                let times = times.eval(&mut self.frame())?;
                flow.loops.enter_times(&times)?;
            }
            Op::NextTime(end) => {
                if !flow.loops.next_time() {
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
            Op::Leave => flow.loops.leave(flow.loops.depth().saturating_sub(1)),
            Op::Try(place) => flow.begin_try(*place, held.len()),
            Op::EndTry => flow.end_try(),
            Op::Except(kinds, target, next) => match (flow.caught(kinds.as_deref()), target) {
                (Some(error), Some(target)) => self.frame().set(*target, error),
                (Some(_), None) => {}
                (None, _) => *at = *next,
            },
            Op::Forget => flow.forget(),
            Op::Later(place) => flow.later(*place),
            Op::Resume => *at = flow.resume()?.unwrap_or(*at),
            Op::Raise(Some(value)) => return Err(EvalError::raised(&value.eval(&mut self.frame())?)),
            Op::Raise(None) => return Err(flow.raised_last()),
            // These take time or end the code, and are not done here.
            Op::Request(_) | Op::Sleep(_) | Op::Pause(_) | Op::Stop(_) => {}
        }
        Ok(())
    }

    fn with_client(&mut self, step: &ClientStep) -> Result<(), EvalError> {
        match step {
            ClientStep::Cookies(target) => {
                let cookies = self.client.all_cookies();
                let cookies = cookies.into_iter().map(|(name, value)| (name.into(), value.into()));
                let cookies = Value::dict(cookies.collect())?;
                self.frame().set(*target, cookies);
            }
            ClientStep::SetCookies(cookies) => {
                let cookies = cookies.eval(&mut self.frame())?.cookies()?;
                self.client.set_cookies(cookies)?;
            }
            ClientStep::ForgetCookies => self.client.forget_cookies(),
            ClientStep::Host(target) => {
                let host = self.core.program().classes[self.class].host.clone();
                self.frame().set(*target, host);
            }
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
