//! clap's parser, made from the flags, and what it read.

use super::{Flag, Group, Takes, autoscale, flags};
use crate::commands::compare::Compared;
use crate::commands::report::Wanted;
use crate::pipeline::Pipeline;
use crate::settings::{Layer, Origin};
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command};
use std::path::PathBuf;

/// Where user classes, or an address for quick mode, are kept.
const POSITIONAL: &str = "classes";

/// What was typed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// No subcommand.
    Run(Layer),
    /// `akrida demo`
    Demo(Layer),
    /// `akrida demo-target`
    DemoTarget { host: String, port: u16 },
    /// `akrida healthcheck`, with the flags of the process that it asks.
    Healthcheck(Layer),
    /// `akrida autoscale`
    Autoscale(Layer),
    /// `akrida autoscale metric` or `evaluate`
    Step(Step),
    /// `akrida check`
    Check {
        /// The file; `None` for the default one.
        file: Option<String>,
        /// Whether the schema is wanted instead.
        schema: bool,
    },
    /// `akrida compare`
    Compare(Compared),
    /// `akrida report`
    Report(Wanted),
    /// `akrida convert`
    Convert(Convert),
    /// `akrida web-user`
    WebUser {
        /// What the user is called.
        name: String,
        /// Whether a token for scripts is wanted, not a password.
        token: bool,
    },
}

/// A step of the Custom Pod Autoscaler framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Metric,
    Evaluate,
}

/// What becomes a scenario, and where that goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Convert {
    pub(crate) from: From,
    /// The file; `None` for standard output.
    pub(crate) output: Option<String>,
    /// Whether a file that is there may be overwritten.
    pub(crate) force: bool,
}

/// What becomes a scenario.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum From {
    /// A command; `-` for standard input.
    Curl(String),
    /// A locustfile.
    Locustfile(String),
    /// A recording.
    Har {
        /// Its file; `-` for standard input.
        file: String,
        /// Whether images, fonts, styles and scripts are left out.
        no_static: bool,
    },
}

/// The whole command line.
pub(crate) fn command() -> Command {
    let classes = "User classes to run; all if none is named. An address instead (http://... or https://...) is \
                   loaded without a scenario [env: LOCUST_USER_CLASSES]";
    with_flags(Command::new("akrida"), flags::GROUPS)
        .about("Load tests that speak Locust: users on one machine, exact figures")
        .override_usage(
            "akrida [OPTIONS] [CLASS]...\n       akrida URL -u 50 -t 30s\n       akrida check FILE\n       akrida convert FILE\n       \
             akrida report FILE\n       \
             akrida compare BEFORE AFTER\n       \
             akrida demo\n       akrida web-user NAME\n       akrida healthcheck\n       \
             akrida autoscale --target deployment/NAME ...",
        )
        .version(env!("CARGO_PKG_VERSION"))
        .disable_version_flag(true)
        .infer_long_args(true)
        .arg(
            Arg::new("version").short('V').long("version").action(ArgAction::Version).help("Print the version"),
        )
        .arg(Arg::new(POSITIONAL).value_name("CLASS").num_args(0..).help(classes).help_heading(None))
        .subcommand(
            with_flags(Command::new("demo"), flags::GROUPS)
                .about("Load a small server of one's own, to see what a run looks like")
                .override_usage("akrida demo [OPTIONS]")
                .infer_long_args(true),
        )
        .subcommand(
            Command::new("demo-target")
                .about("Serve the small server of the demo alone, for others to load")
                .arg(
                    Arg::new("host")
                        .long("host")
                        .value_name("IP")
                        .default_value("127.0.0.1")
                        .help("Address to serve on; 0.0.0.0 for all"),
                )
                .arg(
                    Arg::new("port")
                        .long("port")
                        .value_name("PORT")
                        .default_value("8080")
                        .value_parser(clap::value_parser!(u16))
                        .help("Port to serve on, 0 for any that is free"),
                ),
        )
        .subcommand(
            with_flags(Command::new("healthcheck"), flags::GROUPS)
                .about("Ask the process that runs here with the same flags and variables whether it lives")
                .override_usage("akrida healthcheck [OPTIONS]")
                .infer_long_args(true),
        )
        .subcommand(
            Command::new("check")
                .about("Read a scenario, list what is in it and every problem, and run nothing")
                .override_usage("akrida check [FILE]\n       akrida check --schema")
                .arg(Arg::new("file").value_name("FILE").help("The scenario or locustfile"))
                .arg(
                    Arg::new(flags::LOCUSTFILE.long)
                        .short('f')
                        .long(flags::LOCUSTFILE.long)
                        .value_name("FILE")
                        .conflicts_with("file")
                        .help("The same"),
                )
                .arg(
                    Arg::new("schema")
                        .long("schema")
                        .action(ArgAction::SetTrue)
                        .help("Print the JSON Schema of YAML scenarios"),
                ),
        )
        .subcommand(autoscaling())
        .subcommand(convert())
        .subcommand(report())
        .subcommand(compare())
        .subcommand(
            Command::new("web-user")
                .about("Make a line for --web-users, of a password that is typed or read from standard input")
                .override_usage("akrida web-user NAME >> users\n       akrida web-user --token NAME >> users")
                .arg(Arg::new("name").value_name("NAME").required(true).help("What the user is called"))
                .arg(
                    Arg::new("token")
                        .long("token")
                        .action(ArgAction::SetTrue)
                        .help("Make a bearer token for scripts, which is shown once, on standard error"),
                ),
        )
        .disable_help_subcommand(true)
        .after_help(
            "Values come from the command line, then from the environment, then from configuration files.\n\
             Exit codes: 0 passed, 1 requests failed or a threshold broke, 2 wrong usage or scenario, 3 the load generator failed.",
        )
}

