//! One core: a thread with a runtime of its own, its users, and what they measure.

use crate::arrivals::Pool;
use crate::clock::{Clock, micros};
use crate::control::{Control, NEVER, Phase};
use crate::edits::Edited;
use crate::engine::{Exception, Options};
use crate::feeders::Lane;
use crate::http::Raised;
use crate::http::network::Networks;
use crate::lag::Lag;
use crate::limits;
use crate::program::Program;
use crate::redact::Redactor;
use crate::run::Run;
use crate::seed::Place;
use crate::timer::Timer;
use crate::user::User;
use akrida_scenario::Scenario;
use akrida_stats::{Arrivals, Delta, Recorder, Sparse};
use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};

#[cfg(test)]
mod tests;

/// What the engine asks of a core.
pub(crate) enum Command {
    /// Run so many users of each class, from now on against `host` and in `stage`.
    Assign(Assignment),
    /// A class was changed.
    Review,
    /// End all users; answered when they are gone.
    Stop { reply: oneshot::Sender<()> },
    /// Tell what was measured since the last report. From then on times are by a clock that so many microseconds are
    /// taken from.
    Report { clock_ahead_us: i64, reply: oneshot::Sender<CoreReport> },
}

pub(crate) struct Assignment {
    pub(crate) users: Vec<u64>,
    pub(crate) host: Option<String>,
    pub(crate) stage: Option<u16>,
    pub(crate) stop_timeout: Duration,
    pub(crate) lane: Lane,
    pub(crate) place: Place,
    pub(crate) run: Arc<Run>,
    pub(crate) reply: oneshot::Sender<()>,
}

pub(crate) struct CoreReport {
    pub(crate) delta: Delta,
    pub(crate) lag: Sparse,
    /// Users that ended by themselves in this run, by class.
    pub(crate) ended: Vec<u64>,
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

/// The users of one class.
#[derive(Default)]
struct Roster {
    /// Oldest first; without those that end.
    users: Vec<Rc<Control>>,
    /// Users that ended by themselves in this run. None takes their place.
    ended: u64,
    /// Where users wait for arrivals, if their load is open.
    pool: Option<Rc<Pool>>,
}

/// What the users of a core share; all of it lives on one thread.
pub(crate) struct Core {
    pub(crate) clock: Clock,
    pub(crate) timer: Timer,
    /// Tells expressions the time, unix microseconds.
    pub(crate) wall_clock: Box<dyn Fn() -> u64>,
    pub(crate) networks: Arc<Networks>,
    pub(crate) raised: Raised,
    pub(crate) recorder: RefCell<Recorder>,
    pub(crate) lag: RefCell<Lag>,
    /// As in [`akrida_stats::RequestId`].
    pub(crate) stage: Cell<u16>,
    pub(crate) exceptions: mpsc::Sender<Exception>,
    pub(crate) redactor: Redactor,
    /// This engine's rows of data that go round.
    pub(crate) lane: Cell<Lane>,
    /// Where this engine stands in its fleet.
    place: Cell<Place>,
    /// As it was given: names, numbers and order of classes stay.
    scenario: Arc<Scenario>,
    edited: Arc<Edited>,
    program: RefCell<Rc<Program>>,
    /// What the program was made of: the scenario at that time, and the host.
    made_of: RefCell<(Arc<Scenario>, Option<String>)>,
    stop_timeout: Cell<Duration>,
    drain: Duration,
    seed: u64,
    index: usize,
    /// `None` before the first.
    run: RefCell<Option<Arc<Run>>>,
    /// By class.
    rosters: RefCell<Vec<Roster>>,
    /// Users that end, of all classes.
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
        shared: (Arc<Edited>, Arc<Networks>, mpsc::Sender<Exception>),
        counts: Arc<Vec<AtomicU64>>,
    ) -> io::Result<Rc<Self>> {
        let (edited, networks, exceptions) = shared;
        let redactor = Redactor::new(&scenario);
        let mut recorder = Recorder::new(clock.epoch_us());
        let program = Program::compile(&scenario, None, &redactor, &mut recorder);
        let rosters = scenario.classes.iter().map(|_| Roster::default()).collect();
        Ok(Rc::new(Self {
            clock,
            timer: Timer::new(clock)?,
            wall_clock: Box::new(move || clock.epoch_us().saturating_add(clock.now())),
            networks,
            raised: Raised::default(),
            recorder: RefCell::new(recorder),
            lag: RefCell::default(),
            stage: Cell::new(0),
            exceptions,
            redactor,
            lane: Cell::new(Lane::new(0, 1)),
            place: Cell::default(),
            made_of: RefCell::new((scenario.clone(), None)),
            scenario,
            edited,
            program: RefCell::new(Rc::new(program)),
            stop_timeout: Cell::new(Duration::ZERO),
            drain: options.drain,
            seed: options.seed,
            index,
            run: RefCell::new(None),
            rosters: RefCell::new(rosters),
            ending: RefCell::default(),
            alive: Cell::new(0),
            gone: Notify::new(),
            counts,
        }))
    }

