//! `/api/v1/test`: what can be started, and what the form proposes.

use crate::asked::{Asked, compact};
use crate::routes::Shared;
use crate::swarm::Defaults;
use akrida_master::OptionValue;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;

#[derive(Serialize)]
struct Test<'a> {
    version: &'a str,
    locustfile: &'a str,
    distributed: bool,
    master_port: Option<u16>,
    class_picker: bool,
    profile: Option<&'a str>,
    defaults: Defaults,
    host_required: Option<&'a str>,
    stop_timeout: f64,
    full_history: bool,
    runs: bool,
    login: Option<&'a str>,
    user_classes: Vec<ClassOf<'a>>,
    options: Vec<OptionOf<'a>>,
}

/// Values are texts, as a form has them.
#[derive(Serialize)]
struct OptionOf<'a> {
    name: &'a str,
    kind: &'static str,
    value: String,
    choices: Vec<String>,
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct ClassOf<'a> {
    name: &'a str,
    weight: u64,
    fixed_count: u64,
    host: Option<&'a str>,
    chosen: bool,
    open: bool,
    tasks: Vec<TaskOf<'a>>,
    all_tasks: Vec<&'a str>,
}

#[derive(Serialize)]
struct TaskOf<'a> {
    name: &'a str,
    weight: u64,
    ratio: f64,
}

/// JSON's name for what an option may be.
fn kind(value: &OptionValue) -> &'static str {
    match value {
        OptionValue::Bool(_) => "boolean",
        OptionValue::Int(_) => "integer",
        OptionValue::Float(_) => "number",
        OptionValue::Text(_) => "string",
    }
}

pub(super) async fn test(State(app): State<Shared>, asked: Asked) -> Response {
    let present = app.present().clone();
    let about = &app.about;
    let classes = present.classes.iter().map(|class| ClassOf {
        name: &class.name,
        weight: class.weight,
        fixed_count: class.fixed_count,
        host: class.host.as_deref(),
        chosen: present.chosen.contains(&class.name),
        open: class.open,
        tasks: class
            .tasks
            .iter()
            .zip(class.ratios())
            .map(|(task, (name, ratio))| TaskOf { name, weight: task.weight, ratio })
            .collect(),
        all_tasks: about.tasks_of(&class.name).iter().map(|task| task.name.as_str()).collect(),
    });
    let options = present.options.iter().map(|option| OptionOf {
        name: &option.name,
        kind: kind(&option.value),
        value: option.value.to_string(),
        choices: option.choices.iter().map(ToString::to_string).collect(),
        help: option.help.as_deref(),
    });
    compact(
        StatusCode::OK,
        &Test {
            version: &about.version,
            locustfile: &about.locustfile,
            distributed: about.distributed,
            master_port: about.master_port,
            class_picker: about.class_picker,
            profile: about.profile.as_deref(),
            defaults: Defaults::of(&present),
            host_required: about.needs_host.as_deref(),
            stop_timeout: about.stop_timeout.as_secs_f64(),
            full_history: about.full_history.is_some(),
            runs: app.runs.is_some(),
            login: asked.user.as_deref(),
            user_classes: classes.collect(),
            options: options.collect(),
        },
    )
}
