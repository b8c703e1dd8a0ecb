//! The cookies of one user.

use super::client::{Outgoing, url_of};
use crate::limits;
use cookie_store::{Cookie, CookieStore, RawCookie};
use http::{HeaderMap, HeaderValue, header};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::convert::Infallible;

/// Kept and sent by the rules of RFC 6265; bounded in number and size.
#[derive(Default)]
pub(super) struct Cookies {
    store: CookieStore,
}

impl Cookies {
    /// Keeps what an answer sets. Above the limits, cookies that are there are replaced and removed, but no new one
    /// is kept.
    pub(super) fn keep(&mut self, outgoing: &Outgoing, headers: &HeaderMap) {
        let Some(url) = url_of(outgoing) else { return };
        let values = headers.get_all(header::SET_COOKIE).iter().take(limits::COOKIES);
        for value in values.filter_map(|value| std::str::from_utf8(value.as_bytes()).ok()) {
            let Ok(cookie) = RawCookie::parse(value.to_owned()) else { continue };
            if cookie.name().len() + cookie.value().len() > limits::COOKIE {
                continue;
            }
            let Ok(cookie) = Cookie::try_from_raw_cookie(&cookie, &url) else { continue };
            let domain = cookie.domain.as_cow().unwrap_or_default();
            if self.is_full() && !self.store.contains_any(&domain, &cookie.path, cookie.name()) {
                continue;
            }
            // Refused ones are for other sites.
            let _ = self.store.insert(cookie.into_owned(), &url);
        }
    }

    /// Whether there is no room for a new one, not even in the place of those that have expired.
    fn is_full(&mut self) -> bool {
        let living = self.store.iter_unexpired().count();
        if living < self.store.iter_any().count().min(limits::COOKIES) {
            let living = self.store.iter_unexpired().cloned().map(Ok::<_, Infallible>);
            self.store = CookieStore::from_cookies(living, false).unwrap_or_default();
        }
        living >= limits::COOKIES
    }

    /// Adds the cookies that belong to a request, unless it has a header of its own.
    pub(super) fn add(&self, outgoing: &Outgoing, headers: &mut HeaderMap) {
        let Some(url) = url_of(outgoing) else { return };
        let mut cookies = self.store.matches(&url);
        // Ones for longer paths come first, and else the older ones.
        cookies.sort_by_key(|cookie| Reverse(cookie.path.len()));
        let mut line = String::new();
        for (name, value) in cookies.into_iter().map(|cookie| cookie.name_value()) {
            if !line.is_empty() {
                line.push_str("; ");
            }
            line.push_str(name);
            line.push('=');
            line.push_str(value);
        }
        if line.is_empty() {
            return;
        }
        if let Ok(value) = HeaderValue::from_str(&line) {
            headers.entry(header::COOKIE).or_insert(value);
        }
    }

    /// Names and values. Those that would go to the host of `outgoing` come first, and of these the ones for longer
    /// paths.
    pub(super) fn all(&self, outgoing: &Outgoing) -> Vec<(String, String)> {
        let url = url_of(outgoing);
        let mut cookies: Vec<_> = self.store.iter_unexpired().collect();
        cookies.sort_by_key(|cookie| {
            let elsewhere = !url.as_ref().is_some_and(|url| cookie.domain.matches(url));
            let domain = cookie.domain.as_cow().map(Cow::into_owned);
            (elsewhere, Reverse(cookie.path.len()), cookie.path.to_string(), domain)
        });
        let pair = |cookie: &Cookie<'_>| (cookie.name().to_owned(), cookie.value().to_owned());
        cookies.into_iter().map(pair).collect()
    }
}
