//! What the environment says: Locust's names, Akrida's own, and those of the first generation's container image.

use crate::args::command::{Typed, command, typed};
use crate::args::{Flag, Takes, flags};
use crate::config::{accepted, elements};
use crate::exit::Failure;
use crate::settings::{Layer, Origin, Setting};
use akrida_scaler::Access;
use std::collections::BTreeMap;

/// Names and values of environment variables; those that are not UTF-8 are left out.
pub(crate) type Variables = BTreeMap<String, String>;

/// The process's own environment. Nobody else reads it.
#[expect(clippy::disallowed_methods, reason = "this module owns the environment")]
pub(crate) fn of_this_process() -> Variables {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Where the environment of this process says that Kubernetes is.
pub(crate) fn cluster_access() -> Access {
    let variables = of_this_process();
    Access::of_environment(|name| variables.get(name).cloned())
}

/// The values that variables give to flags and to the list of user classes.
///
/// # Errors
/// When a switch is neither true nor false, or `LOCUST_MODE` or `LOCUST_OPTS` cannot be understood.
pub(crate) fn read(variables: &Variables) -> Result<Layer, Failure> {
    let mut layer = read_flags(variables, flags::all())?;
    if let Some(classes) = variables.get("LOCUST_USER_CLASSES") {
        layer.classes = classes.split_whitespace().map(str::to_owned).collect();
    }
    if let Some(mode) = variables.get("LOCUST_MODE") {
        // Whoever wrote it large was understood, and a worker had its master's port by the name that a master has it.
        let flag = match mode.to_ascii_lowercase().as_str() {
            "" | "standalone" => None,
            "master" => Some(&flags::MASTER),
            "worker" | "slave" => Some(&flags::WORKER),
            _ => {
                return Err(Failure::usage(
                    format!("environment variable LOCUST_MODE: `{mode}` is not a mode"),
                    "set it to standalone, master or worker",
                ));
            }
        };
        if let Some(flag) = flag {
            set(&mut layer, flag, "LOCUST_MODE", "true")?;
            if flag.long == flags::WORKER.long
                && layer.get(&flags::MASTER_PORT).is_none()
                && let Some(Setting { values, origin }) = layer.take(&flags::MASTER_BIND_PORT)
            {
                layer.set(&flags::MASTER_PORT, values, origin);
            }
        }
    }
    Ok(match variables.get("LOCUST_OPTS") {
        Some(options) => first_generation(options)?.over(layer),
        None => layer,
    })
}

/// The values that variables give to these flags.
///
/// # Errors
/// When a switch is neither true nor false.
pub(crate) fn read_flags(
    variables: &Variables,
    flags: impl Iterator<Item = &'static Flag>,
) -> Result<Layer, Failure> {
    let mut layer = Layer::default();
    for flag in flags {
        let named =
            flag.env.iter().find_map(|&name| Some((name, variables.get(name).filter(|v| !v.is_empty())?)));
        if let Some((name, value)) = named {
            set(&mut layer, flag, name, value)?;
        }
    }
    Ok(layer)
}

fn set(layer: &mut Layer, flag: &Flag, name: &'static str, value: &str) -> Result<(), Failure> {
    let values = if matches!(flag.takes, Takes::Many(_) | Takes::Each(_)) {
        elements(value)
    } else {
        vec![value.to_owned()]
    };
    let values = accepted(flag, values).map_err(|problem| {
        Failure::usage(format!("environment variable {name}: {problem}"), "correct the variable")
    })?;
    if let Some(values) = values {
        layer.set(flag, values, Origin::Environment(name));
    }
    Ok(())
}

/// `LOCUST_OPTS`: a command line in the spelling of any generation.
fn first_generation(options: &str) -> Result<Layer, Failure> {
    // Locust before 0.9 had to be asked to keep its figures.
    let words = words(options).into_iter().filter(|word| word != "--no-reset-stats");
    let words = words.map(|word| newer_spelling(&word));
    let matches =
        command().try_get_matches_from(["akrida".to_owned()].into_iter().chain(words)).map_err(|error| {
            let problem = error.to_string();
            let first = problem.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Failure::usage(format!("environment variable LOCUST_OPTS: {first}"), "correct the variable")
        })?;
    match typed(&matches) {
        Typed::Run(layer) => Ok(layer.given_by("LOCUST_OPTS")),
        _ => {
            Err(Failure::usage("environment variable LOCUST_OPTS: a subcommand stands in it", "leave it out"))
        }
    }
}

/// What the first generation called differently.
fn newer_spelling(word: &str) -> String {
    let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
    let newer = match name {
        "--slave" => "--worker",
        "--no-web" => "--headless",
        "-c" | "--clients" => "--users",
        "--hatch-rate" => "--spawn-rate",
        "--expect-slaves" => "--expect-workers",
        "--port" => "--web-port",
        "--csv-base-name" => "--csv",
        _ => return word.to_owned(),
    };
    value.map_or_else(|| newer.to_owned(), |value| format!("{newer}={value}"))
}

/// Splits as a shell would: at spaces, but not within quotes.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut open) = (Vec::new(), None::<String>, None);
    for character in line.chars() {
        match (open, character) {
            (Some(quote), _) if character == quote => open = None,
            (None, '"' | '\'') => {
                open = Some(character);
                word.get_or_insert_default();
            }
            (None, _) if character.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)]) -> String {
        let variables =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        match read(&variables) {
            Ok(layer) => {
                let set = flags::all().filter_map(|flag| Some((flag.long, layer.get(flag)?)));
                let set: Vec<_> = set
                    .map(|(name, setting)| {
                        format!("{name}={} ({})", setting.values.join("|"), setting.origin)
                    })
                    .collect();
                format!("{}\nclasses: {}", set.join("\n"), layer.classes.join(" "))
            }
            Err(failure) => failure.to_string(),
        }
    }

    #[test]
    fn locusts_names() {
        insta::assert_snapshot!(check(&[
            ("LOCUST_HOST", "http://a"),
            ("LOCUST_USERS", ""),
            ("LOCUST_HEADLESS", "True"),
            ("LOCUST_ONLY_SUMMARY", "0"),
            ("LOCUST_TAGS", "[read, write]"),
            ("LOCUST_USER_CLASSES", "Shopper  Visitor"),
            ("LOCUST_PORT", "tcp://10.0.0.1:8089"),
        ]), @r"
        host=http://a (environment variable LOCUST_HOST)
        tags=read|write (environment variable LOCUST_TAGS)
        only-summary=false (environment variable LOCUST_ONLY_SUMMARY)
        headless=true (environment variable LOCUST_HEADLESS)
        classes: Shopper Visitor
        ");
        insta::assert_snapshot!(check(&[("LOCUST_HEADLESS", "perhaps")]), @r"
        error: environment variable LOCUST_HEADLESS: `perhaps` is neither true nor false
          help: correct the variable
        ");
    }

    #[test]
    fn the_first_generations_names() {
        insta::assert_snapshot!(check(&[
            ("LOCUST_MODE", "standalone"),
            ("LOCUST_FILE", "/locust/test.py"),
            ("ATTACKED_HOST", "http://old"),
            ("LOCUST_OPTS", "--no-web -c 100 --hatch-rate=10 --expect-slaves=2 -t '5m' Shopper"),
        ]), @r"
        locustfile=/locust/test.py (environment variable LOCUST_FILE)
        host=http://old (environment variable ATTACKED_HOST)
        users=100 (environment variable LOCUST_OPTS)
        spawn-rate=10 (environment variable LOCUST_OPTS)
        run-time=5m (environment variable LOCUST_OPTS)
        headless=true (environment variable LOCUST_OPTS)
        expect-workers=2 (environment variable LOCUST_OPTS)
        classes: Shopper
        ");
        insta::assert_snapshot!(check(&[("LOCUST_MODE", "slave")]), @r"
        worker=true (environment variable LOCUST_MODE)
        classes:
        ");
        insta::assert_snapshot!(check(&[("LOCUST_MODE", "MASTER"), ("LOCUST_MASTER_BIND_PORT", "5567")]), @r"
        master=true (environment variable LOCUST_MODE)
        master-bind-port=5567 (environment variable LOCUST_MASTER_BIND_PORT)
        classes:
        ");
        insta::assert_snapshot!(check(&[
            ("LOCUST_MODE", "SLAVE"),
            ("LOCUST_MASTER", "locust-master"),
            ("LOCUST_MASTER_BIND_PORT", "5567"),
            ("LOCUST_OPTS", "--no-reset-stats --port=8090 --csv-base-name out"),
        ]), @r"
        csv=out (environment variable LOCUST_OPTS)
        web-port=8090 (environment variable LOCUST_OPTS)
        worker=true (environment variable LOCUST_MODE)
        master-host=locust-master (environment variable LOCUST_MASTER)
        master-port=5567 (environment variable LOCUST_MASTER_BIND_PORT)
        classes:
        ");
        insta::assert_snapshot!(check(&[
            ("LOCUST_MODE", "worker"),
            ("LOCUST_MASTER_BIND_PORT", "5567"),
            ("LOCUST_MASTER_NODE_PORT", "5577"),
        ]), @r"
        master-bind-port=5567 (environment variable LOCUST_MASTER_BIND_PORT)
        worker=true (environment variable LOCUST_MODE)
        master-port=5577 (environment variable LOCUST_MASTER_NODE_PORT)
        classes:
        ");
        insta::assert_snapshot!(check(&[("LOCUST_OPTS", "--slave")]), @r"
        worker=true (environment variable LOCUST_OPTS)
        classes:
        ");
        insta::assert_snapshot!(check(&[("LOCUST_MODE", "queen")]), @r"
        error: environment variable LOCUST_MODE: `queen` is not a mode
          help: set it to standalone, master or worker
        ");
        insta::assert_snapshot!(check(&[("LOCUST_OPTS", "--no-such-thing")]), @r"
        error: environment variable LOCUST_OPTS: unexpected argument '--no-such-thing' found
          help: correct the variable
        ");
        insta::assert_snapshot!(check(&[("LOCUST_OPTS", "demo")]), @r"
        error: environment variable LOCUST_OPTS: a subcommand stands in it
          help: leave it out
        ");
    }

    #[test]
    fn newer_names_win() {
        insta::assert_snapshot!(check(&[("ATTACKED_HOST", "http://old"), ("LOCUST_HOST", "http://new")]), @r"
        host=http://new (environment variable LOCUST_HOST)
        classes:
        ");
    }

    #[test]
    fn words_as_in_a_shell() {
        assert_eq!(words(" -t  '5 m' --profile=\"a 'b'\" '' x"), ["-t", "5 m", "--profile=a 'b'", "", "x"]);
    }
}
