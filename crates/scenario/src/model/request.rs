//! One HTTP request.

use super::{Capture, Check, Slot, Step, Template};
use crate::expr::Expr;
use std::sync::Arc;
use std::time::Duration;

/// One HTTP request and what is made of its answer.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET`, `POST`, ...: an HTTP token.
    pub method: String,
    /// A path under the host, or an absolute `http://` or `https://` address.
    pub url: Template,
    /// Added to the address, percent-encoded.
    pub query: Vec<(Template, Template)>,
    /// Added after `query`: a dict or a list of pairs, as `requests` takes it.
    pub more_query: Option<Expr>,
    /// In addition to the class's headers, and before them.
    pub headers: Vec<(String, Template)>,
    /// A dict of further headers. Those of `headers` win over them; one whose value is None is not sent.
    pub more_headers: Option<Expr>,
    /// Cookies that go with this request in addition to those that are kept: a dict of names and texts.
    pub cookies: Option<Expr>,
    /// Who the user is; wins over the class's.
    pub auth: Option<Auth>,
    /// What is sent.
    pub body: Body,
    /// What the request is filed under; `None` for the path and query that are really requested, as Locust does.
    /// The YAML front end gives a path with expressions its own text as a name, so that names stay few.
    pub name: Option<Template>,
    /// Where there is no `name`: what the request is filed under if this has a text (Locust:
    /// `self.client.request_name`).
    pub name_now: Option<Expr>,
    /// The longest that the whole exchange may take; `None` means the engine's default.
    pub timeout: Option<Duration>,
    /// How many redirects are followed within this request; 0 to take a redirect for the answer.
    pub redirects: u8,
    /// All must hold, or the request fails. Without one of the status, so does a status of 400 or above (unless
    /// `handler` decides).
    pub checks: Vec<Check>,
    /// Done with the answer of a request that passed its checks.
    pub captures: Vec<Capture>,
    /// Done with the answer before the request is filed; may decide whether it passed (Locust:
    /// `with ... catch_response=True as response`).
    pub handler: Option<Vec<Step>>,
    /// Keeps the answer for expressions of checks, `handler` and later steps.
    pub response: Option<Slot>,
}

/// Who a user is, for the `Authorization` header. A header of that name wins over it.
#[derive(Clone, Debug)]
pub enum Auth {
    /// A name and a password.
    Basic(Template, Template),
    /// A token.
    Bearer(Template),
}

/// The body of a request.
#[derive(Clone, Debug, Default)]
pub enum Body {
    /// None.
    #[default]
    Empty,
    /// A value written as JSON; sets `Content-Type: application/json` unless a header does.
    Json(Expr),
    /// Fields as a browser's form sends them; sets `Content-Type: application/x-www-form-urlencoded`.
    Form(Vec<(Template, Template)>),
    /// What `requests` makes of `data=`: a dict or a list of pairs is a form, text is sent as it stands, None is
    /// nothing.
    Data(Expr),
    /// Fields and files as a browser's form sends files; sets `Content-Type: multipart/form-data`.
    Multipart(Vec<Field>),
    /// As it stands.
    Raw(Content),
}

/// One part of a [`Body::Multipart`].
#[derive(Clone, Debug)]
pub struct Field {
    /// What it is called.
    pub name: Template,
    /// The file's name; `None` for a field that is no file.
    pub filename: Option<Template>,
    /// Its type; `None` for none.
    pub content_type: Option<String>,
    /// What is sent.
    pub content: Content,
}

/// Something that is sent.
#[derive(Clone, Debug)]
pub enum Content {
    /// Text.
    Text(Template),
    /// A file, read when the scenario was loaded.
    Bytes(Arc<[u8]>),
}
