//! From bytes to an answer: who asks, whether they may, and what for.

use super::others;
use super::patch::{self, Outcome};
use super::state::{Fault, State};
use super::{ACCOUNT, Deployment};
use crate::http1::Request;
use crate::ledger::Ledger;
use crate::raw;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Bytes of [`Fault::Huge`].
const HUGE: usize = 32 << 20;

/// What is sent.
pub(super) struct Reply {
    pub(super) status: u16,
    kind: &'static str,
    body: String,
    warning: Option<String>,
}

impl Reply {
    pub(super) fn json(status: u16, value: &Value) -> Self {
        Self { status, kind: "application/json", body: value.to_string(), warning: None }
    }

    /// `metav1.Status`
    pub(super) fn failure(code: u16, reason: &str, message: &str) -> Self {
        Self::json(
            code,
            &json!({
                "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                "message": message, "reason": reason, "code": code,
            }),
        )
    }

    fn about(mut self, plural: &str, group: &str, name: &str) -> Self {
        let mut value: Value = serde_json::from_str(&self.body).expect("it was written here");
        value["details"] = json!({ "name": name, "group": group, "kind": plural });
        self.body = value.to_string();
        self
    }

    pub(super) fn warning(mut self, text: &str) -> Self {
        self.warning = Some(text.to_owned());
        self
    }

    fn head(&self, length: usize) -> String {
        let mut head = format!(
            "HTTP/1.1 {} X\r\ncontent-type: {}\r\ncontent-length: {length}\r\n",
            self.status, self.kind
        );
        if let Some(warning) = &self.warning {
            let _ = write!(head, "warning: 299 - \"{warning}\"\r\n");
        }
        head + "\r\n"
    }
}

/// Serves one connection.
pub(super) async fn connection<S>(mut stream: S, state: &Mutex<State>, ledger: &Ledger) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut buffer = Vec::new();
    loop {
        let request = match raw::take(&mut buffer) {
            Ok(Some(request)) => request,
            Ok(None) if stream.read_buf(&mut buffer).await? > 0 => continue,
            _ => return Ok(()),
        };
        ledger.enter(&request);
        let (fault, reply) = {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            let is_hit = state.faulty.is_empty() || state.faulty == request.method;
            let fault = if is_hit { state.fault.clone() } else { Fault::None };
            let reply = match &fault {
                Fault::None => answer(&mut state, &request),
                Fault::Status(code, reason, message) => Reply::failure(*code, reason, message),
                Fault::Text(status, kind, text) => {
                    Reply { status: *status, kind, body: text.clone(), warning: None }
                }
                // What comes in pieces would have been right, but nothing was done for it.
                _ => Reply::json(200, &json!({ "kind": "Scale", "spec": { "replicas": 7 } })),
            };
            (fault, reply)
        };
        let body = reply.body.as_bytes();
        match fault {
            Fault::Hang => std::future::pending().await,
            Fault::SlowBody | Fault::CutBody => {
                stream.write_all(reply.head(body.len()).as_bytes()).await?;
                stream.write_all(&body[..body.len() / 2]).await?;
                stream.flush().await?;
                if fault == Fault::CutBody {
                    return Ok(());
                }
                loop {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    stream.flush().await?;
                }
            }
            Fault::Huge => {
                stream.write_all(reply.head(HUGE).as_bytes()).await?;
                stream.write_all(&vec![b' '; HUGE]).await?;
            }
            _ => {
                stream.write_all(reply.head(body.len()).as_bytes()).await?;
                stream.write_all(body).await?;
            }
        }
        stream.flush().await?;
    }
}

/// `None` for what is no address of the API.
struct Asked<'a> {
    api: &'a str,
    group: &'a str,
    namespace: &'a str,
    plural: &'a str,
    name: &'a str,
}

