//! The pieces that a real master tells of two hundred random runs: what is read of them is what it showed.

use akrida_master::{Command, Config, Event, Load, MasterCore, Now, Start};
use akrida_protocol::{StatsReport, ToMaster, Version};
use akrida_report::console::{self, Layout};
use akrida_report::html::{self, Parts};
use akrida_report::run_file::{About, Fold, Run, Writer};
use akrida_report::{csv, json};
use akrida_run::{Piece, RunState, Snapshot};
use akrida_scenario::{Scenario, Stage, UserClass};
use akrida_stats::{EntryKey, Outcome, Recorder, RequestId, Sample};
use akrida_transport::PeerId;
use fastrand::Rng;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const RUNS: u64 = 200;
const PARTS: Parts = Parts { script: "", style: "" };
pub(super) const EPOCH: Duration = Duration::from_secs(1_700_000_000);

/// A master, the time, and what it told.
pub(super) struct Fleet {
    pub(super) master: MasterCore,
    /// Since the epoch of this test.
    pub(super) at: Duration,
    pub(super) snapshot: Arc<Snapshot>,
    pieces: Vec<Piece>,
    /// What was shown with each piece that says where the run stands.
    shown: Vec<Arc<Snapshot>>,
}

impl Fleet {
    /// With workers that are ready, a hundred seconds after the epoch.
    pub(super) fn new(workers: usize) -> Self {
        let class = UserClass { name: "User".to_owned(), weight: 1, ..UserClass::default() };
        let scenario = Scenario { classes: vec![class], ..Scenario::default() };
        let at = Duration::from_secs(100);
        let wall_us = u64::try_from((EPOCH + at).as_micros()).unwrap();
        let mut master = MasterCore::new(Config::new(&scenario), Now { monotonic: at, wall_us });
        master.keep_tape(None);
        let mut fleet = Self { master, at, snapshot: Arc::default(), pieces: Vec::new(), shown: Vec::new() };
        (0..workers).for_each(|worker| fleet.say(worker, &ToMaster::ClientReady(Version::Unchecked)));
        fleet
    }

    pub(super) fn start(&mut self, load: Load) {
        let host = Some("http://shop".to_owned());
        self.on(Event::Command(Command::Start(Start { load, host, run_time: None })));
    }

    /// Stops the run, which `workers` do.
    pub(super) fn stop(&mut self, workers: usize) {
        self.on(Event::Command(Command::Stop));
        (0..workers).for_each(|worker| self.say(worker, &ToMaster::ClientStopped));
        self.pass(self.at + Duration::from_secs(20));
        assert_eq!(self.snapshot.state, RunState::Stopped);
    }

    /// The run's file.
    pub(super) fn file(&self) -> Vec<u8> {
        let pieces = self.pieces_of_run();
        let (mut writer, mut bytes) = Writer::begin(&self.about()).unwrap();
        pieces.iter().for_each(|piece| bytes.extend(writer.add(piece.clone()).unwrap()));
        bytes.extend(writer.end().unwrap());
        bytes
    }

    fn pieces_of_run(&self) -> &[Piece] {
        let first = self.pieces.iter().position(|piece| piece.record.begins.is_some()).unwrap();
        &self.pieces[first..]
    }

    fn about(&self) -> About {
        let begins = self.pieces_of_run()[0].record.begins.unwrap();
        About { started_us: begins.at_us, ..About::default() }
    }

    fn on(&mut self, event: Event) {
        let wall_us = u64::try_from((EPOCH + self.at).as_micros()).unwrap();
        let effects = self.master.on(Now { monotonic: self.at, wall_us }, event);
        if let Some(snapshot) = effects.snapshot {
            self.snapshot = snapshot;
        }
        for piece in effects.pieces {
            if piece.statement.is_some() {
                self.shown.push(Arc::clone(&self.snapshot));
            }
            self.pieces.push(piece);
        }
    }

    pub(super) fn say(&mut self, worker: usize, message: &ToMaster) {
        let id = format!("host_{worker}");
        self.on(Event::Frame { peer: PeerId::from(id.as_str()), body: message.encode(&id) });
    }

    /// Lets time pass until it is `at`.
    pub(super) fn pass(&mut self, at: Duration) {
        while self.master.deadline() <= at {
            self.at = self.at.max(self.master.deadline());
            self.on(Event::Tick);
        }
        self.at = at;
    }
}

/// What a worker reports.
pub(super) fn report(recorder: &mut Recorder, sequence: u64, now_us: u64) -> StatsReport {
    StatsReport {
        delta: recorder.drain(now_us),
        user_classes_count: BTreeMap::from([("User".to_owned(), 2)]),
        user_count: 2,
        exact: true,
        sequence: Some(sequence),
        process: Some(1),
        receipt: None,
        job: None,
        ended: BTreeMap::new(),
        stop_run: None,
        rows: None,
    }
}

