//! What curl sends: its data in the body or in the query, forms, and files.

use super::body::{self, FORM, JSON};
use super::draft::{Body, Draft, Request};
use super::flags::{Switch, Value};
use super::operation::Operation;
use super::{Refusal, form};
use url::Url;

/// Data of the body, or of the query with `-G`.
pub(super) const DATA: &[Value] =
    &[Value::Data, Value::DataBinary, Value::DataRaw, Value::DataUrlencode, Value::Json];

/// Adds `--url-query`, and with `-G` the data.
pub(super) fn put_query(url: &mut Url, operation: &Operation) -> Result<(), Refusal> {
    let mut pieces = Vec::new();
    if operation.has(Switch::Get) {
        for (value, text) in operation.all(DATA) {
            pieces.push(datum(value, text)?.inline("-G")?);
        }
    }
    for (_, text) in operation.all(&[Value::UrlQuery]) {
        pieces.push(match text.strip_prefix('+') {
            Some(raw) => raw.to_owned(),
            None => urlencoded(text)?,
        });
    }
    if !pieces.is_empty() {
        let query = url.query().map(str::to_owned).into_iter().filter(|query| !query.is_empty());
        let query: Vec<String> = query.chain(pieces).collect();
        url.set_query(Some(&query.join("&")));
    }
    Ok(())
}

/// Gives the request what is sent, and its type; `removed` are headers that were asked away, in small letters.
pub(super) fn put_body(
    request: &mut Request,
    operation: &Operation,
    removed: &[String],
    draft: &mut Draft,
) -> Result<(), Refusal> {
    if let Some(path) = operation.last(Value::Upload) {
        return put_upload(request, path);
    }
    let parts: Vec<_> = operation.all(&[Value::Form, Value::FormString]).collect();
    if !parts.is_empty() {
        let (body, content_type) = form::parts(&parts)?;
        request.body = body;
        request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
        request.headers.extend(content_type.map(|kind| ("Content-Type".to_owned(), kind)));
        return Ok(());
    }
    let pieces: Vec<_> =
        operation.all(DATA).map(|(value, text)| datum(value, text)).collect::<Result<_, _>>()?;
    if pieces.is_empty() || operation.has(Switch::Get) {
        return Ok(());
    }
    let is_json = operation.last(Value::Json).is_some();
    let given = request.header("content-type").map(str::to_owned);
    let usual = if is_json { JSON } else { FORM };
    let usual = if removed.iter().any(|name| name == "content-type") { "" } else { usual };
    let content_type = given.clone().unwrap_or_else(|| usual.to_owned());
    let mut needed = true;
    request.body = match <[Datum; 1]>::try_from(pieces) {
        Ok([Datum::File { path, stripped }]) => {
            if stripped {
                draft.note(format!("{path} is sent as it is; curl would take out its line breaks."));
            }
            Body::File(path)
        }
        pieces => {
            let pieces = pieces.map_or_else(|several| several, Vec::from).into_iter();
            let texts: Vec<String> = pieces.map(|piece| piece.inline("-d")).collect::<Result<_, _>>()?;
            let (body, header) = body::read(&content_type, texts.join(if is_json { "" } else { "&" }));
            needed = header;
            body
        }
    };
    match (needed, given) {
        (false, _) => request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type")),
        (true, None) if !content_type.is_empty() => {
            request.headers.push(("Content-Type".to_owned(), content_type));
        }
        _ => {}
    }
    Ok(())
}

fn put_upload(request: &mut Request, path: &str) -> Result<(), Refusal> {
    if matches!(path, "-" | ".") {
        return Err(Refusal::new("-T reads standard input", "put it into a file and name that"));
    }
    if request.url.path().ends_with('/') {
        let name = path.rsplit('/').next().unwrap_or_default();
        let whole = format!("{}{name}", request.url.path());
        request.url.set_path(&whole);
    }
    request.body = Body::File(path.to_owned());
    Ok(())
}

/// What one flag adds to the data.
enum Datum {
    Text(String),
    /// `stripped`: without its line breaks.
    File {
        path: String,
        stripped: bool,
    },
}

impl Datum {
    fn inline(self, flag: &str) -> Result<String, Refusal> {
        match self {
            Self::Text(text) => Ok(text),
            Self::File { .. } => Err(Refusal::new(
                format!("{flag} puts a file together with other data"),
                "write the content of the file, or put all data into one file",
            )),
        }
    }
}

fn datum(value: Value, text: &str) -> Result<Datum, Refusal> {
    let file = text.strip_prefix('@').filter(|_| value != Value::DataRaw && value != Value::DataUrlencode);
    match file {
        Some("-") => {
            Err(Refusal::new("the data is read from standard input", "put it into a file and name that"))
        }
        Some(path) => Ok(Datum::File { path: path.to_owned(), stripped: value == Value::Data }),
        None if value == Value::DataUrlencode => urlencoded(text).map(Datum::Text),
        None => Ok(Datum::Text(text.to_owned())),
    }
}

/// `content`, `=content` or `name=content`, percent-encoded as curl does.
fn urlencoded(text: &str) -> Result<String, Refusal> {
    let (name, content) = match text.split_once('=') {
        Some(("", content)) => (String::new(), content),
        Some((name, content)) => (format!("{name}="), content),
        None if text.contains('@') => {
            return Err(Refusal::new(
                "--data-urlencode reads a file",
                "write its content: --data-urlencode 'name=content'",
            ));
        }
        None => (String::new(), text),
    };
    let mut out = name;
    for byte in content.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            byte => out += &format!("%{byte:02X}"),
        }
    }
    Ok(out)
}
