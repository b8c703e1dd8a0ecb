//! What is encoded is decoded as it was, whatever it is.

use akrida_protocol::{
    Acknowledged, AkridaHeartbeat, ClassShare, DecodeError, Echo, Envelope, Lease, LocustfileReply,
    LocustfileSource, ParsedOptions, Receipt, Rows, RowsUsed, Share, SpawnJob, StatsReport, ToMaster,
    ToWorker, Used, UsersJob, Value, Version, WorkerState, limits,
};
use akrida_stats::{
    Arrivals, Delta, EntryKey, ErrorKey, ErrorRow, Errors, FromIntended, Measured, PerSecond, SecondCounts,
    Sparse,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..100, 0..=limits::COUNT]
}

fn time_us() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..2_000, 0_u64..10_000_000, 0..=limits::TIME_US]
}

fn unix_us() -> impl Strategy<Value = u64> {
    prop_oneof![1_700_000_000_000_000_u64..1_900_000_000_000_000, 0..=limits::UNIX_S * 1_000_000]
}

fn measured() -> impl Strategy<Value = Measured> {
    let second = (1_795_000_000..=1_795_000_000 + limits::SECONDS, 1..100_u64, 0..100_u64)
        .prop_map(|(second, requests, failures)| (second, SecondCounts { requests, failures }));
    (
        (count(), count(), count(), count()),
        (time_us(), option::of(time_us()), time_us()),
        vec((time_us(), 1..=limits::COUNT), 0..40),
        vec(second, 0..5),
        (unix_us(), option::of(unix_us())),
        option::of(from_intended().prop_map(Box::new)),
    )
        .prop_map(|(counts, times, buckets, seconds, ends, from_intended)| Measured {
            requests: counts.0,
            untimed: counts.1,
            failures: counts.2,
            content_length: counts.3,
            total_us: times.0,
            min_us: times.1,
            max_us: times.2,
            times: Sparse::from_buckets(buckets),
            from_intended,
            per_second: PerSecond::from_seconds(seconds),
            start_us: ends.0,
            last_us: ends.1,
        })
        .prop_filter("saturated buckets cannot travel", |measured| can_travel(&measured.times))
}

fn from_intended() -> impl Strategy<Value = FromIntended> {
    let times = vec((time_us(), 1..=limits::COUNT), 0..20).prop_map(Sparse::from_buckets);
    let times = times.prop_filter("saturated buckets cannot travel", can_travel);
    (count(), count(), count(), times).prop_map(|(total_us, min_us, max_us, times)| FromIntended {
        total_us,
        min_us,
        max_us,
        times,
    })
}

fn can_travel(times: &Sparse) -> bool {
    times.buckets().iter().all(|bucket| bucket.1 <= limits::COUNT)
}

fn key() -> impl Strategy<Value = EntryKey> {
    ("\\PC{0,12}", "[A-Z]{0,4}", vec("[a-z]{1,5}", 0..4), option::of(any::<u16>()))
        .prop_map(|(name, method, tags, stage)| EntryKey { name, method, tags, stage })
}

fn acknowledged() -> impl Strategy<Value = Acknowledged> {
    (count(), count()).prop_map(|(process, sequence)| Acknowledged { process, sequence })
}

fn errors() -> impl Strategy<Value = Errors> {
    let key = ("[A-Z]{0,4}", "\\PC{0,12}", any::<String>()).prop_map(|(method, name, error)| ErrorKey {
        method,
        name,
        error,
    });
    let row = (count(), option::of(unix_us()), option::of(unix_us()))
        .prop_map(|(occurrences, first_us, last_us)| ErrorRow { occurrences, first_us, last_us });
    btree_map(key, row, 0..5).prop_map(|rows| {
        let mut errors = Errors::default();
        rows.into_iter().for_each(|(key, row)| errors.add(key, row));
        errors
    })
}

fn classes() -> impl Strategy<Value = BTreeMap<String, u64>> {
    btree_map("\\w{1,10}", count(), 0..5)
}

