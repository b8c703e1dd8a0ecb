//! `cargo xtask bench peers`: what a request costs `akrida` and others, side by side.
//!
//! nginx has core 1, each client in turn has core 0. Rounds are interleaved and their order rotates, so that a
//! machine that grows slower does so for all. Nothing that a client says of itself is used.

mod client;
mod figures;
pub(crate) mod locustfiles;
mod nginx;
mod peer;
mod report;
pub(crate) mod shop;

use crate::machine;
use crate::step::{Failure, root, shown};
use figures::{Load, load, waiting};
use nginx::Nginx;
use peer::{PEERS, Peer};
use report::{Results, Rounds, insert};
use std::fs;

pub(crate) const HELP: &str = "  --rounds 7          rounds of each measurement
  --window 5          seconds of each measurement
  --users 1,50,1000   numbers of users; none with an empty text
  --only wrk,oha      only these
  --no-memory         without the measurement with 10,000 waiting users
  --print             print the tables, leave benches/RESULTS.md as it is
";

struct Options {
    rounds: usize,
    window: u32,
    users: Vec<u32>,
    only: Vec<String>,
    memory: bool,
    print: bool,
}

pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let options = options(arguments)?;
    machine::nginx()?;
    fs::create_dir_all(peer::folder())?;
    let chosen =
        PEERS.iter().filter(|peer| options.only.is_empty() || options.only.iter().any(|o| o == peer.name));
    let mut results = Results {
        rounds: options.rounds,
        window: options.window,
        peers: Vec::new(),
        loads: Vec::new(),
        waiting: Vec::new(),
        remarks: Vec::new(),
    };
    let mut peers: Vec<&Peer> = Vec::new();
    for peer in chosen {
        match peer.ready() {
            Ok(version) => {
                results.peers.push((peer.name, version));
                peers.push(peer);
            }
            Err(failed) => results.remarks.push(format!("Not measured: {}: {failed}.", peer.name)),
        }
    }
    calm_down();
    if let Some(busy) = busy() {
        println!("The machine is busy (load {busy}): take these figures for a trial.");
        results.remarks.push(format!("The machine was busy (load {busy}) before the first round: a trial."));
    }
    let nginx = Nginx::start().map_err(Failure)?;
    for &users in &options.users {
        let loads = loads(&peers, &nginx, users, &options, &mut results.remarks);
        results.loads.push((users, loads));
    }
    for peer in peers.iter().filter(|_| options.memory) {
        let Some(script) = peer.waiting else { continue };
        match waiting(peer, script, &nginx) {
            Ok(figure) => results.waiting.push((peer.name, figure)),
            Err(failed) => results.remarks.push(format!("Not measured: {failed}.")),
        }
    }
    let tables = results.markdown();
    println!("\n{tables}");
    if !options.print {
        let file = root().join("benches/RESULTS.md");
        fs::write(&file, insert(&fs::read_to_string(&file)?, &tables))?;
        println!("Written to {}.", shown(&file));
    }
    Ok(())
}

/// Gives the machine a while to get over the builds that came before.
fn calm_down() {
    for _ in 0..90 {
        if busy().is_none() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_secs(1));
    }
}

fn loads(
    peers: &[&Peer],
    nginx: &Nginx,
    users: u32,
    options: &Options,
    remarks: &mut Vec<String>,
) -> Vec<Rounds> {
    let mut loads: Vec<Rounds> = peers.iter().map(|peer| (peer.name, Vec::new())).collect();
    for round in 0..options.rounds {
        for turn in 0..peers.len() {
            let index = (turn + round) % peers.len();
            let peer = peers[index];
            match load(peer, nginx, users, options.window) {
                Ok(figure) => {
                    let Load { cpu_us, user_us, rate, .. } = figure;
                    println!(
                        "{users} users, round {}, {}: {cpu_us:.2} us ({user_us:.2} user), {rate:.0}/s",
                        round + 1,
                        peer.name
                    );
                    loads[index].1.push(figure);
                }
                Err(failed) => remarks.push(format!("Not measured: {failed}.")),
            }
        }
    }
    loads
}

fn options(arguments: &[&str]) -> Result<Options, Failure> {
    let mut options = Options {
        rounds: 7,
        window: 5,
        users: vec![1, 50, 1_000],
        only: Vec::new(),
        memory: true,
        print: false,
    };
    let mut words = arguments.iter();
    while let Some(&word) = words.next() {
        match word {
            "--no-memory" => options.memory = false,
            "--print" => options.print = true,
            "--rounds" => options.rounds = number(word, words.next())? as usize,
            "--window" => options.window = number(word, words.next())?,
            "--users" => {
                let list =
                    words.next().copied().unwrap_or_default().split(',').filter(|item| !item.is_empty());
                options.users = list.map(|item| number(word, Some(&item))).collect::<Result<_, _>>()?;
            }
            "--only" => {
                let list = words.next().copied().unwrap_or_default().split(',');
                options.only = list.map(str::to_owned).collect();
            }
            _ => return Err(wrong(&format!("{word} is not known"))),
        }
    }
    if let Some(name) = options.only.iter().find(|name| !PEERS.iter().any(|peer| peer.name == **name)) {
        return Err(wrong(&format!("{name} is none of the peers")));
    }
    Ok(options)
}

fn number(option: &str, word: Option<&&str>) -> Result<u32, Failure> {
    let number = word.and_then(|word| word.parse().ok()).filter(|&number| number > 0);
    number.ok_or_else(|| wrong(&format!("{option} needs a number above 0")))
}

fn wrong(what: &str) -> Failure {
    Failure(format!("{what}\n\ncargo xtask bench peers\n{HELP}"))
}

/// The load of the last minute, if it is enough to disturb.
fn busy() -> Option<String> {
    let load = fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.to_owned();
    load.parse::<f64>().ok().filter(|&load| load > 0.5).map(|_| load)
}
