//! Keeps tokens, passwords and cookies out of the scenario, and braces in text from being expressions.

use crate::model::Template;

/// Ends of names of headers and fields whose values are secret, in small letters and without punctuation.
const SECRET_ENDS: [&str; 15] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "authkey",
    "secretkey",
    "subscriptionkey",
    "credential",
    "credentials",
    "authorization",
    "sessionid",
];

/// Shorter secrets are not looked for in other texts, where they may mean something else; bytes.
const FOUND_ANYWHERE: usize = 8;

/// Most values of one name. Beyond it a server hands out a new one each time, and nobody sets that many.
const VALUES: usize = 5;

/// Most secrets of a scenario.
const SECRETS: usize = 100;

/// The secrets of a scenario, and how texts are written that may hold some.
#[derive(Clone, Debug, Default)]
pub(super) struct Secrets {
    /// Name and value; no value for one that was not told.
    known: Vec<(String, Option<String>)>,
    /// Names that stand for further values as well, because there are too many.
    shared: Vec<String>,
}

impl Secrets {
    /// Names, by order of their first use.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(|(name, _)| name.as_str())
    }

    /// Those that stand for several values.
    pub(super) fn shared(&self) -> &[String] {
        &self.shared
    }

    /// The expression for a secret value, which `what` calls best.
    pub(super) fn secret(&mut self, what: &str, value: &str) -> String {
        if value.is_empty() {
            return String::new();
        }
        let found = self.known.iter().find(|(_, known)| known.as_deref() == Some(value));
        let name = match found {
            Some((name, _)) => name.clone(),
            None => self.add(what, Some(value.to_owned())),
        };
        expression(&name)
    }

    /// The expression for a secret whose value was not told.
    pub(super) fn untold(&mut self, what: &str) -> String {
        let name = name_of(what);
        if !self.known.iter().any(|known| *known == (name.clone(), None)) {
            self.add(what, None);
        }
        expression(&name)
    }

    fn add(&mut self, what: &str, value: Option<String>) -> String {
        let base = name_of(what);
        let free = std::iter::once(base.clone()).chain((2..=VALUES).map(|number| format!("{base}_{number}")));
        let free = free.into_iter().find(|name| self.names().all(|known| known != name));
        if let Some(name) = free.filter(|_| self.known.len() < SECRETS) {
            self.known.push((name.clone(), value));
            return name;
        }
        let shared = self.names().find(|known| *known == base).or_else(|| self.names().next());
        let shared = shared.unwrap_or_default().to_owned();
        if !self.shared.contains(&shared) {
            self.shared.push(shared.clone());
        }
        shared
    }

    /// The value of a field or header: a secret where the name says so.
    pub(super) fn value(&mut self, name: &str, value: &str) -> String {
        if is_secret(name) { self.secret(name, value) } else { self.text(value) }
    }

    /// Text as a scenario has it: secrets that it holds become expressions, and braces stay braces.
    pub(super) fn text(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((at, name, length)) = self.first_in(rest) {
            literal(&mut out, &rest[..at], true);
            out.push_str(&expression(name));
            rest = &rest[at + length..];
        }
        literal(&mut out, rest, false);
        out
    }

    /// Where the first secret stands in `text`, its name and its length; of several there the longest.
    fn first_in(&self, text: &str) -> Option<(usize, &str, usize)> {
        let found = self.known.iter().filter_map(|(name, value)| {
            let value = value.as_deref().filter(|value| value.len() >= FOUND_ANYWHERE)?;
            Some((text.find(value)?, name.as_str(), value.len()))
        });
        found.min_by_key(|(at, _, length)| (*at, std::cmp::Reverse(*length)))
    }
}

/// Whether what goes by this name is nobody's business.
pub(super) fn is_secret(name: &str) -> bool {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    plain == "cookie" || SECRET_ENDS.iter().any(|end| plain.ends_with(end))
}

