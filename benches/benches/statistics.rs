//! What a sample costs on its way: recorded, drained, merged.

use akrida_benches::{EPOCH_US, delta, recorder, sample};
use akrida_stats::Totals;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use std::hint::black_box;

const SECOND: u64 = EPOCH_US / 1_000_000;

fn record(c: &mut Criterion) {
    let (mut one, ids) = recorder(20);
    let mut now = 0;
    c.bench_function("recorder/record", |b| {
        b.iter(|| {
            now += 10;
            one.record(black_box(&sample(ids[(now % 20) as usize], 1_000_000 + now, 900 + now % 5_000)));
        });
    });
    c.bench_function("recorder/drain 20 names, 10,000 samples", |b| {
        b.iter_batched(
            || {
                let (mut one, ids) = recorder(20);
                (0..10_000).for_each(|n| one.record(&sample(ids[n % 20], 1_000_000, 900 + n as u64)));
                one
            },
            |mut one| one.drain(2_000_000),
            BatchSize::LargeInput,
        );
    });
}

fn merge(c: &mut Criterion) {
    for names in [1, 20, 500] {
        let report = delta(names, 10_000);
        let mut totals = Totals::since(0);
        c.bench_function(&format!("merge/report of {names} names into a run"), |b| {
            b.iter(|| totals.merge(SECOND, black_box(&report)));
        });
    }
    let mut totals = Totals::since(0);
    totals.merge(SECOND, &delta(1, 100_000));
    c.bench_function("merge/eleven percentiles of a run", |b| {
        let quantiles = [0.5, 0.66, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999, 1.0];
        b.iter(|| totals.total().times.quantiles(black_box(quantiles)));
    });
}

criterion_group!(benches, record, merge);
criterion_main!(benches);
