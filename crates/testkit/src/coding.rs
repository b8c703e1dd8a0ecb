//! Bodies as servers compress them.

use crate::http1::Answer;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use std::io::{self, Write};

/// A `Content-Encoding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// `gzip`.
    Gzip,
    /// `deflate` as the standard has it: in zlib's format.
    Deflate,
    /// `deflate` as some servers send it: without zlib's head and checksum.
    RawDeflate,
    /// `br`.
    Brotli,
    /// `zstd`.
    Zstd,
}

impl Coding {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Gzip, Self::Deflate, Self::RawDeflate, Self::Brotli, Self::Zstd];

    /// As it stands in headers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate | Self::RawDeflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// Compresses.
    #[must_use]
    pub fn encode(self, plain: &[u8]) -> Vec<u8> {
        self.write(plain).expect("writing to memory does not fail")
    }

    fn write(self, plain: &[u8]) -> io::Result<Vec<u8>> {
        let fast = Compression::fast();
        match self {
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), fast);
                encoder.write_all(plain)?;
                encoder.finish()
            }
            Self::Deflate => {
                let mut encoder = ZlibEncoder::new(Vec::new(), fast);
                encoder.write_all(plain)?;
                encoder.finish()
            }
            Self::RawDeflate => {
                let mut encoder = DeflateEncoder::new(Vec::new(), fast);
                encoder.write_all(plain)?;
                encoder.finish()
            }
            Self::Brotli => {
                let mut encoded = Vec::new();
                // A buffer of 4 kB, quality 3 of 11, a window of 4 MiB: quick, and small enough.
                let mut encoder = brotli::CompressorWriter::new(&mut encoded, 4_096, 3, 22);
                encoder.write_all(plain)?;
                drop(encoder);
                Ok(encoded)
            }
            Self::Zstd => zstd::encode_all(plain, 1),
        }
    }
}

impl Answer {
    /// Compresses the body and says so. Twice for a body that is compressed twice.
    #[must_use]
    pub fn encoded(self, coding: Coding) -> Self {
        self.map_body(|plain| coding.encode(&plain).into()).header("content-encoding", coding.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn begins_as_each_format_does() {
        let plain = b"tea ".repeat(1_000);
        let check = |coding: Coding, head: &[u8]| {
            let encoded = coding.encode(&plain);
            assert!(encoded.starts_with(head), "{coding:?}: {:02x?}", &encoded[..8]);
            assert!(encoded.len() < 100, "{coding:?}: {} bytes", encoded.len());
        };
        check(Coding::Gzip, &[0x1f, 0x8b, 8]);
        check(Coding::Deflate, &[0x78]);
        check(Coding::RawDeflate, &[]);
        check(Coding::Brotli, &[]);
        check(Coding::Zstd, &[0x28, 0xb5, 0x2f, 0xfd]);
    }

    #[test]
    fn two_codings_are_two_headers() {
        let answer = Answer::ok("hello").encoded(Coding::Gzip).encoded(Coding::Brotli);
        let body = Coding::Brotli.encode(&Coding::Gzip.encode(b"hello"));
        let expected = Answer::ok(body).header("content-encoding", "gzip").header("content-encoding", "br");
        assert_eq!(answer, expected);
    }
}
