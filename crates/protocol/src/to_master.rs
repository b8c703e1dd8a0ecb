//! What workers tell the master.

use crate::error::{DecodeError, Problem, Read, required};
use crate::frame::{self, Envelope};
use crate::generation::{Generation, Generations};
use crate::heartbeat::{self, AkridaHeartbeat, Heartbeat, WorkerState};
use crate::reader::{Head, Number, Reader};
use crate::stats::{self, StatsReport};
use crate::writer::Writer;
use crate::{AKRIDA, limits};
use bytes::Bytes;
use std::collections::BTreeMap;

/// A message from a worker.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one is handled at a time, and most are reports")]
pub enum ToMaster {
    /// It is there and has no users. Repeated until the master acknowledges it, and sent again after each stop.
    ClientReady(Version),
    /// It lives.
    Heartbeat {
        /// What it does.
        state: WorkerState,
        /// CPU use in percent.
        cpu_usage: f64,
        /// Memory use in bytes; 0 from workers that do not say.
        memory_usage: u64,
        /// What Akrida's workers tell beside; its presence says that the worker is one.
        extra: Option<AkridaHeartbeat>,
    },
    /// What was measured since its last report.
    Stats(StatsReport),
    /// The newest lines of its log: all that it keeps, not only new ones.
    Logs {
        /// Who it claims to be.
        worker_id: String,
        /// Oldest first.
        logs: Vec<String>,
    },
    /// It received a spawn job; before 1.2 the word is `hatching`.
    Spawning,
    /// It carried out a spawn job; before 1.2 the word is `hatch_complete`.
    SpawningComplete {
        /// Users by class; empty before 2.0.
        user_classes_count: BTreeMap<String, u64>,
        /// Users in all.
        user_count: u64,
    },
    /// All its users have stopped.
    ClientStopped,
    /// A user raised an exception.
    Exception {
        /// What it says.
        msg: String,
        /// Where it came from.
        traceback: String,
    },
    /// It is ending.
    Quit,
    /// It asks for the test to run; the node id is a temporary one.
    Locustfile {
        /// The worker's version.
        version: String,
        /// Whether the worker is Akrida's, and so can use scenarios and data files too.
        akrida: bool,
    },
    /// A message that only a locustfile knows what to do with.
    Custom {
        /// Its type.
        kind: String,
    },
}

/// What a worker says of its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Version {
    /// Such as `2.47.0`.
    Told(String),
    /// -1: a client in another language that speaks the 2.x dialect and asks not to be checked.
    Unchecked,
    /// Nothing: a worker of the time before 2.0.
    Old,
}

impl ToMaster {
    /// The frame of this message from the worker `node_id`.
    #[must_use]
    pub fn encode(&self, node_id: &str) -> Bytes {
        frame::encode(self.kind(), node_id, |writer| self.write(writer))
    }

    /// The frame of this message for a master that is of one of these generations. What older ones word otherwise is
    /// in their words; what they do not read stands there all the same.
    #[must_use]
    pub fn encode_in(&self, generations: Generations, node_id: &str) -> Bytes {
        if !generations.are(Generations::OLD) {
            return self.encode(node_id);
        }
        let hatching = generations.are(Generations::HATCHING);
        let kind = match self {
            Self::Spawning if hatching => "hatching",
            Self::SpawningComplete { .. } if hatching => "hatch_complete",
            _ => self.kind(),
        };
        frame::encode(kind, node_id, |writer| match self {
            Self::ClientReady(_) => writer.nil(),
            Self::Heartbeat { state, cpu_usage, memory_usage, extra } if hatching => {
                let state = heartbeat::hatching_word(state);
                heartbeat::write(writer, state, *cpu_usage, *memory_usage, extra.as_ref());
            }
            Self::SpawningComplete { user_count, .. } => {
                writer.map(1);
                writer.text("count");
                writer.uint(*user_count);
            }
            _ => self.write(writer),
        })
    }

