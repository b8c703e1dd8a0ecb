//! What an expression costs a user that evaluates it with each request.

use akrida_scenario::expr::{Frame, Value, parse_expression, parse_template};
use akrida_scenario::model::Slot;
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

const EXPRESSIONS: [(&str, &str); 4] = [
    ("a variable", "token"),
    ("arithmetic", "number * 2 + 1 if number < 100 else 0"),
    ("a random number", "random.randint(1, 100)"),
    ("a word in a text", "'error' in token"),
];

fn variable(name: &str) -> Option<Slot> {
    ["token", "number"]
        .iter()
        .position(|known| *known == name)
        .map(|index| Slot::User(u16::try_from(index).unwrap_or(0)))
}

fn evaluate(c: &mut Criterion) {
    let mut user = [Value::Str("0123456789abcdef0123456789abcdef".into()), Value::Int(41)];
    let mut rng = fastrand::Rng::with_seed(1);
    for (what, source) in EXPRESSIONS {
        let Ok(expression) = parse_expression(source, 0, &mut variable) else { continue };
        c.bench_function(&format!("expressions/{what}"), |b| {
            b.iter(|| expression.eval(black_box(&mut Frame { user: &mut user, ..Frame::bare(&mut rng) })));
        });
    }
    if let Ok(template) = parse_template("/item?id={{ number }}&token={{ token }}", 0, &mut variable) {
        c.bench_function("expressions/a path with two values", |b| {
            b.iter(|| {
                let mut frame = Frame { user: &mut user, ..Frame::bare(&mut rng) };
                black_box(template.render(black_box(&mut frame)).map(|text| text.len()))
            });
        });
    }
}

criterion_group!(benches, evaluate);
criterion_main!(benches);
