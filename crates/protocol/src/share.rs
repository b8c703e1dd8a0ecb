//! A worker's part of what the whole fleet divides: rows of data that go round, and starts of open load.

use crate::error::{At, Problem, Read, required};
use crate::limits;
use crate::reader::Reader;
use crate::to_master::read_by_class;
use crate::writer::Writer;
use std::collections::BTreeMap;

/// A worker's part of what the whole fleet divides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The first row that this worker takes of each source of data that goes round; below `stride`.
    pub offset: u64,
    /// Rows from one to its next, 1 to [`limits::STRIDE`].
    pub stride: u64,
    /// How many workers shared the run when it began, 1 to [`limits::STRIDE`]; the same for all of its time.
    pub workers: u64,
    /// How long the run has gone on, microseconds.
    pub elapsed_us: u64,
    /// Users by class, of those classes whose starts the fleet divides.
    pub users: BTreeMap<String, ClassShare>,
}

/// Where a worker's users of a class stand among all of the fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassShare {
    /// Users of the class on the workers before this one.
    pub before: u64,
    /// Users of the class on all workers.
    pub in_fleet: u64,
}

pub(crate) fn write(writer: &mut Writer, share: &Share) {
    writer.map(5);
    for (name, number) in [
        ("offset", share.offset),
        ("stride", share.stride),
        ("workers", share.workers),
        ("elapsed_us", share.elapsed_us),
    ] {
        writer.text(name);
        writer.uint(number.min(limits::COUNT));
    }
    writer.text("users");
    writer.map(share.users.len());
    for (class, ClassShare { before, in_fleet }) in &share.users {
        writer.text(class);
        writer.array(2);
        [before, in_fleet].into_iter().for_each(|users| writer.uint(*users.min(&limits::COUNT)));
    }
}

pub(crate) fn read(reader: &mut Reader<'_>) -> Read<Share> {
    let (mut offset, mut stride, mut workers, mut elapsed_us) = (None, None, 1, None);
    let mut users = BTreeMap::new();
    reader.fields(|name, reader| {
        match name {
            "offset" => offset = Some(reader.count()?),
            "stride" => stride = Some(read_stride(reader)?),
            "workers" => workers = read_stride(reader)?,
            "elapsed_us" => elapsed_us = Some(reader.count()?),
            "users" => users = read_by_class(reader, read_class)?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    let (offset, stride) = (required(offset, "offset")?, required(stride, "stride")?);
    if offset >= stride {
        let found = format!("{offset} of {stride}");
        return Err(Problem::Range { wanted: "an offset below the stride", found }.into());
    }
    Ok(Share { offset, stride, workers, elapsed_us: required(elapsed_us, "elapsed_us")?, users })
}

fn read_stride(reader: &mut Reader<'_>) -> Read<u64> {
    match reader.count()? {
        stride @ 1..=limits::STRIDE => Ok(stride),
        other => Err(Problem::Range { wanted: "a stride", found: other.to_string() }.into()),
    }
}

fn read_class(reader: &mut Reader<'_>) -> Read<ClassShare> {
    let [before, in_fleet] = reader.tuple(Reader::count)?;
    Ok(ClassShare { before, in_fleet })
}

/// Refuses more users than there are in the fleet: those before, and those of this job.
pub(crate) fn check(share: &Share, here: &BTreeMap<String, u64>) -> Read<()> {
    share.users.iter().try_for_each(|(class, part)| {
        let here = here.get(class).copied().unwrap_or(0);
        if part.before.saturating_add(here) <= part.in_fleet {
            return Ok(());
        }
        let found = format!("{} before and {here} here of {}", part.before, part.in_fleet);
        Err(Problem::Range { wanted: "a part of the fleet's users", found }.into()).at(class).at("users")
    })
}