    /// The message in `frame`.
    ///
    /// # Errors
    /// If it is none, or not a sound one; the error names the field.
    pub fn decode(frame: &[u8]) -> Result<Envelope<Self>, DecodeError> {
        frame::decode(frame, Self::read)
    }

    /// Its type on the wire.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::ClientReady(_) => "client_ready",
            Self::Heartbeat { .. } => "heartbeat",
            Self::Stats(_) => "stats",
            Self::Logs { .. } => "logs",
            Self::Spawning => "spawning",
            Self::SpawningComplete { .. } => "spawning_complete",
            Self::ClientStopped => "client_stopped",
            Self::Exception { .. } => "exception",
            Self::Quit => "quit",
            Self::Locustfile { .. } => "locustfile",
            Self::Custom { kind } => kind,
        }
    }

    fn write(&self, writer: &mut Writer) {
        match self {
            Self::ClientReady(Version::Told(version)) => writer.text(version),
            Self::ClientReady(Version::Unchecked) => writer.sint(-1),
            Self::Heartbeat { state, cpu_usage, memory_usage, extra } => {
                heartbeat::write(writer, state.as_str(), *cpu_usage, *memory_usage, extra.as_ref());
            }
            Self::Stats(report) => stats::write(writer, report),
            Self::Logs { worker_id, logs } => {
                writer.map(2);
                writer.text("worker_id");
                writer.text(worker_id);
                writer.text("logs");
                writer.array(logs.len());
                logs.iter().for_each(|line| writer.text(line));
            }
            Self::SpawningComplete { user_classes_count, user_count } => {
                writer.map(2);
                write_users(writer, user_classes_count, *user_count);
            }
            Self::Exception { msg, traceback } => {
                writer.map(2);
                writer.text("msg");
                writer.text(msg);
                writer.text("traceback");
                writer.text(traceback);
            }
            Self::Locustfile { version, akrida } => {
                writer.map(1 + usize::from(*akrida));
                writer.text("version");
                writer.text(version);
                if *akrida {
                    writer.text(AKRIDA);
                    writer.boolean(true);
                }
            }
            Self::ClientReady(Version::Old)
            | Self::Spawning
            | Self::ClientStopped
            | Self::Quit
            | Self::Custom { .. } => writer.nil(),
        }
    }

    fn read(kind: &str, reader: &mut Reader<'_>) -> Read<(Self, Generations)> {
        let of_any = |message| (message, Generations::ALL);
        let bare = match kind {
            "client_ready" => return read_version(reader),
            "heartbeat" => {
                let (heartbeat, generations) = heartbeat::read(reader)?;
                let Heartbeat { state, cpu_usage, memory_usage, extra } = heartbeat;
                return Ok((Self::Heartbeat { state, cpu_usage, memory_usage, extra }, generations));
            }
            "stats" => return stats::read(reader).map(|(report, of)| (Self::Stats(report), of)),
            "logs" => return read_logs(reader).map(|logs| (logs, Generations::only(Generation::V2))),
            "spawning_complete" | "hatch_complete" => return read_spawning_complete(kind, reader),
            "exception" => return read_exception(reader).map(of_any),
            "locustfile" => return read_locustfile(reader).map(of_any),
            "spawning" => (Self::Spawning, Generations::SPAWNING),
            "hatching" => (Self::Spawning, Generations::HATCHING),
            "client_stopped" => of_any(Self::ClientStopped),
            "quit" => of_any(Self::Quit),
            _ => of_any(Self::Custom { kind: kind.to_owned() }),
        };
        reader.skip()?;
        Ok(bare)
    }
}

fn read_version(reader: &mut Reader<'_>) -> Read<(ToMaster, Generations)> {
    let mut ahead = *reader;
    let version = match ahead.head()? {
        Head::Nil => {
            *reader = ahead;
            Version::Old
        }
        Head::Number(Number::Negative(-1)) => {
            *reader = ahead;
            Version::Unchecked
        }
        // Locust takes an empty version for an old worker too.
        _ => match reader.text(limits::NAME)? {
            "" => Version::Old,
            version => Version::Told(version.to_owned()),
        },
    };
    let old = version == Version::Old;
    let generations = if old { Generations::OLD } else { Generations::only(Generation::V2) };
    Ok((ToMaster::ClientReady(version), generations))
}

