//! ZMTP 3, which ZeroMQ's sockets speak over TCP, as far as a ROUTER without encryption needs it, or a PULL or PUSH:
//! the specifications are 23/ZMTP (3.0) and 37/ZMTP (3.1). Peers before libzmq 4 of 2013 speak older ones, and are not
//! understood.
//!
//! Bytes in, bytes out: no socket and no time here.

use crate::limits;

/// Bytes of a greeting, with which each side begins.
pub(super) const GREETING: usize = 64;

/// The mechanism that both sides use: no encryption, no password.
const MECHANISM: [u8; 20] = *b"NULL\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// Bits of a frame's first byte.
const MORE: u8 = 1;
const LONG: u8 = 2;
const COMMAND: u8 = 4;

/// Longest head of a frame, bytes.
const HEAD: usize = 9;

/// What we are to our peers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    /// Hears and answers peers that have addresses.
    #[default]
    Router,
    /// Hears peers that push.
    Pull,
    /// Gives to peers that pull.
    Push,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Router => "ROUTER",
            Self::Pull => "PULL",
            Self::Push => "PUSH",
        }
    }

    /// Kinds of peers that talk to it.
    fn peers(self) -> &'static [&'static [u8]] {
        match self {
            Self::Router => &[b"DEALER", b"REQ", b"ROUTER"],
            Self::Pull => &[b"PUSH"],
            Self::Push => &[b"PULL"],
        }
    }
}

/// A peer that does not speak the protocol, or asks for what it may not have: its connection ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken;

/// What goes before the body of a frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// More parts of the same message follow.
    pub(super) more: bool,
    /// For the connection itself, not for who uses it.
    pub(super) command: bool,
    /// Bytes of the body.
    pub(super) length: usize,
}

/// Our greeting.
pub(super) fn greeting() -> [u8; GREETING] {
    let mut greeting = [0; GREETING];
    greeting[0] = 0xff;
    // Padding that means a length to the oldest peers, as libzmq writes it.
    greeting[8] = 1;
    greeting[9] = 0x7f;
    (greeting[10], greeting[11]) = (3, 1);
    greeting[12..32].copy_from_slice(&MECHANISM);
    greeting
}

/// Looks at a greeting as far as it has come, so that a stranger is noticed at its first byte.
pub(super) fn check_greeting(come: &[u8]) -> Result<(), Broken> {
    let is = |at: usize, good: fn(u8) -> bool| come.get(at).is_none_or(|byte| good(*byte));
    let signed = is(0, |byte| byte == 0xff) && is(9, |byte| byte & 1 == 1);
    let mechanism = come.get(12..).unwrap_or_default();
    let known = MECHANISM.iter().zip(mechanism).all(|(ours, theirs)| ours == theirs);
    if signed && is(10, |major| major >= 3) && known { Ok(()) } else { Err(Broken) }
}

/// Our introduction, whole: without a name.
pub(super) fn ready(role: Role) -> Vec<u8> {
    let mut body = b"\x05READY".to_vec();
    for (name, value) in [("Socket-Type", role.name()), ("Identity", "")] {
        body.extend([name.len() as u8]);
        body.extend(name.as_bytes());
        body.extend((value.len() as u32).to_be_bytes());
        body.extend(value.as_bytes());
    }
    command(&body)
}

/// The identity by which a peer introduces itself; empty if it has none. The peer has to be of a kind that talks to
/// us.
pub(super) fn introduced(body: &[u8], role: Role) -> Result<&[u8], Broken> {
    let mut rest = body.strip_prefix(b"\x05READY").ok_or(Broken)?;
    let (mut kind, mut identity): (&[u8], &[u8]) = (b"", b"");
    while let Some((length, after)) = rest.split_first() {
        let (name, after) = after.split_at_checked(usize::from(*length)).ok_or(Broken)?;
        let (length, after) = after.split_first_chunk::<4>().ok_or(Broken)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| Broken)?;
        let value;
        (value, rest) = after.split_at_checked(length).ok_or(Broken)?;
        if name.eq_ignore_ascii_case(b"Socket-Type") {
            kind = value;
        } else if name.eq_ignore_ascii_case(b"Identity") {
            identity = value;
        }
    }
    let talks = role.peers().contains(&kind);
    // Those with a zero in front are for peers that have none.
    let fits = identity.len() <= limits::IDENTITY && !identity.starts_with(b"\0");
    if talks && fits { Ok(identity) } else { Err(Broken) }
}

/// The head at the beginning of `come`, with its length, once it is whole.
pub(super) fn head(come: &[u8]) -> Result<Option<(Head, usize)>, Broken> {
    let Some((&flags, rest)) = come.split_first() else { return Ok(None) };
    let (length, size) = if flags & LONG == 0 {
        let Some(&length) = rest.first() else { return Ok(None) };
        (u64::from(length), 2)
    } else {
        let Some(length) = rest.first_chunk::<8>() else { return Ok(None) };
        (u64::from_be_bytes(*length), HEAD)
    };
    let head = Head {
        more: flags & MORE != 0,
        command: flags & COMMAND != 0,
        length: usize::try_from(length).map_err(|_| Broken)?,
    };
    let longest = if head.command { limits::COMMAND } else { limits::FRAME };
    let known = flags & !(MORE | LONG | COMMAND) == 0 && !(head.command && head.more);
    if known && head.length <= longest { Ok(Some((head, size))) } else { Err(Broken) }
}

