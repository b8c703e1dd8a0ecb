//! What the code of a file says of its variables: what they are given, and what they are given to.

use super::{Aliases, CHANGING, HOLDING, LAZY, NEW, NEW_FUNCTIONS, PASSING, Root, Shared, VIEWS};
use crate::python::file::File;
use crate::python::kept::globals;
use crate::python::reach::Reach;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};
use std::collections::{HashMap, HashSet};

pub(super) struct Walk<'a, 'f> {
    file: &'a File<'f>,
    reach: Reach<'f>,
    function: Option<TextRange>,
    /// Names of the function's own variables.
    variables: HashSet<&'f str>,
    /// What the loops around go through.
    looping: Vec<Root<'f>>,
    /// For each loop of the function around, where it gave variables new values each time.
    loops: Vec<HashMap<&'f str, TextSize>>,
    aliases: Aliases<'f>,
}

/// Whether the value of an expression is kept under another name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    Yes,
    /// Not the value, but what it holds.
    Items,
    No,
}

impl Kept {
    /// The same of a list of which the items are kept if the list is.
    fn items(self) -> Self {
        if self == Self::No { Self::No } else { Self::Items }
    }

    /// The same of an item.
    fn item(self) -> Self {
        if self == Self::No { Self::No } else { Self::Yes }
    }
}

