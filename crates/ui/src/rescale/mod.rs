//! How many workers Kubernetes runs: read, changed, and followed until wish, pods and connected workers agree.
//!
//! One change at a time, and one question to the API server at a time: what is shown is in order, so a wish that moves
//! without us is told from our own. Nothing but a whole number within the bounds ever leaves this module.

mod follow;
mod page;
mod routes;
mod wish;

pub(crate) use routes::{routes, v1};

use crate::asked::Asked;
use crate::clock;
use crate::limits;
use akrida_run::FleetEventKind;
use akrida_scaler::{Scale, ScaleError, Scaler};
use follow::{Change, Follow};
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

/// Which workers may be rescaled, and how far.
pub struct Rescale {
    /// What does it.
    pub scaler: Scaler,
    /// How many there may be. The API server itself has no upper bound.
    pub bounds: RangeInclusive<u32>,
    /// By which rules the number follows load, in a few words; `None` where people alone choose it. Changes that are
    /// made because of load are told by the master's events.
    pub follows: Option<String>,
    /// Told of each change and of the self-test, for the log.
    pub announce: Box<dyn Fn(&str) + Send + Sync>,
}

impl fmt::Debug for Rescale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scaler, bounds, .. } = self;
        f.debug_struct("Rescale").field("scaler", scaler).field("bounds", bounds).finish_non_exhaustive()
    }
}

/// The workers of this master, as Kubernetes has them.
pub(crate) struct Workers {
    rescale: Rescale,
    /// Held while the API server is asked.
    book: Mutex<Book>,
    /// The newest of the book, for pages that do not wait.
    shown: std::sync::Mutex<Shown>,
}

#[derive(Default)]
struct Book {
    /// When the API server was asked last.
    asked: Option<Instant>,
    follow: Follow,
}

/// What is known without asking.
#[derive(Clone, Default)]
pub(crate) struct Shown {
    /// What the API server said last.
    pub(crate) reading: Option<Result<Scale, ScaleError>>,
    pub(crate) namespace: Option<String>,
    /// What the self-test found.
    pub(crate) rehearsal: Option<Result<(), ScaleError>>,
    pub(crate) follow: Follow,
}

impl Workers {
    pub(crate) fn new(rescale: Rescale) -> Self {
        Self { rescale, book: Mutex::default(), shown: std::sync::Mutex::default() }
    }

    pub(crate) fn scaler(&self) -> &Scaler {
        &self.rescale.scaler
    }

    pub(crate) fn bounds(&self) -> &RangeInclusive<u32> {
        &self.rescale.bounds
    }

    /// By which rules the number follows load, if it does.
    pub(crate) fn follows(&self) -> Option<&str> {
        self.rescale.follows.as_deref()
    }

    /// Whether there is a cluster at all.
    pub(crate) fn is_in_cluster(&self) -> bool {
        self.rescale.scaler.cluster().is_there()
    }

