//! Which values of a variable are read where, so that each variable has a name for what it holds.
//!
//! A translation gives places to variables, and gives a place again when its variable is gone; functions that are
//! put in place of their calls take the values of theirs away first. YAML knows names only. So the values that may
//! be read at one place are one variable here (a web), and each web gets a place of its own.

use super::names::{ANSWER, GIVEN, RESPONSE, UNREAD};
use super::visit::{each_expr, each_expr_mut, innermost_first, reads, within, within_mut};
use crate::expr::{Expr, Value};
use crate::model::{ClientStep, Slot, Step};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

/// Rounds after which nothing can be new in a loop: what comes around in one is seen in the next.
const ROUNDS: usize = 3;

/// Where a variable gets a value: the number of the step, and which of its targets it is.
type Site = (usize, u16);

/// Values that may be in each variable; `None` where nothing goes on.
type State = Option<BTreeMap<u16, BTreeSet<usize>>>;

/// Loops and the like within each other that are walked through: each level is walked through several times.
const LEVELS: usize = 8;

/// Gives each web of `steps` a place, from 0, and tells how many there are; or what keeps it from that.
pub(super) fn apart(steps: &mut Vec<Step>) -> Result<usize, &'static str> {
    // What nothing comes to is left out.
    let mut walk = Walk::default();
    let (mut number, mut loops) = (0, Vec::new());
    numbered(steps, &mut number, &mut walk.numbers, &mut loops);
    let _ = walk.steps(steps, Some(BTreeMap::new()));
    let mut number = 0;
    if !walk.deep {
        pruned(steps, &mut number, &walk.come_to);
    }
    replaced(steps, |walk, _, names| walk.places(names))
}

/// Leaves out steps that nothing comes to.
fn pruned(steps: &mut Vec<Step>, number: &mut usize, come_to: &BTreeSet<usize>) {
    steps.retain_mut(|step| {
        let kept = come_to.contains(number);
        *number += 1;
        within_mut(step, &mut |steps| pruned(steps, number, come_to));
        kept
    });
}

/// The same, where webs of one name share a place if they are never in use at once.
pub(super) fn together(steps: &mut [Step]) {
    // What can be wrong was told before.
    let _ = replaced(steps, Walk::shared_places);
}

fn replaced(
    steps: &mut [Step],
    places: impl FnOnce(&Walk, &[Range<usize>], &mut Vec<String>) -> Vec<u16>,
) -> Result<usize, &'static str> {
    let mut walk = Walk::default();
    let mut names = Vec::new();
    let (mut number, mut loops) = (0, Vec::new());
    numbered(steps, &mut number, &mut walk.numbers, &mut loops);
    let _ = walk.steps(steps, Some(BTreeMap::new()));
    if walk.deep {
        return Err("this depth of loops");
    }
    let places = places(&walk, &loops, &mut names);
    let mut number = 0;
    renamed(steps, &mut number, &walk, &places, &mut names);
    let never = walk.blank.iter().any(|site| !walk.read.contains_key(site));
    match (walk.unsure, never) {
        (true, _) => Err("a variable that may have no value"),
        (_, true) => Err("a variable that never has a value"),
        _ => Ok(names.len()),
    }
}

/// Whether a step takes the value of a variable away.
pub(super) fn is_taken(step: &Step) -> bool {
    matches!(step, Step::Set { target: Slot::Local(_), value: Expr::Constant(Value::Unset) })
}

/// Numbers steps in their order, by where they are in memory: they do not move meanwhile.
fn numbered(
    steps: &[Step],
    number: &mut usize,
    numbers: &mut HashMap<*const Step, usize>,
    loops: &mut Vec<Range<usize>>,
) {
    for step in steps {
        let first = *number;
        numbers.insert(std::ptr::from_ref(step), first);
        *number += 1;
        let own = loops.len();
        if matches!(step, Step::For { .. } | Step::Repeat { .. } | Step::While { .. }) {
            loops.push(first..first);
        }
        within(step, &mut |steps| numbered(steps, number, numbers, loops));
        if let (Step::For { .. } | Step::Repeat { .. } | Step::While { .. }, Some(around)) =
            (step, loops.get_mut(own))
        {
            around.end = *number;
        }
    }
}

#[derive(Default)]
struct Walk {
    numbers: HashMap<*const Step, usize>,
    /// Each value's site, and whether it takes the value away.
    values: Vec<(Site, bool)>,
    by_site: HashMap<Site, usize>,
    /// Values of one web, each with another of it.
    web: Vec<usize>,
    /// What a step reads: any value of it, and the name under which it does.
    read: HashMap<Site, usize>,
    names: Vec<(usize, Arc<str>)>,
    unsure: bool,
    /// Values that are read where there may be none as well.
    open: BTreeSet<usize>,
    /// Where a variable was read that had no value until then.
    blank: BTreeSet<Site>,
    /// Steps that something comes to.
    come_to: BTreeSet<usize>,
    /// How many walks are within each other, and whether these were too many.
    level: usize,
    deep: bool,
    breaks: Vec<State>,
    /// What goes on with the next round of the loops around.
    rounds: Vec<State>,
    ends: Vec<State>,
}

