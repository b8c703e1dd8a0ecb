//! `Content-Encoding`: bodies as they were before the server compressed them.
//!
//! Decoded only when something reads the body, and never to more than [`limits::BODY`], whatever a server sends.

use super::answer::{TOO_LARGE, Unreadable};
use crate::limits;
use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};
use http::{HeaderMap, header};
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};
use std::io::Read;

/// What a class without an `Accept-Encoding` of its own says that it takes.
pub(crate) const ACCEPTED: &str = "gzip, deflate, br, zstd";

/// What was done to a body, in this order.
pub(super) type Codings = Vec<Coding>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
    /// One above [`limits::CODINGS`].
    TooMany,
}

/// The codings that the headers tell of. One that is not known leaves the body as it is, as it does for
/// `requests`: servers write all kinds of things there.
pub(super) fn codings(headers: &HeaderMap) -> Codings {
    let mut codings = Vec::new();
    let values = headers.get_all(header::CONTENT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    for name in values.flat_map(|value| value.split(',')) {
        let coding = match name.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => continue,
            _ if codings.len() == limits::CODINGS => Coding::TooMany,
            "gzip" | "x-gzip" => Coding::Gzip,
            "deflate" => Coding::Deflate,
            "br" => Coding::Brotli,
            "zstd" => Coding::Zstd,
            _ => return Vec::new(),
        };
        codings.push(coding);
        if coding == Coding::TooMany {
            break;
        }
    }
    codings
}

/// Undoes `codings`, the last one first.
pub(super) fn decode(mut body: Vec<u8>, codings: &[Coding]) -> Result<Vec<u8>, Unreadable> {
    for coding in codings.iter().rev() {
        // An answer to HEAD, or without content: there is nothing to decode.
        if !body.is_empty() {
            body = coding.undo(&body)?;
        }
    }
    Ok(body)
}

impl Coding {
    fn undo(self, body: &[u8]) -> Result<Vec<u8>, Unreadable> {
        match self {
            Self::Gzip => gunzip(body),
            Self::Deflate => {
                // "deflate" means zlib's format; some servers send bare deflate data.
                let zlib = bounded(ZlibDecoder::new(body), DEFLATE);
                if zlib == Err(DEFLATE) { bounded(DeflateDecoder::new(body), DEFLATE) } else { zlib }
            }
            Self::Brotli => bounded(brotli_decompressor::Decompressor::new(body, BUFFER), BROTLI),
            Self::Zstd => unzstd(body),
            Self::TooMany => Err("the body is encoded too many times"),
        }
    }
}

const GZIP: Unreadable = "the body cannot be decoded from gzip";
const DEFLATE: Unreadable = "the body cannot be decoded from deflate";
const BROTLI: Unreadable = "the body cannot be decoded from br";
const TOO_MANY: Unreadable = "the body was encoded in too many pieces";
const ZSTD: Unreadable = "the body cannot be decoded from zstd";

/// Input buffer of the brotli decoder, bytes.
const BUFFER: usize = 4096;

/// Members of a gzip file, one after the other; what comes after the last is padding and is left alone.
fn gunzip(mut rest: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let mut decoded = Vec::new();
    for _ in 0..limits::FRAMES {
        let mut member = GzDecoder::new(rest);
        append(&mut member, &mut decoded, GZIP)?;
        rest = member.into_inner();
        if !rest.starts_with(&[0x1f, 0x8b]) {
            return Ok(decoded);
        }
    }
    Err(TOO_MANY)
}

/// Frames of zstd, one after the other.
fn unzstd(mut rest: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let mut decoded = Vec::new();
    for _ in 0..limits::FRAMES {
        if rest.is_empty() {
            return Ok(decoded);
        }
        let mut frames = FrameDecoder::new();
        frames.set_max_window_size(limits::ZSTD_WINDOW);
        let frame = StreamingDecoder::new_with_decoder(&mut rest, frames);
        append(&mut frame.map_err(|_| ZSTD)?, &mut decoded, ZSTD)?;
    }
    Err(TOO_MANY)
}

fn bounded(mut from: impl Read, wrong: Unreadable) -> Result<Vec<u8>, Unreadable> {
    let mut decoded = Vec::new();
    append(&mut from, &mut decoded, wrong)?;
    Ok(decoded)
}

/// Reads to the end, but no more than may be kept in all.
fn append(from: &mut impl Read, decoded: &mut Vec<u8>, wrong: Unreadable) -> Result<(), Unreadable> {
    let room = limits::BODY - decoded.len();
    match from.take(room as u64 + 1).read_to_end(decoded) {
        Ok(read) if read > room => Err(TOO_LARGE),
        Ok(_) => Ok(()),
        Err(_) => Err(wrong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_testkit as testkit;

    const CODINGS: [Coding; 4] = [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd];

    fn check(header: &str, expected: &[Coding]) {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_ENCODING, header.parse().unwrap());
        assert_eq!(codings(&headers), expected, "{header}");
    }

    #[test]
    fn what_headers_say() {
        check("gzip", &[Coding::Gzip]);
        check(" GZip ,identity,, x-gzip", &[Coding::Gzip, Coding::Gzip]);
        check("deflate, br, zstd", &[Coding::Deflate, Coding::Brotli, Coding::Zstd]);
        check("identity", &[]);
        check("gzip, aws-chunked", &[]);
        let many = &mut vec![Coding::Brotli; limits::CODINGS];
        many.push(Coding::TooMany);
        check(&"br,".repeat(1_000), many);
        assert!(decode(vec![1], many).is_err());
    }

    #[test]
    fn bodies_of_more_pieces_than_anybody_writes_are_given_up() {
        for coding in [testkit::Coding::Gzip, testkit::Coding::Zstd] {
            let piece = coding.encode(b"");
            let undo = if coding == testkit::Coding::Gzip { Coding::Gzip } else { Coding::Zstd };
            assert_eq!(undo.undo(&piece.repeat(limits::FRAMES - 1)), Ok(Vec::new()));
            assert_eq!(undo.undo(&piece.repeat(limits::FRAMES + 1)), Err(TOO_MANY));
        }
    }

    #[test]
    fn no_bytes_make_a_decoder_panic_or_grow() {
        let mut rng = fastrand::Rng::with_seed(7);
        let plain = b"tea and coffee, ".repeat(200);
        for coding in testkit::Coding::ALL {
            let whole = coding.encode(&plain);
            for _ in 0..300 {
                let mut body = whole.clone();
                for _ in 0..rng.usize(1..4) {
                    let at = rng.usize(..body.len());
                    body[at] = rng.u8(..);
                }
                body.truncate(rng.usize(1..=body.len() * 2));
                for coding in CODINGS {
                    if let Ok(decoded) = coding.undo(&body) {
                        assert!(decoded.len() <= limits::BODY);
                    }
                }
            }
        }
    }
}
