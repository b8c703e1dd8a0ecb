//! The shell around [`MasterCore`]: owns the hub and the time, performs effects and nothing else.

use crate::clock::Clock;
use crate::config::Config;
use crate::event::{Command, Effects, Event, Refusal};
use crate::handle::Order;
use crate::{Handle, MasterCore, limits};
use akrida_run::{FleetEvent, Piece, Record, Snapshot};
use akrida_stats::Totals;
use akrida_transport::{Hub, Incoming, SendError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

/// A master that is ready to run.
#[derive(Debug)]
pub struct Master {
    core: MasterCore,
    clock: Clock,
    hub: Hub,
    orders: mpsc::Receiver<Order>,
    snapshots: watch::Sender<Arc<Snapshot>>,
    events: broadcast::Sender<FleetEvent>,
    usage: Option<Sampler>,
    journal: Option<Writer>,
    tape: Option<Taker>,
}

/// Tells what this process uses: CPU in percent of one core, and resident memory in bytes.
type Usage = (f64, u64);

/// Asked with each tick, with the monotonic time.
struct Sampler(Box<dyn FnMut(Duration) -> Usage + Send>);

impl std::fmt::Debug for Sampler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sampler")
    }
}

/// Whether a record is written, or why not.
type Written = Result<(), String>;

/// Writes records.
struct Writer(Box<dyn FnMut(&Record) -> Written + Send>);

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Writer")
    }
}

/// Takes pieces of the run, and returns at once.
struct Taker(Box<dyn FnMut(Piece) + Send>);

impl std::fmt::Debug for Taker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Taker")
    }
}

impl Master {
    /// A master for the workers of `hub`, and the handle to it.
    #[must_use]
    pub fn new(config: Config, hub: Hub) -> (Self, Handle) {
        let clock = Clock::start();
        let (orders, wishes) = mpsc::channel(limits::COMMANDS);
        let (snapshots, newest) = watch::channel(Arc::default());
        let (events, _) = broadcast::channel(limits::EVENTS);
        let core = MasterCore::new(config, clock.now());
        let handle = Handle { orders, snapshots: newest, events: events.clone() };
        (
            Self {
                core,
                clock,
                hub,
                orders: wishes,
                snapshots,
                events,
                usage: None,
                journal: None,
                tape: None,
            },
            handle,
        )
    }

    /// With the means to tell what this process uses: CPU in percent of one core, and resident memory in bytes, at a
    /// monotonic time.
    #[must_use]
    pub fn with_usage(mut self, usage: impl FnMut(Duration) -> (f64, u64) + Send + 'static) -> Self {
        self.usage = Some(Sampler(Box::new(usage)));
        self
    }

    /// With the means to keep a journal, and what another master left in it: the sum of its records, if its run goes
    /// on. `write` is called by this master's own thread, and nothing else happens before it is done.
    #[must_use]
    pub fn with_journal(
        mut self,
        left: Option<&Record>,
        write: impl FnMut(&Record) -> Written + Send + 'static,
    ) -> Self {
        if let Some(left) = left {
            self.clock = Clock::since(left.at);
            self.core = MasterCore::restore(self.core.config().clone(), self.clock.now(), left);
        } else {
            self.core.keep_journal(self.clock.now());
        }
        self.journal = Some(Writer(Box::new(write)));
        self
    }

    /// With somebody who keeps a file of the run. `take` is called by this master's own thread and has to return at
    /// once. `left` is what was given to [`with_journal`](Self::with_journal), which is called before.
    #[must_use]
    pub fn with_tape(mut self, left: Option<&Record>, take: impl FnMut(Piece) + Send + 'static) -> Self {
        self.core.keep_tape(left);
        self.tape = Some(Taker(Box::new(take)));
        self
    }

