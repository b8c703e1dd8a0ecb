//! Keeps secrets out of every text that leaves the engine.
//!
//! A secret that is sent in a path, a form, JSON or a header may come back in a name, a failure or an exception, as
//! it is or in the form in which it travelled.

use crate::failure::quoted;
use crate::limits;
use aho_corasick::AhoCorasick;
use akrida_scenario::Scenario;
use akrida_scenario::expr::Value;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What stands for a secret.
const HIDDEN: &str = "***";

/// What RFC 3986 leaves as it is, and Python's `quote` too.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Knows all secrets of a scenario, in all forms. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    /// `None` where there are no secrets.
    forms: Option<Arc<AhoCorasick>>,
}

impl Redactor {
    /// One that knows the secrets of `scenario`.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        let secrets = scenario.classes.iter().flat_map(|class| class.secrets.iter());
        let values: BTreeSet<&str> = secrets.map(|secret| &*secret.value).collect();
        let forms: BTreeSet<String> = values.into_iter().flat_map(forms).collect();
        if forms.is_empty() {
            return Self::default();
        }
        // It fails only for more patterns than a scenario of any allowed size has; then nothing may be shown.
        let forms = AhoCorasick::new(forms).or_else(|_| AhoCorasick::new([""])).ok();
        Self { forms: forms.map(Arc::new) }
    }

    /// `text` without secrets, and no longer than [`limits::TEXT`].
    #[must_use]
    pub fn clean<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let text = &text[..text.floor_char_boundary(limits::TEXT)];
        let Some(forms) = &self.forms else { return Cow::Borrowed(text) };
        // Found in the order of their ends; those that overlap become one.
        let mut found: Vec<(usize, usize)> = Vec::new();
        for one in forms.find_overlapping_iter(text) {
            let mut start = one.start();
            while let Some((before, _)) = found.pop_if(|(_, end)| *end > start) {
                start = start.min(before);
            }
            found.push((start, one.end()));
        }
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        let (mut clean, mut rest) = (String::with_capacity(text.len()), 0);
        for (start, end) in found {
            clean.push_str(&text[rest..start]);
            clean.push_str(HIDDEN);
            rest = end;
        }
        clean.push_str(&text[rest..]);
        Cow::Owned(clean)
    }
}

/// The forms in which a secret may appear.
fn forms(secret: &str) -> BTreeSet<String> {
    let mut forms = in_addresses(secret);
    forms.insert(secret.to_owned());
    forms.extend(in_base64(secret.as_bytes()));
    // What is quoted may be quoted again, with the message around it.
    for _ in 0..2 {
        forms = forms.iter().flat_map(|form| escaped(form)).chain(forms.clone()).collect();
    }
    // Stars are no secret where stars stand for secrets.
    forms.retain(|form| form.bytes().any(|byte| byte != b'*'));
    forms
}

/// Percent-encoded, as the path, query or form of an address has it.
fn in_addresses(secret: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::from([
        url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        utf8_percent_encode(secret, UNRESERVED).to_string(),
        utf8_percent_encode(secret, UNRESERVED).to_string().replace("%2F", "/"),
    ]);
    // And as addresses that are written with it come out.
    if let Ok(mut url) = url::Url::parse("http://host/") {
        url.set_path(secret);
        forms.insert(url.path().trim_start_matches('/').to_owned());
        url.set_query(Some(secret));
        forms.extend(url.query().map(str::to_owned));
    }
    if let Ok(url) = url::Url::parse(&format!("http://host/{secret}")) {
        forms.insert(url[url::Position::AfterPort..url::Position::AfterQuery][1..].to_owned());
    }
    forms
}

/// In base64, also within something longer, such as the password of basic authorization: where it begins in the
/// middle of a group, the characters that it shares with its neighbours are left out.
fn in_base64(secret: &[u8]) -> BTreeSet<String> {
    let mut forms = BTreeSet::from([STANDARD.encode(secret)]);
    for (before, shared) in [(0, 0), (1, 2), (2, 3)] {
        let padded = [&[0; 2][..before], secret].concat();
        let whole = padded.len() * 8 / 6;
        for text in [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)] {
            // Fewer characters would be found in any text.
            forms.extend(text.get(shared..whole).filter(|form| form.len() >= 4).map(str::to_owned));
        }
    }
    let encoded = forms.iter().map(|form| utf8_percent_encode(form, UNRESERVED).to_string());
    let encoded: Vec<_> = encoded.collect();
    forms.extend(encoded);
    forms
}