/// Whether a word of `text` is such a name.
pub(super) fn speaks_of_secrets(text: &str) -> bool {
    let mut words = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')));
    words.any(is_secret)
}

fn expression(name: &str) -> String {
    format!("{{{{ {name} }}}}")
}

/// Text in which braces stay braces.
pub(super) fn escaped(text: &str) -> String {
    text.replace("{{", &expression("\"{{\""))
}

/// Text without expressions, for a place before one or not.
fn literal(out: &mut String, text: &str, before_expression: bool) {
    let text = escaped(text);
    match text.strip_suffix('{').filter(|_| before_expression) {
        // It would join the braces of the expression.
        Some(text) => {
            out.push_str(text);
            out.push_str(&expression("\"{\""));
        }
        None => out.push_str(&text),
    }
}

/// `X-Api-Key` as `x_api_key`: a name that no expression understands otherwise.
fn name_of(what: &str) -> String {
    let mut name = String::new();
    for c in what.chars().take(40) {
        match c {
            c if c.is_ascii_alphanumeric() => {
                name.push(c.to_ascii_lowercase());
            }
            _ if name.is_empty() || name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    let name = name.trim_end_matches('_');
    let usable = name.starts_with(|c: char| c.is_ascii_alphabetic()) && is_free(name);
    if usable { name.to_owned() } else { format!("secret_{name}").trim_end_matches('_').to_owned() }
}

/// Whether a variable of this name can be read: it is neither a keyword nor a function's.
fn is_free(name: &str) -> bool {
    let mut asked = false;
    let mut resolve = |found: &str| {
        asked = found == name;
        Some(crate::model::Slot::Shared(0))
    };
    let read = crate::expr::parse_template(&expression(name), 0, &mut resolve);
    asked && matches!(read, Ok(Template::Parts(parts)) if parts.len() == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let check = |what: &str, expected: &str| assert_eq!(name_of(what), expected, "{what}");
        check("X-Api-Key", "x_api_key");
        check("user[password]", "user_password");
        check("Token", "token");
        check("2fa", "secret_2fa");
        check("pass", "secret_pass");
        check("é", "secret");
        check("", "secret");
    }

    #[test]
    fn which_names_are_secret() {
        for name in ["Authorization", "Cookie", "X-Api-Key", "access_token", "user[password]", "PWD"] {
            assert!(is_secret(name), "{name}");
        }
        for text in ["<a><Password>x</Password></a>", "user=a&user_token=b&c", "name=\"api-key\"\r\n\r\nx"] {
            assert!(speaks_of_secrets(text), "{text}");
        }
        assert!(!speaks_of_secrets("hello token_type, world"));
        for name in ["Accept", "token_type", "max_tokens", "Content-Type", "name", "keyboard", ""] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn texts() {
        let mut secrets = Secrets::default();
        assert_eq!(secrets.secret("token", "abcdefgh"), "{{ token }}");
        assert_eq!(secrets.secret("token", "short"), "{{ token_2 }}");
        assert_eq!(secrets.secret("other", "abcdefgh"), "{{ token }}");
        assert_eq!(secrets.secret("token", ""), "");
        assert_eq!(secrets.untold("password"), "{{ password }}");
        assert_eq!(secrets.untold("password"), "{{ password }}");
        let check = |text: &str, expected: &str| assert_eq!(secrets.text(text), expected, "{text}");
        check("plain } { words", "plain } { words");
        check("{{x}}", "{{ \"{{\" }}x}}");
        check("{{{", "{{ \"{{\" }}{");
        check("a=abcdefgh&b", "a={{ token }}&b");
        check("{abcdefgh}", "{{ \"{\" }}{{ token }}}");
        check("{{{abcdefgh", "{{ \"{{\" }}{{ \"{\" }}{{ token }}");
        check("short", "short");
        assert_eq!(secrets.names().collect::<Vec<_>>(), ["token", "token_2", "password"]);
    }
}
