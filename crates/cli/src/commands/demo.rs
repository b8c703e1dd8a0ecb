//! `akrida demo`: a small server, a scenario for it, and whether both counted the same.

use super::run::{Ended, carry_out};
use crate::args::flags;
use crate::demo::{Target, scenario};
use crate::exit::{Failure, GENERATOR, PASSED};
use crate::parts::Parts;
use crate::plan::Tables;
use crate::settings::Layer;
use crate::{startup, system};

/// Users, and how many begin in a second, where nobody said and the page can change it.
const USERS: u64 = 20;
const SPAWN_RATE: f64 = 5.0;

/// Runs the demo.
///
/// # Errors
/// When flags name another test, or the target cannot start.
pub(crate) fn demo(typed: Layer) -> Result<u8, Failure> {
    if let Some(flag) = [&flags::LOCUSTFILE, &flags::HOST].into_iter().find(|flag| typed.get(flag).is_some())
    {
        return Err(Failure::usage(
            format!("--{} has no meaning here: the demo brings its own test and target", flag.long),
            "leave it out, or leave out `demo`",
        ));
    }
    let (mut plan, notices) = startup::plan(typed)?;
    plan.load.host = None;
    if let Some(web) = &mut plan.web {
        // There is something to see at once.
        web.autostart = true;
        if plan.load.given.is_empty() {
            (plan.load.users, plan.load.spawn_rate) = (USERS, SPAWN_RATE);
        }
    }
    let target = Target::start("127.0.0.1", 0, system::cores().div_ceil(2))
        .map_err(|error| Failure::generator(format!("the demo's target cannot start: {error}"), ""))?;
    let ended = carry_out(&plan, scenario(&target.url()), Parts::default(), &notices)?;
    let Ended { code, run: Some((snapshot, screen)) } = ended else { return Ok(ended.code) };
    if plan.web.is_some() {
        // The figures are those of the last of several runs.
        return Ok(code);
    }
    let counted = target.counted();
    let figures = snapshot.total.num_requests;
    let (line, code) = verdict(counted, figures, plan.load.reset_stats, code);
    if plan.output.tables != Tables::Never || code != PASSED {
        screen.print(&format!("{line}\n"));
    }
    Ok(code)
}

/// What is said about both counts, and the exit code.
fn verdict(counted: u64, figures: u64, reset: bool, code: u8) -> (String, u8) {
    let line = format!("target counted {counted} requests");
    if counted == figures {
        (format!("{line}, as many as were sent"), code)
    } else if reset {
        (format!("{line}, those before the figures were reset included"), code)
    } else {
        (format!("{line}, but the figures say {figures}"), GENERATOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_to_agree() {
        assert_eq!(
            verdict(5, 5, false, 1),
            ("target counted 5 requests, as many as were sent".to_owned(), 1)
        );
        assert_eq!(
            verdict(5, 4, false, 0),
            ("target counted 5 requests, but the figures say 4".to_owned(), 3)
        );
        assert_eq!(verdict(5, 4, true, 0).1, 0);
    }
}
