//! A load generator at work, pinned to its core, and what the kernel says it used.

use super::figures::Failed;
use super::peer::{folder, shell};
use crate::step::RAISE_FILES;
use std::collections::HashMap;
use std::fs;
use std::process::{Child, Command, Stdio};

/// Kernel clock ticks per second in `/proc/PID/stat`: 100 on every Linux of this decade.
const TICKS_PER_SECOND: f64 = 100.0;

/// Bytes per page in `/proc/PID/stat`, on the machines that this is run on.
const PAGE: u64 = 4_096;

/// What a process and all below it used so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Usage {
    /// CPU time in user mode, seconds.
    pub(crate) user: f64,
    /// CPU time in the kernel, seconds.
    pub(crate) system: f64,
    /// Resident memory now, bytes.
    pub(crate) resident: u64,
}

/// A running load generator; it is ended when this is dropped.
pub(crate) struct Client {
    name: &'static str,
    child: Child,
}

impl Client {
    /// Starts a script on core 0. What it prints goes to a file.
    pub(crate) fn start(
        name: &'static str,
        script: &str,
        url: &str,
        users: u32,
        seconds: u32,
    ) -> Result<Self, Failed> {
        let log = log(name);
        let file = fs::File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let errors = file.try_clone().map_err(|error| error.to_string())?;
        let inner = shell(&format!("{RAISE_FILES} {script}"));
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]).arg(inner.get_program()).args(inner.get_args());
        command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("URL", url).env("USERS", users.to_string()).env("DURATION", seconds.to_string());
        command.stdin(Stdio::null()).stdout(file).stderr(errors);
        let child = command.spawn().map_err(|error| format!("taskset: {error}"))?;
        Ok(Self { name, child })
    }

    /// What it and its children used so far; an error if it is gone.
    pub(crate) fn usage(&mut self) -> Result<Usage, Failed> {
        if let Ok(Some(status)) = self.child.try_wait() {
            return Err(format!("{} ended early ({status}); see {}", self.name, log(self.name).display()));
        }
        Ok(tree(self.child.id()))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // Either it is gone already, or there is nothing better to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn log(name: &str) -> std::path::PathBuf {
    folder().join(format!("{name}.log"))
}

fn tree(top: u32) -> Usage {
    let processes: HashMap<u32, (u32, Usage)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|pid: u32| Some((pid, stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?)))
        .collect();
    let below = |mut pid: u32| {
        // The way up is bounded: a process that ends meanwhile could otherwise make a ring.
        (0..64).any(|_| {
            let found = pid == top;
            pid = processes.get(&pid).map_or(0, |(parent, _)| *parent);
            found
        })
    };
    processes.iter().filter(|(pid, _)| below(**pid)).fold(Usage::default(), |sum, (_, (_, usage))| Usage {
        user: sum.user + usage.user,
        system: sum.system + usage.system,
        resident: sum.resident + usage.resident,
    })
}

/// Parent and usage from the text of `/proc/PID/stat`. Children that ended count with their parent.
fn stat(text: &str) -> Option<(u32, Usage)> {
    // The second field is the program's name in brackets; it may contain anything.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    let seconds =
        |own: usize, children: usize| Some((number(own)? + number(children)?) as f64 / TICKS_PER_SECOND);
    let usage = Usage { user: seconds(11, 13)?, system: seconds(12, 14)?, resident: number(21)? * PAGE };
    Some((u32::try_from(number(1)?).ok()?, usage))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_stat() {
        let text = "17 (a) b (c)) S 5 17 17 0 -1 4194560 1 2 3 4 100 50 10 5 20 0 3 0 1234 99999 25 184 1 1";
        assert_eq!(stat(text), Some((5, Usage { user: 1.1, system: 0.55, resident: 25 * 4_096 })));
        assert_eq!(stat("17 (a"), None);
        assert_eq!(stat("17 (a) S 5"), None);
    }

    #[test]
    fn counts_itself() {
        assert!(tree(std::process::id()).resident > 0);
    }
}
