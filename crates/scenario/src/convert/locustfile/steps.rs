//! Steps.

use super::names::Names;
use super::value::{Values, duration};
use crate::convert::emit::Yaml;
use crate::convert::write::entry;
use crate::expr::exception::EXCEPTION;
use crate::expr::tree::Node;
use crate::expr::{EvalError, Expr, Value};
use crate::model::{Extent, Handler, Slot, Step, Try, Wait};

type Map = Vec<(String, Yaml)>;

/// Writes the steps of one function.
pub(super) struct Writer<'n> {
    pub(super) values: Values<'n>,
}

impl<'n> Writer<'n> {
    pub(super) fn new(names: &'n Names) -> Self {
        Self { values: Values { names, unsaid: Vec::new() } }
    }

    /// What of it YAML cannot say.
    pub(super) fn unsaid(self) -> Vec<String> {
        self.values.unsaid
    }

    pub(super) fn steps(&mut self, steps: &[Step]) -> Yaml {
        Yaml::List(self.list(steps))
    }

    /// Each step; assignments that follow each other are one.
    pub(super) fn list(&mut self, steps: &[Step]) -> Vec<Yaml> {
        let mut out: Vec<Yaml> = Vec::new();
        let mut assigned: Option<(&str, Map)> = None;
        for step in steps {
            if let Step::Set { target, value } = step {
                let (key, name) = self.variable(*target);
                let value = self.values.value(value);
                match &mut assigned {
                    Some((known, map)) if *known == key && map.iter().all(|(known, _)| *known != name) => {
                        map.push((name, value));
                    }
                    _ => {
                        out.extend(assigned.take().map(assignment));
                        assigned = Some((key, vec![(name, value)]));
                    }
                }
                continue;
            }
            out.extend(assigned.take().map(assignment));
            out.push(self.step(step));
        }
        out.extend(assigned.map(assignment));
        out
    }

    /// What sets a variable, and its name.
    fn variable(&self, slot: Slot) -> (&'static str, String) {
        let key = if let Slot::Local(_) = slot { "let" } else { "set" };
        (key, self.values.names.of(slot))
    }

    fn step(&mut self, step: &Step) -> Yaml {
        let map = match step {
            Step::Request(request) => self.request(request),
            Step::For { target, items, body } => {
                let items = self.values.items(items);
                let pair = vec![(self.values.names.of(*target), items)];
                vec![entry("for", Yaml::short(pair)), entry("steps", self.steps(body))]
            }
            Step::Repeat { times, body } => {
                let times = match times.constant() {
                    Some(Value::Int(times)) => Yaml::raw(times),
                    _ => self.values.expression(times),
                };
                vec![entry("repeat", times), entry("steps", self.steps(body))]
            }
            Step::While { condition, body } => {
                vec![entry("while", self.values.condition(condition)), entry("steps", self.steps(body))]
            }
            Step::If { branches, otherwise } => self.branches(branches, otherwise),
            Step::Sleep(wait) => vec![entry("sleep", wait_of(wait))],
            Step::Pause(seconds) => vec![entry("sleep", self.values.expression(seconds))],
            Step::Break => vec![entry("stop", Yaml::text("loop"))],
            Step::Continue => vec![entry("stop", Yaml::text("round"))],
            Step::Return => vec![entry("stop", Yaml::text("block"))],
            Step::Call(body) => vec![entry("block", self.steps(body))],
            Step::Try(attempt) => self.attempt(attempt),
            Step::Raise(None) => vec![entry("raise", Yaml::text("again"))],
            Step::Raise(Some(value)) => {
                let made = exception_of(value);
                vec![entry("raise", made.map_or(Yaml::text(""), |made| self.exception(&made)))]
            }
            Step::Stop(extent) => {
                let extent = match extent {
                    Extent::User => "user",
                    Extent::Run => "run",
                    _ => "iteration",
                };
                vec![entry("stop", Yaml::text(extent))]
            }
            Step::Success => vec![entry("verdict", Yaml::text("passed"))],
            Step::Failure(reason) => {
                let reason = match exception_of(reason) {
                    Some(made) => self.exception(&made),
                    None => self.values.value(reason),
                };
                vec![entry("verdict", Yaml::short(vec![entry("failed", reason)]))]
            }
            // No locustfile has these.
            Step::Set { .. } | Step::SetAll(_) | Step::Choose(_) | Step::Group { .. } | Step::Client(_) => {
                Vec::new()
            }
        };
        Yaml::Map(map)
    }