/// Appends the head of a message of one part, whose body of so many bytes has to follow.
pub(super) fn write_head(out: &mut Vec<u8>, length: usize) {
    write_frame_head(out, 0, length);
}

/// The whole frame that answers a command, if it needs an answer: PING with a context is answered by PONG with it.
pub(super) fn answer(body: &[u8]) -> Option<Vec<u8>> {
    let context = body.strip_prefix(b"\x04PING")?.get(2..)?;
    Some(command(&[b"\x04PONG", context].concat()))
}

fn command(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEAD + body.len());
    write_frame_head(&mut out, COMMAND, body.len());
    out.extend(body);
    out
}

fn write_frame_head(out: &mut Vec<u8>, flags: u8, length: usize) {
    match u8::try_from(length) {
        Ok(length) => out.extend([flags, length]),
        Err(_) => {
            out.push(flags | LONG);
            out.extend((length as u64).to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_greeting_is_one_and_no_other_protocol_is() {
        let ours = greeting();
        for length in 0..=GREETING {
            assert_eq!(check_greeting(&ours[..length]), Ok(()), "{length}");
        }
        for stranger in [&b"GET / HTTP/1.1\r\n"[..], b"\0", &[0xff; 64], &[0x16, 3, 1]] {
            assert_eq!(check_greeting(stranger), Err(Broken), "{stranger:?}");
        }
        for (at, other) in [(9, 0x7e), (10, 1), (12, b'P'), (16, b'X')] {
            let mut greeting = ours;
            greeting[at] = other;
            assert_eq!(check_greeting(&greeting), Err(Broken), "{at}");
            assert_eq!(check_greeting(&greeting[..at]), Ok(()), "{at}: not known before it has come");
        }
    }

    #[test]
    fn an_introduction_as_libzmq_writes_it_is_read() {
        let ready = b"\x05READY\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\0\x02w1";
        assert_eq!(introduced(ready, Role::Router), Ok(&b"w1"[..]));
        let ours = ready_body();
        assert_eq!(introduced(&ours, Role::Router), Ok(&b""[..]));
        for end in 6..ready.len() {
            // Cut between two properties it is whole.
            assert_eq!(introduced(&ready[..end], Role::Router).is_ok(), end == 28, "{end}");
        }
        for bad in [
            &b"\x05ERROR\x03why"[..],
            b"\x05READY",
            b"\x05READY\x0bSocket-Type\0\0\0\x03PUB",
            b"\x05READY\x0bSocket-Type\xff\xff\xff\xffDEALER",
            b"\x05READY\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\0\x02\0a",
        ] {
            assert_eq!(introduced(bad, Role::Router), Err(Broken), "{}", bad.escape_ascii());
        }
        let long = [&b"\x05READY\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\x01\0"[..], &[b'x'; 256]];
        assert_eq!(introduced(&long.concat(), Role::Router), Err(Broken));
    }

    #[test]
    fn who_pushes_talks_to_who_pulls_and_the_other_way_round() {
        let ready = |kind: &str| [&b"\x05READY\x0bSocket-Type\0\0\0\x04"[..], kind.as_bytes()].concat();
        for role in [Role::Router, Role::Pull, Role::Push] {
            let talks = |kind| introduced(&ready(kind), role).is_ok();
            assert_eq!((talks("PUSH"), talks("PULL")), (role == Role::Pull, role == Role::Push), "{role:?}");
        }
    }

    fn ready_body() -> Vec<u8> {
        let whole = ready(Role::Router);
        let (head, size) = head(&whole).unwrap().unwrap();
        assert_eq!((head.command, head.length), (true, whole.len() - size));
        whole[size..].to_vec()
    }

    #[test]
    fn heads_are_read_whole_and_claims_beyond_the_bounds_are_refused() {
        for length in [0, 1, 255, 256, limits::FRAME] {
            let mut out = Vec::new();
            write_head(&mut out, length);
            let size = if length < 256 { 2 } else { HEAD };
            for come in 0..size {
                assert_eq!(head(&out[..come]), Ok(None));
            }
            let wanted = Head { more: false, command: false, length };
            assert_eq!(head(&out), Ok(Some((wanted, size))));
        }
        for bad in [
            &[8, 0][..],
            &[0xff, 0, 0, 0, 0, 0, 0, 0, 0],
            &[COMMAND | MORE, 1],
            &[LONG, 0x40, 0, 0, 0, 0, 0, 0, 0],
            &[LONG, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[LONG, 0, 0, 0, 0, 1, 0, 0, 1],
            &[COMMAND | LONG, 0, 0, 0, 0, 0, 1, 0, 0],
        ] {
            assert_eq!(head(bad), Err(Broken), "{bad:?}");
        }
        assert!(matches!(head(&[MORE, 3]), Ok(Some((Head { more: true, command: false, length: 3 }, 2)))));
    }

    #[test]
    fn a_ping_is_answered_by_its_context() {
        assert_eq!(answer(b"\x04PING\0\x0aabc").unwrap(), b"\x04\x08\x04PONGabc");
        assert_eq!(answer(b"\x04PING\0\x0a").unwrap(), b"\x04\x05\x04PONG");
        for other in [&b"\x04PING\0"[..], b"\x04PONG", b"", b"\x09SUBSCRIBE"] {
            assert_eq!(answer(other), None);
        }
    }
}
