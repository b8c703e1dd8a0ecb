//! A worker under a master of before Locust 2.0, or of before 2.10, which answers nothing.

use crate::WorkerCore;
use crate::core::{Registration, State};
use crate::event::{Effects, Job, Notice, Now, Work};
use crate::growth::Growth;
use crate::limits;
use akrida_engine::Share;
use akrida_protocol::{Generations, ToMaster, UsersJob};
use std::time::Duration;

impl WorkerCore {
    /// Takes over of which generations the master may be by what it just said; there may be another one by now.
    pub(crate) fn recognise(&mut self, said: Generations) {
        self.master = if self.master.may_be(said) { self.master.narrowed(said) } else { said };
    }

    /// A master that took what was said and did not answer in time is taken for one that never does.
    pub(crate) fn presume(&mut self, now: Now, congested: bool) {
        if now.monotonic < self.presumed {
            return;
        }
        if congested {
            // Nobody is there yet.
            self.presumed = now.monotonic + limits::UNANSWERED;
        } else {
            self.unanswered = true;
            self.begin_beats(now);
        }
    }

    /// The master answers heartbeats as only ours does, which acknowledges workers, too. Until it has, it gives this
    /// one nothing to do: what was lost of that is asked for again soon.
    pub(crate) fn presume_no_longer(&mut self, now: Now) {
        if std::mem::take(&mut self.unanswered)
            && let Registration::Announcing { next, .. } = &mut self.registration
        {
            *next = (*next).min(now.monotonic + limits::CONNECT_INTERVAL);
        }
    }

    /// The master wants so many users.
    pub(crate) fn on_users_job(&mut self, now: Now, job: UsersJob, effects: &mut Effects) {
        self.acknowledged_by(false);
        self.acknowledged(now, effects);
        if !matches!(self.state, State::Ready | State::Spawning | State::Running) {
            return;
        }
        if job.users > limits::USERS {
            return self.refuse(job.users, effects);
        }
        let from = match (&self.growth, self.state) {
            (Some(growth), _) => growth.told(),
            (None, State::Ready) => 0,
            (None, _) => self.users.iter().sum(),
        };
        self.state = State::Spawning;
        self.send(&ToMaster::Spawning, effects);
        effects.notices.push(Notice::Spawning(self.config.mix.of(job.users)));
        self.term = None;
        self.growth = Some(Growth::new(job, from, now.monotonic));
        self.take_step(now, effects);
    }

    /// Takes the step of a ramp that is due.
    pub(crate) fn take_step(&mut self, now: Now, effects: &mut Effects) {
        let Some(growth) = &mut self.growth else {
            self.next_step = Duration::MAX;
            return;
        };
        let users = growth.step(now.monotonic);
        self.next_step = growth.next_step(now.monotonic);
        let stop_timeout = growth.job.stop_timeout;
        effects.work.push(Work::Run(Job {
            users: self.config.mix.of(users),
            host: growth.job.host.clone(),
            stop_timeout: stop_timeout.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
            stage: None,
            // Nothing is divided: each worker takes all.
            share: Share::default(),
        }));
    }

    /// Nobody wants what was wanted.
    pub(crate) fn end_growth(&mut self) {
        self.growth = None;
        self.next_step = Duration::MAX;
    }
}
