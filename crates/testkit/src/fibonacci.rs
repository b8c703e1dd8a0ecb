//! The service of `akrida demo`, for tests: an answer that costs CPU.

use crate::http1::{Answer, Request};
use crate::limits::FIBONACCI_N;
use crate::target::Target;

impl Target {
    /// `GET /fibonacci?n=10` answers `34`: F(1) is 0, F(2) is 1. Anything else is 400 or 404.
    #[must_use]
    pub fn fibonacci() -> Self {
        Self::start(answer)
    }
}

fn answer(request: &Request) -> Answer {
    if request.method != "GET" || request.path != "/fibonacci" {
        return Answer::status(404, "There is only GET /fibonacci?n=N here.");
    }
    match request.parameter("n").map(str::parse) {
        Some(Ok(n @ 1..=FIBONACCI_N)) => Answer::ok(fibonacci(n).to_string()),
        _ => Answer::status(400, format!("n must be a number from 1 to {FIBONACCI_N}.")),
    }
}

/// Recursive on purpose: a request has to cost something.
fn fibonacci(n: u32) -> u64 {
    if n <= 2 { u64::from(n - 1) } else { fibonacci(n - 1) + fibonacci(n - 2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_from_zero_and_one() {
        let check = |target: &str, expected: Answer| {
            assert_eq!(answer(&Request::new("GET", target)), expected, "{target}");
        };
        check("/fibonacci?n=1", Answer::ok("0"));
        check("/fibonacci?n=2", Answer::ok("1"));
        check("/fibonacci?n=10", Answer::ok("34"));
        for bad in ["?n=0", "?n=31", "?n=-1", "?n=x", "?n=", "?m=1", "", "?n=99999999999999999999"] {
            let bad = format!("/fibonacci{bad}");
            check(&bad, Answer::status(400, "n must be a number from 1 to 30."));
        }
        check("/", Answer::status(404, "There is only GET /fibonacci?n=N here."));
    }
}
