//! Every flag, by group: Locust 2.47's with its spelling, meaning and environment names, then Akrida's own.

use super::Status::{Idle, Missing, Works};
use super::{Flag, Group};

// --- common -------------------------------------------------------------------------------------------------

pub(crate) static LOCUSTFILE: Flag =
    Flag::one("locustfile", "FILE").short('f').env(&["LOCUST_LOCUSTFILE", "LOCUST_FILE"]).help(
        "The test: a YAML scenario or a Python locustfile, or several with commas between them. \
         Without it, locustfile.py or akrida.yaml in the current directory. A worker with `-` gets it from its \
         master",
    );
pub(crate) static CONFIG: Flag = Flag::one("config", "FILE").help(
    "One more configuration file, on top of ~/.locust.conf, locust.conf and [tool.locust] in \
         pyproject.toml",
);
pub(crate) static HOST: Flag = Flag::one("host", "URL")
    .short('H')
    .env(&["LOCUST_HOST", "ATTACKED_HOST"])
    .help("Base address to load, such as https://www.example.com; wins over the scenario's own");
pub(crate) static USERS: Flag = Flag::one("users", "N")
    .short('u')
    .env(&["LOCUST_USERS"])
    .help("How many users to run at the peak [default: 1]");
pub(crate) static SPAWN_RATE: Flag = Flag::one("spawn-rate", "N")
    .short('r')
    .env(&["LOCUST_SPAWN_RATE"])
    .help("How many users to start per second [default: 1]");
pub(crate) static RUN_TIME: Flag = Flag::one("run-time", "TIME")
    .short('t')
    .env(&["LOCUST_RUN_TIME"])
    .help("Stop after this time, such as 300s, 20m or 1h30m. Without it the run goes on until Ctrl-C");
pub(crate) static OPTION: Flag = Flag::many("option", "NAME=VALUE")
    .env(&["AKRIDA_OPTION"])
    .help("Give an option of the scenario this value; may be said several times");
pub(crate) static LIST: Flag =
    Flag::switch("list").short('l').help("Print the names of the user classes and exit");
static CONFIG_USERS: Flag = Flag::many("config-users", "JSON")
    .env(&["LOCUST_CONFIG_USERS"])
    .help("Attributes of user classes as JSON")
    .status(Missing("write the attributes into the scenario instead"));

// --- web page -----------------------------------------------------------------------------------------------

pub(crate) static HEADLESS: Flag = Flag::switch("headless")
    .env(&["LOCUST_HEADLESS"])
    .help("Start at once, without the web page, and quit when the run is over");
pub(crate) static WEB_HOST: Flag = Flag::one("web-host", "IP")
    .env(&["LOCUST_WEB_HOST"])
    .help("Address to serve the web page on [default: all]");
pub(crate) static WEB_HOST_DISPLAY_NAME: Flag = Flag::one("web-host-display-name", "NAME")
    .env(&["LOCUST_WEB_HOST_DISPLAY_NAME"])
    .help("Address of the web page in the log")
    .hidden();
pub(crate) static WEB_PORT: Flag = Flag::one("web-port", "PORT")
    .short('P')
    .env(&["LOCUST_WEB_PORT"])
    .help("Port to serve the web page on, 0 for any that is free [default: 8089]");
pub(crate) static WEB_BASE_PATH: Flag = Flag::one("web-base-path", "PATH")
    .env(&["LOCUST_WEB_BASE_PATH"])
    .help("Path under which browsers see the web page, such as /locust, whether a proxy strips it or not");
pub(crate) static WEB_LOGIN: Flag = Flag::switch("web-login")
    .env(&["LOCUST_WEB_LOGIN"])
    .help("Ask for a login before showing the web page; --web-users names who may");
pub(crate) static AUTOSTART: Flag =
    Flag::switch("autostart").env(&["LOCUST_AUTOSTART"]).help("Start at once, with the web page");
pub(crate) static AUTOQUIT: Flag = Flag::one("autoquit", "SECONDS")
    .env(&["LOCUST_AUTOQUIT"])
    .help("Quit this long after the run of --autostart is over; without it the web page stays");
pub(crate) static HEADFUL: Flag = Flag::switch("headful")
    .env(&["LOCUST_HEADFUL"])
    .help("Take back a --headless that a configuration file set")
    .hidden();
pub(crate) static TLS_CERT: Flag = Flag::one("tls-cert", "FILE")
    .env(&["LOCUST_TLS_CERT"])
    .help("PEM file with the certificate to serve the web page with");
