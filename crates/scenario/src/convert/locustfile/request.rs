//! Requests.

use super::steps::Writer;
use super::value::{duration, short};
use crate::convert::emit::Yaml;
use crate::convert::secrets::escaped;
use crate::convert::write::entry;
use crate::model::{Auth, Body, Content, Field, Request, Template};

/// How many redirects are followed where nothing is said.
const REDIRECTS: u8 = 30;

type Map = Vec<(String, Yaml)>;

impl Writer<'_> {
    pub(super) fn request(&mut self, request: &Request) -> Map {
        let path = self.values.template(&request.url);
        let method = request.method.as_str();
        let mut map = match method {
            "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS" => {
                vec![(method.to_ascii_lowercase(), Yaml::Text(path.clone()))]
            }
            _ => {
                let long = vec![entry("method", Yaml::text(method)), entry("path", Yaml::Text(path.clone()))];
                vec![entry("request", Yaml::short(long))]
            }
        };
        map.extend(self.name(request, &path).map(|name| entry("name", name)));
        if !request.query.is_empty() {
            map.push(entry("query", self.values.fields(&request.query)));
        } else if let Some(query) = &request.more_query {
            map.push(entry("query", self.values.expression(query)));
        }
        self.headers(&mut map, request);
        if let Some(auth) = &request.auth {
            map.push(entry("auth", self.auth(auth)));
        }
        self.body(&mut map, &request.body);
        if let Some(timeout) = request.timeout {
            map.push(entry("timeout", duration(timeout)));
        }
        match request.redirects {
            REDIRECTS => {}
            0 => map.push(entry("redirects", Yaml::raw(&false))),
            count => map.push(entry("redirects", Yaml::raw(&count))),
        }
        if let Some(slot) = request.response {
            map.push(entry("response", Yaml::Text(self.values.names.of(slot))));
        }
        if let Some(handler) = &request.handler {
            if handler.is_empty() {
                return map;
            }
            map.push(entry("judge", self.steps(handler)));
        }
        map
    }

    /// The name, unless it is what YAML calls the request anyway.
    fn name(&mut self, request: &Request, path: &str) -> Option<Yaml> {
        let fixed = request.url.is_fixed()
            && request.more_query.is_none()
            && request.query.iter().all(|(name, value)| name.is_fixed() && value.is_fixed());
        match &request.name {
            None if fixed => None,
            None => Some(Yaml::raw(&false)),
            Some(Template::Fixed(name)) if !fixed && **name == *path => None,
            Some(name) => Some(Yaml::Text(self.values.template(name))),
        }
    }

    /// Headers are written out or given by an expression.
    fn headers(&mut self, map: &mut Map, request: &Request) {
        if let Some(headers) = &request.more_headers {
            map.push(entry("headers", self.values.expression(headers)));
        } else if !request.headers.is_empty() {
            let headers = request.headers.iter();
            let headers =
                headers.map(|(name, value)| (name.clone(), Yaml::Text(self.values.template(value))));
            map.push(entry("headers", Yaml::short(headers.collect())));
        }
    }

    fn auth(&mut self, auth: &Auth) -> Yaml {
        match auth {
            Auth::Bearer(token) => {
                Yaml::short(vec![entry("bearer", Yaml::Text(self.values.template(token)))])
            }
            Auth::Basic(name, password) => {
                let pair = vec![
                    entry("username", Yaml::Text(self.values.template(name))),
                    entry("password", Yaml::Text(self.values.template(password))),
                ];
                Yaml::short(vec![entry("basic", Yaml::short(pair))])
            }
        }
    }

    fn body(&mut self, map: &mut Map, body: &Body) {
        match body {
            Body::Empty => {}
            Body::Json(json) => map.push(entry("json", self.values.value(json))),
            Body::Data(data) => map.push(entry("form", self.values.expression(data))),
            Body::Form(fields) => map.push(entry("form", self.values.fields(fields))),
            Body::Raw(content) => {
                let text = self.content(content);
                map.push(entry("body", Yaml::Text(text)));
            }
            Body::Multipart(fields) => self.multipart(map, fields),
        }
    }

    fn multipart(&mut self, map: &mut Map, fields: &[Field]) {
        let (files, plain): (Vec<&Field>, Vec<&Field>) =
            fields.iter().partition(|field| field.filename.is_some());
        let plain: Vec<(Template, Template)> = plain
            .into_iter()
            .map(|field| match &field.content {
                Content::Text(text) => (field.name.clone(), text.clone()),
                Content::Bytes(_) => {
                    (field.name.clone(), Template::Fixed(self.content(&field.content).into()))
                }
            })
            .collect();
        if !plain.is_empty() {
            map.push(entry("form", self.values.fields(&plain)));
        }
        let files: Map = files.into_iter().map(|field| self.file(field)).collect();
        if !files.is_empty() {
            map.push(entry("files", Yaml::Map(files)));
        }
    }

    fn file(&mut self, field: &Field) -> (String, Yaml) {
        let name = self.values.template(&field.name);
        let mut map = vec![entry("content", Yaml::Text(self.content(&field.content)))];
        if let Some(filename) = field.filename.as_ref().map(|name| self.values.template(name))
            && filename != name
        {
            map.push(entry("filename", Yaml::Text(filename)));
        }
        map.extend(field.content_type.as_ref().map(|kind| entry("type", Yaml::text(kind))));
        (name, short(Yaml::Map(map)))
    }

    /// Text, or bytes that are text.
    fn content(&mut self, content: &Content) -> String {
        match content {
            Content::Text(text) => self.values.template(text),
            Content::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => escaped(text),
                Err(_) => {
                    self.values.unsaid.push("sending bytes that are no text".to_owned());
                    String::new()
                }
            },
        }
    }
}