fn report() -> impl Strategy<Value = StatsReport> {
    let arrivals = (count(), count()).prop_map(|(started, dropped)| Arrivals { started, dropped });
    let arrivals = btree_map("\\w{1,10}", arrivals, 0..4);
    let delta =
        (btree_map(key(), measured(), 0..5), option::of(measured()), errors(), arrivals, any::<bool>())
            .prop_map(|(entries, total, errors, arrivals, names_overflowed)| Delta {
                entries,
                total,
                errors,
                arrivals,
                names_overflowed,
            });
    let end = (option::of(0.0..4e9_f64), classes(), option::of(any::<String>()), option::of(rows_used()));
    (delta, classes(), count(), option::of(count()), end).prop_map(
        |(delta, user_classes_count, user_count, sequence, (job, ended, stop_run, rows))| StatsReport {
            delta,
            user_classes_count,
            user_count,
            exact: true,
            sequence,
            process: sequence.map(|number| number / 2),
            receipt: sequence.map(|number| Receipt { acknowledged: number / 3, at_once: number % 2 == 1 }),
            job,
            ended,
            stop_run,
            rows,
        },
    )
}

fn rows_used() -> impl Strategy<Value = RowsUsed> {
    let used = (count(), count()).prop_map(|(given, waiting)| Used { given, waiting });
    (count(), any::<bool>(), btree_map(any::<u16>(), used, 0..4))
        .prop_map(|(term, closed, feeders)| RowsUsed { term, closed, feeders })
}

fn rows() -> impl Strategy<Value = Rows> {
    let lease =
        (any::<u16>(), count(), 0..limits::COUNT, 1..1_000_u64).prop_map(|(feeder, number, from, rows)| {
            Lease { feeder, number, from, until: (from + rows).min(limits::COUNT) }
        });
    (count(), vec(lease, 0..4), vec(any::<u16>(), 0..3)).prop_map(|(term, leases, ended)| Rows {
        term,
        leases,
        ended,
    })
}

fn heartbeat() -> impl Strategy<Value = ToMaster> {
    let ahead = option::of((count(), any::<bool>()));
    let ahead = ahead.prop_map(|ahead| ahead.map(|(us, below)| if below { -(us as i64) } else { us as i64 }));
    let extra = (any::<u16>(), count(), count(), unix_us(), ahead).prop_map(
        |(cores, lag_p95_us, lag_max_us, sent_at_us, clock_ahead_us)| AkridaHeartbeat {
            cores,
            lag_p95_us,
            lag_max_us,
            sent_at_us,
            clock_ahead_us,
        },
    );
    let state = prop_oneof![Just("ready"), Just("spawning"), Just("running"), Just("odd")];
    (state, 0.0..1e4_f64, count(), option::of(extra)).prop_map(|(state, cpu_usage, memory_usage, extra)| {
        ToMaster::Heartbeat { state: WorkerState::from(state), cpu_usage, memory_usage, extra }
    })
}

fn to_master() -> impl Strategy<Value = ToMaster> {
    let text = any::<String>;
    prop_oneof![
        "[0-9.]{1,8}".prop_map(|version| ToMaster::ClientReady(Version::Told(version))),
        Just(ToMaster::ClientReady(Version::Unchecked)),
        Just(ToMaster::ClientReady(Version::Old)),
        heartbeat(),
        (text(), vec(text(), 0..4)).prop_map(|(worker_id, logs)| ToMaster::Logs { worker_id, logs }),
        Just(ToMaster::Spawning),
        (classes(), count()).prop_map(|(user_classes_count, user_count)| ToMaster::SpawningComplete {
            user_classes_count,
            user_count
        }),
        Just(ToMaster::ClientStopped),
        (text(), text()).prop_map(|(msg, traceback)| ToMaster::Exception { msg, traceback }),
        Just(ToMaster::Quit),
        (text(), any::<bool>()).prop_map(|(version, akrida)| ToMaster::Locustfile { version, akrida }),
        "x[a-z]{0,9}".prop_map(|kind| ToMaster::Custom { kind }),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Nil),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (-1e9..1e9_f64).prop_map(Value::Float),
        any::<String>().prop_map(Value::Text),
        vec(any::<u8>(), 0..20).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::List),
            vec((inner.clone(), inner), 0..5).prop_map(Value::Map),
        ]
    })
}