pub(crate) static TLS_KEY: Flag =
    Flag::one("tls-key", "FILE").env(&["LOCUST_TLS_KEY"]).help("Private key of --tls-cert");
pub(crate) static CLASS_PICKER: Flag = Flag::switch("class-picker")
    .env(&["LOCUST_USERCLASS_PICKER"])
    .help("Let the web page choose among user classes");
static BUILD_PATH: Flag = Flag::one("build-path", "DIR")
    .env(&["LOCUST_BUILD_PATH"])
    .help("Unused")
    .hidden()
    .status(Idle("has no effect: the web page is built in"));
pub(crate) static WEB_USERS: Flag = Flag::one("web-users", "FILE").env(&["AKRIDA_WEB_USERS"]).help(
    "Who may log in: a file with lines that `akrida web-user NAME` prints. The environment variable may hold \
         the lines themselves",
);
pub(crate) static WEB_OPEN_STATS: Flag = Flag::switch("web-open-stats")
    .env(&["AKRIDA_WEB_OPEN_STATS"])
    .help("Answer /stats/requests and /metrics without a login, for exporters and autoscalers");
pub(crate) static WEB_ALLOW_ORIGIN: Flag =
    Flag::one("web-allow-origin", "ORIGINS").env(&["AKRIDA_WEB_ALLOW_ORIGIN"]).help(
        "Other sites whose pages may use the web interface, such as https://grafana.example.org, with commas \
         between them; * lets all of them read",
    );

pub(crate) static WEB_ALLOW_HOST: Flag =
    Flag::one("web-allow-host", "NAMES").env(&["AKRIDA_WEB_ALLOW_HOST"]).help(
        "Names by which browsers may call the web page, such as load.example.org, with commas between them; \
         addresses and names of the local network always may [default: all]",
    );

// --- Kubernetes ---------------------------------------------------------------------------------------------

pub(crate) static WORKER_DEPLOYMENT: Flag = Flag::one("worker-deployment", "NAME")
    .env(&["AKRIDA_WORKER_DEPLOYMENT"])
    .help("The Deployment of the workers, whose number of pods the page may change [default: akrida-worker]");
pub(crate) static WORKER_NAMESPACE: Flag = Flag::one("worker-namespace", "NAME")
    .env(&["AKRIDA_WORKER_NAMESPACE"])
    .help("Where that Deployment is [default: the namespace of the master's pod]");
pub(crate) static MIN_WORKERS: Flag = Flag::one("min-workers", "N")
    .env(&["AKRIDA_MIN_WORKERS"])
    .help("Fewest workers to which the page scales [default: 0]");
pub(crate) static MAX_WORKERS: Flag = Flag::one("max-workers", "N")
    .env(&["AKRIDA_MAX_WORKERS"])
    .help("Most workers to which the page scales; Kubernetes itself has no bound [default: 100]");

pub(crate) static AUTOSCALE_WORKERS: Flag = Flag::switch("autoscale-workers")
    .env(&["AKRIDA_AUTOSCALE_WORKERS"])
    .help("Let the number of workers in Kubernetes follow the load that they carry");
pub(crate) static USERS_PER_WORKER: Flag = Flag::one("users-per-worker", "N")
    .env(&["AKRIDA_USERS_PER_WORKER"])
    .help("Users that one worker carries, for --autoscale-workers [default: 1000]");
pub(crate) static WORKERS_COOLDOWN: Flag = Flag::one("workers-cooldown", "TIME")
    .env(&["AKRIDA_WORKERS_COOLDOWN"])
    .help("Least time between two changes by --autoscale-workers [default: 60s]");

// --- fleet --------------------------------------------------------------------------------------------------

pub(crate) static MASTER: Flag =
    Flag::switch("master").env(&["LOCUST_MODE_MASTER"]).help("Be a master, to which workers connect");
pub(crate) static WORKER: Flag =
    Flag::switch("worker").env(&["LOCUST_MODE_WORKER"]).help("Be a worker of a master");
pub(crate) static PROCESSES: Flag = Flag::one("processes", "N")
    .env(&["LOCUST_PROCESSES"])
    .help("How many worker processes to start, -1 for one on each core. One worker uses all cores anyway");
pub(crate) static MASTER_BIND_HOST: Flag = Flag::one("master-bind-host", "IP")
    .env(&["LOCUST_MASTER_BIND_HOST"])
    .help("Address on which a master waits for workers [default: all]");
