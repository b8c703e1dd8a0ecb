//! Workers that ask for the test, and those that cannot run it; edits of classes; logs.

use super::*;
use crate::{ClassEdit, Handout};
use akrida_protocol::{LocustfileReply, LocustfileSource};

fn ask(akrida: bool) -> ToMaster {
    ToMaster::Locustfile { version: "2.47.0".to_owned(), akrida }
}

fn reply(name: &str, bytes: usize) -> LocustfileReply {
    let contents = "x".repeat(bytes);
    LocustfileReply::Sources(vec![LocustfileSource::File { filename: name.to_owned(), contents }])
}

/// What a stranger is given: names of files, or the error.
fn given(bench: &mut Bench, stranger: &str, akrida: bool) -> Vec<String> {
    let body = ask(akrida).encode(stranger);
    let effects = bench.on(Event::Frame { peer: PeerId::from(stranger), body });
    let told = |frame: &(PeerId, Bytes)| match ToWorker::decode(&frame.1).unwrap().message {
        ToWorker::Locustfile(LocustfileReply::Error(error)) => error,
        ToWorker::Locustfile(LocustfileReply::Sources(sources)) => format!("{} file", sources.len()),
        other => panic!("{other:?}"),
    };
    effects.frames.iter().map(told).collect()
}

#[test]
fn the_test_is_handed_out_to_whoever_asks_and_nobody_is_registered() {
    let mut bench = Bench::new(&[]);
    assert_eq!(
        given(&mut bench, "h_download_locustfile_1", true),
        ["this master has no file to give: start the worker with -f FILE"]
    );
    let none = LocustfileReply::Error("only Akrida's workers run it".to_owned());
    bench.core.config.handout = Handout::new(&reply("a.yaml", 10), &none);
    assert_eq!(given(&mut bench, "h_download_locustfile_1", true), ["1 file"]);
    assert_eq!(given(&mut bench, "h_download_locustfile_2", false), ["only Akrida's workers run it"]);
    assert!(bench.core.registry.nodes().next().is_none() && bench.snapshot.workers.is_empty());
    given(&mut bench, "h_download_locustfile_3", false);
    let told = |event: &FleetEventKind| match event {
        FleetEventKind::Warning(text) => text.clone(),
        other => panic!("{other:?}"),
    };
    let expected = [
        "A worker of Akrida's asked for the test and gets none: this master has no file to give: start the worker \
         with -f FILE",
        "A worker of Locust's asked for the test and gets none: only Akrida's workers run it",
    ];
    assert_eq!(bench.events.iter().map(told).collect::<Vec<_>>(), expected, "once, however often they ask");
}

#[test]
fn a_test_that_fits_no_frame_is_refused_and_others_go_out_at_a_bounded_rate() {
    let mut bench = Bench::new(&[]);
    let large = reply("a.yaml", akrida_transport::limits::FRAME);
    let fits = reply("a.yaml", akrida_transport::limits::FRAME / 2);
    bench.core.config.handout = Handout::new(&large, &fits);
    bench.now += Duration::from_secs(5);
    assert!(given(&mut bench, "a", true)[0].contains("start it with -f FILE"));
    let contents = Bytes::from(vec![0; akrida_transport::limits::FRAME]);
    let data = LocustfileSource::Data { filename: "a.bin".to_owned(), contents };
    bench.core.config.handout = Handout::new(&LocustfileReply::Sources(vec![data; 2]), &fits);
    let whole = 2 * akrida_transport::limits::FRAME;
    assert!(
        given(&mut bench, "a", true)[0].starts_with(&format!("the files of the test have {whole} bytes"))
    );
    let mut served = 0;
    for _ in 0..100 {
        served += given(&mut bench, "b", false).len();
    }
    let each = akrida_transport::limits::FRAME / 2;
    assert_eq!(served, limits::HANDOUT_BYTES_PER_SECOND / each - 1, "and no byte more");
    bench.now += Duration::from_secs(1);
    assert_eq!(given(&mut bench, "b", false), ["1 file"]);
}

fn named(classes: &[&str]) -> ToMaster {
    report(1, 0, 0, |report| {
        (report.sequence, report.exact) = (None, false);
        report.user_classes_count = classes.iter().map(|class| ((*class).to_owned(), 0)).collect();
    })
}

fn locusts_heartbeat() -> ToMaster {
    ToMaster::Heartbeat { state: WorkerState::Ready, cpu_usage: 1.0, memory_usage: 1, extra: None }
}

fn idle(bench: &Bench) -> Vec<Option<String>> {
    bench.snapshot.workers.iter().map(|worker| worker.idle.clone()).collect()
}

