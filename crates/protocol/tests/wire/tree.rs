//! A second, naive reader of msgpack, to compare frames by.

use rmp::Marker;
use std::collections::BTreeMap;

/// Any value of msgpack that Locust sends; maps without their order, all numbers alike.
#[derive(Clone, Debug)]
pub(crate) enum Tree {
    Nil,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Tree>),
    Map(BTreeMap<String, Tree>),
}

/// Reads one value of a sound frame.
pub(crate) fn tree(rest: &mut &[u8]) -> Tree {
    let marker = Marker::from_u8(uint(rest, 1) as u8);
    match marker {
        Marker::Null => Tree::Nil,
        Marker::True => Tree::Bool(true),
        Marker::False => Tree::Bool(false),
        Marker::FixPos(value) => Tree::Number(value.into()),
        Marker::FixNeg(value) => Tree::Number(value.into()),
        Marker::U8 => Tree::Number(uint(rest, 1) as f64),
        Marker::U16 => Tree::Number(uint(rest, 2) as f64),
        Marker::U32 => Tree::Number(uint(rest, 4) as f64),
        Marker::U64 => Tree::Number(uint(rest, 8) as f64),
        Marker::F64 => Tree::Number(f64::from_bits(uint(rest, 8))),
        Marker::FixStr(len) => text(rest, len.into()),
        Marker::Str8 => uint_then(rest, 1, text),
        Marker::Str16 => uint_then(rest, 2, text),
        Marker::FixArray(len) => list(rest, len.into()),
        Marker::Array16 => uint_then(rest, 2, list),
        Marker::FixMap(len) => map(rest, len.into()),
        Marker::Map16 => uint_then(rest, 2, map),
        other => panic!("{other:?} is not in the recordings"),
    }
}

fn uint(rest: &mut &[u8], width: usize) -> u64 {
    let (taken, after) = rest.split_at(width);
    *rest = after;
    taken.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

fn uint_then(rest: &mut &[u8], width: usize, read: fn(&mut &[u8], usize) -> Tree) -> Tree {
    let len = uint(rest, width);
    read(rest, len as usize)
}

fn text(rest: &mut &[u8], len: usize) -> Tree {
    let (taken, after) = rest.split_at(len);
    *rest = after;
    Tree::Text(String::from_utf8(taken.to_vec()).unwrap())
}

fn list(rest: &mut &[u8], len: usize) -> Tree {
    Tree::List((0..len).map(|_| tree(rest)).collect())
}

fn map(rest: &mut &[u8], len: usize) -> Tree {
    let pair = |_| {
        let key = match tree(rest) {
            Tree::Text(text) => text,
            Tree::Number(number) => number.to_string(),
            other => panic!("{other:?} as a key"),
        };
        (key, tree(rest))
    };
    Tree::Map((0..len).map(pair).collect())
}

/// Whether two frames say the same. Numbers may differ by a microsecond's rounding: 0.5 us of milliseconds.
pub(crate) fn same(left: &Tree, right: &Tree) -> bool {
    match (left, right) {
        (Tree::Nil, Tree::Nil) => true,
        (Tree::Bool(left), Tree::Bool(right)) => left == right,
        (Tree::Number(left), Tree::Number(right)) => (left - right).abs() < 0.000_51,
        (Tree::Text(left), Tree::Text(right)) => left == right,
        (Tree::List(left), Tree::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Tree::Map(left), Tree::Map(right)) => {
            left.keys().eq(right.keys())
                && left.values().zip(right.values()).all(|(left, right)| same(left, right))
        }
        _ => false,
    }
}
