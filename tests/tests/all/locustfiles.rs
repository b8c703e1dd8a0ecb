//! Each locustfile of `tests/locustfiles` by real Locust, by Akrida, and as the YAML that `akrida convert` makes of
//! it: the same requests in the same order, the same statistics, the same failures.
//!
//! The files leave nothing to chance, ask for `/end` last, and do nothing after that.

use crate::binary::{Akrida, folder};
use crate::locust::{Outcome, Seen, run};
use crate::repository::{files, root, text};
use akrida_scenario::{Source, convert};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Where they are; those of Locust before 1.0 are in `old`, under the name of the same test as it is written now.
const FOLDER: &str = "tests/locustfiles";

/// Files that run at the same time: they mostly wait.
const SIDE_BY_SIDE: usize = 4;

/// Fewest of the files that YAML can say.
const CONVERTED: usize = 24;

/// What came of a file, up to `/end`; `fast`: its users are Locust's fast ones.
fn outcome(start: impl Fn(&[&str]) -> Akrida, file: &Path, fast: bool) -> Outcome {
    let mut outcome = run(start, &root().join(file));
    let end = outcome.seen.iter().position(|seen| seen.target == "/end");
    outcome.seen.truncate(end.map_or(0, |end| end + 1));
    if fast {
        outcome.seen.iter_mut().for_each(Seen::forgive_fast_client);
    }
    outcome
}

/// The files beside a locustfile.
struct Beside(PathBuf);

impl Source for Beside {
    fn file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        std::fs::read(self.0.join(path)).map(Into::into).map_err(|error| error.to_string())
    }

    fn secret_file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        self.file(path)
    }

    fn environment(&self, _: &str) -> Option<String> {
        None
    }
}

/// The file as YAML, if YAML can say it.
fn converted(file: &Path) -> Option<PathBuf> {
    let text = text(file).unwrap();
    let beside = Beside(root().join(FOLDER));
    let yaml = convert::locustfile(&file.display().to_string(), &text, &beside).ok()?.yaml;
    let path = folder().join("converted.yaml");
    std::fs::write(&path, yaml).unwrap();
    Some(path)
}

/// How Akrida's outcome of `file` differs from Locust's; empty where it does not.
fn differences(locust: &Outcome, file: &Path, fast: bool) -> String {
    let mut akrida = outcome(Akrida::start, file, fast);
    if fast && file.extension().is_some_and(|end| end == "yaml") {
        akrida.failures.iter_mut().for_each(|row| *row = status_alone(row));
    }
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

/// The same of a file, of the same test as it was written before Locust 1.0, if there is one, and of its YAML, of
/// which there may be none.
fn compared(file: &Path, all: &[PathBuf], in_yaml: &AtomicUsize) -> String {
    let fast = text(file).unwrap().contains("(FastHttpUser)");
    let mut locust = outcome(Akrida::start_locust, file, fast);
    let mut wrong = differences(&locust, file, fast);
    let old = Path::new(FOLDER).join("old").join(file.file_name().unwrap_or_default());
    if all.contains(&old) {
        wrong += &differences(&locust, &old, fast);
    }
    if let Some(yaml) = converted(file) {
        in_yaml.fetch_add(1, Ordering::Relaxed);
        if fast {
            // YAML has the words of the other client for statuses.
            locust.failures.iter_mut().for_each(|row| *row = status_alone(row));
        }
        let differences = differences(&locust, &yaml, fast);
        if !differences.is_empty() {
            let text = std::fs::read_to_string(&yaml).unwrap();
            wrong += &format!("{} in YAML:\n{text}{differences}", file.display());
        }
    }
    wrong
}

/// A row of failures with no more of a status than its number, in whose words it may be.
fn status_alone(row: &str) -> String {
    let Some((before, after)) =
        ["LocustBadStatusCode(code=", "HTTPError('"].iter().find_map(|words| row.split_once(words))
    else {
        return row.to_owned();
    };
    let status: String = after.chars().take(3).collect();
    let count = after.rsplit(',').next().unwrap_or_default();
    format!("{before}{status},{count}")
}

#[test]
fn locustfiles_do_what_they_do_with_locust() {
    let all = files();
    let wanted = |file: &&PathBuf| {
        file.parent() == Some(Path::new(FOLDER)) && file.extension().is_some_and(|end| end == "py")
    };
    let files: Vec<&PathBuf> = all.iter().filter(wanted).collect();
    assert!(files.len() >= 40, "only {} locustfiles", files.len());
    let (next, in_yaml) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let compare = || {
        let mut wrong = String::new();
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            // One that is refused, or never ends, keeps nothing from being said of the others.
            let compared = std::panic::catch_unwind(|| compared(file, &all, &in_yaml));
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
    let in_yaml = in_yaml.into_inner();
    assert!(in_yaml >= CONVERTED, "only {in_yaml} files as YAML");
}