impl Walk {
    fn root(&self, value: usize) -> usize {
        let mut root = value;
        while let Some(next) = self.web.get(root).copied().filter(|next| *next != root) {
            root = next;
        }
        root
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        let (first, last) = (one.min(other), one.max(other));
        if let Some(web) = self.web.get_mut(last) {
            *web = first;
        }
    }

    /// The value that a step gives a variable.
    fn value(&mut self, site: Site, taken: bool) -> usize {
        if let Some(known) = self.by_site.get(&site) {
            return *known;
        }
        let value = self.values.len();
        self.values.push((site, taken));
        self.web.push(value);
        self.by_site.insert(site, value);
        value
    }

    fn give(&mut self, step: usize, target: Slot, taken: bool, state: &mut BTreeMap<u16, BTreeSet<usize>>) {
        if let Slot::Local(local) = target {
            let value = self.value((step, local), taken);
            state.insert(local, BTreeSet::from([value]));
        }
    }

    fn steps(&mut self, steps: &[Step], state: State) -> State {
        steps.iter().fold(state, |state, step| self.step(step, state))
    }

    fn step(&mut self, step: &Step, state: State) -> State {
        let mut known = state?;
        let number = self.numbers.get(&std::ptr::from_ref(step)).copied().unwrap_or_default();
        self.come_to.insert(number);
        each_expr(step, &mut |expr| reads(expr, &mut |slot, name| self.see(number, slot, name, &known)));
        match step {
            Step::Set { target, .. }
            | Step::Client(ClientStep::Cookies(target) | ClientStep::Host(target)) => {
                self.give(number, *target, is_taken(step), &mut known);
                Some(known)
            }
            Step::SetAll(values) => {
                values.iter().for_each(|(target, _)| self.give(number, *target, false, &mut known));
                Some(known)
            }
            Step::Request(request) => {
                request.response.into_iter().for_each(|slot| self.give(number, slot, false, &mut known));
                self.steps(request.handler.as_deref().unwrap_or_default(), Some(known))
            }
            Step::For { target, body, .. } => self.looped(body, Some((number, *target)), known, false),
            Step::Repeat { body, .. } => self.looped(body, None, known, false),
            Step::While { condition, body } => {
                let for_ever = condition.constant().is_some_and(Value::truthy);
                // It is read again after each round.
                let again = |walk: &mut Self, state: &BTreeMap<u16, BTreeSet<usize>>| {
                    reads(condition, &mut |slot, name| walk.see(number, slot, name, state));
                };
                let end = self.looped(body, None, known, for_ever);
                end.iter().for_each(|state| again(self, state));
                end
            }
            Step::If { branches, otherwise } => {
                let mut end = self.steps(otherwise, Some(known.clone()));
                for (_, body) in branches {
                    let other = self.steps(body, Some(known.clone()));
                    end = both(end, other);
                }
                end
            }
            Step::Choose(ways) => {
                let mut end = None;
                for (_, body) in ways {
                    let other = self.steps(body, Some(known.clone()));
                    end = both(end, other);
                }
                end
            }
            Step::Group { body, .. } => self.steps(body, Some(known)),
            Step::Call(body) => {
                self.ends.push(None);
                let end = self.steps(body, Some(known));
                both(end, self.ends.pop().flatten())
            }
            Step::Try(_) => self.attempt(step, number, known),
            Step::Break => {
                leave(&mut self.breaks, known);
                None
            }
            Step::Continue => {
                leave(&mut self.rounds, known);
                None
            }
            Step::Return => {
                leave(&mut self.ends, known);
                None
            }
            Step::Raise(_) | Step::Stop(_) => None,
            Step::Sleep(_) | Step::Pause(_) | Step::Client(_) | Step::Success | Step::Failure(_) => {
                Some(known)
            }
        }
    }

