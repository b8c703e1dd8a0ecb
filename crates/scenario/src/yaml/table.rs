//! The keys of a scenario: what each takes and what it is for. The whole format is here.

use super::rules::{
    ANY, CLASS, DURATION, HEADER, HEADER_VALUE, HOST, METHOD, NAME, PATH, STATUS, TAG, VARIABLE,
};
use super::shape::{Choice, Either, Key, Object, Shape};
use crate::limits::{LONGEST_S, NAMES, REDIRECTS, STAGES, USERS, WEIGHT};

const fn key(name: &'static str, shape: &'static Shape, doc: &'static str) -> Key {
    Key { name, shape, doc }
}

/// A whole scenario.
pub(super) static SCENARIO: Object = Object {
    id: "scenario",
    what: "a scenario",
    example: "users: { WebsiteUser: { tasks: [{ get: / }] } }",
    keys: &[&[
        key(
            "host",
            &Shape::Text(&HOST),
            "Base address of all classes that have none; -H on the command line wins over it.",
        ),
        key(
            "users",
            &USER_CLASSES,
            "The user classes: a mapping from name to class, or a list of classes with names.",
        ),
        key("stages", &STAGE_LIST, "Users over time. Without it the command line decides."),
    ]],
    required: &["users"],
    one_of: &[],
};

static USER_CLASSES: Shape = Shape::Either(&Either {
    what: "a mapping or list of user classes",
    remedy: "write a mapping from names to classes: `{ WebsiteUser: { tasks: [{ get: / }] } }`",
    shapes: &[
        &Shape::Map { name: &CLASS, of: &Shape::Object(&USER_CLASS), min: 1, max: NAMES },
        &Shape::List { of: &Shape::Object(&NAMED_USER_CLASS), min: 1, max: NAMES },
    ],
});

static USER_CLASS: Object = Object {
    id: "class",
    what: "a user class",
    example: "{ tasks: [{ get: / }] }",
    keys: &[CLASS_KEYS],
    required: &["tasks"],
    one_of: &[],
};

static NAMED_USER_CLASS: Object = Object {
    id: "namedClass",
    what: "a user class",
    example: "{ name: WebsiteUser, tasks: [{ get: / }] }",
    keys: &[&[key("name", &Shape::Text(&CLASS), "What the class is called.")], CLASS_KEYS],
    required: &["name", "tasks"],
    one_of: &[],
};

static CLASS_KEYS: &[Key] = &[
    key("weight", &WEIGHT_SHAPE, "Share of users among all classes with a weight. Default: 1."),
    key(
        "fixed_count",
        &Shape::Whole { min: 0, max: USERS },
        "Exactly this many users, spawned before those of other classes. Default: 0, for as many as `weight` gives.",
    ),
    key("host", &Shape::Text(&HOST), "Base address of this class; -H on the command line wins over it."),
    key("headers", &HEADERS, "Sent with each request that has no header of the same name."),
    key("cookies", &Shape::Bool, "Whether cookies that responses set are kept and sent. Default: true."),
    key(
        "connection",
        &Shape::Word(&["user", "iteration"]),
        "Whether a connection lasts as long as its user (the default) or for one task.",
    ),
    key("wait", &WAIT_SHAPE, "What lies between two tasks. Default: nothing."),
    key("variables", &ASSIGNMENTS, "Variables of each user, set when it starts."),
    key("on_start", &STEPS, "Done once when a user starts."),
    key("on_stop", &STEPS, "Done once when a user stops."),
    key("tasks", &TASKS, "What users do over and over: a mapping from name to task, or a list."),
];

static WEIGHT_SHAPE: Shape = Shape::Whole { min: 1, max: WEIGHT as u64 };

static HEADERS: Shape = Shape::Map { name: &HEADER, of: &Shape::Scalar(&HEADER_VALUE), min: 0, max: NAMES };

static FIELDS: Shape = Shape::Map { name: &ANY, of: &Shape::Scalar(&ANY), min: 0, max: NAMES };

static ASSIGNMENTS: Shape = Shape::Map { name: &VARIABLE, of: &Shape::Json, min: 1, max: NAMES };

/// How long, 0 included.
static DURATION_SHAPE: Shape = Shape::Either(&Either {
    what: "a duration",
    remedy: DURATION.remedy,
    shapes: &[&Shape::Number { least: 0.0, above: false, most: LONGEST_S }, &Shape::Text(&DURATION)],
});

