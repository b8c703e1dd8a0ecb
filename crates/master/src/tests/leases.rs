//! Rows that are given only once: who is leased which.

use super::*;
use crate::Source;
use akrida_protocol::{Rows, RowsUsed, Used};

impl Bench {
    /// With so many rows for the users.
    fn with_unique_rows(workers: &[&str], rows: Option<u64>) -> Self {
        let mut bench = Self::new(workers);
        bench.core.config.sources =
            vec![Source { feeder: 3, name: "logins".to_owned(), rows, classes: vec![0] }];
        bench
    }

    /// What workers are told of rows: `a 0..5 8..9`, with `end` where no more will come. Jobs are carried out.
    fn leased(&mut self, event: Event) -> Vec<String> {
        let effects = self.on(event);
        let told = effects.frames.iter().filter_map(|(peer, body)| {
            let rows = match ToWorker::decode(body).unwrap().message {
                ToWorker::Spawn(job) => job.rows.unwrap(),
                ToWorker::Rows(rows) => rows,
                _ => return None,
            };
            Some(shown(peer.as_str().unwrap(), &rows))
        });
        let told = told.collect();
        self.carry_out(sent(&effects).into_iter().filter(|(_, text)| text.starts_with("spawn ")).collect());
        told
    }

    /// A worker reports so many rows given, and users that wait.
    fn gave(&mut self, worker: &str, sequence: u64, given: u64, waiting: u64) -> Vec<String> {
        self.reports(worker, sequence, given, waiting, false)
    }

    fn reports(
        &mut self,
        worker: &str,
        sequence: u64,
        given: u64,
        waiting: u64,
        closed: bool,
    ) -> Vec<String> {
        let node = self.core.registry.get(&PeerId::from(worker)).unwrap();
        let term = node.holding.as_ref().map_or(0, |holding| holding.term);
        let feeders = [(3, Used { given, waiting })].into();
        let rows = Some(RowsUsed { term, closed, feeders });
        let body = report(sequence, 0, node.users[0], |report| report.rows = rows).encode(worker);
        self.leased(Event::Frame { peer: PeerId::from(worker), body })
    }

    /// Its last report, and its end.
    fn leaves(&mut self, worker: &str, sequence: u64, given: u64) -> Vec<String> {
        self.reports(worker, sequence, given, 0, true);
        let told = self.leased(says(worker, &ToMaster::ClientStopped));
        self.say(worker, &ToMaster::Quit);
        told
    }

    fn rows_notices(&mut self) -> Vec<String> {
        self.requests();
        self.snapshot.notices.iter().filter(|notice| notice.contains("rows")).cloned().collect()
    }
}

fn says(worker: &str, message: &ToMaster) -> Event {
    Event::Frame { peer: PeerId::from(worker), body: message.encode(worker) }
}

fn shown(worker: &str, rows: &Rows) -> String {
    assert!(rows.leases.is_sorted_by_key(|lease| lease.number));
    let leases = rows.leases.iter().map(|lease| format!(" {}..{}", lease.from, lease.until));
    let end = if rows.ended == [3] { " end" } else { "" };
    format!("{worker}{}{end}", leases.collect::<String>())
}

#[test]
fn each_user_that_begins_finds_a_row_and_who_waits_gets_more() {
    let mut bench = Bench::with_unique_rows(&["a", "b"], None);
    assert_eq!(bench.leased(Event::Command(start(4, None))), ["a 0..2", "b 2..4"]);
    assert_eq!(bench.gave("a", 1, 2, 0), Vec::<String>::new());
    // Two users are back for more: they get two, and two for those who follow.
    assert_eq!(bench.gave("a", 2, 2, 2), ["a 4..8"]);
    // The message was lost: it is told again.
    assert_eq!(bench.gave("a", 3, 2, 2), ["a 4..8"]);
    assert_eq!(bench.gave("a", 4, 6, 2), ["a 8..14"]);
    // What is told late or twice changes nothing.
    assert_eq!(bench.gave("a", 4, 0, 9), Vec::<String>::new());
}

#[test]
fn rows_in_hand_follow_what_is_used() {
    let mut bench = Bench::with_unique_rows(&["a"], None);
    assert_eq!(bench.leased(Event::Command(start(10, None))), ["a 0..10"]);
    bench.now += Duration::from_secs(1);
    assert_eq!(bench.gave("a", 1, 10, 0), ["a 10..30"], "enough for two seconds");
    bench.now += Duration::from_secs(1);
    assert_eq!(bench.gave("a", 2, 20, 0), ["a 10..30 30..40"]);
    bench.now += Duration::from_secs(1);
    assert_eq!(bench.gave("a", 3, 40, 0), ["a 40..80"], "twice as many");
}

