//! Requests: calls of `self.client`.

use super::attributes::Kind;
use super::body::Body;
use super::fields::is_header_name;
use crate::expr::{Expr, Value};
use crate::limits::LONGEST_S;
use crate::model::{Body as Payload, Content, Part, Request, Slot, Template};
use ruff_python_ast::{self as ast, Expr as Python};
use ruff_text_size::{Ranged, TextRange};
use std::time::Duration;

/// Whether a request stands in a `with`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum With {
    Yes,
    No,
}

/// The arguments of a request, by name.
#[derive(Default)]
struct Arguments<'f> {
    method: Option<&'f Python>,
    url: Option<&'f Python>,
    name: Option<&'f Python>,
    catch: Option<&'f Python>,
    headers: Option<&'f Python>,
    params: Option<&'f Python>,
    data: Option<&'f Python>,
    json: Option<&'f Python>,
    timeout: Option<&'f Python>,
    redirects: Option<&'f Python>,
    verify: Option<&'f Python>,
    stream: Option<&'f Python>,
    auth: Option<&'f Python>,
    files: Option<&'f Python>,
    cookies: Option<&'f Python>,
    context: Option<&'f Python>,
}

impl<'f> Arguments<'f> {
    fn place(&mut self, name: &str) -> Option<&mut Option<&'f Python>> {
        Some(match name {
            "method" => &mut self.method,
            "url" | "path" => &mut self.url,
            "name" => &mut self.name,
            "catch_response" => &mut self.catch,
            "headers" => &mut self.headers,
            "params" => &mut self.params,
            "data" => &mut self.data,
            "json" => &mut self.json,
            "timeout" => &mut self.timeout,
            "allow_redirects" => &mut self.redirects,
            "verify" => &mut self.verify,
            "stream" => &mut self.stream,
            "auth" => &mut self.auth,
            "files" => &mut self.files,
            "cookies" => &mut self.cookies,
            "context" => &mut self.context,
            _ => return None,
        })
    }
}

