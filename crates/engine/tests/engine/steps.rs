//! Loops, choices, groups, pauses and early ends.

use crate::support::{Running, block_on, class, get, once, run, step};
use akrida_engine::{Job, Report};
use akrida_scenario::expr::{Expr, parse_expression, parse_template};
use akrida_scenario::model::{Extent, Request, Slot, Step, UserClass, Wait};
use akrida_testkit::{Answer, Target};
use std::time::Duration;

/// The user's variables of these tests.
const NAMES: [&str; 3] = ["n", "i", "list"];

fn resolve(name: &str) -> Option<Slot> {
    NAMES.iter().position(|known| *known == name).map(|index| Slot::User(index as u16))
}

fn expr(source: &str) -> Expr {
    parse_expression(source, 0, &mut resolve).unwrap()
}

fn set(name: &str, source: &str) -> Step {
    Step::Set { target: resolve(name).unwrap(), value: expr(source) }
}

/// A GET of a path that may hold expressions.
fn ask(path: &str) -> Step {
    step(Request { url: parse_template(path, 0, &mut resolve).unwrap(), ..get("/") })
}

fn with_variables(class: UserClass) -> UserClass {
    UserClass { user_variables: NAMES.map(str::to_owned).into(), ..class }
}

fn target() -> Target {
    Target::start(|_| Answer::ok(""))
}

fn paths(target: &Target) -> Vec<String> {
    target.requests().iter().map(|request| request.path.clone()).collect()
}

/// The paths that one run of a task with `steps` asks for, in order; `/end` is asked for after them.
fn check(mut steps: Vec<Step>, expected: &[&str]) {
    let target = target();
    steps.push(ask("/end"));
    run(with_variables(once(class(steps))), &target.url(), expected.len() as u64 + 1);
    let mut paths = paths(&target);
    assert_eq!(paths.pop().as_deref(), Some("/end"));
    assert_eq!(paths, expected);
}

#[test]
fn repeat_does_it_so_many_times() {
    let repeat = |times: &str, body| Step::Repeat { times: expr(times), body };
    check(vec![repeat("2", vec![ask("/a"), ask("/b")])], &["/a", "/b", "/a", "/b"]);
    check(vec![set("n", "1"), repeat("n + 1", vec![ask("/{{ n }}")])], &["/1", "/1"]);
    check(
        vec![repeat("2", vec![ask("/a"), repeat("2", vec![ask("/b")])])],
        &["/a", "/b", "/b", "/a", "/b", "/b"],
    );
    check(vec![repeat("0", vec![ask("/a")]), repeat("-1", vec![ask("/a")])], &[]);
}

#[test]
fn while_goes_on_as_long_as_it_is_true() {
    let count = vec![ask("/{{ n }}"), set("n", "n + 1")];
    let counting = Step::While { condition: expr("n < 3"), body: count };
    check(vec![set("n", "0"), counting.clone()], &["/0", "/1", "/2"]);
    check(vec![set("n", "7"), counting], &[]);
}

#[test]
fn loops_may_stand_in_each_other_and_in_branches() {
    let inner =
        Step::For { target: resolve("i").unwrap(), items: expr("list"), body: vec![ask("/{{ n }}{{ i }}")] };
    let branch = Step::If {
        branches: vec![(expr("n == 1"), vec![inner.clone()]), (expr("n == 2"), vec![ask("/elif")])],
        otherwise: vec![ask("/else")],
    };
    let outer = Step::Repeat { times: expr("3"), body: vec![set("n", "n + 1"), branch] };
    check(vec![set("list", "['a', 'b']"), set("n", "0"), outer], &["/1a", "/1b", "/elif", "/else"]);
}

#[test]
fn what_is_no_number_of_times_raises() {
    let target = target();
    block_on(async {
        let repeat = Step::Repeat { times: expr("'3'"), body: vec![ask("/")] };
        let mut running = Running::start(once(class(vec![repeat])), 1, &target.url()).await;
        let raised = running.exceptions.recv().await.unwrap();
        assert_eq!(raised.message, "TypeError(\"'str' object cannot be interpreted as an integer\")");
    });
    assert_eq!(target.total(), 0);
}

