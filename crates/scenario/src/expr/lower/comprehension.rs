//! Comprehensions, and what Python can say instead of one: `map`, `filter`, `key=`.

use super::{Lower, Refusal};
use crate::expr::Expr;
use crate::expr::comprehension::{Clause, Comprehension, Make, Target};
use crate::expr::library::{convert::TRUTH, function};
use crate::expr::methods::methods;
use crate::expr::tree::Node;
use ruff_python_ast::{self as ast, Expr as Python};
use ruff_text_size::{Ranged, TextRange};
use std::sync::Arc;

impl Lower<'_> {
    /// `[element for ... in ...]` and its relatives; `make` reads what each round makes.
    pub(super) fn comprehension(
        &mut self,
        generators: &[ast::Comprehension],
        range: TextRange,
        make: impl FnOnce(&mut Self) -> Option<(Make, Expr)>,
    ) -> Option<Expr> {
        // As in Python, what the first `for` goes through is read outside, and all else inside.
        let outermost = generators.first().map(|generator| self.expr(&generator.iter))?;
        let first = self.bound.len();
        let targets: Option<Vec<Target>> =
            generators.iter().map(|generator| self.bind(&generator.target, first)).collect();
        let variables = self.bound.len() - first;
        let mut clauses = Vec::with_capacity(generators.len());
        let mut outermost = Some(outermost);
        for (place, generator) in generators.iter().enumerate() {
            if generator.is_async {
                let refusal = Refusal::new("`async for` is not supported", "write `for`");
                self.refuse::<Expr>(generator.range, refusal);
            }
            let items = outermost.take().unwrap_or_else(|| self.expr(&generator.iter));
            let conditions = self.all(&generator.ifs);
            let target = targets.as_ref().and_then(|targets| targets.get(place)).cloned();
            if let (Some(target), Some(items), Some(conditions)) = (target, items, conditions) {
                clauses.push(Clause { target, items, conditions });
            }
        }
        let made = make(self);
        self.bound.truncate(first);
        let (make, element) = made?;
        if clauses.len() < generators.len() {
            return None;
        }
        let comprehension = Comprehension { make, element, clauses, first, variables };
        self.fold(Node::Comprehension(comprehension), range)
    }

    /// Gives the names of a target places after `first`; a name that has one there keeps it.
    fn bind(&mut self, target: &Python, first: usize) -> Option<Target> {
        match target {
            Python::Name(name) => {
                let name = name.id.as_str();
                let known = self.bound[first..].iter().position(|known| **known == *name);
                let place = known.map_or(self.bound.len(), |place| first + place);
                if known.is_none() {
                    self.bound.push(name.into());
                }
                Some(Target::One(place))
            }
            Python::Tuple(ast::ExprTuple { elts, .. }) | Python::List(ast::ExprList { elts, .. }) => {
                let targets: Vec<Option<Target>> =
                    elts.iter().map(|target| self.bind(target, first)).collect();
                targets.into_iter().collect::<Option<_>>().map(Target::Several)
            }
            _ => {
                let refusal = Refusal::new(
                    "this target of a comprehension is not supported",
                    "write names, as in `for key, value in data.items()`",
                );
                self.refuse(target.range(), refusal)
            }
        }
    }

    /// The place of a variable of a comprehension around, innermost first.
    pub(super) fn bound(&self, name: &str) -> Option<usize> {
        self.bound.iter().rposition(|known| **known == *name)
    }

    /// A list of what `make` makes of a variable that stands for each of `items`, in the rounds of which it also
    /// returns the conditions.
    fn each(
        &mut self,
        items: Option<Expr>,
        range: TextRange,
        make: impl FnOnce(&mut Self, &Expr) -> Option<(Expr, Vec<Expr>)>,
    ) -> Option<Expr> {
        let first = self.bound.len();
        // No name of Python's: nothing but this can read it.
        let name: Arc<str> = "an item".into();
        self.bound.push(name.clone());
        let made = make(self, &Expr::Bound(first, name));
        self.bound.truncate(first);
        let ((element, conditions), items) = made.zip(items)?;
        let clauses = vec![Clause { target: Target::One(first), items, conditions }];
        let comprehension = Comprehension { make: Make::List, element, clauses, first, variables: 1 };
        self.fold(Node::Comprehension(comprehension), range)
    }

    /// `map(function, items)`
    pub(super) fn map(&mut self, called: &Python, items: &Python, range: TextRange) -> Option<Expr> {
        let items = self.argument(items, true);
        self.each(items, range, |lower, item| Some((lower.applied(called, item)?, Vec::new())))
    }

    /// `filter(function, items)`
    pub(super) fn filter(&mut self, called: &Python, items: &Python, range: TextRange) -> Option<Expr> {
        let items = self.argument(items, true);
        self.each(items, range, |lower, item| Some((item.clone(), vec![lower.applied(called, item)?])))
    }

    /// Pairs of `key(item)` and the item, by which `sorted`, `min` and `max` go.
    pub(super) fn with_keys(&mut self, items: Option<Expr>, key: &Python, range: TextRange) -> Option<Expr> {
        self.each(items, range, |lower, item| {
            let key = lower.applied(key, item)?;
            Some((Expr::list(vec![key, item.clone()]), Vec::new()))
        })
    }

    /// What `called`, a lambda or the name of a function or of a method of text, makes of `item`.
    fn applied(&mut self, called: &Python, item: &Expr) -> Option<Expr> {
        let refusal = || {
            Refusal::new(
                "this function is not supported here",
                "write a lambda of one value, as in `lambda item: item[\"price\"]`",
            )
        };
        if called.is_none_literal_expr() {
            return self.fold(Node::Call(&TRUTH, vec![item.clone()]), called.range());
        }
        if let Python::Lambda(lambda) = called {
            let parameters = lambda.parameters.as_deref();
            let only = parameters.and_then(|parameters| parameters.args.first());
            let (Some(only), Some(1), Expr::Bound(place, _)) =
                (only, parameters.map(ast::Parameters::len), item)
            else {
                return self.refuse(called.range(), refusal());
            };
            let before = std::mem::replace(&mut self.bound[*place], only.parameter.name.as_str().into());
            let body = self.expr(&lambda.body);
            self.bound[*place] = before;
            return body;
        }
        let path = self.global(called).unwrap_or_default();
        let method = path.strip_prefix("str.").and_then(|name| methods().find(|method| method.name == name));
        let node = match (function(&path), method) {
            (Some(function), _) if function.required <= 1 && !function.parameters.is_empty() => {
                let rest = function.parameters.first().is_some_and(|first| first.starts_with('*'));
                if rest {
                    return self.refuse(called.range(), refusal());
                }
                Node::Call(function, vec![item.clone()])
            }
            (None, Some(method)) if method.required == 0 => Node::Method(item.clone(), method, Vec::new()),
            _ => return self.refuse(called.range(), refusal()),
        };
        self.fold(node, called.range())
    }
}
