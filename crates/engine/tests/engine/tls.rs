//! TLS: trust, and the lack of it.

use crate::support::{Running, block_on, class, get, once, run, step};
use akrida_engine::{Engine, Options, TlsRoots};
use akrida_scenario::Scenario;
use akrida_scenario::model::{self, Network, Tls, UserClass};
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

fn with_tls(tls: Tls) -> UserClass {
    UserClass { network: Network { tls, ..Network::default() }, ..once(class(vec![step(get("/"))])) }
}

fn shown(authority: &Authority, name: &str) -> model::Identity {
    let identity = authority.client(name);
    let pem = |text: &str| Arc::from(text.as_bytes());
    model::Identity { certificate: pem(identity.certificate_pem()), key: pem(identity.key_pem()) }
}

#[test]
fn a_class_may_trust_anybody() {
    let authority = Authority::new();
    for identity in [authority.good(), authority.wrong_name(), authority.expired()] {
        let delta = run(with_tls(Tls { verify: false, ..Tls::default() }), &served(&identity).url(), 1);
        assert_eq!((delta.sum().failures, delta.sum().content_length), (0, 5));
    }
}

#[test]
fn a_class_may_have_roots_and_an_identity_of_its_own() {
    let authority = Authority::new();
    let target = Target::start_mutual_tls(&authority.good(), &authority, |request| {
        Answer::ok(request.client.clone().unwrap_or_default())
    });
    let ca: Option<Arc<[u8]>> = Some(authority.pem().into_bytes().into());
    let identity = Some(shown(&authority, "ada"));
    let delta = run(with_tls(Tls { ca: ca.clone(), identity, ..Tls::default() }), &target.url(), 1);
    assert_eq!((delta.sum().failures, delta.sum().content_length), (0, 3));
    assert_eq!(target.requests()[0].client.as_deref(), Some("ada"));
    // Who shows nothing, or something of another authority, is let go.
    for identity in [None, Some(shown(&Authority::new(), "eve"))] {
        let delta = run(with_tls(Tls { ca: ca.clone(), identity, ..Tls::default() }), &target.url(), 1);
        let texts: Vec<_> = delta.errors.iter().map(|(key, _)| key.error.as_str()).collect();
        assert!(texts.len() == 1 && texts[0].starts_with("SSLError("), "{texts:?}");
    }
    assert_eq!(target.total(), 1);
}

#[test]
fn what_is_no_identity_is_told_before_the_run_with_the_class() {
    let authority = Authority::new();
    let check = |tls: Tls, expected: &str| {
        let scenario = Arc::new(Scenario { classes: vec![with_tls(tls)], ..Scenario::default() });
        let error = Engine::start(&scenario, &Options::default()).unwrap_err().to_string();
        assert!(error.starts_with("user class User: ") && error.contains(expected), "{error}");
    };
    check(Tls { ca: Some((*b"no PEM").into()), ..Tls::default() }, "a CA file holds no usable certificate");
    let (ada, eve) = (shown(&authority, "ada"), shown(&authority, "eve"));
    let mixed = model::Identity { certificate: ada.certificate, key: eve.key };
    check(Tls { identity: Some(mixed), ..Tls::default() }, "the client certificate and its key");
    let empty = model::Identity { certificate: (*b"").into(), key: (*b"").into() };
    check(Tls { identity: Some(empty), ..Tls::default() }, "the client certificate and its key");
}
