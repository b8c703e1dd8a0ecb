//! Who may come in: users with passwords, who get a session, and tokens for scripts.

mod sessions;
mod throttle;
mod users;

pub use users::{NewToken, Users, UsersError, new_token, new_user};

use crate::asked::{Asked, pretty, redirect, see_other};
use crate::body::{self, Content, Fields};
use crate::limits;
use crate::pages::{Assets, rendered};
use crate::probes::is_probe;
use crate::routes::{Route, Shared, changes, page, post};
use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderValue};
use serde_json::json;
use sessions::Sessions;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use throttle::Throttle;
use tokio::sync::Semaphore;
use tokio::time::Instant;

pub(crate) fn routes() -> Vec<Route> {
    vec![page("/login", show, log_in), post("/logout", log_out)]
}

/// Whether everybody may have what is at `path`.
pub(crate) fn is_open(path: &str) -> bool {
    path == "/login" || is_probe(path) || path.starts_with("/assets/")
}

/// Users, their sessions, and who has failed how often.
pub(crate) struct Login {
    users: Arc<Users>,
    /// The name of the cookie. It has the port, because browsers do not tell the ports of one host apart.
    cookie: String,
    sessions: Mutex<Sessions>,
    throttle: Mutex<Throttle>,
    /// Who waits for a password to be looked at.
    queue: Semaphore,
    /// One at a time: each takes a processor.
    verifying: tokio::sync::Mutex<()>,
}

/// Why nobody is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Denied {
    Wrong,
    Wait(Duration),
    Busy,
}

impl Login {
    /// For a face at this port.
    pub(crate) fn new(users: Users, port: u16) -> Self {
        Self {
            users: Arc::new(users),
            cookie: format!("akrida_session_{port}"),
            sessions: Mutex::default(),
            throttle: Mutex::default(),
            queue: Semaphore::new(limits::VERIFIERS),
            verifying: tokio::sync::Mutex::default(),
        }
    }

    /// Whose session or token comes with a request.
    pub(crate) fn who(&self, headers: &HeaderMap) -> Option<String> {
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if let Some((scheme, token)) = bearer.and_then(|value| value.split_once(' '))
            && scheme.eq_ignore_ascii_case("bearer")
        {
            return self.users.of_token(token.trim()).map(str::to_owned);
        }
        self.sessions().user(self.session(headers)?, Instant::now()).map(str::to_owned)
    }

    /// What our cookie holds; of several, that of the longest path, which browsers send first.
    fn session<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let fields = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        fields.flat_map(|value| value.split(';')).find_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            (name == self.cookie).then_some(value)
        })
    }

    /// Looks at a password; a new session if it is right.
    async fn log_in(&self, peer: IpAddr, name: &str, password: &str) -> Result<String, Denied> {
        let wait = self.throttle().wait(peer, name, Instant::now());
        if !wait.is_zero() {
            return Err(Denied::Wait(wait));
        }
        let Ok(_place) = self.queue.try_acquire() else { return Err(Denied::Busy) };
        let _turn = self.verifying.lock().await;
        let users = Arc::clone(&self.users);
        let (its_name, password) = (name.to_owned(), password.to_owned());
        let right = tokio::task::spawn_blocking(move || users.is_right(&its_name, &password)).await;
        let now = Instant::now();
        if !right.unwrap_or(false) {
            self.throttle().failed(peer, name, now);
            return Err(Denied::Wrong);
        }
        self.throttle().succeeded(peer, name);
        self.sessions().begin(name, now).ok_or(Denied::Busy)
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    base: String,
    assets: Assets,
    next: &'a str,
    error: &'a str,
}

async fn show(State(app): State<Shared>, asked: Asked) -> Response {
    if app.login.is_none() {
        return redirect(StatusCode::FOUND, &asked.place.address(""));
    }
    let error = match asked.query("error") {
        None => "",
        Some("wait") => "Too many log-ins have failed. Wait a minute and try again.",
        Some(_) => "Name or password are wrong.",
    };
    let next = asked.query("next").filter(|next| is_inside(next)).unwrap_or_default();
    let assets = Assets::new();
    rendered(&asked, &LoginPage { base: asked.place.base(), assets, next, error })
}

/// Whether `next` leads to something of ours, wherever it is looked at from, and changes nothing there.
fn is_inside(next: &str) -> bool {
    let (path, query) = next.split_once('?').unwrap_or((next, ""));
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
    let of_query = |c: char| plain(c) || "=&%+".contains(c);
    let is_path = !path.starts_with('/') && !path.contains("//") && !path.contains("..");
    is_path && path.chars().all(plain) && query.chars().all(of_query) && !changes(&format!("/{path}"))
}

