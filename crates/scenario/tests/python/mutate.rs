//! Locustfiles that are damaged line by line and word by word: an answer, in time and within memory.

use super::{files, here, root};
use akrida_scenario::Source;
use akrida_scenario::python::{load_with, outline};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

/// How many files are tried of each kind; `cargo xtask prove fuzz` tries more.
pub(crate) const ROUNDS: u64 = if option_env!("AKRIDA_FUZZ").is_some() { 200_000 } else { 1_000 };

/// One file must not take longer, in seconds. Most take less than a millisecond; a machine may be busy.
const LONGEST_S: usize = 60;

/// All files together must not make the process larger, in kilobytes.
const MEMORY_KB: u64 = 2_000_000;

/// Files of every kind that a locustfile may read.
struct Small;

impl Source for Small {
    fn file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        let text = match path.rsplit('.').next() {
            Some("csv") => "username,password,city\nann,a,x\nbob,b,y\n",
            Some("json") => r#"{"products": [{"id": 1, "name": "tea"}], "mode": "x"}"#,
            Some("txt") => "/a\n/b\n\n/c",
            Some("bin") => return Ok(b"\xff\x00".as_slice().into()),
            _ => return Err("no such file".to_owned()),
        };
        Ok(text.as_bytes().into())
    }

    fn secret_file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        self.file(path)
    }

    fn environment(&self, name: &str) -> Option<String> {
        name.len().is_multiple_of(2).then(|| name.to_owned())
    }
}

/// Every locustfile of the repository.
fn sources() -> Vec<String> {
    let programs = root().join("crates/engine/tests/programs");
    let mut sources: Vec<String> = Vec::new();
    for folder in ["tests/locustfiles", "tests/locustfiles/old", "scenarios/locustfiles", "tests/python"] {
        sources.extend(files(&root().join(folder)).into_iter().map(|(_, text)| text));
    }
    for folder in ["good_python", "broken_python"] {
        sources.extend(files(&here().join(folder)).into_iter().map(|(_, text)| text));
    }
    for (_, text) in files(&programs) {
        sources.extend(text.split("# --- ").skip(1).map(wrapped));
    }
    assert!(sources.len() > 300, "only {} sources", sources.len());
    sources
}

/// A locustfile that does a program of the engine's tests.
fn wrapped(program: &str) -> String {
    let program = program.replace("out(", "self.client.post(\"/\", json=");
    let head = "import itertools\nfrom locust import HttpUser, task\n\nclass Base(HttpUser):\n    abstract = True\n    \
                @task\n    def t(self):\n        self.body()\n\n";
    if program.contains("class U(") {
        return format!("{head}# {program}");
    }
    let lines = program.lines().skip(1).map(|line| format!("        {line}\n"));
    format!("{head}class U(Base):\n    def body(self):\n{}", lines.collect::<String>())
}

/// Heads of blocks in which others are put.
pub(crate) const HEADS: &[&str] = &[
    "if x:",
    "for x in items:",
    "for i, x in enumerate(self.items):",
    "while True:",
    "while (x := next(it)):",
    "try:",
    "finally:",
    "except Exception as error:",
    "else:",
    "def f(self, x=1, *args, **kwargs):",
    "def task(self):",
    "async def f(self):",
    "class U(HttpUser):",
    "class T(TaskSet):",
    "class S(LoadTestShape):",
    "with self.client.get(\"/\", catch_response=True) as response:",
    "with self.client.rename_request(\"/\"):",
    "with open(\"users.csv\") as f:",
    "match x:",
    "case 1:",
    "@task(2)",
    "@events.init.add_listener",
    "lambda x:",
];

