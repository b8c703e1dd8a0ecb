//! Methods and functions of the file: each call is replaced by what the function does.

use super::attributes::is_static;
use super::body::{Body, named_within};
use super::file::Assigned;
use super::kept::globals;
use super::names::{Local, Owner, Thing};
use crate::expr::{Expr, Value};
use crate::limits::{DEPTH, VARIABLES};
use crate::model::{Slot, Step};
use ruff_python_ast::{self as ast, Expr as Python};
use ruff_text_size::Ranged;
use std::collections::HashMap;

/// A function of the file that is called, and the object that it is called on.
pub(super) struct Called<'f> {
    function: &'f ast::StmtFunctionDef,
    object: Option<Owner>,
}

/// What a parameter is given.
enum Given<'f> {
    Argument(&'f Python),
    /// Known when the function is defined.
    Default(&'f Python),
    Thing(Thing),
}

impl<'f> Body<'_, 'f> {
    /// The steps of a task, of `on_start` or of `on_stop`.
    pub(super) fn task(&mut self, owner: Owner, function: &'f ast::StmtFunctionDef) -> Vec<Step> {
        self.called_by_locust(owner, function, None)
    }

    /// The steps of a method that gives seconds to wait, which go to `result`.
    pub(super) fn give_seconds(
        &mut self,
        owner: Owner,
        function: &'f ast::StmtFunctionDef,
        result: Slot,
    ) -> Vec<Step> {
        self.called_by_locust(owner, function, Some(result))
    }

    fn called_by_locust(
        &mut self,
        owner: Owner,
        function: &'f ast::StmtFunctionDef,
        result: Option<Slot>,
    ) -> Vec<Step> {
        let parameters = &function.parameters;
        // What Locust gives it is known to Locust alone.
        let is_init = function.name.as_str() == "__init__";
        if function.is_async {
            self.refusals.untranslated(
                function.name.range,
                "an async method is not translated",
                "write a plain one",
            );
            return Vec::new();
        }
        let Some((this, rest)) = parameters.args.split_first().filter(|(_, rest)| {
            // What Locust calls gets its object and nothing else.
            is_init
                || parameters.posonlyargs.is_empty()
                    && rest.iter().all(|parameter| parameter.default.is_some())
        }) else {
            self.refusals.untranslated(
                parameters.range,
                "a task with other parameters than its user is not translated",
                "take `self` only, and keep values in its attributes",
            );
            return Vec::new();
        };
        let mut given = vec![(this.parameter.name.as_str(), Given::Thing(Thing::Object(owner)))];
        for parameter in rest {
            given.extend(
                parameter.default.as_deref().map(|value| (parameter.name().as_str(), Given::Default(value))),
            );
        }
        let mut steps = Vec::new();
        self.put_in_place(function, given, result, &mut steps);
        if matches!(steps.last(), Some(Step::Return)) {
            steps.pop();
        }
        steps
    }

    /// The method or function of the file that is called: `self.login()`, `login(self)`, `super().on_start()`.
    pub(super) fn called(&self, call: &ast::ExprCall) -> Option<Called<'f>> {
        match &*call.func {
            Python::Attribute(method) if is_super(&method.value) => {
                let function = self.calls.last()?;
                let this = function.parameters.args.first()?.parameter.name.as_str();
                let Some(Thing::Object(owner)) = self.things.get(this) else { return None };
                let function = self.class.method_after(*owner, function, method.attr.as_str())?;
                Some(Called { function, object: Some(*owner) })
            }
            Python::Attribute(method) => {
                let owner = self.owner(&method.value)?;
                let function = self.class.method(owner, method.attr.as_str())?;
                Some(Called { function, object: (!is_static(function)).then_some(owner) })
            }
            Python::Name(name) if !self.locals.contains_key(name.id.as_str()) => {
                let function = self.file.functions.get(name.id.as_str())?;
                Some(Called { function, object: None })
            }
            _ => None,
        }
    }

    /// Adds what a call does; its result goes to `result`.
    pub(super) fn call(
        &mut self,
        call: &'f ast::ExprCall,
        called: &Called<'f>,
        result: Option<Slot>,
        steps: &mut Vec<Step>,
    ) {
        let function = called.function;
        if self.calls.iter().any(|known| known.name.range == function.name.range) || self.calls.len() == DEPTH
        {
            self.refusals.untranslated(
                function.name.range,
                "a method that calls itself is not translated",
                "use a loop",
            );
            return;
        }
        if let Some(given) = self.given(call, called) {
            let mut body = Vec::new();
            self.put_in_place(function, given, result, &mut body);
            if matches!(body.last(), Some(Step::Return)) {
                body.pop();
            }
            if body.iter().any(returns) { steps.push(Step::Call(body)) } else { steps.append(&mut body) }
        }
    }

    /// What each parameter is given.
    fn given(&mut self, call: &'f ast::ExprCall, called: &Called<'f>) -> Option<Vec<(&'f str, Given<'f>)>> {
        let parameters = &called.function.parameters;
        let name = &called.function.name;
        if called.function.is_async || parameters.vararg.is_some() || parameters.kwarg.is_some() {
            let message = format!("`{name}` is async or takes any number of arguments: it is not translated");
            self.refusals.untranslated(name.range, message, "name its parameters one by one");
            return None;
        }
        let mut arguments = call.arguments.args.iter();
        let mut object = called.object;
        let mut given = Vec::new();
        let mut wrong = call.arguments.args.iter().any(Python::is_starred_expr);
        let by_place = parameters.posonlyargs.iter().chain(&parameters.args).map(|known| (known, true));
        let by_name = parameters.kwonlyargs.iter().map(|known| (known, false));
        for (parameter, placed) in by_place.chain(by_name) {
            let parameter_name = parameter.name().as_str();
            let keyword = call.arguments.find_keyword(parameter_name).map(|keyword| &keyword.value);
            let value = match (object.take(), keyword) {
                (Some(owner), None) => Some(Given::Thing(Thing::Object(owner))),
                (None, Some(value)) => Some(Given::Argument(value)),
                (None, None) => arguments
                    .next()
                    .filter(|_| placed)
                    .map(Given::Argument)
                    .or_else(|| parameter.default.as_deref().map(Given::Default)),
                (Some(_), Some(_)) => None,
            };
            wrong |= value.is_none();
            given.extend(value.map(|value| (parameter_name, value)));
        }
        let unknown = |keyword: &ast::Keyword| {
            keyword.arg.as_ref().is_none_or(|arg| !given.iter().any(|(name, _)| *name == arg.as_str()))
        };
        if wrong || arguments.next().is_some() || call.arguments.keywords.iter().any(unknown) {
            let message = format!("these are not the arguments that `{name}` takes");
            self.refusals.untranslated(call.range(), message, "give a value for each of its parameters");
            return None;
        }
        Some(given)
    }

    /// Adds the steps of `function`, its parameters given.
    fn put_in_place(
        &mut self,
        function: &'f ast::StmtFunctionDef,
        given: Vec<(&'f str, Given<'f>)>,
        result: Option<Slot>,
        steps: &mut Vec<Step>,
    ) {
        let next = self.places.next;
        let mut locals = HashMap::new();
        self.assigned(&function.body, &mut locals);
        let globals = globals(&function.body);
        locals.retain(|name, _| !globals.contains(name));
        if self.places.most > VARIABLES {
            let message = "a method that has many variables is not translated";
            self.refusals.untranslated(function.name.range, message, "use attributes of the user");
            return;
        }
        // The places may have been used before, and the method's variables begin without values.
        let mut fresh: Vec<(&str, Slot)> = locals.iter().map(|(name, local)| (*name, local.slot)).collect();
        fresh.retain(|(name, _)| {
            !self.calls.is_empty() && !given.iter().any(|(parameter, _)| parameter == name)
        });
        fresh.sort_by_key(|(_, slot)| match slot {
            Slot::User(index) | Slot::Local(index) | Slot::Shared(index) | Slot::Worker(index) => *index,
        });
        let (mut things, mut known) = (HashMap::new(), HashMap::new());
        let mut given = given;
        // As in Python, in the order of the call. Defaults were known before.
        given.sort_by_key(|(_, value)| match value {
            Given::Argument(python) => Some(python.range().start()),
            Given::Default(_) | Given::Thing(_) => None,
        });
        let arguments = given.iter().filter_map(|(_, value)| match value {
            Given::Argument(python) => Some(*python),
            Given::Default(_) | Given::Thing(_) => None,
        });
        let named: Vec<&str> = arguments.flat_map(named_within).collect();
        for (parameter, value) in given {
            let reassigned = locals.contains_key(parameter);
            let thing = match &value {
                Given::Thing(thing) => Some(*thing),
                Given::Argument(python) => self.thing(python),
                Given::Default(_) => None,
            };
            if let Some(thing) = thing {
                if reassigned {
                    let message = format!("a method that gives `{parameter}` a value is not translated");
                    self.refusals.untranslated(function.name.range, message, "use another name");
                }
                things.insert(parameter, thing);
                continue;
            }
            let (python, value) = match value {
                // Its variable will do: nothing gives it another value meanwhile.
                Given::Argument(Python::Name(name))
                    if !reassigned
                        && self.locals.contains_key(name.id.as_str())
                        && !named.contains(&name.id.as_str()) =>
                {
                    let known = self.locals.get(name.id.as_str());
                    let (slot, assigned) = known.map_or((Slot::Local(0), Assigned::default()), |known| {
                        (known.slot, known.assigned.clone())
                    });
                    locals.insert(parameter, Local { slot, assigned });
                    continue;
                }
                Given::Argument(python) if self.refuse_once(python, None) => (python, None),
                Given::Argument(python) => (python, self.value(python, steps)),
                Given::Default(python) => {
                    (python, self.file.value(python, self.refusals).map(Expr::Constant))
                }
                Given::Thing(_) => continue,
            };
            if !reassigned && let Some(value) = value.as_ref().and_then(Expr::constant) {
                // Requests that it makes are the same each time.
                known.insert(parameter, value.clone());
                continue;
            }
            self.add(parameter, Some(python), &mut locals);
            let target = locals.get(parameter).map(|local| local.slot);
            steps.extend(target.zip(value).map(|(target, value)| Step::Set { target, value }));
        }
        let unset = |(_, target)| Step::Set { target, value: Expr::Constant(Value::Unset) };
        steps.extend(fresh.into_iter().map(unset));
        let none = |target| Step::Set { target, value: Expr::Constant(Value::None) };
        steps.extend(result.map(none));
        let before = (
            std::mem::replace(&mut self.things, things),
            std::mem::replace(&mut self.locals, locals),
            std::mem::replace(&mut self.known, known),
            std::mem::replace(&mut self.result, result),
            std::mem::take(&mut self.replaced),
            std::mem::take(&mut self.loops),
            std::mem::take(&mut self.told),
        );
        self.calls.push(function);
        steps.extend(self.block(&function.body));
        self.calls.pop();
        (self.things, self.locals, self.known, self.result, self.replaced, self.loops, self.told) = before;
        if !self.calls.is_empty() {
            self.places.next = next;
        }
    }
}

