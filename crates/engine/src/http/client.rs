//! A user's side of HTTP: connections that are kept, cookies, redirects.

use super::answer::{Answer, Keep};
use super::connection::{Connection, Spoken, Unanswered};
use super::cookies::Cookies;
use super::network::Network;
use super::origin::Origin;
use super::redirect;
use crate::control::Control;
use crate::core::Core;
use crate::failure::Failure;
use crate::limits;
use akrida_scenario::expr::EvalError;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri, header};
use http_body_util::Full;
use std::rc::Rc;
use std::sync::Arc;

/// A request that is ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) origin: Rc<Origin>,
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) uri: Uri,
    /// `Host` included.
    pub(crate) headers: HeaderMap,
    /// Cookies that go with this one in addition to those that are kept.
    pub(crate) cookies: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

/// What one user keeps between requests.
pub(crate) struct Client {
    network: Arc<Network>,
    /// The one that was used last comes last.
    connections: Vec<Connection>,
    /// Made when the first cookie comes.
    cookies: Option<Box<Cookies>>,
}

impl Client {
    pub(crate) fn new(network: Arc<Network>) -> Self {
        Self { network, connections: Vec::new(), cookies: None }
    }

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
        if redirects == 0 || !redirect::follows(answer.status, &answer.headers) {
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
            redirect::redirect(&mut outgoing, &answer)?;
            answer = self.exchange(core, control, &outgoing, keep).await?;
            if !redirect::follows(answer.status, &answer.headers) {
                answer.address = Some(address(&outgoing).into());
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
                None => {
                    let origin = outgoing.origin.clone();
                    Box::pin(Connection::open(core, control, &self.network, origin)).await?
                }
            };
            // What is sent is made in its place: a variable for it would live on in the future.
            let answered = match &mut connection.spoken {
                Spoken::Http1(http1) => {
                    let proxied = http1.proxied;
                    http1.exchange(core, control, self.request(outgoing, proxied), keep).await
                }
                Spoken::Http2(http2) => {
                    Box::pin(http2.exchange(core, control, outgoing, self.headers(outgoing), keep)).await
                }
            };
            match answered {
                Ok(answer) => {
                    if self.connections.len() >= limits::CONNECTIONS {
                        self.connections.remove(0);
                    }
                    self.connections.push(connection);
                    if keep.cookies && answer.headers.contains_key(header::SET_COOKIE) {
                        self.cookies.get_or_insert_default().keep(outgoing, &answer.headers);
                    }
                    return Ok(answer);
                }
                // The peer closed a connection that was kept: not the request's fault.
                Err(Unanswered::Unsent(_)) if !is_new => {}
                Err(Unanswered::Unsent(failure) | Unanswered::Failed(failure)) => return Err(failure),
            }
        }
    }

    /// The headers of a request, with the user's cookies.
    fn headers(&self, outgoing: &Outgoing) -> HeaderMap {
        let mut headers = outgoing.headers.clone();
        match &self.cookies {
            Some(cookies) => cookies.add(outgoing, &mut headers),
            None if !outgoing.cookies.is_empty() => Cookies::default().add(outgoing, &mut headers),
            None => {}
        }
        headers
    }

    /// The same as HTTP/1.1 sends it, to its target or to a proxy.
    fn request(&self, outgoing: &Outgoing, proxied: bool) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(outgoing.body.clone()));
        *request.method_mut() = outgoing.method.clone();
        *request.uri_mut() = outgoing.uri.clone();
        *request.headers_mut() = self.headers(outgoing);
        if proxied && let Some(proxy) = &self.network.proxy {
            proxy.address(&mut request, &outgoing.origin);
        }
        request
    }

    /// Takes the open connection to `origin`, if there is one.
    fn kept(&mut self, core: &Core, origin: &Rc<Origin>) -> Option<Connection> {
        let same =
            |connection: &Connection| Rc::ptr_eq(&connection.origin, origin) || connection.origin == *origin;
        let index = self.connections.iter().rposition(same)?;
        let mut connection = self.connections.remove(index);
        connection.usable(&core.raised).then_some(connection)
    }

    /// Names and values of the cookies that the user has now, the most fitting for `outgoing` first.
    pub(crate) fn cookies(&self, outgoing: &Outgoing) -> Vec<(String, String)> {
        self.cookies.as_ref().map(|cookies| cookies.all(outgoing)).unwrap_or_default()
    }

    /// Names and values of all cookies that the user has now.
    pub(crate) fn all_cookies(&self) -> Vec<(String, String)> {
        self.cookies.as_ref().map(|cookies| cookies.whole()).unwrap_or_default()
    }

    /// Keeps cookies for all hosts; one without a value is forgotten.
    pub(crate) fn set_cookies(&mut self, cookies: Vec<(String, Option<String>)>) -> Result<(), EvalError> {
        self.cookies.get_or_insert_default().set(cookies)
    }

    pub(crate) fn forget_cookies(&mut self) {
        self.cookies = None;
    }
}

/// The address of a request, as cookies and redirects see it.
pub(super) fn url_of(outgoing: &Outgoing) -> Option<url::Url> {
    url::Url::parse(&address(outgoing)).ok()
}

/// The address of a request, as people read it.
pub(crate) fn address(outgoing: &Outgoing) -> String {
    let scheme = if outgoing.origin.tls { "https" } else { "http" };
    let host = String::from_utf8_lossy(outgoing.origin.header.as_bytes());
    format!("{scheme}://{host}{}", outgoing.uri)
}
