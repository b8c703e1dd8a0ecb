//! Sets of tasks: those of a class, and those within them.

use super::{ClassContext, Code, Weights};
use akrida_scenario::model::{Order, Step, Task, UserClass, Wait};
use akrida_stats::Recorder;

/// Tasks, and how the next one is picked.
pub(crate) struct Set {
    order: Order,
    pub(crate) wait: Wait,
    /// Done in place of it, if it is not empty.
    pub(crate) waiting: Code,
    pub(crate) on_start: Code,
    pub(crate) on_stop: Code,
    pub(crate) tasks: Vec<Activity>,
    weights: Weights,
    /// Of each task, those that may come next; empty but for a Markov chain.
    next: Vec<(Weights, Vec<usize>)>,
}

/// What a user does when a task is picked.
pub(crate) enum Activity {
    /// A task.
    Code(Code),
    /// The tasks of another set, until it leaves them.
    Set(Box<Set>),
}

/// A set that a user is in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Level {
    /// Its place among the tasks of the set around it.
    pub(crate) task: usize,
    /// Where it is: how many tasks of a sequence were picked, which task of a Markov chain comes next.
    pub(crate) place: usize,
}

/// What a set is made of.
struct Parts<'a> {
    order: Order,
    wait: Wait,
    waiting: &'a [Step],
    on_start: &'a [Step],
    on_stop: &'a [Step],
    tasks: &'a [Task],
}

impl Set {
    pub(super) fn of_class(class: &UserClass, context: &ClassContext<'_>, recorder: &mut Recorder) -> Self {
        let parts = Parts {
            order: Order::Random,
            wait: class.wait,
            waiting: &class.waiting,
            on_start: &class.on_start,
            on_stop: &class.on_stop,
            tasks: &class.tasks,
        };
        Self::new(&parts, context, recorder)
    }

    fn new(parts: &Parts<'_>, context: &ClassContext<'_>, recorder: &mut Recorder) -> Self {
        let activity = |task: &Task| match &task.set {
            None => Activity::Code(Code::compile(&task.name, &task.steps, &task.tags, context, recorder)),
            Some(set) => {
                let parts = Parts {
                    order: set.order,
                    // As in Locust, the user's and not that of the set around.
                    wait: set.wait.unwrap_or(context.class.wait),
                    waiting: if set.wait.is_some() { &set.waiting } else { &context.class.waiting },
                    on_start: &set.on_start,
                    on_stop: &set.on_stop,
                    tasks: &set.tasks,
                };
                Activity::Set(Box::new(Self::new(&parts, context, recorder)))
            }
        };
        Self {
            tasks: parts.tasks.iter().map(activity).collect(),
            order: parts.order,
            wait: parts.wait,
            waiting: Code::compile("wait_time", parts.waiting, &[], context, recorder),
            on_start: Code::compile("on_start", parts.on_start, &[], context, recorder),
            on_stop: Code::compile("on_stop", parts.on_stop, &[], context, recorder),
            weights: parts.tasks.iter().map(|task| task.weight).collect(),
            next: match parts.order {
                Order::Markov => parts.tasks.iter().map(|task| transitions(task, parts.tasks)).collect(),
                Order::Random | Order::Sequence => Vec::new(),
            },
        }
    }

    /// The next task: its place, after `at` of the user's level, which moves on; `None` if there is none.
    pub(crate) fn pick(&self, at: &mut usize, rng: &mut fastrand::Rng) -> Option<usize> {
        let place = match self.order {
            Order::Random => self.weights.pick(rng),
            Order::Sequence => {
                *at = at.wrapping_add(1);
                self.weights.in_turn(at.wrapping_sub(1))
            }
            Order::Markov => {
                // As in Locust, what comes after it is decided before it is done.
                let place = *at;
                let (weights, places) = self.next.get(place)?;
                *at = places.get(weights.pick(rng)).copied()?;
                place
            }
        };
        (place < self.tasks.len()).then_some(place)
    }

    /// The set that the task at this place is; itself if it is none.
    pub(crate) fn within(&self, place: usize) -> &Self {
        match self.tasks.get(place) {
            Some(Activity::Set(set)) => set,
            _ => self,
        }
    }

    /// Whether its tasks, or those within, have a time at which they should start.
    pub(super) fn is_timed(&self) -> bool {
        let within = |task: &Activity| matches!(task, Activity::Set(set) if set.is_timed());
        matches!(self.wait, Wait::Pacing(_) | Wait::Throughput(_)) || self.tasks.iter().any(within)
    }
}

/// Where a task of a Markov chain leads to.
fn transitions(task: &Task, tasks: &[Task]) -> (Weights, Vec<usize>) {
    let place = |(name, weight): &(String, u32)| {
        let place = tasks.iter().position(|task| task.name == *name)?;
        Some((*weight, place))
    };
    let (weights, places): (Vec<u32>, Vec<usize>) = task.next.iter().filter_map(place).unzip();
    (weights.into_iter().collect(), places)
}