    /// Runs until somebody says quit, and returns what was measured since the newest start or reset. When all
    /// handles are gone, quit is said too.
    pub async fn run(mut self) -> Totals {
        let (mut connected, mut wanted) = (true, true);
        let mut read_from = Duration::ZERO;
        loop {
            let deadline = self.core.deadline();
            let ended = tokio::select! {
                // What people want goes before what workers say, and time goes before both: however much workers
                // say, ramps are on time.
                biased;
                () = self.clock.sleep_until(deadline) => self.tick(),
                order = self.orders.recv(), if wanted => match order {
                    Some(Order::Command(command, reply)) => self.feed(Event::Command(command), Some(reply)),
                    Some(Order::Logs(reply)) => {
                        // Whoever asked may have left.
                        let _ = reply.send(self.core.logs());
                        false
                    }
                    Some(Order::Series(reply)) => {
                        let _ = reply.send(self.core.series());
                        false
                    }
                    None => {
                        wanted = false;
                        self.feed(Event::Command(Command::Quit), None)
                    }
                },
                incoming = gathered(&self.clock, read_from, &mut self.hub), if connected => match incoming {
                    Some(incoming) => {
                        let (ended, more) = self.receive(incoming);
                        let gathering = if more { Duration::ZERO } else { limits::GATHER };
                        read_from = self.clock.now().monotonic + gathering;
                        ended
                    }
                    None => {
                        connected = false;
                        false
                    }
                },
            };
            if ended {
                return self.core.into_totals();
            }
        }
    }

    /// Time has passed.
    fn tick(&mut self) -> bool {
        if let Some(Sampler(usage)) = &mut self.usage {
            let (cpu_usage, memory_usage) = usage(self.clock.now().monotonic);
            self.feed(Event::Usage { cpu_usage, memory_usage }, None);
        }
        self.feed(Event::Tick, None)
    }

    /// Takes what arrived, and what else is there by now, up to a bound; whether the master is at its end, and
    /// whether there may be more.
    fn receive(&mut self, first: Incoming) -> (bool, bool) {
        let mut next = Some(first);
        let mut taken = 0;
        while let Some(incoming) = next {
            let event = match incoming {
                Incoming::Frame { peer, body } => Event::Frame { peer, body },
                Incoming::Pushed { by, body } => Event::Pushed { by, body },
                Incoming::Disconnected { peer } => Event::Disconnected(peer),
            };
            if self.feed(event, None) {
                return (true, false);
            }
            taken += 1;
            next = if taken < limits::FRAMES_AT_ONCE { self.hub.try_recv() } else { None };
        }
        (false, taken == limits::FRAMES_AT_ONCE)
    }

    /// Tells the core and performs what it answers; whether the master is at its end.
    fn feed(&mut self, event: Event, reply: Option<oneshot::Sender<Result<(), Refusal>>>) -> bool {
        let Effects { record, pieces, leases, frames, deal, answer, events, snapshot, end } =
            self.core.on(self.clock.now(), event);
        let recorded = record.map(|record| self.write(record));
        let written = matches!(recorded, Some(Event::Recorded(_)));
        if let Some(Taker(take)) = &mut self.tape {
            pieces.into_iter().for_each(take);
        }
        for event in events {
            // Nobody has to listen.
            let _ = self.events.send(event);
        }
        if let Some(snapshot) = snapshot {
            self.snapshots.send_replace(snapshot);
        }
        if let (Some(reply), Some(answer)) = (reply, answer) {
            // Whoever asked may have left.
            let _ = reply.send(answer);
        }
        if let Some(deal) = deal {
            self.hub.deal(deal);
        }
        let mut unsent = Vec::new();
        for (place, (peer, body)) in frames.into_iter().enumerate() {
            // Rows must not be given that nobody would know of.
            let sent = if leases.contains(&place) && !written {
                Err(SendError::Full)
            } else {
                self.hub.send(&peer, body)
            };
            unsent.extend(sent.err().map(|error| Event::Unsent(peer, error)));
        }
        let mut ended = end;
        // What follows from all that is newer than all that: it must not be told or shown before.
        for event in recorded.into_iter().chain(unsent) {
            ended |= self.feed(event, None);
        }
        ended
    }

    fn write(&mut self, record: Box<Record>) -> Event {
        let Some(Writer(write)) = &mut self.journal else { return Event::Recorded(record) };
        match write(&record) {
            Ok(()) => Event::Recorded(record),
            Err(why) => Event::Unrecorded(record, why),
        }
    }
}

/// The next frame, not before `from`. To be woken for each of thousands in a second costs more than to read it, so
/// those that come soon after others wait for more of them. Cancel safe.
async fn gathered(clock: &Clock, from: Duration, hub: &mut Hub) -> Option<Incoming> {
    if clock.now().monotonic < from {
        clock.sleep_until(from).await;
    }
    hub.recv().await
}
