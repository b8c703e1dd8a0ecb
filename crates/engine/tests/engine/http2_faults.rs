//! What HTTP/2 servers do wrong: a text for each, in bounded time and memory.

use crate::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, OK, PING, PUSH, RESET, SETTINGS, frame,
    header, serve,
};
use crate::http2::speaking_http2;
use crate::support::{class, get, once, run, step, text};
use akrida_scenario::model::{Body, Content, Request};
use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

/// What a server does about a request, and whether the connection goes on.
type Act = fn(&mut TcpStream, u32) -> std::io::Result<bool>;

fn settings() -> Vec<u8> {
    frame(SETTINGS, 0, 0, &[])
}

fn answer(id: u32) -> Vec<u8> {
    [frame(HEADERS, END_HEADERS, id, OK), frame(DATA, END_STREAM, id, b"ok")].concat()
}

fn reset(id: u32, reason: u32) -> Vec<u8> {
    frame(RESET, 0, id, &reason.to_be_bytes())
}

fn goaway(last: u32, reason: u32) -> Vec<u8> {
    frame(GOAWAY, 0, 0, &[last.to_be_bytes(), reason.to_be_bytes()].concat())
}

/// The same frame again and again, as long as the client takes it, but for no more than 64 MiB.
fn flood(stream: &mut TcpStream, frame: &[u8]) -> std::io::Result<()> {
    let many = frame.repeat(1 + 65_536 / frame.len());
    for _ in 0..1_024 {
        stream.write_all(&many)?;
    }
    Ok(())
}

