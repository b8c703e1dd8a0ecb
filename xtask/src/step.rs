//! One named command after the other, each with its time; the first that fails ends it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// For `sh`: allows the files that 10,000 connections need, or as many as may be had.
pub(crate) const RAISE_FILES: &str = r#"ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -H -n)";"#;

/// What failed, in words for whoever has to mend it.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// The repository's top folder.
pub(crate) fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// Where cargo builds.
#[expect(clippy::disallowed_methods, reason = "this variable is cargo's own interface")]
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A file as it is called within the repository.
pub(crate) fn shown(file: &Path) -> std::path::Display<'_> {
    file.strip_prefix(root()).unwrap_or(file).display()
}

/// `cargo` with these arguments, as it was called for this program, in the repository's top folder.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).current_dir(root());
    without_this_package(&mut command);
    command
}

/// Takes away what cargo tells this program about its own package. Build scripts look at some of that (ring's does),
/// and would build all above them anew whenever cargo is called from here after a shell, or the other way round.
#[expect(clippy::disallowed_methods, reason = "these variables are cargo's own interface")]
pub(crate) fn without_this_package(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let of_this = name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"));
        if of_this {
            command.env_remove(name);
        }
    }
}

/// A [`Command`] as it would be typed.
pub(crate) fn typed(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Runs a step; what it prints is seen as it is printed.
pub(crate) fn step(name: &str, command: &mut Command) -> Result<(), Failure> {
    let words = typed(command);
    println!("== {name}: {words}");
    let began = now();
    let ended = command.status();
    let took = format!("{:.1} s", began.elapsed().as_secs_f64());
    let how = match ended {
        Ok(status) if status.success() => {
            println!("== {name}: passed in {took}");
            return Ok(());
        }
        Ok(status) => format!("{status}, after {took}"),
        Err(error) => error.to_string(),
    };
    Err(Failure(format!("step \"{name}\" failed ({how}): {words}")))
}

/// What a command prints, if it can be run and succeeds.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Now, by the clock that only runs forward.
#[expect(clippy::disallowed_methods, reason = "steps and measurements are timed here and nowhere else")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