pub(crate) static MASTER_BIND_PORT: Flag = Flag::one("master-bind-port", "PORT")
    .env(&["LOCUST_MASTER_BIND_PORT"])
    .help("Port on which a master waits for workers [default: 5557]");
pub(crate) static LEGACY_08_PORT: Flag = Flag::one("legacy-08-port", "PORT")
    .env(&["AKRIDA_LEGACY_08_PORT"])
    .help("Serve workers of Locust 0.5 to 0.9 too, which push to this port and pull from the next one");
pub(crate) static EXPECT_WORKERS: Flag = Flag::one("expect-workers", "N")
    .env(&["LOCUST_EXPECT_WORKERS"])
    .help("Start when this many workers are connected [default: 1]");
pub(crate) static EXPECT_WORKERS_MAX_WAIT: Flag = Flag::one("expect-workers-max-wait", "SECONDS")
    .env(&["LOCUST_EXPECT_WORKERS_MAX_WAIT"])
    .help("Give up when they are not connected by then; 0 to wait for ever [default: 0]");
pub(crate) static HEARTBEAT_INTERVAL: Flag = Flag::one("heartbeat-interval", "TIME")
    .env(&["LOCUST_HEARTBEAT_INTERVAL"])
    .help("How often a worker says that it lives, and its master expects it: say the same to both [default: 1s]");
pub(crate) static HEARTBEAT_LIVENESS: Flag = Flag::one("heartbeat-liveness", "N")
    .env(&["LOCUST_HEARTBEAT_LIVENESS"])
    .help("Heartbeats in a row that a worker misses before its users run elsewhere [default: 3]");
pub(crate) static WORKER_WAIT: Flag = Flag::one("worker-wait", "TIME").env(&["AKRIDA_WORKER_WAIT"]).help(
    "How long a run waits for a worker when the last one is gone, before it stops; 0 for not at all \
         [default: 10s]",
);
pub(crate) static STATE_DIR: Flag = Flag::one("state-dir", "DIR").env(&["AKRIDA_STATE_DIR"]).help(
    "Keep a journal of the run in this folder. A master that is ended, and started again with it, goes on with the run",
);
static ENABLE_REBALANCING: Flag = Flag::switch("enable-rebalancing")
    .help("Move users when workers come and go")
    .status(Idle("is not needed: users are always rebalanced"));
pub(crate) static MASTER_HOST: Flag = Flag::one("master-host", "HOST")
    .env(&["LOCUST_MASTER_NODE_HOST", "LOCUST_MASTER"])
    .help("Where a worker's master is [default: 127.0.0.1]");
pub(crate) static MASTER_PORT: Flag = Flag::one("master-port", "PORT")
    .env(&["LOCUST_MASTER_NODE_PORT"])
    .help("Port of a worker's master [default: 5557]");

pub(crate) static HEALTH_PORT: Flag = Flag::one("health-port", "PORT").env(&["AKRIDA_HEALTH_PORT"]).help(
    "Answer /healthz and /readyz on this port, in plain HTTP: for probes of a process that has no web page",
);

// --- tags ---------------------------------------------------------------------------------------------------

pub(crate) static TAGS: Flag = Flag::many("tags", "TAG")
    .short('T')
    .env(&["LOCUST_TAGS"])
    .help("Run only tasks that have one of these tags");
pub(crate) static EXCLUDE_TAGS: Flag = Flag::many("exclude-tags", "TAG")
    .short('E')
    .env(&["LOCUST_EXCLUDE_TAGS"])
    .help("Run no tasks that have one of these tags");

// --- statistics ---------------------------------------------------------------------------------------------

pub(crate) static CSV: Flag = Flag::one("csv", "PREFIX").env(&["LOCUST_CSV"]).help(
    "Write PREFIX_stats.csv, PREFIX_stats_history.csv, PREFIX_failures.csv and \
         PREFIX_exceptions.csv while the run goes on. Folders are made as needed",
);
pub(crate) static CSV_FULL_HISTORY: Flag = Flag::switch("csv-full-history")
    .env(&["LOCUST_CSV_FULL_HISTORY"])
    .help("Write every entry to PREFIX_stats_history.csv, not only the total");
pub(crate) static PRINT_STATS: Flag = Flag::switch("print-stats")
    .env(&["LOCUST_PRINT_STATS"])
    .help("Print the request table every two seconds also with the web page; without it that is done anyway");
