//! Files, credentials, and what is known before the run.

use crate::support::{class, get, once, run, step, text};
use akrida_scenario::expr::Expr;
use akrida_scenario::model::{
    Auth, Body, Content, Field, Part, Request, Secret, Slot, Step, Template, UserClass,
};
use akrida_testkit::{Answer, Target};
use std::sync::Arc;

fn secret() -> Template {
    Template::Parts(vec![Part::Value(Expr::Variable(Slot::Shared(0), "password".into()))])
}

fn with_secret(class: UserClass) -> UserClass {
    UserClass { secrets: Arc::new([Secret { name: "password".into(), value: "hüsh".into() }]), ..class }
}

#[test]
fn files_arrive_as_they_are() {
    let target = Target::start(|_| Answer::ok(""));
    let photo: Arc<[u8]> = (0..=255).cycle().take(300_000).collect();
    let fields = vec![
        Field { name: text("title"), filename: None, content_type: None, content: Content::Text(secret()) },
        Field {
            name: text("photo"),
            filename: Some(text("a.png")),
            content_type: Some("image/png".into()),
            content: Content::Bytes(photo.clone()),
        },
    ];
    let post = |body| step(Request { method: "POST".into(), body, ..get("/") });
    let steps = vec![post(Body::Multipart(fields)), post(Body::Raw(Content::Bytes(photo.clone())))];
    run(with_secret(once(class(steps))), &target.url(), 2);
    let seen = target.requests();
    let kind = seen[0].header("content-type").unwrap();
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nhüsh\r\n--{boundary}\r\n\
         Content-Disposition: form-data; name=\"photo\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n"
    );
    let whole = [head.as_bytes(), &photo, format!("\r\n--{boundary}--\r\n").as_bytes()].concat();
    assert!(seen[0].body == whole);
    assert_eq!(seen[0].header("content-length"), Some(whole.len().to_string().as_str()));
    assert!(seen[1].body == photo[..] && seen[1].header("content-type").is_none());
}

#[test]
fn who_the_user_is() {
    let target = Target::start(|_| Answer::ok(""));
    let elsewhere = Target::start(|_| Answer::ok(""));
    let basic = Auth::Basic(text("ada"), secret());
    let bearer = Auth::Bearer(Template::Parts(vec![
        Part::Text("t-".into()),
        Part::Value(Expr::Variable(Slot::Local(0), "x".into())),
    ]));
    let set =
        Step::Set { target: Slot::Local(0), value: Expr::Constant(akrida_scenario::expr::Value::Int(7)) };
    let header = vec![("authorization".into(), text("own"))];
    let in_url = elsewhere.url().replace("http://", "http://me:p%40ss@");
    let steps = vec![
        set,
        step(get("/class")),
        step(Request { auth: Some(bearer), ..get("/request") }),
        step(Request { headers: header, auth: Some(Auth::Bearer(text("no"))), ..get("/header") }),
    ];
    let class_with = |auth, steps| with_secret(UserClass { auth, ..once(class(steps)) });
    run(class_with(Some(basic), steps), &target.url(), 3);
    let base = target.url().replace("http://", "http://base:word@");
    run(class_with(None, vec![step(get("/base")), step(get(&format!("{in_url}/url")))]), &base, 2);

    let sent = |target: &Target| -> Vec<String> {
        target.requests().iter().map(|seen| seen.header("authorization").unwrap_or("").to_owned()).collect()
    };
    assert_eq!(sent(&target), ["Basic YWRhOmjDvHNo", "Bearer t-7", "own", "Basic YmFzZTp3b3Jk"]);
    assert_eq!(sent(&elsewhere), ["Basic bWU6cEBzcw=="]);
    let seen = &elsewhere.requests()[0];
    assert_eq!(seen.header("host"), Some(elsewhere.addr().to_string().as_str()));
}

#[test]
fn connect_is_not_for_users() {
    let target = Target::start(|_| Answer::ok(""));
    let steps = vec![step(Request { method: "CONNECT".into(), ..get("/") })];
    let mut running = None;
    crate::support::block_on(async {
        let mut engine = crate::support::Running::start(once(class(steps)), 1, &target.url()).await;
        running = engine.exceptions.recv().await;
    });
    assert!(running.unwrap().message.starts_with("InvalidMethod("));
    assert_eq!(target.total(), 0);
}
