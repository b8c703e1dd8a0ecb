//! Log lines as Locust writes them: `[2026-11-22 18:00:00,123] host/INFO/locust.main: Starting ...`.

use crate::clock;
use crate::exit::Failure;
use crate::log_buffer::LogBuffer;
use crate::screen::Screen;
use akrida_report::text::visible;
use akrida_ui::Tail;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// How much a line matters; the names are Python's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Debug,
    Info,
    Warning,
    Error,
    Critical,
}

impl Level {
    /// The level that is called so, in any case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Debug, Self::Info, Self::Warning, Self::Error, Self::Critical]
            .into_iter()
            .find(|level| level.name().eq_ignore_ascii_case(name))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
        }
    }
}

/// Who speaks; Locust's names of its modules, because scripts search for them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Speaker {
    /// The program: what was asked for, and how it ends.
    Main,
    /// The run: users, stages, workers.
    Run,
}

impl Speaker {
    fn name(self) -> &'static str {
        match self {
            Self::Main => "locust.main",
            Self::Run => "locust.runners",
        }
    }
}

/// A line to log as soon as there is a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) level: Level,
    pub(crate) text: String,
}

impl Notice {
    pub(crate) fn info(text: impl Into<String>) -> Self {
        Self { level: Level::Info, text: text.into() }
    }

    pub(crate) fn warning(text: impl Into<String>) -> Self {
        Self { level: Level::Warning, text: text.into() }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.level.name(), self.text)
    }
}

/// How lines look and which are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// As Locust's, from this level on.
    Full(Level),
    /// As Python's without a set-up: warnings and worse, and their texts alone.
    Bare,
}

/// Where log lines go.
#[derive(Clone)]
pub(crate) struct Log {
    style: Style,
    host: Arc<str>,
    place: Place,
    /// Where lines are kept for the master, too.
    buffer: Option<LogBuffer>,
    /// Where the web face finds the newest lines.
    tail: Tail,
}

#[derive(Clone)]
enum Place {
    Screen(Screen),
    File(Arc<Mutex<File>>),
}

impl Log {
    /// Logs to the screen, or appends to `file`, whose folders are made as needed.
    pub(crate) fn new(
        style: Style,
        host: &str,
        screen: Screen,
        file: Option<&Path>,
    ) -> Result<Self, Failure> {
        let place = match file {
            None => Place::Screen(screen),
            Some(path) => {
                let file = crate::files::make_folders(path)
                    .and_then(|()| OpenOptions::new().create(true).append(true).open(path))
                    .map_err(|error| crate::files::cannot("write the log to", path, &error))?;
                Place::File(Arc::new(Mutex::new(file)))
            }
        };
        Ok(Self { style, host: host.into(), place, buffer: None, tail: Tail::default() })
    }

    /// This log, which keeps its newest lines in `buffer`, too.
    pub(crate) fn keeping(self, buffer: LogBuffer) -> Self {
        Self { buffer: Some(buffer), ..self }
    }

    /// Where it keeps its newest lines; an empty one if it keeps none.
    pub(crate) fn buffer(&self) -> LogBuffer {
        self.buffer.clone().unwrap_or_default()
    }

    /// The newest lines.
    pub(crate) fn tail(&self) -> Tail {
        self.tail.clone()
    }

    pub(crate) fn debug(&self, speaker: Speaker, text: &str) {
        self.line(Level::Debug, speaker, text);
    }

    pub(crate) fn info(&self, speaker: Speaker, text: &str) {
        self.line(Level::Info, speaker, text);
    }

    pub(crate) fn warning(&self, speaker: Speaker, text: &str) {
        self.line(Level::Warning, speaker, text);
    }

    pub(crate) fn line(&self, level: Level, speaker: Speaker, text: &str) {
        let Some(line) = format(self.style, &clock::log_time(), &self.host, level, speaker, text) else {
            return;
        };
        if let Some(buffer) = &self.buffer {
            buffer.push(&line);
        }
        self.tail.push(&line);
        match &self.place {
            Place::Screen(screen) => screen.print(&line),
            // A log that cannot be written is not worth a run.
            Place::File(file) => {
                _ = file.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes());
            }
        }
    }
}

/// One line; `None` for one that is left out.
fn format(
    style: Style,
    time: &str,
    host: &str,
    level: Level,
    speaker: Speaker,
    text: &str,
) -> Option<String> {
    let text = visible(text);
    match style {
        Style::Full(least) if level >= least => {
            Some(format!("[{time}] {host}/{}/{}: {text}\n", level.name(), speaker.name()))
        }
        Style::Bare if level >= Level::Warning => Some(format!("{text}\n")),
        Style::Full(_) | Style::Bare => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(style: Style, level: Level, text: &str, expected: Option<&str>) {
        let line = format(style, "2026-11-22 18:00:00,123", "vm", level, Speaker::Main, text);
        assert_eq!(line.as_deref(), expected);
    }

    #[test]
    fn lines_are_locusts() {
        check(
            Style::Full(Level::Info),
            Level::Warning,
            "two\nlines",
            Some("[2026-11-22 18:00:00,123] vm/WARNING/locust.main: two\\nlines\n"),
        );
        check(Style::Full(Level::Warning), Level::Info, "quiet", None);
        check(Style::Bare, Level::Error, "bare", Some("bare\n"));
        check(Style::Bare, Level::Info, "quiet", None);
    }

    #[test]
    fn levels_by_name() {
        assert_eq!(Level::named("warning"), Some(Level::Warning));
        assert_eq!(Level::named("LOUD"), None);
    }
}
