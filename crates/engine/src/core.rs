//! One core: a thread with a runtime of its own, its users, and what they measure.

use crate::clock::{Clock, micros};
use crate::control::{Control, Phase};
use crate::engine::{Exception, Options};
use crate::http::connection::Raised;
use crate::http::dns::Dns;
use crate::http::tls::Tls;
use crate::lag::Lag;
use crate::limits;
use crate::program::Program;
use crate::user::User;
use akrida_scenario::Scenario;
use akrida_stats::{Delta, Recorder, Sparse};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};

/// What the engine asks of a core.
pub(crate) enum Command {
    /// Run so many users of each class, from now on against `host` and in `stage`.
    Assign(Assignment),
    /// End all users; answered when they are gone.
    Stop { reply: oneshot::Sender<()> },
    /// Tell what was measured since the last report.
    Report { reply: oneshot::Sender<CoreReport> },
}

pub(crate) struct Assignment {
    pub(crate) users: Vec<u64>,
    pub(crate) host: Option<String>,
    pub(crate) stage: Option<u16>,
    pub(crate) stop_timeout: Duration,
    pub(crate) reply: oneshot::Sender<()>,
}

pub(crate) struct CoreReport {
    pub(crate) delta: Delta,
    pub(crate) lag: Sparse,
}

/// Says goodbye for a user however its task ends, so that a stop never waits for one that is gone.
struct Leaving {
    core: Rc<Core>,
    class: usize,
    control: Rc<Control>,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.core.forget(self.class, &self.control);
    }
}

/// What the users of a core share; all of it lives on one thread.
pub(crate) struct Core {
    pub(crate) clock: Clock,
    /// Tells expressions the time, unix microseconds.
    pub(crate) wall_clock: Box<dyn Fn() -> u64>,
    pub(crate) dns: Dns,
    pub(crate) tls: Tls,
    pub(crate) raised: Raised,
    pub(crate) recorder: RefCell<Recorder>,
    pub(crate) lag: RefCell<Lag>,
    /// As in [`akrida_stats::RequestId`].
    pub(crate) stage: Cell<u16>,
    pub(crate) exceptions: mpsc::Sender<Exception>,
    scenario: Arc<Scenario>,
    program: RefCell<Rc<Program>>,
    host: RefCell<Option<String>>,
    stop_timeout: Cell<Duration>,
    drain: Duration,
    seeds: RefCell<fastrand::Rng>,
    /// By class, oldest first; without those that were asked to end.
    users: RefCell<Vec<Vec<Rc<Control>>>>,
    ending: RefCell<Vec<Rc<Control>>>,
    alive: Cell<u64>,
    gone: Notify,
    counts: Arc<Vec<AtomicU64>>,
}

impl Core {
    pub(crate) fn new(
        index: usize,
        clock: Clock,
        scenario: Arc<Scenario>,
        options: &Options,
        shared: (Dns, Tls, mpsc::Sender<Exception>),
        counts: Arc<Vec<AtomicU64>>,
    ) -> Rc<Self> {
        let (dns, tls, exceptions) = shared;
        let mut recorder = Recorder::new(clock.epoch_us());
        let program = Program::compile(&scenario, None, &mut recorder);
        let users = vec![Vec::new(); scenario.classes.len()];
        Rc::new(Self {
            clock,
            wall_clock: Box::new(move || clock.epoch_us().saturating_add(clock.now())),
            dns,
            tls,
            raised: Raised::default(),
            recorder: RefCell::new(recorder),
            lag: RefCell::default(),
            stage: Cell::new(0),
            exceptions,
            scenario,
            program: RefCell::new(Rc::new(program)),
            host: RefCell::new(None),
            stop_timeout: Cell::new(Duration::ZERO),
            drain: options.drain,
            seeds: RefCell::new(fastrand::Rng::with_seed(
                options.seed.wrapping_add(index as u64 * 0x9E37_79B9),
            )),
            users: RefCell::new(users),
            ending: RefCell::default(),
            alive: Cell::new(0),
            gone: Notify::new(),
            counts,
        })
    }

