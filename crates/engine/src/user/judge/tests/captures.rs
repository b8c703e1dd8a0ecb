//! What captures take.

use super::*;

const PAGE: &str = r#"<!doctype html><html lang="en"><body><form><input name=csrf value="t&amp;1"><input name=b>
    </form><ul><li id=1> one <b>bold</b>
    <li id=2>two<li id=3>three</ul></body></html>"#;

const SHOP: &str =
    r#"{"token": "abc", "items": [{"id": 1}, {"id": 2}, {"id": 3}], "nested": {"a": [null, 1.5]}}"#;

/// What is captured of `body`, as Python shows it, or why nothing is.
fn check(body: &str, from: CaptureFrom, pick: Pick, expected: &str) {
    let capture = Capture { pick, ..first(from) };
    let found = captured(body.as_bytes(), &capture).map_or_else(|reason| reason, |value| value.to_string());
    assert_eq!(found, expected, "{capture:?}");
}

#[test]
fn of_json() {
    check(SHOP, json_path("$.token"), Pick::First, "abc");
    check(SHOP, json_path("$.nested"), Pick::First, "{'a': [None, 1.5]}");
    check(SHOP, json_path("$.items[*].id"), Pick::First, "1");
    check(SHOP, json_path("$.items[*].id"), Pick::Last, "3");
    check(SHOP, json_path("$.items[*].id"), Pick::All, "[1, 2, 3]");
    check(SHOP, json_path("$..id"), Pick::All, "[1, 2, 3]");
    check(SHOP, json_path("$.none"), Pick::All, "[]");
    check(SHOP, json_path("$.none"), Pick::Last, "capture it: $.none is not in the answer");
    check("<html>", json_path("$.none"), Pick::All, "capture it: the answer is not JSON");
    check("", json_path("$.none"), Pick::First, "capture it: the answer is not JSON");
}

#[test]
fn of_a_regular_expression() {
    let from = |pattern: &str| CaptureFrom::Regex(regex(pattern));
    check("id=1 id=23 id=x", from(r"id=(\d+)"), Pick::First, "1");
    check("id=1 id=23 id=x", from(r"id=(\d+)"), Pick::All, "['1', '23']");
    check("id=1 id=23 id=x", from(r"id=\w"), Pick::Last, "id=x");
    check("id=1", from(r"id=(\d)(x)?"), Pick::First, "1");
    check("id=1", from(r"id=(x)?"), Pick::All, "['']");
    check("id=1", from(r"(?:id)=.(y)"), Pick::First, "capture it: nothing in the answer matches (?:id)=.(y)");
    check("é", from(""), Pick::All, "['', '']");
}

#[test]
fn of_headers_and_cookies() {
    let header = |name: &str| CaptureFrom::Header(name.into());
    let cookie = |name: &str| CaptureFrom::Cookie(name.into());
    check("", header("x-many"), Pick::First, "one");
    check("", header("x-many"), Pick::All, "['one', 'tw\u{fffd}']");
    check("", header("x-none"), Pick::First, "capture it: the answer has no header x-none");
    check("", cookie("session"), Pick::First, "abc");
    check("", cookie("session"), Pick::Last, "old");
    check("", cookie("other"), Pick::First, "capture it: the user has no cookie other");
}

#[test]
fn of_html() {
    check(PAGE, css("input[name=csrf]", Some("value")), Pick::First, "t&1");
    check(PAGE, css("input", Some("VALUE")), Pick::All, "['t&1']");
    check(PAGE, css("li", Some("id")), Pick::Last, "3");
    check(PAGE, css("ul > li", None), Pick::First, "one bold");
    check(PAGE, css("ul > li", None), Pick::All, "['one bold', 'two', 'three']");
    check(PAGE, css("html", Some("lang")), Pick::First, "en");
    check(PAGE, css("li ~ li:nth-child(3), p", None), Pick::All, "['three']");
    check(PAGE, css("li:has(b)", Some("id")), Pick::First, "1");
    check(PAGE, css("p", None), Pick::First, "capture it: nothing in the answer is p");
    check(PAGE, css("li", Some("x")), Pick::First, "capture it: nothing in the answer is li with x");
    check("no { html }", css("p", None), Pick::First, "capture it: nothing in the answer is p");
    check("", css("body", None), Pick::First, "");
}

#[test]
fn any_of_several_comes_as_often_as_the_others() {
    let capture = Capture { pick: Pick::Random, ..first(json_path("$.items[*].id")) };
    read(SHOP.as_bytes(), |reading, frame| {
        let mut counts = [0; 3];
        for _ in 0..3_000 {
            capture::capture(std::slice::from_ref(&capture), reading, frame).unwrap();
            let Value::Int(id) = frame.get(X) else { unreachable!() };
            counts[usize::try_from(*id).unwrap() - 1] += 1;
        }
        assert!(counts.iter().all(|count| (850..1_150).contains(count)), "{counts:?}");
    });
}

#[test]
fn a_default_takes_the_place_of_what_is_missing_and_of_nothing_else() {
    let default = |from| Capture { default: Some(Value::Int(0)), ..first(from) };
    assert_eq!(captured(b"{}", &default(json_path("$.a"))), Ok(Value::Int(0)));
    assert_eq!(captured(b"<html>", &default(json_path("$.a"))), Ok(Value::Int(0)));
    assert_eq!(captured(b"{\"a\": 1}", &default(json_path("$.a"))), Ok(Value::Int(1)));
    assert_eq!(captured(b"", &default(CaptureFrom::Regex(regex("a")))), Ok(Value::Int(0)));
    let list = format!("[{}0]", "0,".repeat(akrida_scenario::limits::JSON_VALUES));
    assert_eq!(
        captured(list.as_bytes(), &default(json_path("$[0]"))),
        Err("capture it: the JSON of the answer is too large to be looked into".into())
    );
}

#[test]
fn what_is_missing_does_not_keep_others_from_being_taken() {
    let captures = [
        first(json_path("$.none")),
        Capture { name: "other".into(), ..first(json_path("$.nothing")) },
        first(json_path("$.token")),
    ];
    read(SHOP.as_bytes(), |reading, frame| {
        let reason = capture::capture(&captures, reading, frame).map_err(reason);
        assert_eq!(reason, Err("capture it: $.none is not in the answer".into()));
        assert_eq!(frame.get(X), &Value::from("abc"));
    });
}
