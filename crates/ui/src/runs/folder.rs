//! The folder of `--runs-dir`: files of runs, and what people called them.

use crate::limits;
use akrida_report::compare::Side;
use akrida_report::run_file::{About, EXTENSION, Glance, Run};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// Ends of the names of files that say what a run is called.
const NAME: &str = "name";

/// A run in the list.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    /// Its file, without folder and ending.
    pub(crate) id: String,
    /// What somebody called it; may be empty.
    pub(crate) name: String,
    /// Bytes of its file.
    pub(crate) length: u64,
    pub(crate) glance: Glance,
}

/// What is known of a file that was looked at: its length, when it was written, and what it says.
type Looked = (u64, Option<SystemTime>, Glance);

/// The folder.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    looked: Mutex<HashMap<String, Looked>>,
}

/// Whether a file may be called so: nothing that leads out of the folder.
fn is_id(id: &str) -> bool {
    (1..=limits::RUN_ID).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

impl Folder {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, looked: Mutex::default() }
    }

    fn file(&self, id: &str, ending: &str) -> io::Result<PathBuf> {
        let wrong = || io::Error::new(ErrorKind::NotFound, "there is no such run");
        is_id(id).then(|| self.path.join(format!("{id}.{ending}"))).ok_or_else(wrong)
    }

    /// The newest runs first.
    pub(crate) fn list(&self) -> io::Result<Vec<Listed>> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let path = entry?.path();
            let id = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            if path.extension().is_some_and(|extension| extension == EXTENSION) && is_id(&id) {
                ids.push(id);
            }
        }
        ids.sort_unstable_by(|a, b| b.cmp(a));
        ids.truncate(limits::RUNS);
        // One that was deleted meanwhile, or is none, is not in the list.
        let list = ids.iter().filter_map(|id| self.look(id).ok()).collect();
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        looked.retain(|id, _| ids.contains(id));
        Ok(list)
    }

    fn look(&self, id: &str) -> io::Result<Listed> {
        let mut file = File::open(self.file(id, EXTENSION)?)?;
        let metadata = file.metadata()?;
        let (length, written) = (metadata.len(), metadata.modified().ok());
        let known = {
            let looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
            looked
                .get(id)
                .filter(|known| (known.0, known.1) == (length, written))
                .map(|known| known.2.clone())
        };
        let glance = match known {
            Some(glance) => glance,
            None => {
                let glance = Glance::read(&mut file)?;
                let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
                looked.insert(id.to_owned(), (length, written, glance.clone()));
                glance
            }
        };
        Ok(Listed { id: id.to_owned(), name: self.name(id), length, glance })
    }

    /// What somebody called a run; empty if nobody did.
    pub(crate) fn name(&self, id: &str) -> String {
        let read = || {
            let mut text = String::new();
            let file = File::open(self.file(id, NAME)?)?;
            file.take(limits::RUN_NAME as u64 * 4).read_to_string(&mut text)?;
            io::Result::Ok(text)
        };
        read().unwrap_or_default()
    }

    /// Calls a run something; nothing for an empty name.
    pub(crate) fn rename(&self, id: &str, name: &str) -> io::Result<()> {
        // Only a run that is there has a name.
        fs::metadata(self.file(id, EXTENSION)?)?;
        let path = self.file(id, NAME)?;
        let name: String =
            name.trim().chars().filter(|sign| !sign.is_control()).take(limits::RUN_NAME).collect();
        match name.is_empty() {
            true => fs::remove_file(path).or_else(|error| match error.kind() {
                ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            }),
            false => fs::write(path, name),
        }
    }

    /// Deletes a run.
    pub(crate) fn delete(&self, id: &str) -> io::Result<()> {
        fs::remove_file(self.file(id, EXTENSION)?)?;
        // Most have none.
        let _ = fs::remove_file(self.file(id, NAME)?);
        Ok(())
    }

    /// A run with all that was measured.
    pub(crate) fn read(&self, id: &str) -> io::Result<Run> {
        Run::read(&self.bytes(id)?).map_err(io::Error::other)
    }

    /// A run with all that was measured, and in slices that tell how much of a change is noise. `label` is what it is
    /// called.
    pub(crate) fn read_side(&self, id: &str, label: impl Fn(&Run) -> String) -> io::Result<(Run, Side)> {
        let bytes = self.bytes(id)?;
        let run = Run::read(&bytes).map_err(io::Error::other)?;
        let side = Side::read(&label(&run), &bytes).map_err(io::Error::other)?;
        Ok((run, side))
    }

    fn bytes(&self, id: &str) -> io::Result<Vec<u8>> {
        let file = File::open(self.file(id, EXTENSION)?)?;
        let mut bytes = Vec::new();
        file.take(limits::RUN_FILE).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The newest run of this test on this machine that had begun by then, unix seconds.
    pub(crate) fn newest(&self, of: &About, begun_by: f64) -> io::Result<Option<String>> {
        let is_it = |run: &Listed| {
            let about = &run.glance.about;
            (about.test, &about.machine) == (of.test, &of.machine)
                && about.started_us as f64 / 1e6 <= begun_by + 1e-3
        };
        Ok(self.list()?.into_iter().find(is_it).map(|run| run.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_report::run_file::Writer;

    fn folder(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("akrida-ui-runs-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder::new(path)
    }

    #[test]
    fn runs_are_listed_named_and_deleted() {
        let folder = folder("list");
        for id in ["20260101-000000-000", "20260102-000000-000"] {
            let about = About { files: id.to_owned(), ..About::default() };
            let (_, bytes) = Writer::begin(&about).unwrap();
            fs::write(folder.path.join(format!("{id}.akrida")), bytes).unwrap();
        }
        fs::write(folder.path.join("notes.txt"), "x").unwrap();
        fs::write(folder.path.join("broken.akrida"), "x").unwrap();
        folder.rename("20260101-000000-000", "  before\nthe change ").unwrap();
        let listed = |folder: &Folder| -> Vec<(String, String)> {
            folder.list().unwrap().into_iter().map(|run| (run.glance.about.files, run.name)).collect()
        };
        let named = |id: &str, name: &str| (id.to_owned(), name.to_owned());
        let (old, new) = (named("20260101-000000-000", "beforethe change"), named("20260102-000000-000", ""));
        assert_eq!(listed(&folder), [new.clone(), old]);
        folder.delete("20260101-000000-000").unwrap();
        assert_eq!(listed(&folder), [new]);
        assert!(folder.delete("20260101-000000-000").is_err());
        assert!(folder.rename("20260101-000000-000", "gone").is_err());
        fs::remove_dir_all(&folder.path).unwrap();
    }

    #[test]
    fn the_run_of_this_process_is_found_among_others() {
        let folder = folder("newest");
        for (second, test, machine) in [(1, 7, "here"), (2, 7, "there"), (3, 8, "here"), (5, 7, "here")] {
            let (started_us, machine) = (second * 1_000_000, machine.to_owned());
            let about = About { started_us, test, machine, ..About::default() };
            let (_, bytes) = Writer::begin(&about).unwrap();
            fs::write(folder.path.join(format!("2026-{second}.akrida")), bytes).unwrap();
        }
        let of = About { test: 7, machine: "here".to_owned(), ..About::default() };
        let newest = |by| folder.newest(&of, by).unwrap().unwrap_or_default();
        assert_eq!([0.5, 1.0, 4.0, 9.0].map(newest), ["", "2026-1", "2026-1", "2026-5"]);
        fs::remove_dir_all(&folder.path).unwrap();
    }

    #[test]
    fn nothing_outside_of_the_folder_is_touched() {
        let folder = folder("outside");
        for id in ["../x", "", "a/b", "a.b", "a\0", "..", &"x".repeat(200)] {
            assert!(folder.delete(id).is_err() && folder.rename(id, "x").is_err(), "{id}");
            assert!(folder.read(id).is_err() && folder.name(id).is_empty(), "{id}");
        }
        fs::remove_dir_all(&folder.path).unwrap();
    }
}
