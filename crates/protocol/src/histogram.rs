//! A histogram's two forms on the wire: exact for Akrida, rounded milliseconds for Locust.

use crate::error::{Problem, Read};
use crate::limits;
use crate::reader::Reader;
use crate::writer::Writer;
use akrida_stats::Sparse;

/// Writes the exact form: for each bucket the distance from the one before in microseconds and the count, both
/// as base-128 numbers with the lowest seven bits first. Two to five bytes for a bucket.
pub(crate) fn write_exact(writer: &mut Writer, times: &Sparse) {
    let mut bytes = Vec::with_capacity(4 * times.buckets().len());
    let mut previous = 0;
    for &(us, count) in times.buckets() {
        push_varint(&mut bytes, us - previous);
        push_varint(&mut bytes, count.min(limits::COUNT));
        previous = us;
    }
    writer.blob(&bytes);
}

/// Reads what [`write_exact`] wrote.
pub(crate) fn read_exact(reader: &mut Reader<'_>) -> Read<Sparse> {
    let mut bytes = reader.blob()?;
    // A bucket takes two bytes at least, three as a rule.
    let mut buckets = Vec::with_capacity((bytes.len() / 3 + 1).min(limits::BUCKETS));
    let mut us = 0_u64;
    while !bytes.is_empty() {
        if buckets.len() == limits::BUCKETS {
            return Err(Problem::TooMany { limit: limits::BUCKETS, unit: "buckets" }.into());
        }
        us = us.saturating_add(take_varint(&mut bytes)?);
        let count = take_varint(&mut bytes)?;
        if count > limits::COUNT {
            return Err(Problem::Range { wanted: "a count", found: count.to_string() }.into());
        }
        buckets.push((us, count));
    }
    Ok(Sparse::from_buckets(buckets))
}

fn push_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn take_varint(bytes: &mut &[u8]) -> Read<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or(Problem::Truncated)?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(Problem::Range { wanted: "a number of 64 bits", found: "a longer one".to_owned() }.into())
}

/// Writes Locust's form: counts by rounded milliseconds.
pub(crate) fn write_rounded(writer: &mut Writer, times: &Sparse) {
    let mut rounded: Vec<(u64, u64)> = Vec::new();
    for &(us, count) in times.buckets() {
        let ms = locust_ms(us);
        match rounded.last_mut() {
            Some((last, sum)) if *last == ms => *sum = sum.saturating_add(count),
            _ => rounded.push((ms, count)),
        }
    }
    writer.map(rounded.len());
    for (ms, count) in rounded {
        writer.uint(ms);
        writer.uint(count.min(limits::COUNT));
    }
}

/// Reads Locust's form.
pub(crate) fn read_rounded(reader: &mut Reader<'_>) -> Read<Sparse> {
    let len = reader.map(limits::BUCKETS, "response times")?;
    let mut buckets = Vec::new();
    for _ in 0..len {
        let ms = reader.integer_key(limits::TIME_US / 1_000)?;
        buckets.push((ms * 1_000, reader.count()?));
    }
    Ok(Sparse::from_buckets(buckets))
}

/// Locust's rounding of a response time: to whole milliseconds below 100 ms, to two significant digits up to
/// 10 s, to whole seconds above; halves go to the even neighbour, as in Python.
fn locust_ms(us: u64) -> u64 {
    let step_ms = match us {
        0..100_000 => 1,
        100_000..1_000_000 => 10,
        1_000_000..10_000_000 => 100,
        _ => 1_000,
    };
    let step_us = step_ms * 1_000;
    let (steps, rest) = (us / step_us, us % step_us);
    let up = rest * 2 > step_us || (rest * 2 == step_us && steps % 2 == 1);
    (steps + u64::from(up)) * step_ms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_as_locust_rounds() {
        for (us, ms) in [
            (0, 0),
            (499, 0),
            (500, 0),
            (501, 1),
            (1_500, 2),
            (2_500, 2),
            (99_400, 99),
            (99_600, 100),
            (104_999, 100),
            (105_000, 100),
            (115_000, 120),
            (147_000, 150),
            (995_000, 1_000),
            (3_432_000, 3_400),
            (58_760_000, 59_000),
        ] {
            assert_eq!(locust_ms(us), ms, "{us} us");
        }
    }
}
