//! Variables of the environment that a locustfile reads: `os.getenv("NAME", "default")`, `os.environ["NAME"]`. They are
//! read when the file is, as in Locust at the top level of a file.

use super::file::File;
use super::refuse::Refusals;
use crate::expr::Value;
use crate::source::Source;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};
use std::collections::HashMap;

/// What each place of the file that reads a variable gets.
pub(super) fn read<'f>(
    file: &File<'f>,
    body: &'f [Stmt],
    source: &dyn Source,
    refusals: &mut Refusals,
) -> HashMap<TextRange, Value> {
    let mut reader = Reader { file, source, refusals, values: HashMap::new() };
    body.iter().for_each(|statement| reader.visit_stmt(statement));
    reader.values
}

struct Reader<'a, 'f> {
    file: &'a File<'f>,
    source: &'a dyn Source,
    refusals: &'a mut Refusals,
    values: HashMap<TextRange, Value>,
}

impl Reader<'_, '_> {
    fn call(&mut self, call: &ast::ExprCall) -> Option<()> {
        let path = self.file.path(&call.func)?;
        if !matches!(path.as_str(), "os.getenv" | "os.environ.get") {
            return None;
        }
        let (name, default) = match (&*call.arguments.args, &*call.arguments.keywords) {
            ([name], []) => (name, None),
            ([name, default], []) => (name, Some(default)),
            ([name], [keyword]) => (name, Some(&keyword.value)),
            _ => return None,
        };
        let value = match (self.source.environment(name.as_string_literal_expr()?.value.to_str()), default) {
            (Some(text), _) => Value::from(text),
            (None, None) => Value::None,
            // What is no constant is refused where it stands.
            (None, Some(default)) => self.file.quiet_value(default)?,
        };
        self.values.insert(call.range(), value);
        Some(())
    }

    fn item(&mut self, item: &ast::ExprSubscript) -> Option<()> {
        if self.file.path(&item.value)? != "os.environ" {
            return None;
        }
        let name = item.slice.as_string_literal_expr()?.value.to_str();
        let value = self.source.environment(name).map(Value::from);
        if value.is_none() {
            let message = format!("the environment variable {name} is not set");
            self.refusals.wrong(
                item.range(),
                message,
                "set it, or give a default: `os.getenv(\"NAME\", \"\")`",
            );
        }
        self.values.insert(item.range(), value.unwrap_or_default());
        Some(())
    }
}

impl<'f> Visitor<'f> for Reader<'_, 'f> {
    fn visit_expr(&mut self, expression: &'f Expr) {
        _ = match expression {
            Expr::Call(call) => self.call(call),
            Expr::Subscript(item) if item.ctx == ast::ExprContext::Load => self.item(item),
            _ => None,
        };
        walk_expr(self, expression);
    }
}
