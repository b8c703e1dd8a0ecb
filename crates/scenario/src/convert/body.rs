//! What a body is, by its type and its text.

use super::draft::{Body, Content, Upload};
use super::write::has_twice;
use serde_json::Value as Json;
use url::form_urlencoded;

/// The type of a body that curl's `-d` and a browser's form send.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// The type of JSON.
pub(super) const JSON: &str = "application/json";

/// Deepest JSON that is written out; a scenario nests no deeper than [`crate::limits::DEPTH`] in all.
const JSON_DEPTH: usize = 40;

/// Longest key that YAML takes without further signs, characters.
const KEY: usize = 200;

/// Whole numbers beyond this are not exact where JSON has one kind of number only.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// What `text` is, sent as `content_type`, and whether that header is still needed beside it.
pub(super) fn read(content_type: &str, text: String) -> (Body, bool) {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let read = match essence.as_str() {
        FORM => form(&text)
            .map(Body::Form)
            .or_else(|| json(&text).filter(|found| !found.is_string()).map(Body::Json)),
        "multipart/form-data" => multipart(content_type, &text),
        kind if kind == JSON || kind.ends_with("+json") => json(&text).map(Body::Json),
        _ => None,
    };
    let body = read.unwrap_or(Body::Text(text));
    // What Akrida sends by itself with such a body.
    let implied = match &body {
        Body::Json(_) => content_type == JSON,
        Body::Form(_) => content_type == FORM,
        Body::Multipart(..) => true,
        _ => false,
    };
    (body, !implied)
}

/// The fields of a form; `None` where a mapping could not give them back.
fn form(text: &str) -> Option<Vec<(String, String)>> {
    let pieces = || text.split('&');
    let is_pair = |piece: &str| {
        let decoded = form_urlencoded::parse(piece.as_bytes()).next();
        // Bytes that are not UTF-8 come back as replacement characters.
        piece.find('=').is_some_and(|at| at > 0)
            && decoded.is_some_and(|(name, value)| !format!("{name}{value}").contains('\u{fffd}'))
    };
    let looks_like_json = text.trim_start().starts_with(['{', '[']);
    if looks_like_json || !pieces().all(is_pair) {
        return None;
    }
    let pairs: Vec<(String, String)> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    if has_twice(pairs.iter().map(|(name, _)| name)) || !pairs.iter().all(|(name, _)| is_key(name)) {
        return None;
    }
    Some(pairs)
}

/// The value of JSON; `None` where YAML could not give it back exactly.
fn json(text: &str) -> Option<Json> {
    let json: Json = serde_json::from_str(text).ok()?;
    // Of a name that stands there twice only one was kept, and the parser may miss the last bit of a number.
    let same = signs(text) == signs(&json.to_string());
    (same && is_writable(&json, 0)).then_some(json)
}

fn is_writable(json: &Json, depth: usize) -> bool {
    depth <= JSON_DEPTH
        && match json {
            Json::Number(number) => {
                number.is_i64() || number.as_f64().is_some_and(|number| number.abs() < EXACT)
            }
            Json::Array(items) => items.iter().all(|item| is_writable(item, depth + 1)),
            Json::Object(entries) => {
                entries.iter().all(|(name, value)| is_key(name) && is_writable(value, depth + 1))
            }
            _ => true,
        }
}

/// How many colons stand outside of the texts of JSON, and which numbers.
fn signs(json: &str) -> (usize, Vec<f64>) {
    let (mut colons, mut numbers) = (0, Vec::new());
    let mut rest = json;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '"' => 1 + text_length(&rest[1..]),
            '-' | '0'..='9' => {
                let end =
                    rest.find(|c: char| !c.is_ascii_digit() && !"+-.eE".contains(c)).unwrap_or(rest.len());
                numbers.extend(rest[..end].parse::<f64>());
                end
            }
            c => {
                colons += usize::from(c == ':');
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    (colons, numbers)
}

/// The length of a text of JSON with the quote that ends it.
fn text_length(rest: &str) -> usize {
    let mut escaped = false;
    let end = rest.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.map_or(rest.len(), |end| end + 1)
}

fn is_key(name: &str) -> bool {
    name.chars().count() <= KEY
}

/// The parts of a multipart body; `None` where it is none, or a scenario could not give it back.
fn multipart(content_type: &str, text: &str) -> Option<Body> {
    let boundary = parameter(content_type, "boundary").filter(|boundary| !boundary.is_empty())?;
    let text = format!("\r\n{text}");
    let delimiter = format!("\r\n--{boundary}");
    let mut pieces = text.split(delimiter.as_str());
    pieces.next().filter(|before| before.is_empty())?;
    let mut parts = Vec::new();
    loop {
        let piece = pieces.next()?;
        if piece.starts_with("--") {
            break;
        }
        parts.push(part(piece.strip_prefix("\r\n")?)?);
    }
    pieces.next().is_none().then_some(())?;
    of_parts(parts)
}

/// A part of a multipart body, as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) content: Content,
    pub(super) filename: Option<String>,
    pub(super) content_type: Option<String>,
}

