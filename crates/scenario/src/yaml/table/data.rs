//! Rows of data, secrets and options.

use super::super::rules::{ANY, ENVIRONMENT, FILE, VARIABLE};
use super::super::shape::{Either, Object, Shape};
use super::key;
use crate::limits::{CHOICES, NAMES, SOURCES};

pub(super) static SECRETS: Shape =
    Shape::Map { name: &VARIABLE, of: &Shape::Object(&SECRET), min: 1, max: SOURCES };

static SECRET: Object = Object {
    id: "secret",
    what: "a secret",
    example: "{ env: API_KEY }",
    keys: &[&[
        key("env", &Shape::Text(&ENVIRONMENT), "The environment variable that holds it."),
        key("file", &Shape::Text(&FILE), "The file that holds it; one line end after it is cut off."),
    ]],
    required: &[],
    one_of: &["env", "file"],
};

pub(super) static OPTIONS: Shape = Shape::Map {
    name: &VARIABLE,
    of: &Shape::Either(&Either {
        what: "an option",
        remedy: "write its default, such as `20`, or one such as `{ default: 20, choices: [20, 50] }`",
        shapes: &[&OPTION_VALUE, &Shape::Object(&OPTION)],
    }),
    min: 1,
    max: crate::limits::OPTIONS,
};

static OPTION_VALUE: Shape = Shape::Scalar(&ANY);

static OPTION: Object = Object {
    id: "option",
    what: "an option",
    example: "{ default: 20, choices: [20, 50] }",
    keys: &[&[
        key(
            "default",
            &OPTION_VALUE,
            "What it is unless somebody says otherwise: a text, a number, true or false; it is always of this kind.",
        ),
        key(
            "choices",
            &Shape::List { of: &OPTION_VALUE, min: 1, max: CHOICES },
            "What it may be. Default: anything of its kind.",
        ),
        key("help", &Shape::Text(&ANY), "What it is for, in a few words; the form shows it."),
    ]],
    required: &["default"],
    one_of: &[],
};

pub(super) static FEEDERS: Shape =
    Shape::Map { name: &VARIABLE, of: &Shape::Object(&FEEDER), min: 1, max: SOURCES };

static FEEDER: Object = Object {
    id: "feeder",
    what: "a feeder",
    example: "{ file: accounts.csv }",
    keys: &[&[
        key(
            "file",
            &Shape::Text(&FILE),
            "A .csv file whose first line names the columns, or a .json file with a list of objects.",
        ),
        key(
            "rows",
            &Shape::List {
                of: &Shape::Map { name: &ANY, of: &Shape::Json, min: 1, max: NAMES },
                min: 1,
                max: NAMES,
            },
            "The rows themselves, each a mapping.",
        ),
        key(
            "pick",
            &Shape::Word(&["cycle", "unique", "random"]),
            "In order and over again (`cycle`, the default), each given once (`unique`), or any (`random`).",
        ),
        key(
            "per",
            &Shape::Word(&["user", "iteration"]),
            "How long a user keeps a row. Default: `user` for unique rows, `iteration` for others.",
        ),
        key(
            "at_end",
            &Shape::Word(&["stop_user", "stop_run", "restart"]),
            "What happens when all unique rows are given. Default: stop_user.",
        ),
    ]],
    required: &[],
    one_of: &["file", "rows"],
};
