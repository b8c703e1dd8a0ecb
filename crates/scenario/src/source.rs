//! Where a scenario gets what does not stand in its file.

use std::sync::Arc;

/// Files, environment and secrets of whoever loads a scenario. This crate touches none of them by itself.
pub trait Source {
    /// The file at `path` as it is written in the scenario: relative to the scenario's own file.
    ///
    /// # Errors
    /// Why it cannot be read, in words for a person, without the path.
    fn file(&self, path: &str) -> Result<Arc<[u8]>, String>;

    /// The same for a file that nobody else may see: a secret, or who the user is to TLS. Files that a master hands
    /// out never come this way, and what comes this way is never handed out.
    ///
    /// # Errors
    /// As [`Source::file`].
    fn secret_file(&self, path: &str) -> Result<Arc<[u8]>, String>;

    /// The environment variable `name`; `None` if it is not set. Secrets come from there, and what a
    /// locustfile reads.
    fn environment(&self, name: &str) -> Option<String>;
}

/// Has nothing: for scenarios that stand alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nothing;

impl Source for Nothing {
    fn file(&self, _: &str) -> Result<Arc<[u8]>, String> {
        Err("files are not read here".to_owned())
    }

    fn secret_file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        self.file(path)
    }

    fn environment(&self, _: &str) -> Option<String> {
        None
    }
}
