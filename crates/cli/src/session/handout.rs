//! What a master gives to workers that were started with `-f -`.

use crate::files;
use crate::plan::Test;
use crate::source;
use akrida_master::Handout;
use akrida_protocol::{LocustfileReply, LocustfileSource};
use akrida_scenario::limits;
use std::path::Path;

/// Locustfiles as they are, under their base names. Scenarios name files and secrets, and are not handed out.
pub(super) fn handout(test: &Test) -> Handout {
    let paths = match test {
        Test::Address(_) => Err(no_file("this master loads one address and has no file to give")),
        Test::DefaultFile => source::default_file(Path::new("."))
            .map(|path| vec![path])
            .map_err(|_| no_file("this master has no file to give")),
        Test::Files(paths) => Ok(paths.clone()),
    };
    let reply = paths.and_then(|paths| paths.iter().map(|path| locustfile(path)).collect());
    let reply = reply.map_or_else(LocustfileReply::Error, LocustfileReply::Sources);
    Handout::new(&reply, &reply)
}

fn locustfile(path: &Path) -> Result<LocustfileSource, String> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if path.extension().is_none_or(|ending| ending != "py") {
        return Err(no_file(&format!("{name} is no locustfile, and only these are handed out")));
    }
    let contents = files::read_text(path, limits::FILE_BYTES as u64)
        .map_err(|_| no_file(&format!("{name} cannot be read on the master")))?;
    Ok(LocustfileSource::File { filename: name.to_owned(), contents })
}

/// Why there is none, and what to do.
fn no_file(why: &str) -> String {
    format!("{why}: start the worker with -f FILE")
}
