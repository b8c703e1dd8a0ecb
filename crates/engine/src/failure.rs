//! Why requests fail, in fixed texts of Locust's kind.
//!
//! The texts carry no address, no time and no object id, so that equal failures share a row however many there
//! are. Where Locust's text names the URL, ours names the request.

use h2::Reason;
use http::StatusCode;
use std::io;
use tokio_rustls::rustls;

/// Why an exchange gave no complete answer.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// The name has no address.
    Dns(String),
    /// The operating system's word, while connecting, sending or receiving.
    Io(io::ErrorKind, Option<i32>),
    /// TLS: the certificate or the handshake.
    Tls(String),
    /// The peer closed the connection before the answer's head was complete.
    Disconnected,
    /// The peer closed the connection within the body.
    Incomplete,
    /// The answer is not HTTP.
    Malformed(&'static str),
    /// The server reset the stream or ended the connection for this reason, or broke the protocol so (HTTP/2).
    Http2(Blame, Reason),
    /// The `Host` header is none (HTTP/2).
    BadHost,
    /// The proxy cannot be reached.
    Proxy(Box<Failure>),
    /// The proxy opens no tunnel.
    Tunnel(StatusCode),
    /// The request took longer than it may.
    TimedOut,
    /// The user had to end before the answer came.
    Abandoned,
    /// More redirects than the request allows.
    TooManyRedirects(u8),
    /// A redirect to something that cannot be requested.
    BadRedirect,
}

/// Whose word ended an HTTP/2 exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blame {
    /// The server reset the stream.
    Stream,
    /// The server ended the connection.
    Connection,
    /// We did, because of what the server sent.
    Protocol,
}

impl Failure {
    /// The text of the error row.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Dns(host) => format!("gaierror(-2, 'Name or service not known: {host}')"),
            Self::Io(kind, code) => io_text(*kind, *code),
            Self::Tls(reason) => format!("SSLError({})", quoted(reason)),
            Self::Disconnected => {
                "RemoteDisconnected('Remote end closed connection without response')".into()
            }
            Self::Incomplete => "IncompleteRead('Remote end closed connection within the body')".into(),
            Self::Malformed(what) => format!("BadStatusLine('{what}')"),
            Self::Http2(blame, reason) => {
                let what = match blame {
                    Blame::Stream => "The server reset the stream",
                    Blame::Connection => "The server ended the connection",
                    Blame::Protocol => "The server broke the protocol",
                };
                format!("Http2Error('{what}: {}')", reason_name(*reason))
            }
            Self::BadHost => "InvalidHeader('The Host header is not a host with or without a port')".into(),
            Self::Proxy(failure) => format!("ProxyError('Cannot connect to proxy.', {})", failure.text()),
            Self::Tunnel(status) => {
                let reason = status.canonical_reason().unwrap_or("");
                format!("ProxyError('Tunnel connection failed: {} {reason}')", status.as_u16())
            }
            Self::TimedOut => "TimeoutError('timed out')".into(),
            Self::Abandoned => {
                "Abandoned('no complete answer within the drain time after the user was stopped')".into()
            }
            Self::TooManyRedirects(limit) => format!("TooManyRedirects('Exceeded {limit} redirects.')"),
            Self::BadRedirect => {
                "InvalidURL('The answer redirects to an address that cannot be requested')".into()
            }
        }
    }
}

impl From<&io::Error> for Failure {
    fn from(error: &io::Error) -> Self {
        Self::Io(error.kind(), error.raw_os_error())
    }
}

impl From<hyper::Error> for Failure {
    fn from(error: hyper::Error) -> Self {
        let mut source: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(&error);
        while let Some(cause) = source {
            if let Some(io) = cause.downcast_ref::<io::Error>() {
                return from_stream(io);
            }
            source = cause.source();
        }
        if error.is_parse_status() {
            Self::Malformed("the status is not a number of three digits")
        } else if error.is_parse() {
            Self::Malformed("the head of the answer is not HTTP/1.1, or too long")
        } else if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
            Self::Disconnected
        } else {
            Self::Malformed("more came than was asked for")
        }
    }
}

impl From<&h2::Error> for Failure {
    fn from(error: &h2::Error) -> Self {
        if let Some(io) = error.get_io() {
            return match io.kind() {
                // So h2 names the end of the connection.
                io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => Self::Disconnected,
                _ => from_stream(io),
            };
        }
        let blame = match (error.is_remote(), error.is_reset()) {
            (true, true) => Blame::Stream,
            (true, false) => Blame::Connection,
            (false, _) => Blame::Protocol,
        };
        Self::Http2(blame, error.reason().unwrap_or(Reason::INTERNAL_ERROR))
    }
}

