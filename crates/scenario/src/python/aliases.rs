//! Which variables may be changed in place.
//!
//! In Python two names can stand for one list, and a change through one is seen through the other. Here each variable
//! has a value of its own. So a change is translated only where nobody can tell the two apart: where all that the
//! variable was ever given is new, and it is given to nothing else.

use super::file::File;
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::TextRange;
use std::collections::HashMap;

/// A variable: an attribute of whatever object, or a name within a function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Root<'f> {
    Attribute(&'f str),
    /// The function is known by where its name stands.
    Local(TextRange, &'f str),
}

/// Why a variable is not changed in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shared {
    /// It may be given something that has another name.
    Given,
    /// It is given to something else.
    Escapes,
    /// All users of the class share it.
    Class,
    /// It is changed while a loop goes through it.
    Looping,
}

/// Methods that change their object.
pub(super) const CHANGING: &[&str] =
    &["append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort", "update"];

/// Methods that give what is new, whatever it is made of.
const NEW: &[&str] = &["copy", "items", "json", "keys", "split", "splitlines", "values"];

/// Functions that do, by full name.
const NEW_FUNCTIONS: &[&str] =
    &["copy.deepcopy", "dict", "json.loads", "list", "range", "random.sample", "re.findall", "set", "sorted"];

/// Functions and methods that may give one of their arguments, or a part of it.
const PASSING: &[&str] = &["choice", "copy", "get", "getattr", "max", "min", "next", "setdefault"];

/// All variables that are not changed in place.
pub(super) fn shared<'f>(file: &File<'f>, body: &'f [Stmt]) -> HashMap<Root<'f>, Shared> {
    let mut walk = Walk { file, function: None, looping: Vec::new(), shared: HashMap::new() };
    walk.block(body);
    walk.shared
}

struct Walk<'a, 'f> {
    file: &'a File<'f>,
    function: Option<TextRange>,
    /// What the loops around go through.
    looping: Vec<Root<'f>>,
    shared: HashMap<Root<'f>, Shared>,
}

/// Whether the value of an expression is kept under another name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    Yes,
    No,
}

impl<'f> Walk<'_, 'f> {
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
        if let Some(root) = self.root(python) {
            self.shared.entry(root).or_insert(why);
        }
    }

    fn block(&mut self, body: &'f [Stmt]) {
        body.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &'f Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                let before = self.function.replace(function.name.range);
                for parameter in function.parameters.iter() {
                    let root = Root::Local(function.name.range, parameter.name().as_str());
                    self.shared.entry(root).or_insert(Shared::Given);
                    parameter.default().into_iter().for_each(|value| self.value(value, Kept::Yes));
                }
                self.block(&function.body);
                self.function = before;
            }
            Stmt::ClassDef(class) => {
                for statement in &class.body {
                    if let Stmt::Assign(assign) = statement {
                        for target in &assign.targets {
                            if let (Expr::Name(name), false) = (target, assign.value.is_literal_expr()) {
                                self.shared.insert(Root::Attribute(name.id.as_str()), Shared::Class);
                            }
                        }
                    } else if let Stmt::AnnAssign(assign) = statement
                        && let (Expr::Name(name), Some(value)) = (&*assign.target, &assign.value)
                        && !value.is_literal_expr()
                    {
                        self.shared.insert(Root::Attribute(name.id.as_str()), Shared::Class);
                    }
                    self.statement(statement);
                }
            }
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    let value = (assign.targets.len() == 1).then_some(&*assign.value);
                    self.target(target, value);
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
                }
                self.value(&assign.value, Kept::No);
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
                self.value(&each.iter, Kept::No);
                let root = self.root(&each.iter);
                let depth = self.looping.len();
                self.looping.extend(root);
                self.block(&each.body);
                self.looping.truncate(depth);
                self.block(&each.orelse);
            }
            Stmt::While(repeat) => {
                self.value(&repeat.test, Kept::No);
                self.block(&repeat.body);
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
            Expr::Call(call) => match &*call.func {
                Expr::Attribute(method) if NEW.contains(&method.attr.as_str()) => true,
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
                self.value(&item.value, Kept::No);
                self.value(&item.slice, Kept::No);
            }
            Expr::List(list) => list.elts.iter().for_each(|item| self.value(item, kept)),
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|item| self.value(item, kept)),
            Expr::Set(set) => set.elts.iter().for_each(|item| self.value(item, kept)),
            Expr::Dict(dict) => {
                for item in &dict.items {
                    // What `**` takes apart is copied.
                    let kept = if item.key.is_some() { kept } else { Kept::No };
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
            Expr::Starred(starred) => self.value(&starred.value, Kept::No),
            Expr::Call(call) => self.call(call, kept),
            Expr::ListComp(made) => self.comprehension(&made.generators, &[&made.elt], kept),
            Expr::SetComp(made) => self.comprehension(&made.generators, &[&made.elt], kept),
            Expr::Generator(made) => self.comprehension(&made.generators, &[&made.elt], kept),
            Expr::DictComp(made) => self.comprehension(&made.generators, &[&made.value], kept),
            Expr::Lambda(lambda) => self.value(&lambda.body, Kept::Yes),
            Expr::BinOp(binary) => {
                self.value(&binary.left, Kept::No);
                self.value(&binary.right, Kept::No);
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
            self.value(&generator.iter, Kept::No);
            generator.ifs.iter().for_each(|test| self.value(test, Kept::No));
        }
        made.iter().for_each(|value| self.value(value, kept));
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
            self.value(object, if PASSING.contains(&name) { kept } else { Kept::No });
        }
        let arguments = if of_file || (changes && !matches!(name, "extend" | "update")) {
            Kept::Yes
        } else if PASSING.contains(&name) {
            kept
        } else {
            Kept::No
        };
        let keywords = call.arguments.keywords.iter().map(|keyword| &keyword.value);
        call.arguments.args.iter().chain(keywords).for_each(|value| self.value(value, arguments));
    }
}
