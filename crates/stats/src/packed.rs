//! Measurements as bytes, for whoever keeps them. What is read is put in order as what comes from elsewhere is: no
//! file makes a histogram that could not be recorded.

use crate::histogram::{bucket, value};
use crate::{ErrorKey, ErrorRow, Errors, PerSecond, SecondCounts, Sparse};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Histograms are most of it, so they are packed: for each bucket how many buckets it lies behind the one before,
/// twice, plus one where a count follows; else the count is one. Numbers are base-128 with the lowest seven bits
/// first. One to four bytes for a bucket.
impl Serialize for Sparse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::with_capacity(2 * self.buckets().len());
        let mut previous = 0;
        for &(us, count) in self.buckets() {
            let bucket = bucket(us);
            push(&mut bytes, (bucket - previous) << 1 | u64::from(count != 1));
            if count != 1 {
                push(&mut bytes, count);
            }
            previous = bucket;
        }
        serializer.serialize_bytes(&bytes)
    }
}

impl<'de> Deserialize<'de> for Sparse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(Packed)
    }
}

struct Packed;

impl Visitor<'_> for Packed {
    type Value = Sparse;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes of a histogram")
    }

    fn visit_bytes<E: Error>(self, mut bytes: &[u8]) -> Result<Sparse, E> {
        let mut buckets = Vec::new();
        let mut bucket = 0_u64;
        while !bytes.is_empty() {
            let cut = || E::custom("the bytes of a histogram end too early");
            let step = take(&mut bytes).ok_or_else(cut)?;
            bucket = bucket.saturating_add(step >> 1);
            let count = if step & 1 == 0 { 1 } else { take(&mut bytes).ok_or_else(cut)? };
            buckets.push((value(bucket), count));
        }
        Ok(Sparse::from_buckets(buckets))
    }
}

fn push(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

impl From<PerSecond> for Vec<(u64, u64, u64)> {
    fn from(seconds: PerSecond) -> Self {
        let row = |(second, counts): &(u64, SecondCounts)| (*second, counts.requests, counts.failures);
        seconds.seconds().iter().map(row).collect()
    }
}

impl From<Vec<(u64, u64, u64)>> for PerSecond {
    fn from(mut rows: Vec<(u64, u64, u64)>) -> Self {
        rows.sort_unstable();
        let second = |(second, requests, failures)| (second, SecondCounts { requests, failures });
        Self::from_seconds(rows.into_iter().map(second))
    }
}

impl From<Errors> for Vec<(ErrorKey, ErrorRow)> {
    fn from(errors: Errors) -> Self {
        errors.iter().map(|(key, row)| (key.clone(), *row)).collect()
    }
}

impl From<Vec<(ErrorKey, ErrorRow)>> for Errors {
    fn from(rows: Vec<(ErrorKey, ErrorRow)>) -> Self {
        let mut errors = Self::default();
        rows.into_iter().for_each(|(key, row)| errors.add(key, row));
        errors
    }
}
