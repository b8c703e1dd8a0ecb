//! One user's way to its targets: connections, exchanges, cookies, redirects.

pub(crate) mod client;
pub(crate) mod connection;
pub(crate) mod dns;
pub(crate) mod origin;
mod stream;
pub(crate) mod tls;

pub(crate) use client::{Answer, Client, Keep, Outgoing};
