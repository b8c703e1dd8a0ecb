//! TLS: trust, and the lack of it.

use crate::support::{Running, block_on, class, get, once, step};
use akrida_engine::{Engine, Options, TlsRoots};
use akrida_scenario::Scenario;
use akrida_testkit::{Answer, Authority, Identity, Target};
use std::sync::Arc;
use std::time::Duration;

fn outcome(authority: &Authority, host: &str) -> (u64, Vec<String>) {
    let roots = TlsRoots { extra_pem: vec![authority.pem().into_bytes()] };
    let options = Options { roots, ..Options::default() };
    block_on(async {
        let class = once(class(vec![step(get("/"))]));
        let running = Running::start_with(class, 1, host, options, Duration::ZERO).await;
        let delta = running.requests(1).await;
        (delta.sum().content_length, delta.errors.iter().map(|(key, _)| key.error.clone()).collect())
    })
}

fn served(identity: &Identity) -> Target {
    Target::start_tls(identity, |_| Answer::ok("hello"))
}

#[test]
fn a_good_certificate_is_trusted_and_others_are_told_apart() {
    let authority = Authority::new();
    assert_eq!(outcome(&authority, &served(&authority.good()).url()), (5, vec![]));
    let failure = |host: &str| outcome(&authority, host).1.join("\n");
    let wrong_name = failure(&served(&authority.wrong_name()).url());
    assert!(wrong_name.starts_with("SSLError(") && wrong_name.contains("not valid for name"), "{wrong_name}");
    let expired = failure(&served(&authority.expired()).url());
    assert_eq!(expired, "SSLError('invalid peer certificate: expired')");
    let stranger = failure(&served(&Authority::new().good()).url());
    assert!(stranger.starts_with("SSLError('invalid peer certificate: "), "{stranger}");
    let plain = Target::start(|_| Answer::ok("hello"));
    let not_tls = failure(&plain.url().replace("http:", "https:"));
    assert!(not_tls.starts_with("SSLError("), "{not_tls}");
}

#[test]
fn roots_that_are_no_certificates_are_refused() {
    let scenario = Arc::new(Scenario {
        file: "test".into(),
        classes: vec![class(vec![step(get("/"))])],
        ..Scenario::default()
    });
    let roots = TlsRoots { extra_pem: vec![b"not a certificate".to_vec()] };
    let error = Engine::start(&scenario, &Options { roots, ..Options::default() }).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a CA file holds no usable certificate: no CERTIFICATE section that can be read"
    );
}
