//! curl's flags, as data: what each takes and what becomes of it.

/// One flag.
pub(super) struct Flag {
    pub(super) long: &'static str,
    pub(super) short: Option<char>,
    pub(super) act: Act,
}

/// What becomes of a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// It takes nothing.
    Switch(Switch),
    /// It takes a value.
    Value(Value),
    /// It takes a value if the second is true, changes nothing of the request, and is dropped without a word.
    Idle(bool),
    /// As [`Act::Idle`], but a person should know.
    Dropped(bool),
    /// The request would be another one without it. What to do instead.
    Refused(&'static str),
}

/// A flag that takes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Switch {
    Get,
    Globoff,
    Head,
    Http2,
    Insecure,
    Location,
    Next,
}

/// A flag that takes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Agent,
    Bearer,
    CaCertificate,
    Certificate,
    CertificateType,
    Cookie,
    Data,
    DataBinary,
    DataRaw,
    DataUrlencode,
    Form,
    FormString,
    Header,
    Json,
    Key,
    MaxRedirects,
    MaxTime,
    Proxy,
    ProxyUser,
    Range,
    Referer,
    Resolve,
    Request,
    Upload,
    Url,
    UrlQuery,
    User,
}

const fn flag(long: &'static str, short: Option<char>, act: Act) -> Flag {
    Flag { long, short, act }
}

const CREDENTIALS: &str = "Akrida speaks Basic and Bearer; send the header that the service takes with -H";
const LOCAL: &str = "leave it out: users of a load test connect in one way";
const TLS: &str = "leave it out: TLS 1.2 and 1.3 are spoken, with their usual ciphers";
const PLAIN: &str = "leave it out, or write the value where it stands";
const PEM: &str = "turn certificate and key into PEM files without a password first";

/// The flag of a long name, without its dashes.
pub(super) fn long(name: &str) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.long == name)
}

/// The flag of one letter.
pub(super) fn short(name: char) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.short == Some(name))
}

use Act::{Dropped, Idle, Refused};

