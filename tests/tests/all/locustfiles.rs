//! Each locustfile of `tests/locustfiles` by real Locust and by Akrida: the same requests in the same order, the same
//! statistics, the same failures.
//!
//! The files leave nothing to chance, ask for `/end` last, and do nothing after that.

use crate::binary::Akrida;
use crate::locust::{Outcome, Seen, run};
use crate::repository::{files, root, text};
use std::path::{Path, PathBuf};

/// Files that run at the same time: they mostly wait.
const SIDE_BY_SIDE: usize = 4;

/// What came of a file, up to `/end`.
fn outcome(start: impl Fn(&[&str]) -> Akrida, file: &Path) -> Outcome {
    let mut outcome = run(start, &root().join(file));
    let end = outcome.seen.iter().position(|seen| seen.target == "/end");
    outcome.seen.truncate(end.map_or(0, |end| end + 1));
    if text(file).unwrap().contains("(FastHttpUser)") {
        outcome.seen.iter_mut().for_each(Seen::forgive_fast_client);
    }
    outcome
}

/// How the two differ; empty where they do not.
fn differences(file: &Path) -> String {
    let (locust, akrida) = (outcome(Akrida::start_locust, file), outcome(Akrida::start, file));
    let mut found = String::new();
    let both = locust.seen.iter().zip(&akrida.seen).enumerate();
    if let Some((number, (theirs, ours))) = both.into_iter().find(|(_, (theirs, ours))| theirs != ours) {
        found += &format!("request {number}:\n  Locust {theirs:?}\n  Akrida {ours:?}\n");
    } else if locust.seen.len() != akrida.seen.len() || locust.seen.is_empty() {
        found += &format!("Locust made {} requests, Akrida {}\n", locust.seen.len(), akrida.seen.len());
    }
    for (what, theirs, ours) in
        [("statistics", &locust.rows, &akrida.rows), ("failures", &locust.failures, &akrida.failures)]
    {
        if theirs != ours {
            found += &format!("{what}:\n  Locust {theirs:#?}\n  Akrida {ours:#?}\n");
        }
    }
    if found.is_empty() { found } else { format!("{}: {found}", file.display()) }
}

#[test]
fn locustfiles_do_what_they_do_with_locust() {
    let wanted = |file: &PathBuf| file.starts_with("tests/locustfiles");
    let files: Vec<PathBuf> = files().into_iter().filter(wanted).collect();
    assert!(files.len() >= 7, "only {} locustfiles", files.len());
    let mut wrong = String::new();
    for group in files.chunks(SIDE_BY_SIDE) {
        std::thread::scope(|scope| {
            let runs: Vec<_> = group.iter().map(|file| scope.spawn(|| differences(file))).collect();
            runs.into_iter().for_each(|run| wrong += &run.join().unwrap());
        });
    }
    assert!(wrong.is_empty(), "{wrong}");
}
