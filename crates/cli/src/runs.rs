//! The files of `--runs-dir`: one for each run, written while the run goes on.
//!
//! A thread of its own compresses and writes; the master only hands over what there is. Where the disk is too slow,
//! what waits is added up, so neither memory nor the master depends on it. What was written is with the system, not
//! on the disk: it survives the end of the process, not of the machine.

use crate::exit::Failure;
use crate::log::{Log, Speaker};
use akrida_report::run_file::{About, EXTENSION, Fold, Frames, Run, Writer};
use akrida_run::Piece;
use jiff::Timestamp;
use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

/// Pieces that wait for the thread.
const WAITING: usize = 16;

/// Most bytes that are kept of what could not be written; then what is newest is lost.
const UNWRITTEN: usize = 64 << 20;

/// What is kept of runs, and where.
pub(crate) struct Keeping {
    /// The folder; `None` where there is none.
    pub(crate) folder: Option<PathBuf>,
    /// Whether the newest run is wanted in the end.
    pub(crate) wanted: bool,
    /// What each run is of.
    pub(crate) about: About,
}

/// The thread that keeps runs.
pub(crate) struct Keeper {
    thread: JoinHandle<Option<Run>>,
}

/// Hands over pieces without waiting for anybody.
pub(crate) struct Hand {
    sender: SyncSender<Piece>,
    /// What the thread has no room for.
    waiting: VecDeque<Piece>,
}

impl Keeping {
    /// Starts to keep runs; `None` where nobody wants that.
    ///
    /// # Errors
    /// When the folder cannot be had, or there is no thread.
    pub(crate) fn start(self, log: Log) -> Result<Option<(Keeper, Hand)>, Failure> {
        if self.folder.is_none() && !self.wanted {
            return Ok(None);
        }
        if let Some(folder) = &self.folder {
            let usable = fs::create_dir_all(folder).and_then(|()| {
                let probe = folder.join(format!(".{}", std::process::id()));
                File::create(&probe).and_then(|_| fs::remove_file(&probe))
            });
            usable.map_err(|error| {
                let text = format!("cannot write in {}: {error}", folder.display());
                Failure::usage(text, "name another folder with --runs-dir")
            })?;
        }
        let (sender, pieces) = sync_channel(WAITING);
        let work = Work { keeping: self, log, open: None, fold: None, failing: false };
        let thread = thread::Builder::new().name("runs".to_owned()).spawn(move || work.work(&pieces));
        let thread = thread.map_err(|error| Failure::generator(format!("cannot start: {error}"), ""))?;
        Ok(Some((Keeper { thread }, Hand { sender, waiting: VecDeque::new() })))
    }
}

impl Keeper {
    /// Waits until all is written, after the [`Hand`] is gone; the newest run, if it is wanted and there is one.
    pub(crate) fn end(self) -> Option<Run> {
        self.thread.join().ok().flatten()
    }
}

impl Hand {
    /// Hands over a piece.
    pub(crate) fn over(&mut self, piece: Piece) {
        match self.waiting.back_mut() {
            // What was before a start counts no more after it: the two are no sum.
            Some(last) if piece.record.begins.is_none() => *last = together(std::mem::take(last), piece),
            _ => self.waiting.push_back(piece),
        }
        while let Some(piece) = self.waiting.pop_front() {
            if let Err(TrySendError::Full(piece)) = self.sender.try_send(piece) {
                self.waiting.push_front(piece);
                break;
            }
        }
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        for piece in self.waiting.drain(..) {
            // The thread may be gone.
            let _ = self.sender.send(piece);
        }
    }
}

/// Two pieces as one.
fn together(mut first: Piece, then: Piece) -> Piece {
    first.record.absorb(then.record);
    Piece {
        record: first.record,
        statement: then.statement.or(first.statement),
        resumes: first.resumes | then.resumes,
        closes: first.closes | then.closes,
    }
}

struct Work {
    keeping: Keeping,
    log: Log,
    open: Option<Open>,
    /// The newest run, if it is wanted.
    fold: Option<Fold>,
    failing: bool,
}

/// A file that is being written.
struct Open {
    path: PathBuf,
    file: File,
    writer: Writer,
    /// Bytes that are in the file.
    length: u64,
    unwritten: Vec<u8>,
}

