//! One user's life: start, tasks and waits, end.

mod exchange;
mod feed;
mod flow;
pub(crate) mod judge;
mod loops;
mod run;
mod wait;

use crate::arrivals::Pool;
use crate::control::{Control, Phase};
use crate::core::Core;
use crate::engine::Exception;
use crate::http::Client;
use crate::limits;
use crate::program::{Activity, ClassProgram, Code, Level, Program, Set};
use crate::run::Run;
use akrida_scenario::expr::{Frame, Value};
use akrida_scenario::model::{Connection, Wait};
use run::Ended;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use wait::Schedule;

/// No wait.
const AT_ONCE: Wait = Wait::Constant(Duration::ZERO);

/// What came of an iteration.
#[derive(Clone, Copy)]
struct Iterated {
    /// Whether it made a request.
    worked: bool,
    /// Whether the next one begins without a wait.
    at_once: bool,
}

/// A user: its variables, connections and cookies.
pub(crate) struct User {
    core: Rc<Core>,
    control: Rc<Control>,
    class: usize,
    client: Client,
    run: Arc<Run>,
    values: Vec<Value>,
    locals: Vec<Value>,
    /// The sets of tasks that it is in, below the class's own; the innermost last.
    levels: Vec<Level>,
    /// The program that those belong to.
    entered: Option<Rc<Program>>,
    /// The class's own, the same for all its users.
    shared: Rc<[Value]>,
    rng: fastrand::Rng,
    /// When the newest request or pause ended, core microseconds.
    answered: u64,
    /// As [`ClassProgram::timed`].
    timed: bool,
    /// Whether rows that are kept for one run of a task were not used by one yet.
    rows_unused: bool,
}

impl User {
    pub(crate) fn new(core: Rc<Core>, class: usize, control: Rc<Control>, run: Arc<Run>, seed: u64) -> Self {
        let program = core.program();
        let of_class = &program.classes[class];
        Self {
            client: Client::new(core.networks.of(class)),
            run,
            values: vec![Value::Unset; of_class.variables],
            locals: Vec::new(),
            levels: Vec::new(),
            entered: None,
            shared: of_class.shared.clone(),
            rng: fastrand::Rng::with_seed(seed),
            answered: 0,
            timed: of_class.timed,
            rows_unused: false,
            core,
            control,
            class,
        }
    }

    /// Lives until it is asked to end, or ends by itself.
    pub(crate) async fn live(mut self) {
        let program = self.core.program();
        if self.feed_at_start(self.class(&program)).await.is_err() {
            // It never began, so that it has nothing to clean up.
            return self.core.ends(self.class, &self.control);
        }
        if let Err(Ended::ByItself) = self.work(program).await {
            self.core.ends(self.class, &self.control);
        }
        self.stop().await;
    }

    async fn work(&mut self, program: Rc<Program>) -> Result<(), Ended> {
        while !self.start(&program).await? {
            let pause = crate::clock::micros(limits::RESTART_PAUSE);
            if !self.wait_until(self.core.clock.now() + pause).await {
                return Ok(());
            }
        }
        match self.core.pool(self.class) {
            Some(pool) => self.serve_arrivals(&pool).await,
            None => self.go_round().await,
        }
    }

    /// Runs tasks as they arrive.
    async fn serve_arrivals(&mut self, pool: &Pool) -> Result<(), Ended> {
        while let Some(due) = self.arrival(pool).await {
            let program = self.core.program();
            // Tasks that arrive have no wait after them.
            _ = self.iterate(&program, due).await?;
        }
        Ok(())
    }

    /// Runs one task after the other, with waits between them.
    async fn go_round(&mut self) -> Result<(), Ended> {
        let mut schedule = Schedule::new(self.core.clock.now());
        while self.control.phase() == Phase::Run {
            // A new host comes with a new program.
            let program = self.core.program();
            if !self.levels.is_empty() && !self.entered.as_ref().is_some_and(|old| Rc::ptr_eq(old, &program))
            {
                Box::pin(self.leave_all()).await;
            }
            let class = self.class(&program);
            let Iterated { worked, at_once } = self.iterate(&program, schedule.intended()).await?;
            // The last answer's time will do, and saves a look at the clock.
            let now = if worked { self.answered } else { self.core.clock.now() };
            let set = class.set(&self.levels);
            let wait = match at_once {
                true => AT_ONCE,
                false if set.waiting.ops.is_empty() => set.wait,
                false => {
                    self.wait_as(class, &set.waiting, now).await?;
                    AT_ONCE
                }
            };
            match schedule.next(wait, now, &mut self.rng) {
                Some(due) if !self.wait_until(due).await => break,
                Some(_) => {}
                // A task that waits for nothing must not keep the core from its other users.
                None if !worked => tokio::task::yield_now().await,
                None => {}
            }
        }
        Ok(())
    }

    /// Does what lies between two tasks.
    async fn wait_as(&mut self, class: &ClassProgram, waiting: &Code, now: u64) -> Result<(), Ended> {
        self.reset_locals(class.locals);
        match Box::pin(self.run_waiting(waiting, now)).await {
            Err(Ended::Exception(message)) => {
                self.report(waiting, &message);
                Ok(())
            }
            Ok(_) | Err(Ended::Left(_)) => Ok(()),
            Err(ended) => Err(ended),
        }
    }

