//! A user's side of HTTP: connections that are kept, cookies, redirects.

use super::connection::{Connection, Received, Unanswered};
use super::origin::Origin;
use crate::control::Control;
use crate::core::Core;
use crate::failure::Failure;
use crate::limits;
use bytes::Bytes;
use cookie_store::{Cookie, CookieStore, RawCookie};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::Full;
use std::borrow::Cow;
use std::cmp::Reverse;
use std::rc::Rc;

/// A request that is ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) origin: Rc<Origin>,
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) uri: Uri,
    /// `Host` included.
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What of an answer outlives its exchange.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keep {
    /// The body, for checks, captures and expressions.
    pub(crate) body: bool,
    /// Headers, for captures and expressions. Those that redirect or set cookies are kept in any case.
    pub(crate) headers: bool,
    /// Cookies, for later requests.
    pub(crate) cookies: bool,
}

/// A whole answer.
pub(crate) type Answer = Received;

/// What one user keeps between requests.
#[derive(Default)]
pub(crate) struct Client {
    /// The one that was used last comes last.
    connections: Vec<Connection>,
    /// Made when the first cookie comes.
    cookies: Option<Box<CookieStore>>,
}

impl Client {
    /// Closes all connections; cookies stay.
    pub(crate) fn disconnect(&mut self) {
        self.connections.clear();
    }

    /// Sends a request, follows up to `redirects` redirects, and receives the last answer.
    pub(crate) async fn send(
        &mut self,
        core: &Core,
        control: &Control,
        outgoing: &Outgoing,
        redirects: u8,
        keep: Keep,
    ) -> Result<Answer, Failure> {
        let answer = self.exchange(core, control, outgoing, keep).await?;
        if redirects == 0 || !follows(answer.status, &answer.headers) {
            return Ok(answer);
        }
        // Rare and large: out of the way of plain requests.
        Box::pin(self.follow(core, control, outgoing.clone(), answer, redirects, keep)).await
    }

    async fn follow(
        &mut self,
        core: &Core,
        control: &Control,
        mut outgoing: Outgoing,
        mut answer: Answer,
        limit: u8,
        keep: Keep,
    ) -> Result<Answer, Failure> {
        for _ in 0..limit {
            redirect(&mut outgoing, &answer)?;
            answer = self.exchange(core, control, &outgoing, keep).await?;
            if !follows(answer.status, &answer.headers) {
                return Ok(answer);
            }
        }
        Err(Failure::TooManyRedirects(limit))
    }

    async fn exchange(
        &mut self,
        core: &Core,
        control: &Control,
        outgoing: &Outgoing,
        keep: Keep,
    ) -> Result<Answer, Failure> {
        loop {
            let kept = self.kept(core, &outgoing.origin);
            let is_new = kept.is_none();
            let mut connection = match kept {
                Some(connection) => connection,
                None => Box::pin(Connection::open(core, control, outgoing.origin.clone())).await?,
            };
            let mut request = Request::new(Full::new(outgoing.body.clone()));
            *request.method_mut() = outgoing.method.clone();
            *request.uri_mut() = outgoing.uri.clone();
            *request.headers_mut() = outgoing.headers.clone();
            if let Some(cookies) = &self.cookies {
                add_cookies(cookies, outgoing, request.headers_mut());
            }
            match connection.exchange(core, control, request, keep).await {
                Ok(answer) => {
                    if self.connections.len() >= limits::CONNECTIONS {
                        self.connections.remove(0);
                    }
                    self.connections.push(connection);
                    if keep.cookies && answer.headers.contains_key(header::SET_COOKIE) {
                        self.keep_cookies(outgoing, &answer.headers);
                    }
                    return Ok(answer);
                }
                // The peer closed a connection that was kept: not the request's fault.
                Err(Unanswered::Unsent) if !is_new => {}
                Err(Unanswered::Unsent) => return Err(Failure::Disconnected),
                Err(Unanswered::Failed(failure)) => return Err(failure),
            }
        }
    }

