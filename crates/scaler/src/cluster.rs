//! A client of the API server that is made when it is needed, and anew when that may help.

use crate::access::{Access, Token};
use crate::{ScaleError, Target, limits};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{Method, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use kube::Client;
use kube::client::Body;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// An API server, asked within bounds. Made without being reached: a master starts without Kubernetes.
pub struct Cluster {
    access: Access,
    live: Mutex<Option<Live>>,
}

#[derive(Clone)]
struct Live {
    client: Client,
    token: Token,
}

/// One request to the API server.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Such as `PATCH`.
    pub method: Method,
    /// Path and query.
    pub path: &'a str,
    /// Media type and content of a body.
    pub body: Option<(&'static str, &'a Value)>,
    /// What it is about, for words of failures.
    pub target: &'a Target,
}

impl Cluster {
    /// One that is reached like this.
    #[must_use]
    pub fn new(access: Access) -> Self {
        Self { access, live: Mutex::default() }
    }

    /// Whether there is a cluster at all, as far as the environment says.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.access != Access::None
    }

    /// The pod's own namespace, or that of the kubeconfig's context.
    ///
    /// # Errors
    /// When what tells it cannot be read.
    pub async fn namespace(&self) -> Result<String, ScaleError> {
        Ok(self.live().await?.client.default_namespace().to_owned())
    }

    /// Sends a request and reads the answer's JSON, with whatever status below 300.
    ///
    /// # Errors
    /// When nothing that can be used is configured, the API server is not reached, is slow, refuses, or answers
    /// something that is no JSON.
    pub async fn ask(&self, request: Request<'_>) -> Result<Value, ScaleError> {
        let asked = timeout(limits::CALL, self.exchange(&request)).await;
        let answer = asked.unwrap_or(Err(ScaleError::slow(request.method != Method::GET)));
        if answer.as_ref().is_err_and(ScaleError::spoils_client) {
            *self.live.lock().await = None;
        }
        answer
    }

    async fn exchange(&self, request: &Request<'_>) -> Result<Value, ScaleError> {
        let Live { client, token } = self.live().await?;
        let unreadable = || ScaleError::Unreadable { target: request.target.to_string() };
        let mut builder = http::Request::builder()
            .method(&request.method)
            .uri(request.path)
            .header(ACCEPT, "application/json");
        if let Some(token) = token.header()? {
            builder = builder.header(AUTHORIZATION, token);
        }
        let body = match request.body {
            Some((kind, value)) => {
                builder = builder.header(CONTENT_TYPE, kind);
                Body::from(value.to_string().into_bytes())
            }
            None => Body::empty(),
        };
        let sent = builder.body(body).map_err(|_| unreadable())?;
        let answer = client.send(sent).await.map_err(|error| ScaleError::of_client(&error))?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), limits::ANSWER).collect().await;
        let body = body.map_err(|error| match error.downcast::<kube::Error>() {
            Ok(error) => ScaleError::of_client(&error),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => unreadable(),
            Err(_) => ScaleError::broken_off(),
        })?;
        let body = body.to_bytes();
        if status.as_u16() >= StatusCode::MULTIPLE_CHOICES.as_u16() {
            return Err(ScaleError::of_answer(status, &body, verb(&request.method), request.target));
        }
        serde_json::from_slice(&body).map_err(|_| unreadable())
    }

    async fn live(&self) -> Result<Live, ScaleError> {
        let mut slot = self.live.lock().await;
        if let Some(live) = &*slot {
            return Ok(live.clone());
        }
        let made = timeout(limits::CALL, self.make()).await;
        let live = made.unwrap_or(Err(ScaleError::slow(false)))?;
        *slot = Some(live.clone());
        Ok(live)
    }

    async fn make(&self) -> Result<Live, ScaleError> {
        let (config, token) = self.access.configure().await?;
        // A kubeconfig may name a program that tells a token, which is waited for.
        let runtime = tokio::runtime::Handle::current();
        let made = tokio::task::spawn_blocking(move || {
            let _inside = runtime.enter();
            Client::try_from(config)
        });
        match made.await {
            Ok(Ok(client)) => Ok(Live { client, token }),
            Ok(Err(error)) => Err(ScaleError::of_client(&error)),
            Err(_) => Err(ScaleError::Credentials(
                "What is configured for the API server cannot be used.".to_owned(),
            )),
        }
    }
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("access", &self.access).finish_non_exhaustive()
    }
}

/// As a Role names it.
fn verb(method: &Method) -> &'static str {
    match *method {
        Method::GET => "get",
        Method::PATCH => "patch",
        Method::POST => "create",
        Method::PUT => "update",
        _ => "delete",
    }
}
