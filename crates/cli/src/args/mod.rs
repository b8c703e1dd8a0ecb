//! The command line as data: every flag once, with its environment names, help and what becomes of it.
//!
//! [`flags`] lists them, [`command`] makes clap's parser of them, and what was typed becomes a
//! [`Layer`](crate::settings::Layer) like what the environment and configuration files say, so that a value is
//! read in one place wherever it comes from.

pub(crate) mod autoscale;
pub(crate) mod command;
pub(crate) mod flags;

/// One flag.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flag {
    /// `--long`; also its key in configuration files, and what tells it from others.
    pub(crate) long: &'static str,
    pub(crate) short: Option<char>,
    pub(crate) takes: Takes,
    /// Environment names, the first that is set wins.
    pub(crate) env: &'static [&'static str],
    pub(crate) help: &'static str,
    pub(crate) hidden: bool,
    pub(crate) status: Status,
}

/// What follows a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    Nothing,
    /// One value; what to call it.
    One(&'static str),
    /// Any number of values; what to call one.
    Many(&'static str),
    /// One value each time; what to call it. All times count.
    Each(&'static str),
}

/// What becomes of a flag in this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// It does what its help says.
    Works,
    /// It is taken and told in the log: nothing is lost without it. The text goes on after the flag's name.
    Idle(&'static str),
    /// A run without it would not be what was asked for: typed it is refused, elsewhere it is told in the log.
    Missing(&'static str),
}

impl Flag {
    const fn new(long: &'static str, takes: Takes) -> Self {
        Self { long, short: None, takes, env: &[], help: "", hidden: false, status: Status::Works }
    }

    const fn switch(long: &'static str) -> Self {
        Self::new(long, Takes::Nothing)
    }

    const fn one(long: &'static str, value: &'static str) -> Self {
        Self::new(long, Takes::One(value))
    }

    const fn many(long: &'static str, value: &'static str) -> Self {
        Self::new(long, Takes::Many(value))
    }

    const fn each(long: &'static str, value: &'static str) -> Self {
        Self::new(long, Takes::Each(value))
    }

    const fn short(self, short: char) -> Self {
        Self { short: Some(short), ..self }
    }

    const fn env(self, env: &'static [&'static str]) -> Self {
        Self { env, ..self }
    }

    const fn help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }

    const fn hidden(self) -> Self {
        Self { hidden: true, ..self }
    }

    const fn status(self, status: Status) -> Self {
        Self { status, ..self }
    }
}

/// Flags under one heading.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub(crate) heading: &'static str,
    pub(crate) flags: &'static [&'static Flag],
}
