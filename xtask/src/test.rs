//! `cargo xtask test`: everything that must hold before a change lands.

use crate::machine;
use crate::page;
use crate::step::{Failure, cargo, now, step};

pub(crate) fn run() -> Result<(), Failure> {
    let began = now();
    machine::ready()?;
    step("format", &mut cargo(&["fmt", "--all", "--check"]))?;
    let lints = ["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
    step("lints", &mut cargo(&lints))?;
    // All targets at once, so that the binary that the tests run is built with the features that they are.
    step("build", &mut cargo(&["build", "--locked", "--workspace", "--all-targets"]))?;
    // Without insta's own files: a snapshot that differs fails here, it is not written.
    step("tests", cargo(&["test", "--locked", "--workspace"]).env("INSTA_UPDATE", "no"))?;
    page::test()?;
    println!("\nAll passed in {:.0} s.", began.elapsed().as_secs_f64());
    Ok(())
}
