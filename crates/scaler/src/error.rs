//! What can go wrong, in a person's words.

use crate::{Target, limits};
use http::StatusCode;
use serde_json::Value;
use std::error::Error as StdError;
use std::io;

/// Why a count was not read, or not made true. Its text is for people: what is wrong, and where to look.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScaleError {
    /// There is no API server to ask.
    #[error(
        "This process does not run in Kubernetes, so it cannot change how many workers there are. (Where it should: \
         the pod needs its service account's token, or KUBECONFIG has to name a file.)"
    )]
    NotInCluster,
    /// What a pod or a kubeconfig says cannot be used.
    #[error("{0}")]
    Credentials(String),
    /// 401
    #[error(
        "The API server does not know this process: its token has expired or is of another cluster (401 Unauthorized)."
    )]
    Unauthorized,
    /// 403: under a Role with `resourceNames` also for a name that is not the one it lists.
    #[error(
        "The API server does not let {account} {verb} the scale of {target} (403 Forbidden): the Role or its binding \
         is missing, or the Role names another one than this. `kubectl describe role,rolebinding` shows what is allowed."
    )]
    Forbidden {
        /// Who asked, as the API server knows it.
        account: String,
        /// `get` or `patch`.
        verb: &'static str,
        /// What was asked for.
        target: String,
    },
    /// A policy of the cluster refused it.
    #[error("A policy of the cluster refuses to scale {target}: {said}")]
    Policy {
        /// What was asked for.
        target: String,
        /// In its words.
        said: String,
    },
    /// 404
    #[error(
        "There is no {target} (404 Not Found): it was deleted, or has another name or namespace than was configured."
    )]
    NotFound {
        /// What was asked for.
        target: String,
    },
    /// 404, but of the address, not of the object.
    #[error(
        "The API server has no scale for {target}: it does not know this kind, or is no Kubernetes (404)."
    )]
    NoSuchApi {
        /// What was asked for.
        target: String,
    },
    /// 409, or a test in a JSON patch that failed.
    #[error(
        "Somebody else changed {target} at the same time (409 Conflict). Nothing was changed; try again."
    )]
    Conflict {
        /// What was asked for.
        target: String,
    },
    /// 400, 405, 415, 422 and the like: the API server and we do not understand each other.
    #[error("The API server refused to scale {target} ({status}){said}. Nothing was changed.")]
    Refused {
        /// What was asked for.
        target: String,
        /// Such as `422 Unprocessable Entity`.
        status: String,
        /// What it said, if that is fit for people: `: ...`, or nothing.
        said: String,
    },
    /// 429 and 5xx
    #[error("The API server has a problem of its own ({status}){said}. Try again later.")]
    Server {
        /// Such as `500 Internal Server Error`.
        status: String,
        /// As above.
        said: String,
    },
    /// Nobody answers at its address.
    #[error("The API server cannot be reached: {0}.")]
    Unreachable(String),
    /// Somebody answers whom we do not believe.
    #[error(
        "The API server's certificate is not trusted: {0}. The authority (ca.crt of the pod, certificate-authority in \
         a kubeconfig) is of another cluster, or something stands between."
    )]
    Untrusted(String),
    /// It does not answer.
    #[error("The API server did not answer within {seconds} s. {}", unknown(*.changing))]
    Slow {
        /// How long it was waited for.
        seconds: u64,
        /// Whether it was asked for a change, which it may still make.
        changing: bool,
    },
    /// It answered something else.
    #[error("What the API server answered is no scale of {target}.")]
    Unreadable {
        /// What was asked for.
        target: String,
    },
    /// A custom resource took a patch and did nothing.
    #[error("The API server took the change, but {target} still wants {wanted}.")]
    NoEffect {
        /// What was asked for.
        target: String,
        /// What it says now.
        wanted: u32,
    },
}

impl ScaleError {
    /// Whether the client should be made anew before the next try: what it was made from may have changed.
    pub(crate) fn spoils_client(&self) -> bool {
        matches!(
            self,
            Self::Credentials(_)
                | Self::Unauthorized
                | Self::Unreachable(_)
                | Self::Untrusted(_)
                | Self::Slow { .. }
        )
    }

