//! The test, for workers that have none of their own: those that were started with `-f -`.
//!
//! They ask under a temporary name, each second until they are answered, and are not registered: a stranger's
//! question leaves nothing behind. The answers are made once, and so many bytes of them go out in a second as
//! [`limits::HANDOUT_BYTES_PER_SECOND`] says; whoever gets none asks again.

use crate::event::Effects;
use crate::limits;
use crate::{MasterCore, Now};
use akrida_protocol::{LocustfileReply, LocustfileSource, Shared, ToWorker};
use akrida_run::FleetEventKind;
use akrida_transport::PeerId;
use std::time::Duration;

/// What workers are answered that ask for the test.
#[derive(Clone, Debug)]
pub struct Handout {
    akrida: Answer,
    locust: Answer,
}

#[derive(Clone, Debug)]
struct Answer {
    frame: Shared,
    /// Why it is no test.
    refusal: Option<String>,
}

impl Handout {
    /// Answers for Akrida's workers and for Locust's. One that does not fit a frame becomes an error that says so.
    #[must_use]
    pub fn new(akrida: &LocustfileReply, locust: &LocustfileReply) -> Self {
        Self { akrida: answer(akrida), locust: answer(locust) }
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

fn answer(reply: &LocustfileReply) -> Answer {
    let share = |reply: LocustfileReply| ToWorker::Locustfile(reply).share();
    let refuse = |reason: String| Answer {
        frame: share(LocustfileReply::Error(reason.clone())),
        refusal: Some(reason),
    };
    let sources = match reply {
        LocustfileReply::Error(reason) => return refuse(reason.clone()),
        LocustfileReply::Sources(sources) => sources,
    };
    let bytes: usize = sources.iter().map(size).sum();
    // What does not fit anyway is not written out first.
    if bytes <= akrida_transport::limits::FRAME {
        let frame = share(reply.clone());
        if frame.to(&"x".repeat(limits::IDENTITY)).len() <= akrida_transport::limits::FRAME {
            return Answer { frame, refusal: None };
        }
    }
    refuse(format!(
        "the files of the test have {bytes} bytes, more than the {} that fit a message: put them beside the worker and \
         start it with -f FILE",
        akrida_transport::limits::FRAME
    ))
}

fn size(source: &LocustfileSource) -> usize {
    match source {
        LocustfileSource::File { contents, .. } => contents.len(),
        LocustfileSource::Data { contents, .. } => contents.len(),
        LocustfileSource::Url(url) => url.len(),
    }
}

/// What was handed out lately.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    /// When the second began for which `given` counts, monotonic.
    since: Duration,
    /// Bytes.
    given: usize,
    /// Whether it was told that workers of Locust's, and of Akrida's, were refused the test.
    told: [bool; 2],
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
        let Answer { frame, refusal } = if akrida { ours } else { theirs };
        if now.monotonic >= self.desk.since + Duration::from_secs(1) {
            (self.desk.since, self.desk.given) = (now.monotonic, 0);
        }
        // The first one of a second always, however large it is.
        if self.desk.given > 0 && self.desk.given + frame.size() > limits::HANDOUT_BYTES_PER_SECOND {
            return;
        }
        self.desk.given += frame.size();
        effects.frames.push((peer.clone(), frame.to(id)));
        let told = &mut self.desk.told[usize::from(akrida)];
        if let Some(reason) = refusal.as_ref().filter(|_| !*told) {
            *told = true;
            let whose = if akrida { "Akrida" } else { "Locust" };
            let text = format!("A worker of {whose}'s asked for the test and gets none: {reason}");
            effects.tell(now, FleetEventKind::Warning(text));
        }
    }
}
