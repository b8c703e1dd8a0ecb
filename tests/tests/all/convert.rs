//! What curl sends, and what Akrida sends after `akrida convert` of the same command.

use crate::binary::{Akrida, scratch};
use crate::repository::text;
use akrida_scenario::convert;
use akrida_testkit::{Answer, Authority, Request, Target};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Commands for a target at `HOST`.
const COMMANDS: &str = r#"
curl -s 'HOST/plain?a=1&b=%20x'
curl -s -I HOST/head
curl -s -X DELETE HOST/items/7
curl -s -X PROPFIND -H 'Depth: 1' HOST/dav
curl -s -A 'agent/1' -e HOST/from -r 0-9 -H 'X-Empty;' -H "X-Quoted: it's \"so\"" HOST/headers
curl -s -d name=Ada --data-urlencode 'city=Bad Homburg & more' HOST/form
curl -s -d 'no form' HOST/text
curl -s --json '{"list": [1, 2.5, "{{ x }}", null, true], "nested": {"a b": "ä: #"}}' HOST/json
curl -s -X PUT -H 'Content-Type: text/xml' --data-raw $'<a>\n  <b/>\n</a>\n' HOST/xml
curl -s -G -d page=2 --data-urlencode 'q=tea, green' 'HOST/search?all=1'
curl -s -F 'name=Ada' -F 'note=hi there;filename=note.txt;type=text/plain' HOST/upload
curl -s -F 'a=1' -F 'b=two words' HOST/fields
curl -s -u ada:hunter2 -b 'session=abc; theme=dark' HOST/basic
curl -s -H 'Authorization: Bearer abcdefghij' 'HOST/bearer?api_key=a%26b%2Bc'
curl -s -d 'name=ada&password=hunter2' HOST/login
curl -s -L HOST/old
curl -s HOST/old
curl -s -g 'HOST/[1]/{a}?ids[]=1'
"#;

/// What the commands keep to themselves.
const SECRETS: [(&str, &str); 4] = [
    ("PASSWORD", "hunter2"),
    ("COOKIE", "session=abc; theme=dark"),
    ("TOKEN", "abcdefghij"),
    ("API_KEY", "a&b+c"),
];

fn answer(request: &Request) -> Answer {
    match request.path.as_str() {
        "/old" => Answer::redirect("/new"),
        _ => Answer::ok("ok"),
    }
}

/// Runs `commands` with curl and with Akrida, and compares what arrived.
fn compare(target: &Target, commands: &str) {
    let commands = commands.replace("HOST", &target.url());
    let status = Command::new("bash")
        .args(["-ec", &commands])
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status();
    assert!(status.is_ok_and(|status| status.success()), "this test needs bash and curl");
    let sent = target.requests();
    assert!(!sent.is_empty());

    let converted = convert::curl(&commands).unwrap();
    let file = scratch("converted.yaml", &converted.yaml);
    let arguments = ["-f", &file, "--headless", "-u", "1", "-t", "1s"];
    Akrida::start_with(&SECRETS, &arguments).end(Duration::from_secs(1)).exits(0);
    let all = target.requests();
    let again = &all[sent.len()..];
    assert!(again.len() >= sent.len(), "{} of {} requests:\n{}", again.len(), sent.len(), converted.yaml);
    for (sent, again) in sent.iter().zip(again) {
        assert_eq!(meaning(again), meaning(sent), "\n{}", converted.yaml);
    }
}

/// A request without what the program writes of itself, and with bodies by their meaning.
fn meaning(request: &Request) -> String {
    let of_the_program = |(name, value): &&(String, String)| {
        matches!(name.as_str(), "accept-encoding" | "content-length")
            || name == "user-agent" && (value.starts_with("curl/") || value.starts_with("akrida/"))
    };
    let kind = request.header("content-type").unwrap_or_default();
    let boundary = kind.split_once("boundary=").map_or("no boundary", |(_, boundary)| boundary);
    let body = match request.json() {
        Some(json) => json.to_string(),
        None if kind.contains("urlencoded") => decoded(&request.text()),
        None => request.text().replace(boundary, "BOUNDARY"),
    };
    let headers = request.headers.iter().filter(|header| !of_the_program(header));
    let mut headers: Vec<String> =
        headers.map(|(name, value)| format!("{name}: {}", value.replace(boundary, "BOUNDARY"))).collect();
    headers.sort();
    let (path, query) = (decoded(&request.path), request.query.as_deref().map(decoded));
    format!("{} {path} {query:?}\n{}\n{body}", request.method, headers.join("\n"))
}

/// Text without percent signs and pluses: what they stand for may be written in several ways.
fn decoded(text: &str) -> String {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap_or_default().replace('+', " ").into_bytes();
    for piece in pieces {
        bytes.push(u8::from_str_radix(&piece[..2], 16).unwrap());
        bytes.extend(piece[2..].replace('+', " ").bytes());
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn akrida_sends_what_curl_sends() {
    compare(&Target::start(answer), COMMANDS);
}

#[test]
fn akrida_verifies_no_more_than_curl() {
    compare(&Target::start_tls(&Authority::new().good(), answer), "curl -s -k HOST/safe");
}

#[test]
fn the_examples_of_the_page_are_converted_as_it_says() {
    let page = text(Path::new("docs/convert.md")).unwrap();
    let har = text(Path::new("crates/scenario/tests/convert/shop.har")).unwrap();
    let mut examples = 0;
    for example in page.split("```sh\n").skip(1) {
        let (command, rest) = example.split_once("```").unwrap();
        let Some((_, yaml)) = rest.split_once("```yml\n") else { continue };
        let yaml = yaml.split("```").next().unwrap();
        if command.trim().ends_with(".py") {
            // Locustfiles have their text on another page, and are compared by the scenario crate.
            continue;
        }
        let made = match command.trim().strip_prefix("akrida convert ").unwrap() {
            recording if recording.starts_with("shop.har") => {
                convert::har(&har, recording.contains("--no-static"))
            }
            curl => {
                let command = curl.strip_prefix("--curl '").and_then(|rest| rest.strip_suffix('\''));
                convert::curl(command.unwrap_or_else(|| panic!("{curl} is no example")))
            }
        };
        assert_eq!(made.unwrap().yaml, yaml, "{command}");
        examples += 1;
    }
    assert_eq!(examples, 2);
}
