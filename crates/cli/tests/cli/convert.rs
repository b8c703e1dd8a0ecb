//! `akrida convert`: what it prints and writes, and how it refuses.

use crate::binary::Akrida;

const HAR: &str = r#"{"log": {"entries": [{
    "request": {"method": "GET", "url": "https://shop.example/?token=top-secret", "headers": []},
    "response": {"status": 200}
}]}}"#;

fn akrida() -> Akrida {
    Akrida::new().file("shop.har", HAR)
}

#[test]
fn a_scenario_is_printed() {
    insta::assert_snapshot!(akrida().run("convert shop.har"), @r#"
    # Made by `akrida convert` of a recording.
    host: https://shop.example
    secrets:
      token: { env: TOKEN }
    users:
      WebsiteUser:
        tasks:
          - get: /
            query: { token: "{{ token }}" }
    Note: Tokens, passwords and cookies are not written into the scenario: set TOKEN in the environment.
    exit code 0
    "#);
    insta::assert_snapshot!(Akrida::new().run_all(&["convert", "--curl", "curl -sL https://a.example/x"]), @r"
    # Made by `akrida convert` of curl commands.
    host: https://a.example
    users:
      WebsiteUser:
        tasks:
          - get: /x
    exit code 0
    ");
}

#[test]
fn a_scenario_is_written_and_checked() {
    let akrida = akrida();
    let written = akrida.run_all(&["convert", "--curl", "curl https://a.example/x", "-o", "a.yaml"]);
    assert_eq!((written.code, written.stdout.as_str()), (Some(0), ""));
    let checked = akrida.run("check a.yaml");
    assert_eq!(checked.code, Some(0), "{checked}");

    insta::assert_snapshot!(akrida.run("convert shop.har -o a.yaml"), @r"
    error: a.yaml is there already
      help: name another file, or add --force
    exit code 2
    ");
    assert_eq!(akrida.run("convert shop.har -o a.yaml --force").code, Some(0));
    let text = akrida.read("a.yaml");
    assert!(text.contains("https://shop.example") && !text.contains("top-secret"), "{text}");
}

#[test]
fn standard_input_is_read() {
    let akrida = Akrida::new();
    let ended = akrida.run_with_input(&["convert", "--curl", "-"], "curl 'https://a.example/it'\\''s'");
    assert_eq!(ended.code, Some(0), "{ended}");
    assert!(ended.stdout.contains("- get: /it's\n"), "{ended}");
    assert!(akrida.run_with_input(&["convert", "-"], HAR).stdout.contains("query: { token: "));
}

#[test]
fn what_cannot_be_converted_is_told() {
    insta::assert_snapshot!(akrida().run("convert missing.har"), @r"
    error: cannot read missing.har: No such file or directory (os error 2)
      help: name another file
    exit code 2
    ");
    insta::assert_snapshot!(akrida().file("page.har", "<html>").run("convert page.har"), @r#"
    error: this is no HTTP Archive: expected value at line 1 column 1
      help: export the recording from the network panel of a browser, "Save all as HAR"
    exit code 2
    "#);
    insta::assert_snapshot!(akrida().run_all(&["convert", "--curl", "curl --digest https://a.example/"]), @r"
    error: curl's --digest has no counterpart in a scenario
      help: Akrida speaks Basic and Bearer; send the header that the service takes with -H
    exit code 2
    ");
}

const LOCUSTFILE: &str = r#"from locust import HttpUser, SequentialTaskSet, constant, task


class Visitor(HttpUser):
    wait_time = constant(1)
    host = "https://shop.example"

    @task
    def index(self):
        answer = self.client.get("/")
        if answer.ok:
            self.client.get(f"/items/{answer.json()['id']}", name="/items/[id]")
"#;

const SEQUENCE: &str = r#"from locust import HttpUser, SequentialTaskSet, task

SEEN = []


class Visitor(HttpUser):
    @task
    class Steps(SequentialTaskSet):
        @task
        def first(self):
            self.client.get("/1")

    @task
    def see(self):
        SEEN.append(1)
        self.client.get(f"/{len(SEEN)}")
"#;

#[test]
fn a_locustfile_becomes_yaml() {
    let akrida = Akrida::new().file("visit.py", LOCUSTFILE);
    insta::assert_snapshot!(akrida.run("convert visit.py"), @r#"
    # Made by `akrida convert` of visit.py.
    host: https://shop.example
    users:
      Visitor:
        wait: 1s
        tasks:
          index:
            - get: /
              response: answer
            - if: "{{ answer.ok }}"
              then:
                - get: /items/{{ answer.json()['id'] }}
                  name: /items/[id]
    exit code 0
    "#);
    assert_eq!(akrida.run("convert visit.py -o visit.yaml").code, Some(0));
    assert_eq!(akrida.run("check visit.yaml").code, Some(0));
}

#[test]
fn all_that_yaml_cannot_say_is_told() {
    let akrida = Akrida::new().file("visit.py", SEQUENCE).file("broken.py", "import numpy\n");
    insta::assert_snapshot!(akrida.run("convert visit.py"), @r"
    error: `SEEN`, which all users share and change, has no counterpart in YAML
     --> visit.py:3:1
      |
    3 | SEEN = []
      | ^^^^
      |
      = help: run the file as it stands: `akrida -f visit.py`

    error: the task set `Steps` has no counterpart in YAML
     --> visit.py:8:11
      |
    8 |     class Steps(SequentialTaskSet):
      |           ^^^^^
      |
      = help: run the file as it stands: `akrida -f visit.py`

    2 problems in visit.py
    exit code 2
    ");
    let broken = akrida.run("convert broken.py");
    assert_eq!(broken.code, Some(2), "{broken}");
    assert!(broken.stderr.contains("numpy"), "{broken}");
}
