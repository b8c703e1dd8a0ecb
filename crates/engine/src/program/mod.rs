//! A scenario made ready to run on one core: steps as flat code, requests prepared as far as they are known.

mod code;
mod prepared;

pub(crate) use code::{Code, Op};
pub(crate) use prepared::Prepared;

use crate::http::origin::Base;
use akrida_scenario::model::{Connection, Scenario, UserClass, Wait};
use akrida_stats::Recorder;

/// All classes, against one host.
pub(crate) struct Program {
    pub(crate) classes: Vec<ClassProgram>,
}

/// One class.
pub(crate) struct ClassProgram {
    pub(crate) wait: Wait,
    pub(crate) connection: Connection,
    pub(crate) on_start: Code,
    pub(crate) on_stop: Code,
    pub(crate) tasks: Vec<Code>,
    /// Upper ends of the tasks' shares; the last is the sum of all weights.
    picks: Vec<u64>,
    pub(crate) variables: usize,
    pub(crate) locals: usize,
}

/// What requests of one class have in common while they are prepared.
struct ClassContext<'a> {
    class: &'a UserClass,
    base: Option<Base>,
}

impl Program {
    /// Prepares `scenario` against `host`, or each class's own where `host` is `None`.
    pub(crate) fn compile(scenario: &Scenario, host: Option<&str>, recorder: &mut Recorder) -> Self {
        let classes =
            scenario.classes.iter().map(|class| ClassProgram::compile(class, host, recorder)).collect();
        Self { classes }
    }
}

impl ClassProgram {
    fn compile(class: &UserClass, host: Option<&str>, recorder: &mut Recorder) -> Self {
        let base = host.or(class.host.as_deref()).and_then(Base::parse);
        let context = ClassContext { class, base };
        let mut sum = 0;
        Self {
            wait: class.wait,
            connection: class.network.connection,
            on_start: Code::compile("on_start", &class.on_start, &[], &context, recorder),
            on_stop: Code::compile("on_stop", &class.on_stop, &[], &context, recorder),
            tasks: class
                .tasks
                .iter()
                .map(|task| Code::compile(&task.name, &task.steps, &task.tags, &context, recorder))
                .collect(),
            picks: class
                .tasks
                .iter()
                .map(|task| {
                    sum += u64::from(task.weight);
                    sum
                })
                .collect(),
            variables: class.user_variables.len(),
            locals: class.locals,
        }
    }

    /// Picks a task by weight; `None` if the class has none.
    pub(crate) fn pick(&self, rng: &mut fastrand::Rng) -> Option<&Code> {
        match self.tasks.as_slice() {
            [only] => Some(only),
            tasks => {
                let point = rng.u64(0..*self.picks.last()?);
                tasks.get(self.picks.partition_point(|&end| end <= point))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_scenario::python;
    use std::time::Duration;

    /// The shopper of the locustfile in the guide, ready to run.
    fn shopper() -> ClassProgram {
        let file = include_str!("../../../../scenarios/locustfiles/shopper.py");
        let scenario = python::load("shopper.py", file).unwrap();
        assert_eq!(scenario.classes[0].tasks[0].name, "browse");
        let mut program = Program::compile(&scenario, Some("http://127.0.0.1"), &mut Recorder::new(0));
        program.classes.remove(0)
    }

    #[test]
    fn a_locustfiles_weights_are_kept_over_ten_thousand_picks() {
        let class = shopper();
        let mut rng = fastrand::Rng::with_seed(20);
        let picks = 10_000;
        let browse =
            (0..picks).filter(|_| std::ptr::eq(class.pick(&mut rng).unwrap(), &class.tasks[0])).count();
        let square_over = |seen: usize, wanted: f64| (seen as f64 - wanted).powi(2) / wanted;
        let chi_square = square_over(browse, 7_500.0) + square_over(picks - browse, 2_500.0);
        // With one degree of freedom, 10.8 is exceeded by chance once in a thousand.
        assert!(chi_square < 10.8, "{browse} of {picks} picks: {chi_square}");
    }

    #[test]
    fn a_locustfiles_wait_is_kept() {
        let expected = Wait::Between(Duration::from_secs(1), Duration::from_millis(2_500));
        assert_eq!(shopper().wait, expected);
    }
}
