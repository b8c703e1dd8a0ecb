//! The scenario as a whole: classes, tasks, stages.

use super::names::Names;
use super::steps::{Writer, wait_of};
use super::unsaid::{Part, Unsaid, What};
use super::value::{duration, short};
use crate::convert::emit::{Yaml, comment, emit};
use crate::convert::write::entry;
use crate::model::{Scenario, Slot, Stage, Step, Task, Template, UserClass, Wait};
use crate::stages::even_rate;

type Map = Vec<(String, Yaml)>;

/// The text, with what a person should know about it at its top.
pub(super) fn write(scenario: &Scenario, file: &str, notes: &[String], unsaid: &mut Unsaid) -> String {
    let mut root = Vec::new();
    let first = scenario.classes.first().and_then(|class| class.host.as_ref());
    let host = first.filter(|host| scenario.classes.iter().all(|class| class.host.as_ref() == Some(host)));
    if let Some(host) = host {
        root.push(entry("host", Yaml::text(host)));
    }
    let classes = scenario.classes.iter().map(|class| {
        let own = class.host.as_ref().filter(|_| host.is_none());
        (class.name.clone(), Yaml::Map(write_class(class, own, unsaid)))
    });
    root.push(entry("users", Yaml::Map(classes.collect())));
    if !scenario.stages.is_empty() {
        root.push(entry("stages", stages(&scenario.stages)));
    }
    let mut text = String::new();
    comment(&mut text, &format!("Made by `akrida convert` of {file}."), 0);
    for note in notes {
        comment(&mut text, &format!("- {note}"), 0);
    }
    text.push_str(&emit(&root));
    text
}

fn write_class(class: &UserClass, host: Option<&String>, unsaid: &mut Unsaid) -> Map {
    let names = Names::of_class(class);
    let mut map = Vec::new();
    if class.fixed_count > 0 {
        map.push(entry("fixed_count", Yaml::raw(&class.fixed_count)));
    } else if class.weight != 1 {
        map.push(entry("weight", Yaml::raw(&class.weight)));
    }
    map.extend(host.map(|host| entry("host", Yaml::text(host))));
    if !class.network.tls.verify {
        map.push(entry("tls", Yaml::short(vec![entry("verify", Yaml::raw(&false))])));
    }
    let mut write = |function: &str, steps: &[Step], make: &mut dyn FnMut(&mut Writer<'_>)| {
        let names = names.with_locals(steps);
        let mut writer = Writer::new(&names);
        make(&mut writer);
        let part = Part { class: class.name.clone(), function: function.to_owned() };
        writer.unsaid().into_iter().for_each(|what| unsaid.note(What::Other(what), &part));
    };
    write("on_start", &[], &mut |writer| {
        let header =
            |(name, value): &(String, Template)| (name.clone(), Yaml::Text(writer.values.template(value)));
        if !class.headers.is_empty() {
            map.push(entry("headers", Yaml::short(class.headers.iter().map(header).collect())));
        }
    });
    write("wait_time", &class.waiting, &mut |writer| match class.waiting.as_slice() {
        [Step::Pause(seconds), ..] => map.push(entry("wait", writer.values.expression(seconds))),
        _ if class.wait == Wait::default() => {}
        _ => map.push(entry("wait", wait_of(&class.wait))),
    });
    let (variables, on_start) = class.on_start.split_at(first_values(&class.on_start));
    write("on_start", &class.on_start, &mut |writer| {
        let values = variables.iter().filter_map(|step| match step {
            Step::Set { target, value } => {
                Some((writer.values.names.of(*target), writer.values.value(value)))
            }
            _ => None,
        });
        let values: Map = values.collect();
        if !values.is_empty() {
            map.push(entry("variables", Yaml::short(values)));
        }
        if !on_start.is_empty() {
            map.push(entry("on_start", writer.steps(on_start)));
        }
    });
    write("on_stop", &class.on_stop, &mut |writer| {
        if !class.on_stop.is_empty() {
            map.push(entry("on_stop", writer.steps(&class.on_stop)));
        }
    });
    let mut tasks = Vec::new();
    for task in &class.tasks {
        write(&task.name, &task.steps, &mut |writer| {
            tasks.push((task.name.clone(), write_task(writer, task)));
        });
    }
    map.push(entry("tasks", Yaml::Map(tasks)));
    map
}

/// How many of the first steps give each a variable of the user its first value.
fn first_values(steps: &[Step]) -> usize {
    let mut targets: Vec<u16> = Vec::new();
    for step in steps {
        match step {
            Step::Set { target: Slot::User(target), .. } if !targets.contains(target) => {
                targets.push(*target);
            }
            _ => break,
        }
    }
    targets.len()
}

fn write_task(writer: &mut Writer<'_>, task: &Task) -> Yaml {
    let mut map = Vec::new();
    let mut marks = Vec::new();
    if task.weight != 1 {
        marks.push(entry("weight", Yaml::raw(&task.weight)));
    }
    if !task.tags.is_empty() {
        let tags = task.tags.iter().map(Yaml::text).collect();
        marks.push(entry("tags", short(Yaml::List(tags))));
    }
    // A task of one request is that request.
    if let [Step::Request(request)] = task.steps.as_slice() {
        map.append(&mut writer.request(request));
        let small = map.len() + marks.len() < 3;
        map.append(&mut marks);
        return if small { short(Yaml::Map(map)) } else { Yaml::Map(map) };
    }
    let steps = writer.steps(&task.steps);
    if marks.is_empty() {
        return steps;
    }
    marks.push(entry("steps", steps));
    Yaml::Map(marks)
}

fn stages(stages: &[Stage]) -> Yaml {
    let mut before = 0;
    let mut list = Vec::new();
    for (number, stage) in (1..).zip(stages) {
        let mut map = Vec::new();
        if stage.name != i32::to_string(&number) {
            map.push(entry("name", Yaml::text(&stage.name)));
        }
        map.push(entry("duration", duration(stage.duration)));
        map.push(entry("users", Yaml::raw(&stage.users)));
        #[expect(clippy::float_cmp, reason = "what is computed the same way is the same")]
        if stage.spawn_rate != even_rate(before, stage.users, stage.duration) {
            map.push(entry("spawn_rate", Yaml::raw(&stage.spawn_rate)));
        }
        before = stage.users;
        list.push(short(Yaml::Map(map)));
    }
    Yaml::List(list)
}
