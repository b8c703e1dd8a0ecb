//! Files that code at the top level reads: lines, CSV, JSON, bytes.

use super::effects::parts;
use super::module::{Done, Ended, Module};
use crate::csv::Reader;
use crate::expr::library::function;
use crate::expr::tree::Node;
use crate::expr::{EvalError, Expr, Value};
use crate::limits::{COLUMNS, DATA_BYTES, DATA_VALUES};
use ruff_python_ast::{self as ast, Expr as Python};
use ruff_text_size::{Ranged, TextRange};
use std::sync::Arc;

impl<'f> Module<'_, 'f> {
    /// Does the calls within an expression that the evaluator of expressions does not know, the innermost first.
    pub(super) fn calls(&mut self, python: &'f Python) -> Done<()> {
        match python {
            // Whether and how often these are done is not known here.
            Python::Lambda(_) => Ok(()),
            Python::If(choice) => self.calls(&choice.test),
            Python::BoolOp(boolean) => boolean.values.first().map_or(Ok(()), |first| self.calls(first)),
            Python::ListComp(ast::ExprListComp { generators, .. })
            | Python::SetComp(ast::ExprSetComp { generators, .. })
            | Python::DictComp(ast::ExprDictComp { generators, .. })
            | Python::Generator(ast::ExprGenerator { generators, .. }) => {
                generators.first().map_or(Ok(()), |first| self.calls(&first.iter))
            }
            Python::Name(name) if name.id == "__file__" => {
                self.parts.insert(name.range, "locustfile.py".into());
                Ok(())
            }
            Python::Call(call) => {
                parts(python).into_iter().try_for_each(|part| self.calls(part))?;
                if let Some(value) = self.special(call) {
                    let value = value?;
                    self.parts.insert(call.range(), value);
                }
                Ok(())
            }
            other => parts(other).into_iter().try_for_each(|part| self.calls(part)),
        }
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
