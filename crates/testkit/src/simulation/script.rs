//! What people do to the cluster, and what must hold when nobody does anything.

use super::Simulation;
use akrida_master::{Command, Edit, Load, Refusal, Start};
use akrida_run::{RunState, StopReason};
use akrida_scenario::Stage;
use std::time::Duration;

/// Things that happen in one history.
const ACTIONS: usize = 24;

/// Time without a fault after which everything must be as it should.
const QUIET: Duration = Duration::from_secs(10);

/// Steps in which quiet time passes.
const STEP: Duration = Duration::from_secs(1);

/// How long a run may take to stop.
const STOPS_WITHIN: Duration = Duration::from_secs(8);

/// How long a worker that is gone may be on the list: the time after which it is forgotten, and that to find out.
const FORGOTTEN_WITHIN: Duration = Duration::from_secs(66);

/// Users that people want at most.
const USERS: u64 = 200;

/// Most workers at once.
const WORKERS: usize = 8;

/// Plays the history of a seed.
///
/// # Panics
/// When something does not hold. The seed and what happened last are written to standard error.
pub fn run(seed: u64) {
    Script::new(seed).play();
}

/// Plays the history of a seed and writes all of it to standard error, each frame included.
///
/// # Panics
/// When something does not hold.
pub fn show(seed: u64) {
    let mut script = Script::new(seed);
    script.simulation.history.whole = true;
    script.play();
    script.simulation.history.print();
}

/// What may be done in a history besides starts, edits and joins. Each history has some of it: where everything
/// happens at once, much hides the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Stop,
    Leave,
    Crash,
    Restart,
    RestartMaster,
    Disk,
    Freeze,
    Partition,
    Break,
    Slow,
    Clock,
    Reset,
    SomeEnd,
    End,
}

const ACTS: [Act; 14] = [
    Act::Stop,
    Act::Leave,
    Act::Crash,
    Act::Restart,
    Act::RestartMaster,
    Act::Disk,
    Act::Freeze,
    Act::Partition,
    Act::Break,
    Act::Slow,
    Act::Clock,
    Act::Reset,
    Act::SomeEnd,
    Act::End,
];

/// What people want.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    /// Users, each from its time on, with the time by which they are there.
    steps: Vec<(Duration, Duration, u64)>,
    staged: bool,
    /// When the run is over by itself.
    ends: Option<Duration>,
}

/// What there was when counting began.
#[derive(Debug, Default)]
pub(super) struct Began {
    /// Requests that the master had read, also before the newest reset.
    pub(super) arrived: u64,
    pub(super) finished: u64,
    pub(super) lost: u64,
    /// Requests that were zeroed.
    pub(super) reset: u64,
    /// Whether nothing of an earlier run was left.
    pub(super) clean: bool,
}

pub(super) struct Script {
    pub(super) simulation: Simulation,
    acts: Vec<Act>,
    /// Of a hundred frames so many are dropped when there are faults.
    pub(super) drop_percent: u32,
    /// `None` when no run goes on.
    pub(super) wish: Option<Wish>,
    pub(super) began: Began,
    /// Whether a user wanted the run to end.
    raised: bool,
    /// When the newest run that ended is at rest.
    rests_from: Duration,
}

impl Script {
    fn new(seed: u64) -> Self {
        let mut simulation = Simulation::new(seed);
        let acts = ACTS.into_iter().filter(|_| simulation.rng.bool()).collect();
        let drop_percent = if simulation.rng.u8(0..3) == 0 { 3 } else { 0 };
        simulation.watched.lossy = drop_percent > 0;
        if simulation.rng.bool() {
            simulation.keep_journal();
        }
        let (began, rests_from) = (Began::default(), Duration::ZERO);
        Self { simulation, acts, drop_percent, wish: None, began, raised: false, rests_from }
    }

