//! Names with hashed passwords, and tokens, as a file or an environment variable has them.

use crate::limits;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use subtle::ConstantTimeEq as _;

/// Who may log in.
#[derive(Clone, Default)]
pub struct Users {
    /// Hashed passwords by name.
    passwords: BTreeMap<String, String>,
    /// Names, and hashes of tokens.
    tokens: Vec<(String, [u8; 32])>,
    /// What a name that nobody has is compared with, so that it takes as long.
    nobody: String,
}

impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Users").field("names", &self.passwords.keys()).finish_non_exhaustive()
    }
}

/// Why a list of users cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsersError {
    /// A line that is no user.
    #[error("line {0}: write NAME:$argon2id$... or NAME:sha256:..., as `akrida web-user NAME` prints it")]
    Line(usize),
    /// Nobody could log in.
    #[error("there is no user in it")]
    Nobody,
    /// Too many.
    #[error("there are more than {} users", limits::USERS)]
    TooMany,
    /// The system gives no randomness, or no memory for a hash.
    #[error("a password cannot be hashed: {0}")]
    Hash(String),
}

impl Users {
    /// Reads one user of each line, `NAME:$argon2id$...`, or a token, `NAME:sha256:HEX`. Empty lines and those that
    /// begin with `#` mean nothing.
    ///
    /// # Errors
    /// The first line that is neither.
    pub fn parse(text: &str) -> Result<Self, UsersError> {
        let mut users = Self::default();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = UsersError::Line(index + 1);
            let (name, secret) = line.split_once(':').ok_or(wrong.clone())?;
            if !is_name(name) {
                return Err(wrong);
            }
            match secret.strip_prefix("sha256:") {
                Some(hex) => users.tokens.push((name.to_owned(), unhex(hex).ok_or(wrong)?)),
                None => {
                    let whole = |hash: PasswordHash| hash.salt.is_some() && hash.hash.is_some();
                    let readable =
                        secret.starts_with("$argon2") && PasswordHash::new(secret).is_ok_and(whole);
                    if !readable || users.passwords.insert(name.to_owned(), secret.to_owned()).is_some() {
                        return Err(wrong);
                    }
                }
            }
            if users.passwords.len() + users.tokens.len() > limits::USERS {
                return Err(UsersError::TooMany);
            }
        }
        if users.passwords.is_empty() && users.tokens.is_empty() {
            return Err(UsersError::Nobody);
        }
        users.nobody = hash(&random()?)?;
        Ok(users)
    }

    /// Whether `password` is that of `name`. Takes a processor some tens of milliseconds.
    pub(super) fn is_right(&self, name: &str, password: &str) -> bool {
        let known = self.passwords.get(name);
        let hash = known.unwrap_or(&self.nobody);
        let verifier: &dyn PasswordVerifier<str> = &Argon2::default();
        verifier.verify_password(password.as_bytes(), hash.as_str()).is_ok() && known.is_some()
    }

    /// Whose `token` it is.
    pub(super) fn of_token(&self, token: &str) -> Option<&str> {
        let hash: [u8; 32] = Sha256::digest(token).into();
        let mut found = None;
        for (name, known) in &self.tokens {
            if bool::from(known.ct_eq(&hash)) {
                found = Some(name.as_str());
            }
        }
        found
    }
}

/// A line for a user with this password.
///
/// # Errors
/// When the name cannot stand in a line, or the password cannot be hashed.
pub fn new_user(name: &str, password: &str) -> Result<String, UsersError> {
    if !is_name(name) {
        return Err(UsersError::Line(1));
    }
    Ok(format!("{name}:{}", hash(password)?))
}

/// A token that was made just now.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What a script sends; nobody else knows it.
    pub token: String,
    /// The line for the file of users.
    pub line: String,
}

/// Makes a token for the scripts of `name`.
///
/// # Errors
/// When the name cannot stand in a line, or the system gives no randomness.
pub fn new_token(name: &str) -> Result<NewToken, UsersError> {
    if !is_name(name) {
        return Err(UsersError::Line(1));
    }
    let token = random()?;
    let hash: [u8; 32] = Sha256::digest(&token).into();
    let mut line = format!("{name}:sha256:");
    for byte in hash {
        let _ = write!(line, "{byte:02x}");
    }
    Ok(NewToken { token, line })
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| !c.is_control() && !c.is_whitespace() && c != ':' && c != '#';
    (1..=limits::PASSWORD).contains(&name.len()) && name.chars().all(plain)
}

fn hash(password: &str) -> Result<String, UsersError> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| UsersError::Hash(error.to_string()))
}

/// What nobody guesses: 256 bits.
pub(super) fn random() -> Result<String, UsersError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| UsersError::Hash(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn unhex(hex: &str) -> Option<[u8; 32]> {
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_and_tokens() {
        let NewToken { token, line } = new_token("ci").unwrap();
        let text = format!("# who\n\n{}\n  {line}\n", new_user("alice", "secret").unwrap());
        let users = Users::parse(&text).unwrap();
        assert!(users.is_right("alice", "secret"));
        for (name, password) in
            [("alice", "Secret"), ("alice", ""), ("bob", "secret"), ("ci", &token), ("", "")]
        {
            assert!(!users.is_right(name, password), "{name}");
        }
        assert_eq!(users.of_token(&token), Some("ci"));
        assert_eq!(users.of_token(&token[1..]), None);
        assert_eq!(format!("{users:?}"), r#"Users { names: ["alice"], .. }"#);
    }

    #[test]
    fn what_is_no_list_of_users_is_refused() {
        let check =
            |text: &str, error: UsersError| assert_eq!(Users::parse(text).unwrap_err(), error, "{text}");
        check("", UsersError::Nobody);
        check("# nobody", UsersError::Nobody);
        for line in [
            "alice",
            "alice:secret",
            ":$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo",
            "alice:$argon2id$v=19",
            "alice:$pbkdf2-sha256$i=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo",
            "a b:sha256:00",
            "a:sha256:00",
            &format!("a:sha256:{}", "g".repeat(64)),
            &format!("a:sha256:{}", "é".repeat(32)),
        ] {
            check(&format!("\n{line}"), UsersError::Line(2));
        }
        assert!(new_user("a:b", "x").is_err() && new_token("").is_err());
    }
}
