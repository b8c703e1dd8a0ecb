//! Reading frames.

use super::frames::Frames;
use super::{Tried, used};
use crate::simulation::sample;
use akrida_protocol::{ToMaster, ToWorker};
use fastrand::Rng;
use std::sync::LazyLock;

/// Frames of one case.
const FRAMES: u64 = 2_000;

static FRAMES_OF_ALL: LazyLock<Frames> =
    LazyLock::new(|| Frames::new(sample(), vec!["another".to_owned()], &["Reader", "User"]));

/// Reads hostile frames in both directions. What is understood can be said again, and then means the same.
///
/// # Panics
/// When that does not hold.
#[must_use]
pub fn decode(seed: u64) -> Tried {
    let mut rng = Rng::with_seed(seed);
    let mut tried = Tried::default();
    for _ in 0..FRAMES {
        let frame =
            if rng.bool() { FRAMES_OF_ALL.to_master(&mut rng) } else { FRAMES_OF_ALL.to_worker(&mut rng) };
        let began = used();
        // Each frame in both directions: a master may be sent what is meant for workers.
        let to_master = again(&frame, |frame| {
            ToMaster::decode(frame).ok().map(|read| (read.message.encode(&read.node_id), read.message))
        });
        let to_worker = again(&frame, |frame| {
            ToWorker::decode(frame).ok().map(|read| (read.message.encode(&read.node_id), read.message))
        });
        if let Some((first, second)) = &to_worker {
            // By their texts: what is no number does not equal itself. Rounded reports may be rounded again.
            assert_eq!(format!("{first:?}"), format!("{second:?}"));
        }
        tried += Tried {
            frames: 1,
            understood: u64::from(to_master.is_some() || to_worker.is_some()),
            slowest: used() - began,
        };
    }
    tried
}

/// What a frame means, as it is said again, and said once more: only the first time may round what another encoder
/// wrote more finely.
fn again<M, B: AsRef<[u8]>>(frame: &[u8], read: impl Fn(&[u8]) -> Option<(B, M)>) -> Option<(M, M)> {
    let (said, _) = read(frame)?;
    let (again, second) = read(said.as_ref()).expect("what we say is understood");
    let (_, third) = read(again.as_ref()).expect("what we say is understood");
    Some((second, third))
}