impl<'f> Body<'_, 'f> {
    /// Whether this is `self.client.something(...)`.
    pub(super) fn is_request(&self, call: &ast::ExprCall) -> bool {
        let Python::Attribute(method) = &*call.func else { return false };
        self.is_client(&method.value) && method.attr.as_str() != "rename_request"
    }

    /// The request that a call makes; its answer is kept in `response`.
    pub(super) fn request(
        &mut self,
        call: &'f ast::ExprCall,
        response: Option<Slot>,
        with: With,
    ) -> Option<Request> {
        let Python::Attribute(function) = &*call.func else { return None };
        let positional: &[&str] = match function.attr.as_str() {
            "get" | "options" | "head" | "delete" => &["url"],
            "post" => &["url", "data", "json"],
            "put" | "patch" => &["url", "data"],
            "request" => &["method", "url", "name", "catch_response"],
            "rest" => &["method", "url", "headers"],
            "rest_" => &["method", "url", "name"],
            other => {
                let message = format!("`client.{other}` is not translated");
                let remedy = "use get, post, put, patch, delete, head, options or request";
                self.refusals.untranslated(function.attr.range, message, remedy);
                return None;
            }
        };
        let given = self.arguments(call, positional)?;
        if given.verify.is_some_and(|python| !self.flag(python, "verify")) {
            self.class.settings.insecure = true;
        }
        // Only listeners see it.
        _ = given.context.map(|python| self.lower(python));
        // Answers are read as a whole in any case.
        _ = given.stream.map(|python| self.flag(python, "stream"));
        let rest = self.is_rest(call);
        if !rest {
            self.catch_response(call.range(), given.catch, with);
        } else if let Some(catch) = given.catch {
            let message = "`rest()` decides by itself that its block says what passes";
            self.refusals.wrong(catch.range(), message, "leave out `catch_response`");
        }
        let method = match given.method {
            Some(python) if rest || function.attr.as_str() == "request" => self.method(python),
            _ => Some(function.attr.as_str().to_uppercase()),
        };
        let url = match given.url {
            Some(python) => {
                let url = self.url(python);
                url.map(|url| self.moved(url))
            }
            None => {
                let remedy = "write it as in `self.client.get(\"/path\")`";
                self.refusals.wrong(call.range(), "a request needs an address", remedy);
                None
            }
        };
        let (mut headers, more_headers) =
            given.headers.map(|python| self.headers(python)).unwrap_or_default();
        let more_headers = if rest { Self::rest_headers(&mut headers, more_headers) } else { more_headers };
        let (query, more_query) = given.params.map(|python| self.form(python)).unwrap_or_default();
        let body = match given.files {
            Some(files) => self.upload(given.data, files),
            None => self.payload(given.data, given.json),
        };
        if self.class.kind() == Kind::FastUser
            && matches!(body, Payload::Json(_))
            && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("accept"))
        {
            headers.push(("Accept".to_owned(), Template::Fixed("application/json".into())));
        }
        let follows = match given.redirects {
            Some(python) => self.flag(python, "allow_redirects"),
            None => {
                method.as_deref() != Some("HEAD")
                    || self.class.kind() == Kind::FastUser
                    || rest
                    || function.attr.as_str() == "request"
            }
        };
        Some(Request {
            query,
            more_query,
            more_headers: self.with_session(more_headers),
            cookies: given.cookies.and_then(|python| self.lower(python)),
            name_now: self.name_now(),
            auth: given.auth.and_then(|python| self.auth(python)),
            name: given.name.and_then(|python| self.name_of_request(python)).or_else(|| self.renamed.clone()),
            timeout: given.timeout.map_or(self.class.settings.timeout, |python| self.timeout(python)),
            method: method?,
            url: url?,
            headers,
            body,
            redirects: if follows { self.class.settings.redirects } else { 0 },
            response,
            ..Request::default()
        })
    }

    fn arguments(&mut self, call: &'f ast::ExprCall, positional: &[&str]) -> Option<Arguments<'f>> {
        let mut given = Arguments::default();
        for (place, argument) in call.arguments.args.iter().enumerate() {
            let name = positional.get(place).filter(|_| !argument.is_starred_expr());
            match name.and_then(|name| given.place(name)) {
                Some(place) => *place = Some(argument),
                None => {
                    let remedy = "name it, as in `json={...}`";
                    self.refusals.untranslated(
                        argument.range(),
                        "this argument of a request is not translated",
                        remedy,
                    );
                    return None;
                }
            }
        }
        for keyword in &call.arguments.keywords {
            let name = keyword.arg.as_ref().map_or("**", |name| name.as_str());
            match given.place(name) {
                Some(place @ None) => *place = Some(&keyword.value),
                Some(Some(_)) => {
                    let message = format!("the argument `{name}` is given twice");
                    self.refusals.wrong(keyword.range, message, "give it once");
                }
                None => {
                    let message = format!("the argument `{name}` of a request is not translated");
                    let remedy = "use name, headers, params, json, data, files, auth, cookies, timeout, \
                                  allow_redirects, verify or catch_response";
                    self.refusals.untranslated(keyword.range, message, remedy);
                }
            }
        }
        Some(given)
    }

    /// Its value, which must be known before the run.
    pub(super) fn constant(&mut self, python: &Python) -> Option<Value> {
        let value = self.lower(python)?;
        let known = value.constant().cloned();
        if known.is_none() {
            let message = "this value is not known before the run";
            self.refusals.untranslated(python.range(), message, "write a constant here");
        }
        known
    }

    pub(super) fn flag(&mut self, python: &Python, name: &str) -> bool {
        match self.constant(python) {
            Some(Value::Bool(flag)) => flag,
            Some(_) => {
                self.refusals.wrong(
                    python.range(),
                    format!("`{name}` is True or False"),
                    "write one of them",
                );
                false
            }
            None => false,
        }
    }

    fn catch_response(&mut self, range: TextRange, python: Option<&Python>, with: With) {
        let catches = python.is_some_and(|python| self.flag(python, "catch_response"));
        if catches && with == With::No {
            let message = "with catch_response=True the request counts only when its `with` block ends";
            let remedy = "write `with self.client.get(..., catch_response=True) as response:`";
            self.refusals.wrong(range, message, remedy);
        } else if !catches && with == With::Yes {
            let message = "without catch_response=True the request counts before its `with` block begins";
            self.refusals.wrong(range, message, "add `catch_response=True`, or leave out the `with`");
        }
    }

    fn method(&mut self, python: &Python) -> Option<String> {
        match self.constant(python)? {
            Value::Str(method) if is_header_name(&method) => Some(method.to_uppercase()),
            _ => {
                self.refusals.wrong(python.range(), "this is no method", "write it as in `\"GET\"`");
                None
            }
        }
    }

    fn url(&mut self, python: &Python) -> Option<Template> {
        let url = self.lower(python)?;
        if let Some(value) = url.constant()
            && value.as_str().is_none()
        {
            self.refusals.wrong(python.range(), "an address is text", "write it as in `\"/path\"`");
            return None;
        }
        let url = url.into_template();
        let start = match &url {
            Template::Fixed(text) => Some(text),
            Template::Parts(parts) => match parts.first() {
                Some(Part::Text(text)) => Some(text),
                _ => None,
            },
        };
        let absolute = |text: &str| {
            let scheme = text.get(..8).unwrap_or(text).to_ascii_lowercase();
            scheme.starts_with("http://") || scheme.starts_with("https://")
        };
        if start.is_some_and(|text| !text.starts_with('/') && !absolute(text)) {
            self.refusals.wrong(
                python.range(),
                "an address begins with `/`, `http://` or `https://`",
                "write the path under the host, as in `\"/path\"`",
            );
            return None;
        }
        Some(url)
    }

    fn name_of_request(&mut self, python: &Python) -> Option<Template> {
        let name = self.lower(python)?;
        match name.constant() {
            Some(Value::None) => None,
            Some(Value::Str(text)) if text.is_empty() => None,
            _ => Some(name.into_template()),
        }
    }

    fn timeout(&mut self, python: &Python) -> Option<Duration> {
        let seconds = match self.constant(python)? {
            Value::None => return None,
            Value::Int(seconds) => u32::try_from(seconds).ok().map(f64::from),
            Value::Float(seconds) => Some(seconds),
            _ => None,
        };
        let seconds = seconds.filter(|seconds| *seconds > 0.0 && *seconds <= LONGEST_S);
        if seconds.is_none() {
            let message = "a timeout is one number of seconds above 0, up to a year";
            self.refusals.untranslated(python.range(), message, "write it as in `timeout=2.5`");
        }
        seconds.map(Duration::from_secs_f64)
    }

    /// What is sent. As in `requests`, a dict under `data` is a form, and text is sent as it stands.
    fn payload(&mut self, data: Option<&'f Python>, json: Option<&'f Python>) -> Payload {
        let json =
            json.and_then(|python| self.lower(python)).filter(|json| json.constant() != Some(&Value::None));
        let Some(python) = data else { return json.map_or(Payload::Empty, Payload::Json) };
        if json.is_some() {
            self.refusals.wrong(
                python.range(),
                "a request has data or json, not both",
                "leave one of them out",
            );
        }
        if self.is_dict(python) {
            return match self.form(python) {
                (fields, None) if fields.is_empty() => Payload::Empty,
                (fields, None) => Payload::Form(fields),
                (_, Some(data)) => Payload::Data(data),
            };
        }
        let data = match self.opened(python) {
            Some(opened) => Some(Expr::Constant(opened.whole())),
            None => self.lower(python),
        };
        let Some(data) = data else { return Payload::Empty };
        match data.constant() {
            Some(Value::None) => Payload::Empty,
            Some(Value::Str(text)) if text.is_empty() => Payload::Empty,
            Some(Value::Str(_)) => Payload::Raw(Content::Text(data.into_template())),
            None if data.is_text() => Payload::Raw(Content::Text(data.into_template())),
            Some(Value::Int(_) | Value::Float(_) | Value::Bool(_)) => {
                let message = "`data` is a dict or text";
                self.refusals.wrong(python.range(), message, "put quotes around it, or send it as `json=`");
                Payload::Empty
            }
            // Whether it is a form or text its value decides.
            _ => Payload::Data(data),
        }
    }
}
