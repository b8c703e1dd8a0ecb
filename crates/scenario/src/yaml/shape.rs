//! What may stand where: the language in which [`super::table`] is written.
//!
//! The table is read twice: [`super::check`] holds documents against it, and [`super::schema`] writes it out as
//! a JSON Schema. So the two cannot tell different stories.

/// What a value may be.
pub(super) enum Shape {
    /// `true` or `false`.
    Bool,
    /// A whole number, both ends included.
    Whole { min: u64, max: u64 },
    /// A number; `least` itself is allowed unless `above`.
    Number { least: f64, above: bool, most: f64 },
    /// Text that follows a rule. Numbers and truth values must be quoted.
    Text(&'static Rule),
    /// Text that follows a rule, or a number or truth value, which is taken as it is written.
    Scalar(&'static Rule),
    /// One of these numbers.
    Numbers(&'static [f64]),
    /// One of these words.
    Word(&'static [&'static str]),
    /// Anything that JSON can express.
    Json,
    /// A list of at least `min` items.
    List { of: &'static Shape, min: usize, max: usize },
    /// A mapping of at least `min` names, which all follow a rule.
    Map { name: &'static Rule, of: &'static Shape, min: usize, max: usize },
    /// A mapping with known keys.
    Object(&'static Object),
    /// One of several mappings, told apart by their [`Object::one_of`].
    Choice(&'static Choice),
    /// One of several kinds of value.
    Either(&'static Either),
}

/// A rule for text.
pub(super) struct Rule {
    /// What the text is, with its article: `a header name`.
    pub(super) what: &'static str,
    /// How it is written.
    pub(super) remedy: &'static str,
    /// For the schema; the same texts as `accepts`.
    pub(super) pattern: Option<&'static str>,
    /// Whether a text follows the rule.
    pub(super) accepts: fn(&str) -> bool,
}

/// A mapping with known keys.
pub(super) struct Object {
    /// What it is called in the schema.
    pub(super) id: &'static str,
    /// What it is, with its article: `a user class`.
    pub(super) what: &'static str,
    /// A short one, for remedies.
    pub(super) example: &'static str,
    /// Its keys, in groups that objects share.
    pub(super) keys: &'static [&'static [Key]],
    /// Keys that it must have.
    pub(super) required: &'static [&'static str],
    /// Keys of which it must have exactly one; no such rule if empty.
    pub(super) one_of: &'static [&'static str],
}

/// Mappings of which one is meant.
pub(super) struct Choice {
    /// What they are together, with the article: `a step`.
    pub(super) what: &'static str,
    /// At least one; no two share a key of `one_of`.
    pub(super) objects: &'static [&'static Object],
}

/// Several kinds of value of which any will do.
pub(super) struct Either {
    /// What they are together, with the article: `a duration`.
    pub(super) what: &'static str,
    /// How it is written.
    pub(super) remedy: &'static str,
    /// At most one of them is a list and one a mapping.
    pub(super) shapes: &'static [&'static Shape],
}

/// A key of an object.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) shape: &'static Shape,
    /// What it is for, in one line.
    pub(super) doc: &'static str,
}

impl Object {
    pub(super) fn keys(&self) -> impl Iterator<Item = &'static Key> {
        self.keys.iter().copied().flatten()
    }

    pub(super) fn names(&self) -> Vec<&'static str> {
        self.keys().map(|key| key.name).collect()
    }

    pub(super) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys().find(|key| key.name == name)
    }
}

impl Shape {
    /// What is expected, with its article.
    pub(super) fn what(&self) -> String {
        match self {
            Self::Bool => "`true` or `false`".to_owned(),
            Self::Whole { min, max } => format!("a whole number from {min} to {max}"),
            Self::Number { least, above: false, most } => format!("a number from {least} to {most}"),
            Self::Number { least, above: true, most } => format!("a number above {least}, at most {most}"),
            Self::Text(rule) | Self::Scalar(rule) => rule.what.to_owned(),
            Self::Numbers(numbers) => {
                let words: Vec<String> = numbers.iter().map(ToString::to_string).collect();
                super::quote::either(words.iter().map(String::as_str))
            }
            Self::Word(words) => super::quote::either(words.iter().copied()),
            Self::Json => "a JSON value".to_owned(),
            Self::List { .. } => "a list".to_owned(),
            Self::Map { .. } => "a mapping".to_owned(),
            Self::Object(object) => object.what.to_owned(),
            Self::Choice(choice) => choice.what.to_owned(),
            Self::Either(either) => either.what.to_owned(),
        }
    }

    /// How it is written, as an advice.
    pub(super) fn remedy(&self) -> String {
        match self {
            Self::Bool | Self::Word(_) => format!("write {}", self.what()),
            Self::Numbers(_) => format!("write {}, without quotes", self.what()),
            Self::Whole { min, max } => format!("write a number from {min} to {max}, in digits"),
            Self::Number { .. } => "write a number within these bounds, such as `2` or `0.5`".to_owned(),
            Self::Text(rule) | Self::Scalar(rule) => rule.remedy.to_owned(),
            Self::Json => "write a value".to_owned(),
            Self::List { .. } => {
                "write a list: its items in brackets, or each on a line after a dash".to_owned()
            }
            Self::Map { .. } => {
                "write a mapping: `{ name: value }`, or `name: value` on lines of their own".to_owned()
            }
            Self::Object(object) => format!("write one such as `{}`", object.example),
            Self::Choice(choice) => match choice.objects {
                [first, ..] => format!("write one such as `{}`", first.example),
                [] => String::new(),
            },
            Self::Either(either) => either.remedy.to_owned(),
        }
    }
}
