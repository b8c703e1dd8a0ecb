//! What users do, as `akrida check FILE` lists it: tasks with their ratios and tags, sets of tasks, and what requests
//! are filed under.

use crate::text::visible;
use akrida_scenario::Scenario;
use akrida_scenario::model::{Order, Task};
use std::fmt::Write as _;

/// Names of requests that are listed; more are counted.
const NAMES: usize = 40;

/// Tasks, each on a line, and below a set of tasks those within it.
pub(crate) fn tasks(out: &mut String, tasks: &[Task], order: Order, depth: usize) {
    let weights: f64 = tasks.iter().map(|task| f64::from(task.weight)).sum();
    let widest = tasks.iter().map(|task| visible(&task.name).chars().count()).max().unwrap_or(0);
    for task in tasks {
        let share = match order {
            Order::Random => format!("{:>5.1}%", f64::from(task.weight) / weights * 100.0),
            Order::Sequence => format!("{:>5}x", task.weight),
            Order::Markov => format!("{:>6}", "-"),
        };
        let mut marks = vec![tags(task), next(task), within(task).to_owned()];
        marks.retain(|mark| !mark.is_empty());
        let line = format!(
            "{:indent$}{share}  {:<widest$}  {}",
            "",
            visible(&task.name),
            marks.join("  "),
            indent = 2 + depth * 4
        );
        _ = writeln!(out, "{}", line.trim_end());
        if let Some(set) = &task.set {
            self::tasks(out, &set.tasks, set.order, depth + 1);
        }
    }
}

fn tags(task: &Task) -> String {
    task.tags.iter().map(|tag| format!("[{}]", visible(tag))).collect::<Vec<_>>().join(" ")
}

/// Where a task of a chain leads to.
fn next(task: &Task) -> String {
    let weights: f64 = task.next.iter().map(|(_, weight)| f64::from(*weight)).sum();
    let share = |(name, weight): &(String, u32)| {
        format!("{} {:.1}%", visible(name), f64::from(*weight) / weights * 100.0)
    };
    let shares: Vec<String> = task.next.iter().map(share).collect();
    if shares.is_empty() { String::new() } else { format!("then {}", shares.join(", ")) }
}

fn within(task: &Task) -> &'static str {
    match task.set.as_ref().map(|set| set.order) {
        None => "",
        Some(Order::Random) => "tasks until it leaves them",
        Some(Order::Sequence) => "tasks in order, until it leaves them",
        Some(Order::Markov) => "a chain of tasks, until it leaves them",
    }
}

/// The names under which requests will stand in the statistics, as far as they are known.
pub(crate) fn requests(out: &mut String, scenario: &Scenario) {
    let requested = scenario.requested(None);
    if requested.names.is_empty() && !requested.others {
        return;
    }
    out.push_str("\nRequests\n");
    for (method, name) in requested.names.iter().take(NAMES) {
        _ = writeln!(out, "  {:<7} {}", visible(method), visible(name));
    }
    let more = requested.names.len().saturating_sub(NAMES);
    if more > 0 {
        _ = writeln!(out, "  and {more} more");
    }
    if requested.others {
        out.push_str(
            "  others get their names in the run; give them a `name` to keep the statistics short\n",
        );
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn sets_of_tasks_are_listed_with_what_is_within_them() {
        let text = "from locust import HttpUser, MarkovTaskSet, SequentialTaskSet\n\
                    from locust import tag, task, transition, transitions\n\n\n\
                    class Chain(MarkovTaskSet):\n\
                    \x20   @transition('browse')\n    def index(self):\n        self.client.get('/')\n\n\
                    \x20   @transitions({'index': 1, 'browse': 3})\n    def browse(self):\n\
                    \x20       self.client.get(f'/{self.user.page}')\n\n\n\
                    class Visit(SequentialTaskSet):\n    tasks = [Chain]\n\n\
                    \x20   @task(2)\n    def pay(self):\n        self.client.post('/pay')\n\n\n\
                    class Shopper(HttpUser):\n    page = 1\n    tasks = [Visit]\n\n\
                    \x20   def on_start(self):\n        self.page = 2\n\n\
                    \x20   @tag('read')\n    @task(3)\n    def look(self):\n        self.client.get('/')\n";
        let scenario = akrida_scenario::python::load("shop.py", text).unwrap();
        insta::assert_snapshot!(crate::listing::check(&scenario), @r"
        shop.py: 1 user class, 2 tasks, no problems

        Shopper: weight 1 (100.0% of the weighted users), no wait
          host from --host
          on_start with 2 steps
           25.0%  Visit  tasks in order, until it leaves them
                  1x  Chain  a chain of tasks, until it leaves them
                       -  index   then browse 100.0%
                       -  browse  then index 25.0%, browse 75.0%
                  2x  pay
           75.0%  look   [read]

        Requests
          GET     /
          POST    /pay
          others get their names in the run; give them a `name` to keep the statistics short
        ");
    }
}
