//! Every example of the guides does what the guides say.

use super::root;
use super::semantics::python;
use akrida_scenario::Source;
use akrida_scenario::expr::{Frame, Response, Value, parse_expression};
use akrida_scenario::model::Slot;
use akrida_scenario::python::load_with;
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
        ..Response::default()
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

/// The examples of the guide: an expression, and what the guide says that it gives.
fn examples() -> Vec<(String, String)> {
    let mut examples = Vec::new();
    for block in blocks("expressions.md", "pycon") {
        let mut lines = block.lines();
        while let Some(line) = lines.next() {
            let source = line.strip_prefix(">>> ").expect("each example is one line and its value");
            examples.push((source.to_owned(), lines.next().unwrap_or_default().to_owned()));
        }
    }
    assert!(examples.len() >= 60, "only {} examples were found", examples.len());
    examples
}

#[test]
fn the_expressions_of_the_guide_give_what_it_says() {
    for (source, expected) in examples() {
        assert_eq!(evaluate(&source), expected, "{source}");
    }
}

#[test]
fn python_gives_what_the_guide_says() {
    // What only we have: an answer, and bounds.
    let ours = ["response", "9223372036854775807", "range(10000)"];
    let shared: Vec<_> =
        examples().into_iter().filter(|(source, _)| !ours.iter().any(|part| source.contains(part))).collect();
    let sources: Vec<String> = shared.iter().map(|(source, _)| source.clone()).collect();
    for ((source, expected), found) in shared.iter().zip(python(&sources)) {
        let found = found.unwrap_or_else(|(_, words)| words);
        assert_eq!(found, *expected, "{source}");
    }
}

/// The file that an example reads.
struct Users;

impl Source for Users {
    fn file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        if path == "accounts.csv" { Ok(b"username\nfoo\n".as_slice().into()) } else { Err("no".to_owned()) }
    }

    fn secret_file(&self, path: &str) -> Result<Arc<[u8]>, String> {
        self.file(path)
    }

    fn environment(&self, _: &str) -> Option<String> {
        None
    }
}

#[test]
fn the_locustfiles_of_the_guide_load() {
    let files = blocks("locustfiles.md", "python");
    assert!(files.len() >= 2);
    for text in files {
        if let Err(problems) = load_with("docs/locustfiles.md", &text, &Users) {
            panic!("{}", problems.render(false));
        }
    }
}