pub(crate) static ONLY_SUMMARY: Flag =
    Flag::switch("only-summary").env(&["LOCUST_ONLY_SUMMARY"]).help("Print tables at the end only");
pub(crate) static RESET_STATS: Flag =
    Flag::switch("reset-stats").env(&["LOCUST_RESET_STATS"]).help("Begin counting anew when all users run");
pub(crate) static HTML: Flag = Flag::one("html", "FILE").env(&["LOCUST_HTML"]).help(
    "Write a report when the run is over: one file, to be opened in a browser. {u}, {r} and {t} in its name \
         stand for users, spawn rate and run time",
);
pub(crate) static RUNS_DIR: Flag = Flag::one("runs-dir", "DIR").env(&["AKRIDA_RUNS_DIR"]).help(
    "Keep a file of each run in this folder, written while it goes on; `akrida report FILE` makes all outputs of it",
);
pub(crate) static JSON: Flag =
    Flag::switch("json").help("Print the final figures as JSON to standard output");
pub(crate) static JSON_FILE: Flag = Flag::one("json-file", "NAME")
    .help("Write the final figures as JSON to NAME.json (as in Locust, .json is always added)");

// --- log ----------------------------------------------------------------------------------------------------

pub(crate) static SKIP_LOG_SETUP: Flag = Flag::switch("skip-log-setup").env(&["LOCUST_SKIP_LOG_SETUP"]).help(
    "Print no tables and no log lines but warnings and errors, and those without time and \
         origin",
);
pub(crate) static LOGLEVEL: Flag = Flag::one("loglevel", "LEVEL")
    .short('L')
    .env(&["LOCUST_LOGLEVEL"])
    .help("Least level of log lines: DEBUG, INFO, WARNING, ERROR or CRITICAL [default: INFO]");
pub(crate) static LOGFILE: Flag = Flag::one("logfile", "FILE")
    .env(&["LOCUST_LOGFILE"])
    .help("Append log lines to this file, not to standard error. Tables stay on standard error");

// --- other --------------------------------------------------------------------------------------------------

pub(crate) static SHOW_TASK_RATIO: Flag = Flag::switch("show-task-ratio").help(
    "Print how often each class and task will run, and exit. With a fixed_count, say --users \
         too",
);
pub(crate) static SHOW_TASK_RATIO_JSON: Flag = Flag::switch("show-task-ratio-json").help("The same as JSON");
pub(crate) static EXIT_CODE_ON_ERROR: Flag = Flag::one("exit-code-on-error", "CODE")
    .env(&["LOCUST_EXIT_CODE_ON_ERROR"])
    .help("Exit code of a run in which anything failed [default: 1]");
pub(crate) static STOP_TIMEOUT: Flag = Flag::one("stop-timeout", "TIME")
    .short('s')
    .env(&["LOCUST_STOP_TIMEOUT"])
    .help("How long users that stop may go on with their task [default: 0]");
pub(crate) static EQUAL_WEIGHTS: Flag = Flag::switch("equal-weights").help(
    "Give all user classes, and all tasks of a class, the same weight, whatever the scenario \
         says",
);
pub(crate) static PROFILE: Flag =
    Flag::one("profile", "NAME").help("A name for the run; stands in the log and the JSON output");
pub(crate) static OTEL: Flag = Flag::switch("otel")
    .env(&["LOCUST_ENABLE_OPENTELEMETRY"])
    .help("Send metrics by OpenTelemetry (OTLP), as the OTEL_* variables say")
    .status(if cfg!(feature = "otel") { Works } else { Missing("build it with --features otel") });

// --- Akrida's own -------------------------------------------------------------------------------------------

pub(crate) static STAGES: Flag = Flag::one("stages", "STAGES").env(&["AKRIDA_STAGES"]).help(
    "Users over time, as TIME:USERS or TIME:USERS@RATE with commas between them: \
         30s:10,2m:100@5,30s:0. Wins over the scenario's stages",
);
pub(crate) static FAIL_ON_SATURATION: Flag = Flag::switch("fail-on-saturation")
    .env(&["AKRIDA_FAIL_ON_SATURATION"])
    .help("Exit with code 3 when the load generator itself was the limit");
