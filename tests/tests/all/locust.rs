//! The same visits by real Locust and by Akrida: what arrives at the server, and what is reported of it.

use crate::binary::{Akrida, folder};
use akrida_testkit::{Request, Target};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// A visit, as a locustfile and as a scenario say it.
struct Visit {
    /// What is called on `self.client`.
    python: &'static str,
    /// A step.
    yaml: &'static str,
}

const fn visit(python: &'static str, yaml: &'static str) -> Visit {
    Visit { python, yaml }
}

/// What a server sees of a request and Locust's users would miss if it were otherwise.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    method: String,
    pub(crate) target: String,
    headers: Vec<(String, String)>,
    cookies: Vec<String>,
    body: String,
}

/// Headers that are compared. Others are a program's own, such as `User-Agent`.
const HEADERS: &[&str] = &["authorization", "content-type", "x-visit"];

impl Seen {
    fn new(request: &Request) -> Self {
        let headers = HEADERS.iter().filter_map(|&name| Some((name, request.header(name)?)));
        let cookies = request.headers.iter().filter(|(name, _)| name == "cookie");
        let cookies = cookies.flat_map(|(_, all)| all.split(';').map(|cookie| cookie.trim().to_owned()));
        let mut seen = Self {
            method: request.method.clone(),
            target: match &request.query {
                Some(query) => format!("{}?{query}", request.path),
                None => request.path.clone(),
            },
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            cookies: cookies.collect(),
            body: request.text(),
        };
        seen.cookies.sort();
        seen.without_boundary()
    }

    /// As Locust's other client sends it, which names a charset, and calls text `text/plain`; we do as `requests`.
    pub(crate) fn forgive_fast_client(&mut self) {
        self.headers.retain(|(name, value)| name != "content-type" || value == "application/json");
    }

    /// Each upload has a boundary of its own between its parts.
    fn without_boundary(mut self) -> Self {
        for (_, value) in &mut self.headers {
            if let Some((_, boundary)) = value.split_once("boundary=") {
                self.body = self.body.replace(boundary, "BOUNDARY");
                *value = value.replace(boundary, "BOUNDARY");
            }
        }
        self
    }
}

/// What came of the visits.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) seen: Vec<Seen>,
    /// Type, name, requests and failures, as in the CSV file of statistics; sorted.
    pub(crate) rows: Vec<String>,
    /// Method, name, error and occurrences, as in the CSV file of failures; sorted.
    pub(crate) failures: Vec<String>,
}

/// Runs a file with one user until it asks for `/end`.
pub(crate) fn run(start: impl Fn(&[&str]) -> Akrida, file: &Path) -> Outcome {
    let target = Target::pages();
    let (url, file) = (target.url(), file.display().to_string());
    let prefix = folder().join("results");
    let csv = prefix.display().to_string();
    let program = start(&["-f", &file, "-H", &url, "-u", "1", "--headless", "--csv", &csv]);
    // Locust leaves its CSV files at the end as they were in the last whole second.
    let read = |name: &str| fs::read_to_string(format!("{csv}_{name}.csv")).unwrap_or_default();
    program.until(|| read("stats").contains(",/end,"));
    // Not by Ctrl-C: Python raises that wherever it is, and where it just wrote these files Locust loses it.
    program.terminate();
    program.end(Duration::ZERO);

    let rows = |name: &str| {
        let text = read(name);
        let lines = text.lines().skip(1).filter(|line| !line.is_empty() && !line.starts_with(",Aggregated"));
        let cut = |line: &str| line.split(',').take(4).collect::<Vec<_>>().join(",");
        let mut rows: Vec<String> = lines.map(cut).collect();
        rows.sort();
        rows
    };
    Outcome {
        seen: target.requests().iter().map(Seen::new).collect(),
        rows: rows("stats"),
        failures: rows("failures"),
    }
}

