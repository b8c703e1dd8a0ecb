//! A translated scenario without what YAML says in another way, or need not say.

use super::names::GIVEN;
use super::simpler::{as_text, conditional, filled, is_read, one_mapping, simpler, takes, times, whole_of};
use super::unsaid::{Part as Place, Unsaid, What};
use super::visit::{all_exprs, all_steps, each_expr_mut, innermost_first, reads, within_mut};
use super::webs::{apart, is_taken, together};
use crate::expr::Expr;
use crate::expr::compare::Comparison;
use crate::expr::operators::Unary;
use crate::expr::tree::Node;
use crate::model::{Body, ClientStep, Extent, Request, Scenario, Slot, Step, Task, Try, UserClass};
use std::collections::{HashMap, HashSet};

/// The scenario with steps that YAML has.
pub(super) fn scenario(mut scenario: Scenario, unsaid: &mut Unsaid) -> Scenario {
    let weights: HashSet<u32> = scenario.classes.iter().map(|class| class.weight).collect();
    for class in &mut scenario.classes {
        if weights.len() == 1 {
            // What all have alike says nothing.
            class.weight = 1;
        }
        let name = class.name.clone();
        let part = |function: &str| Place { class: name.clone(), function: function.to_owned() };
        let mut locals = 0;
        plain(&mut class.on_start, &part("on_start"), &mut locals, unsaid);
        plain(&mut class.on_stop, &part("on_stop"), &mut locals, unsaid);
        plain(&mut class.waiting, &part("wait_time"), &mut locals, unsaid);
        for task in &mut class.tasks {
            if task.set.is_some() {
                unsaid.note(What::Set(task.name.clone()), &part(&task.name));
                continue;
            }
            plain(&mut task.steps, &part(&task.name), &mut locals, unsaid);
            filled(&mut task.steps);
        }
        class.locals = locals;
        if !matches!(class.waiting.as_slice(), [] | [Step::Pause(_)]) {
            unsaid.note(What::Wait, &part("wait_time"));
        }
        shared(class, unsaid);
    }
    scenario
}

/// Lets variables of one name that are never in use at once be one.
pub(super) fn share_names(scenario: &mut Scenario) {
    for class in &mut scenario.classes {
        let functions = [&mut class.on_start, &mut class.on_stop, &mut class.waiting];
        let functions = functions.into_iter().chain(class.tasks.iter_mut().map(|task| &mut task.steps));
        functions.for_each(|steps| together(steps));
    }
}

/// Notes the variables that all users share, and those of users that nothing gives a value.
fn shared(class: &UserClass, unsaid: &mut Unsaid) {
    let mut given = HashSet::new();
    let functions = [&class.on_start, &class.on_stop].into_iter().flatten();
    for step in functions.chain(class.tasks.iter().flat_map(Task::all_steps)) {
        all_steps(std::slice::from_ref(step), &mut |step| {
            if let Step::Set { target, .. } = step {
                given.insert(*target);
            }
        });
    }
    let mut visit = |function: &str, steps: &[Step]| {
        let part = Place { class: class.name.clone(), function: function.to_owned() };
        all_exprs(steps, &mut |expr| {
            reads(expr, &mut |slot, name| match slot {
                Slot::Worker(_) => unsaid.note(What::Shared(name.to_string()), &part),
                Slot::User(_) if !given.contains(&slot) => {
                    unsaid.note(What::Other("a variable that never has a value".to_owned()), &part);
                }
                _ => {}
            });
        });
    };
    visit("wait_time", &class.waiting);
    visit("on_start", &class.on_start);
    visit("on_stop", &class.on_stop);
    for task in &class.tasks {
        task.all_steps().for_each(|step| visit(&task.name, std::slice::from_ref(step)));
    }
}

/// The steps of one function.
fn plain(steps: &mut Vec<Step>, part: &Place, most: &mut usize, unsaid: &mut Unsaid) {
    let mut own = apart(steps).unwrap_or_else(|what| {
        unsaid.note(What::Other(what.to_owned()), part);
        0
    });
    let locals = &mut own;
    let mut passes = Passes {
        part,
        locals,
        unsaid,
        read: HashMap::new(),
        responses: HashSet::new(),
        named: HashSet::new(),
    };
    passes.look(steps);
    passes.one_by_one(steps);
    passes.look(steps);
    passes.without_unread(steps);
    // What was read by something that is gone is not read any more.
    passes.look(steps);
    passes.without_unread(steps);
    passes.joined(steps);
    passes.said_otherwise(steps, false, false);
    *most = own.max(*most);
}

struct Passes<'p> {
    part: &'p Place,
    /// How many variables the function has.
    locals: &'p mut usize,
    unsaid: &'p mut Unsaid,
    /// Variables that something reads, and how often.
    read: HashMap<Slot, usize>,
    /// Variables that hold answers and nothing else.
    responses: HashSet<Slot>,
    /// Variables that have names of their own in the locustfile.
    named: HashSet<Slot>,
}