fn report() -> Command {
    let value = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    Command::new("report")
        .about("Make the outputs of a run again, from its file in --runs-dir")
        .override_usage("akrida report FILE... [--html FILE] [--json FILE] [--csv PREFIX] [--junit FILE] [--summary FILE]")
        .arg(
            Arg::new("runs")
                .value_name("FILE")
                .num_args(1..)
                .required(true)
                .help("The run's file; several are added up, as if their workers had been one fleet"),
        )
        .arg(value("html", "FILE").help("Write a report to open in a browser"))
        .arg(value("json", "FILE").help("Write the figures as JSON"))
        .arg(value("csv", "PREFIX").help("Write PREFIX_stats.csv and the other CSV files"))
        .arg(value("junit", "FILE").help(flags::JUNIT.help))
        .arg(value("summary", "FILE").help(flags::SUMMARY.help))
}

fn compare() -> Command {
    Command::new("compare")
        .about("Say what changed between runs, from their files in --runs-dir, and whether that is more than noise")
        .override_usage("akrida compare BEFORE... AFTER [--fail-if CONDITION] [--summary FILE]")
        .arg(
            Arg::new("runs")
                .value_name("FILE")
                .num_args(2..)
                .required(true)
                .help("Files of runs, the later one last; of three earlier ones or more the spread is what noise is"),
        )
        .arg(Arg::new("fail-if").long("fail-if").value_name("CONDITION").action(ArgAction::Append).help(
            "Exit with code 1 if this changed so, and that is no noise, such as 'p95 > +10%' or \
             'rps{name=\"/buy\"} < -5%'. May be said several times",
        ))
        .arg(Arg::new("summary").long("summary").value_name("FILE").help("Write the comparison in Markdown"))
}

fn autoscaling() -> Command {
    with_flags(Command::new("autoscale"), autoscale::GROUPS)
        .about("Scale an application in Kubernetes by the latency that short tests measure")
        .override_usage(
            "akrida autoscale --target deployment/NAME --evaluation FILE -f FILE -u 10 -r 10 -t 5s\n       \
             akrida autoscale metric\n       akrida autoscale evaluate",
        )
        .infer_long_args(true)
        .disable_help_subcommand(true)
        .subcommand(
            Command::new("metric")
                .about("A step of the Custom Pod Autoscaler framework: run a test, print what it measured"),
        )
        .subcommand(
            Command::new("evaluate").about(
                "A step of the Custom Pod Autoscaler framework: print how many replicas that asks for",
            ),
        )
}

fn convert() -> Command {
    let value = |name: &'static str| Arg::new(name).long(name);
    let switch = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    Command::new("convert")
        .about("Make a scenario of a locustfile, of curl commands or of a browser's recording")
        .override_usage("akrida convert FILE.py\n       akrida convert FILE.har\n       akrida convert --curl 'curl https://example.org/'")
        .arg(Arg::new("file").value_name("FILE").help("A locustfile (.py) or a recording; - for a recording from standard input"))
        .arg(value("har").value_name("FILE.har").help("A recording"))
        .arg(value("curl").value_name("COMMAND").help("One or several curl commands; - for standard input"))
        .group(ArgGroup::new("from").args(["file", "har", "curl"]).required(true))
        .arg(
            switch("no-static")
                .conflicts_with("curl")
                .help("Leave out images, fonts, styles and scripts of the recording"),
        )
        .arg(value("output").short('o').value_name("FILE").help("Write the scenario to a file"))
        .arg(switch("force").requires("output").help("Overwrite the file if it is there"))
}

