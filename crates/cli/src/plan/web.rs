//! The web face: whether there is one, and what it is like.

use super::value::{Reader, place, span};
use super::{FollowPlan, RescalePlan, Role, Test, WebPlan};
use crate::args::{Flag, flags};
use crate::exit::Failure;
use crate::log::Notice;
use crate::settings::Origin;
use akrida_autoscaler::limits;
use akrida_autoscaler::workers::Rules;
use akrida_scaler::Target;
use akrida_ui::{BasePath, Hosts, Origins};
use std::path::PathBuf;

/// Locust's.
const PORT: u16 = 8089;

/// As the manifests in k8s/ call it.
const DEPLOYMENT: &str = "akrida-worker";

/// Most workers unless something else is said: what a typing error costs is bounded then.
const MAX_WORKERS: u32 = 100;

/// More than any cluster has pods, so a higher bound is a mistake.
const MOST_WORKERS: u32 = 10_000;

/// Flags about the workers that Kubernetes runs for a master.
pub(super) static RESCALE: [&Flag; 7] = [
    &flags::WORKER_DEPLOYMENT,
    &flags::WORKER_NAMESPACE,
    &flags::MIN_WORKERS,
    &flags::MAX_WORKERS,
    &flags::AUTOSCALE_WORKERS,
    &flags::USERS_PER_WORKER,
    &flags::WORKERS_COOLDOWN,
];

/// Flags that mean something only where there is a web face.
static FLAGS: [&Flag; 16] = [
    &flags::WEB_HOST,
    &flags::WEB_HOST_DISPLAY_NAME,
    &flags::WEB_PORT,
    &flags::WEB_BASE_PATH,
    &flags::WEB_LOGIN,
    &flags::AUTOSTART,
    &flags::AUTOQUIT,
    &flags::HEADFUL,
    &flags::TLS_CERT,
    &flags::TLS_KEY,
    &flags::CLASS_PICKER,
    &flags::WEB_USERS,
    &flags::WEB_OPEN_STATS,
    &flags::WEB_ALLOW_ORIGIN,
    &flags::WEB_ALLOW_HOST,
    &flags::PRINT_STATS,
];

/// Resolves the web face; `None` for a process that has none.
///
/// # Errors
/// When values cannot be read, or do not belong together.
pub(super) fn web(
    read: &Reader<'_>,
    role: &Role,
    test: &Test,
    notices: &mut Vec<Notice>,
) -> Result<Option<WebPlan>, Failure> {
    if matches!(role, Role::Worker(_)) {
        return Ok(None);
    }
    if !is_wanted(read, test) {
        notices.extend(idle(read));
        return Ok(None);
    }
    let usage = |flag: &Flag, problem: String| {
        let at =
            read.layer.get(flag).map_or_else(|| format!("--{}", flag.long), |setting| place(flag, setting));
        Failure::usage(format!("{at}: {problem}"), "")
    };
    let base = BasePath::parse(read.text(&flags::WEB_BASE_PATH).unwrap_or_default())
        .map_err(|error| usage(&flags::WEB_BASE_PATH, error.to_string()))?;
    let origins =
        Origins::parse(read.text(&flags::WEB_ALLOW_ORIGIN).unwrap_or_default()).map_err(|wrong| {
            usage(
                &flags::WEB_ALLOW_ORIGIN,
                format!("`{wrong}` is not an origin such as https://grafana.example.org"),
            )
        })?;
    let hosts = Hosts::parse(read.text(&flags::WEB_ALLOW_HOST).unwrap_or_default()).map_err(|wrong| {
        usage(&flags::WEB_ALLOW_HOST, format!("`{wrong}` is not a name such as load.example.org"))
    })?;
    let autostart = read.on(&flags::AUTOSTART);
    // As in Locust, -1 is the same as nothing.
    let autoquit = match read.text(&flags::AUTOQUIT) {
        Some("-1") => None,
        _ => read.parse(&flags::AUTOQUIT, "a number of seconds", span)?,
    };
    if autoquit.is_some() && !autostart {
        return Err(Failure::usage(
            "--autoquit is only meaningful in combination with --autostart",
            "say --autostart too, or leave it out",
        ));
    }
    let file = |flag| read.text(flag).filter(|path| !path.is_empty()).map(PathBuf::from);
    let tls = match (file(&flags::TLS_CERT), file(&flags::TLS_KEY)) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        _ => return Err(Failure::usage("--tls-cert and --tls-key belong together", "name both files")),
    };
    Ok(Some(WebPlan {
        host: read.text(&flags::WEB_HOST).unwrap_or_default().to_owned(),
        port: read
            .parse(&flags::WEB_PORT, "a port from 0 to 65535", |text| text.parse().ok())?
            .unwrap_or(PORT),
        display_name: read.text(&flags::WEB_HOST_DISPLAY_NAME).map(str::to_owned),
        base,
        autostart,
        autoquit,
        users: users(read, notices)?,
        open_stats: read.on(&flags::WEB_OPEN_STATS),
        origins,
        hosts,
        tls,
        class_picker: read.on(&flags::CLASS_PICKER),
        rescale: matches!(role, Role::Master(_)).then(|| rescale(read)).transpose()?,
    }))
}

