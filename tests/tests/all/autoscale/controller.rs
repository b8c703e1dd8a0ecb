//! The controller, as it is started in a pod.

use super::site::Site;
use crate::binary::{Akrida, folder, now};
use crate::repository::root;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// What the getting-started compares with: a mean of 7 ms.
const EVALUATION: &str = "docs/custom-pod-autoscaler/evaluation_config.yaml";

/// How long the whole story may take on a machine that does much else; alone it takes two minutes.
const STORY: Duration = Duration::from_secs(900);

/// Clients of the extra load. Each keeps one replica busy, so the arithmetic answer is one replica more.
const CLIENTS: usize = 2;

/// The controller of the getting-started of the Locust Pod Autoscaler, whose test is ten users for five seconds.
struct Controller<'a> {
    site: &'a Site,
    kubeconfig: String,
    folder: &'a Path,
    /// How long a test is, and how many of its ten users begin in a second.
    time: &'a str,
    rate: &'a str,
    /// Its target, milliseconds.
    target: u32,
}

impl<'a> Controller<'a> {
    fn new(site: &'a Site, folder: &'a Path, time: &'a str) -> Self {
        Self { site, kubeconfig: site.kubernetes.kubeconfig(folder), folder, time, rate: "10", target: 7 }
    }

    /// Compares with as many times 7 ms as this machine, which may do much else, needs to be quick; and says how many.
    /// A machine with time to spare takes the file as it is.
    fn calibrate(&mut self) -> u32 {
        let ended = self.start(&["--rounds", "5", "--dry-run"]).end(Duration::from_secs(120));
        let slowest = ended.exits(0).stderr.lines().filter(|line| line.contains(" is ")).map(mean);
        let slowest = slowest.fold(0.0, f64::max);
        let times = (2.0 * slowest / f64::from(self.target)).ceil().max(1.0) as u32;
        println!("a free service answers within {slowest} ms: the target is {times} times 7 ms");
        self.target *= times;
        times
    }

    /// The evaluation file: the original, unless it was calibrated to something else.
    fn evaluation(&self) -> String {
        let original = root().join(EVALUATION);
        if self.target == 7 {
            return original.display().to_string();
        }
        let text = std::fs::read_to_string(original).unwrap();
        let file = self.folder.join("evaluation.yaml");
        std::fs::write(&file, text.replace("target: 7", &format!("target: {}", self.target))).unwrap();
        file.display().to_string()
    }

    fn start(&self, more: &[&str]) -> Akrida {
        let locustfile = root().join("scenarios/locustfiles/fibonacci.py").display().to_string();
        let (evaluation, host) = (self.evaluation(), self.site.url());
        let state = self.folder.join("state.json").display().to_string();
        let mut arguments =
            vec!["autoscale", "--target", "deployment/fibonacci", "--evaluation", &evaluation];
        arguments.extend(["-f", &locustfile, "-H", &host, "-u", "10", "-r", self.rate, "-t", self.time]);
        arguments.extend(["--interval", "1s", "--state", &state, "--status-port", "0"]);
        arguments.extend(more);
        Akrida::start_bare_with(&[("KUBECONFIG", &self.kubeconfig)], &arguments)
    }
}

/// What a round said.
#[derive(Debug, PartialEq)]
enum Round {
    Scaled(i64, i64),
    Kept { count: i64, quiet: bool },
}

/// The rounds that it has told of, with this target.
fn rounds(akrida: &Akrida, target: u32) -> Vec<Round> {
    let number = |text: &str| text.trim_end_matches(':').parse().unwrap();
    let log = akrida.stderr();
    let told = log.lines().filter_map(|line| line.split_once(": Round ").map(|(_, rest)| rest));
    told.map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        match words[1..] {
            ["scaled", from, "to", to, ..] => Round::Scaled(number(from), number(to)),
            ["kept", count, ..] => {
                let quiet = line.contains(": mean of ") && mean(line) <= f64::from(target);
                Round::Kept { count: number(count), quiet }
            }
            _ => panic!("{line}"),
        }
    })
    .collect()
}