impl<'a, 'f> Walk<'a, 'f> {
    pub(super) fn of(file: &'a File<'f>, body: &'f [Stmt]) -> Aliases<'f> {
        let mut walk = Self {
            file,
            reach: Reach::of(body),
            function: None,
            variables: HashSet::new(),
            looping: Vec::new(),
            loops: Vec::new(),
            aliases: Aliases::default(),
        };
        walk.block(body);
        walk.aliases
    }

    fn root(&self, python: &'f Expr) -> Option<Root<'f>> {
        match python {
            Expr::Name(name) => self.function.map(|function| Root::Local(function, name.id.as_str())),
            Expr::Attribute(attribute)
                if attribute.value.is_name_expr() || attribute.value.is_attribute_expr() =>
            {
                Some(Root::Attribute(attribute.attr.as_str()))
            }
            _ => None,
        }
    }

    fn mark(&mut self, python: &'f Expr, why: Shared) {
        let Some(root) = self.root(python) else { return };
        if why == Shared::Escapes
            && let Root::Local(_, name) = &root
            && self.variables.contains(name)
        {
            let fresh = match self.loops.last() {
                None => Some(TextSize::default()),
                Some(fresh) => fresh.get(name).copied(),
            };
            let end = python.range().start();
            let own = TextRange::new(fresh.filter(|fresh| *fresh < end).unwrap_or(end), end);
            self.aliases.lent.entry(root).or_default().push(own);
            return;
        }
        self.aliases.shared.entry(root).or_insert(why);
    }

    /// The body of a loop.
    fn repeated(&mut self, body: &'f [Stmt]) {
        for statement in body {
            self.statement(statement);
            if let Stmt::Assign(assign) = statement
                && let [Expr::Name(name)] = assign.targets.as_slice()
                && let Some(fresh) = self.loops.last_mut()
            {
                fresh.insert(name.id.as_str(), assign.range.end());
            }
        }
    }

    fn block(&mut self, body: &'f [Stmt]) {
        body.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &'f Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                let before = self.function.replace(function.name.range);
                let variables = std::mem::replace(&mut self.variables, variables(&function.body));
                let loops = std::mem::take(&mut self.loops);
                for parameter in function.parameters.iter() {
                    let root = Root::Local(function.name.range, parameter.name().as_str());
                    self.aliases.shared.entry(root).or_insert(Shared::Given);
                    parameter.default().into_iter().for_each(|value| self.value(value, Kept::Yes));
                }
                self.block(&function.body);
                (self.function, self.variables, self.loops) = (before, variables, loops);
            }
            Stmt::ClassDef(class) => {
                for statement in &class.body {
                    if let Stmt::Assign(assign) = statement {
                        for target in &assign.targets {
                            if let (Expr::Name(name), false) = (target, assign.value.is_literal_expr()) {
                                self.aliases.shared.insert(Root::Attribute(name.id.as_str()), Shared::Class);
                            }
                        }
                    } else if let Stmt::AnnAssign(assign) = statement
                        && let (Expr::Name(name), Some(value)) = (&*assign.target, &assign.value)
                        && !value.is_literal_expr()
                    {
                        self.aliases.shared.insert(Root::Attribute(name.id.as_str()), Shared::Class);
                    }
                    self.statement(statement);
                }
            }
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    match (target, &*assign.value) {
                        (Expr::Tuple(targets), Expr::Tuple(values))
                            if targets.len() == values.len()
                                && !values.iter().any(Expr::is_starred_expr)
                                && !targets.iter().any(Expr::is_starred_expr) =>
                        {
                            let pairs = targets.iter().zip(values);
                            pairs.for_each(|(target, value)| self.target(target, Some(value)));
                        }
                        (target, value) => {
                            let value = (assign.targets.len() == 1).then_some(value);
                            self.target(target, value);
                        }
                    }
                }
                self.value(&assign.value, Kept::Yes);
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.target(&assign.target, Some(value));
                    self.value(value, Kept::Yes);
                }
            }
            Stmt::AugAssign(assign) => {
                if let Expr::Subscript(item) = &*assign.target {
                    self.changed(&item.value);
                    self.value(&item.slice, Kept::No);
                } else {
                    self.changed(&assign.target);
                }
                self.value(&assign.value, Kept::Items);
            }
            Stmt::Delete(delete) => {
                for target in &delete.targets {
                    if let Expr::Subscript(item) = target {
                        self.changed(&item.value);
                    }
                }
            }
            Stmt::For(each) => {
                self.target(&each.target, None);
                self.value(&each.iter, Kept::Items);
                let depth = self.looping.len();
                self.go_through(&each.iter);
                let through = self.looping[depth..].to_vec();
                for root in through {
                    let (Root::Attribute(name) | Root::Local(_, name)) = root;
                    if self.reach.changes(&each.body, name) {
                        self.aliases.shared.entry(root).or_insert(Shared::Looping);
                    }
                }
                self.loops.push(HashMap::new());
                self.repeated(&each.body);
                self.loops.pop();
                self.looping.truncate(depth);
                self.block(&each.orelse);
            }
            Stmt::While(repeat) => {
                self.loops.push(HashMap::new());
                self.value(&repeat.test, Kept::No);
                self.repeated(&repeat.body);
                self.loops.pop();
                self.block(&repeat.orelse);
            }
            Stmt::If(conditional) => {
                self.value(&conditional.test, Kept::No);
                self.block(&conditional.body);
                for clause in &conditional.elif_else_clauses {
                    clause.test.iter().for_each(|test| self.value(test, Kept::No));
                    self.block(&clause.body);
                }
            }
            Stmt::With(with) => {
                for item in &with.items {
                    self.value(&item.context_expr, Kept::No);
                    item.optional_vars.iter().for_each(|target| self.target(target, None));
                }
                self.block(&with.body);
            }
            Stmt::Try(attempt) => {
                self.block(&attempt.body);
                for ast::ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
                    self.block(&handler.body);
                }
                self.block(&attempt.orelse);
                self.block(&attempt.finalbody);
            }
            Stmt::Return(result) => {
                result.value.iter().for_each(|value| self.value(value, Kept::Yes));
            }
            Stmt::Expr(expression) => self.value(&expression.value, Kept::No),
            Stmt::Raise(raise) => raise.exc.iter().for_each(|value| self.value(value, Kept::No)),
            Stmt::Assert(assert) => self.value(&assert.test, Kept::No),
            _ => {}
        }
    }

    /// Notes the variables that a loop goes through.
    fn go_through(&mut self, python: &'f Expr) {
        self.looping.extend(self.root(python));
        let Expr::Call(call) = python else { return };
        match &*call.func {
            Expr::Name(name) if LAZY.contains(&name.id.as_str()) => {
                call.arguments.args.iter().for_each(|argument| self.go_through(argument));
            }
            Expr::Attribute(method) if VIEWS.contains(&method.attr.as_str()) => {
                self.go_through(&method.value);
            }
            _ => {}
        }
    }

    /// Something that is given a value; `None` for one that is not written there.
    fn target(&mut self, target: &'f Expr, value: Option<&'f Expr>) {
        match target {
            Expr::Name(_) | Expr::Attribute(_) if !value.is_some_and(|value| self.is_new(value)) => {
                self.mark(target, Shared::Given);
            }
            Expr::Subscript(item) => {
                self.changed(&item.value);
                self.value(&item.slice, Kept::No);
            }
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|target| self.target(target, None)),
            Expr::List(list) => list.elts.iter().for_each(|target| self.target(target, None)),
            Expr::Starred(starred) => self.target(&starred.value, None),
            _ => {}
        }
    }

    /// Something that is changed in place.
    fn changed(&mut self, python: &'f Expr) {
        if self.root(python).is_some_and(|root| self.looping.contains(&root)) {
            self.mark(python, Shared::Looping);
        }
    }

    /// Whether nothing else stands for the value.
    fn is_new(&self, value: &'f Expr) -> bool {
        match value {
            Expr::List(_)
            | Expr::Dict(_)
            | Expr::ListComp(_)
            | Expr::DictComp(_)
            | Expr::BinOp(_)
            | Expr::FString(_)
            | Expr::Compare(_) => true,
            Expr::Subscript(item) => item.slice.is_slice_expr(),
            Expr::Call(call) => match &*call.func {
                Expr::Attribute(method) if NEW.contains(&method.attr.as_str()) => {
                    !self.file.methods.contains(method.attr.as_str())
                }
                Expr::Name(name) if !self.file.imports.contains_key(name.id.as_str()) => {
                    NEW_FUNCTIONS.contains(&name.id.as_str())
                        && !self.file.functions.contains_key(name.id.as_str())
                }
                function => {
                    self.file.path(function).is_some_and(|path| NEW_FUNCTIONS.contains(&path.as_str()))
                }
            },
            other => other.is_literal_expr(),
        }
    }

    /// Notes what a value that is read, and maybe kept, says of variables.
    fn value(&mut self, python: &'f Expr, kept: Kept) {
        match python {
            Expr::Name(_) | Expr::Attribute(_) => {
                if kept == Kept::Yes {
                    self.mark(python, Shared::Escapes);
                }
                if let Expr::Attribute(attribute) = python {
                    self.value(&attribute.value, Kept::No);
                }
            }
            Expr::Subscript(item) => {
                self.value(&item.value, kept.items());
                self.value(&item.slice, Kept::No);
            }
            Expr::List(list) => list.elts.iter().for_each(|item| self.value(item, kept.item())),
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|item| self.value(item, kept.item())),
            Expr::Set(set) => set.elts.iter().for_each(|item| self.value(item, kept.item())),
            Expr::Dict(dict) => {
                for item in &dict.items {
                    // What `**` takes apart is copied.
                    let kept = if item.key.is_some() { kept.item() } else { kept.items() };
                    self.value(&item.value, kept);
                }
            }
            Expr::If(choice) => {
                self.value(&choice.test, Kept::No);
                self.value(&choice.body, kept);
                self.value(&choice.orelse, kept);
            }
            Expr::BoolOp(boolean) => boolean.values.iter().for_each(|value| self.value(value, kept)),
            Expr::Named(named) => {
                self.target(&named.target, Some(&named.value));
                self.value(&named.value, Kept::Yes);
            }
            Expr::Starred(starred) => self.value(&starred.value, Kept::Items),
            Expr::Call(call) => self.call(call, kept),
            Expr::ListComp(made) => self.comprehension(&made.generators, &[&made.elt], kept),
            Expr::SetComp(made) => self.comprehension(&made.generators, &[&made.elt], kept),
            Expr::Generator(made) => self.comprehension(&made.generators, &[&made.elt], kept),
            Expr::DictComp(made) => self.comprehension(&made.generators, &[&made.value], kept),
            Expr::Lambda(lambda) => self.value(&lambda.body, Kept::Yes),
            Expr::BinOp(binary) => {
                self.value(&binary.left, kept.items());
                self.value(&binary.right, kept.items());
            }
            Expr::UnaryOp(unary) => self.value(&unary.operand, Kept::No),
            Expr::Compare(compare) => {
                self.value(&compare.left, Kept::No);
                compare.comparators.iter().for_each(|value| self.value(value, Kept::No));
            }
            _ => {}
        }
    }

    fn comprehension(&mut self, generators: &'f [ast::Comprehension], made: &[&'f Expr], kept: Kept) {
        for generator in generators {
            self.value(&generator.iter, kept.items());
            generator.ifs.iter().for_each(|test| self.value(test, Kept::No));
        }
        made.iter().for_each(|value| self.value(value, kept.item()));
    }

    fn call(&mut self, call: &'f ast::ExprCall, kept: Kept) {
        let (name, object) = match &*call.func {
            Expr::Name(name) => (name.id.as_str(), None),
            Expr::Attribute(method) => (method.attr.as_str(), Some(&*method.value)),
            other => {
                self.value(other, Kept::No);
                ("", None)
            }
        };
        let of_file = match object {
            None => self.file.functions.contains_key(name),
            Some(_) => self.file.methods.contains(name),
        };
        let changes = object.is_some() && CHANGING.contains(&name);
        if let Some(object) = object {
            if changes || name == "shuffle" {
                self.changed(object);
            }
            let is_view = VIEWS.contains(&name);
            self.value(object, if is_view { kept } else { kept.items() });
        }
        let arguments = if of_file || (changes && !matches!(name, "extend" | "update")) {
            Kept::Yes
        } else if changes {
            Kept::Items
        } else if HOLDING.contains(&name) {
            kept.items()
        } else if PASSING.contains(&name) || LAZY.contains(&name) {
            kept
        } else {
            Kept::No
        };
        // One of its items, or the next.
        let takes_item = PASSING.contains(&name) && (name == "next" || call.arguments.args.len() == 1);
        for (place, value) in call.arguments.args.iter().enumerate() {
            let of_items = takes_item && place == 0 && object_is_module(object);
            self.value(value, if of_items { arguments.items() } else { arguments });
        }
        // `dict(a=b)` holds what it is given by name.
        let arguments = if matches!(name, "dict" | "update") { arguments.item() } else { arguments };
        call.arguments.keywords.iter().for_each(|keyword| self.value(&keyword.value, arguments));
    }
}

/// Whether a function is called, and no method: `max(items)`, `random.choice(items)`.
fn object_is_module(object: Option<&Expr>) -> bool {
    object.is_none_or(
        |object| matches!(object, Expr::Name(name) if matches!(name.id.as_str(), "copy" | "random")),
    )
}

/// Names that a function gives values to.
fn variables(body: &[Stmt]) -> HashSet<&str> {
    let mut variables = stored(body);
    let globals = globals(body);
    variables.retain(|name| !globals.contains(name));
    variables
}

/// Names that statements give values to.
pub(in crate::python) fn stored(body: &[Stmt]) -> HashSet<&str> {
    let mut stored = Stored(HashSet::new());
    body.iter().for_each(|statement| stored.visit_stmt(statement));
    stored.0
}

struct Stored<'f>(HashSet<&'f str>);

impl<'f> Visitor<'f> for Stored<'f> {
    fn visit_expr(&mut self, expression: &'f Expr) {
        if let Expr::Name(name) = expression
            && name.ctx == ast::ExprContext::Store
        {
            self.0.insert(name.id.as_str());
        }
        walk_expr(self, expression);
    }
}
