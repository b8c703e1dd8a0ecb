//! `cargo xtask test`: everything that must hold before a change lands.

use crate::step::{Failure, cargo, now, output, step};
use std::process::Command;

/// What has to be on the machine: name, command that shows it, what to do without it.
const NEEDED: &[(&str, &[&str], &str)] = &[
    ("rustfmt", &["cargo", "fmt", "--version"], "rustup component add rustfmt"),
    ("clippy", &["cargo", "clippy", "--version"], "rustup component add clippy"),
    ("a C++ compiler", &["c++", "--version"], "apt-get install g++"),
];

pub(crate) fn run() -> Result<(), Failure> {
    let began = now();
    for (name, command, remedy) in NEEDED {
        if output(Command::new(command[0]).args(&command[1..])).is_none() {
            let command = command.join(" ");
            return Err(Failure(format!("{name} is missing: `{command}` does not run. Try: {remedy}")));
        }
    }
    step("format", &mut cargo(&["fmt", "--all", "--check"]))?;
    let lints = ["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
    step("lints", &mut cargo(&lints))?;
    // All targets at once, so that the binary that the tests run is built with the features that they are.
    step("build", &mut cargo(&["build", "--locked", "--workspace", "--all-targets"]))?;
    // Without insta's own files: a snapshot that differs fails here, it is not written.
    step("tests", cargo(&["test", "--locked", "--workspace"]).env("INSTA_UPDATE", "no"))?;
    println!("\nAll passed in {:.0} s.", began.elapsed().as_secs_f64());
    Ok(())
}
