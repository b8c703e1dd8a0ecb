//! What the master tells workers.

use crate::error::{At, DecodeError, Problem, Read, required};
use crate::frame::{self, Envelope, Shared};
use crate::generation::{Generation, Generations};
use crate::heartbeat::{self, Echo};
use crate::reader::Reader;
use crate::receipt::{self, Acknowledged};
use crate::rows::{self, Rows};
use crate::share::{self, Share};
use crate::to_master::{read_classes, write_classes};
use crate::users_job::{self, UsersJob};
use crate::value::{ParsedOptions, Value};
use crate::writer::Writer;
use crate::{AKRIDA, limits};
use bytes::Bytes;
use std::collections::BTreeMap;

/// Types of the messages that Locust does not have.
const ROWS: &str = "akrida_rows";
const ACKNOWLEDGED: &str = "akrida_ack";

/// A message from the master.
#[derive(Clone, Debug, PartialEq)]
pub enum ToWorker {
    /// The worker is known now.
    Ack {
        /// Its number, from 0, the same as long as the master lives; `None` from masters of Locust 2.10.
        index: Option<u64>,
        /// Whether the master is Akrida's, and so wants reports more often than Locust's.
        akrida: bool,
    },
    /// Run this many users.
    Spawn(SpawnJob),
    /// Run this many users, of classes that the worker chooses: the job of the time before 2.0.
    SpawnUsers(UsersJob),
    /// The whole fleet has its users.
    SpawningComplete {
        /// How many.
        user_count: u64,
    },
    /// Stop all users.
    Stop,
    /// End.
    Quit,
    /// The answer to a heartbeat; to an Akrida worker with an echo of it.
    Heartbeat(Option<Echo>),
    /// Connect anew: something that came could not be decoded.
    Reconnect,
    /// The test to run.
    Locustfile(LocustfileReply),
    /// Changes attributes of a user class.
    UpdateUserClass {
        /// Which class.
        user_class_name: String,
        /// What to set; `tasks` holds the names of the tasks to keep.
        attributes: Vec<(String, Value)>,
    },
    /// What the worker has of rows that are given only once. From Akrida's masters to Akrida's workers.
    Rows(Rows),
    /// What the master has of the worker's reports. From Akrida's masters to Akrida's workers; answers to heartbeats
    /// tell it too.
    Acknowledged(Acknowledged),
    /// A message that only a locustfile knows what to do with.
    Custom {
        /// Its type.
        kind: String,
    },
}

/// What a worker is to run from now on. Numbers are absolute.
#[derive(Clone, Debug, PartialEq)]
pub struct SpawnJob {
    /// When it was made, unix seconds; a worker ignores jobs that are not newer than the last.
    pub timestamp: f64,
    /// Users by class. Every class is named: Locust leaves users of a class that is not named running.
    pub user_classes_count: BTreeMap<String, u64>,
    /// Address under test; wins over the classes' own.
    pub host: Option<String>,
    /// How long a stopping user may go on, in seconds.
    pub stop_timeout: Option<f64>,
    /// The master's command line.
    pub parsed_options: ParsedOptions,
    /// Index of the stage that the run is in; `None` in a run without stages and from Locust's masters.
    pub stage: Option<u16>,
    /// This worker's part of what the fleet divides; `None` from Locust's masters, whose workers each take all.
    pub share: Option<Share>,
    /// What the worker has of rows that are given only once; `None` where it has all of them.
    pub rows: Option<Rows>,
}

/// The answer to a worker that asks for the test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocustfileReply {
    /// Here it is.
    Sources(Vec<LocustfileSource>),
    /// There is none, for this reason.
    Error(String),
}

/// A part of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocustfileSource {
    /// A file.
    File {
        /// Its name. Without folders for Locust's workers, who write all files into one; between Akrida's with them.
        filename: String,
        /// Its text.
        contents: String,
    },
    /// Where to fetch it from.
    Url(String),
    /// A file that a scenario names. It stands under Akrida's key: Locust would take it for a locustfile.
    Data {
        /// Its name, with folders: a file beside `tests/shop.yaml` is called `tests/users.csv`.
        filename: String,
        /// What is in it.
        contents: Bytes,
    },
}