    fn play(&mut self) {
        let journal = if self.simulation.journal.is_some() { "a" } else { "no" };
        let (acts, drop_percent) = (&self.acts, self.drop_percent);
        let text = format!("{acts:?}; {drop_percent} % of frames are dropped; {journal} journal");
        self.simulation.note(&text);
        self.join();
        self.pass(Duration::from_secs(2));
        for _ in 0..ACTIONS {
            self.simulation.drop_percent = self.drop_percent;
            self.act();
            let pause = self.simulation.rng.u64(0..4_000);
            self.pass(Duration::from_millis(pause));
        }
        self.quiet();
        if self.simulation.rng.bool() {
            self.end();
            self.quiet();
        }
        match self.simulation.rng.u8(0..4) {
            0 => self.quit(),
            1 => {
                self.pass(FORGOTTEN_WITHIN);
                self.simulation.check_forgotten();
            }
            _ => {}
        }
    }

    fn act(&mut self) {
        let others = 12;
        let which = self.simulation.rng.usize(0..others + self.acts.len());
        match which {
            0..=4 => self.begin_or_edit(),
            5..=9 => self.join(),
            10..=11 => self.quiet(),
            _ => match self.acts[which - others] {
                Act::Stop => self.stop(),
                Act::Leave => self.leave(),
                Act::Crash => drop(self.crash()),
                Act::Restart => self.restart(),
                Act::RestartMaster => self.restart_master(),
                Act::Disk => self.fill_disk(),
                Act::Freeze => self.freeze(),
                Act::Partition => self.partition(),
                Act::Break => self.break_connection(),
                Act::Slow => self.slow(),
                Act::Clock => self.set_clock(),
                Act::Reset => self.reset(),
                Act::SomeEnd => self.some_end(),
                Act::End => self.end(),
            },
        }
    }

    /// Lets time pass and takes in what the master did by itself.
    fn pass(&mut self, time: Duration) {
        self.simulation.pass(time);
        let Some((reason, at)) = self.simulation.stopping.take() else { return };
        let ends = self.wish.take().and_then(|wish| wish.ends);
        self.simulation.watched.allow(at, 0);
        self.rests_from = at + STOPS_WITHIN;
        match reason {
            // Whoever asked has no wish any more.
            StopReason::Asked => {}
            StopReason::RunTime | StopReason::Stages => {
                // While there is no master, nobody stops a run.
                let ends = ends.map(|ends| ends.max(self.simulation.master_from.min(at)));
                // A journal knows microseconds.
                let late = ends.and_then(|ends| (at + Duration::from_micros(1)).checked_sub(ends));
                let on_time = late.is_some_and(|late| late <= Duration::from_millis(10));
                assert!(on_time, "{reason:?} at {at:?}, planned at {ends:?}");
            }
            StopReason::NoWorkers => self.simulation.check_no_workers(at),
            StopReason::UsersEnded => {
                let well = self.simulation.workers.iter().filter(|worker| worker.is_well(at));
                let users: u64 = well.map(|worker| worker.engine.user_count()).sum();
                assert_eq!(users, 0, "all users ended");
            }
            StopReason::Threshold(text) => panic!("there are no thresholds, and {text} is broken"),
            StopReason::User(_) => assert!(self.raised, "no user wanted the run to end"),
        }
    }

    fn begin_or_edit(&mut self) {
        if self.simulation.master.is_none() {
            return;
        }
        if let Some(wish) = self.wish.clone() {
            return self.edit(&wish);
        }
        let refused = match self.simulation.snapshot.state {
            RunState::Ready | RunState::Stopped => None,
            _ => Some(Refusal::Stopping),
        };
        let now = self.simulation.now;
        let (load, wish) = if self.simulation.rng.u8(0..4) == 0 { self.stages() } else { self.constant(0) };
        let run_time = self.run_time();
        let began = Began {
            arrived: self.simulation.reports.arrived(),
            finished: self.simulation.finished(),
            lost: self.simulation.lost(),
            reset: 0,
            clean: self.simulation.is_clean(),
        };
        let answer = self.simulation.command(Command::Start(Start { load, host: None, run_time }));
        if let Some(refused) = refused {
            assert_eq!(answer, Err(refused));
        } else if answer == Err(Refusal::NoWorkers) {
            assert!(self.simulation.may_lack_workers(), "a worker is well, and not used");
        } else {
            assert_eq!(answer, Ok(()));
            (self.began, self.simulation.remembered) = (began, true);
            self.wish(wish, run_time.map(|time| now + time));
        }
    }

