//! One round of the controller, as a state machine without I/O: what is to be done next, and what that led to.
//!
//! A round remembers nothing by itself: it reads what was kept when it decides, and keeps what it decided before it
//! scales. Whether a change that was kept was made, the next round sees in the number of replicas. So a process may
//! be killed between any two steps, and loses the round that it was in.

use crate::evaluation::Evaluation;
use crate::measured::Measured;
use crate::memory::{Kept, Pending};
use crate::policy::{Decision, Verdict, decide};
use std::mem;

/// How rounds go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// Decide and tell, but change nothing.
    pub dry_run: bool,
    /// Scale although somebody else scales the same target.
    pub ignore_rivals: bool,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Read how many replicas are wanted; answered by [`Answer::Replicas`].
    ReadReplicas,
    /// Look for others that scale the target; answered by [`Answer::Rivals`].
    FindRivals,
    /// Run the load test; answered by [`Answer::Tested`].
    Test,
    /// Read what was kept; answered by [`Answer::Kept`].
    ReadKept,
    /// Keep this; answered by [`Answer::Done`].
    Keep(String),
    /// Want so many replicas, and read how many are wanted then; answered by [`Answer::Replicas`].
    Scale(u32),
    /// Tell this. The round is over.
    Tell(Report),
}

/// What a step led to: what was found, or why it could not be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Replicas that are wanted.
    Replicas(Result<u32, String>),
    /// Names of others that scale the target.
    Rivals(Result<Vec<String>, String>),
    /// What the load test measured.
    Tested(Result<Measured, String>),
    /// What was kept.
    Kept(Result<String, String>),
    /// Nothing more.
    Done(Result<(), String>),
}

/// What a round came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What was done.
    pub end: End,
    /// Replicas at its beginning, if they could be read.
    pub from: Option<u32>,
    /// Replicas that were wanted at its end, or would have been but for the dry run.
    pub to: Option<u32>,
    /// What led to it, where a test was run and compared.
    pub verdict: Option<Verdict>,
    /// What was measured.
    pub measured: Option<Measured>,
    /// What was measured, wanted and done, and why: one line.
    pub text: String,
}

/// What a round did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It changed the number of replicas.
    Scaled,
    /// It left them as they were.
    Kept,
    /// It would have changed them, but for the dry run.
    WouldScale,
    /// Autoscaling is switched off: no replicas are wanted.
    Off,
    /// Somebody else scales the target, and is respected.
    Rival,
    /// Something did not work; nothing was decided, or what was decided could not be done.
    Failed,
}

impl End {
    /// One word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Scaled => "scaled",
            Self::Kept => "kept",
            Self::WouldScale => "would_scale",
            Self::Off => "off",
            Self::Rival => "rival",
            Self::Failed => "failed",
        }
    }

    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Scaled, Self::Kept, Self::WouldScale, Self::Off, Self::Rival, Self::Failed];
}

/// One round.
#[derive(Debug)]
pub struct Round<'a> {
    evaluation: &'a Evaluation,
    ways: Ways,
    at: At,
    /// Replicas at the beginning.
    from: Option<u32>,
    measured: Option<Result<Measured, String>>,
    /// What is to be said beside the decision.
    notes: Vec<String>,
}

/// Which answer is waited for.
#[derive(Debug)]
enum At {
    Begin,
    Rivals,
    Test,
    ReplicasAgain,
    Kept { current: u32 },
    Noted(Box<Decision>),
    Prepared(Box<Decision>),
    Scaling(Box<Decision>),
    Settled(Box<Decision>),
    Over,
}

impl<'a> Round<'a> {
    /// Begins; its first step is [`Step::ReadReplicas`].
    #[must_use]
    pub fn new(evaluation: &'a Evaluation, ways: Ways) -> Self {
        Self { evaluation, ways, at: At::Begin, from: None, measured: None, notes: Vec::new() }
    }

