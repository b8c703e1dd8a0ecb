//! How much is done, and when: waits, arrivals, stages.

use super::super::rules::{DURATION, EXPRESSION, NAME, RATE};
use super::super::shape::{Either, Object, Shape};
use super::{DURATION_SHAPE, SPAN, key};
use crate::limits::{ARRIVALS_PER_S, LONGEST_S, STAGES, USERS};

pub(super) static WAIT: Shape = Shape::Either(&Either {
    what: "a wait",
    remedy: "write a duration such as `1s`, or `{ between: [1s, 3s] }`, `{ pacing: 1s }` or `{ throughput: 2 }`",
    shapes: &[
        &Shape::Number { least: 0.0, above: false, most: LONGEST_S },
        &Shape::Text(&DURATION),
        &Shape::Text(&EXPRESSION),
        &Shape::Object(&WAIT_OBJECT),
    ],
});

static WAIT_OBJECT: Object = Object {
    id: "wait",
    what: "a wait",
    example: "{ between: [1s, 3s] }",
    keys: &[&[
        key("constant", &DURATION_SHAPE, "This long after each task."),
        key("between", &PAIR, "Evenly distributed between the two, after each task."),
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

/// Two durations.
static PAIR: Shape = Shape::List { of: &DURATION_SHAPE, min: 2, max: 2 };

/// Think time within a task.
pub(super) static SLEEP: Shape = Shape::Either(&Either {
    what: "a time to sleep",
    remedy: "write a duration such as `1s`, or `{ between: [1s, 3s] }`",
    shapes: &[
        &Shape::Number { least: 0.0, above: false, most: LONGEST_S },
        &Shape::Text(&DURATION),
        &Shape::Text(&EXPRESSION),
        &Shape::Object(&SLEEP_OBJECT),
    ],
});

static SLEEP_OBJECT: Object = Object {
    id: "sleepBetween",
    what: "a time to sleep",
    example: "{ between: [1s, 3s] }",
    keys: &[&[key("between", &PAIR, "Evenly distributed between the two.")]],
    required: &[],
    one_of: &["between"],
};

pub(super) static ARRIVALS: Shape = Shape::Either(&Either {
    what: "a rate of arrivals",
    remedy: "write starts per second such as `50`, or `300/m`, `{ rate: 50, max_users: 200 }` or `{ stages: [...] }`",
    shapes: &[
        &Shape::Number { least: 0.0, above: true, most: ARRIVALS_PER_S },
        &Shape::Text(&RATE),
        &Shape::Object(&ARRIVALS_OBJECT),
    ],
});

static ARRIVALS_OBJECT: Object = Object {
    id: "arrivals",
    what: "a description of arrivals",
    example: "{ rate: 50, max_users: 200 }",
    keys: &[&[
        key("rate", &RATE_ABOVE_0, "Tasks started per second by the whole fleet, or `300/m`, `1000/h`."),
        key(
            "stages",
            &Shape::List { of: &Shape::Object(&ARRIVAL_STAGE), min: 1, max: STAGES },
            "Rates over time. The first begins at 0.",
        ),
        key(
            "max_users",
            &Shape::Whole { min: 1, max: USERS },
            "The most users at work at once. Default: as many as arrive in one second at the peak, 10 to 10000.",
        ),
    ]],
    required: &[],
    one_of: &["rate", "stages"],
};

static ARRIVAL_STAGE: Object = Object {
    id: "arrivalStage",
    what: "a stage of arrivals",
    example: "{ duration: 1m, rate: 100 }",
    keys: &[&[
        key("duration", &DURATION_SHAPE, "How long it lasts; with 0 the rate jumps."),
        key("rate", &RATE_FROM_0, "The rate at its end; it changes evenly from the rate before."),
    ]],
    required: &["duration", "rate"],
    one_of: &[],
};

static RATE_ABOVE_0: Shape = Shape::Either(&Either {
    what: "a rate above 0",
    remedy: RATE.remedy,
    shapes: &[&Shape::Number { least: 0.0, above: true, most: ARRIVALS_PER_S }, &Shape::Text(&RATE)],
});

static RATE_FROM_0: Shape = Shape::Either(&Either {
    what: "a rate",
    remedy: RATE.remedy,
    shapes: &[&Shape::Number { least: 0.0, above: false, most: ARRIVALS_PER_S }, &Shape::Text(&RATE)],
});

pub(super) static STAGE_LIST: Shape = Shape::List { of: &Shape::Object(&STAGE), min: 1, max: STAGES };

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
