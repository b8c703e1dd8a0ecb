//! How requests travel.

use super::Template;
use std::net::IpAddr;
use std::sync::Arc;

/// How the requests of a class travel.
#[derive(Clone, Debug)]
pub struct Network {
    /// How long a connection lives.
    pub connection: Connection,
    /// Which HTTP is spoken.
    pub version: HttpVersion,
    /// An HTTP proxy, `http://[user:password@]host:port`; may hold expressions of secrets, and no others.
    pub proxy: Option<Template>,
    /// Whom TLS trusts, and who it says the user is.
    pub tls: Tls,
    /// How names become addresses.
    pub dns: Dns,
    /// Addresses of names that are not looked up.
    pub addresses: Vec<(String, Vec<IpAddr>)>,
}

impl Default for Network {
    /// HTTP/1.1, a connection for each user, names looked up once per run, certificates verified.
    fn default() -> Self {
        Self {
            connection: Connection::User,
            version: HttpVersion::Http1,
            proxy: None,
            tls: Tls::default(),
            dns: Dns::Run,
            addresses: Vec::new(),
        }
    }
}

/// How long a connection lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Connection {
    /// As long as its user.
    #[default]
    User,
    /// As long as one iteration of a task.
    Iteration,
}

/// Which HTTP is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum HttpVersion {
    /// HTTP/1.1.
    #[default]
    Http1,
    /// HTTP/2: over TLS where the server agrees (ALPN), else HTTP/1.1; over plain text without asking (prior
    /// knowledge).
    Http2,
}

/// Whom TLS trusts, and who it says the user is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// Whether certificates of servers are verified.
    pub verify: bool,
    /// PEM text with certificates that are trusted in addition.
    pub ca: Option<Arc<[u8]>>,
    /// What is shown to servers that ask.
    pub identity: Option<Identity>,
}

impl Default for Tls {
    /// Verifies, and shows nothing.
    fn default() -> Self {
        Self { verify: true, ca: None, identity: None }
    }
}

/// A client's certificate and its key.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// PEM text: the certificate, and those that vouch for it.
    pub certificate: Arc<[u8]>,
    /// PEM text.
    pub key: Arc<[u8]>,
}

impl std::fmt::Debug for Identity {
    /// Without the key, which is nobody's business.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

/// How names become addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Dns {
    /// Looked up once per run, for all users.
    #[default]
    Run,
    /// Looked up by each user for each connection.
    User,
}
