//! A YAML document as a tree that knows its places.

use std::ops::Range;
use std::sync::Arc;

/// Anything in a document.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it stands, in bytes. What came by an alias stands where its anchor is.
    pub span: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Text, number, truth value or nothing.
    Scalar(Scalar),
    /// Items, in order.
    List(Vec<Node>),
    /// Keys and values, in order.
    Map(Vec<(Name, Node)>),
}

/// A key of a mapping: always text, never twice.
#[derive(Clone, Debug)]
pub struct Name {
    /// Without quotes and escapes.
    pub text: Arc<str>,
    /// Where it stands, in bytes.
    pub span: Range<usize>,
}

/// Text, number, truth value or nothing.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// Without quotes, escapes and indentation.
    pub text: Arc<str>,
    /// Quoted scalars are text, whatever they look like.
    pub quoted: bool,
    /// Where `text` stands in the file as it is; `None` where escapes or line folding changed it.
    pub verbatim_at: Option<usize>,
}

/// What a scalar means, by the core schema of YAML 1.2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Meaning<'a> {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Whole numbers beyond 64 bits are here as well.
    Float(f64),
    /// Anything else.
    Text(&'a str),
}

impl Node {
    /// The value of a key, where this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| &*name.text == key).map(|(_, value)| value)
    }

    /// Keys and values; none where this is no mapping.
    #[must_use]
    pub fn entries(&self) -> &[(Name, Self)] {
        if let Kind::Map(entries) = &self.kind { entries } else { &[] }
    }

    /// The items of a list; none where this is no list.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        if let Kind::List(items) = &self.kind { items } else { &[] }
    }

    /// The scalar, where it is one.
    #[must_use]
    pub fn scalar(&self) -> Option<&Scalar> {
        if let Kind::Scalar(scalar) = &self.kind { Some(scalar) } else { None }
    }

    /// What it means, where it is a scalar.
    #[must_use]
    pub fn meaning(&self) -> Option<Meaning<'_>> {
        self.scalar().map(Scalar::meaning)
    }
}

impl Scalar {
    /// What it means.
    #[must_use]
    pub fn meaning(&self) -> Meaning<'_> {
        let text = &*self.text;
        if self.quoted {
            return Meaning::Text(text);
        }
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Meaning::Null,
            "true" | "True" | "TRUE" => Meaning::Bool(true),
            "false" | "False" | "FALSE" => Meaning::Bool(false),
            _ => number(text).unwrap_or(Meaning::Text(text)),
        }
    }
}

fn number(text: &str) -> Option<Meaning<'_>> {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let plain = !digits.starts_with(['+', '-']);
            return i64::from_str_radix(digits, radix).ok().filter(|_| plain).map(Meaning::Int);
        }
    }
    let (sign, unsigned) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (if text.starts_with('-') { -1.0 } else { 1.0 }, rest),
        None => (1.0, text),
    };
    match unsigned {
        ".inf" | ".Inf" | ".INF" => return Some(Meaning::Float(sign * f64::INFINITY)),
        ".nan" | ".NaN" | ".NAN" if unsigned == text => return Some(Meaning::Float(f64::NAN)),
        _ => {}
    }
    // Rust reads more than YAML has ("inf", "nan"), so the first character decides.
    if !unsigned.trim_start_matches('.').starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let int = text.parse().map(Meaning::Int);
    int.or_else(|_| text.parse().map(Meaning::Float)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_mean_what_yaml_says() {
        let check = |text: &str, expected: Meaning<'_>| {
            let scalar = Scalar { text: text.into(), quoted: false, verbatim_at: None };
            assert_eq!(scalar.meaning(), expected, "{text}");
            let quoted = Scalar { quoted: true, ..scalar };
            assert_eq!(quoted.meaning(), Meaning::Text(text));
        };
        check("", Meaning::Null);
        check("~", Meaning::Null);
        check("true", Meaning::Bool(true));
        check("False", Meaning::Bool(false));
        check("12", Meaning::Int(12));
        check("+12", Meaning::Int(12));
        check("-12", Meaning::Int(-12));
        check("0x1F", Meaning::Int(31));
        check("0o17", Meaning::Int(15));
        check("1.5", Meaning::Float(1.5));
        check(".5", Meaning::Float(0.5));
        check("1e3", Meaning::Float(1000.0));
        check("99999999999999999999", Meaning::Float(1e20));
        check("-.inf", Meaning::Float(f64::NEG_INFINITY));
        for text in
            ["yes", "no", "on", "inf", "nan", "0x", "0x-1", "1s", "2xx", "200-299", "1_000", ".", "..1", "-"]
        {
            check(text, Meaning::Text(text));
        }
    }
}
