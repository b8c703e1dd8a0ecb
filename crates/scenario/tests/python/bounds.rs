//! No expression runs or grows without end, whatever it is made of.

use super::semantics::{EXPRESSIONS, VARIABLES};
use akrida_scenario::expr::{Frame, Value, parse_expression};
use akrida_scenario::model::Slot;

/// Evaluates with `values` for variables.
fn evaluate(source: &str, values: &mut [(&str, Value)], seed: u64) -> Result<Value, String> {
    let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
    let mut resolve = |name: &str| {
        let place = names.iter().position(|known| *known == name)?;
        Some(Slot::Local(u16::try_from(place).unwrap()))
    };
    let expr = match parse_expression(source, 0, &mut resolve) {
        Ok(expr) => expr,
        Err(problems) => return Err(problems[0].message.clone()),
    };
    let mut locals: Vec<Value> = values.iter().map(|(_, value)| value.clone()).collect();
    let mut rng = fastrand::Rng::with_seed(seed);
    // 2026-11-22T21:05:23.5 UTC
    let clock = || 1_795_381_523_500_000;
    let mut frame = Frame { local: &mut locals, clock: &clock, ..Frame::bare(&mut rng) };
    expr.eval(&mut frame).map_err(|error| error.to_string())
}

#[test]
fn what_would_not_end_is_stopped() {
    let numbers: Vec<Value> = (0..100_000).map(Value::Int).collect();
    let text = "abc ".repeat(250_000);
    let mut values = [
        ("big", Value::list(numbers).unwrap()),
        ("raw", Value::Bytes(text.as_bytes().into())),
        ("text", Value::from(text)),
        ("many", Value::Int(i64::MAX)),
    ];
    for source in [
        "[0 for a in range(many)]",
        "any(a < 0 for a in range(many))",
        "next(a for a in range(many) if a < 0)",
        "sum(1 for a in range(100000) for b in range(100000))",
        "any(a < 0 for a in big if a in big and False)",
        "any(a < 0 for a in big if a in big for b in big if b not in big)",
        "any(big != big + [] for a in range(1000))",
        "any(len([big]) < 0 for a in range(1000))",
        "any(big.count(-1) for a in range(1000))",
        "any(sorted(big) == 0 for a in range(1000))",
        "any(min(big) for a in range(1000))",
        "any(len(text) < 0 for a in range(many))",
        "any(text[0] == '' for a in range(many))",
        "any(text[5:6] == '' for a in range(many))",
        "any('x' in text for a in range(many))",
        "any(text.find('x') > 0 for a in range(many))",
        "any(text.isalpha() for a in range(many))",
        "any(text.strip('x') == '' for a in range(many))",
        "any(random.choice(text) == '' for a in range(many))",
        "any(re.search('x', text) for a in range(many))",
        "any(hashlib.sha256(raw) == 0 for a in range(many))",
        "any(b'xyz' in raw for a in range(many))",
        "re.findall('a[^x]*x|a', text * 4)",
        "re.sub('', text, text)",
        "re.split('', text)",
        "text.replace('', text)",
        "text.join(text)",
        "[big] * 100000",
        "[text, text] * 100",
        "' ' * many",
        "'x'.zfill(many)",
        "'x'.center(many, 'é')",
        "bytes(many)",
        "list(range(many))",
        "random.randbytes(many)",
        "random.choices(big, k=many)",
        "random.choices(big, weights=big, k=10000000)",
        "datetime.datetime.now().strftime('%c' * 1000000)",
        "urllib.parse.quote('é' * 5000000)",
        "[text.split('b') for a in range(many)]",
        "[text.splitlines() for a in range(many)]",
        "{str(a): 0 for a in range(many)}",
        "set(str(a) for a in range(many))",
    ] {
        let Err(error) = evaluate(source, &mut values, 1) else { panic!("{source} has a value") };
        assert!(error.starts_with("MemoryError(") || error.starts_with("TimeoutError("), "{source}: {error}");
    }
}

#[test]
fn code_at_the_top_level_ends() {
    for code in [
        "while True:\n    pass\n",
        "while True:\n    try:\n        x = 1 / 0\n    except Exception:\n        pass\n",
        "x = [1]\nwhile True:\n    x = x + x\n",
        "items = []\nwhile True:\n    items.append('x' * 10000000)\n",
        "for i in range(1000000):\n    for j in range(1000000):\n        pass\n",
        "def f(n):\n    return f(n) + f(n)\n\nX = f(1)\n",
    ] {
        let text = format!("from locust import HttpUser, task\n{code}");
        let problems = akrida_scenario::python::load("endless.py", &text).unwrap_err().render(false);
        let told = ["takes too long", "MemoryError", "this call of `f` is not translated"];
        assert!(told.iter().any(|told| problems.contains(told)), "{code}: {problems}");
    }
}

#[test]
fn what_is_nested_as_deeply_as_may_be_has_a_value() {
    let mut deepest = 0;
    for depth in 1..100 {
        let nested = (0..depth).fold("1".to_owned(), |inner, _| format!("[{inner} for x in [1]]"));
        if evaluate(&nested, &mut [], 1).is_ok() {
            deepest = depth;
        }
        let clauses = format!("[0 {}]", "for x in [1] ".repeat(depth));
        let lambdas = (0..depth).fold("1".to_owned(), |inner, _| format!("max([1], key=lambda x: {inner})"));
        _ = evaluate(&clauses, &mut [], 1).is_ok();
        _ = evaluate(&lambdas, &mut [], 1).is_ok();
    }
    assert!(deepest >= 30, "only {deepest} levels have a value");
}

