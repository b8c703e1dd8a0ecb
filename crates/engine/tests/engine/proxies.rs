//! Proxies, names and addresses.

use crate::support::{class, get, once, run, step, text};
use akrida_engine::{Engine, Options};
use akrida_scenario::expr::Expr;
use akrida_scenario::model::{
    Dns, HttpVersion, Network, Part, Request, Scenario, Secret, Slot, Template, Tls, UserClass,
};
use akrida_stats::Delta;
use akrida_testkit::{Answer, Authority, ClosedPort, Nginx, Target};
use std::sync::Arc;

fn through(proxy: Template, class: UserClass) -> UserClass {
    UserClass { network: Network { proxy: Some(proxy), ..class.network }, ..class }
}

fn errors(delta: &Delta) -> Vec<&str> {
    delta.errors.iter().map(|(key, _)| key.error.as_str()).collect()
}

fn two_requests() -> UserClass {
    once(class(vec![step(get("/a?b=c")), step(get("/d"))]))
}

#[test]
fn a_proxy_passes_plain_requests_on() {
    let target = Target::start(|_| Answer::ok("hello"));
    let proxy = Target::proxy_for("dXNlcjpodXNo");
    let secret = Expr::Variable(Slot::Shared(0), "password".into());
    let address = Template::Parts(vec![
        Part::Text("http://user:".into()),
        Part::Value(secret),
        Part::Text(format!("@{}", proxy.addr()).into()),
    ]);
    let secrets = Arc::new([Secret { name: "password".into(), value: "hush".into() }]);
    let class = UserClass { secrets, ..through(address, two_requests()) };
    let host = format!("http://shop.test:{}", target.addr().port());
    let delta = run(class, &host, 2);
    assert_eq!((errors(&delta), delta.sum().content_length), (vec![], 10));
    assert_eq!(proxy.count("GET", &format!("{host}/a?b=c")), 1);
    assert_eq!((proxy.connections(), target.total()), (1, 2));
    let seen = &target.requests()[0];
    assert_eq!(seen.header("host"), Some(&host["http://".len()..]));
    assert_eq!(seen.header("proxy-authorization"), None);
    assert!(delta.entries.keys().any(|key| key.name == "/a?b=c"), "named without the host");
}

#[test]
fn a_proxy_opens_a_tunnel_for_https_whatever_is_spoken_in_it() {
    let authority = Authority::new();
    let nginx = Nginx::start(&authority, "location / { return 200 hello; }");
    let proxy = Target::proxy_for("dXNlcjpodXNo");
    let address = format!("http://user:hush@{}", proxy.addr());
    let tls = || Tls { ca: Some(authority.pem().into_bytes().into()), ..Tls::default() };
    for (version, url) in [(HttpVersion::Http1, nginx.tls1_url()), (HttpVersion::Http2, nginx.tls2_url())] {
        let network = Network { version, tls: tls(), ..Network::default() };
        let class = through(text(&address), UserClass { network, ..two_requests() });
        let delta = run(class, &url, 2);
        assert_eq!((errors(&delta), delta.sum().content_length), (vec![], 10));
        assert_eq!(proxy.count("CONNECT", &url["https://".len()..]), 1);
    }
    let protocols: Vec<_> = nginx.accesses(4).into_iter().map(|access| access.protocol).collect();
    assert_eq!(protocols, ["HTTP/1.1", "HTTP/1.1", "HTTP/2.0", "HTTP/2.0"]);
}

#[test]
fn what_proxies_refuse() {
    let proxy = Target::proxy_for("dXNlcjpodXNo");
    let closed = ClosedPort::new();
    let target = Target::start(|_| Answer::ok("hello"));
    let not_http = Target::faults();
    let one = || once(class(vec![step(get("/garbage"))]));
    let failure = |proxy: &str, host: &str| {
        let delta = run(through(text(proxy), one()), host, 1);
        errors(&delta).join(" + ")
    };
    let https = target.url().replace("http:", "https:");
    let refused = "ProxyError('Tunnel connection failed: 407 Proxy Authentication Required')";
    assert_eq!(failure(&proxy.url(), &https), refused);
    let refused = "HTTPError('407 Client Error: Proxy Authentication Required for url: /garbage')";
    assert_eq!(failure(&proxy.url(), &target.url()), refused);
    let refused = "ProxyError('Cannot connect to proxy.', ConnectionRefusedError(111, 'Connection refused'))";
    assert_eq!(failure(&closed.url(), &target.url()), refused);
    let unknown =
        "ProxyError('Cannot connect to proxy.', gaierror(-2, 'Name or service not known: the proxy'))";
    assert_eq!(failure("http://no-such-proxy.invalid:3128", &target.url()), unknown);
    assert_eq!(failure(&not_http.url(), &https), "ProxyError('Tunnel connection failed: 404 Not Found')");
    assert_eq!(target.total(), 0);
}

#[test]
fn a_proxy_that_cannot_be_one_is_told_before_the_run() {
    let class = through(text("socks5://user:hush@proxy:1080"), class(vec![step(get("/"))]));
    let scenario = Arc::new(Scenario { classes: vec![class], ..Scenario::default() });
    let error = Engine::start(&scenario, &Options::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "user class User: the proxy's address is not of the form http://[user:password@]host:port"
    );
}

#[test]
fn names_have_the_addresses_that_are_given() {
    let target = Target::start(|_| Answer::ok("hello"));
    let closed = ClosedPort::new();
    let port = target.addr().port();
    // Nobody listens at the first address.
    let addresses = vec![("Shop.Test".into(), vec!["127.0.0.9".parse().unwrap(), target.addr().ip()])];
    for dns in [Dns::Run, Dns::User] {
        let network = Network { dns, addresses: addresses.clone(), ..Network::default() };
        let steps = vec![step(get("/")), step(Request { ..get(&format!("http://localhost:{port}/x")) })];
        let delta = run(UserClass { network, ..once(class(steps)) }, &format!("http://SHOP.test:{port}"), 2);
        assert_eq!((errors(&delta), delta.sum().content_length), (vec![], 10), "{dns:?}");
    }
    let expected = format!("shop.test:{port}");
    assert_eq!(target.requests()[0].header("host"), Some(expected.as_str()));
    drop(closed);
}
