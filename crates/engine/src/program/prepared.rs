//! A request, prepared as far as it is known before the run.

use super::ClassContext;
use crate::clock::micros;
use crate::http::origin::{Base, Origin};
use crate::http::{Keep, Outgoing};
use crate::limits;
use crate::user::judge;
use akrida_scenario::expr::{EvalError, Frame};
use akrida_scenario::model::{Body, Capture, Check, Content, Request, Slot, Template};
use akrida_stats::{EntryKey, LabelId, Recorder};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

const USER_AGENT: &str = concat!("akrida/", env!("CARGO_PKG_VERSION"));

/// A request that is sent as it stands, or written anew each time where it holds expressions.
pub(crate) struct Prepared {
    /// As it goes out, if that is known.
    fixed: Option<Rc<Outgoing>>,
    /// What it is filed under, if that is known.
    label: Option<LabelId>,
    method: Method,
    tags: Vec<String>,
    class_headers: Rc<[(String, Template)]>,
    base: Option<Base>,
    request: Request,
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
        let needs = judge::needs(request);
        let mut prepared = Self {
            fixed: None,
            label: None,
            // Front ends let only HTTP tokens pass.
            method: Method::from_bytes(request.method.as_bytes()).unwrap_or_default(),
            tags: tags.to_vec(),
            class_headers: context.class.headers.clone().into(),
            base: context.base.clone(),
            request: request.clone(),
            timeout_us: micros(request.timeout.unwrap_or(limits::REQUEST_TIMEOUT)),
            keep: Keep { body: needs.body, headers: needs.headers, cookies: context.class.cookies },
        };
        if prepared.is_fixed() {
            let mut rng = fastrand::Rng::with_seed(0);
            let nothing = &mut Frame::bare(&mut rng);
            // What fails here fails again when it is sent, and is told there.
            prepared.fixed = prepared.write(nothing).ok().map(Rc::new);
        }
        prepared.label = match (&request.name, &prepared.fixed) {
            (Some(Template::Fixed(name)), _) => Some(prepared.file_under(name, recorder)),
            (None, Some(outgoing)) => Some(prepared.file_under(&outgoing.uri.to_string(), recorder)),
            _ => None,
        };
        prepared
    }

    fn is_fixed(&self) -> bool {
        let request = &self.request;
        request.url.is_fixed()
            && request.query.iter().all(|(name, value)| name.is_fixed() && value.is_fixed())
            && request.headers.iter().chain(self.class_headers.iter()).all(|(_, value)| value.is_fixed())
            && match &request.body {
                Body::Empty => true,
                Body::Json(value) => value.constant().is_some(),
                Body::Form(fields) => fields.iter().all(|(name, value)| name.is_fixed() && value.is_fixed()),
                Body::Raw(Content::Text(text)) => text.is_fixed(),
                Body::Raw(Content::Bytes(_)) => true,
                Body::Multipart(_) => false,
            }
    }

    /// The request as it goes out now.
    pub(crate) fn outgoing(&self, frame: &mut Frame<'_>) -> Result<Rc<Outgoing>, EvalError> {
        match &self.fixed {
            Some(fixed) => Ok(fixed.clone()),
            None => self.write(frame).map(Rc::new),
        }
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
            None => Cow::Owned(outgoing.uri.to_string()),
        };
        Ok(self.file_under(&name, &mut recorder.borrow_mut()))
    }

    fn file_under(&self, name: &str, recorder: &mut Recorder) -> LabelId {
        recorder.label(EntryKey { tags: self.tags.clone(), ..EntryKey::plain(self.method.as_str(), name) })
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
        let (origin, uri) = self.write_target(frame)?;
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(header::HOST, origin.header.clone());
        headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        let body = self.write_body(frame, &mut headers)?;
        for (name, value) in self.class_headers.iter().chain(&self.request.headers) {
            let value = value.render(frame)?;
            let parsed = HeaderValue::from_str(&value).map_err(|_| {
                EvalError(format!("InvalidHeader('the value of {name} holds characters that no header may')"))
            })?;
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| EvalError(format!("InvalidHeader('{name} is no name of a header')")))?;
            headers.insert(name, parsed);
        }
        Ok(Outgoing { origin, method: self.method.clone(), uri, headers, body })
    }

    fn write_target(&self, frame: &mut Frame<'_>) -> Result<(Rc<Origin>, http::Uri), EvalError> {
        let text = self.request.url.render(frame)?;
        let invalid = || EvalError(format!("InvalidURL('{text}')"));
        let absolute = text.starts_with("http://") || text.starts_with("https://");
        let (mut url, base) = if absolute {
            (url::Url::parse(&text).map_err(|_| invalid())?, None)
        } else {
            let base = self.base.as_ref().ok_or_else(missing_host)?;
            let slash = if text.starts_with('/') { "" } else { "/" };
            // Only path and query are taken from it, so any host will do.
            let whole = format!("http://host{}{slash}{text}", base.path);
            (url::Url::parse(&whole).map_err(|_| invalid())?, Some(base))
        };
        if !self.request.query.is_empty() {
            let mut pairs = url.query_pairs_mut();
            for (name, value) in &self.request.query {
                let name = name.render(frame)?;
                pairs.append_pair(&name, &value.render(frame)?);
            }
        }
        let uri = url[url::Position::BeforePath..url::Position::AfterQuery].parse().map_err(|_| invalid())?;
        let origin = match base {
            Some(base) => base.origin.clone(),
            None => Rc::new(Origin::of(&url).ok_or_else(invalid)?),
        };
        Ok((origin, uri))
    }

    fn write_body(&self, frame: &mut Frame<'_>, headers: &mut HeaderMap) -> Result<Bytes, EvalError> {
        let (kind, body) = match &self.request.body {
            Body::Empty => return Ok(Bytes::new()),
            Body::Json(value) => ("application/json", Bytes::from(value.eval(frame)?.to_json_text()?)),
            Body::Form(fields) => {
                let mut form = url::form_urlencoded::Serializer::new(String::new());
                for (name, value) in fields {
                    let name = name.render(frame)?;
                    form.append_pair(&name, &value.render(frame)?);
                }
                ("application/x-www-form-urlencoded", form.finish().into())
            }
            Body::Multipart(_) => return Ok(Bytes::new()),
            Body::Raw(Content::Bytes(bytes)) => return Ok(Bytes::copy_from_slice(bytes)),
            Body::Raw(Content::Text(text)) => return Ok(text.render(frame)?.into_owned().into()),
        };
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        Ok(body)
    }
}

fn missing_host() -> EvalError {
    EvalError(
        "LocustError('You must specify the base host. Either in the host attribute in the User class, or on the \
         command line using the --host option.')"
            .to_owned(),
    )
}
