//! What `akrida check FILE` prints of a scenario without problems.

use crate::activities;
use crate::ratio::class_ratios;
use crate::text::visible;
use akrida_scenario::model::{Arrivals, AtEnd, CustomOption, Feed, Order, Per, Secret, Take, Wait};
use akrida_scenario::{Scenario, Stage, UserClass};
use std::fmt::Write as _;
use std::time::Duration;

/// Classes with their weights or arrivals, hosts, waits and data; tasks with their ratios and tags; names of requests
/// and of secrets; options; the seed; stages; thresholds.
#[must_use]
pub fn check(scenario: &Scenario) -> String {
    let tasks = scenario.classes.iter().map(|class| class.tasks.len()).sum();
    let mut out = format!(
        "{}: {}, {}, no problems\n",
        visible(&scenario.file),
        counted(scenario.classes.len(), "user class", "user classes"),
        counted(tasks, "task", "tasks"),
    );
    let weighted: Vec<_> = scenario.classes.iter().filter(|class| class.fixed_count == 0).cloned().collect();
    let mut ratios = class_ratios(&weighted, None).into_iter();
    for class in &scenario.classes {
        let share = if class.fixed_count > 0 { None } else { ratios.next() };
        describe_class(&mut out, class, share);
    }
    activities::requests(&mut out, scenario);
    // Each class knows all secrets of its file.
    let mut secrets: Vec<&Secret> = Vec::new();
    for secret in scenario.classes.iter().flat_map(|class| class.secrets.iter()) {
        if !secrets.contains(&secret) {
            secrets.push(secret);
        }
    }
    if !secrets.is_empty() {
        let names: Vec<_> = secrets.iter().map(|secret| visible(&secret.name)).collect();
        _ = writeln!(out, "\nSecrets: {}", names.join(", "));
    }
    let options = scenario.options();
    if !options.is_empty() {
        _ = writeln!(out, "\nOptions");
        options.into_iter().for_each(|option| describe_option(&mut out, option));
    }
    if let Some(seed) = scenario.seed {
        _ = writeln!(out, "\nSeed: {seed}");
    }
    if !scenario.stages.is_empty() {
        _ = writeln!(out, "\nStages");
        for stage in &scenario.stages {
            describe_stage(&mut out, stage);
        }
    }
    if !scenario.thresholds.is_empty() {
        out.push_str("\nFails if\n");
        for threshold in &scenario.thresholds {
            _ = writeln!(out, "  {}", visible(&threshold.text));
        }
        if !scenario.warm_up.is_zero() {
            _ = writeln!(out, "  after a warm-up of {} s", scenario.warm_up.as_secs_f64());
        }
    }
    out
}

fn describe_class(out: &mut String, class: &UserClass, share: Option<f64>) {
    let load = match (&class.arrivals, share) {
        (Some(arrivals), _) => {
            format!("{}, at most {}", starts(arrivals), counted_u64(class.fixed_count, "user", "users"))
        }
        (None, Some(share)) => {
            format!("weight {} ({:.1}% of the weighted users), {}", class.weight, share * 100.0, wait(class))
        }
        (None, None) => {
            format!("always {}, {}", counted_u64(class.fixed_count, "user", "users"), wait(class))
        }
    };
    _ = writeln!(out, "\n{}: {load}", visible(&class.name));
    match &class.host {
        Some(host) => _ = writeln!(out, "  host {}", visible(host)),
        None => _ = writeln!(out, "  host from --host"),
    }
    for (when, steps) in [("on_start", class.on_start.len()), ("on_stop", class.on_stop.len())] {
        if steps > 0 {
            _ = writeln!(out, "  {when} with {}", counted(steps, "step", "steps"));
        }
    }
    for feed in &class.feeds {
        _ = writeln!(out, "  data {}", data(feed));
    }
    activities::tasks(out, &class.tasks, Order::Random, 0);
}

fn wait(class: &UserClass) -> String {
    match class.wait {
        _ if !class.waiting.is_empty() => "a wait that the file computes".to_owned(),
        Wait::Constant(time) if time.is_zero() => "no wait".to_owned(),
        Wait::Constant(time) => format!("waits {} s", time.as_secs_f64()),
        Wait::Between(from, to) => format!("waits {} to {} s", from.as_secs_f64(), to.as_secs_f64()),
        Wait::Pacing(time) => format!("a task every {} s", time.as_secs_f64()),
        Wait::Throughput(rate) => format!("{rate} tasks per second and user"),
    }
}

/// Open load: the rate in the beginning, and where it leads.
fn starts(arrivals: &Arrivals) -> String {
    let rates = [arrivals.initial_rate].into_iter().chain(arrivals.spans.iter().map(|(_, rate)| *rate));
    let mut rates: Vec<String> = rates.map(|rate| format!("{rate}")).collect();
    rates.dedup();
    let over: Duration = arrivals.spans.iter().map(|(duration, _)| *duration).sum();
    let over = if over.is_zero() { String::new() } else { format!(" over {} s", over.as_secs_f64()) };
    format!("{} starts per second{over}", rates.join(", then "))
}

