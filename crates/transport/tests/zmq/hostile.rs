//! Peers that do not keep to the protocol, or send more than anybody can want.

use super::{PATIENCE, frame, heard, hub, link, next_frame, say};
use akrida_transport::{Hub, Incoming, PeerId, limits};
use bytes::Bytes;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// The head of a frame of 1 MiB after which more parts of its message follow.
const PART: [u8; 9] = [3, 0, 0, 0, 0, 0, 0x10, 0, 0];

const MIB: usize = 1 << 20;

/// The greeting of a peer without encryption.
fn greeting() -> Vec<u8> {
    let mut greeting = b"\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL".to_vec();
    greeting.resize(64, 0);
    greeting
}

/// A peer made of bytes.
struct Raw(TcpStream);

impl Raw {
    fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_write_timeout(Some(Duration::from_millis(100))).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(stream)
    }

    /// A peer that has introduced itself.
    fn introduced(port: u16, identity: &str) -> Self {
        let mut this = Self::connect(port);
        this.send(&greeting()).unwrap();
        this.send(&ready("DEALER", identity)).unwrap();
        this
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    /// Sends 1 MiB after the other behind `head` each, at most `count`, for as long as the other end takes them.
    fn pour(&mut self, head: &[u8], count: usize) -> usize {
        let body = vec![0; MIB];
        let sends = |_: &usize| self.send(head).is_ok() && self.send(&body).is_ok();
        (0..count).take_while(sends).count()
    }

    /// Reads until the other end ends the connection.
    fn until_the_end(&mut self) -> Vec<u8> {
        let mut come = Vec::new();
        match self.0.read_to_end(&mut come) {
            Ok(_) => come,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => come,
            Err(error) => panic!("the connection does not end: {error}"),
        }
    }
}

fn ready(kind: &str, identity: &str) -> Vec<u8> {
    let mut body = b"\x05READY".to_vec();
    for (name, value) in [("Socket-Type", kind), ("Identity", identity)] {
        body.push(u8::try_from(name.len()).unwrap());
        body.extend(name.as_bytes());
        body.extend(u32::try_from(value.len()).unwrap().to_be_bytes());
        body.extend(value.as_bytes());
    }
    [&[4, u8::try_from(body.len()).unwrap()][..], &body[..]].concat()
}

/// A worker that comes now is served.
async fn serves(hub: &mut Hub, port: u16) {
    let mut good = link(port, "good");
    say(&good, "hello").await;
    loop {
        let come = next_frame(hub).await;
        if come == frame("good", "hello") {
            break;
        }
        assert!(!matches!(come, Incoming::Frame { peer, .. } if peer == PeerId::from("good")));
    }
    hub.send(&PeerId::from("good"), Bytes::from_static(b"yes")).unwrap();
    assert_eq!(heard(&mut good).await, "yes");
}

/// Who looks at the memory of this process does so alone.
static SCALES: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Resident memory of this process, bytes.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[tokio::test]
async fn strangers_are_shown_the_door_and_keep_nobody_out() {
    let (mut hub, port) = hub();
    let end = |name: &str, bytes: &[u8]| {
        let mut stranger = Raw::connect(port);
        stranger.send(bytes).unwrap();
        let come = stranger.until_the_end();
        assert!(come.len() < 200, "{name}: {}", come.escape_ascii());
    };
    let introduced = |rest: &[u8]| [&greeting()[..], &ready("DEALER", "x")[..], rest].concat();
    end("another protocol", b"GET / HTTP/1.1\r\n\r\n");
    end("noise", &[0xff; 4096]);
    end("zeros", &[0; 4096]);
    end("an older version", b"\xff\0\0\0\0\0\0\0\x01\x7f\x01\x05\0\0");
    end(
        "encryption",
        &greeting().iter().map(|byte| if *byte == b'N' { b'P' } else { *byte }).collect::<Vec<_>>(),
    );
    end("a message before the introduction", &[&greeting()[..], &[0, 1, b'x']].concat());
    end("a subscriber", &[&greeting()[..], &ready("SUB", "x")[..]].concat());
    end("no introduction", &[&greeting()[..], &[4, 3], b"\x02HI"].concat());
    end("a command of 2^62 bytes", &[&greeting()[..], &[6, 0x40, 0, 0, 0, 0, 0, 0, 0]].concat());
    end("a message of 2^62 bytes", &introduced(&[2, 0x40, 0, 0, 0, 0, 0, 0, 0]));
    end("a message one byte too long", &introduced(&[2, 0, 0, 0, 0, 1, 0, 0, 1]));
    end("flags that do not exist", &introduced(&[0xf8, 1, 0]));
    end("a name that is reserved", &[&greeting()[..], &ready("DEALER", "\0xyz")[..]].concat());
    serves(&mut hub, port).await;
}

#[tokio::test]
async fn who_stops_in_the_middle_keeps_nobody_out() {
    let (mut hub, port) = hub();
    let whole = [&greeting()[..], &ready("DEALER", "half")[..], &[2, 0, 0, 0, 0, 0, 1, 0, 0, 7]].concat();
    let halves: Vec<Raw> = (0..whole.len())
        .map(|end| {
            let mut half = Raw::connect(port);
            half.send(&whole[..end]).unwrap();
            half
        })
        .collect();
    serves(&mut hub, port).await;
    drop(halves);
}

