//! What ends a connection, and what does not, by a clock that stands still while something happens.

use super::*;
use crate::hub::Lanes;
use std::net::Ipv4Addr;
use tokio::io::DuplexStream;
use tokio::task::JoinHandle;
use tokio::time::Instant;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A peer, and the hub to which it is connected.
struct Peer {
    stream: DuplexStream,
    shared: Arc<Shared>,
    lanes: Lanes,
    served: JoinHandle<()>,
}

impl Peer {
    /// One that has introduced itself, over a line that holds `line` bytes in each direction.
    async fn introduced(line: usize) -> Self {
        let (stream, theirs) = tokio::io::duplex(line);
        let (inlet, lanes) = Lanes::new(10, 10_000);
        let urgent: fn(&[u8]) -> bool = |frame| frame.starts_with(b"!");
        let shared = Arc::new(Shared {
            role: Role::Router,
            routes: Arc::default(),
            room: Arc::new(Room::new()),
            inlet,
            urgent,
        });
        let serving = shared.clone();
        let served = tokio::spawn(async move {
            let (read, write) = tokio::io::split(theirs);
            converse(read, write, HERE, &serving).await;
        });
        let mut this = Self { stream, shared, lanes, served };
        this.say(&zmtp::greeting()).await;
        this.say(b"\x04\x2a\x05READY\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\0\x01w").await;
        let mut come = vec![0; zmtp::GREETING + zmtp::ready(Role::Router).len()];
        this.stream.read_exact(&mut come).await.unwrap();
        this
    }

    async fn say(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The head of a body of so many bytes, and its beginning.
    async fn claim(&mut self, length: u32, come: usize) {
        self.say(&[&[2, 0, 0, 0, 0][..], &length.to_be_bytes(), &vec![7; come]].concat()).await;
    }

    /// How long it takes until the connection ends.
    async fn end(self) -> Duration {
        let began = Instant::now();
        timeout(Duration::from_secs(3_600), self.served).await.expect("it ends").unwrap();
        began.elapsed()
    }
}

#[tokio::test(start_paused = true)]
async fn who_says_nothing_or_falls_silent_is_cut() {
    assert_eq!(Peer::introduced(1_024).await.end().await, limits::FIRST_WORD);
    let mut peer = Peer::introduced(1_024).await;
    peer.say(b"\0\x01x").await;
    assert_eq!(peer.end().await, limits::FIRST_WORD + limits::SILENCE);
    let mut peer = Peer::introduced(1_024).await;
    for _ in 0..1_000 {
        peer.say(b"\0\x02!x").await;
        sleep(Duration::from_secs(1)).await;
        assert!(peer.lanes.try_recv().is_some());
    }
    assert!(!peer.served.is_finished(), "it is heard");
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_is_cut_and_who_reads_slowly_is_not() {
    let peer = Peer::introduced(1_024).await;
    for _ in 0..2 {
        peer.shared
            .routes
            .send(&PeerId::from("w"), Bytes::from(vec![0; limits::BYTES_TO_WORKER / 3]))
            .unwrap();
    }
    let routes = peer.shared.routes.clone();
    assert_eq!(peer.end().await, limits::UNREAD);
    assert_eq!(routes.send(&PeerId::from("w"), Bytes::new()), Err(crate::SendError::Gone));
    let mut peer = Peer::introduced(1_024).await;
    peer.say(b"\0\x01x").await;
    peer.shared.routes.send(&PeerId::from("w"), Bytes::from(vec![7; 20_000])).unwrap();
    let mut come = vec![0; 1_000];
    for _ in 0..20 {
        sleep(limits::UNREAD / 2).await;
        peer.stream.read_exact(&mut come).await.unwrap();
    }
    assert!(!peer.served.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_body_of_which_nothing_comes_gets_no_room_and_ends_the_connection() {
    let mut peer = Peer::introduced(1 << 20).await;
    peer.claim(limits::USUAL as u32, limits::SMALL - 1).await;
    sleep(Duration::from_millis(1)).await;
    assert!(!peer.shared.room.share(HERE).has_given(limits::USUAL));
    assert_eq!(peer.end().await, limits::BODY - Duration::from_millis(1));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_ends_the_connection_as_soon_as_others_may_want_its_room() {
    let stalled = async |short: bool| {
        let mut peer = Peer::introduced(1 << 20).await;
        peer.claim(limits::USUAL as u32, limits::SMALL).await;
        let shared = peer.shared.clone();
        let share = shared.room.share(HERE);
        let mut held = Vec::new();
        while short && !share.is_short(limits::USUAL) {
            held.push(share.reserve(limits::USUAL).await.unwrap());
        }
        peer.end().await
    };
    assert_eq!(stalled(true).await, limits::STALL);
    assert_eq!(stalled(false).await, patience(limits::USUAL));
}

#[tokio::test(start_paused = true)]
async fn a_newer_connection_is_news_of_the_end_of_the_older_one() {
    let mut peer = Peer::introduced(1_024).await;
    let (mut second, theirs) = tokio::io::duplex(1_024);
    let serving = peer.shared.clone();
    let served = tokio::spawn(async move {
        let (read, write) = tokio::io::split(theirs);
        converse(read, write, HERE, &serving).await;
    });
    second.write_all(&zmtp::greeting()).await.unwrap();
    second
        .write_all(b"\x04\x2a\x05READY\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\0\x01w")
        .await
        .unwrap();
    second.write_all(b"\0\x02!x").await.unwrap();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(peer.lanes.try_recv(), Some(Incoming::Disconnected { peer: PeerId::from("w") }));
    let word = Incoming::Frame { peer: PeerId::from("w"), body: Bytes::from_static(b"!x") };
    assert_eq!((peer.lanes.try_recv(), peer.lanes.try_recv()), (Some(word), None));
    assert!(peer.served.is_finished() && !served.is_finished());
}
