//! The real binary, run as a person runs it.

use crate::repository::root;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Display, Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What a run may take beyond what it was asked to take, on a busy machine.
const SLACK: Duration = Duration::from_secs(60);

/// A running `akrida`. Whatever a test does, it is ended with it.
pub(crate) struct Akrida {
    child: Child,
    folder: PathBuf,
}

impl Akrida {
    /// Starts it in an empty folder, without Locust's variables in its environment, with results as JSON.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_with(&[], arguments)
    }

    /// As [`Akrida::start`], with these variables in its environment.
    pub(crate) fn start_with(variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        Self::spawn(Command::new(binary()), variables, arguments)
    }

    /// As [`Akrida::start`], but it may open only so many files.
    pub(crate) fn start_with_files(files: u32, arguments: &[&str]) -> Self {
        let mut limited = Command::new("/bin/sh");
        limited.arg("-c").arg(format!("ulimit -n {files}; exec \"$0\" \"$@\"")).arg(binary());
        Self::spawn(limited, &[], arguments)
    }

    /// As [`Akrida::start`], in this network namespace; for root.
    pub(crate) fn start_in(namespace: &str, arguments: &[&str]) -> Self {
        let mut within = Command::new("/usr/sbin/ip");
        within.args(["netns", "exec", namespace]).arg(binary());
        Self::spawn(within, &[], arguments)
    }

    /// Starts real Locust in its stead, which takes the same arguments.
    pub(crate) fn start_locust(arguments: &[&str]) -> Self {
        Self::spawn(Command::new(locust()), &[], arguments)
    }

    /// Starts Locust of an old generation, which writes no results as JSON.
    pub(crate) fn start_old(version: &str, arguments: &[&str]) -> Self {
        let program = built().with_file_name(format!("locust-{version}")).join("bin/locust");
        assert!(program.is_file(), "there is no {}: run `cargo xtask test` once", shown(&program));
        Self::spawn_plain(folder(), Command::new(program), &[], arguments)
    }

    /// As [`Akrida::start_with`], in this folder, which is removed when it ends.
    pub(crate) fn start_at(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        Self::spawn_at(folder.to_owned(), Command::new(binary()), variables, arguments)
    }

    /// Starts it with these arguments alone, for a command that has no results.
    pub(crate) fn start_bare(arguments: &[&str]) -> Self {
        Self::start_bare_with(&[], arguments)
    }

    /// As [`Akrida::start_bare`], with these variables in its environment.
    pub(crate) fn start_bare_with(variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        Self::spawn_plain(folder(), Command::new(binary()), variables, arguments)
    }

    /// Starts it by whatever `command` does first, with these variables alone.
    pub(crate) fn start_by(command: Command, variables: &[(&str, &str)]) -> Self {
        Self::spawn_plain(folder(), command, variables, &[])
    }

    fn spawn(command: Command, variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        Self::spawn_at(folder(), command, variables, arguments)
    }

    fn spawn_at(
        folder: PathBuf,
        mut command: Command,
        variables: &[(&str, &str)],
        arguments: &[&str],
    ) -> Self {
        command.args(arguments).args(["--json-file", "results"]);
        Self::spawn_plain(folder, command, variables, &[])
    }

    fn spawn_plain(
        folder: PathBuf,
        mut command: Command,
        variables: &[(&str, &str)],
        arguments: &[&str],
    ) -> Self {
        let output = |name: &str| Stdio::from(File::create(folder.join(name)).unwrap());
        command.args(arguments).current_dir(&folder);
        command
            .env_clear()
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(output("stdout"))
            .stderr(output("stderr"));
        let child = command.spawn().unwrap();
        Self { child, folder }
    }

    /// Presses Ctrl-C.
    pub(crate) fn interrupt(&self) {
        self.signal("-INT");
    }

    /// Asks it to end, as Kubernetes does.
    pub(crate) fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Ends it at once, and without a word.
    pub(crate) fn kill(&self) {
        self.signal("-KILL");
    }

    /// Sends this signal, such as `-STOP`.
    pub(crate) fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.pid().to_string()]).status().unwrap();
        assert!(status.success(), "it had ended already");
    }

    /// Waits until it has logged this.
    pub(crate) fn logs(&self, text: &str) {
        self.until(|| self.read("stderr").contains(text));
    }

    /// Waits until this is so.
    pub(crate) fn until(&self, so: impl Fn() -> bool) {
        let deadline = now() + SLACK;
        while !so() {
            assert!(now() < deadline, "it does not come to pass:\n{}", self.read("stderr"));
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What it wrote there so far.
    pub(crate) fn stderr(&self) -> String {
        self.read("stderr")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end, which has to come within `within` and some slack.
    pub(crate) fn end(mut self, within: Duration) -> Ended {
        let deadline = now() + within + SLACK;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(now() < deadline, "it does not end; its log:\n{}", self.read("stderr"));
            std::thread::sleep(Duration::from_millis(20));
        };
        let json = serde_json::from_str(&self.read("results.json")).unwrap_or(Value::Null);
        let files = fs::read_dir(&self.folder).unwrap().map(|file| file.unwrap().file_name());
        let files = files.map(|name| self.read(&name.to_string_lossy())).collect();
        Ended { status, stdout: self.read("stdout"), stderr: self.read("stderr"), json, files }
    }

    /// A file that it wrote, as far as it has; empty if it has not.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap_or_default()
    }
}