    fn edit(&mut self, wish: &Wish) {
        let now = self.simulation.now;
        let (load, wanted) = self.constant(wish.at(now));
        let Load::Constant { users, spawn_rate } = load else { return };
        let run_time = self.run_time();
        let answer = self.simulation.command(Command::Edit(Edit { users, spawn_rate, host: None, run_time }));
        if wish.staged {
            assert_eq!(answer, Err(Refusal::Staged));
        } else {
            assert_eq!(answer, Ok(()));
            let ends = run_time.map(|time| now + time).or(wish.ends);
            self.wish(wanted, ends);
        }
    }

    /// Notes what people want from now on.
    fn wish(&mut self, wish: Wish, ends: Option<Duration>) {
        // A ramp that was under way may not be where it was to lead.
        let (_, mut before) = self.simulation.watched.allowed(self.simulation.now);
        for (from, by, users) in &wish.steps {
            self.simulation.watched.allow(*from, before.max(*users));
            self.simulation.watched.allow(*by, *users);
            // The next stage may begin before this ramp is done.
            before = before.max(*users);
        }
        let ends = [wish.ends, ends].into_iter().flatten().min();
        self.wish = Some(Wish { ends, ..wish });
    }

    fn constant(&mut self, before: u64) -> (Load, Wish) {
        let users = self.simulation.rng.u64(0..USERS);
        let spawn_rate = self.rate();
        let now = self.simulation.now;
        let steps = vec![(now, now + ramp(users.abs_diff(before).max(USERS), spawn_rate), users)];
        (Load::Constant { users, spawn_rate }, Wish { steps, staged: false, ends: None })
    }

    fn stages(&mut self) -> (Load, Wish) {
        let (mut stages, mut steps) = (Vec::new(), Vec::new());
        let mut begins = self.simulation.now;
        for number in 0..self.simulation.rng.usize(1..5) {
            let (users, spawn_rate) = (self.simulation.rng.u64(0..USERS), self.rate());
            let seconds = if self.simulation.rng.u8(0..4) == 0 { 60_000 } else { 8_000 };
            let duration = Duration::from_millis(self.simulation.rng.u64(0..seconds));
            stages.push(Stage { name: number.to_string(), duration, users, spawn_rate });
            steps.push((begins, begins + ramp(USERS, spawn_rate), users));
            begins += duration;
        }
        (Load::Stages(stages), Wish { steps, staged: true, ends: Some(begins) })
    }

    fn rate(&mut self) -> f64 {
        [17.3, 33.0, 1_000.0][self.simulation.rng.usize(0..3)]
    }

    fn run_time(&mut self) -> Option<Duration> {
        (self.simulation.rng.u8(0..8) == 0).then(|| Duration::from_millis(self.simulation.rng.u64(0..40_000)))
    }

    /// Ends the run in one of the ways in which runs end.
    fn end(&mut self) {
        let workers = self.simulation.workers.iter_mut();
        let mut at_work = workers.filter(|worker| worker.is_alive() && worker.engine.user_count() > 0);
        match self.simulation.rng.u8(0..3) {
            0 => {
                at_work.for_each(|worker| worker.engine.exhaust());
                self.simulation.note("all users end");
            }
            1 => {
                if let Some(worker) = at_work.next().filter(|_| self.wish.is_some()) {
                    worker.engine.stop_run = true;
                    self.raised = true;
                    self.simulation.note("a user ends the run");
                }
            }
            _ => self.stop(),
        }
    }

    fn some_end(&mut self) {
        let simulation = &mut self.simulation;
        for worker in simulation.workers.iter_mut().filter(|worker| worker.is_alive()) {
            if simulation.rng.bool() {
                worker.engine.end_some(&mut simulation.rng);
            }
        }
        simulation.note("some users end");
    }

