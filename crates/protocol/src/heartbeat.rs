//! How a worker is, once a second.

use crate::error::{Read, required};
use crate::generation::{Generation, Generations};
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
            // The second word is that of before 1.2.
            "spawning" | HATCHING => Self::Spawning,
            "running" => Self::Running,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// The state of a worker that starts users, before 1.2.
const HATCHING: &str = "hatching";

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

/// A heartbeat's data.
pub(crate) struct Heartbeat {
    pub(crate) state: WorkerState,
    /// Percent of one core.
    pub(crate) cpu_usage: f64,
    /// Bytes.
    pub(crate) memory_usage: u64,
    pub(crate) extra: Option<AkridaHeartbeat>,
}

pub(crate) fn write(
    writer: &mut Writer,
    state: &str,
    cpu_usage: f64,
    memory_usage: u64,
    extra: Option<&AkridaHeartbeat>,
) {
    writer.map(3 + usize::from(extra.is_some()));
    writer.text("state");
    writer.text(state);
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

/// The word for a state among those whose users hatch.
pub(crate) fn hatching_word(state: &WorkerState) -> &str {
    if *state == WorkerState::Spawning { HATCHING } else { state.as_str() }
}

pub(crate) fn read(reader: &mut Reader<'_>) -> Read<(Heartbeat, Generations)> {
    let (mut state, mut cpu_usage, mut memory_usage, mut extra) = (None, None, None, None);
    let mut tells_users = false;
    reader.fields(|name, reader| {
        match name {
            "state" => state = Some(reader.text(limits::NAME)?),
            "current_cpu_usage" => cpu_usage = Some(reader.amount()?),
            "current_memory_usage" => memory_usage = Some(reader.count()?),
            "count" => {
                tells_users = true;
                // Reports tell it too.
                reader.skip()?;
            }
            AKRIDA => extra = Some(read_extra(reader)?),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    let state = required(state, "state")?;
    let by_keys = match (memory_usage, tells_users, cpu_usage) {
        (Some(_), _, _) => Generations::only(Generation::V2),
        (None, true, _) => Generations::only(Generation::V1_4),
        (None, false, Some(_)) => Generations::between(Generation::V0_14, Generation::V2),
        (None, false, None) => Generations::only(Generation::V0_10),
    };
    let by_word = match state {
        HATCHING => Generations::HATCHING,
        "spawning" => Generations::SPAWNING,
        _ => Generations::ALL,
    };
    let heartbeat = Heartbeat {
        state: state.into(),
        cpu_usage: cpu_usage.unwrap_or_default(),
        memory_usage: memory_usage.unwrap_or_default(),
        extra,
    };
    Ok((heartbeat, by_keys.narrowed(by_word)))
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
