//! How a worker is, once a second.

use crate::error::{Read, required};
use crate::reader::Reader;
use crate::receipt::{self, Acknowledged};
use crate::writer::Writer;
use crate::{AKRIDA, limits};

/// The key of [`Echo::acknowledged`].
const ACKNOWLEDGED: &str = "akrida_ack";

/// What a worker says it does. Locust's master keeps whatever text comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkerState {
    /// Without users.
    Ready,
    /// Starting or stopping users.
    Spawning,
    /// All users at work.
    Running,
    /// Anything else.
    Other(String),
}

impl WorkerState {
    /// Locust's word for it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Ready => "ready",
            Self::Spawning => "spawning",
            Self::Running => "running",
            Self::Other(state) => state,
        }
    }
}

impl From<&str> for WorkerState {
    fn from(state: &str) -> Self {
        match state {
            "ready" => Self::Ready,
            "spawning" => Self::Spawning,
            "running" => Self::Running,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// What only Akrida's workers tell in a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AkridaHeartbeat {
    /// Cores that users run on.
    pub cores: u16,
    /// How late the worker started what it should have started since the last heartbeat: 95th percentile,
    /// microseconds.
    pub lag_p95_us: u64,
    /// The same: longest, microseconds.
    pub lag_max_us: u64,
    /// When it was sent, unix microseconds by the worker's clock.
    pub sent_at_us: u64,
    /// How far the worker's clock is ahead of the master's, microseconds, below 0 if it is behind; its figures are
    /// corrected by that already. `None` before it knows.
    pub clock_ahead_us: Option<i64>,
}

/// What an Akrida master adds to its answer to the heartbeat of an Akrida worker, which compares clocks by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Echo {
    /// [`AkridaHeartbeat::sent_at_us`] of what it answers.
    pub sent_at_us: u64,
    /// When it answered, unix microseconds by the master's clock.
    pub master_us: u64,
    /// What the master has of the worker's reports; `None` while it has none.
    pub acknowledged: Option<Acknowledged>,
}

pub(crate) fn write_echo(writer: &mut Writer, echo: Option<&Echo>) {
    let Some(Echo { sent_at_us, master_us, acknowledged }) = echo else { return writer.nil() };
    writer.map(1 + usize::from(acknowledged.is_some()));
    if let Some(acknowledged) = acknowledged {
        writer.text(ACKNOWLEDGED);
        receipt::write(writer, *acknowledged);
    }
    writer.text(AKRIDA);
    writer.array(2);
    [sent_at_us, master_us].into_iter().for_each(|time| writer.uint(*time.min(&limits::COUNT)));
}

pub(crate) fn read_echo(reader: &mut Reader<'_>) -> Read<Option<Echo>> {
    let (mut times, mut acknowledged) = (None, None);
    reader.optional(|reader| {
        reader.fields(|name, reader| {
            match name {
                AKRIDA => times = Some(reader.tuple(Reader::count)?),
                ACKNOWLEDGED => acknowledged = Some(receipt::read(reader)?),
                _ => reader.skip()?,
            }
            Ok(())
        })
    })?;
    Ok(times.map(|[sent_at_us, master_us]| Echo { sent_at_us, master_us, acknowledged }))
}

/// A heartbeat's data: state, CPU in percent of one core, memory in bytes, additions.
pub(crate) type Heartbeat = (WorkerState, f64, u64, Option<AkridaHeartbeat>);

pub(crate) fn write(
    writer: &mut Writer,
    state: &WorkerState,
    cpu_usage: f64,
    memory_usage: u64,
    extra: Option<&AkridaHeartbeat>,
) {
    writer.map(3 + usize::from(extra.is_some()));
    writer.text("state");
    writer.text(state.as_str());
    writer.text("current_cpu_usage");
    writer.float(cpu_usage);
    writer.text("current_memory_usage");
    writer.uint(memory_usage);
    if let Some(extra) = extra {
        writer.text(AKRIDA);
        writer.map(4 + usize::from(extra.clock_ahead_us.is_some()));
        for (name, value) in [
            ("cores", extra.cores.into()),
            ("lag_p95_us", extra.lag_p95_us),
            ("lag_max_us", extra.lag_max_us),
            ("sent_at_us", extra.sent_at_us),
        ] {
            writer.text(name);
            writer.uint(value.min(limits::COUNT));
        }
        if let Some(ahead) = extra.clock_ahead_us {
            writer.text("clock_ahead_us");
            writer.sint(ahead);
        }
    }
}

pub(crate) fn read(reader: &mut Reader<'_>) -> Read<Heartbeat> {
    let (mut state, mut cpu_usage, mut memory_usage, mut extra) = (None, 0.0, 0, None);
    reader.fields(|name, reader| {
        match name {
            "state" => state = Some(reader.text(limits::NAME)?.into()),
            "current_cpu_usage" => cpu_usage = reader.amount()?,
            "current_memory_usage" => memory_usage = reader.count()?,
            AKRIDA => extra = Some(read_extra(reader)?),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok((required(state, "state")?, cpu_usage, memory_usage, extra))
}

fn read_extra(reader: &mut Reader<'_>) -> Read<AkridaHeartbeat> {
    let (mut cores, mut lag_p95_us, mut lag_max_us, mut sent_at_us) = (None, 0, 0, 0);
    let mut clock_ahead_us = None;
    reader.fields(|name, reader| {
        match name {
            "cores" => cores = Some(reader.small()?),
            "lag_p95_us" => lag_p95_us = reader.count()?,
            "lag_max_us" => lag_max_us = reader.count()?,
            "sent_at_us" => sent_at_us = reader.count()?,
            "clock_ahead_us" => clock_ahead_us = Some(reader.signed()?),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(AkridaHeartbeat {
        cores: required(cores, "cores")?,
        lag_p95_us,
        lag_max_us,
        sent_at_us,
        clock_ahead_us,
    })
}
