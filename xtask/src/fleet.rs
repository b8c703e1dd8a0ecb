//! `cargo xtask bench fleet`: what masters cost that hold thousands of workers.

use crate::machine;
use crate::step::{Failure, RAISE_FILES, cargo, root, step, target};
use std::process::Command;

pub(crate) const MENU: &str = "\
cargo xtask bench fleet        what a master with 100 to 10,000 workers costs, Locust's beside it (10 minutes)
";

/// Seconds of each measurement.
const WINDOW_S: &str = "15";

/// Workers, and whether all report at once.
const AKRIDA: [(&str, bool); 5] =
    [("100", false), ("1000", false), ("5000", false), ("5000", true), ("10000", false)];

/// Locust's master stops answering at 6,000.
const LOCUST: [(&str, bool); 3] = [("100", false), ("1000", false), ("5000", false)];

pub(crate) fn run() -> Result<(), Failure> {
    machine::ready()?;
    let build = ["build", "--locked", "--release", "-p", "akrida", "-p", "akrida-benches"];
    step("build", &mut cargo(&build))?;
    let locust = machine::locust_program();
    let akrida = target().join("release/akrida");
    // One after the other in turn, so that both have the same machine.
    for (workers, aligned) in AKRIDA {
        trial(&akrida.display().to_string(), "akrida", workers, aligned)?;
        if LOCUST.contains(&(workers, aligned)) {
            trial(&locust.display().to_string(), "locust", workers, aligned)?;
        }
    }
    Ok(())
}

fn trial(master: &str, kind: &str, workers: &str, aligned: bool) -> Result<(), Failure> {
    let script = format!(r#"{RAISE_FILES} exec "$0" "$@""#);
    let mut fleet = Command::new("sh");
    fleet.args(["-c", &script]).arg(target().join("release/fleet")).args([master, kind]);
    fleet.arg(root().join("tests/scenarios/waiting.py")).args([workers, WINDOW_S]);
    if aligned {
        fleet.arg("aligned");
    }
    // A master that does not hold its fleet is a result, too.
    if let Err(failure) = step(&format!("{kind} with {workers} workers"), &mut fleet) {
        println!("{failure}");
    }
    Ok(())
}
