//! Files that ask for more than they are worth are refused at once.

use akrida_scenario::yaml::load;
use std::time::Duration;

/// Refused for a reason that contains `expected`, long before what it asks for could be done: that would take
/// minutes, so the bound leaves room for an unoptimised build on a busy machine.
#[track_caller]
fn check(text: &str, expected: &str) {
    check_within(Duration::from_secs(10), text, expected);
}

#[track_caller]
fn check_within(bound: Duration, text: &str, expected: &str) {
    #[expect(clippy::disallowed_methods, reason = "that it is quick is what is tested")]
    let start = std::time::Instant::now();
    let problems = load("bomb.yaml", text).unwrap_err();
    let rendered = problems.render(false);
    let took = start.elapsed();
    assert!(took < bound, "{took:?}");
    let listed = problems.to_string();
    assert!(listed.contains(expected), "{}", &listed[..listed.len().min(500)]);
    assert!(rendered.len() < 200_000);
}

/// Nine levels of nine aliases each: a billion nodes if it were believed.
fn laughs(leaf: &str) -> String {
    let mut text = format!("a0: &a0 {leaf}\n");
    for level in 1..=9 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    text
}

#[test]
fn ten_megabytes() {
    let second = Duration::from_secs(1);
    check_within(second, &"a: b\n".repeat(2 << 20), "the file is larger than 4 MiB");
    check_within(second, &laughs(&"x".repeat(10 << 20)), "the file is larger than 4 MiB");
}

#[test]
fn nested_aliases() {
    check(&laughs("lol"), "with aliases written out");
    // Few nodes, but each is large.
    let large = "x".repeat(3 << 20);
    check(&format!("a: &a {large}\nb: [{}]\n", vec!["*a"; 1_000].join(", ")), "with aliases written out");
}

#[test]
fn chains_of_aliases_that_grow_deep() {
    let mut text = "a0: &a0 [x]\n".to_owned();
    for level in 1..=2_000 {
        text.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
    }
    check(&text, "nested more than 64 levels deep");
}

#[test]
fn anchors_within_anchors() {
    let open: String = (0..60).map(|level| format!("&a{level} [")).collect();
    let text = format!("a: {open}{}{}\n", "1, ".repeat(50_000), "]".repeat(60));
    check(&text, "with aliases written out");
}

#[test]
fn depth_of_every_kind() {
    for open in ["[", "{a: ", "- ", "? "] {
        let text = open.repeat((1 << 20) / open.len());
        check(&text, "");
    }
    let steps: String = (0..5_000).map(|depth| format!("{}a:\n", " ".repeat(depth.min(400)))).collect();
    check(&steps, "");
}

#[test]
fn as_many_problems_as_fit() {
    let keys: String = (0..45_000).map(|key| format!("k{key}: 1\n")).collect();
    check(&keys, "more problems");
    check(&format!("users: [{}]", "1,".repeat(90_000)), "");
    check(&format!("users: {{A: {{tasks: [{}]}}}}", "{get: x},".repeat(20_000)), "");
    let long = "k".repeat(3 << 20);
    check(&format!("users: {{}}\n? {long}\n: 1\n"), "");
}

/// A request that checks or captures by `pattern` in every way.
fn patterns(pattern: &str) -> String {
    let quoted = pattern.replace('\'', "''");
    format!(
        "users: {{A: {{tasks: [{{get: /, check: {{body: {{matches: '{quoted}'}}, json: {{'${quoted}': 1}}}},
          capture: {{a: {{regex: '{quoted}'}}, b: {{css: '{quoted}'}}, c: {{json: '${quoted}'}}}}}}]}}}}\n"
    )
}

#[test]
fn patterns_that_are_hard_to_read() {
    for pattern in [
        "(".repeat(1 << 20),
        ":not(".repeat(800),
        ":is(*".repeat(16),
        format!("[?{}@.a{}]", "(".repeat(15), ")".repeat(15)),
        format!("[?{}@.a", "!(".repeat(15)),
        format!("[?{}@.a", "(@.b||".repeat(15)),
        format!("[?{}@", "length(".repeat(15)),
        "[?@.a==".repeat(500),
        "..[*]".repeat(800),
        "(\\w{99}){99}".repeat(300),
        "(((((a{99}){99}){99}){99}){99})".to_owned(),
        "a|".repeat(2_000),
        "x>".repeat(2_000),
    ] {
        check(&patterns(&pattern), "");
    }
    let many: String =
        (0..3_000).map(|number| format!("{{get: /, check: {{body: {{matches: 'a{number}'}}}}}},")).collect();
    check(&format!("users: {{A: {{tasks: {{t: [{many}]}}}}}}"), "different regular expressions");
}

#[test]
fn steps_within_steps() {
    let deep = format!("{}get: /{}", "{group: a, steps: [{".repeat(40), "}]}".repeat(40));
    check(&format!("users: {{A: {{tasks: {{t: [{deep}]}}}}}}"), "nested more than 64 levels deep");
    let wide = "{if: true, then: [{let: {a: 1}}]},".repeat(9_000);
    check(&format!("users: {{A: {{tasks: {{t: [{wide}]}}}}, B: 1}}"), "");
    let loops: String =
        (0..9_000).map(|number| format!("{{for: {{v{number}: []}}, steps: [{{stop: run}}]}},")).collect();
    check(&format!("users: {{A: {{tasks: {{t: [{loops}]}}}}}}"), "more than 4096 variables");
}
