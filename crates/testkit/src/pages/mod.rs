//! A web site with a bit of everything: what examples and other load generators are tried on.

mod account;
mod cookies;
mod redirects;

use crate::coding::Coding;
use crate::http1::{Answer, Request};
use crate::target::Target;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Longest that `/slow` takes, in milliseconds.
const SLOWEST_MS: u64 = 10_000;

impl Target {
    /// A web site:
    ///
    /// - `GET /login` answers an HTML form with a hidden field `csrf`. `POST /login` takes it, or JSON without it;
    ///   either with a `username` (or `user`) and any password. It answers `{"token": "token-N"}` and sets the cookie `session` to
    ///   the same; 401 without a name, 403 with a wrong `csrf`.
    /// - `/private` needs that cookie, `/bearer` that token, `/basic` the name `foo` with the password `bar`.
    /// - `/redirect/STATUS?to=/path` redirects; `/redirect/STATUS?to=/path&absolute=1` does so with the whole
    ///   address. Each sets the cookie `hop` to its status. `/chain/N` is N redirects one after the other, each of
    ///   which sets a cookie. `/loop` redirects to itself.
    /// - `/cookies` answers the cookies that came; `/cookies/set?a=1` sets `a`, `/cookies/path?a=1` only for
    ///   `/shop`, `/cookies/secure?a=1` only over TLS, `/cookies/short?a=1` for a second, `/cookies/foreign?a=1`
    ///   for another site, and `/cookies/delete?a=` takes `a` away.
    /// - `/encoded/gzip`, `deflate`, `raw-deflate`, `br`, `zstd` and `identity` answer `{"name": "green tea"}` so
    ///   encoded.
    /// - `GET /items` answers three items as JSON, `/items/N` and `/item?id=N` one; `GET /page` an HTML page with a
    ///   heading, links, and a form with a hidden field.
    /// - `/status/N` answers this status, `/slow?ms=N` takes its time, `/missing` is not there.
    /// - Everything else, by any method, answers 200 and what arrived, as JSON: `method`, `path`, `query`,
    ///   `headers` and `body`.
    #[must_use]
    pub fn pages() -> Self {
        let accounts = account::Accounts::default();
        Self::start(move |request| answer(request, &accounts).header("server", "pages"))
    }
}

fn answer(request: &Request, accounts: &account::Accounts) -> Answer {
    let segments: Vec<&str> = request.path.split('/').skip(1).collect();
    let get = request.method == "GET";
    match segments[..] {
        ["login" | "private" | "bearer" | "basic"] => accounts.answer(request, segments[0]),
        ["redirect", status] => redirects::one(request, status),
        ["chain", left] => redirects::chain(request, left),
        ["loop"] => Answer::redirect("/loop"),
        ["cookies"] => cookies::tell(request),
        ["cookies", what] => cookies::change(request, what),
        ["encoded", coding] => encoded(coding),
        ["items"] if get => {
            let items: Vec<Value> = (1..=3).map(item).collect();
            Answer::json(&json!({ "items": items, "next": null }))
        }
        ["items", id] => one_item(id),
        ["item"] => one_item(request.parameter("id").unwrap_or_default()),
        ["page"] if get => page(),
        ["status", status] => match status.parse() {
            Ok(status @ 200..=599) => Answer::status(status, format!("status {status}")),
            _ => Answer::status(400, "a status from 200 to 599, please"),
        },
        ["slow"] => {
            let ms = request.parameter("ms").and_then(|ms| ms.parse().ok()).unwrap_or(100);
            Answer::ok("slow").after(Duration::from_millis(ms.min(SLOWEST_MS)))
        }
        ["missing"] => Answer::status(404, "there is nothing here"),
        _ => echo(request),
    }
}

fn encoded(name: &str) -> Answer {
    let answer = Answer::json(&json!({ "name": "green tea" }));
    let coding = match name {
        "gzip" => Coding::Gzip,
        "deflate" => Coding::Deflate,
        "raw-deflate" => Coding::RawDeflate,
        "br" => Coding::Brotli,
        "zstd" => Coding::Zstd,
        "identity" => return answer,
        _ => return Answer::status(400, "no such coding"),
    };
    answer.encoded(coding)
}

fn item(id: u64) -> Value {
    let name = ["tea", "coffee", "cocoa"][(id.saturating_sub(1) % 3) as usize];
    json!({ "id": id, "item": id, "name": name, "price": 1.5 * id as f64 })
}

fn one_item(id: &str) -> Answer {
    match id.parse::<u64>() {
        Ok(id @ 0..=1_000_000) => Answer::json(&item(id)),
        _ => Answer::status(400, "id must be a number up to 1000000"),
    }
}

fn page() -> Answer {
    let html = "<!doctype html>\n<html><head><title>The shop</title></head><body>\n\
        <h1 class=\"title\">Tea &amp; coffee</h1>\n\
        <ul><li><a href=\"/items/1\">tea</a></li><li><a href=\"/items/2\">coffee</a></li></ul>\n\
        <form method=\"post\"><input type=\"hidden\" name=\"csrf\" value=\"page-1\"><input name=\"title\"></form>\n\
        </body></html>\n";
    Answer::ok(html).header("content-type", "text/html; charset=utf-8")
}

fn echo(request: &Request) -> Answer {
    let mut headers = Map::new();
    for (name, value) in &request.headers {
        headers.insert(name.clone(), value.as_str().into());
    }
    let value = json!({
        "method": request.method, "path": request.path, "query": request.query,
        "headers": headers, "body": request.text(),
    });
    Answer::json(&value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(target: &str, expected: &Answer) {
        let accounts = account::Accounts::default();
        assert_eq!(answer(&Request::new("GET", target), &accounts), *expected, "{target}");
    }

    #[test]
    fn has_a_bit_of_everything() {
        let tea = json!({ "id": 4, "item": 4, "name": "tea", "price": 6.0 });
        check("/items/4", &Answer::json(&tea));
        check("/item?id=4", &Answer::json(&tea));
        check("/item?id=x", &Answer::status(400, "id must be a number up to 1000000"));
        check("/status/503", &Answer::status(503, "status 503"));
        check("/status/99", &Answer::status(400, "a status from 200 to 599, please"));
        check("/slow?ms=7", &Answer::ok("slow").after(Duration::from_millis(7)));
        check("/missing", &Answer::status(404, "there is nothing here"));
        let plain = Answer::json(&json!({ "name": "green tea" }));
        check("/encoded/identity", &plain.clone());
        check("/encoded/br", &plain.encoded(Coding::Brotli));
        check("/encoded/x", &Answer::status(400, "no such coding"));
        check("/page", &page());
        check("/loop", &Answer::redirect("/loop"));
    }

    #[test]
    fn repeats_what_arrived() {
        let request = Request {
            headers: vec![("x-a".to_owned(), "b".to_owned())],
            body: "hi".into(),
            ..Request::new("PUT", "/a/b?c=d")
        };
        let heard = json!({
            "method": "PUT", "path": "/a/b", "query": "c=d", "headers": { "x-a": "b" }, "body": "hi",
        });
        assert_eq!(answer(&request, &account::Accounts::default()), Answer::json(&heard));
    }
}
