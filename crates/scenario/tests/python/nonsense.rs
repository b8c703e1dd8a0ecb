//! Files that chance makes of Python's statements and expressions, whatever they mean: an answer, in time and within
//! memory.

use super::mutate::{HEADS, LINES, ROUNDS, all_give_an_answer};
use std::fmt::Write as _;

/// Writes Python that need not make sense.
struct Nonsense {
    rng: fastrand::Rng,
    text: String,
}

const NAMES: &[&str] = &["x", "items", "self", "f", "U", "T", "it", "json", "list", "G", "error", "response"];

impl Nonsense {
    fn file(seed: u64) -> String {
        let mut nonsense = Self { rng: fastrand::Rng::with_seed(seed), text: String::new() };
        nonsense.text.push_str("import csv, itertools, json, random, time\nfrom locust import *\n");
        nonsense.text =
            nonsense.text.replace("import *", "import HttpUser, LoadTestShape, TaskSet, events, task");
        for _ in 0..nonsense.rng.usize(1..8) {
            nonsense.statement(0, 3);
        }
        for (head, body) in [
            ("class T(TaskSet):", "    x = 1\n"),
            ("class U(HttpUser):", "    tasks = [T]\n    items = []\n"),
        ] {
            _ = writeln!(nonsense.text, "{head}\n{body}    @task\n    def f(self, x=1):");
            nonsense.block(2, 3);
        }
        nonsense.text
    }

    fn pick<'t>(&mut self, items: &[&'t str]) -> &'t str {
        items[self.rng.usize(0..items.len())]
    }

    fn block(&mut self, indent: usize, depth: usize) {
        for _ in 0..self.rng.usize(1..5) {
            self.statement(indent, depth);
        }
    }

    fn statement(&mut self, indent: usize, depth: usize) {
        let space = "    ".repeat(indent);
        if depth == 0 || self.rng.bool() {
            let line = match self.rng.u8(0..8) {
                0 => self.pick(LINES).to_owned(),
                1 => format!("{} = {}", self.target(), self.value(2)),
                2 => {
                    format!("{} {}= {}", self.target(), self.pick(&["+", "*", "|", "-", "//"]), self.value(1))
                }
                3 => format!("{}, {} = {}", self.target(), self.target(), self.value(2)),
                4 => format!("return {}", self.value(2)),
                5 => format!("assert {}, {}", self.value(1), self.value(1)),
                6 => format!("raise {}", self.value(1)),
                _ => self.value(3),
            };
            _ = writeln!(self.text, "{space}{line}");
            return;
        }
        let head = match self.rng.u8(0..5) {
            0 => format!("if {}:", self.value(1)),
            1 => format!("for {} in {}:", self.target(), self.value(2)),
            2 => format!("while {}:", self.value(1)),
            3 => format!("with {} as {}:", self.value(2), self.target()),
            _ => {
                let head = HEADS[self.rng.usize(0..HEADS.len())];
                if ["finally", "except", "else", "case", "lambda", "@"]
                    .iter()
                    .any(|odd| head.starts_with(odd))
                {
                    "try:".to_owned()
                } else {
                    head.to_owned()
                }
            }
        };
        _ = writeln!(self.text, "{space}{head}");
        if head == "match x:" {
            _ = writeln!(self.text, "{space}    case {}:", self.rng.u8(0..9));
            return self.block(indent + 2, depth - 1);
        }
        self.block(indent + 1, depth - 1);
        let more: &[&str] = match head.split([' ', ':']).next() {
            Some("try") => &["except (KeyError, ValueError) as error:", "finally:"],
            Some("if" | "for" | "while") if self.rng.u8(0..3) == 0 => &["else:"],
            _ => &[],
        };
        for head in more {
            _ = writeln!(self.text, "{space}{head}");
            self.block(indent + 1, depth - 1);
        }
    }

    fn target(&mut self) -> String {
        match self.rng.u8(0..6) {
            0 => format!("self.{}", self.pick(NAMES)),
            1 => format!("{}[{}]", self.pick(NAMES), self.value(1)),
            2 => format!("self.{}[0]", self.pick(NAMES)),
            _ => self.pick(NAMES).to_owned(),
        }
    }

    fn value(&mut self, depth: usize) -> String {
        if depth == 0 {
            return match self.rng.u8(0..4) {
                0 => self
                    .pick(&["0", "1", "-1", "\"x\"", "None", "[]", "{}", "1.5", "b\"x\"", "True"])
                    .to_owned(),
                1 => format!("self.{}", self.pick(NAMES)),
                _ => self.pick(NAMES).to_owned(),
            };
        }
        let (a, b) = (self.value(depth - 1), self.value(depth - 1));
        let name = self.pick(NAMES);
        match self.rng.u8(0..22) {
            0 => format!("({a} {} {b})", self.pick(&["+", "-", "*", "//", "%", "|", "**"])),
            1 => format!("[{a}, {b}]"),
            2 => format!("{{\"x\": {a}, \"y\": {b}}}"),
            3 => format!("({a} {} {b})", self.pick(&["and", "or", "<", "==", "in", "is"])),
            4 => format!("({a} if {b} else {name})"),
            5 => format!("[{a} for {name} in {b} if {name}]"),
            6 => format!("({name} := {a})"),
            7 => format!("f\"{{{name}}}{{{name}:>5}}\""),
            8 => format!("f({a}, x={b})"),
            9 => format!("self.f({a})"),
            10 => format!("self.client.{}({a}, json={b})", self.pick(&["get", "post", "request", "fetch"])),
            11 => format!(
                "{a}.{}({b})",
                self.pick(&["append", "pop", "get", "items", "update", "json", "read", "sort"])
            ),
            12 => format!("{a}[{b}]"),
            13 => format!("{a}[{b}:]"),
            14 => format!(
                "{}({a})",
                self.pick(&["len", "list", "zip", "iter", "next", "sorted", "dict", "open", "set"])
            ),
            15 => format!(
                "{}({a}, {b})",
                self.pick(&["zip", "max", "enumerate", "map", "random.choice", "print"])
            ),
            16 => format!("itertools.{}({a})", self.pick(&["count", "cycle", "chain"])),
            17 => format!("csv.DictReader({a})"),
            18 => format!("sorted({a}, key=lambda {name}: {b})"),
            19 => format!("(not {a})"),
            20 => format!("{a} < {b} < {name}"),
            _ => a,
        }
    }
}

#[test]
fn nonsense_gives_an_answer() {
    let loaded = all_give_an_answer(Nonsense::file);
    assert!(loaded < ROUNDS);
}