    /// Less came than an answer.
    pub(crate) fn broken_off() -> Self {
        Self::Unreachable("it broke off in the middle of its answer".to_owned())
    }

    /// Nobody answered in time.
    pub(crate) fn slow(changing: bool) -> Self {
        Self::Slow { seconds: limits::CALL.as_secs(), changing }
    }

    /// What an answer with this status says.
    pub(crate) fn of_answer(status: StatusCode, body: &[u8], verb: &'static str, target: &Target) -> Self {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let is_status = value.get("kind").and_then(Value::as_str) == Some("Status");
        let message = value.get("message").and_then(Value::as_str).unwrap_or_default();
        let said = fit(message).map(|said| format!(": {said}")).unwrap_or_default();
        let target = target.to_string();
        match status.as_u16() {
            401 => Self::Unauthorized,
            403 if message.contains("admission webhook") || message.contains("ValidatingAdmissionPolicy") => {
                Self::Policy { target, said: fit(message).unwrap_or("it says no more").to_owned() }
            }
            403 => Self::Forbidden { account: account(message), verb, target },
            404 if is_status && value.get("details").is_some_and(|details| details.get("name").is_some()) => {
                Self::NotFound { target }
            }
            404 => Self::NoSuchApi { target },
            409 => Self::Conflict { target },
            429 | 500.. => Self::Server { status: words(status), said },
            _ => Self::Refused { target, status: words(status), said },
        }
    }

    /// What a failure of the client says. Its own text is not for people.
    pub(crate) fn of_client(error: &kube::Error) -> Self {
        let mut texts = Vec::new();
        let mut next: Option<&(dyn StdError + 'static)> = Some(error);
        while let Some(error) = next {
            if let Some(error) = error.downcast_ref::<io::Error>()
                && error.kind() == io::ErrorKind::TimedOut
            {
                // Only connecting has a bound there.
                let wait = limits::CONNECT.as_secs();
                return Self::Unreachable(format!("nothing answers at its address within {wait} s"));
            }
            texts.push(error.to_string());
            // An io::Error that wraps another tells that one's text, and its `source` is the other's.
            next = error.source();
        }
        let innermost = one_line(texts.last().map_or("", String::as_str));
        let any = |word: &str| texts.iter().any(|text| text.contains(word));
        let cut = ["close_notify", "end of file", "connection closed", "Connection reset"];
        if cut.into_iter().any(any) {
            return Self::broken_off();
        }
        match error {
            kube::Error::Auth(_) | kube::Error::InferKubeconfig(_) | kube::Error::RustlsTls(_) => {
                Self::Credentials(format!(
                    "What is configured for the API server cannot be used: {innermost}."
                ))
            }
            _ if any("invalid peer certificate") || any("certificate") => Self::Untrusted(innermost),
            _ => Self::Unreachable(innermost),
        }
    }
}

fn unknown(changing: bool) -> &'static str {
    if changing {
        "Whether it will make the change is not known: look again."
    } else {
        "Nothing was changed."
    }
}

/// Such as `422 Unprocessable Entity`.
fn words(status: StatusCode) -> String {
    format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default()).trim_end().to_owned()
}

/// The account in `User "system:serviceaccount:load:akrida-master" cannot ...`.
fn account(message: &str) -> String {
    let name = message.split_once("User \"").and_then(|(_, rest)| rest.split_once('"')).map(|(name, _)| name);
    name.and_then(fit).map_or_else(|| "this process".to_owned(), str::to_owned)
}

/// What an API server says, if people can read it: short, of one line, and no dump of an object.
fn fit(message: &str) -> Option<&str> {
    let message = message.trim().trim_end_matches('.');
    let plain = |character: char| !character.is_control() && !matches!(character, '{' | '}');
    let fits = !message.is_empty() && message.chars().count() <= limits::SAID && message.chars().all(plain);
    fits.then_some(message)
}

/// The first line of a text, not too long.
pub(crate) fn one_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim().trim_end_matches('.');
    line.chars().filter(|character| !character.is_control()).take(limits::SAID).collect()
}
