//! A [`Draft`] as the text of a scenario.

use super::draft::{Auth, Body, Content, Draft, Network, Request, Step, Upload};
use super::emit::{Yaml, comment, emit};
use super::secrets::{Secrets, escaped, is_secret, speaks_of_secrets};
use serde_json::Value as Json;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Duration;
use url::{Origin, Position, Url};

/// What the one user class is called.
const CLASS: &str = "WebsiteUser";

/// What several steps are together.
const TASK: &str = "visit";

/// The scenario, and the secrets that it needs.
pub(super) fn write(draft: &Draft, title: &str) -> (String, Secrets) {
    let requests = draft.requests();
    let host = most_frequent(requests.iter().map(|request| request.url.origin()));
    let mut writer = Writer {
        host,
        headers: common_headers(&requests),
        auth: common_auth(&requests),
        secrets: Secrets::default(),
    };
    // A secret may stand in a text before the place that tells that it is one, so the first go only collects.
    let _ = writer.class(draft);
    let class = writer.class(draft);

    let mut root = Vec::new();
    if let Some(host) = &writer.host {
        root.push(entry("host", Yaml::text(host.ascii_serialization())));
    }
    let secret = |name: &str| entry(name, Yaml::short(vec![entry("env", Yaml::text(environment(name)))]));
    let secrets: Vec<_> = writer.secrets.names().map(secret).collect();
    if !secrets.is_empty() {
        root.push(entry("secrets", Yaml::Map(secrets)));
    }
    root.push(entry("users", Yaml::Map(vec![entry(CLASS, Yaml::Map(class))])));

    let mut text = String::new();
    comment(&mut text, title, 0);
    for note in &draft.notes {
        comment(&mut text, &format!("- {note}"), 0);
    }
    text.push_str(&emit(&root));
    (text, writer.secrets)
}

/// The environment variable that gives a secret its value.
pub(super) fn environment(secret: &str) -> String {
    secret.to_ascii_uppercase()
}

struct Writer {
    /// Whose addresses are written as paths.
    host: Option<Origin>,
    /// What every request has is written once.
    headers: Vec<(String, String)>,
    auth: Option<Auth>,
    secrets: Secrets,
}

impl Writer {
    fn class(&mut self, draft: &Draft) -> Vec<(String, Yaml)> {
        let mut class = Vec::new();
        self.network(&mut class, &draft.network);
        let headers = self.headers.clone();
        self.put_headers(&mut class, &headers);
        if let Some(auth) = self.auth.clone() {
            class.push(entry("auth", self.auth(&auth)));
        }
        let mut steps = self.steps(&draft.steps);
        let tasks = match steps.len() {
            // A task of one request is that request.
            1 if matches!(draft.steps[..], [Step::Request(_)]) => Yaml::List(vec![steps.remove(0)]),
            _ => Yaml::Map(vec![entry(TASK, Yaml::List(steps))]),
        };
        class.push(entry("tasks", tasks));
        class
    }

    fn network(&mut self, class: &mut Vec<(String, Yaml)>, network: &Network) {
        if network.http2 {
            class.push(entry("http_version", Yaml::raw(&2)));
        }
        if let Some(proxy) = &network.proxy {
            let who = proxy.credentials.as_ref().map_or_else(String::new, |(name, password)| {
                format!("{}:{}@", escaped(name), self.secrets.secret("proxy_password", password))
            });
            class.push(entry("proxy", Yaml::text(format!("http://{who}{}", proxy.authority))));
        }
        let mut tls = Vec::new();
        if network.insecure {
            tls.push(entry("verify", Yaml::raw(&false)));
        }
        for (key, file) in [("ca", &network.ca), ("certificate", &network.certificate), ("key", &network.key)]
        {
            tls.extend(file.as_ref().map(|file| entry(key, Yaml::text(file))));
        }
        if !tls.is_empty() {
            class.push(entry("tls", Yaml::short(tls)));
        }
        if !network.addresses.is_empty() {
            let addresses = network.addresses.iter().map(|(name, addresses)| {
                let value = match &addresses[..] {
                    [one] => Yaml::text(one),
                    several => Yaml::Short(Box::new(Yaml::List(several.iter().map(Yaml::text).collect()))),
                };
                (name.clone(), value)
            });
            class.push(entry("dns", Yaml::short(addresses.collect())));
        }
    }

