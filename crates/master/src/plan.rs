//! How many users are wanted, and when.

use crate::event::{Amend, Edit, Load, Refusal, Start};
use crate::journal::{micros, time};
use crate::limits;
use akrida_run::record::{RunMark, StageMark};
use akrida_run::{StageNow, StopReason};
use akrida_scenario::Stage;
use std::time::Duration;

/// The wishes for one run. Times are monotonic.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    load: Load,
    /// The stage that runs, from 0; 0 without stages.
    stage: usize,
    /// When that stage is over.
    stage_ends: Duration,
    /// When the run time is over.
    run_time_ends: Duration,
}

/// A number of users to be reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Goal {
    pub(crate) users: u64,
    pub(crate) spawn_rate: f64,
}

/// What time has changed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Turn {
    /// Another stage runs.
    Stage,
    /// The run is over.
    Over(StopReason),
}

impl Plan {
    /// The plan of a run that begins at `now`.
    pub(crate) fn new(start: &Start, now: Duration) -> Result<Self, Refusal> {
        let mut stage_ends = Duration::MAX;
        match &start.load {
            Load::Constant { users, spawn_rate } => check(*users, *spawn_rate)?,
            Load::Stages(stages) => {
                if stages.is_empty() || stages.len() > limits::STAGES {
                    return Err(Refusal::Stages);
                }
                for stage in stages {
                    check(stage.users, stage.spawn_rate)?;
                }
                stage_ends = now.saturating_add(stages[0].duration);
            }
        }
        let run_time_ends = start.run_time.map_or(Duration::MAX, |run_time| now.saturating_add(run_time));
        Ok(Self { load: start.load.clone(), stage: 0, stage_ends, run_time_ends })
    }

    /// For the journal.
    pub(crate) fn mark(&self) -> RunMark {
        let stage = |stage: &Stage| StageMark {
            name: stage.name.clone(),
            duration_us: micros(stage.duration),
            users: stage.users,
            spawn_rate: stage.spawn_rate,
        };
        let load = match &self.load {
            Load::Constant { users, spawn_rate } => {
                vec![StageMark { users: *users, spawn_rate: *spawn_rate, ..StageMark::default() }]
            }
            Load::Stages(stages) => stages.iter().map(stage).collect(),
        };
        RunMark {
            load,
            staged: self.is_staged(),
            stage: self.stage as u64,
            stage_ends: micros(self.stage_ends),
            run_time_ends: micros(self.run_time_ends),
            ..RunMark::default()
        }
    }

    /// What a journal tells; `None` if that is no plan.
    pub(crate) fn restore(mark: &RunMark) -> Option<Self> {
        mark.load.iter().try_for_each(|stage| check(stage.users, stage.spawn_rate)).ok()?;
        let stage = |mark: &StageMark| Stage {
            name: mark.name.clone(),
            duration: Duration::from_micros(mark.duration_us),
            users: mark.users,
            spawn_rate: mark.spawn_rate,
        };
        let load = if mark.staged {
            Load::Stages(mark.load.iter().map(stage).collect())
        } else {
            let StageMark { users, spawn_rate, .. } = *mark.load.first()?;
            Load::Constant { users, spawn_rate }
        };
        let stage = usize::try_from(mark.stage).ok().filter(|stage| *stage < mark.load.len())?;
        Some(Self { load, stage, stage_ends: time(mark.stage_ends), run_time_ends: time(mark.run_time_ends) })
    }

    /// Changes the numbers at `now`.
    pub(crate) fn edit(&mut self, edit: &Edit, now: Duration) -> Result<(), Refusal> {
        check(edit.users, edit.spawn_rate)?;
        if self.is_staged() {
            return Err(Refusal::Staged);
        }
        let users = Some((edit.users, edit.spawn_rate));
        self.amend(&Amend { users, host: None, run_time: edit.run_time }, now)
    }

