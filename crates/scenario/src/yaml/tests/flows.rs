//! Steps within steps.

use super::{class, scenario, steps, wrong_class};
use crate::expr::Expr;
use crate::model::{Body, Extent, Slot, Step, Wait};

/// Steps in one line each, those within others in brackets.
fn told(steps: &[Step]) -> String {
    let lines = steps.iter().map(|step| match step {
        Step::Request(request) => request.method.clone(),
        Step::Set { target, value } => format!("{}={}", slot(*target), expr(value)),
        Step::For { target, items, body } => {
            format!("for {} in {}[{}]", slot(*target), expr(items), told(body))
        }
        Step::Repeat { times, body } => format!("repeat {}[{}]", expr(times), told(body)),
        Step::While { condition, body } => format!("while {}[{}]", expr(condition), told(body)),
        Step::If { branches, otherwise } => {
            let branches = branches.iter().map(|(test, body)| format!("if {}[{}]", expr(test), told(body)));
            format!("{} else[{}]", branches.collect::<Vec<_>>().join(" "), told(otherwise))
        }
        Step::Choose(ways) => {
            let ways = ways.iter().map(|(weight, body)| format!("{weight}*[{}]", told(body)));
            format!("choose {}", ways.collect::<Vec<_>>().join(" "))
        }
        Step::Group { name, body } => format!("{name}[{}]", told(body)),
        Step::Sleep(Wait::Constant(time)) => format!("sleep {}", time.as_secs_f64()),
        Step::Sleep(Wait::Between(from, to)) => format!("sleep {}-{}", from.as_secs_f64(), to.as_secs_f64()),
        Step::Stop(Extent::Iteration) => "stop iteration".to_owned(),
        Step::Stop(Extent::User) => "stop user".to_owned(),
        Step::Stop(Extent::Run) => "stop run".to_owned(),
        other => unreachable!("{other:?}"),
    });
    lines.collect::<Vec<_>>().join("; ")
}

fn expr(expr: &Expr) -> String {
    match expr {
        Expr::Constant(value) => value.to_string(),
        Expr::Variable(variable, name) => format!("{name}@{}", slot(*variable)),
        Expr::Bound(..) | Expr::Node(_) => "...".to_owned(),
    }
}

fn slot(slot: Slot) -> String {
    match slot {
        Slot::User(slot) => format!("u{slot}"),
        Slot::Local(slot) => format!("l{slot}"),
        Slot::Shared(slot) => format!("s{slot}"),
        Slot::Worker(slot) => format!("w{slot}"),
    }
}

#[test]
fn every_step() {
    let check = |text: &str, expected: &str| assert_eq!(told(&steps(text)), expected, "{text}");
    check("{set: {v: 2}}, {let: {x: 3, y: '{{ x }}'}}", "u0=2; l0=3; l1=x@l0");
    check("{repeat: 3, steps: [{get: /}, {post: /}]}", "repeat 3[GET; POST]");
    check("{repeat: '{{ v }}', steps: [{get: /}]}", "repeat v@u0[GET]");
    check("{repeat: '{{ 1 + 1 }}', steps: [{get: /}]}", "repeat 2[GET]");
    check("{for: {i: '{{ v }}'}, steps: [{set: {v: '{{ i }}'}}]}", "for l0 in v@u0[u0=i@l0]");
    check("{for: {i: [1, x]}, steps: [{get: /}]}", "for l0 in [1, 'x'][GET]");
    check("{while: '{{ v < 5 }}', steps: [{get: /}]}", "while ...[GET]");
    check("{while: true, steps: [{stop: user}]}", "while True[stop user]");
    check("{if: '{{ v }}', then: [{get: /}]}", "if v@u0[GET] else[]");
    check(
        "{if: false, then: [{get: /}], elif: [{if: '{{ v }}', then: [{put: /}]}], else: [{stop: run}]}",
        "if False[GET] if v@u0[PUT] else[stop run]",
    );
    check("{choose: [{weight: 3, steps: [{get: /}]}, {steps: [{put: /}]}]}", "choose 3*[GET] 1*[PUT]");
    check(
        "{sleep: 1s}, {sleep: {between: [1, 2500ms]}}, {stop: iteration}",
        "sleep 1; sleep 1-2.5; stop iteration",
    );
}