    fn steps(&mut self, steps: &[Step]) -> Vec<Yaml> {
        let mut out = Vec::new();
        for step in steps {
            out.push(match step {
                Step::Sleep(time) => Yaml::Map(vec![entry("sleep", duration(*time))]),
                Step::Group(name, steps) => Yaml::Map(vec![
                    entry("group", Yaml::text(name)),
                    entry("steps", Yaml::List(self.steps(steps))),
                ]),
                Step::Request(request) => {
                    let map = Yaml::Map(self.request(request));
                    match &request.comment {
                        Some(comment) => Yaml::Noted(comment.clone(), Box::new(map)),
                        None => map,
                    }
                }
            });
        }
        out
    }

    fn request(&mut self, request: &Request) -> Vec<(String, Yaml)> {
        let (path, query) = self.target(&request.url);
        let path = Yaml::Text(path);
        let method = request.method.as_str();
        let mut map = match method {
            "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS" => {
                vec![(method.to_ascii_lowercase(), path)]
            }
            _ => {
                let long = vec![entry("method", Yaml::text(method)), entry("path", path)];
                vec![entry("request", Yaml::short(long))]
            }
        };
        if !query.is_empty() {
            map.push(entry("query", Yaml::short(query)));
        }
        let own = request
            .headers
            .iter()
            .filter(|header| !self.headers.contains(header))
            .cloned()
            .collect::<Vec<_>>();
        self.put_headers(&mut map, &own);
        if let Some(auth) = request.auth.as_ref().filter(|_| self.auth.is_none()) {
            map.push(entry("auth", self.auth(auth)));
        }
        self.body(&mut map, &request.body);
        if let Some(timeout) = request.timeout {
            map.push(entry("timeout", duration(timeout)));
        }
        match request.redirects {
            Some(0) => map.push(entry("redirects", Yaml::raw(&false))),
            Some(count) => map.push(entry("redirects", Yaml::raw(&count))),
            None => {}
        }
        if let Some(status) = request.status {
            map.push(entry("check", Yaml::short(vec![entry("status", Yaml::raw(&status))])));
        }
        map
    }

    /// Path and query; the query apart only where it holds a secret, which has to be encoded when it is sent.
    fn target(&mut self, url: &Url) -> (String, Vec<(String, Yaml)>) {
        let base = match &self.host {
            Some(host) if *host == url.origin() => Position::BeforePath,
            _ => Position::BeforeScheme,
        };
        let pairs: Vec<_> = url.query_pairs().collect();
        let secret = pairs.iter().any(|(name, value)| is_secret(name) && !value.is_empty());
        let twice = has_twice(pairs.iter().map(|(name, _)| name));
        if let Some(query) = url.query().filter(|_| secret && twice) {
            // No mapping can hold it, so none of it is told.
            let query = self.secrets.secret("query", query);
            return (format!("{}?{query}", self.secrets.text(&url[base..Position::AfterPath])), Vec::new());
        }
        if !secret {
            // Braces that an expression puts into an address are refused.
            let path = url[base..Position::AfterQuery].replace("{{", "%7B%7B");
            return (self.secrets.text(&path), Vec::new());
        }
        let query = pairs.iter().map(|(name, value)| self.field(name, value)).collect();
        (self.secrets.text(&url[base..Position::AfterPath]), query)
    }

    /// A pair of a query or form; numbers stand without quotes.
    fn field(&mut self, name: &str, value: &str) -> (String, Yaml) {
        let number: Option<u32> = value.parse().ok().filter(|number: &u32| number.to_string() == value);
        let value = match number.filter(|_| !is_secret(name)) {
            Some(number) => Yaml::raw(&number),
            None => Yaml::Text(self.secrets.value(name, value)),
        };
        (escaped(name), value)
    }

    fn put_headers(&mut self, map: &mut Vec<(String, Yaml)>, headers: &[(String, String)]) {
        if !headers.is_empty() {
            let headers = headers
                .iter()
                .map(|(name, value)| (name.clone(), Yaml::Text(self.secrets.value(name, value))));
            map.push(entry("headers", Yaml::Map(headers.collect())));
        }
    }

    fn auth(&mut self, auth: &Auth) -> Yaml {
        let (kind, value) = match auth {
            Auth::Bearer(token) => ("bearer", Yaml::Text(self.secrets.secret("token", token))),
            Auth::Basic(name, password) => {
                let password = match password {
                    Some(password) => self.secrets.secret("password", password),
                    None => self.secrets.untold("password"),
                };
                let pair = vec![
                    entry("username", Yaml::Text(self.secrets.text(name))),
                    entry("password", Yaml::Text(password)),
                ];
                ("basic", Yaml::short(pair))
            }
        };
        Yaml::short(vec![entry(kind, value)])
    }

