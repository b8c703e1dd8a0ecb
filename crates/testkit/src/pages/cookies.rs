//! Pages that set cookies, and one that tells which came back.

use crate::http1::{Answer, Request};
use serde_json::{Map, Value};

/// The cookies that came, as JSON.
pub(super) fn tell(request: &Request) -> Answer {
    let all = request.headers.iter().filter(|(name, _)| name == "cookie").flat_map(|(_, all)| all.split(';'));
    let mut cookies = Map::new();
    for (name, value) in all.filter_map(|pair| pair.trim().split_once('=')) {
        cookies.insert(name.to_owned(), value.into());
    }
    Answer::json(&Value::Object(cookies))
}

/// Sets or deletes each cookie that the query names.
pub(super) fn change(request: &Request, what: &str) -> Answer {
    let attributes = match what {
        "set" => "; Path=/",
        "path" => "; Path=/shop",
        "secure" => "; Path=/; Secure",
        "short" => "; Path=/; Max-Age=1",
        "foreign" => "; Path=/; Domain=elsewhere.example",
        "delete" => "; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        _ => return Answer::status(404, "there is nothing here"),
    };
    let pairs = request.query.as_deref().unwrap_or_default().split('&').filter(|pair| pair.contains('='));
    pairs.fold(Answer::ok("done"), |answer, pair| answer.header("set-cookie", &format!("{pair}{attributes}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sets_and_tells() {
        let request = |target: &str| Request {
            headers: vec![("cookie".to_owned(), "a=1; b=x=y".to_owned())],
            ..Request::new("GET", target)
        };
        assert_eq!(tell(&request("/cookies")), Answer::json(&json!({ "a": "1", "b": "x=y" })));
        let set = Answer::ok("done").header("set-cookie", "a=1; Path=/").header("set-cookie", "b=2; Path=/");
        assert_eq!(change(&request("/cookies/set?a=1&b=2"), "set"), set);
        let path = Answer::ok("done").header("set-cookie", "a=1; Path=/shop");
        assert_eq!(change(&request("/cookies/path?a=1"), "path"), path);
        assert_eq!(change(&request("/"), "x"), Answer::status(404, "there is nothing here"));
    }
}
