//! The steps of a task.

use super::super::rules::{ANY, EXPRESSION, GROUP, VARIABLE};
use super::super::shape::{Choice, Either, Key, Object, Shape};
use super::load::SLEEP;
use super::request::{REQUEST_KEYS, VERBS};
use super::{ASSIGNMENTS, CONDITION, VERB_NAMES, key};
use crate::limits::{NAMES, REPEATS, WEIGHT};

pub(super) static STEPS: Shape = Shape::List { of: &Shape::Choice(&STEP_CHOICE), min: 1, max: NAMES };

pub(super) static STEPS_KEY: &[Key] = &[key("steps", &STEPS, "What is done, one after another.")];

pub(in super::super) static STEP_CHOICE: Choice = Choice {
    what: "a step",
    objects: &[
        &REQUEST,
        &SET,
        &LET,
        &GROUP_STEP,
        &REPEAT,
        &FOR,
        &WHILE,
        &IF,
        &CHOOSE,
        &SLEEP_STEP,
        &STOP,
        &BLOCK,
        &TRY,
        &RAISE,
        &VERDICT,
    ],
};

static REQUEST: Object = Object {
    id: "request",
    what: "a request",
    example: "{ get: / }",
    keys: &[VERBS, REQUEST_KEYS],
    required: &[],
    one_of: VERB_NAMES,
};

