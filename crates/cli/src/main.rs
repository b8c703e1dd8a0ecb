//! The binary `akrida`: arguments, environment, signals, exit codes; assembly only.
//!
//! A command line, the environment and configuration files become one [`plan::Plan`]; a scenario file becomes one
//! checked scenario; `commands` puts a master, a worker and an engine together and shows what they do.
//!
//! May not know: any logic worth a test that needs a running cluster.

mod about;
mod args;
mod clock;
mod commands;
mod config;
mod csv_files;
mod demo;
mod environment;
mod exit;
mod files;
mod health;
mod journal;
mod log;
mod log_buffer;
mod metrics;
mod narration;
#[cfg(feature = "otel")]
mod otel;
mod parts;
mod pipeline;
mod plan;
mod progress;
mod python_only;
mod quick;
mod reporter;
mod runs;
mod screen;
mod session;
mod settings;
mod signals;
mod small_server;
mod source;
mod startup;
mod system;
mod unverified;

use args::command::{Step, Typed, command, typed};
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let done = match typed(&command().get_matches()) {
        Typed::Run(layer) => commands::run::run(layer),
        Typed::Demo(layer) => commands::demo::demo(layer),
        Typed::DemoTarget { host, port } => commands::demo_target::demo_target(&host, port),
        Typed::Healthcheck(layer) => commands::healthcheck::healthcheck(layer),
        Typed::Autoscale(layer) => commands::autoscale::autoscale(layer),
        Typed::Step(Step::Metric) => commands::autoscale::metric(),
        Typed::Step(Step::Evaluate) => commands::autoscale::evaluate(),
        Typed::Check { file, schema } => commands::check::check(file.as_deref(), schema),
        Typed::Compare(wanted) => commands::compare::compare(&wanted),
        Typed::Report(wanted) => commands::report::report(&wanted),
        Typed::Convert(conversion) => commands::convert::convert(&conversion),
        Typed::WebUser { name, token } => commands::web_user::web_user(&name, token),
    };
    ExitCode::from(done.unwrap_or_else(|failure| {
        // Whoever read standard error may be gone.
        let _ = writeln!(std::io::stderr(), "{failure}");
        failure.code()
    }))
}
