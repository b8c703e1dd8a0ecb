//! The life of a run: ready -> spawning -> running -> stopping -> stopped (section 6 of Locust's protocol).

use crate::MasterCore;
use crate::config::Config;
use crate::event::{Amend, Edit, Effects, Now, Refusal, Start};
use crate::journal::{micros, time};
use crate::limits;
use crate::plan::{Goal, Plan, Turn};
use crate::registry::{Job, Node, Presence, total};
use crate::shares::is_same;
use akrida_dispatch::{Assignment, Ramp, place};
use akrida_protocol::{Share, SpawnJob, ToWorker};
use akrida_run::record::RunMark;
use akrida_run::{FleetEventKind, RunState, StopReason};
use std::time::Duration;

/// A run that goes on. Times are monotonic.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) plan: Plan,
    /// Base address that wins over those of the classes.
    pub(crate) host: Option<String>,
    pub(crate) began: Duration,
    /// Into how many parts rows that go round are divided; 0 before the first user.
    pub(crate) seats: u64,
    /// The same, as it was at the beginning.
    pub(crate) first_seats: u64,
    ramp: Ramp,
    /// Users when the ramp began.
    ramp_from: u64,
    ramp_began: Duration,
    /// How far the ramp was when it was last looked at, counted from its beginning.
    ramp_looked: Duration,
    /// Users wanted at this point of the ramp.
    users: u64,
    /// When workers should have carried out the newest jobs.
    settled_by: Duration,
    /// Since when there is no worker.
    alone_since: Option<Duration>,
    /// Whether a worker was told of it.
    is_placed: bool,
    stopping: Option<Stopping>,
}

#[derive(Clone, Debug)]
struct Stopping {
    /// When workers that did not confirm are given up.
    latest: Duration,
    /// When all had confirmed.
    confirmed: Option<Duration>,
    reason: StopReason,
}

impl Run {
    pub(crate) fn goal(&self) -> Goal {
        if self.stopping.is_some() { Goal { users: 0, ..self.plan.goal() } } else { self.plan.goal() }
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.is_some()
    }

    /// When time alone changes something next.
    pub(crate) fn next_change(&self) -> Duration {
        if self.stopping.is_some() {
            return Duration::MAX;
        }
        let iteration = self.ramp.next_change(self.ramp_looked);
        iteration
            .map_or(Duration::MAX, |next| self.ramp_began.saturating_add(next))
            .min(self.plan.next_turn())
    }

    /// For the journal.
    pub(crate) fn mark(&self) -> RunMark {
        RunMark {
            host: self.host.clone(),
            began: micros(self.began),
            seats: (self.seats, self.first_seats),
            ramp: (self.ramp_from, self.ramp.to()),
            ramp_began: micros(self.ramp_began),
            users: self.users,
            is_placed: self.is_placed,
            stopping: self.stopping.as_ref().map(|stopping| stopping.reason.clone()),
            ..self.plan.mark()
        }
    }

    /// What a journal tells; `None` if that is no run.
    pub(crate) fn restore(mark: &RunMark, now: Now, config: &Config) -> Option<Self> {
        let plan = Plan::restore(mark)?;
        let bound = config.stop_timeout + config.drain + limits::STOP_GRACE + limits::RETURN;
        let stopping = |reason: &StopReason| Stopping {
            latest: now.monotonic + bound,
            confirmed: None,
            reason: reason.clone(),
        };
        Some(Self {
            ramp: Ramp::new(mark.ramp.0, mark.ramp.1, plan.goal().spawn_rate),
            plan,
            host: mark.host.clone(),
            began: time(mark.began),
            seats: mark.seats.0,
            first_seats: mark.seats.1,
            ramp_from: mark.ramp.0,
            ramp_began: time(mark.ramp_began),
            ramp_looked: now.monotonic.saturating_sub(time(mark.ramp_began)),
            users: mark.users,
            settled_by: now.monotonic + limits::RETURN + limits::SETTLE,
            alone_since: None,
            is_placed: mark.is_placed,
            stopping: mark.stopping.as_ref().map(stopping),
        })
    }

