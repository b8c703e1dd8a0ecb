//! Requests.

use super::super::node::{Kind, Meaning, Node};
use super::super::quote::quote;
use super::super::rules;
use super::super::table::VERB_NAMES;
use super::value::{text, text_of};
use super::{Decoder, whole};
use crate::expr::Expr;
use crate::model::{Check, Request, Slot, Step, Template};

/// How many redirects are followed where nothing is said, as Locust's client does.
const REDIRECTS: u8 = 30;

/// The method and the path of a request, in its short form or its long one.
pub(super) fn method_and_path(node: &Node) -> Option<(String, &Node)> {
    let (verb, value) = VERB_NAMES.iter().find_map(|verb| Some((*verb, node.get(verb)?)))?;
    match value.kind {
        Kind::Map(_) => Some((text(value.get("method")?)?.to_owned(), value.get("path")?)),
        _ => Some((verb.to_uppercase(), value)),
    }
}

impl Decoder<'_> {
    /// `None` after a problem that leaves nothing to send.
    pub(super) fn request(&mut self, node: &Node) -> Option<Request> {
        let target = method_and_path(node);
        let path = target.as_ref().map(|(_, path)| *path);
        let url = path.and_then(|path| self.url(path));
        let query = self.fields(node.get("query"));
        let more_query = self.more(node.get("query"));
        let (checks, response) = self.checks_of(node);
        let request = Request {
            method: target.map(|(method, _)| method).unwrap_or_default(),
            name: self.name(node, path, url.as_ref(), &query, more_query.is_some()),
            url: url.unwrap_or_else(|| Template::Fixed("/".into())),
            query,
            more_query,
            headers: self.headers(node.get("headers")),
            more_headers: self.more(node.get("headers")),
            auth: self.auth(node.get("auth")),
            body: self.request_body(node),
            timeout: node.get("timeout").and_then(|node| self.span(node)),
            redirects: match node.get("redirects").and_then(Node::meaning) {
                Some(Meaning::Bool(false)) => 0,
                Some(Meaning::Bool(true)) | None => REDIRECTS,
                Some(count) => whole(count).and_then(|count| count.try_into().ok()).unwrap_or(REDIRECTS),
            },
            checks,
            captures: node.get("capture").map(|node| self.captures(node)).unwrap_or_default(),
            response,
            cookies: None,
            name_now: None,
            handler: node.get("judge").map(|node| self.judge(node.items())),
        };
        path.map(|_| request)
    }

    /// The checks, and where the answer is kept.
    fn checks_of(&mut self, node: &Node) -> (Vec<Check>, Option<Slot>) {
        let kept = node.get("response").and_then(text).and_then(|name| self.names.variable(name));
        let Some(check) = node.get("check") else { return (Vec::new(), kept) };
        if kept.is_none() {
            return self.checks(check);
        }
        let before = self.names.keep_response(kept);
        let (checks, _) = self.checks(check);
        self.names.keep_response_as(before);
        (checks, kept)
    }

    fn judge(&mut self, steps: &[Node]) -> Vec<Step> {
        self.around.judges += 1;
        let steps = self.steps(steps);
        self.around.judges -= 1;
        steps
    }

    /// Headers, or fields of a query, that an expression gives.
    fn more(&mut self, node: Option<&Node>) -> Option<Expr> {
        node.filter(|node| node.scalar().is_some()).and_then(|node| self.expression(node))
    }

    fn url(&mut self, node: &Node) -> Option<Template> {
        let url = self.template(node)?;
        if let Template::Fixed(text) = &url {
            if !(rules::PATH.accepts)(text) || text.contains("{{") {
                // As it is written it may begin with an expression whose value turns out to be no path.
                if text_of(node) != &**text {
                    self.problem(
                        &node.span,
                        format!("{} is not {}", quote(text), rules::PATH.what),
                        rules::PATH.remedy,
                    );
                }
            } else if !text.starts_with('/') {
                self.authority(text, &node.span);
            }
        }
        Some(url)
    }

    /// What the request is filed under. An address that changes is filed as it is written, so that names stay few.
    fn name(
        &mut self,
        node: &Node,
        path: Option<&Node>,
        url: Option<&Template>,
        query: &[(Template, Template)],
        more_query: bool,
    ) -> Option<Template> {
        match node.get("name") {
            Some(name) if name.meaning() == Some(Meaning::Bool(false)) => return None,
            Some(name) if name.meaning() == Some(Meaning::Bool(true)) => {
                let remedy =
                    "put quotes around it to make it text, or write `false` for the path that is requested";
                self.problem(&name.span, "`true` is not a name", remedy);
            }
            Some(name) => return self.template(name),
            None => {}
        }
        let fixed = !more_query
            && url.is_some_and(Template::is_fixed)
            && query.iter().all(|(name, value)| name.is_fixed() && value.is_fixed());
        path.filter(|_| !fixed).map(|path| Template::Fixed(text_of(path).into()))
    }

    pub(super) fn headers(&mut self, node: Option<&Node>) -> Vec<(String, Template)> {
        let mut headers: Vec<(String, Template)> = Vec::new();
        for (name, value) in node.map(Node::entries).unwrap_or_default() {
            if headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(&name.text)) {
                self.problem(
                    &name.span,
                    format!("the header {} stands here a second time", quote(&name.text)),
                    "keep one of the two; capital and small letters are the same in header names",
                );
            }
            let Some(template) = self.template(value) else { continue };
            if let Template::Fixed(text) = &template
                && !(rules::HEADER_VALUE.accepts)(text)
                && text_of(value) != &**text
            {
                self.problem(&value.span, "a header value is text on one line", "take line breaks out of it");
            }
            headers.push((name.text.to_string(), template));
        }
        headers
    }

    pub(super) fn fields(&mut self, node: Option<&Node>) -> Vec<(Template, Template)> {
        let entries = node.map(Node::entries).unwrap_or_default();
        let mut pairs = Vec::new();
        for (name, value) in entries {
            let name = self.name_template(name);
            let values = value.items().iter().chain(value.scalar().map(|_| value));
            for value in values {
                let value = self.template(value);
                pairs.extend(name.clone().zip(value));
            }
        }
        pairs
    }
}
