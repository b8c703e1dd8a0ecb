//! The test, for workers that have none of their own: those that were started with `-f -`.
//!
//! They ask under a temporary name, each second until they are answered, and are not registered: a stranger's
//! question leaves nothing behind. The answers are made once, and so many bytes of them go out in a second as
//! [`limits::HANDOUT_BYTES_PER_SECOND`] says; whoever gets none asks again.

use crate::event::Effects;
use crate::limits;
use crate::{MasterCore, Now};
use akrida_protocol::{LocustfileReply, Shared, ToWorker};
use akrida_transport::PeerId;
use std::time::Duration;

/// What workers are answered that ask for the test.
#[derive(Clone, Debug)]
pub struct Handout {
    akrida: Shared,
    locust: Shared,
}

impl Handout {
    /// Answers for Akrida's workers and for Locust's. One that does not fit a frame becomes an error that says so.
    #[must_use]
    pub fn new(akrida: &LocustfileReply, locust: &LocustfileReply) -> Self {
        Self { akrida: frame(akrida), locust: frame(locust) }
    }
}

impl Default for Handout {
    /// There is no test to give.
    fn default() -> Self {
        let none = "this master has no file to give: start the worker with -f FILE";
        let none = LocustfileReply::Error(none.to_owned());
        Self::new(&none, &none)
    }
}

fn frame(reply: &LocustfileReply) -> Shared {
    let share = |reply: LocustfileReply| ToWorker::Locustfile(reply).share();
    let frame = share(reply.clone());
    let longest = frame.to(&"x".repeat(limits::IDENTITY)).len();
    if longest <= akrida_transport::limits::FRAME {
        return frame;
    }
    share(LocustfileReply::Error(format!(
        "the files of the test have {} bytes, more than the {} that fit a message: put them beside the worker and \
         start it with -f FILE",
        longest,
        akrida_transport::limits::FRAME
    )))
}

/// What was handed out lately.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    /// When the second began for which `given` counts, monotonic.
    since: Duration,
    /// Bytes.
    given: usize,
}

impl MasterCore {
    /// Somebody asks for the test.
    pub(crate) fn on_locustfile(
        &mut self,
        now: Now,
        peer: &PeerId,
        id: &str,
        akrida: bool,
        effects: &mut Effects,
    ) {
        let Handout { akrida: ours, locust: theirs } = &self.config.handout;
        let frame = if akrida { ours } else { theirs };
        if now.monotonic >= self.desk.since + Duration::from_secs(1) {
            self.desk = Desk { since: now.monotonic, given: 0 };
        }
        // The first one of a second always, however large it is.
        if self.desk.given > 0 && self.desk.given + frame.size() > limits::HANDOUT_BYTES_PER_SECOND {
            return;
        }
        self.desk.given += frame.size();
        effects.frames.push((peer.clone(), frame.to(id)));
    }
}
