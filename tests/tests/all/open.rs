//! Open load: iterations start when they are due, whatever the server does.

use crate::binary::{Akrida, Ended, now, scratch};
use akrida_testkit::{Exchange, Paced};
use serde_json::Value;
use std::time::Duration;

/// A run of open load with one request in each iteration.
pub(crate) struct Open {
    /// Iterations per second.
    pub(crate) rate: u32,
    /// Cap on concurrent users.
    pub(crate) max_users: u32,
    /// How long the server takes for each.
    pub(crate) service: Duration,
    /// How long the run is, seconds.
    pub(crate) seconds: u32,
}

/// What came of it.
pub(crate) struct Came {
    pub(crate) ended: Ended,
    /// What the server wrote down, in order of arrival.
    pub(crate) exchanges: Vec<Exchange>,
    /// Users that were ever at work.
    pub(crate) connections: u64,
    pub(crate) started: u64,
    pub(crate) dropped: u64,
}

impl Open {
    /// Runs it; `meanwhile` may do something to the server. What is reported is what the server saw.
    #[track_caller]
    pub(crate) fn run(&self, meanwhile: impl FnOnce(&Paced)) -> Came {
        let Self { rate, max_users, service, seconds } = self;
        let server = Paced::start(*service);
        let text = format!(
            "users:\n  Visitor:\n    arrivals: {{ rate: {rate}, max_users: {max_users} }}\n    \
             tasks:\n      - get: /\n"
        );
        let (url, scenario, time) = (server.url(), scratch("scenario.yaml", &text), format!("{seconds}s"));
        let akrida = Akrida::start(&["-f", &scenario, "-H", &url, "-t", &time, "--headless"]);
        akrida.until(|| server.total() > 0);
        meanwhile(&server);
        let ended = akrida.end(Duration::from_secs(u64::from(*seconds)));
        let arrivals = &ended.exits(0).json[0]["run"]["arrivals"][0];
        let count = |key: &str| arrivals[key].as_u64().unwrap_or_else(|| panic!("no {key} in {arrivals}"));
        let (started, dropped) = (count("started"), count("dropped"));
        // Each of them sent one request, and nothing else did.
        assert_eq!((started, ended.requests()["GET /"]), (server.total(), server.total()));
        let mut exchanges = server.exchanges();
        exchanges.sort_by_key(|exchange| exchange.read);
        Came { ended, exchanges, connections: server.connections(), started, dropped }
    }
}

impl Came {
    /// A percentile such as `99%` of all requests, milliseconds: of service times, and from the intended start.
    pub(crate) fn percentile(&self, which: &str) -> (f64, f64) {
        let row = &self.ended.json[0];
        let ms = |times: &Value| times["response_time_percentiles"][which].as_f64().unwrap();
        (ms(row), ms(&row["from_intended"]))
    }

    /// What that percentile truly was, milliseconds, by the server's log and the clock of arrivals: the n-th was due
    /// n intervals after the first. To be asked where none was dropped.
    pub(crate) fn truth(&self, rate: u32, percentile: f64) -> f64 {
        assert_eq!(self.dropped, 0);
        let interval = 1_000.0 / f64::from(rate);
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        // None came before it was due, so that the clock is at most as late as the most punctual one.
        let due = |number: usize| number as f64 * interval;
        let lags = self.exchanges.iter().enumerate().map(|(number, seen)| ms(seen.read) - due(number));
        let began = lags.fold(f64::INFINITY, f64::min);
        let answered = self.exchanges.iter().enumerate();
        let mut times: Vec<f64> =
            answered.map(|(number, seen)| ms(seen.answered) - began - due(number)).collect();
        times.sort_by(f64::total_cmp);
        times[((times.len() as f64 * percentile).ceil() as usize).max(1) - 1]
    }

    /// Requests per second between the first and the last that the server saw.
    pub(crate) fn rate(&self) -> f64 {
        let (first, last) = (self.exchanges[0].read, self.exchanges[self.exchanges.len() - 1].read);
        (self.exchanges.len() - 1) as f64 / (last - first).as_secs_f64()
    }
}

/// How many can be due while a process lived for `time`: a run may be stopped late on a busy machine.
fn due(rate: u64, time: Duration) -> u64 {
    (rate as f64 * time.as_secs_f64()) as u64 + 1
}

#[test]
fn arrivals_do_not_wait_for_answers() {
    let slow = Open { rate: 100, max_users: 1_000, service: Duration::from_millis(300), seconds: 3 };
    let began = now();
    let came = slow.run(|_| {});
    let most = due(100, began.elapsed());
    assert_eq!(came.dropped, 0);
    // One user alone would have made ten, and as many as are at work at once are needed for more.
    assert!(came.started > 30 && came.connections > 1, "{} over {}", came.started, came.connections);
    // At no time are more due than the clock says.
    assert!(came.started <= most, "{} of {most}", came.started);
}

#[test]
fn at_the_cap_starts_are_dropped_and_counted() {
    let capped = Open { rate: 200, max_users: 5, service: Duration::from_millis(300), seconds: 3 };
    let began = now();
    let came = capped.run(|_| {});
    let most = due(200, began.elapsed());
    assert!(came.connections <= 5, "{} users", came.connections);
    assert!(came.dropped > 0 && came.started + came.dropped <= most, "{} + {}", came.started, came.dropped);
    assert!(came.ended.stderr.contains("dropped"), "{}", came.ended.stderr);
}

/// A standstill of the server is in the times from the intended start at the least as long as its server says.
#[test]
fn a_standstill_is_seen_whole() {
    let load = Open { rate: 200, max_users: 1_000, service: Duration::from_millis(1), seconds: 3 };
    let came = load.run(|server| {
        std::thread::sleep(Duration::from_millis(500));
        server.freeze(Duration::from_secs(1));
    });
    let longest = came.exchanges.iter().map(Exchange::took).max().unwrap().as_secs_f64() * 1e3;
    let (_, seen) = came.percentile("100%");
    // Three digits are kept of it.
    assert!(longest > 900.0 && seen >= longest * 0.998, "{seen} ms seen, {longest} ms served");
}