fn mean(line: &str) -> f64 {
    let value = line.split_once(" is ").unwrap().1.split_once(" ms").unwrap().0;
    value.parse().unwrap()
}

fn wait(akrida: &Akrida, until: Instant, so: impl Fn() -> bool) {
    while !so() {
        assert!(now() < until, "it does not come to pass:\n{}", akrida.stderr());
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_getting_started_does_what_its_text_says() {
    let (site, here) = (Site::start(1), folder());
    // Users that all begin at once would wait for each other.
    let mut controller = Controller { rate: "2", ..Controller::new(&site, &here, "5s") };
    let times = controller.calibrate();
    let (until, target) = (now() + STORY, controller.target);

    // Load comes: the count rises until there is a replica more than what keeps them busy, and the mean is below 7 ms.
    let load = site.load(CLIENTS, times);
    let akrida = controller.start(&[]);
    let answer = i64::try_from(CLIENTS + 1).unwrap();
    let is_enough = || {
        let last = rounds(&akrida, target).pop();
        matches!(last, Some(Round::Kept { count, quiet: true }) if (answer - 1..=answer + 1).contains(&count))
    };
    wait(&akrida, until, is_enough);

    // Load goes: down to the minimum.
    drop(load);
    wait(&akrida, until, || site.wanted() == 1);
    let quiet_at_last = || matches!(rounds(&akrida, target).last(), Some(Round::Kept { count: 1, .. }));
    wait(&akrida, until, quiet_at_last);
    akrida.terminate();
    let log = akrida.end(Duration::from_secs(10));
    log.exits(0);
    assert_eq!(*site.asked().last().unwrap(), 1);
    let text = &log.stderr;
    for line in text.lines().filter(|line| line.contains(": Round ") && line.contains(" scaled ")) {
        let (from, to) =
            line.split_once(" scaled ").unwrap().1.split_once(':').unwrap().0.split_once(" to ").unwrap();
        let (from, to): (i64, i64) = (from.parse().unwrap(), to.parse().unwrap());
        assert_eq!(to - from, if mean(line) > f64::from(target) { 1 } else { -1 }, "{line}");
        assert_eq!(to < from, line.contains("; 3 runs without change"), "{line}");
    }
    std::fs::remove_dir_all(here).unwrap();
}

#[test]
fn killing_the_controller_changes_no_decision() {
    let (site, here) = (Site::start(3), folder());
    let controller = Controller { target: 10_000, ..Controller::new(&site, &here, "1s") };
    let until = now() + STORY;
    // Nobody loads the service, so the count may only fall, by one, to one. Each of these is killed at another moment.
    for moment in 0..6 {
        let akrida = controller.start(&[]);
        akrida.logs("Scaling Deployment fibonacci");
        sleep(Duration::from_millis(400 * moment));
        akrida.kill();
        let state = std::fs::read_to_string(here.join("state.json")).unwrap_or_default();
        assert!(state.is_empty() || state.contains("runs_since_change"), "{state}");
    }
    let akrida = controller.start(&[]);
    wait(&akrida, until, || site.wanted() == 1);
    akrida.kill();
    assert_eq!(site.asked(), [2, 1]);
    std::fs::remove_dir_all(here).unwrap();
}

#[test]
fn a_dry_run_and_a_target_that_is_off_change_nothing() {
    let (site, here) = (Site::start(0), folder());
    let controller = Controller::new(&site, &here, "2s");
    let off = controller.start(&["--rounds", "1"]).end(Duration::from_secs(10));
    off.exits(0);
    assert!(
        off.stderr.contains("Round 1: no replicas are wanted, so the autoscaler is off"),
        "{}",
        off.stderr
    );
    site.kubernetes.change("fibonacci", |object| object.wanted = 1);
    site.settle();
    let _load = site.load(CLIENTS, 1);
    let dry = controller.start(&["--rounds", "1", "--dry-run"]).end(Duration::from_secs(10));
    dry.exits(0);
    assert!(dry.stderr.contains("Round 1: would scale 1 to 2 (dry run): mean of "), "{}", dry.stderr);
    assert_eq!((site.asked(), here.join("state.json").exists()), (Vec::new(), false));
    std::fs::remove_dir_all(here).unwrap();
}
