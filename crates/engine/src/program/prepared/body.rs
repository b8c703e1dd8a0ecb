//! What a request sends.

use super::{is_known, multipart};
use akrida_scenario::expr::{EvalError, Frame, Value};
use akrida_scenario::model::{Body, Content};
use bytes::Bytes;
use http::HeaderValue;
use std::sync::Arc;

/// What a request sends, as it is described.
pub(super) struct Payload(Body);

/// What a request sends.
#[derive(Clone)]
pub(super) struct Written {
    pub(super) body: Bytes,
    /// Its type, unless a header says another.
    pub(super) content_type: Option<HeaderValue>,
}

impl Payload {
    pub(super) fn new(body: &Body) -> Self {
        Self(body.clone())
    }

    /// Whether it is the same each time.
    pub(super) fn is_known(&self) -> bool {
        match &self.0 {
            Body::Empty => true,
            Body::Json(value) | Body::Data(value) => value.constant().is_some(),
            Body::Form(fields) => fields.iter().all(|(name, value)| is_known(name) && is_known(value)),
            Body::Multipart(fields) => fields.iter().all(multipart::is_known),
            Body::Raw(content) => is_known_content(content),
        }
    }

    pub(super) fn write(&self, frame: &mut Frame<'_>) -> Result<Written, EvalError> {
        let fixed = |kind| Some(HeaderValue::from_static(kind));
        let (body, content_type) = match &self.0 {
            Body::Empty => (Bytes::new(), None),
            Body::Json(value) => (value.eval(frame)?.to_json_text()?.into(), fixed("application/json")),
            Body::Data(value) => match value.eval(frame)? {
                Value::None | Value::Unset => (Bytes::new(), None),
                Value::Str(text) => (text.to_string().into(), None),
                Value::Bytes(bytes) => (Bytes::from_owner(bytes), None),
                other => {
                    let fields = other.fields()?;
                    let mut form = url::form_urlencoded::Serializer::new(String::new());
                    form.extend_pairs(&fields);
                    let kind =
                        (!fields.is_empty()).then(|| fixed("application/x-www-form-urlencoded")).flatten();
                    (form.finish().into(), kind)
                }
            },
            Body::Form(fields) => {
                let mut form = url::form_urlencoded::Serializer::new(String::new());
                for (name, value) in fields {
                    let name = name.render(frame)?;
                    form.append_pair(&name, &value.render(frame)?);
                }
                (form.finish().into(), fixed("application/x-www-form-urlencoded"))
            }
            Body::Multipart(fields) => {
                let (body, content_type) = multipart::write(fields, frame)?;
                (body.into(), Some(content_type))
            }
            Body::Raw(Content::Text(text)) => (text.render(frame)?.into_owned().into(), None),
            Body::Raw(Content::Bytes(bytes)) => (Bytes::from_owner(Arc::clone(bytes)), None),
        };
        Ok(Written { body, content_type })
    }
}

pub(super) fn is_known_content(content: &Content) -> bool {
    match content {
        Content::Text(text) => is_known(text),
        Content::Bytes(_) => true,
    }
}
