//! libzmq's socket of a worker's end, and its options.

use super::SocketError;
use crate::limits;
use ::zmq::{Context, Error, Message, Socket, SocketType};

/// A message as it came, whole. Masters send one part each; further ones are not looked at.
pub(super) enum Received {
    /// A message of at least the wanted parts.
    Parts(Vec<Message>),
    /// There is none now.
    Nothing,
}

pub(super) fn open(context: &Context, kind: SocketType) -> Result<Socket, SocketError> {
    let failed = |error: Error| SocketError::Resources(error.message().to_owned());
    let socket = context.socket(kind).map_err(failed)?;
    let max = i64::try_from(limits::FRAME).unwrap_or(i64::MAX);
    let set = || {
        socket.set_maxmsgsize(max)?;
        socket.set_linger(limits::LINGER_MS)?;
        socket.set_handshake_ivl(limits::HANDSHAKE_MS)?;
        socket.set_tcp_keepalive(1)?;
        socket.set_tcp_keepalive_idle(i32::try_from(limits::KEEPALIVE_IDLE.as_secs()).unwrap_or(i32::MAX))?;
        // A v4 peer reaches a socket of both kinds; one that has no v6 at all refuses the option.
        let _ = socket.set_ipv6(true);
        Ok(())
    };
    set().map_err(failed)?;
    Ok(socket)
}

/// The next message, up to [`limits::PARTS`] of its parts; the rest of a longer one is thrown away.
pub(super) fn receive(socket: &Socket) -> Received {
    let mut parts = Vec::with_capacity(2);
    loop {
        match socket.recv_msg(::zmq::DONTWAIT) {
            Ok(message) => {
                let more = message.get_more();
                if parts.len() < limits::PARTS {
                    parts.push(message);
                }
                if !more {
                    return Received::Parts(parts);
                }
            }
            // Between parts nothing is missing: libzmq hands over whole messages.
            Err(_) => return Received::Nothing,
        }
    }
}
