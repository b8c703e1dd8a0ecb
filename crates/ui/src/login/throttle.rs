//! How long who failed has to wait before the next password is looked at.

use crate::limits;
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;
use tokio::time::Instant;

/// Failures of one name at one address, of an address, and of a name. Behind a proxy all come from one address, and
/// many addresses may try one name: so these two may fail more often, or whoever fails would keep out everybody else.
#[derive(Debug, Default)]
pub(super) struct Throttle(HashMap<Key, Failures>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Both(IpAddr, String),
    Address(IpAddr),
    Name(String),
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    newest: Instant,
}

impl Key {
    fn free(&self) -> u32 {
        match self {
            Self::Both(..) => limits::FREE_FAILURES,
            Self::Address(_) | Self::Name(_) => 10 * limits::FREE_FAILURES,
        }
    }
}

fn keys(peer: IpAddr, name: &str) -> [Key; 3] {
    [Key::Both(peer, name.to_owned()), Key::Address(peer), Key::Name(name.to_owned())]
}

impl Throttle {
    /// How long it has to wait from now on.
    pub(super) fn wait(&self, peer: IpAddr, name: &str, now: Instant) -> Duration {
        let wait = |key: Key| {
            let failures = self.0.get(&key)?;
            let above = failures.count.checked_sub(key.free())?;
            let wait = Duration::from_secs(1 << above.min(10)).min(limits::LONGEST_WAIT);
            Some((failures.newest + wait).saturating_duration_since(now))
        };
        keys(peer, name).into_iter().filter_map(wait).max().unwrap_or_default()
    }

    pub(super) fn failed(&mut self, peer: IpAddr, name: &str, now: Instant) {
        for key in keys(peer, name) {
            if self.0.len() >= limits::FAILURES && !self.0.contains_key(&key) {
                self.make_room(now);
            }
            let failures = self.0.entry(key).or_insert(Failures { count: 0, newest: now });
            if now.saturating_duration_since(failures.newest) > limits::FAILURES_LAST {
                failures.count = 0;
            }
            failures.count = failures.count.saturating_add(1);
            failures.newest = now;
        }
    }

    /// What others have failed with at the same address stays.
    pub(super) fn succeeded(&mut self, peer: IpAddr, name: &str) {
        self.0.remove(&Key::Both(peer, name.to_owned()));
        self.0.remove(&Key::Name(name.to_owned()));
    }

    /// Forgets who failed long ago, else who failed least.
    fn make_room(&mut self, now: Instant) {
        self.0.retain(|_, failures| now.saturating_duration_since(failures.newest) <= limits::FAILURES_LAST);
        if self.0.len() >= limits::FAILURES
            && let Some(least) = self.0.iter().min_by_key(|(_, failures)| (failures.count, failures.newest))
        {
            let least = least.0.clone();
            self.0.remove(&least);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn address(number: u8) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(127, 0, 0, number))
    }

    #[tokio::test]
    async fn waits_grow_and_end_with_the_right_password() {
        let (mut throttle, mut now) = (Throttle::default(), Instant::now());
        let mut waits = Vec::new();
        for _ in 0..13 {
            throttle.failed(address(1), "alice", now);
            let wait = throttle.wait(address(1), "alice", now);
            waits.push(wait.as_secs());
            now += wait;
            assert_eq!(throttle.wait(address(1), "alice", now), Duration::ZERO);
        }
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        throttle.failed(address(1), "alice", now);
        assert_eq!(throttle.wait(address(2), "alice", now), Duration::ZERO, "who comes from elsewhere");
        assert_eq!(throttle.wait(address(1), "bob", now), Duration::ZERO, "who comes by the same proxy");
        throttle.succeeded(address(1), "alice");
        assert_eq!(throttle.wait(address(1), "alice", now), Duration::ZERO);
    }

    #[tokio::test]
    async fn an_address_that_tries_many_names_waits_also_after_it_knew_one() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        for number in 0..60 {
            throttle.failed(address(1), &number.to_string(), now);
        }
        throttle.succeeded(address(1), "7");
        assert!(throttle.wait(address(1), "alice", now) > Duration::from_secs(10));
        assert_eq!(throttle.wait(address(2), "alice", now), Duration::ZERO);
    }

    #[tokio::test]
    async fn many_addresses_that_try_one_name_wait_too() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        for number in 0..60 {
            throttle.failed(address(number), "alice", now);
        }
        assert!(throttle.wait(address(200), "alice", now) > Duration::from_secs(10));
    }

    #[tokio::test]
    async fn what_is_remembered_is_bounded_and_ends() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        for _ in 0..60 {
            throttle.failed(address(1), "alice", now);
        }
        for number in 0..limits::FAILURES {
            throttle.failed(address(2), &number.to_string(), now);
        }
        assert!(throttle.0.len() <= limits::FAILURES);
        assert!(!throttle.wait(address(1), "x", now).is_zero(), "the worst are not forgotten");
        throttle.failed(address(1), "alice", now + limits::FAILURES_LAST * 2);
        assert!(throttle.wait(address(1), "x", now + limits::FAILURES_LAST * 2).is_zero());
    }
}
