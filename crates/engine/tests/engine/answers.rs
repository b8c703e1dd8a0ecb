//! What is made of answers: checks and captures, from the wire to the error table and to the next request.

use crate::support::{Running, block_on, class, failures, get, once, run, step, text};
use akrida_scenario::expr::{Expr, Value, parse_expression};
use akrida_scenario::model::{
    Capture, CaptureFrom, Check, Part, Pick, Request, Slot, Step, Template, Test, UserClass,
};
use akrida_testkit::{Answer, Target};
use std::sync::Arc;
use std::time::Duration;

const TOKEN: Slot = Slot::User(0);
const RESPONSE: Slot = Slot::User(1);

fn expression(source: &str) -> Expr {
    let mut resolve = |name: &str| match name {
        "token" => Some(TOKEN),
        "response" => Some(RESPONSE),
        _ => None,
    };
    parse_expression(source, 0, &mut resolve).unwrap()
}

fn that(source: &str) -> Check {
    Check::That { condition: expression(source), text: source.into() }
}

fn regex(pattern: &str) -> regex::Regex {
    regex::Regex::new(pattern).unwrap()
}

fn css(selector: &str, attribute: Option<&str>) -> CaptureFrom {
    CaptureFrom::Css {
        text: selector.into(),
        selector: Arc::new(scraper::Selector::parse(selector).unwrap()),
        attribute: attribute.map(str::to_owned),
    }
}

fn capture(from: CaptureFrom) -> Capture {
    Capture { name: "token".into(), target: TOKEN, from, pick: Pick::First, default: None }
}

/// A class with the variables that the tests name.
fn user(steps: Vec<Step>) -> UserClass {
    UserClass { user_variables: vec!["token".into(), "response".into()], ..once(class(steps)) }
}

/// Asks for the path that the token names.
fn ask_by_token() -> Step {
    let url = Template::Parts(vec![Part::Text("/with/".into()), Part::Value(expression("token"))]);
    step(Request { name: Some(text("/with")), url, ..get("/") })
}

