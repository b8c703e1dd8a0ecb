//! `with self.rest("GET", "/path") as response:`, the client for JSON of both of Locust's HTTP users (`RestMixin`, Locust
//! 2.47.0): JSON is sent and expected, and what its block raises fails the request and ends no task.

use super::body::Body;
use super::client::With;
use super::names::Owner;
use crate::expr::lower::with;
use crate::expr::{Expr, Value};
use crate::model::{Handler, Request, Slot, Step, Template, Try};
use ruff_python_ast::{self as ast, Expr as Python, Stmt};

/// What both are called.
const JSON: &str = "application/json";

impl<'f> Body<'_, 'f> {
    /// Whether this is `self.rest(...)` or `self.rest_(...)`.
    pub(super) fn is_rest(&self, call: &ast::ExprCall) -> bool {
        let Python::Attribute(method) = &*call.func else { return false };
        matches!(method.attr.as_str(), "rest" | "rest_")
            && self.owner(&method.value) == Some(Owner::User)
            && self.class.method(Owner::User, method.attr.as_str()).is_none()
    }

    /// Says in headers what is sent and expected, where the test does not.
    pub(super) fn rest_headers(headers: &mut Vec<(String, Template)>, more: Option<Expr>) -> Option<Expr> {
        // Locust looks for these two spellings only.
        for (name, lower) in [("Content-Type", "content-type"), ("Accept", "accept")] {
            if more.is_none() && !headers.iter().any(|(known, _)| known == name || known == lower) {
                headers.push((name.to_owned(), Template::Fixed(JSON.into())));
            }
        }
        let source = "{'Content-Type': 'application/json', 'Accept': 'application/json'} | dict(more or {})";
        more.and_then(|more| with(source, &[("more", more)]))
    }

    /// The block of one of these.
    pub(super) fn rest(
        &mut self,
        call: &'f ast::ExprCall,
        name: Option<&ast::ExprName>,
        rest: &'f [ast::WithItem],
        body: &'f [Stmt],
        steps: &mut Vec<Step>,
    ) {
        let named = name.and_then(|name| self.locals.get(name.id.as_str())).map(|local| local.slot);
        let response = named.unwrap_or_else(|| self.places.fresh());
        let json = self.places.fresh();
        self.reads.insert(response);
        let whole = self.effects_of_arguments(call, steps);
        let request = self.request(call, Some(response), With::Yes);
        self.replaced.clear();
        self.rests.push((response, json));
        self.answers.push(Some(response));
        self.catching += 1;
        self.trying += 1;
        let mut block = Vec::new();
        self.with_items(rest, body, &mut block);
        self.trying -= 1;
        self.catching -= 1;
        self.answers.pop();
        let Some(mut request) = request.filter(|_| whole.is_some()) else { return };
        self.without_cache(call, &mut request, steps);
        request.handler = Some(self.handler(response, json, block));
        steps.push(Step::Request(Box::new(request)));
    }

    /// Reads the JSON, does the block, and tells what went wrong with either.
    fn handler(&mut self, response: Slot, json: Slot, block: Vec<Step>) -> Vec<Step> {
        let error = self.places.fresh();
        let names = [
            ("r", Expr::Variable(response, "response".into())),
            ("e", Expr::Variable(error, "error".into())),
        ];
        let failure = |source: &str| with(source, &names).map(Step::Failure).into_iter().collect();
        let handler = |kind: Option<&str>, source: &str| Handler {
            kinds: kind.map(|kind| [kind.into()].into()),
            target: Some(error),
            steps: failure(source),
        };
        let read = Step::Try(Box::new(Try {
            body: with("r.json()", &names)
                .map(|value| Step::Set { target: json, value })
                .into_iter()
                .collect(),
            handlers: vec![handler(
                Some("JSONDecodeError"),
                "f'Could not parse response as JSON. {r.text[:250]}, response code {r.status_code}, error {e}'",
            )],
            ..Try::default()
        }));
        let text = with("r.text", &names);
        vec![
            Step::Set { target: json, value: Expr::Constant(Value::None) },
            Step::If {
                branches: text.map(|text| (text, vec![read])).into_iter().collect(),
                otherwise: Vec::new(),
            },
            Step::Try(Box::new(Try {
                body: block,
                handlers: vec![
                    handler(
                        Some("AssertionError"),
                        "f'{str(e)[:-1]}, response was {r.text[:200]}' if str(e).endswith(',') \
                         else str(e) or 'Assertion failed'",
                    ),
                    handler(None, "f'{repr(e).split(\"(\")[0]}: {e}. Response was {r.text[:200]}'"),
                ],
                ..Try::default()
            })),
        ]
    }

    /// `rest_`: the time goes into the address, so that no cache answers, and not into the name.
    fn without_cache(&mut self, call: &'f ast::ExprCall, request: &mut Request, steps: &mut Vec<Step>) {
        if !matches!(&*call.func, Python::Attribute(method) if method.attr.as_str() == "rest_") {
            return;
        }
        let target = self.places.fresh();
        steps.push(Step::Set { target, value: Expr::text(std::mem::take(&mut request.url)) });
        let names = [("url", self.held(target))];
        let started = "url + ('&' if '?' in url else '?') + ";
        let url = with(&format!("{started} '_=' + str(int(time.time() * 1000))"), &names);
        let name = with(&format!("{started} '_=...'"), &names);
        request.url = url.map(Expr::into_template).unwrap_or_default();
        request.name = request.name.take().or_else(|| name.map(Expr::into_template));
    }
}
