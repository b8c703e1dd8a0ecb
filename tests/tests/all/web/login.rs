//! Passwords, sessions and tokens.

use super::{SCENARIO, Served, curl};
use crate::binary::{scratch, tool};

#[test]
fn who_may_come_in_and_how() {
    let (line, _) = tool(&["web-user", "alice"], "open sesame\n");
    let (token_line, token) = tool(&["web-user", "--token", "ci"], "");
    let users = scratch("users", &format!("# who may\n{line}{token_line}"));
    let file = scratch("web.yaml", SCENARIO);
    let login =
        ["--web-login", "--web-users", &users, "--web-base-path", "/locust", "-H", "http://127.0.0.1:1"];
    let served = Served::with(&file, &[], &login);

    let page = curl(&["-H", "accept: text/html", &served.url("/locust/")]);
    assert_eq!((page.status, page.header("location")), (303, Some("/locust/login?next=")));
    let view = curl(&["-H", "accept: text/html", &served.url("/locust/?view=charts")]);
    assert_eq!((view.status, view.header("location")), (303, Some("/locust/login?next=%3Fview%3Dcharts")));
    for path in ["/stats/requests", "/api/v1/snapshot", "/api/v1/events", "/logs", "/stats/report"] {
        let answer = served.get(path);
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("Bearer")), "{path}");
    }
    assert_eq!(served.post("/swarm", "user_count=1&spawn_rate=1").status, 401);
    assert_eq!([served.get("/healthz").status, served.get("/login").status], [200, 200]);

    for (name, password) in [("alice", "wrong"), ("bob", "open sesame"), ("ci", token.trim()), ("", "")] {
        let form = format!("username={name}&password={password}");
        assert_eq!(served.post("/login", &form).status, 401, "{name}");
    }
    let form = "username=alice&password=open+sesame&next=stats/report";
    let wishes = ["-H", "accept: text/html", "-H", "x-forwarded-proto: https", "-d", form];
    let answer = curl(&[&wishes[..], &[&served.url("/locust/login")]].concat());
    assert_eq!((answer.status, answer.header("location")), (303, Some("/locust/stats/report")));
    let cookie = answer.header("set-cookie").unwrap();
    // Browsers do not tell the ports of a host apart.
    assert!(cookie.starts_with(&format!("akrida_session_{}=", served.port)), "{cookie}");
    for part in ["; Path=/locust;", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    for (next, address) in [("%3Fview%3Dcharts", "/locust/?view=charts"), ("stop", "/locust/")] {
        let form = format!("username=alice&password=open+sesame&next={next}");
        let answer = curl(&["-H", "accept: text/html", "-d", &form, &served.url("/locust/login")]);
        assert_eq!((answer.status, answer.header("location")), (303, Some(address)), "{next}");
    }
    let session = format!("cookie: {}", cookie.split(';').next().unwrap());
    let test = curl(&["-H", &session, &served.url("/api/v1/test")]);
    assert_eq!(test.json()["login"], "alice");
    let bearer = |token: &str| {
        let bearer = format!("authorization: Bearer {}", token.trim());
        curl(&["-H", &bearer, &served.url("/stats/requests")]).status
    };
    assert_eq!((bearer(&token), bearer("x")), (200, 401));

    assert_eq!(curl(&["-H", &session, "-X", "POST", &served.url("/logout")]).status, 200);
    assert_eq!(curl(&["-H", &session, &served.url("/api/v1/test")]).status, 401);

    let failed: Vec<u16> = (0..8).map(|_| served.post("/login", "username=eve&password=x").status).collect();
    assert!(failed[..4].iter().all(|status| *status == 401) && failed.contains(&429), "{failed:?}");
    let form = "username=alice&password=open+sesame";
    assert_eq!(served.post("/login", form).status, 200, "others may come by the same proxy");
}

#[test]
fn figures_may_be_left_open() {
    let users = [("AKRIDA_WEB_USERS", &*format!("ci:sha256:{}", "0".repeat(64)))];
    let arguments = ["--web-login", "--web-open-stats", "-H", "http://127.0.0.1:1"];
    let served = Served::with(&scratch("web.yaml", SCENARIO), &users, &arguments);
    assert_eq!(served.get("/stats/requests").json()["state"], "ready");
    assert_eq!([served.get("/stats/requests/csv").status, served.get("/tasks").status], [401, 401]);
}
