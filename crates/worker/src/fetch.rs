//! Asks a master for the test, before there is anything to be a worker of.
//!
//! As Locust does it: under a temporary name, each second, until it is answered or nobody was there for five minutes.
//! [`Fetch`] decides, [`fetch`] is the shell around it.

use crate::clock::Clock;
use crate::limits;
use akrida_protocol::{DecodeError, LocustfileReply, LocustfileSource, ToMaster, ToWorker};
use akrida_transport::Link;
use bytes::Bytes;
use std::future::Future;
use std::time::Duration;

/// How it ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Fetched {
    /// The test.
    Sources(Vec<LocustfileSource>),
    /// The master has none to give, for this reason.
    Refused(String),
    /// The master's answer cannot be read.
    Unreadable(DecodeError),
    /// No master answered.
    NoMaster,
    /// The process is asked to end.
    Terminated,
}

/// What is to be done now.
#[derive(Debug, Default)]
struct Effects {
    /// Goes to the master.
    ask: Option<Bytes>,
    /// Whoever waits should be told that it goes on.
    waiting: bool,
    end: Option<Fetched>,
}

/// Asks again and again.
#[derive(Debug)]
struct Fetch {
    question: Bytes,
    /// When it is asked next, since the beginning.
    ask: Duration,
    /// When whoever waits is told next.
    tell: Duration,
}

impl Fetch {
    fn new(node_id: &str) -> Self {
        let question = ToMaster::Locustfile { version: limits::LOCUST_VERSION.to_owned(), akrida: true };
        Self { question: question.encode(node_id), ask: Duration::ZERO, tell: limits::FETCH_PATIENCE }
    }

    /// When [`Fetch::tick`] is due.
    fn deadline(&self) -> Duration {
        self.ask.min(self.tell).min(limits::FETCH)
    }

    /// So much time has passed since the beginning.
    fn tick(&mut self, passed: Duration) -> Effects {
        if passed >= limits::FETCH {
            return Effects { end: Some(Fetched::NoMaster), ..Effects::default() };
        }
        let mut effects = Effects::default();
        if passed >= self.ask {
            self.ask = passed + limits::FETCH_INTERVAL;
            effects.ask = Some(self.question.clone());
        }
        if passed >= self.tell {
            self.tell = passed + limits::FETCH_REMINDER;
            effects.waiting = true;
        }
        effects
    }

    /// A frame came from the master. Nothing was asked but for the test: what else it may say is for others.
    fn answer(frame: &[u8]) -> Option<Fetched> {
        match ToWorker::decode(frame) {
            Err(error) => Some(Fetched::Unreadable(error)),
            Ok(envelope) => match envelope.message {
                ToWorker::Locustfile(LocustfileReply::Sources(sources)) => Some(Fetched::Sources(sources)),
                ToWorker::Locustfile(LocustfileReply::Error(reason)) => Some(Fetched::Refused(reason)),
                _ => None,
            },
        }
    }
}

