//! Every example of the guides does what the guides say.

use super::root;
use akrida_scenario::expr::{Frame, Response, Value, parse_expression};
use akrida_scenario::model::Slot;
use akrida_scenario::python::load;
use std::sync::Arc;

/// The code blocks of a guide in one language.
fn blocks(name: &str, language: &str) -> Vec<String> {
    let guide = std::fs::read_to_string(root().join("docs").join(name)).unwrap();
    let fence = format!("```{language}\n");
    guide.split(&fence).skip(1).map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

/// What an expression of the guide gives, or the error that it fails with.
fn evaluate(source: &str) -> String {
    let response = Response {
        status: 200,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: br#"{"token": "abc"}"#.to_vec(),
        elapsed_s: 0.25,
    };
    let mut locals = vec![Value::Response(Arc::new(response))];
    let mut resolve = |name: &str| (name == "response").then_some(Slot::Local(0));
    match parse_expression(&format!("repr({source})"), 0, &mut resolve) {
        Ok(expr) => {
            let mut rng = fastrand::Rng::with_seed(1);
            let mut frame = Frame { local: &mut locals, ..Frame::bare(&mut rng) };
            expr.eval(&mut frame).map_or_else(|error| error.to_string(), |value| value.to_string())
        }
        Err(problems) => problems[0].message.trim_start_matches("this always fails: ").to_owned(),
    }
}

#[test]
fn the_expressions_of_the_guide_give_what_it_says() {
    let mut examples = 0;
    for block in blocks("expressions.md", "pycon") {
        let mut lines = block.lines();
        while let Some(line) = lines.next() {
            let source = line.strip_prefix(">>> ").expect("each example is one line and its value");
            assert_eq!(evaluate(source), lines.next().unwrap_or_default(), "{source}");
            examples += 1;
        }
    }
    assert!(examples >= 25, "only {examples} examples were found");
}

#[test]
fn the_locustfiles_of_the_guide_load() {
    let files = blocks("locustfiles.md", "python");
    assert!(files.len() >= 2);
    for text in files {
        if let Err(problems) = load("docs/locustfiles.md", &text) {
            panic!("{}", problems.render(false));
        }
    }
}
