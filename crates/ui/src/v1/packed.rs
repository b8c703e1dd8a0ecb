//! Pieces of a stream that are compressed once and sent to many.

use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress};

/// A piece, as it is and as whole blocks of deflate (RFC 1951) that refer to nothing before them, so that any
/// sequence of pieces behind [`GZIP_HEAD`] is one stream of gzip.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) plain: Bytes,
    pub(crate) deflated: Bytes,
    crc: Crc,
}

/// How a stream of gzip begins (RFC 1952): no time, no name, of an unknown system.
pub(crate) const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

impl Packed {
    pub(crate) fn new(plain: Vec<u8>) -> Self {
        let mut crc = Crc::new();
        crc.update(&plain);
        let mut compress = Compress::new(Compression::fast(), false);
        let mut deflated = Vec::with_capacity(plain.len() / 4 + 64);
        loop {
            let taken = usize::try_from(compress.total_in()).unwrap_or(plain.len());
            let room = deflated.capacity();
            // It fails only where a stream was ended before.
            let _ = compress.compress_vec(&plain[taken..], &mut deflated, FlushCompress::Full);
            if deflated.len() < room {
                break;
            }
            deflated.reserve(deflated.len());
        }
        Self { plain: plain.into(), deflated: deflated.into(), crc }
    }
}

/// What has been sent, for the end of a stream.
#[derive(Debug, Default)]
pub(crate) struct Sum(Crc);

impl Sum {
    pub(crate) fn add(&mut self, piece: &Packed) {
        self.0.combine(&piece.crc);
    }

    /// The last block, which is empty, and what a reader compares with.
    pub(crate) fn end(&self) -> Bytes {
        let mut end = vec![0x03, 0x00];
        end.extend(self.0.sum().to_le_bytes());
        end.extend(self.0.amount().to_le_bytes());
        end.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn any_sequence_of_pieces_is_one_stream() {
        let text = |seed: usize, length: usize| -> Vec<u8> {
            (0..length).map(|at| b"abcdefgh"[(at * at + seed * at / 7) % 8]).collect()
        };
        let pieces = [text(1, 0), text(2, 5), text(3, 300_000), text(4, 70_000), text(5, 1)].map(Packed::new);
        for order in [vec![0, 1, 2, 3, 4], vec![2, 2, 1], vec![4, 0, 3, 0]] {
            let (mut stream, mut plain, mut sum) = (GZIP_HEAD.to_vec(), Vec::new(), Sum::default());
            for index in order {
                stream.extend_from_slice(&pieces[index].deflated);
                plain.extend_from_slice(&pieces[index].plain);
                sum.add(&pieces[index]);
            }
            stream.extend_from_slice(&sum.end());
            let mut read = Vec::new();
            flate2::read::GzDecoder::new(&stream[..]).read_to_end(&mut read).unwrap();
            assert!(read == plain);
        }
    }
}
