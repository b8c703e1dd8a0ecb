//! What a client keeps from one request to the next, who it says that it is, and what it uploads.

use super::body::Body;
use super::classes::Class;
use super::file::File;
use super::names::{Owner, Thing};
use super::reading::Opened;
use crate::expr::Expr;
use crate::expr::Value;
use crate::expr::lower::with;
use crate::expr::operators::Binary;
use crate::expr::template::join;
use crate::model::{Auth, Body as Payload, ClientStep, Content, Field, Part, Slot, Step, Template};
use ruff_python_ast::{self as ast, Expr as Python};
use ruff_text_size::Ranged;

/// The variable in which the headers of `self.client.headers` are kept. No attribute has such a name.
const HEADERS: &str = "client.headers";

/// That of the address before paths.
const BASE: &str = "client.base_url";

/// That of what requests are filed under.
const NAME: &str = "client.request_name";

impl<'b, 'f> Body<'b, 'f> {
    /// A variable of the client's.
    fn session(&mut self, name: &str) -> Slot {
        self.class.variable(Owner::User, name)
    }

    fn session_value(&mut self, name: &'static str) -> Expr {
        let slot = self.session(name);
        self.reads.insert(slot);
        Expr::Variable(slot, name.into())
    }

    /// Whether this reads the address of the target: `self.host`, `self.client.base_url`.
    pub(super) fn is_host(&self, python: &Python) -> bool {
        let Python::Attribute(attribute) = python else { return false };
        let reads = attribute.ctx == ast::ExprContext::Load;
        match attribute.attr.as_str() {
            "host" => reads && self.owner(&attribute.value) == Some(Owner::User),
            "base_url" => reads && !self.file.moves && self.is_client(&attribute.value),
            _ => false,
        }
    }

    /// What requests without a name of their own are filed under, where the file changes that.
    pub(super) fn name_now(&mut self) -> Option<Expr> {
        self.file.names_requests.then(|| self.session_value(NAME))
    }

    /// A path with the address before it, where the file changes that.
    pub(super) fn moved(&mut self, url: Template) -> Template {
        if !self.file.moves {
            return url;
        }
        let base = self.session_value(BASE);
        let start = match &url {
            Template::Fixed(text) => Some(text),
            Template::Parts(parts) => match parts.first() {
                Some(Part::Text(text)) => Some(text),
                _ => None,
            },
        };
        match start.map(|text| text.starts_with('/')) {
            Some(true) => return join([Part::Value(base), Part::Value(Expr::text(url))]),
            Some(false) => return url,
            None => {}
        }
        // A list of one, so that the address is made once.
        let source =
            "[a if a.startswith('http://') or a.startswith('https://') else base + a for a in [url]][0]";
        let url = with(source, &[("base", base), ("url", Expr::text(url))]);
        url.map(Expr::into_template).unwrap_or_default()
    }

    /// The headers of the client before those of a request.
    pub(super) fn with_session(&mut self, more: Option<Expr>) -> Option<Expr> {
        if !self.file.has_session {
            return more;
        }
        let session = self.session_value(HEADERS);
        Some(match more {
            Some(more) => Expr::binary(Binary::Or, session, more),
            None => session,
        })
    }

    /// Whether this is `self.client.headers`.
    fn is_session(&self, python: &Python) -> bool {
        matches!(python, Python::Attribute(attribute)
            if attribute.attr.as_str() == "headers" && self.is_client(&attribute.value))
    }

    /// `self.client.headers.update({...})`. Whether it was one.
    pub(super) fn is_update(&mut self, call: &'f ast::ExprCall, steps: &mut Vec<Step>) -> bool {
        let Python::Attribute(update) = &*call.func else { return false };
        if update.attr.as_str() != "update" || !self.is_session(&update.value) {
            return false;
        }
        match (&*call.arguments.args, &*call.arguments.keywords) {
            ([headers], []) => {
                let value = self.value(headers, steps);
                self.update(value, steps);
            }
            _ => {
                let message = "the headers to update are not understood";
                self.refusals.untranslated(
                    call.range(),
                    message,
                    "write `self.client.headers.update({...})`",
                );
            }
        }
        true
    }

    fn update(&mut self, value: Option<Expr>, steps: &mut Vec<Step>) {
        let Some(value) = value else { return };
        let (before, target) = (self.session_value(HEADERS), self.session(HEADERS));
        steps.push(Step::Set { target, value: Expr::binary(Binary::Or, before, value) });
    }

    /// A new value for something of the client. Whether it was one.
    pub(super) fn is_client_setting(
        &mut self,
        target: &'f Python,
        value: &'f Python,
        steps: &mut Vec<Step>,
    ) -> bool {
        match target {
            Python::Subscript(item) if self.is_cookie(item, value, steps) => true,
            Python::Subscript(item) if self.is_session(&item.value) => {
                let value = self.value(value, steps);
                let name = self.lower(&item.slice);
                let header = name.zip(value).map(|(name, value)| Expr::dict(vec![(name, value)]));
                self.update(header, steps);
                true
            }
            Python::Attribute(attribute) if self.thing(&attribute.value) == Some(Thing::Client) => {
                match attribute.attr.as_str() {
                    // A client under a name of its own is not seen early enough.
                    "headers" if !self.file.has_session => {
                        let message = "new headers of a client by another name are not translated";
                        self.refusals.untranslated(
                            target.range(),
                            message,
                            "write `self.client.headers = ...`",
                        );
                    }
                    "headers" => {
                        let value = self.value(value, steps);
                        let target = self.session(HEADERS);
                        steps.extend(value.map(|value| Step::Set { target, value }));
                    }
                    "auth" if self.file.has_session => {
                        let header = self.credentials(value).and_then(|(name, password)| {
                            let source = "{'Authorization': 'Basic ' + base64.b64encode(f'{name}:{password}'.encode()).decode()}";
                            with(source, &[("name", name), ("password", password)])
                        });
                        self.update(header, steps);
                    }
                    name @ ("base_url" | "request_name") => {
                        let value = self.value(value, steps);
                        let target = self.session(if name == "base_url" { BASE } else { NAME });
                        steps.extend(value.map(|value| Step::Set { target, value }));
                    }
                    "verify" => {
                        if !self.flag(value, "verify") {
                            self.class.settings.insecure = true;
                        }
                    }
                    // How the client keeps connections is our business.
                    "keep_alive" | "trust_env" => {}
                    other => {
                        let message = format!("a new value for `client.{other}` is not translated");
                        self.refusals.untranslated(target.range(), message, "give it with each request");
                    }
                }
                true
            }
            _ => false,
        }
    }

