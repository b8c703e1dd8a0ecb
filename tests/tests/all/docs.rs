//! Every example of the guide is run against a server, and passes.

use crate::binary::{Akrida, folder};
use crate::repository::{files, text};
use akrida_testkit::{Authority, Nginx, Target};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Examples that run at the same time: they mostly wait.
const SIDE_BY_SIDE: usize = 4;

/// A piece of code in a page of the guide.
struct Example {
    /// Page and number.
    name: String,
    extension: &'static str,
    text: String,
}

fn examples() -> Vec<Example> {
    let mut examples = Vec::new();
    for file in files()
        .into_iter()
        .filter(|file| file.starts_with("docs") && file.extension().is_some_and(|e| e == "md"))
    {
        let page = text(&file).unwrap();
        for (fence, extension) in [("```yaml\n", "yaml"), ("```python\n", "py")] {
            for (number, block) in page.split(fence).skip(1).enumerate() {
                let text = block.split("```").next().unwrap().to_owned();
                let name = format!("{}, {extension} example {}", file.display(), number + 1);
                examples.push(Example { name, extension, text });
            }
        }
    }
    examples
}

/// A fragment as a whole scenario.
fn complete(text: &str) -> String {
    let users = "users:\n  Visitor:\n    tasks:\n      - get: /\n";
    if text.contains("\nusers:") || text.starts_with("users:") {
        text.to_owned()
    } else if text.trim_start().starts_with("- ") {
        let steps: String = text.lines().map(|line| format!("        {line}\n")).collect();
        format!("users:\n  Visitor:\n    tasks:\n      example:\n{steps}")
    } else {
        format!("{text}{users}")
    }
}

/// What examples find in the folder they are run in.
fn furnish(folder: &Path, authority: &Authority) {
    let write = |name: &str, text: &str| {
        let file = folder.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    let client = authority.client("Ada");
    write("ca.pem", &authority.pem());
    write("client.pem", client.certificate_pem());
    write("client.key", client.key_pem());
}

/// Runs it with a few users until each has done something; says what went wrong.
fn run(example: &Example) -> Result<(), String> {
    let authority = Authority::new();
    let folder = folder();
    furnish(&folder, &authority);
    let file = folder.join(format!("example.{}", example.extension));
    let text = if example.extension == "yaml" { complete(&example.text) } else { example.text.clone() };
    let pages = Target::pages();
    // Pages are HTTP/1.1.
    let nginx =
        text.contains("http_version: 2").then(|| Nginx::start(&authority, "location / { return 200 tea; }"));
    let url = nginx.as_ref().map_or_else(|| pages.url(), Nginx::http2_url);
    fs::write(&file, text).unwrap();
    let file = file.display().to_string();
    let mut arguments = vec!["-f", &file, "-H", &url, "--headless"];
    if !example.text.contains("stages:") {
        arguments.extend(["-u", "10", "-r", "10"]);
    }
    let akrida = Akrida::start(&arguments);
    std::thread::sleep(Duration::from_secs(2));
    akrida.interrupt();
    let ended = akrida.end(Duration::ZERO);
    let requests: u64 =
        ended.json.as_array().into_iter().flatten().filter_map(|row| row["num_requests"].as_u64()).sum();
    match ended.status.code() {
        Some(0) if requests > 0 => Ok(()),
        code => Err(format!("{}: {code:?} after {requests} requests\n{}", example.name, ended.stderr)),
    }
}

#[test]
fn every_example_runs() {
    let examples = examples();
    assert!(examples.len() >= 12, "only {} examples", examples.len());
    let mut wrong = Vec::new();
    for group in examples.chunks(SIDE_BY_SIDE) {
        std::thread::scope(|scope| {
            let runs: Vec<_> = group.iter().map(|example| scope.spawn(|| run(example))).collect();
            wrong.extend(runs.into_iter().filter_map(|run| run.join().unwrap().err()));
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