pub(crate) static FAIL_IF: Flag = Flag::each("fail-if", "CONDITION").env(&["AKRIDA_FAIL_IF"]).help(
    "Exit with code 1 if this holds at the end, such as 'p95 > 300ms', 'failures > 1%' or \
         'rps{name=\"/buy\"} < 50'; with `abort` behind it the run stops at once. May be said several times",
);
pub(crate) static WARM_UP: Flag = Flag::one("warm-up", "TIME")
    .env(&["AKRIDA_WARM_UP"])
    .help("Leave out of thresholds what is measured in this time from the start; wins over the scenario's");
pub(crate) static JUNIT: Flag = Flag::one("junit", "FILE")
    .env(&["AKRIDA_JUNIT"])
    .help("Write JUnit XML: a case for each threshold and each request");
pub(crate) static SUMMARY: Flag =
    Flag::one("summary", "FILE").env(&["AKRIDA_SUMMARY"]).help("Write a summary in Markdown");
pub(crate) static METRICS_PORT: Flag = Flag::one("metrics-port", "PORT").env(&["AKRIDA_METRICS_PORT"]).help(
    "Serve /metrics for Prometheus on this port, 0 for any that is free. A page has it on its own port anyway",
);
pub(crate) static CORES: Flag = Flag::one("cores", "N")
    .env(&["AKRIDA_CORES"])
    .help("Threads that run users [default: as many as there are cores]");
pub(crate) static SEED: Flag = Flag::one("seed", "N")
    .env(&["AKRIDA_SEED"])
    .help("Where waits, picks and random values start from; without it each run has its own");
