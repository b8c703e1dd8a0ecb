//! What becomes of a wish: who changed it, and what may stand in its way, as far as the Scale can tell.

use crate::limits;
use akrida_scaler::Scale;
use serde::Serialize;
use std::collections::VecDeque;
use tokio::time::Instant;

/// A wish that changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Change {
    /// When it was made, or seen; unix seconds.
    pub(crate) at: f64,
    /// Who made it here; `None` for somebody else.
    pub(crate) who: Option<String>,
    /// What was wanted before; `None` where that could not be read.
    pub(crate) from: Option<u32>,
    pub(crate) to: u32,
}

impl Change {
    /// For people: `workers 3 -> 8, by alice (10.0.0.7)`.
    pub(crate) fn text(&self) -> String {
        let from = self.from.map_or_else(|| "?".to_owned(), |from| from.to_string());
        let who = self.who.as_deref().unwrap_or("something other than this page");
        format!("workers {from} -> {}, by {who}", self.to)
    }
}

/// What a person is told, and what they may run to learn more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Note {
    pub(crate) text: String,
    pub(crate) command: Option<String>,
}

/// Wish, pods and workers over time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Follow {
    /// Wish, pods and workers as they were seen last, and since when they are so.
    seen: Option<(u32, u32, u32, Instant)>,
    changes: VecDeque<Change>,
}

impl Follow {
    /// The wish, if it is known.
    pub(crate) fn wanted(&self) -> Option<u32> {
        self.seen.map(|(wanted, ..)| wanted)
    }

    /// Newest first.
    pub(crate) fn changes(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().rev()
    }

    /// Takes in what is so now, at `at` unix seconds. Returns a change that nobody here has made.
    pub(crate) fn saw(&mut self, now: Instant, at: f64, scale: &Scale, connected: u32) -> Option<Change> {
        let next = (scale.wanted, scale.existing, connected);
        let moved = match self.seen {
            Some((wanted, existing, workers, _)) if (wanted, existing, workers) == next => return None,
            Some((wanted, ..)) if wanted != scale.wanted => {
                Some(Change { at, who: None, from: Some(wanted), to: scale.wanted })
            }
            _ => None,
        };
        self.seen = Some((next.0, next.1, next.2, now));
        if let Some(moved) = &moved {
            self.keep(moved.clone());
        }
        moved
    }

    /// Takes in a change that was made here.
    pub(crate) fn set(&mut self, now: Instant, change: Change) {
        let (existing, connected) =
            self.seen.map_or((0, 0), |(_, existing, connected, _)| (existing, connected));
        self.seen = Some((change.to, existing, connected, now));
        if change.from != Some(change.to) {
            self.keep(change);
        }
    }

    /// Learns who made a change, perhaps after it was seen.
    pub(crate) fn credit(&mut self, now: Instant, change: Change) {
        let same =
            |seen: &&mut Change| seen.who.is_none() && (seen.from, seen.to) == (change.from, change.to);
        match self.changes.back_mut().filter(same) {
            Some(seen) => seen.who = change.who,
            None => self.set(now, change),
        }
    }

    fn keep(&mut self, change: Change) {
        if self.changes.len() == limits::CHANGES {
            self.changes.pop_front();
        }
        self.changes.push_back(change);
    }