/// Lines that are put in.
pub(crate) const LINES: &[&str] = &[
    "x = []",
    "x.append(x)",
    "x += [x]",
    "x = x, x",
    "x, *y = x",
    "self.x = self.x + self.x",
    "self.items.append(self.items)",
    "self.client.headers.update(x)",
    "self.client.get(f\"/{x}\", json=x, headers=x, name=x)",
    "x = self.client.post(\"/\", data=x).json()[\"x\"]",
    "return x",
    "return self.client.get(\"/\")",
    "break",
    "continue",
    "raise",
    "raise StopUser()",
    "global x, items",
    "nonlocal x",
    "del x[0], self.x, x",
    "x = next(it)",
    "it = iter(x)",
    "it = itertools.cycle(it)",
    "ids = itertools.count(x, x)",
    "f(f(f(x)))",
    "self.f(x=self.f(x))",
    "super().f(x)",
    "self.interrupt()",
    "yield x",
    "await x",
    "import x",
    "from . import x",
    "wait_time = lambda self: x",
    "wait_time = between(x, x)",
    "tasks = [tasks]",
    "tasks = {f: x}",
    "stages = [{\"duration\": x, \"users\": x, \"spawn_rate\": x}]",
    "weight = weight",
    "x = open(\"users.csv\").read()",
    "rows = csv.DictReader(open(\"users.csv\"))",
    "rows = json.load(open(\"x.json\"))",
    "x = [f(x) for x in x for x in x if x]",
    "x = {**x, \"x\": x}",
    "x[x] += x",
    "x = x if f(x) else f(x)",
    "x = f(x) and f(x) or f(x)",
    "x = f(x) < f(x) < f(x)",
    "if __name__ == \"__main__\": x",
    "exec(x)",
    "print(*x, sep=x)",
    "assert x, f(x)",
    "time.sleep(x)",
    "response.failure(x)",
    "response.success()",
    "self.environment.runner.quit()",
    "@tag(x)",
    "@task",
    "@property",
];

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Damages a file once.
fn mutate(lines: &mut Vec<String>, others: &[String], rng: &mut fastrand::Rng) {
    if lines.is_empty() {
        lines.push("x = 1".to_owned());
    }
    let place = rng.usize(0..lines.len());
    let end = (place + rng.usize(1..8)).min(lines.len());
    match rng.u8(0..12) {
        0 => _ = lines.drain(place..end),
        1 => {
            let copies: Vec<String> = lines[place..end].to_vec();
            let target = rng.usize(0..=lines.len());
            lines.splice(target..target, copies);
        }
        2 => {
            let other = rng.usize(0..lines.len());
            lines.swap(place, other);
        }
        3 => {
            let indent = " ".repeat(4 * rng.usize(0..5));
            lines[place..end].iter_mut().for_each(|line| *line = format!("{indent}{}", line.trim_start()));
        }
        4 => lines[place..end].iter_mut().for_each(|line| line.insert_str(0, "    ")),
        5..=6 => {
            let indent = indent_of(&lines[place]);
            let block = (place..lines.len()).take_while(|at| {
                *at == place || indent_of(&lines[*at]) > indent || lines[*at].trim().is_empty()
            });
            let end = block.last().map_or(end, |last| last + 1);
            lines[place..end].iter_mut().for_each(|line| line.insert_str(0, "    "));
            let head = HEADS[rng.usize(0..HEADS.len())];
            lines.insert(place, format!("{}{head}", " ".repeat(indent)));
        }
        7 => {
            let line = LINES[rng.usize(0..LINES.len())];
            lines.insert(place, format!("{}{line}", " ".repeat(indent_of(&lines[place]))));
        }
        8 => {
            let other: Vec<&str> = others[rng.usize(0..others.len())].lines().collect();
            let from = rng.usize(0..=other.len());
            let to = (from + rng.usize(1..12)).min(other.len());
            lines.splice(place..place, other[from..to].iter().map(|line| (*line).to_owned()));
        }
        _ => {
            let of = rng.usize(0..lines.len());
            let words = words(&lines[of]);
            let here = self::words(&lines[place]);
            if let (false, false) = (words.is_empty(), here.is_empty()) {
                let word = lines[of][words[rng.usize(0..words.len())].clone()].to_owned();
                lines[place].replace_range(here[rng.usize(0..here.len())].clone(), &word);
            }
        }
    }
}

/// Where the names and numbers of a line are.
fn words(line: &str) -> Vec<std::ops::Range<usize>> {
    let mut words: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, character) in line.char_indices() {
        if character.is_alphanumeric() || character == '_' {
            let end = at + character.len_utf8();
            match words.last_mut() {
                Some(word) if word.end == at => word.end = end,
                _ => words.push(at..end),
            }
        }
    }
    words
}

/// What comes next. Seconds are counted one by one: a machine that stands still for a while is not the file's fault.
fn next<T>(receive: &Receiver<T>) -> Result<T, RecvTimeoutError> {
    for _ in 0..LONGEST_S {
        match receive.recv_timeout(Duration::from_secs(1)) {
            Err(RecvTimeoutError::Timeout) => {}
            came => return came,
        }
    }
    Err(RecvTimeoutError::Timeout)
}

