//! Frames between processes, by ZeroMQ: a ROUTER at the master's end, a DEALER at each worker's, as Locust has
//! them.
//!
//! Each end has a thread of its own, which moves frames between sockets and the bounded queues of
//! [`Hub`](crate::Hub) and [`Link`](crate::Link). A worker's end is libzmq's; the master's, which anybody may reach,
//! speaks the protocol by itself, with a bound for everything. Nothing on either side of a queue waits for a peer.

mod connection;
mod hub;
mod link;
mod room;
mod routes;
mod socket;
mod wake;
mod zmtp;

pub use hub::{Binding, bind, bind_beside};
pub use link::connect;

pub(crate) use hub::Outbox;
pub(crate) use link::Connection;

use crate::limits;

/// Why a socket cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// The address is not one to listen on, or is in use.
    #[error("cannot listen on {endpoint}: {reason}")]
    Bind {
        /// Where.
        endpoint: String,
        /// The system's words.
        reason: String,
    },
    /// The address is not one to connect to.
    #[error("cannot connect to {endpoint}: {reason}")]
    Connect {
        /// Where.
        endpoint: String,
        /// The system's words.
        reason: &'static str,
    },
    /// The system gave no socket or no thread.
    #[error("cannot make a ZeroMQ socket: {0}")]
    Resources(String),
}

/// `tcp://host:port`; brackets go around an IPv6 address.
fn endpoint(host: &str, port: u16) -> String {
    let bare = bare(host);
    if bare.contains(':') { format!("tcp://[{bare}]:{port}") } else { format!("tcp://{bare}:{port}") }
}

/// A host without the brackets that IPv6 addresses have in URLs.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Whether a frame may be handed on at all.
fn fits(frame: &[u8]) -> bool {
    frame.len() <= limits::FRAME
}

#[cfg(test)]
mod tests {
    use super::endpoint;

    #[test]
    fn addresses_become_endpoints() {
        let check = |host, expected| assert_eq!(endpoint(host, 5557), expected);
        check("*", "tcp://*:5557");
        check("master.example", "tcp://master.example:5557");
        check("127.0.0.1", "tcp://127.0.0.1:5557");
        check("::1", "tcp://[::1]:5557");
        check("[::1]", "tcp://[::1]:5557");
    }
}
