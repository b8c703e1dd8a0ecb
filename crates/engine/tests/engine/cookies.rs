//! Cookies are a user's own, and bounded.

use crate::support::{class, get, once, run, step};
use akrida_engine::limits;
use akrida_scenario::expr::parse_expression;
use akrida_scenario::model::{Capture, CaptureFrom, Part, Pick, Request, Slot, Template, UserClass};
use akrida_testkit::{Answer, Target};
use std::sync::atomic::{AtomicUsize, Ordering};

fn target() -> Target {
    Target::start(|request| match request.path.as_str() {
        "/login" => Answer::ok("").header("set-cookie", "session=abc; Path=/; HttpOnly"),
        "/logout" => Answer::ok("").header("set-cookie", "session=; Path=/; Max-Age=0"),
        _ => Answer::ok(""),
    })
}

fn steps() -> Vec<akrida_scenario::model::Step> {
    ["/login", "/shop", "/logout", "/shop"].map(|path| step(get(path))).into()
}

#[test]
fn cookies_are_kept_sent_and_forgotten() {
    let target = target();
    run(once(class(steps())), &target.url(), 4);
    let sent: Vec<_> =
        target.requests().iter().map(|seen| seen.header("cookie").map(str::to_owned)).collect();
    assert_eq!(sent, [None, Some("session=abc".to_owned()), Some("session=abc".to_owned()), None]);
}

#[test]
fn a_class_may_do_without() {
    let target = target();
    run(UserClass { cookies: false, ..once(class(steps())) }, &target.url(), 4);
    assert!(target.requests().iter().all(|seen| seen.header("cookie").is_none()));
}

#[test]
fn however_many_cookies_a_server_sets_a_user_keeps_a_bounded_number() {
    let cookie = |answer: usize, n: usize| match answer % 3 {
        0 => format!("c{answer}-{n}=x; Path=/"),
        // Of one name, but for different paths.
        1 => format!("same=x; Path=/{answer}/{n}"),
        _ => format!("c0-{n}=again; Path=/"),
    };
    let answers = AtomicUsize::new(0);
    let target = Target::start(move |_| {
        let answer = answers.fetch_add(1, Ordering::Relaxed);
        (0..100).fold(Answer::ok(""), |reply, n| reply.header("set-cookie", &cookie(answer, n)))
    });
    let first = CaptureFrom::Cookie("same".into());
    let capture =
        Capture { name: "x".into(), target: Slot::User(0), from: first, pick: Pick::All, default: None };
    let length = parse_expression("len(x)", 0, &mut |name| (name == "x").then_some(Slot::User(0))).unwrap();
    let asked = Template::Parts(vec![Part::Text("/".into()), Part::Value(length)]);
    let mut steps: Vec<_> = (0..30).map(|_| step(get("/"))).collect();
    steps.push(step(Request { captures: vec![capture], ..get("/") }));
    steps.push(step(Request { url: asked, ..get("/") }));
    run(UserClass { user_variables: vec!["x".into()], ..once(class(steps)) }, &target.url(), 32);
    let last = target.requests().pop().unwrap();
    let sent = last.header("cookie").unwrap().matches('=').count();
    let of_one_name: usize = last.path.trim_start_matches('/').parse().unwrap();
    assert!((100..=limits::COOKIES).contains(&sent), "{sent}");
    assert!(sent + of_one_name <= limits::COOKIES + 1, "{sent} and {of_one_name}");
    assert!(last.header("cookie").unwrap().contains("c0-0=again"), "what is there is replaced");
}

#[test]
fn cookies_that_are_gone_leave_room_for_new_ones() {
    let answers = AtomicUsize::new(0);
    // Each cookie is taken back by the next answer.
    let target = Target::start(move |_| {
        let answer = answers.fetch_add(1, Ordering::Relaxed);
        let (of, age) = (answer / 2, if answer.is_multiple_of(2) { 60 } else { 0 });
        (0..100).fold(Answer::ok(""), |reply, n| {
            reply.header("set-cookie", &format!("c{of}-{n}=x; Path=/; Max-Age={age}"))
        })
    });
    let steps = (0..2 * limits::COOKIES / 100 + 2).map(|_| step(get("/"))).collect();
    run(once(class(steps)), &target.url(), 2 * limits::COOKIES as u64 / 100 + 2);
    let last = target.requests().pop().unwrap();
    assert_eq!(last.header("cookie").map(|sent| sent.matches('=').count()), Some(100));
}
