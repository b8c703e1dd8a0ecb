//! Single values: where they stand, and what their text means.

use crate::args::{Flag, Takes, flags};
use crate::exit::Failure;
use crate::quick::Address;
use crate::settings::{Layer, Origin, Setting};
use akrida_scenario::duration::parse_duration;
use akrida_scenario::stages::parse_stages;
use akrida_scenario::{Stage, Threshold, limits, threshold};
use std::ops::RangeInclusive;
use std::time::Duration;

/// Most threads that run users: more than any machine has cores.
const CORES: usize = 4_096;

/// Bounds of the time between two heartbeats: workers of Locust, which know no other, send one each second, and a
/// worker that is heard less than once a minute may as well be gone.
const HEARTBEATS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(60);

/// Most heartbeats that a worker may miss.
const MISSED: u32 = 100;

/// Longest time that a run waits for a worker.
const WORKER_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads values of a layer.
pub(super) struct Reader<'a> {
    pub(super) layer: &'a Layer,
}

impl<'a> Reader<'a> {
    pub(super) fn on(&self, flag: &Flag) -> bool {
        self.layer.get(flag).is_some_and(|setting| is_on(flag, setting))
    }

    pub(super) fn text(&self, flag: &Flag) -> Option<&'a str> {
        self.layer.get(flag).and_then(Setting::last)
    }

    pub(super) fn many(&self, flag: &Flag) -> Vec<String> {
        self.layer.get(flag).map(|setting| setting.values.clone()).unwrap_or_default()
    }

    pub(super) fn parse<T>(
        &self,
        flag: &Flag,
        wanted: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Failure> {
        let Some(setting) = self.layer.get(flag) else { return Ok(None) };
        let Some(text) = setting.last() else { return Ok(None) };
        let wrong = || Failure::usage(format!("{}: `{text}` is not {wanted}", place(flag, setting)), "");
        parse(text).map(Some).ok_or_else(wrong)
    }
}

pub(super) fn is_on(flag: &Flag, setting: &Setting) -> bool {
    flag.takes != Takes::Nothing || setting.last() == Some("true")
}

/// How the place of a setting is told: `--users`, `LOCUST_USERS`, `users in locust.conf`.
pub(super) fn place(flag: &Flag, setting: &Setting) -> String {
    match &setting.origin {
        Origin::Typed => format!("--{}", flag.long),
        Origin::Environment(name) => format!("{} (environment variable {name})", flag.long),
        Origin::File(file) => format!("{} ({file})", flag.long),
    }
}

pub(super) fn stages(read: &Reader<'_>) -> Result<Vec<Stage>, Failure> {
    let Some(setting) = read.layer.get(&flags::STAGES) else { return Ok(Vec::new()) };
    parse_stages(setting.last().unwrap_or_default())
        .map_err(|error| Failure::usage(format!("{}: {error}", place(&flags::STAGES, setting)), ""))
}

pub(super) fn thresholds(read: &Reader<'_>) -> Result<Vec<Threshold>, Failure> {
    let Some(setting) = read.layer.get(&flags::FAIL_IF) else { return Ok(Vec::new()) };
    let threshold = |text: &String| {
        threshold::parse(text).map_err(|error| {
            let place = place(&flags::FAIL_IF, setting);
            let column = text[..error.at.start].chars().count() + 1;
            Failure::usage(format!("{place} `{text}`, character {column}: {}", error.message), error.remedy)
        })
    };
    if setting.values.len() > limits::THRESHOLDS {
        let message =
            format!("{} has more than {} conditions", place(&flags::FAIL_IF, setting), limits::THRESHOLDS);
        return Err(Failure::usage(message, "leave some out"));
    }
    setting.values.iter().map(threshold).collect()
}

pub(super) fn span(text: &str) -> Option<Duration> {
    parse_duration(text).ok()
}

pub(super) fn heartbeat_interval(text: &str) -> Option<Duration> {
    span(text).filter(|interval| HEARTBEATS.contains(interval))
}

pub(super) fn missed_heartbeats(text: &str) -> Option<u32> {
    text.parse().ok().filter(|missed| (1..=MISSED).contains(missed))
}

pub(super) fn worker_wait(text: &str) -> Option<Duration> {
    span(text).filter(|wait| *wait <= WORKER_WAIT)
}

pub(super) fn whole(text: &str) -> Option<u64> {
    text.parse().ok()
}

pub(super) fn rate(text: &str) -> Option<f64> {
    text.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate > 0.0)
}

pub(super) fn cores(text: &str) -> Option<usize> {
    text.parse().ok().filter(|cores| (1..=CORES).contains(cores))
}

pub(super) fn nonzero_port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port > 0)
}

/// A port that has a next one.
pub(super) fn first_of_two_ports(text: &str) -> Option<u16> {
    nonzero_port(text).filter(|port| *port < u16::MAX)
}

/// How many processes; the inner `None` for one on each core.
pub(super) fn processes(text: &str) -> Option<Option<usize>> {
    match text {
        "-1" => Some(None),
        "0" => Some(Some(0)),
        _ => cores(text).map(Some),
    }
}

pub(super) fn host(text: &str) -> Option<String> {
    Address::parse(text).map(|_| text.to_owned())
}
