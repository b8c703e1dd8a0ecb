//! The cookies of one user.

use super::client::{Outgoing, url_of};
use crate::limits;
use akrida_scenario::expr::EvalError;
use cookie_store::{Cookie, CookieStore, RawCookie};
use http::{HeaderMap, HeaderValue, header};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::convert::Infallible;

/// Kept and sent by the rules of RFC 6265; bounded in number and size.
#[derive(Default)]
pub(super) struct Cookies {
    store: CookieStore,
    /// Those that no answer set: they go to all hosts.
    own: Vec<(String, String)>,
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

    /// Keeps cookies of the user's own; one without a value is forgotten, whoever set it. Above the limits they are
    /// told to be too many.
    pub(super) fn set(&mut self, cookies: Vec<(String, Option<String>)>) -> Result<(), EvalError> {
        for (name, value) in cookies {
            self.own.retain(|(known, _)| *known != name);
            let Some(value) = value else {
                let living = self.store.iter_unexpired().filter(|cookie| cookie.name() != name);
                let kept = CookieStore::from_cookies(living.cloned().map(Ok::<_, Infallible>), false);
                self.store = kept.unwrap_or_default();
                continue;
            };
            if self.own.len() >= limits::COOKIES || name.len() + value.len() > limits::COOKIE {
                let (count, size) = (limits::COOKIES, limits::COOKIE);
                let text = format!("a user keeps up to {count} cookies of {size} bytes each");
                return Err(EvalError::raise("ValueError", &text));
            }
            self.own.push((name, value));
        }
        Ok(())
    }

    /// Adds the cookies that belong to a request, unless it has a header of its own.
    pub(super) fn add(&self, outgoing: &Outgoing, headers: &mut HeaderMap) {
        let Some(url) = url_of(outgoing) else { return };
        let mut cookies = self.store.matches(&url);
        // Ones for longer paths come first, and else the older ones.
        cookies.sort_by_key(|cookie| Reverse(cookie.path.len()));
        let mut line = String::new();
        let of_request =
            |(name, _): &&(String, String)| !outgoing.cookies.iter().any(|(known, _)| known == name);
        let own = self.own.iter().filter(of_request).chain(&outgoing.cookies);
        let own = own.map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in cookies.into_iter().map(|cookie| cookie.name_value()).chain(own) {
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
        self.own.iter().cloned().chain(cookies.into_iter().map(pair)).collect()
    }

    /// Names and values, the older ones first.
    pub(super) fn whole(&self) -> Vec<(String, String)> {
        let pair = |cookie: &Cookie<'_>| (cookie.name().to_owned(), cookie.value().to_owned());
        self.own.iter().cloned().chain(self.store.iter_unexpired().map(pair)).collect()
    }
}
