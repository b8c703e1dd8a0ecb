//! Runs the binary in an empty folder and an empty environment.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// An invocation in a folder of its own, which is removed with it.
pub(crate) struct Akrida {
    folder: PathBuf,
    variables: Vec<(&'static str, &'static str)>,
}

/// What an invocation left behind. Shown as a person would see it.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Akrida {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).unwrap();
        Self { folder, variables: Vec::new() }
    }

    /// With a file in its folder.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        fs::write(self.folder.join(name), text).unwrap();
        self
    }

    /// With an environment variable.
    pub(crate) fn variable(mut self, name: &'static str, value: &'static str) -> Self {
        self.variables.push((name, value));
        self
    }

    /// Runs to the end; arguments are split at spaces.
    pub(crate) fn run(&self, arguments: &str) -> Ended {
        self.run_all(&arguments.split(' ').filter(|argument| !argument.is_empty()).collect::<Vec<_>>())
    }

    /// Runs to the end with these arguments.
    pub(crate) fn run_all(&self, arguments: &[&str]) -> Ended {
        self.run_with_input(arguments, "")
    }

    /// Runs to the end, with this text on its standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Ended {
        let stdin = self.folder.join("stdin");
        fs::write(&stdin, input).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_akrida"))
            .args(arguments)
            .current_dir(&self.folder)
            .env_clear()
            .env("HOME", &self.folder)
            .envs(self.variables.iter().copied())
            .stdin(fs::File::open(stdin).unwrap())
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// A file that it wrote.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}

impl Drop for Akrida {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}exit code {}", self.stdout, self.stderr, self.code.unwrap_or(-1))
    }
}

/// Runs in an empty folder.
pub(crate) fn akrida(arguments: &str) -> Ended {
    Akrida::new().run(arguments)
}
