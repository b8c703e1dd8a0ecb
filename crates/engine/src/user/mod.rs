//! One user's life: start, tasks and waits, end.

mod exchange;
pub(crate) mod judge;
mod run;
mod wait;

use crate::control::{Control, Phase};
use crate::core::Core;
use crate::engine::Exception;
use crate::http::Client;
use crate::limits;
use crate::program::{ClassProgram, Code, Program};
use akrida_scenario::expr::{Frame, Value};
use akrida_scenario::model::Connection;
use run::Ended;
use std::rc::Rc;
use wait::Schedule;

/// A user: its variables, connections and cookies.
pub(crate) struct User {
    core: Rc<Core>,
    control: Rc<Control>,
    class: usize,
    client: Client,
    values: Vec<Value>,
    locals: Vec<Value>,
    rng: fastrand::Rng,
    /// When the newest request ended, core microseconds.
    answered: u64,
}

impl User {
    pub(crate) fn new(core: Rc<Core>, class: usize, control: Rc<Control>, seed: u64) -> Self {
        Self {
            core,
            control,
            class,
            client: Client::default(),
            values: Vec::new(),
            locals: Vec::new(),
            rng: fastrand::Rng::with_seed(seed),
            answered: 0,
        }
    }

    /// Lives until it is asked to end.
    pub(crate) async fn live(mut self) {
        let mut program = self.core.program();
        self.values = vec![Value::Unset; self.class(&program).variables];
        while !self.start(&program).await {
            if !self.wait_until(self.core.clock.now() + crate::clock::micros(limits::RESTART_PAUSE)).await {
                break;
            }
        }
        let mut schedule = Schedule::new(self.core.clock.now());
        while self.control.phase() == Phase::Run {
            // A new host comes with a new program.
            program = self.core.program();
            let class = self.class(&program);
            let Some(task) = class.pick(&mut self.rng) else { break };
            self.reset_locals(class.locals);
            let worked = match self.run(task, schedule.intended()).await {
                Ok(requests) => requests > 0,
                Err(Ended::Exception(message)) => self.report(task, message),
                Err(Ended::Asked) => break,
            };
            if class.connection == Connection::Iteration {
                self.client.disconnect();
            }
            // The last answer's time will do, and saves a look at the clock.
            let now = if worked { self.answered } else { self.core.clock.now() };
            match schedule.next(class.wait, now, &mut self.rng) {
                Some(due) if !self.wait_until(due).await => break,
                Some(_) => {}
                // A task that waits for nothing must not keep the core from its other users.
                None if !worked => tokio::task::yield_now().await,
                None => {}
            }
        }
        self.stop().await;
    }

    fn class<'a>(&self, program: &'a Rc<Program>) -> &'a ClassProgram {
        &program.classes[self.class]
    }

    /// Runs `on_start`; `false` if it raised, so that it must be tried again.
    async fn start(&mut self, program: &Rc<Program>) -> bool {
        let class = self.class(program);
        if class.on_start.ops.is_empty() {
            return true;
        }
        self.reset_locals(class.locals);
        let now = self.core.clock.now();
        match Box::pin(self.run(&class.on_start, now)).await {
            Err(Ended::Exception(message)) => self.report(&class.on_start, message),
            Ok(_) | Err(Ended::Asked) => true,
        }
    }

    /// Runs `on_stop`, within the time in which a user must end.
    async fn stop(&mut self) {
        let program = self.core.program();
        let class = self.class(&program);
        if class.on_stop.ops.is_empty() {
            return;
        }
        self.reset_locals(class.locals);
        let now = self.core.clock.now();
        if let Err(Ended::Exception(message)) = Box::pin(self.run_closing(&class.on_stop, now)).await {
            self.report(&class.on_stop, message);
        }
    }

    fn reset_locals(&mut self, locals: usize) {
        self.locals.clear();
        self.locals.resize(locals, Value::Unset);
    }

    fn frame(&mut self) -> Frame<'_> {
        Frame {
            user: &mut self.values,
            local: &mut self.locals,
            shared: &[],
            rng: &mut self.rng,
            clock: &*self.core.wall_clock,
        }
    }

    /// Tells of an exception; always `false`: nothing was done.
    fn report(&self, code: &Code, message: String) -> bool {
        // A full queue means that hundreds wait to be told already.
        let _ =
            self.core.exceptions.try_send(Exception { class: self.class, task: code.name.clone(), message });
        false
    }
}
