//! What a hostile server sends: it ends, and soon.
//!
//! No time is asserted; without its bound each of these takes minutes or gigabytes.

use super::*;
use crate::limits;

fn html(body: &str, selector: &str) -> String {
    let capture = Capture { pick: Pick::All, ..first(css(selector, None)) };
    match captured(body.as_bytes(), &capture) {
        Ok(Value::List(items)) => format!("{} finds", items.len()),
        other => format!("{other:?}"),
    }
}

const TOO_MUCH: &str = "Err(\"capture it: the HTML of the answer is too large or too deep\")";

#[test]
fn pages_that_take_quadratic_time_are_given_up() {
    let many = 100_000;
    let numbered = |before: &str, after: &str, count: usize| {
        (0..count).map(|n| format!("{before}{n}{after}")).collect::<String>()
    };
    for page in [
        "<div>".repeat(many),
        "<b>".repeat(many),
        "<span>".repeat(many) + &"<div></div>".repeat(many),
        "<svg>".to_owned() + &"<g>".repeat(many),
        "<table>".to_owned() + &"<b>".repeat(many) + &"<td>x".repeat(many),
        // Each paragraph opens all of these again.
        numbered("<b x", ">", 5_000) + &"<p>x</p>".repeat(many),
        format!("<b {}>", numbered("a", " ", 5_000)) + &"<p>x</p>".repeat(many),
        numbered(&format!("<b {} x", numbered("a", " ", 400)), ">", 500),
        // Each attribute is compared with all before it.
        format!("<a {}", numbered("a", " ", many)),
        format!("<a {}>", numbered("a", "='>'", many)),
        " ".repeat(limits::HTML_BYTES + 1),
        "<p>".repeat(limits::HTML_BYTES / 3),
    ] {
        assert_eq!(html(&page, "p"), TOO_MUCH, "{}", &page[..40]);
    }
}

#[test]
fn large_pages_of_the_usual_kind_are_read() {
    let row = "<tr class=row><td>1</td><td><a href=/item/1>An <b>item</b> of many</a></td></tr>\n";
    let page = format!("<html><body><table>{}</table></body></html>", row.repeat(5_000));
    assert_eq!(html(&page, "tr.row > td a"), "5000 finds");
    assert_eq!(html(&page, "tr:nth-child(2)"), "1 finds");
    let script = format!("<script>{}</script><p>x</p>", "if (a < b && c / d) { e = '<p>' }\n".repeat(50_000));
    assert_eq!(html(&script, "p"), "1 finds");
    let picture = format!("<img src='data:image/png;base64,{}'><p>x", "A/b+".repeat(15_000));
    assert_eq!(html(&picture, "p"), "1 finds");
    let deep = "<div>".repeat(500) + "<p>x";
    assert_eq!(html(&deep, "div div > div p"), "1 finds");
}

#[test]
fn selectors_that_look_at_too_much_are_refused() {
    let wide = "<p>x</p>".repeat(30_000);
    assert_eq!(html(&wide, "p:first-child"), "1 finds");
    assert_eq!(html(&wide, "a ~ p"), "Err(\"capture it: the HTML of the answer is too large for a ~ p\")");
}

#[test]
fn what_all_gathers_is_bounded() {
    let nested = "<div>".repeat(200) + &"text ".repeat(100_000);
    let too_large = "Err(\"capture it: what is captured is too large\")";
    assert_eq!(html(&nested, "div"), too_large);
    let regex = |pattern: &str| first(CaptureFrom::Regex(regex(pattern)));
    let all = Capture { pick: Pick::All, ..regex("a") };
    let body = "a".repeat(1 << 20);
    assert_eq!(captured(body.as_bytes(), &all), Err("capture it: there are more than 1024 finds".into()));
    // To see that no later character ends the first alternative, each match goes through the whole body.
    let slow = Capture { pick: Pick::Last, ..regex(".*[^A-Z]|[A-Z]") };
    let body = "A".repeat(1 << 20);
    assert_eq!(captured(body.as_bytes(), &slow), Err("capture it: there are more than 1024 finds".into()));
}

#[test]
fn json_that_takes_gigabytes_is_refused() {
    let capture = |path: &str| Capture { pick: Pick::All, ..first(json_path(path)) };
    let large = format!("[{}0]", "0,".repeat(8 << 20));
    let refused = "capture it: the JSON of the answer is too large to be looked into";
    assert_eq!(captured(large.as_bytes(), &capture("$[0]")), Err(refused.into()));
    let deep = "[".repeat(1 << 20);
    assert_eq!(captured(deep.as_bytes(), &capture("$[0]")), Err("capture it: the answer is not JSON".into()));
    let list = format!("[{}0]", "[0],".repeat(100_000));
    for path in ["$..*..*", "$..[?@..a]", "$[?$..a]", "$[?match('a', @[0])]"] {
        let reason = captured(list.as_bytes(), &capture(path)).unwrap_err();
        assert!(
            reason.starts_with(&format!("capture it: {path} is not looked for in more than ")),
            "{reason}"
        );
    }
    let nested = format!("{}{}", "[".repeat(120), "]".repeat(120));
    let reason = captured(nested.as_bytes(), &capture("$..*..*..*"));
    assert_eq!(reason, Err("capture it: there are more than 100000 finds".into()));
}
