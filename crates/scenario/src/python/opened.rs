//! Files that code at the top level reads: lines, CSV, JSON, bytes.

use super::aliases::CHANGING;
use super::effects::parts;
use super::module::{Done, Ended, Module};
use crate::csv::Reader;
use crate::expr::library::function;
use crate::expr::tree::Node;
use crate::expr::{EvalError, Expr, Value};
use crate::limits::{COLUMNS, DATA_BYTES, DATA_VALUES};
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{self as ast, Expr as Python};
use ruff_text_size::{Ranged, TextRange};
use std::sync::Arc;

impl<'f> Module<'_, 'f> {
    /// Does the calls within an expression that the evaluator of expressions does not know, in the order in which
    /// Python does them.
    pub(super) fn calls(&mut self, python: &'f Python) -> Done<()> {
        if !self.has_call(python) {
            return Ok(());
        }
        match python {
            // Whether and how often these are done is not known here.
            Python::Lambda(_) => Ok(()),
            Python::If(choice) => {
                let taken = if self.value(&choice.test)?.truthy() { &choice.body } else { &choice.orelse };
                let value = self.value(taken)?;
                self.parts.insert(python.range(), value);
                Ok(())
            }
            Python::BoolOp(boolean) => {
                let mut last = Value::None;
                for part in &boolean.values {
                    last = self.value(part)?;
                    if last.truthy() == boolean.op.is_or() {
                        break;
                    }
                }
                self.parts.insert(python.range(), last);
                Ok(())
            }
            Python::Compare(compare)
                if compare
                    .comparators
                    .get(1..)
                    .unwrap_or_default()
                    .iter()
                    .any(|part| self.has_call(part)) =>
            {
                let message = "a call late in a chain of comparisons is not translated";
                self.refuse(python.range(), message, "write two comparisons with `and` between them")
            }
            Python::ListComp(ast::ExprListComp { generators, .. })
            | Python::SetComp(ast::ExprSetComp { generators, .. })
            | Python::DictComp(ast::ExprDictComp { generators, .. })
            | Python::Generator(ast::ExprGenerator { generators, .. }) => {
                generators.first().map_or(Ok(()), |first| self.calls(&first.iter))
            }
            Python::Name(name) => {
                self.parts.insert(name.range, "locustfile.py".into());
                Ok(())
            }
            Python::Call(call) => {
                self.calls_of_parts(&parts(python))?;
                if let Some(value) = self.special(call) {
                    let value = value?;
                    self.parts.insert(call.range(), value);
                }
                Ok(())
            }
            other => self.calls_of_parts(&parts(other)),
        }
    }

    fn calls_of_parts(&mut self, parts: &[&'f Python]) -> Done<()> {
        let Some(last) = parts.iter().rposition(|part| self.has_call(part)) else { return Ok(()) };
        for (place, part) in parts.iter().enumerate().take(last + 1) {
            let part = match part {
                Python::Starred(starred) => &*starred.value,
                other => other,
            };
            // A call that comes later may change what this part reads; a list or dict alone is the same one then.
            if place < last && self.file.path(part).is_some() {
                // A module.
            } else if place == last || part.is_name_expr() || part.is_literal_expr() {
                self.calls(part)?;
            } else if !matches!(part, Python::Lambda(_) | Python::Generator(_)) {
                let value = self.value(part)?;
                self.parts.insert(part.range(), value);
            }
        }
        Ok(())
    }

    /// Whether there is a call in it that the evaluator of expressions does not know.
    fn has_call(&self, python: &'f Python) -> bool {
        let mut finder = Finder { module: self, found: false };
        finder.visit_expr(python);
        finder.found
    }

    fn is_special(&self, call: &'f ast::ExprCall) -> bool {
        let name = match &*call.func {
            Python::Name(name) if self.file.functions.contains_key(name.id.as_str()) => return true,
            Python::Name(name) if !self.file.imports.contains_key(name.id.as_str()) => name.id.to_string(),
            function => self.file.path(function).unwrap_or_default(),
        };
        SPECIAL.contains(&name.as_str())
            || matches!(&*call.func, Python::Attribute(method)
                if METHODS.contains(&method.attr.as_str()) || CHANGING.contains(&method.attr.as_str()))
    }

    /// The value of a call that is none for the evaluator; `None` for others.
    fn special(&mut self, call: &'f ast::ExprCall) -> Option<Done<Value>> {
        if let Python::Name(name) = &*call.func
            && let Some(function) = self.file.functions.get(name.id.as_str()).copied()
        {
            return Some(self.function(function, call));
        }
        let path = match &*call.func {
            Python::Name(name) if !self.file.imports.contains_key(name.id.as_str()) => name.id.to_string(),
            function => self.file.path(function).unwrap_or_default(),
        };
        Some(match (path.as_str(), &*call.arguments.args) {
            ("open" | "io.open" | "codecs.open", [_, ..]) => self.open(call),
            ("json.load", [file]) => self.whole(file).and_then(|text| {
                let loads = function("json.loads").ok_or(Ended::Refused)?;
                self.eval(&Expr::Node(Box::new(Node::Call(loads, vec![Expr::Constant(text)]))), call.range())
            }),
            ("csv.DictReader" | "csv.reader", [file, ..]) => self.table(call, file, path == "csv.DictReader"),
            ("iter" | "copy.copy" | "copy.deepcopy" | "os.path.abspath" | "os.path.realpath", [value]) => {
                self.lowered(value)
            }
            ("os.path.dirname", [path]) => {
                self.text(path).map(|path| path.rsplit_once('/').map_or("", |(folder, _)| folder).into())
            }
            ("os.path.basename", [path]) => {
                self.text(path).map(|path| path.rsplit('/').next().unwrap_or_default().into())
            }
            ("os.path.join", [_, ..]) => self.joined(&call.arguments.args),
            ("os.getcwd", []) => Ok("".into()),
            ("next", [Python::Name(name), ..]) => match self.take_first(name) {
                Some(first) => Ok(first),
                None => match call.arguments.args.get(1) {
                    Some(default) => self.lowered(default),
                    None => Err(Ended::Raised(call.range(), EvalError("StopIteration()".to_owned()))),
                },
            },
            _ => {
                let Python::Attribute(method) = &*call.func else { return None };
                match (method.attr.as_str(), &*call.arguments.args) {
                    ("read", []) => self.whole(&method.value),
                    ("readlines", []) => self.lowered(&method.value),
                    ("readline", []) => {
                        let Python::Name(name) = &*method.value else { return None };
                        Ok(self.take_first(name).unwrap_or_else(|| "".into()))
                    }
                    ("close", []) => Ok(Value::None),
                    _ => return self.changing(call),
                }
            }
        })
    }

    fn text(&mut self, python: &'f Python) -> Done<Arc<str>> {
        match self.lowered(python)? {
            Value::Str(text) => Ok(text),
            other => {
                let message = format!("expected str, bytes or os.PathLike object, not {}", other.type_name());
                Err(Ended::Raised(python.range(), EvalError::raise("TypeError", &message)))
            }
        }
    }

    fn joined(&mut self, pieces: &'f [Python]) -> Done<Value> {
        let mut path = String::new();
        for piece in pieces {
            let piece = self.text(piece)?;
            if piece.starts_with('/') {
                path.clear();
            } else if !path.is_empty() && !path.ends_with('/') {
                path.push('/');
            }
            path.push_str(&piece);
        }
        Ok(path.into())
    }

    /// A file that is opened: its bytes, or its lines, each with its end.
    fn open(&mut self, call: &'f ast::ExprCall) -> Done<Value> {
        let Some(name) = call.arguments.args.first() else { return Err(Ended::Refused) };
        let mode = call.arguments.args.get(1);
        let mode = mode.or_else(|| call.arguments.find_keyword("mode").map(|keyword| &keyword.value));
        let mode = mode.map(|mode| self.text(mode)).transpose()?.unwrap_or_else(|| "r".into());
        if mode.contains(['w', 'a', 'x', '+']) {
            return self.refuse(call.range(), "writing a file is not translated", "leave it out");
        }
        let range = name.range();
        let name = self.text(name)?;
        let bytes = match self.source.file(&name) {
            Ok(bytes) if bytes.len() <= DATA_BYTES.min(self.budget.room) => bytes,
            Ok(_) => return self.refuse(range, "the file is too large", "use a smaller one"),
            Err(why) => {
                let words = format!("[Errno 2] {why}: '{name}'");
                return Err(Ended::Raised(range, EvalError::raise("FileNotFoundError", &words)));
            }
        };
        self.budget.room -= bytes.len();
        if mode.contains('b') {
            return Ok(Value::Bytes(bytes));
        }
        match std::str::from_utf8(&bytes) {
            Ok(text) => {
                let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
                let lines = text.split_inclusive('\n').map(Value::from).collect();
                self.bounded(lines, range)
            }
            Err(_) => self.refuse(range, "the file is no UTF-8", "convert it"),
        }
    }

    fn bounded(&mut self, items: Vec<Value>, range: TextRange) -> Done<Value> {
        if items.len() > DATA_VALUES {
            return self.refuse(range, "the file has too many lines", "use a smaller one");
        }
        Ok(Value::List(Arc::new(items)))
    }

    /// All that is left of a file: `file.read()`.
    fn whole(&mut self, file: &'f Python) -> Done<Value> {
        match self.lowered(file)? {
            Value::List(lines) => Ok(lines.iter().filter_map(Value::as_str).collect::<String>().into()),
            bytes @ Value::Bytes(_) => Ok(bytes),
            _ => self.refuse(file.range(), "this is no open file", "read what `open()` gives"),
        }
    }

    /// `csv.DictReader(file)` and `csv.reader(file)`: all rows at once.
    fn table(&mut self, call: &'f ast::ExprCall, file: &'f Python, named: bool) -> Done<Value> {
        if call.arguments.args.len() > 1 || !call.arguments.keywords.is_empty() {
            let message = "these arguments of a CSV reader are not translated";
            return self.refuse(
                call.range(),
                message,
                "use commas and a first line with the names of the columns",
            );
        }
        let Value::Str(text) = self.whole(file)? else {
            return self.refuse(file.range(), "this is no text", "open the file without `b`");
        };
        let mut rows = Vec::new();
        let mut names: Option<Vec<Arc<str>>> = None;
        let mut values = 0;
        for record in Reader::new(&text) {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let message = format!("line {} of the file: {error}", error.line);
                    return self.refuse(call.range(), message, "correct the file");
                }
            };
            values += record.fields.len();
            if record.fields.len() > COLUMNS || values > DATA_VALUES {
                return self.refuse(call.range(), "the file has too many values", "use a smaller one");
            }
            let fields = record.fields.iter().map(|field| Arc::<str>::from(&**field));
            match (&names, named) {
                (None, true) => names = Some(fields.collect()),
                (Some(names), true) if record.fields.len() <= names.len() => {
                    let mut fields = fields.map(Value::Str);
                    let row = names.iter().map(|name| (name.clone(), fields.next().unwrap_or(Value::None)));
                    let row = Value::dict(row.collect());
                    rows.push(row.map_err(|error| Ended::Raised(call.range(), error))?);
                }
                (Some(_), true) => {
                    let message = format!("line {} of the file has more values than columns", record.line);
                    return self.refuse(call.range(), message, "correct the file");
                }
                (_, false) => rows.push(Value::List(Arc::new(fields.map(Value::Str).collect()))),
            }
        }
        self.bounded(rows, call.range())
    }
}

/// Calls that are done here, by their full names.
const SPECIAL: &[&str] = &[
    "codecs.open",
    "copy.copy",
    "copy.deepcopy",
    "csv.DictReader",
    "csv.reader",
    "io.open",
    "iter",
    "json.load",
    "next",
    "open",
    "os.getcwd",
    "os.path.abspath",
    "os.path.basename",
    "os.path.dirname",
    "os.path.join",
    "os.path.realpath",
];

/// Methods of files.
const METHODS: &[&str] = &["close", "read", "readline", "readlines"];

struct Finder<'a, 'b, 'f> {
    module: &'a Module<'b, 'f>,
    found: bool,
}

impl<'f> Visitor<'f> for Finder<'_, '_, 'f> {
    fn visit_expr(&mut self, expression: &'f Python) {
        self.found |= match expression {
            Python::Name(name) => name.id == "__file__",
            Python::Call(call) => self.module.is_special(call),
            _ => false,
        };
        if !self.found {
            walk_expr(self, expression);
        }
    }
}
