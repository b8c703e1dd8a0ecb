//! What the operating system knows about this machine and this process.

#[cfg(unix)]
pub(crate) use unix::{host_name, raise_open_files, terminal_columns};

/// Threads that can run at the same time.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(unix)]
mod unix {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

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
