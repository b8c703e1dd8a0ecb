use super::*;
use crate::samples;

const SETTINGS: Settings<'_> = Settings { host: "runner", failures_count: true };

#[test]
fn a_case_for_each_threshold_and_each_request() {
    let snapshot = Snapshot { thresholds: samples::judged().thresholds, ..samples::failures() };
    let xml = render(&snapshot, SETTINGS);
    let has = |text: &str| assert!(xml.contains(text), "{text}\n{xml}");
    has(
        "package=\"akrida\" name=\"thresholds\" hostname=\"runner\" timestamp=\"2026-11-22T18:00:00\" tests=\"5\"",
    );
    has("<testcase classname=\"akrida.thresholds\" name=\"failures &gt; 1%\" time=\"0.000000\"/>");
    has(
        "<failure type=\"threshold\" message=\"412 ms was measured\">p95 &gt; 300ms: BROKEN (412 ms)</failure>",
    );
    has("<failure type=\"threshold\" message=\"nothing was measured for it\">");
    has("<testcase classname=\"akrida.requests\" name=\"GET /a\"");
    has("message=\"14 of 40 requests failed\">3 times: HTTPError(&apos;500");
    assert_eq!(xml.matches("<testcase ").count(), 7, "{xml}");
}

#[test]
fn failures_that_do_not_count_fail_no_case() {
    let xml = render(&samples::failures(), Settings { failures_count: false, ..SETTINGS });
    assert!(xml.contains("failures=\"0\"") && !xml.contains("<failure"), "{xml}");
}

#[test]
fn every_file_passes_the_schema() {
    let judged = samples::judged();
    let hostile = Snapshot {
        rows: vec![samples::row("G\u{0}T", "/\u{1b}\u{ffff}<a b=\"'&]]>\n\u{202e}", 3, 3, 1.0)],
        ..judged.clone()
    };
    let empty = Snapshot::default();
    for snapshot in
        [samples::one_row(), samples::failures(), samples::thirty_long_names(), judged, hostile, empty]
    {
        for failures_count in [true, false] {
            let xml = render(&snapshot, Settings { failures_count, ..SETTINGS });
            schema::check(&xml).unwrap_or_else(|wrong| panic!("{wrong}\n{xml}"));
        }
    }
}

#[test]
fn the_checker_refuses_what_the_schemas_refuse() {
    let good = render(&samples::judged(), SETTINGS);
    let broken = [
        ("<testsuites>", "<testsuites"),
        ("</testsuites>", ""),
        ("tests=\"5\"", "tests=\"five\""),
        ("tests=\"5\"", "tests=\"4\""),
        (" failures=\"3\"", ""),
        (" id=\"0\"", ""),
        ("<properties/>", ""),
        ("<system-out/>", ""),
        ("<system-out/>\n    <system-err/>", "<system-err/>\n    <system-out/>"),
        ("timestamp=\"2026-", "timestamp=\"26-"),
        (" type=\"threshold\"", ""),
        ("<failure ", "<failed "),
        ("classname=", "class="),
        ("p95 &gt; 300ms", "p95 & 300ms"),
        ("p95 &gt; 300ms", "p95 < 300ms"),
        ("p95 &gt; 300ms", "p95 \u{1} 300ms"),
    ];
    assert_eq!(schema::check(&good), Ok(()));
    for (found, instead) in broken {
        assert!(good.contains(found), "{found}");
        assert!(schema::check(&good.replacen(found, instead, 1)).is_err(), "{found} as {instead}");
    }
}

/// What the schemas of Ant's reports and of Jenkins ask for, together.
mod schema {
    use std::collections::BTreeMap;

    #[derive(Debug)]
    struct Element {
        name: String,
        attributes: BTreeMap<String, String>,
        children: Vec<Element>,
    }

    type Checked = Result<(), String>;

    pub(super) fn check(xml: &str) -> Checked {
        let allowed = |c: char| {
            matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}')
                || matches!(c, '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
        };
        if let Some(wrong) = xml.chars().find(|c| !allowed(*c)) {
            return Err(format!("{wrong:?} is no character of XML"));
        }
        let body =
            xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").ok_or("no declaration")?;
        let mut rest = body;
        let root = element(&mut rest)?;
        if !rest.trim().is_empty() {
            return Err(format!("after the root stands {rest}"));
        }
        named(&root, "testsuites", &[], &[])?;
        root.children.iter().try_for_each(suite)
    }