fn with_flags(mut command: Command, groups: &[Group]) -> Command {
    for group in groups {
        command = command.next_help_heading(group.heading);
        for flag in group.flags {
            command = command.arg(arg(flag));
        }
    }
    // A switch may be repeated, as in Locust.
    command.args_override_self(true).next_help_heading(None)
}

fn arg(flag: &Flag) -> Arg {
    let mut help = flag.help.to_owned();
    if !flag.env.is_empty() {
        help += &format!(" [env: {}]", flag.env.join(", "));
    }
    let mut arg = Arg::new(flag.long).long(flag.long).help(help).hide(flag.hidden);
    if let Some(short) = flag.short {
        arg = arg.short(short);
    }
    match flag.takes {
        Takes::Nothing => arg.action(ArgAction::SetTrue),
        Takes::One(value) => {
            arg.action(ArgAction::Append).value_name(value).num_args(1).allow_negative_numbers(true)
        }
        Takes::Each(value) => arg.action(ArgAction::Append).value_name(value).num_args(1),
        Takes::Many(value) => arg.action(ArgAction::Append).value_name(value).num_args(0..),
    }
}

/// What was typed, as `matches` has it.
pub(crate) fn typed(matches: &ArgMatches) -> Typed {
    let outer = layer(matches, flags::GROUPS);
    match matches.subcommand() {
        Some(("demo-target", inner)) => Typed::DemoTarget {
            host: inner.get_one::<String>("host").cloned().unwrap_or_default(),
            port: inner.get_one("port").copied().unwrap_or_default(),
        },
        Some(("healthcheck", inner)) => Typed::Healthcheck(layer(inner, flags::GROUPS).over(outer)),
        Some(("demo", inner)) => Typed::Demo(layer(inner, flags::GROUPS).over(outer)),
        Some(("autoscale", inner)) => match inner.subcommand_name() {
            Some("metric") => Typed::Step(Step::Metric),
            Some(_) => Typed::Step(Step::Evaluate),
            None => Typed::Autoscale(layer(inner, autoscale::GROUPS).over(outer)),
        },
        Some(("convert", inner)) => Typed::Convert(conversion(inner)),
        Some(("compare", inner)) => Typed::Compare(compared(inner)),
        Some(("report", inner)) => Typed::Report(wanted(inner)),
        Some(("web-user", inner)) => Typed::WebUser {
            name: inner.get_one::<String>("name").cloned().unwrap_or_default(),
            token: inner.get_flag("token"),
        },
        Some((_, inner)) => Typed::Check {
            file: ["file", flags::LOCUSTFILE.long]
                .into_iter()
                .find_map(|name| inner.get_one::<String>(name).cloned())
                .or_else(|| {
                    outer.get(&flags::LOCUSTFILE).and_then(|setting| setting.last().map(str::to_owned))
                }),
            schema: inner.get_flag("schema"),
        },
        None => Typed::Run(outer),
    }
}

fn wanted(matches: &ArgMatches) -> Wanted {
    let value = |name: &str| matches.get_one::<String>(name).cloned();
    Wanted {
        runs: matches.get_many::<String>("runs").into_iter().flatten().map(PathBuf::from).collect(),
        html: value("html").map(PathBuf::from),
        json: value("json").map(PathBuf::from),
        csv: value("csv"),
        pipeline: Pipeline {
            junit: value("junit").map(PathBuf::from),
            summary: value("summary").map(PathBuf::from),
            ..Pipeline::default()
        },
    }
}

fn compared(matches: &ArgMatches) -> Compared {
    let values = |name: &str| matches.get_many::<String>(name).into_iter().flatten();
    Compared {
        runs: values("runs").map(PathBuf::from).collect(),
        fail_if: values("fail-if").cloned().collect(),
        summary: matches.get_one::<String>("summary").map(PathBuf::from),
    }
}

fn conversion(matches: &ArgMatches) -> Convert {
    let value = |name: &str| matches.get_one::<String>(name).cloned();
    let from = match value("curl") {
        Some(command) => From::Curl(command),
        None if value("file").is_some_and(|file| file.ends_with(".py")) => {
            From::Locustfile(value("file").unwrap_or_default())
        }
        None => From::Har {
            file: value("file").or_else(|| value("har")).unwrap_or_default(),
            no_static: matches.get_flag("no-static"),
        },
    };
    Convert { from, output: value("output"), force: matches.get_flag("force") }
}

