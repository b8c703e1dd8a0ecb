//! Where requests go: scheme, host and port.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::HeaderValue;
use percent_encoding::percent_decode_str;
use std::rc::Rc;

/// Scheme, host and port of a target.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) tls: bool,
    /// A name or an address, without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// The `Host` header: with the port, unless it is the scheme's own.
    pub(crate) header: HeaderValue,
}

/// An origin and the path that goes before each request's.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    pub(crate) origin: Rc<Origin>,
    /// Without a slash at its end.
    pub(crate) path: String,
    /// Who the user is, where the address says so, for `Authorization`.
    pub(crate) credentials: Option<HeaderValue>,
}

impl Origin {
    /// The origin of an absolute `http` or `https` address, or else `None`.
    pub(crate) fn of(url: &url::Url) -> Option<Self> {
        let tls = match url.scheme() {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        let host = match url.host()? {
            url::Host::Domain(name) => name.to_owned(),
            url::Host::Ipv4(address) => address.to_string(),
            url::Host::Ipv6(address) => address.to_string(),
        };
        let header = match url.port() {
            Some(port) => format!("{}:{port}", url.host_str()?),
            None => url.host_str()?.to_owned(),
        };
        let header = HeaderValue::from_str(&header).ok()?;
        Some(Self { tls, host, port: url.port_or_known_default()?, header })
    }
}

impl Base {
    /// A base address as `--host` gives it.
    pub(crate) fn parse(host: &str) -> Option<Self> {
        let url = url::Url::parse(host).ok()?;
        let origin = Rc::new(Origin::of(&url)?);
        let path = url.path().trim_end_matches('/').to_owned();
        Some(Self { origin, path, credentials: credentials(&url) })
    }
}

/// Name and password of an address (`http://user:password@host`), as a header tells them.
pub(crate) fn credentials(url: &url::Url) -> Option<HeaderValue> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decoded = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
    basic(&decoded(url.username()), &decoded(url.password().unwrap_or_default()))
}

/// Name and password as `Basic` writes them: UTF-8, as browsers do.
pub(crate) fn basic(name: &[u8], password: &[u8]) -> Option<HeaderValue> {
    let text = BASE64_STANDARD.encode([name, b":", password].concat());
    HeaderValue::from_str(&format!("Basic {text}")).ok()
}
