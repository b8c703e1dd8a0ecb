//! A worker that has its test from its master.

use super::worker::{Attended, START_A_MASTER, name};
use crate::exit::Failure;
use crate::log::{Log, Speaker};
use crate::parts::Parts;
use crate::plan::WorkerPlan;
use akrida_protocol::LocustfileSource;
use akrida_report::text::visible;
use akrida_transport::zmq;
use akrida_worker::{Fetched, limits};

/// What stands in the middle of the temporary name, as in Locust's.
const FETCHING: &str = "_download_locustfile_";

/// Asks the master for the test until it comes; `None` if somebody wants to leave before that.
///
/// # Errors
/// When no master answers, or with something else than a test.
pub(crate) fn fetch(
    fleet: &WorkerPlan,
    attended: &mut Attended,
    log: &Log,
) -> Result<Option<Parts>, Failure> {
    let master = format!("{}:{}", fleet.host, fleet.port);
    let link = zmq::connect(&fleet.host, fleet.port, &name(FETCHING))
        .map_err(|error| Failure::usage(error.to_string(), "name the master's host with --master-host"))?;
    log.info(Speaker::Main, &format!("Asking the master at {master} for the test"));
    let waiting =
        || log.info(Speaker::Main, &format!("Still waiting for the test from the master at {master}"));
    let fetched = attended.runtime.block_on(akrida_worker::fetch(link, waiting, async {
        // The sender is gone only when the process ends.
        let _ = (&mut attended.interrupted).await;
    }));
    match fetched {
        Fetched::Sources(sources) => {
            let parts = parts(sources, &master)?;
            log.info(Speaker::Main, &format!("Got the test from the master: {}", contents(&parts)));
            Ok(Some(parts))
        }
        Fetched::Terminated => {
            log.info(Speaker::Main, "Shutting down");
            Ok(None)
        }
        Fetched::Refused(reason) => Err(Failure::usage(
            format!("the master at {master} has no test for this worker: {}", visible(&reason)),
            "",
        )),
        Fetched::Unreadable(error) => Err(Failure::generator(
            format!("the answer of the master at {master} cannot be read: {error}"),
            "start the worker with -f FILE",
        )),
        Fetched::NoMaster => Err(Failure::generator(
            format!("no master at {master} has sent a test within {} s", limits::FETCH.as_secs()),
            format!("{START_A_MASTER}, or give the worker its test with -f FILE"),
        )),
    }
}

fn parts(sources: Vec<LocustfileSource>, master: &str) -> Result<Parts, Failure> {
    let mut parts = Parts::default();
    for source in sources {
        match source {
            LocustfileSource::File { filename, contents } => parts.tests.push((filename, contents)),
            LocustfileSource::Data { filename, contents } => {
                parts.data.insert(filename, contents.as_ref().into());
            }
            LocustfileSource::Url(url) => {
                return Err(Failure::usage(
                    format!(
                        "the master at {master} has its test from {}, and tests are not fetched by address in \
                         this version",
                        visible(&url)
                    ),
                    "fetch it first and start the worker with -f FILE",
                ));
            }
        }
    }
    if parts.tests.is_empty() {
        return Err(Failure::usage(
            format!("the master at {master} has no test for this worker"),
            "start the worker with -f FILE",
        ));
    }
    Ok(parts)
}

/// `shop.yaml, 2 data files`.
fn contents(parts: &Parts) -> String {
    let mut shown: Vec<String> = parts.tests.iter().map(|(name, _)| name.clone()).collect();
    match parts.data.len() {
        0 => {}
        1 => shown.push("1 data file".to_owned()),
        count => shown.push(format!("{count} data files")),
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> LocustfileSource {
        LocustfileSource::File { filename: name.to_owned(), contents: String::new() }
    }

    fn data(name: &str) -> LocustfileSource {
        LocustfileSource::Data { filename: name.to_owned(), contents: b"x"[..].into() }
    }

    #[test]
    fn tests_and_data_are_told_apart() {
        let check = |sources: Vec<LocustfileSource>, expected: &str| {
            let found =
                parts(sources, "m:1").map_or_else(|failure| failure.message, |parts| contents(&parts));
            assert_eq!(found, expected);
        };
        check(vec![file("a.py"), file("b.yaml")], "a.py, b.yaml");
        check(vec![file("b.yaml"), data("c.csv")], "b.yaml, 1 data file");
        check(vec![file("b.yaml"), data("c.csv"), data("d.csv")], "b.yaml, 2 data files");
        check(vec![data("c.csv")], "the master at m:1 has no test for this worker");
        check(
            vec![LocustfileSource::Url("http://a/\u{1b}[2J".to_owned())],
            "the master at m:1 has its test from http://a/\\x1b[2J, and tests are not fetched by address in this \
             version",
        );
    }
}
