//! From a request to its route: prefix, other sites, login, and what every answer says.

use crate::app::App;
use crate::asked::{Asked, plain_page, pretty, problem_v1, redirect, see_other, status};
use crate::guard::may_change;
use crate::place::{self, Found};
use crate::{body, hosts, locust, login, metrics, pages, probes, rescale, runs, v1};
use axum::Router;
use axum::body::Body;
use axum::handler::Handler;
use axum::response::Response;
use axum::routing::{self, MethodRouter};
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use hyper::body::Incoming;
use serde_json::json;
use std::net::IpAddr;
use std::sync::Arc;
use tower_service::Service as _;

/// What a route works with.
pub(crate) type Shared = Arc<App>;

/// One address and what it takes.
pub(crate) struct Route {
    pub(crate) path: &'static str,
    /// As `Allow` has it.
    pub(crate) allow: &'static str,
    methods: MethodRouter<Shared>,
}

const READ: &str = "GET, HEAD, OPTIONS";
const WRITE: &str = "OPTIONS, POST";
const BOTH: &str = "GET, HEAD, OPTIONS, POST";

/// A route for reading.
pub(crate) fn get<T: 'static>(path: &'static str, handler: impl Handler<T, Shared>) -> Route {
    Route { path, allow: READ, methods: routing::get(handler) }
}

/// A route that changes something.
pub(crate) fn post<T: 'static>(path: &'static str, handler: impl Handler<T, Shared>) -> Route {
    Route { path, allow: WRITE, methods: routing::post(handler) }
}

/// A route that changes something also when it is read, as that of the first generations.
pub(crate) fn either<T: 'static>(path: &'static str, handler: impl Handler<T, Shared>) -> Route {
    Route { path, allow: BOTH, methods: routing::get(handler.clone()).post(handler) }
}

/// A page and the form on it.
pub(crate) fn page<G: 'static, P: 'static>(
    path: &'static str,
    show: impl Handler<G, Shared>,
    take: impl Handler<P, Shared>,
) -> Route {
    Route { path, allow: BOTH, methods: routing::get(show).post(take) }
}

/// All routes.
pub(crate) fn all() -> Vec<Route> {
    let groups = [
        locust::routes(),
        v1::routes(),
        login::routes(),
        probes::routes(),
        pages::routes(),
        rescale::routes(),
        metrics::routes(),
        runs::routes(),
    ];
    groups.into_iter().flatten().collect()
}

/// Addresses that change something also by GET.
const CHANGING: [&str; 2] = ["/stop", "/stats/reset"];

/// Whether a GET of `path` changes something.
pub(crate) fn changes(path: &str) -> bool {
    CHANGING.contains(&path)
}

pub(crate) fn router(app: Shared) -> Router {
    let mut router = Router::new().fallback(nothing_here);
    for Route { path, allow, methods } in all() {
        let options = move || async move { with_allow(status(StatusCode::OK), allow) };
        let other = move |uri: Uri| async move { with_allow(wrong_method(&uri), allow) };
        router = router.route(path, methods.options(options).fallback(other));
    }
    router.with_state(app)
}

fn with_allow(mut response: Response, allow: &'static str) -> Response {
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

fn is_v1(path: &str) -> bool {
    path.starts_with("/api/")
}

/// What went wrong, in the words of the interface that was asked.
fn problem(path: &str, code: StatusCode, message: &str) -> Response {
    if is_v1(path) {
        return problem_v1(code, message);
    }
    pretty(code, &json!({ "success": false, "message": message }))
}

fn wrong_method(uri: &Uri) -> Response {
    let text = "The method is not allowed for the requested URL.";
    if is_v1(uri.path()) {
        return problem(uri.path(), StatusCode::METHOD_NOT_ALLOWED, text);
    }
    plain_page(StatusCode::METHOD_NOT_ALLOWED, text)
}

async fn nothing_here(uri: Uri) -> Response {
    let text = "There is nothing at this address.";
    if is_v1(uri.path()) {
        return problem(uri.path(), StatusCode::NOT_FOUND, text);
    }
    plain_page(StatusCode::NOT_FOUND, text)
}

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    pub(crate) peer: IpAddr,
    pub(crate) tls: bool,
}

