//! The YAML front end.
//!
//! A file goes through four hands: [`read`] makes nodes that know their places, [`check`] holds them against the
//! [`table`] of all keys, [`decode`] makes the typed model of them. [`schema()`] writes the same table out as a
//! JSON Schema. Each goes on after a problem as far as it can, so that a file's problems come all at once.

#[cfg(test)]
mod agreement;
mod check;
mod decode;
pub mod document;
mod node;
mod quote;
mod read;
mod rules;
mod schema;
mod shape;
mod syntax;
mod table;
#[cfg(test)]
mod tests;

pub use schema::schema;

use crate::model::Scenario;
use crate::problem::Problems;
use crate::{Nothing, Source};

/// What an empty file lacks.
const IF_EMPTY: &str = "write at least `users:` with one class and one task in it";

/// Whether a variable may have this name, whatever else is in the scenario.
pub(crate) fn may_name_variable(name: &str) -> bool {
    (rules::VARIABLE.accepts)(name) && !rules::is_keyword(name) && name != decode::RESPONSE
}

/// Reads a scenario; `file` is what it is called in problems and reports.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(file: &str, text: &str) -> Result<Scenario, Problems> {
    load_with(file, text, &Nothing)
}

/// Reads a scenario that may name files and environment variables, which come from `source`.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load_with(file: &str, text: &str, source: &dyn Source) -> Result<Scenario, Problems> {
    let mut problems = Vec::new();
    let scenario = read::read(text, IF_EMPTY, &mut problems).map(|root| {
        check::check(&root, &shape::Shape::Object(&table::SCENARIO), &mut problems);
        decode::scenario(file, &root, source, &mut problems)
    });
    match scenario {
        Some(scenario) if problems.is_empty() => Ok(scenario),
        _ => Err(Problems::new(file, text, problems)),
    }
}