    fn suite(suite: &Element) -> Checked {
        let required =
            ["name", "timestamp", "hostname", "tests", "failures", "errors", "time", "id", "package"];
        named(suite, "testsuite", &required, &["skipped"])?;
        let number =
            |key: &str| suite.attributes[key].parse::<usize>().map_err(|error| format!("{key}: {error}"));
        suite.attributes["time"].parse::<f64>().map_err(|error| error.to_string())?;
        date(&suite.attributes["timestamp"])?;
        let names: Vec<_> = suite.children.iter().map(|child| child.name.as_str()).collect();
        let [first, cases @ .., out, err] = names.as_slice() else { return Err(format!("{names:?}")) };
        let order = (*first, *out, *err) == ("properties", "system-out", "system-err");
        if !order || cases.iter().any(|name| *name != "testcase") {
            return Err(format!("{names:?} is not the order"));
        }
        let of: Vec<_> = suite.children.iter().filter(|child| child.name == "testcase").collect();
        of.iter().try_for_each(|case| {
            named(case, "testcase", &["name", "classname", "time"], &[])?;
            case.attributes["time"].parse::<f64>().map_err(|error| error.to_string())?;
            case.children.iter().try_for_each(|child| named(child, "failure", &["type"], &["message"]))
        })?;
        let failures = of.iter().filter(|case| !case.children.is_empty()).count();
        if (number("tests")?, number("failures")?, number("errors")?) != (of.len(), failures, 0) {
            return Err(format!("{:?} are not the counts", suite.attributes));
        }
        number("id").map(|_| ())
    }

    fn date(text: &str) -> Checked {
        let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        if shape == "0000-00-00T00:00:00" { Ok(()) } else { Err(format!("{text} is no time")) }
    }

    fn named(element: &Element, name: &str, required: &[&str], optional: &[&str]) -> Checked {
        let missing = required.iter().find(|key| !element.attributes.contains_key(**key));
        let unknown = element
            .attributes
            .keys()
            .find(|key| !required.contains(&key.as_str()) && !optional.contains(&key.as_str()));
        match (element.name == name, missing, unknown) {
            (true, None, None) => Ok(()),
            _ => Err(format!("{element:?} is no {name} with {required:?}")),
        }
    }

    /// Reads an element with all that is in it.
    fn element(rest: &mut &str) -> Result<Element, String> {
        text(rest)?;
        let inside = rest.strip_prefix('<').ok_or_else(|| format!("no element at {rest}"))?;
        let end = inside.find('>').ok_or("an element that does not end")?;
        let (head, after) = (&inside[..end], &inside[end + 1..]);
        let (head, empty) = head.strip_suffix('/').map_or((head, false), |head| (head, true));
        let (name, mut attributes) = head.split_once(' ').unwrap_or((head, ""));
        let mut found = BTreeMap::new();
        while !attributes.trim().is_empty() {
            let (key, value) =
                attributes.trim_start().split_once("=\"").ok_or("an attribute without value")?;
            let (value, others) = value.split_once('"').ok_or("a value that does not end")?;
            entities(value)?;
            if found.insert(key.to_owned(), value.to_owned()).is_some() {
                return Err(format!("{key} stands twice"));
            }
            attributes = others;
        }
        let mut element_ = Element { name: name.to_owned(), attributes: found, children: Vec::new() };
        *rest = after;
        if empty {
            return Ok(element_);
        }
        loop {
            text(rest)?;
            if let Some(after) = rest.strip_prefix("</") {
                let after = after.strip_prefix(name).and_then(|after| after.strip_prefix('>'));
                *rest = after.ok_or_else(|| format!("{name} is not closed"))?;
                return Ok(element_);
            }
            element_.children.push(element(rest)?);
        }
    }

    fn text(rest: &mut &str) -> Checked {
        let end = rest.find('<').unwrap_or(rest.len());
        let (text, after) = rest.split_at(end);
        *rest = after;
        entities(text)
    }

    fn entities(text: &str) -> Checked {
        let mut pieces = text.split('&');
        if text.contains('<') || pieces.next().is_some_and(|piece| piece.contains("]]>")) {
            return Err(format!("{text} is not escaped"));
        }
        let known = ["amp;", "lt;", "gt;", "quot;", "apos;"];
        let wrong = pieces.find(|piece| !known.iter().any(|entity| piece.starts_with(entity)));
        wrong.map_or(Ok(()), |piece| Err(format!("&{piece} is no entity")))
    }
}
