//! How many bytes peers may have here.

use crate::limits;
use bytes::Bytes;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Room for the bodies of frames, from their first bytes until the master has read them.
///
/// A body gets room for its whole length before it is read, so that no two that wait for more room can hold up each
/// other. Small and large ones have room of their own: who has room for a body and does not send it must not keep out
/// what is small, and few large ones must not keep out the many. And an address has a share of each, of which the
/// others' claims take nothing.
#[derive(Debug)]
pub(super) struct Room {
    all: Sizes,
    addresses: Arc<Addresses>,
}

/// The shares of addresses, for as long as a connection or a frame has a part of them.
#[derive(Debug, Default)]
struct Addresses(Mutex<HashMap<IpAddr, Weak<Own>>>);

/// What an address may have.
#[derive(Debug)]
struct Own {
    address: IpAddr,
    sizes: Sizes,
    addresses: Arc<Addresses>,
}

/// Room by the size of bodies.
#[derive(Debug)]
struct Sizes {
    small: Arc<Semaphore>,
    usual: Arc<Semaphore>,
    large: Arc<Semaphore>,
}

impl Sizes {
    /// One part of so many.
    fn part(parts: usize) -> Self {
        let room = |bytes: usize| Arc::new(Semaphore::new(bytes / parts));
        Self {
            small: room(limits::HELD_SMALL),
            usual: room(limits::HELD_USUAL),
            large: room(limits::HELD_LARGE),
        }
    }

    fn of(&self, length: usize) -> &Arc<Semaphore> {
        match length {
            0..=limits::SMALL => &self.small,
            length if length <= limits::USUAL => &self.usual,
            _ => &self.large,
        }
    }

    /// Whether bodies of this length may have to wait.
    fn is_short(&self, length: usize, parts: usize) -> bool {
        let whole = match length {
            0..=limits::SMALL => limits::HELD_SMALL,
            length if length <= limits::USUAL => limits::HELD_USUAL,
            _ => limits::HELD_LARGE,
        };
        self.of(length).available_permits() < whole / parts / 2
    }
}

impl Room {
    pub(super) fn new() -> Self {
        Self { all: Sizes::part(1), addresses: Arc::default() }
    }

    /// The share of a connection from `address`.
    pub(super) fn share(&self, address: IpAddr) -> Share<'_> {
        let address = house(address);
        let mut shares = self.addresses.lock();
        let own = shares.get(&address).and_then(Weak::upgrade).unwrap_or_else(|| {
            let sizes = Sizes::part(limits::ADDRESSES);
            let own = Arc::new(Own { address, sizes, addresses: self.addresses.clone() });
            shares.insert(address, Arc::downgrade(&own));
            own
        });
        Share { all: &self.all, own }
    }
}

impl Addresses {
    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, Weak<Own>>> {
        // Nothing panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
impl Share<'_> {
    /// Whether somebody of this address has room for a body such as this one.
    pub(super) fn has_given(&self, length: usize) -> bool {
        let whole = Sizes::part(limits::ADDRESSES);
        self.own.sizes.of(length).available_permits() < whole.of(length).available_permits()
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let mut shares = self.addresses.lock();
        // Another connection may have begun anew meanwhile.
        if shares.get(&self.address).is_some_and(|own| own.strong_count() == 0) {
            shares.remove(&self.address);
        }
    }
}

/// What one who has `address` can have any other of: a whole network of IPv6 belongs to one host.
fn house(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address => address,
    }
}

/// The room that a connection may use, with all others from its address.
#[derive(Debug)]
pub(super) struct Share<'a> {
    all: &'a Sizes,
    own: Arc<Own>,
}

