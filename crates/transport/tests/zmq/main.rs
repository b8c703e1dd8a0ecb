//! The transport over real sockets on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers here fail the test that calls them"
)]

mod hostile;
mod independent;

use akrida_transport::zmq::{Binding, bind, connect};
use akrida_transport::{Hub, Incoming, Link, PeerId, SendError, limits};
use bytes::Bytes;
use std::time::Duration;
use tokio::time::timeout;

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

fn hub() -> (Hub, u16) {
    let urgent = |frame: &[u8]| frame.starts_with(b"!");
    bind(&Binding { host: "127.0.0.1".to_owned(), port: 0, urgent }).unwrap()
}

fn link(port: u16, identity: &str) -> Link {
    connect("127.0.0.1", port, identity).unwrap()
}

/// Sends when the connection is there.
async fn say(link: &Link, text: &'static str) {
    link.writable().await;
    link.send(Bytes::from_static(text.as_bytes())).unwrap();
}

async fn next(hub: &mut Hub) -> Incoming {
    timeout(PATIENCE, hub.recv()).await.expect("something comes").expect("the hub is open")
}

/// As [`next`], without the news that connections have ended.
async fn next_frame(hub: &mut Hub) -> Incoming {
    loop {
        let incoming = next(hub).await;
        if matches!(incoming, Incoming::Frame { .. }) {
            return incoming;
        }
    }
}

async fn heard(link: &mut Link) -> Bytes {
    timeout(PATIENCE, link.recv()).await.expect("something comes").expect("the link is open")
}

fn frame(peer: &str, text: &'static str) -> Incoming {
    Incoming::Frame { peer: PeerId::from(peer), body: Bytes::from_static(text.as_bytes()) }
}

#[tokio::test]
async fn frames_go_both_ways_and_keep_their_order() {
    let (mut hub, port) = hub();
    let (mut one, two) = (link(port, "w1"), link(port, "w2"));
    for text in ["a", "b", "c"] {
        say(&one, text).await;
    }
    for text in ["a", "b", "c"] {
        assert_eq!(next(&mut hub).await, frame("w1", text));
    }
    say(&two, "hello").await;
    assert_eq!(next(&mut hub).await, frame("w2", "hello"));
    hub.send(&PeerId::from("w1"), Bytes::from_static(b"yes")).unwrap();
    assert_eq!(heard(&mut one).await, "yes");
}

#[tokio::test]
async fn what_is_urgent_overtakes_what_is_not() {
    let (mut hub, port) = hub();
    let worker = link(port, "w1");
    for text in ["slow", "!fast"] {
        say(&worker, text).await;
    }
    // Both have come when a third that is urgent has.
    say(&worker, "!last").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let order = [next(&mut hub).await, next(&mut hub).await, next(&mut hub).await];
    assert_eq!(order, [frame("w1", "!fast"), frame("w1", "!last"), frame("w1", "slow")]);
}

#[tokio::test]
async fn a_peer_that_was_never_there_is_an_answer() {
    let (hub, _) = hub();
    let peer = PeerId::from("nobody");
    assert_eq!(hub.send(&peer, Bytes::from_static(b"x")), Err(SendError::Gone));
}

#[tokio::test]
async fn the_newest_connection_of_an_identity_wins() {
    let (mut hub, port) = hub();
    let old = link(port, "w1");
    say(&old, "old").await;
    assert_eq!(next(&mut hub).await, frame("w1", "old"));
    let mut new = link(port, "w1");
    say(&new, "new").await;
    let ended = Incoming::Disconnected { peer: PeerId::from("w1") };
    assert_eq!(next(&mut hub).await, ended, "what was said to the old one may be lost");
    assert_eq!(next(&mut hub).await, frame("w1", "new"));
    hub.send(&PeerId::from("w1"), Bytes::from_static(b"hello")).unwrap();
    assert_eq!(heard(&mut new).await, "hello");
}

#[tokio::test]
async fn last_words_are_sent_before_an_end_on_either_side() {
    let (mut hub, port) = hub();
    let mut worker = link(port, "w1");
    say(&worker, "hello").await;
    assert_eq!(next(&mut hub).await, frame("w1", "hello"));
    hub.send(&PeerId::from("w1"), Bytes::from_static(b"quit")).unwrap();
    let other = link(port, "w2");
    say(&other, "bye").await;
    drop(other);
    let mut last = [next(&mut hub).await, next(&mut hub).await];
    // The news of an end overtake what was said before it.
    last.sort_by_key(|incoming| matches!(incoming, Incoming::Disconnected { .. }));
    assert_eq!(last, [frame("w2", "bye"), Incoming::Disconnected { peer: PeerId::from("w2") }]);
    drop(hub);
    assert_eq!(heard(&mut worker).await, "quit");
}