#[tokio::test]
async fn a_handshake_has_its_time() {
    let (_hub, port) = hub();
    let mut slow = Raw::connect(port);
    slow.send(&greeting()[..20]).unwrap();
    assert_eq!(slow.until_the_end().len(), 64, "our greeting, and nothing after it");
}

#[tokio::test]
async fn a_ping_is_answered() {
    let (_hub, port) = hub();
    let mut peer = Raw::introduced(port, "w");
    peer.send(b"\x04\x0b\x04PING\0\x0aabcd").unwrap();
    let mut come = [0; 64 + 43 + 11];
    peer.0.read_exact(&mut come).unwrap();
    assert_eq!(&come[64 + 43..], b"\x04\x09\x04PONGabcd");
}

/// libzmq holds a message in memory until its last part has come, which never does.
#[tokio::test]
async fn a_message_without_an_end_costs_nothing() {
    let (mut hub, port) = hub();
    let _alone = SCALES.lock().await;
    let before = resident();
    let mut endless = Raw::introduced(port, "endless");
    let taken = endless.pour(&PART, 600);
    let grown = resident().saturating_sub(before) / MIB;
    assert!(grown < 100, "{grown} MiB more after {taken} MiB");
    serves(&mut hub, port).await;
}

/// Nobody reads at the master's end, and peers send all the same.
#[tokio::test]
async fn what_waits_for_a_busy_master_has_a_bound_and_all_of_it_comes() {
    let (mut hub, port) = hub();
    let _alone = SCALES.lock().await;
    let before = resident();
    let whole: [u8; 9] = [2, 0, 0, 0, 0, 0, 0x10, 0, 0];
    let pours: Vec<_> = (0..4)
        .map(|number| {
            let mut peer = Raw::introduced(port, &format!("w{number}"));
            std::thread::spawn(move || (peer.pour(&whole, 200), peer))
        })
        .collect();
    let pours: Vec<_> = pours.into_iter().map(|pour| pour.join().unwrap()).collect();
    let grown = resident().saturating_sub(before) / MIB;
    let taken: usize = pours.iter().map(|(taken, _)| *taken).sum();
    assert!(taken < 500, "{taken} MiB were taken");
    assert!(grown < 400, "{grown} MiB more");
    // Of each peer one more may be half there.
    for _ in 0..taken {
        let Incoming::Frame { body, .. } = next_frame(&mut hub).await else { panic!("a frame") };
        assert!(body.len() == MIB && body.iter().all(|byte| *byte == 0));
    }
    drop(pours);
    serves(&mut hub, port).await;
}

/// They claim much, and send as little of it as they like.
#[tokio::test]
async fn bodies_that_never_come_whole_have_a_bound_and_a_time() {
    let (mut hub, port) = hub();
    let _alone = SCALES.lock().await;
    let before = resident();
    let stuck: Vec<Raw> = (0..24)
        .map(|number| {
            let mut peer = Raw::introduced(port, &format!("w{number}"));
            // All but the last byte of the longest frame.
            peer.send(&[2, 0, 0, 0, 0, 1, 0, 0, 0]).unwrap();
            let body = vec![0; limits::FRAME - 1];
            let _ = peer.send(&body);
            peer
        })
        .collect();
    let grown = resident().saturating_sub(before) / MIB;
    assert!(grown < 200, "{grown} MiB more");
    // A good worker's reports come meanwhile.
    serves(&mut hub, port).await;
    let report = link(port, "report");
    report.writable().await;
    report.send(Bytes::from(vec![1; limits::USUAL])).unwrap();
    let Incoming::Frame { peer, body } = next_frame(&mut hub).await else { panic!("a frame") };
    assert_eq!((peer, body.len()), (PeerId::from("report"), limits::USUAL));
    // Large ones have to wait, until those that hold the room leave or have had their time.
    drop(stuck);
    let large = link(port, "large");
    large.writable().await;
    large.send(Bytes::from(vec![1; limits::FRAME])).unwrap();
    loop {
        let Incoming::Frame { peer, body } = next_frame(&mut hub).await else { panic!("a frame") };
        if peer == PeerId::from("large") {
            assert_eq!(body.len(), limits::FRAME);
            break;
        }
    }
}

#[tokio::test]
async fn ten_thousand_names_one_after_the_other_leave_nothing_behind() {
    let (mut hub, port) = hub();
    let good = link(port, "good");
    say(&good, "here").await;
    assert_eq!(next_frame(&mut hub).await, frame("good", "here"));
    for round in 0..100 {
        let crowd: Vec<Raw> = (0..100).map(|n| Raw::introduced(port, &format!("{round}_{n}"))).collect();
        drop(crowd);
        // The queue of a master that reads now and then.
        while hub.try_recv().is_some() {}
    }
    say(&good, "still").await;
    assert_eq!(next_frame(&mut hub).await, frame("good", "still"));
    let nobody = PeerId::from("42_42");
    while hub.send(&nobody, Bytes::new()).is_ok() {
        // Its end has not been noticed yet.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
