//! `--list`, `--show-task-ratio` and `--show-task-ratio-json`, as Locust prints them.

use crate::text::visible;
use akrida_scenario::{Scenario, UserClass};
use serde::Serialize;
use std::fmt::Write as _;

/// The names of the user classes.
#[must_use]
pub fn list(scenario: &Scenario) -> String {
    let mut out = "Available Users:\n".to_owned();
    for class in &scenario.classes {
        _ = writeln!(out, "    {}", visible(&class.name));
    }
    out
}

/// How often each class and task occurs, in percent: of its class, and of all. Without `users`, as many users
/// are assumed as the weights add up to, or one where a class has a fixed count.
#[must_use]
pub fn text(scenario: &Scenario, users: Option<u64>) -> String {
    let mut out = String::new();
    for (title, of) in [("Task ratio per User class", Of::Class), ("Total task ratio", Of::Everything)] {
        _ = writeln!(out, "\n {title}\n{}", "-".repeat(80));
        for share in shares(scenario, users, of) {
            line(&mut out, 0, &share.name, share.ratio);
            for task in &share.tasks {
                line(&mut out, 1, &task.name, task.ratio);
            }
        }
    }
    out
}

fn line(out: &mut String, level: usize, name: &str, ratio: f64) {
    let padding = "  ".repeat(level);
    let percent = format!("{padding}{:<6.1}", ratio * 100.0);
    _ = writeln!(out, " {percent:<10} {:<50}", format!("{padding}{}", visible(name)));
}

/// The same as JSON, indented by four spaces.
#[must_use]
pub fn json(scenario: &Scenario, users: Option<u64>) -> String {
    #[derive(Serialize)]
    struct Ratios {
        per_class: Object,
        total: Object,
    }
    let object = |of| {
        let classes = shares(scenario, users, of).into_iter().map(|class| {
            let tasks =
                class.tasks.into_iter().map(|task| (task.name, serde_json::json!({ "ratio": task.ratio })));
            let tasks: Object = tasks.collect();
            (class.name, serde_json::json!({ "ratio": class.ratio, "tasks": tasks }))
        });
        classes.collect()
    };
    crate::json::pretty(&Ratios { per_class: object(Of::Class), total: object(Of::Everything) })
}

type Object = serde_json::Map<String, serde_json::Value>;

/// What a task's ratio is a part of.
#[derive(Clone, Copy, PartialEq)]
enum Of {
    /// Of its class.
    Class,
    /// Of all tasks of all users.
    Everything,
}

struct ClassShare {
    name: String,
    ratio: f64,
    tasks: Vec<TaskShare>,
}

struct TaskShare {
    name: String,
    ratio: f64,
}

fn shares(scenario: &Scenario, users: Option<u64>, of: Of) -> Vec<ClassShare> {
    let ratios = class_ratios(&scenario.classes, users);
    let share = |(class, ratio): (&UserClass, f64)| {
        let parent = if of == Of::Everything { ratio } else { 1.0 };
        let weights: f64 = class.tasks.iter().map(|task| f64::from(task.weight)).sum();
        let tasks = class.tasks.iter().map(|task| TaskShare {
            name: task.name.clone(),
            ratio: f64::from(task.weight) * parent / weights,
        });
        ClassShare { name: class.name.clone(), ratio, tasks: tasks.collect() }
    };
    scenario.classes.iter().zip(ratios).map(share).collect()
}

/// The share of each class among `users`, counted in whole users as Locust does.
#[expect(clippy::cast_precision_loss, reason = "user counts are far below 2^53")]
pub(crate) fn class_ratios(classes: &[UserClass], users: Option<u64>) -> Vec<f64> {
    let fixed: u64 = classes.iter().map(|class| class.fixed_count).sum();
    let weights: u64 =
        classes.iter().filter(|class| class.fixed_count == 0).map(|class| u64::from(class.weight)).sum();
    let users = users.filter(|users| *users > 0).unwrap_or(if fixed == 0 { weights } else { 1 });
    let weighted = users.saturating_sub(fixed) as f64;
    let count = |class: &UserClass| {
        if class.fixed_count > 0 {
            class.fixed_count as f64
        } else {
            (f64::from(class.weight) / weights as f64 * weighted).round_ties_even()
        }
    };
    let counts: Vec<f64> = classes.iter().map(count).collect();
    let sum = counts.iter().sum::<f64>().max(1.0);
    counts.iter().map(|count| count / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn names_are_listed() {
        insta::assert_snapshot!(list(&samples::scenario()), @r"
        Available Users:
            Shopper
            Visitor
            Auditor
        ");
    }

    #[test]
    fn ratios_as_text() {
        insta::assert_snapshot!(text(&samples::scenario(), Some(8)));
    }

    #[test]
    fn ratios_as_json() {
        insta::assert_snapshot!(json(&samples::scenario(), Some(7)), @r#"
        {
            "per_class": {
                "Shopper": {
                    "ratio": 0.5714285714285714,
                    "tasks": {
                        "browse": {
                            "ratio": 0.75
                        },
                        "buy": {
                            "ratio": 0.25
                        }
                    }
                },
                "Visitor": {
                    "ratio": 0.14285714285714285,
                    "tasks": {
                        "index": {
                            "ratio": 1.0
                        }
                    }
                },
                "Auditor": {
                    "ratio": 0.2857142857142857,
                    "tasks": {
                        "audit": {
                            "ratio": 1.0
                        }
                    }
                }
            },
            "total": {
                "Shopper": {
                    "ratio": 0.5714285714285714,
                    "tasks": {
                        "browse": {
                            "ratio": 0.42857142857142855
                        },
                        "buy": {
                            "ratio": 0.14285714285714285
                        }
                    }
                },
                "Visitor": {
                    "ratio": 0.14285714285714285,
                    "tasks": {
                        "index": {
                            "ratio": 0.14285714285714285
                        }
                    }
                },
                "Auditor": {
                    "ratio": 0.2857142857142857,
                    "tasks": {
                        "audit": {
                            "ratio": 0.2857142857142857
                        }
                    }
                }
            }
        }
        "#);
    }

    #[test]
    fn users_are_counted_as_locust_counts_them() {
        let classes = samples::scenario().classes;
        let check = |users, ratios: [f64; 3]| assert_eq!(class_ratios(&classes, users), ratios, "{users:?}");
        // One user is assumed where a class has a fixed count, and that class takes it.
        check(None, [0.0, 0.0, 1.0]);
        check(Some(0), [0.0, 0.0, 1.0]);
        check(Some(10), [0.6, 0.2, 0.2]);
        assert_eq!(class_ratios(&classes[..2], None), [0.75, 0.25]);
    }
}
