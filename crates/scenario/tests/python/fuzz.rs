//! Whatever a file holds: an answer, and never a panic.

use super::{files, root};
use akrida_scenario::expr::{Frame, Value, parse_expression, parse_template};
use akrida_scenario::model::Slot;
use akrida_scenario::python::load;
use akrida_scenario::{Nothing, convert};
use proptest::prelude::*;

/// Pieces from which Python is made, right ones and wrong ones.
const PIECES: &[&str] = &[
    "self",
    ".client",
    ".get",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "f\"",
    "{{",
    "}}",
    ":",
    ",",
    "=",
    "==",
    "\n",
    "\n    ",
    "\n        ",
    "\t",
    "@task",
    "@tag",
    "class X(HttpUser):",
    "def f(self):",
    "for x in ",
    "if ",
    "else:",
    "with ",
    " as r:",
    "not ",
    "-",
    "lambda: ",
    "yield ",
    "async ",
    "await ",
    "9223372036854775808",
    "1e999",
    "0x",
    "\\",
    "é",
    "\u{1f600}",
    "\0",
    "#",
    "\"\"\"",
    "None",
    "x",
    "range(",
    "random.",
    "json.dumps(",
    "**",
    "*",
    "if x else ",
];

/// How many files are tried; `cargo xtask prove fuzz` tries more.
const ROUNDS: usize = if option_env!("AKRIDA_FUZZ").is_some() { 400_000 } else { 4_000 };

#[test]
fn mutated_locustfiles_give_an_answer() {
    let mut sources: Vec<String> = Vec::new();
    for folder in [
        "crates/scenario/tests/good_python",
        "crates/scenario/tests/broken_python",
        "scenarios/locustfiles",
        "tests/locustfiles",
    ] {
        sources.extend(files(&root().join(folder)).into_iter().map(|(_, text)| text));
    }
    let mut rng = fastrand::Rng::with_seed(42);
    for round in 0..ROUNDS {
        let mut text = sources[round % sources.len()].clone();
        for _ in 0..rng.usize(1..6) {
            let place = text.floor_char_boundary(rng.usize(0..=text.len()));
            let end = text.floor_char_boundary((place + rng.usize(0..20)).min(text.len()));
            match rng.u8(0..3) {
                0 => text.insert_str(place, PIECES[rng.usize(0..PIECES.len())]),
                1 => text.replace_range(place..end, ""),
                _ => {
                    let copy = text[place..end].to_owned();
                    let target = text.floor_char_boundary(rng.usize(0..=text.len()));
                    text.insert_str(target, &copy);
                }
            }
        }
        let loaded = load("mutated.py", &text);
        if let Err(problems) = &loaded {
            assert!(!problems.list.is_empty());
            assert!(!problems.render(false).is_empty());
        }
        match convert::locustfile("mutated.py", &text, &Nothing) {
            Ok(_) => assert!(loaded.is_ok(), "{text}"),
            // What was made is YAML, whose expressions are understood, if YAML has a place for their values.
            Err(problems) => {
                let told = problems.to_string();
                let wrong = ["no variable", "no Python", "not supported", "no key"];
                let made = told.contains("YAML cannot say all");
                assert!(!made || !wrong.iter().any(|words| told.contains(words)), "{told}\n{text}");
            }
        }
    }
}