    fn attempt(&mut self, step: &Step, number: usize, known: BTreeMap<u16, BTreeSet<usize>>) -> State {
        let Step::Try(attempt) = step else { return Some(known) };
        // It may raise before, between and after all that it does.
        let mut raised = known.clone();
        self.all_values(&attempt.body, &mut raised);
        let body = self.steps(&attempt.body, Some(known));
        let mut end = self.steps(&attempt.otherwise, body);
        let mut any = raised.clone();
        self.all_values(&attempt.otherwise, &mut any);
        for (place, handler) in (0..).zip(&attempt.handlers) {
            let mut state = raised.clone();
            if let Some(Slot::Local(local)) = handler.target {
                let value = self.value((handler_number(number, place), local), false);
                state.insert(local, BTreeSet::from([value]));
            }
            any = both(Some(any), Some(state.clone())).unwrap_or_default();
            self.all_values(&handler.steps, &mut any);
            let other = self.steps(&handler.steps, Some(state));
            end = both(end, other);
        }
        if attempt.always.is_empty() {
            return end;
        }
        // Done after each of these ways.
        self.level += 1;
        self.deep |= self.level > LEVELS;
        if !self.deep {
            let _ = self.steps(&attempt.always, Some(any));
            end = self.steps(&attempt.always, end);
        }
        self.level -= 1;
        end
    }

    /// Adds all values that `steps` may give.
    fn all_values(&mut self, steps: &[Step], state: &mut BTreeMap<u16, BTreeSet<usize>>) {
        for step in steps {
            let number = self.numbers.get(&std::ptr::from_ref(step)).copied().unwrap_or_default();
            let mut add = |walk: &mut Self, number: usize, slot: Option<Slot>, taken: bool| {
                if let Some(Slot::Local(local)) = slot {
                    let value = walk.value((number, local), taken);
                    state.entry(local).or_default().insert(value);
                }
            };
            match step {
                Step::Set { target, .. } => add(self, number, Some(*target), is_taken(step)),
                Step::SetAll(values) => {
                    values.iter().for_each(|(target, _)| add(self, number, Some(*target), false));
                }
                Step::For { target, .. } => add(self, number, Some(*target), false),
                Step::Request(request) => add(self, number, request.response, false),
                Step::Try(attempt) => {
                    for (place, handler) in (0..).zip(&attempt.handlers) {
                        add(self, handler_number(number, place), handler.target, false);
                    }
                }
                _ => {}
            }
            within(step, &mut |steps| self.all_values(steps, state));
        }
    }

    fn looped(
        &mut self,
        body: &[Step],
        target: Option<(usize, Slot)>,
        known: BTreeMap<u16, BTreeSet<usize>>,
        for_ever: bool,
    ) -> State {
        self.level += 1;
        self.deep |= self.level > LEVELS;
        let mut head = Some(known);
        let mut broken = None;
        for _ in 0..if self.deep { 0 } else { ROUNDS } {
            let mut state = head.clone().unwrap_or_default();
            if let Some((number, slot)) = target {
                self.give(number, slot, false, &mut state);
            }
            self.breaks.push(None);
            self.rounds.push(None);
            let end = self.steps(body, Some(state));
            head = both(head, both(end, self.rounds.pop().flatten()));
            broken = both(broken, self.breaks.pop().flatten());
        }
        self.level -= 1;
        if for_ever { broken } else { both(head, broken) }
    }

    /// Notes that a step reads a variable: all values that may be in it are of one web.
    fn see(&mut self, step: usize, slot: Slot, name: &Arc<str>, known: &BTreeMap<u16, BTreeSet<usize>>) {
        let Slot::Local(local) = slot else { return };
        let found = known.get(&local).into_iter().flatten().copied();
        let values: Vec<usize> = found.clone().filter(|value| *value != MISSING).collect();
        if found.into_iter().any(|value| value == MISSING) {
            self.open.extend(&values);
        }
        self.unsure |= values.iter().any(|value| self.values.get(*value).is_some_and(|(_, taken)| *taken));
        let before = self.read.get(&(step, local)).copied();
        let Some(first) = before.or(values.first().copied()) else {
            self.blank.insert((step, local));
            return;
        };
        values.into_iter().for_each(|value| self.join(first, value));
        self.read.insert((step, local), first);
        if !self.names.iter().any(|(value, known)| *value == first && known == name) {
            self.names.push((first, name.clone()));
        }
    }

    /// A place for each value: one for each web.
    fn places(&self, names: &mut Vec<String>) -> Vec<u16> {
        let mut known: HashMap<usize, u16> = HashMap::new();
        let mut place_of = |value: usize| {
            let root = self.root(value);
            *known.entry(root).or_insert_with(|| fresh(names, self.name(root)))
        };
        (0..self.values.len()).map(&mut place_of).collect()
    }

    /// What people call a web.
    fn name(&self, root: usize) -> &str {
        let mut candidates = self.names.iter().filter(|(value, _)| self.root(*value) == root);
        let own = candidates.clone().find(|(_, name)| !GIVEN.contains(&&**name));
        match own.or_else(|| candidates.next()).map_or(UNREAD, |(_, name)| &**name) {
            RESPONSE => ANSWER,
            name => name,
        }
    }

