//! Figures that need a quiet machine and an optimised binary: `cargo xtask prove NAME` runs them.

use crate::binary::{Akrida, now, run};
use crate::faults::{Seen, Trial, resident_mib};
use crate::open::{Came, Open};
use crate::repository::path;
use crate::soak::{Endured, Soak, thirds};
use crate::upheaval::{Blow, Moment, can_be_apart, joined, recover};
use akrida_testkit::{Answer, Target, Timed};
use std::time::Duration;

/// p50 and p95 agree with what a server that takes 5 ms measured itself, within 0.2 ms.
#[test]
#[ignore = "a measurement: cargo xtask prove accuracy"]
fn accuracy() {
    let mut wrong = Vec::new();
    for users in ["10", "50"] {
        let server = Timed::start(Duration::from_millis(5));
        let url = server.url();
        let arguments = [url.as_str(), "-u", users, "-r", users, "-t", "10s", "--headless"];
        let ended = run(&arguments, Duration::from_secs(10));
        let times = server.times();
        assert_eq!(ended.exits(0).requests().values().sum::<u64>(), times.len() as u64);
        for (percentile, rank) in [("50%", times.len() / 2), ("95%", times.len() * 95 / 100)] {
            let served = times[rank].as_secs_f64() * 1e3;
            let seen = ended.json[0]["response_time_percentiles"][percentile].as_f64().unwrap();
            println!("{users} users, {percentile}: {seen:.3} ms seen, {served:.3} ms served");
            if (seen - served).abs() > 0.2 {
                wrong.push(format!("{users} users, {percentile}: off by {:.3} ms", seen - served));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// 200 users hold 1,000 requests per second within 0.5 % over 30 s, as the server counts them.
#[test]
#[ignore = "a measurement: cargo xtask prove throughput"]
fn throughput() {
    let target = Target::start(|_| Answer::ok("ok"));
    let users = path("tests/scenarios/steady.py");
    let url = target.url();
    let arguments = ["-f", &users, "-H", &url, "-u", "200", "-r", "200", "-t", "40s", "--headless"];
    let akrida = Akrida::start(&arguments);
    while target.total() == 0 {
        std::thread::sleep(Duration::from_millis(10));
    }
    // The ramp takes a second; a second more for the first tasks of the last users.
    std::thread::sleep(Duration::from_secs(3));
    let (before, began) = (target.total(), now());
    std::thread::sleep(Duration::from_secs(30));
    let rate = (target.total() - before) as f64 / began.elapsed().as_secs_f64();
    println!("{rate:.2} requests per second");
    let ended = akrida.end(Duration::from_secs(40));
    assert_eq!(ended.exits(0).requests().values().sum::<u64>(), target.total());
    assert!((rate - 1_000.0).abs() <= 5.0, "{rate}");
}

/// 10,000 users that wait take at most 20 KiB each, and are all connected within a second.
#[test]
#[ignore = "a measurement: cargo xtask prove memory"]
fn memory() {
    let users = path("tests/scenarios/waiting.py");
    let hold = |count: u64| {
        let target = Target::start(|_| Answer::ok("ok"));
        let (url, text) = (target.url(), count.to_string());
        let akrida =
            Akrida::start(&["-f", &users, "-H", &url, "-u", &text, "-r", &text, "-t", "60s", "--headless"]);
        while target.connections() == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        let first = now();
        while target.connections() < count {
            assert!(first.elapsed() < Duration::from_secs(30), "{} connected", target.connections());
            std::thread::sleep(Duration::from_millis(1));
        }
        let connected = first.elapsed();
        std::thread::sleep(Duration::from_secs(2));
        (resident_mib(akrida.pid()) * 1_024.0, connected)
    };
    let (one, _) = hold(1);
    let (many, connected) = hold(10_000);
    let each = (many - one) / 9_999.0;
    println!("{each:.1} KiB per user; all connected in {connected:?}");
    assert!(each <= 20.0, "{each} KiB per user");
    assert!(connected <= Duration::from_secs(1), "{connected:?}");
}

/// Under each fault of a server for a minute, 300 users at full load: memory stays flat, and the load comes back when
/// the server does.
#[test]
#[ignore = "a measurement: cargo xtask prove faults"]
fn faults() {
    let good = Duration::from_secs(4);
    let trial = Trial { users: "300", timeout: "2s", good, bad: Duration::from_secs(60) };
    let mut wrong = Vec::new();
    // Each has a core's worth of load, and all have what the machine gives: it is their own before and after that
    // is compared.
    for seen in trial.each(4) {
        let (Seen { fault, before, after, .. }, (first, last)) = (&seen, seen.thirds());
        let text =
            format!("{fault}: {before:.0}/s before, {after:.0}/s after; {first:.1} MiB, then {last:.1} MiB");
        println!("{text}");
        if last > first * 1.1 + 4.0 || *after < before * 0.8 {
            wrong.push(text);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// 1,000 arrivals per second are held within 0.5 % against a server that takes 1 ms and one that takes 300 ms. After a
/// standstill of a second p99 from the intended start is within 5 % of the truth. At the cap none is lost.
#[test]
#[ignore = "a measurement: cargo xtask prove open"]
fn open() {
    let mut wrong = Vec::new();
    let mut say = |good: bool, text: String| {
        println!("{text}");
        if !good {
            wrong.push(text);
        }
    };
    for ms in [1, 300] {
        let load = Open { rate: 1_000, max_users: 2_000, service: Duration::from_millis(ms), seconds: 30 };
        let came = load.run(|_| {});
        let rate = came.rate();
        let text = format!("a server of {ms} ms: {rate:.2} arrivals per second, {} dropped", came.dropped);
        say((rate - 1_000.0).abs() <= 5.0 && came.dropped == 0, text);
    }

    let load = Open { rate: 1_000, max_users: 2_000, service: Duration::from_millis(1), seconds: 15 };
    let came = load.run(|server| {
        std::thread::sleep(Duration::from_secs(5));
        server.freeze(Duration::from_secs(1));
    });
    let ((service, seen), truth) = (came.percentile("99%"), came.truth(load.rate, 0.99));
    let text = format!(
        "p99 over a standstill: {seen:.0} ms from the intended start, {truth:.0} ms in truth, \
        {service:.0} ms service time"
    );
    say((seen - truth).abs() <= truth * 0.05, text);

    let load = Open { rate: 1_000, max_users: 100, service: Duration::from_millis(300), seconds: 10 };
    let Came { started, dropped, .. } = load.run(|_| {});
    let text = format!("at the cap: {started} started and {dropped} dropped in {} s", load.seconds);
    say((started + dropped).abs_diff(10_000) <= 10, text);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// An hour of 1,000 requests per second under 500 names: its file is smaller than 20 MB, its report than 3 MB.
#[test]
#[ignore = "a measurement: cargo xtask prove runfile"]
fn runfile() {
    let took = crate::results::hour(&akrida_report::html::Parts { script: "", style: "" });
    let mb = |bytes: usize| bytes as f64 / 1e6;
    println!(
        "the file has {:.1} MB, its report {:.2} MB without script and style",
        mb(took.file),
        mb(took.report)
    );
    println!(
        "a second is written in {:.2?}, all is read in {:.2?}, the report is made in {:.2?}",
        took.second, took.read, took.made
    );
    assert!(mb(took.file) < 20.0 && mb(took.report) < 3.0);
    assert!(took.page.ends_with("</html>\n"));
}

/// The master of a fleet is killed ten times in one run: all users are on target within five seconds of each start, and
/// figures are exact.
#[test]
#[ignore = "a measurement: cargo xtask prove restart"]
fn restart() {
    let took = crate::restart::survive(10, 0);
    println!("all workers heard, with all users, after {took:.2?}");
    assert!(took.iter().all(|took| *took <= Duration::from_secs(5)), "{took:?}");
}

/// Of three workers one is lost in a ramp or after it: all users run on the others within two seconds when it was asked
/// to leave, within five otherwise. One that joins has users within a second.
#[tokio::test]
#[ignore = "a measurement: cargo xtask prove fleet"]
async fn fleet() {
    let mut wrong = Vec::new();
    let mut say = |what: &str, moment: Moment, took: &[f64], most: f64| {
        let worst = took.iter().copied().fold(0.0, f64::max);
        let text = format!("{what}, {moment:?}: {took:.2?} s, at most {most} s");
        println!("{text}");
        if worst > most {
            wrong.push(text);
        }
    };
    let mut blows =
        vec![(Blow::Term, 2.0), (Blow::Kill, 5.0), (Blow::Freeze, 5.0), (Blow::Cut, 5.0), (Blow::Dead, 5.0)];
    if can_be_apart() {
        blows.push((Blow::Unplug, 5.0));
    } else {
        println!("no network namespace can be made here: no cable is unplugged");
    }
    for moment in [Moment::Ramp, Moment::Steady] {
        for (blow, most) in &blows {
            let mut took = Vec::new();
            for _ in 0..3 {
                took.push(recover(*blow, moment).await.as_secs_f64());
            }
            say(&format!("{blow:?}"), moment, &took, *most);
        }
        let mut took = Vec::new();
        for _ in 0..3 {
            took.push(joined(moment).await.as_secs_f64());
        }
        say("Join", moment, &took, 1.0);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// An hour in which each second a worker comes and another leaves, and each tenth of these is killed: memory and
/// descriptors of the master and of a worker that stays are flat, and only what was in killed workers is missing.
#[test]
#[ignore = "a measurement: cargo xtask prove soak"]
#[expect(clippy::disallowed_methods, reason = "how long it goes on is for xtask to say")]
fn soak() {
    let minutes = std::env::var("AKRIDA_SOAK_MINUTES").map_or(60, |minutes| minutes.parse().unwrap());
    let Endured { master, elder, counted, served, left, killed } =
        Soak { seconds: minutes * 60, kills: true }.endure();
    println!("{left} workers left and {killed} were killed; {counted} of {served} requests are counted");
    let mut wrong = Vec::new();
    for (who, held) in [("master", master), ("worker", elder)] {
        let (first, last) = thirds(&held);
        let text = format!("{who}: {first:?}, then {last:?}");
        println!("{text}");
        if last.resident > first.resident * 1.1 + 4.0 || last.files > first.files + 8 {
            wrong.push(text);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Each had an eighth of 400 requests per second, and reports each second.
    let missing = served.checked_sub(counted).expect("nothing is counted twice");
    assert!(missing <= killed * 150, "{missing} requests are missing");
}
