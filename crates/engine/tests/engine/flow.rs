//! Variables, handlers, loops and exceptions.

use crate::support::{Running, block_on, class, get, once, run, step, text};
use akrida_scenario::expr::{Expr, Value};
use akrida_scenario::model::{Capture, CaptureFrom, Part, Pick, Request, Slot, Step, Template, UserClass};
use akrida_testkit::{Answer, Target};

const TOKEN: Slot = Slot::User(0);

fn variable(slot: Slot, name: &str) -> Expr {
    Expr::Variable(slot, name.into())
}

fn capture(name: &str, from: CaptureFrom) -> Capture {
    Capture { name: name.into(), target: TOKEN, from, pick: Pick::First, default: None }
}

fn json_path(path: &str) -> CaptureFrom {
    CaptureFrom::Json { text: path.into(), path: path.parse().unwrap() }
}

/// Asks for the path that the token names.
fn ask_by_token() -> Step {
    let url = Template::Parts(vec![Part::Text("/with/".into()), Part::Value(variable(TOKEN, "token"))]);
    step(Request { name: Some(text("/with")), url, ..get("/") })
}

fn with_token(steps: Vec<Step>) -> UserClass {
    UserClass { user_variables: vec!["token".into()], ..once(class(steps)) }
}

#[test]
fn what_is_captured_is_sent() {
    let target = Target::start(|request| match request.path.as_str() {
        "/login" => Answer::ok(r#"{"user": {"tokens": [7, "t-42"]}}"#).header("X-Token", "from-header"),
        _ => Answer::ok(""),
    });
    for (from, path) in [
        (json_path("$.user.tokens[1]"), "/with/t-42"),
        (json_path("$.user.tokens[0]"), "/with/7"),
        (CaptureFrom::Header("x-token".into()), "/with/from-header"),
    ] {
        let login = Request { captures: vec![capture("token", from)], ..get("/login") };
        let delta = run(with_token(vec![step(login), ask_by_token()]), &target.url(), 2);
        assert_eq!((delta.sum().failures, target.requests().last().unwrap().path.as_str()), (0, path));
    }
}

#[test]
fn what_cannot_be_captured_fails_the_request_and_what_was_never_set_raises() {
    let target = Target::start(|request| match request.path.as_str() {
        "/json" => Answer::ok("{}"),
        _ => Answer::ok("plain"),
    });
    let cases = [
        ("/json", json_path("$.token"), "CatchResponseError('capture token: $.token is not in the answer')"),
        ("/plain", json_path("$.token"), "CatchResponseError('capture token: the answer is not JSON')"),
        (
            "/plain",
            CaptureFrom::Header("x-token".into()),
            "CatchResponseError('capture token: the answer has no header x-token')",
        ),
    ];
    for (path, from, expected) in cases {
        block_on(async {
            let request = Request { captures: vec![capture("token", from)], ..get(path) };
            let class = with_token(vec![step(request), ask_by_token()]);
            let mut running = Running::start(class, 1, &target.url()).await;
            let delta = running.requests(1).await;
            let texts: Vec<_> = delta.errors.iter().map(|(key, _)| key.error.as_str()).collect();
            assert_eq!(texts, [expected]);
            let raised = running.exceptions.recv().await.unwrap();
            assert!(raised.message.contains("token"), "{raised:?}");
        });
    }
    assert_eq!(target.count("GET", "/with/"), 0);
}

#[test]
fn a_handler_decides_and_a_loop_repeats() {
    let target = Target::start(|request| match request.path.as_str() {
        "/3" => Answer::status(409, "conflict"),
        _ => Answer::ok("fine"),
    });
    let item = Slot::Local(0);
    let is_three = Expr::Constant(Value::Bool(true));
    let url = Template::Parts(vec![Part::Text("/".into()), Part::Value(variable(item, "item"))]);
    let accept = Request { handler: Some(vec![Step::Success]), name: Some(text("accepted")), ..get("/3") };
    let reject = Request {
        handler: Some(vec![Step::If {
            branches: vec![(
                is_three,
                vec![Step::Failure(Expr::Constant(Value::Str("it's no good".into())))],
            )],
            otherwise: vec![Step::Success],
        }]),
        name: Some(text("rejected")),
        ..get("/ok")
    };
    let looped = Step::For {
        target: item,
        items: Expr::Constant(Value::from_json(&serde_json::json!([1, 2, 3, 4]))),
        body: vec![step(Request { url, name: Some(text("looped")), ..get("/") })],
    };
    let delta = run(once(class(vec![step(accept), step(reject), looped])), &target.url(), 6);
    let counts: Vec<_> = delta
        .entries
        .iter()
        .map(|(key, entry)| (key.name.as_str(), entry.requests, entry.failures))
        .collect();
    assert_eq!(counts, [("accepted", 1, 0), ("looped", 4, 1), ("rejected", 1, 1)]);
    let texts: Vec<_> = delta.errors.iter().map(|(key, _)| key.error.as_str()).collect();
    assert_eq!(
        texts,
        ["HTTPError('409 Client Error: Conflict for url: looped')", "CatchResponseError(\"it's no good\")"]
    );
}

#[test]
fn an_exception_in_on_start_is_told_and_tried_again() {
    let target = Target::start(|_| Answer::ok("{}"));
    let class = UserClass { on_start: vec![ask_by_token()], ..with_token(vec![step(get("/task"))]) };
    block_on(async {
        let mut running = Running::start(class, 1, &target.url()).await;
        for _ in 0..2 {
            let raised = running.exceptions.recv().await.unwrap();
            assert!(raised.message.starts_with("NameError("), "{raised:?}");
        }
        assert_eq!(target.total(), 0);
        running.engine.stop().await;
    });
}

#[test]
fn what_is_held_is_counted_however_the_code_around_it_ends() {
    let target = Target::start(|_| Answer::ok("fine"));
    let named = |name: &str, handler| Request { name: Some(text(name)), handler, ..get("/") };
    let inner = step(named("inner", Some(vec![Step::Failure(Expr::Constant(Value::Str("no".into())))])));
    let outer = step(named("outer", Some(vec![inner, ask_by_token()])));
    block_on(async {
        let mut running = Running::start(with_token(vec![outer]), 1, &target.url()).await;
        let delta = running.requests(2).await;
        let counts: Vec<_> =
            delta.entries.iter().map(|(key, entry)| (key.name.as_str(), entry.failures)).collect();
        assert_eq!(counts, [("inner", 1), ("outer", 0)]);
        assert!(running.exceptions.recv().await.unwrap().message.starts_with("NameError("));
    });
}
