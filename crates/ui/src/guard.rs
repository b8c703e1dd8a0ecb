//! Who may change something, and who may read: browsers on behalf of other sites may not.
//!
//! Programs such as curl say nothing of where they come from, and are let in (a login is another matter). Browsers do
//! say, with `Sec-Fetch-Site` over TLS and on this host, else with `Origin` for everything but a GET, and a GET that
//! changes something needs a `Referer` of our own then.

use crate::place::header;
use http::{HeaderMap, Method, Uri};

/// Other origins that may read, and change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    /// Whether pages of all origins may read without a session.
    pub any: bool,
    /// Such as `https://grafana.example.org`: these may also change something, and read with a session.
    pub named: Vec<String>,
}

impl Origins {
    /// Reads a list with commas; `*` stands for all that may read.
    ///
    /// # Errors
    /// The first that is no origin.
    pub fn parse(list: &str) -> Result<Self, String> {
        let mut origins = Self::default();
        for text in list.split(',').map(str::trim).filter(|text| !text.is_empty()) {
            if text == "*" {
                origins.any = true;
            } else {
                let origin = origin_of(text).filter(|_| text.trim_end_matches('/').matches('/').count() == 2);
                origins.named.push(origin.ok_or_else(|| text.to_owned())?);
            }
        }
        Ok(origins)
    }

    fn names(&self, origin: &str) -> bool {
        origin_of(origin).is_some_and(|origin| self.named.contains(&origin))
    }

    /// What `Access-Control-Allow-Origin` says to a page of `origin`, and whether it may come with a session.
    pub(crate) fn allow(&self, origin: Option<&str>) -> Option<(String, bool)> {
        match origin {
            Some(origin) if self.names(origin) => Some((origin.to_owned(), true)),
            _ if self.any => Some(("*".to_owned(), false)),
            _ => None,
        }
    }
}

/// `https://host:port`, in lower case and without the port that is usual.
fn origin_of(text: &str) -> Option<String> {
    let uri: Uri = text.parse().ok()?;
    let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?;
    Some(format!("{scheme}://{}", host_of(uri.authority()?.as_str(), scheme)))
}

fn host_of(authority: &str, scheme: &str) -> String {
    let usual = if scheme == "https" { ":443" } else { ":80" };
    let authority = authority.to_ascii_lowercase();
    authority.strip_suffix(usual).map(str::to_owned).unwrap_or(authority)
}

/// Whether a request that changes something may be carried out, as far as it goes by where it comes from.
pub(crate) fn may_change(method: &Method, headers: &HeaderMap, origins: &Origins) -> bool {
    let origin = header(headers, "origin");
    if let Some(origin) = origin
        && (origins.names(origin) || is_own(origin, headers))
    {
        return true;
    }
    match header(headers, "sec-fetch-site") {
        // Only browsers send it, and no page can. `none` is what a person typed or has marked.
        Some("same-origin" | "none") => return true,
        Some(_) => return false,
        None => {}
    }
    if origin.is_some() {
        return false;
    }
    match header(headers, "referer") {
        Some(referer) => is_own(referer, headers),
        // A browser names its origin with everything but a GET. That it is one, it says here.
        None => *method != Method::GET || !is_browser(headers),
    }
}

/// Whether `address` is of the host that was asked, as the browser named it to us or to a proxy.
fn is_own(address: &str, headers: &HeaderMap) -> bool {
    let Some(origin) = origin_of(address) else { return false };
    let scheme = if origin.starts_with("https") { "https" } else { "http" };
    let hosts = [header(headers, "host"), header(headers, "x-forwarded-host")];
    hosts.into_iter().flatten().any(|host| origin == format!("{scheme}://{}", host_of(host, scheme)))
}

fn is_browser(headers: &HeaderMap) -> bool {
    header(headers, "user-agent").is_some_and(|agent| agent.starts_with("Mozilla/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &Method, fields: &[(&'static str, &str)], expected: bool) {
        let mut headers = HeaderMap::new();
        headers.insert("host", "akrida.example:8089".parse().unwrap());
        for (name, value) in fields {
            headers.insert(*name, value.parse().unwrap());
        }
        let origins = Origins::parse("*, https://grafana.example/").unwrap();
        assert_eq!(may_change(method, &headers, &origins), expected, "{method} {fields:?}");
    }

    #[test]
    fn programs_may_and_pages_of_other_sites_may_not() {
        const BROWSER: (&str, &str) = ("user-agent", "Mozilla/5.0 (X11; Linux x86_64)");
        let (get, post) = (Method::GET, Method::POST);
        check(&post, &[("user-agent", "curl/8.0")], true);
        check(&get, &[], true);
        check(&post, &[BROWSER, ("origin", "http://akrida.example:8089")], true);
        check(&post, &[BROWSER, ("origin", "HTTP://AKRIDA.example:8089")], true);
        check(&post, &[BROWSER, ("origin", "http://akrida.example")], false);
        check(&post, &[BROWSER, ("origin", "http://evil.example")], false);
        check(&post, &[BROWSER, ("origin", "null")], false);
        check(&post, &[("origin", "http://akrida.example:8089.evil")], false);
        check(&post, &[("origin", "https://grafana.example")], true);
        check(&post, &[("origin", "https://a.example"), ("x-forwarded-host", "a.example")], true);
        check(&post, &[("origin", "https://a.example"), ("x-forwarded-host", "a.example:443")], true);
        // A proxy may put its own name into Host.
        check(&post, &[("origin", "https://a.example"), ("sec-fetch-site", "same-origin")], true);
        check(&post, &[("origin", "https://a.example"), ("sec-fetch-site", "cross-site")], false);
        check(&post, &[("origin", "https://a.example"), ("sec-fetch-site", "same-site")], false);
        check(&get, &[BROWSER, ("sec-fetch-site", "cross-site")], false);
        check(&get, &[BROWSER, ("sec-fetch-site", "none")], true);
        check(&get, &[BROWSER, ("referer", "http://akrida.example:8089/locust/")], true);
        check(&get, &[BROWSER, ("referer", "http://evil.example/?akrida.example:8089")], false);
        check(&get, &[BROWSER], false);
    }

    #[test]
    fn origins() {
        let origins = Origins::parse("https://Grafana.example:443, http://localhost:3000").unwrap();
        assert_eq!(origins.named, ["https://grafana.example", "http://localhost:3000"]);
        assert_eq!(origins.allow(Some("http://localhost:3000")).unwrap().0, "http://localhost:3000");
        assert_eq!(origins.allow(Some("http://localhost")), None);
        assert_eq!(origins.allow(None), None);
        let any = Origins::parse("*").unwrap();
        assert_eq!(any.allow(None), Some(("*".to_owned(), false)));
        for wrong in ["grafana.example", "ftp://a", "https://a/b", "https://"] {
            assert_eq!(Origins::parse(wrong), Err(wrong.to_owned()));
        }
    }
}
