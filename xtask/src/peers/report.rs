//! The table in benches/RESULTS.md.

use super::figures::{Load, Spread, Waiting, spread};
use crate::step::output;
use std::fmt::Write;
use std::process::Command;

/// The part of the file that is written here; what stands around it is kept.
const BEGIN: &str = "<!-- written by cargo xtask bench peers -->";
const END: &str = "<!-- end of what cargo xtask bench peers writes -->";

/// All that was measured.
pub(crate) struct Results {
    pub(crate) rounds: usize,
    /// Seconds of each measurement.
    pub(crate) window: u32,
    /// Name and version.
    pub(crate) peers: Vec<(&'static str, String)>,
    /// By number of users.
    pub(crate) loads: Vec<(u32, Vec<Rounds>)>,
    pub(crate) waiting: Vec<(&'static str, Waiting)>,
    /// What a reader has to know about them, such as what is missing, and why.
    pub(crate) remarks: Vec<String>,
}

/// The rounds of one peer.
pub(crate) type Rounds = (&'static str, Vec<Load>);

impl Results {
    /// The tables as Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        let versions: Vec<&str> = self.peers.iter().map(|(_, version)| version.as_str()).collect();
        let _ = writeln!(
            text,
            "{}. Medians of {} interleaved rounds of {} s, least and most in brackets; requests counted at nginx \
             on core 1, CPU time of the client's whole process tree on core 0.\n\nVersions: {}.\n",
            machine(),
            self.rounds,
            self.window,
            versions.join("; "),
        );
        for (users, loads) in &self.loads {
            let _ = writeln!(text, "### {users} {}\n", if *users == 1 { "user" } else { "users" });
            text.push_str("| | CPU us per request | of it user | requests/s | core busy | CPU by wrk's |\n");
            text.push_str("|---|---|---|---|---|---|\n");
            let wrk = loads.iter().find(|(name, _)| *name == "wrk").and_then(|(_, rounds)| cpu(rounds));
            for (name, rounds) in loads {
                let _ =
                    writeln!(text, "{}", row(name, rounds, wrk).unwrap_or_else(|| format!("| {name} | - |")));
            }
            text.push('\n');
        }
        if !self.waiting.is_empty() {
            text.push_str("### 10,000 users, 5 s between requests\n\n");
            text.push_str("| | KiB per user | all connected in |\n|---|---|---|\n");
            for (name, waiting) in &self.waiting {
                let _ = writeln!(
                    text,
                    "| {name} | {:.1} | {:.2} s |",
                    waiting.bytes / 1_024.0,
                    waiting.connected
                );
            }
            text.push('\n');
        }
        for remark in &self.remarks {
            let _ = writeln!(text, "{remark}\n");
        }
        text.trim_end().to_owned()
    }
}

/// Puts the tables where those of the last time stand, or at the end.
pub(crate) fn insert(file: &str, tables: &str) -> String {
    let block = format!("{BEGIN}\n{tables}\n{END}");
    match file.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1))) {
        Some((before, after)) => format!("{before}{block}{after}"),
        None => format!("{}\n\n{block}\n", file.trim_end()),
    }
}

fn cpu(rounds: &[Load]) -> Option<Spread> {
    spread(rounds.iter().map(|load| load.cpu_us))
}

fn row(name: &str, rounds: &[Load], wrk: Option<Spread>) -> Option<String> {
    let cpu = cpu(rounds)?;
    let user = spread(rounds.iter().map(|load| load.user_us))?;
    let rate = spread(rounds.iter().map(|load| load.rate))?;
    let busy = spread(rounds.iter().map(|load| load.busy))?;
    let ratio = wrk.map_or_else(|| "-".to_owned(), |wrk| format!("{:.2}", cpu.median / wrk.median));
    Some(format!(
        "| {name} | **{:.1}** ({:.1} to {:.1}) | {:.1} | {:.0} ({:.0} to {:.0}) | {:.0} % | {ratio} |",
        cpu.median,
        cpu.least,
        cpu.most,
        user.median,
        rate.median,
        rate.least,
        rate.most,
        busy.median * 100.0,
    ))
}

fn machine() -> String {
    let ask = |script: &str| output(Command::new("sh").args(["-c", script])).unwrap_or_default();
    let model = ask("sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1");
    format!("{}, {} x {model}, Linux {}", ask("date +%F"), ask("nproc"), ask("uname -r"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_stands_around_its_tables() {
        let first = insert("# Results\n\nWords.\n", "one");
        assert_eq!(first, format!("# Results\n\nWords.\n\n{BEGIN}\none\n{END}\n"));
        let second = insert(&format!("{first}\nA note.\n"), "two");
        assert_eq!(second, format!("# Results\n\nWords.\n\n{BEGIN}\ntwo\n{END}\n\nA note.\n"));
    }

    #[test]
    fn writes_a_row() {
        let load = |cpu_us| Load { user_us: 2.0, cpu_us, rate: 100_000.0, busy: 0.995 };
        let wrk = cpu(&[load(8.0)]);
        let expected = "| x | **10.0** (9.0 to 12.0) | 2.0 | 100000 (100000 to 100000) | 100 % | 1.25 |";
        assert_eq!(row("x", &[load(10.0), load(12.0), load(9.0)], wrk).as_deref(), Some(expected));
        assert_eq!(row("x", &[], wrk), None);
    }
}
