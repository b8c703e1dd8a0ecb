//! Curl commands as a [`Draft`]: each address becomes a request with what curl would send.

use super::address::address;
use super::body::JSON;
use super::data::{DATA, put_body, put_query};
use super::draft::{Auth, Body, Content, Draft, Network, Proxy, Request, Step};
use super::flags::{Switch, Value};
use super::headers::{self, LeftOut};
use super::operation::{self, Operation};
use super::{Refusal, shell};
use crate::duration::from_seconds;
use crate::limits::{NAMES, REDIRECTS};
use std::time::Duration;

/// The requests of all commands in `text`.
pub(super) fn read(text: &str) -> Result<Draft, Refusal> {
    let commands = shell::commands(text)?;
    let mut draft = Draft::default();
    let mut left_out = LeftOut::default();
    let mut network: Option<Network> = None;
    for (number, command) in commands.iter().enumerate() {
        let place = |refusal: Refusal| match commands.len() {
            1 => refusal,
            _ => Refusal { message: format!("command {}: {}", number + 1, refusal.message), ..refusal },
        };
        if command.redirected {
            draft.note("Left out: what the shell does with the answer.");
        }
        for operation in operation::read(command).map_err(place)? {
            let own = self::network(&operation).map_err(place)?;
            if network.get_or_insert_with(|| own.clone()) != &own {
                return Err(place(Refusal::new(
                    "the commands ask for different connections (proxy, certificates, addresses or HTTP version)",
                    "convert them one by one, and give each a user class of its own",
                )));
            }
            requests(&operation, &mut draft, &mut left_out).map_err(place)?;
        }
    }
    if draft.steps.is_empty() {
        return Err(Refusal::new(
            "there is no address in it",
            "write a command such as `curl https://example.org/`",
        ));
    }
    draft.network = network.unwrap_or_default();
    if names_files(&draft) {
        draft.note("The paths of files count from the folder of the scenario.");
    }
    if let Some(note) = left_out.note() {
        draft.note(note);
    }
    Ok(draft)
}

fn names_files(draft: &Draft) -> bool {
    let Network { ca, certificate, .. } = &draft.network;
    let sent = |body: &Body| match body {
        Body::File(_) => true,
        Body::Multipart(_, files) => files.iter().any(|file| matches!(file.content, Content::File(_))),
        _ => false,
    };
    ca.is_some() || certificate.is_some() || draft.requests().iter().any(|request| sent(&request.body))
}

fn network(operation: &Operation) -> Result<Network, Refusal> {
    let certificate = operation.last(Value::Certificate);
    if let Some(kind) =
        operation.last(Value::CertificateType).filter(|kind| !kind.eq_ignore_ascii_case("pem"))
    {
        return Err(Refusal::new(
            format!("certificates of the type {kind} are not read"),
            "turn certificate and key into PEM files",
        ));
    }
    if certificate.is_some_and(|name| name.contains(':')) {
        return Err(Refusal::new(
            "--cert has a password behind its colon",
            "turn the key into a PEM file without a password",
        ));
    }
    let mut addresses: Vec<(String, Vec<String>)> = Vec::new();
    for (_, text) in operation.all(&[Value::Resolve]) {
        let (name, found) = resolve(text)?;
        addresses.retain(|(known, _)| *known != name);
        addresses.push((name, found));
    }
    Ok(Network {
        http2: operation.has(Switch::Http2),
        proxy: operation.last(Value::Proxy).map(|text| proxy(text, operation)).transpose()?,
        insecure: operation.has(Switch::Insecure),
        ca: operation.last(Value::CaCertificate).map(str::to_owned),
        certificate: certificate.map(str::to_owned),
        // curl looks for the key beside the certificate.
        key: operation.last(Value::Key).or(certificate).map(str::to_owned),
        addresses,
    })
}

