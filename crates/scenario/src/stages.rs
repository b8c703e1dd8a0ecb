//! Users over time in one line: `--stages 30s:10,1m:50@5`.

use crate::duration::{DurationError, parse_duration};
use crate::limits::{STAGES, USERS};
use crate::model::Stage;
use std::time::Duration;

/// Why a text gives no stages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stage {number}, `{text}`: {reason}")]
pub struct StagesError {
    /// Which stage, from 1.
    pub number: usize,
    /// As written.
    pub text: String,
    /// What to write instead.
    pub reason: StageError,
}

/// Why a text is no stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StageError {
    /// It has no colon, or more than one.
    #[error("write duration:users or duration:users@rate, such as 1m:50@5")]
    Form,
    /// The part before the colon.
    #[error(transparent)]
    Duration(#[from] DurationError),
    /// A stage of no length would never be seen.
    #[error("a stage lasts longer than 0 seconds")]
    Empty,
    /// The part after the colon.
    #[error("the number of users is a whole number of at most {USERS}")]
    Users,
    /// The part after the `@`.
    #[error("the spawn rate is a number of users per second, above 0 and at most {USERS}")]
    Rate,
    /// There are more than [`STAGES`].
    #[error("there can be at most {STAGES} stages")]
    TooMany,
}

/// Reads stages: `duration:users` or `duration:users@rate`, separated by commas. Without a rate, the users change
/// evenly over the whole stage ([`even_rate`]).
///
/// # Errors
/// The first stage that cannot be read.
pub fn parse_stages(text: &str) -> Result<Vec<Stage>, StagesError> {
    let mut stages: Vec<Stage> = Vec::new();
    for (index, part) in text.split(',').enumerate() {
        let before = stages.last().map_or(0, |stage| stage.users);
        let stage = if index < STAGES { parse_stage(part.trim(), before) } else { Err(StageError::TooMany) };
        match stage {
            Ok((duration, users, spawn_rate)) => {
                stages.push(Stage { name: (index + 1).to_string(), duration, users, spawn_rate });
            }
            Err(reason) => {
                let text = part.trim().chars().take(40).collect();
                return Err(StagesError { number: index + 1, text, reason });
            }
        }
    }
    Ok(stages)
}

fn parse_stage(text: &str, before: u64) -> Result<(Duration, u64, f64), StageError> {
    let (duration, rest) = text.split_once(':').ok_or(StageError::Form)?;
    let (users, rate) = match rest.split_once('@') {
        Some((users, rate)) => (users, Some(rate)),
        None => (rest, None),
    };
    let duration = parse_duration(duration.trim())?;
    if duration.is_zero() {
        return Err(StageError::Empty);
    }
    let users = users.trim().parse().ok().filter(|users| *users <= USERS).ok_or(StageError::Users)?;
    let rate = match rate {
        None => even_rate(before, users, duration),
        Some(rate) => {
            let rate = rate.trim().parse().ok();
            rate.filter(|rate| *rate > 0.0 && *rate <= USERS as f64).ok_or(StageError::Rate)?
        }
    };
    Ok((duration, users, rate))
}

/// The spawn rate of a stage that has none of its own, users per second: `before` becomes `users` just as the
/// stage ends. A stage that changes nothing gets 1, for a fleet that lost users to a worker.
#[must_use]
pub fn even_rate(before: u64, users: u64, duration: Duration) -> f64 {
    if before == users { 1.0 } else { before.abs_diff(users) as f64 / duration.as_secs_f64() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_stages() {
        let check = |text: &str, expected: &[(f64, u64, f64)]| {
            let stages = parse_stages(text).unwrap();
            let found: Vec<_> =
                stages.iter().map(|s| (s.duration.as_secs_f64(), s.users, s.spawn_rate)).collect();
            assert_eq!(found, expected, "{text}");
            for (index, stage) in stages.iter().enumerate() {
                assert_eq!(stage.name, (index + 1).to_string());
            }
        };
        check("30s:10,1m:50@5", &[(30.0, 10, 10.0 / 30.0), (60.0, 50, 5.0)]);
        check("10:100, 20:100, 5:0", &[(10.0, 100, 10.0), (20.0, 100, 1.0), (5.0, 0, 20.0)]);
        check("1.5s:1@0.5", &[(1.5, 1, 0.5)]);
    }

    #[test]
    fn refuses_the_rest() {
        let check = |text: &str, expected: &str| {
            assert_eq!(parse_stages(text).unwrap_err().to_string(), expected);
        };
        let form = "write duration:users or duration:users@rate, such as 1m:50@5";
        check("", &format!("stage 1, ``: {form}"));
        check("1m:1,", &format!("stage 2, ``: {form}"));
        check("1m:1,1m50", &format!("stage 2, `1m50`: {form}"));
        check("1x:1", "stage 1, `1x:1`: write a duration such as 20, 20s, 3m, 1h20m, 250ms or 1.5s");
        check("0:1", "stage 1, `0:1`: a stage lasts longer than 0 seconds");
        check("8761h:1", "stage 1, `8761h:1`: the longest duration is a year, 8760h");
        check("1:-1", "stage 1, `1:-1`: the number of users is a whole number of at most 10000000");
        check(
            "1:10000001",
            "stage 1, `1:10000001`: the number of users is a whole number of at most 10000000",
        );
        let rate = "the spawn rate is a number of users per second, above 0 and at most 10000000";
        for bad in ["1:1@0", "1:1@", "1:1@NaN", "1:1@inf", "1:1@-1", "1:1@x"] {
            check(bad, &format!("stage 1, `{bad}`: {rate}"));
        }
        check(&"1:1,".repeat(STAGES + 1), "stage 1001, `1:1`: there can be at most 1000 stages");
    }
}