    /// What is to be done after the last step led to `answer`; `now` in unix seconds.
    pub fn on(&mut self, now: f64, answer: Answer) -> Step {
        match (mem::replace(&mut self.at, At::Over), answer) {
            (At::Begin, Answer::Replicas(Ok(0))) => {
                self.from = Some(0);
                self.tell(End::Off, Some(0), "no replicas are wanted, so the autoscaler is off".to_owned())
            }
            (At::Begin, Answer::Replicas(Ok(current))) => {
                self.from = Some(current);
                self.at = At::Rivals;
                Step::FindRivals
            }
            (At::Begin | At::ReplicasAgain, Answer::Replicas(Err(why))) => self.failed(&why),
            (At::Rivals, Answer::Rivals(found)) => self.on_rivals(found),
            (At::Test, Answer::Tested(measured)) => {
                self.measured = Some(measured);
                self.at = At::ReplicasAgain;
                Step::ReadReplicas
            }
            (At::ReplicasAgain, Answer::Replicas(Ok(current))) if Some(current) != self.from => {
                let from = self.from.unwrap_or_default();
                let text = format!(
                    "somebody else changed {from} replicas to {current} during the test, which therefore says nothing"
                );
                self.tell(End::Kept, Some(current), text)
            }
            (At::ReplicasAgain, Answer::Replicas(Ok(current))) => {
                self.at = At::Kept { current };
                Step::ReadKept
            }
            (At::Kept { current }, Answer::Kept(Ok(text))) => self.decide(now, current, &text),
            // Without its memories it would not know of a cool-down.
            (At::Kept { .. }, Answer::Kept(Err(why))) => {
                self.failed(&format!("what was kept cannot be read: {why}"))
            }
            (At::Noted(decision), Answer::Done(done)) => {
                self.note_unkept(done);
                let end = if decision.to == decision.from { End::Kept } else { End::WouldScale };
                self.decided(end, &decision)
            }
            (At::Prepared(decision), Answer::Done(Ok(()))) => {
                let to = decision.to;
                self.at = At::Scaling(decision);
                Step::Scale(to)
            }
            (At::Prepared(decision), Answer::Done(Err(why))) => {
                self.notes.push(format!("not done, since it cannot be kept in mind: {why}"));
                self.decided(End::Failed, &decision)
            }
            (At::Scaling(decision), Answer::Replicas(Ok(count))) if count == decision.to => {
                let kept = Kept::from(decision.memory.clone()).write();
                self.at = At::Settled(decision);
                Step::Keep(kept)
            }
            (At::Scaling(decision), Answer::Replicas(other)) => {
                self.notes.push(match other {
                    Ok(count) => format!("not done: {count} are wanted all the same"),
                    Err(why) => format!("not done: {why}"),
                });
                self.decided(End::Failed, &decision)
            }
            (At::Settled(decision), Answer::Done(done)) => {
                // What is kept of the change shows the next round as well that it was made.
                self.note_unkept(done);
                self.decided(End::Scaled, &decision)
            }
            (_, answer) => self.failed(&format!("the answer {answer:?} was not asked for")),
        }
    }

    fn on_rivals(&mut self, found: Result<Vec<String>, String>) -> Step {
        match found {
            Ok(rivals) if rivals.is_empty() => {}
            Ok(rivals) => {
                let (all, verb) = (rivals.join(" and "), if rivals.len() == 1 { "scales" } else { "scale" });
                if !self.ways.ignore_rivals {
                    let text = format!(
                        "{all} {verb} the same target, and two would fight: delete it, or say --ignore-rivals"
                    );
                    return self.tell(End::Rival, self.from, text);
                }
                self.notes.push(format!("{all} {verb} the same target too"));
            }
            Err(why) => {
                self.notes.push(format!("whether others scale the same target cannot be seen: {why}"));
            }
        }
        self.at = At::Test;
        Step::Test
    }

    fn decide(&mut self, now: f64, current: u32, text: &str) -> Step {
        let (kept, unreadable) = Kept::read(text, now);
        self.notes.extend(unreadable.map(|error| error.to_string()));
        let memory = kept.resolve(current);
        let nothing = Err("it was not run".to_owned());
        let outcome = self.measured.as_ref().unwrap_or(&nothing);
        let mut decision =
            decide(self.evaluation, &memory, current, outcome.as_ref().map_err(String::as_str), now);
        if decision.to == current {
            let kept = Kept::from(decision.memory.clone()).write();
            self.at = At::Noted(Box::new(decision));
            return Step::Keep(kept);
        }
        if self.ways.dry_run {
            decision.memory.replicas = Some(current);
            let kept = Kept::from(decision.memory.clone()).write();
            self.at = At::Noted(Box::new(decision));
            return Step::Keep(kept);
        }
        let pending = Pending { from: current, to: decision.to, then: decision.memory.clone() };
        let kept = Kept { memory, pending: Some(pending) };
        self.at = At::Prepared(Box::new(decision));
        Step::Keep(kept.write())
    }

    fn note_unkept(&mut self, done: Result<(), String>) {
        if let Err(why) = done {
            self.notes.push(format!("this round cannot be kept in mind: {why}"));
        }
    }

    fn decided(&mut self, end: End, decision: &Decision) -> Step {
        let Decision { from, to, verdict, why, .. } = decision;
        let what = match end {
            End::Scaled => format!("scaled {from} to {to}"),
            End::WouldScale => format!("would scale {from} to {to} (dry run)"),
            End::Failed => format!("wanted to scale {from} to {to}"),
            End::Kept | End::Off | End::Rival => format!("kept {from}"),
        };
        let done = if end == End::Failed { *from } else { *to };
        let mut step = self.tell(end, Some(done), format!("{what}: {why}"));
        if let Step::Tell(report) = &mut step {
            report.verdict = Some(*verdict);
        }
        step
    }

    fn failed(&mut self, why: &str) -> Step {
        self.tell(End::Failed, self.from, format!("nothing was decided: {why}"))
    }

    fn tell(&mut self, end: End, to: Option<u32>, text: String) -> Step {
        let texts = [text].into_iter().chain(self.notes.drain(..));
        let text = texts.collect::<Vec<_>>().join("; ").replace(char::is_control, " ");
        let measured = self.measured.take().and_then(Result::ok);
        Step::Tell(Report { end, from: self.from, to, verdict: None, measured, text })
    }
}

#[cfg(test)]
mod tests;
