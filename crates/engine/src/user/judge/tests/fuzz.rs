//! Whatever comes, and whatever is looked for: an answer, and never a panic.

use super::*;
use proptest::prelude::*;
use proptest::sample::select;

/// Pieces of HTML that parsers treat in ways of their own.
const HTML: &[&str] = &[
    "<a>",
    "</a>",
    "<b>",
    "</b>",
    "<i id=x>",
    "</i>",
    "<p>",
    "</p>",
    "<div class='a b'>",
    "</div>",
    "<table>",
    "</table>",
    "<tr>",
    "<td>",
    "</td>",
    "<caption>",
    "<col>",
    "<select>",
    "<option>",
    "</select>",
    "<template>",
    "</template>",
    "<svg>",
    "<foreignObject>",
    "</svg>",
    "<math>",
    "<annotation-xml encoding='text/html'>",
    "<html x>",
    "<body y>",
    "</body>",
    "</html>",
    "<head>",
    "<frameset>",
    "<frame>",
    "<form>",
    "</form>",
    "<script>",
    "</script>",
    "<style>",
    "<textarea>",
    "<title>",
    "<plaintext>",
    "<noscript>",
    "<button>",
    "<h1>",
    "</h2>",
    "<li>",
    "<dd>",
    "<ruby><rt>",
    "<nobr>",
    "<applet>",
    "<marquee>",
    "<input type=hidden>",
    "<br/>",
    "</br>",
    "<image>",
    "<hr",
    "<!--",
    "-->",
    "<!doctype html>",
    "<![CDATA[",
    "]]>",
    "<?x?>",
    "text",
    " ",
    "&amp",
    "&#x0;",
    "&#xffffffff;",
    "\0",
    "é",
    "=",
    "'",
    "\"",
    ">",
    "<",
    "/",
];

/// Pieces of JSON.
const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"a\"",
    "\"b\"",
    "\"a\":",
    "1",
    "-0.5",
    "1e999",
    "null",
    "true",
    "\"",
    "\\u0000",
    "\\ud800",
    " ",
    "é",
    "18446744073709551616",
];

const PATHS: &[&str] = &[
    "$",
    "$.a",
    "$..a",
    "$[*]",
    "$..*",
    "$..*..*",
    "$[-1]",
    "$[::2]",
    "$[?@.a]",
    "$..[?@.a==$.b]",
    "$[?match(@.a, @.b)]",
];

const SELECTORS: &[&str] = &[
    "*",
    "p",
    ".a",
    "#x",
    "p > *",
    "div p",
    "b + i",
    "a ~ b",
    ":has(b)",
    "li:nth-child(odd)",
    "p:not(.a)",
    "[id]",
    "option, td",
    ":empty",
    "p:last-of-type",
];

const PATTERNS: &[&str] =
    &["", "a", "(a)|b", "(?:a*)*", "<(\\w+)", "(?s).*", "\\b", "(x)?", ".*[^A-Z]|[A-Z]"];

fn pieces(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(select(pieces), 0..60).prop_map(|pieces| pieces.concat().into_bytes())
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![pieces(HTML), pieces(JSON), prop::collection::vec(any::<u8>(), 0..200)]
}

fn from() -> impl Strategy<Value = CaptureFrom> {
    prop_oneof![
        select(PATHS).prop_map(json_path),
        select(PATTERNS).prop_map(|pattern| CaptureFrom::Regex(regex(pattern))),
        (select(SELECTORS), select(&[None, Some("id"), Some("class")][..]))
            .prop_map(|(selector, attribute)| css(selector, attribute)),
        select(&["x-many", "x-none"][..]).prop_map(|name| CaptureFrom::Header(name.into())),
    ]
}

fn test() -> impl Strategy<Value = Test> {
    prop_oneof![
        select(&["", "a", "\0"][..]).prop_map(|part| Test::Contains(text(part))),
        select(&["", "a"][..]).prop_map(|part| Test::Lacks(text(part))),
        select(&["x", "[1, None]", "{'a': 1.0}", "'é'"][..]).prop_map(|source| Test::Equals(expr(source))),
        select(PATTERNS).prop_map(|pattern| Test::Matches(regex(pattern))),
        any::<bool>().prop_map(Test::Exists),
        Just(Test::Count(expr("1"))),
    ]
}

proptest! {
    #[test]
    fn captures(body in body(), from in from(), pick in 0..4_usize) {
        let pick = [Pick::First, Pick::Last, Pick::Random, Pick::All][pick];
        let found = captured(&body, &Capture { pick, ..first(from) });
        if let (Pick::All, Ok(found)) = (pick, found) {
            prop_assert!(matches!(found, Value::List(_)));
        }
    }

    #[test]
    fn checks(body in body(), path in select(PATHS), test in test()) {
        for check in [Check::Body(test.clone()), json(path, test.clone()), header("x-many", test)] {
            let reason = checked(&body, &check);
            prop_assert!(reason.len() < 300 && !reason.contains('\n'), "{}", reason);
        }
    }
}