fn job() -> impl Strategy<Value = SpawnJob> {
    let options = vec(("[a-z_]{1,12}", value()), 0..6).prop_map(ParsedOptions);

    (
        (0.0..4e9_f64, classes(), option::of(any::<String>()), option::of(0.0..1e6_f64)),
        (options, option::of(any::<u16>()), option::of(share()), option::of(rows())),
    )
        .prop_map(|((timestamp, users, host, stop_timeout), (parsed_options, stage, share, rows))| {
            let mut job = SpawnJob {
                timestamp,
                user_classes_count: users,
                host,
                stop_timeout,
                parsed_options,
                stage,
                share,
                rows,
            };
            // No more users than the fleet has.
            for (class, part) in job.share.iter_mut().flat_map(|share| &mut share.users) {
                let here = job.user_classes_count.get(class).copied().unwrap_or(0);
                part.in_fleet = (part.before + here).min(limits::COUNT);
                part.before = part.in_fleet - here;
            }
            job
        })
}

fn share() -> impl Strategy<Value = Share> {
    let class = count().prop_map(|before| ClassShare { before, in_fleet: 0 });
    let workers = 1..=limits::STRIDE;
    (1..=limits::STRIDE, any::<u64>(), workers, count(), btree_map("\\w{1,2}", class, 0..5)).prop_map(
        |(stride, offset, workers, elapsed_us, users)| Share {
            offset: offset % stride,
            stride,
            workers,
            elapsed_us,
            users,
        },
    )
}

fn users_job() -> impl Strategy<Value = UsersJob> {
    (count(), 0.0..1e6_f64, option::of(any::<String>()), option::of(0.0..1e6_f64)).prop_map(
        |(users, spawn_rate, host, stop_timeout)| UsersJob { users, spawn_rate, host, stop_timeout },
    )
}

/// A message, and the node id in its frame.
fn read<M>(envelope: Result<Envelope<M>, DecodeError>) -> Result<(M, String), DecodeError> {
    envelope.map(|envelope| (envelope.message, envelope.node_id))
}