/// The names of RFC 9113; the numbers that it does not know share one.
fn reason_name(reason: Reason) -> &'static str {
    match u32::from(reason) {
        0x0 => "NO_ERROR",
        0x1 => "PROTOCOL_ERROR",
        0x2 => "INTERNAL_ERROR",
        0x3 => "FLOW_CONTROL_ERROR",
        0x4 => "SETTINGS_TIMEOUT",
        0x5 => "STREAM_CLOSED",
        0x6 => "FRAME_SIZE_ERROR",
        0x7 => "REFUSED_STREAM",
        0x8 => "CANCEL",
        0x9 => "COMPRESSION_ERROR",
        0xa => "CONNECT_ERROR",
        0xb => "ENHANCE_YOUR_CALM",
        0xc => "INADEQUATE_SECURITY",
        0xd => "HTTP_1_1_REQUIRED",
        _ => "unknown reason",
    }
}

/// Errors that TLS and hyper wrap into I/O errors.
fn from_stream(error: &io::Error) -> Failure {
    if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return Failure::Tls(tls_text(tls));
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Failure::Incomplete,
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::Other => {
            Failure::Malformed("the chunks of the body are not HTTP/1.1")
        }
        _ => Failure::from(error),
    }
}

/// What TLS found wrong, without the times that rustls names: each second would be a row of its own.
pub(crate) fn tls_text(error: &rustls::Error) -> String {
    use rustls::CertificateError as Certificate;
    match error {
        rustls::Error::InvalidCertificate(Certificate::Expired | Certificate::ExpiredContext { .. }) => {
            "invalid peer certificate: expired".to_owned()
        }
        rustls::Error::InvalidCertificate(
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. },
        ) => "invalid peer certificate: not valid yet".to_owned(),
        other => other.to_string(),
    }
}

/// As Python words the operating system's errors.
fn io_text(kind: io::ErrorKind, code: Option<i32>) -> String {
    use io::ErrorKind as Kind;
    let named = match kind {
        Kind::ConnectionRefused => Some("ConnectionRefusedError(111, 'Connection refused')"),
        Kind::ConnectionReset => Some("ConnectionResetError(104, 'Connection reset by peer')"),
        Kind::ConnectionAborted => Some("ConnectionAbortedError(103, 'Software caused connection abort')"),
        Kind::BrokenPipe => Some("BrokenPipeError(32, 'Broken pipe')"),
        Kind::TimedOut => Some("TimeoutError(110, 'Connection timed out')"),
        Kind::HostUnreachable => Some("OSError(113, 'No route to host')"),
        Kind::NetworkUnreachable => Some("OSError(101, 'Network is unreachable')"),
        Kind::AddrNotAvailable => Some("OSError(99, 'Cannot assign requested address: no free local port')"),
        _ => None,
    };
    match (named, code) {
        (Some(text), _) => text.to_owned(),
        (None, Some(24)) => "OSError(24, 'Too many open files: raise the limit with ulimit -n')".to_owned(),
        (None, Some(23)) => "OSError(23, 'Too many open files in system')".to_owned(),
        (None, Some(code)) => {
            let text = io::Error::from_raw_os_error(code).to_string();
            let text = text.split(" (os error").next().unwrap_or_default().to_owned();
            format!("OSError({code}, {})", quoted(&text))
        }
        (None, None) => format!("OSError({})", quoted(&kind.to_string())),
    }
}

/// A status that fails a request, as `requests` words it; `name` stands where its text has the URL.
pub(crate) fn status_text(status: StatusCode, name: &str) -> String {
    let side = if status.is_client_error() { "Client" } else { "Server" };
    let reason = status.canonical_reason().unwrap_or("");
    format!("HTTPError('{} {side} Error: {reason} for url: {}')", status.as_u16(), name.replace('\'', "\\'"))
}

/// The same as `FastHttpUser` words it (its `raise_for_status`, Locust 2.47.0).
pub(crate) fn fast_status_text(status: StatusCode) -> String {
    format!("LocustBadStatusCode(code={})", status.as_u16())
}

/// A check or a handler that failed a request.
pub(crate) fn check_text(reason: &str) -> String {
    format!("CatchResponseError({})", quoted(reason))
}

/// Text in quotes, as Python's `repr` chooses them.
pub(crate) fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
    if escaped.contains('\'') && !escaped.contains('"') {
        format!("\"{escaped}\"")
    } else {
        format!("'{}'", escaped.replace('\'', "\\'"))
    }
}