    /// As [`Walk::places`], with one place for webs of one name that are never in use at once.
    fn shared_places(&self, loops: &[Range<usize>], names: &mut Vec<String>) -> Vec<u16> {
        let mut spans: BTreeMap<usize, Range<usize>> = BTreeMap::new();
        let sites = self.values.iter().enumerate().map(|(value, ((step, _), _))| (value, *step));
        for (value, step) in sites.chain(self.read.iter().map(|((step, _), value)| (*value, *step))) {
            let step = step_of(step);
            let span = spans.entry(self.root(value)).or_insert(step..step);
            *span = span.start.min(step)..span.end.max(step);
        }
        for span in spans.values_mut() {
            // What is in use in a loop may be in use in all of it; inner loops come last.
            for around in loops.iter().rev() {
                if span.start < around.end && around.start <= span.end {
                    *span = span.start.min(around.start)..span.end.max(around.end);
                }
            }
        }
        let mut order: Vec<(usize, Range<usize>)> = spans.into_iter().collect();
        order.sort_by_key(|(_, span)| span.start);
        let mut free: HashMap<&str, (u16, usize)> = HashMap::new();
        let mut places = HashMap::new();
        for (root, span) in order {
            let name = self.name(root);
            let open = self.open.iter().any(|value| self.root(*value) == root);
            // A step reads before it gives, so that one may begin where another ends.
            let place =
                match free.get(name).filter(|(_, end)| name == UNREAD || (!open && *end <= span.start)) {
                    Some((place, _)) => *place,
                    None => fresh(names, name),
                };
            if !open {
                free.insert(name, (place, span.end));
            }
            places.insert(root, place);
        }
        (0..self.values.len())
            .map(|value| places.get(&self.root(value)).copied().unwrap_or_default())
            .collect()
    }
}

/// The number of a handler, which no step has.
fn handler_number(step: usize, place: usize) -> usize {
    usize::MAX - step * 64 - place.min(63)
}

/// The step of a site.
fn step_of(number: usize) -> usize {
    if number > usize::MAX / 2 { (usize::MAX - number) / 64 } else { number }
}

/// No value.
const MISSING: usize = usize::MAX;

fn leave(around: &mut [State], known: BTreeMap<u16, BTreeSet<usize>>) {
    if let Some(last) = around.last_mut() {
        *last = both(last.take(), Some(known));
    }
}

/// What may be where two ways meet.
fn both(left: State, right: State) -> State {
    match (left, right) {
        (Some(mut left), Some(right)) => {
            for (local, values) in &mut left {
                if !right.contains_key(local) {
                    values.insert(MISSING);
                }
            }
            for (local, values) in right {
                left.entry(local).or_insert_with(|| BTreeSet::from([MISSING])).extend(values);
            }
            Some(left)
        }
        (one, other) => one.or(other),
    }
}

/// Gives variables their new places.
fn renamed(steps: &mut [Step], number: &mut usize, walk: &Walk, places: &[u16], names: &mut Vec<String>) {
    for step in steps {
        let own = *number;
        *number += 1;
        let given = |number: usize, slot: &mut Slot, names: &mut Vec<String>| {
            let Slot::Local(local) = slot else { return };
            let value = walk.by_site.get(&(number, *local));
            *local = match value.and_then(|value| places.get(*value)) {
                Some(place) => *place,
                // It is never come to.
                None => fresh(names, UNREAD),
            };
        };
        each_expr_mut(step, &mut |expr| {
            innermost_first(expr, &mut |expr| {
                let Expr::Variable(Slot::Local(local), name) = expr else { return };
                let value = walk.read.get(&(own, *local));
                *local = match value.and_then(|value| places.get(*value)) {
                    Some(place) => *place,
                    // It never has a value.
                    None => fresh(names, name),
                };
            });
        });
        match step {
            Step::Set { target, .. } | Step::For { target, .. } => given(own, target, names),
            Step::SetAll(values) => values.iter_mut().for_each(|(target, _)| given(own, target, names)),
            Step::Request(request) => request.response.iter_mut().for_each(|slot| given(own, slot, names)),
            Step::Try(attempt) => {
                for (place, handler) in (0..).zip(&mut attempt.handlers) {
                    handler.target.iter_mut().for_each(|slot| given(handler_number(own, place), slot, names));
                }
            }
            _ => {}
        }
        within_mut(step, &mut |steps| renamed(steps, number, walk, places, names));
    }
}

fn fresh(names: &mut Vec<String>, name: &str) -> u16 {
    names.push(name.to_owned());
    u16::try_from(names.len() - 1).unwrap_or(u16::MAX)
}