    /// Leads the users to what the plan wants now.
    fn aim(&mut self, now: Now) {
        let goal = self.plan.goal();
        self.ramp = Ramp::new(self.users, goal.users, goal.spawn_rate);
        self.ramp_from = self.users;
        self.ramp_began = now.monotonic;
    }

    /// Whether users have reached what the plan wants.
    fn is_ramped(&self) -> bool {
        self.ramp.next_change(self.ramp_looked).is_none()
    }

    /// Whether users had reached it before now.
    pub(crate) fn was_ramped(&self) -> bool {
        self.is_ramped() && !self.ramp_looked.is_zero()
    }
}

impl MasterCore {
    pub(crate) fn start(&mut self, now: Now, start: Start, effects: &mut Effects) -> Result<(), Refusal> {
        match self.state {
            RunState::Ready | RunState::Stopped => {}
            RunState::Spawning | RunState::Running => return Err(Refusal::Running),
            RunState::Stopping => return Err(Refusal::Stopping),
        }
        let plan = Plan::new(&start, now.monotonic)?;
        if self.registry.usable().is_empty() && !self.is_anybody_about_to_be_ready() {
            return Err(Refusal::NoWorkers);
        }
        self.runs += 1;
        self.job_before_run = self.newest_job;
        self.results = crate::health::results_since(now);
        self.verdict.begin(now);
        self.names = akrida_run::metrics::Names::default();
        self.tape.begin(now, false);
        self.journal.begin(now, false);
        self.stages.clear();
        self.ended_us = None;
        self.lost.clear();
        self.lost_for_good = 0;
        self.restarts = 0;
        self.ledger.begin(&self.config.sources);
        for (_, node) in self.registry.iter_mut() {
            (node.seat, node.holding, node.interrupted) = (None, None, false);
            node.unwritten = true;
            node.ended.fill(0);
        }
        let users = self.at_once(plan.goal().users);
        let mut run = Run {
            ramp: Ramp::new(0, 0, 1.0),
            plan,
            host: start.host,
            began: now.monotonic,
            seats: 0,
            first_seats: 0,
            ramp_from: 0,
            ramp_began: now.monotonic,
            ramp_looked: Duration::ZERO,
            users,
            settled_by: now.monotonic,
            alone_since: None,
            is_placed: false,
            stopping: None,
        };
        run.aim(now);
        self.run = Some(run);
        self.begin_ramp(now, effects);
        Ok(())
    }

    /// Whether a worker has stopped and will be ready again: Locust's sleep for their stop timeout in between.
    fn is_anybody_about_to_be_ready(&self) -> bool {
        self.registry.nodes().any(|node| node.presence == Presence::Stopped)
    }

    /// Users that a run begins with. Arrivals do not wait for a ramp: what comes while their users are still being
    /// spawned would be dropped. Users of a fixed number come first, so these are all of them.
    fn at_once(&self, wanted: u64) -> u64 {
        let open = self.config.open.iter().zip(&self.chosen).any(|(open, chosen)| open.is_some() && *chosen);
        if open { self.sequence.fixed().min(wanted) } else { 0 }
    }

    pub(crate) fn edit(&mut self, now: Now, edit: &Edit, effects: &mut Effects) -> Result<(), Refusal> {
        let Some(run) = &mut self.run else { return Err(Refusal::NotRunning) };
        if run.stopping.is_some() {
            return Err(Refusal::Stopping);
        }
        run.plan.edit(edit, now.monotonic)?;
        run.aim(now);
        self.redirect(edit.host.as_ref());
        self.begin_ramp(now, effects);
        Ok(())
    }

