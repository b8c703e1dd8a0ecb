//! The page as the server writes it. Its script takes over where there is one; without, this is all of it.

use super::classes::{self, ClassCard};
use super::sketch::{self, Sketch};
use super::tables::{self, Table};
use super::text::{count, ms_of, percent, plural, rate, span};
use super::view::View;
use super::{Assets, rendered};
use crate::app::{App, Present};
use crate::asked::Asked;
use crate::locust::logs_of_workers;
use crate::locust::stats::worker_count;
use crate::rescale::Workers;
use crate::routes::Shared;
use crate::swarm::Defaults;
use akrida_master::{CustomOption, OptionValue};
use akrida_run::{RunState, Snapshot};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "index.html")]
struct Index {
    base: String,
    assets: Assets,
    /// Whether a page without script should come again by itself.
    refresh: bool,
    state: &'static str,
    word: &'static str,
    host: Option<String>,
    figures: Vec<Figure>,
    goes_on: bool,
    started: bool,
    view: View,
    tabs: Vec<Tab>,
    message: String,
    error: bool,
    notices: Vec<Notice>,
    user: Option<String>,
    version: String,
    profile: Option<String>,
    /// Whether there is a form for the number of workers: on their view, in Kubernetes.
    rescale: bool,
    body: Body,
}

struct Figure {
    label: &'static str,
    text: String,
    small: String,
    bad: bool,
}

struct Tab {
    view: View,
    current: bool,
    label: &'static str,
    number: Option<String>,
}

struct Notice {
    text: String,
    bad: bool,
}

/// What one view shows.
enum Body {
    Form(Box<Form>),
    Tables { search: Option<String>, facts: String, tables: Vec<Table> },
    Classes(Vec<ClassCard>),
    Charts(Vec<Sketch>),
    Logs(Vec<(String, String)>),
    Downloads { full_history: bool, runs: bool },
    NoWorkers(NoWorkers),
}

struct Form {
    locustfile: String,
    defaults: Defaults,
    host_required: Option<String>,
    /// The classes that may be chosen, and whether each is.
    classes: Vec<(String, bool)>,
    options: Vec<OptionField>,
    no_workers: Option<NoWorkers>,
}

/// A field for an option of the scenario.
struct OptionField {
    name: String,
    value: String,
    /// What may be chosen; empty where it is written.
    choices: Vec<String>,
    help: String,
}

/// How workers are started.
struct NoWorkers {
    locustfile: String,
    host: String,
    port: Option<u16>,
}

pub(super) async fn index(State(app): State<Shared>, asked: Asked, headers: http::HeaderMap) -> Response {
    let snapshot = Arc::clone(&app.board.sheet().snapshot);
    let present = app.present().clone();
    let view = View::find(asked.query("view"), snapshot.state);
    let host = crate::place::header(&headers, "x-forwarded-host")
        .or_else(|| crate::place::header(&headers, "host"))
        .map(host_name)
        .unwrap_or_default();
    let body = body(&app, &present, &snapshot, view, &asked, &host).await;
    rendered(&asked, &page(&app, &snapshot, view, &asked, body))
}

