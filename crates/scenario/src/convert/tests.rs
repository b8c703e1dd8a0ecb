//! Commands and recordings, and the scenarios that are made of them.

use super::{Converted, Refusal, curl, har};
use crate::expr::{Frame, Value};
use crate::model::{Body, Content, Request, Scenario, Step, Template};
use proptest::prelude::*;

const ROUNDS: usize = if option_env!("AKRIDA_FUZZ").is_some() { 300_000 } else { 3_000 };

const SHOP: &str = include_str!("../../tests/convert/shop.har");

/// A row for each flag: what it makes of a request.
const COMMANDS: &[&str] = &[
    "curl https://a.example/",
    "curl -s -S -v -o x --compressed --fail https://a.example",
    "curl --url https://a.example/1 https://a.example/2 https://b.example/3",
    "curl -L https://a.example/",
    "curl -L --max-redirs 3 https://a.example/",
    "curl -I https://a.example/",
    "curl -X DELETE https://a.example/item/1",
    "curl -X PROPFIND https://a.example/dav",
    "curl -H 'X-A: 1' -H 'X-Empty;' -H 'Accept:' -H 'Host: a.example' -A agent -e 'https://b.example;auto' -r 0-9 https://a.example/",
    "curl -b 'session=abc; theme=dark' https://a.example/",
    "curl -u ada:hunter2 https://a.example/",
    "curl -u ada https://a.example/",
    "curl https://ada:hunter2@a.example/",
    "curl --oauth2-bearer abcdefghij https://a.example/x/abcdefghij",
    "curl -H 'Authorization: Bearer abcdefghij' https://a.example/1 --next -H 'Authorization: Bearer abcdefghij' https://a.example/2",
    "curl -H 'Authorization: Digest username=ada' https://a.example/",
    "curl -H 'X-Api-Key: k-1' 'https://a.example/?api_key=k-2&page=3'",
    "curl -d 'name=Ada&city=London' https://a.example/",
    "curl -d a=1 -d b=2 https://a.example/",
    "curl -d 'name=x&password=hunter2' https://a.example/",
    "curl -d hello https://a.example/",
    "curl -d '{\"a\": 1}' https://a.example/",
    "curl -H 'Content-Type: application/json' -d '{\"a\": [1, {\"b\": null}], \"on\": \"yes\", \"n\": \"1\"}' https://a.example/",
    "curl --json '{\"token\": \"abc\", \"text\": \"{{ x }}\"}' https://a.example/",
    "curl --data-raw '@x' -H 'Content-Type: text/plain' https://a.example/",
    "curl --data-raw $'one\\ntwo\\n' -H 'Content-Type: text/plain' https://a.example/",
    "curl -d @order.json -H 'Content-Type: application/json' https://a.example/",
    "curl --data-binary @photo.png -H 'Content-Type: image/png' https://a.example/",
    "curl --data-urlencode 'q=green tea & more' https://a.example/",
    "curl -G -d page=2 --data-urlencode 'q=green tea' 'https://a.example/search?all=1'",
    "curl --url-query 'q=a b' https://a.example/search",
    "curl -T notes.txt https://a.example/files/",
    "curl -F name=Ada -F 'photo=@img/a.png' -F 'note=hi;type=text/plain;filename=x' https://a.example/",
    "curl -F name=Ada -F 'text=two words' https://a.example/",
    "curl -k https://a.example/",
    "curl --cacert ca.pem --cert me.pem --key me.key https://a.example/",
    "curl --cert me.pem https://a.example/",
    "curl -x proxy.example:3128 -U ada:hunter2 https://a.example/",
    "curl -x http://proxy.example https://a.example/",
    "curl --http2 https://a.example/",
    "curl --http2-prior-knowledge http://a.example/",
    "curl --resolve a.example:443:127.0.0.1,[::1] https://a.example/",
    "curl -m 1.5 https://a.example/",
    "curl -m 120 --connect-timeout 3 --retry 2 -4 https://a.example/",
    "curl -g 'https://a.example/[1]?ids[]={a}&t={{x}}'",
    "curl 'https://a.example/api/\\[1\\]' \\\n  -H 'accept: */*' \\\n  -H 'accept-language: en' \\\n  -b 'session=abc' \\\n  \
     -H 'priority: u=1, i' \\\n  -H 'sec-ch-ua: \"Chromium\";v=\"130\"' \\\n  -H 'content-type: application/json' \\\n  \
     --data-raw $'{\"q\":\"it\\'s \\u0021\"}'",
    "$ curl https://a.example/ | jq . ; curl https://a.example/2 > x",
];