    /// What is known, without asking anybody.
    pub(crate) fn shown(&self) -> Shown {
        self.shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn show(&self, change: impl FnOnce(&mut Shown)) {
        change(&mut self.shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }

    /// Finds out whether a change would be let through, and tells the log. Changes nothing.
    pub(crate) async fn rehearse(&self, connected: u32) {
        if !self.is_in_cluster() {
            return;
        }
        let mut book = self.book.lock().await;
        let tested = self.rescale.scaler.rehearse().await;
        let target = self.rescale.scaler.target();
        let before = self.shown().rehearsal;
        let result = tested.as_ref().map(|_| ()).map_err(Clone::clone);
        if before.as_ref() != Some(&result) {
            (self.rescale.announce)(&match &result {
                Ok(()) => format!("Self-test: this master may rescale {target}"),
                Err(error) => format!("Self-test: this master cannot rescale {target}: {error}"),
            });
        }
        self.show(|shown| shown.rehearsal = Some(result));
        self.note(&mut book, tested, connected).await;
    }

    /// Reads the count, unless it was read just now. `connected` workers take part.
    pub(crate) async fn look(&self, connected: u32) -> Shown {
        let mut book = self.book.lock().await;
        let fresh = book.asked.is_some_and(|asked| asked.elapsed() < limits::SCALE_FRESH);
        if !fresh {
            let reading = self.rescale.scaler.get().await;
            self.note(&mut book, reading, connected).await;
        } else if let Some(Ok(scale)) = self.shown().reading {
            book.follow.saw(Instant::now(), clock::now_s(), &scale, connected);
            self.show(|shown| shown.follow = book.follow.clone());
        }
        self.shown()
    }

    /// Makes `count`, which is within the bounds, the wish.
    ///
    /// # Errors
    /// When it does not become that.
    pub(crate) async fn set(&self, count: u32, asked: &Asked, connected: u32) -> Result<Change, ScaleError> {
        let mut book = self.book.lock().await;
        let before = self.rescale.scaler.get().await;
        match &before {
            // A Role may let somebody patch what it does not let them read.
            Ok(_) | Err(ScaleError::Forbidden { .. }) => {}
            Err(error) => {
                let error = error.clone();
                self.note(&mut book, before, connected).await;
                return Err(error);
            }
        }
        if let Ok(scale) = &before {
            book.follow.saw(Instant::now(), clock::now_s(), scale, connected);
        }
        let from = before.ok().map(|scale| scale.wanted).or(book.follow.wanted());
        let set = self.rescale.scaler.set(count).await;
        let change = Change { at: clock::now_s(), who: Some(who(asked)), from, to: count };
        let outcome = match &set {
            Ok(_) => Ok(change.clone()),
            Err(error) => Err(error.clone()),
        };
        if set.is_ok() {
            let target = self.rescale.scaler.target();
            (self.rescale.announce)(&format!("{target}: {}", change.text()));
            book.follow.set(Instant::now(), change);
            self.show(|shown| shown.rehearsal = Some(Ok(())));
        }
        self.note(&mut book, set, connected).await;
        outcome
    }

    /// Learns of a change that was made because of load.
    async fn credit(&self, change: Change) {
        let mut book = self.book.lock().await;
        book.follow.credit(Instant::now(), change);
        // The number that was read last is older than this change.
        book.asked = None;
        self.show(|shown| shown.follow = book.follow.clone());
    }

    /// Writes down what was read.
    async fn note(&self, book: &mut Book, reading: Result<Scale, ScaleError>, connected: u32) {
        book.asked = Some(Instant::now());
        if let Ok(scale) = &reading
            && let Some(moved) = book.follow.saw(Instant::now(), clock::now_s(), scale, connected)
        {
            (self.rescale.announce)(&format!("{}: {}", self.rescale.scaler.target(), moved.text()));
        }
        // After a failure only if it is not known: asking makes a client anew, before what was wrong may have changed.
        let ask = reading.is_ok() || self.shown().namespace.is_none();
        let namespace = if ask { self.rescale.scaler.namespace().await.ok() } else { None };
        self.show(|shown| {
            shown.namespace = namespace.or(shown.namespace.take());
            shown.reading = Some(reading);
            shown.follow = book.follow.clone();
        });
    }
}

/// `alice (10.0.0.7)`, or only the address where nobody logs in.
fn who(asked: &Asked) -> String {
    let peer = asked.peer.to_canonical();
    asked.user.as_ref().map_or_else(|| peer.to_string(), |user| format!("{user} ({peer})"))
}

/// Writes down who made those changes that load asks for, until the master ends.
pub(crate) async fn credit(app: Arc<crate::app::App>) {
    let Some(workers) = app.workers.as_ref().filter(|workers| workers.follows().is_some()) else { return };
    let mut events = app.handle.events();
    loop {
        match events.recv().await {
            Ok(event) => {
                let FleetEventKind::Rescaled { from, to, why } = event.kind else { continue };
                let (Ok(from), Ok(to)) = (u32::try_from(from), u32::try_from(to)) else { continue };
                let who = Some(format!("load ({why})"));
                workers.credit(Change { at: event.at, who, from: Some(from), to }).await;
            }
            // What was missed is told as made by somebody else.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// Runs the self-test, and again while it fails, so that a form that nobody looks at knows.
pub(crate) async fn rehearse(app: Arc<crate::app::App>) {
    let Some(workers) = app.workers.as_ref().filter(|workers| workers.is_in_cluster()) else { return };
    loop {
        workers.rehearse(routes::connected(&app)).await;
        if workers.shown().rehearsal.is_some_and(|result| result.is_ok()) {
            return;
        }
        tokio::time::sleep(limits::REHEARSE_AGAIN).await;
    }
}