#[tokio::test]
async fn a_worker_may_be_there_before_its_master_and_says_nothing_old() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let worker = link(free, "w1");
    let mut kept = 0;
    while worker.send(Bytes::from_static(b"x")).is_ok() {
        kept += 1;
        assert!(kept <= limits::QUEUE_FROM_WORKER + 1, "nothing is queued for nobody");
    }
    let urgent = |_: &[u8]| false;
    let (mut hub, _) = bind(&Binding { host: "127.0.0.1".to_owned(), port: free, urgent }).unwrap();
    assert_eq!(next(&mut hub).await, frame("w1", "x"));
}

#[tokio::test]
async fn who_asks_on_an_idle_link_only_finds_few_questions_waiting() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let worker = link(free, "w1");
    let idle = async || {
        while !worker.is_idle() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    for text in ["one", "two"] {
        // The thread of the socket holds one itself.
        timeout(PATIENCE, idle()).await.expect("there is room for one more");
        say(&worker, text).await;
    }
    assert!(!worker.is_idle(), "nobody is there to take it");
    let urgent = |_: &[u8]| false;
    let (mut hub, _) = bind(&Binding { host: "127.0.0.1".to_owned(), port: free, urgent }).unwrap();
    for text in ["one", "two"] {
        assert_eq!(next(&mut hub).await, frame("w1", text));
    }
    timeout(PATIENCE, idle()).await.expect("all was taken");
}

#[tokio::test]
async fn a_worker_whose_master_is_gone_ends_whatever_it_had_to_say() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let worker = link(free, "w1");
    for text in ["one", "two", "three"] {
        say(&worker, text).await;
    }
    let ended = tokio::task::spawn_blocking(move || drop(worker));
    timeout(PATIENCE, ended).await.expect("it ends").unwrap();
}

#[tokio::test]
async fn a_worker_connects_anew_when_it_is_asked_to() {
    let (mut hub, port) = hub();
    let mut worker = link(port, "w1");
    say(&worker, "one").await;
    assert_eq!(next(&mut hub).await, frame("w1", "one"));
    for text in ["two", "three", "four"] {
        say(&worker, text).await;
    }
    worker.reconnect();
    say(&worker, "five").await;
    // What was said before the new connection and after it.
    for text in ["two", "three", "four", "five"] {
        assert_eq!(next_frame(&mut hub).await, frame("w1", text));
    }
    // All of it may have come by the old connection, which takes with it what it is given last.
    let hello = async {
        loop {
            let _ = hub.send(&PeerId::from("w1"), Bytes::from_static(b"hello"));
            if let Ok(heard) = timeout(Duration::from_millis(200), worker.recv()).await {
                break heard;
            }
        }
    };
    assert_eq!(timeout(PATIENCE, hello).await.expect("it is there again").unwrap(), "hello");
}

#[tokio::test]
async fn a_worker_that_does_not_read_holds_up_nobody() {
    let (mut hub, port) = hub();
    let stuck = link(port, "stuck");
    let mut good = link(port, "good");
    for (worker, name) in [(&stuck, "stuck"), (&good, "good")] {
        say(worker, "hello").await;
        assert_eq!(next(&mut hub).await, frame(name, "hello"));
    }
    let large = Bytes::from(vec![0; 1 << 20]);
    let (stuck_id, good_id) = (PeerId::from("stuck"), PeerId::from("good"));
    for _ in 0..3 * limits::QUEUE_TO_WORKER {
        let _ = hub.send(&stuck_id, Bytes::from_static(b"x"));
        let _ = hub.send(&stuck_id, large.slice(..1024));
    }
    hub.send(&good_id, Bytes::from_static(b"y")).unwrap();
    assert_eq!(heard(&mut good).await, "y");
}

#[test]
fn an_address_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let urgent = |_: &[u8]| false;
    let error = bind(&Binding { host: "127.0.0.1".to_owned(), port, urgent }).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot listen on tcp://127.0.0.1:{port}: Address already in use"));
    let error = connect("not a host", 5557, "w").unwrap_err();
    assert!(error.to_string().starts_with("cannot connect to tcp://not a host:5557: "), "{error}");
}
