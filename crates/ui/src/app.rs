//! What all answers are made from.

use crate::about::{About, Class};
use crate::board::Board;
use crate::clock;
use crate::guard::Origins;
use crate::hosts::Hosts;
use crate::limits;
use crate::login::{Login, Users};
use crate::place::BasePath;
use crate::rescale::{Rescale, Workers};
use crate::runs::Folder;
use crate::tail::Tail;
use crate::tls::Tls;
use akrida_master::{CustomOption, Handle, Stage};
use akrida_report::run_file;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

/// What a face is made of.
#[derive(Debug, Default)]
pub struct Config {
    /// The test.
    pub about: About,
    /// Under which path the page is.
    pub base: BasePath,
    /// The master's own log.
    pub tail: Tail,
    /// Who may log in; `None` where nobody has to.
    pub users: Option<Users>,
    /// Whether `/stats/requests` is answered without a login.
    pub open_stats: bool,
    /// Other sites that may read or change.
    pub origins: Origins,
    /// By which names browsers may call it.
    pub hosts: Hosts,
    /// Certificate and key; `None` for plain text.
    pub tls: Option<Tls>,
    /// The workers that the page may rescale; `None` where there are none of a master's.
    pub rescale: Option<Rescale>,
    /// What reports of runs say of the test.
    pub report: run_file::About,
    /// Where files of runs are kept; `None` where they are not.
    pub runs_dir: Option<PathBuf>,
}

/// All that a request may need.
pub(crate) struct App {
    pub(crate) about: About,
    pub(crate) base: BasePath,
    pub(crate) tail: Tail,
    pub(crate) origins: Origins,
    pub(crate) hosts: Hosts,
    pub(crate) open_stats: bool,
    pub(crate) login: Option<Login>,
    pub(crate) handle: Handle,
    pub(crate) board: Board,
    pub(crate) workers: Option<Workers>,
    pub(crate) report: run_file::About,
    pub(crate) runs: Option<Arc<Folder>>,
    /// One permit for each file of a run that is read.
    pub(crate) readers: Arc<Semaphore>,
    /// Held while a start or an edit is carried out, so that two do not mix.
    pub(crate) swarming: tokio::sync::Mutex<()>,
    /// One permit for each stream of events.
    pub(crate) streams: Arc<Semaphore>,
    /// Becomes true when the face closes.
    pub(crate) closing: watch::Receiver<bool>,
    /// When the process began to serve, unix seconds.
    pub(crate) began: f64,
    present: Mutex<Present>,
}

/// What was asked for last, and what forms propose.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Present {
    pub(crate) users: u64,
    pub(crate) spawn_rate: f64,
    pub(crate) host: Option<String>,
    pub(crate) run_time: Option<Duration>,
    pub(crate) stages: Vec<Stage>,
    /// With all edits.
    pub(crate) classes: Vec<Class>,
    /// Names of the classes that get users.
    pub(crate) chosen: Vec<String>,
    /// With their values now.
    pub(crate) options: Vec<CustomOption>,
}

impl App {
    /// Of a face at this port.
    pub(crate) fn new(config: Config, handle: Handle, port: u16, closing: watch::Receiver<bool>) -> Self {
        let Config {
            about,
            base,
            tail,
            users,
            open_stats,
            origins,
            hosts,
            tls: _,
            rescale,
            report,
            runs_dir,
        } = config;
        let present = Present {
            users: about.users,
            spawn_rate: about.spawn_rate,
            host: about.host.clone(),
            run_time: about.run_time,
            stages: about.stages.clone(),
            classes: about.classes.clone(),
            chosen: about.classes.iter().map(|class| class.name.clone()).collect(),
            options: about.options.clone(),
        };
        Self {
            board: Board::new(handle.snapshots(), about.distributed),
            workers: rescale.map(Workers::new),
            report,
            runs: runs_dir.map(|path| Arc::new(Folder::new(path))),
            readers: Arc::new(Semaphore::new(limits::READERS)),
            about,
            base,
            tail,
            origins,
            hosts,
            open_stats,
            login: users.map(|users| Login::new(users, port)),
            handle,
            swarming: tokio::sync::Mutex::default(),
            streams: Arc::new(Semaphore::new(limits::STREAMS)),
            closing,
            began: clock::now_s(),
            present: Mutex::new(present),
        }
    }

    pub(crate) fn present(&self) -> MutexGuard<'_, Present> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
