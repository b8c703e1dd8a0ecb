//! Lists and dicts after a change: `items.append(item)` in a locustfile is `items + [item]` here.

use super::{Level, Source, Written};
use crate::expr::call::Function;
use crate::expr::library::change::{
    ADDED, ADDED_TO_SHARED, APPENDED, EXTENDED, INSERTED, POPPED, REMOVED, UNPOPPED, UPDATED, WITH_ITEM,
    WITHOUT_ITEM,
};
use crate::expr::operators::Binary;
use crate::expr::tree::Node;
use crate::expr::{Expr, Value};

/// What an item is known by.
enum Key<'e> {
    /// It is of a dict.
    Text(&'e Expr),
    /// It is of a list, and counted from its beginning or its end.
    Place(i64),
}

fn key_of(expr: &Expr) -> Option<Key<'_>> {
    match expr.constant() {
        Some(Value::Int(place)) => Some(Key::Place(*place)),
        _ if expr.is_text() => Some(Key::Text(expr)),
        _ => None,
    }
}

/// The operator that does the same as `name += value` of a locustfile, if one does: a list takes any items by that, and
/// only a list by `+`.
fn augmented(function: &'static Function, arguments: &[Expr]) -> Option<Binary> {
    const OPERATORS: [Binary; 3] = [Binary::Add, Binary::Multiply, Binary::Or];
    let place = |all: &'static [Function; 3]| all.iter().position(|known| std::ptr::eq(known, function));
    let is_list = match arguments.get(1)? {
        Expr::Node(node) => matches!(**node, Node::List(_)),
        value => matches!(value.constant(), Some(Value::List(_) | Value::Int(_) | Value::Float(_))),
    };
    let operator = match place(&ADDED) {
        Some(0) if !is_list => None,
        place => place,
    };
    operator.or_else(|| place(&ADDED_TO_SHARED)).and_then(|place| OPERATORS.get(place).copied())
}

impl Source<'_> {
    /// `None` where this is no change.
    pub(super) fn change(&mut self, function: &'static Function, arguments: &[Expr]) -> Option<Written> {
        let is = |other: &'static Function| std::ptr::eq(function, other);
        let changes = [
            &APPENDED,
            &EXTENDED,
            &INSERTED,
            &POPPED,
            &REMOVED,
            &UNPOPPED,
            &UPDATED,
            &WITH_ITEM,
            &WITHOUT_ITEM,
        ];
        if let Some(operator) = augmented(function, arguments) {
            let (left, right) = (arguments.first()?, arguments.get(1)?);
            return Some(self.binary(operator, left, right));
        }
        let (container, rest) = arguments.split_first()?;
        if !changes.into_iter().any(is) {
            return None;
        }
        // What stands several times must be cheap and do nothing.
        let whole = self.object(container);
        let simple = Self::twice(container);
        Some(match rest {
            [item] if is(&APPENDED) => {
                let item = self.expr(item);
                self.sum(container, &format!("[{item}]"))
            }
            [others] if is(&EXTENDED) => {
                let others = self.expr(others);
                self.sum(container, &format!("list({others})"))
            }
            [others] if is(&UPDATED) => self.binary(Binary::Or, container, others),
            [place, item] if is(&INSERTED) && simple && Self::twice(place) => {
                let (place, item) = (self.expr(place), self.expr(item));
                (format!("{whole}[:{place}] + [{item}] + {whole}[{place}:]"), Level::Sum)
            }
            [item] if is(&REMOVED) && simple && Self::twice(item) => {
                let index = format!("{whole}.index({})", self.expr(item));
                (format!("{whole}[:{index}] + {whole}[{index} + 1:]"), Level::Sum)
            }
            [] if is(&POPPED) => (format!("{whole}[-1]"), Level::Atom),
            [] if is(&UNPOPPED) => (format!("{whole}[:-1]"), Level::Atom),
            [key] if is(&POPPED) => (format!("{whole}[{}]", self.expr(key)), Level::Atom),
            [key, default] if is(&POPPED) => {
                (format!("{whole}.get({}, {})", self.expr(key), self.expr(default)), Level::Atom)
            }
            [key] if (is(&UNPOPPED) || is(&WITHOUT_ITEM)) && simple => match key_of(key) {
                Some(Key::Text(key)) => {
                    let key = self.at(key, Level::BitOr);
                    let text = format!("{{key: value for key, value in {whole}.items() if key != {key}}}");
                    (text, Level::Atom)
                }
                Some(Key::Place(-1)) => (format!("{whole}[:-1]"), Level::Atom),
                Some(Key::Place(place)) => {
                    let after = place.saturating_add(1);
                    (format!("{whole}[:{place}] + {whole}[{after}:]"), Level::Sum)
                }
                None => self.unsaid("taking out an item by a key that may be a number or text"),
            },
            [key, value] if is(&WITH_ITEM) && simple => match key_of(key) {
                Some(Key::Text(key)) => {
                    let item = format!("{{{}: {}}}", self.expr(key), self.expr(value));
                    (format!("{} | {item}", self.at(container, Level::BitOr)), Level::BitOr)
                }
                Some(Key::Place(-1)) => (format!("{whole}[:-1] + [{}]", self.expr(value)), Level::Sum),
                Some(Key::Place(place)) => {
                    let (value, after) = (self.expr(value), place.saturating_add(1));
                    (format!("{whole}[:{place}] + [{value}] + {whole}[{after}:]"), Level::Sum)
                }
                None => self.unsaid("changing an item by a key that may be a number or text"),
            },
            _ => self.unsaid("this change of a list or dict"),
        })
    }

    fn sum(&mut self, list: &Expr, added: &str) -> Written {
        (format!("{} + {added}", self.at(list, Level::Sum)), Level::Sum)
    }
}