/// What is refused, with the flag and the remedy.
const REFUSED: &[&str] = &[
    "",
    "wget https://a.example/",
    "curl",
    "curl -s",
    "curl --frobnicate https://a.example/",
    "curl -sW https://a.example/",
    "curl https://a.example/ -X",
    "curl -X get https://a.example/",
    "curl --digest -u a:b https://a.example/",
    "curl --socks5 localhost:1080 https://a.example/",
    "curl -x socks5://localhost https://a.example/",
    "curl -K file https://a.example/",
    "curl -b cookies.txt https://a.example/",
    "curl -H @headers https://a.example/",
    "curl -d @- https://a.example/",
    "curl -d a=1 -d @x https://a.example/",
    "curl --data-urlencode name@x https://a.example/",
    "curl --cert me.p12 --cert-type P12 https://a.example/",
    "curl --cert me.pem:pw https://a.example/",
    "curl --resolve a.example https://a.example/",
    "curl -m soon https://a.example/",
    "curl -L --max-redirs many https://a.example/",
    "curl -T - https://a.example/",
    "curl -F a https://a.example/",
    "curl -F a=@x -F a=@y https://a.example/",
    "curl -F 'a={};type=application/json' https://a.example/",
    "curl ftp://a.example/",
    "curl 'https://a.example/[1-3]'",
    "curl http://a.example/?x=1&y=2",
    "curl http://a.example/; curl -k http://a.example/",
    "curl -H \"Authorization: $TOKEN\" http://a.example/",
    "Invoke-WebRequest -Uri http://a.example/",
];

fn shown(result: Result<Converted, Refusal>) -> String {
    match result {
        Ok(found) => {
            let notes = found.notes.iter().map(|note| format!("note: {note}\n"));
            found.yaml + &notes.collect::<String>()
        }
        Err(refusal) => format!("error: {}\n  help: {}\n", refusal.message, refusal.remedy),
    }
}

#[test]
fn commands() {
    let shown = COMMANDS.iter().map(|command| format!("$ {command}\n{}\n", shown(curl(command))));
    insta::assert_snapshot!(shown.collect::<String>());
}

#[test]
fn refused_commands() {
    let shown = REFUSED.iter().map(|command| format!("$ {command}\n{}\n", shown(curl(command))));
    insta::assert_snapshot!(shown.collect::<String>());
}

#[test]
fn a_recording() {
    insta::assert_snapshot!(shown(har(SHOP, false)));
}

