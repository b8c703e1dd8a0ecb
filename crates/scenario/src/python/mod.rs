//! The Python front end: a locustfile is parsed, never executed, and translated to the same [`Scenario`] that a
//! YAML file becomes.
//!
//! What the translation means is what Locust would do. Whatever would have to be guessed is refused before the
//! run, all of it at once, each with its place and the way out: Python workers run any file, and join the same
//! master ([`refuse`]).
//!
//! One file per idea: [`file`] collects what the file defines, [`classes`] makes user classes of it, with
//! [`lineage`], [`attributes`], [`waits`], [`tasks`] and [`sets`]; [`body`], [`functions`], [`statements`] and
//! [`control`] turn methods into steps, [`effects`] what expressions do, [`client`] and [`fields`] calls into
//! requests, [`answers`] `with` blocks into verdicts; [`names`] says what a name stands for.
//! [`outline()`] says what can be said of a file that is not translated.

mod answers;
mod attributes;
mod body;
mod classes;
mod client;
mod control;
mod effects;
mod fields;
mod file;
mod functions;
mod lineage;
mod names;
mod outline;
mod refuse;
mod sets;
mod statements;
mod tasks;
mod waits;

use crate::expr::nesting::too_deep;
use crate::limits::{CLASSES, FILE_BYTES};
use crate::problem::Problem;
use crate::{Problems, Scenario};
pub use outline::{Outline, OutlinedClass};
use refuse::Refusals;
use ruff_python_ast::ModModule;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};

/// Translates the locustfile `text`; `file` is what it is called in messages.
///
/// # Errors
/// Everything in it that is wrong or cannot be translated.
pub fn load(file: &str, text: &str) -> Result<Scenario, Problems> {
    let mut refusals = Refusals::default();
    let classes = read(text, &mut refusals);
    if refusals.list.is_empty() {
        Ok(Scenario { file: file.to_owned(), classes, ..Scenario::default() })
    } else {
        Err(Problems::new(file, text, refusals.list))
    }
}

/// Reads which user classes the locustfile `text` has, whatever else is in it; `file` is what it is called.
///
/// # Errors
/// When it is no Python at all.
pub fn outline(file: &str, text: &str) -> Result<Outline, Problems> {
    let mut refusals = Refusals::default();
    match parse(text, &mut refusals) {
        Some(module) => Ok(outline::read(file, &module.body)),
        None => Err(Problems::new(file, text, refusals.list)),
    }
}

fn read(text: &str, refusals: &mut Refusals) -> Vec<crate::UserClass> {
    let Some(module) = parse(text, refusals) else { return Vec::new() };
    let file = file::File::read(&module.body, refusals);
    if file.classes.len() > CLASSES { Vec::new() } else { classes::users(&file, refusals) }
}

/// The module; `None` where there is a problem with it as a whole.
fn parse(text: &str, refusals: &mut Refusals) -> Option<ModModule> {
    if text.len() > FILE_BYTES {
        refusals.list.push(Problem::new(
            0..0,
            format!("the file has {} bytes", text.len()),
            format!("keep it below {FILE_BYTES} bytes: data belongs into files of its own"),
        ));
        return None;
    }
    if let Some(end) = too_deep(text, Mode::Module) {
        let message = "this is nested too deeply";
        refusals.list.push(Problem::new(
            end.saturating_sub(1)..end,
            message,
            "split it into variables or functions",
        ));
        return None;
    }
    let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
    for error in parsed.errors() {
        refusals.syntax(error);
    }
    match parsed.into_syntax() {
        ruff_python_ast::Mod::Module(module) if refusals.list.is_empty() => Some(module),
        _ => None,
    }
}
