//! HTTP/2 as a real nginx speaks it.

use crate::binary::{run, scratch};
use akrida_testkit::{Access, Authority, Nginx};
use std::collections::BTreeSet;
use std::time::Duration;

const USERS: usize = 5;

/// Runs some users for a second; says what nginx logged of them.
fn accesses(authority: &Authority, nginx: &Nginx, url: &str, network: &str) -> Vec<Access> {
    let ca = scratch("ca.pem", &authority.pem());
    let scenario = format!(
        "users:\n  Visitor:\n    {network}\n    wait: 100ms\n    tasks:\n      steps:\n        \
         - {{ get: /hello, check: {{ body: {{ equals: hello }} }} }}\n        \
         - {{ post: /hello, body: text }}\n"
    );
    let scenario = scratch("scenario.yaml", &scenario);
    let users = USERS.to_string();
    let common = ["-u", &users, "-r", &users, "-t", "1s", "--headless", "--tls-ca", &ca];
    let ended = run(&[&["-f", &scenario, "-H", url], &common[..]].concat(), Duration::from_secs(1));
    let reported: u64 = ended.exits(0).requests().values().sum();
    let accesses = nginx.accesses(usize::try_from(reported).unwrap());
    assert_eq!(accesses.len() as u64, reported);
    assert!(accesses.len() > USERS);
    accesses
}

#[track_caller]
fn check(url: fn(&Nginx) -> String, network: &str, protocol: &str) {
    let authority = Authority::new();
    let nginx = Nginx::start(&authority, "location / { return 200 'hello'; }");
    let accesses = accesses(&authority, &nginx, &url(&nginx), network);
    assert!(accesses.iter().all(|access| access.protocol == protocol), "{accesses:#?}");
    let seen: BTreeSet<u64> = accesses.iter().map(|access| access.connection).collect();
    assert_eq!(seen.len(), USERS, "a connection for each user, for {} requests", accesses.len());
}

#[test]
fn plain_text_with_prior_knowledge() {
    check(Nginx::http2_url, "http_version: 2", "HTTP/2.0");
}

#[test]
fn over_tls_by_agreement() {
    check(Nginx::tls2_url, "http_version: 2", "HTTP/2.0");
}

#[test]
fn over_tls_where_the_server_knows_only_the_old_one() {
    check(Nginx::tls1_url, "http_version: 2", "HTTP/1.1");
}

#[test]
fn only_when_it_is_wanted() {
    check(Nginx::tls2_url, "http_version: 1.1", "HTTP/1.1");
}
