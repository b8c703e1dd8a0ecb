//! Changes of lists and dicts: `items.append(item)`, `row["key"] = value`. The variable is given the new value, which
//! is the same as in Python where nothing else stands for it ([`super::aliases`]).

use super::aliases::{CHANGING, Root, Shared};
use super::body::Body;
use crate::expr::library::change::{
    ADDED, ADDED_TO_SHARED, APPENDED, CLEARED, EXTENDED, INSERTED, POPPED, REMOVED, UNPOPPED, UPDATED,
    WITH_ITEM, WITHOUT_ITEM,
};
use crate::expr::library::function;
use crate::expr::operators::Binary;
use crate::expr::tree::Node;
use crate::expr::{Expr, Value};
use crate::model::{Slot, Step};
use ruff_python_ast::{self as ast, Expr as Python};
use ruff_text_size::Ranged;

impl<'f> Body<'_, 'f> {
    /// A call that changes a variable, or an attribute: the object and the method.
    pub(super) fn change_of(&self, call: &'f ast::ExprCall) -> Option<(&'f Python, &'f str)> {
        let Python::Attribute(method) = &*call.func else { return None };
        let (object, name) = (&*method.value, method.attr.as_str());
        (CHANGING.contains(&name) && self.is_variable(object)).then_some((object, name))
    }

    fn is_variable(&self, python: &Python) -> bool {
        match python {
            Python::Name(name) => {
                let name = name.id.as_str();
                let shadowed = self.known.contains_key(name) || self.things.contains_key(name);
                self.locals.contains_key(name) || (!shadowed && self.file.kept(name).is_some())
            }
            Python::Attribute(attribute) => {
                self.owner(&attribute.value).is_some() && self.thing(python).is_none()
            }
            _ => false,
        }
    }

    /// Adds what such a call does; what it gives goes to `result`. `None` if there were problems.
    pub(super) fn change(
        &mut self,
        call: &'f ast::ExprCall,
        (object, name): (&'f Python, &'f str),
        result: Option<Slot>,
        steps: &mut Vec<Step>,
    ) -> Option<()> {
        let target = self.changeable(object)?;
        let mut arguments = Vec::new();
        for argument in &call.arguments.args {
            let slot = self.places.fresh();
            if !matches!(name, "extend" | "update") && self.refuse_once(argument, None) {
                return None;
            }
            let value = self.value(argument, steps)?;
            arguments.push(if value.constant().is_some() {
                value
            } else {
                steps.push(Step::Set { target: slot, value });
                self.held(slot)
            });
        }
        let keywords = &*call.arguments.keywords;
        let before = self.lower(object)?;
        let plain = keywords.is_empty();
        let made = match (name, arguments.as_slice()) {
            ("append", [_]) if plain => &APPENDED,
            ("insert", [_, _]) if plain => &INSERTED,
            ("extend", [_]) if plain => &EXTENDED,
            ("remove", [_]) if plain => &REMOVED,
            ("clear", []) if plain => &CLEARED,
            ("update", [_]) if plain => &UPDATED,
            ("pop", [] | [_] | [_, _]) if plain => {
                let given = || std::iter::once(before.clone()).chain(arguments.iter().cloned());
                let popped = Node::Call(&POPPED, given().collect());
                let slot = result.unwrap_or_else(|| self.places.fresh());
                let left = Node::Call(&UNPOPPED, given().take(2).collect());
                let (popped, left) = (Expr::Node(Box::new(popped)), Expr::Node(Box::new(left)));
                steps.push(Step::SetAll(vec![(slot, popped), (target, left)]));
                return Some(());
            }
            ("reverse", []) if plain => function("reversed")?,
            ("sort", []) if keywords.iter().all(|keyword| keyword.arg.as_deref() == Some("reverse")) => {
                for keyword in keywords {
                    arguments.push(self.value(&keyword.value, steps)?);
                }
                function("sorted")?
            }
            _ => {
                let message = format!("these arguments of `.{name}()` are not translated");
                self.refusals.untranslated(
                    call.range(),
                    message,
                    "make a new list, as by `sorted(items, key=...)`",
                );
                return None;
            }
        };
        let arguments = std::iter::once(before).chain(arguments).collect();
        steps.push(Step::Set { target, value: Expr::Node(Box::new(Node::Call(made, arguments))) });
        steps.extend(result.map(|target| Step::Set { target, value: Expr::Constant(Value::None) }));
        Some(())
    }

    /// `container[key] = value`. `None` if there were problems.
    pub(super) fn set_item(
        &mut self,
        item: &'f ast::ExprSubscript,
        value: Expr,
        steps: &mut Vec<Step>,
    ) -> Option<()> {
        let target = self.changeable(&item.value)?;
        // As in Python, the value first, and then the key.
        let value = if value.constant().is_some() {
            value
        } else {
            let slot = self.places.fresh();
            steps.push(Step::Set { target: slot, value });
            self.held(slot)
        };
        let key = self.key(item, steps)?;
        let container = self.lower(&item.value)?;
        let changed = Node::Call(&WITH_ITEM, vec![container, key, value]);
        steps.push(Step::Set { target, value: Expr::Node(Box::new(changed)) });
        Some(())
    }

    fn key(&mut self, item: &'f ast::ExprSubscript, steps: &mut Vec<Step>) -> Option<Expr> {
        if item.slice.is_slice_expr() {
            let message = "changing a slice of a list is not translated";
            let remedy = "make a new list, as in `items = items[:2] + [item] + items[3:]`";
            self.refusals.untranslated(item.slice.range(), message, remedy);
            return None;
        }
        self.value(&item.slice, steps)
    }

    /// `container[key] = value`, where nothing is done by the key or the value.
    pub(super) fn change_item(
        &mut self,
        item: &'f ast::ExprSubscript,
        value: Expr,
        steps: &mut Vec<Step>,
    ) -> Option<()> {
        let target = self.changeable(&item.value)?;
        let key = self.key(item, steps)?;
        let container = self.lower(&item.value)?;
        let changed = Node::Call(&WITH_ITEM, vec![container, key, value]);
        steps.push(Step::Set { target, value: Expr::Node(Box::new(changed)) });
        Some(())
    }

    /// `del container[key]`, `del name`
    pub(super) fn delete(&mut self, delete: &'f ast::StmtDelete, steps: &mut Vec<Step>) {
        for target in &delete.targets {
            match target {
                Python::Subscript(item) => {
                    let Some(target) = self.changeable(&item.value) else { continue };
                    let key = self.key(item, steps);
                    let container = self.lower(&item.value);
                    steps.extend(container.zip(key).map(|(container, key)| Step::Set {
                        target,
                        value: Expr::Node(Box::new(Node::Call(&WITHOUT_ITEM, vec![container, key]))),
                    }));
                }
                target => {
                    // It must have a value; after that the one of the class is seen again.
                    self.drop_value(target, steps);
                    let value = match target {
                        Python::Attribute(attribute) => self
                            .owner(&attribute.value)
                            .and_then(|owner| self.class.constant(owner, &attribute.attr).cloned()),
                        _ => None,
                    };
                    let value = Expr::Constant(value.unwrap_or_default());
                    steps.extend(self.target(target).map(|target| Step::Set { target, value }));
                }
            }
        }
    }

    /// `random.shuffle(items)`
    pub(super) fn shuffle(&mut self, items: &'f Python, steps: &mut Vec<Step>) {
        let Some(target) = self.changeable(items) else { return };
        let Some(before) = self.lower(items) else { return };
        let (Some(len), Some(sample)) = (function("len"), function("random.sample")) else { return };
        let count = Expr::Node(Box::new(Node::Call(len, vec![before.clone()])));
        let value = Expr::Node(Box::new(Node::Call(sample, vec![before, count])));
        steps.push(Step::Set { target, value });
    }

    /// `before operator= value`, which changes a list or dict in place; `target` is what is given the value.
    pub(super) fn augmented(
        &self,
        assign: &'f ast::StmtAugAssign,
        operator: Binary,
        before: Expr,
        value: Expr,
    ) -> Expr {
        let place = match operator {
            Binary::Add => 0,
            Binary::Multiply => 1,
            Binary::Or => 2,
            _ => return Expr::binary(operator, before, value),
        };
        // A list takes no number for `+=`.
        let plain = |value: &Value| !matches!(value, Value::List(_) | Value::Dict(_) | Value::Str(_));
        if value.constant().is_some_and(plain) && operator != Binary::Multiply {
            return Expr::binary(operator, before, value);
        }
        let root = self.root(&assign.target);
        let at = assign.target.range().start();
        let alone = root.is_some_and(|root| self.file.aliases.reason(&root, at).is_none());
        let functions = if alone { &ADDED } else { &ADDED_TO_SHARED };
        Expr::Node(Box::new(Node::Call(&functions[place], vec![before, value])))
    }

    /// The variable that is changed in place.
    fn root(&self, python: &'f Python) -> Option<Root<'f>> {
        match python {
            Python::Name(name) if !self.locals.contains_key(name.id.as_str()) && self.is_variable(python) => {
                self.file.shared_root(name.id.as_str())
            }
            Python::Name(name) if self.locals.contains_key(name.id.as_str()) => {
                let function = self.calls.last().map(|function| function.name.range);
                function.map(|function| Root::Local(function, name.id.as_str()))
            }
            Python::Attribute(attribute) if self.is_variable(python) => {
                Some(Root::Attribute(attribute.attr.as_str()))
            }
            _ => None,
        }
    }

    /// Where a variable is kept that may be changed in place.
    pub(super) fn changeable(&mut self, python: &'f Python) -> Option<Slot> {
        let Some(root) = self.root(python) else {
            let message = "changing a list or dict within another, or of the file, is not translated";
            self.refusals.untranslated(
                python.range(),
                message,
                "keep it in a variable of its own, and give the whole a new value",
            );
            return None;
        };
        let (message, remedy) = match self.file.aliases.reason(&root, python.range().start()) {
            None => return self.target(python),
            Some(Shared::Given) => (
                "changing a list or dict that may have another name is not translated",
                "copy it first, as in `mine = list(items)` or `mine = dict(row)`",
            ),
            Some(Shared::Escapes) => (
                "changing a list or dict that is given to something else is not translated",
                "give away a copy, as in `list(items)` or `dict(row)`",
            ),
            Some(Shared::Class) => (
                "all users of the class share this list or dict: changing it is not translated",
                "give each user its own in on_start, under a name that the class does not have",
            ),
            Some(Shared::Looping) => (
                "changing a list or dict while a loop goes through it is not translated",
                "go through a copy, as in `for item in list(items)`",
            ),
        };
        self.refusals.untranslated(python.range(), message, remedy);
        None
    }
}