pub(super) fn is_super(python: &Python) -> bool {
    matches!(python, Python::Call(call) if matches!(&*call.func, Python::Name(name) if name.id == "super"))
}

/// Whether a step may return from the call around it.
fn returns(step: &Step) -> bool {
    let any = |steps: &[Step]| steps.iter().any(returns);
    match step {
        Step::Return => true,
        Step::Request(request) => any(request.handler.as_deref().unwrap_or_default()),
        Step::For { body, .. }
        | Step::Repeat { body, .. }
        | Step::While { body, .. }
        | Step::Group { body, .. } => any(body),
        Step::Choose(bodies) => bodies.iter().any(|(_, body)| any(body)),
        Step::If { branches, otherwise } => branches.iter().any(|(_, body)| any(body)) || any(otherwise),
        Step::Try(attempt) => {
            any(&attempt.body)
                || any(&attempt.otherwise)
                || any(&attempt.always)
                || attempt.handlers.iter().any(|handler| any(&handler.steps))
        }
        Step::Call(_)
        | Step::Set { .. }
        | Step::SetAll(_)
        | Step::Sleep(_)
        | Step::Pause(_)
        | Step::Client(_)
        | Step::Break
        | Step::Continue
        | Step::Raise(_)
        | Step::Stop(_)
        | Step::Success
        | Step::Failure(_) => false,
    }
}
