//! Leased rows, between the protocol's words and the engine's.

use akrida_engine::{Lease, Rows};
use akrida_protocol::{RowsUsed, Used};

pub(crate) fn for_engine(rows: akrida_protocol::Rows) -> Rows {
    let lease = |lease: &akrida_protocol::Lease| Lease {
        feeder: lease.feeder.into(),
        number: lease.number,
        from: lease.from,
        until: lease.until,
    };
    Rows::Leased {
        term: rows.term,
        leases: rows.leases.iter().map(lease).collect(),
        ended: rows.ended.into_iter().map(usize::from).collect(),
    }
}

/// What a report says; `closed` when no more will be used.
pub(crate) fn used(term: u64, closed: bool, used: &[akrida_engine::Used]) -> RowsUsed {
    let of_feeder = |used: &akrida_engine::Used| {
        // The engine may answer from before it heard of this term.
        if used.term != term {
            return None;
        }
        // No master leases rows of a feeder that it cannot name.
        let feeder = u16::try_from(used.feeder).ok()?;
        Some((feeder, Used { given: used.given, waiting: used.waiting }))
    };
    RowsUsed { term, closed, feeders: used.iter().filter_map(of_feeder).collect() }
}
