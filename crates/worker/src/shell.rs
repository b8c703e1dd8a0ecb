//! The shell around [`WorkerCore`]: owns the link, the engine and the time, performs effects and nothing else.

use crate::clock::Clock;
use crate::event::{Config, Effects, End, Event, Job, LogLines, Measured, Notice, Work};
use crate::process::Process;
use crate::{WorkerCore, limits};
use akrida_engine::{Engine, Exception};
use akrida_transport::{Link, SendError};
use bytes::Bytes;
use std::collections::VecDeque;
use std::future::{Future, pending};
use std::pin::Pin;
use tokio::sync::mpsc;

/// Runs a worker to its end: until the master says quit, `terminate` completes, or the master is gone. Users are
/// stopped and their last statistics sent before it returns. Notices that find `notices` full are dropped. `log` gives
/// the newest lines of this worker's log.
pub async fn run(
    link: Link,
    engine: Engine,
    exceptions: mpsc::Receiver<Exception>,
    config: Config,
    notices: mpsc::Sender<Notice>,
    log: impl Fn() -> LogLines + Send + 'static,
    terminate: impl Future<Output = ()>,
) -> End {
    let clock = Clock::start();
    let (classes, meter) = (config.classes.clone(), config.meter.clone());
    let core = WorkerCore::new(config, clock.now());
    let mut shell = Shell { core, clock, link, exceptions, classes, notices, log, outbox: VecDeque::new() };
    let mut work =
        Underway { engine: &engine, adjusting: None, editing: None, reporting: None, stopping: None };
    let mut process = Process::default();
    let mut terminate = std::pin::pin!(terminate);
    let (mut terminated, mut connected) = (false, true);
    let end = loop {
        let deadline = shell.core.deadline();
        let room = shell.link.writable();
        let event = tokio::select! {
            // What the master says goes first; time after the work, so that a tick sees what came before it.
            biased;
            frame = shell.link.recv(), if connected => {
                connected = frame.is_some();
                frame.map_or(Event::Disconnected, Event::Frame)
            }
            () = &mut terminate, if !terminated => {
                terminated = true;
                Event::Terminate
            }
            event = work.done() => event,
            () = engine.starved() => Event::Starved,
            () = room, if !shell.outbox.is_empty() => {
                shell.flush();
                continue;
            }
            () = clock.sleep_until(deadline) => Event::Tick {
                usage: process.usage(clock.now().monotonic),
                congested: !shell.outbox.is_empty() || shell.link.is_waiting(),
            },
            // Users may raise faster than this loop turns, so this comes last. The engine bounds what waits; here
            // it would only push out statistics.
            Some(exception) = shell.exceptions.recv(), if shell.outbox.is_empty() => shell.exception(exception),
        };
        if let (Some(meter), Event::Reported(measured)) = (&meter, &event) {
            meter.add(clock.now().wall_us / 1_000_000, measured);
        }
        if let Some(end) = shell.feed(event, &mut work) {
            break end;
        }
    };
    // The last words may have to wait for room, but not for ever.
    let _ = tokio::time::timeout(limits::LAST_WORDS, shell.flush_all()).await;
    end
}

struct Shell<L> {
    core: WorkerCore,
    clock: Clock,
    link: Link,
    exceptions: mpsc::Receiver<Exception>,
    classes: Vec<String>,
    notices: mpsc::Sender<Notice>,
    log: L,
    /// Frames that found no room on the link.
    outbox: VecDeque<Bytes>,
}

impl<L: Fn() -> LogLines> Shell<L> {
    /// Tells the core and performs what it answers.
    fn feed(&mut self, event: Event, work: &mut Underway<'_>) -> Option<End> {
        if matches!(event, Event::Idle) {
            // What the last users raised is told before their end.
            while let Ok(exception) = self.exceptions.try_recv() {
                let event = self.exception(exception);
                self.perform(event, work);
            }
        }
        self.perform(event, work)
    }