/// `[+]HOST:PORT:ADDRESS[,ADDRESS]`
fn resolve(text: &str) -> Result<(String, Vec<String>), Refusal> {
    let mut parts = text.trim_start_matches('+').splitn(3, ':');
    if let (Some(name), Some(_), Some(addresses)) = (parts.next(), parts.next(), parts.next())
        && !name.is_empty()
        && !name.starts_with(['*', '-'])
    {
        let addresses = addresses.split(',').map(|address| address.trim_matches(['[', ']']).to_owned());
        return Ok((name.to_owned(), addresses.collect()));
    }
    Err(Refusal::new("--resolve is not read", "write it as --resolve example.org:443:127.0.0.1"))
}

/// `[http://][USER:PASSWORD@]HOST[:PORT]`
fn proxy(text: &str, operation: &Operation) -> Result<Proxy, Refusal> {
    let rest = match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
        Some((scheme, _)) => {
            return Err(Refusal::new(
                format!("{scheme} proxies are not spoken to"),
                "name an HTTP proxy with -x",
            ));
        }
        None => text,
    };
    let (credentials, host) = rest.rsplit_once('@').map_or((None, rest), |(who, host)| (Some(who), host));
    let host = host.trim_end_matches('/');
    let has_port =
        host.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let credentials = operation.last(Value::ProxyUser).or(credentials).map(|who| {
        let (name, password) = who.split_once(':').unwrap_or((who, ""));
        (name.to_owned(), password.to_owned())
    });
    // As in curl.
    Ok(Proxy { authority: if has_port { host.to_owned() } else { format!("{host}:1080") }, credentials })
}

fn requests(operation: &Operation, draft: &mut Draft, left_out: &mut LeftOut) -> Result<(), Refusal> {
    let mut urls = operation.all(&[Value::Url]).map(|(_, text)| text).peekable();
    if urls.peek().is_none() {
        return Err(Refusal::new("curl is given no address", "add the address of the request"));
    }
    if !operation.dropped.is_empty() {
        draft.note(format!(
            "Left out, since a load test has no use for it: {}.",
            operation.dropped.join(", ")
        ));
    }
    for text in urls {
        if draft.steps.len() == NAMES {
            return Err(Refusal::new(
                format!("there are more than {NAMES} requests"),
                "convert fewer at a time",
            ));
        }
        let request = request(operation, text, draft, left_out)?;
        draft.steps.push(Step::Request(Box::new(request)));
    }
    Ok(())
}

fn request(
    operation: &Operation,
    url: &str,
    draft: &mut Draft,
    left_out: &mut LeftOut,
) -> Result<Request, Refusal> {
    let (url, mut auth) = address(url, operation.has(Switch::Globoff))?;
    let mut request = Request::new("GET", url);
    if let Some(user) = operation.last(Value::User) {
        let (name, password) =
            user.split_once(':').map_or((user, None), |(name, password)| (name, Some(password)));
        auth = Some(Auth::Basic(name.to_owned(), password.map(str::to_owned)));
    }
    if let Some(token) = operation.last(Value::Bearer) {
        auth = Some(Auth::Bearer(token.to_owned()));
    }
    put_query(&mut request.url, operation)?;
    let removed = put_headers(&mut request, operation, draft, left_out)?;
    // A header that says who the user is wins, as in curl.
    if request.auth.is_none() && request.header("authorization").is_none() {
        request.auth = auth;
    }
    request.method = method(operation)?;
    put_body(&mut request, operation, &removed, draft)?;
    request.timeout = timeout(operation)?;
    request.redirects = redirects(operation)?;
    Ok(request)
}

