//! What a report costs on the wire.

use akrida_benches::delta;
use akrida_protocol::{StatsReport, ToMaster};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::collections::BTreeMap;
use std::hint::black_box;

fn codec(c: &mut Criterion) {
    for names in [1, 20, 500] {
        let report = ToMaster::Stats(StatsReport {
            delta: delta(names, 10_000),
            user_classes_count: BTreeMap::from([("User".to_owned(), 100)]),
            user_count: 100,
            exact: true,
            sequence: Some(7),
            process: Some(1_700_000_000_000_000),
            receipt: None,
            job: Some(1.5),
            ended: BTreeMap::new(),
            stop_run: None,
            rows: None,
        });
        let frame = report.encode("worker_0123456789abcdef");
        let mut group = c.benchmark_group("codec");
        group.throughput(Throughput::Bytes(frame.len() as u64));
        group.bench_function(format!("encode a report of {names} names"), |b| {
            b.iter(|| black_box(&report).encode("worker_0123456789abcdef"));
        });
        group.bench_function(format!("decode a report of {names} names"), |b| {
            b.iter(|| ToMaster::decode(black_box(&frame)));
        });
        group.finish();
    }
}

criterion_group!(benches, codec);
criterion_main!(benches);
