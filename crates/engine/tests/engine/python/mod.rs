//! Programs in Python as Python does them, and as their translations do.

mod random;

use akrida_engine::{Engine, Job, Options};
use akrida_scenario::Scenario;
use akrida_scenario::python;
use akrida_testkit::{Answer, Target};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::support::block_on;

/// What stands before each program.
const HEAD: &str = r#"from locust import HttpUser, TaskSet, constant, task

class Own(Exception):
    pass

class Further(Own):
    pass

class Base(HttpUser):
    abstract = True
    wait_time = constant(1000)

    def on_start(self):
        try:
            self.body()
        except Exception as error:
            self.client.post("/raised", json=repr(error))
        self.client.get("/end")

    @task
    def nothing(self):
        pass

"#;

/// A small Locust that records what is posted; each program has two seconds and all have a gigabyte.
const DRIVER: &str = r#"
import json, resource, signal, sys, types
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
whole, sys.stdout = sys.stdout, sys.stderr
class Ended(BaseException): pass
def alarm(*_): raise Ended("does not end")
signal.signal(signal.SIGALRM, alarm)
records = []
class Answer:
    def __init__(self, text): self.text, self.status_code, self.ok = text, 200, True
    def json(self): return json.loads(self.text)
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def success(self): records.append("success")
    def failure(self, why): records.append(f"failure {why}")
class Client:
    def request(self, method, path, json=None, **_):
        if path == "/end": raise Ended()
        records.append(f"{path} {dumps(json)}")
        return Answer('{"n": %d}' % len(records))
    def get(self, path, **rest): return self.request("GET", path, **rest)
    def post(self, path, **rest): return self.request("POST", path, **rest)
dumps = json.dumps
class HttpUser:
    abstract = True
    def __init__(self, *_): self.client = Client()
    def on_start(self): pass
class TaskSet:
    def __init__(self, parent):
        self.parent = self.user = parent
        self.client = parent.client
locust = types.ModuleType("locust")
locust.HttpUser, locust.TaskSet = HttpUser, TaskSet
locust.constant = lambda value: value
locust.task = lambda value: value if callable(value) else lambda function: function
sys.modules["locust"] = locust
results = []
for text in json.load(sys.stdin):
    records = []
    signal.setitimer(signal.ITIMER_REAL, 2)
    try:
        scope = {"__name__": "locustfile", "__file__": "locustfile.py"}
        exec(compile(text, "locustfile.py", "exec"), scope)
        known = [value for value in scope.values() if isinstance(value, type) and issubclass(value, HttpUser)]
        user = [value for value in known if not value.__dict__.get("abstract")][0]
        user().on_start()
    except Ended as ended:
        records.extend(ended.args)
    except BaseException as error:
        records.append("fails: " + type(error).__name__)
    signal.setitimer(signal.ITIMER_REAL, 0)
    results.append(records)
json.dump(results, whole)
"#;

/// What each program posts under Python, in order.
fn under_python(programs: &[String]) -> Vec<Vec<String>> {
    let mut child = Command::new("python3")
        .args(["-c", DRIVER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("these tests need python3: {error}"));
    let input = serde_json::to_vec(programs).unwrap();
    child.stdin.take().unwrap().write_all(&input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A server that notes what is posted.
struct Recorder {
    target: Target,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    fn start() -> Self {
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let noted = seen.clone();
        let target = Target::start(move |request| {
            let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
            let body = request.text();
            noted.push(format!("{} {}", request.path, if body.is_empty() { "null" } else { &body }));
            Answer::status(200, format!("{{\"n\": {}}}", noted.len()))
        });
        Self { target, seen }
    }

    /// What one user of the first class posts up to `/end`, with the verdicts; `None` if that never comes.
    fn run(&self, scenario: Scenario) -> Vec<String> {
        let at_end = |seen: &[String]| seen.iter().position(|seen| seen.starts_with("/end "));
        let seen = || self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen().clear();
        block_on(async {
            let (engine, mut exceptions) = Engine::start(&Arc::new(scenario), &Options::default()).unwrap();
            let host = Some(self.target.url());
            engine.set_users(Job { users: vec![1], host, ..Job::default() }).await;
            for _ in 0..4_000 {
                if at_end(&seen()).is_some() {
                    break;
                }
                // Bounds, which no code catches, and what ends a user.
                if let Ok(exception) = exceptions.try_recv() {
                    seen().extend([format!("/ends {}", exception.message), "/end null".to_owned()]);
                    break;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            engine.stop().await;
        });
        let mut seen = std::mem::take(&mut *seen());
        match at_end(&seen) {
            Some(end) => seen.truncate(end),
            None => seen.push("does not end".to_owned()),
        }
        seen
    }
}

/// The locustfile of a program: itself, or as the body of a method.
fn locustfile(program: &str) -> String {
    let program = program.replace("out(", "self.client.post(\"/\", json=");
    if program.contains("class U(") {
        return format!("{HEAD}{program}");
    }
    let body: String = program.lines().map(|line| format!("        {line}\n")).collect();
    format!("{HEAD}class U(Base):\n    def body(self):\n{body}")
}

/// Whether both did the same. Where an exception is told, its kind counts; and ours may end by one that only we have,
/// for what cannot be done here.
fn alike(ours: &[String], python: &[String]) -> bool {
    let kind = |told: &str| told.split('(').next().map(str::to_owned);
    let is_bound = |told: &String| told.starts_with("/ends ");
    let same = |ours: &String, python: &String| {
        ours == python || ours.starts_with("/raised ") && kind(ours) == kind(python)
    };
    let all = ours.iter().zip(python).all(|(ours, python)| same(ours, python) || is_bound(ours));
    all && (ours.len() == python.len() || ours.last().is_some_and(is_bound))
}

/// The programs of a file: each begins with a line `# --- what it shows`. That line ends by ` (refused)` for those that
/// are refused, and by ` (differs)` for the few differences of which docs/expressions.md tells: sets, tuples and views
/// are lists.
fn programs(text: &str) -> Vec<(&str, &str)> {
    let programs = text.split("# --- ").skip(1);
    programs.map(|program| program.split_once('\n').unwrap()).collect()
}

#[test]
fn programs_do_what_they_do_under_python() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/programs");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let recorder = Recorder::start();
    let mut wrong = String::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let programs = programs(&text);
        let locustfiles: Vec<String> = programs.iter().map(|(_, program)| locustfile(program)).collect();
        for (((title, _), text), python) in programs.iter().zip(&locustfiles).zip(under_python(&locustfiles))
        {
            let name = format!("{}: {title}", file.file_name().unwrap().display());
            let expected =
                ["refused", "differs"].into_iter().find(|end| title.ends_with(&format!("({end})")));
            let expected = expected.unwrap_or("alike");
            let (found, told) = match python::load("locustfile.py", text) {
                Err(problems) => ("refused", problems.render(false)),
                Ok(scenario) => {
                    let ours = recorder.run(scenario);
                    let found = if alike(&ours, &python) { "alike" } else { "differs" };
                    (found, format!("  here   {ours:?}\n  python {python:?}\n"))
                }
            };
            if found != expected {
                wrong += &format!("{name}: {found}, not {expected}\n{told}\n");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
