//! A request, prepared as far as it is known before the run.

mod auth;
mod body;
mod head;
mod multipart;
mod target;

use super::ClassContext;
use crate::clock::micros;
use crate::failure::{fast_status_text, status_text};
use crate::http::{Keep, Outgoing};
use crate::limits;
use crate::redact::Redactor;
use crate::user::judge;
use akrida_scenario::expr::{EvalError, Expr, Frame};
use akrida_scenario::model::{Capture, Check, Part, Request, Slot, Template};
use akrida_stats::{EntryKey, LabelId, Recorder};
use body::{Payload, Written};
use head::Head;
use http::{Method, StatusCode, header};
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use target::{Aim, Target};

/// A request that is sent as it stands, or written anew each time as far as it holds expressions.
pub(crate) struct Prepared {
    /// As it goes out, if that is known.
    fixed: Option<Rc<Outgoing>>,
    /// What it is filed under, if that is known.
    label: Option<LabelId>,
    method: Method,
    tags: Vec<String>,
    redactor: Redactor,
    target: Target,
    aim: Option<Aim>,
    head: Head,
    payload: Payload,
    written: Option<Written>,
    request: Request,
    /// See [`akrida_scenario::model::UserClass`].
    fast_client: bool,
    /// The longest that it may take, microseconds.
    pub(crate) timeout_us: u64,
    pub(crate) keep: Keep,
}

impl Prepared {
    pub(super) fn new(
        request: &Request,
        tags: &[String],
        context: &ClassContext<'_>,
        recorder: &mut Recorder,
    ) -> Self {
        let class = context.class;
        let shared = class.shared();
        let mut rng = fastrand::Rng::with_seed(0);
        let known = &mut Frame { shared: &shared, ..Frame::bare(&mut rng) };
        let needs = judge::needs(request);
        let target = Target::new(request, context.base.clone());
        let payload = Payload::new(&request.body);
        let mut prepared = Self {
            fixed: None,
            label: None,
            // Front ends let only HTTP tokens pass.
            method: Method::from_bytes(request.method.as_bytes()).unwrap_or_default(),
            tags: tags.to_vec(),
            redactor: context.redactor.clone(),
            // What fails here fails again when it is sent, and is told there.
            aim: target.is_known().then(|| target.aim(known).ok()).flatten(),
            target,
            head: Head::new(class, request, known),
            written: payload.is_known().then(|| payload.write(known).ok()).flatten(),
            payload,
            request: request.clone(),
            fast_client: class.fast_client,
            timeout_us: micros(request.timeout.unwrap_or(limits::REQUEST_TIMEOUT)),
            keep: Keep { body: needs.body, headers: needs.headers, cookies: class.cookies },
        };
        let alike = prepared.head.is_known() && request.cookies.is_none();
        if prepared.aim.is_some() && alike && prepared.written.is_some() {
            prepared.fixed = prepared.write(known).ok().map(Rc::new);
        }
        prepared.label = match (&request.name, &prepared.aim) {
            (Some(Template::Fixed(name)), _) => Some(prepared.file_under(name, recorder)),
            (None, Some(aim)) if request.name_now.is_none() => {
                Some(prepared.file_under(&aim.uri.to_string(), recorder))
            }
            _ => None,
        };
        prepared
    }

    /// The request as it goes out now.
    pub(crate) fn outgoing(&self, frame: &mut Frame<'_>) -> Result<Rc<Outgoing>, EvalError> {
        match &self.fixed {
            Some(fixed) => Ok(fixed.clone()),
            None => self.write(frame).map(Rc::new),
        }
    }

    /// How it is told that the answer's `status` failed a request that is filed under `name`.
    pub(crate) fn status_text(&self, status: StatusCode, name: &str) -> String {
        if self.fast_client { fast_status_text(status) } else { status_text(status, name) }
    }

    /// What the request is filed under now.
    pub(crate) fn label(
        &self,
        frame: &mut Frame<'_>,
        outgoing: &Outgoing,
        recorder: &RefCell<Recorder>,
    ) -> Result<LabelId, EvalError> {
        if let Some(label) = self.label {
            return Ok(label);
        }
        let name = match &self.request.name {
            Some(name) => name.render(frame)?,
            None => match self.name_now(frame)? {
                Some(name) => Cow::Owned(name),
                None => Cow::Owned(outgoing.uri.to_string()),
            },
        };
        Ok(self.file_under(&name, &mut recorder.borrow_mut()))
    }

    /// What requests without a name of their own are filed under at present, if that is something else than paths.
    fn name_now(&self, frame: &mut Frame<'_>) -> Result<Option<String>, EvalError> {
        let Some(name) = &self.request.name_now else { return Ok(None) };
        let name = name.eval(frame)?;
        Ok(name.truthy().then(|| name.to_string()))
    }

    fn file_under(&self, name: &str, recorder: &mut Recorder) -> LabelId {
        let name = self.redactor.clean(name);
        recorder.label(EntryKey { tags: self.tags.clone(), ..EntryKey::plain(self.method.as_str(), &name) })
    }

    pub(crate) fn redirects(&self) -> u8 {
        self.request.redirects
    }

    pub(crate) fn checks(&self) -> &[Check] {
        &self.request.checks
    }

    pub(crate) fn captures(&self) -> &[Capture] {
        &self.request.captures
    }

    /// Where the answer is kept.
    pub(crate) fn response(&self) -> Option<Slot> {
        self.request.response
    }

    pub(crate) fn has_handler(&self) -> bool {
        self.request.handler.is_some()
    }

    fn write(&self, frame: &mut Frame<'_>) -> Result<Outgoing, EvalError> {
        if self.method == Method::CONNECT {
            return Err(EvalError(
                "InvalidMethod('CONNECT asks a proxy for a tunnel: set `proxy`')".to_owned(),
            ));
        }
        let aim = match &self.aim {
            Some(aim) => aim.clone(),
            None => self.target.aim(frame)?,
        };
        let mut headers = self.head.write(frame)?;
        if headers.get(header::HOST).is_none_or(http::HeaderValue::is_empty) {
            headers.insert(header::HOST, aim.origin.header.clone());
        }
        if let Some(credentials) = aim.credentials {
            headers.entry(header::AUTHORIZATION).or_insert(credentials);
        }
        let written = match &self.written {
            Some(written) => written.clone(),
            None => self.payload.write(frame)?,
        };
        if let Some(content_type) = written.content_type {
            headers.entry(header::CONTENT_TYPE).or_insert(content_type);
        }
        let cookies = match &self.request.cookies {
            Some(cookies) => cookies.eval(frame)?.cookies()?,
            None => Vec::new(),
        };
        Ok(Outgoing {
            origin: aim.origin,
            method: self.method.clone(),
            uri: aim.uri,
            headers,
            cookies: cookies.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
            body: written.body,
        })
    }
}

/// Whether a text is the same each time: without expressions, or with none but secrets and options.
fn is_known(text: &Template) -> bool {
    let is_shared =
        |part: &Part| matches!(part, Part::Text(_) | Part::Value(Expr::Variable(Slot::Shared(_), _)));
    match text {
        Template::Fixed(_) => true,
        Template::Parts(parts) => parts.iter().all(is_shared),
    }
}
