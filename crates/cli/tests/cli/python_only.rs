//! Locustfiles that only Python can run, as this program shows and refuses them. With real workers:
//! `tests/tests/all/fleet/python_only.rs`.

use crate::binary::{Akrida, Ended};

const FILE: &str = "
import psycopg2
from locust import HttpUser, LoadTestShape, tag, task
from company import ShopUser

class Reader(HttpUser):
    host = 'http://localhost:1'
    weight = 3

    @tag('read')
    @task
    def read(self):
        self.client.get(psycopg2.connect('...').path)

class Buyer(ShopUser):
    fixed_count = 2

class Ramp(LoadTestShape):
    def tick(self):
        return (1, 1)
";

fn run(arguments: &str) -> Ended {
    Akrida::new()
        .file("shop.py", FILE)
        .file("good.py", "from locust import HttpUser, task\nclass Reader(HttpUser):\n    @task\n    def t(self): pass\n")
        .file("s.yaml", "users: { A: { host: 'http://localhost:1', tasks: { t: { get: / } } } }\n")
        .file("syntax.py", "class A(HttpUser:\n")
        .file("wrong.py", "from locust import HttpUser, task\nclass A(HttpUser):\n    weight = 0\n    @task\n    def t(self): pass\n")
        .run(arguments)
}

/// The end of what is printed.
fn last_lines(ended: &Ended, count: usize) -> String {
    let lines: Vec<&str> = ended.stderr.lines().collect();
    let last = lines[lines.len().saturating_sub(count)..].join("\n");
    format!("{last}\nexit code {}", ended.code.unwrap_or(-1))
}

#[test]
fn what_needs_no_steps_is_printed() {
    insta::assert_snapshot!(run("-f shop.py --list"));
    insta::assert_snapshot!(run("-f shop.py --show-task-ratio -u 10 --tags read"));
}

#[test]
fn whoever_cannot_run_it_says_who_can() {
    insta::assert_snapshot!(last_lines(&run("-f shop.py"), 4));
    insta::assert_snapshot!(last_lines(&run("check shop.py"), 4));
    insta::assert_snapshot!(last_lines(&run("-f shop.py --worker --master-host m --master-port 7"), 3));
    insta::assert_snapshot!(last_lines(&run("-f shop.py --processes 2"), 4));
}

#[test]
fn what_is_wrong_in_python_too_stays_refused() {
    for file in ["syntax.py", "wrong.py", "syntax.py,shop.py"] {
        let ended = run(&format!("-f {file} --master --expect-workers-max-wait 1"));
        assert_eq!(ended.code, Some(2), "{ended}");
        assert!(!ended.stderr.contains("run it as it stands"), "{ended}");
    }
    insta::assert_snapshot!(run("-f shop.py,s.yaml --master"));
    insta::assert_snapshot!(run("-f shop.py,good.py --master"));
}
