//! What a master keeps in `--state-dir`: a lock, so that one master uses it at a time, and a journal of the run.
//!
//! Records are appended as they come. When they have become much longer than what they come to, that is written to a
//! new file, which takes the place of the old one. What is written is with the system, not on the disk: it survives the
//! end of the process, not of the machine.

use crate::exit::Failure;
use akrida_run::Record;
use akrida_run::file::{HEAD, HeadError, Records, head, read_head};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// Length above which a journal is made short, bytes: short enough to be read in a moment.
const LONG: u64 = 16 << 20;

/// How many times longer than its sum a journal is allowed to be.
const TIMES: u64 = 4;

/// The folder, held by this process.
pub(crate) struct State {
    folder: PathBuf,
    /// Locked as long as it is open.
    _lock: File,
}

/// What was found in the folder.
pub(crate) struct Opened {
    pub(crate) state: State,
    pub(crate) journal: Journal,
    /// What a run came to that has not ended.
    pub(crate) left: Option<Record>,
    /// Bytes at the journal's end that were no whole record.
    pub(crate) cut: usize,
}

/// Writes records.
pub(crate) struct Journal {
    path: PathBuf,
    test: u64,
    file: File,
    /// Bytes of whole records and the head.
    length: u64,
    /// The same, when it was last made short.
    short: u64,
    /// Whether something may stand behind its last whole record that could not be taken away.
    damaged: bool,
    /// What its records come to.
    sum: Record,
}

/// Opens the state of this test in `folder`, which is made if it is not there.
///
/// # Errors
/// When another master uses it, it cannot be read or written, or is of another test or version.
pub(crate) fn open(folder: &Path, test: u64) -> Result<Opened, Failure> {
    let failed = |what: &str, error: &io::Error| {
        let shown = folder.display();
        Failure::usage(format!("cannot {what} {shown}: {error}"), "name another folder with --state-dir")
    };
    fs::create_dir_all(folder).map_err(|error| failed("make the folder", &error))?;
    let lock = OpenOptions::new().create(true).append(true).open(folder.join("lock"));
    let lock = lock.map_err(|error| failed("write in", &error))?;
    lock.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => Failure::usage(
            format!("another master uses {}", folder.display()),
            "end it, or name another folder with --state-dir",
        ),
        TryLockError::Error(error) => failed("lock", &error),
    })?;
    let path = folder.join("journal");
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(failed("read in", &error)),
    };
    let (mut sum, mut cut) = (Record::default(), 0);
    if is_of(&path, &bytes, test)? {
        let mut records = Records::new(&bytes[HEAD..]);
        records.by_ref().for_each(|record| sum.absorb(record));
        cut = bytes.len() - HEAD - records.read();
    }
    let goes_on = sum.course.as_ref().is_some_and(|course| course.run.is_some());
    if !goes_on {
        sum = Record::default();
    }
    let mut journal = Journal {
        file: lock.try_clone().map_err(|error| failed("open", &error))?,
        path,
        test,
        length: 0,
        short: 0,
        damaged: true,
        sum,
    };
    journal.renew().map_err(|error| failed("write in", &error))?;
    let left = goes_on.then(|| journal.sum.clone());
    Ok(Opened { state: State { folder: folder.to_owned(), _lock: lock }, journal, left, cut })
}

/// Whether there is a journal of this test; not where there is none, or only the beginning of its head.
fn is_of(path: &Path, bytes: &[u8], test: u64) -> Result<bool, Failure> {
    let shown = path.display();
    let anew = "name another folder with --state-dir, or remove the file to begin anew";
    match read_head(bytes) {
        Ok(None) => Ok(false),
        Ok(Some(of)) if of == test => Ok(true),
        Ok(Some(_)) => Err(Failure::usage(
            format!(
                "the journal {shown} is of another test: its classes, tasks or data are not those of this one"
            ),
            anew,
        )),
        Err(HeadError::Other) => Err(Failure::usage(format!("{shown} is no journal of Akrida"), anew)),
        Err(error @ HeadError::Version(_)) => {
            let text = format!("the journal {shown} is of another version of Akrida: {error}");
            Err(Failure::usage(text, "go on with that version, or remove the file to begin anew"))
        }
    }
}

impl State {
    /// The run is over: there is nothing to go on with.
    pub(crate) fn clear(&self) {
        // Left where it is, it says that its run has ended.
        let _ = fs::remove_file(self.folder.join("journal"));
    }
}

impl Journal {
    /// Appends a record.
    ///
    /// # Errors
    /// When that cannot be done; the journal is as it was.
    pub(crate) fn write(&mut self, record: &Record) -> Result<(), String> {
        let bytes = record.encode().map_err(|error| error.to_string())?;
        if self.damaged {
            self.renew().map_err(|error| error.to_string())?;
        }
        if let Err(error) = self.file.write_all(&bytes) {
            self.take_back();
            return Err(error.to_string());
        }
        self.length += bytes.len() as u64;
        self.sum.absorb(record.clone());
        if self.length > LONG.max(TIMES * self.short) && self.renew().is_err() {
            // It is as good as before, and is tried again when it is twice as long.
            self.short = self.length;
        }
        Ok(())
    }

    /// Takes away what was written of a record.
    fn take_back(&mut self) {
        let whole =
            self.file.set_len(self.length).and_then(|()| self.file.seek(SeekFrom::Start(self.length)));
        self.damaged = whole.is_err();
    }

