//! Starting and changing a run: one wish, read once from a form or from JSON, and carried out or refused.

mod options;
mod wish;

pub(crate) use wish::{Wish, Wrong, class_edit};

use crate::about::{Class, span_text, stages_text};
use crate::app::{App, Present};
use crate::limits;
use akrida_master::{Amend, ClassEdit, CustomOption, HandleError, Load, Refusal, Start};
use akrida_run::RunState;
use http::StatusCode;
use serde::Serialize;
use std::sync::Arc;
use tokio::time::timeout;

/// Why something is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    /// The field that is to blame.
    pub(crate) field: Option<&'static str>,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), field: None }
    }
}

impl From<Wrong> for Refused {
    fn from(wrong: Wrong) -> Self {
        Self { status: StatusCode::BAD_REQUEST, message: wrong.message, field: Some(wrong.field) }
    }
}

impl From<HandleError> for Refused {
    fn from(error: HandleError) -> Self {
        let (status, field) = match error {
            HandleError::Ended | HandleError::Refused(Refusal::Quitting) => {
                (StatusCode::SERVICE_UNAVAILABLE, None)
            }
            HandleError::Refused(refusal) => match refusal {
                Refusal::Users => (StatusCode::BAD_REQUEST, Some("users")),
                Refusal::SpawnRate => (StatusCode::BAD_REQUEST, Some("spawn_rate")),
                Refusal::Stages => (StatusCode::BAD_REQUEST, Some("stages")),
                Refusal::NoClass => (StatusCode::BAD_REQUEST, Some("user_classes")),
                Refusal::UnknownClass => (StatusCode::BAD_REQUEST, Some("user_class_name")),
                Refusal::ClassNumbers => (StatusCode::BAD_REQUEST, Some("weight")),
                Refusal::ClassHost => (StatusCode::BAD_REQUEST, Some("host")),
                Refusal::ClassTasks => (StatusCode::BAD_REQUEST, Some("tasks")),
                Refusal::Options => (StatusCode::BAD_REQUEST, Some("options")),
                _ => (StatusCode::CONFLICT, None),
            },
        };
        Self { status, message: error.to_string(), field }
    }
}

/// What is answered to a start or an edit, with Locust's keys.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Started {
    pub(crate) success: bool,
    pub(crate) message: String,
    pub(crate) host: Option<String>,
    /// Seconds; whole ones without a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) run_time: Option<serde_json::Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user_classes: Option<Vec<String>>,
}

/// Starts a run, or changes the one that goes on.
pub(crate) async fn swarm(app: &App, wish: Wish) -> Result<Started, Refused> {
    let _alone = app.swarming.lock().await;
    let before = app.present().clone();
    let mut present = before.clone();
    let chosen_here = wish.user_classes.is_some();
    if let Some(host) = wish.host {
        present.host = Some(host).filter(|host| !host.is_empty());
    }
    if let (None, Some(class)) = (&present.host, needy(app, &present.classes)) {
        let message = format!("Missing host: user class {class} has none of its own");
        return Err(Wrong { field: "host", message }.into());
    }
    let snapshot = Arc::clone(&app.board.sheet().snapshot);
    let going_on = matches!(snapshot.state, RunState::Spawning | RunState::Running);
    if let Some(stages) = wish.stages {
        // Those of a run that goes on stay, or end: results are cut by them.
        let stay = stages_text(&stages) == stages_text(&present.stages) && snapshot.stage.is_some();
        if going_on && !stages.is_empty() && !stay {
            let message = "Invalid stages value: a run that goes on keeps its stages, or takes a constant load from \
                           now on";
            return Err(Wrong { field: "stages", message: message.to_owned() }.into());
        }
        // Names of stages do not survive being written; these are the test's own.
        let own = stages_text(&stages) == stages_text(&app.about.stages);
        present.stages = if own { app.about.stages.clone() } else { stages };
    }
    let load = match (wish.users, wish.spawn_rate) {
        (users, spawn_rate) if !present.stages.is_empty() => {
            present.users = users.unwrap_or(present.users);
            present.spawn_rate = spawn_rate.unwrap_or(present.spawn_rate);
            Load::Stages(present.stages.clone())
        }
        (Some(users), Some(spawn_rate)) => {
            (present.users, present.spawn_rate) = (users, spawn_rate);
            Load::Constant { users, spawn_rate }
        }
        (users, _) => {
            let field = if users.is_none() { "users" } else { "spawn_rate" };
            return Err(Wrong { field, message: wish::MISSING.to_owned() }.into());
        }
    };
    let staged = matches!(load, Load::Stages(_));
    present.run_time = wish.run_time;
    let all = || app.about.classes.iter().map(|class| class.name.clone()).collect();
    let start = Start { load, host: present.host.clone(), run_time: wish.run_time };
    present.chosen = match wish.user_classes {
        Some(classes) => classes,
        None if going_on => present.chosen,
        None => all(),
    };
    for (name, value) in wish.options {
        if let Some(option) = present.options.iter_mut().find(|option| option.name == name) {
            option.value = value;
        }
    }
    let done = async {
        choose(app, &before.chosen, &present.chosen).await?;
        set_options(app, &before.options, &present.options).await?;
        begin(app, start, &present).await
    };
    if let Err(refused) = done.await {
        // What was chosen for a run that is not.
        let _ = choose(app, &present.chosen, &before.chosen).await;
        let _ = set_options(app, &present.options, &before.options).await;
        return Err(refused);
    }
    let message = if staged { "Swarming started using shape class 'stages'" } else { "Swarming started" };
    let mut user_classes = present.chosen.clone();
    user_classes.sort();
    let started = Started {
        success: true,
        message: message.to_owned(),
        host: present.host.clone(),
        run_time: wish.run_time.map(|time| match time.subsec_nanos() {
            0 => time.as_secs().into(),
            _ => serde_json::Number::from_f64(time.as_secs_f64()).unwrap_or_else(|| 0.into()),
        }),
        user_classes: (chosen_here || app.about.class_picker).then_some(user_classes),
    };
    *app.present() = present;
    Ok(started)
}