/// Asks the master at the other end of `link` for the test, until there is an answer or `terminate` completes. It says
/// `waiting` now and then while nobody answers.
pub async fn fetch(
    mut link: Link,
    mut waiting: impl FnMut(),
    terminate: impl Future<Output = ()>,
) -> Fetched {
    let clock = Clock::start();
    let node_id = String::from_utf8_lossy(link.identity().as_bytes()).into_owned();
    let mut fetch = Fetch::new(&node_id);
    let mut terminate = std::pin::pin!(terminate);
    loop {
        let effects = tokio::select! {
            biased;
            frame = link.recv() => match frame {
                Some(frame) => Effects { end: Fetch::answer(&frame), ..Effects::default() },
                None => Effects { end: Some(Fetched::NoMaster), ..Effects::default() },
            },
            () = &mut terminate => Effects { end: Some(Fetched::Terminated), ..Effects::default() },
            () = clock.sleep_until(fetch.deadline()) => fetch.tick(clock.now().monotonic),
        };
        if let Some(end) = effects.end {
            return end;
        }
        // A master that comes late should not find hundreds of questions.
        if let Some(question) = effects.ask.filter(|_| link.is_idle()) {
            // What finds no room is asked again in a second.
            let _ = link.send(question);
        }
        if effects.waiting {
            waiting();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_transport::{Incoming, PeerId, memory};

    /// What is done at each moment at which something is, seconds.
    fn life(fetch: &mut Fetch) -> Vec<(u64, Effects)> {
        let mut life = Vec::new();
        loop {
            let now = fetch.deadline();
            let effects = fetch.tick(now);
            let ended = effects.end.is_some();
            life.push((now.as_secs(), effects));
            if ended {
                return life;
            }
        }
    }

    #[test]
    fn it_asks_each_second_and_gives_up_after_five_minutes() {
        let life = life(&mut Fetch::new("h_download_locustfile_1"));
        let asked: Vec<u64> =
            life.iter().filter(|(_, effects)| effects.ask.is_some()).map(|(at, _)| *at).collect();
        assert_eq!(asked, (0..300).collect::<Vec<_>>());
        let told: Vec<u64> = life.iter().filter(|(_, effects)| effects.waiting).map(|(at, _)| *at).collect();
        assert_eq!(told, [10, 70, 130, 190, 250]);
        let (at, last) = life.last().unwrap();
        assert_eq!((*at, &last.end), (300, &Some(Fetched::NoMaster)));
    }

    #[test]
    fn it_says_what_it_is_and_that_scenarios_are_welcome() {
        let asked = Fetch::new("h_download_locustfile_1").tick(Duration::ZERO).ask.unwrap();
        let envelope = ToMaster::decode(&asked).unwrap();
        assert_eq!(envelope.node_id, "h_download_locustfile_1");
        let expected = ToMaster::Locustfile { version: "2.47.0".to_owned(), akrida: true };
        assert_eq!(envelope.message, expected);
    }

    #[test]
    fn an_answer_ends_it_and_other_messages_do_not() {
        let answered = |message: ToWorker| Fetch::answer(&message.encode("x"));
        let file =
            LocustfileSource::File { filename: "a.py".to_owned(), contents: "import locust".to_owned() };
        let sources = LocustfileReply::Sources(vec![file.clone()]);
        assert_eq!(answered(ToWorker::Locustfile(sources)), Some(Fetched::Sources(vec![file])));
        let error = LocustfileReply::Error("no".to_owned());
        assert_eq!(answered(ToWorker::Locustfile(error)), Some(Fetched::Refused("no".to_owned())));
        for other in [ToWorker::Quit, ToWorker::Stop, ToWorker::Heartbeat(None), ToWorker::Reconnect] {
            assert_eq!(answered(other), None);
        }
        for broken in [&b""[..], b"\x93\xaalocustfile\x90\xa0", b"HTTP/1.1 400"] {
            assert!(matches!(Fetch::answer(broken), Some(Fetched::Unreadable(_))), "{broken:?}");
        }
    }

    #[tokio::test]
    async fn the_shell_asks_and_hands_over_what_comes() {
        let (mut hub, network) = memory::network();
        let asking = tokio::spawn(fetch(network.connect("h_1"), || {}, std::future::pending()));
        let question = loop {
            if let Some(Incoming::Frame { peer, body }) = hub.recv().await {
                assert_eq!(peer, PeerId::from("h_1"));
                break body;
            }
        };
        assert!(matches!(ToMaster::decode(&question).unwrap().message, ToMaster::Locustfile { .. }));
        let reply = ToWorker::Locustfile(LocustfileReply::Sources(Vec::new()));
        hub.send(&PeerId::from("h_1"), reply.encode("h_1")).unwrap();
        assert_eq!(asking.await.unwrap(), Fetched::Sources(Vec::new()));
    }

    #[tokio::test]
    async fn whoever_waits_may_leave() {
        let (_hub, network) = memory::network();
        let fetched = fetch(network.connect("h_1"), || {}, std::future::ready(())).await;
        assert_eq!(fetched, Fetched::Terminated);
    }
}
