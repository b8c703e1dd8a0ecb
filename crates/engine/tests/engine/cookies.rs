//! Cookies are a user's own.

use crate::support::{class, get, once, run, step};
use akrida_scenario::model::UserClass;
use akrida_testkit::{Answer, Target};

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
