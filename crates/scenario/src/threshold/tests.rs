use super::*;

/// Reads `text` and writes it out again, or says what is wrong, where, and what to write instead.
fn told(text: &str, found: Result<Threshold, ThresholdError>) -> String {
    match found {
        Ok(Threshold { metric, scope, comparison, bound, abort, .. }) => {
            let Scope { name, method, tag, stage, class, from_intended } = scope;
            let labels =
                [("name", name), ("method", method), ("tag", tag), ("stage", stage), ("class", class)];
            let labels =
                labels.into_iter().filter_map(|(label, value)| Some(format!(" {label}={:?}", value?)));
            let labels: String = labels.chain(from_intended.then(|| " intended".to_owned())).collect();
            let abort = abort.map(|delay| format!(" abort after {delay:?}")).unwrap_or_default();
            format!("{metric:?}{labels} {comparison:?} {bound}{abort}")
        }
        Err(ThresholdError { at, message, remedy }) => {
            format!("{}..{} {:?}: {message} ({remedy})", at.start, at.end, &text[at.clone()])
        }
    }
}

/// Each line is an expression and what it means, or what is wrong with it; both sides of `=>`.
fn check_table(table: &str, parse: impl Fn(&str) -> Result<Threshold, ThresholdError>) -> usize {
    let lines = table.lines().map(str::trim).filter(|line| !line.is_empty());
    let cases: Vec<_> = lines.map(|line| line.split_once("=>").unwrap_or_else(|| panic!("{line}"))).collect();
    for (text, expected) in &cases {
        let text = text.trim();
        assert_eq!(told(text, parse(text)), expected.trim(), "{text}");
    }
    cases.len()
}

#[test]
fn sixty_expressions_right_and_wrong() {
    let cases = check_table(include_str!("table.txt"), parse);
    assert!(cases >= 60, "{cases}");
}

#[test]
fn changes() {
    check_table(
        r#"
        p95 > +10%                 => Quantile(0.95) Above 0.1
        mean{name="/a"} >= +2.5%   => Mean name="/a" AtLeast 0.025
        rps < -5%                  => Rps Below -0.05
        failures > +0.5%           => FailureRatio Above 0.005
        p95 > 10%                  => 6..9 "10%": `10%` is no change (write how much more or less it is, such as `+10%` or `-5%`)
        p95 > +300ms               => 6..12 "+300ms": `+300ms` is no change (write how much more or less it is, such as `+10%` or `-5%`)
        p95 >                      => 5..5 "": the change is missing (write how much more or less it is, such as `+10%` or `-5%`)
        p95 > +1% abort            => 10..15 "abort": both runs are over: nothing can be stopped (leave `abort` out)
        "#,
        parse_change,
    );
}

#[test]
fn no_text_makes_it_panic_and_each_place_is_in_the_text() {
    let pieces = [
        "p95", "{", "}", "name", "=", "\"", "'", "\\", "ü", " ", ">", "<=", "300ms", "%", "abort", "after",
        ",", "\0", "é9",
    ];
    let mut rng = fastrand::Rng::with_seed(7);
    for _ in 0..20_000 {
        let text: String = (0..rng.usize(0..12)).map(|_| pieces[rng.usize(..pieces.len())]).collect();
        for parse in [parse, parse_change] {
            if let Err(error) = parse(&text) {
                assert!(text.get(error.at.clone()).is_some(), "{text:?}: {error:?}");
                assert!(!error.message.is_empty() && !error.remedy.is_empty());
            }
        }
    }
}

#[test]
fn bounds_are_met_or_not() {
    let check = |comparison: Comparison, holds: [bool; 3]| {
        assert_eq!([1.0, 2.0, 3.0].map(|value| comparison.holds(value, 2.0)), holds, "{comparison:?}");
    };
    check(Comparison::Above, [false, false, true]);
    check(Comparison::AtLeast, [false, true, true]);
    check(Comparison::Below, [true, false, false]);
    check(Comparison::AtMost, [true, true, false]);
}