    pub(crate) fn amend(&mut self, now: Now, amend: &Amend, effects: &mut Effects) -> Result<(), Refusal> {
        let Some(run) = &mut self.run else { return Err(Refusal::NotRunning) };
        if run.stopping.is_some() {
            return Err(Refusal::Stopping);
        }
        run.plan.amend(amend, now.monotonic)?;
        if amend.users.is_some() {
            run.aim(now);
            self.begin_ramp(now, effects);
        }
        self.redirect(amend.host.as_ref());
        self.changed = true;
        Ok(())
    }

    /// Lets the users of the run load another host from now on.
    fn redirect(&mut self, host: Option<&String>) {
        let Some(run) = &mut self.run else { return };
        if host.is_some() && host != run.host.as_ref() {
            run.host = host.cloned();
            // Everybody has to be told.
            self.registry.iter_mut().for_each(|(_, node)| node.job = None);
            self.unplaced = true;
        }
    }

    pub(crate) fn ask_to_stop(&mut self, now: Now, effects: &mut Effects) -> Result<(), Refusal> {
        match self.state {
            RunState::Spawning | RunState::Running => self.stop(now, StopReason::Asked, effects),
            // It is what was wanted.
            RunState::Stopping => {}
            RunState::Ready | RunState::Stopped => return Err(Refusal::NotRunning),
        }
        Ok(())
    }

    /// Tells that a ramp begins.
    fn begin_ramp(&mut self, now: Now, effects: &mut Effects) {
        let Some(run) = &self.run else { return };
        if let Some(stage) = run.plan.stage_now() {
            self.stages.push((stage.name.clone(), now.wall_us));
            effects.tell(now, FleetEventKind::StageBegan { index: stage.index, name: stage.name });
        }
        let Goal { users, spawn_rate } = run.plan.goal();
        let workers = self.registry.usable().len() as u64;
        effects.tell(now, FleetEventKind::Ramping { target: users, spawn_rate, workers });
        self.unplaced = true;
        self.enter(RunState::Spawning);
    }

    fn enter(&mut self, state: RunState) {
        self.changed |= self.state != state;
        self.state = state;
    }

    /// Does what is due: because of the time, or because of what workers said.
    pub(crate) fn advance(&mut self, now: Now, effects: &mut Effects) {
        while let Some(run) = self.run.as_mut().filter(|run| run.stopping.is_none()) {
            match run.plan.turn(now.monotonic) {
                None => break,
                Some(Turn::Over(reason)) => self.stop(now, reason, effects),
                Some(Turn::Stage) => {
                    run.aim(now);
                    self.begin_ramp(now, effects);
                }
            }
        }
        let Some(run) = &mut self.run else { return };
        if run.stopping.is_some() {
            return self.end_stop(now, effects);
        }
        run.ramp_looked = now.monotonic.saturating_sub(run.ramp_began);
        let users = run.ramp.users_at(run.ramp_looked);
        if users != run.users {
            self.unplaced = true;
            run.users = users;
            // Those that ramp by themselves are told nothing at the end of it.
            run.settled_by = now.monotonic + limits::SETTLE;
        }
        if self.unplaced && now.monotonic >= self.next_placing {
            self.place_users(now, effects);
            self.next_placing = now.monotonic + self.pause();
        }
        self.end_ramp(now, effects);
        if std::mem::take(&mut self.look_for_end) && self.have_all_ended() {
            self.stop(now, StopReason::UsersEnded, effects);
        }
    }

    /// Whether users wait for being placed.
    pub(crate) fn has_to_place(&self) -> bool {
        self.unplaced && self.run.as_ref().is_some_and(|run| !run.is_stopping())
    }

    /// Whether all users have ended by themselves, and none is to come.
    fn have_all_ended(&self) -> bool {
        let Some(run) = &self.run else { return false };
        if self.state != RunState::Running || self.registry.user_count() > 0 {
            return false;
        }
        let wanted = total(&self.sequence.totals(run.plan.peak()));
        let ended: u64 = self.registry.nodes().filter(|node| node.is_usable()).map(Node::ended).sum();
        wanted > 0 && ended >= wanted
    }

