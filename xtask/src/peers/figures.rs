//! What is measured, and how rounds become one figure.

use super::client::{Client, Usage};
use super::nginx::Nginx;
use super::peer::Peer;
use crate::step::now;
use std::thread::sleep;
use std::time::Duration;

/// Why something was not measured, in words.
pub(crate) type Failed = String;

/// How long a client may take to connect its users; whoever takes longer is measured without all of them.
const CONNECTING: Duration = Duration::from_secs(20);

/// How long it runs before it is measured.
const WARMING: Duration = Duration::from_secs(2);

/// Users of the measurement of memory.
pub(crate) const WAITING_USERS: u32 = 10_000;

/// Longest wait for all of them, seconds.
const WAITING_CONNECTED_S: u32 = 120;

/// CPU and throughput of one client in one round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// CPU microseconds per request in user mode.
    pub(crate) user_us: f64,
    /// CPU microseconds per request in user mode and in the kernel.
    pub(crate) cpu_us: f64,
    /// Requests per second.
    pub(crate) rate: f64,
    /// Share of its core that it used.
    pub(crate) busy: f64,
}

/// Memory of one client with users that wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    /// Bytes per user, above what one user needs.
    pub(crate) bytes: f64,
    /// Seconds from the first connection to the last.
    pub(crate) connected: f64,
}

/// Loads nginx with one client for a while.
pub(crate) fn load(peer: &Peer, nginx: &Nginx, users: u32, window: u32) -> Result<Load, Failed> {
    // Long enough for slow starters; it is ended when it was measured.
    let seconds = window + CONNECTING.as_secs() as u32 + 30;
    let mut client = Client::start(peer.name, peer.plain, &nginx.url(), users, seconds)?;
    let began = now();
    while nginx.status()?.connections < u64::from(users) && began.elapsed() < CONNECTING {
        client.usage()?;
        sleep(Duration::from_millis(50));
    }
    sleep(WARMING);

    let (first, before, started) = (nginx.status()?, client.usage()?, now());
    sleep(Duration::from_secs(u64::from(window)));
    let (last, after, took) = (nginx.status()?, client.usage()?, started.elapsed().as_secs_f64());
    // The page of figures counts itself.
    let requests = (last.requests - first.requests - 1) as f64;
    if requests < 1.0 {
        return Err(format!("{} sent nothing with {users} users", peer.name));
    }
    let (user, system) = (after.user - before.user, after.system - before.system);
    Ok(Load {
        user_us: user * 1e6 / requests,
        cpu_us: (user + system) * 1e6 / requests,
        rate: requests / took,
        busy: (user + system) / took,
    })
}

/// Has many users wait at nginx, and one, and compares.
pub(crate) fn waiting(peer: &Peer, script: &str, nginx: &Nginx) -> Result<Waiting, Failed> {
    let (one, _) = hold(peer, script, nginx, 1)?;
    let (many, connected) = hold(peer, script, nginx, WAITING_USERS)?;
    let more = many.resident.saturating_sub(one.resident) as f64;
    Ok(Waiting { bytes: more / f64::from(WAITING_USERS - 1), connected })
}

fn hold(peer: &Peer, script: &str, nginx: &Nginx, users: u32) -> Result<(Usage, f64), Failed> {
    let mut client = Client::start(peer.name, script, &nginx.url(), users, WAITING_CONNECTED_S + 30)?;
    let began = now();
    let mut first = None;
    let connected = loop {
        let connections = nginx.status()?.connections;
        if connections > 0 {
            first = first.or_else(|| Some(now()));
        }
        if let Some(first) = first.filter(|_| connections >= u64::from(users)) {
            break first.elapsed().as_secs_f64();
        }
        client.usage()?;
        if began.elapsed() > Duration::from_secs(u64::from(WAITING_CONNECTED_S)) {
            return Err(format!("{} had connected {connections} of {users} users", peer.name));
        }
        sleep(Duration::from_millis(5));
    };
    sleep(WARMING);
    Ok((client.usage()?, connected))
}

/// The middle of some figures with their extremes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

/// `None` of nothing.
pub(crate) fn spread(figures: impl Iterator<Item = f64>) -> Option<Spread> {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    let (least, most) = (*figures.first()?, *figures.last()?);
    let (low, high) = (figures[(figures.len() - 1) / 2], figures[figures.len() / 2]);
    Some(Spread { median: f64::midpoint(low, high), least, most })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_middle() {
        let check = |figures: &[f64], expected: Option<(f64, f64, f64)>| {
            let expected = expected.map(|(least, median, most)| Spread { median, least, most });
            assert_eq!(spread(figures.iter().copied()), expected);
        };
        check(&[], None);
        check(&[2.0], Some((2.0, 2.0, 2.0)));
        check(&[3.0, 1.0], Some((1.0, 2.0, 3.0)));
        check(&[9.0, 1.0, 4.0], Some((1.0, 4.0, 9.0)));
    }
}
