//! The cookies of a client: `self.client.cookies`.

use super::body::Body;
use crate::expr::Expr;
use crate::model::{ClientStep, Slot, Step};
use ruff_python_ast::{self as ast, Expr as Python};
use ruff_text_size::{Ranged, TextRange};

impl<'f> Body<'_, 'f> {
    /// Whether this is `self.client.cookies`.
    fn is_cookies(&self, python: &Python) -> bool {
        matches!(python, Python::Attribute(attribute)
            if attribute.attr.as_str() == "cookies" && self.is_client(&attribute.value))
    }

    /// The part of an expression in whose place a dict of the cookies can stand, if it reads them in a way in which
    /// that is the same.
    pub(super) fn cookies_read(&self, python: &Python) -> Option<TextRange> {
        let known = |python: &Python| self.is_cookies(python).then(|| python.range());
        match python {
            Python::Call(call) => match (&*call.func, &*call.arguments.args) {
                (Python::Attribute(method), given) => match (method.attr.as_str(), given) {
                    ("get" | "items" | "keys" | "values", _) => known(&method.value),
                    ("get_dict", []) => known(&method.value).map(|_| call.range()),
                    ("dict_from_cookiejar", [cookies]) => known(cookies).map(|_| call.range()),
                    _ => None,
                },
                (Python::Name(name), [cookies]) => match name.id.as_str() {
                    "dict" | "len" => known(cookies),
                    "dict_from_cookiejar" => known(cookies).map(|_| call.range()),
                    _ => None,
                },
                _ => None,
            },
            Python::Subscript(item) if item.ctx == ast::ExprContext::Load => known(&item.value),
            Python::Compare(compare) => match (&*compare.ops, &*compare.comparators) {
                ([ast::CmpOp::In | ast::CmpOp::NotIn], [cookies]) => known(cookies),
                _ => None,
            },
            _ => None,
        }
    }

    /// Notes that a dict of the cookies stands at `range`.
    pub(super) fn read_cookies(&mut self, range: TextRange, steps: &mut Vec<Step>) {
        let target = self.places.fresh();
        steps.push(Step::Client(ClientStep::Cookies(target)));
        self.replaced.push((range, target, "cookies"));
    }

    /// `self.client.cookies.set("name", "value")` and its like. Whether it was one.
    pub(super) fn is_cookies_change(&mut self, call: &'f ast::ExprCall, steps: &mut Vec<Step>) -> bool {
        let Python::Attribute(method) = &*call.func else { return false };
        if !self.is_cookies(&method.value) || self.cookies_read(&Python::Call(call.clone())).is_some() {
            return false;
        }
        match (method.attr.as_str(), &*call.arguments.args, &*call.arguments.keywords) {
            ("clear", [], []) => steps.push(Step::Client(ClientStep::ForgetCookies)),
            ("update", [cookies], []) => {
                let cookies = self.value(cookies, steps);
                steps.extend(cookies.map(|cookies| Step::Client(ClientStep::SetCookies(cookies))));
            }
            ("set", [name, value], []) => self.set_cookie(name, value, steps),
            _ => {
                let message = "this use of the client's cookies is not translated";
                let remedy = "use get, set, update, clear or get_dict, without a domain or path";
                self.refusals.untranslated(call.range(), message, remedy);
            }
        }
        true
    }

    /// `self.client.cookies[name] = value`. Whether it was one.
    pub(super) fn is_cookie(
        &mut self,
        item: &'f ast::ExprSubscript,
        value: &'f Python,
        steps: &mut Vec<Step>,
    ) -> bool {
        let is = self.is_cookies(&item.value);
        if is {
            self.set_cookie(&item.slice, value, steps);
        }
        is
    }

    fn set_cookie(&mut self, name: &'f Python, value: &'f Python, steps: &mut Vec<Step>) {
        let target: Slot = self.places.fresh();
        let name = self.value(name, steps);
        steps.extend(name.map(|value| Step::Set { target, value }));
        let name = self.held(target);
        let value = self.value(value, steps);
        let cookie = value.map(|value| Expr::dict(vec![(name, value)]));
        steps.extend(cookie.map(|cookie| Step::Client(ClientStep::SetCookies(cookie))));
    }
}
