//! Who runs whom, with as few moves as possible.

use crate::flow::Network;
use crate::limits::USERS;
use crate::share::{Share, rows, shares};
use crate::spread::{Table, spread};
use std::collections::BTreeMap;

/// Users of each worker, by class in the caller's order of classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment<Id: Ord>(pub BTreeMap<Id, Vec<u64>>);

impl<Id: Ord> Default for Assignment<Id> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<Id: Ord> Assignment<Id> {
    /// Users of one worker, by class; empty if it is not in the assignment.
    #[must_use]
    pub fn of(&self, worker: &Id) -> &[u64] {
        self.0.get(worker).map_or(&[], Vec::as_slice)
    }

    /// Users in all.
    #[must_use]
    pub fn users(&self) -> u64 {
        self.0.values().flatten().sum()
    }
}

/// A live worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker<Id> {
    /// Who.
    pub id: Id,
    /// How much it can do compared with the others, such as its cores; `None` if it did not say. Users are
    /// divided by capacity if all workers say theirs, and evenly otherwise.
    pub capacity: Option<u64>,
}

/// The new assignment of users to `workers`, of which class c has `totals[c]` in all, at most [`USERS`] together.
/// Empty without workers.
///
/// Each worker gets its share of users, rounded up or down. Under that condition as few users as possible are
/// stopped on one worker to be started on another: no assignment has more in common with `present`. As far as
/// that leaves a choice, each worker gets each class's share, and where shares are rounded, workers that have
/// users to keep come first, then those that come first in `workers` (see [`worker_order`](crate::worker_order)).
#[must_use]
pub fn place<Id: Ord + Clone>(
    present: &Assignment<Id>,
    workers: &[Worker<Id>],
    totals: &[u64],
) -> Assignment<Id> {
    if workers.is_empty() {
        return Assignment::default();
    }
    let present = table_of(present, workers, totals.len());
    let table = place_table(&present, &capacities(workers), totals);
    let rows = workers.iter().enumerate().map(|(at, worker)| (worker.id.clone(), table.row(at).to_vec()));
    Assignment(rows.collect())
}

fn table_of<Id: Ord>(assignment: &Assignment<Id>, workers: &[Worker<Id>], classes: usize) -> Table {
    let mut table = Table::new(workers.len(), classes);
    for (at, worker) in workers.iter().enumerate() {
        for (cell, count) in table.row_mut(at).iter_mut().zip(assignment.of(&worker.id)) {
            // Whoever says that it has more than a run may have keeps no more for that.
            *cell = (*count).min(USERS);
        }
    }
    table
}

fn capacities<Id>(workers: &[Worker<Id>]) -> Vec<u64> {
    let told: Option<Vec<u64>> =
        workers.iter().map(|worker| worker.capacity.map(|told| told.max(1))).collect();
    told.unwrap_or_else(|| vec![1; workers.len()])
}

fn place_table(present: &Table, capacities: &[u64], totals: &[u64]) -> Table {
    let workers = capacities.len();
    let has = present.rows(workers);
    let (shares, more) = shares(totals.iter().sum(), capacities);
    let wanted_rows = rows(&shares, more, &has);
    let fits = |have: &[u64], wanted: &[u64]| have.iter().zip(wanted).all(|(have, wanted)| have <= wanted);
    let mut table = if fits(&has, &wanted_rows) && fits(&present.columns(), totals) {
        // A ramp upwards: everybody stays.
        present.clone()
    } else {
        kept(present, &shares, more, &wanted_rows, totals)
    };
    let wanted_rows = rows(&shares, more, &table.rows(workers));
    spread(&mut table, &wanted_rows, totals);
    table
}

/// The most users who can stay where they are. Begins with those of them who fit an even spread, so that those who
/// must go are spread too.
fn kept(present: &Table, shares: &[Share], more: u64, wanted_rows: &[u64], totals: &[u64]) -> Table {
    let mut kept = Table::new(shares.len(), totals.len());
    spread(&mut kept, wanted_rows, totals);
    for (cell, present) in kept.cells.iter_mut().zip(&present.cells) {
        *cell = (*cell).min(*present);
    }
    keep_what_fits(&mut kept, present, wanted_rows, totals);
    keep_most(&mut kept, present, shares, more, totals);
    kept
}

/// Keeps more of who is there, wherever both sums leave room. The rest takes rerouting, which costs more.
fn keep_what_fits(kept: &mut Table, present: &Table, rows: &[u64], totals: &[u64]) {
    let mut class_room: Vec<u64> =
        totals.iter().zip(kept.columns()).map(|(total, has)| total - has).collect();
    for (worker, row) in rows.iter().enumerate() {
        let cells = kept.row_mut(worker);
        let mut room = row - cells.iter().sum::<u64>();
        for (class, cell) in cells.iter_mut().enumerate() {
            let some = room.min(class_room[class]).min(present.row(worker)[class] - *cell);
            *cell += some;
            room -= some;
            class_room[class] -= some;
        }
    }
}

/// Keeps as many as can be kept at all, some instead of others: the largest flow from workers, each with its share,
/// to classes, each with its total.
fn keep_most(kept: &mut Table, present: &Table, shares: &[Share], more: u64, totals: &[u64]) {
    // Workers, classes, then the source, the sink, and the node that hands out the `more`.
    let (workers, nodes) = (shares.len(), shares.len() + totals.len());
    let (source, sink, extra) = (nodes, nodes + 1, nodes + 2);
    let mut network = Network::new(nodes + 3);
    let mut handed_out = 0;
    for (worker, (share, has)) in shares.iter().zip(kept.rows(workers)).enumerate() {
        let least = has.min(share.least);
        network.edge(source, worker, least, share.least - least);
        if share.may_have_one_more {
            handed_out += has - least;
            network.edge(extra, worker, has - least, 1 - (has - least));
        }
    }
    network.edge(source, extra, handed_out, more - handed_out);
    for (class, (total, has)) in totals.iter().zip(kept.columns()).enumerate() {
        network.edge(workers + class, sink, has, total - has);
    }
    let mut edges = Vec::with_capacity(kept.cells.len());
    for (at, (kept, present)) in kept.cells.iter().zip(&present.cells).enumerate() {
        if *present > 0 {
            let (worker, class) = (at / totals.len(), at % totals.len());
            edges.push((at, network.edge(worker, workers + class, *kept, present - kept)));
        }
    }
    network.maximise(source, sink);
    for (at, edge) in edges {
        kept.cells[at] = network.flow(edge);
    }
}