    fn branches(&mut self, branches: &[(Expr, Vec<Step>)], otherwise: &[Step]) -> Map {
        let mut map = Vec::new();
        let mut further = Vec::new();
        for (place, (condition, body)) in branches.iter().enumerate() {
            let condition = self.values.condition(condition);
            let branch = vec![entry("if", condition), entry("then", self.steps(body))];
            if place == 0 { map = branch } else { further.push(Yaml::Map(branch)) }
        }
        if !further.is_empty() {
            map.push(entry("elif", Yaml::List(further)));
        }
        if !otherwise.is_empty() {
            map.push(entry("else", self.steps(otherwise)));
        }
        map
    }

    fn attempt(&mut self, attempt: &Try) -> Map {
        let mut map = vec![entry("try", self.steps(&attempt.body))];
        let handlers: Vec<Yaml> = attempt.handlers.iter().map(|handler| self.handler(handler)).collect();
        if !handlers.is_empty() {
            map.push(entry("except", Yaml::List(handlers)));
        }
        for (key, steps) in [("else", &attempt.otherwise), ("finally", &attempt.always)] {
            if !steps.is_empty() {
                map.push(entry(key, self.steps(steps)));
            }
        }
        map
    }

    fn handler(&mut self, handler: &Handler) -> Yaml {
        let mut map = Vec::new();
        if let Some(kinds) = &handler.kinds {
            let kinds: Vec<Yaml> = kinds.iter().map(|kind| Yaml::text(&**kind)).collect();
            map.push(entry(
                "error",
                match <[Yaml; 1]>::try_from(kinds) {
                    Ok([only]) => only,
                    Err(several) => Yaml::Short(Box::new(Yaml::List(several))),
                },
            ));
        }
        if let Some(target) = handler.target {
            map.push(entry("as", Yaml::Text(self.values.names.of(target))));
        }
        map.push(entry("steps", self.steps(&handler.steps)));
        Yaml::Map(map)
    }

    fn exception(&mut self, made: &Made) -> Yaml {
        match &made.words {
            None => Yaml::text(&made.kind),
            Some(words) => Yaml::short(vec![(made.kind.clone(), self.values.value(words))]),
        }
    }
}

/// An exception that an expression makes.
pub(super) struct Made {
    kind: String,
    /// What it is given.
    words: Option<Expr>,
}

/// The exception that an expression makes, if that is all it does.
pub(super) fn exception_of(expr: &Expr) -> Option<Made> {
    if let Some(error) = expr.constant().and_then(EvalError::of) {
        let kind = error.kind()?.to_owned();
        let words = error.text().map(Value::from);
        let same = EvalError::made(&kind, words.as_slice()) == error;
        return same.then(|| Made { kind, words: words.map(Expr::Constant) });
    }
    let Expr::Node(node) = expr else { return None };
    let Node::Call(function, arguments) = &**node else { return None };
    if !std::ptr::eq(*function, &raw const EXCEPTION) {
        return None;
    }
    let (kind, words) = match arguments.as_slice() {
        [kind] => (kind, None),
        [kind, words] => (kind, Some(words.clone())),
        _ => return None,
    };
    Some(Made { kind: kind.constant()?.as_str()?.to_owned(), words })
}

fn assignment((key, map): (&str, Map)) -> Yaml {
    Yaml::Map(vec![entry(key, Yaml::short(map))])
}

/// A wait or a sleep.
pub(super) fn wait_of(wait: &Wait) -> Yaml {
    match wait {
        Wait::Constant(time) => duration(*time),
        Wait::Between(least, most) => {
            let pair = Yaml::List(vec![duration(*least), duration(*most)]);
            Yaml::short(vec![entry("between", pair)])
        }
        Wait::Pacing(time) => Yaml::short(vec![entry("pacing", duration(*time))]),
        Wait::Throughput(rate) => Yaml::short(vec![entry("throughput", Yaml::raw(rate))]),
    }
}
