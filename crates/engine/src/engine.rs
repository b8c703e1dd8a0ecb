//! The engine as its callers see it: start, users, reports, stop.

use crate::arrivals::Deal;
use crate::clock::Clock;
use crate::core::{Assignment, Command, Core, CoreReport};
use crate::edits::{ClassEdit, Edited};
use crate::feeders::{Lane, Rows, Used};
use crate::http::network::Networks;
use crate::http::tls::{TlsError, TlsRoots};
use crate::run::Run;
use crate::seed::Place;
use crate::{limits, shares};
use akrida_scenario::Scenario;
use akrida_scenario::model::OptionValue;
use akrida_stats::Delta;
use std::io;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::sync::{Notify, mpsc, oneshot};

/// How an engine works.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads that run users, at least 1.
    pub cores: usize,
    /// Where waits, picks and random values start from.
    pub seed: u64,
    /// How long a request in flight may take when its user must end.
    pub drain: Duration,
    /// Whom TLS trusts.
    pub roots: TlsRoots,
}

impl Default for Options {
    /// One core, seed 0, the usual drain bound, built-in roots.
    fn default() -> Self {
        Self { cores: 1, seed: 0, drain: limits::DRAIN, roots: TlsRoots::default() }
    }
}

/// What the engine is to do from now on.
#[derive(Clone, Debug, Default)]
pub struct Job {
    /// Users by class, in the scenario's order. Missing classes have none.
    pub users: Vec<u64>,
    /// Base address of all classes; `None` for each class's own.
    pub host: Option<String>,
    /// How long users that stop may go on with their task; zero for not at all.
    pub stop_timeout: Duration,
    /// Index of the stage that requests are filed under from now on.
    pub stage: Option<u16>,
    /// This engine's part of what the whole fleet divides.
    pub share: Share,
}

/// An engine's part of what a fleet divides. The default is that of an engine that is alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The first row that this engine takes of each feeder that goes round, from 0.
    pub offset: u64,
    /// Rows from one to its next, at least 1. When this or `offset` changes within a run, the engine goes on behind the
    /// last row that it gave.
    pub stride: u64,
    /// How many engines shared the run at its beginning, at least 1, the same for all of its time. Together with
    /// `offset` it gives each user of the fleet random values of its own, which are the same however many engines
    /// the fleet has.
    pub engines: u64,
    /// How long the run has gone on; arrivals follow their schedule from there.
    pub elapsed: Duration,
    /// By class: (users of the class on engines before this one, users of the class in the whole fleet). Missing
    /// classes have all their users here.
    pub users: Vec<(u64, u64)>,
    /// Rows that are given only once.
    pub rows: Rows,
}

impl Default for Share {
    fn default() -> Self {
        Self { offset: 0, stride: 1, engines: 1, elapsed: Duration::ZERO, users: Vec::new(), rows: Rows::All }
    }
}

/// What was measured since the last report.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Requests and errors of all cores.
    pub delta: Delta,
    /// How late things started on the worst core, 95th percentile, microseconds.
    pub lag_p95_us: u64,
    /// How late things started at worst, microseconds.
    pub lag_max_us: u64,
    /// Users that ended by themselves since the run began, by class. None takes their place.
    pub ended: Vec<u64>,
    /// Why a user wants the whole run to end, if one does.
    pub stop_run: Option<String>,
    /// What was given in this run of each feeder whose rows are given only once.
    pub used: Vec<Used>,
}

/// Something that a user's code raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Index of the user's class.
    pub class: usize,
    /// The task that raised, `on_start` or `on_stop`.
    pub task: String,
    /// What was raised, in Python's words.
    pub message: String,
}

/// Why an engine cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A thread or a runtime could not be made.
    #[error("cannot start a core of the load engine: {0}")]
    Thread(#[from] io::Error),
    /// The roots are not usable.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A class's TLS settings or its proxy are not usable.
    #[error("user class {class}: {reason}")]
    Network {
        /// Its name.
        class: String,
        /// Why, without any secret.
        reason: String,
    },
}

/// Runs the users of one scenario on threads of its own. Dropped, it ends at once.
#[derive(Debug)]
pub struct Engine {
    scenario: Arc<Scenario>,
    edited: Arc<Edited>,
    clock: Clock,
    cores: Vec<CoreHandle>,
    placement: Mutex<Placement>,
    /// Told when users have to wait for rows.
    starved: Arc<Notify>,
    /// How far this machine's clock is ahead of the one by which times are told.
    clock_ahead_us: AtomicI64,
}

#[derive(Debug)]
struct Placement {
    /// Users by core, then by class, as last assigned.
    shares: Vec<Vec<u64>>,
    /// The run that goes on, or went on last.
    run: Arc<Run>,
    stopped: bool,
}

