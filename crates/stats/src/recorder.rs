//! Where a core puts its samples.

use crate::entry::{Measured, PerSecond, SecondCounts};
use crate::errors::shorten;
use crate::intended::Recording;
use crate::{Delta, EntryKey, Errors, Histogram, LabelId, RequestId, limits};
use std::collections::HashMap;

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As the test wants it.
    Passed,
    /// Not so; the reason is told to [`Recorder::failed`].
    Failed,
}

/// One request that ended. Times are microseconds on the recorder's own monotonic scale.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// What was requested.
    pub request: RequestId,
    /// When it should have started, where the load is open or paced; `None` where there is no such time.
    pub intended: Option<u64>,
    /// When it started.
    pub sent: u64,
    /// When its answer was complete.
    pub done: u64,
    /// Bytes of the response's body.
    pub bytes: u64,
    /// How it ended.
    pub outcome: Outcome,
}

/// The labels and samples of one core since the last report. Never shared between threads.
///
/// The way of a sample is an index into a vector, a histogram's increment and a few additions: no hashing, no
/// string, no allocation.
#[derive(Debug)]
pub struct Recorder {
    labels: Vec<EntryKey>,
    known: HashMap<EntryKey, LabelId>,
    /// By stage, then by label.
    slots: Vec<Vec<Option<Box<Slot>>>>,
    used: usize,
    errors: Errors,
    /// Unix microseconds at 0 of the monotonic scale.
    epoch_us: u64,
    overflowed: bool,
}

#[derive(Debug)]
struct Slot {
    counted: Measured,
    times: Histogram<u32>,
    /// Times from the intended start, once there was one.
    intended: Option<Box<Recording>>,
    /// The second being counted; older ones are in `counted.per_second`.
    second: u64,
    in_second: SecondCounts,
}

impl Recorder {
    /// A recorder whose monotonic 0 is `epoch_us` unix microseconds.
    #[must_use]
    pub fn new(epoch_us: u64) -> Self {
        let mut this = Self {
            labels: Vec::new(),
            known: HashMap::new(),
            slots: Vec::new(),
            used: 0,
            errors: Errors::default(),
            epoch_us,
            overflowed: false,
        };
        this.label(EntryKey { name: limits::OTHER.to_owned(), ..EntryKey::default() });
        this
    }

    /// From now on monotonic 0 is `epoch_us` unix microseconds: the clock was compared with a better one. To be
    /// said right before a [`drain`](Self::drain), so that all times of a delta are by one clock.
    pub fn set_epoch(&mut self, epoch_us: u64) {
        self.epoch_us = epoch_us;
    }

    /// The number of a label; the same for equal labels. Above the bound all new ones are [`limits::OTHER`].
    /// The key's stage is ignored: it comes with each sample.
    pub fn label(&mut self, mut key: EntryKey) -> LabelId {
        key.stage = None;
        shorten(&mut key.name, limits::NAME);
        if let Some(&id) = self.known.get(&key) {
            return id;
        }
        if self.labels.len() > limits::ENTRIES {
            self.overflowed = true;
            return LabelId(0);
        }
        #[expect(clippy::cast_possible_truncation, reason = "bounded by limits::ENTRIES")]
        let id = LabelId(self.labels.len() as u32);
        self.labels.push(key.clone());
        self.known.insert(key, id);
        id
    }

    /// Forgets all labels, and that there were too many, so that a new run has room for its own. Whoever holds numbers
    /// asks for them anew. `false`, and nothing is forgotten, while something is counted that was not drained.
    pub fn forget(&mut self) -> bool {
        let mut slots = self.slots.iter().flatten().flatten();
        if !self.errors.is_empty() || slots.any(|slot| slot.counted.requests > 0) {
            return false;
        }
        self.labels.truncate(1);
        self.known.retain(|_, id| id.0 == 0);
        self.slots.clear();
        (self.used, self.overflowed) = (0, false);
        true
    }

    /// The name that a label stands for.
    #[must_use]
    pub fn name(&self, label: LabelId) -> &str {
        self.labels.get(label.0 as usize).map_or(limits::OTHER, |key| &key.name)
    }

