//! The job of the time before 2.0: a number of users, which the worker starts at a rate, of classes that it chooses
//! by their weights.

use crate::error::{Read, required};
use crate::frame;
use crate::generation::{Generation, Generations};
use crate::limits;
use crate::reader::Reader;
use crate::to_worker::ToWorker;
use crate::writer::Writer;
use bytes::Bytes;

/// What a worker is to run from now on, in all.
#[derive(Clone, Debug, PartialEq)]
pub struct UsersJob {
    /// How many users.
    pub users: u64,
    /// Users that this worker starts per second.
    pub spawn_rate: f64,
    /// Address under test; wins over the classes' own.
    pub host: Option<String>,
    /// How long a stopping user may go on, in seconds. Not read before 0.13.
    pub stop_timeout: Option<f64>,
}

/// Jobs whose number is that of clients.
const CLIENTS: Generations = Generations::between(Generation::V0_5, Generation::V0_14);

/// Jobs whose number is that of users, in the words of before 1.2.
const USERS: Generations = Generations::only(Generation::V1_0);

/// Jobs that are called `spawn`, without classes.
const SPAWN: Generations = Generations::between(Generation::V1_2, Generation::V1_4);

impl UsersJob {
    /// The job as each of these generations words it: what one does not know, it ignores.
    pub(crate) fn encode_in(&self, generations: Generations, node_id: &str) -> Vec<Bytes> {
        let mut frames = Vec::new();
        if generations.may_be(Generations::HATCHING) {
            frames.push(frame::encode("hatch", node_id, |writer| self.write_hatch(writer, generations)));
        }
        if generations.may_be(SPAWN) {
            frames.push(frame::encode("spawn", node_id, |writer| self.write(writer)));
        }
        frames
    }

    /// In the words of 1.2 to 1.6.
    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.map(4);
        writer.text("spawn_rate");
        writer.float(self.spawn_rate);
        writer.text("num_users");
        writer.uint(self.users);
        self.write_rest(writer);
    }

    fn write_hatch(&self, writer: &mut Writer, generations: Generations) {
        let numbers = [("num_clients", CLIENTS), ("num_users", USERS)];
        let numbers = numbers.into_iter().filter(|(_, of)| generations.may_be(*of));
        writer.map(3 + numbers.clone().count());
        writer.text("hatch_rate");
        writer.float(self.spawn_rate);
        for (name, _) in numbers {
            writer.text(name);
            writer.uint(self.users);
        }
        self.write_rest(writer);
    }

    fn write_rest(&self, writer: &mut Writer) {
        writer.text("host");
        writer.optional(self.host.as_deref(), Writer::text);
        writer.text("stop_timeout");
        writer.optional(self.stop_timeout, Writer::float);
    }

    /// In the words of 0.5 to 0.9. What was called a stop timeout there ended users in the middle of a run.
    fn write_oldest(&self, writer: &mut Writer) {
        writer.map(5);
        writer.text("hatch_rate");
        writer.float(self.spawn_rate);
        writer.text("num_clients");
        writer.uint(self.users);
        writer.text("num_requests");
        writer.nil();
        writer.text("host");
        writer.optional(self.host.as_deref(), Writer::text);
        writer.text("stop_timeout");
        writer.nil();
    }
}

/// The frame of a message for whichever worker of before 0.10 gets it; `None` if these do not know it.
pub(crate) fn encode_for_anybody(message: &ToWorker) -> Option<Bytes> {
    match message {
        ToWorker::SpawnUsers(job) => {
            Some(frame::encode_for_anybody("hatch", |writer| job.write_oldest(writer)))
        }
        ToWorker::Stop | ToWorker::Quit => Some(frame::encode_for_anybody(message.kind(), Writer::nil)),
        _ => None,
    }
}

/// The fields of a job, however it is worded.
#[derive(Default)]
struct Fields {
    clients: Option<u64>,
    users: Option<u64>,
    rate: Option<f64>,
    host: Option<String>,
    stop_timeout: Option<f64>,
    /// Whether it bounds the requests of each worker, as jobs before 0.9 do.
    bounds_requests: bool,
    /// Whether it names classes: it is another kind of job.
    names_classes: bool,
}

impl Fields {
    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let mut fields = Self::default();
        reader.fields(|name, reader| {
            match name {
                "num_clients" => fields.clients = Some(reader.count()?),
                "num_users" => fields.users = Some(reader.count()?),
                "hatch_rate" | "spawn_rate" => fields.rate = Some(reader.amount()?),
                "host" => {
                    fields.host = reader.optional(|reader| reader.text(limits::TEXT))?.map(str::to_owned);
                }
                "stop_timeout" => fields.stop_timeout = reader.optional(Reader::amount)?,
                "num_requests" => {
                    fields.bounds_requests = true;
                    reader.skip()?;
                }
                "user_classes_count" => {
                    fields.names_classes = true;
                    reader.skip()?;
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(fields)
    }

    fn job(self, users: Option<u64>, number: &str, rate: &str) -> Read<UsersJob> {
        Ok(UsersJob {
            users: required(users, number)?,
            spawn_rate: required(self.rate, rate)?,
            host: self.host,
            stop_timeout: self.stop_timeout,
        })
    }
}

/// Reads the job called `hatch`.
pub(crate) fn read_hatch(reader: &mut Reader<'_>) -> Read<(UsersJob, Generations)> {
    let fields = Fields::read(reader)?;
    let generations = match (fields.clients, fields.users) {
        _ if fields.bounds_requests => Generations::only(Generation::V0_5),
        (Some(_), Some(_)) => Generations::HATCHING,
        (None, Some(_)) => USERS,
        (_, None) => CLIENTS,
    };
    let users = fields.clients.or(fields.users);
    Ok((fields.job(users, "num_clients", "hatch_rate")?, generations))
}

/// Reads the job called `spawn`; `None` if it names classes.
pub(crate) fn read_spawn(reader: &mut Reader<'_>) -> Read<Option<UsersJob>> {
    let fields = Fields::read(reader)?;
    if fields.names_classes || fields.users.is_none() {
        return Ok(None);
    }
    let users = fields.users;
    fields.job(users, "num_users", "spawn_rate").map(Some)
}