static FLAGS: &[Flag] = &[
    flag("cacert", None, Act::Value(Value::CaCertificate)),
    flag("cert", Some('E'), Act::Value(Value::Certificate)),
    flag("cert-type", None, Act::Value(Value::CertificateType)),
    flag("cookie", Some('b'), Act::Value(Value::Cookie)),
    flag("data", Some('d'), Act::Value(Value::Data)),
    flag("data-ascii", None, Act::Value(Value::Data)),
    flag("data-binary", None, Act::Value(Value::DataBinary)),
    flag("data-raw", None, Act::Value(Value::DataRaw)),
    flag("data-urlencode", None, Act::Value(Value::DataUrlencode)),
    flag("form", Some('F'), Act::Value(Value::Form)),
    flag("form-string", None, Act::Value(Value::FormString)),
    flag("get", Some('G'), Act::Switch(Switch::Get)),
    flag("globoff", Some('g'), Act::Switch(Switch::Globoff)),
    flag("head", Some('I'), Act::Switch(Switch::Head)),
    flag("header", Some('H'), Act::Value(Value::Header)),
    flag("http2", None, Act::Switch(Switch::Http2)),
    flag("http2-prior-knowledge", None, Act::Switch(Switch::Http2)),
    flag("insecure", Some('k'), Act::Switch(Switch::Insecure)),
    flag("json", None, Act::Value(Value::Json)),
    flag("key", None, Act::Value(Value::Key)),
    flag("key-type", None, Act::Value(Value::CertificateType)),
    flag("location", Some('L'), Act::Switch(Switch::Location)),
    flag("location-trusted", None, Act::Switch(Switch::Location)),
    flag("max-redirs", None, Act::Value(Value::MaxRedirects)),
    flag("max-time", Some('m'), Act::Value(Value::MaxTime)),
    flag("next", Some(':'), Act::Switch(Switch::Next)),
    flag("oauth2-bearer", None, Act::Value(Value::Bearer)),
    flag("proxy", Some('x'), Act::Value(Value::Proxy)),
    flag("proxy-user", Some('U'), Act::Value(Value::ProxyUser)),
    flag("range", Some('r'), Act::Value(Value::Range)),
    flag("referer", Some('e'), Act::Value(Value::Referer)),
    flag("request", Some('X'), Act::Value(Value::Request)),
    flag("resolve", None, Act::Value(Value::Resolve)),
    flag("upload-file", Some('T'), Act::Value(Value::Upload)),
    flag("url", None, Act::Value(Value::Url)),
    flag("url-query", None, Act::Value(Value::UrlQuery)),
    flag("user", Some('u'), Act::Value(Value::User)),
    flag("user-agent", Some('A'), Act::Value(Value::Agent)),
    // What is shown, written to disk, or done by Akrida anyway.
    flag("append", Some('a'), Idle(false)),
    flag("basic", None, Idle(false)),
    flag("clobber", None, Idle(false)),
    flag("compressed", None, Idle(false)),
    flag("cookie-jar", Some('c'), Idle(true)),
    flag("create-dirs", None, Idle(false)),
    flag("disable", Some('q'), Idle(false)),
    flag("dump-header", Some('D'), Idle(true)),
    flag("fail", Some('f'), Idle(false)),
    flag("fail-early", None, Idle(false)),
    flag("fail-with-body", None, Idle(false)),
    flag("http1.1", None, Idle(false)),
    flag("include", Some('i'), Idle(false)),
    flag("junk-session-cookies", Some('j'), Idle(false)),
    flag("keepalive", None, Idle(false)),
    flag("keepalive-time", None, Idle(true)),
    flag("libcurl", None, Idle(true)),
    flag("no-buffer", Some('N'), Idle(false)),
    flag("output", Some('o'), Idle(true)),
    flag("output-dir", None, Idle(true)),
    flag("progress-bar", Some('#'), Idle(false)),
    flag("progress-meter", None, Idle(false)),
    flag("proxy-basic", None, Idle(false)),
    flag("remote-header-name", Some('J'), Idle(false)),
    flag("remote-name", Some('O'), Idle(false)),
    flag("remote-name-all", None, Idle(false)),
    flag("remote-time", Some('R'), Idle(false)),
    flag("remove-on-error", None, Idle(false)),
    flag("show-error", Some('S'), Idle(false)),
    flag("silent", Some('s'), Idle(false)),
    flag("stderr", None, Idle(true)),
    flag("styled-output", None, Idle(false)),
    flag("tcp-nodelay", None, Idle(false)),
    flag("trace", None, Idle(true)),
    flag("trace-ascii", None, Idle(true)),
    flag("trace-time", None, Idle(false)),
    flag("verbose", Some('v'), Idle(false)),
    flag("write-out", Some('w'), Idle(true)),
    flag("xattr", None, Idle(false)),
    // What has a meaning for one transfer, and none for a load test.
    flag("connect-timeout", None, Dropped(true)),
    flag("expect100-timeout", None, Dropped(true)),
    flag("happy-eyeballs-timeout-ms", None, Dropped(true)),
    flag("ipv4", Some('4'), Dropped(false)),
    flag("ipv6", Some('6'), Dropped(false)),
    flag("limit-rate", None, Dropped(true)),
    flag("max-filesize", None, Dropped(true)),
    flag("no-keepalive", None, Dropped(false)),
    flag("parallel", Some('Z'), Dropped(false)),
    flag("parallel-immediate", None, Dropped(false)),
    flag("parallel-max", None, Dropped(true)),
    flag("proto", None, Dropped(true)),
    flag("proto-redir", None, Dropped(true)),
    flag("rate", None, Dropped(true)),
    flag("retry", None, Dropped(true)),
    flag("retry-all-errors", None, Dropped(false)),
    flag("retry-connrefused", None, Dropped(false)),
    flag("retry-delay", None, Dropped(true)),
    flag("retry-max-time", None, Dropped(true)),
    flag("speed-limit", Some('Y'), Dropped(true)),
    flag("speed-time", Some('y'), Dropped(true)),
    flag("ssl-reqd", None, Dropped(false)),
    flag("tcp-fastopen", None, Dropped(false)),
    flag("tlsv1", Some('1'), Dropped(false)),
    flag("tlsv1.2", None, Dropped(false)),
    flag("tlsv1.3", None, Dropped(false)),
    // What another request would come of.
    flag("anyauth", None, Refused(CREDENTIALS)),
    flag("aws-sigv4", None, Refused(CREDENTIALS)),
    flag("capath", None, Refused("name one file of certificates with --cacert")),
    flag("ciphers", None, Refused(TLS)),
    flag("config", Some('K'), Refused("write what is in the file on the command line")),
    flag(
        "connect-to",
        None,
        Refused("write the address into the URL, and the name as a header: -H 'Host: NAME'"),
    ),
    flag("continue-at", Some('C'), Refused("ask for the range with -r")),
    flag("digest", None, Refused(CREDENTIALS)),
    flag("doh-url", None, Refused("fix the address with --resolve")),
    flag("http0.9", None, Refused("leave it out: HTTP/1.1 and HTTP/2 are spoken")),
    flag("http1.0", Some('0'), Refused("leave it out: HTTP/1.1 and HTTP/2 are spoken")),
    flag("http3", None, Refused("write --http2")),
    flag("http3-only", None, Refused("write --http2")),
    flag("interface", None, Refused(LOCAL)),
    flag("local-port", None, Refused(LOCAL)),
    flag("negotiate", None, Refused(CREDENTIALS)),
    flag(
        "netrc",
        Some('n'),
        Refused("write user name and password with -u; the password is kept out of the file"),
    ),
    flag(
        "netrc-file",
        None,
        Refused("write user name and password with -u; the password is kept out of the file"),
    ),
    flag("noproxy", None, Refused("leave out the proxy as well where none is wanted")),
    flag("ntlm", None, Refused(CREDENTIALS)),
    flag("pass", None, Refused(PEM)),
    flag("path-as-is", None, Refused("leave it out: `..` in paths is resolved")),
    flag("preproxy", None, Refused("name one HTTP proxy with -x")),
    flag("request-target", None, Refused("write the path into the URL")),
    flag("socks4", None, Refused("name an HTTP proxy with -x")),
    flag("socks4a", None, Refused("name an HTTP proxy with -x")),
    flag("socks5", None, Refused("name an HTTP proxy with -x")),
    flag("socks5-hostname", None, Refused("name an HTTP proxy with -x")),
    flag("time-cond", Some('z'), Refused("send the header: -H 'If-Modified-Since: ...'")),
    flag("tls-max", None, Refused(TLS)),
    flag("tls13-ciphers", None, Refused(TLS)),
    flag("tr-encoding", None, Refused(PLAIN)),
    flag("unix-socket", None, Refused("name a host and a port")),
    flag("variable", None, Refused(PLAIN)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_flag_stands_once() {
        for (place, flag) in FLAGS.iter().enumerate() {
            assert!(std::ptr::eq(long(flag.long).unwrap(), flag), "{}", flag.long);
            if let Some(letter) = flag.short {
                assert!(std::ptr::eq(short(letter).unwrap(), &FLAGS[place]), "{letter}");
            }
        }
    }
}
