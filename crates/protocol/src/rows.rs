//! Rows of data that are given only once in the whole fleet: leased to workers, and reported as they are used up.
//!
//! Both directions tell how things are, not what has changed, so that a message may be lost or come twice.

use crate::error::{Problem, Read, required};
use crate::limits;
use crate::reader::Reader;
use crate::writer::Writer;
use std::collections::BTreeMap;

/// What a worker has of such rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Another number than before voids all that was leased before.
    pub term: u64,
    /// All leases of this term that are not known to be used up, in ascending order of their numbers.
    pub leases: Vec<Lease>,
    /// Sources of which no more rows will come.
    pub ended: Vec<u16>,
}

/// Rows `from..until` of a source, for one worker alone. Rows are counted over and over: of 10 rows, 23 is the fourth
/// in its third round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The source, by its place among those of the scenario.
    pub feeder: u16,
    /// Larger than that of any lease before. Leases are used up in this order.
    pub number: u64,
    /// The first row.
    pub from: u64,
    /// The row behind the last one, above `from`.
    pub until: u64,
}

/// How far a worker has used up what is leased to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowsUsed {
    /// That of the [`Rows`] that were used.
    pub term: u64,
    /// Whether no more of them will be used: all users have stopped.
    pub closed: bool,
    /// By source.
    pub feeders: BTreeMap<u16, Used>,
}

/// How far a worker has used up what is leased to it of one source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Rows given in this term.
    pub given: u64,
    /// Users that wait for one.
    pub waiting: u64,
}

pub(crate) fn write(writer: &mut Writer, rows: &Rows) {
    writer.map(3);
    writer.text("term");
    writer.uint(rows.term);
    writer.text("leases");
    writer.array(rows.leases.len());
    for Lease { feeder, number, from, until } in &rows.leases {
        writer.array(4);
        [u64::from(*feeder), *number, *from, *until].into_iter().for_each(|part| writer.uint(part));
    }
    writer.text("ended");
    writer.array(rows.ended.len());
    rows.ended.iter().for_each(|feeder| writer.uint((*feeder).into()));
}

pub(crate) fn read(reader: &mut Reader<'_>) -> Read<Rows> {
    let (mut term, mut leases, mut ended) = (None, Vec::new(), Vec::new());
    reader.fields(|name, reader| {
        match name {
            "term" => term = Some(reader.count()?),
            "leases" => reader.elements(limits::LEASES, "leases", |reader| {
                leases.push(read_lease(reader)?);
                Ok(())
            })?,
            "ended" => reader.elements(limits::FEEDERS, "sources of rows", |reader| {
                ended.push(reader.small()?);
                Ok(())
            })?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(Rows { term: required(term, "term")?, leases, ended })
}

fn read_lease(reader: &mut Reader<'_>) -> Read<Lease> {
    let parts = reader.tuple(Reader::count)?;
    let [feeder, number, from, until] = parts;
    match u16::try_from(feeder) {
        Ok(feeder) if from < until => Ok(Lease { feeder, number, from, until }),
        _ => Err(Problem::Range { wanted: "a lease", found: format!("{parts:?}") }.into()),
    }
}

pub(crate) fn write_used(writer: &mut Writer, used: &RowsUsed) {
    writer.map(3);
    writer.text("term");
    writer.uint(used.term);
    writer.text("closed");
    writer.boolean(used.closed);
    writer.text("feeders");
    writer.array(used.feeders.len());
    for (feeder, Used { given, waiting }) in &used.feeders {
        writer.array(3);
        writer.uint((*feeder).into());
        [given, waiting].into_iter().for_each(|count| writer.uint(*count.min(&limits::COUNT)));
    }
}

pub(crate) fn read_used(reader: &mut Reader<'_>) -> Read<RowsUsed> {
    let (mut term, mut closed, mut feeders) = (None, false, BTreeMap::new());
    reader.fields(|name, reader| {
        match name {
            "term" => term = Some(reader.count()?),
            "closed" => closed = reader.boolean()?,
            "feeders" => reader.elements(limits::FEEDERS, "sources of rows", |reader| {
                let parts = reader.tuple(Reader::count)?;
                let [feeder, given, waiting] = parts;
                let Ok(feeder) = u16::try_from(feeder) else {
                    let found = format!("{parts:?}");
                    return Err(Problem::Range { wanted: "a count of rows", found }.into());
                };
                feeders.insert(feeder, Used { given, waiting });
                Ok(())
            })?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(RowsUsed { term: required(term, "term")?, closed, feeders })
}
