//! Sound frames, to be made hostile ones of.

use super::{COUNTED, Simulation};
use akrida_master::{Command, Load, Start};
use bytes::Bytes;
use std::cmp::Reverse;
use std::time::Duration;

/// Users of the run.
const USERS: u64 = 20;

/// Frames of a short run of two workers: whether to the master, and the frame.
pub(crate) fn sample() -> Vec<(bool, Bytes)> {
    let mut simulation = Simulation::new(0);
    simulation.watched.allow(Duration::ZERO, USERS);
    simulation.join(None, Duration::ZERO);
    simulation.join(None, Duration::ZERO);
    let mut frames: Vec<(bool, Bytes)> = Vec::new();
    for second in 0..6 {
        let load = Load::Constant { users: USERS, spawn_rate: 10.0 };
        let command = match second {
            1 => Some(Command::Start(Start {
                load,
                host: Some("http://localhost".to_owned()),
                run_time: None,
            })),
            4 => Some(Command::Stop),
            _ => None,
        };
        command.map(|command| simulation.command(command));
        for _ in 0..100 {
            simulation.pass(Duration::from_millis(10));
            for Reverse(frame) in simulation.network.iter() {
                // Under another name, so that what these frames tell is not taken for what workers did.
                let body = frame.body.clone().unwrap_or_default();
                let sample = (frame.to_master, Bytes::from(renamed(&body)));
                if !sample.1.is_empty() && !frames.contains(&sample) {
                    frames.push(sample);
                }
            }
        }
    }
    frames
}

/// A frame that tells of other requests, of as long a name.
fn renamed(frame: &[u8]) -> Vec<u8> {
    let (counted, other) = (COUNTED.as_bytes(), b"/another");
    let mut frame = frame.to_vec();
    for at in 0..frame.len().saturating_sub(counted.len()) {
        if frame[at..].starts_with(counted) {
            frame[at..at + counted.len()].copy_from_slice(other);
        }
    }
    frame
}
