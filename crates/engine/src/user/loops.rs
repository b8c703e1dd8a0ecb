//! The loops that code is in.

use akrida_scenario::expr::{EvalError, Value};

/// Those under way, innermost last.
#[derive(Default)]
pub(super) struct Loops(Vec<Loop>);

enum Loop {
    /// (what is looped over, the next index)
    Items(Vec<Value>, usize),
    /// Rounds that are left.
    Times(u64),
}

impl Loops {
    pub(super) fn enter(&mut self, items: Vec<Value>) {
        self.0.push(Loop::Items(items, 0));
    }

    /// A loop of so many rounds; of none where the number is negative, as Python's `range`.
    pub(super) fn enter_times(&mut self, times: &Value) -> Result<(), EvalError> {
        let times = match times {
            Value::Int(times) => u64::try_from(*times).unwrap_or(0),
            Value::Bool(once) => u64::from(*once),
            other => {
                let kind = other.type_name();
                let words = format!("TypeError(\"'{kind}' object cannot be interpreted as an integer\")");
                return Err(EvalError(words));
            }
        };
        self.0.push(Loop::Times(times));
        Ok(())
    }

    /// The next item of the innermost loop; `None` if it had its last, and is over.
    pub(super) fn next_item(&mut self) -> Option<Value> {
        let item = match self.0.last_mut() {
            Some(Loop::Items(items, next)) => {
                *next += 1;
                items.get(*next - 1).cloned()
            }
            _ => None,
        };
        if item.is_none() {
            self.0.pop();
        }
        item
    }

    /// How many there are.
    pub(super) fn depth(&self) -> usize {
        self.0.len()
    }

    /// Ends the innermost ones, until so many are left.
    pub(super) fn leave(&mut self, depth: usize) {
        self.0.truncate(depth);
    }

    /// Whether the innermost loop has one round more; if not, it is over.
    pub(super) fn next_time(&mut self) -> bool {
        match self.0.last_mut() {
            Some(Loop::Times(left @ 1..)) => {
                *left -= 1;
                true
            }
            _ => {
                self.0.pop();
                false
            }
        }
    }
}