    /// Changes at `now` what is said; stages end where it says how many users there are.
    pub(crate) fn amend(&mut self, amend: &Amend, now: Duration) -> Result<(), Refusal> {
        if let Some((users, spawn_rate)) = amend.users {
            check(users, spawn_rate)?;
            self.load = Load::Constant { users, spawn_rate };
            (self.stage, self.stage_ends) = (0, Duration::MAX);
        }
        if let Some(run_time) = amend.run_time {
            self.run_time_ends = now.saturating_add(run_time);
        }
        Ok(())
    }

    /// What is wanted now.
    pub(crate) fn goal(&self) -> Goal {
        match &self.load {
            Load::Constant { users, spawn_rate } => Goal { users: *users, spawn_rate: *spawn_rate },
            Load::Stages(stages) => {
                let Stage { users, spawn_rate, .. } = stages[self.stage];
                Goal { users, spawn_rate }
            }
        }
    }

    /// The most users that are wanted now or later.
    pub(crate) fn peak(&self) -> u64 {
        let later = self.stages().iter().skip(self.stage).map(|stage| stage.users);
        later.max().unwrap_or_else(|| self.goal().users)
    }

    /// What has changed by `now`. To be asked again until it says nothing: a short stage may be over already.
    pub(crate) fn turn(&mut self, now: Duration) -> Option<Turn> {
        if now >= self.run_time_ends {
            return Some(Turn::Over(StopReason::RunTime));
        }
        if now < self.stage_ends {
            return None;
        }
        let Load::Stages(stages) = &self.load else { return None };
        let Some(next) = stages.get(self.stage + 1) else { return Some(Turn::Over(StopReason::Stages)) };
        // From the planned end, not from now: a late tick does not make a run longer.
        self.stage_ends = self.stage_ends.saturating_add(next.duration);
        self.stage += 1;
        Some(Turn::Stage)
    }

    /// When [`Plan::turn`] will have something to say.
    pub(crate) fn next_turn(&self) -> Duration {
        self.stage_ends.min(self.run_time_ends)
    }

    /// How long the run goes on after `now`; `None` where nothing ends it.
    pub(crate) fn time_left(&self, now: Duration) -> Option<Duration> {
        let stages_end = match &self.load {
            Load::Constant { .. } => Duration::MAX,
            Load::Stages(stages) => stages[self.stage + 1..]
                .iter()
                .fold(self.stage_ends, |end, stage| end.saturating_add(stage.duration)),
        };
        let end = stages_end.min(self.run_time_ends);
        (end < Duration::MAX).then(|| end.saturating_sub(now))
    }

    /// The stage that runs, for messages.
    pub(crate) fn stage(&self) -> Option<u16> {
        // Plans with more stages than fit are refused.
        self.is_staged().then(|| u16::try_from(self.stage).unwrap_or(u16::MAX))
    }

    /// The stage that runs, for people.
    pub(crate) fn stage_now(&self) -> Option<StageNow> {
        let stages = self.stages();
        let stage = stages.get(self.stage)?;
        Some(StageNow { index: self.stage, of: stages.len(), name: stage.name.clone() })
    }

    /// All stages; none in a run without.
    pub(crate) fn stages(&self) -> &[Stage] {
        match &self.load {
            Load::Constant { .. } => &[],
            Load::Stages(stages) => stages,
        }
    }

    fn is_staged(&self) -> bool {
        matches!(self.load, Load::Stages(_))
    }
}

