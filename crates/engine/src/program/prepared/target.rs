//! Where a request goes.

use super::is_known;
use crate::http::origin::{Base, Origin, credentials};
use akrida_scenario::expr::{EvalError, Expr, Frame};
use akrida_scenario::model::{Request, Template};
use http::{HeaderValue, Uri};
use std::rc::Rc;
use url::{Position, Url, form_urlencoded};

/// Where a request goes, as it is written.
pub(super) struct Target {
    url: Template,
    query: Vec<(Template, Template)>,
    more_query: Option<Expr>,
    base: Option<Base>,
}

/// Where a request goes.
#[derive(Clone)]
pub(super) struct Aim {
    pub(super) origin: Rc<Origin>,
    /// Path and query.
    pub(super) uri: Uri,
    /// Who the user is, where the address says so.
    pub(super) credentials: Option<HeaderValue>,
}

impl Target {
    pub(super) fn new(request: &Request, base: Option<Base>) -> Self {
        Self {
            url: request.url.clone(),
            query: request.query.clone(),
            more_query: request.more_query.clone(),
            base,
        }
    }

    /// Whether it is the same each time.
    pub(super) fn is_known(&self) -> bool {
        is_known(&self.url)
            && self.more_query.is_none()
            && self.query.iter().all(|(name, value)| is_known(name) && is_known(value))
    }

    pub(super) fn aim(&self, frame: &mut Frame<'_>) -> Result<Aim, EvalError> {
        let text = self.url.render(frame)?;
        let text = if text.contains('%') { with_escapes_of_all_signs(&text).into() } else { text };
        let invalid = || EvalError(format!("InvalidURL('{text}')"));
        if text.starts_with("http://") || text.starts_with("https://") {
            let url = Url::parse(&text).map_err(|_| invalid())?;
            let origin = Rc::new(Origin::of(&url).ok_or_else(invalid)?);
            let path = url[Position::BeforePath..Position::AfterQuery].to_owned();
            let uri = self.with_query(path, frame)?.parse().map_err(|_| invalid())?;
            return Ok(Aim { origin, uri, credentials: credentials(&url) });
        }
        let base = self.base.as_ref().ok_or_else(missing_host)?;
        let path = under(&base.path, &text).ok_or_else(invalid)?;
        let uri = self.with_query(path, frame)?.try_into().map_err(|_| invalid())?;
        Ok(Aim { origin: base.origin.clone(), uri, credentials: base.credentials.clone() })
    }

    /// Adds the query to a path that may have one already.
    fn with_query(&self, mut path: String, frame: &mut Frame<'_>) -> Result<String, EvalError> {
        let more = match &self.more_query {
            Some(more) => more.eval(frame)?.fields()?,
            None => Vec::new(),
        };
        if self.query.is_empty() && more.is_empty() {
            return Ok(path);
        }
        let start = match path.find('?') {
            Some(mark) => mark + 1,
            None => {
                path.push('?');
                path.len()
            }
        };
        let mut pairs = form_urlencoded::Serializer::for_suffix(path, start);
        for (name, value) in &self.query {
            let name = name.render(frame)?;
            pairs.append_pair(&name, &value.render(frame)?);
        }
        pairs.extend_pairs(more);
        Ok(pairs.finish())
    }
}

/// Path and query of `text` under the path of a base address, percent-encoded where they must be.
fn under(base: &str, text: &str) -> Option<String> {
    let slash = if text.starts_with('/') { "" } else { "/" };
    if is_plain(text) {
        return Some([base, slash, text].concat());
    }
    // Only path and query are taken from it, so any host will do.
    let url = Url::parse(&format!("http://host{base}{slash}{text}")).ok()?;
    Some(url[Position::BeforePath..Position::AfterQuery].to_owned())
}

/// An address or a path, with or without a query. Of a path or query that has a percent sign that begins no escape, all
/// signs are escaped, as `requests` sends them (`_encode_invalid_chars` of urllib3 2.8).
fn with_escapes_of_all_signs(text: &str) -> String {
    let escaped = |part: &str| {
        let is_digit = |place: usize| part.as_bytes().get(place).is_some_and(u8::is_ascii_hexdigit);
        let is_escape = |(place, _): (usize, &str)| is_digit(place + 1) && is_digit(place + 2);
        if part.match_indices('%').all(is_escape) { part.to_owned() } else { part.replace('%', "%25") }
    };
    let whole = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let after_host = whole.map(|whole| whole.trim_start_matches(|letter| !matches!(letter, '/' | '?' | '#')));
    let rest = after_host.unwrap_or(text);
    let host = text.strip_suffix(rest).unwrap_or_default();
    match rest.split_once('?') {
        Some((path, query)) => [host, &escaped(path), "?", &escaped(query)].concat(),
        None => [host, &escaped(rest)].concat(),
    }
}

/// Whether nothing in a path would be encoded, removed or resolved, so that it need not be parsed.
fn is_plain(text: &str) -> bool {
    let goes = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~/?=&+,:;@!$()*%.".contains(&byte);
    let dots = |part: &str| part.starts_with('.') || part.starts_with("%2e") || part.starts_with("%2E");
    text.bytes().all(goes) && !text.split('/').any(dots)
}

fn missing_host() -> EvalError {
    EvalError(
        "LocustError('You must specify the base host. Either in the host attribute in the User class, or on the \
         command line using the --host option.')"
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(base: &str, text: &str, expected: &str) {
        assert_eq!(under(base, text).as_deref(), Some(expected), "{base} {text}");
    }

    #[test]
    fn paths() {
        check("", "/a?b=c", "/a?b=c");
        check("/base", "a", "/base/a");
        check("/base", "", "/base/");
        check("", "/p\u{e4}th with space?x=1#fragment", "/p%C3%A4th%20with%20space?x=1");
        check("", "/as%20it%2Fis%zz", "/as%20it%2Fis%zz");
        check("/base", "/a/../b/./c/%2e%2e/d", "/base/b/d");
        check("", "//double", "//double");
    }

    #[test]
    fn percent_signs() {
        let check =
            |text: &str, expected: &str| assert_eq!(with_escapes_of_all_signs(text), expected, "{text}");
        check("/as%20it%2Fis?x=100%25", "/as%20it%2Fis?x=100%25");
        check("/25%", "/25%25");
        check("/a%20b%zz?x=%20", "/a%2520b%25zz?x=%20");
        check("/a%20b?x=%20%2", "/a%20b?x=%2520%252");
        check("/\u{e4}%2", "/\u{e4}%252");
        check("http://us%zer@host/a%", "http://us%zer@host/a%25");
        check("http://h%?x=%", "http://h%?x=%25");
        check("/a%2F/b%//c%3Fd", "/a%252F/b%25//c%253Fd");
    }

    proptest! {
        #[test]
        fn what_is_not_parsed_would_come_out_the_same(text in "[ -~]{0,6}[a-zA-Z0-9/?%.&=]{0,12}") {
            if is_plain(&text) {
                let slash = if text.starts_with('/') { "" } else { "/" };
                let url = Url::parse(&format!("http://host/base{slash}{text}")).unwrap();
                let parsed = &url[Position::BeforePath..Position::AfterQuery];
                prop_assert_eq!(under("/base", &text).unwrap(), parsed);
            }
        }
    }
}
