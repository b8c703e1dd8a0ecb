//! From Python's tree of an expression to ours: names become slots, functions and methods are found, constant
//! parts are folded, and everything outside the subset becomes a problem with a place and a remedy.

mod access;
mod calls;
mod comparisons;
mod comprehension;
mod layout;
mod patterns;
mod scope;
mod text;

pub(crate) use calls::AN_EXCEPTION;
pub(crate) use comparisons::is_set;
pub(crate) use scope::{Meaning, Refusal, Scope, Variables, with};

use super::comprehension::Make;
use super::library::{constant, function, names};
use super::nesting::too_deep;
use super::operators::{Binary, Unary};
use super::tree::Node;
use super::{Expr, Value};
use crate::limits::{DEPTH, FILE_BYTES};
use crate::problem::Problem;
use comparisons::set_operator;
use ruff_python_ast::{self as ast, Expr as Python};
use ruff_python_parser::Mode;
use ruff_text_size::{Ranged, TextLen, TextRange};
use std::ops::Range;
use std::sync::Arc;

/// See [`super::parse_expression`].
pub(crate) fn parse(source: &str, at: usize, scope: &mut dyn Scope) -> Result<Expr, Vec<Problem>> {
    let problem = |range: Range<usize>, refusal: Refusal| {
        let span = at + range.start..at + range.end;
        vec![Problem::new(span, refusal.message, refusal.remedy)]
    };
    let trimmed = source.trim();
    let start = source.len() - source.trim_start().len();
    if trimmed.is_empty() {
        let refusal = Refusal::new("an expression is missing", "write one, such as `user_id + 1`");
        return Err(problem(0..source.len(), refusal));
    }
    if source.len() > FILE_BYTES {
        return Err(problem(0..1, Refusal::new("the expression is too long", "split it")));
    }
    if let Some(end) = too_deep(trimmed, Mode::ParenthesizedExpression) {
        return Err(problem(start..start + end, deep()));
    }
    let whole = TextRange::up_to(trimmed.text_len());
    let parsed = match ruff_python_parser::parse_parenthesized_expression_range(trimmed, whole) {
        Ok(parsed) => parsed,
        Err(error) => {
            let range = error.location;
            let refusal = Refusal::new(
                format!("this is no Python expression: {}", error.error),
                "write an expression such as `user_id + 1` or `\"a\" if ok else \"b\"`",
            );
            return Err(problem(
                start + usize::from(range.start())..start + usize::from(range.end()),
                refusal,
            ));
        }
    };
    let mut lower = Lower::new(at + start, scope);
    let expr = lower.expr(parsed.expr());
    match expr {
        Some(expr) if lower.problems.is_empty() => Ok(expr),
        _ => Err(lower.problems),
    }
}

/// What is said of too much nesting.
pub(crate) fn deep() -> Refusal {
    Refusal::new("this is nested too deeply", format!("nest at most {DEPTH} levels; split it into variables"))
}

/// A walk over Python's tree.
pub(crate) struct Lower<'a> {
    /// Where the source begins in its file.
    at: usize,
    scope: &'a mut dyn Scope,
    /// Names of the variables of comprehensions around, by their places.
    bound: Vec<Arc<str>>,
    /// How many patterns were compiled.
    patterns: usize,
    depth: usize,
    /// All that was found.
    pub(crate) problems: Vec<Problem>,
}

impl<'a> Lower<'a> {
    pub(crate) fn new(at: usize, scope: &'a mut dyn Scope) -> Self {
        Self { at, scope, bound: Vec::new(), patterns: 0, depth: 0, problems: Vec::new() }
    }

    fn span(&self, range: TextRange) -> Range<usize> {
        self.at + usize::from(range.start())..self.at + usize::from(range.end())
    }

    fn refuse<T>(&mut self, range: TextRange, refusal: Refusal) -> Option<T> {
        let Refusal { message, remedy } = refusal;
        self.problems.push(Problem::new(self.span(range), message, remedy));
        None
    }

