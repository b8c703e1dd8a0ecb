//! A test that a running Akrida master does for us, by the HTTP API of its page.

use crate::plan::Load;
use crate::plan::autoscale::Remote;
use akrida_autoscaler::measured::Measured;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderValue, Method, Request, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

/// How long one exchange may take.
const CALL: Duration = Duration::from_secs(10);

/// Between two looks at the run.
const LOOK: Duration = Duration::from_millis(500);

/// How much longer than its run time a run may take before it is stopped: for users that come and go.
const GRACE: Duration = Duration::from_secs(60);

/// Largest answer, bytes: a snapshot of ten thousand rows.
const ANSWER: usize = 16 << 20;

/// Runs the test, and returns what it measured.
///
/// # Errors
/// When the master is not reached, is busy, refuses, or does not come to an end; in one line.
pub(super) async fn run(master: &Remote, load: &Load) -> Result<Measured, String> {
    let before = snapshot(master).await?;
    if !matches!(state(&before), "ready" | "stopped") {
        return Err("the master has a run of its own going on".to_owned());
    }
    let started = post(master, "swarm", &wish(load, &master.stages)).await?;
    if started.get("success").and_then(Value::as_bool) != Some(true) {
        let why = started.get("message").and_then(Value::as_str).unwrap_or("it does not say why");
        return Err(format!("the master refuses the test: {why}"));
    }
    let lasts =
        load.run_time.unwrap_or_default() + load.stages.iter().map(|stage| stage.duration).sum::<Duration>();
    let until = Instant::now() + lasts + load.stop_timeout + GRACE;
    loop {
        sleep(LOOK).await;
        let now = snapshot(master).await?;
        if state(&now) == "stopped" && now.get("start") != before.get("start") {
            return Measured::read(&now).ok_or_else(|| "what the master measured cannot be read".to_owned());
        }
        if Instant::now() >= until {
            // Whether that works or not, there are no figures.
            let _ = post(master, "stop?wait=0", &Value::Null).await;
            return Err("the run on the master did not come to its end".to_owned());
        }
    }
}

fn state(snapshot: &Value) -> &str {
    snapshot.get("state").and_then(Value::as_str).unwrap_or_default()
}

/// The run that is asked for. Stages that the master has of its own are not meant, so they are said to be none.
fn wish(load: &Load, stages: &str) -> Value {
    let mut wish = json!({ "stages": stages });
    if stages.is_empty() {
        wish["users"] = json!(load.users);
        wish["spawn_rate"] = json!(load.spawn_rate);
    }
    if let Some(time) = load.run_time {
        wish["run_time"] = json!(time.as_secs_f64());
    }
    if let Some(host) = &load.host {
        wish["host"] = json!(host);
    }
    wish
}

async fn snapshot(master: &Remote) -> Result<Value, String> {
    call(master, Method::GET, "snapshot", None).await
}

async fn post(master: &Remote, what: &str, body: &Value) -> Result<Value, String> {
    call(master, Method::POST, what, Some(body.to_string())).await
}

async fn call(master: &Remote, method: Method, what: &str, body: Option<String>) -> Result<Value, String> {
    let answered = timeout(CALL, exchange(master, method, what, body)).await;
    let answered = answered.unwrap_or_else(|_| Err(format!("no answer within {} s", CALL.as_secs())));
    answered.map_err(|why| format!("the master at {}: {why}", master.address))
}

async fn exchange(
    master: &Remote,
    method: Method,
    what: &str,
    body: Option<String>,
) -> Result<Value, String> {
    let Remote { address, token, .. } = master;
    let (host, port) = (address.host().unwrap_or_default(), address.port_u16().unwrap_or(80));
    let target = (host.trim_matches(['[', ']']), port);
    let stream = TcpStream::connect(target).await.map_err(|error| error.to_string())?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    let connection = tokio::spawn(connection);
    let mut request = Request::builder()
        .method(method)
        .uri(path(address, what))
        .header(HOST, address.authority().map_or("", |authority| authority.as_str()))
        .header(ACCEPT, "application/json");
    if let Some(token) = token {
        let mut value =
            HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| "the token cannot be sent")?;
        value.set_sensitive(true);
        request = request.header(AUTHORIZATION, value);
    }
    if body.is_some() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    let request =
        request.body(Full::new(Bytes::from(body.unwrap_or_default()))).map_err(|error| error.to_string())?;
    let answered = async {
        let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
        let status = answer.status();
        let body =
            Limited::new(answer.into_body(), ANSWER).collect().await.map_err(|error| error.to_string())?;
        let value = serde_json::from_slice::<Value>(&body.to_bytes());
        match value {
            // What it refuses it says in the answer.
            Ok(value) if status.is_success() || value.get("message").is_some() => Ok(value),
            _ => Err(format!("it answers {status}: is that the page of an Akrida master?")),
        }
    };
    let answer = answered.await;
    connection.abort();
    answer
}

/// Where the API is, under whatever prefix the page has.
fn path(address: &Uri, what: &str) -> String {
    format!("{}/api/v1/{what}", address.path().trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Machine, resolve};
    use crate::settings::Layer;

    #[test]
    fn a_run_is_asked_for_as_the_flags_say() {
        let (plan, _) = resolve(&Layer::default(), Machine { cores: 1, seed: 0 }).unwrap();
        let load = Load { users: 10, spawn_rate: 5.0, run_time: Some(Duration::from_secs(3)), ..plan.load };
        let constant = json!({ "stages": "", "users": 10, "spawn_rate": 5.0, "run_time": 3.0 });
        assert_eq!(wish(&load, ""), constant);
        let stages = json!({ "stages": "1s:10@10", "run_time": 3.0 });
        assert_eq!(wish(&load, "1s:10@10"), stages);
    }

    #[test]
    fn the_api_is_under_the_prefix_of_the_page() {
        let check = |address: &str, expected: &str| {
            assert_eq!(path(&address.parse().unwrap(), "swarm"), expected, "{address}");
        };
        check("http://m:8089", "/api/v1/swarm");
        check("http://m:8089/locust", "/locust/api/v1/swarm");
        check("http://m:8089/locust/", "/locust/api/v1/swarm");
    }
}
