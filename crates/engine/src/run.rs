//! What all cores share of one run: from the first job after a stop until the next stop.

use crate::feeders::Positions;
use akrida_scenario::Scenario;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One run of an engine. Nothing in it is touched on the way of a plain request.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) feeders: Positions,
    end: Mutex<End>,
}

/// Whether a user wants the run to end.
#[derive(Debug, Default)]
enum End {
    #[default]
    Unwanted,
    /// For this reason; nobody was told yet.
    Wanted(String),
    Told,
}

impl Run {
    /// A run that begins.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        Self { feeders: Positions::new(scenario), end: Mutex::default() }
    }

    /// Asks for the end of the run. The first reason stands.
    pub(crate) fn ask_to_end(&self, reason: String) {
        let mut end = self.end();
        if matches!(*end, End::Unwanted) {
            *end = End::Wanted(reason);
        }
    }

    /// Why a user wants the run to end; told once.
    pub(crate) fn take_end(&self) -> Option<String> {
        let mut end = self.end();
        match std::mem::take(&mut *end) {
            End::Unwanted => None,
            End::Wanted(reason) => {
                *end = End::Told;
                Some(reason)
            }
            End::Told => {
                *end = End::Told;
                None
            }
        }
    }

    fn end(&self) -> MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
