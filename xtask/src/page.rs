//! The web page in a real browser: its tests, its measurements, its pictures.

use crate::machine;
use crate::step::{Failure, cargo, root, step, target};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) const MENU: &str = "\
cargo xtask screenshots        makes the pictures of the page in docs/images anew
";

/// Checks the types of the page's script, and runs the page with the binary that was built for tests.
pub(crate) fn test() -> Result<(), Failure> {
    let folder = packages()?;
    step("types of the page", Command::new("npx").args(["--no-install", "tsc"]).current_dir(&folder))?;
    run(&folder, "page", "debug", &[])
}

/// The same after a build, for whoever works on the page.
pub(crate) fn alone() -> Result<(), Failure> {
    machine::ready()?;
    step("build", &mut cargo(&["build", "--locked", "-p", "akrida", "-p", "akrida-testkit"]))?;
    test()
}

/// Measures what a page with hundreds of names and workers costs.
pub(crate) fn prove() -> Result<(), Failure> {
    with_release("measure")
}

/// Takes the pictures.
pub(crate) fn screenshots() -> Result<(), Failure> {
    with_release("screenshots")
}

fn with_release(what: &str) -> Result<(), Failure> {
    machine::browser()?;
    step("build", &mut cargo(&["build", "--locked", "--release", "-p", "akrida", "-p", "akrida-benches"]))?;
    run(&packages()?, what, "release", &[what])
}

fn run(folder: &Path, name: &str, profile: &str, arguments: &[&str]) -> Result<(), Failure> {
    let mut node = Command::new("node");
    node.arg("test.mjs")
        .arg(target().join(profile).join("akrida"))
        .arg(machine::locust_folder())
        .args(arguments);
    step(
        name,
        node.current_dir(folder)
            .env("AKRIDA_IMAGES", root().join("docs/images"))
            .env("FLEET", target().join(profile).join("fleet"))
            .env("KUBERNETES", target().join(profile).join("kubernetes")),
    )
}

/// A copy of `web/` with all packages, so that nothing is written beside the sources.
fn packages() -> Result<PathBuf, Failure> {
    let (web, folder) = (root().join("web"), target().join("web"));
    for part in ["src", "tests"] {
        let _ = fs::remove_dir_all(folder.join(part));
    }
    copy(&web, &folder)?;
    let lock = fs::read(web.join("package-lock.json"))?;
    let installed = folder.join("node_modules/.installed");
    if fs::read(&installed).ok().as_ref() != Some(&lock) {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
        step("packages of the page", &mut npm)?;
        fs::write(&installed, lock)?;
    }
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        // Of whoever works on the page in its own folder.
        if ["node_modules", "out"].iter().any(|made| entry.file_name() == *made) {
            continue;
        }
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to)?;
        } else {
            fs::copy(from, to)?;
        }
    }
    Ok(())
}
