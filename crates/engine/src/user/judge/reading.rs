//! An answer, and what was read of its body so far.

use super::Fault;
use super::html::Page;
use http::HeaderMap;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::time::Duration;

/// An answer that is judged.
pub(crate) struct Reading<'a> {
    pub(super) status: u16,
    headers: &'a HeaderMap,
    body: Result<&'a [u8], &'static str>,
    pub(super) took: Duration,
    pub(super) cookies: Vec<(String, String)>,
    text: OnceCell<Cow<'a, str>>,
    json: OnceCell<Result<Json, Fault>>,
    html: OnceCell<Result<Page, Fault>>,
}

impl<'a> Reading<'a> {
    /// An answer that took so long, with its decoded body or why that cannot be read. `cookies` are the user's,
    /// the most fitting first; needed only if [`super::reads_cookies`].
    pub(crate) fn new(
        status: u16,
        headers: &'a HeaderMap,
        body: Result<&'a [u8], &'static str>,
        took: Duration,
        cookies: Vec<(String, String)>,
    ) -> Self {
        let (text, json, html) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { status, headers, body, took, cookies, text, json, html }
    }

    pub(super) fn body(&self) -> Result<&'a [u8], Fault> {
        self.body.map_err(|reason| Fault::Wrong(reason.to_owned()))
    }

    /// The body as text; what is not UTF-8 is replaced.
    pub(super) fn text(&self) -> Result<&str, Fault> {
        let body = self.body()?;
        Ok(self.text.get_or_init(|| String::from_utf8_lossy(body)))
    }

    pub(super) fn json(&self) -> Result<&Json, Fault> {
        let body = self.body()?;
        let json = self.json.get_or_init(|| {
            akrida_scenario::json::read(body).map_err(|error| {
                if error.is_data() {
                    Fault::Wrong("the JSON of the answer is too large to be looked into".to_owned())
                } else {
                    Fault::Missing("the answer is not JSON".to_owned())
                }
            })
        });
        json.as_ref().map_err(Clone::clone)
    }

    pub(super) fn html(&self) -> Result<&Page, Fault> {
        let text = self.text()?;
        let page = self.html.get_or_init(|| {
            Page::parse(text)
                .ok_or_else(|| Fault::Wrong("the HTML of the answer is too large or too deep".to_owned()))
        });
        page.as_ref().map_err(Clone::clone)
    }

    /// The values of a header, in the order in which they came.
    pub(super) fn header(&self, name: &str) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
        let headers = self.headers;
        headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()))
    }
}