/// `account: 20 rows, each given once, one per user; the user ends after the last`
fn data(feed: &Feed) -> String {
    let (order, end) = match feed.feeder.take {
        Take::Cycle => ("in order", ""),
        Take::Random => ("at random", ""),
        Take::Unique(AtEnd::StopUser) => ("each given once", "; after the last, users end"),
        Take::Unique(AtEnd::StopRun) => ("each given once", "; after the last, the run ends"),
        Take::Unique(AtEnd::Restart) => ("each given once", "; after the last, from the first again"),
    };
    let per = match feed.per {
        Per::User => "user",
        Per::Iteration => "iteration",
    };
    let rows = counted(feed.feeder.rows.len(), "row", "rows");
    format!("{}: {rows}, {order}, one per {per}{end}", visible(&feed.feeder.name))
}

fn describe_option(out: &mut String, option: &CustomOption) {
    let choices: Vec<String> =
        option.choices.iter().map(|choice| visible(&choice.to_string()).into_owned()).collect();
    let choices = if choices.is_empty() { String::new() } else { format!(" (of {})", choices.join(", ")) };
    let help = option.help.as_deref().map(|help| format!("  {}", visible(help))).unwrap_or_default();
    _ = writeln!(out, "  {} = {}{choices}{help}", visible(&option.name), visible(&option.value.to_string()));
}

fn describe_stage(out: &mut String, stage: &Stage) {
    _ = writeln!(
        out,
        "  {}: {} s towards {} at {:.2} per second",
        visible(&stage.name),
        stage.duration.as_secs_f64(),
        counted_u64(stage.users, "user", "users"),
        stage.spawn_rate
    );
}

fn counted(count: usize, one: &str, many: &str) -> String {
    counted_u64(count as u64, one, many)
}

fn counted_u64(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn open_load_is_told_by_its_rates() {
        let seconds = Duration::from_secs;
        let check = |initial_rate, spans: &[(u64, f64)], expected: &str| {
            let spans = spans.iter().map(|&(duration, rate)| (seconds(duration), rate)).collect();
            assert_eq!(starts(&Arrivals { initial_rate, spans }), expected);
        };
        check(50.0, &[], "50 starts per second");
        check(0.0, &[(30, 100.0), (60, 100.0)], "0, then 100 starts per second over 90 s");
        check(2.5, &[(0, 5.0), (1, 0.5)], "2.5, then 5, then 0.5 starts per second over 1 s");
    }

    #[test]
    fn a_scenario_is_listed() {
        insta::assert_snapshot!(super::check(&samples::scenario()), @r"
        shop.yaml: 3 user classes, 4 tasks, no problems

        Shopper: weight 3 (75.0% of the weighted users), waits 1 to 2.5 s
          host https://shop.example
           75.0%  browse  [read]
           25.0%  buy     [slow] [write]

        Visitor: weight 1 (25.0% of the weighted users), no wait
          host from --host
          100.0%  index

        Auditor: always 2 users, a task every 10 s
          host from --host
          100.0%  audit

        Stages
          1: 60 s towards 100 users at 10.00 per second
          calm: 30 s towards 1 user at 0.50 per second

        Fails if
          p95 > 300ms abort after 1m
          after a warm-up of 30 s
        ");
    }

    #[test]
    fn arrivals_data_options_and_names_of_secrets_are_listed() {
        let text = "
seed: 42
secrets: { api_key: { env: A }, password: { env: B } }
options:
  tenant: acme
  size: { default: 20, choices: [20, 50], help: Items on a page }
data:
  account: { rows: [{ n: 1 }, { n: 2 }], pick: unique, at_end: stop_run }
  color: { rows: [{ n: red }] }
users:
  Open: { arrivals: 300/m, tasks: [{ get: '/{{ account }}/{{ color }}' }] }
  Ramp:
    arrivals: { stages: [{ duration: 30s, rate: 10 }, { duration: 1m, rate: 2.5 }], max_users: 1 }
    tasks: [{ get: /a }]
  Closed: { fixed_count: 1, tasks: [{ get: /b }] }";
        struct Environment;
        impl akrida_scenario::Source for Environment {
            fn file(&self, _: &str) -> Result<std::sync::Arc<[u8]>, String> {
                Err(String::new())
            }
            fn secret_file(&self, path: &str) -> Result<std::sync::Arc<[u8]>, String> {
                self.file(path)
            }
            fn environment(&self, _: &str) -> Option<String> {
                Some("hunter2".to_owned())
            }
        }
        let scenario = akrida_scenario::yaml::load_with("open.yaml", text, &Environment).unwrap();
        insta::assert_snapshot!(super::check(&scenario), @r"
        open.yaml: 3 user classes, 3 tasks, no problems

        Open: 5 starts per second, at most 10 users
          host from --host
          data account: 2 rows, each given once, one per user; after the last, the run ends
          data color: 1 row, in order, one per iteration
          100.0%  GET /{{ account }}/{{ color }}

        Ramp: 0, then 10, then 2.5 starts per second over 90 s, at most 1 user
          host from --host
          100.0%  GET /a

        Closed: always 1 user, no wait
          host from --host
          100.0%  GET /b

        Requests
          GET     /a
          GET     /b
          GET     /{{ account }}/{{ color }}

        Secrets: api_key, password

        Options
          tenant = acme
          size = 20 (of 20, 50)  Items on a page

        Seed: 42
        ");
    }
}
