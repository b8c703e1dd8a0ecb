//! A scenario made ready to run on one core: steps as flat code, requests prepared as far as they are known.

mod code;
mod compiler;
mod prepared;
mod set;
mod weights;

pub(crate) use code::{Code, Op};
pub(crate) use prepared::Prepared;
pub(crate) use set::{Activity, Level, Set};
pub(crate) use weights::Weights;

use crate::http::origin::Base;
use crate::redact::Redactor;
use akrida_scenario::expr::Value;
use akrida_scenario::model::{Connection, Feed, Feeder, Scenario, UserClass};
use akrida_stats::Recorder;
use std::rc::Rc;
use std::sync::Arc;

/// All classes, against one host.
pub(crate) struct Program {
    pub(crate) classes: Vec<ClassProgram>,
}

/// One class.
pub(crate) struct ClassProgram {
    /// What its users do over and over.
    pub(crate) root: Set,
    /// Whether tasks have a time at which they should start, so that lateness is part of the response time.
    pub(crate) timed: bool,
    pub(crate) connection: Connection,
    /// Each with its index in [`crate::feeders::Feeders`].
    pub(crate) feeds: Vec<(usize, Feed)>,
    /// The address under which paths are, as it was given; None where there is none.
    pub(crate) host: Value,
    /// By [`akrida_scenario::model::Slot::Shared`].
    pub(crate) shared: Rc<[Value]>,
    pub(crate) variables: usize,
    pub(crate) locals: usize,
}

/// What requests of one class have in common while they are prepared.
struct ClassContext<'a> {
    class: &'a UserClass,
    base: Option<Base>,
    redactor: &'a Redactor,
}

impl Program {
    /// Prepares `scenario` against `host`, or each class's own where `host` is `None`.
    pub(crate) fn compile(
        scenario: &Scenario,
        host: Option<&str>,
        redactor: &Redactor,
        recorder: &mut Recorder,
    ) -> Self {
        let feeders = scenario.feeders();
        let compile = |class| ClassProgram::compile(class, host, &feeders, redactor, recorder);
        Self { classes: scenario.classes.iter().map(compile).collect() }
    }
}

impl ClassProgram {
    fn compile(
        class: &UserClass,
        host: Option<&str>,
        feeders: &[Arc<Feeder>],
        redactor: &Redactor,
        recorder: &mut Recorder,
    ) -> Self {
        let index = |feed: &Feed| feeders.iter().position(|feeder| Arc::ptr_eq(feeder, &feed.feeder));
        let host = host.or(class.host.as_deref());
        let base = host.and_then(Base::parse);
        let context = ClassContext { class, base, redactor };
        let root = Set::of_class(class, &context, recorder);
        Self {
            timed: class.arrivals.is_some() || root.is_timed(),
            root,
            host: host.map_or(Value::None, Value::from),
            connection: class.network.connection,
            feeds: class.feeds.iter().filter_map(|feed| Some((index(feed)?, feed.clone()))).collect(),
            shared: class.shared().into(),
            variables: class.user_variables.len(),
            locals: class.locals,
        }
    }

    /// The set of tasks that a user is in.
    pub(crate) fn set(&self, levels: &[Level]) -> &Set {
        levels.iter().fold(&self.root, |set, level| set.within(level.task))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akrida_scenario::model::Wait;
    use akrida_scenario::python;
    use std::time::Duration;

    /// The shopper of the locustfile in the guide, ready to run.
    fn shopper() -> ClassProgram {
        let file = include_str!("../../../../scenarios/locustfiles/shopper.py");
        let scenario = python::load("shopper.py", file).unwrap();
        assert_eq!(scenario.classes[0].tasks[0].name, "browse");
        let mut program = Program::compile(
            &scenario,
            Some("http://127.0.0.1"),
            &Redactor::default(),
            &mut Recorder::new(0),
        );
        program.classes.remove(0)
    }

    #[test]
    fn a_locustfiles_weights_are_kept_over_ten_thousand_picks() {
        let class = shopper();
        let mut rng = fastrand::Rng::with_seed(20);
        let picks = 10_000;
        let browse = (0..picks).filter(|_| class.root.pick(&mut 0, &mut rng) == Some(0)).count();
        let square_over = |seen: usize, wanted: f64| (seen as f64 - wanted).powi(2) / wanted;
        let chi_square = square_over(browse, 7_500.0) + square_over(picks - browse, 2_500.0);
        // With one degree of freedom, 10.8 is exceeded by chance once in a thousand.
        assert!(chi_square < 10.8, "{browse} of {picks} picks: {chi_square}");
    }

    #[test]
    fn a_chain_begins_with_its_first_task_and_follows_its_weights() {
        let file = "from locust import HttpUser, MarkovTaskSet, transition, transitions\n\n\n\
                    class Chain(MarkovTaskSet):\n\
                    \x20   @transition('b')\n    def a(self):\n        pass\n\n\
                    \x20   @transitions({'a': 1, 'b': 3})\n    def b(self):\n        pass\n\n\n\
                    class V(HttpUser):\n    tasks = [Chain]\n";
        let scenario =
            python::load("chain.py", file).unwrap_or_else(|problems| panic!("{}", problems.render(false)));
        let redactor = Redactor::default();
        let program = Program::compile(&scenario, Some("http://127.0.0.1"), &redactor, &mut Recorder::new(0));
        let chain = program.classes[0].root.within(0);
        let (mut at, mut rng) = (0, fastrand::Rng::with_seed(3));
        let picks: Vec<usize> = (0..10_001).map(|_| chain.pick(&mut at, &mut rng).unwrap()).collect();
        assert_eq!(picks[..2], [0, 1]);
        let follows = |pair: &&[usize]| pair[0] == 0;
        assert!(picks.windows(2).filter(follows).all(|pair| pair[1] == 1), "only `b` comes after `a`");
        // Of what comes after `b` a quarter is `a`: a fifth of all.
        let share = picks.iter().filter(|pick| **pick == 0).count();
        assert!((1_850..2_150).contains(&share), "{share}");
    }

    #[test]
    fn a_locustfiles_wait_is_kept() {
        let expected = Wait::Between(Duration::from_secs(1), Duration::from_millis(2_500));
        assert_eq!(shopper().root.wait, expected);
    }
}