/// As JSON, Python's `repr`, our error rows and Rust's debug output quote it.
fn escaped(text: &str) -> Vec<String> {
    let inner = |quoted: String, quotes: usize| quoted[quotes..quoted.len() - quotes].to_owned();
    let json = serde_json::to_string(text).map(|json| inner(json, 1)).unwrap_or_default();
    let repr =
        Value::list(vec![Value::Str(text.into())]).map(|list| inner(list.to_string(), 2)).unwrap_or_default();
    let row = inner(quoted(text), 1);
    let with_quote = |form: &str| form.replace('\'', "\\'");
    let ascii = json.chars().map(|character| {
        if character.is_ascii() {
            return character.to_string();
        }
        character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    });
    let ascii = ascii.collect();
    vec![with_quote(&text.replace('\\', "\\\\")), ascii, json, repr, row, inner(format!("{text:?}"), 1)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_scenario::model::{Secret, UserClass};
    use proptest::prelude::*;

    fn redactor(secrets: &[&str]) -> Redactor {
        let secret = |value: &&str| Secret { name: "s".into(), value: (*value).into() };
        let secrets = secrets.iter().map(secret).collect();
        let class = UserClass { secrets, ..UserClass::default() };
        Redactor::new(&Scenario { classes: vec![class], ..Scenario::default() })
    }

    fn check(secrets: &[&str], text: &str, expected: &str) {
        assert_eq!(redactor(secrets).clean(text), expected);
    }

    #[test]
    fn without_secrets_nothing_changes_but_the_length() {
        check(&[], "GET /a", "GET /a");
        check(&[""], "GET /a", "GET /a");
        let long = "é".repeat(limits::TEXT);
        assert_eq!(redactor(&[]).clean(&long).len(), limits::TEXT);
    }

    #[test]
    fn secrets_are_hidden_in_every_form() {
        let secret = "p/w +é'\"\\\n";
        let forms = [
            secret.to_owned(),
            url::Url::parse(&format!("http://host/{secret}/x")).unwrap().path().to_owned(),
            "p%2Fw+%2B%C3%A9%27%22%5C%0A".to_owned(),
            "p%2Fw%20%2B%C3%A9%27%22%5C%0A".to_owned(),
            serde_json::to_string(secret).unwrap().trim_matches('"').to_owned(),
            "p/w +\\u00e9'\\\"\\\\\\n".to_owned(),
            format!("{secret:?}"),
            format!("{:?}", format!("{secret:?}")),
            quoted(&format!("the body is not {secret:?}")),
            STANDARD.encode(secret),
            STANDARD.encode(format!("user:{secret}")),
            STANDARD.encode(format!("a user:{secret}")),
            STANDARD.encode(format!("the user:{secret} and more")),
        ];
        let redactor = redactor(&["other", secret]);
        for form in forms {
            let text = format!("GET /{form}?x=1");
            let clean = redactor.clean(&text);
            assert!(clean.contains("***") && !clean.contains('w'), "{text}: {clean}");
        }
    }

    #[test]
    fn what_overlaps_is_hidden_as_one() {
        check(&["abc", "bcd", "b"], "xabcdx b", "x***x ***");
        check(&["abc", "x"], "abcabc", "******");
        check(&["ab", "abcd"], "abcabcd", "***c***");
        check(&["*", "**"], "a*b", "a*b");
    }

    proptest! {
        #[test]
        fn no_secret_is_left(secret in "[ -~é\n]{5,12}", before in "[a-z=:]{0,5}", after in "[a-z&]{0,5}") {
            prop_assume!(!"***".contains(&secret) && !secret.contains('*'));
            let redactor = redactor(&[&secret]);
            for text in forms(&secret) {
                let text = format!("{before}{text}{after}");
                prop_assert!(!redactor.clean(&text).contains(&secret), "{text}");
            }
        }
    }
}
