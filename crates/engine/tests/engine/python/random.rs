//! Programs that chance makes, by Python and by their translations.

use super::{Recorder, alike, locustfile, under_python};
use akrida_scenario::python;
use std::fmt::Write as _;

/// How many programs are tried; `cargo xtask prove fuzz` tries more.
const PROGRAMS: u64 = if option_env!("AKRIDA_FUZZ").is_some() { 10_000 } else { 300 };

/// So many are given to one Python.
const BATCH: u64 = 300;

/// Statements nest so deeply.
const DEPTH: usize = 3;

/// Writes a program, a line at a time.
struct Writer {
    rng: fastrand::Rng,
    text: String,
    indent: usize,
    loops: usize,
    /// Whether what is written is a function, with a result.
    function: bool,
}

impl Writer {
    fn program(seed: u64) -> String {
        let rng = fastrand::Rng::with_seed(seed);
        let mut writer = Self { rng, text: String::new(), indent: 0, loops: 0, function: false };
        writer.line("G = 1");
        writer.line("SEEN = []");
        if writer.rng.bool() {
            // The top of the file: functions cannot be called before they are there.
            writer.line("a, b, c, l, m, d, s = 1, 2, 0, [1, 2], [3], {\"k\": 1}, \"ab\"");
            writer.block(2, false);
            writer.line("TOP = [a, b, c, l, m, d, s]");
        } else {
            writer.line("TOP = 0");
        }
        for (name, parameters) in [("f", "a, b=2"), ("g", "p"), ("up", "")] {
            writer.line(&format!("def {name}({parameters}):"));
            writer.function(name == "up");
        }
        writer.line("class U(Base):");
        writer.indent += 1;
        writer.line("x = 1");
        writer.line("def m(self, a):");
        writer.function(false);
        writer.line("def body(self):");
        writer.indent += 1;
        writer.line("a, b, c, l, m, d, s = 1, 2, 0, [1, 2], [3], {\"k\": 1}, \"ab\"");
        for _ in 0..3 {
            writer.block(DEPTH, true);
            writer.line("out([a, b, c, l, m, d, s, self.x, G, SEEN, TOP])");
        }
        writer.text
    }

    /// The body of a function; only `up` changes what is of the file.
    fn function(&mut self, changes: bool) {
        self.indent += 1;
        self.function = true;
        if changes {
            self.line("global G");
            self.line("G += 1");
            self.line("SEEN.append(G)");
        }
        self.line("c, m, d, s = 1, [1], {\"k\": 2}, \"x\"");
        if changes {
            self.line("a, b, l = 1, G, [G]");
        } else if self.text.contains("def g(") && !self.text.contains("def up(") {
            self.line("a, b, l = 4, 5, list(p)");
        } else {
            self.line("b, l = 3, [2, 1]");
        }
        self.block(2, false);
        self.line("return a + b + c + len(l)");
        self.function = false;
        self.indent -= 1;
    }

    fn line(&mut self, line: &str) {
        _ = writeln!(self.text, "{}{line}", "    ".repeat(self.indent));
    }

