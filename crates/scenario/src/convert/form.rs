//! Parts of a multipart body as curl's `-F` writes them.

use super::Refusal;
use super::body::{Part, of_parts};
use super::draft::{Body, Content};
use super::flags::Value;

/// Types that curl tells from the ends of file names.
const TYPES: [(&str, &str); 9] = [
    (".gif", "image/gif"),
    (".jpg", "image/jpeg"),
    (".jpeg", "image/jpeg"),
    (".png", "image/png"),
    (".svg", "image/svg+xml"),
    (".txt", "text/plain"),
    (".htm", "text/html"),
    (".html", "text/html"),
    (".pdf", "application/pdf"),
];

/// The body of these parts, and its type where Akrida does not send that by itself.
pub(super) fn parts(written: &[(Value, &str)]) -> Result<(Body, Option<String>), Refusal> {
    let parts = written.iter().map(|(value, text)| part(text, *value == Value::FormString));
    let parts: Vec<Part> = parts.collect::<Result<_, _>>()?;
    if let Some(texts) = only_texts(&parts) {
        let (body, content_type) = raw(&texts);
        return Ok((body, Some(content_type)));
    }
    of_parts(parts).map(|body| (body, None)).ok_or_else(|| {
        Refusal::new(
            "-F has two parts of one name, or one with a type or from a file that is not sent as a file",
            "give each a name of its own, and a file name to a part with a type: -F 'name=text;type=a/b;filename=c'",
        )
    })
}

/// Names and texts, where there are no files: a scenario's form is of another type then.
fn only_texts(parts: &[Part]) -> Option<Vec<(&str, &str)>> {
    let pairs = parts.iter().map(|part| match part {
        Part { name, content: Content::Text(text), filename: None, content_type: None } => {
            Some((name.as_str(), text.as_str()))
        }
        _ => None,
    });
    pairs.collect()
}

/// The form as it goes over the wire, and its type.
fn raw(texts: &[(&str, &str)]) -> (Body, String) {
    let mut boundary = "form-boundary".to_owned();
    while texts.iter().any(|(name, text)| name.contains(&boundary) || text.contains(&boundary)) {
        boundary.push('-');
    }
    let mut body = String::new();
    for (name, text) in texts {
        let name = name.replace('"', "%22");
        body += &format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
    }
    body += &format!("--{boundary}--\r\n");
    (Body::Text(body), format!("multipart/form-data; boundary={boundary}"))
}

fn part(text: &str, literal: bool) -> Result<Part, Refusal> {
    let Some((name, rest)) = text.split_once('=').filter(|(name, _)| !name.is_empty()) else {
        return Err(Refusal::new("-F is given no field", "write it as -F 'name=text' or -F 'name=@file'"));
    };
    let mut part = Part {
        name: name.to_owned(),
        content: Content::Text(rest.to_owned()),
        filename: None,
        content_type: None,
    };
    if literal {
        return Ok(part);
    }
    let mut segments = segments(rest).into_iter();
    let first = segments.next().unwrap_or_default();
    for segment in segments {
        match segment.trim_start().split_once('=') {
            Some(("type", kind)) => part.content_type = Some(kind.to_owned()),
            Some(("filename", filename)) => part.filename = Some(filename.to_owned()),
            Some(("headers" | "encoder", _)) => {
                return Err(Refusal::new(
                    "-F asks for headers or an encoding of a part",
                    "leave them out: a part has a name, a file name and a type",
                ));
            }
            // `;type=text/html;charset=utf-8` is one type.
            _ => {
                if let Some(kind) = &mut part.content_type {
                    *kind += &format!(";{segment}");
                }
            }
        }
    }
    let path = first.strip_prefix(['@', '<']);
    if path.is_some_and(|path| path == "-" || path.contains(',')) {
        return Err(Refusal::new(
            "-F reads standard input or several files",
            "name one file in each part: -F 'name=@file'",
        ));
    }
    if let Some(path) = first.strip_prefix('@') {
        let filename = path.rsplit('/').next().unwrap_or_default().to_owned();
        part.content_type = part.content_type.or_else(|| Some(type_of(path).to_owned()));
        part.filename = part.filename.or(Some(filename));
    }
    part.content = match path {
        Some(path) => Content::File(path.to_owned()),
        None => Content::Text(first),
    };
    Ok(part)
}

/// The pieces between semicolons; quotes around a piece keep what is in it together.
fn segments(text: &str) -> Vec<String> {
    let mut segments = vec![String::new()];
    let mut chars = text.chars().peekable();
    let (mut quoted, mut begins) = (false, true);
    while let Some(c) = chars.next() {
        let last = segments.len() - 1;
        match c {
            // Quotes count where a value begins: after `=`, `@`, `<` or at the start.
            '"' if quoted || begins => quoted = !quoted,
            '\\' if quoted => segments[last].extend(chars.next_if(|c| "\\\"".contains(*c)).or(Some(c))),
            ';' if !quoted => segments.push(String::new()),
            c => segments[last].push(c),
        }
        begins = "=@<;".contains(c);
    }
    segments
}

fn type_of(path: &str) -> &'static str {
    let path = path.to_ascii_lowercase();
    TYPES.iter().find(|(end, _)| path.ends_with(end)).map_or("application/octet-stream", |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Content {
        Content::Text(text.to_owned())
    }

    fn file(path: &str) -> Content {
        Content::File(path.to_owned())
    }

    #[test]
    fn parts_of_forms() {
        let check = |written: &str, content: Content, filename: Option<&str>, kind: Option<&str>| {
            let expected = Part {
                name: "a".to_owned(),
                content,
                filename: filename.map(str::to_owned),
                content_type: kind.map(str::to_owned),
            };
            assert_eq!(part(written, false).unwrap(), expected, "{written}");
        };
        check("a=b c", text("b c"), None, None);
        check("a=", text(""), None, None);
        check("a=\"x;y\\\"z\";type=text/plain", text("x;y\"z"), None, Some("text/plain"));
        check("a={\"x\":1};type=application/json", text("{\"x\":1}"), None, Some("application/json"));
        check("a=@d/x.png", file("d/x.png"), Some("x.png"), Some("image/png"));
        check("a=@x.bin;filename=y", file("x.bin"), Some("y"), Some("application/octet-stream"));
        check("a=<x.txt", file("x.txt"), None, None);
        check("a=@x;type=text/html; charset=utf-8", file("x"), Some("x"), Some("text/html; charset=utf-8"));
        assert_eq!(part("a=@x;y", true).unwrap().content, text("@x;y"));
    }

    #[test]
    fn what_is_no_part_is_refused() {
        for written in ["a", "=x", "a=@-", "a=@x,y", "a=x;headers=@y"] {
            assert!(part(written, false).is_err(), "{written}");
        }
        assert!(parts(&[(Value::Form, "a=@1"), (Value::Form, "a=@2")]).is_err());
    }
}
