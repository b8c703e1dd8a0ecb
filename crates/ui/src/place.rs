//! Under which address the browser sees the page: prefixes, and what proxies tell of them.
//!
//! Requests are taken with and without the base path, since some proxies strip it and some do not, and what a proxy
//! tells in `X-Forwarded-Prefix` goes before what is configured.

use crate::limits;
use http::{HeaderMap, Uri};

/// A path under which the page is: empty, or `/locust`, without a slash at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BasePath(String);

/// Why a text is no base path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BasePathError {
    /// As Locust refuses it.
    #[error("the url path must start with a slash")]
    NoSlash,
    /// It could mean another place.
    #[error("write a path such as /locust, of letters, digits and - . _ ~ without empty parts")]
    Form,
}

impl BasePath {
    /// Reads one, with or without a slash at its end.
    ///
    /// # Errors
    /// When it does not begin with a slash, or could be understood as another host or path.
    pub fn parse(text: &str) -> Result<Self, BasePathError> {
        let path = text.strip_suffix('/').unwrap_or(text);
        if path.is_empty() {
            return Ok(Self::default());
        }
        let parts = path.strip_prefix('/').ok_or(BasePathError::NoSlash)?;
        let is_plain = |part: &str| {
            !matches!(part, "" | "." | "..")
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
        };
        if path.len() > limits::PREFIX || !parts.split('/').all(is_plain) {
            return Err(BasePathError::Form);
        }
        Ok(Self(path.to_owned()))
    }

    /// The path; empty for the root.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The rest of `path` below this one: begins with a slash, or is empty for the path itself.
    fn strip<'a>(&self, path: &'a str) -> Option<&'a str> {
        let rest = path.strip_prefix(self.as_str())?;
        (!self.0.is_empty() && (rest.is_empty() || rest.starts_with('/'))).then_some(rest)
    }
}

/// Where the page is, as its browser sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// Empty where nothing is known: relative addresses have to do.
    prefix: String,
    /// Whether the browser speaks TLS.
    pub(crate) secure: bool,
}

impl Place {
    /// What belongs into `<base href="...">`; empty where nothing is known.
    pub(crate) fn base(&self) -> String {
        if self.prefix.is_empty() { String::new() } else { format!("{}/", self.prefix) }
    }

    /// Where `relative` is, seen from an address directly below the prefix.
    pub(crate) fn address(&self, relative: &str) -> String {
        match (self.prefix.as_str(), relative) {
            // A query alone would be one of the address that was asked for.
            ("", "") => "./".to_owned(),
            ("", query) if query.starts_with('?') => format!("./{query}"),
            ("", _) => relative.to_owned(),
            (prefix, _) => format!("{prefix}/{relative}"),
        }
    }

    /// The path of cookies. Without a slash at its end, so that the page without one has them too.
    pub(crate) fn cookie_path(&self) -> &str {
        if self.prefix.is_empty() { "/" } else { &self.prefix }
    }
}

/// What a request asks for, once its prefix is gone.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// This path, which begins with a slash.
    Path(String),
    /// The prefix without a slash at its end: relative addresses would lead elsewhere.
    NeedsSlash,
}

/// Finds what `uri` asks for, and where the page is; `tls` says whether the connection itself is.
pub(crate) fn find(base: &BasePath, uri: &Uri, headers: &HeaderMap, tls: bool) -> (Found, Place) {
    let told = header(headers, "x-forwarded-prefix").and_then(|text| BasePath::parse(text).ok());
    let told = told.unwrap_or_default();
    // A proxy that strips carelessly leaves more than one slash.
    let path = format!("/{}", uri.path().trim_start_matches('/'));
    let both = BasePath(format!("{}{}", told.as_str(), base.as_str()));
    let stripped = [&both, &told, base].into_iter().find_map(|prefix| prefix.strip(&path));
    let has_base = base.strip(&path).is_some();
    let prefix = match (told.as_str(), base.as_str()) {
        ("", base) => base.to_owned(),
        (told, base) if has_base && !told.ends_with(base) => format!("{told}{base}"),
        (told, _) => told.to_owned(),
    };
    let secure = tls || header(headers, "x-forwarded-proto").is_some_and(|proto| proto == "https");
    let found = match stripped {
        Some("") => Found::NeedsSlash,
        Some(rest) => Found::Path(format!("/{}", rest.trim_start_matches('/'))),
        None => Found::Path(path),
    };
    (found, Place { prefix, secure })
}

/// Where a path without the slash at its end leads, relative to itself: `locust` -> `locust/`.
pub(crate) fn with_slash(uri: &Uri) -> String {
    let last = uri.path().rsplit('/').next().unwrap_or_default();
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    // `./` keeps a part with a colon from being taken for a scheme.
    format!("./{last}/{query}")
}