/// How many expressions are tried; `cargo xtask prove fuzz` tries more.
const ROUNDS: usize = if option_env!("AKRIDA_FUZZ").is_some() { 400_000 } else { 4_000 };

/// Each of the expressions that are compared with Python's, with another one in place of its variables, on values
/// that nobody expects.
#[test]
fn expressions_of_expressions_give_an_answer() {
    let mut rng = fastrand::Rng::with_seed(7);
    let deep = (0..100).fold(Value::Int(1), |value, _| Value::list(vec![value]).unwrap());
    let strange = [
        Value::Int(i64::MIN),
        Value::Int(-1),
        Value::Float(f64::NAN),
        Value::Float(-0.0),
        Value::Float(1e308),
        Value::Bool(true),
        Value::None,
        Value::from(""),
        Value::from("\u{0}é\u{301}😀İßΣ\r\n %s{}\\1"),
        Value::Bytes(vec![0, 0xff, 0xe2, 0x82].into()),
        Value::list(vec![Value::Float(f64::NAN), Value::from("a"), Value::Int(1)]).unwrap(),
        Value::dict(vec![("".into(), Value::None), ("é".into(), deep.clone())]).unwrap(),
        deep,
    ];
    let mut values = 0;
    for _ in 0..ROUNDS {
        let mut source = EXPRESSIONS[rng.usize(0..EXPRESSIONS.len())].to_owned();
        for _ in 0..rng.usize(0..3) {
            let (name, _) = VARIABLES[rng.usize(0..VARIABLES.len())];
            let other = EXPRESSIONS[rng.usize(0..EXPRESSIONS.len())];
            source = source.replacen(name, &format!("({other})"), 1);
        }
        let mut variables: Vec<(&str, Value)> =
            VARIABLES.iter().map(|(name, _)| (*name, strange[rng.usize(0..strange.len())].clone())).collect();
        values += usize::from(evaluate(&source, &mut variables, 1).is_ok());
    }
    assert!(values > ROUNDS / 10, "only {values} of {ROUNDS} expressions had a value");
}

#[test]
fn a_seed_makes_chance_repeatable() {
    for source in [
        "random.random()",
        "random.randint(1, 1000000)",
        "random.choices('abc', k=20)",
        "random.choices('abc', weights=[1, 2, 3], k=20)",
        "random.sample(range(1000), 5)",
        "random.gauss(0, 1)",
        "random.expovariate(2)",
        "random.triangular(1, 5)",
        "random.getrandbits(40)",
        "random.randbytes(8).hex()",
        "str(uuid.uuid4())",
        "[uuid.uuid4().hex for n in range(3)]",
    ] {
        let value = |seed| evaluate(source, &mut [], seed).unwrap().to_string();
        assert_eq!(value(1), value(1), "{source}");
        assert_ne!(value(1), value(2), "{source}");
    }
}

#[test]
fn chance_keeps_to_what_was_asked() {
    for source in [
        "all(0 <= random.random() < 1 for n in range(1000))",
        "all(1 <= random.triangular(1, 5, 2) <= 5 for n in range(1000))",
        "set(random.choices('ab', cum_weights=[1, 1], k=100)) == {'a'}",
        "sorted(random.sample([1, 2, 3], 3)) == [1, 2, 3]",
        "0.8 < sum(random.expovariate(1) for n in range(10000)) / 10000 < 1.2",
        "4.9 < sum(random.gauss(5, 1) for n in range(10000)) / 10000 < 5.1",
        "len(set(str(uuid.uuid4()) for n in range(1000))) == 1000",
        "re.fullmatch('[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}', str(uuid.uuid4())) is not None",
        "all(random.getrandbits(3) < 8 for n in range(100)) and any(random.getrandbits(3) == 7 for n in range(100))",
        "0.7 < len([1 for c in random.choices('ab', weights=[3, 1], k=10000) if c == 'a']) / 10000 < 0.8",
    ] {
        assert_eq!(evaluate(source, &mut [], 3).unwrap().to_string(), "True", "{source}");
    }
}

#[test]
fn the_time_is_that_of_the_clock() {
    for (source, expected) in [
        ("time.time()", "1795381523.5"),
        ("time.time_ns()", "1795381523500000000"),
        ("time.strftime('%Y-%m-%d %H:%M:%S')", "2026-11-22 21:05:23"),
        ("datetime.datetime.now().isoformat()", "2026-11-22T21:05:23.500000"),
        (
            "datetime.datetime.now(datetime.timezone.utc).isoformat(timespec='seconds')",
            "2026-11-22T21:05:23+00:00",
        ),
        ("f'{datetime.datetime.now() + datetime.timedelta(days=7):%d.%m.%y}'", "29.11.26"),
        ("datetime.datetime.utcnow().timestamp() == time.time()", "True"),
    ] {
        assert_eq!(evaluate(source, &mut [], 1).unwrap().to_string(), expected, "{source}");
    }
}