/// The flags and positionals of one level of the command line.
fn layer(matches: &ArgMatches, groups: &[Group]) -> Layer {
    let mut layer = Layer::default();
    for flag in groups.iter().flat_map(|group| group.flags).copied() {
        match flag.takes {
            Takes::Nothing if matches.get_flag(flag.long) => {
                layer.set(flag, vec!["true".to_owned()], Origin::Typed);
            }
            Takes::Nothing => {}
            Takes::Each(_) => {
                if let Some(values) = matches.get_many::<String>(flag.long) {
                    layer.set(flag, values.cloned().collect(), Origin::Typed);
                }
            }
            // Of several, the last counts, also among lists: `--tags a --tags b` means b, as in Locust.
            Takes::One(_) | Takes::Many(_) => {
                if let Some(values) = matches.get_occurrences::<String>(flag.long).and_then(Iterator::last) {
                    layer.set(flag, values.cloned().collect(), Origin::Typed);
                }
            }
        }
    }
    if let Ok(Some(classes)) = matches.try_get_many::<String>(POSITIONAL) {
        layer.classes = classes.cloned().collect();
    }
    layer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Typed {
        typed(&command().try_get_matches_from(line.split(' ')).unwrap_or_else(|error| panic!("{error}")))
    }

    fn run(line: &str) -> Layer {
        match parse(line) {
            Typed::Run(layer) | Typed::Demo(layer) => layer,
            other => panic!("{line} is {other:?}"),
        }
    }

    fn values(layer: &Layer, flag: &Flag) -> Vec<String> {
        layer.get(flag).map(|setting| setting.values.clone()).unwrap_or_default()
    }

    #[test]
    fn the_parser_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn flags_and_classes() {
        let layer = run("akrida -f a.yaml --users=5 -r 2.5 -t 1m --headless Shopper Visitor");
        assert_eq!(values(&layer, &flags::USERS), ["5"]);
        assert_eq!(values(&layer, &flags::SPAWN_RATE), ["2.5"]);
        assert_eq!(layer.classes, ["Shopper", "Visitor"]);
        assert_eq!(run("akrida http://localhost:8080/ -u 50").classes, ["http://localhost:8080/"]);
    }

    #[test]
    fn the_last_of_several_counts() {
        let layer = run("akrida -u 1 --tags a b --headless --headless -u 2 --tags c");
        assert_eq!(values(&layer, &flags::USERS), ["2"]);
        assert_eq!(values(&layer, &flags::TAGS), ["c"]);
    }

    #[test]
    fn long_flags_may_be_cut_short_as_in_locust() {
        assert_eq!(values(&run("akrida --skip-log --json"), &flags::SKIP_LOG_SETUP), ["true"]);
    }

    #[test]
    fn flags_stand_before_and_after_a_subcommand() {
        let Typed::Demo(layer) = parse("akrida -u 5 -r 1 demo -r 9 --headless") else { panic!("not a demo") };
        assert_eq!(values(&layer, &flags::USERS), ["5"]);
        assert_eq!(values(&layer, &flags::SPAWN_RATE), ["9"]);
    }

    #[test]
    fn checks() {
        let check = |line: &str, file: Option<&str>, schema| {
            assert_eq!(parse(line), Typed::Check { file: file.map(str::to_owned), schema }, "{line}");
        };
        check("akrida check a.yaml", Some("a.yaml"), false);
        check("akrida check -f a.yaml", Some("a.yaml"), false);
        check("akrida -f a.yaml check", Some("a.yaml"), false);
        check("akrida check --schema", None, true);
    }

    #[test]
    fn conversions() {
        let check = |line: &str, from: From, output: Option<&str>, force| {
            let expected = Convert { from, output: output.map(str::to_owned), force };
            assert_eq!(parse(line), Typed::Convert(expected), "{line}");
        };
        let har = |file: &str, no_static| From::Har { file: file.to_owned(), no_static };
        check("akrida convert a.har", har("a.har", false), None, false);
        check("akrida convert a/b.py", From::Locustfile("a/b.py".to_owned()), None, false);
        check("akrida convert --har - --no-static", har("-", true), None, false);
        check(
            "akrida convert --curl curl -o a.yaml --force",
            From::Curl("curl".into()),
            Some("a.yaml"),
            true,
        );
        for line in [
            "akrida convert",
            "akrida convert a.har --curl curl",
            "akrida convert a.har --force",
            "akrida convert --curl curl --no-static",
        ] {
            assert!(command().try_get_matches_from(line.split(' ')).is_err(), "{line}");
        }
    }
}