fn check(users: u64, spawn_rate: f64) -> Result<(), Refusal> {
    if users > limits::USERS {
        return Err(Refusal::Users);
    }
    let usable = spawn_rate.is_finite() && spawn_rate > 0.0;
    if usable { Ok(()) } else { Err(Refusal::SpawnRate) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn stage(name: &str, duration: u64, users: u64) -> Stage {
        Stage { name: name.to_owned(), duration: seconds(duration), users, spawn_rate: 1.0 }
    }

    fn start(load: Load, run_time: Option<u64>) -> Start {
        Start { load, host: None, run_time: run_time.map(seconds) }
    }

    fn staged(stages: Vec<Stage>) -> Plan {
        Plan::new(&start(Load::Stages(stages), None), seconds(100)).unwrap()
    }

    #[test]
    fn stages_follow_each_other_by_plan_however_late_the_clock_is_looked_at() {
        let mut plan = staged(vec![stage("up", 10, 5), stage("peak", 20, 50), stage("down", 5, 1)]);
        assert_eq!(plan.goal(), Goal { users: 5, spawn_rate: 1.0 });
        assert_eq!((plan.turn(seconds(109)), plan.peak()), (None, 50));
        assert_eq!(plan.turn(seconds(112)), Some(Turn::Stage));
        assert_eq!((plan.next_turn(), plan.stage()), (seconds(130), Some(1)));
        assert_eq!(plan.time_left(seconds(120)), Some(seconds(15)));
        assert_eq!(plan.turn(seconds(140)), Some(Turn::Stage));
        assert_eq!(plan.peak(), 1);
        assert_eq!(plan.turn(seconds(140)), Some(Turn::Over(StopReason::Stages)));
    }

    #[test]
    fn the_run_time_ends_whatever_there_is() {
        let load = Load::Stages(vec![stage("1", 50, 5)]);
        let mut plan = Plan::new(&start(load, Some(7)), seconds(100)).unwrap();
        assert_eq!(plan.time_left(seconds(101)), Some(seconds(6)));
        assert_eq!(plan.turn(seconds(107)), Some(Turn::Over(StopReason::RunTime)));
    }

    #[test]
    fn a_constant_load_lasts_until_an_edit_says_otherwise() {
        let mut plan =
            Plan::new(&start(Load::Constant { users: 3, spawn_rate: 0.5 }, None), seconds(100)).unwrap();
        assert_eq!((plan.turn(seconds(9_999)), plan.time_left(seconds(9_999))), (None, None));
        let edit = Edit { users: 9, spawn_rate: 2.0, host: None, run_time: Some(seconds(1)) };
        plan.edit(&edit, seconds(200)).unwrap();
        assert_eq!(plan.goal(), Goal { users: 9, spawn_rate: 2.0 });
        assert_eq!((plan.next_turn(), plan.stage(), plan.stage_now()), (seconds(201), None, None));
    }

    #[test]
    fn stages_can_be_given_an_earlier_end_or_taken_over() {
        let mut plan = staged(vec![stage("up", 10, 5), stage("peak", 20, 50)]);
        plan.amend(&Amend { run_time: Some(seconds(15)), ..Amend::default() }, seconds(101)).unwrap();
        assert_eq!(plan.turn(seconds(110)), Some(Turn::Stage));
        assert_eq!((plan.goal().users, plan.time_left(seconds(110))), (50, Some(seconds(6))));
        plan.amend(&Amend { users: Some((7, 2.0)), ..Amend::default() }, seconds(112)).unwrap();
        assert_eq!(plan.goal(), Goal { users: 7, spawn_rate: 2.0 });
        assert_eq!((plan.stage(), plan.stage_now(), plan.peak()), (None, None, 7));
        assert_eq!(
            plan.turn(seconds(116)),
            Some(Turn::Over(StopReason::RunTime)),
            "an end that was set stays"
        );
        let nonsense = Amend { users: Some((1, 0.0)), ..Amend::default() };
        assert_eq!(plan.amend(&nonsense, seconds(0)), Err(Refusal::SpawnRate));
    }

    #[test]
    fn nonsense_is_refused() {
        let check = |load, refusal| {
            assert_eq!(Plan::new(&start(load, None), seconds(0)).unwrap_err(), refusal);
        };
        for spawn_rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            check(Load::Constant { users: 1, spawn_rate }, Refusal::SpawnRate);
        }
        check(Load::Constant { users: u64::MAX, spawn_rate: 1.0 }, Refusal::Users);
        check(Load::Stages(Vec::new()), Refusal::Stages);
        let mut plan = staged(vec![stage("1", 10, 5)]);
        let edit = Edit { users: 1, spawn_rate: 1.0, host: None, run_time: None };
        assert_eq!(plan.edit(&edit, seconds(0)), Err(Refusal::Staged));
    }
}
