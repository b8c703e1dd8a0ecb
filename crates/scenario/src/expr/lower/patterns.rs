//! Regular expressions: patterns are compiled when the file is read.

use super::{Lower, Refusal};
use crate::expr::Expr;
use crate::expr::call::Function;
use crate::expr::library::pattern;
use crate::expr::value::Value;
use ruff_python_ast::{self as ast, Expr as Python};
use ruff_text_size::{Ranged, TextRange};

/// Flags of `re`, each with its letter within a pattern.
const FLAGS: &[(&str, &str)] = &[
    ("re.A", ""),
    ("re.ASCII", ""),
    ("re.DOTALL", "s"),
    ("re.I", "i"),
    ("re.IGNORECASE", "i"),
    ("re.M", "m"),
    ("re.MULTILINE", "m"),
    ("re.S", "s"),
    ("re.U", ""),
    ("re.UNICODE", ""),
    ("re.VERBOSE", "x"),
    ("re.X", "x"),
];

/// Functions of `re` that are methods of a compiled pattern too, each with the place of its flags.
const FUNCTIONS: &[(&str, &str, usize)] = &[
    ("findall", "re.findall", 2),
    ("fullmatch", "re.fullmatch", 2),
    ("match", "re.match", 2),
    ("search", "re.search", 2),
    ("split", "re.split", 3),
    ("sub", "re.sub", 4),
];

impl Lower<'_> {
    /// `PATTERN.search(text)` as `re.search(pattern, text)`; with the function's name.
    pub(super) fn of_pattern(
        &mut self,
        call: &ast::ExprCall,
        method: &ast::ExprAttribute,
    ) -> Option<(ast::ExprCall, &'static str)> {
        let (_, path, _) = FUNCTIONS.iter().find(|(name, ..)| *name == method.attr.as_str())?;
        let compiled = match &*method.value {
            Python::Call(compile) if self.global(&compile.func).as_deref() == Some("re.compile") => compile,
            Python::Name(name) => self.scope.pattern(&name.id)?,
            _ => return None,
        };
        let mut whole = call.clone();
        let mut given = compiled.arguments.args.to_vec();
        let flags = given.len().checked_sub(2).map(|_| given.remove(1));
        let flags =
            flags.or_else(|| compiled.arguments.find_keyword("flags").map(|flags| flags.value.clone()));
        given.extend(whole.arguments.args.iter().cloned());
        whole.arguments.args = given.into();
        if let Some(value) = flags {
            let name = ast::Identifier::new("flags", value.range());
            let keyword = ast::Keyword {
                arg: Some(name),
                range: value.range(),
                value,
                node_index: ast::AtomicNodeIndex::NONE,
            };
            let keywords = whole.arguments.keywords.iter().cloned().chain([keyword]);
            whole.arguments.keywords = keywords.collect();
        }
        Some((whole, path))
    }

    /// A call of `re` without its flags, and their letters.
    pub(super) fn without_flags(
        &mut self,
        call: &ast::ExprCall,
        path: &str,
    ) -> Option<(ast::ExprCall, String)> {
        let mut call = call.clone();
        let place =
            FUNCTIONS.iter().find(|(_, known, _)| *known == path).map_or(usize::MAX, |(.., place)| *place);
        let mut letters = String::new();
        if call.arguments.args.len() == place + 1 {
            let mut given = call.arguments.args.to_vec();
            let flags = given.pop();
            call.arguments.args = given.into();
            self.flags(&flags?, &mut letters)?;
        }
        let mut keywords = call.arguments.keywords.to_vec();
        if let Some(at) =
            keywords.iter().position(|known| known.arg.as_ref().is_some_and(|name| name.as_str() == "flags"))
        {
            let flags = keywords.remove(at);
            self.flags(&flags.value, &mut letters)?;
            call.arguments.keywords = keywords.into();
        }
        Some((call, letters))
    }

    fn flags(&mut self, python: &Python, letters: &mut String) -> Option<()> {
        if let Python::BinOp(both) = python
            && both.op == ast::Operator::BitOr
        {
            self.flags(&both.left, letters)?;
            return self.flags(&both.right, letters);
        }
        let number = python.as_number_literal_expr().map(|literal| &literal.value);
        if matches!(number, Some(ast::Number::Int(number)) if *number == 0) {
            return Some(());
        }
        let path = self.global(python);
        match FLAGS.iter().find(|(name, _)| Some(*name) == path.as_deref()) {
            Some((_, letter)) => {
                letters.push_str(letter);
                Some(())
            }
            None => {
                let refusal = Refusal::new(
                    "this flag of a pattern is not supported",
                    "write re.IGNORECASE, re.MULTILINE, re.DOTALL or re.VERBOSE",
                );
                self.refuse(python.range(), refusal)
            }
        }
    }

    /// Puts the compiled pattern in place of its text.
    pub(super) fn compile(
        &mut self,
        range: TextRange,
        function: &Function,
        letters: &str,
        pattern: &mut Expr,
    ) -> Option<()> {
        let Some(text) = pattern.constant().and_then(Value::as_str) else {
            let message = "the pattern is not known before the run";
            return self.refuse(range, Refusal::new(message, "write it here, as text in quotes"));
        };
        self.patterns += 1;
        // What follows the text must not be in a comment at its end.
        let end = if letters.contains('x') { "\n" } else { "" };
        let text = if letters.is_empty() { text.to_owned() } else { format!("(?{letters}){text}{end}") };
        let compiled = match self.patterns > crate::limits::COMPILED {
            true => Err("the expression has too many".to_owned()),
            false => pattern::compile(function.name, &text),
        };
        match compiled {
            Ok(compiled) => {
                *pattern = Expr::Constant(compiled);
                Some(())
            }
            Err(reason) => {
                let message = format!("this pattern is not supported: {reason}");
                let remedy = "look-around and references back to a group are not known here; \
                              test for them apart";
                self.refuse(range, Refusal::new(message, remedy))
            }
        }
    }
}
