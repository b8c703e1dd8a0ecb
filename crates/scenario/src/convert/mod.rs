//! Scenarios from what people have at hand: curl commands, recordings of browsers (HAR) and [`locustfile`]s.
//!
//! The first two become a [`draft`], which is what was sent; [`write`](self::write) makes of it what a person would
//! have written. Tokens, passwords and cookies do not get into the scenario: it names [`secrets`] instead.
//!
//! May not know: where texts come from, and where scenarios go.

mod address;
mod body;
mod curl;
mod data;
mod draft;
mod emit;
mod flags;
mod form;
mod har;
mod headers;
mod instant;
mod locustfile;
mod operation;
mod recording;
mod secrets;
mod shell;
#[cfg(test)]
mod tests;
mod write;

use crate::limits::{CURL_BYTES, FILE_BYTES, HAR_BYTES};
use crate::source::Source;
use crate::yaml;
pub use locustfile::locustfile;
use std::sync::Arc;

/// A scenario that was made of something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converted {
    /// The scenario, in YAML.
    pub yaml: String,
    /// What a person should know about it, a sentence each. None holds a secret.
    pub notes: Vec<String>,
}

/// Why something cannot be made a scenario.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What is wrong, in one line without a full stop.
    pub message: String,
    /// What to do instead, in one line without a full stop.
    pub remedy: String,
}

impl Refusal {
    fn new(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { message: message.into(), remedy: remedy.into() }
    }
}

/// The scenario of one or several curl commands, as they are pasted into a POSIX shell.
///
/// # Errors
/// For what is no such command, and for flags without which the request would be another.
pub fn curl(text: &str) -> Result<Converted, Refusal> {
    if text.len() > CURL_BYTES {
        return Err(Refusal::new(
            format!("the commands are longer than {} MiB", CURL_BYTES >> 20),
            "put large bodies into files and name them: --data-binary @FILE",
        ));
    }
    finish(curl::read(text)?, "Made by `akrida convert` of curl commands.")
}

/// The scenario of a recording in the HTTP Archive format. `no_static`: without images, fonts, styles and scripts.
///
/// # Errors
/// For what is no such recording, and for one of which nothing is left.
pub fn har(text: &str, no_static: bool) -> Result<Converted, Refusal> {
    if text.len() > HAR_BYTES {
        return Err(Refusal::new(
            format!("the recording is larger than {} MiB", HAR_BYTES >> 20),
            "record again without contents, or only what users should do",
        ));
    }
    finish(recording::draft(har::read(text)?, no_static)?, "Made by `akrida convert` of a recording.")
}

fn finish(draft: draft::Draft, title: &str) -> Result<Converted, Refusal> {
    let (yaml, secrets) = write::write(&draft, title);
    if yaml.len() > FILE_BYTES {
        return Err(too_large());
    }
    check(&yaml)?;
    let mut notes = draft.notes;
    let names: Vec<String> = secrets.names().map(write::environment).collect();
    if !names.is_empty() {
        notes.push(format!(
            "Tokens, passwords and cookies are not written into the scenario: set {} in the environment.",
            names.join(", ")
        ));
    }
    if !secrets.shared().is_empty() {
        notes.push(format!(
            "These have many values, of which one is kept: {}; a `capture` of an answer may fit better.",
            secrets.shared().join(", ")
        ));
    }
    Ok(Converted { yaml, notes })
}

/// The last word on what a scenario can hold: a file that this crate does not read is not handed out.
fn check(yaml: &str) -> Result<(), Refusal> {
    yaml::load_with("scenario", yaml, &AnySource).map(drop).map_err(|problems| {
        let problem = problems.list.first().map_or_else(String::new, |problem| problem.message.clone());
        Refusal::new(
            format!("no scenario can say this: {problem}"),
            "change it in the command or recording, and convert that again",
        )
    })
}

/// Has whatever a scenario asks for.
struct AnySource;

impl Source for AnySource {
    fn file(&self, _: &str) -> Result<Arc<[u8]>, String> {
        Ok(Arc::from(*b"-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n"))
    }

    fn secret_file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        self.file(path)
    }

    fn environment(&self, _: &str) -> Option<String> {
        Some("x".to_owned())
    }
}

fn too_large() -> Refusal {
    Refusal::new(
        format!("the scenario would be larger than {} MiB", FILE_BYTES >> 20),
        "leave static files out with --no-static, or convert a shorter recording",
    )
}
