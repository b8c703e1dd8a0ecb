//! One request: written, sent, answered and judged.

use super::User;
use super::judge::{self, Reading};
use super::run::{Ended, Held};
use crate::control::NEVER;
use crate::core::Core;
use crate::failure::Failure;
use crate::http::{Answer, Outgoing, address};
use crate::program::Prepared;
use akrida_scenario::expr::{Response, Value};
use akrida_stats::RequestId;
use http::HeaderValue;
use std::sync::Arc;
use std::time::Duration;

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
            Ok(answer) => self.judge(&core, prepared, &outgoing, answer, &mut held),
            Err(failure) => {
                self.note_failure(prepared, &failure, &mut held);
                // Some requests fail without ever waiting, such as those for want of a file descriptor. Without
                // this a user that makes one after the other would keep the core from everybody else.
                tokio::task::yield_now().await;
            }
        }
        Ok(held)
    }

    fn judge(
        &mut self,
        core: &Core,
        prepared: &Prepared,
        outgoing: &Outgoing,
        mut answer: Answer,
        held: &mut Held,
    ) {
        let took = Duration::from_micros(held.done - held.sent);
        let mut body = answer.take_body();
        let Answer { status, headers, address: redirected, .. } = answer;
        let mut response = None;
        if let Some(slot) = prepared.response() {
            let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let kept = Arc::new(Response {
                status: status.as_u16(),
                reason: status.canonical_reason().unwrap_or_default(),
                url: redirected.map_or_else(|| address(outgoing), Into::into),
                headers: headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
                body: body.as_mut().map(std::mem::take).unwrap_or_default(),
                elapsed_s: took.as_secs_f64(),
            });
            self.frame().set(slot, Value::Response(kept.clone()));
            response = Some(kept);
        }
        let body = body.as_ref().map(|body| response.as_ref().map_or(body.as_slice(), |kept| &kept.body));
        let body = body.map_err(|unreadable| *unreadable);
        let (checks, captures) = (prepared.checks(), prepared.captures());
        let cookies = if judge::reads_cookies(captures) { self.client.cookies(outgoing) } else { Vec::new() };
        let reading = Reading::new(status.as_u16(), &headers, body, took, cookies);
        held.failure = judge::judge(checks, captures, &reading, &mut self.frame(), || {
            prepared.status_text(status, core.recorder.borrow().name(held.request.label))
        });
    }

    fn note_failure(&mut self, prepared: &Prepared, failure: &Failure, held: &mut Held) {
        held.failure = Some(failure.text());
        if let Some(slot) = prepared.response() {
            self.frame().set(slot, Value::Response(Arc::new(Response::default())));
        }
    }
}