/// Loads what `make` gives for each number, each file in time.
pub(crate) fn all_give_an_answer(make: impl Fn(u64) -> String + Send + 'static) -> u64 {
    let (send, receive) = sync_channel::<Result<String, bool>>(0);
    let worker = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    let worker = worker.spawn(move || {
        for seed in 0..ROUNDS {
            let text = make(seed);
            if send.send(Ok(text.clone())).is_err() {
                return;
            }
            let loaded = load_with("mutated.py", &text, &Small);
            if let Err(problems) = &loaded {
                assert!(!problems.list.is_empty());
                assert!(!problems.render(false).is_empty());
                for problem in &problems.list {
                    assert!(text.get(problem.span.clone()).is_some(), "{text}");
                }
            }
            _ = outline("mutated.py", &text).is_ok();
            if send.send(Err(loaded.is_ok())).is_err() {
                return;
            }
        }
    });
    let (mut last, mut loaded) = (String::new(), 0);
    loop {
        match next(&receive) {
            Ok(Ok(text)) => last = text,
            Ok(Err(is_ok)) => loaded += u64::from(is_ok),
            Err(RecvTimeoutError::Timeout) => panic!("this takes too long:\n{last}"),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    assert!(worker.unwrap().join().is_ok(), "this fails:\n{last}");
    let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = memory.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    if let Some(peak) = peak.and_then(|peak| peak.trim().parse::<u64>().ok()) {
        assert!(peak < MEMORY_KB, "the process needed {peak} kB");
    }
    loaded
}

#[test]
fn files_with_other_lines_give_an_answer() {
    let sources = sources();
    let loaded = all_give_an_answer(move |seed| {
        let mut rng = fastrand::Rng::with_seed(seed);
        let source = &sources[rng.usize(0..sources.len())];
        let mut lines: Vec<String> = source.lines().map(str::to_owned).collect();
        for _ in 0..rng.usize(1..4) {
            mutate(&mut lines, &sources, &mut rng);
        }
        lines.join("\n") + "\n"
    });
    assert!(loaded > ROUNDS / 20, "only {loaded} of {ROUNDS} files were translated");
}

/// What is small in the file, and would be large or long if it were done naively.
#[test]
fn what_grows_from_little_is_bounded() {
    let head = "import csv, itertools, json\nfrom locust import HttpUser, TaskSet, task\n";
    let user = "class U(HttpUser):\n    @task\n    def t(self):\n        pass\n";
    let many = |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let files = [
        // Loops, each of which may change something by calls of all the others.
        many(8_000, &|n| {
            format!(
                "def f{n}(self):\n    for x in self.a{n}:\n        self.f{}()\n    self.b{n}.append(1)\n",
                n + 1
            )
        }),
        many(8_000, &|n| {
            format!("def f{n}(self):\n    for x in A:\n        f{}(self)\n    A.append(1)\n", n + 1)
        }),
        // Lists of lists, and texts of texts.
        "x = [1]\n".to_owned() + &many(200, &|_| "x = [x, x]\n".to_owned()),
        "x = 'x'\n".to_owned() + &many(200, &|_| "x = x + x\n".to_owned()),
        "x = [1]\n".to_owned() + &many(200, &|_| "x += x\n".to_owned()),
        "x = {}\n".to_owned() + &many(20_000, &|n| format!("x['{n}'] = x\n")),
        // Functions that do twice what others do.
        many(50, &|n| format!("def g{n}(x):\n    return g{}(x) + g{}(x)\n", n.max(1) - 1, n.max(1) - 1))
            + "X = g49(1)\n",
        // Iterators and files, again and again.
        many(5_000, &|n| {
            format!("f{n} = open('users.csv')\nr{n} = csv.DictReader(f{n})\nx{n} = list(r{n})\n")
        }),
        "it = itertools.cycle([1, 2])\n".to_owned() + &many(20_000, &|_| "x = next(it)\n".to_owned()),
        // Classes with values that are made of one another.
        "class V:\n    x = 'x'\n".to_owned() + &many(1_000, &|_| "    x = x + x\n".to_owned()),
        "class V:\n    x = ['x']\n".to_owned() + &many(1_000, &|_| "    x = [x, x]\n".to_owned()),
        many(240, &|n| {
            format!("class C{n}(HttpUser):\n    x = [0 for a in range(2000) for b in range(2000)]\n")
        }),
        // Names that are kept by zip and looked for from each of them.
        "def z():\n".to_owned() + &many(2_000, &|n| format!("    z{n} = zip(A, A)\n")),
        // Arguments, walruses and targets without end.
        format!("def w(self):\n    return [{}]\n", many(3_000, &|n| format!("(x{n} := {n}), "))),
        format!("def w(self):\n    {}1\n", many(3_000, &|n| format!("x{n} = "))),
        format!("x = [{}]\n", many(30_000, &|n| format!("len('{n}'), "))),
    ];
    let (send, receive) = sync_channel(0);
    std::thread::spawn(move || {
        for (number, file) in files.into_iter().enumerate() {
            // A user that does it all.
            let calls = "class W(HttpUser):\n    @task\n    def t(self):\n        w(self)\n";
            let text = format!("{head}{file}{user}{}", if file.contains("def w(") { calls } else { "" });
            _ = send.send(number);
            if let Err(problems) = load_with("grows.py", &text, &Small) {
                assert!(!problems.render(false).is_empty());
            }
        }
    });
    let mut last = 0;
    loop {
        match next(&receive) {
            Ok(number) => last = number,
            Err(RecvTimeoutError::Timeout) => panic!("file {last} takes too long"),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    assert_eq!(last, 15, "the file after that fails");
}
