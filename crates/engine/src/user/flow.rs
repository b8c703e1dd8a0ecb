//! Where a user is in its code: loops under way, exceptions that would be caught, and those that were.

use super::loops::Loops;
use super::run::Ended;
use akrida_scenario::expr::{EvalError, Value};
use std::sync::Arc;

#[derive(Default)]
pub(super) struct Flow {
    pub(super) loops: Loops,
    /// Newest last.
    tries: Vec<Attempt>,
    /// What goes on after the present handlers and `finally`; innermost last.
    pending: Vec<Pending>,
}

/// What to return to when something is raised.
struct Attempt {
    at: usize,
    loops: usize,
    pending: usize,
    held: usize,
}

enum Pending {
    Raised(EvalError),
    GoOn(usize),
}

impl Flow {
    /// From now on what is raised goes on at `at`; `held` requests are under way now.
    pub(super) fn begin_try(&mut self, at: usize, held: usize) {
        let (loops, pending) = (self.loops.depth(), self.pending.len());
        self.tries.push(Attempt { at, loops, pending, held });
    }

    pub(super) fn end_try(&mut self) {
        self.tries.pop();
    }

    /// What becomes of an exception: where it goes on, and how many requests of those under way are kept.
    pub(super) fn raise(&mut self, error: EvalError) -> Result<(usize, usize), Ended> {
        if error.kind().is_none() {
            return Err(error.into());
        }
        let Some(attempt) = self.tries.pop() else { return Err(error.into()) };
        self.loops.leave(attempt.loops);
        self.pending.truncate(attempt.pending);
        self.pending.push(Pending::Raised(error));
        Ok((attempt.at, attempt.held))
    }

    /// The exception that was caught last, if it is one of these.
    pub(super) fn caught(&self, kinds: Option<&[Arc<str>]>) -> Option<Value> {
        match self.pending.last() {
            Some(Pending::Raised(error)) if error.is_any(kinds) => Some(error.clone().into_value()),
            _ => None,
        }
    }

    pub(super) fn forget(&mut self) {
        self.pending.pop();
    }

    pub(super) fn later(&mut self, at: usize) {
        self.pending.push(Pending::GoOn(at));
    }

    /// Where it goes on, or what is raised again.
    pub(super) fn resume(&mut self) -> Result<Option<usize>, EvalError> {
        match self.pending.pop() {
            Some(Pending::GoOn(at)) => Ok(Some(at)),
            Some(Pending::Raised(error)) => Err(error),
            None => Ok(None),
        }
    }

    /// What a bare `raise` raises.
    pub(super) fn raised_last(&self) -> EvalError {
        let raised = self.pending.iter().rev().find_map(|pending| match pending {
            Pending::Raised(error) => Some(error.clone()),
            Pending::GoOn(_) => None,
        });
        raised.unwrap_or_else(|| EvalError("RuntimeError('No active exception to reraise')".to_owned()))
    }
}