/// How long, above 0.
static SPAN: Shape = Shape::Either(&Either {
    what: "a duration above 0",
    remedy: DURATION.remedy,
    shapes: &[&Shape::Number { least: 0.0, above: true, most: LONGEST_S }, &Shape::Text(&DURATION)],
});

static WAIT_SHAPE: Shape = Shape::Either(&Either {
    what: "a wait",
    remedy: "write a duration such as `1s`, or `{ between: [1s, 3s] }`, `{ pacing: 1s }` or `{ throughput: 2 }`",
    shapes: &[
        &Shape::Number { least: 0.0, above: false, most: LONGEST_S },
        &Shape::Text(&DURATION),
        &Shape::Object(&WAIT),
    ],
});

static WAIT: Object = Object {
    id: "wait",
    what: "a wait",
    example: "{ between: [1s, 3s] }",
    keys: &[&[
        key("constant", &DURATION_SHAPE, "This long after each task."),
        key(
            "between",
            &Shape::List { of: &DURATION_SHAPE, min: 2, max: 2 },
            "Evenly distributed between the two, after each task.",
        ),
        key("pacing", &SPAN, "Tasks start this far apart, however long they take."),
        key(
            "throughput",
            &Shape::Number { least: 0.0, above: true, most: 1e6 },
            "Tasks start this many times per second and user.",
        ),
    ]],
    required: &[],
    one_of: &["constant", "between", "pacing", "throughput"],
};

static TASKS: Shape = Shape::Either(&Either {
    what: "a mapping or list of tasks",
    remedy: "write a list of requests: `[{ get: / }]`, or a mapping from names to tasks",
    shapes: &[
        &Shape::Map {
            name: &NAME,
            of: &Shape::Either(&Either {
                what: "a task",
                remedy: "write a request: `{ get: / }`, or a list of steps",
                shapes: &[&Shape::Choice(&TASK_CHOICE), &STEPS],
            }),
            min: 1,
            max: NAMES,
        },
        &Shape::List { of: &Shape::Choice(&NAMED_TASK_CHOICE), min: 1, max: NAMES },
    ],
});

pub(super) static TASK_CHOICE: Choice = Choice { what: "a task", objects: &[&TASK, &REQUEST_TASK] };

pub(super) static NAMED_TASK_CHOICE: Choice =
    Choice { what: "a task", objects: &[&NAMED_TASK, &REQUEST_TASK] };

pub(super) static TASK: Object = Object {
    id: "task",
    what: "a task with steps",
    example: "{ weight: 2, steps: [{ get: / }] }",
    keys: &[TASK_KEYS, STEPS_KEY],
    required: &[],
    one_of: &["steps"],
};

static NAMED_TASK: Object = Object {
    id: "namedTask",
    what: "a task with steps",
    example: "{ name: index, steps: [{ get: / }] }",
    keys: &[&[key("name", &Shape::Text(&NAME), "What the task is called.")], TASK_KEYS, STEPS_KEY],
    required: &["name"],
    one_of: &["steps"],
};

pub(super) static REQUEST_TASK: Object = Object {
    id: "requestTask",
    what: "a task of one request",
    example: "{ get: / }",
    keys: &[TASK_KEYS, VERBS, REQUEST_KEYS],
    required: &[],
    one_of: VERB_NAMES,
};

static TASK_KEYS: &[Key] = &[
    key("weight", &WEIGHT_SHAPE, "Share among the tasks of its class. Default: 1."),
    key(
        "tags",
        &Shape::List { of: &Shape::Text(&TAG), min: 0, max: NAMES },
        "For --tags and --exclude-tags.",
    ),
];

static STEPS_KEY: &[Key] = &[key("steps", &STEPS, "What it does, one after another.")];

pub(super) static STEPS: Shape = Shape::List { of: &Shape::Choice(&STEP_CHOICE), min: 1, max: NAMES };

pub(super) static STEP_CHOICE: Choice = Choice { what: "a step", objects: &[&REQUEST_STEP, &SET_STEP] };

static REQUEST_STEP: Object = Object {
    id: "request",
    what: "a request",
    example: "{ get: / }",
    keys: &[VERBS, REQUEST_KEYS],
    required: &[],
    one_of: VERB_NAMES,
};