    /// Counts one request.
    pub fn record(&mut self, sample: &Sample) {
        let done_us = self.epoch_us.saturating_add(sample.done);
        let slot = self.slot(sample.request, self.epoch_us.saturating_add(sample.sent));
        let time = sample.done.saturating_sub(sample.sent);
        let failed = u64::from(sample.outcome == Outcome::Failed);
        slot.times.record(time);
        if let Some(intended) = sample.intended {
            slot.intended.get_or_insert_default().record(sample.done.saturating_sub(intended));
        }
        let counted = &mut slot.counted;
        counted.requests += 1;
        counted.failures += failed;
        counted.total_us = counted.total_us.saturating_add(time);
        counted.min_us = Some(counted.min_us.map_or(time, |min| min.min(time)));
        counted.max_us = counted.max_us.max(time);
        counted.content_length = counted.content_length.saturating_add(sample.bytes);
        counted.last_us = counted.last_us.max(Some(done_us));
        let second = done_us / 1_000_000;
        if second != slot.second {
            slot.flush_second();
            slot.second = second;
        }
        slot.in_second.requests += 1;
        slot.in_second.failures += failed;
    }

    /// Tells why a request failed that was, or will be, recorded as failed; `at` on the monotonic scale.
    pub fn failed(&mut self, request: RequestId, error: &str, at: u64) {
        let at_us = self.epoch_us.saturating_add(at);
        // A number that was forgotten is (other).
        let key = self.labels.get(request.label.0 as usize).unwrap_or(&self.labels[0]);
        self.errors.log(&key.method, &key.name, error, at_us);
    }

    /// What was measured since the last call; the next delta starts at `now`, monotonic microseconds.
    pub fn drain(&mut self, now: u64) -> Delta {
        let next_start_us = self.epoch_us.saturating_add(now);
        let mut delta = Delta {
            errors: std::mem::take(&mut self.errors),
            names_overflowed: self.overflowed,
            ..Delta::default()
        };
        let stages = self.slots.len();
        for (stage, slots) in self.slots.iter_mut().enumerate() {
            for (label, entry) in slots.iter_mut().enumerate() {
                let Some(slot) = entry else { continue };
                if slot.counted.requests == 0 {
                    if stage + 1 < stages {
                        // Its stage is over: the place is for the entries of the next ones.
                        *entry = None;
                        self.used -= 1;
                    } else {
                        slot.counted.start_us = next_start_us;
                    }
                    continue;
                }
                slot.flush_second();
                slot.counted.times = slot.times.to_sparse();
                slot.times.clear();
                slot.counted.from_intended = slot.intended.as_mut().and_then(|times| times.drain());
                let measured = std::mem::replace(&mut slot.counted, Measured::since(next_start_us));
                let mut key = self.labels[label].clone();
                key.stage = stage.checked_sub(1).and_then(|stage| u16::try_from(stage).ok());
                delta.entries.insert(key, measured);
            }
        }
        delta
    }

    fn slot(&mut self, request: RequestId, start_us: u64) -> &mut Slot {
        let (mut stage, mut label) = (usize::from(request.stage), request.label.0 as usize);
        if label >= self.labels.len() {
            label = 0;
        }
        let vacant = |this: &Self, stage: usize, label: usize| {
            this.slots.get(stage).and_then(|slots| slots.get(label)).is_none_or(Option::is_none)
        };
        if vacant(self, stage, label) && self.used >= limits::ENTRIES {
            self.overflowed = true;
            label = 0;
            if vacant(self, stage, label) {
                stage = 0;
            }
        }
        if stage >= self.slots.len() {
            self.slots.resize_with(stage + 1, Vec::new);
        }
        let slots = &mut self.slots[stage];
        if label >= slots.len() {
            slots.resize_with(label + 1, || None);
        }
        slots[label].get_or_insert_with(|| {
            self.used += 1;
            Box::new(Slot {
                counted: Measured { per_second: PerSecond::default(), ..Measured::since(start_us) },
                times: Histogram::default(),
                intended: None,
                second: 0,
                in_second: SecondCounts::default(),
            })
        })
    }
}