fn page(app: &App, snapshot: &Snapshot, view: View, asked: &Asked, body: Body) -> Index {
    let goes_on = matches!(snapshot.state, RunState::Spawning | RunState::Running);
    let (state, word) = match snapshot.state {
        RunState::Ready => ("ready", "Ready"),
        RunState::Spawning => ("spawning", "Spawning"),
        RunState::Running => ("running", "Running"),
        RunState::Stopping => ("stopping", "Stopping"),
        RunState::Stopped => ("stopped", "Stopped"),
    };
    let tabs = View::ALL.map(|tab| {
        let number = match tab {
            View::Failures => snapshot.errors.len(),
            View::Exceptions => snapshot.exceptions.len(),
            View::Workers => snapshot.workers.len(),
            _ => 0,
        };
        let number = (number > 0).then(|| count(number as u64));
        Tab { view: tab, current: tab == view, label: tab.label(goes_on), number }
    });
    Index {
        base: asked.place.base(),
        assets: Assets::new(),
        // Not while somebody writes into a form.
        refresh: (goes_on || snapshot.state == RunState::Stopping)
            && !matches!(view, View::Start | View::Tasks),
        state,
        word,
        host: snapshot.host.clone(),
        figures: figures(snapshot, goes_on),
        goes_on,
        started: snapshot.start > 0.0,
        view,
        tabs: tabs.into(),
        message: asked.query("message").unwrap_or_default().to_owned(),
        error: asked.query("error").is_some(),
        notices: notices(snapshot),
        user: asked.user.clone(),
        version: app.about.version.clone(),
        profile: app.about.profile.clone(),
        rescale: view == View::Workers && app.workers.as_ref().is_some_and(Workers::is_in_cluster),
        body,
    }
}

fn figures(snapshot: &Snapshot, goes_on: bool) -> Vec<Figure> {
    let figure = |label, text: String| Figure { label, text, small: String::new(), bad: false };
    let moving = goes_on && snapshot.target_user_count != snapshot.user_count;
    let connected = worker_count(snapshot);
    let missing = snapshot.workers.len() - connected;
    let mut figures = vec![
        Figure {
            small: if moving { format!(" of {}", count(snapshot.target_user_count)) } else { String::new() },
            ..figure("Users", count(snapshot.user_count))
        },
        figure("Requests/s", rate(snapshot.now.rps)),
        Figure {
            bad: snapshot.total.num_failures > 0,
            ..figure("Failures", percent(snapshot.total.fail_ratio))
        },
        figure("p95, ms", ms_of(snapshot.now.p95)),
        Figure {
            small: if missing > 0 { format!(", {} missing", count(missing as u64)) } else { String::new() },
            bad: missing > 0,
            ..figure("Workers", count(connected as u64))
        },
    ];
    if snapshot.start > 0.0 {
        let lasted = span(snapshot.end.unwrap_or(snapshot.at) - snapshot.start);
        figures.push(match snapshot.time_left {
            Some(left) => Figure { small: format!(", {}", span(left)), ..figure("Time, left", lasted) },
            None => figure("Time", lasted),
        });
    }
    if let Some(stage) = &snapshot.stage {
        figures.push(Figure {
            small: format!(" of {}", stage.of),
            ..figure("Stage", count(stage.index as u64 + 1))
        });
    }
    figures
}

/// What makes the figures worth less.
fn notices(snapshot: &Snapshot) -> Vec<Notice> {
    let mut notices = Vec::new();
    if snapshot.generator.saturated_now {
        let text = "The generator itself is the limit now. Response times contain its own lateness. Add workers, or \
                    take fewer users.";
        notices.push(Notice { text: text.to_owned(), bad: true });
    }
    let missing = (snapshot.workers.len() - worker_count(snapshot)) as u64;
    if missing > 0 {
        let text = format!("{} missing: nothing was heard of it for seconds.", plural(missing, "worker"));
        notices.push(Notice { text, bad: false });
    }
    notices.extend(snapshot.notices.iter().map(|text| Notice { text: text.clone(), bad: false }));
    notices
}

