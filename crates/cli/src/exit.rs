//! Exit codes, and what a person is told when there is nothing to run or no way to run it.

use std::fmt;

/// The run passed.
pub(crate) const PASSED: u8 = 0;
/// Requests failed, for which `--exit-code-on-error` chooses another code, or a threshold is broken.
pub(crate) const FAILED: u8 = 1;
/// Wrong usage, or a scenario with problems. clap exits with the same code.
pub(crate) const USAGE: u8 = 2;
/// The cluster or the load generator failed.
pub(crate) const GENERATOR: u8 = 3;
/// The run was left to another master; what shells give a process that SIGTERM ends.
pub(crate) const HANDED_OVER: u8 = 143;
/// A second Ctrl-C ended the process before its figures were printed; what shells give a process that SIGINT ends.
pub(crate) const INTERRUPTED: u8 = 130;

/// What went wrong, by who can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Whoever typed the command or set the environment.
    Usage,
    /// Whoever wrote the scenario. The message is a finished text with excerpts.
    Scenario,
    /// Whoever runs this machine.
    Generator,
    /// Whoever starts the next master: the run goes on.
    HandedOver,
}

/// Why a command did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    /// What is wrong, without a full stop; a whole text for [`Kind::Scenario`].
    pub(crate) message: String,
    /// What to do instead, without a full stop; empty where the message says it.
    pub(crate) hint: String,
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, message: message.into(), hint: hint.into() }
    }

    pub(crate) fn scenario(text: impl Into<String>) -> Self {
        Self { kind: Kind::Scenario, message: text.into(), hint: String::new() }
    }

    pub(crate) fn generator(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind: Kind::Generator, message: message.into(), hint: hint.into() }
    }

    /// SIGTERM came while a run went on whose journal another master may go on with.
    pub(crate) fn handed_over() -> Self {
        Self {
            kind: Kind::HandedOver,
            message: "the run is not over: its workers go on without a master".to_owned(),
            hint: "start it again within a minute with the same --state-dir, or end a run by Ctrl-C or on the page"
                .to_owned(),
        }
    }

    pub(crate) fn code(&self) -> u8 {
        match self.kind {
            Kind::Usage | Kind::Scenario => USAGE,
            Kind::Generator => GENERATOR,
            Kind::HandedOver => HANDED_OVER,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind == Kind::Scenario {
            return f.write_str(self.message.trim_end());
        }
        write!(f, "error: {}", self.message)?;
        if !self.hint.is_empty() {
            write!(f, "\n  help: {}", self.hint)?;
        }
        Ok(())
    }
}

/// What a finished run is worth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    /// Whether any request failed or any user raised an exception.
    pub(crate) failed: bool,
    /// Whether the load generator was the limit, and that was asked to matter.
    pub(crate) saturated: bool,
    /// Whether a threshold is broken.
    pub(crate) broken: bool,
}

impl Outcome {
    /// The exit code, with the one that `--exit-code-on-error` chose for failed requests. A figure that cannot be
    /// trusted weighs more than what it says.
    pub(crate) fn code(self, on_error: u8) -> u8 {
        match self {
            Self { saturated: true, .. } => GENERATOR,
            Self { broken: true, .. } => FAILED,
            Self { failed: true, .. } => on_error,
            _ => PASSED,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        let check = |failed, saturated, on_error, code| {
            assert_eq!(Outcome { failed, saturated, broken: false }.code(on_error), code);
            let broken = Outcome { failed, saturated, broken: true };
            assert_eq!(broken.code(on_error), if saturated { GENERATOR } else { FAILED });
        };
        check(false, false, FAILED, PASSED);
        check(true, false, FAILED, FAILED);
        check(true, false, 0, PASSED);
        check(false, true, FAILED, GENERATOR);
        check(true, true, 7, GENERATOR);
        assert_eq!(Failure::usage("", "").code(), 2);
        assert_eq!(Failure::scenario("").code(), 2);
        assert_eq!(Failure::generator("", "").code(), 3);
    }

    #[test]
    fn texts() {
        insta::assert_snapshot!(Failure::usage("-u: `x` is not a number", "write -u 10"), @r"
        error: -u: `x` is not a number
          help: write -u 10
        ");
        insta::assert_snapshot!(Failure::generator("cannot start", ""), @"error: cannot start");
        insta::assert_snapshot!(Failure::scenario("error: as drawn\n  --> a.yaml:1:1\n\n"), @r"
        error: as drawn
          --> a.yaml:1:1
        ");
    }
}
