//! The functions that expressions may call, and constants of modules: Python's builtins and a part of its standard
//! library, by full name.

pub(crate) mod change;
pub(crate) mod convert;
mod encoding;
mod hashing;
pub(crate) mod iterables;
mod numbers;
pub(crate) mod pattern;
mod random;
pub(crate) mod sets;
pub(crate) mod time;

use super::Value;
use super::call::Function;
use super::display::Repr;
use std::f64::consts::{E, PI};

/// All functions.
pub(crate) fn functions() -> impl Iterator<Item = &'static Function> {
    [
        convert::FUNCTIONS,
        encoding::FUNCTIONS,
        hashing::FUNCTIONS,
        iterables::FUNCTIONS,
        numbers::FUNCTIONS,
        pattern::FUNCTIONS,
        random::FUNCTIONS,
        time::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
}

/// The function of this full name.
pub(crate) fn function(path: &str) -> Option<&'static Function> {
    functions().find(|function| function.name == path)
}

/// What a constant of a module is.
pub(crate) enum Constant {
    Float(f64),
    Text(&'static str),
}

impl Constant {
    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Float(number) => Value::Float(*number),
            Self::Text(text) => Value::from(*text),
        }
    }
}

/// All constants, by full name.
pub(crate) const CONSTANTS: &[(&str, Constant)] = &[
    ("datetime.UTC", Constant::Text(time::UTC)),
    ("datetime.timezone.utc", Constant::Text(time::UTC)),
    ("math.e", Constant::Float(E)),
    ("math.inf", Constant::Float(f64::INFINITY)),
    ("math.nan", Constant::Float(f64::NAN)),
    ("math.pi", Constant::Float(PI)),
    ("string.ascii_letters", Constant::Text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")),
    ("string.ascii_lowercase", Constant::Text("abcdefghijklmnopqrstuvwxyz")),
    ("string.ascii_uppercase", Constant::Text("ABCDEFGHIJKLMNOPQRSTUVWXYZ")),
    ("string.digits", Constant::Text("0123456789")),
    ("string.hexdigits", Constant::Text("0123456789abcdefABCDEF")),
    ("string.octdigits", Constant::Text("01234567")),
    ("string.punctuation", Constant::Text("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")),
    ("string.whitespace", Constant::Text(" \t\n\r\u{b}\u{c}")),
];

/// The value of a constant, by full name.
pub(crate) fn constant(path: &str) -> Option<Value> {
    CONSTANTS.iter().find(|(name, _)| *name == path).map(|(_, constant)| constant.value())
}

/// The full names of functions and constants.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    functions().map(|function| function.name).chain(CONSTANTS.iter().map(|(name, _)| *name))
}

/// Whether `name` is a module of which expressions may use something.
pub(crate) fn is_module(name: &str) -> bool {
    names().any(|path| path.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
}

/// What people look for and what they can write in its place.
const INSTEAD: &[(&str, &str)] = &[
    ("datetime.date.today", "write `datetime.datetime.now().strftime(\"%Y-%m-%d\")`"),
    ("eval", "write the expression itself"),
    ("input", "write a value"),
    ("open", "keep the data in a feeder: `data:` in a YAML scenario"),
    ("os.environ.get", "name the variable under `secrets:` in a YAML scenario"),
    ("os.getenv", "name the variable under `secrets:` in a YAML scenario"),
    ("print", "leave it out"),
    ("random.seed", "give the seed for the whole run: `seed: 42` in a YAML scenario, or `--seed 42`"),
    ("random.shuffle", "write `random.sample(items, len(items))`, which gives a new list"),
    ("re.compile", "give the pattern to `re.search`; it is compiled once, when the file is loaded"),
    ("time.monotonic", "write `time.time()`"),
    ("time.perf_counter", "write `time.time()`"),
    ("time.sleep", "pause with a `sleep` step or between tasks"),
    ("type", "write `isinstance(value, str)`"),
    ("uuid.uuid1", "write `uuid.uuid4()`"),
];

/// What to write in place of a function that there is not.
pub(crate) fn instead(path: &str) -> Option<&'static str> {
    INSTEAD.iter().find(|(name, _)| *name == path).map(|(_, remedy)| *remedy)
}

/// As Python's `repr()` of a text.
pub(crate) fn repr(text: &str) -> String {
    Repr(&Value::from(text)).to_string()
}

#[cfg(test)]
mod tests {
    use super::names;
    use crate::expr::methods::{attributes, methods};

    #[test]
    fn the_guide_lists_every_function_and_method() {
        let guide = include_str!("../../../../../docs/expressions.md");
        let listed =
            |text: String| assert!(guide.contains(&text), "docs/expressions.md does not list {text}");
        for name in names() {
            let short = name.rsplit('.').next().unwrap_or(name);
            assert!(
                guide.contains(&format!("`{name}")) || guide.contains(&format!("`{short}")),
                "docs/expressions.md does not list {name}"
            );
        }
        methods().for_each(|method| listed(format!("`{}(", method.name)));
        attributes().for_each(|attribute| listed(format!("`{}`", attribute.name)));
    }
}
