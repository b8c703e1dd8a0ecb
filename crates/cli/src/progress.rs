//! The line at the bottom of a terminal: how the run stands.

use akrida_run::{RunState, Snapshot};

/// `50/50 users, 1234.5 req/s, 3 failures, 0:42 left`, cut to fit a terminal of `columns`.
pub(crate) fn line(snapshot: &Snapshot, columns: usize) -> String {
    let mut line = format!(
        "{}/{} users, {:.1} req/s, {} failures",
        snapshot.user_count, snapshot.target_user_count, snapshot.now.rps, snapshot.total.num_failures
    );
    let dropped = snapshot.arrivals.iter().fold(0, |sum: u64, row| sum.saturating_add(row.dropped));
    if dropped > 0 {
        line += &format!(", {dropped} starts dropped");
    }
    if let Some(stage) = &snapshot.stage {
        line += &format!(", stage {} of {}", stage.index + 1, stage.of);
    }
    match (snapshot.state, snapshot.time_left) {
        (RunState::Stopping, _) => line += ", stopping",
        (_, Some(left)) => line += &format!(", {} left", clock(left)),
        _ => {}
    }
    if snapshot.generator.saturated_now {
        line += ", LIMITED BY THE GENERATOR";
    }
    // A line as wide as the terminal would make it scroll.
    line.chars().take(columns.saturating_sub(1)).collect()
}

/// `0:07`, `1:02:03`.
fn clock(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds; saturates")]
    let seconds = seconds.ceil() as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_run::{ArrivalsRow, Generator, Now, Row, StageNow};

    fn snapshot() -> Snapshot {
        Snapshot {
            state: RunState::Running,
            user_count: 49,
            target_user_count: 50,
            time_left: Some(41.2),
            now: Now { rps: 1_234.56, ..Now::default() },
            total: Row { num_failures: 3, ..Row::default() },
            ..Snapshot::default()
        }
    }

    #[test]
    fn lines() {
        let staged = Snapshot {
            stage: Some(StageNow { index: 0, of: 3, name: "peak".to_owned() }),
            generator: Generator { saturated_now: true, ..Generator::default() },
            time_left: Some(3_723.0),
            ..snapshot()
        };
        let stopping = Snapshot { state: RunState::Stopping, ..snapshot() };
        let endless = Snapshot { time_left: None, ..snapshot() };
        let class = |dropped| ArrivalsRow { dropped, ..ArrivalsRow::default() };
        let open = Snapshot { arrivals: vec![class(0), class(7)], ..snapshot() };
        let lines = [snapshot(), staged, stopping, endless, open].map(|snapshot| line(&snapshot, 120));
        insta::assert_snapshot!(lines.join("\n"), @r"
        49/50 users, 1234.6 req/s, 3 failures, 0:42 left
        49/50 users, 1234.6 req/s, 3 failures, stage 1 of 3, 1:02:03 left, LIMITED BY THE GENERATOR
        49/50 users, 1234.6 req/s, 3 failures, stopping
        49/50 users, 1234.6 req/s, 3 failures
        49/50 users, 1234.6 req/s, 3 failures, 7 starts dropped, 0:42 left
        ");
    }

    #[test]
    fn narrow_terminals_do_not_scroll() {
        assert_eq!(line(&snapshot(), 12), "49/50 users");
        assert_eq!(line(&snapshot(), 0), "");
    }
}