    /// Serves the engine until it is dropped.
    pub(crate) async fn serve(self: Rc<Self>, mut commands: mpsc::Receiver<Command>) {
        tokio::task::spawn_local(self.clone().watch_deadlines());
        tokio::task::spawn_local(self.clone().measure_lag());
        let core = self.clone();
        tokio::task::spawn_local(async move { core.timer.serve().await });
        while let Some(command) = commands.recv().await {
            match command {
                Command::Assign(assignment) => self.assign(assignment),
                Command::Review => {
                    let host = self.made_of.borrow().1.clone();
                    self.prepare(host, false);
                }
                Command::Stop { reply } => {
                    self.stop();
                    let core = self.clone();
                    tokio::task::spawn_local(async move {
                        while core.alive.get() > 0 {
                            core.gone.notified().await;
                        }
                        core.networks.forget();
                        // Nobody listens any more when the engine was dropped meanwhile.
                        let _ = reply.send(());
                    });
                }
                Command::Report { clock_ahead_us, reply } => {
                    let _ = reply.send(self.report(clock_ahead_us));
                }
            }
        }
    }

    fn report(&self, clock_ahead_us: i64) -> CoreReport {
        let mut recorder = self.recorder.borrow_mut();
        recorder.set_epoch(self.clock.epoch_us().saturating_add_signed(clock_ahead_us.saturating_neg()));
        let mut delta = recorder.drain(self.clock.now());
        let rosters = self.rosters.borrow();
        for (roster, class) in rosters.iter().zip(&self.scenario.classes) {
            let arrivals = roster.pool.as_ref().map(|pool| pool.drain()).unwrap_or_default();
            if arrivals != Arrivals::default() {
                delta.arrivals.insert(class.name.clone(), arrivals);
            }
        }
        let ended = rosters.iter().map(|roster| roster.ended).collect();
        CoreReport { delta, lag: self.lag.borrow_mut().drain(), ended }
    }

    /// The program as of now: for this host.
    pub(crate) fn program(&self) -> Rc<Program> {
        self.program.borrow().clone()
    }

    pub(crate) fn class_name(&self, class: usize) -> &str {
        &self.scenario.classes[class].name
    }

    fn assign(self: &Rc<Self>, assignment: Assignment) {
        self.stop_timeout.set(assignment.stop_timeout);
        self.lane.set(assignment.lane);
        self.place.set(assignment.place);
        self.stage.set(assignment.stage.map_or(0, |stage| stage.saturating_add(1)));
        let fresh = self.begin(&assignment.run);
        // Names of an earlier run take the room of this one's only where its users still hold them.
        let idle = self.rosters.borrow().iter().all(|roster| roster.users.is_empty());
        let forgot = fresh && idle && self.recorder.borrow_mut().forget();
        self.prepare(assignment.host, forgot);
        for (class, &wanted) in assignment.users.iter().enumerate() {
            let (present, wanted) = {
                let roster = &self.rosters.borrow()[class];
                (roster.users.len() as u64, wanted.saturating_sub(roster.ended))
            };
            for _ in present..wanted {
                self.spawn(class, assignment.run.clone());
            }
            for _ in wanted..present {
                let newest = self.rosters.borrow_mut()[class].users.pop();
                if let Some(control) = newest {
                    self.ask_to_end(control);
                }
            }
            self.counts[class].store(wanted, Ordering::Relaxed);
        }
        // After the users, who wait for arrivals before the first is due.
        for pool in self.rosters.borrow().iter().filter_map(|roster| roster.pool.as_ref()) {
            pool.prune();
            if fresh {
                tokio::task::spawn_local(self.clone().start_arrivals(pool.clone()));
            } else {
                pool.changed.notify_one();
            }
        }
        let _ = assignment.reply.send(());
    }