    /// Runs one of the tasks of the set that the user is in. `intended` is when it should have started.
    async fn iterate(&mut self, program: &Rc<Program>, intended: u64) -> Result<Iterated, Ended> {
        let class = self.class(program);
        // Options may have changed, and the program with them.
        self.shared.clone_from(&class.shared);
        let set = class.set(&self.levels);
        let mut nowhere = 0;
        let at = self.levels.last_mut().map_or(&mut nowhere, |level| &mut level.place);
        let Some(place) = set.pick(at, &mut self.rng) else { return Err(Ended::Asked) };
        let task = match &set.tasks[place] {
            Activity::Code(task) => task,
            Activity::Set(inner) => return self.enter(program, inner, place, intended).await,
        };
        self.reset_locals(class.locals);
        self.feed_task(class).await?;
        let iterated = match self.run_task(task, intended).await {
            Ok(requests) => Iterated { worked: requests > 0, at_once: false },
            Err(Ended::Exception(message)) => {
                Iterated { worked: self.report(task, &message), at_once: false }
            }
            Err(Ended::Left(next)) => {
                if next.leaves {
                    Box::pin(self.leave(class)).await;
                }
                Iterated { worked: false, at_once: next.at_once }
            }
            Err(ended) => return Err(ended),
        };
        if class.connection == Connection::Iteration {
            self.client.disconnect();
        }
        Ok(iterated)
    }

    /// Begins with the tasks of a set.
    async fn enter(
        &mut self,
        program: &Rc<Program>,
        set: &Set,
        place: usize,
        intended: u64,
    ) -> Result<Iterated, Ended> {
        self.reset_locals(self.class(program).locals);
        match Box::pin(self.run_task(&set.on_start, intended)).await {
            Ok(requests) => {
                self.levels.push(Level { task: place, place: 0 });
                self.entered = Some(program.clone());
                Ok(Iterated { worked: requests > 0, at_once: true })
            }
            // As in Locust, what did not begin is not stopped.
            Err(Ended::Exception(message)) => {
                Ok(Iterated { worked: self.report(&set.on_start, &message), at_once: false })
            }
            Err(Ended::Left(next)) => Ok(Iterated { worked: false, at_once: next.at_once }),
            Err(ended) => Err(ended),
        }
    }

    /// Leaves the set of tasks that the user is in, if that is not the class's own.
    async fn leave(&mut self, class: &ClassProgram) {
        if self.levels.is_empty() {
            return;
        }
        self.close(class, &class.set(&self.levels).on_stop).await;
        self.levels.pop();
    }

    /// Leaves all sets of tasks; they may belong to a program that is no longer the present one.
    async fn leave_all(&mut self) {
        let Some(program) = self.entered.take() else { return };
        while !self.levels.is_empty() {
            self.leave(self.class(&program)).await;
        }
    }

    /// Runs an `on_stop`.
    async fn close(&mut self, class: &ClassProgram, on_stop: &Code) {
        if on_stop.ops.is_empty() {
            return;
        }
        self.reset_locals(class.locals);
        let now = self.core.clock.now();
        if let Err(Ended::Exception(message)) = Box::pin(self.run_closing(on_stop, now)).await {
            self.report(on_stop, &message);
        }
    }

    fn class<'a>(&self, program: &'a Rc<Program>) -> &'a ClassProgram {
        &program.classes[self.class]
    }

    /// Runs `on_start`; `false` if it raised, so that it must be tried again.
    async fn start(&mut self, program: &Rc<Program>) -> Result<bool, Ended> {
        let class = self.class(program);
        let on_start = &class.root.on_start;
        if on_start.ops.is_empty() {
            return Ok(true);
        }
        self.reset_locals(class.locals);
        let now = self.core.clock.now();
        match Box::pin(self.run_task(on_start, now)).await {
            Ok(_) | Err(Ended::Left(_)) => Ok(true),
            Err(Ended::Exception(message)) => Ok(self.report(on_start, &message)),
            Err(ended) => Err(ended),
        }
    }

    /// Runs `on_stop`, within the time in which a user must end.
    async fn stop(&mut self) {
        self.leave_all().await;
        let program = self.core.program();
        let class = self.class(&program);
        self.shared.clone_from(&class.shared);
        self.close(class, &class.root.on_stop).await;
    }

    fn reset_locals(&mut self, locals: usize) {
        self.locals.clear();
        self.locals.resize(locals, Value::Unset);
    }

    fn frame(&mut self) -> Frame<'_> {
        Frame {
            user: &mut self.values,
            local: &mut self.locals,
            shared: &self.shared,
            worker: self.run.variables(),
            rng: &mut self.rng,
            clock: &*self.core.wall_clock,
        }
    }

    /// Asks for the end of the whole run.
    fn end_run(&self, reason: &str) {
        self.run.ask_to_end(self.core.redactor.clean(reason).into_owned());
    }

    /// Tells of an exception; always `false`: nothing was done.
    fn report(&self, code: &Code, message: &str) -> bool {
        let message = self.core.redactor.clean(message).into_owned();
        // A full queue means that hundreds wait to be told already.
        let _ =
            self.core.exceptions.try_send(Exception { class: self.class, task: code.name.clone(), message });
        false
    }
}