#[test]
fn groups_carry_the_names_of_those_around_them() {
    let text = "{group: a, steps: [{group: b, steps: [{get: /}]}, {repeat: 1, steps: [{group: c, steps: [{put: /}]}]}]},
        {group: d, steps: [{get: /}]}";
    assert_eq!(told(&steps(text)), "a[a/b[GET]; repeat 1[a/c[PUT]]]; d[GET]");
}

#[test]
fn locals_belong_to_a_task_and_share_its_slots() {
    let text = "users:
  A:
    on_start: [{let: {z: 1}}]
    tasks:
      a: [{let: {x: 1}}, {if: true, then: [{let: {y: 2}}], else: [{for: {x: [1]}, steps: [{get: '/{{ x }}'}]}]}]
      b: [{let: {y: 1}}, {set: {u: '{{ y }}'}}]
      c: { get: / }";
    let class = scenario(text).classes.remove(0);
    assert_eq!((class.locals, class.user_variables.as_slice()), (2, &["u".to_owned()][..]));
    assert_eq!(told(&class.on_start), "l0=1");
    assert_eq!(told(&class.tasks[0].steps), "l0=1; if True[l1=2] else[for l0 in [1][GET]]");
    assert_eq!(told(&class.tasks[1].steps), "l0=1; u0=y@l0");
}

#[test]
fn variables_are_found_however_deep_they_are_set() {
    let class = class(
        "tasks: {t: [{group: g, steps: [{choose: [{steps: [{if: true, then: [{set: {a: 1}}],
            elif: [{if: true, then: [{set: {b: 1}}]}], else: [{get: /, capture: {c: {header: X}}}]}]}]}]}]}",
    );
    let mut names = class.user_variables;
    names.sort();
    assert_eq!(names, ["a", "b", "c"]);
}

#[test]
fn a_name_is_one_thing() {
    let check = |keys: &str, expected: &str| assert_eq!(wrong_class(keys), expected, "{keys}");
    check(
        "variables: {x: 1}, tasks: {t: [{let: {x: 2}}]}",
        "`x` is a variable of the user already (choose another name for one of them; `set` and `capture` make \
         variables of the user)",
    );
    check(
        "tasks: {a: [{let: {x: 2}}], b: [{get: '/{{ x }}'}]}",
        "there is no variable `x` (`x` belongs to another task; give it a value here too, or `set` it to keep it \
         for all)",
    );
    check(
        "tasks: {a: [{set: {response: 2}}]}",
        "`response` is the answer in checks and cannot be a variable (choose another name)",
    );
    check(
        "tasks: {a: [{get: '/{{ response.text }}'}]}",
        "there is no variable `response` (the answer is known in `that` of a check; elsewhere keep what is needed \
         of it by `capture`)",
    );
}

#[test]
fn what_no_loop_can_do_is_refused() {
    let check = |step: &str, expected: &str| {
        let found = wrong_class(&format!("variables: {{v: 1}}, tasks: {{t: [{step}]}}"));
        assert_eq!(found.split(" (").next().unwrap(), expected, "{step}");
    };
    check("{for: {i: 5}, steps: [{get: /}]}", "`5` has no items");
    check("{for: {i: [1], j: [2]}, steps: [{get: /}]}", "there are 2 of these, more than 1");
    check("{repeat: '{{ -1 }}', steps: [{get: /}]}", "`-1` is not a whole number of at least 0");
    check("{repeat: -1, steps: [{get: /}]}", "`-1` is not a number of times");
    check("{while: v, steps: [{get: /}]}", "`v` is not a condition");
    check("{if: '{{ v }} or {{ v }}', then: [{get: /}]}", "`{{ v }} or {{ v }}` is more than one expression");
    check("{stop: it}", "`it` is not `iteration`, `user`, `run`, `loop`, `round` or `block`");
    check("{stop: loop}", "there is no loop around this");
    check("{stop: round}", "there is no loop around this");
    check("{repeat: 2, steps: [{stop: block}]}", "there is no block around this");
    check("{verdict: passed}", "there is no request to decide on");
    check("{raise: again}", "there is no `except` around this");
    check("{try: [{get: /}]}", "nothing is done about what these steps raise");
    check("{get: /, name: true}", "`true` is not a name");
    check(
        "{post: /, form: '{{ v }}', files: {a: {content: b}}}",
        "beside files the fields of a form are known before the run",
    );
    check("{group: a/b, steps: [{get: /}]}", "`a/b` is not a group's name");
}

