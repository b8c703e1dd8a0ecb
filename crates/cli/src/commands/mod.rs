//! What the program can do, one file each.

pub(crate) mod autoscale;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod convert;
pub(crate) mod demo;
pub(crate) mod demo_target;
pub(crate) mod healthcheck;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod web_user;

use std::io::{self, Write as _};

/// Prints to standard output; what closed it, such as `| head`, has read enough.
pub(crate) fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