async fn body(
    app: &App,
    present: &Present,
    snapshot: &Snapshot,
    view: View,
    asked: &Asked,
    host: &str,
) -> Body {
    let about = &app.about;
    let no_workers =
        || NoWorkers { locustfile: about.locustfile.clone(), host: host.to_owned(), port: about.master_port };
    let page = asked.query("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    let tables = |tables: Vec<Table>| Body::Tables { search: None, facts: String::new(), tables };
    match view {
        View::Start => {
            let classes = present.classes.iter().filter(|_| about.class_picker);
            Body::Form(Box::new(Form {
                locustfile: about.locustfile.clone(),
                defaults: Defaults::of(present),
                host_required: about.needs_host.clone(),
                classes: classes
                    .map(|class| (class.name.clone(), present.chosen.contains(&class.name)))
                    .collect(),
                options: present.options.iter().map(option_field).collect(),
                no_workers: (about.distributed && worker_count(snapshot) == 0).then(no_workers),
            }))
        }
        View::Statistics => {
            let sought = asked.query("search").unwrap_or_default();
            let encoded: String = form_urlencoded::byte_serialize(sought.as_bytes()).collect();
            let query = format!("view=statistics&search={encoded}");
            let mut tables = vec![tables::statistics(snapshot, sought).page(page, &query)];
            if !snapshot.tags.is_empty() {
                tables.push(tables::cuts("Statistics by tag", "Tag", &snapshot.tags));
            }
            if !snapshot.stages.is_empty() {
                tables.push(tables::cuts("Statistics by stage", "Stage", &snapshot.stages));
            }
            if !snapshot.thresholds.is_empty() {
                tables.insert(0, tables::thresholds(snapshot));
            }
            if !snapshot.arrivals.is_empty() {
                tables.push(tables::arrivals(snapshot));
            }
            Body::Tables { search: Some(sought.to_owned()), facts: String::new(), tables }
        }
        View::Charts => Body::Charts(sketch::all(&snapshot.history)),
        View::Failures => tables(vec![tables::failures(snapshot).page(page, "view=failures")]),
        View::Exceptions => tables(vec![tables::exceptions(snapshot).page(page, "view=exceptions")]),
        View::Tasks => Body::Classes(classes::all(about, present, snapshot)),
        View::Workers if snapshot.workers.is_empty() => Body::NoWorkers(no_workers()),
        View::Workers => Body::Tables {
            search: None,
            facts: facts(snapshot),
            tables: vec![tables::workers(snapshot).page(page, "view=workers")],
        },
        View::Logs => {
            let (_, master) = app.tail.since(0);
            let master: Vec<&str> = master.iter().map(|line| &**line).collect();
            let mut logs = vec![("Master".to_owned(), master.join("\n"))];
            let workers = logs_of_workers(app).await;
            logs.extend(workers.iter().map(|(id, lines)| (id.clone(), lines.join("\n"))));
            Body::Logs(logs)
        }
        View::Downloads => {
            Body::Downloads { full_history: about.full_history.is_some(), runs: app.runs.is_some() }
        }
    }
}

fn option_field(option: &CustomOption) -> OptionField {
    let choices: Vec<String> = match (&option.value, &*option.choices) {
        (OptionValue::Bool(_), []) => vec!["true".to_owned(), "false".to_owned()],
        (_, choices) => choices.iter().map(ToString::to_string).collect(),
    };
    OptionField {
        name: option.name.clone(),
        value: option.value.to_string(),
        choices,
        help: option.help.clone().unwrap_or_default(),
    }
}

fn facts(snapshot: &Snapshot) -> String {
    let (master, generator) = (&snapshot.master, &snapshot.generator);
    format!(
        "The master's process: CPU {:.0} %, memory {}, {} ms late. Worst lag of a worker in this run: {} ms (bound: {} ms).",
        master.cpu_usage,
        super::text::bytes(master.memory_usage as f64),
        super::text::ms(master.lag_ms),
        super::text::ms(generator.worst_lag_ms),
        super::text::ms(generator.lag_bound_ms),
    )
}

/// A host's name without its port: `[::1]:8089`, `example.org:8089`.
fn host_name(host: &str) -> String {
    let port = host.rfind(':').filter(|at| host[*at..].bytes().skip(1).all(|byte| byte.is_ascii_digit()));
    host[..port.unwrap_or(host.len())].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_hosts() {
        for (host, expected) in [
            ("example.org:8089", "example.org"),
            ("example.org", "example.org"),
            ("[::1]:8089", "[::1]"),
            ("[::1]", "[::1]"),
        ] {
            assert_eq!(host_name(host), expected);
        }
    }
}