impl Drop for Akrida {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Runs it to its end.
pub(crate) fn run(arguments: &[&str], within: Duration) -> Ended {
    Akrida::start(arguments).end(within)
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// What `--json-file` wrote; null if it wrote nothing.
    pub(crate) json: Value,
    /// All that it wrote, its outputs included.
    pub(crate) files: String,
}

impl Ended {
    /// The exit code; everything else that is known goes into the message of a test that expected another.
    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Self {
        let Self { stdout, stderr, .. } = self;
        assert_eq!(self.status.code(), Some(code), "\n{stdout}\n{stderr}");
        self
    }

    /// Requests by `METHOD name`.
    pub(crate) fn requests(&self) -> BTreeMap<String, u64> {
        let rows = self.json.as_array().unwrap_or_else(|| panic!("no results:\n{}", self.stderr));
        rows.iter()
            .map(|row| {
                let text = |key: &str| row[key].as_str().unwrap();
                (format!("{} {}", text("method"), text("name")), row["num_requests"].as_u64().unwrap())
            })
            .collect()
    }

    /// The rows of the table of errors: `METHOD name: error`, with how often.
    pub(crate) fn errors(&self) -> BTreeMap<String, u64> {
        let rows = self.json[0]["run"]["errors"].as_array().into_iter().flatten();
        rows.map(|row| {
            let text = |key: &str| row[key].as_str().unwrap().to_owned();
            let name = format!("{} {}: {}", text("method"), text("name"), text("error"));
            (name, row["occurrences"].as_u64().unwrap())
        })
        .collect()
    }
}

/// Where cargo put what was built with these tests.
fn built() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.parent().and_then(|folder| folder.parent()).unwrap().to_owned()
}

/// The Locust that `cargo xtask test` installs.
fn locust() -> PathBuf {
    let program = built().with_file_name("locust-2.47.0").join("bin/locust");
    assert!(program.is_file(), "there is no {}: run `cargo xtask test` once", shown(&program));
    program
}

/// The Python that this Locust runs in.
pub(crate) fn locusts_python() -> PathBuf {
    locust().with_file_name("python")
}

/// The binary that was built with these tests.
pub(crate) fn binary() -> PathBuf {
    let binary = built().join("akrida");
    let release = if cfg!(debug_assertions) { "" } else { " --release" };
    assert!(
        binary.is_file(),
        "{} is missing: run `cargo build{release} -p akrida` first, or everything by `cargo xtask test`",
        shown(&binary)
    );
    binary
}

fn shown(file: &Path) -> Display<'_> {
    file.strip_prefix(root()).unwrap_or(file).display()
}

/// A port that nobody has now, as an argument.
pub(crate) fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port().to_string()
}

/// An empty folder of its own.
pub(crate) fn folder() -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{count}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A file with this text, as an argument. It is kept, as what cargo builds is.
pub(crate) fn scratch(name: &str, text: &str) -> String {
    let file = folder().join(name);
    fs::write(&file, text).unwrap();
    file.display().to_string()
}

#[expect(clippy::disallowed_methods, reason = "a real process takes real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Runs a command that needs no time in an empty folder, with these variables alone.
pub(crate) fn run_tool(variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(binary());
    command.args(arguments).current_dir(folder()).env_clear().envs(variables.iter().copied());
    command.stdin(Stdio::null()).output().unwrap()
}

/// What a command that needs no time prints when it reads this: to standard output, and to standard error.
pub(crate) fn tool(arguments: &[&str], input: &str) -> (String, String) {
    let mut command = Command::new(binary());
    command.args(arguments).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}
