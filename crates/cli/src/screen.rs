//! Standard error, shared by tables, log lines and the progress line, so that none is drawn into another.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Back to the first column, and forget what stands there.
const ERASE: &str = "\r\u{1b}[K";

/// Standard error, or what takes its place in tests.
#[derive(Clone)]
pub(crate) struct Screen {
    state: Arc<Mutex<State>>,
    terminal: bool,
}

struct State {
    out: Box<dyn Write + Send>,
    progress: String,
}

impl Screen {
    pub(crate) fn stderr() -> Self {
        Self::new(Box::new(io::stderr()), io::stderr().is_terminal())
    }

    fn new(out: Box<dyn Write + Send>, terminal: bool) -> Self {
        Self { state: Arc::new(Mutex::new(State { out, progress: String::new() })), terminal }
    }

    /// Columns of the terminal; `None` where there is none.
    pub(crate) fn columns(&self) -> Option<usize> {
        self.terminal.then(crate::system::terminal_columns).flatten()
    }

    /// Prints whole lines above the progress line.
    pub(crate) fn print(&self, text: &str) {
        self.write(|state| {
            let redrawn = state.progress.clone();
            state.erase() + text + &redrawn
        });
    }

    /// Draws the progress line anew; an empty one removes it. Nothing happens where no terminal is.
    pub(crate) fn progress(&self, line: &str) {
        if self.terminal {
            self.write(|state| {
                let erased = state.erase();
                line.clone_into(&mut state.progress);
                erased + line
            });
        }
    }

    fn write(&self, text: impl FnOnce(&mut State) -> String) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let text = text(&mut state);
        // Whoever closed standard error does not want to read that it is closed.
        let _ = state.out.write_all(text.as_bytes());
        let _ = state.out.flush();
    }
}

impl State {
    fn erase(&self) -> String {
        if self.progress.is_empty() { String::new() } else { ERASE.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(terminal: bool) -> String {
        let paper = Paper::default();
        let screen = Screen::new(Box::new(paper.clone()), terminal);
        screen.print("one\n");
        screen.progress("50 users");
        screen.print("two\n");
        screen.progress("51 users");
        screen.progress("");
        screen.print("three\n");
        let bytes = paper.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap().replace(ERASE, "<")
    }

    #[test]
    fn lines_appear_above_the_progress_line() {
        assert_eq!(written(true), "one\n50 users<two\n50 users<51 users<three\n");
    }

    #[test]
    fn files_get_no_progress_line() {
        assert_eq!(written(false), "one\ntwo\nthree\n");
    }
}
