//! Secrets are sent, and appear nowhere else.

use crate::support::{Running, block_on, class, get, once, step, text};
use akrida_engine::{Engine, Options};
use akrida_scenario::expr::{Expr, parse_expression, parse_template};
use akrida_scenario::model::{Auth, Check, Network, Request, Scenario, Secret, Slot, Step, Test, UserClass};
use akrida_testkit::{Answer, Target};
use std::sync::Arc;

const SECRET: &str = "p/w é+'1\"";

fn resolve(name: &str) -> Option<Slot> {
    match name {
        "secret" => Some(Slot::Shared(0)),
        "row" => Some(Slot::User(0)),
        _ => None,
    }
}

fn template(source: &str) -> akrida_scenario::model::Template {
    parse_template(source, 0, &mut resolve).unwrap()
}

fn expr(source: &str) -> Expr {
    parse_expression(source, 0, &mut resolve).unwrap()
}

#[test]
fn what_is_sent_is_not_shown() {
    // Sends back whatever it is sent.
    let target = Target::start(|request| {
        let mut text = format!("{:?} {}", request.headers, request.text());
        text.push_str(request.query.as_deref().unwrap_or(""));
        Answer::ok(text)
    });
    let failing = |source: &str| vec![Check::Body(Test::Equals(expr(source)))];
    let steps = vec![
        step(Request { url: template("/{{ secret }}/{{ row }}"), ..get("/") }),
        step(Request { url: template("/fixed/{{ secret }}"), ..get("/") }),
        step(Request { query: vec![(text("q"), template("{{ secret }}"))], ..get("/query") }),
        step(Request { name: Some(template("named {{ row + secret }}")), ..get("/") }),
        step(Request { checks: failing("'it is not ' + secret"), ..get("/equals") }),
        step(Request {
            auth: Some(Auth::Basic(text("user"), template("{{ secret }}"))),
            checks: vec![
                Check::Body(Test::Lacks(text("Basic"))),
                Check::Body(Test::Matches("no.such".parse().unwrap())),
            ],
            ..get("/auth")
        }),
        step(Request { handler: Some(vec![Step::Failure(expr("[secret]"))]), ..get("/handler") }),
        Step::Set { target: Slot::User(0), value: expr("{'a': 1}[secret]") },
    ];
    let class = UserClass {
        secrets: [Secret { name: "secret".into(), value: SECRET.into() }].into(),
        user_variables: vec!["row".into()],
        on_start: vec![Step::Set { target: Slot::User(0), value: expr("'r'") }],
        ..once(class(steps))
    };
    block_on(async {
        let mut running = Running::start(class, 1, &target.url()).await;
        let delta = running.requests(7).await;
        let exception = running.exceptions.recv().await.unwrap();
        assert_eq!(exception.message, "KeyError('***')");
        let names: Vec<_> = delta.entries.keys().map(|key| key.name.as_str()).collect();
        assert_eq!(
            names,
            ["/***/r", "/auth", "/equals", "/fixed/***", "/handler", "/query?q=***", "named r***"]
        );
        let errors: Vec<_> = delta.errors.iter().map(|(key, _)| key.error.clone()).collect();
        let shown = format!("{errors:?} {names:?}");
        assert_eq!((errors.len(), shown.matches("***").count()), (3, 5), "{shown}");
        for part in ["p/w", "p%2Fw", "1\\\"", "w é", "%C3%A9"] {
            assert!(!shown.contains(part), "{shown}");
        }
    });
    let seen = target.requests();
    assert_eq!(
        (seen[0].path.as_str(), seen[2].query.as_deref()),
        ("/p/w%20%C3%A9+'1%22/r", Some("q=p%2Fw+%C3%A9%2B%271%22"))
    );
    assert!(seen[5].header("authorization").is_some_and(|value| value.starts_with("Basic ")));
}

#[test]
fn what_a_proxys_address_raises_does_not_show_a_secret() {
    let class = UserClass {
        secrets: [Secret { name: "secret".into(), value: SECRET.into() }].into(),
        network: Network { proxy: Some(template("http://{{ int(secret) }}")), ..Network::default() },
        ..class(Vec::new())
    };
    let scenario = Arc::new(Scenario { classes: vec![class], ..Scenario::default() });
    let error = Engine::start(&scenario, &Options::default()).unwrap_err().to_string();
    assert!(error.contains("ValueError") && error.contains("***") && !error.contains("p/w"), "{error}");
}