impl Work {
    fn work(mut self, pieces: &Receiver<Piece>) -> Option<Run> {
        while let Ok(piece) = pieces.recv() {
            self.take(piece);
        }
        self.close();
        self.fold.map(Fold::run)
    }

    fn take(&mut self, piece: Piece) {
        if let Some(begins) = piece.record.begins.filter(|begins| !begins.keeps_rows) {
            self.close();
            let about = About { started_us: begins.at_us, ..self.keeping.about.clone() };
            if self.keeping.wanted {
                self.fold = Some(Fold::new(about.clone()));
            }
            if let Some(folder) = &self.keeping.folder {
                match Open::begin(folder, &about, piece.resumes) {
                    Ok(open) => {
                        self.log.debug(Speaker::Main, &format!("The run's file is {}", open.path.display()));
                        self.open = Some(open);
                    }
                    Err(error) => {
                        let text = format!("The run's file cannot be made in {}: {error}", folder.display());
                        self.log.warning(Speaker::Main, &text);
                    }
                }
            }
        }
        if let Some(fold) = &mut self.fold {
            fold.add_piece(piece.clone());
        }
        let written = self.open.as_mut().map(|open| open.add(piece));
        self.tell(written);
    }

    fn close(&mut self) {
        let written = self.open.take().map(Open::end);
        self.tell(written);
    }

    fn tell(&mut self, written: Option<io::Result<()>>) {
        match written {
            Some(Err(error)) if !self.failing => {
                self.failing = true;
                let text =
                    format!("The run's file cannot be written: {error}. It is tried again each second");
                self.log.warning(Speaker::Main, &text);
            }
            Some(Ok(())) if std::mem::take(&mut self.failing) => {
                self.log.info(Speaker::Main, "The run's file is written again");
            }
            _ => {}
        }
    }
}

impl Open {
    /// A new file; or the one that a master before this one began, if it is there.
    fn begin(folder: &Path, about: &About, resumes: bool) -> io::Result<Self> {
        let name = name(about.started_us);
        let path = folder.join(format!("{name}.{EXTENSION}"));
        if resumes && path.exists() {
            return Self::go_on(path);
        }
        let (writer, bytes) = Writer::begin(about).map_err(io::Error::other)?;
        let (path, file) = match new(&path) {
            // Another master in the same folder began in the same millisecond.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let path = folder.join(format!("{name}-{}.{EXTENSION}", std::process::id()));
                let file = new(&path)?;
                (path, file)
            }
            file => (path, file?),
        };
        let mut open = Self { path, file, writer, length: 0, unwritten: bytes };
        open.write()?;
        Ok(open)
    }

    fn go_on(path: PathBuf) -> io::Result<Self> {
        let bytes = fs::read(&path)?;
        let mut frames = Frames::new(&bytes).map_err(io::Error::other)?;
        frames.by_ref().for_each(drop);
        let length = frames.read() as u64;
        let mut file = OpenOptions::new().write(true).open(&path)?;
        file.set_len(length)?;
        file.seek(SeekFrom::Start(length))?;
        Ok(Self { path, file, writer: Writer::resume(length), length, unwritten: Vec::new() })
    }

    fn add(&mut self, piece: Piece) -> io::Result<()> {
        let bytes = self.writer.add(piece).map_err(io::Error::other)?;
        self.append(&bytes)
    }

    fn end(mut self) -> io::Result<()> {
        let bytes = self.writer.end().map_err(io::Error::other)?;
        self.append(&bytes)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        // Frames stand for themselves: what is left out makes the file less, and not wrong.
        if self.unwritten.len() + bytes.len() <= UNWRITTEN {
            self.unwritten.extend_from_slice(bytes);
        }
        self.write()
    }

    fn write(&mut self) -> io::Result<()> {
        if self.unwritten.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.file.write_all(&self.unwritten) {
            self.file.set_len(self.length)?;
            self.file.seek(SeekFrom::Start(self.length))?;
            return Err(error);
        }
        self.length += self.unwritten.len() as u64;
        self.unwritten.clear();
        Ok(())
    }
}

