//! Hosts of all kinds, and answers of odd ones.

use crate::support::{class, get, once, run, step};
use akrida_scenario::model::{Network, UserClass};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Answers every request with the same bytes and closes; keeps the heads. Ends with the test's process.
fn serve(address: &str, answer: &'static [u8]) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind(address).unwrap();
    let at = listener.local_addr().unwrap();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = heads.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                match stream.read(&mut byte) {
                    Ok(1) => head.push(byte[0]),
                    _ => break,
                }
            }
            seen.lock().unwrap().push(String::from_utf8(head).unwrap());
            let _ = stream.write_all(answer);
        }
    });
    (at, heads)
}

#[test]
fn ipv6() {
    let (at, heads) = serve("[::1]:0", OK);
    let delta = run(once(class(vec![step(get("/a"))])), &format!("http://{at}"), 1);
    assert_eq!((delta.sum().failures, delta.sum().content_length), (0, 2));
    let head = heads.lock().unwrap()[0].clone();
    assert!(head.starts_with(&format!("GET /a HTTP/1.1\r\nhost: [::1]:{}\r\n", at.port())), "{head}");
}

#[test]
fn names_beyond_ascii() {
    let (at, heads) = serve("127.0.0.1:0", OK);
    let addresses = vec![("Bücher.test".to_owned(), vec![at.ip()])];
    let network = Network { addresses, ..Network::default() };
    let class = UserClass { network, ..once(class(vec![step(get("/a"))])) };
    let delta = run(class, &format!("http://bücher.test:{}", at.port()), 1);
    assert_eq!(delta.sum().failures, 0);
    let head = heads.lock().unwrap()[0].clone();
    assert!(head.contains(&format!("host: xn--bcher-kva.test:{}\r\n", at.port())), "{head}");
}

#[test]
fn a_server_that_switches_to_what_nobody_asked_for() {
    let (at, heads) = serve(
        "127.0.0.1:0",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    );
    let delta = run(once(class(vec![step(get("/a")), step(get("/b"))])), &format!("http://{at}"), 2);
    // The answer is what it is, and the connection is of no use any more.
    assert_eq!((delta.sum().requests, delta.sum().failures), (2, 0));
    assert_eq!(heads.lock().unwrap().len(), 2);
}
