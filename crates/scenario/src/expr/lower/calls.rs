//! Calls of functions and methods.

use super::{Lower, Meaning, Refusal};
use crate::expr::Expr;
use crate::expr::call::Parameters;
use crate::expr::comprehension::Make;
use crate::expr::exception::EXCEPTION;
use crate::expr::library::{self, function, iterables};
use crate::expr::methods::{self, HEADER_GET, methods};
use crate::expr::operators::Binary;
use crate::expr::tree::Node;
use crate::expr::value::Value;
use ruff_python_ast::{self as ast, Expr as Python};
use ruff_text_size::Ranged;

/// Functions that take a generator for a list; methods: `join`.
const CONSUMERS: &[&str] =
    &["all", "any", "dict", "enumerate", "list", "max", "min", "set", "sorted", "sum", "tuple", "zip"];

/// Functions that are no functions here, but are translated to comprehensions.
pub(super) const TRANSLATED: &[&str] = &["filter", "map", "next"];

/// Begins what the name of an exception stands for ([`Meaning::Global`]).
pub(crate) const AN_EXCEPTION: &str = "exception ";

/// Types that `isinstance` knows.
const TYPES: &[&str] = &["bool", "bytes", "dict", "float", "int", "list", "str", "tuple"];

impl Lower<'_> {
    pub(super) fn call(&mut self, call: &ast::ExprCall) -> Option<Expr> {
        if let Some(path) = self.global(&call.func) {
            return self.function_call(call, &path);
        }
        let Python::Attribute(attribute) = &*call.func else {
            let refusal = match &*call.func {
                Python::Name(name) => match self.scope.name(&name.id) {
                    Some(Meaning::Refused(refusal)) => refusal,
                    _ => unknown_function(&name.id),
                },
                _ => Refusal::new("this cannot be called here", "call a function or method by its name"),
            };
            return self.refuse(call.func.range(), refusal);
        };
        if let Some((call, path)) = self.of_pattern(call, attribute) {
            return self.function_call(&call, path);
        }
        self.method_call(call, attribute)
    }

    fn function_call(&mut self, call: &ast::ExprCall, path: &str) -> Option<Expr> {
        let given = &call.arguments;
        if let Some(kind) = path.strip_prefix(AN_EXCEPTION) {
            return self.exception(call, kind);
        }
        match (path, &*given.args, &*given.keywords) {
            ("map", [called, items], []) => return self.map(called, items, call.range()),
            ("filter", [called, items], []) => return self.filter(called, items, call.range()),
            ("any", [Python::Generator(generator)], []) => {
                return self.comprehension(&generator.generators, call.range(), |lower| {
                    Some((Make::Any, lower.expr(&generator.elt)?))
                });
            }
            ("all", [Python::Generator(generator)], []) => {
                return self.comprehension(&generator.generators, call.range(), |lower| {
                    Some((Make::All, lower.expr(&generator.elt)?))
                });
            }
            ("next", [Python::Generator(generator), default @ ..], []) if default.len() < 2 => {
                // Read outside of the comprehension.
                let default = default.first().map(|default| self.expr(default));
                return self.comprehension(&generator.generators, call.range(), |lower| {
                    Some((
                        Make::Next(default.map_or(Some(None), |default| default.map(Some))?),
                        lower.expr(&generator.elt)?,
                    ))
                });
            }
            ("isinstance", [value, types], []) => {
                let (value, types) = (self.expr(value), self.types(types));
                let isinstance = function(path)?;
                return self.fold(Node::Call(isinstance, vec![value?, types?]), call.range());
            }
            ("dict", [], [_, ..]) if given.keywords.iter().all(|keyword| keyword.arg.is_some()) => {
                let items = given.keywords.iter().map(|keyword| {
                    let name = keyword.arg.as_ref().map_or("", |name| name.as_str());
                    let value = self.expr(&keyword.value)?;
                    Some((Expr::Constant(name.into()), value))
                });
                let items: Vec<Option<(Expr, Expr)>> = items.collect();
                return items.into_iter().collect::<Option<_>>().map(Expr::dict);
            }
            ("sorted" | "min" | "max", [_, ..], _) => {
                if let Some(key) = given.find_keyword("key").filter(|key| !key.value.is_none_literal_expr()) {
                    return self.by_key(call, path, &key.value);
                }
            }
            (name, ..) if TRANSLATED.contains(&name) => {
                let example = match name {
                    "next" => "write `next((item for item in items if ...), None)`",
                    _ => "write a comprehension, as in `[str(item) for item in items]`",
                };
                return self.refuse(
                    call.range(),
                    Refusal::new(format!("`{name}()` is not supported in this form"), example),
                );
            }
            _ => {}
        }
        let Some(function) = function(path) else {
            return self.refuse(call.func.range(), unknown_function(path));
        };
        if path.starts_with("re.") {
            let (call, letters) = self.without_flags(call, path)?;
            let mut arguments =
                self.arguments(&call, function.name, function.parameters, function.required, false)?;
            let range = call.arguments.args.first().map_or(call.range(), Ranged::range);
            self.compile(range, function, &letters, arguments.first_mut()?)?;
            return self.fold(Node::Call(function, arguments), call.range());
        }
        let consumes = CONSUMERS.contains(&path);
        let arguments =
            self.arguments(call, function.name, function.parameters, function.required, consumes)?;
        self.fold(Node::Call(function, arguments), call.range())
    }

    /// `ValueError("why")`
    fn exception(&mut self, call: &ast::ExprCall, kind: &str) -> Option<Expr> {
        if let Some(keyword) = call.arguments.keywords.first() {
            let refusal = Refusal::new("an exception takes no arguments by name here", "leave the name out");
            return self.refuse(keyword.range, refusal);
        }
        let kind = Expr::Constant(kind.into());
        let arguments = std::iter::once(kind).chain(self.all(&call.arguments.args)?).collect();
        self.fold(Node::Call(&EXCEPTION, arguments), call.range())
    }

    fn method_call(&mut self, call: &ast::ExprCall, attribute: &ast::ExprAttribute) -> Option<Expr> {
        let name = attribute.attr.as_str();
        if let Python::Attribute(inner) = &*attribute.value
            && (inner.attr.as_str(), name) == ("headers", "get")
        {
            let response = self.expr(&inner.value);
            let arguments = self.arguments(call, name, HEADER_GET.parameters, HEADER_GET.required, false);
            return self.fold(Node::Method(response?, &HEADER_GET, arguments?), call.range());
        }
        if !self.is_bound(&attribute.value) {
            if let Some(Meaning::Refused(refusal)) = self.scope.attribute(&attribute.value, name) {
                return self.refuse(attribute.range, refusal);
            }
            if let Python::Name(object) = &*attribute.value
                && let Some(Meaning::Refused(refusal)) = self.scope.name(&object.id)
            {
                return self.refuse(object.range, refusal);
            }
        }
        if name == "format" {
            let form = self.expr(&attribute.value)?;
            if let Some(form) = form.constant().and_then(Value::as_str) {
                return self.format_call(form, call);
            }
        }
        let Some(method) = methods().find(|method| method.name == name) else {
            // What is wrong with the object says more.
            self.expr(&attribute.value)?;
            let remedy = match (methods::instead(name), similar(name, methods().map(|method| method.name))) {
                (Some(instead), _) => instead.to_owned(),
                (None, Some(known)) => format!("did you mean `.{known}()`?"),
                (None, None) => "docs/expressions.md lists the methods".to_owned(),
            };
            let refusal = Refusal::new(format!("the method `.{name}()` is not supported"), remedy);
            return self.refuse(attribute.attr.range, refusal);
        };
        let value = self.expr(&attribute.value);
        let arguments = self.arguments(call, name, method.parameters, method.required, name == "join");
        self.fold(Node::Method(value?, method, arguments?), call.range())
    }

    /// `sorted(items, key=...)`, and `min` and `max` with it.
    fn by_key(&mut self, call: &ast::ExprCall, path: &str, key: &Python) -> Option<Expr> {
        let items = match &*call.arguments.args {
            [only] => self.argument(only, true),
            several => self.all(several).map(Expr::list),
        };
        let pairs = self.with_keys(items, key, call.range());
        let function = iterables::BY_KEY.iter().find(|function| function.name == path)?;
        let mut option = None;
        for keyword in &call.arguments.keywords {
            match keyword.arg.as_ref().map(ast::Identifier::as_str) {
                Some("key") => {}
                Some(name) if function.parameters.contains(&name) => {
                    option = Some(self.expr(&keyword.value)?);
                }
                _ => {
                    let message = format!("this is no argument of `{path}()` with a key");
                    return self.refuse(keyword.range, Refusal::new(message, "leave it out"));
                }
            }
        }
        let arguments = std::iter::once(pairs?).chain(option).collect();
        self.fold(Node::Call(function, arguments), call.range())
    }

    /// The types of `isinstance`, by name.
    fn types(&mut self, python: &Python) -> Option<Expr> {
        let listed = match python {
            Python::Tuple(tuple) => &*tuple.elts,
            only => std::slice::from_ref(only),
        };
        let names = listed.iter().map(|python| {
            let name = self.global(python).filter(|name| TYPES.contains(&&**name))?;
            Some(Expr::Constant(name.into()))
        });
        match names.collect::<Option<Vec<_>>>() {
            Some(names) => Some(Expr::list(names)),
            None => {
                let message = "`isinstance()` needs types that are known here";
                let remedy = format!("write one or several of {}", TYPES.join(", "));
                self.refuse(python.range(), Refusal::new(message, remedy))
            }
        }
    }

    /// An argument; where `consumes`, it may be a generator.
    pub(super) fn argument(&mut self, python: &Python, consumes: bool) -> Option<Expr> {
        match python {
            Python::Generator(generator) if consumes => {
                self.comprehension(&generator.generators, generator.range, |lower| {
                    Some((Make::List, lower.expr(&generator.elt)?))
                })
            }
            _ => self.expr(python),
        }
    }

    /// The arguments of a call by the order of its parameters; those left out in between are
    /// [`Value::Unset`], those at the end are not there.
    fn arguments(
        &mut self,
        call: &ast::ExprCall,
        name: &str,
        parameters: Parameters,
        required: usize,
        consumes: bool,
    ) -> Option<Vec<Expr>> {
        let star = parameters.iter().position(|parameter| parameter.starts_with('*'));
        let positional = star.unwrap_or(parameters.len());
        let takes_rest = star.is_some_and(|star| parameters[star] != "*");
        let named: Vec<&str> =
            parameters.iter().copied().filter(|parameter| !parameter.starts_with('*')).collect();
        let given = &call.arguments;
        let mut places: Vec<Option<Expr>> = Vec::with_capacity(named.len());
        let mut rest = Vec::new();
        let mut whole = true;
        for argument in &given.args {
            let is_rest = places.len() == positional;
            if is_rest && !takes_rest {
                let message = format!("`{name}()` takes at most {} here", counted(positional));
                return self.refuse(argument.range(), Refusal::new(message, "leave this argument out"));
            }
            let lowered = self.argument(argument, consumes);
            whole &= lowered.is_some();
            if is_rest { rest.extend(lowered) } else { places.push(lowered) }
        }
        let count = given.args.len();
        for keyword in &given.keywords {
            let keyword_name = keyword.arg.as_ref().map_or("**", |name| name.as_str());
            let place = named.iter().position(|parameter| *parameter == keyword_name);
            let Some(place) = place.filter(|place| places.get(*place).is_none_or(Option::is_none)) else {
                let message = format!("`{name}()` takes no argument `{keyword_name}` here");
                let remedy = match &*named {
                    [] => "leave it out".to_owned(),
                    names => format!("it takes {}", names.join(", ")),
                };
                return self.refuse(keyword.range, Refusal::new(message, remedy));
            };
            let lowered = self.expr(&keyword.value);
            whole &= lowered.is_some();
            if places.len() <= place {
                places.resize(place + 1, None);
            }
            places[place] = lowered;
        }
        if !whole {
            return None;
        }
        let missing = match takes_rest {
            true => count < required,
            false => places.iter().take(required).flatten().count() < required,
        };
        if missing {
            let message = format!("`{name}()` needs {}", counted(required));
            let remedy = match takes_rest {
                true => "give it values".to_owned(),
                false => format!("give it {}", named[..required].join(", ")),
            };
            return self.refuse(call.range(), Refusal::new(message, remedy));
        }
        if takes_rest {
            places.resize(named.len(), None);
        }
        let places = places.into_iter().map(|place| place.unwrap_or(Expr::Constant(Value::Unset)));
        Some(places.chain(rest).collect())
    }

    /// `first | second | ...`, each a dict; `first + second + ...`, each a list.
    pub(super) fn merged(&mut self, parts: Vec<Expr>, operator: Binary, python: &Python) -> Option<Expr> {
        let mut parts = parts.into_iter();
        let mut merged = parts.next()?;
        for part in parts {
            merged = self.fold(Node::Binary(operator, merged, part), python.range())?;
        }
        Some(merged)
    }
}

fn counted(count: usize) -> String {
    match count {
        0 => "no arguments".to_owned(),
        1 => "one argument".to_owned(),
        _ => format!("{count} arguments"),
    }
}

/// What is said of a function that there is not.
pub(super) fn unknown_function(path: &str) -> Refusal {
    Refusal::new(format!("the function `{path}()` is not supported"), meant(path))
}

/// What can be written in place of something that there is not.
pub(super) fn meant(path: &str) -> String {
    let same_end = library::functions()
        .map(|function| function.name)
        .find(|name| name.rsplit('.').next() == path.rsplit('.').next());
    match (library::instead(path), same_end.or_else(|| similar(path, library::names()))) {
        (Some(instead), _) => instead.to_owned(),
        (None, Some(known)) if library::constant(known).is_some() => format!("did you mean `{known}`?"),
        (None, Some(known)) => format!("did you mean `{known}()`?"),
        (None, None) => "docs/expressions.md lists the functions".to_owned(),
    }
}

/// The known name that somebody may have meant.
pub(super) fn similar<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .filter(|(similarity, _)| *similarity > 0.87)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, known)| known)
}
