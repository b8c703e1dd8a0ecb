use super::*;
use crate::evaluation::{Decay, Target};
use crate::measured::Figures;
use proptest::prelude::*;

#[derive(Clone, Debug)]
struct Round {
    /// Seconds since the round before.
    after: u32,
    /// `None` where the test could not be run.
    figures: Option<Figures>,
    /// Somebody else scales before it.
    elsewhere: Option<u32>,
}

fn evaluations() -> impl Strategy<Value = Evaluation> {
    let rule = prop_oneof![
        (1_u32..5).prop_map(Rule::Step),
        (0.0..0.5).prop_map(|tolerance| Rule::Proportional { tolerance })
    ];
    let decay = prop::option::of(
        (0_u32..6, 0_u32..5).prop_map(|(replicas, unchanged_runs)| Decay { replicas, unchanged_runs }),
    );
    let words = (prop::sample::select(What::all().collect::<Vec<_>>()), prop::bool::ANY, 0_u64..12);
    (rule, decay, words, 0_u32..4, 0_u32..20, 0_u64..120, 0_u64..120, 0.0..0.5).prop_map(
        |(
            rule,
            decay,
            (what, up, minimum_samples),
            min,
            more,
            stabilization,
            cooldown,
            failure_tolerance,
        )| {
            let limit = if what == What::FailureRatio { 0.2 } else { 7.0 };
            let (method, endpoint) = ("GET".to_owned(), "/".to_owned());
            Evaluation {
                targets: vec![Target { method, endpoint, what, limit }],
                decay,
                min,
                max: (min + more).max(1),
                rule,
                stabilization: Duration::from_secs(stabilization),
                cooldown: Duration::from_secs(cooldown),
                minimum_samples,
                failure_tolerance,
                on_failed_test: if up { OnFailedTest::Up } else { OnFailedTest::Hold },
            }
        },
    )
}

fn rounds() -> impl Strategy<Value = Vec<Round>> {
    let figures = (0_u64..30, 0_u64..30, 0.0..20.0).prop_map(|(requests, failures, value)| Figures {
        requests,
        failures: failures.min(requests) * u64::from(failures % 3 == 0),
        mean: value,
        median: value,
        max: value,
        percentiles: Some([value; 11]),
    });
    let round = (0_u32..60, prop::option::weighted(0.9, figures), prop::option::weighted(0.1, 0_u32..30))
        .prop_map(|(after, figures, elsewhere)| Round { after, figures, elsewhere });
    prop::collection::vec(round, 1..60)
}

/// Whether a test says enough for fewer replicas, told without the code under test.
fn is_sound(evaluation: &Evaluation, figures: Option<&Figures>) -> bool {
    figures.is_some_and(|figures| {
        let ratio = figures.failures as f64 / figures.requests.max(1) as f64;
        figures.requests >= evaluation.minimum_samples.max(1) && ratio <= evaluation.failure_tolerance
    })
}

fn measured(figures: Figures) -> Measured {
    Measured { endpoints: [(("GET".to_owned(), "/".to_owned()), figures)].into() }
}

proptest! {
    #[test]
    fn every_decision_keeps_to_the_rules(evaluation in evaluations(), rounds in rounds(), begin in 1_u32..30) {
        let (mut memory, mut current, mut now) = (Memory::default(), begin, 1e9);
        let mut changed: Option<f64> = None;
        for Round { after, figures, elsewhere } in rounds {
            now += f64::from(after);
            current = elsewhere.unwrap_or(current);
            let sound = is_sound(&evaluation, figures.as_ref());
            let good = figures.as_ref().is_some_and(|figures| {
                figures.value(evaluation.targets[0].what).is_some_and(|value| value <= evaluation.targets[0].limit)
            });
            let found = figures.map(measured);
            let outcome = found.as_ref().ok_or("it could not be run");
            let decision = decide(&evaluation, &memory, current, outcome, now);
            prop_assert_eq!(&decision, &decide(&evaluation, &memory, current, outcome, now), "the same again");
            prop_assert!(!decision.why.is_empty() && !decision.why.contains('\n'));
            let to = decision.to;
            if current == 0 {
                prop_assert_eq!(to, 0, "off stays off");
            } else if to != current {
                prop_assert!((evaluation.min..=evaluation.max).contains(&to), "{}", decision.why);
                if let Some(before) = changed {
                    prop_assert!(now - before >= evaluation.cooldown.as_secs_f64(), "{}", decision.why);
                }
                changed = Some(now);
            }
            if to < current {
                prop_assert!(sound, "fewer after a test that says nothing: {}", decision.why);
                let beyond = current > evaluation.max;
                let due = evaluation.decay.is_some_and(|decay| memory.runs_since_change >= decay.unchanged_runs);
                prop_assert!(beyond || (good && due), "{}", decision.why);
                if let Some(decay) = evaluation.decay.filter(|_| !beyond) {
                    prop_assert!(current - to <= decay.replicas, "{}", decision.why);
                }
            }
            prop_assert!(decision.memory.recommended.windows(2).all(|pair| pair[0].1 > pair[1].1));
            let text = crate::memory::Kept::from(decision.memory.clone()).write();
            let (kept, error) = crate::memory::Kept::read(&text, 0.0);
            prop_assert_eq!(error, None);
            prop_assert_eq!(&kept.memory, &decision.memory, "what is remembered survives");
            (memory, current) = (decision.memory, to);
        }
    }

    #[test]
    fn quiet_rounds_decay_exactly_as_described(
        begin in 1_u32..20,
        min in 0_u32..5,
        replicas in 1_u32..4,
        unchanged_runs in 0_u32..15,
        rounds in 1_usize..100,
    ) {
        let evaluation = Evaluation {
            targets: vec![Target {
                method: "GET".to_owned(),
                endpoint: "/".to_owned(),
                what: What::Mean,
                limit: 7.0,
            }],
            decay: Some(Decay { replicas, unchanged_runs }),
            min: min.min(begin),
            max: 20,
            ..Evaluation::default()
        };
        let quiet = measured(Figures { requests: 10, mean: 5.0, ..Figures::default() });
        let (mut memory, mut current) = (Memory::default(), begin);
        for round in 1..=rounds {
            let decision = decide(&evaluation, &memory, current, Ok(&quiet), round as f64);
            (memory, current) = (decision.memory, decision.to);
            let decays = u32::try_from(round).unwrap() / (unchanged_runs + 1);
            prop_assert_eq!(current, begin.saturating_sub(decays * replicas).max(evaluation.min));
        }
    }
}