async fn log_in(State(app): State<Shared>, asked: Asked, request: Request) -> Response {
    let Some(login) = &app.login else {
        return redirect(StatusCode::SEE_OTHER, &asked.place.address(""));
    };
    let (parts, body) = request.into_parts();
    let content = match body::read(&parts.headers, body).await {
        Ok(content) => content,
        Err(error) => return refuse(error.status(), &error.to_string()),
    };
    let value = |name: &str| match &content {
        Content::Form(fields) => Fields::get(fields, name).unwrap_or_default().to_owned(),
        Content::Json(value) => value[name].as_str().unwrap_or_default().to_owned(),
    };
    let (name, password, next) = (value("username"), value("password"), value("next"));
    let next = if is_inside(&next) { next } else { String::new() };
    let denied = if name.len() > limits::PASSWORD || password.len() > limits::PASSWORD {
        Err(Denied::Wrong)
    } else {
        login.log_in(asked.peer, &name, &password).await
    };
    match denied {
        Ok(session) => {
            let done = if asked.html {
                see_other(&asked.place.address(&next))
            } else {
                pretty(StatusCode::OK, &json!({ "success": true, "message": "Logged in" }))
            };
            with_cookie(done, login, &asked, &session, limits::SESSION.as_secs())
        }
        Err(denied) if asked.html => {
            let error = if denied == Denied::Wrong { "1" } else { "wait" };
            let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
            see_other(&asked.place.address(&format!("login?error={error}&next={next}")))
        }
        Err(Denied::Wrong) => refuse(StatusCode::UNAUTHORIZED, "Name or password are wrong."),
        Err(Denied::Busy) => refuse(StatusCode::SERVICE_UNAVAILABLE, "Too many log in at once. Try again."),
        Err(Denied::Wait(wait)) => {
            let message = "Too many log-ins have failed. Wait and try again.";
            let mut response = refuse(StatusCode::TOO_MANY_REQUESTS, message);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
            response
        }
    }
}

async fn log_out(State(app): State<Shared>, asked: Asked, headers: HeaderMap) -> Response {
    let done = if asked.html {
        see_other(&asked.place.address("login"))
    } else {
        pretty(StatusCode::OK, &json!({ "success": true, "message": "Logged out" }))
    };
    let Some(login) = &app.login else { return done };
    if let Some(session) = login.session(&headers) {
        login.sessions().end(session);
    }
    with_cookie(done, login, &asked, "", 0)
}

fn refuse(status: StatusCode, message: &str) -> Response {
    pretty(status, &json!({ "success": false, "message": message }))
}

fn with_cookie(
    mut response: Response,
    login: &Login,
    asked: &Asked,
    session: &str,
    seconds: u64,
) -> Response {
    let secure = if asked.place.secure { "; Secure" } else { "" };
    let (name, path) = (&login.cookie, asked.place.cookie_path());
    let cookie = format!("{name}={session}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    // Sessions are base64, and paths were looked at.
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_inside_is_led_to() {
        for inside in
            ["", "stats/report", "api/v1/snapshot", "a.b", "?view=charts", "stats/report?theme=dark"]
        {
            assert!(is_inside(inside), "{inside}");
        }
        for outside in [
            "/a",
            "//evil",
            "https://evil",
            "a//b",
            "../a",
            "javascript:alert(1)",
            "\\\\evil",
            "a?<b>",
            "\t/x",
        ] {
            assert!(!is_inside(outside), "{outside}");
        }
        for change in ["stop", "stop?wait=0", "stats/reset"] {
            assert!(!is_inside(change), "a link to the login would do it: {change}");
        }
    }

    #[test]
    fn cookies_are_found_among_others() {
        let login = Login::new(Users::parse(&new_token("ci").unwrap().line).unwrap(), 8089);
        let mut headers = HeaderMap::new();
        assert_eq!(login.session(&headers), None);
        headers
            .append(header::COOKIE, "a=b; xakrida_session_8089=no; akrida_session_8090=no".parse().unwrap());
        headers
            .append(header::COOKIE, "c=d;akrida_session_8089=abc; akrida_session_8089=def".parse().unwrap());
        assert_eq!(login.session(&headers), Some("abc"));
    }
}
