//! One process and a fleet of four make the same requests from the same seed.

use crate::binary::{free_port, run, scratch};
use akrida_testkit::{Answer, Target};
use std::collections::BTreeMap;
use std::time::Duration;

/// Each user walks forty times, by chance, and ends. So does each row of the data.
const TEST: &str = "
data:
  book: { rows: BOOKS, pick: unique, per: iteration }
users:
  Walker:
    weight: 2
    on_start:
      - set: { walks: 0 }
    tasks:
      walk:
        weight: 3
        steps:
          - get: /walk/{{ random.randint(1, 9) }}
            name: /walk/{{ random.randint(1, 5) }}
          - set: { walks: '{{ walks + 1 }}' }
          - if: '{{ walks >= 40 }}'
            then:
              - stop: user
      rest:
        steps:
          - choose:
              - weight: 2
                steps: [{ get: /rest/inside }]
              - steps: [{ get: /rest/outside, check: { status: 404 } }]
  Reader:
    tasks:
      read:
        - get: /read/{{ book['name'] }}
          name: /read/{{ book['name'] }}
";

/// Requests by name of a run with these arguments, and by path at the target.
fn requests(arguments: &[&str]) -> (BTreeMap<String, u64>, BTreeMap<String, u64>) {
    let books: Vec<_> = (0..300).map(|book| format!("{{ name: {book} }}")).collect();
    let test = scratch("walk.yaml", &TEST.replace("BOOKS", &format!("[{}]", books.join(", "))));
    let target = Target::start(|_| Answer::ok(""));
    let url = target.url();
    let load = ["-f", &test, "-H", &url, "--headless", "-u", "24", "-r", "24", "--seed", "11"];
    let ended = run(&[&load, arguments].concat(), Duration::from_secs(60));
    // The check for a 404 fails.
    ended.exits(1);
    (ended.requests(), target.counts())
}

#[test]
fn a_fleet_does_what_one_process_does() {
    let alone = requests(&["--cores", "1"]);
    let asked: u64 = alone.1.values().sum();
    assert_eq!(alone.0.values().sum::<u64>(), asked);
    assert!(
        alone
            .1
            .iter()
            .filter(|(path, _)| path.contains("/read"))
            .map(|(_, count)| count)
            .all(|&count| count == 1)
    );
    assert!(asked > 16 * 40 + 300, "{asked}");
    assert_eq!(requests(&["--cores", "3"]), alone, "on more cores");
    let port = free_port();
    let fleet =
        requests(&["--master", "--processes", "4", "--expect-workers", "4", "--master-bind-port", &port]);
    assert_eq!(fleet, alone, "in four processes");
}
