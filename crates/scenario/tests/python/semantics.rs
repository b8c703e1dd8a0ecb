//! Expressions mean what they mean in Python: each is evaluated here and by a real `python3`.

use akrida_scenario::expr::{Frame, Value, parse_expression};
use akrida_scenario::model::Slot;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Names that the expressions may use, with their values in Python.
const VARIABLES: [(&str, &str); 9] = [
    ("zero", "0"),
    ("one", "1"),
    ("big", "9007199254740993"),
    ("half", "0.5"),
    ("word", "'héllo Wörld'"),
    ("items", "[1, 'two', 3.0, None, [True]]"),
    ("data", "{'token': 'abc', 'n': 7, 'nested': {'list': [1, 2, 3]}}"),
    ("nothing", "None"),
    ("empty", "''"),
];

#[rustfmt::skip]
const EXPRESSIONS: &[&str] = &[
    // Literals.
    "1", "-1", "0x1f", "1_000", "1.5", "1e3", "1e16", "1e15", "123456789012345678.0", "1e-4", "1e-5",
    "1.5e-7", "1e22", "1e300", "0.1 + 0.2", "-0.0", "100.0", "True", "None", "'text'", "'it\\'s'",
    "'say \"hi\"'", "'both \\' and \"'", "'tab\\tnew\\nline\\\\'", "'é ß 漢 😀'",
    "'\\x00\\x7f\\xa0\\u200b\\u0301'", "'a' \"b\" 'c'", "[]", "[1, [2, 'x'], {}]", "{}",
    "{'a': 1, 'b': [1.0, None, True]}", "{'a': 1, 'b': 2, 'a': 3}", "r'raw\\n'", "-9223372036854775808",
    "9223372036854775807",
    // Arithmetic.
    "1 + 2", "one + half", "True + True", "7 // 2", "-7 // 2", "7 // -2", "-7 // -2", "7 % 3", "-7 % 3",
    "7 % -3", "-7 % -3", "7.5 // 2", "-7.5 // 2", "7.5 % 2", "-7.5 % 2", "7.5 % -2", "-1.0 // float('inf')",
    "-1.0 % float('inf')", "1.0 // 0.1", "1.0 % 0.1", "-0.0 // 1", "0.0 % -1.0", "7 / 2", "6 / 2",
    "big / 3", "big / 1", "9223372036854775807 / 9007199254740993", "1 / 9223372036854775807", "-big / 7",
    "2 * 3.0", "1 - 5", "+True", "-half", "not zero", "not 'x'", "-(-5)", "1 + 2 * 3 - 4 / 2",
    "(1 + 2) * 3", "'ab' + 'cd'", "'ab' * 3", "3 * 'ab'", "'ab' * -1", "'ab' * True", "[1] + [2]",
    "[1, 2] * 2", "2 * [0]", "[] * 5",
    // Comparison.
    "1 < 2 < 3", "1 < 3 < 2", "1 == 1.0 == True", "1 != 2", "big == 9007199254740992.0",
    "big > 9007199254740992.0", "9223372036854775807 < 9223372036854775808.0",
    "-9223372036854775808 >= -9223372036854775808.0", "1 < half", "-1 < -0.5", "-2 < -1.5", "2 < 1.5",
    "float('nan') == float('nan')", "1 < float('nan')", "float('inf') > 1", "'a' < 'b'", "'Z' < 'a'",
    "'a' < 'aa'", "'é' > 'z'", "[1, 2] < [1, 3]", "[1] < [1, 0]", "[1, 2] == [1.0, 2]",
    "{'a': 1, 'b': 2} == {'b': 2.0, 'a': True}", "{'a': 1} == {'a': 2}", "{'a': 1} == {'b': 1}", "[1] == 1",
    "None == None", "None == False", "'1' == 1", "'b' in 'abc'", "'' in 'abc'", "'x' not in 'abc'",
    "2 in [1, 2.0]", "None in items", "[True] in items", "'n' in data", "'x' in data", "1 in data",
    "nothing is None", "one is not None", "(1 == 1) is True", "zero is False",
    // Boolean and conditional.
    "1 and 2", "0 and 2", "0 or 'x'", "'' or [] or None", "1 and '' and 2", "not (1 and 0)",
    "'yes' if one else 'no'", "'yes' if zero else 'no' if empty else 'maybe'", "one or one / zero",
    // Items.
    "items[0]", "items[-1][0]", "word[1]", "word[-5]", "data['token']", "data['nested']['list'][-1]",
    "[10, 20][True]",
    // Functions.
    "str(1)", "str(1.0)", "str(None)", "str([1, 'a'])", "str()", "str('x')", "int('42')", "int(' -4_2\\n')",
    "int(3.99)", "int(-3.99)", "int(True)", "int()", "float('1.5')", "float(' 1e3 ')", "float('-inf')",
    "float('1_0.5')", "float(3)", "bool([])", "bool('0')", "bool()", "len('héllo')", "len([1, 2])",
    "len({})", "len(data)", "repr('x')", "repr(repr('x'))", "len(range(5))",
    // Methods of text.
    "word.upper()", "word.lower()", "'straße'.upper()", "'  x \\t'.strip()", "'xxaxx'.strip('x')",
    "'xxaxx'.lstrip('x')", "'xxaxx'.rstrip('x')", "'abcba'.strip('ab')", "word.startswith('hé')",
    "word.endswith('x')", "word.startswith(('x', 'h'))", "'aaa'.replace('a', 'b')",
    "'aaa'.replace('a', 'b', 2)", "'ab'.replace('', '-')", "'a,b,,c'.split(',')", "' a  b c '.split()",
    "' a  b c '.split(None, 1)", "'a,b,c'.split(',', 1)", "'a,b,c'.split(maxsplit=0, sep=',')",
    "''.split()", "''.split(',')", "','.join(['a', 'b'])", "''.join([])", "'-'.join('abc')",
    "word.find('o')", "word.find('x')", "'a b'.split()[1].upper()",
    // Methods of dicts.
    "data.get('token')", "data.get('x')", "data.get('x', 5)", "data.get('n', 5) + 1",
    // f-strings.
    "f'{one}'", "f'a{one}b{half}c'", "f'{word!r}'", "f'{word!s}'", "f'{{{one}}}'", "f'{items}'",
    "f'{data[\"n\"]}'", "f'{one:5}|'", "f'{word:>15}|'", "f'{word:<15}|'", "f'{word:^15}|'",
    "f'{word:*^15.3}|'", "f'{7:05d}'", "f'{-7:05d}'", "f'{7:+d}'", "f'{7: d}'", "f'{3.14159:.2f}'",
    "f'{3.14159:8.2f}|'", "f'{2.5:.0f}'", "f'{3.5:.0f}'", "f'{1234567:,}'", "f'{1234567.891:,.2f}'",
    "f'{-1234567:_}'", "f'{255:x}'", "f'{255:X}'", "f'{0.256:.1%}'", "f'{5:.1f}'", "f'{True:d}'",
    "f'{one:<5}|'", "f'{one:=5}|'", "f'{1.0}'", "f'{1e20}'", "f'{half:8}|'", "f'{word:05}'",
    "f'{empty:3}|'", "f'{-1.5:08.2f}'", "f'a' 'b' f'{one}'", "f'{-0.0:.1f}'",
    // JSON.
    "json.dumps({'a': [1, 2.5, None, True], 'é\\n\"': '😀\\x7f/'})", "json.dumps([])", "json.dumps({})",
    "json.dumps(1e16)", "json.dumps(float('inf'))", "json.loads('{\"a\": [1, 2.5, null, true, \"x\"]}')",
    "json.loads('1e2')", "json.loads('\"\\\\u00e9\"')",
    // What raises.
    "one / zero", "one // zero", "one % zero", "half / zero", "half % 0.0", "one + word", "word + one",
    "word - word", "items + one", "nothing + 1", "-word", "one < word", "nothing < 1", "items < one",
    "items[5]", "items[-6]", "word[50]", "items['a']", "word['a']", "data['missing']", "data[1]",
    "nothing[0]", "one[0]", "one in word", "one in zero", "int('x')", "int('1.5')", "int('')",
    "int('1__0')", "int('_1')", "int(None)", "int([])", "float('x')", "float(None)", "int(float('nan'))",
    "int(float('inf'))", "len(one)", "','.join([one])", "word.split('')", "word.get('x')", "data.upper()",
    "nothing.strip()", "one.json()", "json.loads('')", "json.loads('<html>')", "json.loads('{\"a\": }')",
    "json.loads('[1, 2')", "json.loads(one)", "f'{word:d}'", "f'{items:5}'", "f'{half:d}'", "f'{one:s}'",
    "data[items]", "items in data",
];