fn to_worker() -> impl Strategy<Value = ToWorker> {
    let source = prop_oneof![
        (any::<String>(), any::<String>())
            .prop_map(|(filename, contents)| LocustfileSource::File { filename, contents }),
        any::<String>().prop_map(LocustfileSource::Url),
    ];
    let data = (any::<String>(), vec(any::<u8>(), 0..20))
        .prop_map(|(filename, contents)| LocustfileSource::Data { filename, contents: contents.into() });
    let reply = prop_oneof![
        // Data come last, for they stand apart on the wire.
        (vec(source, 0..4), vec(data, 0..3))
            .prop_map(|(tests, data)| { LocustfileReply::Sources(tests.into_iter().chain(data).collect()) }),
        any::<String>().prop_map(LocustfileReply::Error),
    ];
    prop_oneof![
        (option::of(count()), any::<bool>()).prop_map(|(index, akrida)| ToWorker::Ack { index, akrida }),
        job().prop_map(ToWorker::Spawn),
        users_job().prop_map(ToWorker::SpawnUsers),
        rows().prop_map(ToWorker::Rows),
        acknowledged().prop_map(ToWorker::Acknowledged),
        count().prop_map(|user_count| ToWorker::SpawningComplete { user_count }),
        Just(ToWorker::Stop),
        Just(ToWorker::Quit),
        option::of((count(), count(), option::of(acknowledged())))
            .prop_map(|echo| echo.map(|(sent_at_us, master_us, acknowledged)| {
                Echo { sent_at_us, master_us, acknowledged }
            }))
            .prop_map(ToWorker::Heartbeat),
        Just(ToWorker::Reconnect),
        reply.prop_map(ToWorker::Locustfile),
        ("\\w{1,9}", vec(("x[a-z]{0,5}", value()), 0..4)).prop_map(|(user_class_name, attributes)| {
            ToWorker::UpdateUserClass { user_class_name, attributes }
        }),
        "x[a-z]{0,9}".prop_map(|kind| ToWorker::Custom { kind }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_report_arrives_exactly(report in report()) {
        let message = ToMaster::Stats(report);
        let envelope = ToMaster::decode(&message.encode("host_1"));
        prop_assert_eq!(read(envelope), Ok((message, "host_1".to_owned())));
    }

    #[test]
    fn a_message_to_the_master_arrives(message in to_master(), node_id in "[a-z0-9_]{0,60}") {
        let envelope = ToMaster::decode(&message.encode(&node_id));
        prop_assert_eq!(read(envelope), Ok((message, node_id)));
    }

    #[test]
    fn a_message_to_a_worker_arrives(message in to_worker(), node_id in "[a-z0-9_]{0,60}") {
        let envelope = ToWorker::decode(&message.encode(&node_id));
        prop_assert_eq!(read(envelope), Ok((message, node_id)));
    }
}

/// A report at its bounds: more rows than are kept apart, with the rows that stand for the rest.
#[test]
fn a_report_at_its_bounds_arrives_exactly() {
    use akrida_stats::limits::{ENTRIES, ERRORS, OTHER};
    let mut delta = Delta { names_overflowed: true, ..Delta::default() };
    for number in 0..ENTRIES {
        let measured = Measured { requests: 1, ..Measured::since(7) };
        delta.entries.insert(EntryKey::plain("GET", &format!("/{number}")), measured);
    }
    delta.entries.insert(EntryKey::plain("", OTHER), Measured { requests: 9, ..Measured::since(7) });
    (0..ERRORS + 5).for_each(|number| delta.errors.log("GET", "/", &format!("error {number}"), 7));
    let report = StatsReport {
        delta,
        user_classes_count: BTreeMap::new(),
        user_count: 1,
        exact: true,
        sequence: Some(limits::COUNT),
        process: Some(limits::COUNT),
        receipt: Some(Receipt { acknowledged: limits::COUNT, at_once: true }),
        job: None,
        ended: BTreeMap::new(),
        stop_run: None,
        rows: None,
    };
    let message = ToMaster::Stats(report);
    assert_eq!(ToMaster::decode(&message.encode("w")).map(|envelope| envelope.message), Ok(message));
}

/// What Locust's side reads of an exact report: rounded times that add up, and nothing it trips over.
#[test]
fn an_exact_report_serves_locusts_master_too() {
    let times = Sparse::from_buckets(vec![(1_400, 2), (1_600, 1), (99_600, 1), (147_000, 3)]);
    let measured = Measured { requests: 7, times, ..Measured::since(5_000_000) };
    let tagged =
        |stage| EntryKey { tags: vec!["t".into()], stage: Some(stage), ..EntryKey::plain("GET", "/") };
    let mut delta = Delta::default();
    delta.entries.insert(tagged(0), measured.clone());
    delta.entries.insert(tagged(1), measured);
    let mut report = StatsReport {
        delta,
        user_classes_count: BTreeMap::new(),
        user_count: 0,
        exact: true,
        sequence: Some(1),
        process: None,
        receipt: None,
        job: Some(1.5),
        ended: [("User".to_owned(), 1)].into(),
        stop_run: Some("no row is left".to_owned()),
        rows: Some(RowsUsed { term: 3, ..RowsUsed::default() }),
    };
    let exact = ToMaster::Stats(report.clone()).encode("w");
    report.exact = false;
    let plain = ToMaster::decode(&ToMaster::Stats(report).encode("w")).map(|envelope| envelope.message);
    let Ok(ToMaster::Stats(plain)) = plain else { panic!("{plain:?}") };
    // Without Akrida's keys the two entries are one, of which Locust's master sees the same sum in both.
    let entry = &plain.delta.entries[&EntryKey::plain("GET", "/")];
    assert_eq!(entry.requests, 14);
    let rounded = Sparse::from_buckets(vec![(1_000, 4), (2_000, 2), (100_000, 2), (150_000, 6)]);
    assert_eq!((&entry.times, &plain.delta.sum().times), (&rounded, &rounded));
    assert_eq!((plain.exact, plain.sequence, plain.ended.len(), plain.stop_run), (false, None, 0, None));
    assert!(exact.len() < 1_600, "{} bytes", exact.len());
}