/// The body of these parts; `None` where a scenario has none such: parts are texts or files, some are files, and no
/// name stands twice.
pub(super) fn of_parts(parts: Vec<Part>) -> Option<Body> {
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    for Part { name, content, filename, content_type } in parts {
        match (filename, content_type, content) {
            (Some(filename), content_type, content) => {
                files.push(Upload { name, content, filename, content_type });
            }
            (None, None, Content::Text(text)) => fields.push((name, text)),
            _ => return None,
        }
    }
    let twice =
        has_twice(fields.iter().map(|(name, _)| name)) || has_twice(files.iter().map(|file| &file.name));
    (!twice && !files.is_empty()).then_some(Body::Multipart(fields, files))
}

fn part(piece: &str) -> Option<Part> {
    let (head, content) = piece.split_once("\r\n\r\n")?;
    let mut part = Part {
        name: String::new(),
        content: Content::Text(content.to_owned()),
        filename: None,
        content_type: None,
    };
    for line in head.split("\r\n") {
        let (name, value) = line.split_once(':')?;
        match name.to_ascii_lowercase().as_str() {
            "content-disposition" => {
                part.name = parameter(value, "name")?;
                part.filename = parameter(value, "filename");
            }
            "content-type" => part.content_type = Some(value.trim().to_owned()),
            _ => return None,
        }
    }
    Some(part).filter(|part| !part.name.is_empty() && is_key(&part.name))
}

/// A parameter of a header such as `form-data; name="a"`, without its quotes.
pub(super) fn parameter(header: &str, name: &str) -> Option<String> {
    let mut rest = header;
    while let Some(at) = rest.find(';') {
        rest = rest[at + 1..].trim_start();
        let (found, after) = rest.split_once('=')?;
        let quoted = after.strip_prefix('"').map(|inside| inside.split_once('"').unwrap_or((inside, "")));
        let (value, after) = quoted.unwrap_or_else(|| after.split_at(after.find(';').unwrap_or(after.len())));
        if found.trim().eq_ignore_ascii_case(name) {
            // As browsers escape what would end the text.
            return Some(value.trim().replace("%22", "\""));
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(content_type: &str, text: &str, expected: &Body, needs_header: bool) {
        assert_eq!(read(content_type, text.to_owned()), (expected.clone(), needs_header), "{text}");
    }

    fn raw(text: &str) -> Body {
        Body::Text(text.to_owned())
    }

    fn pairs(pairs: &[(&str, &str)]) -> Body {
        Body::Form(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn json_bodies() {
        let object = Body::Json(json!({ "a": [1, -2.5, "x:\"y", null] }));
        let text = r#"{"a": [1, -2.5, "x:\"y", null]}"#;
        check(JSON, text, &object, false);
        check("application/json; charset=utf-8", text, &object, true);
        check("application/vnd.api+json", text, &object, true);
        check(FORM, text, &object, true);
        check("text/plain", text, &raw(text), true);
        check(JSON, "5", &Body::Json(json!(5)), false);
        let deep = format!("{}{}", "[".repeat(50), "]".repeat(50));
        for text in [
            r#"{"a":1,"a":2}"#,
            "18446744073709551615",
            "123456789012345678901234567890",
            "{",
            "",
            &deep,
            "{{ mustache }}",
        ] {
            check(JSON, text, &raw(text), true);
        }
    }

    #[test]
    fn forms() {
        check(FORM, "a=1&b=x+y%26&c=", &pairs(&[("a", "1"), ("b", "x y&"), ("c", "")]), false);
        check(FORM, "a=b=c", &pairs(&[("a", "b=c")]), false);
        for text in ["hello", "a=1&a=2", "a=%ff", "=1", "a=1&", "a=1&b", "", "{a=1}"] {
            check(FORM, text, &raw(text), true);
        }
    }

    #[test]
    fn multipart_bodies() {
        let kind = "multipart/form-data; boundary=----X1";
        let text = "------X1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\ntwo\r\n------X1\r\n\
                    Content-Disposition: form-data; name=\"f\"; filename=\"x; y.txt\"\r\n\
                    Content-Type: text/plain\r\n\r\nhi\r\n------X1--\r\n";
        let fields = vec![("a".to_owned(), "one\r\ntwo".to_owned())];
        let file = Upload {
            name: "f".to_owned(),
            content: Content::Text("hi".to_owned()),
            filename: "x; y.txt".to_owned(),
            content_type: Some("text/plain".to_owned()),
        };
        check(kind, text, &Body::Multipart(fields, vec![file]), false);
        for text in [
            "",
            "x",
            "------X1--",
            "------X1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none",
            "------X1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nno file\r\n------X1--",
            "------X1\r\nX-Other: 1\r\n\r\none\r\n------X1--",
        ] {
            check(kind, text, &raw(text), true);
        }
        check("multipart/form-data", text, &raw(text), true);
    }

    #[test]
    fn parameters() {
        assert_eq!(parameter("a/b; x=1; Boundary=\"q;r\"; y", "boundary").as_deref(), Some("q;r"));
        assert_eq!(parameter("a/b; x=\"1", "x").as_deref(), Some("1"));
        assert_eq!(parameter("a/b", "x"), None);
        assert_eq!(parameter("a/b; x", "x"), None);
    }
}
