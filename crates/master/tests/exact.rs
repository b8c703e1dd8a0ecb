//! Percentiles of a fleet are those of one histogram that was fed with all samples, bit for bit.

use akrida_master::{Command, Config, Event, Load, MasterCore, Now, Start};
use akrida_protocol::{StatsReport, ToMaster, Version};
use akrida_run::{PERCENTILES, Snapshot};
use akrida_scenario::{Scenario, UserClass};
use akrida_stats::{EntryKey, Histogram, Outcome, Recorder, RequestId, Sample};
use akrida_transport::PeerId;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const WORKERS: usize = 20;
const REPORTS: u64 = 5;
const SAMPLES: u64 = 200;
const NAMES: [&str; 3] = ["/", "/cart", "/item"];

struct Fleet {
    master: MasterCore,
    at: Duration,
    snapshot: Arc<Snapshot>,
}

impl Fleet {
    fn now(&self) -> Now {
        Now { monotonic: self.at, wall_us: self.at.as_micros() as u64 }
    }

    fn on(&mut self, event: Event) {
        let effects = self.master.on(self.now(), event);
        assert_eq!(effects.answer.unwrap_or(Ok(())), Ok(()));
        if let Some(snapshot) = effects.snapshot {
            self.snapshot = snapshot;
        }
    }

    fn say(&mut self, worker: usize, message: &ToMaster) {
        let id = format!("host_{worker}");
        self.on(Event::Frame { peer: PeerId::from(id.as_str()), body: message.encode(&id) });
    }
}

/// A response time from a microsecond to a hundred seconds, each order of magnitude as often.
fn time_us(rng: &mut fastrand::Rng) -> u64 {
    10_f64.powf(rng.f64() * 8.0) as u64
}

#[test]
fn percentiles_of_a_fleet_are_those_of_all_samples() {
    let class = UserClass { name: "User".to_owned(), weight: 1, ..UserClass::default() };
    let scenario = Scenario { classes: vec![class], ..Scenario::default() };
    let at = Duration::from_secs(1_000);
    let mut fleet = Fleet {
        master: MasterCore::new(Config::new(&scenario), Now { monotonic: at, wall_us: 1_000_000_000 }),
        at,
        snapshot: Arc::default(),
    };
    (0..WORKERS).for_each(|worker| fleet.say(worker, &ToMaster::ClientReady(Version::Unchecked)));
    let load = Load::Constant { users: WORKERS as u64, spawn_rate: 1_000.0 };
    fleet.on(Event::Command(Command::Start(Start { load, host: None, run_time: None })));

    let mut rng = fastrand::Rng::with_seed(4);
    let mut recorders: Vec<Recorder> = (0..WORKERS).map(|_| Recorder::new(1_000_000_000)).collect();
    let mut all: BTreeMap<&str, Histogram> = BTreeMap::new();
    for sequence in 1..=REPORTS {
        for (worker, recorder) in recorders.iter_mut().enumerate() {
            for _ in 0..SAMPLES {
                let name = NAMES[rng.usize(0..NAMES.len())];
                let (label, time) = (recorder.label(EntryKey::plain("GET", name)), time_us(&mut rng));
                recorder.record(&Sample {
                    request: RequestId { label, stage: 0 },
                    intended: None,
                    sent: 0,
                    done: time,
                    bytes: 1,
                    outcome: Outcome::Passed,
                });
                all.entry(name).or_default().record(time);
                all.entry("Aggregated").or_default().record(time);
            }
            let report = StatsReport {
                delta: recorder.drain(0),
                user_classes_count: [("User".to_owned(), 1)].into(),
                user_count: 1,
                exact: true,
                sequence: Some(sequence),
                process: Some(1),
                receipt: None,
                job: None,
                ended: BTreeMap::new(),
                stop_run: None,
                rows: None,
            };
            fleet.say(worker, &ToMaster::Stats(report));
        }
    }
    fleet.at += Duration::from_secs(1);
    fleet.on(Event::Tick);

    let rows = fleet.snapshot.rows.iter().chain([&fleet.snapshot.total]);
    for row in rows {
        let histogram = &all[row.name.as_str()];
        // A bucket may reach above the longest time, which is known exactly.
        let expected =
            histogram.quantiles(PERCENTILES).map(|us| (us as f64 / 1e3).min(row.max_response_time));
        assert_eq!((row.percentiles, row.num_requests), (Some(expected), histogram.len()), "{}", row.name);
    }
    assert_eq!(fleet.snapshot.rows.len(), NAMES.len());
    let totals = fleet.master.into_totals();
    assert_eq!(totals.total().times.to_sparse(), all["Aggregated"].to_sparse());
    for ((name, _), cut) in totals.entries() {
        assert_eq!(cut.times.to_sparse(), all[name.as_str()].to_sparse(), "{name}");
    }
}
