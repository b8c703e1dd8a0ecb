//! `cargo xtask bench shop`: what a request of a scenario with a login, captures, checks and expressions costs, beside
//! one that only gets a page.

use super::figures::{Load, load, spread};
use super::nginx::Nginx;
use super::peer::{PEERS, Peer, folder};
use super::{busy, calm_down};
use crate::machine;
use crate::step::{Failure, root};
use std::fs;

pub(crate) const MENU: &str = "\
cargo xtask bench shop         what a request of scenarios/login-shop.yaml costs beside a plain GET
";

/// Rounds of each.
const ROUNDS: usize = 7;

/// Seconds of each measurement.
const WINDOW_S: u32 = 5;

const USERS: u32 = 50;

/// Gets a page over and over. What is compared has no wait either.
const PLAIN: &str = "users:\n  Visitor:\n    tasks:\n      - get: /\n";

const VARIANTS: [Peer; 2] = [
    Peer::of_akrida(
        "plain GET",
        r#"exec "$AKRIDA" -f "$PEERS/plain.yaml" -H "$URL" -u "$USERS" -r "$USERS" \
        -t "${DURATION}s" --headless --cores 1"#,
    ),
    Peer::of_akrida(
        "login shop",
        r#"exec "$AKRIDA" -f "$PEERS/shop.yaml" -H "$URL" -u "$USERS" -r "$USERS" \
        -t "${DURATION}s" --headless --cores 1"#,
    ),
];

pub(crate) fn run() -> Result<(), Failure> {
    machine::nginx()?;
    fs::create_dir_all(folder())?;
    let shop = fs::read_to_string(root().join("scenarios/login-shop.yaml"))?;
    fs::write(folder().join("shop.yaml"), without_wait(&shop)?)?;
    fs::write(folder().join("plain.yaml"), PLAIN)?;
    println!("{}", PEERS[0].ready().map_err(Failure)?);
    calm_down();
    if let Some(busy) = busy() {
        println!("The machine is busy (load {busy}): take these figures for a trial.");
    }
    let nginx = Nginx::start().map_err(Failure)?;
    let mut rounds: [Vec<Load>; 2] = Default::default();
    for round in 0..ROUNDS {
        // Each is the first in turn.
        for index in [round % 2, (round + 1) % 2] {
            let figure = load(&VARIANTS[index], &nginx, USERS, WINDOW_S).map_err(Failure)?;
            let Load { cpu_us, user_us, rate, .. } = figure;
            let name = VARIANTS[index].name;
            println!("round {}, {name}: {cpu_us:.2} us ({user_us:.2} user), {rate:.0}/s", round + 1);
            rounds[index].push(figure);
        }
    }
    let median =
        |rounds: &[Load]| spread(rounds.iter().map(|load| load.cpu_us)).map_or(0.0, |spread| spread.median);
    let (plain, shop) = (median(&rounds[0]), median(&rounds[1]));
    // Of each round, because two rounds may differ by more than the two scenarios.
    let ratios = rounds[0].iter().zip(&rounds[1]).map(|(plain, shop)| shop.cpu_us / plain.cpu_us);
    if let Some(ratio) = spread(ratios) {
        println!(
            "\nlogin shop {shop:.2} us, plain GET {plain:.2} us: {:.2} times as much ({:.2} to {:.2}), \
             medians of {ROUNDS} rounds of {WINDOW_S} s with {USERS} users",
            ratio.median, ratio.least, ratio.most
        );
    }
    Ok(())
}

/// The scenario with users that never rest, as those of [`PLAIN`].
pub(super) fn without_wait(scenario: &str) -> Result<String, Failure> {
    let waits = |line: &&str| line.trim_start().starts_with("wait:");
    if scenario.lines().filter(waits).count() != 1 {
        return Err(Failure("scenarios/login-shop.yaml has not just one wait".to_owned()));
    }
    Ok(scenario.lines().filter(|line| !waits(line)).map(|line| format!("{line}\n")).collect())
}
