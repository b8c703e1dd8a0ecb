//! When a run has failed.

use super::super::rules::THRESHOLD;
use super::super::shape::{Either, Object, Shape};
use super::{DURATION_SHAPE, key};
use crate::limits;

pub(super) static THRESHOLDS: Shape = Shape::Either(&Either {
    what: "a list of thresholds",
    remedy: "write conditions in a list such as `[\"p95 > 300ms\", \"failures > 1%\"]`, or `{ warm_up: 30s, fail_if: [...] }`",
    shapes: &[&CONDITIONS, &Shape::Object(&THRESHOLDS_OBJECT)],
});

static CONDITIONS: Shape = Shape::List { of: &Shape::Text(&THRESHOLD), min: 1, max: limits::THRESHOLDS };

static THRESHOLDS_OBJECT: Object = Object {
    id: "thresholds",
    what: "thresholds",
    example: "{ warm_up: 30s, fail_if: [\"p95 > 300ms\"] }",
    keys: &[&[
        key(
            "warm_up",
            &DURATION_SHAPE,
            "What is measured in this time is left out; it counts in tables all the same.",
        ),
        key("fail_if", &CONDITIONS, "The run has failed if one of these holds."),
    ]],
    required: &["fail_if"],
    one_of: &[],
};