/// A run from a seed, up to its end.
fn live(seed: u64) -> Fleet {
    let mut random = Rng::with_seed(seed);
    let workers = 1 + random.usize(0..3);
    let mut fleet = Fleet::new(workers);
    let start_us = u64::try_from((EPOCH + fleet.at).as_micros()).unwrap();
    let users = 2 * workers as u64;
    let stage = |name: &str, seconds| Stage {
        name: name.to_owned(),
        duration: Duration::from_secs(seconds),
        users,
        spawn_rate: 100.0,
    };
    let load = match random.usize(0..2) {
        0 => Load::Constant { users, spawn_rate: 100.0 },
        _ => Load::Stages(vec![stage("warm", 5), stage("peak", 1_000)]),
    };
    fleet.start(load);
    let mut recorders: Vec<Recorder> = (0..workers).map(|_| Recorder::new(start_us)).collect();
    let seconds = 3 + random.usize(0..28) as u64;
    for second in 1..=seconds {
        for (worker, recorder) in recorders.iter_mut().enumerate() {
            for _ in 0..random.usize(0..30) {
                let name = format!("/{}", random.usize(0..6));
                let tags = (0..random.usize(0..3)).map(|tag| format!("t{tag}")).collect();
                let label = recorder.label(EntryKey { tags, ..EntryKey::plain("GET", &name) });
                let done = second * 1_000_000 - random.usize(0..900_000) as u64;
                let outcome = if random.u8(0..10) == 0 { Outcome::Failed } else { Outcome::Passed };
                let request = RequestId { label, stage: u16::try_from(1 + second / 6).unwrap().min(2) };
                recorder.record(&Sample {
                    request,
                    intended: (random.usize(0..4) == 0).then(|| done.saturating_sub(9_000)),
                    sent: done.saturating_sub(1 << random.usize(0..20)),
                    done,
                    bytes: random.usize(0..1_000) as u64,
                    outcome,
                });
                if outcome == Outcome::Failed {
                    recorder.failed(request, &format!("error {}", random.u8(0..3)), done);
                }
            }
            let message = ToMaster::Stats(report(recorder, second, second * 1_000_000));
            let at = Duration::from_secs(100 + second) + Duration::from_millis(random.usize(0..300) as u64);
            fleet.pass(at.max(fleet.at));
            fleet.say(worker, &message);
        }
        if random.usize(0..30) == 0 {
            fleet.on(Event::Command(Command::Reset));
        }
        if random.usize(0..12) == 0 {
            let (msg, traceback) = ("boom".to_owned(), format!("line {}", random.usize(0..3)));
            fleet.say(0, &ToMaster::Exception { msg, traceback });
        }
    }
    fleet.stop(workers);
    fleet
}

/// What is known of the last ten seconds of single rows is not in a file.
fn without_current(snapshot: &Snapshot) -> Snapshot {
    let mut snapshot = snapshot.clone();
    for row in &mut snapshot.rows {
        row.current_percentiles = None;
        row.from_intended.iter_mut().for_each(|from| from.current_percentiles = None);
    }
    snapshot
}

#[test]
fn two_hundred_random_runs_are_read_as_they_were_shown() {
    for seed in 0..RUNS {
        let fleet = live(seed);
        let bytes = fleet.file();
        let run = Run::read_with_course(&bytes).unwrap();
        assert!(run.ended, "seed {seed}");

        let shown: Vec<_> = fleet.shown.iter().map(|shown| without_current(shown)).collect();
        let last = shown.last().unwrap();
        assert_eq!(format!("{:#?}", run.snapshot), format!("{last:#?}"), "seed {seed}");
        // As `--html` makes it, of what the master told, and as it is made again.
        let mut fold = Fold::new(fleet.about());
        fleet.pieces_of_run().iter().for_each(|piece| fold.add_piece(piece.clone()));
        let page = |run: &Run| html::of_run(run, "", &PARTS).unwrap();
        assert_eq!(page(&fold.run()), page(&run), "seed {seed}");
        let totals = fleet.master.into_totals();
        assert_eq!(
            json::render(&run.snapshot, &run.totals, None),
            json::render(last, &totals, None),
            "seed {seed}"
        );
        let layout = Layout::for_columns(None);
        assert_eq!(console::summary(&run.snapshot, layout), console::summary(last, layout), "seed {seed}");
        assert_eq!(csv::stats(&run.snapshot), csv::stats(last), "seed {seed}");
        let lines: String = shown.iter().map(|then| csv::history_lines(then, false)).collect();
        assert_eq!(csv::history_again(&run.series), lines, "seed {seed}");
    }
}
