//! One user's way to its targets: connections, exchanges, cookies, redirects.

mod answer;
pub(crate) mod client;
mod connection;
mod cookies;
pub(crate) mod decode;
mod dns;
mod http1;
mod http2;
pub(crate) mod network;
pub(crate) mod origin;
mod proxy;
mod redirect;
mod stream;
pub(crate) mod tls;

pub(crate) use answer::{Answer, Keep};
pub(crate) use client::{Client, Outgoing, address};
pub(crate) use http1::Raised;
