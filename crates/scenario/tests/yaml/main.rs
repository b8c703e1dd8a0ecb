//! The YAML front end from outside: good files, broken files, hostile files.

#![expect(clippy::unwrap_used, reason = "these are tests, helpers included")]

mod bombs;
mod broken;
mod examples;
mod mutations;
mod schema;

use akrida_scenario::Source;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What an environment variable holds in these tests; nobody may ever see it.
const SECRET: &str = "hunter2-of-the-environment";

/// The files of a folder, and an environment with two variables.
struct Folder(PathBuf);

impl Source for Folder {
    fn file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        std::fs::read(self.0.join(path)).map(Into::into).map_err(|error| error.kind().to_string())
    }

    fn secret_file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        self.file(path)
    }

    fn environment(&self, name: &str) -> Option<String> {
        match name {
            "API_KEY" => Some(SECRET.to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files of `folder` with that extension, by name, and what is in them.
fn files(folder: &Path, extension: &str) -> Vec<(PathBuf, String)> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

/// Compares `found` with the file at `path`; `UPDATE_EXPECT=1` writes it instead.
#[track_caller]
fn expect_file(path: &Path, found: &str) {
    if update_asked() {
        std::fs::write(path, found).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(found, expected, "{} differs; UPDATE_EXPECT=1 rewrites it", path.display());
}

#[expect(clippy::disallowed_methods, reason = "only a person at a terminal sets it, to accept new texts")]
fn update_asked() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some()
}