impl Placement {
    /// Deals arrivals to the users as they are placed now. `fleet` as [`Share::users`].
    fn deal(&self, now: u64, fleet: &[(u64, u64)]) {
        let part = |class: usize, core: usize| {
            let users = |shares: &[Vec<u64>]| shares.iter().map(|share| share[class]).sum::<u64>();
            let here = users(&self.shares);
            let (before, all) = fleet.get(class).copied().unwrap_or((0, here));
            let begin = before.saturating_add(users(&self.shares[..core]));
            let end = begin.saturating_add(self.shares[core][class]);
            Deal::new(all.max(before.saturating_add(here)), begin..end)
        };
        self.run.deal(now, self.shares.len(), part);
    }
}

#[derive(Debug)]
struct CoreHandle {
    /// `None` only while the engine is dropped.
    commands: Option<mpsc::Sender<Command>>,
    counts: Arc<Vec<AtomicU64>>,
    thread: Option<JoinHandle<()>>,
}

impl Engine {
    /// Starts the cores, without users. What users raise comes through the receiver; it is bounded, and what does
    /// not fit is dropped.
    ///
    /// # Errors
    /// When threads cannot be made, `options.roots` cannot be read, or a class's TLS or proxy cannot be used.
    pub fn start(
        scenario: &Arc<Scenario>,
        options: &Options,
    ) -> Result<(Self, mpsc::Receiver<Exception>), StartError> {
        let (exceptions, raised) = mpsc::channel(limits::EXCEPTIONS);
        let (clock, networks) = (Clock::start(), Arc::new(Networks::new(scenario, &options.roots)?));
        let edited = Arc::new(Edited::new(scenario));
        let cores = (0..options.cores.max(1))
            .map(|index| {
                let shared = (edited.clone(), networks.clone(), exceptions.clone());
                CoreHandle::start(index, clock, scenario.clone(), options.clone(), shared)
            })
            .collect::<io::Result<Vec<_>>>()?;
        let shares = vec![vec![0; scenario.classes.len()]; cores.len()];
        let starved = Arc::default();
        let run = Arc::new(Run::new(scenario, clock.now(), Duration::ZERO, cores.len(), &starved));
        let placement = Mutex::new(Placement { shares, run, stopped: true });
        let clock_ahead_us = AtomicI64::new(0);
        let scenario = scenario.clone();
        Ok((Self { scenario, edited, clock, cores, placement, starved, clock_ahead_us }, raised))
    }

    /// Tells times by another clock, that this machine's is so many microseconds ahead of: those of the reports
    /// after the next one. What expressions see is not changed.
    pub fn set_clock_ahead(&self, us: i64) {
        self.clock_ahead_us.store(us, Ordering::Relaxed);
    }

    /// Waits until users have to wait for rows that are given only once.
    pub async fn starved(&self) {
        self.starved.notified().await;
    }

    /// Takes over what is leased to it in the run that goes on; without one, nothing.
    pub fn supply(&self, rows: &Rows) {
        let placement = self.placement();
        if !placement.stopped {
            placement.run.feeders.supply(&self.scenario, rows);
        }
    }