async fn begin(app: &App, start: Start, present: &Present) -> Result<(), Refused> {
    let (host, run_time) = (start.host.clone(), start.run_time);
    match app.handle.start(start).await {
        Err(HandleError::Refused(Refusal::Running)) => {
            let users = present.stages.is_empty().then_some((present.users, present.spawn_rate));
            Ok(app.handle.amend(Amend { users, host, run_time }).await?)
        }
        other => Ok(other?),
    }
}

async fn choose(app: &App, before: &[String], after: &[String]) -> Result<(), Refused> {
    if before == after {
        return Ok(());
    }
    app.handle.choose(after.to_vec()).await.map_err(|error| match error {
        HandleError::Refused(Refusal::UnknownClass) => {
            let known = |name: &&String| !app.about.classes.iter().any(|class| class.name == **name);
            let unknown = after.iter().find(known).map(String::as_str).unwrap_or_default();
            let message = format!("Unknown user class in user_classes: {}", wish::quoted(unknown));
            Wrong { field: "user_classes", message }.into()
        }
        other => other.into(),
    })
}

async fn set_options(app: &App, before: &[CustomOption], after: &[CustomOption]) -> Result<(), Refused> {
    if before == after {
        return Ok(());
    }
    let values = after.iter().map(|option| (option.name.clone(), option.value.clone()));
    Ok(app.handle.set_options(values.collect()).await?)
}

/// A class that has no host and needs one, unless somebody has given it one since.
fn needy<'a>(app: &'a App, classes: &[Class]) -> Option<&'a str> {
    let needy = app.about.needs_host.as_deref()?;
    let class = classes.iter().find(|class| class.name == needy);
    class.is_none_or(|class| class.host.is_none()).then_some(needy)
}

/// Stops the run, and waits until its users are gone if that is wanted. That nothing runs is what was wanted.
pub(crate) async fn stop(app: &App, wait: bool) -> Result<&'static str, Refused> {
    match app.handle.stop().await {
        Ok(()) => {}
        Err(HandleError::Refused(Refusal::NotRunning)) => return Ok("Test stopped"),
        Err(error) => return Err(error.into()),
    }
    if !wait {
        return Ok("Stopping test");
    }
    let bound = app.about.stop_timeout + limits::STOP;
    let mut snapshots = app.handle.snapshots();
    let over = |snapshot: &std::sync::Arc<akrida_run::Snapshot>| {
        matches!(snapshot.state, RunState::Ready | RunState::Stopped)
    };
    // A master that ends takes the run with it.
    let stopped = timeout(bound, snapshots.wait_for(over)).await.is_ok();
    let users = snapshots.borrow().user_count;
    if stopped || users == 0 {
        return Ok("Test stopped");
    }
    let message = format!("Stopping test: {users} users still run after {} s", bound.as_secs_f64());
    Err(Refused::new(StatusCode::CONFLICT, message))
}

/// Changes a user class, here and on workers.
pub(crate) async fn edit_class(app: &App, edit: ClassEdit) -> Result<(), Refused> {
    let _alone = app.swarming.lock().await;
    app.handle.edit_class(edit.clone()).await?;
    let mut present = app.present();
    if let Some(class) = present.classes.iter_mut().find(|class| class.name == edit.user_class_name) {
        class.weight = edit.weight.unwrap_or(class.weight);
        class.fixed_count = edit.fixed_count.unwrap_or(class.fixed_count);
        class.host = edit.host.or(class.host.take());
        if let Some(tasks) = edit.tasks {
            let all = app.about.tasks_of(&class.name).iter();
            class.tasks = all.filter(|task| tasks.contains(&task.name)).cloned().collect();
        }
    }
    Ok(())
}

/// The proposals of the form, as texts.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Defaults {
    pub(crate) users: u64,
    pub(crate) spawn_rate: f64,
    pub(crate) run_time: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) stages: Option<String>,
}

impl Defaults {
    pub(crate) fn of(present: &Present) -> Self {
        Self {
            users: present.users,
            spawn_rate: present.spawn_rate,
            run_time: present.run_time.map(span_text),
            host: present.host.clone(),
            stages: (!present.stages.is_empty()).then(|| stages_text(&present.stages)),
        }
    }
}
