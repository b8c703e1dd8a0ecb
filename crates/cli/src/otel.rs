//! `--otel`: metrics of a run for OpenTelemetry, by OTLP over HTTP, as the standard `OTEL_*` variables say.

use crate::environment::Variables;
use crate::exit::Failure;
use crate::log::{Log, Speaker};
use akrida_master::Handle;
use akrida_report::otlp::{self, Resource};
use akrida_run::Snapshot;
use akrida_run::metrics::{Names, Series};
use akrida_stats::Totals;
use http::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use http::{Request, Uri};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// What the specification has where variables say nothing.
const ENDPOINT: &str = "http://localhost:4318";
const INTERVAL: Duration = Duration::from_secs(60);
const TIMEOUT: Duration = Duration::from_secs(10);

/// Where metrics go, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Otel {
    endpoint: Uri,
    headers: Vec<(HeaderName, HeaderValue)>,
    interval: Duration,
    timeout: Duration,
    attributes: Vec<(String, String)>,
}

impl Otel {
    /// What the variables say; `None` where they switch it off.
    ///
    /// # Errors
    /// When one of them cannot be read, or asks for another protocol.
    pub(crate) fn read(variables: &Variables) -> Result<Option<Self>, Failure> {
        let text =
            |name: &str| variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
        let of_metrics = |name: &str| {
            let own = format!("OTEL_EXPORTER_OTLP_METRICS_{name}");
            text(&own).or_else(|| text(&format!("OTEL_EXPORTER_OTLP_{name}")))
        };
        let off = text("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if off || text("OTEL_METRICS_EXPORTER") == Some("none") {
            return Ok(None);
        }
        if let Some(protocol) = of_metrics("PROTOCOL").filter(|protocol| *protocol != "http/protobuf") {
            return Err(Failure::usage(
                format!("OTEL_EXPORTER_OTLP_PROTOCOL: `{protocol}` is not spoken"),
                "set it to http/protobuf, and the endpoint to the collector's port for HTTP, 4318",
            ));
        }
        let endpoint = match text("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT") {
            Some(whole) => whole.to_owned(),
            None => {
                let base = text("OTEL_EXPORTER_OTLP_ENDPOINT").unwrap_or(ENDPOINT);
                format!("{}/v1/metrics", base.trim_end_matches('/'))
            }
        };
        let wrong = || {
            let message = format!("OTEL_EXPORTER_OTLP_ENDPOINT: `{endpoint}` is not an address");
            Failure::usage(message, "write one such as http://collector:4318")
        };
        let uri: Uri = endpoint.parse().map_err(|_| wrong())?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none() {
            return Err(wrong());
        }
        let mut headers = Vec::new();
        for (name, value) in pairs(of_metrics("HEADERS").unwrap_or_default()) {
            let header = HeaderName::try_from(&name).ok().zip(HeaderValue::try_from(value).ok());
            headers.push(header.ok_or_else(|| {
                let message =
                    format!("OTEL_EXPORTER_OTLP_HEADERS: `{name}` is not a header that can be sent");
                Failure::usage(message, "write name=value, with commas between several")
            })?);
        }
        let millis = |name: &str, value: Option<&str>, usual: Duration| match value.map(str::parse) {
            None => Ok(usual),
            Some(Ok(millis)) if millis > 0 => Ok(Duration::from_millis(millis)),
            Some(_) => Err(Failure::usage(
                format!("{name} is not a number of milliseconds"),
                "write one such as 10000",
            )),
        };
        let mut attributes = pairs(text("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default());
        if let Some(name) = text("OTEL_SERVICE_NAME") {
            attributes.retain(|(key, _)| key != "service.name");
            attributes.push(("service.name".to_owned(), name.to_owned()));
        } else if !attributes.iter().any(|(key, _)| key == "service.name") {
            attributes.push(("service.name".to_owned(), "akrida".to_owned()));
        }
        Ok(Some(Self {
            endpoint: uri,
            headers,
            interval: millis("OTEL_METRIC_EXPORT_INTERVAL", text("OTEL_METRIC_EXPORT_INTERVAL"), INTERVAL)?,
            timeout: millis("OTEL_EXPORTER_OTLP_TIMEOUT", of_metrics("TIMEOUT"), TIMEOUT)?,
            attributes,
        }))
    }

    async fn send(&self, body: Vec<u8>) -> Result<(), String> {
        let work = async {
            let tls = self.endpoint.scheme_str() == Some("https");
            let host = self.endpoint.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
            let port = self.endpoint.port_u16().unwrap_or(if tls { 443 } else { 80 });
            let stream =
                TcpStream::connect((host.as_str(), port)).await.map_err(|error| error.to_string())?;
            if !tls {
                return self.post(stream, body).await;
            }
            let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            // By name: other parts of the program may bring another provider.
            let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
            let config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(|error| error.to_string())?
                .with_root_certificates(roots)
                .with_no_client_auth();
            let name = ServerName::try_from(host).map_err(|error| error.to_string())?;
            let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
            self.post(stream.map_err(|error| error.to_string())?, body).await
        };
        timeout(self.timeout, work).await.map_err(|_| "it takes too long".to_owned())?
    }

    async fn post<S>(&self, stream: S, body: Vec<u8>) -> Result<(), String>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
        let connection = tokio::spawn(connection);
        let path = self.endpoint.path_and_query().map_or("/", |path| path.as_str());
        let authority = self.endpoint.authority().map_or("", |authority| authority.as_str());
        let mut request =
            Request::post(path).header(HOST, authority).header(CONTENT_TYPE, "application/x-protobuf");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(|error| error.to_string())?;
        let answer = sender.send_request(request).await.map_err(|error| error.to_string());
        connection.abort();
        match answer?.status() {
            status if status.is_success() => Ok(()),
            status => Err(format!("it answers {status}")),
        }
    }

    async fn export(&self, snapshot: &Snapshot, series: &[Series]) -> Result<(), String> {
        let resource = Resource { attributes: &self.attributes, version: env!("CARGO_PKG_VERSION") };
        self.send(otlp::export(snapshot, series, &resource)).await
    }

    /// Exports from now on.
    pub(crate) fn start(self, handle: Handle, log: Log) -> Exporting {
        log.info(Speaker::Main, &format!("Sending metrics to {}", self.endpoint));
        let task = tokio::spawn(export(self.clone(), handle, log.clone()));
        Exporting { otel: self, log, task }
    }
}

/// Metrics that are exported.
pub(crate) struct Exporting {
    otel: Otel,
    log: Log,
    task: JoinHandle<()>,
}

impl Exporting {
    /// Exports for the last time what a run came to.
    pub(crate) async fn finish(self, snapshot: &Snapshot, totals: &Totals) {
        self.task.abort();
        let last = self.otel.export(snapshot, &Names::default().series(totals)).await;
        tell(&self.otel, &self.log, last.err());
    }
}

impl Drop for Exporting {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn export(otel: Otel, handle: Handle, log: Log) {
    let mut ticks = interval(otel.interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let snapshots = handle.snapshots();
    let mut failing = false;
    loop {
        ticks.tick().await;
        let snapshot = snapshots.borrow().clone();
        if snapshot.start <= 0.0 {
            // Nothing was started yet.
            continue;
        }
        let Ok(series) = handle.series().await else { return };
        let problem = otel.export(&snapshot, &series).await.err();
        // Told once, not each minute.
        let news = problem.is_some() && !failing;
        failing = problem.is_some();
        tell(&otel, &log, problem.filter(|_| news));
    }
}

fn tell(otel: &Otel, log: &Log, problem: Option<String>) {
    if let Some(problem) = problem {
        log.warning(Speaker::Main, &format!("Metrics cannot be sent to {}: {problem}", otel.endpoint));
    }
}

/// `name=value` with commas between, values percent-encoded, as in the baggage of W3C.
fn pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
    let decoded =
        |value: &str| percent_encoding::percent_decode_str(value.trim()).decode_utf8_lossy().into_owned();
    pairs
        .map(|(name, value)| (name.trim().to_owned(), decoded(value)))
        .filter(|(name, _)| !name.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Option<Otel>, Failure> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Otel::read(&variables.collect())
    }

