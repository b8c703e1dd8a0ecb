//! Workers of before Locust 0.10, which have no address.

use super::{Bench, start, stats};
use crate::event::{Command, Event};
use akrida_protocol::{ToMaster, ToWorker, Version};
use akrida_run::RunState;
use akrida_transport::{Deal, PeerId};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::time::Duration;

impl Bench {
    /// A connection pushes something; what is dealt then.
    fn push(&mut self, by: &str, body: Bytes) -> Option<Deal> {
        let effects = self.on(Event::Pushed { by: PeerId::from(by), body });
        assert!(effects.frames.is_empty(), "nobody is addressed: {:?}", effects.frames);
        effects.deal
    }

    fn arrive(&mut self, by: &str, id: &str) -> Option<Deal> {
        self.push(by, ToMaster::ClientReady(Version::Old).encode(id))
    }

    fn hatched(&mut self, by: &str, id: &str, users: u64) -> Option<Deal> {
        let done = ToMaster::SpawningComplete { user_classes_count: BTreeMap::new(), user_count: users };
        self.push(by, done.encode_in(akrida_protocol::Generations::HATCHING, id))
    }

    fn order_deal(&mut self, command: Command) -> Option<Deal> {
        let effects = self.on(Event::Command(command));
        effects.answer.unwrap().unwrap();
        effects.deal
    }

    fn shown(&self) -> Vec<(String, u64)> {
        self.snapshot.workers.iter().map(|worker| (worker.id.clone(), worker.user_count)).collect()
    }
}

/// A report: `users`, and failures, which these count apart from requests.
fn report(id: &str, requests: u8, failures: u8, users: u8) -> Bytes {
    let mut frame =
        b"\x93\xa5stats\x83\xa5stats\x91\x87\xa4name\xa1/\xa6method\xa3GET\xaastart_time\x01".to_vec();
    frame.extend(b"\xacnum_requests");
    frame.push(requests);
    frame.extend(b"\xacnum_failures");
    frame.push(failures);
    frame.extend(b"\xb3total_response_time\x05\xaeresponse_times\x80\xa6errors\x80\xaauser_count");
    frame.push(users);
    frame.push(0xa0 | u8::try_from(id.len()).unwrap());
    frame.extend(id.as_bytes());
    frame.into()
}

/// The numbers of users that are dealt.
fn numbers(deal: Option<Deal>) -> Vec<u64> {
    let Some(Deal::Each(jobs)) = deal else { panic!("{deal:?}") };
    let number = |job: &Bytes| match ToWorker::decode(job).unwrap().message {
        ToWorker::SpawnUsers(job) => job.users,
        other => panic!("{other:?}"),
    };
    jobs.iter().map(number).collect()
}

fn all(message: &ToWorker) -> Option<Deal> {
    let body = message.encode_in(crate::unaddressed::UNADDRESSED, "").pop();
    body.map(Deal::All)
}

#[test]
fn a_run_is_dealt_and_stopped_for_all_and_failures_are_requests() {
    let mut bench = Bench::new(&[]);
    assert_eq!((bench.arrive("1", "a"), bench.arrive("2", "b")), (None, None));
    assert_eq!(numbers(bench.order_deal(start(7, None))), [4, 3]);
    // Which of them has which they tell.
    bench.hatched("1", "a", 3);
    bench.hatched("2", "b", 4);
    assert_eq!(bench.snapshot.state, RunState::Running);
    assert_eq!(bench.shown(), [("a".to_owned(), 3), ("b".to_owned(), 4)]);
    bench.push("1", report("a", 5, 2, 3));
    assert_eq!(bench.requests(), 7);
    assert_eq!(bench.snapshot.total.num_failures, 2);
    assert_eq!(bench.order_deal(Command::Stop), all(&ToWorker::Stop));
    for (by, id) in [("1", "a"), ("2", "b")] {
        bench.push(by, ToMaster::ClientStopped.encode(id));
        bench.arrive(by, id);
    }
    assert_eq!(bench.snapshot.state, RunState::Stopping, "their last figures come with their next reports");
    bench.push("1", report("a", 1, 0, 0));
    bench.push("2", report("b", 1, 0, 0));
    assert_eq!((bench.snapshot.state, bench.requests()), (RunState::Stopped, 9));
    let effects = bench.on(Event::Command(Command::Quit));
    assert_eq!(effects.deal, all(&ToWorker::Quit));
}

#[test]
fn one_is_missing_after_three_missed_reports_and_the_others_are_dealt_its_users() {
    let mut bench = Bench::new(&[]);
    bench.arrive("1", "a");
    bench.arrive("2", "b");
    let _ = bench.order_deal(start(6, None));
    for (by, id) in [("1", "a"), ("2", "b")] {
        bench.hatched(by, id, 3);
    }
    let mut dealt = Vec::new();
    for quarter in 1..=44 {
        bench.now += Duration::from_millis(250);
        dealt.extend(bench.on(Event::Tick).deal.map(|deal| (quarter, numbers(Some(deal)))));
        if quarter % 12 == 0 {
            bench.push("1", report("a", 1, 0, 3));
        }
    }
    assert_eq!(dealt, [(43, vec![6])]);
    // Back again, it is dealt a part with the others.
    assert_eq!(numbers(bench.push("2", report("b", 1, 0, 3))), [3, 3]);
}

#[test]
fn a_connection_speaks_for_one_worker_and_for_no_other() {
    let mut bench = Bench::new(&["new"]);
    bench.arrive("1", "a");
    bench.arrive("1", "many");
    bench.arrive("2", "a");
    bench.push("2", ToMaster::Quit.encode("a"));
    bench.push("3", ToMaster::Quit.encode("new"));
    bench.arrive("4", "new");
    let ids: Vec<String> = bench.shown().into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), 2, "{ids:?}");
    // Once the connection is gone, another one may.
    bench.on(Event::Disconnected(PeerId::from("1")));
    bench.push("5", ToMaster::Quit.encode("a"));
    assert_eq!(bench.shown().len(), 1);
    for nonsense in [&b""[..], b"\x93\xa5stats", &[0xff; 30]] {
        bench.push("6", Bytes::from_static(nonsense));
    }
    bench.push("7", stats(1, 1, 1).encode("exact"));
    bench.push("8", ToMaster::ClientReady(Version::Old).encode(""));
    assert_eq!(bench.shown().len(), 1, "none of these is one of theirs");
}