    fn stop(&mut self) {
        if self.simulation.master.is_some() && self.wish.take().is_some() {
            assert_eq!(self.simulation.command(Command::Stop), Ok(()));
            let now = self.simulation.now;
            self.simulation.watched.allow(now, 0);
        }
    }

    fn reset(&mut self) {
        if self.simulation.master.is_some() {
            self.began.reset += self.simulation.reports.arrived() - self.began.arrived;
            self.began.arrived = self.simulation.reports.arrived();
            assert_eq!(self.simulation.command(Command::Reset), Ok(()));
        }
    }

    /// The master sends everybody home.
    fn quit(&mut self) {
        assert_eq!(self.simulation.command(Command::Quit), Ok(()));
        self.simulation.watched.allow(self.simulation.now, 0);
        self.simulation.pass(STOPS_WITHIN);
        assert!(self.simulation.ended, "the master does not end");
        let left = self.simulation.workers.iter().find(|worker| worker.is_alive());
        assert!(left.is_none(), "{:?} was not sent home", left.map(|worker| &worker.peer));
        if self.began.clean && self.simulation.remembered {
            let counted = self.simulation.snapshot.total.num_requests;
            assert_eq!(counted, self.simulation.arrived_by_snapshot - self.began.arrived);
        }
    }

    fn join(&mut self) {
        let alive = self.simulation.workers.iter().filter(|worker| worker.is_alive()).count();
        if alive < WORKERS {
            self.simulation.join(None, self.simulation.now);
        }
    }

    /// Nobody does anything for a while. Then everything is as it should be.
    fn quiet(&mut self) {
        self.simulation.drop_percent = 0;
        // With nobody left there is nothing to demand.
        if !self.simulation.workers.iter().any(|worker| worker.is_alive() && !worker.leaving) {
            self.join();
        }
        let mut until = self.quiet_from().max(self.simulation.now) + QUIET;
        while self.simulation.now < until {
            // By small steps: what ends meanwhile has to come to rest, too.
            self.pass((until - self.simulation.now).min(STEP));
            until = until.max(self.quiet_from() + QUIET);
        }
        self.simulation.note("quiet");
        if !self.simulation.workers.iter().any(super::worker::SimWorker::is_alive) {
            return;
        }
        self.simulation.check_workers();
        self.simulation.check_snapshot();
        match &self.wish {
            Some(wish) => {
                self.simulation.check_users(wish.at(self.simulation.now));
                self.simulation.check_counted(&self.began);
            }
            None => self.simulation.check_stopped(&self.began),
        }
    }

    /// When the newest thing is over that keeps the cluster from being quiet: a fault, a ramp, a run.
    fn quiet_from(&self) -> Duration {
        let now = self.simulation.now;
        let alive = self.simulation.workers.iter().filter(|worker| worker.is_alive());
        let mended = alive.map(super::worker::SimWorker::well_from).max().unwrap_or_default();
        let ramped = self.wish.as_ref().map_or(Duration::ZERO, |wish| {
            let begun = wish.steps.iter().filter(|(from, ..)| *from <= now + QUIET);
            begun.map(|(_, by, _)| *by).max().unwrap_or_default()
        });
        let ends = self.wish.as_ref().and_then(|wish| wish.ends).filter(|ends| *ends <= now + QUIET);
        let ended = ends.map_or(Duration::ZERO, |ends| ends + STOPS_WITHIN);
        mended.max(ramped).max(ended).max(self.rests_from).max(self.simulation.last_fault)
    }
}

impl Wish {
    /// Users wanted at `now`.
    fn at(&self, now: Duration) -> u64 {
        let begun = self.steps.iter().rev().find(|(from, ..)| *from <= now);
        begun.map_or(0, |(_, _, users)| *users)
    }
}

/// How long a ramp may take.
fn ramp(users: u64, spawn_rate: f64) -> Duration {
    Duration::from_secs_f64(users as f64 / spawn_rate + 1.0)
}
