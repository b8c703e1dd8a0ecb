//! What was found in a command or a recording, before it is written as a scenario.

use serde_json::Value as Json;
use std::time::Duration;
use url::Url;

/// A scenario to be written.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    /// How requests travel.
    pub(super) network: Network,
    /// What the user does.
    pub(super) steps: Vec<Step>,
    /// What a person should know about the conversion, a sentence each, without secrets.
    pub(super) notes: Vec<String>,
}

impl Draft {
    pub(super) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// All requests, also those of groups.
    pub(super) fn requests(&self) -> Vec<&Request> {
        fn collect<'a>(steps: &'a [Step], found: &mut Vec<&'a Request>) {
            for step in steps {
                match step {
                    Step::Request(request) => found.push(request),
                    Step::Group(_, steps) => collect(steps, found),
                    Step::Sleep(_) => {}
                }
            }
        }
        let mut found = Vec::new();
        collect(&self.steps, &mut found);
        found
    }
}

/// How requests travel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Network {
    pub(super) http2: bool,
    pub(super) proxy: Option<Proxy>,
    /// Certificates of servers are not verified.
    pub(super) insecure: bool,
    pub(super) ca: Option<String>,
    pub(super) certificate: Option<String>,
    pub(super) key: Option<String>,
    /// Names with the addresses that stand for them.
    pub(super) addresses: Vec<(String, Vec<String>)>,
}

/// An HTTP proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proxy {
    /// Host and port.
    pub(super) authority: String,
    /// User name and password.
    pub(super) credentials: Option<(String, String)>,
}

/// One thing that the user does.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Request(Box<Request>),
    Sleep(Duration),
    Group(String, Vec<Self>),
}

/// One request. All texts are as they were sent, with secrets in them.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// Without user name, password and fragment.
    pub(super) url: Url,
    pub(super) headers: Vec<(String, String)>,
    pub(super) auth: Option<Auth>,
    pub(super) body: Body,
    pub(super) timeout: Option<Duration>,
    /// How many redirects are followed; `None` for as many as usual.
    pub(super) redirects: Option<u8>,
    /// The status that passes, where it is not one that passes anyway.
    pub(super) status: Option<u16>,
    /// Said above it.
    pub(super) comment: Option<String>,
}

impl Request {
    pub(super) fn new(method: &str, url: Url) -> Self {
        Self {
            method: method.to_owned(),
            url,
            headers: Vec::new(),
            auth: None,
            body: Body::Empty,
            timeout: None,
            redirects: None,
            status: None,
            comment: None,
        }
    }

    /// The value of a header, whose name may be written in any case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Who the user is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Auth {
    /// User name and password; `None` for one that was not told.
    Basic(String, Option<String>),
    Bearer(String),
}

/// What is sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Body {
    Empty,
    Json(Json),
    /// No name twice.
    Form(Vec<(String, String)>),
    /// Fields and files; no name twice among either, and at least one file.
    Multipart(Vec<(String, String)>, Vec<Upload>),
    Text(String),
    /// The path of a file.
    File(String),
}

/// A file within a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Upload {
    /// Of the field.
    pub(super) name: String,
    pub(super) content: Content,
    pub(super) filename: String,
    pub(super) content_type: Option<String>,
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Text(String),
    /// The path of a file.
    File(String),
}
