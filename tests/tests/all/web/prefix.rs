//! The same page behind a real nginx that strips the prefix, passes it, or tells it.

use super::curl::{followed, listen};
use super::{Served, curl, target};
use akrida_testkit::{Authority, Nginx};

/// Everything that a page under `url` (without a slash at its end) needs, and where its base is.
fn works(url: &str, base: &str) {
    let curl = |arguments: &[&str]| curl(&[&["-k"], arguments].concat());
    let page = curl(&[&format!("{url}/")]);
    assert_eq!(page.status, 200, "{url}");
    if !base.is_empty() {
        assert!(page.body.contains(&format!("<base href=\"{base}\"")), "{url}: {}", page.body);
    }
    assert_eq!(curl(&[&format!("{url}/stats/requests")]).json()["state"], "ready", "{url}");
    assert_eq!(curl(&[&format!("{url}/healthz")]).body, "ok\n");
    // Browsers follow it to the same page, over TLS too.
    assert_eq!(followed(url), "200", "{url}");
}

#[test]
fn behind_proxies_that_strip_pass_or_tell_the_prefix() {
    let target = target();
    let bare = Served::alone(&target, &[]);
    let based = Served::alone(&target, &["--web-base-path", "/locust"]);
    let deep = Served::alone(&target, &["--web-base-path", "/a/b/locust/"]);
    works(&bare.url(""), "");
    works(&based.url("/locust"), "/locust/");
    works(&based.url(""), "/locust/");

    let [bare_port, based_port, deep_port] = [&bare, &based, &deep].map(|served| served.port.clone());
    let nginx = Nginx::start(
        &Authority::new(),
        &format!(
            "location /strip/ {{ proxy_pass http://127.0.0.1:{bare_port}/; }}
             location /told/ {{
               proxy_pass http://127.0.0.1:{bare_port}/;
               proxy_set_header X-Forwarded-Prefix /told;
             }}
             location /evil/ {{
               proxy_pass http://127.0.0.1:{bare_port}/;
               proxy_set_header X-Forwarded-Prefix //evil.example;
             }}
             location /pass {{
               rewrite ^/pass(.*)$ /locust$1 break;
               proxy_pass http://127.0.0.1:{based_port};
               proxy_set_header X-Forwarded-Prefix /pass;
             }}
             location /locust {{ proxy_pass http://127.0.0.1:{based_port}; }}
             location /a/b/locust {{
               proxy_pass http://127.0.0.1:{deep_port};
               proxy_set_header Host $http_host;
               proxy_set_header X-Forwarded-Proto $scheme;
             }}"
        ),
    );
    let url = nginx.http1_url();
    works(&format!("{url}/strip"), "");
    works(&format!("{url}/told"), "/told/");
    works(&format!("{url}/locust"), "/locust/");
    works(&format!("{}/a/b/locust", nginx.tls1_url()), "/a/b/locust/");
    let evil = curl(&[&format!("{url}/evil/")]);
    assert!(evil.status == 200 && !evil.body.contains("evil.example"), "{}", evil.body);

    // A form without script stays under the prefix, and nobody takes it for another site's.
    let form = |url: &str, origin: &str| {
        let origin = format!("origin: {origin}");
        let wishes = ["-k", "-H", "accept: text/html", "-H", &origin, "-X", "POST", url];
        let answer = curl(&wishes);
        (answer.status, answer.header("location").unwrap_or_default().to_owned())
    };
    let tls = nginx.tls1_url();
    let (status, location) = form(&format!("{tls}/a/b/locust/stop"), &tls);
    assert_eq!((status, location.split('?').next()), (303, Some("/a/b/locust/")));
    let (status, location) = form(&format!("{url}/told/stop"), "https://evil.example");
    assert_eq!((status, location.as_str()), (403, ""));

    // Events come through a proxy that holds answers back unless it is told not to.
    let events = listen("5", &[&format!("{url}/locust/api/v1/events")]);
    assert_eq!(events.header("content-type"), Some("text/event-stream"));
    assert!(events.body.contains("event: snapshot\nid: "), "{events:?}");
    let packed = listen("5", &["--compressed", &format!("{url}/locust/api/v1/events")]);
    assert!(packed.body.contains("event: snapshot\nid: "), "{packed:?}");
}
