//! The flags of `akrida autoscale`: those of a run that say what a test does, and its own.

use super::{Flag, Group, flags};

pub(crate) static TARGET: Flag = Flag::one("target", "KIND/NAME")
    .env(&["AKRIDA_AUTOSCALE_TARGET"])
    .help("What is scaled, such as deployment/fibonacci, or any scale target as GROUP/VERSION/KIND/NAME");
pub(crate) static NAMESPACE: Flag = Flag::one("target-namespace", "NAME")
    .env(&["AKRIDA_AUTOSCALE_NAMESPACE"])
    .help("Where that is [default: the namespace of the pod, or of the kubeconfig's context]");
pub(crate) static EVALUATION: Flag = Flag::one("evaluation", "FILE")
    .env(&["AKRIDA_AUTOSCALE_EVALUATION"])
    .help("What a test is compared with, in YAML");
pub(crate) static INTERVAL: Flag = Flag::one("interval", "TIME")
    .env(&["AKRIDA_AUTOSCALE_INTERVAL"])
    .help("From the beginning of one round to that of the next [default: 15s]");
pub(crate) static STATE: Flag = Flag::one("state", "PLACE").env(&["AKRIDA_AUTOSCALE_STATE"]).help(
    "Where rounds keep what they remember: configmap/NAME beside the target, `annotation` of the target, or a file \
     [default: configmap/akrida-autoscaler]",
);
pub(crate) static DRY_RUN: Flag = Flag::switch("dry-run")
    .env(&["AKRIDA_AUTOSCALE_DRY_RUN"])
    .help("Test, decide and tell, but change nothing");
pub(crate) static IGNORE_RIVALS: Flag = Flag::switch("ignore-rivals")
    .env(&["AKRIDA_AUTOSCALE_IGNORE_RIVALS"])
    .help("Scale although a HorizontalPodAutoscaler or a ScaledObject scales the same target");
pub(crate) static ROUNDS: Flag = Flag::one("rounds", "N")
    .env(&["AKRIDA_AUTOSCALE_ROUNDS"])
    .help("End after so many rounds [default: go on until somebody ends it]");
pub(crate) static STATUS_PORT: Flag = Flag::one("status-port", "PORT")
    .env(&["AKRIDA_AUTOSCALE_STATUS_PORT"])
    .help("Port of /healthz and /metrics, 0 for any that is free [default: 8090]");
pub(crate) static ON_MASTER: Flag = Flag::one("on-master", "URL").env(&["AKRIDA_AUTOSCALE_ON_MASTER"]).help(
    "Run the tests on the Akrida master whose page is there, such as http://akrida-master:8089, not in this process",
);
pub(crate) static ON_MASTER_TOKEN: Flag = Flag::one("on-master-token", "TOKEN")
    .env(&["AKRIDA_AUTOSCALE_ON_MASTER_TOKEN"])
    .help("Token of that page, as `akrida web-user --token` makes it; better given by the environment");

const OWN: Group = Group {
    heading: "Autoscaling",
    flags: &[
        &TARGET,
        &NAMESPACE,
        &EVALUATION,
        &INTERVAL,
        &STATE,
        &DRY_RUN,
        &IGNORE_RIVALS,
        &ROUNDS,
        &STATUS_PORT,
        &ON_MASTER,
        &ON_MASTER_TOKEN,
    ],
};

/// All that can be said after `akrida autoscale`, in the order of the help.
pub(crate) static GROUPS: &[Group] = &[
    OWN,
    Group {
        heading: "The test",
        flags: &[
            &flags::LOCUSTFILE,
            &flags::CONFIG,
            &flags::HOST,
            &flags::USERS,
            &flags::SPAWN_RATE,
            &flags::RUN_TIME,
            &flags::STAGES,
            &flags::CORES,
            &flags::SEED,
            &flags::DRAIN,
            &flags::STOP_TIMEOUT,
            &flags::TLS_CA,
            &flags::TAGS,
            &flags::EXCLUDE_TAGS,
            &flags::EQUAL_WEIGHTS,
            &flags::LIST,
        ],
    },
    Group { heading: "Log", flags: &[&flags::SKIP_LOG_SETUP, &flags::LOGLEVEL, &flags::LOGFILE] },
];

/// Its own flags.
pub(crate) fn own() -> impl Iterator<Item = &'static Flag> {
    OWN.flags.iter().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_told_apart_from_those_of_a_run() {
        let names = |flag: &'static Flag| [flag.long].into_iter().chain(flag.env.iter().copied());
        let others: BTreeSet<&str> = flags::all().flat_map(names).collect();
        let own: Vec<&str> = own().flat_map(names).collect();
        assert_eq!(own.iter().collect::<BTreeSet<_>>().len(), own.len());
        assert!(own.iter().all(|name| !others.contains(name)), "{own:?}");
    }
}