#[test]
fn a_test_that_only_python_runs_is_for_locusts_workers_once_they_are_known() {
    let mut bench = Bench::new(&[]);
    bench.core.config.python_only = true;
    bench.say("akrida", &ready());
    bench.say("locust", &ready());
    assert_eq!(bench.command(start(2, None)).0, Err(Refusal::NoWorkers), "nobody is known yet");
    bench.say("akrida", &heartbeat(WorkerState::Ready, 0));
    bench.say("locust", &locusts_heartbeat());
    assert_eq!(bench.command(start(2, None)).0, Err(Refusal::NoWorkers), "its classes are not known yet");
    bench.say("locust", &named(&["User", "Other"]));
    let told: Vec<_> = bench
        .events
        .iter()
        .filter_map(
            |event| if let FleetEventKind::Warning(text) = event { Some(text.as_str()) } else { None },
        )
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("Worker akrida gets no users: it is one of Akrida's"), "{told:?}");
    assert!(told[1].contains("no users: Other"), "{told:?}");
    assert_eq!(idle(&bench).iter().filter(|idle| idle.is_some()).count(), 1);
    assert_eq!(bench.snapshot.notices.len(), 2, "{:?}", bench.snapshot.notices);
    let (answer, jobs) = bench.command(start(2, None));
    assert_eq!((answer, &jobs), (Ok(()), &vec![to("locust", "spawn 2")]));
    bench.carry_out(jobs);
    assert_eq!(bench.snapshot.state, RunState::Running);
}

#[test]
fn a_worker_may_name_its_classes_before_it_tells_what_it_is() {
    let mut bench = Bench::new(&[]);
    bench.core.config.python_only = true;
    bench.say("locust", &ready());
    bench.say("locust", &named(&["User"]));
    assert_eq!(bench.command(start(2, None)).0, Err(Refusal::NoWorkers), "it may be one of Akrida's yet");
    bench.say("locust", &locusts_heartbeat());
    assert_eq!(bench.command(start(2, None)), (Ok(()), vec![to("locust", "spawn 2")]));
}

#[test]
fn a_worker_of_locust_without_a_class_of_the_test_gets_no_users() {
    let mut bench = Bench::new(&["a", "b"]);
    bench.start(2);
    assert!(bench.say("a", &named(&["User"])).is_empty());
    let told = bench.say("b", &named(&["Ghost"]));
    assert_eq!(told, [to("b", "stop"), to("a", "spawn 2")]);
    assert!(idle(&bench)[1].as_ref().is_some_and(|reason| reason.contains("has no user class User")));
}

#[test]
fn an_edit_of_a_class_reaches_all_workers_or_is_refused() {
    let edit = |class: &str| ClassEdit { user_class_name: class.to_owned(), ..ClassEdit::default() };
    let mut bench = Bench::new(&["a", "b"]);
    let mut refused = |edit, refusal| {
        assert_eq!(bench.command(Command::EditClass(edit)), (Err(refusal), Vec::new()));
    };
    refused(edit("Ghost"), Refusal::UnknownClass);
    refused(ClassEdit { weight: Some(0), ..edit("User") }, Refusal::ClassNumbers);
    refused(ClassEdit { fixed_count: Some(u64::MAX), ..edit("User") }, Refusal::ClassNumbers);
    refused(ClassEdit { host: Some("ftp://a".to_owned()), ..edit("User") }, Refusal::ClassHost);
    for tasks in [&[][..], &["read".to_owned(), "ghost".to_owned()]] {
        refused(ClassEdit { tasks: Some(tasks.to_vec()), ..edit("User") }, Refusal::ClassTasks);
    }
    let host = ClassEdit { host: Some("http://a".to_owned()), fixed_count: Some(3), ..edit("User") };
    let told = |worker| to(worker, "update_user_class");
    assert_eq!(bench.command(Command::EditClass(host)), (Ok(()), vec![told("a"), told("b")]));
    let tasks = ClassEdit { tasks: Some(vec!["read".to_owned()]), ..edit("User") };
    bench.command(Command::EditClass(tasks)).0.unwrap();
    // Only three users are to be had now.
    let (_, jobs) = bench.command(start(9, None));
    assert_eq!(jobs, [to("a", "spawn 2"), to("b", "spawn 1")]);
    let effects = bench.on(Event::Frame { peer: PeerId::from("late"), body: ready().encode("late") });
    let update = ToWorker::decode(&effects.frames[1].1).unwrap().message;
    let ToWorker::UpdateUserClass { attributes, .. } = update else { panic!("{update:?}") };
    let names: Vec<_> = attributes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["fixed_count", "host", "tasks"], "all that was changed so far");
}

#[test]
fn logs_are_kept_by_connection_and_forgotten_with_the_worker() {
    let mut bench = Bench::new(&["a", "b"]);
    let logs = |lines: &[&str]| {
        let logs = lines.iter().map(|&line| line.to_owned()).collect();
        ToMaster::Logs { worker_id: "b".to_owned(), logs }
    };
    bench.say("a", &logs(&["one"]));
    bench.say("a", &logs(&["one", "two"]));
    bench.say("stranger", &logs(&["three"]));
    let kept = bench.core.logs();
    assert_eq!((kept.len(), &kept["a"][..]), (1, &["one".to_owned(), "two".to_owned()][..]));
    bench.say("a", &ToMaster::Quit);
    assert!(bench.core.logs().is_empty());
}