    /// Ours for Python's; `None` if there were problems.
    pub(crate) fn expr(&mut self, python: &Python) -> Option<Expr> {
        if self.depth == DEPTH {
            return self.refuse(python.range(), deep());
        }
        if self.is_told(python) {
            return None;
        }
        self.depth += 1;
        let expr = self.one(python);
        self.depth -= 1;
        expr
    }

    fn one(&mut self, python: &Python) -> Option<Expr> {
        if let Some(expr) = self.scope.replaced(python.range()) {
            return Some(expr);
        }
        let node = match python {
            Python::NoneLiteral(_) => return Some(Expr::Constant(Value::None)),
            Python::BooleanLiteral(literal) => return Some(Expr::Constant(Value::Bool(literal.value))),
            Python::StringLiteral(literal) => return Some(Expr::Constant(literal.value.to_str().into())),
            Python::NumberLiteral(literal) => return self.number(literal, false),
            Python::Name(name) => return self.name(name),
            Python::FString(text) => return self.f_string(text),
            Python::BytesLiteral(literal) => {
                let bytes: Arc<[u8]> = literal.value.bytes().collect();
                return Some(Expr::Constant(Value::Bytes(bytes)));
            }
            Python::List(list) => return self.list(&list.elts, python),
            Python::Tuple(tuple) => return self.list(&tuple.elts, python),
            Python::Set(set) => Node::Call(function("set")?, vec![self.list(&set.elts, python)?]),
            Python::ListComp(made) => {
                return self.comprehension(&made.generators, made.range, |lower| {
                    Some((Make::List, lower.expr(&made.elt)?))
                });
            }
            Python::SetComp(made) => {
                let list = self.comprehension(&made.generators, made.range, |lower| {
                    Some((Make::List, lower.expr(&made.elt)?))
                })?;
                Node::Call(function("set")?, vec![list])
            }
            Python::DictComp(made) => {
                let Some(key) = &made.key else {
                    let refusal =
                        Refusal::new("`**` in a comprehension is not supported", "write `key: value`");
                    return self.refuse(made.range, refusal);
                };
                return self.comprehension(&made.generators, made.range, |lower| {
                    let (key, value) = (lower.expr(key), lower.expr(&made.value));
                    Some((Make::Dict(key?), value?))
                });
            }
            Python::Dict(dict) => return self.dict(dict, python),
            Python::Attribute(attribute) => return self.attribute(attribute),
            Python::UnaryOp(unary) => self.unary(unary)?,
            Python::BinOp(binary) => return self.binary(binary),
            Python::BoolOp(boolean) => {
                let items = self.all(&boolean.values)?;
                if boolean.op == ast::BoolOp::And { Node::And(items) } else { Node::Or(items) }
            }
            Python::If(conditional) => {
                let test = self.expr(&conditional.test);
                let then = self.expr(&conditional.body);
                let otherwise = self.expr(&conditional.orelse);
                Node::If { test: test?, then: then?, otherwise: otherwise? }
            }
            Python::Compare(compare) => self.compare(compare)?,
            Python::Subscript(subscript) => self.subscript(subscript)?,
            Python::Call(call) => return self.call(call),
            other => return self.refuse(other.range(), outside(other)),
        };
        self.fold(node, python.range())
    }

    fn fold(&mut self, node: Node, range: TextRange) -> Option<Expr> {
        let kept = self.scope.catches().then(|| Expr::Node(Box::new(node.clone())));
        match Expr::folded(node, range.len().into()) {
            Ok(expr) => Some(expr),
            Err(_) if kept.is_some() => kept,
            Err(error) => {
                self.refuse(range, Refusal::new(format!("this always fails: {error}"), "correct the values"))
            }
        }
    }

    fn all(&mut self, items: &[Python]) -> Option<Vec<Expr>> {
        // Each item is looked at, so that each problem is told.
        let items: Vec<Option<Expr>> = items.iter().map(|item| self.expr(item)).collect();
        items.into_iter().collect()
    }

