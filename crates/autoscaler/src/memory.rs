//! What is remembered from one round to the next.
//!
//! Written to a file, a ConfigMap or an annotation before anything is scaled, and read again at the beginning of each
//! round: so a process that is killed at any moment loses the round that it was in, and nothing else.

use crate::limits;
use serde::{Deserialize, Serialize};

/// What decisions depend on beside measurements.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// Runs that left the count as it was, since it last changed. The first of these autoscalers called it so too,
    /// and its file is read.
    #[serde(default)]
    pub runs_since_change: u32,
    /// Replicas after the last round; `None` before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// When the count was last changed by a decision, unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<f64>,
    /// Counts that were recommended, with their times in unix seconds: each higher than all after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recommended: Vec<(f64, u32)>,
}

/// What is kept: what is remembered, and a change that is being made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// As of before the change.
    #[serde(flatten)]
    pub memory: Memory,
    /// The change, from the decision until it is known to have been made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
}

/// A change that was decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// Replicas before.
    pub from: u32,
    /// Replicas that were decided.
    pub to: u32,
    /// What is remembered once they are wanted.
    pub then: Memory,
}

/// Why something that was kept cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what was remembered cannot be read ({0}): beginning anew, as after a change")]
pub struct Unreadable(String);

impl Kept {
    /// Reads what was kept; an empty text is nothing. `now` is the time in unix seconds.
    ///
    /// What cannot be read does not stop the autoscaler: with the error come memories as if the count had changed
    /// just now, so that neither a cool-down nor a decay comes too early.
    #[must_use]
    pub fn read(text: &str, now: f64) -> (Self, Option<Unreadable>) {
        if text.trim().is_empty() {
            return (Self::default(), None);
        }
        let read = if text.len() > limits::MEMORY_BYTES {
            Err(format!("it has more than {} bytes", limits::MEMORY_BYTES))
        } else {
            serde_json::from_str(text).map_err(|error| error.to_string())
        };
        match read
            .and_then(|kept: Self| if kept.is_sound() { Ok(kept) } else { Err("a time is none".to_owned()) })
        {
            Ok(kept) => (kept, None),
            Err(why) => {
                let memory = Memory { changed_at: Some(now), ..Memory::default() };
                (Self { memory, pending: None }, Some(Unreadable(why)))
            }
        }
    }

    /// As text, on one line.
    #[must_use]
    pub fn write(&self) -> String {
        // Maps with text for keys, and numbers that are finite: this cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What is remembered, now that so many replicas are wanted: whether a change that was being made when this was
    /// written was made, shows in their number.
    #[must_use]
    pub fn resolve(self, current: u32) -> Memory {
        match self.pending {
            Some(pending) if pending.to == current => pending.then,
            _ => self.memory,
        }
    }

    fn is_sound(&self) -> bool {
        let sound = |memory: &Memory| {
            memory.changed_at.is_none_or(f64::is_finite)
                && memory.recommended.len() <= limits::RECOMMENDATIONS
                && memory.recommended.iter().all(|(at, _)| at.is_finite())
        };
        sound(&self.memory) && self.pending.as_ref().is_none_or(|pending| sound(&pending.then))
    }
}

impl From<Memory> for Kept {
    fn from(memory: Memory) -> Self {
        Self { memory, pending: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(runs: u32) -> Memory {
        Memory {
            runs_since_change: runs,
            replicas: Some(3),
            changed_at: Some(100.5),
            recommended: vec![(90.0, 4), (100.5, 3)],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let pending = Some(Pending { from: 3, to: 4, then: memory(0) });
        for kept in [Kept::default(), memory(12).into(), Kept { memory: memory(2), pending }] {
            assert_eq!(Kept::read(&kept.write(), 200.0), (kept, None));
        }
        assert_eq!(Kept::read("", 200.0), (Kept::default(), None));
    }

    #[test]
    fn the_first_autoscalers_file_is_read() {
        let (kept, error) = Kept::read(r#"{"runs_since_change": 12}"#, 200.0);
        assert_eq!((kept.memory.runs_since_change, error), (12, None));
    }

    #[test]
    fn what_cannot_be_read_begins_a_cool_down_and_no_decay() {
        // The first is what the first autoscaler left behind after ten runs: its file was not cut off.
        let long = "x".repeat(limits::MEMORY_BYTES + 1);
        for text in
            [r#"{"runs_since_change": 0}}"#, "{", "[1]", r#"{"runs_since_change": -1}"#, &long, "\u{0}"]
        {
            let (kept, error) = Kept::read(text, 200.0);
            assert_eq!(kept.memory, Memory { changed_at: Some(200.0), ..Memory::default() }, "{text}");
            assert!(error.unwrap().to_string().starts_with("what was remembered cannot be read"));
        }
    }

    #[test]
    fn a_change_that_was_being_made_counts_if_it_was_made() {
        let kept = Kept { memory: memory(3), pending: Some(Pending { from: 3, to: 4, then: memory(0) }) };
        assert_eq!(kept.clone().resolve(4), memory(0));
        assert_eq!(kept.clone().resolve(3), memory(3));
        assert_eq!(kept.resolve(7), memory(3));
    }
}
