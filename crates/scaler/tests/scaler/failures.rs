//! Each failure has its own words, and none is a dump.

use crate::{of, scaler};
use akrida_scaler::{ScaleError, Target};
use akrida_testkit::{ApiFault, Grant, Kubernetes};
use std::fmt::Write as _;

#[tokio::test]
async fn each_failure_has_its_own_words() {
    let kubernetes = Kubernetes::start(3);
    let scaler = scaler(&kubernetes);
    let dump = "Invalid value: {\"f:metadata\":{}} ".repeat(25);
    let mut told = String::new();
    let mut tell = |what: &str, error: ScaleError| {
        let text = error.to_string();
        assert!(!text.contains("Status") && !text.contains('{') && text.len() < 420, "{text}");
        let _ = writeln!(told, "{what}\n  {text}");
    };
    let status = |code, reason, message: &str| ApiFault::Status(code, reason, message.to_owned());
    for (what, fault) in [
        ("400", status(400, "BadRequest", "error decoding patch: invalid character 'x'")),
        ("401", status(401, "Unauthorized", "Unauthorized")),
        (
            "403, a policy",
            status(403, "Forbidden", "admission webhook \"limits.example\" denied the request: at most 5"),
        ),
        (
            "405",
            status(
                405,
                "MethodNotAllowed",
                "the server does not allow this method on the requested resource",
            ),
        ),
        (
            "409",
            status(409, "Conflict", "Operation cannot be fulfilled on deployments.apps \"akrida-worker\""),
        ),
        ("415", status(415, "UnsupportedMediaType", "the body of the request was in an unknown format")),
        ("422", status(422, "Invalid", &dump)),
        ("429", status(429, "TooManyRequests", "too many requests, please try again later")),
        ("500", status(500, "InternalError", "Internal error occurred: etcdserver: request timed out")),
        ("503", ApiFault::Text(503, "text/plain", "upstream connect error".to_owned())),
        ("404, no API", ApiFault::Text(404, "text/plain", "404 page not found\n".to_owned())),
        ("302", ApiFault::Text(302, "text/html", "<html>".to_owned())),
        ("200, a page", ApiFault::Text(200, "text/html", "<html>log in</html>".to_owned())),
        ("200, another object", ApiFault::Text(200, "application/json", "{\"kind\":\"Pod\"}".to_owned())),
        ("200, cut off", ApiFault::CutBody),
        ("200, without end", ApiFault::Huge),
    ] {
        kubernetes.fault(fault);
        tell(what, scaler.set(5).await.unwrap_err());
        kubernetes.fault(ApiFault::None);
        assert_eq!(scaler.get().await.unwrap().wanted, 3, "{what} changed something");
    }
    kubernetes.grant(Vec::new());
    tell("403", scaler.set(5).await.unwrap_err());
    kubernetes.grant(vec![Grant::scale("patch", "akrida-worker")]);
    let other = of(&kubernetes, Target::deployment(Some("load"), "other").unwrap());
    tell("403, another name", other.set(5).await.unwrap_err());
    kubernetes.delete("akrida-worker");
    tell("404", scaler.set(5).await.unwrap_err());
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn nobody_is_waited_for_for_ever() {
    let kubernetes = Kubernetes::start(3);
    let (reads, writes) = (scaler(&kubernetes), scaler(&kubernetes));
    kubernetes.fault(ApiFault::Hang);
    let (read, written) = tokio::join!(reads.get(), writes.set(5));
    let text =
        |result: Result<_, ScaleError>| result.map(|_: akrida_scaler::Scale| ()).unwrap_err().to_string();
    assert_eq!(text(read), "The API server did not answer within 10 s. Nothing was changed.");
    assert_eq!(
        text(written),
        "The API server did not answer within 10 s. Whether it will make the change is not known: look again."
    );
    kubernetes.fault(ApiFault::SlowBody);
    let slow = reads.get().await;
    assert!(matches!(slow, Err(ScaleError::Slow { changing: false, .. })), "{slow:?}");
    kubernetes.fault(ApiFault::None);
    assert_eq!(reads.get().await.unwrap().wanted, 3);
}
