use super::*;
use crate::evaluation::{Decay, Target, What};
use crate::measured::Figures;
use crate::memory::Memory;
use proptest::prelude::*;
use std::time::Duration;

/// The world of a controller: what is wanted, what is kept, and what each round's test measures.
#[derive(Clone, Debug)]
struct World {
    replicas: u32,
    kept: String,
    rivals: Result<Vec<String>, String>,
    /// Mean of the next test; `None` for one that cannot be run.
    mean: Option<f64>,
    /// What somebody else does during the test.
    meanwhile: Option<u32>,
    /// Whether the API server takes changes.
    takes: bool,
    /// Whether anything can be kept.
    keeps: bool,
    /// Counts that were written.
    written: Vec<u32>,
}

impl World {
    fn new(replicas: u32) -> Self {
        let (rivals, kept) = (Ok(Vec::new()), String::new());
        Self {
            replicas,
            kept,
            rivals,
            mean: Some(5.0),
            meanwhile: None,
            takes: true,
            keeps: true,
            written: Vec::new(),
        }
    }

    fn take(&mut self, step: Step) -> Result<Answer, Report> {
        Ok(match step {
            Step::ReadReplicas => Answer::Replicas(Ok(self.replicas)),
            Step::FindRivals => Answer::Rivals(self.rivals.clone()),
            Step::Test => {
                self.replicas = self.meanwhile.take().unwrap_or(self.replicas);
                Answer::Tested(self.mean.map(measured).ok_or_else(|| "no worker came".to_owned()))
            }
            Step::ReadKept => Answer::Kept(Ok(self.kept.clone())),
            Step::Keep(text) if self.keeps => {
                self.kept = text;
                Answer::Done(Ok(()))
            }
            Step::Keep(_) => Answer::Done(Err("the disk is full".to_owned())),
            Step::Scale(count) if self.takes => {
                self.replicas = count;
                self.written.push(count);
                Answer::Replicas(Ok(count))
            }
            Step::Scale(_) => Answer::Replicas(Err("403 Forbidden".to_owned())),
            Step::Tell(report) => return Err(report),
        })
    }

    /// Plays a round, or only so many steps of it.
    fn round(&mut self, evaluation: &Evaluation, ways: Ways, now: f64, steps: usize) -> Option<Report> {
        let mut round = Round::new(evaluation, ways);
        let mut step = Step::ReadReplicas;
        for _ in 0..steps {
            match self.take(step) {
                Ok(answer) => step = round.on(now, answer),
                Err(report) => return Some(report),
            }
        }
        None
    }

    fn whole(&mut self, evaluation: &Evaluation, ways: Ways, now: f64) -> Report {
        self.round(evaluation, ways, now, 100).unwrap()
    }

    fn memory(&self) -> Memory {
        Kept::read(&self.kept, 0.0).0.resolve(self.replicas)
    }
}

fn measured(mean: f64) -> Measured {
    let figures = Figures { requests: 10, mean, ..Figures::default() };
    Measured { endpoints: [(("GET".to_owned(), "/".to_owned()), figures)].into() }
}

fn evaluation() -> Evaluation {
    let (method, endpoint) = ("GET".to_owned(), "/".to_owned());
    Evaluation {
        targets: vec![Target { method, endpoint, what: What::Mean, limit: 7.0 }],
        decay: Some(Decay { replicas: 1, unchanged_runs: 3 }),
        ..Evaluation::default()
    }
}

fn told(report: &Report) -> (End, Option<u32>, &str) {
    (report.end, report.to, &report.text)
}

#[test]
fn a_round_scales_and_says_why() {
    let mut world = World { mean: Some(8.0), ..World::new(2) };
    let report = world.whole(&evaluation(), Ways::default(), 1.0);
    assert_eq!(
        told(&report),
        (End::Scaled, Some(3), "scaled 2 to 3: mean of GET / is 8.0 ms, target 7.0 ms")
    );
    assert_eq!((report.verdict, report.measured), (Some(Verdict::Above), Some(measured(8.0))));
    assert_eq!((world.replicas, world.memory().changed_at), (3, Some(1.0)));
    let report = World::new(2).whole(&evaluation(), Ways::default(), 1.0);
    assert_eq!(told(&report), (End::Kept, Some(2), "kept 2: mean of GET / is 5.0 ms, target 7.0 ms"));
}

#[test]
fn what_is_switched_off_or_scaled_by_others_is_left_alone_without_a_test() {
    let untested = |world: World| {
        let mut world = World { mean: None, ..world };
        let before = (world.replicas, world.kept.clone());
        let report = world.whole(&evaluation(), Ways::default(), 1.0);
        assert_eq!((world.replicas, world.kept), before);
        report
    };
    let off = untested(World::new(0));
    assert_eq!(told(&off), (End::Off, Some(0), "no replicas are wanted, so the autoscaler is off"));
    let rivals = Ok(vec!["HorizontalPodAutoscaler web".to_owned()]);
    let rival = untested(World { rivals: rivals.clone(), ..World::new(2) });
    assert_eq!(
        told(&rival),
        (
            End::Rival,
            Some(2),
            "HorizontalPodAutoscaler web scales the same target, and two would fight: delete it, or say \
             --ignore-rivals"
        )
    );
    let mut world = World { rivals, mean: Some(8.0), ..World::new(2) };
    let report = world.whole(&evaluation(), Ways { ignore_rivals: true, ..Ways::default() }, 1.0);
    assert_eq!(report.end, End::Scaled);
    assert!(report.text.ends_with("; HorizontalPodAutoscaler web scales the same target too"));
}

