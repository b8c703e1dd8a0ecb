//! What is printed of a scenario without running it.

use crate::binary::Akrida;

const SHOP: &str = "
users:
  Shopper:
    weight: 3
    host: https://shop.example
    tasks:
      browse: {get: /, weight: 3, tags: [read]}
      buy: {post: /buy, tags: [write]}
  Visitor:
    host: https://shop.example
    tasks:
      index: {get: /}
";

const LOCUSTFILE: &str = "
from locust import HttpUser, task, between

class Shopper(HttpUser):
    wait_time = between(1, 2.5)

    @task(3)
    def browse(self):
        self.client.get('/')

    @task
    def buy(self):
        self.client.post('/buy')
";

fn shop(arguments: &str) -> String {
    Akrida::new().file("shop.yaml", SHOP).file("locustfile.py", LOCUSTFILE).run(arguments).to_string()
}

#[test]
fn checks_list_what_is_there() {
    insta::assert_snapshot!(shop("check shop.yaml"));
    insta::assert_snapshot!(shop("check"));
    insta::assert_snapshot!(shop("check -f shop.yaml,locustfile.py"));
}

#[test]
fn checks_tell_all_problems() {
    let broken = "users:\n  Shopper:\n    wieght: 3\n    tasks:\n      browse: {get: 5, tags: 7}\n";
    insta::assert_snapshot!(Akrida::new().file("broken.yaml", broken).run("check broken.yaml"));
}

#[test]
fn the_schema_is_json() {
    let ended = Akrida::new().run("check --schema");
    let schema: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert!(schema.get("$schema").is_some());
    assert_eq!(ended.code, Some(0));
}

#[test]
fn lists_and_ratios() {
    insta::assert_snapshot!(shop("-f shop.yaml --list"));
    insta::assert_snapshot!(shop("-f shop.yaml --show-task-ratio -u 8 --tags read"));
    insta::assert_snapshot!(shop("-f shop.yaml --show-task-ratio-json --equal-weights Shopper"));
}

#[test]
fn unknown_classes_and_tags() {
    insta::assert_snapshot!(shop("-f shop.yaml --list Shoper"));
    insta::assert_snapshot!(shop("-f shop.yaml --list --tags nothing"));
}

#[test]
fn secrets_are_shown_by_no_command() {
    let scenario = "
secrets: { key: { env: KEY }, password: { file: password.txt } }
users:
  User:
    host: http://localhost
    auth: { bearer: '{{ key }}' }
    tasks: { t: { get: '/{{ password }}' } }
";
    let akrida =
        Akrida::new().file("s.yaml", scenario).file("password.txt", "hunter2\n").variable("KEY", "k3y-k3y");
    for arguments in [
        "check s.yaml",
        "-f s.yaml --list",
        "-f s.yaml --show-task-ratio",
        "-f s.yaml --show-task-ratio-json",
    ] {
        let ended = akrida.run(arguments);
        assert_eq!(ended.code, Some(0), "{ended}");
        assert!(!["hunter2", "k3y-k3y"].iter().any(|secret| ended.to_string().contains(secret)), "{ended}");
    }
    let broken = scenario.replace("get:", "gett:");
    let ended = Akrida::new()
        .file("s.yaml", &broken)
        .file("password.txt", "hunter2")
        .variable("KEY", "k3y-k3y")
        .run("check s.yaml");
    assert_eq!(ended.code, Some(2), "{ended}");
    assert!(!["hunter2", "k3y-k3y"].iter().any(|secret| ended.to_string().contains(secret)), "{ended}");
}
