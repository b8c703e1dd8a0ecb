//! `akrida convert`: a scenario from a locustfile, from curl commands or from a browser's recording.

use super::print;
use crate::args::command::{Convert, From};
use crate::environment;
use crate::exit::{Failure, PASSED};
use crate::files::{self, cannot};
use crate::parts::{Disk, Parts};
use akrida_scenario::convert::{self, Converted, Refusal};
use akrida_scenario::limits::{CURL_BYTES, FILE_BYTES, HAR_BYTES};
use std::fs::OpenOptions;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

/// Where pipes end.
const STANDARD_INPUT: &str = "/dev/stdin";

/// Prints the scenario or writes it to a file; what a person should know goes to standard error.
///
/// # Errors
/// When the input is missing or no scenario can be made of it, and when the file is there already.
pub(crate) fn convert(wanted: &Convert) -> Result<u8, Failure> {
    let made = match &wanted.from {
        From::Locustfile(file) => Ok(locustfile(file)?),
        From::Curl(command) if command == "-" => convert::curl(&read(command, CURL_BYTES)?),
        From::Curl(command) => convert::curl(command),
        From::Har { file, no_static } => convert::har(&read(file, HAR_BYTES)?, *no_static),
    };
    let made = made.map_err(|Refusal { message, remedy }| Failure::usage(message, remedy))?;
    match &wanted.output {
        None => print(&made.yaml),
        Some(file) => write(Path::new(file), &made.yaml, wanted.force)?,
    }
    for note in made.notes {
        // Whoever read standard error may be gone.
        let _ = writeln!(io::stderr(), "Note: {note}");
    }
    Ok(PASSED)
}

/// The scenario of a locustfile; its refusals come with excerpts.
fn locustfile(file: &str) -> Result<Converted, Failure> {
    let path = Path::new(file);
    let text = files::read_text(path, FILE_BYTES as u64)?;
    let mut parts = Parts::default();
    let disk = Disk::of(file, path, environment::of_this_process(), &mut parts);
    let made = convert::locustfile(file, &text, &disk);
    made.map_err(|problems| Failure::scenario(problems.render(io::stderr().is_terminal())))
}

fn read(file: &str, limit: usize) -> Result<String, Failure> {
    let path = if file == "-" { STANDARD_INPUT } else { file };
    files::read_text(Path::new(path), limit as u64)
}

fn write(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).create_new(!force);
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::usage(
            format!("{} is there already", path.display()),
            "name another file, or add --force",
        ),
        _ => cannot("write", path, &error),
    })
}