/// A driver that prints, for each expression, its value or the name of what it raises.
const DRIVER: &str = r#"
import json, sys
names, sources = json.load(sys.stdin)
scope = {"json": json}
for name, source in names: scope[name] = eval(source)
results = []
for source in sources:
    try: results.append([repr(eval(source, scope)), None])
    except Exception as error: results.append([type(error).__name__, str(error)])
json.dump(results, sys.stdout)
"#;

/// For each expression its `repr()`, or `None` and the kind and the words of the exception.
fn python(sources: &[String]) -> Vec<Result<String, (String, String)>> {
    let mut child = Command::new("python3")
        .args(["-c", DRIVER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("these tests need python3");
    let input = serde_json::to_vec(&(VARIABLES, sources)).unwrap();
    child.stdin.take().unwrap().write_all(&input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let results: Vec<(String, Option<String>)> = serde_json::from_slice(&output.stdout).unwrap();
    results
        .into_iter()
        .map(|(value, words)| match words {
            None => Ok(value),
            Some(words) => Err((value, words)),
        })
        .collect()
}

/// What `source` gives here: its `repr()`, or the text of the error.
fn ours(source: &str) -> Result<String, String> {
    let slot = |name: &str| {
        VARIABLES.iter().position(|(known, _)| *known == name).map(|index| Slot::Local(index as u16))
    };
    let mut values: Vec<Value> = Vec::new();
    let mut rng = fastrand::Rng::with_seed(1);
    for (_, source) in VARIABLES {
        let expr = parse_expression(source, 0, &mut |_| None).unwrap();
        values.push(expr.constant().unwrap().clone());
    }
    let source = format!("repr({source})");
    let expr = match parse_expression(&source, 0, &mut |name| slot(name)) {
        Ok(expr) => expr,
        Err(problems) => match problems[0].message.strip_prefix("this always fails: ") {
            Some(error) => return Err(error.to_owned()),
            None => panic!("{source}: {problems:?}"),
        },
    };
    let mut frame = Frame { local: &mut values, ..Frame::bare(&mut rng) };
    match expr.eval(&mut frame) {
        Ok(value) => Ok(value.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn expressions_give_what_python_gives() {
    let sources: Vec<String> = EXPRESSIONS.iter().map(|source| (*source).to_owned()).collect();
    let mut wrong = String::new();
    for (source, expected) in sources.iter().zip(python(&sources)) {
        let same = match (ours(source), &expected) {
            (Ok(value), Ok(expected)) => value == *expected,
            (Err(error), Err((kind, _))) => error.starts_with(&format!("{kind}(")),
            _ => false,
        };
        if !same {
            wrong += &format!("{source}\n  here   {:?}\n  python {expected:?}\n", ours(source));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Each pair of random whole numbers under each operator. Where Python's result needs more than 64 bits, ours
/// must say so.
#[test]
fn whole_numbers_behave_as_in_python() {
    let mut rng = fastrand::Rng::with_seed(20);
    let mut number = move || match rng.u8(0..4) {
        0 => rng.i64(-10..10),
        1 => rng.i64(..),
        2 => rng.i64(..) >> rng.u8(0..63),
        _ => [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX, (1 << 53) + 1][rng.usize(0..7)],
    };
    let mut sources = Vec::new();
    for _ in 0..400 {
        let (left, right) = (number(), number());
        for operator in ["+", "-", "*", "/", "//", "%", "<", "=="] {
            sources.push(format!("({left}) {operator} ({right})"));
        }
        sources.push(format!("({left}) < {right}.0"));
        sources.push(format!("float({left})"));
    }
    for (source, expected) in sources.iter().zip(python(&sources)) {
        let expected = match expected {
            Ok(value) if value.parse::<i128>().is_ok_and(|whole| i64::try_from(whole).is_err()) => {
                Err("OverflowError".to_owned())
            }
            Ok(value) => Ok(value),
            Err((kind, _)) => Err(kind),
        };
        let found = ours(source).map_err(|error| error.split('(').next().unwrap_or_default().to_owned());
        assert_eq!(found, expected, "{source}");
    }
}