fn shop() -> Target {
    Target::start(|request| match request.path.as_str() {
        "/login" => {
            let answer = Answer::status(302, "").header("location", "/shop/home");
            answer.header("set-cookie", "session=s-1; Path=/").header("set-cookie", "old=x; Path=/")
        }
        "/shop/home" => {
            let page = "<form><input name=csrf value=c-1></form><ul><li>tea <li>coffee</ul>";
            let answer = Answer::ok(page).header("content-type", "text/html");
            answer
                .header("set-cookie", "session=s-2; Path=/shop")
                .header("set-cookie", "old=; Max-Age=0; Path=/")
        }
        "/json" => Answer::ok(r#"{"items": [{"id": 7}, {"id": 8}], "token": "t-1"}"#),
        "/slow" => Answer::ok("late").after(Duration::from_millis(150)),
        "/old" => Answer::status(404, "nothing"),
        _ => Answer::ok("fine"),
    })
}

#[test]
fn what_is_captured_is_in_the_next_request() {
    let target = shop();
    let cookie = |name: &str| CaptureFrom::Cookie(name.into());
    for (path, from, pick, expected) in [
        ("/login", css("input[name=csrf]", Some("value")), Pick::First, "/with/c-1"),
        ("/login", css("li", None), Pick::Last, "/with/coffee"),
        ("/login", CaptureFrom::Regex(regex(r"value=(\S+?)>")), Pick::First, "/with/c-1"),
        // As it stands after all redirects: of two, the one for the longer path.
        ("/login", cookie("session"), Pick::First, "/with/s-2"),
        ("/login", cookie("session"), Pick::Last, "/with/s-1"),
        (
            "/json",
            CaptureFrom::Json { text: "$..id".into(), path: "$..id".parse().unwrap() },
            Pick::Last,
            "/with/8",
        ),
    ] {
        let capture = Capture { pick, ..capture(from) };
        let request = Request { captures: vec![capture], ..get(path) };
        let delta = run(user(vec![step(request), ask_by_token()]), &target.url(), 2);
        assert_eq!((delta.sum().failures, target.requests().last().unwrap().path.as_str()), (0, expected));
    }
    let request = Request { captures: vec![capture(cookie("old"))], ..get("/login") };
    assert_eq!(
        failures(vec![step(request)], &target.url(), 1),
        ["CatchResponseError('capture token: the user has no cookie old')"]
    );
}

#[test]
fn checks_judge_what_came() {
    let target = shop();
    let json = |path: &str, test| Check::Json { text: path.into(), path: path.parse().unwrap(), test };
    let cases = [
        ("/login", Check::Header { name: "content-type".into(), test: Test::Contains(text("html")) }, ""),
        ("/json", json("$.items", Test::Count(Expr::Constant(Value::Int(2)))), ""),
        ("/json", json("$.token", Test::Equals(expression("'t-2'"))), "$.token is not \"t-2\""),
        ("/json", Check::Size { least: 0, most: 10 }, "the body has more than 10 bytes"),
        ("/slow", Check::Time(Duration::from_millis(100)), "slower than 100ms"),
        ("/", Check::Time(Duration::from_secs(10)), ""),
        ("/", Check::Body(Test::Matches(regex("^f.ne$"))), ""),
        ("/old", Check::Body(Test::Exists(true)), "HTTPError('404 Client Error: Not Found for url: named')"),
    ];
    for (path, check, expected) in cases {
        let request = Request { checks: vec![check.clone()], name: Some(text("named")), ..get(path) };
        let reasons = failures(vec![step(request)], &target.url(), 1);
        let expected = match expected {
            "" => vec![],
            text if text.starts_with("HTTPError") => vec![text.to_owned()],
            reason => vec![format!("CatchResponseError('{reason}')")],
        };
        assert_eq!(reasons, expected, "{path} {check:?}");
    }
}

#[test]
fn an_expression_reads_the_answer_that_it_checks() {
    let target = shop();
    let failure = |source: &str| {
        let request = Request { checks: vec![that(source)], response: Some(RESPONSE), ..get("/json") };
        let delta = run(user(vec![step(request)]), &target.url(), 1);
        delta.errors.iter().map(|(key, _)| key.error.clone()).collect::<Vec<_>>()
    };
    assert_eq!(failure("response.status_code == 200 and len(response.json()['items']) == 2"), [""; 0]);
    assert_eq!(
        failure("len(response.json()['items']) > 2"),
        ["CatchResponseError(\"not true: len(response.json()['items']) > 2\")"]
    );
    assert_eq!(failure("response.json()['tokens']"), ["KeyError('tokens')"]);
}

#[test]
fn checks_and_captures_come_before_a_handler_which_has_the_last_word() {
    let target = shop();
    let request = |handler| Request {
        checks: vec![Check::Body(Test::Contains(text("missing")))],
        handler: Some(handler),
        ..get("/")
    };
    let failure = |handler| failures(vec![step(request(handler))], &target.url(), 1);
    assert_eq!(
        failure(vec![Step::Set { target: Slot::Local(0), value: expression("1") }]),
        ["CatchResponseError('the body does not contain \"missing\"')"]
    );
    assert_eq!(failure(vec![Step::Success]), [""; 0]);
    let failed = failure(vec![Step::Failure(expression("'no ' + str(1)"))]);
    assert_eq!(failed, ["CatchResponseError('no 1')"]);
}

#[test]
fn a_body_that_is_too_large_fails_whatever_reads_it() {
    let target = Target::start(|_| Answer::ok("a".repeat((16 << 20) + 1)));
    let request = Request { checks: vec![Check::Body(Test::Contains(text("b")))], ..get("/") };
    assert_eq!(
        failures(vec![step(request)], &target.url(), 1),
        ["CatchResponseError('the body is too large to be read by a check or a capture')"]
    );
    assert_eq!(failures(vec![step(get("/"))], &target.url(), 1), [""; 0]);
}

#[test]
fn failed_checks_share_their_row_whatever_users_asked_for() {
    let target = shop();
    let part = Template::Parts(vec![Part::Value(expression("token"))]);
    let check = Request { checks: vec![Check::Body(Test::Contains(part))], ..get("/") };
    let token = expression("random.randint(1, 1000000)");
    let steps = vec![Step::Set { target: TOKEN, value: token }, step(check)];
    let class = UserClass { user_variables: vec!["token".into(), "response".into()], ..class(steps) };
    block_on(async {
        let running = Running::start(class, 5, &target.url()).await;
        let delta = running.requests(50).await;
        let reasons: Vec<_> = delta.errors.iter().map(|(key, _)| key.error.as_str()).collect();
        assert_eq!(reasons, ["CatchResponseError('the body does not contain \"{{ token }}\"')"]);
    });
}
