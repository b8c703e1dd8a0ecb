//! `akrida demo-target`: the server of `akrida demo` alone, for others to load.

use crate::demo::Target;
use crate::exit::{Failure, PASSED};
use crate::log::Speaker;
use crate::screen::Screen;
use crate::session::Attended;
use crate::settings::Layer;
use crate::{reporter, startup, system};

/// Serves until somebody ends it, and tells how many requests came.
///
/// # Errors
/// When the address cannot be had.
pub(crate) fn demo_target(host: &str, port: u16) -> Result<u8, Failure> {
    let (plan, _) = startup::plan(Layer::default())?;
    let log = reporter::log(&plan.output, &system::host_name(), &Screen::stderr())?;
    system::raise_open_files();
    let attended = Attended::new(None, &log)?;
    let target = Target::start(host, port, system::cores()).map_err(|error| {
        Failure::generator(
            format!("{host}:{port} cannot be had: {error}"),
            "end the program that has it, or choose others with --host and --port",
        )
    })?;
    log.info(Speaker::Main, &format!("Answering at {}/fibonacci?n=10", target.url()));
    attended.until_asked_to_end();
    log.info(Speaker::Main, &format!("Answered {} requests", target.counted()));
    Ok(PASSED)
}
