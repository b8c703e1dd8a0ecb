//! Bodies that servers compress.

use crate::support::{class, failures, get, once, run, step, text};
use akrida_scenario::model::{Check, Request, Test};
use akrida_testkit::{Answer, Coding, Target};

fn reading(path: &str, wanted: &str) -> Request {
    Request { checks: vec![Check::Body(Test::Equals(wanted_text(wanted)))], ..get(path) }
}

fn wanted_text(wanted: &str) -> akrida_scenario::expr::Expr {
    akrida_scenario::expr::Expr::text(text(wanted))
}

#[test]
fn each_coding_is_undone_where_the_body_is_read() {
    let plain = "tea and coffee ".repeat(5_000);
    let body = plain.clone();
    let target = Target::start(move |request| {
        let plain = Answer::ok(body.clone());
        match request.path.as_str() {
            "/stacked" => plain.encoded(Coding::Gzip).encoded(Coding::Zstd).encoded(Coding::Brotli),
            "/empty" => Answer::ok("").header("content-encoding", "gzip"),
            "/identity" => plain.header("content-encoding", "identity"),
            "/unknown" => plain.header("content-encoding", "aws-chunked"),
            "/x-gzip" => {
                Answer::ok(Coding::Gzip.encode(body.as_bytes())).header("content-encoding", "X-GZIP")
            }
            "/two-members" => {
                let (first, second) = body.as_bytes().split_at(100);
                let members = [Coding::Gzip.encode(first), Coding::Gzip.encode(second), vec![0; 20]].concat();
                Answer::ok(members).header("content-encoding", "gzip")
            }
            "/two-frames" => {
                let (first, second) = body.as_bytes().split_at(100);
                let frames = [Coding::Zstd.encode(first), Coding::Zstd.encode(second)].concat();
                Answer::ok(frames).header("content-encoding", "zstd")
            }
            path => match path.strip_prefix('/').and_then(|index| index.parse::<usize>().ok()) {
                Some(index) => plain.encoded(Coding::ALL[index]),
                None => plain,
            },
        }
    });
    let mut paths: Vec<String> = (0..Coding::ALL.len()).map(|index| format!("/{index}")).collect();
    let further = ["/plain", "/stacked", "/identity", "/unknown", "/x-gzip", "/two-members", "/two-frames"];
    paths.extend(further.map(str::to_owned));
    let mut steps: Vec<_> = paths.iter().map(|path| step(reading(path, &plain))).collect();
    steps.push(step(reading("/empty", "")));
    let count = steps.len() as u64;
    assert_eq!(failures(steps, &target.url(), count), Vec::<String>::new());
    assert_eq!(target.requests()[0].header("accept-encoding"), Some("gzip, deflate, br, zstd"));
}

#[test]
fn sizes_are_those_on_the_wire_and_a_header_wins() {
    let body = Coding::Gzip.encode(&b"tea ".repeat(10_000));
    let length = body.len() as u64;
    let target = Target::start(move |_| Answer::ok(body.clone()).header("content-encoding", "gzip"));
    let own = Request { headers: vec![("accept-encoding".into(), text("br"))], ..get("/own") };
    let size = Check::Size { least: 40_000, most: 40_000 };
    let delta =
        run(once(class(vec![step(Request { checks: vec![size], ..get("/") }), step(own)])), &target.url(), 2);
    assert_eq!((delta.sum().failures, delta.sum().content_length), (0, 2 * length));
    assert_eq!(target.requests()[1].header("accept-encoding"), Some("br"));
}

#[test]
fn what_cannot_be_decoded_fails_only_what_reads_it() {
    let target = Target::start(|request| {
        let (path, coding) = request.path[1..].split_once('/').unwrap();
        let index: usize = coding.parse().unwrap();
        let coding = Coding::ALL[index];
        let body = match path {
            "garbage" => b"this is none of them".to_vec(),
            "cut" => {
                let mut whole = coding.encode(&b"tea ".repeat(1_000));
                whole.truncate(whole.len() / 2);
                whole
            }
            // Sixty-four megabytes of nothing.
            _ => coding.encode(&vec![0; 64 << 20]),
        };
        Answer::ok(body).header("content-encoding", coding.name())
    });
    let mut table = String::new();
    for what in ["garbage", "cut", "bomb"] {
        for (index, coding) in Coding::ALL.iter().enumerate() {
            let path = format!("/{what}/{index}");
            let request = Request {
                checks: vec![Check::Body(Test::Contains(text("tea")))],
                name: Some(text("read")),
                ..get(&path)
            };
            let unread = Request { checks: vec![], ..request.clone() };
            let texts = failures(vec![step(unread), step(request)], &target.url(), 2);
            table.push_str(&format!("{what} {coding:?}: {}\n", texts.join(" + ")));
        }
    }
    insta::assert_snapshot!(table, @r"
    garbage Gzip: CatchResponseError('the body cannot be decoded from gzip')
    garbage Deflate: CatchResponseError('the body cannot be decoded from deflate')
    garbage RawDeflate: CatchResponseError('the body cannot be decoded from deflate')
    garbage Brotli: CatchResponseError('the body cannot be decoded from br')
    garbage Zstd: CatchResponseError('the body cannot be decoded from zstd')
    cut Gzip: CatchResponseError('the body cannot be decoded from gzip')
    cut Deflate: CatchResponseError('the body cannot be decoded from deflate')
    cut RawDeflate: CatchResponseError('the body cannot be decoded from deflate')
    cut Brotli: CatchResponseError('the body cannot be decoded from br')
    cut Zstd: CatchResponseError('the body cannot be decoded from zstd')
    bomb Gzip: CatchResponseError('the body is too large to be read by a check or a capture')
    bomb Deflate: CatchResponseError('the body is too large to be read by a check or a capture')
    bomb RawDeflate: CatchResponseError('the body is too large to be read by a check or a capture')
    bomb Brotli: CatchResponseError('the body is too large to be read by a check or a capture')
    bomb Zstd: CatchResponseError('the body is too large to be read by a check or a capture')
    ");
}
