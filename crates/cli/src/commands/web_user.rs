//! `akrida web-user`: a line for the file of those who may log in.

use super::print;
use crate::exit::{Failure, PASSED};
use crate::system::Unseen;
use akrida_ui::login::{UsersError, new_token, new_user};
use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};

/// Longest password that is read, bytes, with its line end.
const PASSWORD: u64 = 258;

/// Makes the line of `name`: of a password, or with a `token` that is shown once.
///
/// # Errors
/// When there is no password, or it cannot be hashed.
pub(crate) fn web_user(name: &str, token: bool) -> Result<u8, Failure> {
    if token {
        let made = new_token(name).map_err(|error| refused(&error))?;
        // The line may go into a file.
        let _ = writeln!(io::stderr(), "{}", made.token);
        print(&format!("{}\n", made.line));
        return Ok(PASSED);
    }
    let password = password()?;
    let line = new_user(name, &password).map_err(|error| refused(&error))?;
    print(&format!("{line}\n"));
    Ok(PASSED)
}

fn refused(error: &UsersError) -> Failure {
    match error {
        UsersError::Line(_) => Failure::usage("a name has no spaces, colons or #", "choose another name"),
        other => Failure::generator(other.to_string(), ""),
    }
}

/// The first line of standard input, which a terminal does not show.
fn password() -> Result<String, Failure> {
    let stdin = io::stdin();
    let unseen = stdin.is_terminal().then(|| {
        let _ = write!(io::stderr(), "Password: ");
        Unseen::begin()
    });
    let mut line = String::new();
    let read = stdin.lock().take(PASSWORD).read_line(&mut line);
    if unseen.is_some() {
        let _ = writeln!(io::stderr());
    }
    drop(unseen);
    let password = line.trim_end_matches(['\r', '\n']);
    match read {
        Ok(_) if password.is_empty() => {
            Err(Failure::usage("there is no password", "type one, or pass it on standard input"))
        }
        Ok(_) if line.len() as u64 == PASSWORD => {
            Err(Failure::usage("the password is too long", "choose a shorter one"))
        }
        Ok(_) => Ok(password.to_owned()),
        Err(error) => Err(Failure::usage(format!("the password cannot be read: {error}"), "")),
    }
}