/// What becomes of a request (and of its answer's headers) that is alone in a recording.
#[test]
fn requests_of_recordings() {
    let check = |request: &str, headers: &str, expected: &str| {
        let text = format!(
            r#"{{"log":{{"entries":[{{"time":null,"request":{{"url":"http://a/",{request}}},
            "response":{{"status":200,"redirectURL":null,"headers":[{headers}]}}}}]}}}}"#
        );
        let found = har(&text, false).unwrap();
        let flat = found.yaml.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(expected), "{expected} is not in\n{}", found.yaml);
    };
    let cookies = r#""method":"GET","headers":[{"name":"Cookie","value":"a=1; b=2"}]"#;
    check(cookies, "", r#"- get: / headers: Cookie: "{{ cookie }}""#);
    check(cookies, r#"{"name":"set-cookie","value":"c=3"}"#, "# - Cookies are left out: users keep");
    check(r#""method":"get","httpVersion":"HTTP/2.0""#, "", "http_version: 2");
    check(r#""method":"PROPFIND""#, "", "- request: { method: PROPFIND, path: / }");
    let form =
        r#""method":"POST","postData":{"mimeType":"application/x-www-form-urlencoded","text":null,"params":"#;
    check(&format!(r#"{form}[{{"name":"a","value":"x y"}}]}}"#), "", "form: { a: x y }");
    check(
        &format!(r#"{form}[{{"name":"a"}},{{"name":"a"}}]}}"#),
        "",
        "# - Left out: forms in which a name stands twice",
    );
    let parts = r#""method":"POST","postData":{"mimeType":"multipart/form-data; boundary=b","#;
    let file = r#"{"name":"f","fileName":"x.png","contentType":"image/png"}"#;
    check(
        &format!(r#"{parts}"params":[{{"name":"a","value":"1"}},{file}]}}"#),
        "",
        r#"form: { a: 1 } files: f: { content: "", filename: x.png, type: image/png }"#,
    );
    let body = r#"--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\nhi\r\n--b--\r\n"#;
    check(&format!(r#"{parts}"text":"{body}"}}"#), "", "files: f: { content: hi, filename: x }");
    let bytes = r#""method":"PUT","postData":{"mimeType":"image/png","text":"AAAA","encoding":"base64"}"#;
    check(bytes, "", "# - Left out: bodies that are not text.");
    let xml = r#""method":"PUT","postData":{"mimeType":"text/xml","text":"<a>\n</a>"}"#;
    check(xml, "", "headers: Content-Type: text/xml body: |- <a> </a>");
}

#[test]
fn a_recording_without_static_files() {
    let found = har(SHOP, true).unwrap();
    assert!(!found.yaml.contains(".png"), "{}", found.yaml);
    assert!(
        found.notes.iter().any(|note| note == "Left out: images, fonts, styles and scripts (2)."),
        "{found:?}"
    );
}

#[test]
fn recordings_hold_no_secrets() {
    for no_static in [false, true] {
        let shown = shown(har(SHOP, no_static));
        for secret in ["t0p-s3cr3t", "hunter2", "s3cr3t-session"] {
            assert!(!shown.contains(secret), "{secret} is in\n{shown}");
        }
    }
}

#[test]
fn what_cannot_be_taken_apart_is_kept_back_as_a_whole() {
    for command in [
        r#"curl http://x/ --json '{"password":"hunter2hunter2","n":12345678901234567890}'"#,
        r#"curl http://x/ --json '{"password":"hunter2hunter2","password":"hunter2hunter2"}'"#,
        r#"curl http://x/ -H 'Content-Type: text/plain' -d '{"password":"hunter2hunter2"}'"#,
        "curl http://x/ -d 'user=a&password=hunter2hunter2&a=1&a=2'",
        "curl http://x/ -d 'user=a&password=hunter2hunter2&c'",
        "curl 'http://x/?a=1&a=2&password=hunter2hunter2'",
        "curl http://x/ -H 'Content-Type: text/xml' -d '<password>hunter2hunter2</password>'",
    ] {
        let converted = curl(command).unwrap();
        assert!(!converted.yaml.contains("hunter2"), "{command}\n{}", converted.yaml);
        assert!(converted.yaml.contains("secrets:"), "{command}\n{}", converted.yaml);
    }
}

#[test]
fn what_is_no_recording_is_refused() {
    let check = |text: &str, expected: &str| {
        let refusal = har(text, false).unwrap_err();
        assert!(refusal.message.starts_with(expected), "{refusal}");
    };
    check("", "this is no HTTP Archive: EOF");
    check("curl http://a/", "this is no HTTP Archive: expected value");
    check("{}", "this is no HTTP Archive: missing field `log`");
    check(r#"{"log": {"entries": []}}"#, "no request is left of the recording");
    check(&"[".repeat(1000), "this is no HTTP Archive: invalid type");
    check(&format!("{{\"log\": {}", "[".repeat(1000)), "this is no HTTP Archive");
    check(&" ".repeat(super::HAR_BYTES + 1), "the recording is larger than 64 MiB");
    let entry = r#"{"request":{"method":"GET","url":"http://a/"},"response":{"status":200}}"#;
    let many = |count| format!(r#"{{"log":{{"entries":[{}{entry}]}}}}"#, format!("{entry},").repeat(count));
    check(&many(100_000), "this is no HTTP Archive: there are more than 100000 requests");
    let large = entry.replace("http://a/", &format!("http://a/{}", "x".repeat(1_000_000)));
    check(&many(5).replace(entry, &large), "the scenario would be larger than 4 MiB");
}

/// The one request of a converted command, as the engine gets it.
fn request(converted: &Converted) -> Request {
    let scenario: Scenario = crate::yaml::load("a.yaml", &converted.yaml)
        .unwrap_or_else(|problems| panic!("{}", problems.render(false)));
    match scenario.classes[0].tasks[0].steps[0].clone() {
        Step::Request(request) => *request,
        other => panic!("{other:?}"),
    }
}

fn fixed(template: &Template) -> &str {
    match template {
        Template::Fixed(text) => text,
        Template::Parts(parts) => panic!("{parts:?}"),
    }
}

/// As a person writes it for a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Text with what YAML, expressions and shells treat in their own ways.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{{"),
        Just("}}"),
        Just("{"),
        Just("{{ x }}"),
        Just(": "),
        Just(" #"),
        Just("- "),
        Just("\n"),
        Just("\n\n"),
        Just("\t"),
        Just("\r"),
        Just("\""),
        Just("'"),
        Just("\\"),
        Just("|"),
        Just(">"),
        Just("&"),
        Just("*"),
        Just("!"),
        Just("%"),
        Just("@"),
        Just("`"),
        Just(","),
        Just("["),
        Just("]"),
        Just("?"),
        Just("---"),
        Just("..."),
        Just("~"),
        Just("null"),
        Just("true"),
        Just("no"),
        Just("1"),
        Just("1e3"),
        Just("0x1f"),
        Just(".5"),
        Just("+"),
        Just("-"),
        Just("<<"),
        Just("="),
        Just(" "),
        Just("  "),
        Just("a"),
        Just("word"),
        Just("ä"),
        Just("\u{1f600}"),
        Just("\u{feff}"),
        Just("\u{85}"),
        Just("\u{2028}"),
        Just("\u{0}"),
        Just("\u{7f}"),
        Just("\u{a0}"),
        Just("$'"),
        Just("."),
        Just("/"),
    ];
    prop_oneof![prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat()), any::<String>(),]
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<i32>().prop_map(|number| (f64::from(number) / 1000.0).into()),
        text().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::vec((text(), inner), 0..4)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn json_comes_back(value in json()) {
        let command = format!("curl --json {} http://a/", quoted(&value.to_string()));
        let converted = curl(&command).unwrap();
        let found: serde_json::Value = match request(&converted).body {
            Body::Json(expr) => {
                let mut rng = fastrand::Rng::with_seed(0);
                let found = expr.eval(&mut Frame::bare(&mut rng)).unwrap();
                let text = Value::to_json_text(&found).unwrap();
                serde_json::from_str(&text).unwrap()
            }
            Body::Raw(Content::Text(text)) => serde_json::from_str(fixed(&text)).unwrap(),
            other => panic!("{other:?}"),
        };
        prop_assert_eq!(found, value, "{}", converted.yaml);
    }

    #[test]
    fn texts_come_back(body in text(), value in "[ -~]{1,20}", name in text()) {
        let command = format!(
            "curl -H 'Content-Type: text/plain' -H {} --data-raw {} http://a/",
            quoted(&format!("X-A: {value}")),
            quoted(&body),
        );
        let converted = curl(&command).unwrap();
        let found = request(&converted);
        match &found.body {
            Body::Raw(Content::Text(text)) => prop_assert_eq!(fixed(text), &body, "{}", converted.yaml),
            other => panic!("{other:?}"),
        }
        let header = found.headers.iter().find(|(name, _)| name == "X-A");
        prop_assert_eq!(header.map_or("", |(_, value)| fixed(value)), value.trim(), "{}", converted.yaml);

        let pair = format!("{}=1", name.replace('%', "%25").replace('&', "%26").replace('+', "%2B").replace('=', "%3D"));
        let converted = curl(&format!("curl --data-raw {} http://a/", quoted(&pair))).unwrap();
        match &request(&converted).body {
            Body::Form(fields) => prop_assert_eq!(fixed(&fields[0].0), &name, "{}", converted.yaml),
            Body::Raw(Content::Text(text)) => prop_assert_eq!(fixed(text), &pair, "{}", converted.yaml),
            other => panic!("{other:?}"),
        }
    }
}

/// `text` with random damage.
fn mutated(text: &str, pieces: &[&str], rng: &mut fastrand::Rng) -> String {
    let mut text = text.to_owned();
    for _ in 0..rng.usize(1..6) {
        let at = text.floor_char_boundary(rng.usize(0..=text.len()));
        let end = text.floor_char_boundary((at + rng.usize(0..12)).min(text.len()));
        match rng.u8(0..3) {
            0 => text.replace_range(at..end, ""),
            1 => text.replace_range(at..end, pieces[rng.usize(0..pieces.len())]),
            _ => text.insert_str(at, pieces[rng.usize(0..pieces.len())]),
        }
    }
    text
}

/// What comes of damaged input is a scenario that loads, or a refusal with a remedy.
fn fuzz(texts: &[&str], pieces: &[&str], convert: fn(&str) -> Result<Converted, Refusal>) {
    for seed in 0..ROUNDS as u64 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let text = mutated(texts[rng.usize(0..texts.len())], pieces, &mut rng);
        let result = std::panic::catch_unwind(|| match convert(&text) {
            Ok(converted) => assert!(!converted.yaml.is_empty()),
            Err(refusal) => assert!(!refusal.message.is_empty() && !refusal.remedy.is_empty()),
        });
        assert!(result.is_ok(), "seed {seed}:\n{text}");
    }
}

#[test]
fn damaged_commands_never_panic() {
    let pieces = [
        "'", "\"", "\\", "$'", "$", " ", "\n", "-", "--", "-d", "-H ", "-F a=", "-u :", "@", "=", ";", ":",
        "&", "|", "{{", "}}", "[", "{", "\u{0}", "ä", "%", "%ff", "\\u", "\\xff", "https://", "-X", "-G",
        "--next", "-x ", "#",
    ];
    fuzz(COMMANDS, &pieces, curl);
}

#[test]
fn damaged_recordings_never_panic() {
    let pieces = [
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "null",
        "0",
        "-1",
        "1e999",
        "\\u0000",
        "\\ud800",
        "{{",
        "%",
        "ä",
        "\n",
        "\\n",
        "https://",
        "wss:",
        "/cart",
        "#",
        "page_1",
        "9",
        "T",
        "Z",
        "303",
        "cookie",
        "multipart/form-data",
    ];
    fuzz(&[SHOP], &pieces, |text| har(text, text.len() % 2 == 0));
}

/// Sizes at which whatever compares everything with everything would not come to an end.
#[test]
fn large_inputs_come_to_an_end() {
    let many = |count: usize, piece: &dyn Fn(usize) -> String| (0..count).map(piece).collect::<String>();
    let curls = [
        format!(
            "curl {} {}",
            many(900, &|n| format!("-H 'X-{n}-Token: {n}-secret-value' ")),
            many(99, &|n| format!("http://a/{n} ")),
        ),
        many(2_000, &|n| format!("curl -H 'Authorization: Bearer {n}-secret-value' http://a/{n}\n")),
        format!("curl {}", "http://a/ ".repeat(300_000)),
        format!("curl {} http://a/", "-4 ".repeat(300_000)),
        format!("curl --json '[{}1]' http://a/", "1,".repeat(30_000)),
        format!("curl --json '{}{}' http://a/", "[".repeat(120), "]".repeat(120)),
        "curl --data-raw 'a=1&".repeat(100_000),
    ];
    for text in curls {
        if let Ok(converted) = curl(&text) {
            assert!(!converted.yaml.contains("secret-value"));
        }
    }

    let pair = |n: usize| format!(r#"{{"name":"x-{n}-token","value":"{n}-secret-value"}},"#);
    let entry = |headers: &str| {
        format!(
            r#"{{"pageref":"p1","request":{{"method":"GET","url":"http://a/","headers":[{headers}{{"name":"b","value":""}}]}},
            "response":{{"status":302,"redirectURL":"/"}}}}"#
        )
    };
    let page = r#"{"id":"p1","title":"a"},"#;
    let recording = |entry: &str, count: usize, pages: usize| {
        format!(
            r#"{{"log":{{"pages":[{}{{"id":"p2"}}],"entries":[{}{entry}]}}}}"#,
            page.repeat(pages),
            format!("{entry},").repeat(count)
        )
    };
    let hars = [
        recording(&entry(""), 20_000, 20_000),
        recording(&entry(&many(20_000, &pair)), 2, 0),
        recording(&entry(&many(150, &pair)), 200, 0).replace("302", "200"),
    ];
    for text in hars {
        if let Ok(converted) = har(&text, false) {
            assert!(!converted.yaml.contains("secret-value"));
        }
    }
}