impl Slot {
    fn flush_second(&mut self) {
        let counts = std::mem::take(&mut self.in_second);
        if counts.requests > 0 {
            self.counted.per_second.add(self.second, counts);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPOCH: u64 = 1_700_000_000_000_000;

    fn sample(request: RequestId, sent: u64, done: u64) -> Sample {
        Sample { request, intended: None, sent, done, bytes: 10, outcome: Outcome::Passed }
    }

    #[test]
    fn a_delta_holds_what_was_recorded_and_the_next_one_does_not() {
        let mut recorder = Recorder::new(EPOCH);
        let index = RequestId { label: recorder.label(EntryKey::plain("GET", "/")), stage: 0 };
        recorder.record(&sample(index, 0, 1_500));
        recorder.record(&Sample { outcome: Outcome::Failed, ..sample(index, 900_000, 1_000_100) });
        recorder.failed(index, "refused", 1_000_100);
        let delta = recorder.drain(1_100_000);
        let measured = &delta.entries[&EntryKey::plain("GET", "/")];
        assert_eq!((measured.requests, measured.failures, measured.content_length), (2, 1, 20));
        assert_eq!((measured.min_us, measured.max_us, measured.total_us), (Some(1_500), 100_100, 101_600));
        assert_eq!((measured.start_us, measured.last_us), (EPOCH, Some(EPOCH + 1_000_100)));
        assert_eq!(measured.per_second.seconds().len(), 2);
        assert_eq!(delta.errors.len(), 1);
        assert!(recorder.drain(1_200_000).is_empty());
        recorder.record(&sample(index, 1_300_000, 1_300_001));
        assert_eq!(recorder.drain(1_400_000).sum().start_us, EPOCH + 1_200_000);
    }

    #[test]
    fn a_new_run_has_room_for_its_own_labels() {
        let mut recorder = Recorder::new(EPOCH);
        let mut last = LabelId(0);
        for number in 0..limits::ENTRIES + 5 {
            last = recorder.label(EntryKey::plain("GET", &number.to_string()));
            recorder.record(&sample(RequestId { label: last, stage: 0 }, 0, 1));
        }
        let kept = RequestId { label: recorder.label(EntryKey::plain("GET", "4000")), stage: 0 };
        assert_eq!(recorder.name(last), limits::OTHER);
        assert!(!recorder.forget(), "what was counted has not been told yet");
        assert!(recorder.drain(2).names_overflowed);
        assert!(recorder.forget());
        let new = RequestId { label: recorder.label(EntryKey::plain("GET", "new")), stage: 0 };
        assert_eq!(recorder.name(new.label), "new");
        recorder.record(&sample(new, 3, 4));
        // One that somebody held all the same does no harm.
        recorder.record(&sample(kept, 3, 4));
        recorder.failed(kept, "late", 4);
        let delta = recorder.drain(5);
        let names: Vec<_> = delta.entries.keys().map(|key| key.name.as_str()).collect();
        assert_eq!((names, delta.names_overflowed), (vec![limits::OTHER, "new"], false));
    }

    #[test]
    fn a_clock_that_is_set_holds_from_the_next_delta_on() {
        let mut recorder = Recorder::new(EPOCH);
        let index = RequestId { label: recorder.label(EntryKey::plain("GET", "/")), stage: 0 };
        recorder.record(&sample(index, 0, 1_500));
        recorder.set_epoch(EPOCH - 7_000_000);
        assert_eq!(recorder.drain(2_000).sum().last_us, Some(EPOCH + 1_500));
        recorder.record(&sample(index, 3_000, 4_000));
        let next = recorder.drain(5_000).sum();
        assert_eq!((next.start_us, next.last_us), (EPOCH - 6_998_000, Some(EPOCH - 6_996_000)));
    }

    #[test]
    fn times_from_the_intended_start_stand_beside_service_times() {
        let mut recorder = Recorder::new(EPOCH);
        let open = RequestId { label: recorder.label(EntryKey::plain("GET", "/open")), stage: 0 };
        let closed = RequestId { label: recorder.label(EntryKey::plain("GET", "/closed")), stage: 0 };
        recorder.record(&sample(open, 900, 1_000));
        recorder.record(&Sample { intended: Some(200), ..sample(open, 900, 1_000) });
        recorder.record(&Sample { intended: Some(950), ..sample(open, 900, 1_000) });
        recorder.record(&sample(closed, 900, 1_000));
        let delta = recorder.drain(2_000);
        let measured = &delta.entries[&EntryKey::plain("GET", "/open")];
        assert_eq!((measured.requests, measured.times.buckets()), (3, &[(100, 3)][..]));
        let from = measured.from_intended.as_deref().unwrap();
        assert_eq!((from.total_us, from.min_us, from.max_us), (850, 50, 800));
        assert_eq!(from.times.buckets(), [(50, 1), (800, 1)]);
        assert_eq!(delta.entries[&EntryKey::plain("GET", "/closed")].from_intended, None);
        assert_eq!(delta.sum().from_intended.as_deref(), Some(from));
        recorder.record(&sample(open, 3_000, 3_100));
        assert_eq!(recorder.drain(4_000).sum().from_intended, None);
    }

    /// What a fleet of any size measures, in whatever order its reports arrive, is what one recorder would have.
    #[test]
    fn a_fleet_measures_what_one_recorder_would_have() {
        for seed in 0..64 {
            let mut rng = fastrand::Rng::with_seed(seed);
            let mut one = Recorder::new(EPOCH);
            let mut fleet: Vec<_> = (0..rng.usize(1..6)).map(|_| Recorder::new(EPOCH)).collect();
            let (mut parts, mut at) = (Vec::new(), 0);
            for _ in 0..rng.usize(1..400) {
                at += rng.u64(0..50_000);
                let key = EntryKey::plain("GET", ["/a", "/b", "/c"][rng.usize(0..3)]);
                let sample = |label| Sample {
                    request: RequestId { label, stage: 0 },
                    intended: key.name.ne("/c").then(|| at.saturating_sub(at % 7_919)),
                    sent: at,
                    done: at + at % 104_729,
                    bytes: 1,
                    outcome: Outcome::Passed,
                };
                let recorder = rng.usize(0..fleet.len());
                for recorder in [&mut one, &mut fleet[recorder]] {
                    let label = recorder.label(key.clone());
                    recorder.record(&sample(label));
                }
                if rng.u8(0..50) == 0 {
                    parts.push(fleet[recorder].drain(at));
                }
            }
            parts.extend(fleet.iter_mut().map(|recorder| recorder.drain(at)));
            rng.shuffle(&mut parts);
            let mut merged = Delta::default();
            parts.into_iter().for_each(|part| merged.merge(part));
            let whole = one.drain(at);
            assert_eq!((&merged, merged.sum()), (&whole, whole.sum()), "seed {seed}");
        }
    }

    #[test]
    fn stages_and_tags_are_kept_apart() {
        let mut recorder = Recorder::new(EPOCH);
        let tagged = EntryKey { tags: vec!["read".into()], ..EntryKey::plain("GET", "/") };
        let (plain, tagged) = (recorder.label(EntryKey::plain("GET", "/")), recorder.label(tagged));
        assert_ne!(plain, tagged);
        for (label, stage) in [(plain, 0), (plain, 3), (tagged, 3)] {
            recorder.record(&sample(RequestId { label, stage }, 0, 1));
        }
        let stages: Vec<_> =
            recorder.drain(2).entries.keys().map(|key| (key.tags.len(), key.stage)).collect();
        assert_eq!(stages, [(0, None), (0, Some(2)), (1, Some(2))]);
    }

    #[test]
    fn stages_that_are_over_make_room() {
        let mut recorder = Recorder::new(EPOCH);
        let labels: Vec<_> =
            (0..200).map(|number| recorder.label(EntryKey::plain("GET", &format!("/{number}")))).collect();
        for stage in 1..=100 {
            labels.iter().for_each(|&label| recorder.record(&sample(RequestId { label, stage }, 0, 1)));
            let delta = recorder.drain(2);
            assert_eq!((delta.entries.len(), delta.names_overflowed), (200, false), "stage {stage}");
            assert!(delta.entries.keys().all(|key| key.stage == Some(stage - 1)));
        }
    }

    #[test]
    fn names_have_a_longest_length() {
        let mut recorder = Recorder::new(EPOCH);
        let label = recorder.label(EntryKey::plain("GET", &"x".repeat(limits::NAME + 1)));
        assert!(recorder.name(label).len() <= limits::NAME);
    }

    #[test]
    fn names_are_bounded_and_no_sample_is_lost() {
        let mut recorder = Recorder::new(EPOCH);
        let many = limits::ENTRIES + 100;
        for number in 0..many {
            let label = recorder.label(EntryKey::plain("GET", &format!("/{number}")));
            recorder.record(&sample(RequestId { label, stage: 0 }, 0, 1));
        }
        let delta = recorder.drain(2);
        assert!(delta.names_overflowed);
        assert!(delta.entries.len() <= limits::ENTRIES + 1);
        assert_eq!(delta.sum().requests, many as u64);
    }
}