    /// Serves the engine until it is dropped.
    pub(crate) async fn serve(self: Rc<Self>, mut commands: mpsc::Receiver<Command>) {
        tokio::task::spawn_local(self.clone().watch_deadlines());
        tokio::task::spawn_local(self.clone().measure_lag());
        while let Some(command) = commands.recv().await {
            match command {
                Command::Assign(assignment) => self.assign(assignment),
                Command::Stop { reply } => {
                    self.stop();
                    let core = self.clone();
                    tokio::task::spawn_local(async move {
                        while core.alive.get() > 0 {
                            core.gone.notified().await;
                        }
                        core.dns.forget();
                        // Nobody listens any more when the engine was dropped meanwhile.
                        let _ = reply.send(());
                    });
                }
                Command::Report { reply } => {
                    let delta = self.recorder.borrow_mut().drain(self.clock.now());
                    let lag = self.lag.borrow_mut().drain();
                    let _ = reply.send(CoreReport { delta, lag });
                }
            }
        }
    }

    /// The program as of now: for this host.
    pub(crate) fn program(&self) -> Rc<Program> {
        self.program.borrow().clone()
    }

    fn assign(self: &Rc<Self>, assignment: Assignment) {
        self.stop_timeout.set(assignment.stop_timeout);
        self.stage.set(assignment.stage.map_or(0, |stage| stage.saturating_add(1)));
        if *self.host.borrow() != assignment.host {
            let program =
                Program::compile(&self.scenario, assignment.host.as_deref(), &mut self.recorder.borrow_mut());
            *self.program.borrow_mut() = Rc::new(program);
            *self.host.borrow_mut() = assignment.host;
        }
        for (class, &wanted) in assignment.users.iter().enumerate() {
            let mut present = self.users.borrow()[class].len() as u64;
            while present < wanted {
                self.spawn(class);
                present += 1;
            }
            while present > wanted {
                let newest = self.users.borrow_mut()[class].pop();
                if let Some(control) = newest {
                    self.ask_to_end(control);
                }
                present -= 1;
            }
            self.counts[class].store(wanted, Ordering::Relaxed);
        }
        let _ = assignment.reply.send(());
    }

    fn spawn(self: &Rc<Self>, class: usize) {
        let control = Rc::new(Control::default());
        self.users.borrow_mut()[class].push(control.clone());
        self.alive.set(self.alive.get() + 1);
        let seed = self.seeds.borrow_mut().u64(..);
        let user = User::new(self.clone(), class, control.clone(), seed);
        let leaving = Leaving { core: self.clone(), class, control };
        tokio::task::spawn_local(async move {
            let _leaving = leaving;
            user.live().await;
        });
    }

    /// Drops what is known of a user that ended, or whose task panicked.
    fn forget(&self, class: usize, control: &Rc<Control>) {
        if control.phase() == Phase::Run {
            // It ended by itself and was still counted.
            self.users.borrow_mut()[class].retain(|other| !Rc::ptr_eq(other, control));
            self.counts[class].fetch_sub(1, Ordering::Relaxed);
        }
        control.set_gone();
        self.alive.set(self.alive.get() - 1);
        if self.alive.get() == 0 {
            self.gone.notify_waiters();
        }
    }

    fn stop(&self) {
        for (class, users) in self.users.borrow_mut().iter_mut().enumerate() {
            for control in users.drain(..) {
                self.ask_to_end(control);
            }
            self.counts[class].store(0, Ordering::Relaxed);
        }
    }

    fn ask_to_end(&self, control: Rc<Control>) {
        let end_at = self.clock.now().saturating_add(micros(self.stop_timeout.get()));
        let abandon_at = end_at.saturating_add(micros(self.drain));
        let phase = if self.stop_timeout.get().is_zero() { Phase::End } else { Phase::Finish };
        control.ask(phase, end_at, abandon_at);
        self.ending.borrow_mut().push(control);
    }

    async fn watch_deadlines(self: Rc<Self>) {
        let mut tick = tokio::time::interval(limits::DEADLINE_TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            let now = self.clock.now();
            self.users.borrow().iter().flatten().for_each(|control| control.check(now));
            let mut ending = self.ending.borrow_mut();
            ending.retain(|control| !control.gone());
            ending.iter().for_each(|control| control.check(now));
        }
    }

    async fn measure_lag(self: Rc<Self>) {
        let interval = micros(limits::LAG_TICK);
        let mut due = self.clock.now();
        loop {
            due = (due + interval).max(self.clock.now());
            tokio::time::sleep_until(self.clock.instant(due)).await;
            self.lag.borrow_mut().tick(due, self.clock.now(), interval);
        }
    }
}