#[test]
fn a_round_that_cannot_look_for_others_goes_on_and_says_so() {
    let mut world = World { rivals: Err("403 Forbidden".to_owned()), mean: Some(8.0), ..World::new(2) };
    let report = world.whole(&evaluation(), Ways::default(), 1.0);
    assert_eq!(report.end, End::Scaled);
    assert!(report.text.ends_with("; whether others scale the same target cannot be seen: 403 Forbidden"));
}

#[test]
fn a_dry_run_changes_nothing() {
    let mut world = World { mean: Some(8.0), ..World::new(2) };
    let report = world.whole(&evaluation(), Ways { dry_run: true, ..Ways::default() }, 1.0);
    let text = "would scale 2 to 3 (dry run): mean of GET / is 8.0 ms, target 7.0 ms";
    assert_eq!(told(&report), (End::WouldScale, Some(3), text));
    assert_eq!((world.replicas, world.written.len()), (2, 0));
    // What it keeps is for its own next round, which is not surprised that nothing was scaled.
    let report = world.whole(&evaluation(), Ways { dry_run: true, ..Ways::default() }, 2.0);
    assert!(!report.text.contains("somebody else"), "{}", report.text);
}

#[test]
fn a_test_during_which_somebody_scales_says_nothing() {
    let mut world = World { mean: Some(8.0), meanwhile: Some(5), ..World::new(2) };
    let report = world.whole(&evaluation(), Ways::default(), 1.0);
    assert_eq!(
        told(&report),
        (
            End::Kept,
            Some(5),
            "somebody else changed 2 replicas to 5 during the test, which therefore says nothing"
        )
    );
    assert_eq!(world.kept, "");
}

#[test]
fn what_cannot_be_done_is_told_and_tried_again() {
    let mut world = World { mean: Some(8.0), takes: false, ..World::new(2) };
    let report = world.whole(&evaluation(), Ways::default(), 1.0);
    let text = "wanted to scale 2 to 3: mean of GET / is 8.0 ms, target 7.0 ms; not done: 403 Forbidden";
    assert_eq!(told(&report), (End::Failed, Some(2), text));
    world.takes = true;
    let cooling = Evaluation { cooldown: Duration::from_secs(60), ..evaluation() };
    assert_eq!(
        world.whole(&cooling, Ways::default(), 2.0).to,
        Some(3),
        "what was not done begins no cool-down"
    );

    let mut forgetful = World { mean: Some(8.0), keeps: false, ..World::new(2) };
    let report = forgetful.whole(&evaluation(), Ways::default(), 1.0);
    assert_eq!((report.end, forgetful.written.len()), (End::Failed, 0));
    assert!(report.text.ends_with("; not done, since it cannot be kept in mind: the disk is full"));
}

#[test]
fn a_failed_test_is_a_round_too() {
    let mut world = World { mean: None, ..World::new(2) };
    let report = world.whole(&evaluation(), Ways::default(), 1.0);
    assert_eq!(told(&report), (End::Kept, Some(2), "kept 2: the test failed: no worker came"));
    assert_eq!(report.verdict, Some(Verdict::Failed));
}

#[test]
fn what_was_kept_by_the_first_autoscaler_after_ten_runs_does_not_stop_this_one() {
    let mut world =
        World { kept: r#"{"runs_since_change": 0}}"#.to_owned(), mean: Some(8.0), ..World::new(2) };
    let report = world.whole(&evaluation(), Ways::default(), 1.0);
    assert_eq!(report.end, End::Scaled);
    assert!(report.text.contains("what was remembered cannot be read"), "{}", report.text);
}

/// Steps of a round that changes the count: read, rivals, test, read, kept, keep, scale, keep.
const STEPS: usize = 8;

proptest! {
    /// A process that is killed after any step of any round, and begins anew, decides what one decides that was never
    /// killed and for which that round had not been, or had been, but nothing third.
    #[test]
    fn killing_it_at_any_instant_loses_a_round_and_nothing_else(
        means in prop::collection::vec(prop::option::weighted(0.9, 3.0..10.0), 1..40),
        kills in prop::collection::vec(prop::option::weighted(0.3, 0..STEPS), 40),
        begin in 1_u32..8,
        cooldown in 0_u64..40,
        stabilization in 0_u64..40,
    ) {
        let evaluation = Evaluation {
            cooldown: Duration::from_secs(cooldown),
            stabilization: Duration::from_secs(stabilization),
            ..evaluation()
        };
        let mut killed = World::new(begin);
        let mut calm = World::new(begin);
        for (index, mean) in means.into_iter().enumerate() {
            let now = 1_000.0 + 10.0 * index as f64;
            killed.mean = mean;
            calm.mean = mean;
            let Some(steps) = kills[index] else {
                let report = killed.whole(&evaluation, Ways::default(), now);
                let expected = calm.whole(&evaluation, Ways::default(), now);
                prop_assert_eq!(report, expected);
                continue;
            };
            let before = calm.clone();
            killed.round(&evaluation, Ways::default(), now, steps);
            calm.whole(&evaluation, Ways::default(), now);
            let unchanged = calm.replicas == before.replicas;
            // The round was lost unless what it decided was done already.
            if killed.replicas == before.replicas && (!unchanged || killed.memory() == before.memory()) {
                calm = before;
            }
            prop_assert_eq!(killed.replicas, calm.replicas);
            prop_assert_eq!(killed.memory(), calm.memory());
        }
    }
}
