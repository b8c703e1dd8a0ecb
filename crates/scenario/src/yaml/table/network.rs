//! How requests travel, and who the user is.

use super::super::rules::{ADDRESS, ANY, FILE, HOST_NAME, PROXY};
use super::super::shape::{Either, Object, Shape};
use super::key;
use crate::limits::NAMES;

pub(super) static AUTH: Object = Object {
    id: "auth",
    what: "a way to say who the user is",
    example: "{ basic: { username: ada, password: \"{{ password }}\" } }",
    keys: &[&[
        key("basic", &Shape::Object(&BASIC), "A name and a password."),
        key("bearer", &Shape::Scalar(&ANY), "A token."),
    ]],
    required: &[],
    one_of: &["basic", "bearer"],
};

static BASIC: Object = Object {
    id: "basic",
    what: "a name with a password",
    example: "{ username: ada, password: \"{{ password }}\" }",
    keys: &[&[
        key("username", &Shape::Scalar(&ANY), "The name."),
        key("password", &Shape::Scalar(&ANY), "The password; best a secret."),
    ]],
    required: &["username", "password"],
    one_of: &[],
};

pub(super) static PROXY_SHAPE: Shape = Shape::Text(&PROXY);

pub(super) static TLS: Object = Object {
    id: "tls",
    what: "a description of TLS",
    example: "{ ca: ca.pem }",
    keys: &[&[
        key("verify", &Shape::Bool, "Whether certificates of servers are verified. Default: true."),
        key("ca", &Shape::Text(&FILE), "A PEM file with certificates that are trusted in addition."),
        key("certificate", &Shape::Text(&FILE), "A PEM file with the certificate that the user shows."),
        key("key", &Shape::Text(&FILE), "A PEM file with its private key."),
    ]],
    required: &[],
    one_of: &[],
};

pub(super) static DNS: Shape = Shape::Either(&Either {
    what: "a way to find addresses",
    remedy: "write `run`, `user`, or addresses by name such as `{ example.org: 127.0.0.1 }`",
    shapes: &[
        &Shape::Word(&["run", "user"]),
        &Shape::Map { name: &HOST_NAME, of: &ADDRESSES, min: 1, max: NAMES },
    ],
});

static ADDRESSES: Shape = Shape::Either(&Either {
    what: "an IP address",
    remedy: ADDRESS.remedy,
    shapes: &[&Shape::Text(&ADDRESS), &Shape::List { of: &Shape::Text(&ADDRESS), min: 1, max: NAMES }],
});