fn parse(path: &str) -> Option<Asked<'_>> {
    let parts: Vec<&str> = path.split('/').collect();
    let &["", "apis", group, version, "namespaces", namespace, plural, name, "scale"] = parts.as_slice()
    else {
        return None;
    };
    let api = &path["/apis/".len()..][..group.len() + 1 + version.len()];
    Some(Asked { api, group, namespace, plural, name })
}

fn answer(state: &mut State, request: &Request) -> Reply {
    let user = match request.header("authorization") {
        None => "system:anonymous",
        Some(value) if value == format!("Bearer {}", state.token) => ACCOUNT,
        Some(_) => return Reply::failure(401, "Unauthorized", "Unauthorized"),
    };
    if user == ACCOUNT
        && let Some(reply) = others::answer(state, request)
    {
        return reply;
    }
    if request.path == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews" && request.method == "POST" {
        return review(state, request);
    }
    let known = |state: &State, asked: &Asked<'_>| {
        asked.api == "apps/v1" && asked.plural == "deployments"
            || state.objects.values().any(|object| object.api == asked.api && object.plural == asked.plural)
    };
    let Some(asked) = parse(&request.path).filter(|asked| known(state, asked)) else {
        return Reply {
            status: 404,
            kind: "text/plain; charset=utf-8",
            body: "404 page not found\n".to_owned(),
            warning: None,
        };
    };
    let verb = match request.method.as_str() {
        "GET" => "get",
        "PATCH" => "patch",
        "PUT" => "update",
        _ => {
            return Reply::failure(
                405,
                "MethodNotAllowed",
                "the server does not allow this method on the requested resource",
            );
        }
    };
    let Asked { group, namespace, plural, name, .. } = asked;
    let granted =
        state.grants.iter().any(|grant| (grant.verb, grant.plural, grant.name) == (verb, plural, name));
    if user != ACCOUNT || namespace != "load" || !granted {
        let message = format!(
            "{plural}.{group} \"{name}\" is forbidden: User \"{user}\" cannot {verb} resource \"{plural}/scale\" in API \
             group \"{group}\" in the namespace \"{namespace}\""
        );
        return Reply::failure(403, "Forbidden", &message).about(plural, group, name);
    }
    let Some(object) = state.objects.get_mut(name).filter(|object| object.api == asked.api) else {
        let message = format!("{plural}.{group} \"{name}\" not found");
        return Reply::failure(404, "NotFound", &message).about(plural, group, name);
    };
    if verb == "get" {
        return Reply::json(200, &scale(name, object));
    }
    if verb == "update" {
        return Reply::failure(422, "Invalid", "a whole Scale was expected");
    }
    match patch::apply(name, object, request) {
        Outcome::Refused(reply) => reply,
        Outcome::Done { object: changed, warning } => {
            let told = scale(name, &changed);
            if request.parameter("dryRun") != Some("All") {
                *object = changed;
                if object.controlled {
                    // After the answer, which tells the old number.
                    object.existing = object.wanted.min(object.quota);
                }
            }
            let reply = Reply::json(200, &told);
            warning.map_or(reply, |warning| Reply::json(200, &told).warning(&warning))
        }
    }
}

fn review(state: &State, request: &Request) -> Reply {
    let Some(mut value) = request.json() else {
        return Reply::failure(400, "BadRequest", "the object provided is unrecognized");
    };
    let attributes = value["spec"]["resourceAttributes"].clone();
    let is = |key: &str, wanted: &str| attributes[key] == wanted;
    let allowed = is("namespace", "load")
        && is("group", "apps")
        && is("subresource", "scale")
        && state
            .grants
            .iter()
            .any(|grant| is("verb", grant.verb) && is("resource", grant.plural) && is("name", grant.name));
    value["status"] = json!({ "allowed": allowed });
    Reply::json(201, &value)
}

