//! What checks say.

use super::*;
use serde_json::json as j;

const SHOP: &[u8] =
    br#"{"items": [{"id": 1, "name": "tea", "ok": true}, {"id": 2, "name": "coffee", "ok": false}],
    "total": 2, "price": 1.0, "note": null, "empty": [], "user": {"name": "Ada"}}"#;

#[test]
fn of_status_size_and_time() {
    let check = |wanted: Check, expected: &str| assert_eq!(checked(b"hello", &wanted), expected);
    check(Check::Status(vec![(200, 299)]), "");
    check(Check::Status(vec![(201, 204), (404, 404)]), "status 200 is not 201-204 or 404");
    check(Check::Size { least: 5, most: 5 }, "");
    check(Check::Size { least: 6, most: u64::MAX }, "the body has less than 6 bytes");
    check(Check::Size { least: 0, most: 4 }, "the body has more than 4 bytes");
    check(Check::Time(Duration::from_millis(120)), "");
    check(Check::Time(Duration::from_micros(119_999)), "slower than 119.999ms");
}

#[test]
fn of_headers() {
    let check = |name: &str, test: Test, expected: &str| {
        assert_eq!(checked(b"", &header(name, test)), expected);
    };
    let equals = |text: &str| Test::Equals(constant(&j!(text)));
    check("content-type", equals("text/html; charset=utf-8"), "");
    check("content-type", equals("text/html"), "header content-type is not \"text/html\"");
    check("content-type", Test::Contains(text("html")), "");
    check("content-type", Test::Lacks(text("html")), "header content-type contains \"html\"");
    check("content-type", Test::Matches(regex("^text/.*utf-8$")), "");
    check("content-type", Test::Matches(regex("json")), "header content-type does not match json");
    check("x-many", equals("one, tw\u{fffd}"), "");
    check("x-many", Test::Count(expr("2")), "");
    check("x-many", Test::Count(expr("1")), "header x-many is not there 1 times");
    check("x-none", Test::Exists(false), "");
    check("x-none", Test::Exists(true), "header x-none is not there");
    check("x-many", Test::Exists(false), "header x-many is there");
    check("x-none", equals("a"), "header x-none is not there");
    check("x-none", Test::Lacks(text("a")), "");
}

#[test]
fn of_the_body() {
    let check = |body: &str, test: Test, expected: &str| {
        assert_eq!(checked(body.as_bytes(), &Check::Body(test)), expected);
    };
    check("ham and eggs", Test::Contains(text("ham")), "");
    check("ham and eggs", Test::Contains(text("")), "");
    check("ham", Test::Contains(text("a\nb")), "the body does not contain \"a\\nb\"");
    check("ham", Test::Lacks(text("ham")), "the body contains \"ham\"");
    check("ham", Test::Equals(constant(&j!("ham"))), "");
    check("true", Test::Equals(constant(&j!(true))), "");
    check("7", Test::Equals(expr("x")), "");
    check("8", Test::Equals(expr("x")), "the body is not {{ x }}");
    check("8", Test::Equals(expr("x + 2")), "the body is not {{ ... }}");
    check("ham", Test::Matches(regex("^h.m$")), "");
    check("ham", Test::Matches(regex("^a")), "the body does not match ^a");
    check("ham", Test::Exists(true), "");
    check("", Test::Exists(true), "the body is not there");
}

#[test]
fn of_json() {
    let check = |path: &str, test: Test, expected: &str| {
        assert_eq!(checked(SHOP, &json(path, test)), expected);
    };
    let equals = |json: serde_json::Value| Test::Equals(constant(&json));
    check("$.total", equals(j!(2)), "");
    check("$.total", equals(j!(2.0)), "");
    check("$.price", equals(j!(1)), "");
    check("$.total", equals(j!("2")), "$.total is not \"2\", but a number");
    check("$.total", equals(j!(3)), "$.total is not 3");
    check("$.total", Test::Equals(expr("x - 5")), "");
    check("$.items[0].ok", equals(j!(true)), "");
    check("$.items[*].ok", equals(j!(true)), "$.items[*].ok is not true, but false");
    check("$.note", equals(j!(null)), "");
    check("$.total", equals(j!(null)), "$.total is not null, but a number");
    check("$.user", equals(j!({"name": "Ada"})), "");
    check("$.items[*].id", equals(j!(1)), "$.items[*].id is not 1");
    check("$.empty", equals(j!([])), "");
    check("$.nothing", equals(j!(1)), "$.nothing is not there");
    check("$.items", Test::Count(expr("2")), "");
    check("$.items[*].id", Test::Count(expr("2")), "");
    check("$.items", Test::Count(expr("3")), "$.items is not there 3 times");
    check("$.empty", Test::Count(expr("0")), "");
    check("$.nothing", Test::Count(expr("0")), "");
    check("$.nothing", Test::Exists(false), "");
    check("$.note", Test::Exists(true), "");
    check("$.nothing", Test::Exists(true), "$.nothing is not there");
    check("$.items[*].name", Test::Contains(text("e")), "");
    check("$.items[*].name", Test::Contains(text("tea")), "$.items[*].name does not contain \"tea\"");
    check("$.items[*].name", Test::Lacks(text("milk")), "");
    check("$.items[*].name", Test::Lacks(text("cof")), "$.items[*].name contains \"cof\"");
    check("$.nothing", Test::Lacks(text("cof")), "");
    check("$.user", Test::Contains(text("name")), "");
    check("$.user.name", Test::Matches(regex("^A")), "");
    check("$.total", Test::Matches(regex("^\\d$")), "");
    check("$.total", Test::Matches(regex("^x$")), "$.total does not match ^x$");
    assert_eq!(checked(b"<html>", &json("$.a", Test::Exists(false))), "the answer is not JSON");
    assert_eq!(checked(br#"{"a": [1, "b", true]}"#, &json("$.a", Test::Contains(text("b")))), "");
    assert_eq!(checked(br#"{"a": [1, "b", true]}"#, &json("$.a", Test::Contains(text("true")))), "");
}

#[test]
fn of_an_expression() {
    let that = |source: &str| Check::That { condition: expr(source), text: source.into() };
    assert_eq!(checked(b"", &that("x == 7")), "");
    assert_eq!(checked(b"", &that("x > 7")), "not true: x > 7");
    assert_eq!(checked(b"", &that("x['a']")), "TypeError(\"'int' object is not subscriptable\")");
}

#[test]
fn reasons_are_short_and_the_same_for_all_users() {
    let long = "long ".repeat(1000);
    let reason = checked(b"", &Check::Body(Test::Contains(text(&long))));
    assert_eq!(reason, format!("the body does not contain \"{}...\"", "long ".repeat(16)));
    let parts = akrida_scenario::expr::parse_template("item {{ x }}/{{ x + 1 }}", 0, &mut |_| Some(X));
    let reason = checked(b"", &Check::Body(Test::Contains(parts.unwrap())));
    assert_eq!(reason, "the body does not contain \"item {{ x }}/{{ ... }}\"");
}