    fn number(&mut self, literal: &ast::ExprNumberLiteral, negative: bool) -> Option<Expr> {
        let value = match &literal.value {
            ast::Number::Float(number) => Some(Value::Float(if negative { -number } else { *number })),
            ast::Number::Int(number) => number
                .as_u64()
                .and_then(|magnitude| {
                    let number = i128::from(magnitude);
                    i64::try_from(if negative { -number } else { number }).ok()
                })
                .map(Value::Int),
            ast::Number::Complex { .. } => None,
        };
        let refusal =
            || Refusal::new("this number is not supported", "write a whole number of 64 bits or a float");
        match value {
            Some(value) => Some(Expr::Constant(value)),
            None => self.refuse(literal.range(), refusal()),
        }
    }

    /// A list, to which `*others` may add.
    fn list(&mut self, items: &[Python], python: &Python) -> Option<Expr> {
        if !items.iter().any(Python::is_starred_expr) {
            return self.all(items).map(Expr::list);
        }
        let mut parts = Vec::new();
        for group in items.chunk_by(|left, right| !left.is_starred_expr() && !right.is_starred_expr()) {
            parts.push(match group {
                [Python::Starred(starred)] => {
                    let items = self.expr(&starred.value)?;
                    self.fold(Node::Call(function("list")?, vec![items]), starred.range)?
                }
                items => Expr::list(self.all(items)?),
            });
        }
        self.merged(parts, Binary::Add, python)
    }

    fn name(&mut self, name: &ast::ExprName) -> Option<Expr> {
        if let Some(place) = self.bound(&name.id) {
            return Some(Expr::Bound(place, name.id.as_str().into()));
        }
        match self.scope.name(&name.id) {
            Some(Meaning::Value(expr)) => Some(expr),
            Some(Meaning::Refused(refusal)) => self.refuse(name.range, refusal),
            Some(Meaning::Global(path)) => match constant(&path) {
                Some(value) => Some(Expr::Constant(value)),
                None => self.refuse(name.range, not_a_value(&path)),
            },
            None if is_global(&name.id) => self.refuse(name.range, not_a_value(&name.id)),
            None => self.refuse(
                name.range,
                Refusal::new(
                    format!("there is no variable `{}`", name.id),
                    "give it a value before it is read, or put quotes around it if it is text",
                ),
            ),
        }
    }

    /// The full name of a module or function that `python` stands for, if it stands for one.
    fn global(&mut self, python: &Python) -> Option<String> {
        match python {
            Python::Name(name) if self.bound(&name.id).is_some() => None,
            Python::Name(name) => match self.scope.name(&name.id) {
                Some(Meaning::Global(path)) => Some(path),
                Some(_) => None,
                None => is_global(&name.id).then(|| name.id.to_string()),
            },
            Python::Attribute(attribute) => {
                let path = self.global(&attribute.value)?;
                Some(format!("{path}.{}", attribute.attr))
            }
            _ => None,
        }
    }

    fn dict(&mut self, dict: &ast::ExprDict, python: &Python) -> Option<Expr> {
        let known = self.problems.len();
        let mut parts = Vec::new();
        let mut items = Vec::with_capacity(dict.items.len());
        let mut whole = true;
        for item in &dict.items {
            let Some(key) = &item.key else {
                // `**others`: what stands before, and then the others.
                parts.push(Expr::dict(std::mem::take(&mut items)));
                parts.extend(self.expr(&item.value));
                continue;
            };
            let lowered = self.expr(key);
            if lowered.as_ref().and_then(Expr::constant).is_some_and(|key| key.as_str().is_none()) {
                let refusal = Refusal::new("a key of a dict must be text", "put quotes around the key");
                self.refuse::<Expr>(key.range(), refusal);
                whole = false;
            }
            match lowered.zip(self.expr(&item.value)) {
                Some(item) => items.push(item),
                None => whole = false,
            }
        }
        if !whole || self.problems.len() > known {
            return None;
        }
        parts.push(Expr::dict(items));
        self.merged(parts, Binary::Or, python)
    }

