//! Workers of the time before Locust 2.0, which are told a number of users and choose classes by themselves.
//!
//! Such a worker starts its users at a rate that it is told too, so it is told where a ramp ends when the ramp begins;
//! the others are led there step by step, with what it should have by then left out. It does not say of which classes
//! its users are: they are counted without. How its messages are worded is the business of the protocol; here is only
//! which of [`Generations`] it may be.

use crate::MasterCore;
use crate::event::{Effects, Now};
use crate::registry::{Job, Node};
use crate::unaddressed::UNADDRESSED;
use akrida_dispatch::{Division, Worker, divide};
use akrida_protocol::{Generation, Generations, Share, ToWorker, UsersJob};
use akrida_run::FleetEventKind;
use akrida_transport::{Deal, PeerId};
use std::collections::BTreeMap;
use std::time::Duration;

/// Those that connect by ROUTER and DEALER, where each has an address.
pub(crate) const BY_ADDRESS: Generations = Generations::between(Generation::V0_10, Generation::V2);

/// What a worker was told that chooses classes by itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Number {
    /// Users in all.
    pub(crate) users: u64,
    /// Users that it starts per second.
    pub(crate) rate: f64,
    /// Whether it said that it is done. It may not have come to the number: old ones round by class.
    pub(crate) is_done: bool,
}

impl Node {
    /// Whether it is told numbers.
    pub(crate) fn is_old(&self) -> bool {
        self.generations.are(Generations::OLD)
    }

    /// Takes over of which generations it may be by what it just said; whether that tells more than was known.
    pub(crate) fn recognise(&mut self, now: Now, said: Generations, effects: &mut Effects) -> bool {
        let known = self.generations.narrowed(said);
        if known == self.generations {
            return false;
        }
        self.generations = known;
        if self.is_old() {
            let (id, index, generation) = (self.id.clone(), self.index, known.to_string());
            effects.tell(now, FleetEventKind::WorkerRecognised { id, index, generation });
        }
        true
    }

    /// It introduces itself. What it showed before holds unless this contradicts it: then it is another one.
    pub(crate) fn begin_as(&mut self, said: Generations) {
        if said == UNADDRESSED {
            self.generations = said;
            return;
        }
        self.generations =
            if self.generations.may_be(said) { self.generations } else { BY_ADDRESS }.narrowed(said);
    }

    /// The version that it says, or those that it may be of.
    pub(crate) fn generation(&self) -> String {
        self.version.clone().unwrap_or_else(|| self.generations.to_string())
    }

    /// Takes over which users it has.
    pub(crate) fn set_users(&mut self, by_class: Vec<u64>, all: u64) {
        if self.is_old() {
            self.unclassed = all;
        } else {
            self.users = by_class;
        }
    }

    /// It says that it has carried out its job.
    pub(crate) fn note_done(&mut self) {
        if let Some(number) = self.job.as_mut().and_then(|job| job.number.as_mut()) {
            number.is_done = true;
        }
    }
}

impl Effects {
    /// Says it as the worker understands it, if it does at all.
    pub(crate) fn say(&mut self, peer: &PeerId, node: &Node, message: &ToWorker) {
        let frames = message.encode_in(node.generations, &node.id);
        if node.is_unaddressed() {
            self.deal = frames.into_iter().next().map(Deal::All).or(self.deal.take());
            return;
        }
        self.frames.extend(frames.into_iter().map(|frame| (peer.clone(), frame)));
    }
}

impl MasterCore {
    /// Those that are told classes, and those that are told numbers, both in their order. Where there are some of
    /// these, capacity does not count: they do not tell theirs.
    pub(crate) fn by_kind(&self, workers: Vec<Worker<PeerId>>) -> (Vec<Worker<PeerId>>, Vec<PeerId>) {
        let is_old = |worker: &Worker<PeerId>| self.registry.get(&worker.id).is_some_and(Node::is_old);
        let (old, mut named): (Vec<_>, Vec<_>) = workers.into_iter().partition(is_old);
        if !old.is_empty() {
            named.iter_mut().for_each(|worker| worker.capacity = None);
        }
        (named, old.into_iter().map(|worker| worker.id).collect())
    }