/// One user of each makes these visits, in this order; `class` is Locust's user class.
#[track_caller]
fn compare(class: &str, visits: &[Visit]) -> (Outcome, Outcome) {
    let (mut locust, mut akrida) = both(class, visits);
    if class == "FastHttpUser" {
        locust.seen.iter_mut().chain(&mut akrida.seen).for_each(Seen::forgive_fast_client);
    }
    for (number, (theirs, ours)) in locust.seen.iter().zip(&akrida.seen).enumerate() {
        assert_eq!(theirs, ours, "request {number}: Locust's and ours");
    }
    assert_eq!(locust.seen.len(), akrida.seen.len());
    assert_eq!(locust.rows, akrida.rows, "Locust's rows and ours");
    (locust, akrida)
}

/// What came of these visits with Locust and with Akrida.
fn both(class: &str, visits: &[Visit]) -> (Outcome, Outcome) {
    let folder = folder();
    let calls: String = visits.iter().map(|visit| format!("        {}\n", visit.python)).collect();
    let steps: String = visits.iter().map(|visit| format!("      - {}\n", visit.yaml)).collect();
    let python = format!(
        "from locust import {class}, constant, task\n\n\n\
         class Visitor({class}):\n    wait_time = constant(1000)\n\n    \
         def on_start(self):\n{calls}\n    \
         @task\n    def end(self):\n        self.client.get(\"/end\")\n\n    \
         def read(self, path):\n        \
         with self.client.get(path, catch_response=True) as response:\n            \
         if \"green tea\" not in response.text:\n                response.failure(\"no tea\")\n"
    );
    let yaml =
        format!("users:\n  Visitor:\n    wait: 1000\n    on_start:\n{steps}    tasks:\n      - get: /end\n");
    let (locustfile, scenario) = (folder.join("locustfile.py"), folder.join("scenario.yaml"));
    fs::write(&locustfile, python).unwrap();
    fs::write(&scenario, yaml).unwrap();
    (run(Akrida::start_locust, &locustfile), run(Akrida::start, &scenario))
}

