//! One request: written, sent, answered and judged.

use super::User;
use super::judge;
use super::run::{Ended, Held};
use crate::control::NEVER;
use crate::failure::Failure;
use crate::http::Answer;
use crate::program::Prepared;
use akrida_scenario::expr::{Response, Value};
use akrida_stats::RequestId;
use std::sync::Arc;

impl User {
    /// Sends a request and judges its answer. `intended` is when it should have started, [`NEVER`] for now.
    pub(super) async fn exchange(&mut self, prepared: &Prepared, intended: u64) -> Result<Held, Ended> {
        let core = self.core.clone();
        let outgoing = prepared.outgoing(&mut self.frame())?;
        let label = prepared.label(&mut self.frame(), &outgoing, &core.recorder)?;
        let request = RequestId { label, stage: core.stage.get() };
        let sent = core.clock.now();
        self.control.set_deadline(sent.saturating_add(prepared.timeout_us));
        let answer =
            self.client.send(&core, &self.control, &outgoing, prepared.redirects(), prepared.keep).await;
        self.control.set_deadline(NEVER);
        let done = core.clock.now();
        self.answered = done;
        let intended = if intended == NEVER { sent } else { intended.min(sent) };
        let bytes = answer.as_ref().map_or(0, |answer| answer.bytes);
        let mut held = Held { request, intended, sent, done, bytes, failure: None };
        match answer {
            Ok(answer) => self.judge(prepared, answer, &mut held),
            Err(failure) => {
                self.note_failure(prepared, &failure, &mut held);
                // Some requests fail without ever waiting, such as those for want of a file descriptor. Without
                // this a user that makes one after the other would keep the core from everybody else.
                tokio::task::yield_now().await;
            }
        }
        Ok(held)
    }

    fn judge(&mut self, prepared: &Prepared, answer: Answer, held: &mut Held) {
        let name = || self.core.recorder.borrow().name(held.request.label).to_owned();
        if prepared.checks().is_empty() {
            if answer.status.as_u16() >= 400 {
                held.failure = Some(crate::failure::status_text(answer.status, &name()));
            }
        } else {
            held.failure = judge::check(prepared.checks(), &answer, &mut self.frame());
        }
        if held.failure.is_none() && !prepared.captures().is_empty() {
            held.failure = judge::capture(prepared.captures(), &answer, &mut self.frame());
        }
        if let Some(slot) = prepared.response() {
            let response = Response {
                status: answer.status.as_u16(),
                headers: answer
                    .headers
                    .iter()
                    .map(|(name, value)| {
                        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into())
                    })
                    .collect(),
                body: answer.body.unwrap_or_default(),
                elapsed_s: std::time::Duration::from_micros(held.done - held.sent).as_secs_f64(),
            };
            self.frame().set(slot, Value::Response(Arc::new(response)));
        }
    }

    fn note_failure(&mut self, prepared: &Prepared, failure: &Failure, held: &mut Held) {
        held.failure = Some(failure.text());
        if let Some(slot) = prepared.response() {
            self.frame().set(slot, Value::Response(Arc::new(Response::default())));
        }
    }
}
