//! Requests: what is sent, what must come back, what is taken from it.

use super::super::check::whole;
use super::super::node::{Kind, Meaning, Node};
use super::super::quote::quote;
use super::super::rules;
use super::super::table::VERB_NAMES;
use super::Decoder;
use super::class::text;
use crate::expr::Expr;
use crate::model::{Body, Capture, CaptureFrom, Check, Content, Pick, Request, Template, Test};
use serde_json_path::JsonPath;

/// How many redirects are followed where nothing is said, as Locust's client does.
const REDIRECTS: u8 = 30;

/// What passes where only the body is checked.
const PASSING: (u16, u16) = (100, 399);

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
        let request = Request {
            method: target.map(|(method, _)| method).unwrap_or_default(),
            name: self.name(node, path, url.as_ref(), &query),
            url: url.unwrap_or_else(|| Template::Fixed("/".into())),
            query,
            headers: self.headers(node.get("headers")),
            body: self.body(node),
            timeout: node.get("timeout").and_then(|node| self.span(node)),
            redirects: match node.get("redirects").and_then(Node::meaning) {
                Some(Meaning::Bool(false)) => 0,
                Some(Meaning::Bool(true)) | None => REDIRECTS,
                Some(count) => whole(count).and_then(|count| count.try_into().ok()).unwrap_or(REDIRECTS),
            },
            checks: node.get("check").map(|node| self.checks(node)).unwrap_or_default(),
            captures: node.get("capture").map(|node| self.captures(node)).unwrap_or_default(),
            ..Request::default()
        };
        path.map(|_| request)
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
    ) -> Option<Template> {
        if let Some(name) = node.get("name") {
            return self.template(name);
        }
        let fixed = url.is_some_and(Template::is_fixed)
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

    fn fields(&mut self, node: Option<&Node>) -> Vec<(Template, Template)> {
        let entries = node.map(Node::entries).unwrap_or_default();
        let pairs = entries.iter().filter_map(|(name, value)| {
            let name = self.name_template(name);
            let value = self.template(value);
            Some((name?, value?))
        });
        pairs.collect()
    }

    fn body(&mut self, node: &Node) -> Body {
        let kinds = ["json", "form", "body"];
        let mut given = node.entries().iter().filter(|(name, _)| kinds.contains(&&*name.text));
        let Some((first, value)) = given.next() else { return Body::Empty };
        for (second, _) in given {
            self.problem(
                &second.span,
                format!("a request has one body, and {} gives one already", quote(&first.text)),
                "keep one of `json`, `form` and `body`",
            );
        }
        match &*first.text {
            "json" => self.value(value).map(Body::Json),
            "form" => Some(Body::Form(self.fields(Some(value)))),
            _ => self.template(value).map(|text| Body::Raw(Content::Text(text))),
        }
        .unwrap_or(Body::Empty)
    }

    fn checks(&mut self, node: &Node) -> Vec<Check> {
        let mut checks = Vec::new();
        if let Some(status) = node.get("status") {
            let several = status.items().iter();
            let one = status.scalar().map(|_| status);
            checks.push(Check::Status(several.chain(one).filter_map(|node| self.statuses(node)).collect()));
        }
        if let Some(body) = node.get("body").filter(|body| !body.entries().is_empty()) {
            if checks.is_empty() {
                checks.push(Check::Status(vec![PASSING]));
            }
            for (name, value) in body.entries() {
                let kind = match &*name.text {
                    "contains" => Test::Contains,
                    "lacks" => Test::Lacks,
                    "equals" => |text| Test::Equals(Expr::text(text)),
                    _ => continue,
                };
                let texts = value.items().iter().chain(value.scalar().map(|_| value));
                checks.extend(texts.filter_map(|text| self.template(text)).map(kind).map(Check::Body));
            }
        }
        checks
    }

    fn statuses(&mut self, node: &Node) -> Option<(u16, u16)> {
        let (first, last) = match node.meaning()? {
            Meaning::Text(text) => rules::status_range(text)?,
            number => {
                whole(number).and_then(|status| status.try_into().ok()).map(|status| (status, status))?
            }
        };
        if first > last {
            self.problem(&node.span, "this range ends before it begins", "write the lower status first");
        }
        Some((first, last))
    }

    fn captures(&mut self, node: &Node) -> Vec<Capture> {
        let mut captures = Vec::new();
        for (name, from) in node.entries() {
            let from = match (from.get("json"), from.get("header")) {
                (Some(node), _) => self.json_path(node),
                (None, Some(node)) => text(node).map(|name| CaptureFrom::Header(name.to_ascii_lowercase())),
                (None, None) => None,
            };
            if let (Some(from), Some(target)) = (from, self.slot(&name.text)) {
                captures.push(Capture {
                    name: name.text.to_string(),
                    target,
                    from,
                    pick: Pick::First,
                    default: None,
                });
            }
        }
        captures
    }

    fn json_path(&mut self, node: &Node) -> Option<CaptureFrom> {
        let text = text(node)?;
        match JsonPath::parse(text) {
            Ok(path) => Some(CaptureFrom::Json { text: text.to_owned(), path }),
            Err(_) => {
                let message = format!("{} is not a JSON path (RFC 9535)", quote(text));
                self.problem(&node.span, message, "begin it with `$`, such as `$.token` or `$.items[0].id`");
                None
            }
        }
    }
}

/// A scalar as it is written, without quotes.
fn text_of(node: &Node) -> &str {
    node.scalar().map_or("", |scalar| &scalar.text)
}
