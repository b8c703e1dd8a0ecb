//! `akrida healthcheck`: asks the process that runs beside it, with the same flags and variables, whether it lives.
//!
//! For containers, whose images have neither shell nor curl. The exit code is 0 or 1, as Docker wants it.

use super::print;
use crate::args::flags;
use crate::exit::{FAILED, Failure, PASSED};
use crate::health::ALIVE;
use crate::plan::{Plan, WebPlan};
use crate::settings::Layer;
use crate::{startup, unverified};
use http::{Request, StatusCode};
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use std::fmt;
use std::io::Write as _;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

/// How long an answer may take. A machine under full load has better to do.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where a process can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    host: String,
    port: u16,
    tls: bool,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, tls } = self;
        let scheme = if *tls { "https" } else { "http" };
        if host.contains(':') {
            write!(f, "{scheme}://[{host}]:{port}{ALIVE}")
        } else {
            write!(f, "{scheme}://{host}:{port}{ALIVE}")
        }
    }
}

/// Asks, and says what came of it.
///
/// # Errors
/// When nothing is known that could be asked.
pub(crate) fn healthcheck(typed: Layer) -> Result<u8, Failure> {
    let (plan, _) = startup::plan(typed)?;
    let place = place(&plan)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::generator(format!("cannot ask: {error}"), ""))?;
    let answer = runtime.block_on(async {
        match tokio::time::timeout(PATIENCE, ask(&place)).await {
            Ok(answer) => answer,
            Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
        }
    });
    match answer {
        Ok(StatusCode::OK) => {
            print(&format!("{place} is well\n"));
            Ok(PASSED)
        }
        Ok(status) => Ok(unwell(&place, &format!("it answers {status}"))),
        Err(problem) => Ok(unwell(&place, &problem)),
    }
}

fn unwell(place: &Place, problem: &str) -> u8 {
    // Whoever read standard error may be gone.
    let _ = writeln!(std::io::stderr(), "{place} is not well: {problem}");
    FAILED
}

/// Where to ask: the health port tells of any role, the page of a process that has one.
fn place(plan: &Plan) -> Result<Place, Failure> {
    let local = |port| Place { host: "127.0.0.1".to_owned(), port, tls: false };
    match (plan.health_port, &plan.web) {
        (Some(port), _) => Ok(local(port)),
        (None, Some(WebPlan { port: 0, .. })) => Err(Failure::usage(
            format!("with --{} 0 nobody knows where the page is", flags::WEB_PORT.long),
            "choose a port, or say --health-port PORT to the process and here",
        )),
        (None, Some(web)) => {
            let place = Place { tls: web.tls.is_some(), ..local(web.port) };
            Ok(match web.host.as_str() {
                "" | "*" | "0.0.0.0" => place,
                "::" => Place { host: "::1".to_owned(), ..place },
                host => Place { host: host.to_owned(), ..place },
            })
        }
        (None, None) => Err(Failure::usage(
            "a process without a page has nothing to be asked at",
            "say --health-port PORT to the process and here, or set AKRIDA_HEALTH_PORT for both",
        )),
    }
}

async fn ask(place: &Place) -> Result<StatusCode, String> {
    let stream = TcpStream::connect((place.host.as_str(), place.port)).await;
    let stream = stream.map_err(|error| error.to_string())?;
    if !place.tls {
        return converse(stream).await;
    }
    let name = ServerName::try_from(place.host.clone()).map_err(|error| error.to_string())?;
    let connector = TlsConnector::from(unverified::client().map_err(|error| error.to_string())?);
    converse(connector.connect(name, stream).await.map_err(|error| error.to_string())?).await
}

/// One request, whose answer's body is not of interest.
async fn converse<S>(stream: S) -> Result<StatusCode, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let text = |error: hyper::Error| error.to_string();
    let (mut requests, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(text)?;
    tokio::spawn(connection);
    let request = Request::get(ALIVE).header(http::header::HOST, "localhost").body(Empty::<Bytes>::new());
    let request = request.map_err(|error| error.to_string())?;
    Ok(requests.send_request(request).await.map_err(text)?.status())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::command::{Typed, command, typed};
    use crate::plan::{Machine, resolve};

    #[test]
    fn where_to_ask() {
        let check = |line: &str, expected: &str| {
            let matches = command().try_get_matches_from(line.split(' ')).unwrap();
            let Typed::Healthcheck(layer) = typed(&matches) else { panic!("{line}") };
            let (plan, _) = resolve(&layer, Machine { cores: 1, seed: 1 }).unwrap();
            let found = place(&plan).map_or_else(|failure| failure.message, |place| place.to_string());
            assert_eq!(found, expected, "{line}");
        };
        check("akrida healthcheck", "http://127.0.0.1:8089/healthz");
        check("akrida healthcheck -P 9000 --web-host *", "http://127.0.0.1:9000/healthz");
        check("akrida healthcheck --web-host 10.0.0.7", "http://10.0.0.7:8089/healthz");
        check("akrida healthcheck --web-host ::", "http://[::1]:8089/healthz");
        // It answers with and without the prefix.
        check("akrida healthcheck --web-base-path /locust", "http://127.0.0.1:8089/healthz");
        check("akrida healthcheck --tls-cert a --tls-key b", "https://127.0.0.1:8089/healthz");
        check("akrida healthcheck --worker --health-port 8090", "http://127.0.0.1:8090/healthz");
        check("akrida healthcheck --master --health-port 8090", "http://127.0.0.1:8090/healthz");
        check("akrida healthcheck --headless --health-port 8090", "http://127.0.0.1:8090/healthz");
        check("akrida healthcheck --worker", "a process without a page has nothing to be asked at");
        check(
            "akrida healthcheck --worker --health-port 0",
            "a process without a page has nothing to be asked at",
        );
        check("akrida healthcheck -P 0", "with --web-port 0 nobody knows where the page is");
    }
}