    /// Brings the users that are wanted now to the workers that are there now. Only workers whose numbers change
    /// are told; Locust tells all of them each time.
    fn place_users(&mut self, now: Now, effects: &mut Effects) {
        self.unplaced = false;
        let Some(run) = &mut self.run else { return };
        let workers = self.registry.usable();
        if workers.is_empty() {
            if run.alone_since.is_none() && self.registry.live() == 0 {
                let seconds = self.config.worker_wait.as_secs_f64();
                let text = format!("No worker is left: the run waits {seconds} s for one before it stops.");
                effects.tell(now, FleetEventKind::Warning(text));
            }
            run.alone_since.get_or_insert(now.monotonic);
            return;
        }
        if run.alone_since.take().is_some() && !run.is_placed {
            // The ramp begins with the first worker, not with the wait for it.
            run.ramp_began = now.monotonic;
            run.ramp_looked = Duration::ZERO;
            run.users = run.ramp.users_at(Duration::ZERO);
        }
        run.is_placed = true;
        let (workers, numbered) = self.by_kind(workers);
        let mut told = self.place_numbers(now, workers.len(), &numbered, effects);
        let Some(run) = &self.run else { return };
        let division = self.division(run.users, workers.len(), numbered.len());
        // What a worker was told counts; what it runs only if it was told nothing since it was away.
        let present = self.registry.iter_mut().filter(|(_, node)| node.is_usable() && !node.is_old());
        let present = present.map(|(peer, node)| {
            (peer.clone(), node.job.as_ref().map_or_else(|| node.users.clone(), |job| job.users.clone()))
        });
        let present = Assignment(present.collect());
        let placed = place(&present, &workers, &self.sequence.totals(division.by_class));
        let mut shares = self.deal(&placed, &workers);
        let Some(run) = &self.run else { return };
        let (host, stage) = (run.host.clone(), run.plan.stage());
        let elapsed = now.monotonic.saturating_sub(run.began);
        let elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        // A worker takes a job only if it is newer than the one before, whatever the clock says.
        self.newest_job = now.wall_s().max(self.newest_job + 1e-6);
        let timestamp = self.newest_job;
        let parsed_options = self.parsed_options();
        for (peer, users) in placed.0 {
            let Some(share) = shares.remove(&peer) else { continue };
            let same = |job: &Job| {
                job.users == users && job.stage == stage && is_same(&job.share, &share, self.config.rows)
            };
            if self.registry.get(&peer).and_then(|node| node.job.as_ref()).is_some_and(same) {
                continue;
            }
            if let Some(node) = self.registry.get_mut(&peer).filter(|node| node.broke.is_some()) {
                // It is told once it is heard again.
                node.job = None;
                continue;
            }
            let rows = self.rows_for_job(&peer, &users);
            let Some(node) = self.registry.get_mut(&peer) else { continue };
            let job = SpawnJob {
                timestamp,
                user_classes_count: self.classes.iter().cloned().zip(users.iter().copied()).collect(),
                host: host.clone(),
                stop_timeout: Some(self.config.stop_timeout.as_secs_f64()),
                parsed_options: parsed_options.clone(),
                stage,
                share: Some(Share { elapsed_us, ..share.clone() }),
                rows,
            };
            effects.send(&peer, &node.id, &ToWorker::Spawn(job));
            node.job = Some(Job { users, stage, share, timestamp, due: now.monotonic, number: None });
            node.run = self.runs;
            node.unwritten = true;
            self.journal.urgent = true;
            // What is told once more, because it may not have come, starts and stops nobody.
            told |= !node.is_settled();
        }
        if let Some(run) = self.run.as_mut().filter(|_| told) {
            run.settled_by = now.monotonic + limits::SETTLE;
            // A rebalance is a small ramp.
            self.changed |= self.state != RunState::Spawning;
            self.state = RunState::Spawning;
        }
    }

