//! Which headers of a request are worth keeping.

use super::draft::{Auth, Request};
use std::collections::BTreeSet;
use url::Position;

/// Written by whoever holds the connection.
const OF_THE_CONNECTION: [&str; 11] = [
    "connection",
    "content-length",
    "expect",
    "http2-settings",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "host",
];

/// What a browser tells of itself and of its cache; users of a load test have neither.
const OF_THE_BROWSER: [&str; 9] = [
    "cache-control",
    "dnt",
    "if-modified-since",
    "if-none-match",
    "pragma",
    "priority",
    "purpose",
    "upgrade-insecure-requests",
    "x-client-data",
];

/// Most headers of a request; servers take fewer.
const HEADERS: usize = 200;

/// The names of headers that were left out, in small letters.
#[derive(Clone, Debug, Default)]
pub(super) struct LeftOut(BTreeSet<String>);

impl LeftOut {
    /// A sentence, if there are any.
    pub(super) fn note(&self) -> Option<String> {
        let names: Vec<&str> = self.0.iter().map(String::as_str).collect();
        (!names.is_empty()).then(|| {
            format!("Left out, since the connection or the browser writes them: {}.", names.join(", "))
        })
    }
}

/// Gives `request` one header that was sent with it, or leaves it out. `browser`: no person chose it.
pub(super) fn put(request: &mut Request, name: &str, value: &str, browser: bool, left_out: &mut LeftOut) {
    let (lower, value) = (name.to_ascii_lowercase(), value.trim());
    // HTTP/2 has method and path among the headers.
    if lower.starts_with(':') || !is_name(&lower) {
        return;
    }
    if is_dropped(request, &lower, value, browser) {
        // Browsers have many of these.
        left_out.0.insert(if lower.starts_with("sec-") { "sec-*".to_owned() } else { lower });
        return;
    }
    if request.headers.len() >= HEADERS {
        left_out.0.insert(format!("headers beyond the {HEADERS}th of a request"));
        return;
    }
    // A line break would begin another header, and servers take it for a space.
    let value = value.split(|c: char| c.is_control() && c != '\t').collect::<Vec<_>>().join(" ");
    let value = value.trim();
    if lower == "authorization"
        && let Some((kind, token)) = value.split_once(' ')
        && kind.eq_ignore_ascii_case("bearer")
        && !token.trim().is_empty()
    {
        request.auth = Some(Auth::Bearer(token.trim().to_owned()));
        return;
    }
    match request.headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
        // Several of one name mean the same as one with all values.
        Some((_, known)) => {
            known.push_str(if lower == "cookie" { "; " } else { ", " });
            known.push_str(value);
        }
        None => request.headers.push((name.to_owned(), value.to_owned())),
    }
}

fn is_dropped(request: &Request, lower: &str, value: &str, browser: bool) -> bool {
    let url = &request.url;
    match lower {
        // Another host than that of the address is a choice.
        "host" => value == &url[Position::BeforeHost..Position::AfterPort],
        // Sent by default. What asks for something else is kept.
        "accept-encoding" => value.contains("gzip"),
        "accept" => value == "*/*",
        // Servers that look for forged requests ask where one comes from.
        "referer" | "origin" => browser && matches!(request.method.as_str(), "GET" | "HEAD"),
        _ => {
            OF_THE_CONNECTION.contains(&lower)
                || browser && (lower.starts_with("sec-") || OF_THE_BROWSER.contains(&lower))
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+.^_`|~-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    #[test]
    fn which_are_kept() {
        let check = |method: &str, name: &str, value: &str, browser: bool, expected: Option<(&str, &str)>| {
            let mut request = Request::new(method, Url::parse("https://a.example:8443/x").unwrap());
            put(&mut request, name, value, browser, &mut LeftOut::default());
            let found = request.headers.first().map(|(name, value)| (name.as_str(), value.as_str()));
            assert_eq!(found, expected, "{name}: {value}");
        };
        check("GET", "X-A", " 1 ", false, Some(("X-A", "1")));
        check("GET", "X-A", "a\r\nX-B: 2", false, Some(("X-A", "a  X-B: 2")));
        check("GET", "Host", "a.example:8443", false, None);
        check("GET", "Host", "b.example", false, Some(("Host", "b.example")));
        check("GET", "Accept-Encoding", "gzip, br", false, None);
        check("GET", "Accept-Encoding", "identity", false, Some(("Accept-Encoding", "identity")));
        check("GET", "Connection", "close", false, None);
        check("GET", "sec-fetch-mode", "cors", false, Some(("sec-fetch-mode", "cors")));
        check("GET", "sec-fetch-mode", "cors", true, None);
        check("GET", "Referer", "https://a.example/", true, None);
        check("POST", "Referer", "https://a.example/", true, Some(("Referer", "https://a.example/")));
        check("GET", ":path", "/", true, None);
        check("GET", "a b", "/", true, None);
        check("GET", "Authorization", "Basic eA==", true, Some(("Authorization", "Basic eA==")));
        check("GET", "Authorization", "bearer x", true, None);
    }

    #[test]
    fn several_of_one_name_are_joined() {
        let mut request = Request::new("GET", Url::parse("https://a.example/").unwrap());
        for (name, value) in [("X-A", "1"), ("x-a", "2"), ("Cookie", "a=1"), ("cookie", "b=2")] {
            put(&mut request, name, value, false, &mut LeftOut::default());
        }
        let expected = [("X-A", "1, 2"), ("Cookie", "a=1; b=2")];
        assert_eq!(request.headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