/// `autoscaling/v1`
fn scale(name: &str, object: &Deployment) -> Value {
    // Left out at zero.
    let spec = if object.wanted == 0 { json!({}) } else { json!({ "replicas": object.wanted }) };
    json!({
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": name,
            "namespace": "load",
            "uid": "7d0a0c1e-0000-4000-8000-000000000001",
            "resourceVersion": object.version.to_string(),
        },
        "spec": spec,
        "status": { "replicas": object.existing, "selector": format!("app.kubernetes.io/name={name}") },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE: &str = "/apis/apps/v1/namespaces/load/deployments/akrida-worker/scale";
    const MERGE: &str = "application/merge-patch+json";
    const JSON: &str = "application/json-patch+json";
    const APPLY: &str = "application/apply-patch+yaml";

    fn ask(state: &mut State, method: &str, target: &str, kind: &str, body: &str) -> (u16, Value) {
        let mut request = Request::new(method, target);
        request.headers.push(("authorization".to_owned(), format!("Bearer {}", state.token)));
        request.headers.push(("content-type".to_owned(), kind.to_owned()));
        request.body = body.to_owned().into();
        let reply = answer(state, &request);
        (reply.status, serde_json::from_str(&reply.body).unwrap_or(Value::String(reply.body)))
    }

    /// What a patch of 3 replicas is answered, and how many are wanted then.
    fn patched(query: &str, kind: &str, body: &str) -> (u16, i64) {
        let mut state = State::new(3);
        let (status, _) = ask(&mut state, "PATCH", &format!("{SCALE}{query}"), kind, body);
        (status, state.objects["akrida-worker"].wanted)
    }

    #[test]
    fn patches_as_measured() {
        let replicas = |value: &str| format!("{{\"spec\":{{\"replicas\":{value}}}}}");
        let check = |query: &str, kind: &str, body: &str, expected: (u16, i64)| {
            assert_eq!(patched(query, kind, body), expected, "{query} {kind} {body}");
        };
        for (value, expected) in [
            ("5", (200, 5)),
            ("0", (200, 0)),
            // No upper bound, and null is nothing.
            ("1000000", (200, 1_000_000)),
            ("2147483647", (200, 2_147_483_647)),
            ("2147483648", (422, 3)),
            ("null", (200, 0)),
            ("-1", (422, 3)),
            ("2.5", (422, 3)),
            ("3.0", (422, 3)),
            ("1e2", (422, 3)),
            ("\"5\"", (422, 3)),
            ("\"abc\"", (422, 3)),
        ] {
            check("", MERGE, &replicas(value), expected);
            check("", "application/strategic-merge-patch+json", &replicas(value), expected);
            let add = format!("[{{\"op\":\"add\",\"path\":\"/spec/replicas\",\"value\":{value}}}]");
            check("", JSON, &add, expected);
            check("?dryRun=All", MERGE, &replicas(value), (expected.0, 3));
        }
        check("", MERGE, "{}", (200, 3));
        check("", MERGE, "{\"spec\":{\"replica\":5}}", (200, 3));
        check("?fieldValidation=Strict", MERGE, "{\"spec\":{\"replica\":5}}", (422, 3));
        for body in ["", "{", "abc", "[1]"] {
            check("", MERGE, body, (400, 3));
        }
        for kind in ["", "application/json", "application/x-www-form-urlencoded"] {
            check("", kind, &replicas("5"), (415, 3));
        }
        let test =
            |value: u32| format!("[{{\"op\":\"test\",\"path\":\"/spec/replicas\",\"value\":{value}}}]");
        check("", JSON, &test(3), (200, 3));
        check("", JSON, &test(4), (422, 3));
        check("", APPLY, &replicas("5"), (422, 3));
        check("?fieldManager=a&force=true", APPLY, &replicas("5"), (200, 5));
        check("", MERGE, "{\"metadata\":{\"resourceVersion\":\"1\"},\"spec\":{\"replicas\":5}}", (409, 3));
        check("", MERGE, "{\"metadata\":{\"resourceVersion\":\"100\"},\"spec\":{\"replicas\":5}}", (200, 5));
        check("", MERGE, "{\"metadata\":{\"uid\":\"x\"},\"spec\":{\"replicas\":5}}", (409, 3));
    }

    #[test]
    fn the_same_again_and_who_did_it() {
        let mut state = State::new(3);
        let body = "{\"spec\":{\"replicas\":3}}";
        let version = |state: &State| {
            (state.objects["akrida-worker"].generation, state.objects["akrida-worker"].version)
        };
        assert_eq!(version(&state), (1, 100));
        ask(&mut state, "PATCH", &format!("{SCALE}?fieldManager=akrida"), MERGE, body);
        assert_eq!(version(&state), (1, 101));
        ask(&mut state, "PATCH", &format!("{SCALE}?fieldManager=akrida"), MERGE, body);
        assert_eq!(version(&state), (1, 101));
        ask(&mut state, "PATCH", SCALE, MERGE, "{\"spec\":{\"replicas\":4}}");
        let managers: Vec<_> = state.objects["akrida-worker"].managers.iter().cloned().collect();
        assert_eq!(managers, ["akrida", "unknown"]);
        // Against whoever scaled before.
        let apply = format!("{SCALE}?fieldManager=other");
        assert_eq!(ask(&mut state, "PATCH", &apply, APPLY, body).0, 409);
    }

    #[test]
    fn who_may_do_what() {
        let mut state = State::new(0);
        let (status, scale) = ask(&mut state, "GET", SCALE, "", "");
        assert_eq!((status, &scale["spec"], &scale["status"]["replicas"]), (200, &json!({}), &json!(0)));
        assert_eq!(scale["status"]["selector"], "app.kubernetes.io/name=akrida-worker");
        let check = |state: &mut State, method: &str, target: &str, expected: u16| {
            // A bad value is still 403: rights come first.
            let (status, told) = ask(state, method, target, "text/plain", "nonsense");
            assert_eq!(status, expected, "{method} {target}: {told}");
            told
        };
        assert_eq!(check(&mut state, "PUT", SCALE, 403)["reason"], "Forbidden");
        check(&mut state, "POST", SCALE, 405);
        check(&mut state, "DELETE", SCALE, 405);
        let told = check(&mut state, "PATCH", &SCALE.replace("akrida-worker", "other"), 403);
        assert_eq!(
            told["message"],
            "deployments.apps \"other\" is forbidden: User \"system:serviceaccount:load:akrida-master\" cannot patch \
             resource \"deployments/scale\" in API group \"apps\" in the namespace \"load\""
        );
        check(&mut state, "GET", &SCALE.replace("/load/", "/default/"), 403);
        // The path of the first experiment is gone.
        let gone = check(&mut state, "PATCH", &SCALE.replace("apps/v1", "extensions/v1beta1"), 404);
        assert_eq!(gone, "404 page not found\n");
        state.objects.clear();
        let told = check(&mut state, "GET", SCALE, 404);
        assert_eq!(told["message"], "deployments.apps \"akrida-worker\" not found");
        assert_eq!(told["details"]["name"], "akrida-worker");

        let anonymous = answer(&mut state, &Request::new("GET", SCALE));
        assert!(anonymous.status == 403 && anonymous.body.contains("system:anonymous"));
        let mut wrong = Request::new("GET", SCALE);
        // A line end belongs to no token.
        wrong.headers.push(("authorization".to_owned(), format!("Bearer {}\n", state.token)));
        assert_eq!(answer(&mut state, &wrong).status, 401);
    }

    #[test]
    fn a_review_needs_no_right() {
        let mut state = State::new(1);
        let mut review = |name: &str| {
            let attributes = json!({
                "namespace": "load", "verb": "patch", "group": "apps", "resource": "deployments",
                "subresource": "scale", "name": name,
            });
            let body = json!({ "spec": { "resourceAttributes": attributes } }).to_string();
            let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
            let (status, told) = ask(&mut state, "POST", path, "application/json", &body);
            (status, told["status"]["allowed"].clone())
        };
        assert_eq!(review("akrida-worker"), (201, json!(true)));
        assert_eq!(review("other"), (201, json!(false)));
    }
}
