//! Under which names the page may be asked for.
//!
//! Whoever owns a name can give it the address of somebody else's machine, after a browser has loaded a page from it.
//! To the browser that page is then one of ours: it may read and change what it likes, and neither `Origin` nor
//! `Sec-Fetch-Site` tell. Only the name itself does, which no page can forge. See decision 0014.

use crate::place::header;
use http::{HeaderMap, StatusCode};
use std::net::IpAddr;

/// Ends of names that no stranger can own: they are reserved for one machine or network, or are Kubernetes' own.
const PRIVATE: [&str; 5] = ["local", "localhost", "internal", "svc", "test"];

/// The names by which browsers may call this master. By default all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts(Vec<String>);

impl Hosts {
    /// Reads a list with commas, of names without ports; an empty one allows all.
    ///
    /// # Errors
    /// The first that is no name.
    pub fn parse(list: &str) -> Result<Self, String> {
        let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
        let read = |name: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
            let is_name = name.bytes().all(plain) && !name.starts_with('.') && !name.contains("..");
            is_name.then(|| name_of(name)).ok_or_else(|| name.to_owned())
        };
        names.map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a request that names its host so may be answered: by one of the list, or by what no stranger can turn
    /// to this machine, such as an address. Proxies tell the name that the browser used beside their own.
    pub(crate) fn allow(&self, headers: &HeaderMap) -> bool {
        let told = [header(headers, "host"), header(headers, "x-forwarded-host")];
        self.0.is_empty() || told.into_iter().flatten().all(|host| self.allows(host))
    }

    fn allows(&self, host: &str) -> bool {
        let name = name_of(host);
        self.0.contains(&name) || is_address(&name) || is_private(&name)
    }
}

/// What is said of a name that is not in the list.
pub(crate) const REFUSED: (StatusCode, &str) = (
    StatusCode::MISDIRECTED_REQUEST,
    "This master does not go by that name: --web-allow-host lists those that it goes by.",
);

/// A host's name without its port, in lower case.
fn name_of(host: &str) -> String {
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let name = match host.rsplit_once(':') {
        Some((name, port)) if is_port(port) => name,
        _ => host,
    };
    name.trim_end_matches('.').to_ascii_lowercase()
}

fn is_address(name: &str) -> bool {
    let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    bare.parse::<IpAddr>().is_ok()
}

fn is_private(name: &str) -> bool {
    name.rsplit_once('.').is_none_or(|(_, last)| PRIVATE.contains(&last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(list: &str, fields: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.insert(*name, value.parse().unwrap());
        }
        Hosts::parse(list).unwrap().allow(&headers)
    }

    #[test]
    fn names_that_strangers_can_own_have_to_be_listed() {
        let list = "load.example.org, Tools.Example.org.";
        for known in [
            "load.example.org",
            "LOAD.example.org.:8089",
            "tools.example.org:80",
            "127.0.0.1:8089",
            "[::1]:8089",
            "localhost",
            "akrida-master:8089",
            "akrida-master.tests.svc:8089",
            "akrida-master.tests.svc.cluster.local",
        ] {
            assert!(allows(list, &[("host", known)]), "{known}");
        }
        for strange in
            ["evil.example", "example.org:8089", "load.example.org.evil.example", "127.0.0.1.evil.example"]
        {
            assert!(!allows(list, &[("host", strange)]), "{strange}");
            assert!(allows("", &[("host", strange)]), "{strange}");
            assert!(!allows(list, &[("host", "akrida:8089"), ("x-forwarded-host", strange)]), "{strange}");
        }
        assert!(allows(list, &[]), "no browser leaves its host out");
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for wrong in ["https://a.example", "a.example:80", "*.example", ".example", "a..b"] {
            assert_eq!(Hosts::parse(wrong), Err(wrong.to_owned()));
        }
    }
}
