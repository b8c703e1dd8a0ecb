//! Reports that are acknowledged. Akrida's workers keep a report until their master says that it has it, and send it
//! again if that takes long; numbers keep it from counting twice. Locust's reports are counted as they come.

use crate::error::{Problem, Read};
use crate::limits;
use crate::reader::Reader;
use crate::writer::Writer;

/// What a worker says with a report that it keeps until the master has it. Such reports are merged in the order of
/// their numbers, without a gap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The newest number that was acknowledged when the report was made: a master that does not know this process
    /// begins to count behind it.
    pub acknowledged: u64,
    /// Whether the worker waits for it, and does not go on before it knows.
    pub at_once: bool,
}

/// How many reports of a worker's process the master has: all up to this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// [`StatsReport::process`](crate::StatsReport::process) of these reports.
    pub process: u64,
    /// The number of the newest one.
    pub sequence: u64,
}

pub(crate) fn write_receipt(writer: &mut Writer, receipt: Receipt) {
    writer.array(2);
    writer.uint(receipt.acknowledged.min(limits::COUNT));
    writer.boolean(receipt.at_once);
}

pub(crate) fn read_receipt(reader: &mut Reader<'_>) -> Read<Receipt> {
    let found = reader.array(2, "elements")?;
    if found < 2 {
        return Err(Problem::Elements { wanted: 2, found: found as u32 }.into());
    }
    Ok(Receipt { acknowledged: reader.count()?, at_once: reader.boolean()? })
}

pub(crate) fn write(writer: &mut Writer, acknowledged: Acknowledged) {
    writer.array(2);
    [acknowledged.process, acknowledged.sequence]
        .into_iter()
        .for_each(|part| writer.uint(part.min(limits::COUNT)));
}

pub(crate) fn read(reader: &mut Reader<'_>) -> Read<Acknowledged> {
    let [process, sequence] = reader.tuple(Reader::count)?;
    Ok(Acknowledged { process, sequence })
}