    fn body(&mut self, map: &mut Vec<(String, Yaml)>, body: &Body) {
        match body {
            Body::Empty => {}
            Body::Json(json) => map.push(entry("json", self.json("", json))),
            Body::Form(fields) => {
                let fields = fields.iter().map(|(name, value)| self.field(name, value));
                map.push(entry("form", Yaml::short(fields.collect())));
            }
            Body::Multipart(fields, files) => {
                if !fields.is_empty() {
                    self.body(map, &Body::Form(fields.clone()));
                }
                let files = files.iter().map(|file| (escaped(&file.name), self.upload(file)));
                map.push(entry("files", Yaml::Map(files.collect())));
            }
            // What cannot be taken apart is kept back as a whole where it speaks of secrets.
            Body::Text(text) if speaks_of_secrets(text) => {
                map.push(entry("body", Yaml::Text(self.secrets.secret("body", text))));
            }
            Body::Text(text) => map.push(entry("body", Yaml::Text(self.secrets.text(text)))),
            Body::File(path) => {
                map.push(entry("body", Yaml::short(vec![entry("file", Yaml::text(path))])));
            }
        }
    }

    fn upload(&mut self, file: &Upload) -> Yaml {
        let (content, usual) = match &file.content {
            Content::Text(text) => (entry("content", Yaml::Text(self.secrets.value(&file.name, text))), None),
            Content::File(path) => (entry("file", Yaml::text(path)), path.rsplit('/').next()),
        };
        let mut map = vec![content];
        if usual != Some(&file.filename) {
            map.push(entry("filename", Yaml::Text(self.secrets.text(&file.filename))));
        }
        map.extend(file.content_type.as_ref().map(|kind| entry("type", Yaml::text(kind))));
        Yaml::short(map)
    }

    /// The value that stands under `name`.
    fn json(&mut self, name: &str, json: &Json) -> Yaml {
        Yaml::Short(Box::new(match json {
            Json::Null => Yaml::raw(&"null"),
            Json::Bool(value) => Yaml::raw(value),
            Json::Number(value) => Yaml::raw(value),
            Json::String(text) => Yaml::Text(self.secrets.value(name, text)),
            // Items go by the name of their list.
            Json::Array(items) => Yaml::List(items.iter().map(|item| self.json(name, item)).collect()),
            Json::Object(members) => {
                let members = members.iter().map(|(name, value)| (escaped(name), self.json(name, value)));
                Yaml::Map(members.collect())
            }
        }))
    }
}

pub(super) fn entry(key: &str, value: Yaml) -> (String, Yaml) {
    (key.to_owned(), value)
}

/// As people write it: `250ms`, `2s`, `1.5s`, `3m`.
fn duration(time: Duration) -> Yaml {
    let millis = time.as_millis().max(1);
    Yaml::Raw(match millis {
        0..1000 => format!("{millis}ms"),
        _ if millis.is_multiple_of(60_000) => format!("{}m", millis / 60_000),
        _ => {
            let mut text = format!("{}", millis / 1000);
            let _ = match millis % 1000 {
                0 => Ok(()),
                rest => write!(text, ".{}", format!("{rest:03}").trim_end_matches('0')),
            };
            text + "s"
        }
    })
}

/// The origin of most requests; of several the first.
fn most_frequent(origins: impl Iterator<Item = Origin>) -> Option<Origin> {
    let mut counts: HashMap<Origin, (usize, Reverse<usize>)> = HashMap::new();
    for (place, origin) in origins.enumerate() {
        counts.entry(origin).or_insert((0, Reverse(place))).0 += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(origin, _)| origin)
}

/// Headers that all of several requests have.
fn common_headers(requests: &[&Request]) -> Vec<(String, String)> {
    let [first, rest @ ..] = requests else { return Vec::new() };
    if rest.is_empty() {
        return Vec::new();
    }
    let everywhere = |header: &&(String, String)| rest.iter().all(|request| request.headers.contains(header));
    first.headers.iter().filter(everywhere).cloned().collect()
}

/// Who the user is in all of several requests.
fn common_auth(requests: &[&Request]) -> Option<Auth> {
    let [first, rest @ ..] = requests else { return None };
    let same = !rest.is_empty() && rest.iter().all(|request| request.auth == first.auth);
    first.auth.clone().filter(|_| same)
}

/// Whether a name is there a second time; a mapping cannot hold it then.
pub(super) fn has_twice<T: Ord>(names: impl Iterator<Item = T>) -> bool {
    let mut names: Vec<T> = names.collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair[0] == pair[1])
}