/// The steps of the one task, as they are shown when something is wrong.
fn steps_of(task: &str) -> String {
    let found = scenario(&format!("users: {{A: {{variables: {{v: 1}}, tasks: {{t: [{task}]}}}}}}"));
    format!("{:?}", found.classes[0].tasks[0].steps)
}

#[test]
fn loops_and_blocks_are_left() {
    let check = |task: &str, expected: &str| assert_eq!(steps_of(task), expected, "{task}");
    check(
        "{repeat: 2, steps: [{stop: loop}, {stop: round}]}",
        "[Repeat { times: Constant(Int(2)), body: [Break, Continue] }]",
    );
    check("{block: [{stop: block}]}", "[Call([Return])]");
    check("{sleep: '{{ v }}'}", "[Pause(Variable(User(0), \"v\"))]");
}

#[test]
fn exceptions_are_raised_and_caught() {
    let found = steps_of(
        "{try: [{raise: KeyError}], except: [{error: [KeyError, Mine], as: e, steps: [{set: {v: '{{ e }}'}}, {raise: again}]}, \
         {error: Exception, steps: [{stop: user}]}], else: [{sleep: 1}], finally: [{sleep: 2}]}",
    );
    assert_eq!(
        found,
        "[Try(Try { body: [Raise(Some(Node(Call(an exception, [Constant(Str(\"KeyError\"))]))))], handlers: [Handler { \
         kinds: Some([\"KeyError\", \"Mine\"]), target: Some(Local(0)), steps: [Set { target: User(0), value: \
         Variable(Local(0), \"e\") }, Raise(None), Set { target: Local(0), value: Constant(Unset) }] }, Handler { kinds: \
         None, target: None, steps: [Stop(User)] }], otherwise: [Sleep(Constant(1s))], always: [Sleep(Constant(2s))] })]"
    );
}

#[test]
fn answers_are_kept_and_judged() {
    let found = scenario(
        "users: {A: {wait: '{{ random.random() }}', tasks: {t: [{get: '/{{ 1 + 1 }}{{ random.random() }}', name: false, \
         query: '{{ {} }}', headers: '{{ {} }}', response: r, check: {that: '{{ response.ok }}'}, \
         judge: [{if: '{{ r.ok }}', then: [{verdict: passed}], else: [{verdict: {failed: {ValueError: no}}}]}]}, \
         {post: /, query: {a: [1, b]}, form: '{{ r.json() }}'}]}}}",
    );
    let class = &found.classes[0];
    assert!(matches!(class.waiting.as_slice(), [Step::Pause(_)]));
    let [Step::Request(first), Step::Request(second)] = class.tasks[0].steps.as_slice() else {
        panic!("two requests")
    };
    assert!(first.name.is_none() && first.more_query.is_some() && first.more_headers.is_some());
    assert_eq!(first.response, Some(Slot::Local(0)));
    // The check reads the answer where it is kept anyway.
    assert!(format!("{:?}", first.checks).contains("Variable(Local(0), \"response\")"), "{:?}", first.checks);
    let judge = format!("{:?}", first.handler);
    assert!(judge.contains("[Success]") && judge.contains("Failure(Node(Call(an exception"), "{judge}");
    assert_eq!(second.query.len(), 2);
    assert!(matches!(second.body, Body::Data(_)));
}