fn rescale(read: &Reader<'_>) -> Result<RescalePlan, Failure> {
    let what = format!("a number of workers from 0 to {MOST_WORKERS}");
    let count = |text: &str| text.parse().ok().filter(|count| *count <= MOST_WORKERS);
    let min = read.parse(&flags::MIN_WORKERS, &what, count)?.unwrap_or(0);
    let max = read.parse(&flags::MAX_WORKERS, &what, count)?.unwrap_or(MAX_WORKERS.max(min));
    if min > max {
        return Err(Failure::usage(
            format!("--min-workers {min} is more than --max-workers {max}"),
            "lower the one or raise the other",
        ));
    }
    let name = |flag: &'static Flag| read.text(flag).filter(|name| !name.is_empty());
    let deployment = name(&flags::WORKER_DEPLOYMENT).unwrap_or(DEPLOYMENT);
    let target = Target::deployment(name(&flags::WORKER_NAMESPACE), deployment).map_err(|error| {
        Failure::usage(error.to_string(), "correct --worker-deployment or --worker-namespace")
    })?;
    Ok(RescalePlan { target, bounds: min..=max })
}

/// How the number of workers follows their load, if it does.
pub(super) fn follow(read: &Reader<'_>) -> Result<Option<FollowPlan>, Failure> {
    let own = [&flags::USERS_PER_WORKER, &flags::WORKERS_COOLDOWN];
    if !read.on(&flags::AUTOSCALE_WORKERS) {
        let typed =
            |flag: &&&Flag| read.layer.get(flag).is_some_and(|setting| setting.origin == Origin::Typed);
        return match own.iter().find(typed) {
            Some(flag) => Err(Failure::usage(
                format!("--{} has no meaning without --autoscale-workers", flag.long),
                "say --autoscale-workers too, or leave it out",
            )),
            None => Ok(None),
        };
    }
    let RescalePlan { target, bounds } = rescale(read)?;
    let users_per_worker = read.parse(&flags::USERS_PER_WORKER, "a number of users from 1", |text| {
        text.parse().ok().filter(|users| *users > 0)
    })?;
    let cooldown = read.parse(&flags::WORKERS_COOLDOWN, "a time from 0 to 24h such as 2m", |text| {
        span(text).filter(|time| *time <= limits::COOLDOWN)
    })?;
    let rules = Rules {
        users_per_worker: users_per_worker.unwrap_or(limits::USERS_PER_WORKER),
        min: *bounds.start(),
        max: *bounds.end(),
        cooldown: cooldown.unwrap_or(limits::WORKER_COOLDOWN),
    };
    Ok(Some(FollowPlan { target, rules }))
}

/// Whether there is one: as in Locust unless somebody said no, but a quick look at an address only if somebody said
/// yes.
fn is_wanted(read: &Reader<'_>, test: &Test) -> bool {
    if read.on(&flags::HEADLESS) && !read.on(&flags::HEADFUL) {
        return false;
    }
    let asked = |flag: &&Flag| {
        read.layer.get(flag).is_some_and(|setting| setting.origin == Origin::Typed)
            && flag.long != "print-stats"
    };
    !matches!(test, Test::Address(_)) || FLAGS.iter().any(asked)
}

fn users(read: &Reader<'_>, notices: &mut Vec<Notice>) -> Result<Option<String>, Failure> {
    let users = read.text(&flags::WEB_USERS).map(str::to_owned);
    match (read.on(&flags::WEB_LOGIN), users) {
        (true, None) => Err(Failure::usage(
            "--web-login: nobody could log in",
            "name a file of users with --web-users; `akrida web-user NAME` makes its lines",
        )),
        (true, users) => Ok(users),
        (false, Some(_)) => {
            notices.push(Notice::warning("--web-users has no effect without --web-login"));
            Ok(None)
        }
        (false, None) => Ok(None),
    }
}

/// What is said of flags that mean nothing without a web face.
fn idle(read: &Reader<'_>) -> Vec<Notice> {
    let mut notices = Vec::new();
    for flag in FLAGS {
        let Some(setting) = read.layer.get(flag).filter(|_| read.on(flag)) else { continue };
        let place = place(flag, setting);
        notices.push(Notice::info(match flag.long {
            "autostart" => {
                "The --autostart argument is implied by --headless, no need to set both.".to_owned()
            }
            "print-stats" | "headful" => continue,
            _ => format!("{place} has no effect: there is no web page in this run"),
        }));
    }
    notices
}