#[test]
fn choose_picks_by_weight() {
    let target = target();
    let choose =
        Step::Choose(vec![(3, vec![ask("/often")]), (1, vec![ask("/seldom")]), (0, vec![ask("/never")])]);
    let steps = vec![Step::Repeat { times: expr("4000"), body: vec![choose] }];
    run(once(class(steps)), &target.url(), 4_000);
    let often = target.count("GET", "/often");
    assert_eq!((often + target.count("GET", "/seldom"), target.count("GET", "/never")), (4_000, 0));
    // 27 is the standard deviation.
    assert!((2_850..3_150).contains(&often), "{often}");
}

#[test]
fn groups_tag_the_requests_within() {
    let target = target();
    let pay = Step::Group { name: "checkout/pay".into(), body: vec![ask("/pay")] };
    let checkout = Step::Group { name: "checkout".into(), body: vec![ask("/cart"), pay, ask("/done")] };
    let mut class = once(class(vec![ask("/before"), checkout, ask("/after")]));
    class.tasks[0].tags = vec!["zz".into()];
    let delta = run(class, &target.url(), 5);
    let tags: Vec<_> = delta.entries.keys().map(|key| (key.name.as_str(), key.tags.join(" "))).collect();
    let expected = [
        ("/after", "zz"),
        ("/before", "zz"),
        ("/cart", "checkout zz"),
        ("/done", "checkout zz"),
        ("/pay", "checkout checkout/pay zz"),
    ];
    assert_eq!(tags, expected.map(|(name, tags)| (name, tags.to_owned())));
}

#[test]
fn sleep_takes_its_time() {
    let target = target();
    let pause = |ms| Step::Sleep(Wait::Constant(Duration::from_millis(ms)));
    #[expect(clippy::disallowed_methods, reason = "a test measures real time")]
    let began = std::time::Instant::now();
    let between = Step::Sleep(Wait::Between(Duration::from_millis(50), Duration::from_millis(60)));
    run(once(class(vec![ask("/a"), pause(100), between, ask("/b")])), &target.url(), 2);
    assert!(began.elapsed() >= Duration::from_millis(150));
}

#[test]
fn who_sleeps_in_a_task_ends_when_it_must() {
    let target = target();
    let sleep = || Step::Sleep(Wait::Constant(Duration::from_secs(3_600)));
    let class = UserClass { on_stop: vec![ask("/stop"), sleep()], ..class(vec![ask("/task"), sleep()]) };
    block_on(async {
        let options = akrida_engine::Options { drain: Duration::from_millis(100), ..Default::default() };
        let running = Running::start_with(class, 5, &target.url(), options, Duration::ZERO).await;
        running.requests(5).await;
        tokio::time::timeout(Duration::from_secs(10), running.engine.stop()).await.unwrap();
    });
    assert_eq!((target.count("GET", "/task"), target.count("GET", "/stop")), (5, 5));
}

#[test]
fn a_loop_without_requests_has_an_end_and_lets_others_work() {
    let target = target();
    let endless = Step::While { condition: expr("True"), body: vec![set("n", "1")] };
    let choose = Step::Choose(vec![(1, vec![endless]), (1, vec![ask("/other")])]);
    block_on(async {
        let class = with_variables(class(vec![choose]));
        let mut running = Running::start(class, 8, &target.url()).await;
        let raised = running.exceptions.recv().await.unwrap();
        assert_eq!(raised.message, "RuntimeError('too many steps without a request')");
        let before = target.total();
        running.requests(50).await;
        assert!(target.total() > before);
        tokio::time::timeout(Duration::from_secs(10), running.engine.stop()).await.unwrap();
    });
}

#[test]
fn an_iteration_may_end_early() {
    let target = target();
    let steps = vec![ask("/a"), Step::Stop(Extent::Iteration), ask("/never")];
    let start = vec![ask("/start"), Step::Stop(Extent::Iteration), ask("/never")];
    let class = UserClass { on_start: start.clone(), on_stop: start, ..class(steps) };
    block_on(async {
        let running = Running::start(class, 1, &target.url()).await;
        running.requests(4).await;
        running.engine.stop().await;
        assert_eq!(running.engine.report().await.ended, [0]);
    });
    assert_eq!((target.count("GET", "/start"), target.count("GET", "/never")), (2, 0));
    assert!(target.count("GET", "/a") > 2);
}

