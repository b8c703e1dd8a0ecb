//! `cargo xtask ...`: the project's own commands. Light on purpose: it is built before anything is checked.
//!
//! May not know: the crates of the project; it runs their binaries and tests as anybody would.

mod fleet;
mod machine;
mod old_locust;
mod page;
mod peers;
mod prove;
mod step;
mod test;

use std::process::ExitCode;

const TEST: &str = "\
cargo xtask test               everything that must hold before a change lands: format, lints, build, tests
cargo xtask test page          of these the page in a browser
";

const BENCH: &str = "\
cargo xtask bench peers        what a request costs akrida, wrk, oha, hey, goose and Locust, on a quiet machine
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["test"] => test::run(),
        ["test", "page"] => page::alone(),
        ["screenshots"] => page::screenshots(),
        ["prove", "page"] => page::prove(),
        ["prove", what, options @ ..] => prove::run(what, options),
        ["bench", "peers", options @ ..] => peers::run(options),
        ["bench", "shop"] => peers::shop::run(),
        ["bench", "locustfiles"] => peers::locustfiles::run(),
        ["bench", "fleet"] => fleet::run(),
        _ => {
            eprint!(
                "{TEST}{}\n{}\n{}{}{}{BENCH}{}",
                page::MENU,
                prove::menu(),
                fleet::MENU,
                peers::shop::MENU,
                peers::locustfiles::MENU,
                peers::HELP
            );
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask: {failure}");
            ExitCode::FAILURE
        }
    }
}