pub(super) static SET_STEP: Object = Object {
    id: "set",
    what: "a step that sets variables",
    example: "{ set: { item: 1 } }",
    keys: &[&[key(
        "set",
        &ASSIGNMENTS,
        "Gives variables of the user values; those of `{{ }}` keep their type.",
    )]],
    required: &[],
    one_of: &["set"],
};

/// The keys by which a request is known; all but the last are its method.
pub(super) static VERB_NAMES: &[&str] =
    &["get", "post", "put", "patch", "delete", "head", "options", "request"];

static VERBS: &[Key] = &[
    key("get", &Shape::Text(&PATH), "The path of a GET request."),
    key("post", &Shape::Text(&PATH), "The path of a POST request."),
    key("put", &Shape::Text(&PATH), "The path of a PUT request."),
    key("patch", &Shape::Text(&PATH), "The path of a PATCH request."),
    key("delete", &Shape::Text(&PATH), "The path of a DELETE request."),
    key("head", &Shape::Text(&PATH), "The path of a HEAD request."),
    key("options", &Shape::Text(&PATH), "The path of an OPTIONS request."),
    key("request", &Shape::Object(&REQUEST), "Method and path of any request."),
];

static REQUEST: Object = Object {
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

static REQUEST_KEYS: &[Key] = &[
    key(
        "name",
        &Shape::Text(&NAME),
        "What the request is filed under. Default: its path as it is written here.",
    ),
    key("query", &FIELDS, "Added to the path, percent-encoded."),
    key("headers", &HEADERS, "Sent in addition to those of the class."),
    key(
        "json",
        &Shape::Json,
        "The body, written as JSON. Text that is one `{{ }}` keeps the type of its value.",
    ),
    key("form", &FIELDS, "The body, written as a browser sends a form."),
    key("body", &Shape::Scalar(&ANY), "The body, as it stands."),
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
];

static CHECK: Object = Object {
    id: "check",
    what: "a check",
    example: "{ status: 200 }",
    keys: &[&[
        key("status", &STATUSES, "The statuses that pass: 200, 2xx, 200-299, or a list."),
        key("body", &Shape::Object(&BODY_CHECK), "What the body must be."),
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

static BODY_CHECK: Object = Object {
    id: "bodyCheck",
    what: "a check of the body",
    example: "{ contains: welcome }",
    keys: &[&[
        key("contains", &TEXTS, "Text that it holds, or a list of which it holds all."),
        key("lacks", &TEXTS, "Text that it does not hold, or a list of which it holds none."),
        key("equals", &Shape::Scalar(&ANY), "Text that it is."),
    ]],
    required: &[],
    one_of: &[],
};

static TEXTS: Shape = Shape::Either(&Either {
    what: "text",
    remedy: "write text, or a list of texts",
    shapes: &[&Shape::Scalar(&ANY), &Shape::List { of: &Shape::Scalar(&ANY), min: 1, max: NAMES }],
});

static CAPTURES: Shape = Shape::Map { name: &VARIABLE, of: &Shape::Object(&CAPTURE), min: 1, max: NAMES };

static CAPTURE: Object = Object {
    id: "capture",
    what: "a capture",
    example: "{ json: $.token }",
    keys: &[&[
        key(
            "json",
            &Shape::Text(&ANY),
            "The first match of a JSON path (RFC 9535) in the body, such as $.token.",
        ),
        key("header", &Shape::Text(&HEADER), "The value of a header."),
    ]],
    required: &[],
    one_of: &["json", "header"],
};

static STAGE_LIST: Shape = Shape::List { of: &Shape::Object(&STAGE), min: 1, max: STAGES };

static STAGE: Object = Object {
    id: "stage",
    what: "a stage",
    example: "{ duration: 1m, users: 10 }",
    keys: &[&[
        key("name", &Shape::Text(&NAME), "What it is called in results. Default: its number."),
        key("duration", &SPAN, "How long it lasts, its ramp included."),
        key("users", &Shape::Whole { min: 0, max: USERS }, "How many users it wants."),
        key(
            "spawn_rate",
            &Shape::Number { least: 0.0, above: true, most: USERS as f64 },
            "Users started or stopped per second. Default: evenly over the whole stage.",
        ),
    ]],
    required: &["duration", "users"],
    one_of: &[],
};
