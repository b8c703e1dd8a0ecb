//! Worker processes of one's own: this program again, as `--processes` asks.

use crate::exit::{Failure, GENERATOR, PASSED};
use crate::signals::Signal;
use std::io;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;
use tokio::sync::oneshot;

/// How often processes are asked whether they have ended.
const LOOK: Duration = Duration::from_millis(100);

/// Looks that processes are given to end once they were asked to.
const LOOKS: u32 = 100;

/// Worker processes. Dropped, it waits for them, and ends those that go on.
pub(super) struct Children(Vec<Child>);

impl Children {
    /// Starts `count` workers of the master at `host` and `port`; they share `cores` threads.
    ///
    /// # Errors
    /// When the system does not let us; those that were started are ended.
    pub(super) fn start(count: usize, host: &str, port: u16, cores: usize) -> Result<Self, Failure> {
        let failed = |error: &io::Error| {
            Failure::generator(format!("cannot start a worker process: {error}"), "use fewer --processes")
        };
        let mut children = Self(Vec::new());
        for _ in 0..count {
            let mut command = this_program().map_err(|error| failed(&error))?;
            command
                // Said last, these win over what was said before.
                .args(["--worker", "--processes", "0", "--health-port", "0", "--master-host", host])
                .args(["--master-port", &port.to_string()])
                .args(["--cores", &(cores / count).max(1).to_string()])
                .stdin(Stdio::null());
            children.0.push(command.spawn().map_err(|error| failed(&error))?);
        }
        Ok(children)
    }

    /// Leaves them alone: they go on without this process.
    pub(super) fn leave(mut self) {
        self.0.clear();
    }

    /// Waits until all have ended, or asks them to when `interrupted`; the worst exit code.
    pub(super) async fn until_the_end(
        mut self,
        mut interrupted: oneshot::Receiver<Signal>,
    ) -> Result<u8, Failure> {
        let mut worst = PASSED;
        let mut asked = false;
        while !self.0.is_empty() {
            tokio::select! {
                _ = &mut interrupted, if !asked => {
                    asked = true;
                    self.0.iter().for_each(ask_to_end);
                }
                () = tokio::time::sleep(LOOK) => self.0.retain_mut(|child| match child.try_wait() {
                    Ok(None) => true,
                    Ok(Some(status)) => {
                        // One that a signal ended has no code.
                        let code = status.code().and_then(|code| u8::try_from(code).ok());
                        worst = worst.max(code.unwrap_or(GENERATOR));
                        false
                    }
                    Err(_) => false,
                }),
            }
        }
        Ok(worst)
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        for _ in 0..LOOKS {
            self.0.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
            if self.0.is_empty() {
                return;
            }
            thread::sleep(LOOK);
        }
        for child in &mut self.0 {
            // It may have ended just now.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The command that was typed, as a worker's.
fn this_program() -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(std::env::args_os().skip(1).filter(|argument| argument != "--master"))
        .env_remove("LOCUST_MODE")
        .env_remove("LOCUST_MODE_MASTER");
    // Ctrl-C is for the one who was typed: it tells the others.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    Ok(command)
}

#[cfg(unix)]
fn ask_to_end(child: &Child) {
    let id = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(id) = id {
        // It may have ended just now.
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
    }
}

#[cfg(not(unix))]
fn ask_to_end(_: &Child) {}
