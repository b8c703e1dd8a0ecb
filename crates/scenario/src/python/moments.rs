//! When things happen at the top level of a file: a class and the defaults of a function take the values that names
//! have at that moment, and names within a class are first those of the class.

use super::file::File;
use super::refuse::Refusals;
use crate::expr::Value;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};
use std::collections::HashMap;

impl<'f> File<'f> {
    /// Notes that a variable of the file is given a value, or changed, by the statement that is done now.
    pub(super) fn note_moment(&mut self, name: &'f str) {
        self.moments.insert(name, self.moment);
    }

    /// Gives names in class bodies what they stand for there; refuses those that stood for something else at that time.
    pub(super) fn settle(&mut self, body: &'f [Stmt], refusals: &mut Refusals) {
        for (moment, statement) in body.iter().enumerate() {
            match statement {
                Stmt::ClassDef(class) => self.settle_class(class, moment, refusals),
                Stmt::FunctionDef(function) => {
                    self.settle_function(function, moment, &HashMap::new(), refusals);
                }
                _ => {}
            }
        }
    }

    fn settle_class(&mut self, class: &'f ast::StmtClassDef, moment: usize, refusals: &mut Refusals) {
        // `None` for what has no value here, as methods.
        let mut own: HashMap<&'f str, Option<Value>> = HashMap::new();
        for statement in &class.body {
            match statement {
                Stmt::Assign(assign) => {
                    self.settle_value(&assign.value, moment, &own, refusals);
                    for target in &assign.targets {
                        if let Expr::Name(name) = target {
                            own.insert(name.id.as_str(), self.quiet_value(&assign.value));
                        }
                    }
                }
                Stmt::AnnAssign(ast::StmtAnnAssign { target, value: Some(value), .. }) => {
                    self.settle_value(value, moment, &own, refusals);
                    if let Expr::Name(name) = &**target {
                        own.insert(name.id.as_str(), self.quiet_value(value));
                    }
                }
                Stmt::FunctionDef(function) => {
                    self.settle_function(function, moment, &own, refusals);
                    own.insert(function.name.as_str(), None);
                }
                Stmt::ClassDef(class) => {
                    self.settle_class(class, moment, refusals);
                    own.insert(class.name.as_str(), None);
                }
                _ => {}
            }
        }
    }

    fn settle_function(
        &mut self,
        function: &'f ast::StmtFunctionDef,
        moment: usize,
        own: &HashMap<&'f str, Option<Value>>,
        refusals: &mut Refusals,
    ) {
        for decorator in &function.decorator_list {
            self.settle_value(&decorator.expression, moment, own, refusals);
        }
        for default in function.parameters.iter().filter_map(ast::AnyParameterRef::default) {
            self.settle_value(default, moment, own, refusals);
        }
    }

    fn settle_value(
        &mut self,
        value: &'f Expr,
        moment: usize,
        own: &HashMap<&'f str, Option<Value>>,
        refusals: &mut Refusals,
    ) {
        let mut names = Names { found: Vec::new(), within: false };
        names.visit_expr(value);
        for (name, range, within) in names.found {
            match own.get(name).filter(|_| !within) {
                Some(Some(value)) => _ = self.environment.insert(range, value.clone()),
                Some(None) if self.constants.contains_key(name) => refusals.untranslated(
                    range,
                    format!("`{name}` stands for something of the class and for something of the file"),
                    "give each a name of its own",
                ),
                Some(None) => {}
                None if self.moments.get(name).is_some_and(|last| *last > moment) => refusals.untranslated(
                    range,
                    format!("`{name}` is given another value after this is read"),
                    "give it its last value before, or another name",
                ),
                None => {}
            }
        }
    }
}

/// Finds the names that are read when an expression is evaluated, and whether that is within a comprehension, which
/// sees no names of a class.
struct Names<'f> {
    found: Vec<(&'f str, TextRange, bool)>,
    within: bool,
}

impl<'f> Names<'f> {
    fn comprehension(&mut self, expression: &'f Expr, generators: &'f [ast::Comprehension]) {
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        let before = std::mem::replace(&mut self.within, true);
        let first = generators.first().map(|first| first.iter.range());
        let from = self.found.len();
        walk_expr(self, expression);
        // It was seen already.
        let mut place = 0;
        self.found.retain(|(_, range, _)| {
            place += 1;
            place <= from || !first.is_some_and(|first| first.contains_range(*range))
        });
        self.within = before;
    }
}

impl<'f> Visitor<'f> for Names<'f> {
    fn visit_expr(&mut self, expression: &'f Expr) {
        match expression {
            Expr::Name(name) if name.ctx == ast::ExprContext::Load => {
                self.found.push((name.id.as_str(), name.range, self.within));
            }
            Expr::Lambda(_) => {}
            Expr::ListComp(made) => self.comprehension(expression, &made.generators),
            Expr::SetComp(made) => self.comprehension(expression, &made.generators),
            Expr::DictComp(made) => self.comprehension(expression, &made.generators),
            Expr::Generator(made) => self.comprehension(expression, &made.generators),
            _ => walk_expr(self, expression),
        }
    }
}
