//! Addresses as curl reads them.

use super::Refusal;
use super::draft::Auth;
use url::{Url, form_urlencoded};

/// The address that `text` means, and who the user is by it. `globoff`: brackets and braces mean themselves.
pub(super) fn address(text: &str, globoff: bool) -> Result<(Url, Option<Auth>), Refusal> {
    let text = if globoff { text.to_owned() } else { unglobbed(text)? };
    let has_scheme = text
        .split_once("://")
        .is_some_and(|(scheme, _)| !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric()));
    let whole = if has_scheme { text } else { format!("http://{text}") };
    let url = Url::parse(&whole).map_err(|error| {
        Refusal::new(format!("the address is none: {error}"), "write it as https://example.org/path")
    })?;
    plain(url).ok_or_else(|| {
        Refusal::new(
            "the address is not HTTP",
            "begin it with http:// or https://; other protocols are not spoken",
        )
    })
}

/// An address of HTTP without user name, password and fragment, and who the user is by it.
pub(super) fn plain(mut url: Url) -> Option<(Url, Option<Auth>)> {
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return None;
    }
    let auth = (!url.username().is_empty() || url.password().is_some()).then(|| {
        Auth::Basic(decoded(url.username()), Some(url.password().map_or_else(String::new, decoded)))
    });
    url.set_fragment(None);
    // These fail for addresses without a host only.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Some((url, auth))
}

/// The address without the backslashes before brackets and braces; an error where these make a pattern.
fn unglobbed(text: &str) -> Result<String, Refusal> {
    // An IPv6 address stands in brackets as well.
    let host = text.find("://").map_or(0, |at| at + 3);
    let host_end = text[host..].find(['/', '?', '#']).map_or(text.len(), |length| host + length);
    let (head, rest) = text.split_at(host_end);
    let mut out = String::from(head);
    let mut chars = rest.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.push(chars.next_if(|c| "[]{}".contains(*c)).unwrap_or(c)),
            '[' | '{' => {
                return Err(Refusal::new(
                    format!("curl takes `{c}` in an address for the begin of a pattern"),
                    "add -g if it is meant as it stands; otherwise write the addresses one by one",
                ));
            }
            c => out.push(c),
        }
    }
    Ok(out)
}

fn decoded(text: &str) -> String {
    // Of all that is decoded there, only the plus is no percent sign.
    let text = format!("{}=", text.replace('+', "%2B"));
    form_urlencoded::parse(text.as_bytes()).next().map_or_else(String::new, |(name, _)| name.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let check = |text: &str, expected: &str, auth: Option<(&str, &str)>| {
            let auth = auth.map(|(name, password)| Auth::Basic(name.to_owned(), Some(password.to_owned())));
            assert_eq!(address(text, false).unwrap(), (Url::parse(expected).unwrap(), auth), "{text}");
        };
        check("https://a.example/x?y=1#z", "https://a.example/x?y=1", None);
        check("localhost:8080/x", "http://localhost:8080/x", None);
        check("a.example/?to=http://b/", "http://a.example/?to=http://b/", None);
        check("http://u%40x:p+w%21@a.example/", "http://a.example/", Some(("u@x", "p+w!")));
        check(r"http://a.example/\[1\]?a\{b\}=\1", r"http://a.example/[1]?a{b}=\1", None);
        check("http://[::1]:80/", "http://[::1]:80/", None);
        check("http://bücher.example/ä", "http://xn--bcher-kva.example/%C3%A4", None);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let check = |text: &str, expected: &str| {
            assert_eq!(address(text, false).unwrap_err().message, expected, "{text}");
        };
        check("http://", "the address is none: empty host");
        check("ftp://a.example/", "the address is not HTTP");
        check("http://a.example/[1-3]", "curl takes `[` in an address for the begin of a pattern");
        check("http://a.example/{a,b}", "curl takes `{` in an address for the begin of a pattern");
        assert!(address("http://a.example/{a,b}", true).is_ok());
    }
}