/// Reports until `enough`; the last of them.
async fn report_until(running: &Running, enough: impl Fn(&Report) -> bool) -> Report {
    for _ in 0..1_000 {
        let report = running.engine.report().await;
        if enough(&report) {
            return report;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen within ten seconds");
}

#[test]
fn a_user_may_end_and_nobody_takes_its_place_in_this_run() {
    let target = target();
    let job = |users| Job { users: vec![users], host: Some(target.url()), ..Job::default() };
    let class = UserClass {
        on_stop: vec![ask("/bye")],
        ..once(class(vec![ask("/a"), Step::Stop(Extent::User), ask("/never")]))
    };
    block_on(async {
        let running = Running::start(class, 3, &target.url()).await;
        report_until(&running, |report| report.ended == [3]).await;
        for (users, ended) in [(3, 3), (5, 5), (2, 5)] {
            running.engine.set_users(job(users)).await;
            report_until(&running, |report| report.ended == [ended]).await;
        }
        assert_eq!((running.engine.users(), target.count("GET", "/a")), (vec![0], 5));
        running.engine.stop().await;
        assert_eq!(running.engine.report().await.ended, [5], "told until the next run begins");
        running.engine.set_users(job(2)).await;
        report_until(&running, |report| report.ended == [2]).await;
        running.engine.stop().await;
    });
    assert_eq!((target.count("GET", "/a"), target.count("GET", "/bye")), (7, 7));
    assert_eq!(target.count("GET", "/never"), 0);
}

#[test]
fn a_user_may_end_in_on_start() {
    let target = target();
    let class = UserClass {
        on_start: vec![ask("/start"), Step::Stop(Extent::User)],
        on_stop: vec![ask("/stop"), Step::Stop(Extent::User), ask("/never")],
        ..class(vec![ask("/never")])
    };
    block_on(async {
        let running = Running::start(class, 2, &target.url()).await;
        report_until(&running, |report| report.ended == [2]).await;
        running.engine.stop().await;
    });
    assert_eq!(target.counts().into_values().collect::<Vec<_>>(), [2, 2]);
}

#[test]
fn a_user_may_ask_for_the_end_of_the_run_and_is_heard_once() {
    let target = target();
    let class = once(class(vec![ask("/a"), Step::Stop(Extent::Run)]));
    block_on(async {
        let options = akrida_engine::Options { cores: 2, ..Default::default() };
        let running = Running::start_with(class, 4, &target.url(), options, Duration::ZERO).await;
        for _ in 0..2 {
            let report = report_until(&running, |report| report.stop_run.is_some()).await;
            assert_eq!(report.stop_run.as_deref(), Some("task of User stopped it"));
            report_until(&running, |report| report.ended == [4]).await;
            assert_eq!(running.engine.report().await.stop_run, None);
            running.engine.stop().await;
            let job = Job { users: vec![4], host: Some(target.url()), ..Job::default() };
            running.engine.set_users(job).await;
        }
    });
}

#[test]
fn the_same_seed_and_layout_send_the_same() {
    let sent = |seed| {
        let target = target();
        let choose = Step::Choose(vec![
            (1, vec![ask("/a")]),
            (2, vec![ask("/b/{{ random.randint(1, 1000) }}")]),
            (1, vec![Step::Sleep(Wait::Between(Duration::ZERO, Duration::from_millis(2))), ask("/c")]),
        ]);
        let class = class(vec![choose]);
        let options = akrida_engine::Options { seed, ..Default::default() };
        block_on(async {
            let running = Running::start_with(class, 1, &target.url(), options, Duration::ZERO).await;
            running.requests(60).await;
            running.engine.stop().await;
        });
        paths(&target)[..60].to_vec()
    };
    assert_eq!(sent(5), sent(5));
    assert_ne!(sent(5), sent(6));
}

#[test]
fn secrets_are_values_of_the_class() {
    let target = target();
    let secret =
        |name: &str, value: &str| akrida_scenario::model::Secret { name: name.into(), value: value.into() };
    let key = Expr::Variable(Slot::Shared(1), "key".into());
    let set_key = Step::Set { target: Slot::User(0), value: key };
    let class = UserClass {
        secrets: [secret("other", "x"), secret("key", "abc")].into(),
        ..with_variables(once(class(vec![set_key, ask("/{{ n }}")])))
    };
    run(class, &target.url(), 1);
    assert_eq!(paths(&target), ["/abc"]);
}
