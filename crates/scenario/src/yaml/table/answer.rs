//! What is made of an answer: checks and captures.

use super::super::rules::{ANY, EXPRESSION, HEADER, JSON_PATH, STATUS, VARIABLE};
use super::super::shape::{Either, Key, Object, Shape};
use super::{SPAN, key};
use crate::limits::{NAMES, SIZE};

pub(super) static CHECK: Object = Object {
    id: "check",
    what: "a check",
    example: "{ status: 200 }",
    keys: &[&[
        key("status", &STATUSES, "The statuses that pass: 200, 2xx, 200-299, or a list."),
        key(
            "header",
            &Shape::Map { name: &HEADER, of: &HEADER_TEST, min: 1, max: NAMES },
            "Headers by name, and what each must be.",
        ),
        key("body", &Shape::Object(&BODY_CHECK), "What the body must be."),
        key(
            "json",
            &Shape::Map { name: &JSON_PATH, of: &JSON_TEST, min: 1, max: NAMES },
            "JSON paths (RFC 9535), and what each must find in the body.",
        ),
        key("size", &SIZE_SHAPE, "How many bytes the body has, decoded."),
        key("time", &Shape::Object(&TIME), "How long the exchange may take."),
        key("that", &Shape::Text(&EXPRESSION), "An expression that must be true; `response` is the answer."),
    ]],
    required: &[],
    one_of: &[],
};

static ONE_STATUS: Shape = Shape::Either(&Either {
    what: "a status",
    remedy: "write a number from 100 to 599, or a range such as `2xx` or `200-299`",
    shapes: &[&Shape::Whole { min: 100, max: 599 }, &Shape::Text(&STATUS)],
});

static STATUSES: Shape = Shape::Either(&Either {
    what: "a status",
    remedy: "write a number from 100 to 599, a range such as `2xx` or `200-299`, or a list of these",
    shapes: &[
        &Shape::Whole { min: 100, max: 599 },
        &Shape::Text(&STATUS),
        &Shape::List { of: &ONE_STATUS, min: 1, max: 500 },
    ],
});

const CONTAINS: Key = key("contains", &TEXTS, "Text that it holds, or a list of which it holds all.");
const LACKS: Key = key("lacks", &TEXTS, "Text that it does not hold, or a list of which it holds none.");
const MATCHES: Key = key("matches", &PATTERN, "A regular expression that is found in it.");
const EQUALS_TEXT: Key = key("equals", &TEXT, "Text that it is.");

static PATTERN: Shape = Shape::Text(&ANY);

static TEXT: Shape = Shape::Scalar(&ANY);

static TEXTS: Shape = Shape::Either(&Either {
    what: "text",
    remedy: "write text, or a list of texts",
    shapes: &[&TEXT, &Shape::List { of: &TEXT, min: 1, max: NAMES }],
});

static BODY_CHECK: Object = Object {
    id: "bodyCheck",
    what: "a check of the body",
    example: "{ contains: welcome }",
    keys: &[&[CONTAINS, LACKS, EQUALS_TEXT, MATCHES]],
    required: &[],
    one_of: &[],
};

static HEADER_TEST: Shape = Shape::Either(&Either {
    what: "a test of a header",
    remedy: "write the text that it is, or a test such as `{ contains: json }`",
    shapes: &[&TEXT, &Shape::Object(&HEADER_CHECK)],
});

static HEADER_CHECK: Object = Object {
    id: "headerCheck",
    what: "a test of a header",
    example: "{ contains: json }",
    keys: &[&[
        CONTAINS,
        LACKS,
        EQUALS_TEXT,
        MATCHES,
        key("exists", &Shape::Bool, "Whether there is such a header."),
    ]],
    required: &[],
    one_of: &[],
};

static JSON_TEST: Shape = Shape::Either(&Either {
    what: "a test of JSON",
    remedy: "write the value that it is, or a test such as `{ count: 3 }`, `{ exists: true }`, `{ equals: null }`",
    shapes: &[&TEXT, &Shape::List { of: &Shape::Json, min: 0, max: NAMES }, &Shape::Object(&JSON_CHECK)],
});

static JSON_CHECK: Object = Object {
    id: "jsonCheck",
    what: "a test of JSON",
    example: "{ count: 3 }",
    keys: &[&[
        CONTAINS,
        LACKS,
        key("equals", &Shape::Json, "The value that it is, with its type."),
        MATCHES,
        key("exists", &Shape::Bool, "Whether the path finds anything."),
        key(
            "count",
            &Shape::Either(&Either {
                what: "a count",
                remedy: "write a whole number, or an expression such as `\"{{ wanted }}\"`",
                shapes: &[&Shape::Whole { min: 0, max: SIZE }, &Shape::Text(&EXPRESSION)],
            }),
            "How many items it has; or how many things the path finds, where that is not one list.",
        ),
    ]],
    required: &[],
    one_of: &[],
};

static BYTES: Shape = Shape::Whole { min: 0, max: SIZE };

static SIZE_SHAPE: Shape = Shape::Either(&Either {
    what: "a size",
    remedy: "write a number of bytes, or bounds such as `{ at_least: 10, at_most: 4096 }`",
    shapes: &[&BYTES, &Shape::Object(&SIZE_CHECK)],
});

static SIZE_CHECK: Object = Object {
    id: "sizeCheck",
    what: "a check of the size",
    example: "{ at_most: 4096 }",
    keys: &[&[key("at_least", &BYTES, "The fewest bytes."), key("at_most", &BYTES, "The most bytes.")]],
    required: &[],
    one_of: &[],
};

static TIME: Object = Object {
    id: "timeCheck",
    what: "a check of the time",
    example: "{ at_most: 500ms }",
    keys: &[&[key("at_most", &SPAN, "The longest that the exchange may take.")]],
    required: &["at_most"],
    one_of: &[],
};

pub(super) static CAPTURES: Shape =
    Shape::Map { name: &VARIABLE, of: &Shape::Object(&CAPTURE), min: 1, max: NAMES };

static CAPTURE: Object = Object {
    id: "capture",
    what: "a capture",
    example: "{ json: $.token }",
    keys: &[&[
        key(
            "json",
            &Shape::Text(&JSON_PATH),
            "What a JSON path (RFC 9535) finds in the body, such as $.token.",
        ),
        key(
            "regex",
            &PATTERN,
            "The first group of a regular expression in the body, or all of it where it has none.",
        ),
        key("header", &Shape::Text(&HEADER), "The value of a header."),
        key("cookie", &Shape::Text(&HEADER), "The value of a cookie that the answer sets."),
        key("css", &PATTERN, "The text of an element of an HTML body, by a CSS selector."),
        key(
            "attribute",
            &Shape::Text(&HEADER),
            "With `css`: the value of this attribute instead of the text.",
        ),
        key(
            "pick",
            &Shape::Word(&["first", "last", "random", "all"]),
            "Which of several; `all` makes a list. Default: first.",
        ),
        key("default", &Shape::Json, "Taken when there is none; without it the request fails."),
    ]],
    required: &[],
    one_of: &["json", "regex", "header", "cookie", "css"],
};