    /// How many of `users` are for which of the two kinds.
    pub(crate) fn division(&self, users: u64, named: usize, numbered: usize) -> Division {
        let users = self.sequence.most().map_or(users, |most| users.min(most));
        divide(users, named, numbered, self.sequence.fixed())
    }

    /// Tells `workers`, beside so many that are told classes, how many users they should have at the end of the ramp;
    /// whether any was told something new.
    pub(crate) fn place_numbers(
        &mut self,
        now: Now,
        named: usize,
        workers: &[PeerId],
        effects: &mut Effects,
    ) -> bool {
        let Some(run) = &self.run else { return false };
        let (goal, host, was_ramped) = (run.plan.goal(), run.host.clone(), run.was_ramped());
        let division = self.division(goal.users, named, workers.len());
        // As Locust's masters divide it.
        let share_of_rate = goal.spawn_rate / (named + workers.len()).max(1) as f64;
        let stop_timeout = Some(self.config.stop_timeout.as_secs_f64());
        let mut told = false;
        // Who takes over from others does not begin slowly.
        let rate_of = |users: u64| if was_ramped { share_of_rate.max(users as f64) } else { share_of_rate };
        let is_news = |node: &Node, users: u64| {
            let same =
                |number: &Number| number.users == users && (was_ramped || number.rate == rate_of(users));
            !node.job.as_ref().and_then(|job| job.number.as_ref()).is_some_and(same)
        };
        let wanted = || workers.iter().zip(&division.by_number);
        // What is news to one of those that have no address is told to all of them.
        let deals = wanted().any(|(peer, users)| {
            self.registry.get(peer).is_some_and(|node| node.is_unaddressed() && is_news(node, *users))
        });
        let mut dealt = Vec::new();
        for (peer, &users) in wanted() {
            let Some(node) = self.registry.get_mut(peer) else { continue };
            let rate = rate_of(users);
            if if node.is_unaddressed() { !deals } else { !is_news(node, users) } {
                continue;
            }
            if node.broke.is_some() {
                // It is told once it is heard again.
                node.job = None;
                continue;
            }
            let job = UsersJob { users, spawn_rate: rate, host: host.clone(), stop_timeout };
            let message = ToWorker::SpawnUsers(job);
            if node.is_unaddressed() {
                dealt.extend(message.encode_in(node.generations, ""));
            } else {
                effects.say(peer, node, &message);
            }
            let ramp = Duration::try_from_secs_f64(users.abs_diff(node.unclassed) as f64 / rate);
            node.job = Some(Job {
                users: vec![0; self.classes.len()],
                stage: None,
                share: Share { offset: 0, stride: 1, workers: 1, elapsed_us: 0, users: BTreeMap::new() },
                timestamp: 0.0,
                due: now.monotonic.saturating_add(ramp.unwrap_or_default()),
                number: Some(Number { users, rate, is_done: false }),
            });
            node.run = self.runs;
            node.unwritten = true;
            self.journal.urgent = true;
            told = true;
        }
        if !dealt.is_empty() {
            effects.deal = Some(Deal::Each(dealt));
        }
        told
    }

    /// What a reader should know where nobody is there who could have classes with a fixed number of users.
    pub(crate) fn fixed_counts_notice(&self) -> Option<String> {
        let mut usable = self.registry.nodes().filter(|node| node.is_usable()).peekable();
        (self.run.is_some()
            && self.sequence.fixed() > 0
            && usable.peek().is_some()
            && usable.all(Node::is_old))
        .then(|| {
            "All workers are of the time before Locust 2.0 and choose classes by themselves: fixed_count does not \
             hold."
                .to_owned()
        })
    }

    /// What a reader should know of users whose classes nobody can choose or change.
    pub(crate) fn choice_notice(&self) -> Option<String> {
        let old = self.registry.nodes().filter(|node| node.is_usable() && node.is_old()).count();
        let chooses = self.chosen.contains(&false) || !self.class_edits.is_empty();
        (self.run.is_some() && chooses && old > 0).then(|| {
            format!(
                "Workers of the time before Locust 2.0 ({old}) choose classes by themselves: what was chosen or changed \
                 of user classes does not hold for their users."
            )
        })
    }
}