    /// Changes a class: users that are started from now on are as it says, those that run from their next task on,
    /// once the future is done.
    pub fn edit_class(&self, edit: ClassEdit) -> impl Future<Output = ()> + Send + '_ {
        self.edited.edit(edit);
        async {
            for core in &self.cores {
                core.send(Command::Review).await;
            }
        }
    }

    /// Gives options of the scenario these values with the next job, and all others what was given: for users that are
    /// started from then on, and for those that run from their next task on.
    pub fn set_options(&self, values: &[(String, OptionValue)]) {
        self.edited.set_options(values);
    }

    /// Brings users to the wanted numbers; returns when missing ones were started and surplus ones were told to
    /// stop.
    pub async fn set_users(&self, job: Job) {
        let lane = Lane::new(job.share.offset, job.share.stride);
        let place = Place { offset: job.share.offset, engines: job.share.engines.max(1) };
        let (shares, run) = {
            let mut placement = self.placement();
            let now = self.clock.now();
            if std::mem::take(&mut placement.stopped) {
                let (cores, starved) = (self.cores.len(), &self.starved);
                let run = Run::new(&self.scenario, now, job.share.elapsed, cores, starved);
                placement.run = Arc::new(run);
            }
            placement.run.feeders.supply(&self.scenario, &job.share.rows);
            let mut wanted = job.users;
            wanted.resize(self.scenario.classes.len(), 0);
            shares::adjust(&mut placement.shares, &wanted);
            placement.deal(now, &job.share.users);
            (placement.shares.clone(), placement.run.clone())
        };
        let mut replies = Vec::with_capacity(self.cores.len());
        for (core, users) in self.cores.iter().zip(shares) {
            let (reply, done) = oneshot::channel();
            let assignment = Assignment {
                users,
                host: job.host.clone(),
                stage: job.stage,
                stop_timeout: job.stop_timeout,
                lane,
                place,
                run: run.clone(),
                reply,
            };
            core.send(Command::Assign(assignment)).await;
            replies.push(done);
        }
        for done in replies {
            // A core that is gone has no users to start.
            let _ = done.await;
        }
    }

    /// Users that run now, by class, without those that are ending.
    #[must_use]
    pub fn users(&self) -> Vec<u64> {
        let classes = self.cores.first().map_or(0, |core| core.counts.len());
        (0..classes)
            .map(|class| self.cores.iter().map(|core| core.counts[class].load(Ordering::Relaxed)).sum())
            .collect()
    }

    /// What was measured since the last call.
    pub async fn report(&self) -> Report {
        let mut replies = Vec::with_capacity(self.cores.len());
        for core in &self.cores {
            let (reply, report) = oneshot::channel();
            let clock_ahead_us = self.clock_ahead_us.load(Ordering::Relaxed);
            core.send(Command::Report { clock_ahead_us, reply }).await;
            replies.push(report);
        }
        let mut delta = Delta::default();
        let (mut lag_p95_us, mut lag_max_us) = (0, 0);
        let mut ended = vec![0; self.scenario.classes.len()];
        for report in replies {
            if let Ok(CoreReport { delta: of_core, lag: late, ended: on_core }) = report.await {
                delta.merge(of_core);
                ended.iter_mut().zip(on_core).for_each(|(sum, count)| *sum += count);
                // Of the worst core: among many punctual ones it would not show.
                let [p95, max] = late.quantiles([0.95, 1.0]);
                (lag_p95_us, lag_max_us) = (p95.max(lag_p95_us), max.max(lag_max_us));
            }
        }
        let run = self.placement().run.clone();
        let used = run.feeders.used();
        Report { delta, lag_p95_us, lag_max_us, ended, stop_run: run.take_end(), used }
    }

    /// Ends all users: tasks within the stop timeout of the last job, requests in flight within the drain bound.
    /// Returns when all are gone; a report after that holds everything that they measured.
    pub async fn stop(&self) {
        {
            let mut placement = self.placement();
            placement.stopped = true;
            placement.shares.iter_mut().for_each(|share| share.fill(0));
            // What was due until now is still counted, and nothing after it.
            placement.run.deal(self.clock.now(), self.cores.len(), |_, _| Deal::nothing());
        }
        let mut replies = Vec::with_capacity(self.cores.len());
        for core in &self.cores {
            let (reply, done) = oneshot::channel();
            core.send(Command::Stop { reply }).await;
            replies.push(done);
        }
        for done in replies {
            let _ = done.await;
        }
    }

    fn placement(&self) -> MutexGuard<'_, Placement> {
        self.placement.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        for core in &mut self.cores {
            core.commands = None;
        }
        for core in &mut self.cores {
            if let Some(thread) = core.thread.take() {
                // A core that panicked has nothing left to clean up.
                let _ = thread.join();
            }
        }
    }
}

/// Does all of `work`, and waits for nothing else: a name that is still being looked up must not hold up the end.
fn finish(runtime: LocalRuntime, work: impl Future<Output = ()>) {
    runtime.block_on(work);
    runtime.shutdown_background();
}

impl CoreHandle {
    fn start(
        index: usize,
        clock: Clock,
        scenario: Arc<Scenario>,
        options: Options,
        shared: (Arc<Edited>, Arc<Networks>, mpsc::Sender<Exception>),
    ) -> io::Result<Self> {
        let counts: Arc<Vec<AtomicU64>> =
            Arc::new(scenario.classes.iter().map(|_| AtomicU64::new(0)).collect());
        let (commands, inbox) = mpsc::channel(limits::COMMANDS);
        let (ready, started) = std::sync::mpsc::sync_channel(1);
        let counted = counts.clone();
        let thread = std::thread::Builder::new().name(format!("akrida-core-{index}")).spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
            let made = runtime.and_then(|runtime| {
                let entered = runtime.enter();
                let core = Core::new(index, clock, scenario, &options, shared, counted)?;
                drop(entered);
                Ok((runtime, core))
            });
            let (runtime, core) = match made {
                Ok(made) => made,
                Err(error) => {
                    let _ = ready.send(Err(error));
                    return;
                }
            };
            let _ = ready.send(Ok(()));
            finish(runtime, core.serve(inbox));
        })?;
        started.recv().unwrap_or_else(|_| Err(io::Error::other("the thread ended")))?;
        Ok(Self { commands: Some(commands), counts, thread: Some(thread) })
    }

    async fn send(&self, command: Command) {
        if let Some(commands) = &self.commands {
            // A core that is gone drops the reply, which its caller sees.
            let _ = commands.send(command).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lookup_that_hangs_does_not_hold_up_the_end() {
        let (answer, asked) = std::sync::mpsc::sync_channel::<()>(1);
        let (done, ended) = std::sync::mpsc::sync_channel(1);
        let thread = std::thread::spawn(move || {
            let mut builder = Builder::new_current_thread();
            let runtime = builder.enable_all().build_local(LocalOptions::default()).unwrap();
            let (begun, begins) = oneshot::channel();
            finish(runtime, async {
                // On a thread of its own, as tokio looks up names.
                tokio::task::spawn_blocking(move || (begun.send(()), asked.recv()));
                begins.await.unwrap();
            });
            done.send(()).unwrap();
        });
        assert!(ended.recv_timeout(Duration::from_secs(60)).is_ok(), "it waits for the answer");
        drop(answer);
        thread.join().unwrap();
    }
}
