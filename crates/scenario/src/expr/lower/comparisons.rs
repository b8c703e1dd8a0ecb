//! Comparisons; and operators between sets, where one of the two is seen to be one: here sets are lists, which have
//! other operators.

use super::{Lower, Refusal};
use crate::expr::Expr;
use crate::expr::call::Function;
use crate::expr::compare::Comparison;
use crate::expr::library::sets::{DIFFERENCE, INTERSECTION, ONLY_ONE, SAME, UNION, WITHIN};
use crate::expr::methods::HEADER_IN;
use crate::expr::operators::{Binary, Unary};
use crate::expr::tree::Node;
use ruff_python_ast::{self as ast, Expr as Python};
use ruff_text_size::Ranged;

impl Lower<'_> {
    pub(super) fn compare(&mut self, compare: &ast::ExprCompare) -> Option<Node> {
        if let ([ast::CmpOp::In | ast::CmpOp::NotIn], [Python::Attribute(headers)]) =
            (&*compare.ops, &*compare.comparators)
            && headers.attr.as_str() == "headers"
        {
            let (name, response) = (self.expr(&compare.left), self.expr(&headers.value));
            let found = Node::Method(response?, &HEADER_IN, vec![name?]);
            return Some(match compare.ops[0] {
                ast::CmpOp::NotIn => Node::Unary(Unary::Not, Expr::Node(Box::new(found))),
                _ => found,
            });
        }
        if let [operator] = &*compare.ops
            && let [right] = &*compare.comparators
            && let Some(function) = self.of_sets(&compare.left, right, set_comparison(*operator))
        {
            let (left, right) = (self.expr(&compare.left), self.expr(right));
            let found = Node::Call(function, vec![left?, right?]);
            return Some(match operator {
                ast::CmpOp::NotEq => Node::Unary(Unary::Not, Expr::Node(Box::new(found))),
                _ => found,
            });
        }
        if let [right] = &*compare.comparators
            && matches!(&*compare.ops, [ast::CmpOp::Eq | ast::CmpOp::NotEq])
            && (is_set(&compare.left) && is_list(right) || is_list(&compare.left) && is_set(right))
        {
            let refusal =
                Refusal::new("a set never equals a list", "write both as sets, or both by `sorted(...)`");
            return self.refuse(compare.range, refusal);
        }
        let first = self.expr(&compare.left);
        let mut rest = Vec::with_capacity(compare.ops.len());
        let mut whole = true;
        for (operator, right) in compare.ops.iter().zip(&compare.comparators) {
            let operator = match operator {
                ast::CmpOp::Eq => Comparison::Equal,
                ast::CmpOp::NotEq => Comparison::NotEqual,
                ast::CmpOp::Lt => Comparison::Less,
                ast::CmpOp::LtE => Comparison::LessEqual,
                ast::CmpOp::Gt => Comparison::Greater,
                ast::CmpOp::GtE => Comparison::GreaterEqual,
                ast::CmpOp::In => Comparison::In,
                ast::CmpOp::NotIn => Comparison::NotIn,
                ast::CmpOp::Is => Comparison::Is,
                ast::CmpOp::IsNot => Comparison::IsNot,
            };
            if matches!(operator, Comparison::Is | Comparison::IsNot)
                && !matches!(right, Python::NoneLiteral(_) | Python::BooleanLiteral(_))
            {
                let refusal = Refusal::new(
                    "`is` is supported with None, True and False only",
                    "compare values with `==` or `!=`",
                );
                self.refuse::<Expr>(right.range(), refusal);
                whole = false;
            }
            match self.expr(right) {
                Some(right) => rest.push((operator, right)),
                None => whole = false,
            }
        }
        first.filter(|_| whole).map(|first| Node::Compare(first, rest))
    }

    /// The function for an operator between sets, if this is between sets.
    pub(super) fn of_sets(
        &self,
        left: &Python,
        right: &Python,
        function: Option<&'static Function>,
    ) -> Option<&'static Function> {
        let is_set =
            |python: &Python| is_set(python) || (!self.is_bound(python) && self.scope.is_set(python));
        function.filter(|_| (is_set(left) || is_set(right)) && !is_list(left) && !is_list(right))
    }
}

/// Whether it is written as a set, or as what Python compares as one.
pub(crate) fn is_set(python: &Python) -> bool {
    match python {
        Python::Set(_) | Python::SetComp(_) => true,
        Python::Call(call) => match &*call.func {
            Python::Name(name) => name.id == "set",
            Python::Attribute(method) => {
                matches!(method.attr.as_str(), "keys" | "items") && call.arguments.is_empty()
            }
            _ => false,
        },
        Python::BinOp(binary) => {
            set_operator_of(binary.op).is_some() && (is_set(&binary.left) || is_set(&binary.right))
        }
        _ => false,
    }
}

/// Whether it is written as a list, which is no set whatever is in it.
fn is_list(python: &Python) -> bool {
    matches!(python, Python::List(_) | Python::ListComp(_) | Python::Tuple(_))
}

fn set_operator_of(operator: ast::Operator) -> Option<&'static Function> {
    super::operator(operator).ok().and_then(set_operator)
}

pub(super) fn set_operator(operator: Binary) -> Option<&'static Function> {
    Some(match operator {
        Binary::Or => &UNION,
        Binary::And => &INTERSECTION,
        Binary::Subtract => &DIFFERENCE,
        Binary::Xor => &ONLY_ONE,
        _ => return None,
    })
}

pub(super) fn set_comparison(operator: ast::CmpOp) -> Option<&'static Function> {
    Some(match operator {
        ast::CmpOp::Eq | ast::CmpOp::NotEq => &SAME,
        ast::CmpOp::LtE => &WITHIN,
        _ => return None,
    })
}