    /// Ends the ramp when all workers have carried out their jobs, or are given up waiting for.
    fn end_ramp(&mut self, now: Now, effects: &mut Effects) {
        let Some(run) = &self.run else { return };
        let alone = run.alone_since.is_some_and(|since| {
            let latest = since + self.config.worker_wait;
            // Not asked before that matters: it is a look at all.
            now.monotonic >= latest
                && (!self.is_anybody_about_to_be_ready()
                    || now.monotonic >= latest + self.config.stop_timeout)
        });
        if alone {
            return self.stop(now, StopReason::NoWorkers, effects);
        }
        if self.state != RunState::Spawning || self.unplaced || !run.is_ramped() || run.alone_since.is_some()
        {
            return;
        }
        let unsettled = |node: &Node| node.is_usable() && !node.is_settled();
        if now.monotonic < run.settled_by && self.registry.any(&mut self.witnesses.unsettled, unsettled) {
            return;
        }
        self.enter(RunState::Running);
        let (users, unclassed) = (self.registry.users(self.classes.len()), self.registry.unclassed());
        let user_count = self.registry.user_count();
        for (peer, node) in self.registry.iter_mut().filter(|(_, node)| node.is_usable()) {
            effects.say(peer, node, &ToWorker::SpawningComplete { user_count });
        }
        effects.tell(now, FleetEventKind::Spawned { users: self.by_name(&users), unclassed });
        if self.config.reset_stats {
            // Workers still hold what they measured in the ramp: counting begins when that has come.
            for (_, node) in self.registry.iter_mut().filter(|(_, node)| node.is_usable()) {
                node.resets = true;
            }
        }
    }

    /// Begins to stop the run, unless that has begun.
    pub(crate) fn stop(&mut self, now: Now, reason: StopReason, effects: &mut Effects) {
        let Some(run) = self.run.as_mut().filter(|run| !run.is_stopping()) else { return };
        let bound = self.config.stop_timeout + self.config.drain + limits::STOP_GRACE;
        run.stopping =
            Some(Stopping { latest: now.monotonic + bound, confirmed: None, reason: reason.clone() });
        self.journal.urgent = true;
        for (peer, node) in self.registry.iter_mut() {
            if node.run == self.runs && node.is_usable() {
                node.tell_to_stop(now, peer, effects);
            }
            node.job = None;
        }
        effects.tell(now, FleetEventKind::Stopping { reason });
        self.enter(RunState::Stopping);
    }

    /// Ends the run when all workers have stopped and sent their last figures, or are given up.
    fn end_stop(&mut self, now: Now, effects: &mut Effects) {
        let Some(Run { stopping: Some(stopping), .. }) = &mut self.run else { return };
        let is_stopping = |presence: Presence| matches!(presence, Presence::Stopping(_));
        if now.monotonic < stopping.latest {
            let confirmed = stopping.confirmed;
            let witness = &mut self.witnesses.unstopped;
            if confirmed.is_none() && self.registry.any(witness, |node| is_stopping(node.presence)) {
                return;
            }
            let confirmed = *stopping.confirmed.get_or_insert(now.monotonic);
            // They are about to be ready again, and a new run would want them.
            let ready_grace = now.monotonic < confirmed + limits::READY_GRACE;
            let figures_grace = now.monotonic < confirmed + limits::LAST_FIGURES;
            let holds_up = |node: &Node| {
                is_stopping(node.presence)
                    || ready_grace && node.presence == Presence::Stopped
                    || figures_grace && node.owes && node.is_live()
            };
            if self.registry.any(witness, holds_up) {
                return;
            }
        }
        let is_lost = |node: &&Node| is_stopping(node.presence) || node.owes && node.is_live();
        for node in self.registry.nodes().filter(is_lost) {
            self.lost.insert(node.id.clone());
        }
        self.run = None;
        self.ended_us = Some(now.wall_us);
        self.enter(RunState::Stopped);
        effects.tell(now, FleetEventKind::Stopped);
    }
}
