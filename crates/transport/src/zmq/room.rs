//! How many bytes peers may have here.

use crate::limits;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Room for the bodies of frames, from their first byte until the master has read them.
///
/// A body gets room for its whole length before it is read, so that no two that wait for more room can hold up each
/// other. Small and large ones have room of their own: who has room for a body and does not send it must not keep out
/// what is small, and few large ones must not keep out the many.
#[derive(Debug)]
pub(super) struct Room {
    small: Arc<Semaphore>,
    usual: Arc<Semaphore>,
    large: Arc<Semaphore>,
}

impl Room {
    pub(super) fn new() -> Self {
        Self {
            small: Arc::new(Semaphore::new(limits::HELD_SMALL)),
            usual: Arc::new(Semaphore::new(limits::HELD_USUAL)),
            large: Arc::new(Semaphore::new(limits::HELD_LARGE)),
        }
    }

    /// Waits for room for a body of `length` bytes, at most [`limits::FRAME`].
    pub(super) async fn reserve(&self, length: usize) -> Option<Reserved> {
        let room = match length {
            0..=limits::SMALL => &self.small,
            length if length <= limits::USUAL => &self.usual,
            _ => &self.large,
        };
        let bytes = u32::try_from(length + limits::OVERHEAD).ok()?;
        room.clone().acquire_many_owned(bytes).await.ok().map(Reserved)
    }
}

/// Room that is given back when this is dropped.
#[derive(Debug)]
pub(super) struct Reserved(#[expect(dead_code, reason = "it is held, not read")] OwnedSemaphorePermit);

impl Reserved {
    /// The body as a frame, which keeps its room for as long as anybody has it.
    pub(super) fn fill(self, body: Vec<u8>) -> Bytes {
        Bytes::from_owner(Body { body, _room: self })
    }
}

struct Body {
    body: Vec<u8>,
    _room: Reserved,
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

/// How long a peer may take to send a body that has room: who takes longer keeps it from others.
pub(super) fn patience(length: usize) -> Duration {
    limits::BODY + Duration::from_secs((length / limits::SLOWEST) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn room_comes_back_when_the_last_copy_of_a_frame_is_gone() {
        let room = Room::new();
        let reserved = room.reserve(10).await.unwrap();
        let frame = reserved.fill(vec![7; 10]);
        let copy = frame.slice(2..4);
        drop(frame);
        assert_eq!(room.small.available_permits(), limits::HELD_SMALL - 10 - limits::OVERHEAD);
        assert_eq!(copy, [7, 7][..]);
        drop(copy);
        assert_eq!(room.small.available_permits(), limits::HELD_SMALL);
    }

    #[tokio::test]
    async fn who_claims_room_and_sends_nothing_does_not_keep_out_what_is_small() {
        let room = Room::new();
        let mut claimed = Vec::new();
        while room.usual.available_permits() >= limits::USUAL + limits::OVERHEAD {
            claimed.push(room.reserve(limits::USUAL).await.unwrap());
        }
        assert!(room.reserve(limits::SMALL).await.is_some());
    }

    #[tokio::test]
    async fn large_frames_take_no_room_from_others() {
        let room = Room::new();
        let mut large = Vec::new();
        while room.large.available_permits() >= limits::FRAME + limits::OVERHEAD {
            large.push(room.reserve(limits::FRAME).await.unwrap());
        }
        assert!(large.len() >= 2, "more than one at once");
        assert!(room.reserve(limits::USUAL).await.is_some());
    }
}
