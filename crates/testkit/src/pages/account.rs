//! Who somebody is: a login with and without a form, and pages that want to know.

use crate::http1::{Answer, Request};
use serde_json::json;
use std::sync::atomic::{AtomicU64, Ordering};

/// `foo:bar` in base64.
const BASIC: &str = "Basic Zm9vOmJhcg==";

/// What was issued so far. All tokens are of one kind: `token-N` after a login, `form-N` in a form.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    tokens: AtomicU64,
    forms: AtomicU64,
}

impl Accounts {
    pub(super) fn answer(&self, request: &Request, page: &str) -> Answer {
        let authorization = request.header("authorization").unwrap_or_default();
        let token = authorization.strip_prefix("Bearer ").unwrap_or_default();
        match (page, request.method.as_str()) {
            ("login", "GET") => self.form(),
            ("login", "POST") => self.login(request),
            ("login", _) => Answer::status(405, "GET or POST"),
            ("private", _) if self.knows(request.cookie("session").unwrap_or_default()) => {
                Answer::ok("welcome")
            }
            ("bearer", _) if self.knows(token) => Answer::ok("welcome"),
            ("basic", _) if authorization == BASIC => Answer::ok("welcome"),
            ("basic", _) => {
                Answer::status(401, "who are you?").header("www-authenticate", "Basic realm=\"pages\"")
            }
            _ => Answer::status(401, "log in first"),
        }
    }

    fn form(&self) -> Answer {
        let number = next(&self.forms);
        let html = format!(
            "<!doctype html>\n<form method=\"post\" action=\"/login\">\n\
             <input type=\"hidden\" name=\"csrf\" value=\"form-{number}\">\n\
             <input name=\"username\"><input name=\"password\" type=\"password\">\n</form>\n"
        );
        Answer::ok(html)
            .header("content-type", "text/html; charset=utf-8")
            .header("set-cookie", &format!("form=form-{number}; Path=/login; HttpOnly"))
    }

    fn login(&self, request: &Request) -> Answer {
        let body = request.text();
        let field = |name: &str| match request.json() {
            Some(json) => json[name].as_str().map(str::to_owned),
            None => {
                let mut pairs = body.split('&').filter_map(|pair| pair.split_once('='));
                pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
            }
        };
        if request.json().is_none() && field("csrf").as_deref() != request.cookie("form") {
            return Answer::status(403, "this is not the form that you were given");
        }
        if field("username").or_else(|| field("user")).is_none_or(|name| name.is_empty()) {
            return Answer::status(401, "who are you?");
        }
        let token = format!("token-{}", next(&self.tokens));
        let cookie = format!("session={token}; Path=/; HttpOnly");
        Answer::json(&json!({ "token": token })).header("set-cookie", &cookie)
    }

    fn knows(&self, token: &str) -> bool {
        let number = token.strip_prefix("token-").and_then(|number| number.parse().ok());
        number.is_some_and(|number: u64| (1..=self.tokens.load(Ordering::Relaxed)).contains(&number))
    }
}

fn next(counter: &AtomicU64) -> u64 {
    counter.fetch_add(1, Ordering::Relaxed) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lets_in_whom_it_knows() {
        let accounts = Accounts::default();
        let ask = |method: &str, page: &str, headers: &[(&str, &str)], body: &'static str| {
            let headers = headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
            let request = Request { headers, body: body.into(), ..Request::new(method, "/") };
            accounts.answer(&request, page)
        };
        let token = |number: u64| {
            Answer::json(&json!({ "token": format!("token-{number}") }))
                .header("set-cookie", &format!("session=token-{number}; Path=/; HttpOnly"))
        };
        let first = || Answer::status(401, "log in first");
        let welcome = || Answer::ok("welcome");

        assert_eq!(ask("GET", "private", &[("cookie", "session=token-1")], ""), first());
        assert_eq!(ask("POST", "login", &[], r#"{"user": "a", "password": "b"}"#), token(1));
        let nobody = Answer::status(401, "who are you?");
        assert_eq!(ask("POST", "login", &[], r#"{"password": "b"}"#), nobody);
        assert_eq!(ask("GET", "private", &[("cookie", "session=token-1")], ""), welcome());
        assert_eq!(ask("GET", "bearer", &[("authorization", "Bearer token-1")], ""), welcome());
        assert_eq!(ask("GET", "bearer", &[("authorization", "Bearer token-2")], ""), first());

        let form = "csrf=form-1&username=a&password=b";
        let lost = Answer::status(403, "this is not the form that you were given");
        assert_eq!(ask("POST", "login", &[("cookie", "form=form-2")], form), lost);
        assert_eq!(ask("POST", "login", &[("cookie", "form=form-1")], form), token(2));

        assert_eq!(ask("GET", "basic", &[("authorization", "Basic Zm9vOmJhcg==")], ""), welcome());
        let who = Answer::status(401, "who are you?").header("www-authenticate", "Basic realm=\"pages\"");
        assert_eq!(ask("GET", "basic", &[], ""), who);
    }

    #[test]
    fn each_form_is_another() {
        let accounts = Accounts::default();
        let shown = |answer: Answer| {
            let mut shown = String::new();
            let _ = answer.map_body(|body| {
                shown = String::from_utf8_lossy(&body).into_owned();
                body
            });
            shown
        };
        assert!(shown(accounts.form()).contains("name=\"csrf\" value=\"form-1\""));
        assert!(shown(accounts.form()).contains("name=\"csrf\" value=\"form-2\""));
    }
}