impl ToWorker {
    /// The frame of this message for the worker `node_id`.
    #[must_use]
    pub fn encode(&self, node_id: &str) -> Bytes {
        frame::encode(self.kind(), node_id, |writer| self.write(writer))
    }

    /// The frames that mean this to a worker of one of these generations: none if it does not know such a message,
    /// two where it is not known yet how the worker would word it, of which it ignores one.
    #[must_use]
    pub fn encode_in(&self, generations: Generations, node_id: &str) -> Vec<Bytes> {
        if generations == Generations::only(Generation::V0_5) {
            return users_job::encode_for_anybody(self).into_iter().collect();
        }
        match self {
            Self::SpawnUsers(job) => job.encode_in(generations, node_id),
            Self::Stop | Self::Quit | Self::Custom { .. } => vec![self.encode(node_id)],
            _ if generations.are(Generations::OLD) => Vec::new(),
            _ => vec![self.encode(node_id)],
        }
    }

    /// The frame of this message, for many workers.
    #[must_use]
    pub fn share(&self) -> Shared {
        Shared::new(self.encode(""))
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
            Self::Ack { .. } => "ack",
            Self::Spawn(_) | Self::SpawnUsers(_) => "spawn",
            Self::SpawningComplete { .. } => "spawning_complete",
            Self::Stop => "stop",
            Self::Quit => "quit",
            Self::Heartbeat(_) => "heartbeat",
            Self::Reconnect => "reconnect",
            Self::Locustfile(_) => "locustfile",
            Self::UpdateUserClass { .. } => "update_user_class",
            Self::Rows(_) => ROWS,
            Self::Acknowledged(_) => ACKNOWLEDGED,
            Self::Custom { kind } => kind,
        }
    }

    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Ack { index, akrida } => {
                writer.map(usize::from(index.is_some()) + usize::from(*akrida));
                if let Some(index) = index {
                    writer.text("index");
                    writer.uint(*index);
                }
                if *akrida {
                    writer.text(AKRIDA);
                    writer.boolean(true);
                }
            }
            Self::Spawn(job) => job.write(writer),
            Self::SpawnUsers(job) => job.write(writer),
            Self::SpawningComplete { user_count } => {
                writer.map(1);
                writer.text("user_count");
                writer.uint(*user_count);
            }
            Self::Locustfile(reply) => reply.write(writer),
            Self::Rows(rows) => rows::write(writer, rows),
            Self::Acknowledged(acknowledged) => receipt::write(writer, *acknowledged),
            Self::UpdateUserClass { user_class_name, attributes } => {
                writer.map(1 + attributes.len());
                writer.text("user_class_name");
                writer.text(user_class_name);
                for (name, value) in attributes {
                    writer.text(name);
                    value.write(writer);
                }
            }
            Self::Heartbeat(echo) => heartbeat::write_echo(writer, echo.as_ref()),
            Self::Stop | Self::Quit | Self::Reconnect | Self::Custom { .. } => writer.nil(),
        }
    }

    fn read(kind: &str, reader: &mut Reader<'_>) -> Read<(Self, Generations)> {
        let of_any = |message| (message, Generations::ALL);
        let newest = |message| (message, Generations::only(Generation::V2));
        let bare = match kind {
            "ack" => return read_ack(reader).map(newest),
            "spawn" => return read_spawn(reader),
            "hatch" => return users_job::read_hatch(reader).map(|(job, of)| (Self::SpawnUsers(job), of)),
            "spawning_complete" => return read_spawning_complete(reader).map(newest),
            "locustfile" => return LocustfileReply::read(reader).map(Self::Locustfile).map(newest),
            "update_user_class" => return read_update_user_class(reader).map(newest),
            "heartbeat" => return heartbeat::read_echo(reader).map(Self::Heartbeat).map(newest),
            ROWS => return rows::read(reader).map(Self::Rows).map(newest),
            ACKNOWLEDGED => return receipt::read(reader).map(Self::Acknowledged).map(newest),
            "stop" => of_any(Self::Stop),
            "quit" => of_any(Self::Quit),
            "reconnect" => newest(Self::Reconnect),
            _ => of_any(Self::Custom { kind: kind.to_owned() }),
        };
        reader.skip()?;
        Ok(bare)
    }
}

