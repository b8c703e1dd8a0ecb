//! Rows that are given only once: which worker has which of them.
//!
//! Each worker is leased some rows, for the users that begin on it and for what it uses in the next seconds, and gets
//! more as it tells what it gave. So rows follow the fleet: who comes is leased some, who stops in order hands back
//! what it did not give. What a worker had that is lost went with it: nobody knows what of that was given.

use crate::MasterCore;
use crate::event::{Effects, Now};
use crate::limits;
use crate::registry::Node;
use crate::roster::Witness;
use crate::stock::{Held, Stock};
use akrida_protocol::{Lease, Rows, RowsUsed, ToWorker, Used};
use akrida_run::record::{HoldingMark, StockMark};
use akrida_scenario::model::{AtEnd, Feeder, Take};
use akrida_scenario::{Scenario, UserClass};
use akrida_transport::PeerId;
use std::sync::Arc;

/// A source of rows that are given only once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its place among the scenario's feeders.
    pub feeder: u16,
    /// What it is called.
    pub name: String,
    /// How many rows there are; `None` where they begin again at the end.
    pub rows: Option<u64>,
    /// The classes that it feeds, by index.
    pub classes: Vec<usize>,
}

/// Those of a scenario. What has no number on the wire is left out; no scenario has as many feeders.
pub(crate) fn sources(scenario: &Scenario) -> Vec<Source> {
    let source = |(index, feeder): (usize, Arc<Feeder>)| {
        let rows = match feeder.take {
            Take::Unique(AtEnd::Restart) => None,
            Take::Unique(AtEnd::StopUser | AtEnd::StopRun) => Some(feeder.rows.len() as u64),
            Take::Cycle | Take::Random => return None,
        };
        let fed = |class: &UserClass| class.feeds.iter().any(|feed| Arc::ptr_eq(&feed.feeder, &feeder));
        let classes = scenario.classes.iter().enumerate().filter(|(_, class)| fed(class));
        Some(Source {
            feeder: u16::try_from(index).ok()?,
            name: feeder.name.clone(),
            rows,
            classes: classes.map(|(index, _)| index).collect(),
        })
    };
    scenario.feeders().into_iter().enumerate().filter_map(source).collect()
}

/// What a worker has, in the order of the sources.
#[derive(Debug)]
pub(crate) struct Holding {
    /// Since it was last without users.
    pub(crate) term: u64,
    held: Vec<Held>,
    /// Whether it told that it gives no more.
    closed: bool,
    /// Sources of which it was told that no more will come.
    ended: Vec<u16>,
}

/// Whether nobody has any more rows of a source.
#[derive(Clone, Copy, Debug, Default)]
struct End {
    /// It is so, until rows come back.
    reached: bool,
    /// Else who had some when it was last asked.
    witness: Witness,
}

impl Holding {
    /// For the journal.
    pub(crate) fn mark(&self) -> HoldingMark {
        let held = self.held.iter().map(Held::mark).collect();
        HoldingMark { term: self.term, closed: self.closed, held }
    }

    /// What a journal tells.
    pub(crate) fn restore(mark: &HoldingMark) -> Self {
        let held = mark.held.iter().map(Held::restore).collect();
        Self { term: mark.term, held, closed: mark.closed, ended: Vec::new() }
    }
}

/// All rows of a run that are given only once.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    stocks: Vec<Stock>,
    /// Of each source, whether anybody has any more of it.
    ends: Vec<End>,
    /// The newest lease, of any run.
    number: u64,
    /// The newest term, of any run.
    term: u64,
    /// Whether rows were given that the journal does not know of.
    pub(crate) touched: bool,
}

impl Ledger {
    /// Numbers go on from `seed`, which no master before this one has come to.
    pub(crate) fn new(seed: u64) -> Self {
        Self { number: seed, term: seed, ..Self::default() }
    }

    /// As it is when a run begins.
    pub(crate) fn begin(&mut self, sources: &[Source]) {
        self.stocks = sources.iter().map(|source| Stock::new(source.rows.unwrap_or(u64::MAX))).collect();
        self.ends = vec![End::default(); sources.len()];
    }