#[test]
fn what_is_nested_without_end_is_refused_in_time() {
    let many = 200_000;
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{1:", "}"),
        ("-", ""),
        ("not ", ""),
        ("x.", ""),
        ("1+", ""),
        ("1**", ""),
        ("x if x else ", ""),
        ("lambda: ", ""),
        ("lambda a, b: ", ""),
        ("f(", ")"),
        ("x[", "]"),
        ("1<", ""),
        ("await ", ""),
        ("*", ""),
        ("yield a, ", ""),
        ("f'{", "}'"),
        ("x := ", ""),
        ("async ", ""),
    ] {
        let source = format!("{}x{}", open.repeat(many), close.repeat(many));
        assert!(parse_expression(&source, 0, &mut |_| Some(Slot::Local(0))).is_err(), "{open}");
        assert!(load("deep.py", &format!("x = {source}\n")).is_err(), "{open}");
        assert!(load("deep.py", &source).is_err(), "{open}");
    }
    let blocks: String = (0..500).map(|depth| format!("{}if x:\n", " ".repeat(depth))).collect();
    assert!(load("deep.py", &format!("{blocks}{}pass\n", " ".repeat(500))).is_err());
    let calls: String =
        (0..2_000).map(|n| format!("def f{n}(u):\n    f{}(u)\n    f{}(u)\n", n + 1, n + 1)).collect();
    let head = "from locust import HttpUser\n";
    let tail = "class U(HttpUser):\n    tasks = [f0]\n";
    assert!(load("calls.py", &format!("{head}{calls}{tail}")).is_err());
    let classes: String = (1..50_000).map(|n| format!("class C{n}(C{}): pass\n", n - 1)).collect();
    assert!(load("classes.py", &format!("{head}class C0(C49999): pass\n{classes}")).is_err());
    let members = "    a = 1\n".repeat(100_000);
    assert!(load("members.py", &format!("{head}class U(HttpUser):\n{members}")).is_err());
}

#[test]
fn values_cannot_grow_without_end() {
    let mut locals = vec![Value::from("x")];
    let mut rng = fastrand::Rng::with_seed(1);
    for source in [
        "[x, x]",
        "{'a': x, 'b': x}",
        "[x]",
        "x + x",
        "x * 1000",
        "f'{x}{x}'",
        "x.replace('x', 'xx')",
        "str([x, x])",
    ] {
        let expr = parse_expression(source, 0, &mut |name| (name == "x").then_some(Slot::Local(0))).unwrap();
        let start = if source == "x * 1000" || source == "x + x" { "[1]" } else { "'x'" };
        let start = parse_expression(start, 0, &mut |_| None).unwrap();
        locals[0] = start.constant().unwrap().clone();
        let mut ended = false;
        for _ in 0..1_000 {
            let mut frame = Frame { local: &mut locals, ..Frame::bare(&mut rng) };
            let answer = expr.eval(&mut frame);
            drop(frame);
            match answer {
                Ok(value) => locals[0] = value,
                Err(error) => {
                    assert!(error.0.starts_with("MemoryError("), "{source}: {error}");
                    ended = true;
                    break;
                }
            }
        }
        assert!(ended, "{source}");
        assert!(locals[0].to_string().len() < 100_000_000);
    }
}

#[test]
fn constants_do_not_grow_a_file_in_memory() {
    let source = format!("[{}]", "'x' * 9999999, ".repeat(20_000));
    let expr = parse_expression(&source, 0, &mut |_| None).unwrap();
    assert!(expr.constant().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ROUNDS as u32 / 2, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_an_expression_or_a_problem(source in ".{0,60}") {
        _ = parse_expression(&source, 0, &mut |_| None);
        _ = parse_template(&source, 0, &mut |_| None);
        _ = load("any.py", &source);
    }

    #[test]
    fn any_pieces_give_an_answer(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..30)) {
        let source = pieces.concat();
        let mut locals = vec![Value::Int(3)];
        let mut rng = fastrand::Rng::with_seed(1);
        if let Ok(template) = parse_template(&source, 0, &mut |_| Some(Slot::Local(0))) {
            _ = template.render(&mut Frame { local: &mut locals, ..Frame::bare(&mut rng) }).is_ok();
        }
        if let Ok(expr) = parse_expression(&source, 0, &mut |_| Some(Slot::Local(0))) {
            _ = expr.eval(&mut Frame { local: &mut locals, ..Frame::bare(&mut rng) }).is_ok();
        }
        _ = load("any.py", &source);
    }
}