const FAULTS: &[(&str, Act)] = &[
    ("answers", |stream, id| stream.write_all(&answer(id)).map(|()| true)),
    ("early hints first", |stream, id| {
        let hints = frame(HEADERS, END_HEADERS, id, &[0x08, 3, b'1', b'0', b'3']);
        stream.write_all(&[hints, answer(id)].concat()).map(|()| true)
    }),
    ("wants no more of the request", |stream, id| {
        stream.write_all(&[answer(id), reset(id, 0)].concat()).map(|()| true)
    }),
    ("resets", |stream, id| stream.write_all(&reset(id, 2)).map(|()| true)),
    ("resets for no known reason", |stream, id| stream.write_all(&reset(id, 77)).map(|()| true)),
    ("resets within the body", |stream, id| {
        let head = frame(HEADERS, END_HEADERS, id, OK);
        stream.write_all(&[head, frame(DATA, 0, id, b"o"), reset(id, 8)].concat()).map(|()| true)
    }),
    ("refuses always", |stream, id| stream.write_all(&reset(id, 7)).map(|()| true)),
    ("goes away always", |stream, _| stream.write_all(&goaway(0, 0)).map(|()| false)),
    ("is not calm", |stream, id| stream.write_all(&goaway(id, 11)).map(|()| false)),
    ("closes", |_, _| Ok(false)),
    ("closes within the body", |stream, id| {
        let head = frame(HEADERS, END_HEADERS, id, OK);
        stream.write_all(&[head, frame(DATA, 0, id, b"o")].concat()).map(|()| false)
    }),
    ("sends less than announced", |stream, id| {
        let head = [OK, &header("content-length", "10")].concat();
        let head = frame(HEADERS, END_HEADERS, id, &head);
        stream.write_all(&[head, frame(DATA, END_STREAM, id, b"o")].concat()).map(|()| true)
    }),
    ("a frame too large", |stream, id| stream.write_all(&frame(DATA, 0, id, &[0; 70_000])).map(|()| true)),
    ("a large header", |stream, id| {
        let block = [OK, &header("x-large", &"a".repeat(100_000))].concat();
        let mut pieces = block.chunks(16_384);
        stream.write_all(&frame(HEADERS, END_STREAM, id, pieces.next().unwrap_or_default()))?;
        let last = pieces.len() - 1;
        for (index, piece) in pieces.enumerate() {
            let flags = if index == last { END_HEADERS } else { 0 };
            stream.write_all(&frame(CONTINUATION, flags, id, piece))?;
        }
        Ok(true)
    }),
    ("endless headers", |stream, id| {
        stream.write_all(&frame(HEADERS, END_STREAM, id, OK))?;
        flood(stream, &frame(CONTINUATION, 0, id, &header("x-more", "a")))?;
        Ok(true)
    }),
    ("endless empty headers", |stream, id| {
        stream.write_all(&frame(HEADERS, END_STREAM, id, OK))?;
        flood(stream, &frame(CONTINUATION, 0, id, &[]))?;
        Ok(true)
    }),
    ("a header again and again", |stream, id| {
        // Remembered (0x40), and then named by its number (0xbe) ten thousand times.
        let mut block = [OK, &header("x-large", &"a".repeat(3_000))].concat();
        block[1] = 0x40;
        block.extend([0xbe; 10_000]);
        stream.write_all(&frame(HEADERS, END_HEADERS | END_STREAM, id, &block)).map(|()| true)
    }),
    ("garbage for headers", |stream, id| {
        stream.write_all(&frame(HEADERS, END_HEADERS | END_STREAM, id, &[0xff; 40])).map(|()| true)
    }),
    ("a head without a status", |stream, id| {
        let block = header("x", "y");
        stream.write_all(&frame(HEADERS, END_HEADERS | END_STREAM, id, &block)).map(|()| true)
    }),
    ("an answer to nobody", |stream, id| stream.write_all(&answer(id + 2)).map(|()| true)),
    ("a push", |stream, id| {
        let promise = [&2_u32.to_be_bytes()[..], &[0x82, 0x84, 0x86]].concat();
        stream.write_all(&frame(PUSH, END_HEADERS, id, &promise)).map(|()| true)
    }),
    ("empty data without end", |stream, id| {
        stream.write_all(&frame(HEADERS, END_HEADERS, id, OK))?;
        flood(stream, &frame(DATA, 0, id, &[]))?;
        Ok(true)
    }),
    ("a hundred thousand pings", |stream, id| {
        let mut reader = stream.try_clone()?;
        std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
        stream.write_all(&frame(PING, 0, 0, &[0; 8]).repeat(100_000))?;
        stream.write_all(&answer(id)).map(|()| true)
    }),
    ("HTTP/1.1", |stream, _| stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").map(|()| false)),
    ("says nothing", |_, _| Ok(true)),
];

#[test]
fn each_has_its_text() {
    let mut table = String::new();
    for (what, act) in FAULTS {
        let act = *act;
        let url = serve(settings(), move |stream, _, id| act(stream, id));
        let timeout =
            Some(if *what == "says nothing" { Duration::from_millis(200) } else { Duration::from_secs(20) });
        let request = Request { timeout, ..get("/") };
        let delta = run(speaking_http2(once(class(vec![step(request)])), None), &url, 1);
        let text = delta.errors.iter().next().map_or("passed", |(key, _)| key.error.as_str());
        table.push_str(&format!("{what:<28} {text}\n"));
    }
    insta::assert_snapshot!(table, @r"
    answers                      passed
    early hints first            passed
    wants no more of the request passed
    resets                       Http2Error('The server reset the stream: INTERNAL_ERROR')
    resets for no known reason   Http2Error('The server reset the stream: unknown reason')
    resets within the body       Http2Error('The server reset the stream: CANCEL')
    refuses always               Http2Error('The server reset the stream: REFUSED_STREAM')
    goes away always             Http2Error('The server ended the connection: NO_ERROR')
    is not calm                  Http2Error('The server ended the connection: ENHANCE_YOUR_CALM')
    closes                       RemoteDisconnected('Remote end closed connection without response')
    closes within the body       IncompleteRead('Remote end closed connection within the body')
    sends less than announced    Http2Error('The server broke the protocol: PROTOCOL_ERROR')
    a frame too large            Http2Error('The server broke the protocol: FRAME_SIZE_ERROR')
    a large header               Http2Error('The server broke the protocol: PROTOCOL_ERROR')
    endless headers              Http2Error('The server broke the protocol: ENHANCE_YOUR_CALM')
    endless empty headers        Http2Error('The server broke the protocol: ENHANCE_YOUR_CALM')
    a header again and again     Http2Error('The server broke the protocol: ENHANCE_YOUR_CALM')
    garbage for headers          Http2Error('The server broke the protocol: PROTOCOL_ERROR')
    a head without a status      Http2Error('The server broke the protocol: PROTOCOL_ERROR')
    an answer to nobody          Http2Error('The server broke the protocol: PROTOCOL_ERROR')
    a push                       Http2Error('The server broke the protocol: PROTOCOL_ERROR')
    empty data without end       Http2Error('The server broke the protocol: ENHANCE_YOUR_CALM')
    a hundred thousand pings     passed
    HTTP/1.1                     Http2Error('The server broke the protocol: FRAME_SIZE_ERROR')
    says nothing                 TimeoutError('timed out')
    ");
}

#[test]
fn a_window_that_never_opens_ends_with_the_timeout() {
    // Setting 4, the window of each stream, is 0.
    let url = serve(frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]), |_, _, _| Ok(true));
    let request = Request {
        method: "POST".into(),
        body: Body::Raw(Content::Text(text("hello"))),
        timeout: Some(Duration::from_millis(200)),
        ..get("/")
    };
    let delta = run(speaking_http2(once(class(vec![step(request)])), None), &url, 1);
    let texts: Vec<_> = delta.errors.iter().map(|(key, _)| key.error.as_str()).collect();
    assert_eq!(texts, ["TimeoutError('timed out')"]);
}

#[test]
fn what_was_not_processed_goes_out_on_a_new_connection() {
    // On its first connection the server answers one request and refuses the next.
    let refusals: [Act; 2] = [
        |stream, id| stream.write_all(&reset(id, 7)).map(|()| true),
        |stream, id| stream.write_all(&goaway(id - 2, 0)).map(|()| true),
    ];
    for refuse in refusals {
        let url = serve(settings(), move |stream, number, id| match (number, id) {
            (0, 3..) => refuse(stream, id),
            _ => stream.write_all(&answer(id)).map(|()| true),
        });
        let steps = vec![step(get("/a")), step(get("/b")), step(get("/c"))];
        let delta = run(speaking_http2(once(class(steps)), None), &url, 3);
        assert_eq!((delta.sum().requests, delta.sum().failures), (3, 0));
    }
}

#[test]
fn what_may_have_been_processed_does_not() {
    let url = serve(settings(), |stream, number, id| match (number, id) {
        (0, 3..) => stream.write_all(&goaway(id, 2)).map(|()| false),
        _ => stream.write_all(&answer(id)).map(|()| true),
    });
    let steps = vec![step(get("/a")), step(get("/b")), step(get("/c"))];
    let delta = run(speaking_http2(once(class(steps)), None), &url, 3);
    assert_eq!((delta.sum().requests, delta.sum().failures), (3, 1));
}