fn read_logs(reader: &mut Reader<'_>) -> Read<ToMaster> {
    let (mut worker_id, mut logs) = (None, None);
    reader.fields(|name, reader| {
        match name {
            "worker_id" => worker_id = Some(reader.text(limits::NODE_ID)?.to_owned()),
            "logs" => {
                let mut lines = Vec::new();
                reader.elements(limits::LOG_LINES, "lines", |reader| {
                    lines.push(reader.shortened(limits::TEXT)?);
                    Ok(())
                })?;
                logs = Some(lines);
            }
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(ToMaster::Logs { worker_id: required(worker_id, "worker_id")?, logs: required(logs, "logs")? })
}

fn read_spawning_complete(kind: &str, reader: &mut Reader<'_>) -> Read<(ToMaster, Generations)> {
    let (mut user_classes_count, mut user_count) = (None, None);
    reader.fields(|name, reader| {
        match name {
            "user_classes_count" => user_classes_count = Some(read_classes(reader)?),
            // `count` is what all called it before 2.0, and boomer still does.
            "user_count" | "count" => user_count = Some(reader.count()?),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    let user_count = required(user_count, "user_count")?;
    let generations = match user_classes_count {
        _ if kind == "hatch_complete" => Generations::HATCHING,
        Some(_) => Generations::only(Generation::V2),
        None => Generations::between(Generation::V1_2, Generation::V1_4),
    };
    let user_classes_count = user_classes_count.unwrap_or_default();
    Ok((ToMaster::SpawningComplete { user_classes_count, user_count }, generations))
}

fn read_exception(reader: &mut Reader<'_>) -> Read<ToMaster> {
    let (mut msg, mut traceback) = (None, None);
    reader.fields(|name, reader| {
        match name {
            "msg" => msg = Some(reader.shortened(limits::TEXT)?),
            "traceback" => traceback = Some(reader.shortened(limits::TEXT)?),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(ToMaster::Exception { msg: required(msg, "msg")?, traceback: required(traceback, "traceback")? })
}

fn read_locustfile(reader: &mut Reader<'_>) -> Read<ToMaster> {
    let (mut version, mut akrida) = (None, false);
    reader.fields(|name, reader| {
        match name {
            "version" => version = Some(reader.text(limits::NAME)?.to_owned()),
            AKRIDA => akrida = reader.boolean()?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(ToMaster::Locustfile { version: required(version, "version")?, akrida })
}

/// Writes the two fields that tell a worker's users.
pub(crate) fn write_users(writer: &mut Writer, classes: &BTreeMap<String, u64>, users: u64) {
    writer.text("user_classes_count");
    write_classes(writer, classes);
    writer.text("user_count");
    writer.uint(users);
}

/// Writes users by class.
pub(crate) fn write_classes(writer: &mut Writer, classes: &BTreeMap<String, u64>) {
    writer.map(classes.len());
    for (class, count) in classes {
        writer.text(class);
        writer.uint(*count);
    }
}

/// Reads users by class.
pub(crate) fn read_classes(reader: &mut Reader<'_>) -> Read<BTreeMap<String, u64>> {
    read_by_class(reader, Reader::count)
}

/// Reads a map by user class.
pub(crate) fn read_by_class<'a, T>(
    reader: &mut Reader<'a>,
    mut read: impl FnMut(&mut Reader<'a>) -> Read<T>,
) -> Read<BTreeMap<String, T>> {
    let mut classes = BTreeMap::new();
    reader.fields(|name, reader| {
        classes.insert(name.to_owned(), read(reader)?);
        if classes.len() > limits::USER_CLASSES {
            return Err(Problem::TooMany { limit: limits::USER_CLASSES, unit: "user classes" }.into());
        }
        Ok(())
    })?;
    Ok(classes)
}
