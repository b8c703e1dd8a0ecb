//! `cargo xtask bench locustfiles`: what a request of a translated locustfile costs, beside the same test in YAML and
//! beside real Locust.

use super::figures::{Load, load, spread};
use super::nginx::Nginx;
use super::peer::{PEERS, Peer, folder};
use super::shop::without_wait;
use super::{busy, calm_down};
use crate::machine;
use crate::step::{Failure, root};
use std::fs;

pub(crate) const MENU: &str = "\
cargo xtask bench locustfiles  what a request of a translated locustfile costs beside YAML and beside Locust
";

/// Rounds of each.
const ROUNDS: usize = 7;

/// Seconds of each measurement.
const WINDOW_S: u32 = 5;

const USERS: u32 = 50;

const fn akrida(name: &'static str, plain: &'static str) -> Peer {
    Peer::of_akrida(name, plain)
}

const VARIANTS: [Peer; 5] = [
    akrida(
        "requests.yaml",
        r#"exec "$AKRIDA" -f "$SOURCES/requests.yaml" -H "$URL" -u "$USERS" -r "$USERS" -t "${DURATION}s" \
        --headless --cores 1"#,
    ),
    akrida(
        "requests.py",
        r#"exec "$AKRIDA" -f "$SOURCES/requests.py" -H "$URL" -u "$USERS" -r "$USERS" -t "${DURATION}s" \
        --headless --cores 1"#,
    ),
    akrida(
        "login-shop.yaml",
        r#"exec "$AKRIDA" -f "$PEERS/shop.yaml" -H "$URL" -u "$USERS" -r "$USERS" -t "${DURATION}s" \
        --headless --cores 1"#,
    ),
    akrida(
        "shop.py",
        r#"exec "$AKRIDA" -f "$SOURCES/shop.py" -H "$URL" -u "$USERS" -r "$USERS" -t "${DURATION}s" \
        --headless --cores 1"#,
    ),
    akrida(
        "shop.py, Locust",
        r#"exec locust -f "$SOURCES/shop.py" -H "$URL" -u "$USERS" -r "$USERS" -t "${DURATION}s" \
        --headless --only-summary"#,
    ),
];

/// What is compared: a variant, with which other, and what is wanted.
const COMPARED: [(usize, usize, &str); 3] =
    [(1, 0, "at most 1.05 is wanted"), (3, 2, "nothing is wanted"), (4, 3, "at least 8 is wanted")];

pub(crate) fn run() -> Result<(), Failure> {
    machine::nginx()?;
    fs::create_dir_all(folder())?;
    let shop = fs::read_to_string(root().join("scenarios/login-shop.yaml"))?;
    fs::write(folder().join("shop.yaml"), without_wait(&shop)?)?;
    for peer in PEERS.iter().filter(|peer| matches!(peer.name, "akrida" | "Locust")) {
        println!("{}", peer.ready().map_err(Failure)?);
    }
    calm_down();
    if let Some(busy) = busy() {
        println!("The machine is busy (load {busy}): take these figures for a trial.");
    }
    let nginx = Nginx::start().map_err(Failure)?;
    let mut rounds: [Vec<Load>; VARIANTS.len()] = Default::default();
    for round in 0..ROUNDS {
        // Each is the first in turn.
        for turn in 0..VARIANTS.len() {
            let index = (turn + round) % VARIANTS.len();
            let figure = load(&VARIANTS[index], &nginx, USERS, WINDOW_S).map_err(Failure)?;
            let Load { cpu_us, user_us, rate, .. } = figure;
            let name = VARIANTS[index].name;
            println!("round {}, {name}: {cpu_us:.2} us ({user_us:.2} user), {rate:.0}/s", round + 1);
            rounds[index].push(figure);
        }
    }
    println!("\nMedians of {ROUNDS} rounds of {WINDOW_S} s with {USERS} users:");
    for (variant, rounds) in VARIANTS.iter().zip(&rounds) {
        if let Some(cpu) = spread(rounds.iter().map(|load| load.cpu_us)) {
            println!("  {:<16} {:6.2} us ({:.2} to {:.2})", variant.name, cpu.median, cpu.least, cpu.most);
        }
    }
    for (one, other, wanted) in COMPARED {
        // Of each round, because two rounds may differ by more than the two files.
        let ratios = rounds[one].iter().zip(&rounds[other]).map(|(one, other)| one.cpu_us / other.cpu_us);
        if let Some(ratio) = spread(ratios) {
            let (one, other) = (VARIANTS[one].name, VARIANTS[other].name);
            println!(
                "  {one} costs {:.2} times {other} ({:.2} to {:.2}; {wanted})",
                ratio.median, ratio.least, ratio.most
            );
        }
    }
    Ok(())
}