    /// What there is to say of it. `namespace` and `deployment` are for commands, `selector` chooses its pods.
    pub(crate) fn notes(&self, now: Instant, namespace: &str, deployment: &str, selector: &str) -> Vec<Note> {
        let Some((wanted, existing, connected, since)) = self.seen else { return Vec::new() };
        let settled = now.duration_since(since) >= limits::SETTLED;
        let plain = |text: String| Note { text, command: None };
        let mut notes = Vec::new();
        if let Some(Change { who: None, from: Some(from), to, .. }) = self.changes.back() {
            notes.push(Note {
                text: format!(
                    "The wish went from {from} to {to} without this page. An autoscaler (HPA, KEDA) on the same \
                     Deployment does that, or a manifest with `replicas` that was applied again. If it goes on, two \
                     of them fight: one has to go."
                ),
                command: Some(format!("kubectl get hpa -n {namespace}")),
            });
        }
        if existing < wanted {
            notes.push(if settled {
                Note {
                    text: format!(
                        "Kubernetes has made {existing} of {wanted} pods and goes on no further. A quota may be used \
                         up, or a policy refuses them; the Deployment's conditions say why:"
                    ),
                    command: Some(format!("kubectl describe deployment {deployment} -n {namespace}")),
                }
            } else {
                plain(format!("Kubernetes makes pods: {existing} of {wanted} exist."))
            });
        } else if existing > wanted {
            notes.push(plain(format!("Pods end: {existing} exist, {wanted} are to stay.")));
        } else if connected < wanted {
            notes.push(if settled {
                let chosen = if selector.is_empty() { String::new() } else { format!(" -l {selector}") };
                Note {
                    text: format!(
                        "{existing} pods exist, but only {connected} workers are connected. No node may have room for \
                         the others (Pending), their image may not be there, or they do not reach this master:"
                    ),
                    command: Some(format!("kubectl get pods -n {namespace}{chosen}")),
                }
            } else {
                plain(format!("Pods start: {connected} of {wanted} workers are connected."))
            });
        } else if connected > wanted {
            notes.push(plain(if settled {
                format!(
                    "{connected} workers are connected, but this Deployment has {wanted} pods: others take part, too."
                )
            } else {
                format!("Workers sign off: {connected} are connected, {wanted} are to stay.")
            }));
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn scale(wanted: u32, existing: u32) -> Scale {
        Scale { wanted, existing, selector: "app=worker".to_owned() }
    }

    /// The texts up to their first comma, colon or stop, and the commands.
    fn notes(follow: &Follow, now: Instant) -> Vec<String> {
        let short = |note: Note| {
            let end = note.text.find([',', ':', '.']).unwrap_or(note.text.len());
            let command = note.command.map(|command| format!(" $ {command}")).unwrap_or_default();
            format!("{}{command}", &note.text[..end])
        };
        follow.notes(now, "load", "w", "app=worker").into_iter().map(short).collect()
    }

    #[test]
    fn a_wish_that_comes_true() {
        let (mut follow, start) = (Follow::default(), Instant::now());
        assert_eq!(notes(&follow, start), [""; 0]);
        follow.saw(start, 0.0, &scale(2, 2), 2);
        assert_eq!(notes(&follow, start), [""; 0]);
        let change = Change { at: 1.0, who: Some("alice".to_owned()), from: Some(2), to: 4 };
        follow.set(start, change.clone());
        assert_eq!(follow.saw(start, 1.0, &scale(4, 2), 2), None);
        assert_eq!(notes(&follow, start), ["Kubernetes makes pods"]);
        follow.saw(start, 2.0, &scale(4, 4), 3);
        assert_eq!(notes(&follow, start), ["Pods start"]);
        follow.saw(start, 3.0, &scale(4, 4), 4);
        assert_eq!(notes(&follow, start + limits::SETTLED), [""; 0]);
        assert_eq!(follow.changes().collect::<Vec<_>>(), [&change]);
        follow.saw(start, 4.0, &scale(4, 4), 5);
        assert_eq!(notes(&follow, start), ["Workers sign off"]);
        assert_eq!(notes(&follow, start + limits::SETTLED), ["5 workers are connected"]);
        follow.set(start, Change { at: 5.0, who: None, from: Some(4), to: 1 });
        assert_eq!(notes(&follow, start).last().unwrap(), "Pods end");
    }

    #[test]
    fn what_stands_in_its_way() {
        let (mut follow, start) = (Follow::default(), Instant::now());
        follow.saw(start, 0.0, &scale(9, 4), 4);
        let later = start + limits::SETTLED;
        assert_eq!(
            notes(&follow, later),
            [
                "Kubernetes has made 4 of 9 pods and goes on no further $ kubectl describe deployment w -n load"
            ]
        );
        // Looked at again, it is still so since the beginning.
        follow.saw(start + Duration::from_secs(5), 5.0, &scale(9, 4), 4);
        assert!(notes(&follow, later)[0].starts_with("Kubernetes has made"));
        follow.saw(start, 6.0, &scale(4, 4), 3);
        let told = notes(&follow, later);
        assert_eq!(
            told,
            [
                "The wish went from 9 to 4 without this page $ kubectl get hpa -n load",
                "4 pods exist $ kubectl get pods -n load -l app=worker"
            ]
        );
    }

    #[test]
    fn a_change_that_was_seen_before_its_maker_told_is_listed_once() {
        let (mut follow, now) = (Follow::default(), Instant::now());
        let told = |from, to| Change { at: 2.0, who: Some("load".to_owned()), from: Some(from), to };
        follow.saw(now, 0.0, &scale(2, 2), 2);
        follow.saw(now, 1.0, &scale(3, 2), 2);
        follow.credit(now, told(2, 3));
        assert_eq!(notes(&follow, now), ["Kubernetes makes pods"]);
        follow.credit(now, told(3, 4));
        assert_eq!(follow.saw(now, 3.0, &scale(4, 4), 4), None);
        let texts: Vec<String> = follow.changes().map(Change::text).collect();
        assert_eq!(texts, ["workers 3 -> 4, by load", "workers 2 -> 3, by load"]);
    }

    #[test]
    fn who_changed_it() {
        let (mut follow, now) = (Follow::default(), Instant::now());
        follow.saw(now, 0.0, &scale(8, 8), 8);
        let moved = follow.saw(now, 1.0, &scale(4, 8), 8).unwrap();
        assert_eq!(moved.text(), "workers 8 -> 4, by something other than this page");
        follow.set(now, Change { at: 2.0, who: Some("alice (10.0.0.7)".to_owned()), from: Some(4), to: 8 });
        let texts: Vec<String> = follow.changes().map(Change::text).collect();
        assert_eq!(texts[0], "workers 4 -> 8, by alice (10.0.0.7)");
        assert_eq!(texts.len(), 2);
        // The same again is no change.
        follow.set(now, Change { at: 3.0, who: Some("bob".to_owned()), from: Some(8), to: 8 });
        assert_eq!(follow.changes().count(), 2);
        for count in 0..200 {
            follow.set(now, Change { at: 4.0, who: None, from: None, to: count });
        }
        assert_eq!(follow.changes().count(), limits::CHANGES);
        assert_eq!(
            follow.changes().next().unwrap().text(),
            "workers ? -> 199, by something other than this page"
        );
    }
}
