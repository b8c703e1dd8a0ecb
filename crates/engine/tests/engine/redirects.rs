//! Redirects, as `requests` follows them.

use crate::support::{class, get, once, run, step, text};
use akrida_scenario::model::{Body, Content, Request, UserClass};
use akrida_testkit::{Answer, Target};

#[test]
fn methods_and_bodies() {
    let target = Target::start(|request| match request.path[1..].parse() {
        Ok(status) => Answer::status(status, "").header("location", "/new?x=1#part"),
        Err(_) => Answer::ok(""),
    });
    let mut table = String::new();
    for status in [301, 302, 303, 307, 308] {
        for method in ["GET", "POST", "PUT", "DELETE", "HEAD"] {
            let sends = matches!(method, "POST" | "PUT");
            let body = if sends { Body::Raw(Content::Text(text("body"))) } else { Body::Empty };
            let headers = vec![("Content-Type".into(), text("text/plain")), ("X".into(), text("y"))];
            let request = Request { method: method.into(), body, headers, ..get(&format!("/{status}")) };
            run(once(class(vec![step(request)])), &target.url(), 1);
            let last = target.requests().last().unwrap().clone();
            assert_eq!((last.path.as_str(), last.query.as_deref()), ("/new", Some("x=1")));
            assert_eq!(last.header("x"), Some("y"));
            let kind = last.header("content-type").is_some();
            assert_eq!(kind, status >= 307, "{status} {method}");
            let line = format!("{status} {method:<6} -> {:<6} {}", last.method, last.text());
            table.push_str(line.trim_end());
            table.push('\n');
        }
    }
    insta::assert_snapshot!(table, @r"
    301 GET    -> GET
    301 POST   -> GET
    301 PUT    -> PUT
    301 DELETE -> DELETE
    301 HEAD   -> HEAD
    302 GET    -> GET
    302 POST   -> GET
    302 PUT    -> GET
    302 DELETE -> GET
    302 HEAD   -> HEAD
    303 GET    -> GET
    303 POST   -> GET
    303 PUT    -> GET
    303 DELETE -> GET
    303 HEAD   -> HEAD
    307 GET    -> GET
    307 POST   -> POST   body
    307 PUT    -> PUT    body
    307 DELETE -> DELETE
    307 HEAD   -> HEAD
    308 GET    -> GET
    308 POST   -> POST   body
    308 PUT    -> PUT    body
    308 DELETE -> DELETE
    308 HEAD   -> HEAD
    ");
}

#[test]
fn locations() {
    let elsewhere = Target::start(|_| Answer::ok("there"));
    let there = elsewhere.url();
    let target = Target::start(move |request| match request.path.as_str() {
        "/a/absolute" => Answer::redirect(&format!("{there}/abs")),
        "/a/no-scheme" => Answer::redirect(&format!("{}/no-scheme", &there["http:".len()..])),
        "/a/relative" => Answer::redirect("b/../c?d=e"),
        "/a/query" if request.query.is_none() => Answer::redirect("?only=query"),
        "/a/utf-8" => Answer::redirect("/grün tee"),
        "/a/with-credentials" => Answer::redirect(&there.replace("http://", "http://u:p@")),
        "/a/ftp" => Answer::redirect("ftp://example.org/"),
        "/a/wrong" => Answer::redirect("http://[/"),
        "/a/nowhere" => Answer::status(302, "no location"),
        _ => Answer::ok("here"),
    });
    let mut table = String::new();
    for path in
        ["absolute", "no-scheme", "relative", "query", "utf-8", "with-credentials", "ftp", "wrong", "nowhere"]
    {
        let headers = vec![("Authorization".into(), text("secret")), ("Cookie".into(), text("own=1"))];
        let request = Request { headers, ..get(&format!("/a/{path}")) };
        let before = elsewhere.total();
        let delta = run(once(class(vec![step(request)])), &target.url(), 1);
        let went = elsewhere.total() > before;
        let seen = if went { &elsewhere } else { &target }.requests().pop().unwrap();
        let query = seen.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        let sent = |name: &str| seen.header(name).unwrap_or("-").to_owned();
        let failure = delta.errors.iter().next().map_or("", |(key, _)| &key.error);
        let (place, auth, cookie) =
            (if went { "there" } else { "here" }, sent("authorization"), sent("cookie"));
        let line = format!("{path}: {place} {}{query}, {auth}, {cookie}; {failure}", seen.path);
        table.push_str(line.trim_end());
        table.push('\n');
    }
    insta::assert_snapshot!(table, @r"
    absolute: there /abs, -, -;
    no-scheme: there /no-scheme, -, -;
    relative: here /a/c?d=e, secret, -;
    query: here /a/query?only=query, secret, -;
    utf-8: here /gr%C3%BCn%20tee, secret, -;
    with-credentials: there /, -, -;
    ftp: here /a/ftp, secret, own=1; InvalidURL('The answer redirects to an address that cannot be requested')
    wrong: here /a/wrong, secret, own=1; InvalidURL('The answer redirects to an address that cannot be requested')
    nowhere: here /a/nowhere, secret, own=1;
    ");
}

#[test]
fn cookies_that_are_set_on_the_way_are_sent_on_the_way() {
    let target = Target::start(|request| match request.path.as_str() {
        "/login" => Answer::redirect("/step").header("set-cookie", "session=1; Path=/"),
        "/step" => Answer::redirect("/home").header("set-cookie", "session=2; Path=/"),
        _ => Answer::ok(""),
    });
    run(UserClass { cookies: true, ..once(class(vec![step(get("/login"))])) }, &target.url(), 1);
    let sent: Vec<_> =
        target.requests().iter().map(|seen| seen.header("cookie").unwrap_or("").to_owned()).collect();
    assert_eq!(sent, ["", "session=1", "session=2"]);
}