impl SpawnJob {
    fn write(&self, writer: &mut Writer) {
        let extra = [self.stage.is_some(), self.share.is_some(), self.rows.is_some()];
        let extra = extra.into_iter().filter(|there| *there).count();
        writer.map(5 + usize::from(extra > 0));
        writer.text("timestamp");
        // Always a float: boomer compares whole numbers, and would drop jobs of the same second.
        writer.float(self.timestamp);
        writer.text("user_classes_count");
        write_classes(writer, &self.user_classes_count);
        writer.text("host");
        writer.optional(self.host.as_deref(), Writer::text);
        writer.text("stop_timeout");
        writer.optional(self.stop_timeout, Writer::float);
        writer.text("parsed_options");
        self.parsed_options.write(writer);
        if extra > 0 {
            writer.text(AKRIDA);
            writer.map(extra);
        }
        if let Some(stage) = self.stage {
            writer.text("stage");
            writer.uint(stage.into());
        }
        if let Some(share) = &self.share {
            writer.text("share");
            share::write(writer, share);
        }
        if let Some(rows) = &self.rows {
            writer.text("rows");
            rows::write(writer, rows);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let (mut timestamp, mut user_classes_count) = (None, None);
        let (mut host, mut stop_timeout) = (None, None);
        let (mut stage, mut share, mut rows) = (None, None, None);
        let mut parsed_options = ParsedOptions::default();
        reader.fields(|name, reader| {
            match name {
                "timestamp" => timestamp = Some(reader.finite()?),
                "user_classes_count" => user_classes_count = Some(read_classes(reader)?),
                "host" => host = reader.optional(|reader| reader.text(limits::TEXT))?.map(str::to_owned),
                "stop_timeout" => stop_timeout = reader.optional(Reader::amount)?,
                "parsed_options" => {
                    parsed_options = reader.optional(ParsedOptions::read)?.unwrap_or_default();
                }
                AKRIDA => reader.fields(|name, reader| {
                    match name {
                        "stage" => stage = Some(reader.small()?),
                        "share" => share = Some(share::read(reader)?),
                        "rows" => rows = Some(rows::read(reader)?),
                        _ => reader.skip()?,
                    }
                    Ok(())
                })?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let user_classes_count = required(user_classes_count, "user_classes_count")?;
        if let Some(share) = &share {
            share::check(share, &user_classes_count).at("share").at(AKRIDA)?;
        }
        Ok(Self {
            timestamp: required(timestamp, "timestamp")?,
            user_classes_count,
            host,
            stop_timeout,
            parsed_options,
            stage,
            share,
            rows,
        })
    }
}

impl LocustfileReply {
    fn write(&self, writer: &mut Writer) {
        let sources = match self {
            Self::Error(error) => {
                writer.map(1);
                writer.text("error");
                return writer.text(error);
            }
            Self::Sources(sources) => sources,
        };
        let (data, tests): (Vec<_>, Vec<_>) =
            sources.iter().partition(|source| matches!(source, LocustfileSource::Data { .. }));
        writer.map(1 + usize::from(!data.is_empty()));
        writer.text("locustfiles");
        writer.array(tests.len());
        tests.into_iter().for_each(|source| source.write(writer));
        if !data.is_empty() {
            writer.text(AKRIDA);
            writer.map(1);
            writer.text("data");
            writer.array(data.len());
            data.into_iter().for_each(|source| source.write(writer));
        }
    }

    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let (mut error, mut tests, mut data) = (None, None, Vec::new());
        reader.fields(|name, reader| {
            match name {
                "error" => error = Some(reader.shortened(limits::TEXT)?),
                "locustfiles" => tests = Some(files(reader, LocustfileSource::read)?),
                AKRIDA => reader.fields(|name, reader| {
                    match name {
                        "data" => data = files(reader, LocustfileSource::read_data)?,
                        _ => reader.skip()?,
                    }
                    Ok(())
                })?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        // An error is said alone; where both stand, the error wins.
        if let Some(error) = error {
            return Ok(Self::Error(error));
        }
        let mut sources = required(tests, "locustfiles")?;
        sources.append(&mut data);
        Ok(Self::Sources(sources))
    }
}

/// Reads a job of after 1.2: from 2.0 on it names classes.
fn read_spawn(reader: &mut Reader<'_>) -> Read<(ToWorker, Generations)> {
    let mut ahead = *reader;
    if let Some(job) = users_job::read_spawn(&mut ahead)? {
        *reader = ahead;
        let generations = Generations::between(Generation::V1_2, Generation::V1_4);
        return Ok((ToWorker::SpawnUsers(job), generations));
    }
    let job = SpawnJob::read(reader)?;
    Ok((ToWorker::Spawn(job), Generations::only(Generation::V2)))
}

fn files(
    reader: &mut Reader<'_>,
    read: fn(&mut Reader<'_>) -> Read<LocustfileSource>,
) -> Read<Vec<LocustfileSource>> {
    let mut files = Vec::new();
    reader.elements(limits::LOCUSTFILES, "files", |reader| {
        files.push(read(reader)?);
        Ok(())
    })?;
    Ok(files)
}

impl LocustfileSource {
    fn write(&self, writer: &mut Writer) {
        let filename = match self {
            Self::Url(url) => return writer.text(url),
            Self::File { filename, .. } | Self::Data { filename, .. } => filename,
        };
        writer.map(2);
        writer.text("filename");
        writer.text(filename);
        writer.text("contents");
        match self {
            Self::File { contents, .. } => writer.text(contents),
            Self::Data { contents, .. } => writer.blob(contents),
            Self::Url(_) => {}
        }
    }

    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let mut ahead = *reader;
        if let Ok(url) = ahead.text(limits::TEXT) {
            *reader = ahead;
            return Ok(Self::Url(url.to_owned()));
        }
        let (mut filename, mut contents) = (None, None);
        reader.fields(|name, reader| {
            match name {
                "filename" => filename = Some(reader.text(limits::NAME)?.to_owned()),
                "contents" => contents = Some(reader.text(limits::LOCUSTFILE)?.to_owned()),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(Self::File {
            filename: required(filename, "filename")?,
            contents: required(contents, "contents")?,
        })
    }

    fn read_data(reader: &mut Reader<'_>) -> Read<Self> {
        let (mut filename, mut contents) = (None, None);
        reader.fields(|name, reader| {
            match name {
                "filename" => filename = Some(reader.text(limits::NAME)?.to_owned()),
                "contents" => contents = Some(Bytes::copy_from_slice(reader.blob()?)),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(Self::Data {
            filename: required(filename, "filename")?,
            contents: required(contents, "contents")?,
        })
    }
}

fn read_ack(reader: &mut Reader<'_>) -> Read<ToWorker> {
    let (mut index, mut akrida) = (None, false);
    // Masters of Locust 2.10 send no data.
    reader.optional(|reader| {
        reader.fields(|name, reader| {
            match name {
                "index" => index = reader.optional(Reader::count)?,
                AKRIDA => akrida = reader.boolean()?,
                _ => reader.skip()?,
            }
            Ok(())
        })
    })?;
    Ok(ToWorker::Ack { index, akrida })
}

fn read_spawning_complete(reader: &mut Reader<'_>) -> Read<ToWorker> {
    let mut user_count = None;
    reader.fields(|name, reader| {
        match name {
            "user_count" => user_count = Some(reader.count()?),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(ToWorker::SpawningComplete { user_count: required(user_count, "user_count")? })
}

fn read_update_user_class(reader: &mut Reader<'_>) -> Read<ToWorker> {
    let (mut user_class_name, mut attributes) = (None, Vec::new());
    reader.fields(|name, reader| {
        if name == "user_class_name" {
            user_class_name = Some(reader.text(limits::NAME)?.to_owned());
        } else if attributes.len() < limits::USER_CLASSES {
            attributes.push((name.to_owned(), Value::read(reader)?));
        } else {
            return Err(Problem::TooMany { limit: limits::USER_CLASSES, unit: "attributes" }.into());
        }
        Ok(())
    })?;
    let user_class_name = required(user_class_name, "user_class_name")?;
    Ok(ToWorker::UpdateUserClass { user_class_name, attributes })
}
