//! How requests travel, and who the user is.

use super::{Given, class, fixed, wrong_class, wrong_with};
use crate::model::{Auth, Dns, HttpVersion, Step, Template};
use crate::yaml::load_with;

#[test]
fn the_defaults_are_plain() {
    let network = class("tasks: [{get: /}]").network;
    assert_eq!((network.version, network.dns, network.addresses.len()), (HttpVersion::Http1, Dns::Run, 0));
    assert!(network.proxy.is_none() && network.tls.verify && network.tls.identity.is_none());
}

#[test]
fn everything_about_the_way() {
    let network = class(
        "http_version: 2, proxy: 'http://u:p@proxy:3128', dns: {Example.org: [127.0.0.1, '::1'], b: 10.0.0.1},
         tls: {verify: false}, tasks: [{get: /}]",
    )
    .network;
    assert_eq!(network.version, HttpVersion::Http2);
    assert_eq!(fixed(network.proxy.as_ref().unwrap()), "http://u:p@proxy:3128");
    let addresses: Vec<_> =
        network.addresses.iter().map(|(name, addresses)| format!("{name} {addresses:?}")).collect();
    assert_eq!(addresses, ["example.org [127.0.0.1, ::1]", "b [10.0.0.1]"]);
    assert!(!network.tls.verify);
    assert_eq!(class("dns: user, http_version: 1.1, tasks: [{get: /}]").network.dns, Dns::User);
}

#[test]
fn auth_of_class_and_request() {
    let class =
        class("auth: {basic: {username: u, password: 7}}, tasks: [{get: /, auth: {bearer: 't{{ 1 }}'}}]");
    let Some(Auth::Basic(name, password)) = &class.auth else { panic!() };
    assert_eq!((fixed(name), fixed(password)), ("u", "7"));
    let Step::Request(request) = &class.tasks[0].steps[0] else { panic!() };
    assert!(matches!(&request.auth, Some(Auth::Bearer(Template::Fixed(token))) if &**token == "t1"));
}

const PEM: Given = Given(&[
    ("ca.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
    ("k.pem", "some words\n-----BEGIN RSA PRIVATE KEY-----\r\nAAAA\n-----END RSA PRIVATE KEY-----\n"),
    ("empty.pem", ""),
]);

#[test]
fn certificates_are_read() {
    let text = "users: {A: {tls: {ca: ca.pem, certificate: ca.pem, key: k.pem}, tasks: [{get: /}]}}";
    let scenario = load_with("a.yaml", text, &PEM).unwrap();
    let tls = &scenario.classes[0].network.tls;
    assert!(tls.verify && tls.ca.is_some());
    assert!(tls.identity.as_ref().unwrap().key.starts_with(b"some words"));
}

#[test]
fn what_cannot_be_travelled_is_refused() {
    let check = |keys: &str, expected: &str| {
        let found = wrong_with(&format!("users: {{A: {{{keys}, tasks: [{{get: /}}]}}}}"), &PEM);
        assert_eq!(found.split(" (").next().unwrap(), expected, "{keys}");
    };
    check("tls: {ca: no.pem}", "`no.pem` cannot be read: no such file or directory");
    check("tls: {ca: empty.pem}", "`empty.pem` has no PEM block of a certificate");
    check("tls: {certificate: ca.pem}", "a certificate and its key belong together, and `key` is missing");
    check("tls: {key: k.pem}", "a certificate and its key belong together, and `certificate` is missing");
    check("tls: {certificate: ca.pem, key: ca.pem}", "`ca.pem` has no PEM block of a private key");
    check("proxy: 'proxy:3128'", "`proxy:3128` is not a proxy's address");
    check("proxy: 'http://proxy:99999'", "`http://proxy:99999` has no possible port");
    check("dns: {a: 1.2.3}", "`1.2.3` is not an IP address");
    check("dns: {'a:80': 1.2.3.4}", "`a:80` is not a host name");
    check("dns: never", "`never` is not a way to find addresses");
    check("http_version: 3", "`3` is not `1.1` or `2`");
    check("auth: {basic: {username: a}}", "a name with a password needs `password`");
    check("auth: {}", "a way to say who the user is needs `basic` or `bearer`");
    let found = wrong_class("variables: {v: 1}, proxy: 'http://{{ v }}', tasks: [{get: /}]");
    assert_eq!(
        found,
        "there is no variable `v` (only secrets are known here, because no user is at work yet)"
    );
}