/// Answers one request.
pub(crate) async fn answer(
    app: &App,
    router: Router,
    caller: Caller,
    request: Request<Incoming>,
) -> Response {
    let origin = place::header(request.headers(), "origin").map(str::to_owned);
    let mut response = admit(app, router, caller, request.map(Body::new)).await;
    share(app, origin.as_deref(), response.headers_mut());
    protect(response.headers_mut());
    response
}

async fn admit(app: &App, mut router: Router, caller: Caller, mut request: Request<Body>) -> Response {
    let (found, place) = place::find(&app.base, request.uri(), request.headers(), caller.tls);
    let path = match found {
        Found::NeedsSlash => {
            return redirect(StatusCode::PERMANENT_REDIRECT, &place::with_slash(request.uri()));
        }
        Found::Path(path) => path,
    };
    let (method, headers) = (request.method().clone(), request.headers());
    if !app.hosts.allow(headers) && !probes::is_probe(&path) {
        let (code, message) = hosts::REFUSED;
        return problem(&path, code, message);
    }
    let is_change = !matches!(method, Method::GET | Method::HEAD | Method::OPTIONS)
        || changes(&path) && method != Method::OPTIONS;
    if is_change && !may_change(&method, headers, &app.origins) {
        let message = "This request comes from another site. If it does not, the proxy in front of Akrida has to \
                       pass on the Host header, or --web-allow-origin has to name the site.";
        return problem(&path, StatusCode::FORBIDDEN, message);
    }
    let user = app.login.as_ref().and_then(|login| login.who(headers));
    let asked = Asked::new(place, request.uri().query(), headers, caller.peer, user);
    let open = app.login.is_none()
        || asked.user.is_some()
        || login::is_open(&path)
        || app.open_stats && ["/stats/requests", metrics::PATH].contains(&path.as_str())
        || method == Method::OPTIONS;
    if !open {
        if asked.html && method == Method::GET {
            let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
            let next = format!("{}{query}", path.trim_start_matches('/'));
            let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
            return see_other(&asked.place.address(&format!("login?next={next}")));
        }
        let mut response = problem(&path, StatusCode::UNAUTHORIZED, "Log in, or send a bearer token.");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        return response;
    }
    if body::is_too_long(&mut request).await {
        return problem(&path, StatusCode::PAYLOAD_TOO_LARGE, "The body is too long.");
    }
    let target = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    match target.parse() {
        Ok(uri) => *request.uri_mut() = uri,
        Err(_) => return plain_page(StatusCode::BAD_REQUEST, "The address cannot be read."),
    }
    request.extensions_mut().insert(asked);
    let Ok(response) = router.call(request).await;
    response
}

/// Lets pages of other origins read, if they were named.
fn share(app: &App, origin: Option<&str>, headers: &mut HeaderMap) {
    let Some((allowed, session)) = app.origins.allow(origin) else { return };
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.append(name, value);
        }
    };
    if session {
        set(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        set(header::VARY, "Origin");
    }
    set(header::ACCESS_CONTROL_ALLOW_METHODS, BOTH);
    set(header::ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type");
    set(header::ACCESS_CONTROL_ALLOW_ORIGIN, &allowed);
}

/// What every answer says to browsers.
fn protect(headers: &mut HeaderMap) {
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                          font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; \
                          base-uri 'self'; frame-ancestors 'self'";
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_address_has_one_route() {
        let routes = all();
        let paths: BTreeSet<_> = routes.iter().map(|route| route.path).collect();
        assert_eq!(paths.len(), routes.len());
        for path in CHANGING {
            assert!(routes.iter().any(|route| route.path == path && route.allow == BOTH));
        }
    }
}