    /// A worker that was missing is back, perhaps with rows.
    pub(crate) fn doubt_ends(&mut self) {
        self.ends.iter_mut().for_each(|end| end.reached = false);
    }

    /// For the journal.
    pub(crate) fn marks(&self) -> Vec<StockMark> {
        self.stocks.iter().map(Stock::mark).collect()
    }

    /// The newest lease and the newest term.
    pub(crate) fn newest(&self) -> (u64, u64) {
        (self.number, self.term)
    }

    /// Takes over what a journal tells.
    pub(crate) fn restore(&mut self, newest: (u64, u64), stocks: &[StockMark]) {
        self.stocks = stocks.iter().map(Stock::restore).collect();
        self.ends = vec![End::default(); stocks.len()];
        (self.number, self.term) = (self.number.max(newest.0), self.term.max(newest.1));
    }

    /// Rows that nobody has, of all sources.
    #[cfg(test)]
    pub(crate) fn rows_left(&self) -> u64 {
        self.stocks.iter().map(Stock::rows).sum()
    }

    /// Leases up to `rows` more to who has `held`, as far as there are any.
    fn lease(&mut self, source: usize, feeder: u16, held: &mut Held, mut rows: u64) {
        while rows > 0 && held.count() < limits::LEASES {
            let Some(taken) = self.stocks[source].take(rows) else { return };
            rows -= taken.end - taken.start;
            self.number += 1;
            self.touched = true;
            held.add(Lease { feeder, number: self.number, from: taken.start, until: taken.end });
        }
    }
}

impl MasterCore {
    /// What goes with a job for so many `users`, by class: rows for those who begin.
    pub(crate) fn rows_for_job(&mut self, peer: &PeerId, users: &[u64]) -> Option<Rows> {
        if self.config.sources.is_empty() {
            return None;
        }
        let node = self.registry.get_mut(peer)?;
        if node.holding.is_none() {
            self.ledger.term += 1;
            let held = self.config.sources.iter().map(|_| Held::default()).collect();
            node.holding = Some(Holding { term: self.ledger.term, held, closed: false, ended: Vec::new() });
        }
        self.top_up(peer, users);
        self.rows_of(peer)
    }

    /// A worker tells what it gave.
    pub(crate) fn on_rows_used(&mut self, now: Now, peer: &PeerId, used: &RowsUsed, effects: &mut Effects) {
        let sources = &self.config.sources;
        let Some(Node { holding, job, .. }) = self.registry.get_mut(peer) else { return };
        let Some(holding) = holding.as_mut().filter(|holding| holding.term == used.term) else { return };
        let of = |class: &usize| job.as_ref().and_then(|job| job.users.get(*class));
        holding.closed |= used.closed;
        let mut wanting = false;
        for (source, held) in sources.iter().zip(&mut holding.held) {
            if let Some(told) = used.feeders.get(&source.feeder) {
                // No more users wait than it is to have: else it would get all rows at a word.
                let users = source.classes.iter().filter_map(of).sum();
                held.tell(now.monotonic, Used { waiting: told.waiting.min(users), ..*told });
                wanting |= held.waiting > 0;
            }
        }
        self.supply(peer, wanting, effects);
    }

    /// Gives workers what they wait for: rows that came back, or word that there will be none.
    pub(crate) fn supply_all(&mut self, effects: &mut Effects) {
        if self.config.sources.is_empty() || self.run.is_none() {
            return;
        }
        let peers: Vec<PeerId> = self
            .registry
            .iter_mut()
            .filter(|(_, node)| node.holding.is_some())
            .map(|(peer, _)| peer.clone())
            .collect();
        for peer in peers {
            self.supply(&peer, false, effects);
        }
    }