fn method(operation: &Operation) -> Result<String, Refusal> {
    let has = |values| operation.all(values).next().is_some();
    let method = match operation.last(Value::Request) {
        Some(method) => method,
        None if operation.has(Switch::Head) => "HEAD",
        None if has(&[Value::Upload]) => "PUT",
        None if has(&[Value::Form, Value::FormString]) => "POST",
        None if has(DATA) && !operation.has(Switch::Get) => "POST",
        None => "GET",
    };
    let is_capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "_-".contains(c);
    if method.starts_with(|c: char| c.is_ascii_uppercase()) && method.chars().all(is_capital) {
        return Ok(method.to_owned());
    }
    Err(Refusal::new("-X names no HTTP method", "write it in capitals, such as -X DELETE"))
}

fn timeout(operation: &Operation) -> Result<Option<Duration>, Refusal> {
    let Some(text) = operation.last(Value::MaxTime) else { return Ok(None) };
    let time = text.parse().ok().and_then(|seconds| from_seconds(seconds).ok());
    // No time at all is no limit.
    time.map(|time| Some(time).filter(|time| !time.is_zero()))
        .ok_or_else(|| Refusal::new("-m is given no time", "write a number of seconds, such as -m 5"))
}

fn redirects(operation: &Operation) -> Result<Option<u8>, Refusal> {
    if !operation.has(Switch::Location) {
        return Ok(Some(0));
    }
    let Some(text) = operation.last(Value::MaxRedirects) else { return Ok(None) };
    let count: i64 = text
        .parse()
        .map_err(|_| Refusal::new("--max-redirs is given no number", "write one, such as --max-redirs 5"))?;
    // Below 0 there is no limit.
    Ok(Some(u8::try_from(count).map_or(REDIRECTS, |count| count.min(REDIRECTS))))
}

/// Whether a browser wrote the command: no person types the headers in which it tells of itself.
fn is_from_browser(operation: &Operation) -> bool {
    let mut headers = operation.all(&[Value::Header]).map(|(_, text)| text.to_ascii_lowercase());
    headers.any(|header| header.starts_with("sec-fetch-") || header.starts_with("sec-ch-ua"))
}

/// Gives the request its headers; says which of curl's own were asked away, in small letters.
fn put_headers(
    request: &mut Request,
    operation: &Operation,
    draft: &mut Draft,
    left_out: &mut LeftOut,
) -> Result<Vec<String>, Refusal> {
    let browser = is_from_browser(operation);
    let mut removed = Vec::new();
    for (_, text) in operation.all(&[Value::Header]) {
        if let Some((name, value)) = text.split_once(':') {
            if value.trim().is_empty() {
                removed.push(name.trim().to_ascii_lowercase());
            } else {
                headers::put(request, name.trim(), value, browser, left_out);
            }
        } else if let Some(name) = text.strip_suffix(';') {
            request.headers.push((name.trim().to_owned(), String::new()));
        } else {
            return Err(Refusal::new(
                "-H is given no header",
                "write it as -H 'Name: value'; of a file of headers, write each",
            ));
        }
    }
    if !removed.is_empty() {
        draft.note(format!("Without a counterpart: taking away the headers {}.", removed.join(", ")));
    }
    let mut put = |name: &str, value: &str| {
        if request.header(name).is_none() && !value.is_empty() {
            headers::put(request, name, value, false, left_out);
        }
    };
    if let Some(agent) = operation.last(Value::Agent) {
        put("User-Agent", agent);
    }
    if let Some(referer) = operation.last(Value::Referer) {
        put("Referer", referer.trim_end_matches(";auto"));
    }
    if let Some(range) = operation.last(Value::Range) {
        put("Range", &format!("bytes={range}"));
    }
    if operation.last(Value::Json).is_some() {
        put("Accept", JSON);
    }
    for (_, cookie) in operation.all(&[Value::Cookie]).filter(|(_, cookie)| !cookie.is_empty()) {
        if !cookie.contains('=') {
            return Err(Refusal::new(
                "-b names a file of cookies, which is not read",
                "write the cookies: -b 'name=value; other=value'",
            ));
        }
        headers::put(request, "Cookie", cookie, false, left_out);
    }
    Ok(removed)
}
