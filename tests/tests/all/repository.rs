//! What is in this repository.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Its top folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package is a folder of the repository")
}

/// All its files, also those that are not committed yet but not those that are ignored, relative to [`root`].
pub(crate) fn files() -> Vec<PathBuf> {
    let listed = run("git", &["ls-files", "--cached", "--others", "--exclude-standard", "-z"]);
    let mut files: Vec<PathBuf> = listed.split_terminator('\0').map(PathBuf::from).collect();
    // A deleted file is listed until its deletion is committed.
    files.retain(|file| root().join(file).is_file());
    assert!(files.len() > 50, "git lists {} files only", files.len());
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
    run(env!("CARGO"), &[arguments, &["--locked", "--offline"]].concat())
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(root()).output();
    let output = output.unwrap_or_else(|error| panic!("cannot run {program}: {error}"));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?} failed: {complaint}");
    String::from_utf8(output.stdout).expect("git and cargo print UTF-8")
}