    /// Writes what the records come to in their place.
    fn renew(&mut self) -> io::Result<()> {
        self.sum.forget();
        let mut bytes = head(self.test);
        if !self.sum.is_empty() {
            bytes.extend(self.sum.encode().map_err(io::Error::other)?);
        }
        let new = self.path.with_extension("new");
        let written = File::create(&new).and_then(|mut file| file.write_all(&bytes).map(|()| file));
        let file = written.and_then(|file| fs::rename(&new, &self.path).map(|()| file));
        if file.is_err() {
            let _ = fs::remove_file(&new);
        }
        self.file = file?;
        (self.length, self.short) = (bytes.len() as u64, bytes.len() as u64);
        self.damaged = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_run::record::{Course, Moment, RunMark, StageMark};
    use akrida_stats::{EntryKey, Measured};

    /// A folder of its own.
    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("akrida-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    /// A record of a run that goes on.
    fn record(number: u64) -> Record {
        let at = Moment { monotonic_us: number, wall_us: number };
        let mut record = Record { at, ..Record::default() };
        let key = EntryKey::plain("GET", &format!("/{}", number % 3));
        record.exact.entries.insert(key, Measured { requests: 1, ..Measured::since(1) });
        let run = RunMark { load: vec![StageMark::default()], ..RunMark::default() };
        record.course = Some(Course { run: Some(run), runs: number, ..Course::default() });
        record
    }

    fn refused(folder: &Path, test: u64) -> String {
        let Err(failure) = open(folder, test) else { panic!("it is opened") };
        failure.to_string().replace(&folder.display().to_string(), "DIR")
    }

    #[test]
    fn what_is_written_is_found_however_it_ends() {
        let folder = folder("found");
        for round in 0..3 {
            let mut opened = open(&folder, 7).unwrap();
            let requests = opened.left.as_ref().map_or(0, |left| left.exact.sum().requests);
            assert_eq!(requests, round * 10);
            (0..10).for_each(|number| opened.journal.write(&record(number)).unwrap());
            // The process ends within a record.
            opened.journal.file.write_all(&record(9).encode().unwrap()[..20]).unwrap();
            assert_eq!(opened.cut, if round == 0 { 0 } else { 20 });
        }
        let opened = open(&folder, 7).unwrap();
        opened.state.clear();
        drop(opened);
        assert!(open(&folder, 8).unwrap().left.is_none(), "its run has ended");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_long_journal_is_made_short_and_says_the_same() {
        let folder = folder("long");
        let mut opened = open(&folder, 7).unwrap();
        let mut long = record(1);
        long.events = vec![
            akrida_run::FleetEvent {
                at: 0.0,
                kind: akrida_run::FleetEventKind::Warning("x".repeat(100_000))
            };
            4
        ];
        let mut most = 0;
        for _ in 0..3 * LONG / 400_000 {
            opened.journal.write(&Record { events: Vec::new(), ..record(2) }).unwrap();
            opened.journal.write(&long).unwrap();
            opened.journal.sum.events.clear();
            most = most.max(fs::metadata(folder.join("journal")).unwrap().len());
        }
        assert!(most <= LONG + 1_000_000, "{most} bytes");
        drop(opened);
        let left = open(&folder, 7).unwrap().left.unwrap();
        assert_eq!(left.exact.sum().requests, 2 * (3 * LONG / 400_000));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_a_way_out() {
        let folder = folder("refused");
        let mut opened = open(&folder, 7).unwrap();
        opened.journal.write(&record(1)).unwrap();
        insta::assert_snapshot!(refused(&folder, 7), @r"
        error: another master uses DIR
          help: end it, or name another folder with --state-dir
        ");
        drop(opened);
        insta::assert_snapshot!(refused(&folder, 8), @r"
        error: the journal DIR/journal is of another test: its classes, tasks or data are not those of this one
          help: name another folder with --state-dir, or remove the file to begin anew
        ");
        let mut newer = head(7);
        newer[11] = 9;
        fs::write(folder.join("journal"), newer).unwrap();
        insta::assert_snapshot!(refused(&folder, 7), @r"
        error: the journal DIR/journal is of another version of Akrida: it has version 9 of the format, and this program knows version 2
          help: go on with that version, or remove the file to begin anew
        ");
        fs::write(folder.join("journal"), "dear diary").unwrap();
        insta::assert_snapshot!(refused(&folder, 7), @r"
        error: DIR/journal is no journal of Akrida
          help: name another folder with --state-dir, or remove the file to begin anew
        ");
        let file = folder.join("file");
        fs::write(&file, "").unwrap();
        assert!(refused(&file, 7).starts_with("error: cannot make the folder DIR: "));
        fs::remove_dir_all(folder).unwrap();
    }

    /// Linux has a device that is always full.
    #[test]
    fn a_full_disk_is_told_and_later_the_journal_is_whole() {
        let folder = folder("full");
        let mut opened = open(&folder, 7).unwrap();
        opened.journal.write(&record(1)).unwrap();
        let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else { return };
        let good = std::mem::replace(&mut opened.journal.file, full);
        assert_eq!(opened.journal.write(&record(2)), Err("No space left on device (os error 28)".to_owned()));
        opened.journal.file = good;
        opened.journal.write(&record(3)).unwrap();
        drop(opened);
        assert_eq!(open(&folder, 7).unwrap().left.unwrap().exact.sum().requests, 2);
        fs::remove_dir_all(folder).unwrap();
    }
}