impl Share<'_> {
    /// Waits for room for a body of `length` bytes, at most [`limits::FRAME`].
    pub(super) async fn reserve(&self, length: usize) -> Option<Reserved> {
        let bytes = u32::try_from(length + limits::OVERHEAD).ok()?;
        // In this order: who waits for its address takes nothing from others.
        let own = self.own.sizes.of(length).clone().acquire_many_owned(bytes).await.ok()?;
        let all = self.all.of(length).clone().acquire_many_owned(bytes).await.ok()?;
        Some(Reserved { _room: [own, all], _own: self.own.clone() })
    }

    /// Whether others may wait for room for bodies such as this one.
    pub(super) fn is_short(&self, length: usize) -> bool {
        self.own.sizes.is_short(length, limits::ADDRESSES) || self.all.is_short(length, 1)
    }
}

/// Room that is given back when this is dropped.
#[derive(Debug)]
pub(super) struct Reserved {
    _room: [OwnedSemaphorePermit; 2],
    _own: Arc<Own>,
}

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
    use std::net::Ipv4Addr;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
    const THERE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));

    /// Claims room for bodies of `length` bytes, as much as there is for one address.
    async fn claim_all(share: &Share<'_>, length: usize) -> Vec<Reserved> {
        let mut claimed = Vec::new();
        while share.own.sizes.of(length).available_permits() >= length + limits::OVERHEAD {
            claimed.push(share.reserve(length).await.unwrap());
        }
        claimed
    }

    #[tokio::test]
    async fn room_comes_back_when_the_last_copy_of_a_frame_is_gone() {
        let room = Room::new();
        let share = room.share(HERE);
        let frame = share.reserve(10).await.unwrap().fill(vec![7; 10]);
        let copy = frame.slice(2..4);
        drop(frame);
        for (sizes, whole) in
            [(&room.all, limits::HELD_SMALL), (&share.own.sizes, limits::HELD_SMALL / limits::ADDRESSES)]
        {
            assert_eq!(sizes.small.available_permits(), whole - 10 - limits::OVERHEAD);
        }
        assert_eq!(copy, [7, 7][..]);
        drop(copy);
        assert_eq!(room.all.small.available_permits(), limits::HELD_SMALL);
    }

    #[tokio::test]
    async fn who_claims_room_and_sends_nothing_does_not_keep_out_what_is_small_nor_who_is_elsewhere() {
        let room = Room::new();
        let share = room.share(HERE);
        assert!(!share.is_short(limits::USUAL));
        let claimed = claim_all(&share, limits::USUAL).await;
        assert!(share.is_short(limits::USUAL) && !share.is_short(limits::SMALL));
        assert!(share.reserve(limits::SMALL).await.is_some());
        let elsewhere = room.share(THERE);
        assert!(elsewhere.reserve(limits::USUAL).await.is_some());
        assert!(claimed.len() > 50, "many at once");
    }

    #[tokio::test]
    async fn large_frames_take_no_room_from_others() {
        let room = Room::new();
        let share = room.share(HERE);
        let large = claim_all(&share, limits::FRAME).await;
        assert!(large.len() >= 2, "more than one at once");
        assert!(share.reserve(limits::USUAL).await.is_some());
    }

    #[tokio::test]
    async fn addresses_are_remembered_while_somebody_has_them() {
        let room = Room::new();
        let mapped: IpAddr = "::ffff:10.0.0.1".parse().unwrap();
        let near: [IpAddr; 2] = ["2001:db8::1", "2001:db8::2"].map(|address| address.parse().unwrap());
        let shares = [HERE, mapped, THERE, near[0], near[1]].map(|address| room.share(address));
        assert_eq!(room.addresses.lock().len(), 3);
        assert!(Arc::ptr_eq(&shares[0].own, &shares[1].own) && Arc::ptr_eq(&shares[3].own, &shares[4].own));
        let frame = shares[2].reserve(1).await.unwrap().fill(vec![7]);
        drop(shares);
        assert_eq!(room.addresses.lock().len(), 1, "a frame waits for the master");
        drop(frame);
        assert_eq!(room.addresses.lock().len(), 0);
    }
}
