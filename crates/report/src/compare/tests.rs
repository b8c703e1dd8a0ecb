use super::*;
use akrida_stats::Histogram;
use fastrand::Rng;

/// Requests of one slice.
const REQUESTS: u64 = 1_000;

/// Slices of one run, so that a run has ten thousand requests.
const SLICES: usize = 10;

/// Response times as services have them: many short ones and a long tail (lognormal, a median of 20 ms), of which each
/// is `factor` times as long. The whole slice is a little faster or slower than others, as slices are.
fn slice(rng: &mut Rng, factor: f64, failing: f64) -> Slice {
    let of_slice = (0.01 * normal(rng)).exp();
    let (mut times, mut total_us) = (Histogram::<u64>::default(), 0);
    for _ in 0..REQUESTS {
        let us = (20_000.0 * factor * of_slice * (0.5 * normal(rng)).exp()) as u64;
        times.record(us);
        total_us += us;
    }
    let failures = (0..REQUESTS).filter(|_| rng.f64() < failing).count() as u64;
    let seconds = 10.0 + 0.05 * normal(rng);
    Slice { seconds, requests: REQUESTS, failures, total_us, times: times.to_sparse() }
}

fn normal(rng: &mut Rng) -> f64 {
    (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos()
}

/// Slices that runs are put together of: independent of each other, and made only once.
fn pool(seed: u64, factor: f64, failing: f64) -> Vec<Slice> {
    let mut rng = Rng::with_seed(seed);
    (0..600).map(|_| slice(&mut rng, factor, failing)).collect()
}

fn run(rng: &mut Rng, pool: &[Slice]) -> Side {
    let mut at: Vec<usize> = (0..pool.len()).collect();
    rng.shuffle(&mut at);
    let total: Vec<_> = at.iter().take(SLICES).map(|at| pool[*at].clone()).collect();
    Side { label: "run".to_owned(), total, names: BTreeMap::new() }
}

fn different(comparison: &Comparison) -> Vec<Metric> {
    let changes = comparison.total.iter().filter(|change| change.judgement == Judgement::Different);
    changes.map(|change| change.metric).collect()
}

#[test]
fn equal_runs_are_called_different_in_at_most_5_percent_of_1000_trials() {
    let (pool, mut rng) = (pool(1, 1.0, 0.01), Rng::with_seed(2));
    let trials = 1_000;
    let wrong = (0..trials).filter(|_| {
        let (a, b) = (run(&mut rng, &pool), run(&mut rng, &pool));
        !different(&compare(&[a], &b)).is_empty()
    });
    let wrong = wrong.count();
    assert!(wrong * 100 <= trials * 5, "{wrong} of {trials}");
}

#[test]
fn a_shift_of_10_percent_is_found_in_at_least_95_percent() {
    let (before, after, mut rng) = (pool(3, 1.0, 0.01), pool(4, 1.1, 0.01), Rng::with_seed(5));
    let trials = 200;
    let (mut found, mut p95) = (0, 0);
    for _ in 0..trials {
        let (a, b) = (run(&mut rng, &before), run(&mut rng, &after));
        let comparison = compare(&[a], &b);
        let different = different(&comparison);
        found += usize::from(!different.is_empty());
        p95 += usize::from(different.contains(&Metric::Quantile(0.95)));
        let mean = comparison.total[3].change.unwrap();
        assert!((0.05..0.15).contains(&mean), "{mean}");
    }
    assert!(found * 100 >= trials * 95 && p95 * 100 >= trials * 95, "{found} and {p95} of {trials}");
}

#[test]
fn more_failures_are_found_and_none_are_not_made_up() {
    let (none, few, more) = (pool(6, 1.0, 0.0), pool(7, 1.0, 0.001), pool(8, 1.0, 0.02));
    let mut rng = Rng::with_seed(9);
    let judged = |a: &[Slice], b: &[Slice], rng: &mut Rng| {
        let comparison = compare(&[run(rng, a)], &run(rng, b));
        comparison.total[4].judgement
    };
    for _ in 0..20 {
        assert_eq!(judged(&none, &none, &mut rng), Judgement::Noise);
        assert_eq!(judged(&few, &more, &mut rng), Judgement::Different);
        assert_eq!(judged(&none, &more, &mut rng), Judgement::Different);
    }
}

#[test]
fn earlier_runs_tell_what_noise_is() {
    let mut rng = Rng::with_seed(10);
    // Runs that differ by five per cent from each other, as on a shared machine; within one nothing shows it.
    let mut at = |factor: f64| {
        let slices = pool(rng.u64(..), factor, 0.0);
        run(&mut rng, &slices)
    };
    let earlier = [0.95, 1.0, 1.05, 0.98].map(&mut at);
    let similar = compare(&earlier, &at(1.07));
    assert_eq!((different(&similar), similar.total[1].basis), (Vec::new(), Basis::Runs(4)));
    let alone = compare(&earlier[1..2], &at(1.07));
    assert!(different(&alone).contains(&Metric::Mean), "{:?}", alone.total);
    let slower = compare(&earlier, &at(1.5));
    assert!(different(&slower).contains(&Metric::Quantile(0.95)), "{:?}", slower.total);
}

#[test]
fn little_is_not_judged() {
    let slices = pool(11, 1.0, 0.0);
    let side = |slices: &[Slice]| Side { total: slices.to_vec(), ..Side::default() };
    let few = compare(&[side(&slices[..4])], &side(&slices[4..8]));
    assert!(few.total.iter().all(|change| change.judgement == Judgement::TooFew && change.change.is_some()));
    let nothing = compare(&[side(&[])], &side(&slices[..9]));
    assert!(nothing.total.iter().all(|change| change.change.is_none()));
    let same = compare(&[side(&slices[..9])], &side(&slices[..9]));
    assert!(same.total.iter().all(|change| change.judgement == Judgement::Noise), "{:?}", same.total);
    let none = compare(&[], &side(&slices[..9]));
    assert!(none.total.iter().all(|change| change.judgement == Judgement::TooFew));
}

#[test]
fn no_input_makes_it_panic() {
    let mut rng = Rng::with_seed(12);
    let odd = |rng: &mut Rng| {
        let number = |rng: &mut Rng| [0, 1, 5, 1_000, u64::MAX][rng.usize(..5)];
        let buckets = (0..rng.usize(..4)).map(|_| (number(rng), number(rng))).collect();
        Slice {
            seconds: [0.0, 1.0, -5.0, f64::NAN, f64::INFINITY][rng.usize(..5)],
            requests: number(rng),
            failures: number(rng),
            total_us: number(rng),
            times: Sparse::from_buckets(buckets),
        }
    };
    for _ in 0..300 {
        let mut side =
            || Side { total: (0..rng.usize(..12)).map(|_| odd(&mut rng)).collect(), ..Side::default() };
        let sides = [side(), side(), side(), side()];
        let comparison = compare(&sides[..rng.usize(1..4)], &sides[3]);
        assert!(!text(&comparison, &[]).is_empty() && !markdown(&comparison, &[]).is_empty());
    }
}

#[test]
fn what_changed_is_told_and_held_against_conditions() {
    let mut rng = Rng::with_seed(13);
    let (slow, fast) = (pool(14, 1.25, 0.0), pool(15, 1.0, 0.0));
    let key = |name: &str| (name.to_owned(), "GET".to_owned());
    let mut side = |label: &str, parts: &[(&str, &[Slice])]| {
        let mut side = run(&mut rng, parts[0].1);
        side.label = label.to_owned();
        side.names = parts.iter().map(|(name, pool)| (key(name), run(&mut rng, pool).total)).collect();
        side
    };
    let before = side("monday.akrida", &[("/a", &fast), ("/b", &fast), ("/gone", &fast)]);
    let after = side("tuesday.akrida", &[("/a", &slow), ("/b", &fast), ("/n|w", &fast)]);
    let comparison = compare(&[before], &after);
    let conditions = [
        "p95 > +10%",
        "p95 > +50%",
        "p95{name=\"/a\"} > +10%",
        "mean{name=\"/b\"} > +0%",
        "mean{name=\"/c\"} > +10%",
        "rps < -20%",
    ];
    let conditions = conditions.map(|text| akrida_scenario::threshold::parse_change(text).unwrap());
    let held = hold(&conditions, &comparison);
    let broken: Vec<bool> = held.iter().map(|held| held.broken).collect();
    assert_eq!(broken, [true, false, true, false, true, false], "{held:?}");
    let text = text(&comparison, &held);
    let has = |part: &str| assert!(text.contains(part), "{part}\n{text}");
    has("tuesday.akrida compared with monday.akrida\n");
    has("GET /a\n");
    has("SLOWER (");
    has("1 name has no change that can be told from noise.\n");
    has("Gone: GET /gone.\nNew: GET /n|w.\n");
    has("BROKEN  p95 > +10% (");
    has("BROKEN  mean{name=\"/c\"} > +10% (nothing was measured for it)\n");
    let markdown = markdown(&comparison, &held);
    let has = |part: &str| assert!(markdown.contains(part), "{part}\n{markdown}");
    has("## tuesday.akrida compared with monday.akrida\n");
    has("| **all** | p95 |");
    has("**SLOWER (");
    has("New: GET /n\\|w.");
}

#[test]
fn conditions_that_cannot_be_held_are_refused() {
    let check = |text: &str, expected: Option<&str>| {
        let condition = akrida_scenario::threshold::parse_change(text).unwrap();
        assert_eq!(objection(&condition).map(|(message, _)| message).as_deref(), expected, "{text}");
    };
    check("p95{name=\"/a\", method=\"GET\"} > +10%", None);
    check("failures > +1%", None);
    check("p95{stage=\"1\"} > +10%", Some("runs are compared as a whole and by `name` and `method`"));
    check("max > +10%", Some("this is not compared"));
    check("p90 > +10%", Some("this is not compared"));
}
