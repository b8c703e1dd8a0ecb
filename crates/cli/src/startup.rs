//! From what was typed to a plan: the environment and configuration files are laid below it.

use crate::args::{self, flags};
use crate::environment::Variables;
use crate::exit::Failure;
use crate::log::Notice;
use crate::plan::autoscale::AutoscalePlan;
use crate::plan::{self, Machine, Plan};
use crate::settings::{Layer, Origin, Setting};
use crate::{clock, config, environment, files, system};
use std::path::{Path, PathBuf};

/// The plan of what was typed in this environment, and what should be logged about it.
///
/// # Errors
/// When a source cannot be read, or a value in it.
pub(crate) fn plan(typed: Layer) -> Result<(Plan, Vec<Notice>), Failure> {
    let variables = environment::of_this_process();
    let mut notices = Vec::new();
    let mut layer = typed.over(environment::read(&variables)?);
    for (path, wanted) in configuration_files(&layer, &variables) {
        if wanted || path.is_file() {
            let text = files::read_text(&path, config::FILE_BYTES)?;
            layer = layer.over(config::read(&path.display().to_string(), &text, &mut notices)?);
        }
    }
    let machine = Machine { cores: system::cores(), seed: clock::nanoseconds() };
    let (mut plan, more) = plan::resolve(&layer, machine)?;
    plan.output.pipeline = plan.output.pipeline.within(&variables);
    #[cfg(feature = "otel")]
    if layer.get(&flags::OTEL).and_then(Setting::last) == Some("true") {
        plan.otel = crate::otel::Otel::read(&variables)?;
    }
    notices.extend(more);
    Ok((plan, notices))
}

/// The same for a controller, and what is asked of it.
///
/// # Errors
/// As [`plan()`].
pub(crate) fn autoscale(typed: Layer) -> Result<(Plan, AutoscalePlan, Vec<Notice>), Failure> {
    let own = environment::read_flags(&environment::of_this_process(), args::autoscale::own())?;
    let mut typed = typed.over(own);
    // It has a page of its own kind.
    typed.set(&flags::HEADLESS, vec!["true".to_owned()], Origin::Typed);
    let (plan, notices) = plan(typed.clone())?;
    let asked = plan::autoscale::resolve(&typed, &plan)?;
    Ok((plan, asked, notices))
}

/// Configuration files by rank, and whether each has to be there.
fn configuration_files(layer: &Layer, variables: &Variables) -> Vec<(PathBuf, bool)> {
    let named = layer.get(&flags::CONFIG).and_then(Setting::last).map(|file| (PathBuf::from(file), true));
    let home = variables.get("HOME").map(Path::new);
    let defaults = config::DEFAULT_FILES.iter().rev().filter_map(|file| match file.strip_prefix("~/") {
        Some(file) => home.map(|home| (home.join(file), false)),
        None => Some((PathBuf::from(file), false)),
    });
    named.into_iter().chain(defaults).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_file_ranks_first_and_the_one_at_home_last() {
        let mut layer = Layer::default();
        layer.set(&flags::CONFIG, vec!["my.conf".to_owned()], Origin::Typed);
        let variables = Variables::from([("HOME".to_owned(), "/home/me".to_owned())]);
        let files = configuration_files(&layer, &variables);
        let shown: Vec<_> = files.iter().map(|(path, wanted)| (path.to_str().unwrap(), *wanted)).collect();
        assert_eq!(
            shown,
            [
                ("my.conf", true),
                ("pyproject.toml", false),
                ("locust.conf", false),
                ("/home/me/.locust.conf", false)
            ]
        );
    }
}