static SET: Object = Object {
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

static LET: Object = Object {
    id: "let",
    what: "a step that sets variables of the task",
    example: "{ let: { page: 1 } }",
    keys: &[&[key("let", &ASSIGNMENTS, "As `set`, but for this run of this task only.")]],
    required: &[],
    one_of: &["let"],
};

static GROUP_STEP: Object = Object {
    id: "group",
    what: "a group of steps",
    example: "{ group: checkout, steps: [{ get: / }] }",
    keys: &[
        &[key("group", &Shape::Text(&GROUP), "A tag for the requests inside, in results only.")],
        STEPS_KEY,
    ],
    required: &["steps"],
    one_of: &["group"],
};

static REPEAT: Object = Object {
    id: "repeat",
    what: "a repetition",
    example: "{ repeat: 3, steps: [{ get: / }] }",
    keys: &[
        &[key(
            "repeat",
            &Shape::Either(&Either {
                what: "a number of times",
                remedy: "write a whole number, or an expression such as `\"{{ pages }}\"`",
                shapes: &[&Shape::Whole { min: 0, max: REPEATS }, &Shape::Text(&EXPRESSION)],
            }),
            "How many times the steps are done.",
        )],
        STEPS_KEY,
    ],
    required: &["steps"],
    one_of: &["repeat"],
};

static FOR: Object = Object {
    id: "for",
    what: "a loop over items",
    example: "{ for: { item: \"{{ items }}\" }, steps: [{ get: / }] }",
    keys: &[
        &[key(
            "for",
            &Shape::Map { name: &VARIABLE, of: &Shape::Json, min: 1, max: 1 },
            "A variable of the task, and the list of which it holds one item after the other.",
        )],
        STEPS_KEY,
    ],
    required: &["steps"],
    one_of: &["for"],
};

static WHILE: Object = Object {
    id: "while",
    what: "a loop",
    example: "{ while: \"{{ page < 5 }}\", steps: [{ get: / }] }",
    keys: &[
        &[key("while", &CONDITION, "The steps are done as long as this is true before them.")],
        STEPS_KEY,
    ],
    required: &["steps"],
    one_of: &["while"],
};

static IF: Object = Object {
    id: "if",
    what: "a choice by a condition",
    example: "{ if: \"{{ page < 5 }}\", then: [{ get: / }] }",
    keys: &[
        IF_KEYS,
        &[
            key(
                "elif",
                &Shape::List { of: &Shape::Object(&ELIF), min: 1, max: NAMES },
                "Further conditions, each with what is done if it is the first that is true.",
            ),
            key("else", &STEPS, "Done if no condition is true."),
        ],
    ],
    required: &["then"],
    one_of: &["if"],
};

static ELIF: Object = Object {
    id: "elif",
    what: "a further condition",
    example: "{ if: \"{{ page < 5 }}\", then: [{ get: / }] }",
    keys: &[IF_KEYS],
    required: &["if", "then"],
    one_of: &[],
};

static IF_KEYS: &[Key] =
    &[key("if", &CONDITION, "Decides."), key("then", &STEPS, "Done if the condition is true.")];

static CHOOSE: Object = Object {
    id: "choose",
    what: "a random choice",
    example: "{ choose: [{ weight: 3, steps: [{ get: / }] }, { steps: [{ get: /news }] }] }",
    keys: &[&[key(
        "choose",
        &Shape::List { of: &Shape::Object(&WAY), min: 1, max: NAMES },
        "One of these is done, picked by weight.",
    )]],
    required: &[],
    one_of: &["choose"],
};

static WAY: Object = Object {
    id: "way",
    what: "one way of a random choice",
    example: "{ weight: 3, steps: [{ get: / }] }",
    keys: &[
        &[key("weight", &Shape::Whole { min: 1, max: WEIGHT as u64 }, "Its share. Default: 1.")],
        STEPS_KEY,
    ],
    required: &["steps"],
    one_of: &[],
};

static SLEEP_STEP: Object = Object {
    id: "sleep",
    what: "a step that sleeps",
    example: "{ sleep: 1s }",
    keys: &[&[key("sleep", &SLEEP, "Think time: nothing is done for this long.")]],
    required: &[],
    one_of: &["sleep"],
};

static STOP: Object = Object {
    id: "stop",
    what: "an early end",
    example: "{ stop: iteration }",
    keys: &[&[key(
        "stop",
        &Shape::Word(&["iteration", "user", "run", "loop", "round", "block"]),
        "Ends this run of the task, the user, the whole run, the innermost loop, this round of it, or the block.",
    )]],
    required: &[],
    one_of: &["stop"],
};

static BLOCK: Object = Object {
    id: "block",
    what: "a block of steps",
    example: "{ block: [{ get: / }] }",
    keys: &[&[key("block", &STEPS, "Steps that `stop: block` among them ends.")]],
    required: &[],
    one_of: &["block"],
};

static TRY: Object = Object {
    id: "try",
    what: "steps that may raise",
    example: "{ try: [{ get: / }], except: [{ steps: [{ stop: iteration }] }] }",
    keys: &[&[
        key("try", &STEPS, "Steps, of which one may raise an exception."),
        key(
            "except",
            &Shape::List { of: &Shape::Object(&EXCEPT), min: 1, max: NAMES },
            "What is done then: the first of these that takes the exception.",
        ),
        key("else", &STEPS, "Done if nothing was raised."),
        key("finally", &STEPS, "Done in any case, however the rest ends."),
    ]],
    required: &[],
    one_of: &["try"],
};

static EXCEPT: Object = Object {
    id: "except",
    what: "what is done about an exception",
    example: "{ error: KeyError, steps: [{ get: / }] }",
    keys: &[
        &[
            key(
                "error",
                &Shape::Either(&Either {
                    what: "the name of an exception",
                    remedy: "write a name such as `KeyError`, or a list of names",
                    shapes: &[
                        &Shape::Text(&VARIABLE),
                        &Shape::List { of: &Shape::Text(&VARIABLE), min: 1, max: NAMES },
                    ],
                }),
                "Which exceptions, by Python's names. Default: all.",
            ),
            key("as", &Shape::Text(&VARIABLE), "A variable of the task that holds the exception."),
        ],
        STEPS_KEY,
    ],
    required: &["steps"],
    one_of: &[],
};

static RAISE: Object = Object {
    id: "raise",
    what: "a step that raises an exception",
    example: "{ raise: { ValueError: no token } }",
    keys: &[&[key(
        "raise",
        &Shape::Either(&Either {
            what: "an exception",
            remedy: "write a name such as `ValueError`, `{ ValueError: no token }`, or `again` within `except`",
            shapes: &[
                &Shape::Text(&VARIABLE),
                &Shape::Map { name: &VARIABLE, of: &Shape::Json, min: 1, max: 1 },
            ],
        }),
        "Raises an exception of this name, with a text; `again` the one that an `except` is about.",
    )]],
    required: &[],
    one_of: &["raise"],
};

static VERDICT: Object = Object {
    id: "verdict",
    what: "a verdict",
    example: "{ verdict: { failed: no token } }",
    keys: &[&[key(
        "verdict",
        &Shape::Either(&Either {
            what: "a verdict",
            remedy: "write `passed`, or why it failed: `{ failed: no token }`",
            shapes: &[&Shape::Word(&["passed"]), &Shape::Object(&FAILED)],
        }),
        "Within `judge`: whether the request passed, whatever its status.",
    )]],
    required: &[],
    one_of: &["verdict"],
};

static FAILED: Object = Object {
    id: "failed",
    what: "a failure",
    example: "{ failed: no token }",
    keys: &[&[key(
        "failed",
        &Shape::Either(&Either {
            what: "a reason",
            remedy: "write text, or an exception such as `{ ValueError: no token }`",
            shapes: &[
                &Shape::Scalar(&ANY),
                &Shape::Map { name: &VARIABLE, of: &Shape::Json, min: 1, max: 1 },
            ],
        }),
        "The reason: text, or an exception with its text.",
    )]],
    required: &["failed"],
    one_of: &[],
};
