//! User classes and their tasks.

use super::super::rules::{CLASS, HOST, NAME, TAG};
use super::super::shape::{Choice, Either, Key, Object, Shape};
use super::load::{ARRIVALS, WAIT};
use super::network::{AUTH, DNS, PROXY_SHAPE, TLS};
use super::request::{REQUEST_KEYS, VERBS};
use super::step::{STEPS, STEPS_KEY};
use super::{ASSIGNMENTS, HEADERS, key};
use crate::limits::{NAMES, USERS, WEIGHT};

pub(super) static CLASSES: Shape = Shape::Either(&Either {
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
    key("auth", &Shape::Object(&AUTH), "Who the user is, for requests that say nothing else."),
    key("cookies", &Shape::Bool, "Whether cookies that responses set are kept and sent. Default: true."),
    key(
        "connection",
        &Shape::Word(&["user", "iteration"]),
        "Whether a connection lasts as long as its user (the default) or for one task.",
    ),
    key(
        "http_version",
        &Shape::Numbers(&[1.1, 2.0]),
        "1.1 (the default), or 2: over TLS where the server agrees, over plain text without asking.",
    ),
    key("proxy", &PROXY_SHAPE, "An HTTP proxy for all requests; may hold expressions of secrets."),
    key("tls", &Shape::Object(&TLS), "Whom TLS trusts, and what it shows of the user."),
    key(
        "dns",
        &DNS,
        "Whether names are looked up once per `run` (the default) or by each `user`, or fixed addresses.",
    ),
    key("wait", &WAIT, "What lies between two tasks. Default: nothing."),
    key(
        "arrivals",
        &ARRIVALS,
        "Open load: how many tasks the whole fleet starts per second, whatever the answers do.",
    ),
    key("variables", &ASSIGNMENTS, "Variables of each user, set when it starts."),
    key("on_start", &STEPS, "Done once when a user starts."),
    key("on_stop", &STEPS, "Done once when a user stops."),
    key("tasks", &TASKS, "What users do over and over: a mapping from name to task, or a list."),
];

static WEIGHT_SHAPE: Shape = Shape::Whole { min: 1, max: WEIGHT as u64 };

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

static TASK_CHOICE: Choice = Choice { what: "a task", objects: &[&TASK, &REQUEST_TASK] };

static NAMED_TASK_CHOICE: Choice = Choice { what: "a task", objects: &[&NAMED_TASK, &REQUEST_TASK] };

static TASK: Object = Object {
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

static REQUEST_TASK: Object = Object {
    id: "requestTask",
    what: "a task of one request",
    example: "{ get: / }",
    keys: &[TASK_KEYS, VERBS, REQUEST_KEYS],
    required: &[],
    one_of: super::VERB_NAMES,
};

static TASK_KEYS: &[Key] = &[
    key("weight", &WEIGHT_SHAPE, "Share among the tasks of its class. Default: 1."),
    key(
        "tags",
        &Shape::List { of: &Shape::Text(&TAG), min: 0, max: NAMES },
        "For --tags and --exclude-tags.",
    ),
];
