//! What the operating system knows about this machine and this process.

#[cfg(unix)]
pub(crate) use unix::{Unseen, host_name, raise_open_files, terminal_columns};

/// Threads that can run at the same time.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(unix)]
mod unix {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    /// The name of this machine up to the first dot, as Locust's log lines have it.
    pub(crate) fn host_name() -> String {
        let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
        name.split('.').next().filter(|name| !name.is_empty()).unwrap_or("localhost").to_owned()
    }

    /// Columns of the terminal on standard error; `None` where there is none.
    pub(crate) fn terminal_columns() -> Option<usize> {
        let size = rustix::termios::tcgetwinsize(std::io::stderr()).ok()?;
        (size.ws_col > 0).then_some(usize::from(size.ws_col))
    }

    /// While it is there, the terminal on standard input does not show what is typed.
    pub(crate) struct Unseen(Option<Termios>);

    impl Unseen {
        pub(crate) fn begin() -> Self {
            let before = tcgetattr(std::io::stdin()).ok();
            if let Some(mut without) = before.clone() {
                without.local_modes.remove(LocalModes::ECHO);
                // Then it is seen, which is better than no password.
                let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, &without);
            }
            Self(before)
        }
    }

    impl Drop for Unseen {
        fn drop(&mut self) {
            if let Some(before) = &self.0 {
                let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
            }
        }
    }

    /// Allows as many open files as the system lets us have, for each user has a connection; how many those are,
    /// or `None` for any number.
    pub(crate) fn raise_open_files() -> Option<u64> {
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
            Ok(()) => maximum,
            Err(_) => current,
        }
    }
}

#[cfg(not(unix))]
pub(crate) fn host_name() -> String {
    "localhost".to_owned()
}

#[cfg(not(unix))]
pub(crate) fn terminal_columns() -> Option<usize> {
    None
}

#[cfg(not(unix))]
pub(crate) fn raise_open_files() -> Option<u64> {
    None
}

/// Terminals of this system show what is typed.
#[cfg(not(unix))]
pub(crate) struct Unseen;

#[cfg(not(unix))]
impl Unseen {
    pub(crate) fn begin() -> Self {
        Self
    }
}
