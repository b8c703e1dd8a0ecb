//! Dicts whose keys must be known before the run: headers, parameters, forms.

use super::body::Body;
use crate::expr::{Expr, Value};
use crate::model::Template;
use ruff_python_ast::Expr as Python;
use ruff_text_size::{Ranged, TextRange};
use std::sync::Arc;

/// A key with its value, and where the value stands.
type Field = (Arc<str>, Expr, TextRange);

impl Body<'_, '_> {
    /// Whether `python` is a dict for sure.
    pub(super) fn is_dict(&self, python: &Python) -> bool {
        python.is_dict_expr() || self.keys(python).is_some() || self.constant_dict(python).is_some()
    }

    /// The keys of a variable or attribute that always is one dict that is written out.
    fn keys(&self, python: &Python) -> Option<&[Arc<str>]> {
        match python {
            Python::Name(name) => self.locals.get(name.id.as_str())?.assigned.keys(),
            Python::Attribute(attribute) => {
                let owner = self.owner(&attribute.value)?;
                let name = attribute.attr.as_str();
                let keys = self.file.attributes.get(name)?.keys();
                // A value in the class body would be another one.
                keys.filter(|_| self.class.constant(owner, name).is_none())
            }
            _ => None,
        }
    }

    fn constant_dict(&self, python: &Python) -> Option<Vec<(Arc<str>, Value)>> {
        let value = match python {
            Python::Name(name) if self.known.contains_key(name.id.as_str()) => {
                self.known.get(name.id.as_str())?
            }
            Python::Name(name) if !self.locals.contains_key(name.id.as_str()) => {
                self.file.constants.get(name.id.as_str())?
            }
            Python::Attribute(attribute) => {
                let owner = self.owner(&attribute.value)?;
                let name = attribute.attr.as_str();
                self.class.constant(owner, name).filter(|_| !self.file.attributes.contains_key(name))?
            }
            _ => return None,
        };
        match value {
            Value::Dict(items) => Some(items.to_vec()),
            _ => None,
        }
    }

    /// The items of a dict whose keys are known before the run, or the whole as an expression; problems are noted.
    fn fields(&mut self, python: &Python) -> (Vec<Field>, Option<Expr>) {
        if let Python::Dict(dict) = python
            && dict.items.iter().all(|item| matches!(item.key, Some(Python::StringLiteral(_))))
        {
            let mut fields: Vec<Field> = Vec::with_capacity(dict.items.len());
            for item in &dict.items {
                let Some(Python::StringLiteral(key)) = &item.key else { continue };
                let Some(value) = self.lower(&item.value) else { continue };
                let key = key.value.to_str();
                // As in Python, the last value of a key counts.
                fields.retain(|(known, ..)| **known != *key);
                fields.push((key.into(), value, item.value.range()));
            }
            return (fields, None);
        }
        let range = python.range();
        if let Some(items) = self.constant_dict(python) {
            let items = items.into_iter().map(|(key, value)| (key, Expr::Constant(value), range));
            return (items.collect(), None);
        }
        let keys = self.keys(python).map(<[_]>::to_vec);
        let Some(value) = self.lower(python) else { return (Vec::new(), None) };
        match (keys, value.constant()) {
            (_, Some(Value::None)) => (Vec::new(), None),
            (_, Some(Value::Dict(items))) => {
                let items =
                    items.iter().map(|(key, value)| (key.clone(), Expr::Constant(value.clone()), range));
                (items.collect(), None)
            }
            (Some(keys), _) => {
                let item = |key: Arc<str>| (key.clone(), Expr::item(value.clone(), key), range);
                (keys.into_iter().map(item).collect(), None)
            }
            (None, _) => (Vec::new(), Some(value)),
        }
    }

    /// Headers. As in `requests`, one whose value is None is not sent.
    pub(super) fn headers(&mut self, python: &Python) -> (Vec<(String, Template)>, Option<Expr>) {
        let mut headers = Vec::new();
        let (fields, more) = self.fields(python);
        for (name, value, range) in fields {
            let valid = match value.constant() {
                Some(Value::None) => continue,
                Some(Value::Str(text)) => !text.contains(['\r', '\n', '\0']),
                Some(_) => false,
                None => true,
            };
            if !is_header_name(&name) {
                let message = format!("`{name}` is no name of a header");
                self.refusals.wrong(range, message, "use letters, digits and `-`");
            } else if !valid {
                let remedy = "write text on one line, in quotes";
                self.refusals.wrong(range, format!("the header `{name}` has no text for a value"), remedy);
            } else {
                headers.push((name.to_string(), value.checked_header().into_template()));
            }
        }
        (headers, more)
    }

    /// Fields of a form or of a query. As in `requests`, None leaves a field out and a list repeats it.
    pub(super) fn form(&mut self, python: &Python) -> (Vec<(Template, Template)>, Option<Expr>) {
        let mut fields = Vec::new();
        let (known, more) = self.fields(python);
        for (name, value, range) in known {
            let name = Template::Fixed(name);
            match value.constant() {
                Some(Value::None) => {}
                Some(Value::List(items)) => {
                    let values = items.iter().filter(|item| **item != Value::None);
                    fields.extend(
                        values.map(|item| (name.clone(), Expr::Constant(item.clone()).into_template())),
                    );
                }
                Some(Value::Dict(_)) => {
                    let remedy = "write text, a number or a list, or send it as `json=`";
                    self.refusals.wrong(range, "a dict within a form would lose its values", remedy);
                }
                Some(Value::Bytes(_)) | None => {
                    fields.push((name, value.checked_field().into_template()));
                }
                Some(_) => fields.push((name, value.into_template())),
            }
        }
        (fields, more)
    }
}

/// Whether HTTP allows it as the name of a header (or as a method, which has the same form).
pub(super) fn is_header_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(allowed)
}
