//! HTTP/2, proven against a real nginx.

use crate::support::{Running, block_on, class, get, once, run, step, text};
use akrida_scenario::model::{
    Body, Check, Content, HttpVersion, Network, Request, Template, Test, Tls, UserClass, Wait,
};
use akrida_stats::Delta;
use akrida_testkit::{Access, Answer, Authority, Nginx, Target};
use std::time::Duration;

pub(crate) fn speaking_http2(class: UserClass, authority: Option<&Authority>) -> UserClass {
    let ca = authority.map(|authority| authority.pem().into_bytes().into());
    let network =
        Network { version: HttpVersion::Http2, tls: Tls { ca, ..Tls::default() }, ..Network::default() };
    UserClass { network, ..class }
}

fn errors(delta: &Delta) -> Vec<&str> {
    delta.errors.iter().map(|(key, _)| key.error.as_str()).collect()
}

#[test]
fn all_kinds_of_requests_on_one_connection() {
    let behind = Target::start(|request| match request.path.as_str() {
        "/echo" => Answer::ok(request.body.clone()),
        "/large" => Answer::ok(vec![b'x'; 3_000_000]),
        "/old" => Answer::redirect("/plain"),
        "/cookie" => Answer::ok("").header("set-cookie", "a=1").header("set-cookie", "b=2"),
        "/gone" => Answer::status(410, "gone"),
        _ => Answer::ok("hello"),
    });
    let authority = Authority::new();
    let pass = format!("location / {{ proxy_pass {}; client_body_buffer_size 1m; }}", behind.url());
    let nginx = Nginx::start(&authority, &pass);
    let long = "long ".repeat(60_000);
    let echo = Request {
        method: "POST".into(),
        body: Body::Raw(Content::Text(text(&long))),
        headers: vec![("Connection".into(), text("close")), ("X-Large".into(), text(&"h".repeat(3_000)))],
        checks: vec![Check::Body(Test::Contains(text(&long)))],
        ..get("/echo")
    };
    let steps = || {
        let head = Request { method: "HEAD".into(), ..get("/large") };
        let gone = Request { checks: vec![Check::Status(vec![(410, 410)])], ..get("/gone") };
        let post = Request { method: "POST".into(), ..get("/empty") };
        let all = [get("/plain"), echo.clone(), get("/large"), head, get("/old"), get("/cookie"), gone, post];
        all.map(step).into()
    };
    let host = |version: &str| match version {
        "plain" => nginx.http2_url(),
        _ => nginx.tls2_url(),
    };
    for (round, version) in [(1, "plain"), (2, "tls")] {
        let class = speaking_http2(once(class(steps())), Some(&authority));
        let delta = run(class, &host(version), 8);
        assert_eq!((errors(&delta), delta.sum().requests), (vec![], 8), "{version}");
        assert_eq!(delta.sum().content_length, 5 * 3 + 300_000 + 3_000_000 + 4, "{version}");
        // The redirect is one request more.
        let accesses = nginx.accesses(9 * round);
        let accesses = &accesses[9 * (round - 1)..];
        let alike =
            |access: &Access| access.protocol == "HTTP/2.0" && access.connection == accesses[0].connection;
        assert!(accesses.iter().all(alike), "{accesses:?}");
        let seen = &behind.requests()[9 * (round - 1)..];
        assert_eq!(seen[8].header("cookie"), Some("a=1; b=2"), "{version}");
        assert!(seen[0].header("host").is_some() && seen[0].header("accept-encoding").is_some());
    }
}

#[test]
fn a_server_that_knows_only_http_1_is_spoken_to_in_that() {
    let authority = Authority::new();
    let nginx = Nginx::start(&authority, "location / { return 200 hello; }");
    let class = speaking_http2(once(class(vec![step(get("/a")), step(get("/b"))])), Some(&authority));
    let delta = run(class, &nginx.tls1_url(), 2);
    assert_eq!((errors(&delta), delta.sum().content_length), (vec![], 10));
    assert!(nginx.accesses(2).iter().all(|access| access.protocol == "HTTP/1.1"));
}

#[test]
fn a_server_may_end_connections_and_no_request_is_lost_or_sent_twice() {
    let authority = Authority::new();
    let nginx = Nginx::start(&authority, "keepalive_requests 3; location / { return 200 hello; }");
    let class = speaking_http2(class(vec![step(get("/"))]), Some(&authority));
    let class = UserClass { wait: Wait::Constant(Duration::from_millis(1)), ..class };
    let requests = block_on(async {
        let running = Running::start(class, 4, &nginx.tls2_url()).await;
        let mut delta = running.requests(200).await;
        running.engine.stop().await;
        delta.merge(running.engine.report().await.delta);
        assert_eq!(errors(&delta), Vec::<&str>::new());
        delta.sum().requests as usize
    });
    assert_eq!(nginx.accesses(requests).len(), requests);
}

#[test]
fn a_host_header_is_the_authority() {
    let behind = Target::start(|_| Answer::ok("hello"));
    let pass = format!("location / {{ proxy_pass {}; proxy_set_header Host $host; }}", behind.url());
    let nginx = Nginx::start(&Authority::new(), &pass);
    let named = |host: &str| {
        step(Request { headers: vec![("Host".into(), Template::Fixed(host.into()))], ..get("/") })
    };
    let class = speaking_http2(once(class(vec![named("shop.test"), named("no host")])), None);
    let delta = run(class, &nginx.http2_url(), 2);
    assert_eq!(behind.requests()[0].header("host"), Some("shop.test"));
    let expected = "InvalidHeader('The Host header is not a host with or without a port')";
    assert_eq!((errors(&delta), behind.total()), (vec![expected], 1));
}
