//! Scenarios made by hand, and runs of them.

use akrida_engine::{Engine, Exception, Job, Options};
use akrida_scenario::model::{Request, Scenario, Step, Task, Template, UserClass, Wait};
use akrida_stats::Delta;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

pub(crate) fn text(text: &str) -> Template {
    Template::Fixed(text.into())
}

/// A GET of `url` as the front ends would make it.
pub(crate) fn get(url: &str) -> Request {
    Request { method: "GET".into(), url: text(url), redirects: 30, ..Request::default() }
}

pub(crate) fn step(request: Request) -> Step {
    Step::Request(Box::new(request))
}

/// A class whose only task does `steps` again and again.
pub(crate) fn class(steps: Vec<Step>) -> UserClass {
    UserClass {
        name: "User".into(),
        weight: 1,
        cookies: true,
        tasks: vec![Task { name: "task".into(), weight: 1, steps, ..Task::default() }],
        locals: 4,
        ..UserClass::default()
    }
}

/// `class`, but with so long a wait that its task runs once.
pub(crate) fn once(class: UserClass) -> UserClass {
    UserClass { wait: Wait::Constant(Duration::from_secs(3600)), ..class }
}

/// An engine at work.
pub(crate) struct Running {
    pub(crate) engine: Engine,
    pub(crate) exceptions: mpsc::Receiver<Exception>,
}

impl Running {
    pub(crate) async fn start(class: UserClass, users: u64, host: &str) -> Self {
        Self::start_with(class, users, host, Options::default(), Duration::ZERO).await
    }

    pub(crate) async fn start_with(
        class: UserClass,
        users: u64,
        host: &str,
        options: Options,
        stop_timeout: Duration,
    ) -> Self {
        let scenario =
            Arc::new(Scenario { file: "test".into(), classes: vec![class], ..Scenario::default() });
        let (engine, exceptions) = Engine::start(&scenario, &options).unwrap();
        let job = Job { users: vec![users], host: Some(host.to_owned()), stop_timeout, ..Job::default() };
        engine.set_users(job).await;
        Self { engine, exceptions }
    }

    /// Waits until `count` requests were filed, and gives them.
    pub(crate) async fn requests(&self, count: u64) -> Delta {
        let mut all = Delta::default();
        for _ in 0..1_000 {
            all.merge(self.engine.report().await.delta);
            if all.sum().requests >= count {
                return all;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{count} requests did not come within ten seconds, only {}", all.sum().requests);
    }
}

/// Runs one user of `class` until it made `count` requests.
pub(crate) fn run(class: UserClass, host: &str, count: u64) -> Delta {
    block_on(async {
        let running = Running::start(class, 1, host).await;
        let mut delta = running.requests(count).await;
        running.engine.stop().await;
        delta.merge(running.engine.report().await.delta);
        delta
    })
}

/// Runs `steps` once and gives the texts of all failures.
pub(crate) fn failures(steps: Vec<Step>, host: &str, count: u64) -> Vec<String> {
    let delta = run(once(class(steps)), host, count);
    delta.errors.iter().map(|(key, _)| key.error.clone()).collect()
}

pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap().block_on(work)
}
