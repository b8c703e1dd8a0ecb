//! `cargo xtask prove ...`: figures that need a quiet machine, and searches that take long.

use crate::step::{Failure, RAISE_FILES, cargo, root, step, target, without_this_package};
use std::process::Command;

/// Cases of each property test that does not say how many it wants.
const CASES: &str = "20000";

/// Minutes for each search in frames, unless it is said how many.
const MINUTES: &str = "20";

/// Histories of a cluster, unless it is said how many.
const SEEDS: &str = "10000";

/// What can be proven: name, and what for.
const FIGURES: &[(&str, &str)] = &[
    ("accuracy", "response times agree with what a server measured itself"),
    ("throughput", "1,000 requests per second over 200 users are held"),
    ("memory", "10,000 waiting users are small and quickly connected"),
    ("faults", "under each fault of a server memory stays flat, and the load comes back (12 minutes)"),
    ("fleet", "users of workers that are lost run elsewhere within seconds (3 minutes)"),
    ("restart", "a master that is killed ten times goes on with its run (2 minutes)"),
    ("runfile", "an hour of 1,000 requests per second under 500 names is a small file and a small report"),
    ("open", "1,000 arrivals per second are held, and a standstill is not hidden"),
];

pub(crate) fn menu() -> String {
    let line = |(name, what): &(&str, &str)| format!("cargo xtask prove {name:<12} {what}\n");
    let mut menu: String = FIGURES.iter().map(line).collect();
    menu.push_str(&line(&(
        "simulate",
        "10,000 histories of a cluster; --seeds N, or --seed N to see all of one",
    )));
    menu.push_str(&line(&(
        "soak",
        "an hour of workers that come, leave and are killed costs no memory; --minutes N",
    )));
    menu.push_str(&line(&(
        "page",
        "the page stays quick with 500 names, 200 workers and an hour of history",
    )));
    menu.push_str(&line(&(
        "fuzz",
        "no input makes a parser, decoder, master or worker fail; --minutes N for each",
    )));
    menu
}

pub(crate) fn run(what: &str, options: &[&str]) -> Result<(), Failure> {
    match (what, options) {
        ("fuzz", []) => return fuzz(MINUTES),
        ("fuzz", ["--minutes", minutes]) => return fuzz(minutes),
        ("soak", []) => return measure("soak", &[]),
        ("soak", ["--minutes", minutes]) => return measure("soak", &[("AKRIDA_SOAK_MINUTES", minutes)]),
        ("simulate", []) => return simulate("AKRIDA_SEEDS", SEEDS),
        ("simulate", ["--seeds", seeds]) => return simulate("AKRIDA_SEEDS", seeds),
        ("simulate", ["--seed", seed]) => return simulate("AKRIDA_SEED", seed),
        (_, []) => {}
        _ => return Err(Failure(format!("{what} has no options {options:?}\n\n{}", menu()))),
    }
    if !FIGURES.iter().any(|(name, _)| *name == what) {
        return Err(Failure(format!("there is no proof called {what}\n\n{}", menu())));
    }
    measure(what, &[])
}

/// Runs one of the tests in tests/tests/all/prove.rs.
fn measure(what: &str, variables: &[(&str, &str)]) -> Result<(), Failure> {
    step("build", &mut cargo(&["build", "--locked", "--release", "-p", "akrida"]))?;
    let test = format!("prove::{what}");
    let script = format!(r#"{RAISE_FILES} exec "$0" "$@""#);
    let mut tests = Command::new("sh");
    tests.args(["-c", &script, env!("CARGO"), "test", "--locked", "--release", "-p", "akrida-tests", "--"]);
    tests.args(["--ignored", "--exact", "--nocapture", &test]).current_dir(root());
    tests.envs(variables.iter().copied());
    without_this_package(&mut tests);
    step(what, &mut tests)
}

/// Damages real files and frames, and tells decoder, master and worker what no sound peer would say.
fn fuzz(minutes: &str) -> Result<(), Failure> {
    let tests = ["test", "--locked", "--release", "-p", "akrida-scenario", "-p", "akrida-protocol"];
    // Tests that damage real files and frames look for this variable when they are built.
    step("fuzz", cargo(&tests).env("AKRIDA_FUZZ", "1").env("PROPTEST_CASES", CASES))?;
    // Programs of chance, by Python and by their translations.
    let random =
        ["test", "--locked", "--release", "-p", "akrida-engine", "--test", "engine", "python::random"];
    step("fuzz", cargo(&random).env("AKRIDA_FUZZ", "1"))?;
    step("fuzz", searching("fuzz").env("AKRIDA_FUZZ_MINUTES", minutes))?;
    let files = [
        "test",
        "--locked",
        "-p",
        "akrida-report",
        "--lib",
        "--",
        "fuzz_of_content_that_is_nonsense",
        "--nocapture",
    ];
    step("fuzz", cargo(&files).env("AKRIDA_FUZZ_MINUTES", minutes))
}

/// Plays histories of a cluster.
fn simulate(which: &str, number: &str) -> Result<(), Failure> {
    step("simulate", searching("simulation").env(which, number))
}

/// One of the searches of crate `master`. Optimised, for thousands of histories take long; but overflows and broken
/// assertions are to be found, too. In a folder of its own, or all else would be built anew.
fn searching(test: &str) -> Command {
    let mut search = cargo(&["test", "--locked", "-p", "akrida-master", "--test", test, "--", "--nocapture"]);
    search.env("CARGO_PROFILE_DEV_OPT_LEVEL", "2").env("CARGO_TARGET_DIR", target().join("search"));
    search
}
