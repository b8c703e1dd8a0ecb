//! The Python front end: a locustfile is parsed, never executed, and translated to the same [`Scenario`] that a
//! YAML file becomes.
//!
//! What the translation means is what Locust would do. Whatever would have to be guessed is refused before the
//! run, all of it at once, each with its place and the way out: Python workers run any file, and join the same
//! master ([`refuse`]).
//!
//! One file per idea: [`file`] collects what the file defines, with [`stores`], [`imports`] and [`environment`];
//! [`module`], [`moments`], [`once`] and [`opened`] do its code at the top level, [`reading`] reads what methods
//! open, and what users change of that is [`kept`]; [`listeners`] may be left out. [`classes`] makes user classes
//! of it, with [`lineage`], [`attributes`], [`settings`], [`waits`], [`tasks`], [`markov`] and [`sets`]; [`body`],
//! [`functions`], [`statements`] and [`control`] turn methods into steps, [`effects`] what expressions do,
//! [`client`] and [`fields`] calls into requests, [`session`] and [`cookies`] what a client keeps, [`answers`] and
//! [`rest`] `with` blocks into verdicts, [`changes`] what changes a list or dict, where [`aliases`] allow it
//! ([`reach`] says what calls change), [`shape`] load shapes into stages; [`names`] says what a name stands for.
//! [`outline()`] says what can be said of a file that is not translated.

mod aliases;
mod answers;
mod attributes;
mod body;
mod changes;
mod classes;
mod client;
mod control;
mod cookies;
mod effects;
mod environment;
mod fields;
mod file;
mod functions;
mod imports;
mod kept;
mod lineage;
mod listeners;
mod markov;
mod module;
mod moments;
mod names;
mod once;
mod opened;
mod outline;
mod reach;
mod reading;
mod refuse;
mod rest;
mod session;
mod sets;
mod settings;
mod shape;
mod statements;
mod stores;
mod tasks;
mod waits;

use crate::expr::nesting::too_deep;
use crate::limits::{CLASSES, FILE_BYTES};
use crate::problem::Problem;
use crate::{Nothing, Problems, Scenario, Source};
pub use outline::{Outline, OutlinedClass};
use refuse::Refusals;
use ruff_python_ast::ModModule;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};

/// Translates the locustfile `text`; `file` is what it is called in messages.
///
/// # Errors
/// Everything in it that is wrong or cannot be translated.
pub fn load(file: &str, text: &str) -> Result<Scenario, Problems> {
    load_with(file, text, &Nothing)
}

/// As [`load`]; the environment comes from `source`.
///
/// # Errors
/// As [`load`].
pub fn load_with(file: &str, text: &str, source: &dyn Source) -> Result<Scenario, Problems> {
    let mut refusals = Refusals::default();
    let read = read(text, source, &mut refusals);
    if refusals.list.is_empty() {
        Ok(Scenario { file: file.to_owned(), ..read })
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

fn read(text: &str, source: &dyn Source, refusals: &mut Refusals) -> Scenario {
    let Some(module) = parse(text, refusals) else { return Scenario::default() };
    let file = file::File::read(&module.body, source, refusals);
    if file.classes.len() > CLASSES {
        return Scenario::default();
    }
    Scenario {
        classes: classes::users(&file, refusals),
        stages: shape::stages(&file, refusals),
        worker_variables: file.kept.iter().map(|(_, value)| value.clone()).collect(),
        ..Scenario::default()
    }
}

/// The module, if it is one.
pub(crate) fn module(text: &str) -> Option<ModModule> {
    parse(text, &mut Refusals::default())
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