    /// Makes the program anew, if it was made of another scenario or for another host, or its labels were forgotten.
    fn prepare(&self, host: Option<String>, forgot: bool) {
        let scenario = self.edited.now();
        let mut made_of = self.made_of.borrow_mut();
        if !forgot && Arc::ptr_eq(&made_of.0, &scenario) && made_of.1 == host {
            return;
        }
        let mut recorder = self.recorder.borrow_mut();
        let program = Program::compile(&scenario, host.as_deref(), &self.redactor, &mut recorder);
        *self.program.borrow_mut() = Rc::new(program);
        *made_of = (scenario, host);
    }

    /// Whether this run is another than the last; then what that one counted is forgotten.
    fn begin(&self, run: &Arc<Run>) -> bool {
        let last = self.run.replace(Some(run.clone()));
        let fresh = last.is_none_or(|last| !Arc::ptr_eq(&last, run));
        if fresh {
            for (class, roster) in self.rosters.borrow_mut().iter_mut().enumerate() {
                roster.ended = 0;
                let last = roster.pool.take();
                let unreported = last.map(|pool| pool.drain()).unwrap_or_default();
                roster.pool =
                    run.book(class).map(|_| Rc::new(Pool::new(run.clone(), class, self.index, unreported)));
            }
        }
        fresh
    }

    /// Where users of a class with open load wait.
    pub(crate) fn pool(&self, class: usize) -> Option<Rc<Pool>> {
        self.rosters.borrow()[class].pool.clone()
    }

    /// Starts what arrives, until the pool is closed.
    async fn start_arrivals(self: Rc<Self>, pool: Rc<Pool>) {
        while !pool.closed() {
            let due = pool.catch_up(self.clock.now());
            tokio::select! {
                () = self.timer.at(due) => {}
                () = pool.changed.notified() => {}
            }
        }
    }

    fn spawn(self: &Rc<Self>, class: usize, run: Arc<Run>) {
        let seed = self.place.get().seed(self.seed, class, run.next_user(class));
        self.admit(class, |control| User::new(self.clone(), class, control, run, seed).live());
    }

    /// Counts a user in, and out again however its life ends.
    fn admit<L>(self: &Rc<Self>, class: usize, life: impl FnOnce(Rc<Control>) -> L)
    where
        L: Future<Output = ()> + 'static,
    {
        let control = Rc::new(Control::default());
        self.rosters.borrow_mut()[class].users.push(control.clone());
        self.alive.set(self.alive.get() + 1);
        let life = life(control.clone());
        let leaving = Leaving { core: self.clone(), class, control };
        tokio::task::spawn_local(async move {
            let _leaving = leaving;
            life.await;
        });
    }

    /// Notes that a user ends by itself, unless it was asked to.
    pub(crate) fn ends(&self, class: usize, control: &Rc<Control>) {
        if control.phase() == Phase::Run {
            self.strike(class, control);
            self.rosters.borrow_mut()[class].ended += 1;
            // Its `on_stop` may take as long as the run does.
            control.ask(Phase::End, NEVER, NEVER);
            self.ending.borrow_mut().push(control.clone());
        }
    }

    fn strike(&self, class: usize, control: &Rc<Control>) {
        self.rosters.borrow_mut()[class].users.retain(|other| !Rc::ptr_eq(other, control));
        self.counts[class].fetch_sub(1, Ordering::Relaxed);
    }

    /// Drops what is known of a user that ended, or whose task panicked.
    fn forget(&self, class: usize, control: &Rc<Control>) {
        if control.phase() == Phase::Run {
            // It broke off and is still counted.
            self.strike(class, control);
        }
        control.set_gone();
        self.alive.set(self.alive.get() - 1);
        if self.alive.get() == 0 {
            self.gone.notify_waiters();
        }
    }

    fn stop(&self) {
        // Those that end by themselves are told as well: now they have a time until which.
        let mut controls = std::mem::take(&mut *self.ending.borrow_mut());
        for (class, roster) in self.rosters.borrow_mut().iter_mut().enumerate() {
            if let Some(pool) = &roster.pool {
                pool.catch_up(self.clock.now());
                pool.close();
            }
            controls.append(&mut roster.users);
            self.counts[class].store(0, Ordering::Relaxed);
        }
        controls.into_iter().for_each(|control| self.ask_to_end(control));
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
            self.rosters
                .borrow()
                .iter()
                .flat_map(|roster| &roster.users)
                .for_each(|control| control.check(now));
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
