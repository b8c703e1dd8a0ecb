//! What a scenario calls secret stands in no output of any kind.

use crate::binary::{Akrida, scratch};
use akrida_testkit::{Answer, ClosedPort, Target};
use std::time::Duration;

/// Characters that quoting, percent-encoding and regular expressions change.
const KEY: &str = "k3y/Tq+9=='z";
const PASSWORD: &str = "p4ss w\u{f6}rt\"!";

/// All ways in which a secret may be seen.
const SEEN: [&str; 8] = [
    KEY,
    PASSWORD,
    // Within the texts of Python and of JSON.
    "p4ss w\u{f6}rt",
    "k3y/Tq+9",
    // In addresses.
    "k3y%2FTq",
    "p4ss+w",
    "p4ss%20w",
    // `user:` and the password, as `Authorization: Basic` has them.
    "dXNlcjpwNHNz",
];

fn scenario(password_file: &str, closed: &str) -> String {
    format!(
        r#"
secrets:
  api_key: {{ env: API_KEY }}
  password: {{ file: "{password_file}" }}
users:
  Talker:
    auth: {{ basic: {{ username: user, password: "{{{{ password }}}}" }} }}
    headers: {{ X-Key: "{{{{ api_key }}}}" }}
    tasks:
      send:
        - get: "/plain?key={{{{ api_key }}}}"
        - {{ get: "/named", name: "name {{{{ api_key }}}}" }}
        - {{ post: /echo, form: {{ password: "{{{{ password }}}}" }} }}
        - {{ post: /echo, body: "{{{{ password }}}}" }}
        - {{ get: /moved, query: {{ key: "{{{{ api_key }}}}" }} }}
      fail_checks:
        - {{ post: /echo, body: "{{{{ password }}}}", check: {{ body: {{ equals: x }} }} }}
        - {{ post: /echo, body: x, check: {{ body: {{ contains: "{{{{ password }}}}" }} }} }}
        - {{ post: /echo, body: x, check: {{ header: {{ X-Seen: x }} }} }}
        - {{ post: /echo, body: '{{"a": "b"}}', check: {{ json: {{ $.a: "{{{{ password }}}}" }} }} }}
        - {{ post: /echo, json: {{ a: "{{{{ api_key }}}}" }}, check: {{ json: {{ $.a: x }} }} }}
        - {{ get: "/missing/{{{{ api_key }}}}" }}
      raise_in_int:
        - let: {{ x: "{{{{ int(password) }}}}" }}
      raise_in_dict:
        - let: {{ x: "{{{{ {{'a': 1}}[api_key] }}}}" }}
      ask_nobody:
        - get: "{closed}/{{{{ api_key }}}}"
"#
    )
}

#[test]
fn secrets_stand_in_no_output() {
    let target = Target::start(|request| match request.path.as_str() {
        "/moved" => Answer::redirect(&format!("/missing?again={KEY}")),
        path if path.starts_with("/missing") => Answer::status(404, KEY),
        "/echo" => Answer::ok(request.body.clone()).header("X-Seen", KEY),
        _ => Answer::ok(PASSWORD),
    });
    let password = scratch("password.txt", &format!("{PASSWORD}\n"));
    let (url, port) = (target.url(), ClosedPort::new());
    let file = scratch("secrets.yaml", &scenario(&password, &port.url()));
    let run = ["-H", &url, "-u", "5", "-r", "5", "-t", "2s", "--headless", "-L", "DEBUG"];
    let outputs = ["--csv", "out", "--csv-full-history", "--json"];
    let invocations: [(&[&str], i32); 5] = [
        (&["-f", &file, "--list"], 0),
        (&["-f", &file, "--show-task-ratio"], 0),
        (&["-f", &file, "--show-task-ratio-json"], 0),
        (&[&["-f", &file][..], &run, &outputs].concat(), 1),
        (&[&["-f", &file][..], &run, &["--logfile", "log", "--only-summary"]].concat(), 1),
    ];
    for (arguments, code) in invocations {
        let ended = Akrida::start_with(&[("API_KEY", KEY)], arguments).end(Duration::from_secs(2));
        ended.exits(code);
        let seen: Vec<&str> = SEEN.into_iter().filter(|secret| ended.files.contains(secret)).collect();
        let lines = ended.files.lines().filter(|line| seen.iter().any(|secret| line.contains(secret)));
        assert!(seen.is_empty(), "{seen:?} in\n{}", lines.collect::<Vec<_>>().join("\n"));
    }
    assert!(target.total() > 100, "{:?}", target.counts());
}
