//! What is in this repository.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Its top folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package is a folder of the repository")
}

/// Where a file of it is, as an argument.
pub(crate) fn path(file: &str) -> String {
    root().join(file).display().to_string()
}

/// What git keeps for itself, and what was built or fetched.
const NOT_OURS: &[&str] = &[".git", "target", "node_modules", "__pycache__"];

/// All its files, relative to [`root`], in order. Git is not asked: it may be missing, or distrust the checkout.
pub(crate) fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            if NOT_OURS.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            let path = folder.join(entry.file_name());
            match entry.file_type().unwrap() {
                kind if kind.is_dir() => folders.push(path),
                kind if kind.is_file() => files.push(path),
                _ => {}
            }
        }
    }
    assert!(files.len() > 50, "only {} files", files.len());
    files.sort();
    files
}

/// A file's text; `None` where it is not UTF-8.
pub(crate) fn text(file: &Path) -> Option<String> {
    let bytes =
        std::fs::read(root().join(file)).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    String::from_utf8(bytes).ok()
}

/// What cargo says with these arguments, without asking the network.
pub(crate) fn cargo(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO"));
    let output =
        command.args(arguments).args(["--locked", "--offline"]).current_dir(root()).output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?} failed: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}
