//! What a master gives to workers that were started with `-f -`.
//!
//! Akrida's get scenarios, locustfiles and the data that scenarios name; Locust's get locustfiles. Secrets stay where
//! they are: each worker has its own.

use crate::parts::Parts;
use crate::plan::Test;
use akrida_master::Handout;
use akrida_protocol::{LocustfileReply, LocustfileSource, limits};
use akrida_report::text::visible;
use bytes::Bytes;
use std::collections::BTreeSet;
use std::path::Path;

/// The test as it was read, which may be one that only Python can run.
pub(crate) fn handout(test: &Test, parts: &Parts, only_python: bool) -> Handout {
    let reply = |sources: Result<_, _>| sources.map_or_else(LocustfileReply::Error, LocustfileReply::Sources);
    let for_akrida = if only_python {
        Err("only Python can run this test: start one of Locust's workers instead".to_owned())
    } else {
        for_akrida(test, parts)
    };
    Handout::new(&reply(for_akrida), &reply(for_locust(test, parts)))
}

fn for_akrida(test: &Test, parts: &Parts) -> Result<Vec<LocustfileSource>, String> {
    if let Test::Address(address) = test {
        let contents = address.as_yaml().ok_or_else(no_address)?;
        return Ok(vec![LocustfileSource::File { filename: "quick.yaml".to_owned(), contents }]);
    }
    some_test(parts)?;
    if let Some(name) = parts.secret_among_data() {
        return Err(no_file(&format!("{} is a secret, and these are not handed out", visible(name))));
    }
    if parts.data.len() > limits::LOCUSTFILES {
        return Err(no_file(&format!("the test has more than {} data files", limits::LOCUSTFILES)));
    }
    let mut names = parts.tests.iter().map(|(name, _)| name).chain(parts.data.keys());
    if let Some(long) = names.find(|name| name.len() > limits::NAME) {
        return Err(no_file(&format!("the name of {} is too long", visible(base_name(long)))));
    }
    let tests = parts.tests.iter().map(|(name, text)| file(name, text));
    let data = parts.data.iter().map(|(name, bytes)| LocustfileSource::Data {
        filename: name.clone(),
        contents: Bytes::from_owner(bytes.clone()),
    });
    Ok(tests.chain(data).collect())
}

/// Locust's workers write each file into one folder, so these have base names.
fn for_locust(test: &Test, parts: &Parts) -> Result<Vec<LocustfileSource>, String> {
    if let Test::Address(address) = test {
        let contents = address.as_locustfile().ok_or_else(no_address)?;
        return Ok(vec![LocustfileSource::File { filename: "quick.py".to_owned(), contents }]);
    }
    some_test(parts)?;
    let mut names = BTreeSet::new();
    for (path, _) in &parts.tests {
        let name = base_name(path);
        if Path::new(name).extension().is_none_or(|ending| ending != "py") {
            return Err(format!(
                "{} is a scenario, which only Akrida's workers run: start one of these, or this one with a \
                 locustfile of its own (-f FILE)",
                visible(name)
            ));
        }
        if !names.insert(name) {
            return Err(no_file(&format!("two files are called {}", visible(name))));
        }
    }
    Ok(parts.tests.iter().map(|(name, text)| file(base_name(name), text)).collect())
}

fn file(name: &str, text: &str) -> LocustfileSource {
    LocustfileSource::File { filename: name.to_owned(), contents: text.to_owned() }
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn some_test(parts: &Parts) -> Result<(), String> {
    if parts.tests.is_empty() { Err(no_file("this master has no file to give")) } else { Ok(()) }
}

/// The address is not repeated: it may hold a password.
fn no_address() -> String {
    "the address that this master loads is not handed out: start the worker with it instead of -f -"
        .to_owned()
}

/// Why there is none, and what to do.
fn no_file(why: &str) -> String {
    format!("{why}: start the worker with -f FILE")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quick::Address;

    fn parts(names: &[&str]) -> Parts {
        let mut parts = Parts::default();
        parts.tests.extend(names.iter().map(|name| ((*name).to_owned(), format!("text of {name}"))));
        parts
    }

    /// What is given: names, or the error.
    fn shown(sources: Result<Vec<LocustfileSource>, String>) -> String {
        let name = |source: &LocustfileSource| match source {
            LocustfileSource::File { filename, .. } => filename.clone(),
            LocustfileSource::Data { filename, .. } => format!("data {filename}"),
            LocustfileSource::Url(url) => url.clone(),
        };
        sources.map_or_else(|error| error, |sources| sources.iter().map(name).collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn akridas_workers_get_all_and_locusts_what_they_can_run() {
        let check = |parts: &Parts, akrida: &str, locust: &str| {
            assert_eq!(shown(for_akrida(&Test::DefaultFile, parts)), akrida);
            assert_eq!(shown(for_locust(&Test::DefaultFile, parts)), locust);
        };
        check(&parts(&["a/x.py", "y.py"]), "a/x.py, y.py", "x.py, y.py");
        let mut scenario = parts(&["a/x.yaml"]);
        scenario.data.insert("a/users.csv".to_owned(), b"name\n"[..].into());
        scenario.data.insert("b/users.csv".to_owned(), b"id\n"[..].into());
        check(
            &scenario,
            "a/x.yaml, data a/users.csv, data b/users.csv",
            "x.yaml is a scenario, which only Akrida's workers run: start one of these, or this one with a \
             locustfile of its own (-f FILE)",
        );
        check(
            &parts(&["a/x.py", "b/x.py"]),
            "a/x.py, b/x.py",
            "two files are called x.py: start the worker with -f FILE",
        );
        let none = "this master has no file to give: start the worker with -f FILE";
        check(&parts(&[]), none, none);
        let long = format!("{}.py", "x".repeat(limits::NAME));
        assert!(shown(for_akrida(&Test::DefaultFile, &parts(&[&long]))).contains("is too long"));
    }

    #[test]
    fn more_data_files_than_fit_are_refused() {
        let mut parts = parts(&["x.yaml"]);
        for number in 0..=limits::LOCUSTFILES {
            assert_eq!(for_akrida(&Test::DefaultFile, &parts).map(|sources| sources.len()), Ok(number + 1));
            parts.data.insert(number.to_string(), b""[..].into());
        }
        assert!(shown(for_akrida(&Test::DefaultFile, &parts)).contains("more than 1000 data files"));
    }

    #[test]
    fn an_address_is_handed_out_unless_it_is_secret() {
        let address = |text: &str| Test::Address(Address::parse(text).unwrap());
        let (plain, secret) = (address("http://a/b"), address("http://me:hunter2@a/b"));
        let parts = Parts::default();
        assert_eq!(shown(for_akrida(&plain, &parts)), "quick.yaml");
        assert_eq!(shown(for_locust(&plain, &parts)), "quick.py");
        for refused in [for_akrida(&secret, &parts), for_locust(&secret, &parts)] {
            assert!(refused.is_err_and(|error| !error.contains("hunter2")));
        }
    }
}
