//! `/api/v1/test`: what can be started, and what the form proposes.

use crate::asked::{Asked, compact};
use crate::routes::Shared;
use crate::swarm::Defaults;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;

#[derive(Serialize)]
struct Test<'a> {
    version: &'a str,
    locustfile: &'a str,
    distributed: bool,
    class_picker: bool,
    profile: Option<&'a str>,
    defaults: Defaults,
    host_required: Option<&'a str>,
    stop_timeout: f64,
    full_history: bool,
    login: Option<&'a str>,
    user_classes: Vec<ClassOf<'a>>,
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
}

#[derive(Serialize)]
struct TaskOf<'a> {
    name: &'a str,
    weight: u64,
    ratio: f64,
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
    });
    compact(
        StatusCode::OK,
        &Test {
            version: &about.version,
            locustfile: &about.locustfile,
            distributed: about.distributed,
            class_picker: about.class_picker,
            profile: about.profile.as_deref(),
            defaults: Defaults::of(&present),
            host_required: about.needs_host.as_deref(),
            stop_timeout: about.stop_timeout.as_secs_f64(),
            full_history: about.full_history.is_some(),
            login: asked.user.as_deref(),
            user_classes: classes.collect(),
        },
    )
}
