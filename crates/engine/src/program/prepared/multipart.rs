//! Forms with files: `multipart/form-data` (RFC 7578), as browsers write it.

use super::body::is_known_content;
use akrida_scenario::expr::{EvalError, Frame};
use akrida_scenario::model::{Content, Field};
use http::HeaderValue;
use std::borrow::Cow;

/// Whether a field is the same each time.
pub(super) fn is_known(field: &Field) -> bool {
    super::is_known(&field.name)
        && field.filename.as_ref().is_none_or(super::is_known)
        && is_known_content(&field.content)
}

/// The body and its type, which holds the boundary.
pub(super) fn write(fields: &[Field], frame: &mut Frame<'_>) -> Result<(Vec<u8>, HeaderValue), EvalError> {
    // 128 random bits stand in no file by chance.
    let boundary = format!("akrida-{:032x}", frame.rng.u128(..));
    let mut body = Vec::new();
    for field in fields {
        body.extend_from_slice(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"").as_bytes());
        body.extend_from_slice(quoted(&field.name.render(frame)?).as_bytes());
        if let Some(filename) = &field.filename {
            body.extend_from_slice(b"\"; filename=\"");
            body.extend_from_slice(quoted(&filename.render(frame)?).as_bytes());
        }
        body.extend_from_slice(b"\"\r\n");
        if let Some(content_type) = &field.content_type {
            body.extend_from_slice(format!("Content-Type: {content_type}\r\n").as_bytes());
        }
        body.extend_from_slice(b"\r\n");
        match &field.content {
            Content::Text(text) => body.extend_from_slice(text.render(frame)?.as_bytes()),
            Content::Bytes(bytes) => body.extend_from_slice(bytes),
        }
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let content_type = HeaderValue::try_from(format!("multipart/form-data; boundary={boundary}"))
        .map_err(|_| EvalError("InvalidHeader('the boundary of a form')".to_owned()))?;
    Ok((body, content_type))
}

/// A name between quotes, by the rule of the HTML standard, which `requests` follows too.
fn quoted(name: &str) -> Cow<'_, str> {
    if !name.contains(['"', '\r', '\n']) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_scenario::model::Template;

    fn text(text: &str) -> Template {
        Template::Fixed(text.into())
    }

    #[test]
    fn fields_and_files() {
        let fields = [
            Field {
                name: text("na\"me"),
                filename: None,
                content_type: None,
                content: Content::Text(text("a b")),
            },
            Field {
                name: text("photo"),
                filename: Some(text("größe \"1\"\r\n.png")),
                content_type: Some("image/png".into()),
                content: Content::Bytes([0x89, b'P', 0xff].into()),
            },
        ];
        let mut rng = fastrand::Rng::with_seed(1);
        let (body, content_type) = write(&fields, &mut Frame::bare(&mut rng)).unwrap();
        let boundary = content_type.to_str().unwrap().strip_prefix("multipart/form-data; boundary=").unwrap();
        let mut expected = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"na%22me\"\r\n\r\na b\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"photo\"; \
             filename=\"größe %221%22%0D%0A.png\"\r\nContent-Type: image/png\r\n\r\n"
        )
        .into_bytes();
        expected.extend_from_slice(&[0x89, b'P', 0xff]);
        expected.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        assert_eq!(body, expected);
        let next = write(&fields, &mut Frame::bare(&mut rng)).unwrap().1;
        assert_ne!(next, content_type);
    }
}