fn new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// What a run's file is called that began then: in order of time, and the same for each master of the run.
fn name(started_us: u64) -> String {
    let micros = i64::try_from(started_us).unwrap_or(i64::MAX);
    let text = Timestamp::from_microsecond(micros).map(|time| time.strftime("%Y%m%d-%H%M%S").to_string());
    format!("{}-{:03}", text.unwrap_or_default(), started_us / 1_000 % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_run::record::{Begins, Moment};
    use akrida_run::{Record, Statement};
    use akrida_stats::{EntryKey, Measured, Sparse};

    const START_US: u64 = 1_795_370_400_123_456;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("akrida-runs-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    /// What was measured in a second: as many requests as its number.
    fn piece(second: u64) -> Piece {
        let wall_us = START_US + second * 1_000_000;
        let mut record = Record { at: Moment { monotonic_us: 0, wall_us }, ..Record::default() };
        if second == 0 {
            record.begins = Some(Begins { at_us: START_US, keeps_rows: false });
        } else {
            let times = Sparse::from_buckets(vec![(1_000, second)]);
            let measured = Measured { requests: second, times, ..Measured::since(START_US) };
            record.exact.entries.insert(EntryKey::plain("GET", "/"), measured);
        }
        let statement = Statement { now_us: wall_us, at: wall_us as f64 / 1e6, ..Statement::default() };
        Piece { record, statement: Some(Box::new(statement)), ..Piece::default() }
    }

    fn log() -> Log {
        Log::new(crate::log::Style::Bare, "host", crate::screen::Screen::stderr(), None).unwrap()
    }

    fn keep(folder: &Path, pieces: impl IntoIterator<Item = Piece>) -> Option<Run> {
        let keeping = Keeping { folder: Some(folder.to_owned()), wanted: true, about: About::default() };
        let (keeper, mut hand) = keeping.start(log()).unwrap().unwrap();
        pieces.into_iter().for_each(|piece| hand.over(piece));
        drop(hand);
        keeper.end()
    }

    fn files(folder: &Path) -> Vec<(String, Run)> {
        let mut found: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        found.sort();
        let run = |path: &PathBuf| Run::read(&fs::read(path).unwrap()).unwrap();
        found
            .iter()
            .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), run(path)))
            .collect()
    }

    #[test]
    fn a_run_is_a_file_and_the_next_one_another() {
        let folder = folder("two");
        let later = |mut piece: Piece| {
            piece.record.at.wall_us += 3_600_000_000;
            if let Some(begins) = &mut piece.record.begins {
                begins.at_us += 3_600_000_000;
            }
            piece
        };
        let pieces = (0..=30).map(piece).chain((0..=4).map(piece).map(later));
        let newest = keep(&folder, pieces).unwrap();
        let files = files(&folder);
        let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["20261122-180000-123.akrida", "20261122-190000-123.akrida"]);
        let requests: Vec<_> = files.iter().map(|(_, run)| run.snapshot.total.num_requests).collect();
        assert_eq!((requests, newest.snapshot.total.num_requests), (vec![465, 10], 10));
        assert_eq!(files[0].1.snapshot.rows[0].num_requests, 465);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn another_master_goes_on_in_the_same_file() {
        let folder = folder("resumed");
        keep(&folder, (0..=5).map(piece));
        let path = folder.join("20261122-180000-123.akrida");
        let mut bytes = fs::read(&path).unwrap();
        // The first master was killed while it wrote.
        bytes.truncate(bytes.len() - 3);
        fs::write(&path, bytes).unwrap();
        let mut sum = Record::default();
        (0..=6).for_each(|second| sum.absorb(piece(second).record));
        let resumed = Piece { record: sum, resumes: true, ..piece(6) };
        keep(&folder, [resumed].into_iter().chain((7..=8).map(piece)));
        let files = files(&folder);
        let [(_, run)] = files.as_slice() else { panic!("one file") };
        assert_eq!((run.snapshot.total.num_requests, run.snapshot.rows[0].num_requests), (36, 36));
        assert!(run.series.len() >= 7, "the course from its beginning: {}", run.series.len());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn who_is_slow_gets_sums() {
        let mut one = piece(0);
        (1..=9).for_each(|second| one = together(std::mem::take(&mut one), piece(second)));
        assert_eq!(one.record.exact.sum().requests, 45);
        assert!(one.record.begins.is_some());
    }

    #[test]
    fn a_folder_that_is_none_is_refused_at_once() {
        let path = folder("none");
        fs::write(&path, "").unwrap();
        let keeping = Keeping { folder: Some(path.clone()), wanted: false, about: About::default() };
        assert!(keeping.start(log()).is_err());
        fs::remove_file(path).unwrap();
    }
}
