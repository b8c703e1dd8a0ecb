//! A shop with a login: tokens, cookies, redirects, and answers that are failures though their status is 200.

use crate::http1::{Answer, Request};
use crate::target::Target;
use serde_json::json;
use std::sync::atomic::{AtomicU64, Ordering};

/// The only user name that the shop knows.
pub const USERNAME: &str = "foo";

/// Its password.
pub const PASSWORD: &str = "bar";

impl Target {
    /// A shop:
    ///
    /// - `POST /login` with [`USERNAME`] and [`PASSWORD`] as JSON answers `{"token": "token-N"}`, a new one each
    ///   time, and sets the cookie `session` to the same; 401 otherwise.
    /// - `GET /item?id=N` needs the header `Authorization: Bearer token-N`; 401 without.
    /// - `POST /buy` with `{"item": N}` answers 409 if N is a multiple of 10 (sold out); otherwise, if it is a
    ///   multiple of 7, 200 with a text that contains `error`; otherwise 200 with `bought N`.
    /// - `GET /profile` needs the cookie; 401 without.
    /// - `GET /old` redirects to `/new`, `GET /loop` to itself.
    /// - `GET /` and `GET /stats/requests` answer 200, everything else 404.
    #[must_use]
    pub fn shop() -> Self {
        let issued = AtomicU64::new(0);
        Self::start(move |request| answer(request, &issued))
    }
}

fn answer(request: &Request, issued: &AtomicU64) -> Answer {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/" | "/stats/requests" | "/new") => Answer::ok("welcome"),
        ("POST", "/login") => login(request, issued),
        ("GET", "/item") => {
            let bearer = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
            match (bearer, request.parameter("id").map(str::parse::<u32>)) {
                (Some(token), Some(Ok(id))) if valid(token, issued) => Answer::json(&json!({ "item": id })),
                (Some(token), _) if valid(token, issued) => Answer::status(400, "id must be a number"),
                _ => Answer::status(401, "log in first"),
            }
        }
        ("GET", "/profile") => match request.cookie("session") {
            Some(token) if valid(token, issued) => Answer::json(&json!({ "name": USERNAME })),
            _ => Answer::status(401, "log in first"),
        },
        ("POST", "/buy") => buy(request),
        ("GET", "/old") => Answer::redirect("/new"),
        ("GET", "/loop") => Answer::redirect("/loop"),
        _ => Answer::status(404, "there is nothing here"),
    }
}

fn login(request: &Request, issued: &AtomicU64) -> Answer {
    if request.json() != Some(json!({ "username": USERNAME, "password": PASSWORD })) {
        return Answer::status(401, "wrong name or password");
    }
    let token = format!("token-{}", issued.fetch_add(1, Ordering::Relaxed) + 1);
    let cookie = format!("session={token}; Path=/; HttpOnly");
    Answer::json(&json!({ "token": token })).header("set-cookie", &cookie)
}

fn valid(token: &str, issued: &AtomicU64) -> bool {
    let number = token.strip_prefix("token-").and_then(|number| number.parse().ok());
    number.is_some_and(|number: u64| (1..=issued.load(Ordering::Relaxed)).contains(&number))
}

fn buy(request: &Request) -> Answer {
    match request.json().and_then(|order| order["item"].as_u64()) {
        None => Answer::status(400, "item must be a number"),
        Some(item) if item.is_multiple_of(10) => Answer::status(409, format!("item {item} is sold out")),
        Some(item) if item.is_multiple_of(7) => Answer::ok(format!("error: item {item} cannot be sent")),
        Some(item) => Answer::ok(format!("bought {item}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, target: &str, header: (&str, &str), body: &'static str) -> Request {
        let headers = vec![(header.0.to_owned(), header.1.to_owned())];
        Request { headers, body: body.into(), ..Request::new(method, target) }
    }

    #[test]
    fn sells() {
        let issued = AtomicU64::new(0);
        let check = |method: &str, target: &str, header: (&str, &str), body, expected: Answer| {
            assert_eq!(answer(&request(method, target, header, body), &issued), expected, "{target} {body}");
        };
        let none = ("x", "y");
        let bearer = ("authorization", "Bearer token-1");
        let session = ("cookie", "other=1; session=token-1");
        let login_first = || Answer::status(401, "log in first");

        check("GET", "/item?id=1", bearer, "", login_first());
        check("GET", "/profile", session, "", login_first());
        check("POST", "/login", none, "{}", Answer::status(401, "wrong name or password"));
        check(
            "POST",
            "/login",
            none,
            r#"{"password": "bar", "username": "foo"}"#,
            Answer::json(&json!({ "token": "token-1" }))
                .header("set-cookie", "session=token-1; Path=/; HttpOnly"),
        );
        check("GET", "/item?id=1", bearer, "", Answer::json(&json!({ "item": 1 })));
        check("GET", "/item?id=x", bearer, "", Answer::status(400, "id must be a number"));
        check("GET", "/item?id=1", ("authorization", "Bearer token-2"), "", login_first());
        check("GET", "/item?id=1", none, "", login_first());
        check("GET", "/profile", session, "", Answer::json(&json!({ "name": "foo" })));
        check("POST", "/buy", none, r#"{"item": 20}"#, Answer::status(409, "item 20 is sold out"));
        check("POST", "/buy", none, r#"{"item": 21}"#, Answer::ok("error: item 21 cannot be sent"));
        check("POST", "/buy", none, r#"{"item": 22}"#, Answer::ok("bought 22"));
        check("POST", "/buy", none, "item=22", Answer::status(400, "item must be a number"));
        check("GET", "/old", none, "", Answer::redirect("/new"));
        check("GET", "/loop", none, "", Answer::redirect("/loop"));
        check("GET", "/buy", none, "", Answer::status(404, "there is nothing here"));
    }
}
