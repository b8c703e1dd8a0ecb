//! Requests: what is sent.

use super::super::rules::{ANY, FILE, MEDIA_TYPE, METHOD, NAME, PATH, VARIABLE};
use super::super::shape::{Either, Key, Object, Shape};
use super::answer::{CAPTURES, CHECK};
use super::network::AUTH;
use super::step::STEPS;
use super::{FIELDS, MORE_HEADERS, SPAN, key};
use crate::limits::{NAMES, REDIRECTS};

/// The keys by which a request is known; all but the last are its method.
pub(in super::super) static VERB_NAMES: &[&str] =
    &["get", "post", "put", "patch", "delete", "head", "options", "request"];

pub(super) static VERBS: &[Key] = &[
    key("get", &Shape::Text(&PATH), "The path of a GET request."),
    key("post", &Shape::Text(&PATH), "The path of a POST request."),
    key("put", &Shape::Text(&PATH), "The path of a PUT request."),
    key("patch", &Shape::Text(&PATH), "The path of a PATCH request."),
    key("delete", &Shape::Text(&PATH), "The path of a DELETE request."),
    key("head", &Shape::Text(&PATH), "The path of a HEAD request."),
    key("options", &Shape::Text(&PATH), "The path of an OPTIONS request."),
    key("request", &Shape::Object(&METHOD_AND_PATH), "Method and path of any request."),
];

static METHOD_AND_PATH: Object = Object {
    id: "methodAndPath",
    what: "a request's method and path",
    example: "{ method: PROPFIND, path: / }",
    keys: &[&[
        key("method", &Shape::Text(&METHOD), "The HTTP method."),
        key("path", &Shape::Text(&PATH), "A path under the host, or a whole address."),
    ]],
    required: &["method", "path"],
    one_of: &[],
};

pub(super) static REQUEST_KEYS: &[Key] = &[
    key(
        "name",
        &REQUEST_NAME,
        "What the request is filed under; false for the path that is really requested. Default: its path as it is \
         written here.",
    ),
    key("query", &FIELDS, "Added to the path, percent-encoded."),
    key("headers", &MORE_HEADERS, "Sent in addition to those of the class."),
    key("auth", &Shape::Object(&AUTH), "Who the user is; wins over the class's."),
    key(
        "json",
        &Shape::Json,
        "The body, written as JSON. Text that is one `{{ }}` keeps the type of its value.",
    ),
    key("form", &FIELDS, "The body, written as a browser sends a form."),
    key(
        "files",
        &Shape::Map { name: &ANY, of: &Shape::Object(&UPLOAD), min: 1, max: NAMES },
        "Files by field, sent as a browser's form sends them; beside `form` or alone.",
    ),
    key("body", &BODY, "The body, as it stands: text, or a file."),
    key("timeout", &SPAN, "The longest that the whole exchange may take."),
    key(
        "redirects",
        &Shape::Either(&Either {
            what: "a number of redirects",
            remedy: "write `true`, `false` or a number from 0 to 100",
            shapes: &[&Shape::Bool, &Shape::Whole { min: 0, max: REDIRECTS as u64 }],
        }),
        "How many redirects are followed. Default: 30; false for none.",
    ),
    key(
        "check",
        &Shape::Object(&CHECK),
        "What must hold of the answer. Without a status here, 400 and above fails.",
    ),
    key("capture", &CAPTURES, "Variables of the user that are taken from the answer."),
    key("response", &Shape::Text(&VARIABLE), "A variable of the task that keeps the answer for later steps."),
    key(
        "judge",
        &STEPS,
        "Steps that are done before the request is filed; a `verdict` among them decides on it.",
    ),
];

static REQUEST_NAME: Shape = Shape::Either(&Either {
    what: "a name",
    remedy: "write text on one line, in quotes if it looks like a number, or `false` for the path that is really \
             requested",
    shapes: &[&Shape::Text(&NAME), &Shape::Bool],
});

static BODY: Shape = Shape::Either(&Either {
    what: "a body",
    remedy: "write text, or `{ file: payload.bin }`; a list or mapping is sent by `json`",
    shapes: &[&Shape::Scalar(&ANY), &Shape::Object(&BODY_FILE)],
});

static BODY_FILE: Object = Object {
    id: "bodyFile",
    what: "a file that is the body",
    example: "{ file: payload.bin }",
    keys: &[&[FILE_KEY]],
    required: &["file"],
    one_of: &[],
};

const FILE_KEY: Key = key("file", &FILE_NAME, "A file beside the scenario; it is read before the run.");

static FILE_NAME: Shape = Shape::Text(&FILE);

static UPLOAD: Object = Object {
    id: "upload",
    what: "a file to send",
    example: "{ file: a.png, type: image/png }",
    keys: &[&[
        FILE_KEY,
        key("content", &Shape::Scalar(&ANY), "What is in it, as text."),
        key(
            "filename",
            &Shape::Scalar(&ANY),
            "What it is called. Default: the name of the file, or of the field.",
        ),
        key("type", &Shape::Text(&MEDIA_TYPE), "Its type, such as image/png. Default: none."),
    ]],
    required: &[],
    one_of: &["file", "content"],
};