/// The first of the values that proxies have put into a field, which is the one nearest to the browser.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()?.split(',').next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_paths() {
        let check = |text: &str, expected: Result<&str, BasePathError>| {
            assert_eq!(
                BasePath::parse(text).as_ref().map(BasePath::as_str),
                expected.as_ref().copied(),
                "{text}"
            );
        };
        check("", Ok(""));
        check("/", Ok(""));
        check("/locust", Ok("/locust"));
        check("/a/b/locust/", Ok("/a/b/locust"));
        check("locust", Err(BasePathError::NoSlash));
        for evil in [
            "//evil",
            "/a//b",
            "/..",
            "/a/../b",
            "/.",
            "/a?b",
            "/a#b",
            "/a b",
            "/a\"b",
            "/a<b",
            "/%2e%2e",
            "/a\\b",
            "/\\evil",
            "/a:b",
            "/a;b",
            "/locust//",
        ] {
            check(evil, Err(BasePathError::Form));
        }
        check(&format!("/{}", "a".repeat(limits::PREFIX)), Err(BasePathError::Form));
    }

    /// What is found for a request at `path`, with what a proxy tells.
    fn found(base: &str, told: &str, path: &str) -> (String, String) {
        let mut headers = HeaderMap::new();
        if !told.is_empty() {
            headers.insert("x-forwarded-prefix", told.parse().unwrap());
        }
        let (found, place) = find(&BasePath::parse(base).unwrap(), &path.parse().unwrap(), &headers, false);
        let found = match found {
            Found::Path(path) => path,
            Found::NeedsSlash => "needs a slash".to_owned(),
        };
        (found, place.base())
    }

    #[test]
    fn stripped_or_not_and_whatever_a_proxy_tells() {
        for (base, told, path, expected, its_base) in [
            ("", "", "/", "/", ""),
            ("", "", "/stop?a=/b", "/stop", ""),
            ("", "", "//stop", "/stop", ""),
            ("/locust", "", "/locust/stop", "/stop", "/locust/"),
            ("/locust", "", "/stop", "/stop", "/locust/"),
            ("/locust", "", "/locust", "needs a slash", "/locust/"),
            ("/locust", "", "/locust/", "/", "/locust/"),
            ("/locust", "", "/locustfile", "/locustfile", "/locust/"),
            ("/locust", "", "//locust//stop", "/stop", "/locust/"),
            ("", "/x/", "/stop", "/stop", "/x/"),
            ("", "/x", "/x/stop", "/stop", "/x/"),
            ("", "/x, /y", "/", "/", "/x/"),
            ("/locust", "/locust", "/locust/stop", "/stop", "/locust/"),
            ("/locust", "/locust", "/stop", "/stop", "/locust/"),
            ("/locust", "/a/b/locust", "/stop", "/stop", "/a/b/locust/"),
            ("/locust", "/a/b/locust", "/a/b/locust", "needs a slash", "/a/b/locust/"),
            ("/locust", "/a/b", "/locust/stop", "/stop", "/a/b/locust/"),
            ("/locust", "/a/b", "/a/b/locust/stop", "/stop", "/a/b/"),
            ("", "//evil", "/stop", "/stop", ""),
            ("/locust", "//evil", "/stop", "/stop", "/locust/"),
            ("", "https://evil", "/stop", "/stop", ""),
            ("", "/\"><script>", "/", "/", ""),
        ] {
            let found = found(base, told, path);
            assert_eq!(found, (expected.to_owned(), its_base.to_owned()), "{base} {told} {path}");
        }
    }

    #[test]
    fn addresses_and_cookies() {
        let root = Place::default();
        assert_eq!([root.address(""), root.address("login")], ["./", "login"]);
        assert_eq!(root.cookie_path(), "/");
        let place = Place { prefix: "/locust".to_owned(), secure: false };
        assert_eq!([place.address(""), place.address("login")], ["/locust/", "/locust/login"]);
        assert_eq!(place.cookie_path(), "/locust");
        assert_eq!(with_slash(&"/a/b?c=d".parse().unwrap()), "./b/?c=d");
    }

    #[test]
    fn a_proxy_tells_of_tls() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-proto", "https, http".parse().unwrap());
        let (none, root) = (HeaderMap::new(), "/".parse().unwrap());
        let secure = |headers, tls| find(&BasePath::default(), &root, headers, tls).1.secure;
        assert!(secure(&headers, false) && secure(&none, true) && !secure(&none, false));
    }
}
