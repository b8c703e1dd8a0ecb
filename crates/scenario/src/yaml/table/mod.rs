//! The keys of a scenario: what each takes and what it is for. The whole format is here, a file for each part of it.

mod answer;
mod class;
mod data;
mod load;
mod network;
mod request;
mod step;
mod verdict;

pub(super) use request::VERB_NAMES;
pub(super) use step::STEP_CHOICE;

use super::rules::{ANY, DURATION, EXPRESSION, HEADER, HEADER_VALUE, HOST, VARIABLE};
use super::shape::{Either, Key, Object, Shape};
use crate::limits::{LONGEST_S, NAMES, SEED};

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
            "seed",
            &Shape::Whole { min: 0, max: SEED },
            "Where random values start from, so that a run can be repeated; --seed wins over it.",
        ),
        key("secrets", &data::SECRETS, "Values by name for expressions; they are never shown."),
        key(
            "options",
            &data::OPTIONS,
            "Values by name for expressions, which a person may set when a run is started.",
        ),
        key("data", &data::FEEDERS, "Rows of data by name; a variable of that name holds the user's row."),
        key(
            "users",
            &class::CLASSES,
            "The user classes: a mapping from name to class, or a list of classes with names.",
        ),
        key("stages", &load::STAGE_LIST, "Users over time. Without it the command line decides."),
        key("thresholds", &verdict::THRESHOLDS, "When the run has failed, such as `p95 > 300ms`."),
    ]],
    required: &["users"],
    one_of: &[],
};

static HEADERS: Shape = Shape::Map { name: &HEADER, of: &Shape::Scalar(&HEADER_VALUE), min: 0, max: NAMES };

/// Fields of a query or a form, or an expression that gives them.
static FIELDS: Shape = Shape::Either(&Either {
    what: "a mapping of fields",
    remedy: "write a mapping such as `{ page: 2 }`, or an expression such as `\"{{ fields }}\"`",
    shapes: &[&Shape::Map { name: &ANY, of: &FIELD, min: 0, max: NAMES }, &Shape::Text(&EXPRESSION)],
});

static FIELD: Shape = Shape::Either(&Either {
    what: "the value of a field",
    remedy: "write text or a number, or a list of these for a field that stands several times",
    shapes: &[&Shape::Scalar(&ANY), &Shape::List { of: &Shape::Scalar(&ANY), min: 1, max: NAMES }],
});

/// Headers, or an expression that gives them.
static MORE_HEADERS: Shape = Shape::Either(&Either {
    what: "a mapping of headers",
    remedy: "write a mapping such as `{ Accept: text/html }`, or an expression such as `\"{{ headers }}\"`",
    shapes: &[&HEADERS, &Shape::Text(&EXPRESSION)],
});

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

/// Something that is true or not.
static CONDITION: Shape = Shape::Either(&Either {
    what: "a condition",
    remedy: "write an expression between quotes and braces: `\"{{ page < 5 }}\"`",
    shapes: &[&Shape::Bool, &Shape::Text(&EXPRESSION)],
});