    /// Leases more to a worker that has too little, and tells it if anything has changed or it is `wanting`: then what
    /// it was told before may have been lost.
    fn supply(&mut self, peer: &PeerId, wanting: bool, effects: &mut Effects) {
        let Some(node) = self.registry.get(peer).filter(|node| node.is_usable()) else { return };
        let (Some(job), Some(holding)) = (&node.job, &node.holding) else { return };
        let (users, before) = (job.users.clone(), self.ledger.number);
        let told = holding.ended.clone();
        self.top_up(peer, &users);
        let Some(rows) = self.rows_of(peer) else { return };
        if wanting || self.ledger.number != before || rows.ended != told {
            let Some(node) = self.registry.get(peer) else { return };
            effects.send(peer, &node.id, &ToWorker::Rows(rows));
        }
    }

    /// Leases so much to a worker that all of its `users` may begin and go on for a while. Who is to begin or waits
    /// goes before that: towards the end, what is left is for all.
    fn top_up(&mut self, peer: &PeerId, users: &[u64]) {
        // Also those that are missing: to count the others would take a look at all, for each report.
        let workers = (self.registry.len() as u64).max(1);
        let Some(node) = self.registry.get_mut(peer) else { return };
        let Node { holding: Some(holding), users: running, ended, .. } = node else { return };
        for (index, (source, held)) in self.config.sources.iter().zip(&mut holding.held).enumerate() {
            let of =
                |users: &[u64]| -> u64 { source.classes.iter().filter_map(|class| users.get(*class)).sum() };
            let begin = of(users).saturating_sub(of(running).saturating_add(of(ended)));
            let needed = begin.saturating_add(held.waiting);
            let fair = self.ledger.stocks.get(index).map_or(0, Stock::rows) / (2 * workers);
            let wanted = needed.saturating_add(held.ahead.min(fair));
            self.ledger.lease(index, source.feeder, held, wanted.saturating_sub(held.left()));
        }
    }

    /// All that a worker has, as it is told.
    fn rows_of(&mut self, peer: &PeerId) -> Option<Rows> {
        let ended = self.ended_sources();
        let holding = self.registry.get_mut(peer)?.holding.as_mut()?;
        holding.ended.clone_from(&ended);
        let leases = holding.held.iter().flat_map(Held::leases).collect();
        Some(Rows { term: holding.term, leases, ended })
    }

    /// Sources of which nobody has any more rows; silent workers do not count.
    fn ended_sources(&mut self) -> Vec<u16> {
        let Ledger { stocks, ends, .. } = &mut self.ledger;
        let mut ended = Vec::new();
        for (index, ((stock, end), source)) in stocks.iter().zip(ends).zip(&self.config.sources).enumerate() {
            let has_some = |node: &Node| {
                node.is_live() && node.holding.as_ref().is_some_and(|holding| holding.held[index].left() > 0)
            };
            // Who has none can get none while there are none: what has ended stays so until some come back.
            end.reached =
                stock.rows() == 0 && (end.reached || !self.registry.any(&mut end.witness, has_some));
            if end.reached {
                ended.push(source.feeder);
            }
        }
        ended
    }

    /// A worker has stopped, or is gone: takes back what it did not give, as far as that is certain.
    pub(crate) fn take_back(&mut self, holding: Option<Holding>) {
        let Some(holding) = holding else { return };
        for (stock, held) in self.ledger.stocks.iter_mut().zip(&holding.held) {
            if holding.closed {
                held.unused().into_iter().for_each(|rows| stock.put_back(rows));
            } else {
                stock.lost = stock.lost.saturating_add(held.left());
            }
        }
    }

    /// What is said where rows went to workers that were lost.
    pub(crate) fn lost_rows(&self) -> Vec<String> {
        let lost = |index: usize, stock: &Stock| {
            let silent = self.registry.nodes().filter(|node| !node.is_live());
            let held: u64 = silent
                .filter_map(|node| node.holding.as_ref())
                .map(|holding| holding.held[index].left())
                .sum();
            stock.lost.saturating_add(held)
        };
        let stocks = self.ledger.stocks.iter().zip(&self.config.sources).enumerate();
        let lost = stocks.map(|(index, (stock, source))| (lost(index, stock), &source.name));
        lost.filter(|(rows, _)| *rows > 0)
            .map(|(rows, name)| {
                format!("{rows} rows of {name} went to workers that fell silent or left without a word; nobody else is given them.")
            })
            .collect()
    }
}
