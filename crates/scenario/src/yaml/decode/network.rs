//! How requests travel, and who the user is.

use super::super::node::{Meaning, Node};
use super::super::quote::quote;
use super::super::rules;
use super::value::{text, text_of};
use super::{Decoder, number};
use crate::model::{Auth, Connection, Dns, HttpVersion, Identity, Network, Template, Tls};
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;

impl Decoder<'_> {
    pub(super) fn network(&mut self, class: &Node) -> Network {
        let word = |key| class.get(key).and_then(text);
        Network {
            connection: match word("connection") {
                Some("iteration") => Connection::Iteration,
                _ => Connection::User,
            },
            version: match class.get("http_version").and_then(Node::meaning) {
                Some(version) if number(version) == Some(2.0) => HttpVersion::Http2,
                _ => HttpVersion::Http1,
            },
            proxy: class.get("proxy").and_then(|node| self.proxy(node)),
            tls: class.get("tls").map(|node| self.tls(node)).unwrap_or_default(),
            dns: if word("dns") == Some("user") { Dns::User } else { Dns::Run },
            addresses: class.get("dns").map(|node| self.addresses(node)).unwrap_or_default(),
        }
    }

    fn proxy(&mut self, node: &Node) -> Option<Template> {
        let proxy = self.before_users(|decoder| decoder.template(node))?;
        if let Template::Fixed(url) = &proxy
            && let Some(rest) = url.strip_prefix("http://")
        {
            let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
            self.authority(&format!("http://{host}"), &node.span);
        }
        Some(proxy)
    }

    fn tls(&mut self, node: &Node) -> Tls {
        let (certificate, key) = (node.get("certificate"), node.get("key"));
        if let (Some(one), None, other) | (None, Some(one), other) =
            (certificate, key, if key.is_none() { "key" } else { "certificate" })
        {
            self.problem(
                &one.span,
                format!("a certificate and its key belong together, and `{other}` is missing"),
                format!("add `{other}`, the name of a PEM file; it may be the same file"),
            );
        }
        let ca = node.get("ca").and_then(|node| {
            let bytes = self.file(node)?;
            self.pem(node, bytes, "CERTIFICATE")
        });
        // The certificate too: it often stands in one file with its key.
        let mut own = |node, kind| {
            let bytes = self.secret_file(node)?;
            self.pem(node, bytes, kind)
        };
        let certificate = certificate.and_then(|node| own(node, "CERTIFICATE"));
        let key = key.and_then(|node| own(node, "PRIVATE KEY"));
        Tls {
            verify: node.get("verify").and_then(Node::meaning) != Some(Meaning::Bool(false)),
            ca,
            identity: certificate.zip(key).map(|(certificate, key)| Identity { certificate, key }),
        }
    }

    /// What is in the file that `node` names, if there is a PEM block of this kind.
    fn pem(&mut self, node: &Node, bytes: Arc<[u8]>, kind: &str) -> Option<Arc<[u8]>> {
        let text = String::from_utf8_lossy(&bytes);
        let mut labels =
            text.lines().filter_map(|line| line.trim().strip_prefix("-----BEGIN ")?.strip_suffix("-----"));
        if labels.any(|label| label.ends_with(kind)) {
            return Some(bytes);
        }
        let file = text_of(node);
        self.problem(
            &node.span,
            format!("{} has no PEM block of a {}", quote(file), kind.to_lowercase()),
            format!("name a file with a line such as `-----BEGIN {kind}-----`"),
        );
        None
    }

    fn addresses(&mut self, node: &Node) -> Vec<(String, Vec<IpAddr>)> {
        let mut found = Vec::new();
        for (name, value) in node.entries() {
            let one = value.scalar().map(|_| value);
            let mut addresses = Vec::new();
            for address in value.items().iter().chain(one) {
                let Some(text) = text(address).filter(|text| (rules::ADDRESS.accepts)(text)) else {
                    continue;
                };
                match text.parse() {
                    Ok(address) => addresses.push(address),
                    Err(_) => {
                        let message = format!("{} is not {}", quote(text), rules::ADDRESS.what);
                        self.problem(&address.span, message, rules::ADDRESS.remedy);
                    }
                }
            }
            found.push((name.text.to_ascii_lowercase(), addresses));
        }
        found
    }

    pub(super) fn auth(&mut self, node: Option<&Node>) -> Option<Auth> {
        let node = node?;
        if let Some(basic) = node.get("basic") {
            let username = basic.get("username").and_then(|node| self.template(node));
            let password = basic.get("password").and_then(|node| self.template(node));
            return Some(Auth::Basic(username?, password?));
        }
        self.template(node.get("bearer")?).map(Auth::Bearer)
    }

    /// The `host` of a scenario or class.
    pub(super) fn host(&mut self, node: &Node) -> Option<String> {
        let node = node.get("host")?;
        let host = text(node).filter(|text| (rules::HOST.accepts)(text))?;
        self.authority(host, &node.span);
        Some(host.to_owned())
    }

    /// A problem where the address `url` has no host or no possible port.
    pub(super) fn authority(&mut self, url: &str, span: &Range<usize>) {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
        let closed = authority.find(']').map_or(0, |bracket| bracket + 1);
        let (host, port) = match authority[closed..].find(':') {
            Some(colon) => (&authority[..closed + colon], Some(&authority[closed + colon + 1..])),
            None => (authority, None),
        };
        if host.is_empty()
            || (host.contains([':', '[', ']']) && !(host.starts_with('[') && host.ends_with(']')))
        {
            self.problem(
                span,
                format!("{} has no host", quote(url)),
                "write one such as https://example.org",
            );
        }
        if port.is_some_and(|port| !matches!(port.parse::<u16>(), Ok(1..))) {
            self.problem(
                span,
                format!("{} has no possible port", quote(url)),
                "write a port from 1 to 65535 after the colon, or leave the colon out",
            );
        }
    }
}
