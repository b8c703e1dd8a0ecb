//! Where requests go: scheme, host and port.

use http::HeaderValue;
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
        Some(Self { origin, path: url.path().trim_end_matches('/').to_owned() })
    }
}
