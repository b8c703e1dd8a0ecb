//! What each worker's part is of what the whole fleet divides: rows of data that go round, and starts of open load.
//!
//! Rows go by seats: of n seats, the one numbered i has the rows i, i + n, i + 2n, and so on. A worker keeps its
//! seat as long as it takes part in the run. Rows that are given only once are [leased](crate::leases) instead.

use crate::MasterCore;
use crate::registry::total;
use akrida_dispatch::{Assignment, Worker, place};
use akrida_protocol::{ClassShare, Share};
use akrida_transport::PeerId;
use std::collections::{BTreeMap, BTreeSet};

/// Whether two parts mean the same to a worker. Into how many the rows are divided matters only where there are
/// `rows`.
pub(crate) fn is_same(left: &Share, right: &Share, rows: bool) -> bool {
    left.offset == right.offset && left.users == right.users && (left.stride == right.stride || !rows)
}

impl MasterCore {
    /// Whether a class has open load.
    pub(crate) fn is_open(&self, class: usize) -> bool {
        self.config.open.get(class).is_some_and(Option::is_some)
    }

    /// The parts of all `workers`, with no time in them.
    pub(crate) fn deal(
        &mut self,
        placed: &Assignment<PeerId>,
        workers: &[Worker<PeerId>],
    ) -> BTreeMap<PeerId, Share> {
        self.seat(placed, workers);
        let (seats, first) =
            self.run.as_ref().map_or((1, 1), |run| (run.seats.max(1), run.first_seats.max(1)));
        let mut seated: Vec<(Option<u64>, &PeerId)> = workers
            .iter()
            .map(|worker| (self.registry.get(&worker.id).and_then(|node| node.seat), &worker.id))
            .collect();
        seated.sort();
        let open: Vec<usize> = (0..self.classes.len()).filter(|class| self.is_open(*class)).collect();
        let of = |peer: &PeerId, class: usize| placed.of(peer).get(class).copied().unwrap_or(0);
        let in_fleet: Vec<u64> =
            open.iter().map(|class| workers.iter().map(|worker| of(&worker.id, *class)).sum()).collect();
        let mut before = vec![0; open.len()];
        let mut shares = BTreeMap::new();
        for (seat, peer) in seated {
            let mut users = BTreeMap::new();
            for ((class, before), in_fleet) in open.iter().zip(&mut before).zip(&in_fleet) {
                let here = of(peer, *class);
                // Who has none of a class does not have to be told whenever the others' number changes.
                if here > 0 {
                    let part = ClassShare { before: *before, in_fleet: *in_fleet };
                    users.insert(self.classes[*class].clone(), part);
                    *before += here;
                }
            }
            let share =
                Share { offset: seat.unwrap_or(0), stride: seats, workers: first, elapsed_us: 0, users };
            shares.insert(peer.clone(), share);
        }
        shares
    }

    /// Gives seats to those who have users and no seat. The first time, to all who will have users at the peak of
    /// the run: a ramp must not divide the rows anew with each step.
    fn seat(&mut self, placed: &Assignment<PeerId>, workers: &[Worker<PeerId>]) {
        let Some(run) = &mut self.run else { return };
        let first = run.seats == 0;
        let at_peak = if first {
            place(&Assignment::default(), workers, &self.sequence.totals(run.plan.peak()))
        } else {
            Assignment::default()
        };
        let taken: BTreeSet<u64> = self.registry.nodes().filter_map(|node| node.seat).collect();
        let mut free = (0..).filter(|seat| !taken.contains(seat));
        for Worker { id, .. } in workers {
            let Some(node) = self.registry.get_mut(id).filter(|node| node.seat.is_none()) else { continue };
            if total(placed.of(id)) == 0 && total(at_peak.of(id)) == 0 {
                continue;
            }
            node.seat = free.next();
            run.seats = run.seats.max(node.seat.map_or(0, |seat| seat + 1));
        }
        if first {
            run.first_seats = run.seats;
        }
    }
}
