//! Changes of a class while its users run.

use crate::support::{block_on, class, get, step};
use akrida_engine::{ClassEdit, Engine, Job, Options};
use akrida_scenario::model::{OptionValue, Task};
use akrida_scenario::{Scenario, yaml};
use akrida_testkit::{Answer, Target};
use std::sync::Arc;
use std::time::Duration;

/// Waits until `target` was asked for `path` once more.
async fn asked(target: &Target, path: &str) {
    let before = target.count("GET", path);
    while target.count("GET", path) == before {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn users_that_run_take_over_tasks_and_host_from_their_next_task_on() {
    let (here, there) = (Target::start(|_| Answer::ok("")), Target::start(|_| Answer::ok("")));
    let task = |name: &str| Task {
        name: name.to_owned(),
        weight: 1,
        steps: vec![step(get(&format!("/{name}")))],
        ..Task::default()
    };
    let mut user = class(Vec::new());
    (user.tasks, user.host) = (vec![task("one"), task("two")], Some(here.url()));
    let scenario = Arc::new(Scenario { classes: vec![user], ..Scenario::default() });
    block_on(async {
        let (engine, _exceptions) = Engine::start(&scenario, &Options::default()).unwrap();
        engine.set_users(Job { users: vec![1], ..Job::default() }).await;
        asked(&here, "/one").await;
        asked(&here, "/two").await;

        let edit = ClassEdit { tasks: Some(vec!["two".to_owned()]), ..ClassEdit::default() };
        engine.edit_class(edit).await;
        asked(&here, "/two").await;
        let one = here.count("GET", "/one");
        for _ in 0..20 {
            asked(&here, "/two").await;
        }
        assert_eq!(here.count("GET", "/one"), one, "nobody does what was taken away");

        let edit = ClassEdit { host: Some(Some(there.url())), ..ClassEdit::default() };
        engine.edit_class(edit).await;
        asked(&there, "/two").await;
        let before = here.total();
        asked(&there, "/two").await;
        assert_eq!(here.total(), before, "and nobody loads what it left");

        // The host of a job wins, and users that come later are as the class is now.
        engine.set_users(Job { users: vec![2], host: Some(here.url()), ..Job::default() }).await;
        asked(&here, "/two").await;
        assert_eq!(there.count("GET", "/one") + here.count("GET", "/one"), one);
        engine.stop().await;
    });
}

#[test]
fn users_that_run_take_over_options_from_their_next_task_on() {
    let target = Target::start(|_| Answer::ok(""));
    let text = "
options: { tenant: acme, size: 20 }
users:
  A:
    on_stop: [{ get: '/bye/{{ tenant }}' }]
    tasks: [{ get: '/{{ tenant }}/{{ size + 1 }}' }]";
    let scenario = Arc::new(yaml::load("options.yaml", text).unwrap());
    let set = |name: &str, value| vec![(name.to_owned(), value)];
    block_on(async {
        let (engine, _exceptions) = Engine::start(&scenario, &Options::default()).unwrap();
        let job = || Job { users: vec![1], host: Some(target.url()), ..Job::default() };
        engine.set_users(job()).await;
        asked(&target, "/acme/21").await;
        engine.set_options(&set("tenant", OptionValue::Text("zoo".into())));
        engine.set_users(job()).await;
        asked(&target, "/zoo/21").await;
        let before = target.count("GET", "/acme/21");
        asked(&target, "/zoo/21").await;
        assert_eq!(target.count("GET", "/acme/21"), before);
        // What is not named has its own value again.
        engine.set_options(&set("size", OptionValue::Int(5)));
        engine.set_users(job()).await;
        asked(&target, "/acme/6").await;
        engine.stop().await;
        assert_eq!(target.count("GET", "/bye/acme"), 1);
    });
}