    #[test]
    fn what_the_specification_has_where_nothing_is_said() {
        let otel = read(&[]).unwrap().unwrap();
        assert_eq!(otel.endpoint, "http://localhost:4318/v1/metrics");
        assert_eq!((otel.interval, otel.timeout), (INTERVAL, TIMEOUT));
        assert_eq!(otel.attributes, [("service.name".to_owned(), "akrida".to_owned())]);
    }

    #[test]
    fn variables_of_metrics_go_before_those_of_all() {
        let endpoint = |variables: &[(&str, &str)]| read(variables).unwrap().unwrap().endpoint.to_string();
        let all = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector.example:4318/otlp/");
        assert_eq!(endpoint(&[all]), "https://collector.example:4318/otlp/v1/metrics");
        let own = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://metrics.example/push");
        assert_eq!(endpoint(&[all, own]), "http://metrics.example/push");
        let otel = read(&[
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20x, x-tenant = a"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "1500"),
            ("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "200"),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=ci,service.name=other"),
            ("OTEL_SERVICE_NAME", "shop"),
        ]);
        let otel = otel.unwrap().unwrap();
        assert_eq!(otel.headers[0], (http::header::AUTHORIZATION, HeaderValue::from_static("Bearer x")));
        assert_eq!(
            (otel.headers.len(), otel.interval, otel.timeout),
            (2, Duration::from_millis(1_500), Duration::from_millis(200))
        );
        let attributes: Vec<_> =
            otel.attributes.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(attributes, ["deployment.environment=ci", "service.name=shop"]);
    }

    #[test]
    fn it_can_be_switched_off_and_wrong_values_are_told() {
        assert_eq!(read(&[("OTEL_SDK_DISABLED", "true")]), Ok(None));
        assert_eq!(read(&[("OTEL_METRICS_EXPORTER", "none")]), Ok(None));
        let wrong = [
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://collector"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a b=c"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "soon"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "0"),
        ];
        for (name, value) in wrong {
            let failure = read(&[(name, value)]).unwrap_err();
            assert!(failure.message.contains(name) && !failure.hint.is_empty(), "{failure}");
        }
    }
}