    fn perform(&mut self, event: Event, work: &mut Underway<'_>) -> Option<End> {
        let Effects { frames, work: wanted, notices, reconnect, log, end } =
            self.core.on(self.clock.now(), event);
        if reconnect {
            self.link.reconnect();
        }
        self.outbox.extend(frames);
        self.flush();
        wanted.into_iter().for_each(|item| work.begin(item));
        for notice in notices {
            // Whoever keeps the log is slower than the worker is loud: it misses some.
            let _ = self.notices.try_send(notice);
        }
        if log {
            self.perform(Event::Logged((self.log)()), work);
        }
        end
    }

    /// Hands what waits to the link, as far as it has room.
    fn flush(&mut self) {
        while let Some(frame) = self.outbox.front() {
            match self.link.send(frame.clone()) {
                Err(SendError::Full) => break,
                Err(SendError::TooLong(bytes)) => {
                    let text = format!("A message of {bytes} bytes is too long to be sent and is lost.");
                    let _ = self.notices.try_send(Notice::Warning(text));
                }
                // A master that is gone is told by the link itself.
                Ok(()) | Err(SendError::Gone) => {}
            }
            self.outbox.pop_front();
        }
        self.outbox.truncate(limits::OUTBOX);
    }

    async fn flush_all(&mut self) {
        while !self.outbox.is_empty() {
            self.link.writable().await;
            self.flush();
        }
    }

    fn exception(&self, exception: Exception) -> Event {
        let class = self.classes.get(exception.class).map_or("?", String::as_str);
        let traceback = format!("In {} of a user of class {class}: {}", exception.task, exception.message);
        Event::Exception { msg: exception.message, traceback }
    }
}

type Doing<'a, T> = Option<Pin<Box<dyn Future<Output = T> + Send + 'a>>>;

/// What the engine is doing for the core, at most one of each kind.
struct Underway<'a> {
    engine: &'a Engine,
    adjusting: Doing<'a, ()>,
    editing: Doing<'a, ()>,
    reporting: Doing<'a, Measured>,
    stopping: Doing<'a, ()>,
}

impl Underway<'_> {
    fn begin(&mut self, work: Work) {
        let engine = self.engine;
        match work {
            Work::Run(job) => self.adjusting = Some(Box::pin(engine.set_users(for_engine(job)))),
            // The newest tells the cores of those before it, too.
            Work::EditClass(edit) => self.editing = Some(Box::pin(engine.edit_class(edit))),
            Work::SetOptions(values) => engine.set_options(&values),
            Work::SetClockAhead(us) => engine.set_clock_ahead(us),
            Work::Supply(rows) => engine.supply(&rows),
            // Never dropped before it is done: what it took from the engine exists nowhere else.
            Work::Report => self.reporting = Some(Box::pin(measured(engine))),
            Work::Stop => {
                self.adjusting = None;
                self.stopping = Some(Box::pin(engine.stop()));
            }
        }
    }

    /// The next thing that is done; waits for ever while nothing is under way. Cancel safe.
    async fn done(&mut self) -> Event {
        loop {
            tokio::select! {
                () = finished(&mut self.adjusting) => return Event::Adjusted(self.engine.users()),
                measured = finished(&mut self.reporting) => return Event::Reported(measured),
                () = finished(&mut self.stopping) => return Event::Idle,
                () = finished(&mut self.editing) => {}
            }
        }
    }
}

/// Waits for what is in `doing` and takes it out when it is done.
async fn finished<T>(doing: &mut Doing<'_, T>) -> T {
    let Some(future) = doing else { return pending().await };
    let output = future.await;
    *doing = None;
    output
}

async fn measured(engine: &Engine) -> Measured {
    // Before the report: a user that ends in between is counted twice rather than not at all, so that a worker whose
    // users end does not look as if it had lost some.
    let users = engine.users();
    let report = engine.report().await;
    Measured {
        delta: report.delta,
        users,
        ended: report.ended,
        stop_run: report.stop_run,
        used: report.used,
        lag_p95_us: report.lag_p95_us,
        lag_max_us: report.lag_max_us,
    }
}

fn for_engine(job: Job) -> akrida_engine::Job {
    akrida_engine::Job {
        users: job.users,
        host: job.host,
        stop_timeout: job.stop_timeout.unwrap_or_default(),
        stage: job.stage,
        share: job.share,
    }
}