    fn unary(&mut self, unary: &ast::ExprUnaryOp) -> Option<Node> {
        let operator = match unary.op {
            ast::UnaryOp::Not => Unary::Not,
            ast::UnaryOp::USub => Unary::Minus,
            ast::UnaryOp::UAdd => Unary::Plus,
            ast::UnaryOp::Invert => Unary::Invert,
        };
        // The least whole number has no positive counterpart of 64 bits.
        if let (Unary::Minus, Python::NumberLiteral(literal)) = (operator, &*unary.operand) {
            return self.number(literal, true).map(|number| Node::Unary(Unary::Plus, number));
        }
        self.expr(&unary.operand).map(|operand| Node::Unary(operator, operand))
    }

    fn binary(&mut self, binary: &ast::ExprBinOp) -> Option<Expr> {
        let operator = match operator(binary.op) {
            Ok(operator) => operator,
            Err(refusal) => return self.refuse(binary.range, refusal),
        };
        let left = self.expr(&binary.left);
        if operator == Binary::Modulo
            && let Some(form) = left.as_ref().and_then(Expr::constant).and_then(Value::as_str)
        {
            return self.percent(form, binary);
        }
        let right = self.expr(&binary.right);
        if let Some(function) = self.of_sets(&binary.left, &binary.right, set_operator(operator)) {
            return self.fold(Node::Call(function, vec![left?, right?]), binary.range);
        }
        self.fold(Node::Binary(operator, left?, right?), binary.range)
    }
}

/// Ours for Python's operator.
pub(crate) fn operator(operator: ast::Operator) -> Result<Binary, Refusal> {
    Ok(match operator {
        ast::Operator::Add => Binary::Add,
        ast::Operator::Sub => Binary::Subtract,
        ast::Operator::Mult => Binary::Multiply,
        ast::Operator::Div => Binary::Divide,
        ast::Operator::FloorDiv => Binary::FloorDivide,
        ast::Operator::Mod => Binary::Modulo,
        ast::Operator::Pow => Binary::Power,
        ast::Operator::BitAnd => Binary::And,
        ast::Operator::BitOr => Binary::Or,
        ast::Operator::BitXor => Binary::Xor,
        ast::Operator::LShift => Binary::ShiftLeft,
        ast::Operator::RShift => Binary::ShiftRight,
        ast::Operator::MatMult => {
            return Err(Refusal::new("the operator `@` is not supported", "use `*`"));
        }
    })
}

/// Whether `name` begins the full name of something of the subset.
pub(crate) fn is_global(name: &str) -> bool {
    let mut known = names().chain(calls::TRANSLATED.iter().copied());
    known.any(|path| path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

fn not_a_value(path: &str) -> Refusal {
    let example = match function(path).map(|function| function.name) {
        Some(name) => Some(name),
        None => names().find(|name| name.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'))),
    };
    let example = match example {
        Some(name) if constant(name).is_some() => format!("write what you need of it, such as `{name}`"),
        Some(name) => format!("call it, as in `{name}(...)`"),
        None => "call it".to_owned(),
    };
    Refusal::new(format!("`{path}` alone is no value"), example)
}

/// What is said of constructs that no expression may hold.
fn outside(python: &Python) -> Refusal {
    let (what, remedy) = match python {
        Python::Lambda(_) => ("a lambda alone is", "write its body where it is needed"),
        Python::Generator(_) => ("a generator alone is", "write a list, as in `[item for item in items]`"),
        Python::TString(_) => ("a t-string is", "write an f-string"),
        Python::EllipsisLiteral(_) => ("`...` is", "write a value"),
        Python::Slice(_) => ("a slice of several dimensions is", "write one after the other"),
        Python::Starred(_) => ("`*` before a value is", "write the items one by one"),
        Python::Named(_) => ("`:=` in an expression is", "give the variable its value before"),
        Python::Await(_) => ("`await` is", "call the client directly"),
        Python::Yield(_) | Python::YieldFrom(_) => ("`yield` is", "collect the values in a list"),
        _ => ("this construct is", "write one of the forms in docs/expressions.md"),
    };
    Refusal::new(format!("{what} not supported in an expression"), remedy)
}
