//! `akrida check`: reads a scenario and runs nothing.

use super::print;
use crate::exit::{Failure, Kind, PASSED};
use crate::plan::{Role, Test};
use crate::python_only::PythonOnly;
use crate::source;
use akrida_report::listing;
use akrida_scenario::select::Selection;
use akrida_scenario::yaml;

/// Prints what is in `file`, or in the default one; or the schema of YAML scenarios.
///
/// # Errors
/// The problems of the file.
pub(crate) fn check(file: Option<&str>, schema: bool) -> Result<u8, Failure> {
    if schema {
        print(&format!("{:#}\n", yaml::schema()));
        return Ok(PASSED);
    }
    let test = file.map_or(Test::DefaultFile, Test::files);
    let loaded = match source::load(&test, &Selection::default()) {
        Err(failure) if failure.kind == Kind::Scenario => {
            let test = PythonOnly::read(&test, &Selection::default())?;
            return Err(test.map_or(failure.clone(), |test| test.refusal(&failure, &Role::Alone)));
        }
        loaded => loaded?,
    };
    print(&listing::check(&loaded.scenario));
    for warning in loaded.warnings {
        print(&format!("Note: {warning}\n"));
    }
    Ok(PASSED)
}