/// What both of Locust's clients do alike.
const REDIRECTS: &[Visit] = &[
    visit(r#"self.client.get("/redirect/301?to=/a")"#, "get: /redirect/301?to=/a"),
    visit(r#"self.client.get("/redirect/302?to=/b")"#, "get: /redirect/302?to=/b"),
    visit(r#"self.client.get("/redirect/303?to=/c")"#, "get: /redirect/303?to=/c"),
    visit(r#"self.client.get("/redirect/307?to=/d")"#, "get: /redirect/307?to=/d"),
    visit(r#"self.client.get("/redirect/308?to=/e")"#, "get: /redirect/308?to=/e"),
    visit(r#"self.client.get("/redirect/302?to=/f&absolute=1")"#, "get: /redirect/302?to=/f&absolute=1"),
    visit(r#"self.client.get("/redirect/302?to=/status/404")"#, "get: /redirect/302?to=/status/404"),
    visit(
        r#"self.client.get("/redirect/302?to=/g", allow_redirects=False)"#,
        "{ get: /redirect/302?to=/g, redirects: false }",
    ),
    visit(r#"self.client.get("/chain/7")"#, "get: /chain/7"),
    visit(r#"self.client.get("/chain/4", name="chain")"#, "{ get: /chain/4, name: chain }"),
    visit(
        r#"self.client.post("/redirect/302?to=/h", data={"a": "b"})"#,
        "{ post: /redirect/302?to=/h, form: { a: b } }",
    ),
    visit(
        r#"self.client.post("/redirect/303?to=/i", json={"a": 1})"#,
        "{ post: /redirect/303?to=/i, json: { a: 1 } }",
    ),
    visit(
        r#"self.client.post("/redirect/307?to=/j", data={"a": "b"})"#,
        "{ post: /redirect/307?to=/j, form: { a: b } }",
    ),
    visit(
        r#"self.client.put("/redirect/308?to=/k", data="text")"#,
        "{ put: /redirect/308?to=/k, body: text }",
    ),
    visit(r#"self.client.delete("/redirect/307?to=/l")"#, "delete: /redirect/307?to=/l"),
    visit(
        r#"self.client.post("/redirect/301?to=/m", data="text")"#,
        "{ post: /redirect/301?to=/m, body: text }",
    ),
    visit(
        r#"self.client.put("/redirect/302?to=/n", data="text")"#,
        "{ put: /redirect/302?to=/n, body: text }",
    ),
    visit(r#"self.client.get("/cookies")"#, "get: /cookies"),
];

#[test]
fn http_user_redirects() {
    let (locust, akrida) = compare("HttpUser", REDIRECTS);
    assert_eq!(locust.failures, akrida.failures);
}

#[test]
fn fast_http_user_redirects() {
    compare("FastHttpUser", REDIRECTS);
}

const COOKIES: &[Visit] = &[
    visit(r#"self.client.get("/cookies/set?a=1&b=2&c=x%20y")"#, "get: /cookies/set?a=1&b=2&c=x%20y"),
    visit(r#"self.client.get("/cookies")"#, "get: /cookies"),
    visit(r#"self.client.get("/cookies/path?d=3")"#, "get: /cookies/path?d=3"),
    visit(r#"self.client.get("/cookies/foreign?f=5")"#, "get: /cookies/foreign?f=5"),
    visit(r#"self.client.get("/shop/a")"#, "get: /shop/a"),
    visit(r#"self.client.get("/shopping")"#, "get: /shopping"),
    visit(r#"self.client.get("/cookies/delete?a=")"#, "get: /cookies/delete?a="),
    visit(r#"self.client.get("/cookies/set?b=6")"#, "get: /cookies/set?b=6"),
    visit(r#"self.client.get("/cookies")"#, "get: /cookies"),
    visit(
        r#"self.client.post("/login", json={"username": "foo", "password": "bar"})"#,
        "{ post: /login, json: { username: foo, password: bar } }",
    ),
    visit(r#"self.client.get("/private")"#, "get: /private"),
];

#[test]
fn http_user_cookies() {
    let (locust, akrida) = compare("HttpUser", COOKIES);
    assert_eq!(locust.failures, akrida.failures);
}

#[test]
fn fast_http_user_cookies() {
    compare("FastHttpUser", COOKIES);
}

/// To a machine's own addresses `Secure` cookies go over plain text as well, as in browsers; with Locust they do not.
#[test]
fn secure_cookies_come_back_to_this_machine() {
    let visits = [
        visit(r#"self.client.get("/cookies/secure?a=1")"#, "get: /cookies/secure?a=1"),
        visit(r#"self.client.get("/cookies")"#, "get: /cookies"),
    ];
    for class in ["HttpUser", "FastHttpUser"] {
        let (locust, akrida) = both(class, &visits);
        assert_eq!((locust.seen[1].cookies.len(), akrida.seen[1].cookies.len()), (0, 1), "{class}");
    }
}

const REQUESTS: &[Visit] = &[
    // With a name, because `FastHttpUser` leaves the query out of it.
    visit(
        r#"self.client.get("/search", params={"q": "green tea", "page": 2, "x": "é&="}, name="/search")"#,
        "{ get: /search, query: { q: green tea, page: 2, x: é&= }, name: /search }",
    ),
    visit(
        r#"self.client.get("/a", headers={"X-Visit": "1"}, name="named")"#,
        "{ get: /a, headers: { X-Visit: 1 }, name: named }",
    ),
    visit(
        r#"self.client.post("/b", data={"text": "green tea & more", "n": 1})"#,
        "{ post: /b, form: { text: green tea & more, n: 1 } }",
    ),
    visit(
        r#"self.client.post("/c", json={"a": [1, None, True, "é"], "b": {"c": 1.5}})"#,
        r#"{ post: /c, json: { a: [1, null, true, "é"], b: { c: 1.5 } } }"#,
    ),
    visit(r#"self.client.patch("/d", data="plain")"#, "{ patch: /d, body: plain }"),
    visit(r#"self.client.head("/e")"#, "head: /e"),
    visit(r#"self.client.options("/f")"#, "options: /f"),
    visit(r#"self.client.request("PROPFIND", "/g")"#, "request: { method: PROPFIND, path: /g }"),
    visit(r#"self.client.delete("/h")"#, "delete: /h"),
    visit(r#"self.client.get("/status/404")"#, "get: /status/404"),
    visit(r#"self.client.get("/status/503")"#, "get: /status/503"),
    visit(r#"self.client.get("/status/304")"#, "get: /status/304"),
];

#[test]
fn http_user_requests() {
    let (locust, akrida) = compare("HttpUser", REQUESTS);
    assert_eq!(locust.failures, akrida.failures);
}

#[test]
fn fast_http_user_requests() {
    compare("FastHttpUser", REQUESTS);
}

/// Answers that only decoded ones tell apart from failures. (Locust decodes zstd only with another package.)
const CODINGS: &[Visit] = &[
    visit(
        r#"self.read("/encoded/identity")"#,
        "{ get: /encoded/identity, check: { body: { contains: green tea } } }",
    ),
    visit(
        r#"self.read("/encoded/gzip")"#,
        "{ get: /encoded/gzip, check: { body: { contains: green tea } } }",
    ),
    visit(
        r#"self.read("/encoded/deflate")"#,
        "{ get: /encoded/deflate, check: { body: { contains: green tea } } }",
    ),
    visit(
        r#"self.read("/encoded/raw-deflate")"#,
        "{ get: /encoded/raw-deflate, check: { body: { contains: green tea } } }",
    ),
    visit(r#"self.read("/encoded/br")"#, "{ get: /encoded/br, check: { body: { contains: green tea } } }"),
];

#[test]
fn http_user_decodes() {
    let (locust, akrida) = compare("HttpUser", CODINGS);
    assert_eq!((locust.failures, akrida.failures), (Vec::new(), Vec::new()));
}

#[test]
fn fast_http_user_decodes() {
    let (locust, akrida) = compare("FastHttpUser", CODINGS);
    assert_eq!((locust.failures, akrida.failures), (Vec::new(), Vec::new()));
}

const UPLOADS: &[Visit] = &[
    visit(
        r#"self.client.post("/a", files={"note": ("note.txt", "green tea", "text/plain")})"#,
        "{ post: /a, files: { note: { content: green tea, filename: note.txt, type: text/plain } } }",
    ),
    visit(
        r#"self.client.post("/b", data={"title": "my \"tea\"", "n": 1}, files={"note": ("a b.txt", "x")})"#,
        r#"{ post: /b, form: { title: 'my "tea"', n: 1 }, files: { note: { content: x, filename: a b.txt } } }"#,
    ),
];

#[test]
fn http_user_uploads() {
    compare("HttpUser", UPLOADS);
}

/// ASCII only: beyond it Locust writes Latin-1, and we UTF-8, as servers expect today.
const USERS: &[Visit] = &[
    visit(
        r#"self.client.get("/basic", auth=("foo", "bar"))"#,
        "{ get: /basic, auth: { basic: { username: foo, password: bar } } }",
    ),
    visit(
        r#"self.client.get("/redirect/302?to=/basic", auth=("foo", "bar"))"#,
        "{ get: /redirect/302?to=/basic, auth: { basic: { username: foo, password: bar } } }",
    ),
    visit(
        r#"self.client.get("/bearer", headers={"Authorization": "Bearer x"})"#,
        "{ get: /bearer, auth: { bearer: x } }",
    ),
];

#[test]
fn http_user_says_who_it_is() {
    let (locust, akrida) = compare("HttpUser", USERS);
    assert_eq!(locust.failures, akrida.failures);
}

#[test]
fn fast_http_user_says_who_it_is() {
    compare("FastHttpUser", USERS);
}