impl Passes<'_> {
    fn other(&mut self, words: &str) {
        self.unsaid.note(What::Other(words.to_owned()), self.part);
    }

    /// Several assignments at once become as many.
    fn one_by_one(&mut self, steps: &mut Vec<Step>) {
        let mut made = Vec::with_capacity(steps.len());
        for mut step in steps.drain(..) {
            within_mut(&mut step, &mut |steps| self.one_by_one(steps));
            each_expr_mut(&mut step, &mut |expr| innermost_first(expr, &mut simpler));
            match step {
                Step::SetAll(values) => {
                    for (place, (_, value)) in values.iter().enumerate() {
                        let before = &values[..place];
                        let mut too_late = false;
                        reads(value, &mut |slot, _| {
                            too_late |= before.iter().any(|(target, _)| *target == slot);
                        });
                        if too_late {
                            self.other("giving several variables each other's values");
                        }
                    }
                    made.extend(values.into_iter().map(|(target, value)| Step::Set { target, value }));
                }
                step if is_taken(&step) => {}
                Step::Set { target, value } => {
                    // A value that another takes the place of at once.
                    if let Some(Step::Set { target: last, value: Expr::Constant(_) }) = made.last()
                        && *last == target
                        && !self.named.contains(&target)
                        && !is_read(&value, target)
                    {
                        made.pop();
                    }
                    made.push(Step::Set { target, value });
                }
                step => made.push(step),
            }
        }
        *steps = made;
    }

    /// Finds out which variables are read, and which hold answers.
    fn look(&mut self, steps: &[Step]) {
        self.read.clear();
        self.responses.clear();
        all_exprs(steps, &mut |expr| {
            reads(expr, &mut |slot, name| {
                *self.read.entry(slot).or_default() += 1;
                if !GIVEN.contains(&&**name) {
                    self.named.insert(slot);
                }
            });
        });
        let mut set = HashSet::new();
        all_steps(steps, &mut |step| match step {
            Step::Request(request) => self.responses.extend(request.response),
            Step::Set { target, .. } | Step::For { target, .. } => {
                set.insert(*target);
            }
            Step::Try(attempt) => set.extend(attempt.handlers.iter().filter_map(|handler| handler.target)),
            _ => {}
        });
        self.responses.retain(|slot| !set.contains(slot));
    }

    /// Leaves out values that nobody reads, such as those of `print`, where evaluating them cannot raise.
    fn without_unread(&mut self, steps: &mut Vec<Step>) {
        for step in steps.iter_mut() {
            within_mut(step, &mut |steps| self.without_unread(steps));
            match step {
                Step::Request(request) => request.response = self.kept(request.response),
                Step::Try(attempt) => {
                    attempt
                        .handlers
                        .iter_mut()
                        .for_each(|handler| handler.target = self.kept(handler.target));
                }
                _ => {}
            }
        }
        steps.retain(|step| match step {
            Step::Set { target: target @ Slot::Local(_), value } => {
                self.read.contains_key(target) || !self.is_harmless(value)
            }
            Step::If { branches, otherwise } => {
                let empty = otherwise.is_empty() && branches.iter().all(|(_, body)| body.is_empty());
                !empty || !branches.iter().all(|(test, _)| self.is_harmless(test))
            }
            _ => true,
        });
    }

    /// A value that has no name in the locustfile, and is read in the next step and nowhere else, goes there.
    fn joined(&mut self, steps: &mut Vec<Step>) {
        let mut made: Vec<Step> = Vec::with_capacity(steps.len());
        for mut step in steps.drain(..) {
            within_mut(&mut step, &mut |steps| self.joined(steps));
            if let Some(Step::Set { target: target @ Slot::Local(_), value }) = made.last()
                && !self.named.contains(target)
                && self.read.get(target) == Some(&1)
                && let Some(reader) = whole_of(&mut step)
                && takes(reader, *target, value)
            {
                made.pop();
            }
            made.push(step);
        }
        *steps = made;
    }

    /// `None` for a local that nobody reads.
    fn kept(&self, slot: Option<Slot>) -> Option<Slot> {
        slot.filter(|slot| !matches!(slot, Slot::Local(_)) || self.read.contains_key(slot))
    }

    /// Whether evaluating it never raises.
    fn is_harmless(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Constant(_) | Expr::Bound(..) | Expr::Variable(Slot::Local(_), _) => true,
            Expr::Variable(..) => false,
            Expr::Node(node) => {
                let of_answer =
                    |expr: &Expr| matches!(expr, Expr::Variable(slot, _) if self.responses.contains(slot));
                let mut parts = true;
                node.each(&mut |expr| parts = parts && self.is_harmless(expr));
                match &**node {
                    Node::Text(_) | Node::List(_) | Node::And(_) | Node::Or(_) | Node::If { .. } => parts,
                    Node::Unary(Unary::Not, _) => parts,
                    Node::Compare(_, rest) => {
                        parts
                            && rest.iter().all(|(comparison, _)| {
                                use Comparison::{Equal, Is, IsNot, NotEqual};
                                matches!(comparison, Equal | NotEqual | Is | IsNot)
                            })
                    }
                    Node::Attribute(value, _) => of_answer(value),
                    _ => false,
                }
            }
        }
    }

    /// What YAML says in other steps. `called`: within a part that `return` ends; `guarded`: within a `try` that
    /// has a `finally`.
    fn said_otherwise(&mut self, steps: &mut Vec<Step>, called: bool, guarded: bool) {
        let mut made = Vec::with_capacity(steps.len());
        for mut step in steps.drain(..) {
            let inner_called = called || matches!(step, Step::Call(_));
            let inner_guarded = guarded || matches!(&step, Step::Try(attempt) if !attempt.always.is_empty());
            within_mut(&mut step, &mut |steps| self.said_otherwise(steps, inner_called, inner_guarded));
            match step {
                Step::Return if !called && guarded => {
                    self.other("`return` within `try` with `finally`");
                }
                Step::Return if !called => made.push(Step::Stop(Extent::Iteration)),
                Step::For { target, items, mut body } => {
                    filled(&mut body);
                    made.push(self.each(target, items, body));
                }
                Step::Client(step) => self.other(match step {
                    ClientStep::Cookies(_) | ClientStep::SetCookies(_) | ClientStep::ForgetCookies => {
                        "reading or changing the client's cookies"
                    }
                    ClientStep::Host(_) => "reading the address of the target",
                }),
                Step::Request(mut request) => {
                    if request.cookies.is_some() {
                        self.other("`cookies=` of a request");
                    }
                    if request.name_now.is_some() {
                        self.other("`request_name` of the client");
                    }
                    request.handler = request.handler.take().filter(|handler| !handler.is_empty());
                    if let Body::Raw(content) = &mut request.body {
                        as_text(content);
                    }
                    if let Body::Multipart(fields) = &mut request.body {
                        fields.iter_mut().for_each(|field| as_text(&mut field.content));
                    }
                    one_mapping(&mut request);
                    let after = self.answer(&mut request);
                    made.push(Step::Request(request));
                    made.extend(after);
                }
                Step::If { branches, otherwise } => made.push(conditional(branches, otherwise)),
                Step::While { condition, mut body } => {
                    filled(&mut body);
                    made.push(Step::While { condition, body });
                }
                Step::Call(body) => {
                    if body.is_empty() {
                        continue;
                    }
                    made.push(Step::Call(body));
                }
                Step::Try(attempt) => made.push(self.attempt(*attempt)),
                Step::Stop(Extent::IterationAtOnce) => {
                    self.other("`RescheduleTaskImmediately`");
                }
                Step::Raise(Some(value)) => {
                    if super::steps::exception_of(&value).is_none() {
                        self.other("raising an exception that is kept in a variable");
                    }
                    made.push(Step::Raise(Some(value)));
                }
                step => made.push(step),
            }
        }
        *steps = made;
    }

    /// A loop; one that counts without using the number repeats.
    fn each(&mut self, target: Slot, items: Expr, mut body: Vec<Step>) -> Step {
        if let (Slot::Local(_), false) = (target, self.read.contains_key(&target))
            && let Some(times) = times(&items)
        {
            return Step::Repeat { times, body };
        }
        let local = self.local(target);
        if local != target {
            let value = Expr::Variable(local, "item".into());
            body.insert(0, Step::Set { target, value });
        }
        Step::For { target: local, items, body }
    }

    /// Keeps an answer of the user in a variable of the task first; what is done after the request.
    fn answer(&mut self, request: &mut Request) -> Option<Step> {
        let target = request.response?;
        let local = self.local(target);
        if local == target {
            return None;
        }
        request.response = Some(local);
        let keep = Step::Set { target, value: Expr::Variable(local, "answer".into()) };
        match &mut request.handler {
            Some(handler) => {
                handler.insert(0, keep);
                None
            }
            None => Some(keep),
        }
    }

    fn attempt(&mut self, mut attempt: Try) -> Step {
        filled(&mut attempt.body);
        for handler in &mut attempt.handlers {
            filled(&mut handler.steps);
            if handler.target.is_some_and(|target| !matches!(target, Slot::Local(_))) {
                self.other("an exception that is kept in an attribute");
            }
        }
        Step::Try(Box::new(attempt))
    }

    /// A variable of the task in place of one of the user.
    fn local(&mut self, target: Slot) -> Slot {
        if let Slot::Local(_) = target {
            return target;
        }
        let local = Slot::Local(u16::try_from(*self.locals).unwrap_or(u16::MAX));
        *self.locals += 1;
        local
    }
}
