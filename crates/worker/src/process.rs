//! What this process uses: the only place that reads `/proc`. Elsewhere than on Linux it tells zeros.

use crate::event::Usage;
use std::time::Duration;

/// Clock ticks per second in `/proc/self/stat`: Linux fixed this unit for user space, whatever its own.
const USER_HZ: f64 = 100.0;

/// CPU is told over at least this time: ticks of 10 ms would make shorter spans jump.
const SPAN: Duration = Duration::from_secs(1);

/// Measures this process from one look to the next.
#[derive(Debug, Default)]
pub struct Process {
    since: Option<(Duration, f64)>,
    usage: Usage,
}

impl Process {
    /// What is used at `now` on a monotonic scale; CPU over the time since the last look, at least a second ago.
    pub fn usage(&mut self, now: Duration) -> Usage {
        let due = self.since.is_none_or(|(then, _)| now >= then + SPAN);
        if !due {
            return self.usage;
        }
        let ticks = read("/proc/self/stat").and_then(|text| cpu_ticks(&text)).unwrap_or(0.0);
        if let Some((then, before)) = self.since {
            self.usage.cpu_percent = 100.0 * (ticks - before) / USER_HZ / (now - then).as_secs_f64();
        }
        self.since = Some((now, ticks));
        self.usage.memory = read("/proc/self/status").and_then(|text| resident(&text)).unwrap_or(0);
        self.usage
    }
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

/// User and system time of the process in ticks: fields 14 and 15. The second field is the program's name in
/// parentheses and may hold anything, so fields are counted from its end.
fn cpu_ticks(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    Some(fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?)
}

/// Resident memory in bytes.
fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_ascii_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_a_hostile_name() {
        let stat = "42 (a) b (c) S 1 42 42 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 3 0 1 1 1";
        assert_eq!(cpu_ticks(stat), Some(300.0));
        assert_eq!(cpu_ticks("nonsense"), None);
    }

    #[test]
    fn resident_memory_is_in_bytes() {
        assert_eq!(resident("Name:\tx\nVmRSS:\t    2048 kB\n"), Some(2 << 20));
        assert_eq!(resident("Name:\tx\n"), None);
    }

    #[test]
    fn this_process_uses_memory() {
        let mut process = Process::default();
        assert!(process.usage(Duration::ZERO).memory > 1 << 20);
    }
}
