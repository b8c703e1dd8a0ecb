//! Whatever arrives, it is refused with a reason or understood; nothing panics, hangs or allocates what it claims.

use crate::recordings::{Recorded, recorded};
use akrida_protocol::{DecodeError, ToMaster, ToWorker, Version};
use proptest::prelude::*;
use rmp::encode;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::LazyLock;

static RECORDED: LazyLock<Vec<Recorded>> = LazyLock::new(recorded);

/// Writes JSON as msgpack; the texts `NaN` and `Infinity` become what they say.
fn pack(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => encode::write_nil(bytes).unwrap(),
        Value::Bool(value) => encode::write_bool(bytes, *value).unwrap(),
        Value::Number(number) if number.is_i64() => {
            encode::write_sint(bytes, number.as_i64().unwrap()).map(|_| ()).unwrap();
        }
        Value::Number(number) if number.is_u64() => {
            encode::write_uint(bytes, number.as_u64().unwrap()).map(|_| ()).unwrap();
        }
        Value::Number(number) => encode::write_f64(bytes, number.as_f64().unwrap()).unwrap(),
        Value::String(text) if text == "NaN" => encode::write_f64(bytes, f64::NAN).unwrap(),
        Value::String(text) if text == "Infinity" => encode::write_f64(bytes, f64::INFINITY).unwrap(),
        Value::String(text) => encode::write_str(bytes, text).unwrap(),
        Value::Array(items) => {
            encode::write_array_len(bytes, items.len() as u32).unwrap();
            items.iter().for_each(|item| pack(bytes, item));
        }
        Value::Object(fields) => {
            encode::write_map_len(bytes, fields.len() as u32).unwrap();
            for (name, value) in fields {
                encode::write_str(bytes, name).unwrap();
                pack(bytes, value);
            }
        }
    }
}

fn frame(message: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    pack(&mut bytes, message);
    bytes
}

/// A sound report whose only entry and total have `field` replaced by `value`, or left out for JSON's null.
fn report(field: &str, value: &Value) -> Value {
    let mut entry = json!({
        "name": "/", "method": "GET", "last_request_timestamp": null, "start_time": 5.5, "num_requests": 1,
        "num_none_requests": 0, "num_failures": 0, "total_response_time": 2.5, "max_response_time": 2.5,
        "min_response_time": 2.5, "total_content_length": 3, "response_times": {"2": 1},
        "num_reqs_per_sec": {"5": 1}, "num_fail_per_sec": {}
    });
    let total = entry.clone();
    if value.is_null() {
        entry.as_object_mut().unwrap().remove(field);
    } else {
        entry[field] = value.clone();
    }
    json!(["stats", {"stats": [total.clone(), entry], "stats_total": total, "errors": {}}, "w"])
}

fn check(message: &Value, expected: &str) {
    let bytes = frame(message);
    let refused = |error: DecodeError| error.to_string();
    assert_eq!(
        ToMaster::decode(&bytes).map_err(refused).unwrap_err(),
        expected,
        "{:.2000}",
        message.to_string()
    );
}