    /// Takes the open connection to `origin`, if there is one.
    fn kept(&mut self, core: &Core, origin: &Rc<Origin>) -> Option<Connection> {
        let same =
            |connection: &Connection| Rc::ptr_eq(&connection.origin, origin) || connection.origin == *origin;
        let index = self.connections.iter().rposition(same)?;
        let mut connection = self.connections.remove(index);
        connection.usable(&core.raised).then_some(connection)
    }

    /// Names and values of the cookies that the user has now. Those that would go to the host of `outgoing` come
    /// first, and of these the ones for longer paths.
    pub(crate) fn cookies(&self, outgoing: &Outgoing) -> Vec<(String, String)> {
        let url = url_of(outgoing);
        let mut cookies: Vec<_> =
            self.cookies.as_ref().map(|store| store.iter_unexpired().collect()).unwrap_or_default();
        cookies.sort_by_key(|cookie| {
            let elsewhere = !url.as_ref().is_some_and(|url| cookie.domain.matches(url));
            (
                elsewhere,
                Reverse(cookie.path.len()),
                cookie.path.to_string(),
                cookie.domain.as_cow().map(Cow::into_owned),
            )
        });
        let pair = |cookie: &Cookie<'_>| (cookie.name().to_owned(), cookie.value().to_owned());
        cookies.into_iter().map(pair).collect()
    }

    fn keep_cookies(&mut self, outgoing: &Outgoing, headers: &HeaderMap) {
        let Some(url) = url_of(outgoing) else { return };
        let store = self.cookies.get_or_insert_default();
        if store.iter_any().count() >= limits::COOKIES {
            return;
        }
        let cookies = headers.get_all(header::SET_COOKIE).iter().filter_map(|value| {
            let text = value.to_str().ok()?;
            RawCookie::parse(text.to_owned()).ok()
        });
        store.store_response_cookies(cookies, &url);
    }
}

fn add_cookies(cookies: &CookieStore, outgoing: &Outgoing, headers: &mut HeaderMap) {
    let Some(url) = url_of(outgoing) else { return };
    let mut line = String::new();
    for (name, value) in cookies.get_request_values(&url) {
        if !line.is_empty() {
            line.push_str("; ");
        }
        line.push_str(name);
        line.push('=');
        line.push_str(value);
    }
    if line.is_empty() {
        return;
    }
    if let Ok(value) = HeaderValue::from_str(&line) {
        headers.entry(header::COOKIE).or_insert(value);
    }
}

fn url_of(outgoing: &Outgoing) -> Option<url::Url> {
    let scheme = if outgoing.origin.tls { "https" } else { "http" };
    let host = outgoing.origin.header.to_str().ok()?;
    url::Url::parse(&format!("{scheme}://{host}{}", outgoing.uri)).ok()
}

/// Whether an answer sends its reader elsewhere.
fn follows(status: StatusCode, headers: &HeaderMap) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) && headers.contains_key(header::LOCATION)
}

/// Turns a request into the one that its answer redirects to, by the rules that browsers and `requests` follow:
/// 303 and, but for HEAD, 302 become GET; so does a POST that got 301.
fn redirect(outgoing: &mut Outgoing, answer: &Answer) -> Result<(), Failure> {
    let location = answer.headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
    let base = url_of(outgoing).ok_or(Failure::BadRedirect)?;
    let url = location.and_then(|text| base.join(text).ok()).ok_or(Failure::BadRedirect)?;
    let origin = Origin::of(&url).ok_or(Failure::BadRedirect)?;
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    outgoing.uri = target.parse().map_err(|_| Failure::BadRedirect)?;
    let status = answer.status.as_u16();
    let becomes_get = match status {
        302 | 303 => outgoing.method != Method::HEAD,
        301 => outgoing.method == Method::POST,
        _ => false,
    };
    if becomes_get {
        outgoing.method = Method::GET;
        outgoing.body = Bytes::new();
        outgoing.headers.remove(header::CONTENT_TYPE);
        outgoing.headers.remove(header::CONTENT_LENGTH);
    }
    if *outgoing.origin != origin {
        outgoing.headers.remove(header::AUTHORIZATION);
        outgoing.headers.insert(header::HOST, origin.header.clone());
        outgoing.origin = Rc::new(origin);
    }
    Ok(())
}
