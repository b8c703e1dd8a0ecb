//! The crate `zeromq`, which shares no code with libzmq nor with ours, as a peer in either role.

use super::{PATIENCE, frame, heard, hub, link, next, say};
use akrida_transport::{Incoming, PeerId, limits};
use bytes::Bytes;
use tokio::time::timeout;
use zeromq::{DealerSocket, RouterSocket, Socket, SocketOptions, SocketRecv, SocketSend, ZmqMessage};

async fn dealer(port: u16, identity: &str) -> DealerSocket {
    let mut options = SocketOptions::default();
    options.peer_identity(identity.parse().unwrap());
    let mut dealer = DealerSocket::with_options(options);
    dealer.connect(&format!("tcp://127.0.0.1:{port}")).await.unwrap();
    dealer
}

#[tokio::test]
async fn it_is_served_as_a_worker_is() {
    let (mut hub, port) = hub();
    let mut worker = dealer(port, "rust").await;
    let libzmq = link(port, "c");
    worker.send(ZmqMessage::from("hello")).await.unwrap();
    assert_eq!(next(&mut hub).await, frame("rust", "hello"));
    say(&libzmq, "hello").await;
    assert_eq!(next(&mut hub).await, frame("c", "hello"));
    // Short, long and longest.
    for length in [0, 255, 256, limits::SMALL + 1, limits::USUAL + 1, limits::FRAME] {
        let body = Bytes::from(vec![7; length]);
        worker.send(ZmqMessage::from(body.clone())).await.unwrap();
        let Incoming::Frame { body: come, .. } = next(&mut hub).await else { panic!("a frame") };
        assert!(come == body, "{length}");
        hub.send(&PeerId::from("rust"), body.clone()).unwrap();
        let back = timeout(PATIENCE, worker.recv()).await.unwrap().unwrap();
        assert!(back.into_vec() == [body], "{length}");
    }
    drop(worker);
    assert_eq!(next(&mut hub).await, Incoming::Disconnected { peer: PeerId::from("rust") });
}

#[tokio::test]
async fn of_a_message_of_parts_the_first_counts_and_too_many_end_the_connection() {
    let (mut hub, port) = hub();
    let mut worker = dealer(port, "rust").await;
    let parts = |count: usize| {
        let bodies = (0..count).map(|number| Bytes::from(number.to_string())).collect::<Vec<_>>();
        ZmqMessage::try_from(bodies).unwrap()
    };
    worker.send(parts(limits::PARTS)).await.unwrap();
    assert_eq!(next(&mut hub).await, frame("rust", "0"));
    worker.send(parts(limits::PARTS + 1)).await.unwrap();
    assert_eq!(next(&mut hub).await, Incoming::Disconnected { peer: PeerId::from("rust") });
}

#[tokio::test]
async fn it_serves_our_worker() {
    let mut router = RouterSocket::new();
    let zeromq::Endpoint::Tcp(_, port) = router.bind("tcp://127.0.0.1:0").await.unwrap() else {
        panic!("not TCP")
    };
    let mut worker = link(port, "ours");
    say(&worker, "hello").await;
    let come = timeout(PATIENCE, router.recv()).await.unwrap().unwrap().into_vec();
    assert_eq!(come, [Bytes::from("ours"), Bytes::from("hello")]);
    let answer = vec![Bytes::from("ours"), Bytes::from("yes")];
    router.send(ZmqMessage::try_from(answer).unwrap()).await.unwrap();
    assert_eq!(heard(&mut worker).await, "yes");
}