#[test]
fn a_refusal_names_message_and_field() {
    check(&json!([]), "frame: expected 3 elements, found 0");
    check(&json!(["quit", null]), "frame: expected 3 elements, found 2");
    check(&json!({"quit": null}), "frame: expected an array, found a map");
    check(&json!([1, null, "w"]), "frame, type: expected a text, found an integer");
    check(&json!(["x".repeat(300), null, "w"]), "frame, type: more than 256 bytes");
    check(&json!(["quit", null, 5]), r#"message "quit", node_id: expected a text, found an integer"#);
    check(&json!(["quit", null, "w".repeat(256)]), r#"message "quit", node_id: more than 255 bytes"#);
    check(&json!(["client_ready", 5, "w"]), r#"message "client_ready": expected a text, found an integer"#);
    check(&json!(["heartbeat", null, "w"]), r#"message "heartbeat": expected a map, found nil"#);
    check(&json!(["heartbeat", {}, "w"]), r#"message "heartbeat", state: missing"#);
    let beat = json!(["heartbeat", {"state": "ready", "current_cpu_usage": "NaN"}, "w"]);
    check(&beat, r#"message "heartbeat", current_cpu_usage: expected a number of 0 or more, found NaN"#);
    let beat = json!(["heartbeat", {"state": "ready", "akrida": {"clock_ahead_us": i64::MIN}}, "w"]);
    let expected = "expected a whole number, found -9223372036854775808";
    check(&beat, &format!(r#"message "heartbeat", akrida.clock_ahead_us: {expected}"#));
    let beat = json!(["heartbeat", {"state": "ready", "akrida": {"cores": 65536}}, "w"]);
    check(&beat, r#"message "heartbeat", akrida.cores: expected a small count, found 65536"#);
    check(
        &json!(["stats", {"stats": [], "a\u{1b}[2J\n": 1, "user_classes_count": {"a\u{1b}[2J\n": "x"}}, "w"]),
        r#"message "stats", user_classes_count.a\u{1b}[2J\n: expected a count, found a text"#,
    );
    check(&json!(["exception", {"msg": "x"}, "w"]), r#"message "exception", traceback: missing"#);
    let logs = json!(["logs", {"worker_id": "w", "logs": ["a", 2]}, "w"]);
    check(&logs, r#"message "logs", logs[1]: expected a text, found an integer"#);
    let complete = json!(["spawning_complete", {"user_classes_count": {"A": -1}, "user_count": 1}, "w"]);
    check(&complete, r#"message "spawning_complete", user_classes_count.A: expected a count, found -1"#);
}

#[test]
fn a_share_that_cannot_be_is_refused() {
    let job = |share: Value, users: u64| {
        let job = json!({"timestamp": 1.5, "user_classes_count": {"A": users}, "akrida": {"share": share}});
        ToWorker::decode(&frame(&json!(["spawn", job, "w"]))).map_err(|error| error.to_string())
    };
    let sound =
        json!({"offset": 2, "stride": 3, "workers": 2, "elapsed_us": 5, "users": {"A": [4, 9], "B": [0, 0]}});
    assert!(job(sound.clone(), 5).is_ok());
    for (field, value, expected) in [
        ("stride", json!(0), ".stride: expected a stride, found 0"),
        ("stride", json!((1 << 20) + 1), ".stride: expected a stride, found 1048577"),
        ("stride", json!(1.5), ".stride: expected a count, found 1.5"),
        ("stride", json!(2), ": expected an offset below the stride, found 2 of 2"),
        ("workers", json!(0), ".workers: expected a stride, found 0"),
        ("offset", json!(-1), ".offset: expected a count, found -1"),
        ("offset", json!(u64::MAX), ".offset: expected a count, found 18446744073709551615"),
        ("elapsed_us", json!("Infinity"), ".elapsed_us: expected a count, found inf"),
        ("users", json!({"A": [1]}), ".users.A: expected 2 elements, found 1"),
        ("users", json!({"A": [1, 2, 3]}), ".users.A: more than 2 elements"),
        ("users", json!({"A": [1, u64::MAX]}), ".users.A[1]: expected a count, found 18446744073709551615"),
        (
            "users",
            json!({"A": [5, 9]}),
            ".users.A: expected a part of the fleet's users, found 5 before and 5 here of 9",
        ),
    ] {
        let mut share = sound.clone();
        share[field] = value;
        assert_eq!(job(share, 5).unwrap_err(), format!(r#"message "spawn", akrida.share{expected}"#));
    }
}

#[test]
fn leases_that_cannot_be_are_refused() {
    for (rows, expected) in [
        (json!({"leases": []}), "term: missing"),
        (json!({"term": -1}), "term: expected a count, found -1"),
        (json!({"term": 1, "leases": [[0, 1, 5, 5]]}), "leases[0]: expected a lease, found [0, 1, 5, 5]"),
        (json!({"term": 1, "leases": [[0, 1, 5]]}), "leases[0]: expected 4 elements, found 3"),
        (json!({"term": 1, "leases": [[-1, 1, 5, 6]]}), "leases[0][0]: expected a count, found -1"),
        (
            json!({"term": 1, "leases": [[1 << 16, 1, 5, 6]]}),
            "leases[0]: expected a lease, found [65536, 1, 5, 6]",
        ),
        (json!({"term": 1, "ended": [1 << 16]}), "ended[0]: expected a small count, found 65536"),
    ] {
        let error = ToWorker::decode(&frame(&json!(["akrida_rows", rows, "w"]))).unwrap_err();
        assert_eq!(error.to_string(), format!(r#"message "akrida_rows", {expected}"#));
    }
}

#[test]
fn what_akrida_adds_to_a_report_is_refused_with_its_place() {
    for (added, expected) in [
        (json!({"arrivals": {"A": [1]}}), "arrivals.A: expected 2 elements, found 1"),
        (json!({"arrivals": {"A": [1, -1]}}), "arrivals.A[1]: expected a count, found -1"),
        (json!({"arrivals": []}), "arrivals: expected a map, found an array"),
        (json!({"ended": {"A": u64::MAX}}), "ended.A: expected a count, found 18446744073709551615"),
        (json!({"job": "NaN"}), "job: expected a number, found NaN"),
        (json!({"rows": {"closed": true}}), "rows.term: missing"),
        (json!({"rows": {"feeders": [[1, 2]]}}), "rows.feeders[0]: expected 3 elements, found 2"),
        (
            json!({"rows": {"feeders": [[70_000, 2, 3]]}}),
            "rows.feeders[0]: expected a count of rows, found [70000, 2, 3]",
        ),
        (json!({"stop_run": true}), "stop_run: expected a text, found a boolean"),
    ] {
        let mut report = report("name", &json!("/"));
        report[1]["akrida"] = added;
        check(&report, &format!(r#"message "stats", akrida.{expected}"#));
    }
    let many: serde_json::Map<_, _> = (0..1_001).map(|class| (class.to_string(), json!([1, 1]))).collect();
    let mut report = report("name", &json!("/"));
    report[1]["akrida"] = json!({"arrivals": many});
    check(&report, r#"message "stats", akrida.arrivals.1000: more than 1000 user classes"#);
}

#[test]
fn a_poisoned_report_is_refused() {
    for (field, value, expected) in [
        ("num_requests", json!(-1), "expected a count, found -1"),
        ("num_requests", json!(1.5), "expected a count, found 1.5"),
        ("num_requests", json!("NaN"), "expected a count, found NaN"),
        ("num_requests", json!(u64::MAX), "expected a count, found 18446744073709551615"),
        ("num_requests", json!(null), "missing"),
        ("start_time", json!("Infinity"), "expected a time of day, found inf"),
        ("start_time", json!(1e12), "expected a time of day, found 1000000000000.0"),
        ("last_request_timestamp", json!(-0.5), "expected a time of day, found -0.5"),
        ("total_response_time", json!("NaN"), "expected milliseconds, found NaN"),
        ("total_response_time", json!("5"), "expected milliseconds, found a text"),
        ("max_response_time", json!(1e300), "expected milliseconds, found 1e300"),
        ("min_response_time", json!(-7), "expected milliseconds, found -7"),
        ("response_times", json!({"x": 1}), "expected a whole number, found x"),
        ("response_times", json!({"2": -1}), "expected a count, found -1"),
        ("response_times", json!([]), "expected a map, found an array"),
        ("num_reqs_per_sec", json!({"99999999999": 1}), "expected a whole number, found 99999999999"),
        ("akrida", json!({"hist": "text"}), "expected bytes, found a text"),
        ("akrida", json!({"tags": vec!["t"; 65]}), "more than 64 tags"),
        ("akrida", json!({"from_intended": 5}), "expected a map, found an integer"),
        ("name", json!(5), "expected a text, found an integer"),
    ] {
        let place = match (field, &value) {
            ("akrida", Value::Object(inner)) => format!("akrida.{}", inner.keys().next().unwrap()),
            _ => field.to_owned(),
        };
        check(&report(field, &value), &format!(r#"message "stats", stats[1].{place}: {expected}"#));
    }
}

#[test]
fn a_report_that_is_only_odd_is_understood() {
    for (field, value) in [
        ("num_none_requests", json!(null)),
        ("num_fail_per_sec", json!(null)),
        ("min_response_time", json!(null)),
        ("total_response_time", json!(0)),
        ("num_requests", json!(3.0)),
        ("start_time", json!(1_795_361_383)),
        ("last_request_timestamp", json!(1_795_361_384)),
        ("response_times", json!({"2": 1, "7": 2})),
        ("name", json!("n".repeat(100_000))),
        ("a key of next year", json!({"deep": [[[[[[[[1]]]]]]]]})),
    ] {
        let message = report(field, &value);
        let envelope =
            ToMaster::decode(&frame(&message)).unwrap_or_else(|error| panic!("{message}: {error}"));
        let ToMaster::Stats(report) = envelope.message else { panic!() };
        assert!(
            report.delta.entries.keys().all(|key| key.name.len() <= akrida_protocol::limits::REQUEST_NAME)
        );
    }
}

/// Else a report of seconds all over the calendar would keep whoever adds it up busy for hours.
#[test]
fn seconds_far_from_the_first_are_left_out() {
    let limit = akrida_protocol::limits::SECONDS;
    let seconds = json!({"5": 1, (5 + limit).to_string(): 2, (6 + limit).to_string(): 4, "4000000000": 8});
    let ToMaster::Stats(report) =
        ToMaster::decode(&frame(&report("num_reqs_per_sec", &seconds))).unwrap().message
    else {
        panic!()
    };
    let entry = report.delta.entries.values().next().unwrap();
    let kept: Vec<_> = entry.per_second.seconds().iter().map(|(at, counts)| (*at, counts.requests)).collect();
    // The sound entry beside it has one request in second 5.
    assert_eq!(kept, [(5, 2), (5 + limit, 2)]);
}

#[test]
fn a_report_has_a_bounded_number_of_entries() {
    let mut message = report("name", &json!("/"));
    let entry = message[1]["stats"][0].clone();
    message[1]["stats"] = Value::Array(vec![entry; akrida_protocol::limits::ENTRIES + 1]);
    check(&message, r#"message "stats", stats: more than 20000 entries"#);
}

/// As the Go client speaks: whole numbers throughout, `count` for `user_count`, -1 for a version.
#[test]
fn boomers_dialect_is_understood() {
    let decode = |message: Value| ToMaster::decode(&frame(&message)).unwrap().message;
    assert_eq!(decode(json!(["client_ready", -1, "w"])), ToMaster::ClientReady(Version::Unchecked));
    assert_eq!(
        decode(json!(["spawning_complete", {"count": 3, "user_classes_count": {"User": 3}}, "w"])),
        ToMaster::SpawningComplete { user_classes_count: [("User".to_owned(), 3)].into(), user_count: 3 }
    );
}

#[test]
fn texts_of_before_str8_are_understood() {
    // ["quit", nil, "w_..."] with the node id as raw16 and raw32, as msgpack before 1.0 writes them.
    for raw in [&b"\xda\x00\x23"[..], b"\xdb\x00\x00\x00\x23"] {
        let bytes = [b"\x93\xa4quit\xc0", raw, &[b'w'; 35]].concat();
        assert_eq!(ToMaster::decode(&bytes).unwrap().node_id, "w".repeat(35));
    }
}

#[test]
fn what_is_claimed_is_not_allocated() {
    let claims: &[&[u8]] = &[
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\xdb\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xc9\xff\xff\xff\xff\x01",
    ];
    let kinds =
        ["stats", "logs", "heartbeat", "spawning", "custom", "spawn", "locustfile", "update_user_class"];
    for claim in claims {
        for kind in kinds {
            let field = |name: &str| [b"\x81", &frame(&json!(name))[..], claim].concat();
            let mut bodies = vec![claim.to_vec()];
            bodies.extend(["stats", "logs", "errors", "parsed_options", "locustfiles", "any"].map(field));
            for body in bodies {
                let bytes = [b"\x93", &frame(&json!(kind))[..], &body].concat();
                assert!(ToMaster::decode(&bytes).is_err() && ToWorker::decode(&bytes).is_err(), "{bytes:x?}");
            }
        }
    }
}

#[test]
fn nesting_is_bounded() {
    let deep = |depth: usize| [&vec![0x91; depth][..], b"\x01"].concat();
    let spawn = |depth: usize| {
        let job = json!({"timestamp": 1.0, "user_classes_count": {}, "parsed_options": {"option": 0}});
        let upto = frame(&job).len() - 1;
        [b"\x93", &frame(&json!("spawn"))[..], &frame(&job)[..upto], &deep(depth), b"\xa1w"].concat()
    };
    assert!(ToWorker::decode(&spawn(15)).is_ok());
    let error = ToWorker::decode(&spawn(16)).unwrap_err();
    assert_eq!(error.problem, akrida_protocol::Problem::TooDeep);
    assert!(error.field.starts_with("parsed_options.option[0]"), "{error}");
    // What nobody asks for is passed over at any depth, without recursion.
    let custom = [b"\x93", &frame(&json!("custom"))[..], &deep(3_000_000), b"\xa1w"].concat();
    assert!(ToMaster::decode(&custom).is_ok());
}

#[test]
fn a_frame_cut_anywhere_is_refused() {
    let mut seen = BTreeSet::new();
    for message in RECORDED.iter().filter(|message| seen.insert((message.to_master, &message.kind))) {
        for len in 0..message.frame.len() {
            let cut = &message.frame[..len];
            assert!(ToMaster::decode(cut).is_err() && ToWorker::decode(cut).is_err(), "{}", message.kind);
        }
        let longer = [&message.frame[..], b"\xc0"].concat();
        assert!(ToMaster::decode(&longer).is_err() && ToWorker::decode(&longer).is_err());
    }
}

/// Frames that are tried; `cargo xtask prove fuzz` tries more.
const CASES: u32 = if option_env!("AKRIDA_FUZZ").is_some() { 500_000 } else { 2_000 };

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(CASES) })]

    #[test]
    fn noise_does_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = (ToMaster::decode(&bytes), ToWorker::decode(&bytes));
    }

    #[test]
    fn noise_in_an_envelope_does_no_harm(kind in 0..20_usize, noise in prop::collection::vec(any::<u8>(), 0..300)) {
        let kind = ["stats", "spawn", "heartbeat", "logs", "locustfile", "update_user_class", "ack", "exception"]
            [kind % 8];
        let bytes = [b"\x93", &frame(&json!(kind))[..], &noise, b"\xa1w"].concat();
        let _ = (ToMaster::decode(&bytes), ToWorker::decode(&bytes));
    }

    /// What is still understood after damage is sound: it can be said again, and be understood again.
    #[test]
    fn damaged_recordings_do_no_harm(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = which.get(&RECORDED).frame.clone();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(envelope) = ToMaster::decode(&bytes) {
            let again = ToMaster::decode(&envelope.message.encode(&envelope.node_id));
            prop_assert!(again.is_ok(), "{:?}", again);
        }
        if let Ok(envelope) = ToWorker::decode(&bytes) {
            let again = ToWorker::decode(&envelope.message.encode(&envelope.node_id));
            prop_assert!(again.is_ok(), "{:?}", again);
        }
    }
}
