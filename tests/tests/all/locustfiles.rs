//! Each locustfile of `tests/locustfiles` by real Locust and by Akrida: the same requests in the same order, the same
//! statistics, the same failures.
//!
//! The files leave nothing to chance, ask for `/end` last, and do nothing after that.

use crate::binary::Akrida;
use crate::locust::{Outcome, Seen, run};
use crate::repository::{files, root, text};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Where they are; those of Locust before 1.0 are in `old`, under the name of the same test as it is written now.
const FOLDER: &str = "tests/locustfiles";

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

/// How Akrida's outcome of `file` differs from Locust's; empty where it does not.
fn differences(locust: &Outcome, file: &Path) -> String {
    let akrida = outcome(Akrida::start, file);
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

/// The same of a file, and of the same test as it was written before Locust 1.0, if there is one.
fn compared(file: &Path, all: &[PathBuf]) -> String {
    let locust = outcome(Akrida::start_locust, file);
    let old = Path::new(FOLDER).join("old").join(file.file_name().unwrap_or_default());
    let old = if all.contains(&old) { differences(&locust, &old) } else { Default::default() };
    differences(&locust, file) + &old
}

#[test]
fn locustfiles_do_what_they_do_with_locust() {
    let all = files();
    let wanted = |file: &&PathBuf| {
        file.parent() == Some(Path::new(FOLDER)) && file.extension().is_some_and(|end| end == "py")
    };
    let files: Vec<&PathBuf> = all.iter().filter(wanted).collect();
    assert!(files.len() >= 25, "only {} locustfiles", files.len());
    let next = AtomicUsize::new(0);
    let compare = || {
        let mut wrong = String::new();
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            // One that is refused, or never ends, keeps nothing from being said of the others.
            let compared = std::panic::catch_unwind(|| compared(file, &all));
            wrong +=
                &compared.unwrap_or_else(|_| format!("{}: does not run, as told above\n", file.display()));
        }
        wrong
    };
    let wrong: String = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..SIDE_BY_SIDE).map(|_| scope.spawn(compare)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{wrong}");
}