    fn pick<'t>(&mut self, items: &[&'t str]) -> &'t str {
        items[self.rng.usize(0..items.len())]
    }

    /// Some statements; `all` allows what needs the user and the functions.
    fn block(&mut self, depth: usize, all: bool) {
        for _ in 0..self.rng.usize(1..4) {
            self.statement(depth, all);
        }
    }

    fn within(&mut self, head: &str, depth: usize, all: bool) {
        self.line(head);
        self.indent += 1;
        self.block(depth - 1, all);
        self.indent -= 1;
    }

    fn statement(&mut self, depth: usize, all: bool) {
        let number = self.number(2, all);
        let name = self.pick(&["a", "b", "c"]);
        let list = self.pick(&["l", "m"]);
        let key = self.pick(&["k", "q"]);
        match self.rng.u8(0..if depth == 0 { 20 } else { 30 }) {
            0..=2 => self.line(&format!("{name} = {number}")),
            3 => {
                let operator = self.pick(&["+=", "-=", "*=", "//=", "%="]);
                self.line(&format!("{name} {operator} {number}"));
            }
            4 => self.line(&format!("{list}.append({number})")),
            5 => self.line(&format!("{name} = {list}.pop()")),
            6 => {
                let value = self.list(2, all);
                self.line(&format!("{list} = {value}"));
            }
            7 => {
                let place = self.rng.i8(-2..3);
                self.line(&format!("{list}[{place}] = {number}"));
            }
            8 => self.line(&format!("{list} += [{number}]")),
            9 => self.line(&format!("d[\"{key}\"] = {number}")),
            10 => self.line(&format!("d[\"{key}\"] += {number}")),
            11 => {
                let change = self.pick(&[
                    "l.sort()",
                    "m.reverse()",
                    "l.insert(0, 7)",
                    "m.extend(l)",
                    "l.remove(1)",
                    "d.update({\"z\": 1})",
                    "l.pop(0)",
                    "d.pop(\"z\", 0)",
                    "m.clear()",
                    "s += \"y\"",
                    "s = s[::-1] + str(a)",
                    "s = f\"{a}{s}\"",
                    "a, b = b, a",
                    "a, (b, c) = b, [c, a]",
                    "[a, b] = l",
                    "l = sorted(m)",
                    "m = l[:]",
                    "d = dict(d)",
                    "d = {\"l\": a}",
                    "a = b = c",
                    "if (a := len(l)) > 1: b = a",
                    "pass",
                ]);
                self.line(change);
            }
            12 if self.loops > 0 => {
                let leave = self.pick(&["break", "continue"]);
                let test = self.test(1, all);
                self.line(&format!("if {test}: {leave}"));
            }
            13 if self.function => {
                let test = self.test(1, all);
                self.line(&format!("if {test}: return {number}"));
            }
            14 if all || self.function => {
                let raised = self.pick(&["ValueError(a)", "Own(s)", "Further", "KeyError(\"k\")"]);
                let test = self.test(1, all);
                self.line(&format!("if {test}: raise {raised}"));
            }
            15 if all || self.function => {
                let test = self.test(1, all);
                self.line(&format!("assert {test}, s"));
            }
            16 if all => self.line(&format!("self.x = {number}")),
            17 if all => self.line(&format!("self.x += {number}")),
            18 if all => self.line(&format!("out([{number}, {list}, s])")),
            19 if all => self.line(&format!("SEEN.append({number})")),
            20..=22 => {
                let test = self.test(2, all);
                self.within(&format!("if {test}:"), depth, all);
                if self.rng.bool() {
                    let test = self.test(2, all);
                    self.within(&format!("elif {test}:"), depth, all);
                }
                if self.rng.bool() {
                    self.within("else:", depth, all);
                }
            }
            23..=24 => {
                let items = match self.rng.u8(0..6) {
                    0 => "range(3)".to_owned(),
                    1 => format!("list({list})"),
                    2 => format!("reversed(list({list}))"),
                    _ => self.list(1, all),
                };
                self.loops += 1;
                self.within(&format!("for {name} in {items}:"), depth, all);
                self.loops -= 1;
            }
            25 => {
                self.loops += 1;
                self.within(
                    "for c, (b, k) in enumerate(list(d.items())):".replace("(b, k)", "b").as_str(),
                    depth,
                    all,
                );
                self.loops -= 1;
                self.line("b, c = 0, 1");
            }
            26 => {
                // Loops within each other have counters of their own, or they would not end.
                let counter = format!("n{}", self.indent);
                self.line(&format!("{counter} = 0"));
                let test = self.test(1, all);
                self.line(&format!("while {counter} < 3 and {test}:"));
                self.indent += 1;
                self.line(&format!("{counter} += 1"));
                self.loops += 1;
                self.block(depth - 1, all);
                self.loops -= 1;
                self.indent -= 1;
            }
            27..=29 => self.attempt(depth, all),
            _ => self.line(&format!("{name} = {number}")),
        }
    }

    fn attempt(&mut self, depth: usize, all: bool) {
        self.within("try:", depth, all);
        let handlers = self.rng.usize(0..3);
        for _ in 0..handlers {
            let kinds =
                ["ValueError", "(KeyError, IndexError)", "Own", "Exception", "ZeroDivisionError as error"];
            let kind = self.pick(&kinds);
            self.within(&format!("except {kind}:"), depth, all);
            if self.rng.u8(0..6) == 0 {
                self.indent += 1;
                self.line("raise");
                self.indent -= 1;
            }
        }
        if handlers > 0 && self.rng.bool() {
            self.within("else:", depth, all);
        }
        if handlers == 0 || self.rng.bool() {
            self.within("finally:", depth, all);
        }
    }

    /// An expression that gives a number, or raises.
    fn number(&mut self, depth: usize, all: bool) -> String {
        let (left, right) = match depth {
            0 => Default::default(),
            _ => (self.number(depth - 1, all), self.number(depth - 1, all)),
        };
        match self.rng.u8(0..if depth == 0 { 6 } else { 20 }) {
            0..=1 => self.rng.i8(-2..6).to_string(),
            2..=4 => self.pick(&["a", "b", "c", "len(l)", "len(s)", "G"]).to_owned(),
            5 => self.pick(&["l[0]", "m[-1]", "d[\"k\"]", "sum(m)", "max(l)", "d.get(\"q\", 3)"]).to_owned(),
            6..=8 => {
                let operator = self.pick(&["+", "-", "*", "//", "%"]);
                format!("({left} {operator} {right})")
            }
            9 => {
                let test = self.test(depth - 1, all);
                format!("({left} if {test} else {right})")
            }
            10 => format!("min({left}, {right})"),
            11 => format!("[{left}, {right}][a % 2]"),
            12 if !self.function && all => format!("(b := {left})"),
            13 if all => format!("f({left})"),
            14 if all => format!("f(b={left}, a={right})"),
            15 if all => "up()".to_owned(),
            16 if all => format!("self.m({left})"),
            17 if all => "g(list(l))".to_owned(),
            18 if all => "self.x".to_owned(),
            _ => format!("abs({left})"),
        }
    }

    fn list(&mut self, depth: usize, all: bool) -> String {
        let number = self.number(depth.min(1), all);
        match self.rng.u8(0..9) {
            0..=2 => format!("[{number}, a]"),
            3 => "l + m".to_owned(),
            4 => "l[::-1]".to_owned(),
            5 => "[x * 2 for x in m if x]".to_owned(),
            6 => "sorted(l + m)".to_owned(),
            7 => format!("[{number}] * 2"),
            _ => "list(range(a % 4))".to_owned(),
        }
    }

    fn test(&mut self, depth: usize, all: bool) -> String {
        let left = self.number(depth.min(1), all);
        let right = self.number(0, all);
        match self.rng.u8(0..9) {
            0..=2 => {
                let operator = self.pick(&["<", "<=", "==", "!=", ">"]);
                format!("{left} {operator} {right}")
            }
            3 => format!("{left} in l"),
            4 => "l == m".to_owned(),
            5 if depth > 0 => format!("not {}", self.test(0, all)),
            6 if depth > 0 => format!("({} and {})", self.test(0, all), self.test(depth - 1, all)),
            7 if depth > 0 => format!("({} or {})", self.test(0, all), self.test(depth - 1, all)),
            _ => self.pick(&["l", "m", "a", "s", "d", "a < b < c", "\"k\" in d", "s[0] == \"a\""]).to_owned(),
        }
    }
}

#[test]
fn random_programs_do_what_they_do_under_python() {
    let recorder = Recorder::start();
    let (mut done, mut wrong) = (0, String::new());
    for first in (0..PROGRAMS).step_by(BATCH as usize) {
        let programs: Vec<(u64, String)> =
            (first..first + BATCH).map(|seed| (seed, locustfile(&Writer::program(seed)))).collect();
        let accepted: Vec<_> = programs
            .into_iter()
            .filter_map(|(seed, text)| Some((seed, python::load("locustfile.py", &text).ok()?, text)))
            .collect();
        let texts: Vec<String> = accepted.iter().map(|(.., text)| text.clone()).collect();
        for ((seed, scenario, text), python) in accepted.into_iter().zip(under_python(&texts)) {
            done += 1;
            let ours = recorder.run(scenario);
            if !alike(&ours, &python) && wrong.len() < 20_000 {
                let program = text.split_once("G = 1\n").unwrap().1;
                wrong += &format!("{seed}:\n{program}\n  here   {ours:?}\n  python {python:?}\n\n");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(done > PROGRAMS / 5, "only {done} of {PROGRAMS} programs are translated");
}