pub(crate) static DRAIN: Flag = Flag::one("drain", "TIME").env(&["AKRIDA_DRAIN"]).help(
    "How long a request that is in flight at the end may take; one that takes longer is \
         counted as failed [default: 2s]",
);
pub(crate) static TLS_CA: Flag = Flag::one("tls-ca", "FILE")
    .env(&["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
    .help("PEM file with certificates to trust, in addition to the built-in ones");

/// All flags of a run, in the order of the help.
pub(crate) static GROUPS: &[Group] = &[
    Group {
        heading: "Common options",
        flags: &[&LOCUSTFILE, &CONFIG, &HOST, &USERS, &SPAWN_RATE, &RUN_TIME, &OPTION, &LIST, &CONFIG_USERS],
    },
    Group { heading: "Load", flags: &[&STAGES, &CORES, &SEED, &DRAIN, &TLS_CA] },
    Group { heading: "Verdict", flags: &[&FAIL_IF, &WARM_UP, &FAIL_ON_SATURATION, &JUNIT, &SUMMARY] },
    Group { heading: "Monitoring", flags: &[&METRICS_PORT, &OTEL] },
    Group { heading: "Tags", flags: &[&TAGS, &EXCLUDE_TAGS] },
    Group {
        heading: "Statistics",
        flags: &[
            &CSV,
            &CSV_FULL_HISTORY,
            &PRINT_STATS,
            &ONLY_SUMMARY,
            &RESET_STATS,
            &HTML,
            &RUNS_DIR,
            &JSON,
            &JSON_FILE,
        ],
    },
    Group { heading: "Log", flags: &[&SKIP_LOG_SETUP, &LOGLEVEL, &LOGFILE] },
    Group {
        heading: "Other options",
        flags: &[
            &SHOW_TASK_RATIO,
            &SHOW_TASK_RATIO_JSON,
            &EXIT_CODE_ON_ERROR,
            &STOP_TIMEOUT,
            &EQUAL_WEIGHTS,
            &PROFILE,
        ],
    },
    Group {
        heading: "Web page",
        flags: &[
            &HEADLESS,
            &AUTOSTART,
            &AUTOQUIT,
            &WEB_HOST,
            &WEB_HOST_DISPLAY_NAME,
            &WEB_PORT,
            &WEB_BASE_PATH,
            &WEB_LOGIN,
            &HEADFUL,
            &TLS_CERT,
            &TLS_KEY,
            &CLASS_PICKER,
            &BUILD_PATH,
            &WEB_USERS,
            &WEB_OPEN_STATS,
            &WEB_ALLOW_ORIGIN,
            &WEB_ALLOW_HOST,
        ],
    },
    Group {
        heading: "Many machines",
        flags: &[
            &MASTER,
            &MASTER_BIND_HOST,
            &MASTER_BIND_PORT,
            &LEGACY_08_PORT,
            &EXPECT_WORKERS,
            &EXPECT_WORKERS_MAX_WAIT,
            &WORKER_WAIT,
            &HEARTBEAT_INTERVAL,
            &HEARTBEAT_LIVENESS,
            &STATE_DIR,
            &ENABLE_REBALANCING,
            &WORKER,
            &PROCESSES,
            &MASTER_HOST,
            &MASTER_PORT,
            &HEALTH_PORT,
        ],
    },
    Group {
        heading: "Workers in Kubernetes",
        flags: &[
            &WORKER_DEPLOYMENT,
            &WORKER_NAMESPACE,
            &MIN_WORKERS,
            &MAX_WORKERS,
            &AUTOSCALE_WORKERS,
            &USERS_PER_WORKER,
            &WORKERS_COOLDOWN,
        ],
    },
];

/// All flags of a run.
pub(crate) fn all() -> impl Iterator<Item = &'static Flag> {
    GROUPS.iter().flat_map(|group| group.flags).copied()
}

/// The flag that is called so, without dashes.
pub(crate) fn named(long: &str) -> Option<&'static Flag> {
    all().find(|flag| flag.long == long)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// What `locust --help` of 2.47.0 and its sources list, with environment names.
    const LOCUST: &str = "
        locustfile f LOCUST_LOCUSTFILE|config|host H LOCUST_HOST|users u LOCUST_USERS
        spawn-rate r LOCUST_SPAWN_RATE|run-time t LOCUST_RUN_TIME|list l|config-users LOCUST_CONFIG_USERS
        web-host LOCUST_WEB_HOST|web-host-display-name LOCUST_WEB_HOST_DISPLAY_NAME|web-port P LOCUST_WEB_PORT
        headless LOCUST_HEADLESS|autostart LOCUST_AUTOSTART|autoquit LOCUST_AUTOQUIT|headful LOCUST_HEADFUL
        web-login LOCUST_WEB_LOGIN|tls-cert LOCUST_TLS_CERT|tls-key LOCUST_TLS_KEY
        class-picker LOCUST_USERCLASS_PICKER|build-path LOCUST_BUILD_PATH|web-base-path LOCUST_WEB_BASE_PATH
        master LOCUST_MODE_MASTER|master-bind-host LOCUST_MASTER_BIND_HOST
        master-bind-port LOCUST_MASTER_BIND_PORT|expect-workers LOCUST_EXPECT_WORKERS
        expect-workers-max-wait LOCUST_EXPECT_WORKERS_MAX_WAIT|enable-rebalancing|worker LOCUST_MODE_WORKER
        processes LOCUST_PROCESSES|master-host LOCUST_MASTER_NODE_HOST|master-port LOCUST_MASTER_NODE_PORT
        tags T LOCUST_TAGS|exclude-tags E LOCUST_EXCLUDE_TAGS|csv LOCUST_CSV
        csv-full-history LOCUST_CSV_FULL_HISTORY|print-stats LOCUST_PRINT_STATS|only-summary LOCUST_ONLY_SUMMARY
        reset-stats LOCUST_RESET_STATS|html LOCUST_HTML|json|json-file|skip-log-setup LOCUST_SKIP_LOG_SETUP
        loglevel L LOCUST_LOGLEVEL|logfile LOCUST_LOGFILE|show-task-ratio|show-task-ratio-json
        exit-code-on-error LOCUST_EXIT_CODE_ON_ERROR|stop-timeout s LOCUST_STOP_TIMEOUT|equal-weights|profile
        otel LOCUST_ENABLE_OPENTELEMETRY";

    #[test]
    fn every_flag_of_locust_is_here() {
        let entries = LOCUST.split(['|', '\n']).map(str::trim).filter(|entry| !entry.is_empty());
        for entry in entries {
            let mut words = entry.split(' ');
            let flag = named(words.next().unwrap()).unwrap_or_else(|| panic!("{entry}"));
            for word in words {
                let short = (word.len() == 1).then(|| word.chars().next()).flatten();
                assert!(
                    flag.env.first() == Some(&word) || (short.is_some() && flag.short == short),
                    "{entry}"
                );
            }
        }
    }

    #[test]
    fn names_are_told_apart() {
        let (mut names, mut count) = (BTreeSet::new(), 0);
        for flag in all() {
            let short = flag.short.map(String::from);
            for name in [flag.long].into_iter().chain(flag.env.iter().copied()).chain(short.as_deref()) {
                names.insert(name.to_owned());
                count += 1;
            }
            assert!(!flag.help.is_empty(), "{}", flag.long);
        }
        assert_eq!(names.len(), count);
    }
}
