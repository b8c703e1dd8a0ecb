//! The YAML of a locustfile, where YAML can say what it does.
//!
//! [`plain`] takes out of the translated scenario what YAML says in another way, with [`simpler`] forms of steps and
//! expressions and [`webs`] of variables. [`scenario`], [`steps`], [`request`] and [`value`] write it, and [`names`]
//! says what its variables are called. What YAML cannot say is [`unsaid`]: all of it is told, each with its place in
//! the locustfile.

mod names;
mod plain;
mod request;
mod scenario;
mod simpler;
mod steps;
#[cfg(test)]
mod tests;
mod unsaid;
mod value;
mod visit;
mod webs;

use super::{AnySource, Converted};
use crate::limits::FILE_BYTES;
use crate::problem::Problem;
use crate::source::Source;
use crate::{Problems, Scenario, python, yaml};
use std::cell::RefCell;
use std::sync::Arc;

/// What is always possible.
fn way_out(file: &str) -> String {
    format!("run the file as it stands: `akrida -f {file}`")
}

/// The scenario of the locustfile `text` in YAML; `file` is what it is called, and what it reads comes from `source`.
///
/// # Errors
/// Everything in it that is not translated, or that YAML cannot say.
pub fn locustfile(file: &str, text: &str, source: &dyn Source) -> Result<Converted, Problems> {
    let source = Quiet { source, asked: RefCell::default() };
    let scenario = python::load_with(file, text, &source)?;
    let mut unsaid = unsaid::Unsaid::default();
    let mut plain = plain::scenario(scenario, &mut unsaid);
    plain::share_names(&mut plain);
    let notes = notes(&plain, &source.asked.into_inner());
    let yaml = scenario::write(&plain, file, &notes, &mut unsaid);
    let problem = |message: String| {
        Problems::new(
            file,
            text,
            vec![Problem { untranslated: true, ..Problem::new(0..0, message, way_out(file)) }],
        )
    };
    if !unsaid.is_empty() {
        return Err(Problems::new(file, text, unsaid.problems(text, &way_out(file))));
    }
    if yaml.len() > FILE_BYTES {
        return Err(problem(format!("the scenario would be larger than {} MiB", FILE_BYTES >> 20)));
    }
    // The last word on what YAML can hold: a file that this crate does not read is not handed out.
    match yaml::load_with("scenario", &yaml, &AnySource) {
        Ok(_) => Ok(Converted { yaml, notes }),
        Err(problems) => {
            let words = problems.list.first().map_or_else(String::new, |problem| problem.message.clone());
            Err(problem(format!("YAML cannot say all of this: {words}")))
        }
    }
}

/// What a person should know.
fn notes(scenario: &Scenario, asked: &[String]) -> Vec<String> {
    let mut notes = Vec::new();
    if scenario.classes.iter().any(|class| class.fast_client) {
        let note = "Statuses that fail a request are told in the words of HttpUser, not of FastHttpUser.";
        notes.push(note.to_owned());
    }
    if !asked.is_empty() {
        notes.push(format!(
            "The environment is not read, and defaults stand in its place: {}; `secrets` and `options` may fit.",
            asked.join(", ")
        ));
    }
    notes
}

/// A source without an environment: what stands there is for this machine, and may be secret.
struct Quiet<'s> {
    source: &'s dyn Source,
    /// Names of variables that the file wanted.
    asked: RefCell<Vec<String>>,
}

impl Source for Quiet<'_> {
    fn file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        self.source.file(path)
    }

    fn secret_file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        self.source.secret_file(path)
    }

    fn environment(&self, name: &str) -> Option<String> {
        let mut asked = self.asked.borrow_mut();
        if !asked.iter().any(|known| known == name) {
            asked.push(name.to_owned());
        }
        None
    }
}