    /// `auth=("name", "password")`
    pub(super) fn auth(&mut self, python: &'f Python) -> Option<Auth> {
        let (name, password) = self.credentials(python)?;
        Some(Auth::Basic(name.into_template(), password.into_template()))
    }

    fn credentials(&mut self, python: &'f Python) -> Option<(Expr, Expr)> {
        let given = match python {
            Python::NoneLiteral(_) => return None,
            Python::Tuple(tuple) => &*tuple.elts,
            Python::List(list) => &*list.elts,
            Python::Call(call)
                if call.arguments.keywords.is_empty()
                    && self
                        .file
                        .path(&call.func)
                        .is_some_and(|path| path == "requests.auth.HTTPBasicAuth") =>
            {
                &*call.arguments.args
            }
            _ => &[],
        };
        let [name, password] = given else {
            let message = "this way to say who the user is is not translated";
            self.refusals.untranslated(python.range(), message, "write `auth=(\"name\", \"password\")`");
            return None;
        };
        let (name, password) = (self.lower(name), self.lower(password));
        name.zip(password)
    }

    /// `files={"field": ("name.txt", content, "text/plain")}`, after the fields of `data`.
    pub(super) fn upload(&mut self, data: Option<&'f Python>, files: &'f Python) -> Payload {
        let mut parts = Vec::new();
        if let Some(data) = data {
            let (fields, more) = self.form(data);
            if more.is_some() {
                let message = "the fields beside files are not known before the run";
                self.refusals.untranslated(data.range(), message, "write the dict here");
            }
            parts.extend(fields.into_iter().map(|(name, value)| Field {
                name,
                filename: None,
                content_type: None,
                content: Content::Text(value),
            }));
        }
        let Python::Dict(dict) = files else {
            let message = "the files to upload are not known before the run";
            self.refusals.untranslated(files.range(), message, "write the dict here");
            return Payload::Empty;
        };
        for item in &dict.items {
            let name = match &item.key {
                Some(Python::StringLiteral(name)) => name.value.to_str(),
                _ => {
                    let message = "the name of this file's field is not known before the run";
                    self.refusals.untranslated(item.value.range(), message, "write it in quotes");
                    continue;
                }
            };
            parts.extend(self.file_part(name, &item.value));
        }
        Payload::Multipart(parts)
    }

    /// The open file that an expression stands for.
    pub(super) fn opened(&self, python: &Python) -> Option<&'b Opened> {
        let range = match python {
            Python::Name(name) => *self.files.get(name.id.as_str())?,
            other => other.range(),
        };
        self.file.opened.get(&range)
    }

    fn file_part(&mut self, name: &str, python: &'f Python) -> Option<Field> {
        let (filename, content, kind) = match python {
            Python::Tuple(tuple) => match &*tuple.elts {
                [filename, content] => (Some(filename), content, None),
                [filename, content, kind] => (Some(filename), content, Some(kind)),
                _ => (None, python, None),
            },
            content => (None, content, None),
        };
        let opened = self.opened(content);
        let filename = match filename {
            Some(Python::NoneLiteral(_)) => None,
            Some(filename) => Some(self.lower(filename)?.into_template()),
            // As in `requests`, content alone is called as its file, or as its field.
            None => Some(Template::Fixed(opened.map_or(name, |opened| opened.name()).into())),
        };
        let content_type = match kind.map(|kind| self.constant(kind)) {
            None => None,
            Some(Some(Value::Str(kind))) if !kind.contains(['\r', '\n', '\0']) => Some(kind.to_string()),
            Some(_) => {
                let message = "the type of a file is text that is written out";
                self.refusals.untranslated(python.range(), message, "write it as in `\"text/plain\"`");
                None
            }
        };
        let content = match opened {
            Some(opened) => Expr::Constant(opened.whole()),
            None => self.lower(content)?,
        };
        let content = match content.constant() {
            Some(Value::Bytes(bytes)) => Content::Bytes(bytes.clone()),
            _ => Content::Text(content.into_template()),
        };
        Some(Field { name: Template::Fixed(name.into()), filename, content_type, content })
    }
}

/// Gives the variables of the client, as far as the file changes them, their first values.
pub(super) fn begin(file: &File<'_>, class: &mut Class<'_>, steps: &mut Vec<Step>) {
    if file.has_session {
        let target = class.variable(Owner::User, HEADERS);
        steps.push(Step::Set { target, value: Expr::dict(Vec::new()) });
    }
    if file.moves {
        steps.push(Step::Client(ClientStep::Host(class.variable(Owner::User, BASE))));
    }
    if file.names_requests {
        let target = class.variable(Owner::User, NAME);
        steps.push(Step::Set { target, value: Expr::Constant(Value::None) });
    }
}
