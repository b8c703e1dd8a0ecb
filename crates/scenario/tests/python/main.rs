//! The Python front end and the expressions: what they mean, and what they refuse.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod bounds;
mod broken;
mod converted;
mod describe;
mod fuzz;
mod good;
mod guide;
mod mutate;
mod nonsense;
mod semantics;

use std::path::{Path, PathBuf};

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The Python files of a folder with their texts, by name.
fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "py")).collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path, text)
        })
        .collect()
}

/// Compares with what the file holds; `UPDATE_EXPECT=1` writes it instead.
fn expect_file(path: &Path, actual: &str) {
    if update_asked() {
        std::fs::write(path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert!(expected == actual, "{} holds\n{expected}\nand now would be\n{actual}", path.display());
}

#[expect(clippy::disallowed_methods, reason = "only a person at a terminal sets it, to accept new texts")]
fn update_asked() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some()
}
