//! A service that costs CPU: `GET /fibonacci?n=10` answers `34`.

/// Largest `n`: computing it takes some milliseconds of one core.
const LARGEST: u32 = 30;

/// Status and text of the answer.
pub(crate) fn answer(method: &str, path: &str, query: &str) -> (u16, String) {
    if path != "/fibonacci" {
        return (404, "there is only /fibonacci?n=10 here".to_owned());
    }
    if !matches!(method, "GET" | "HEAD") {
        return (405, "only GET is answered here".to_owned());
    }
    let n = query.split('&').find_map(|pair| pair.strip_prefix("n="));
    match n.and_then(|n| n.parse().ok()) {
        Some(n @ 1..=LARGEST) => (200, fibonacci(n).to_string()),
        _ => (400, format!("n is a whole number from 1 to {LARGEST}")),
    }
}

/// F(1) is 0, F(2) is 1. Recursive on purpose: a request has to cost something.
fn fibonacci(n: u32) -> u64 {
    if n <= 2 { u64::from(n.saturating_sub(1)) } else { fibonacci(n - 1) + fibonacci(n - 2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        for (n, text) in [("1", "0"), ("2", "1"), ("3", "1"), ("10", "34"), ("30", "514229")] {
            assert_eq!(answer("GET", "/fibonacci", &format!("n={n}")), (200, text.to_owned()));
        }
        for query in ["", "n=", "n=0", "n=-1", "n=31", "n=x", "n=99999999999", "m=3"] {
            assert_eq!(answer("GET", "/fibonacci", query).0, 400, "{query}");
        }
        assert_eq!(answer("POST", "/fibonacci", "n=1").0, 405);
        assert_eq!(answer("GET", "/", "n=1").0, 404);
    }
}
