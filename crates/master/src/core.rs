//! What a master does, as a state machine without I/O.
//!
//! This module takes events apart and puts snapshots together; [`fleet`](crate::fleet) is about workers,
//! [`life`](crate::life) about the run.

use crate::class_edit::ClassEdit;
use crate::config::Config;
use crate::event::{Command, Effects, Event, Now};
use crate::handout::Desk;
use crate::journal::Journal;
use crate::leases::Ledger;
use crate::life::Run;
use crate::limits;
use crate::logs::Logs;
use crate::registry::{Node, Registry};
use crate::roster::Witness;
use crate::tape::Tape;
use crate::unaddressed::Voices;
use crate::verdict::Verdict;
use akrida_dispatch::ClassSequence;
use akrida_protocol::ToWorker;
use akrida_run::metrics::{Names, Series};
use akrida_run::record::Moment;
use akrida_run::{FleetEvent, FleetEventKind, MasterRow, Results, RunState, Snapshot};
use akrida_stats::Totals;
use akrida_transport::{PeerId, SendError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// The state machine of a master.
#[derive(Debug)]
pub struct MasterCore {
    pub(crate) config: Config,
    /// Names of the classes, by index.
    pub(crate) classes: Vec<String>,
    pub(crate) sequence: ClassSequence,
    /// Whether a class gets users, by index.
    pub(crate) chosen: Vec<bool>,
    pub(crate) registry: Registry,
    pub(crate) state: RunState,
    /// The run that goes on; its number is `runs`.
    pub(crate) run: Option<Run>,
    /// How many runs were started.
    pub(crate) runs: u64,
    pub(crate) results: Results,
    pub(crate) verdict: Verdict,
    /// Which names have series of their own in monitoring.
    pub(crate) names: Names,
    /// The newest run's stages that have begun: names, and when, unix microseconds.
    pub(crate) stages: Vec<(String, u64)>,
    /// When the newest run ended, unix microseconds.
    pub(crate) ended_us: Option<u64>,
    /// Workers on the list that took part in the newest run and whose last figures did not come.
    pub(crate) lost: BTreeSet<String>,
    /// How many took part in the newest run whose last figures will not come, because their process is gone.
    pub(crate) lost_for_good: u64,
    /// How often a master went on with the newest run after another one.
    pub(crate) restarts: u64,
    pub(crate) ledger: Ledger,
    /// The master's own process.
    pub(crate) master_row: MasterRow,
    /// Timestamp of the newest job, unix seconds.
    pub(crate) newest_job: f64,
    /// Timestamp of the newest job before the newest run.
    pub(crate) job_before_run: f64,
    /// Users have to be placed anew.
    pub(crate) unplaced: bool,
    /// A worker may have been the last one that had users: to look at all of them for each frame would take a large
    /// fleet's master all of its time.
    pub(crate) look_for_end: bool,
    pub(crate) witnesses: Witnesses,
    /// There is something new to show.
    pub(crate) changed: bool,
    next_look: Duration,
    next_snapshot: Duration,
    last_snapshot: Duration,
    /// The state that was last shown.
    shown: RunState,
    /// When users may be placed.
    pub(crate) next_placing: Duration,
    quitting: Option<Quitting>,
    /// Whether it was told that there are too many workers.
    pub(crate) crowded: bool,
    /// What changed of classes since the master began, by index.
    pub(crate) class_edits: BTreeMap<usize, ClassEdit>,
    /// Classes of workers that the test does not have.
    pub(crate) strange_classes: BTreeSet<String>,
    pub(crate) journal: Journal,
    pub(crate) tape: Tape,
    /// When the master before this one last wrote its journal, until that was told.
    pub(crate) resumed: Option<Moment>,
    pub(crate) logs: Logs,
    pub(crate) desk: Desk,
    /// Who speaks for workers that have no address.
    pub(crate) voices: Voices,
}

/// Workers for which something was waited when it was last asked.
#[derive(Debug, Default)]
pub(crate) struct Witnesses {
    /// One that has not carried out its job.
    pub(crate) unsettled: Witness,
    /// One that has not stopped yet, or not told all.
    pub(crate) unstopped: Witness,
    /// One that still has to report before figures are zeroed.
    pub(crate) resets: Witness,
    /// One that has not left.
    live: Witness,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quitting {
    /// The run is being stopped.
    AfterRun,
    /// Workers are leaving, until this time at the longest.
    Until(Duration),
}

impl MasterCore {
    /// A master without workers.
    #[must_use]
    pub fn new(config: Config, now: Now) -> Self {
        Self {
            classes: config.classes.iter().map(|class| class.name.clone()).collect(),
            sequence: ClassSequence::new(&config.classes),
            chosen: vec![true; config.classes.len()],
            names: Names::default(),
            verdict: Verdict::new(config.thresholds.clone(), config.warm_up, now),
            config,
            registry: Registry::default(),
            state: RunState::Ready,
            run: None,
            runs: 0,
            results: crate::health::results_since(now),
            stages: Vec::new(),
            ended_us: None,
            lost: BTreeSet::new(),
            lost_for_good: 0,
            restarts: 0,
            ledger: Ledger::new(now.wall_us),
            master_row: MasterRow::default(),
            newest_job: 0.0,
            job_before_run: 0.0,
            unplaced: false,
            look_for_end: false,
            witnesses: Witnesses::default(),
            changed: true,
            next_look: now.monotonic + limits::LOOK,
            next_snapshot: now.monotonic + limits::SNAPSHOT,
            last_snapshot: now.monotonic,
            shown: RunState::Ready,
            next_placing: now.monotonic,
            quitting: None,
            crowded: false,
            class_edits: BTreeMap::new(),
            strange_classes: BTreeSet::new(),
            journal: Journal::default(),
            tape: Tape::default(),
            resumed: None,
            logs: Logs::default(),
            desk: Desk::default(),
            voices: Voices::default(),
        }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// What was measured since the newest start or reset, with histograms, which no snapshot has.
    #[must_use]
    pub fn into_totals(self) -> Totals {
        self.results.into_totals()
    }

    /// What was counted by method and name, for monitoring.
    pub fn series(&mut self) -> Vec<Series> {
        self.names.series(self.results.totals())
    }

    /// When it wants an [`Event::Tick`] at the latest, on the monotonic scale.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        let run = self.run.as_ref().map_or(Duration::MAX, Run::next_change);
        let change = if self.changed { self.last_snapshot + limits::SNAPSHOTS_APART } else { Duration::MAX };
        let placing = if self.has_to_place() { self.next_placing } else { Duration::MAX };
        let record = self.journal.deadline();
        run.min(self.next_look).min(self.next_snapshot).min(change).min(placing).min(record)
    }

    /// How long users are not placed anew after they were. In a large fleet of which all come at once, or where a
    /// stranger pretends to be many, it would be done for each of them.
    pub(crate) fn pause(&self) -> Duration {
        let workers = self.registry.len();
        if workers <= limits::SMALL_FLEET {
            Duration::ZERO
        } else {
            limits::PAUSE_PER_WORKER * workers as u32
        }
    }

    /// What it does about `event`.
    pub fn on(&mut self, now: Now, event: Event) -> Effects {
        let mut effects = Effects::default();
        self.tell_resumed(now, &mut effects);
        match event {
            Event::Frame { peer, body } => self.on_frame(now, &peer, &body, &mut effects),
            Event::Pushed { by, body } => self.on_pushed(now, &by, &body, &mut effects),
            Event::Disconnected(peer) => {
                self.voices.end(&peer);
                self.on_disconnected(now, &peer);
            }
            Event::Unsent(peer, error) => {
                self.on_unsent(&peer);
                if error == SendError::Gone {
                    self.on_disconnected(now, &peer);
                }
            }
            Event::Usage { cpu_usage, memory_usage } => {
                (self.master_row.cpu_usage, self.master_row.memory_usage) = (cpu_usage, memory_usage);
            }
            Event::Tick => {}
            Event::Command(command) => {
                self.journal.urgent = true;
                effects.answer = Some(self.on_command(now, command, &mut effects));
            }
            Event::Recorded(record) => self.on_recorded(now, &record, &mut effects),
            Event::Unrecorded(record, text) => self.on_unrecorded(now, *record, &text, &mut effects),
        }
        if now.monotonic >= self.next_look {
            self.look(now, &mut effects);
        }
        self.advance(now, &mut effects);
        self.quit(now, &mut effects);
        let due = now.monotonic >= self.next_snapshot;
        if due {
            // From the plan, not from now, unless that is long ago: a second apart, however late each is.
            let late = now.monotonic - self.next_snapshot;
            self.next_snapshot = now.monotonic + limits::SNAPSHOT - late.min(limits::STANDSTILL);
            self.note_course(now);
        }
        if due
            || self.changed
                && (self.is_urgent() || now.monotonic >= self.last_snapshot + limits::SNAPSHOTS_APART)
        {
            self.changed = false;
            self.last_snapshot = now.monotonic;
            self.shown = self.state;
            effects.snapshot = Some(Arc::new(self.snapshot(now)));
        }
        self.tell_tape(now, due, &mut effects);
        self.record(now, &mut effects);
        effects
    }

    /// Whether what has changed has to be shown at once.
    fn is_urgent(&self) -> bool {
        self.state != self.shown || self.registry.len() <= limits::SMALL_FLEET
    }

    /// Looks who is there.
    fn look(&mut self, now: Now, effects: &mut Effects) {
        let late = now.monotonic.saturating_sub(self.next_look);
        if late >= limits::STANDSTILL {
            self.registry.excuse(late);
        }
        self.note_lag(now, late, effects);
        self.next_look = now.monotonic + limits::LOOK;
        self.look_for_end = true;
        self.look_after_workers(now, effects);
        self.abort_if_broken(now, effects);
    }

    fn on_command(
        &mut self,
        now: Now,
        command: Command,
        effects: &mut Effects,
    ) -> Result<(), crate::Refusal> {
        if self.quitting.is_some() && command != Command::Quit {
            return Err(crate::Refusal::Quitting);
        }
        match command {
            Command::Start(start) => self.start(now, start, effects),
            Command::Edit(edit) => self.edit(now, &edit, effects),
            Command::Amend(amend) => self.amend(now, &amend, effects),
            Command::EditClass(edit) => self.edit_class(edit, effects),
            Command::Choose(user_classes) => self.choose(&user_classes),
            Command::SetOptions(values) => self.set_options(&values),
            Command::Rescaled { from, to, why } => {
                effects.tell(now, FleetEventKind::Rescaled { from, to, why });
                Ok(())
            }
            Command::Stop => self.ask_to_stop(now, effects),
            Command::Reset => {
                self.reset(now);
                self.changed = true;
                Ok(())
            }
            Command::HandOver if !self.journal.is_kept() => Err(crate::Refusal::NoJournal),
            Command::HandOver if self.run.is_none() => Err(crate::Refusal::NotRunning),
            Command::HandOver => {
                effects.end = true;
                Ok(())
            }
            Command::Quit => {
                self.quitting.get_or_insert(Quitting::AfterRun);
                // Without a run there is nothing to stop.
                let _ = self.ask_to_stop(now, effects);
                Ok(())
            }
        }
    }

    /// Zeroes the figures.
    pub(crate) fn reset(&mut self, now: Now) {
        self.results.reset(now.wall_us);
        self.verdict.begin(now);
        self.names = Names::default();
        self.tape.begin(now, true);
        self.journal.begin(now, true);
    }

    /// Sends the workers home once the run is over, and ends once they are gone.
    fn quit(&mut self, now: Now, effects: &mut Effects) {
        match self.quitting {
            Some(Quitting::AfterRun) if self.run.is_none() => {
                self.quitting = Some(Quitting::Until(now.monotonic + limits::QUIT_GRACE));
                for (peer, node) in self.registry.iter_mut().filter(|(_, node)| node.is_live()) {
                    effects.say(peer, node, &ToWorker::Quit);
                }
            }
            Some(Quitting::Until(latest)) => {
                effects.end = now.monotonic >= latest
                    || !self.registry.any(&mut self.witnesses.live, Node::says_when_it_leaves);
                self.changed |= effects.end;
            }
            _ => {}
        }
    }

    /// Counts by class index, with names.
    pub(crate) fn by_name(&self, users: &[u64]) -> std::collections::BTreeMap<String, u64> {
        self.classes.iter().cloned().zip(users.iter().copied()).collect()
    }

    pub(crate) fn snapshot(&mut self, now: Now) -> Snapshot {
        let users = self.registry.users(self.classes.len());
        let goal = self.run.as_ref().map(Run::goal);
        let plan = self.run.as_ref().filter(|_| self.state != RunState::Stopping).map(|run| &run.plan);
        let mut snapshot = Snapshot {
            at: now.wall_s(),
            end: self.ended_us.map(|wall_us| Now { wall_us, ..now }.wall_s()),
            state: self.state,
            user_count: self.registry.user_count(),
            unclassed_user_count: self.registry.unclassed(),
            target_user_count: goal.map_or(0, |goal| goal.users),
            spawn_rate: goal.map_or(0.0, |goal| goal.spawn_rate),
            user_classes: self.by_name(&users),
            host: self.run.as_ref().and_then(|run| run.host.clone()),
            time_left: plan.and_then(|plan| plan.time_left(now.monotonic)).map(|left| left.as_secs_f64()),
            stage: plan.and_then(crate::plan::Plan::stage_now),
            workers: self.registry.nodes().map(Node::row).collect(),
            master: self.master_row,
            notices: self.notices(),
            ..Snapshot::default()
        };
        let going_on = self.run.as_ref().filter(|run| !run.is_stopping());
        let elapsed = going_on.map(|run| now.monotonic.saturating_sub(run.began));
        let chosen = self.config.open.iter().zip(&self.chosen);
        let open: Vec<_> = chosen.map(|(open, chosen)| open.clone().filter(|_| *chosen)).collect();
        snapshot.arrivals = crate::arrivals::rows(self.results.totals(), &self.classes, &open, elapsed);
        snapshot.notices.extend(snapshot.arrivals.iter().filter_map(crate::arrivals::notice));
        let now_us = self.ended_us.unwrap_or(now.wall_us);
        let spans = self.spans(now_us);
        self.results.show(&mut snapshot, &spans, now_us);
        snapshot.thresholds = self.verdict.rows(&self.results, &spans);
        if self.runs == 0 {
            snapshot.start = 0.0;
        }
        let saturated_now = self.registry.nodes().any(|node| node.saturated);
        snapshot.generator.saturated_now = saturated_now && self.run.is_some();
        snapshot
    }

    fn notices(&self) -> Vec<String> {
        let lost = match self.lost_for_good + self.lost.len() as u64 {
            0 => None,
            1 => Some(
                "The last figures of one worker are missing: it fell silent or left without a word."
                    .to_owned(),
            ),
            lost => Some(format!(
                "The last figures of {lost} workers are missing: they fell silent or left without a word."
            )),
        };
        let mut notices = self.misfits();
        notices.extend(self.fixed_counts_notice());
        notices.extend(self.choice_notice());
        notices.extend(self.lost_rows());
        notices.extend(self.health_notices());
        notices.extend(lost);
        notices.extend(self.restarted());
        notices.extend(self.verdict.notice());
        notices
    }
}

impl Effects {
    pub(crate) fn send(&mut self, peer: &PeerId, node_id: &str, message: &ToWorker) {
        let tells_of_rows = match message {
            ToWorker::Spawn(job) => job.rows.is_some(),
            ToWorker::Rows(_) => true,
            _ => false,
        };
        if tells_of_rows {
            self.leases.insert(self.frames.len());
        }
        self.frames.push((peer.clone(), message.encode(node_id)));
    }

    pub(crate) fn tell(&mut self, now: Now, kind: FleetEventKind) {
        self.events.push(FleetEvent { at: now.wall_s(), kind });
    }
}