#[test]
fn towards_the_end_rows_are_for_all_and_users_wait_until_the_last_is_given() {
    let mut bench = Bench::with_unique_rows(&["a", "b"], Some(12));
    assert_eq!(bench.leased(Event::Command(start(4, None))), ["a 0..2", "b 2..4"]);
    bench.now += Duration::from_secs(1);
    // It would like to have six in hand.
    assert_eq!(bench.gave("a", 1, 2, 0), ["a 4..6"]);
    // As if it was to have more: no more are believed to wait.
    let job = bench.core.registry.get_mut(&PeerId::from("b")).unwrap().job.as_mut().unwrap();
    job.users[0] = 9;
    assert_eq!(bench.gave("b", 1, 0, 9), ["b 2..4 6..12"]);
    assert_eq!(bench.gave("a", 2, 4, 2), ["a"], "there may be more, if b leaves");
    assert_eq!(bench.gave("b", 2, 7, 2), ["b 6..12"]);
    assert_eq!(bench.gave("b", 3, 8, 2), ["b end"]);
    bench.now += limits::LOOK;
    assert_eq!(bench.leased(Event::Tick), ["a end"]);
    assert_eq!(bench.rows_notices(), Vec::<String>::new());
}

#[test]
fn who_leaves_in_order_hands_back_what_it_did_not_give() {
    let mut bench = Bench::with_unique_rows(&["a", "b"], Some(8));
    assert_eq!(bench.leased(Event::Command(start(8, None))), ["a 0..4", "b 4..8"]);
    bench.gave("b", 1, 4, 0);
    assert_eq!(bench.gave("b", 2, 4, 1), ["b"]);
    assert_eq!(bench.leaves("a", 1, 1), ["b 1..4"], "its users go on there");
    assert_eq!(bench.leased(says("c", &ready())), ["b 1..4", "c"]);
    assert_eq!(bench.rows_notices(), Vec::<String>::new());
}

#[test]
fn what_a_lost_worker_had_is_given_to_nobody_and_told() {
    let mut bench = Bench::with_unique_rows(&["a", "b"], Some(8));
    assert_eq!(bench.leased(Event::Command(start(8, None))), ["a 0..4", "b 4..8"]);
    bench.gave("a", 1, 1, 0);
    for _ in 0..4 * 4 {
        bench.now += Duration::from_millis(250);
        bench.on(Event::Tick);
        bench.say("b", &heartbeat(WorkerState::Running, 0));
    }
    assert_eq!(bench.gave("b", 1, 4, 4), ["b end"], "it is not waited for");
    let lost = "3 rows of logins went to workers that fell silent or left without a word; nobody else is given them.";
    assert_eq!(bench.rows_notices(), [lost]);
    // It was only slow: it has what it had, and nothing is lost.
    assert!(bench.leased(says("a", &heartbeat(WorkerState::Running, 0))).contains(&"a 0..4".to_owned()));
    assert_eq!(bench.rows_notices(), Vec::<String>::new());
    // A new process under its name has nothing.
    bench.leased(says("a", &ready()));
    assert_eq!(bench.rows_notices(), [lost]);
}

#[test]
fn a_new_run_begins_with_the_first_row_in_a_new_term() {
    let mut bench = Bench::with_unique_rows(&["a"], Some(5));
    assert_eq!(bench.leased(Event::Command(start(2, None))), ["a 0..2"]);
    let term = |bench: &Bench| {
        bench.core.registry.get(&PeerId::from("a")).unwrap().holding.as_ref().map(|it| it.term)
    };
    let before = term(&bench);
    assert_eq!(bench.command(Command::Stop).0, Ok(()));
    bench.reports("a", 1, 2, 0, true);
    bench.say("a", &ToMaster::ClientStopped);
    bench.say("a", &ready());
    assert_eq!(bench.leased(Event::Command(start(2, None))), ["a 0..2"]);
    assert!(before.is_some() && term(&bench) > before);
    // What is told of the old term counts for nothing.
    let feeders = [(3, Used { given: 2, waiting: 2 })].into();
    let rows = Some(RowsUsed { term: before.unwrap(), closed: true, feeders });
    assert!(bench.say("a", &report(9, 0, 2, |report| report.rows = rows)).is_empty());
}

#[test]
fn who_claims_that_many_wait_gets_rows_for_the_users_that_it_has() {
    let mut bench = Bench::with_unique_rows(&["a", "greedy"], Some(1_000));
    bench.leased(Event::Command(start(10, None)));
    bench.gave("greedy", 1, 5, 1 << 53);
    let left = bench.core.ledger.rows_left();
    assert!(left > 900, "{left} rows are left for others");
}

#[test]
fn rows_have_not_ended_when_somebody_is_back_who_has_some() {
    let mut bench = Bench::with_unique_rows(&["a", "b"], Some(4));
    assert_eq!(bench.leased(Event::Command(start(4, None))), ["a 0..2", "b 2..4"]);
    bench.pass(4, &["a"]);
    for sequence in 1..=2 {
        assert_eq!(bench.gave("a", sequence, 2, 2), ["a end"], "who is silent does not count");
    }
    bench.say("b", &heartbeat(WorkerState::Running, 0));
    assert_eq!(bench.gave("a", 3, 2, 2), ["a"]);
}
