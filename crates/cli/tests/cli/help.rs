//! What `--help` and `--version` say, and how usage errors look.

use crate::binary::{Akrida, akrida};

#[test]
fn help() {
    let columns = Akrida::new().variable("COLUMNS", "110");
    insta::assert_snapshot!(columns.run("--help"));
    insta::assert_snapshot!(columns.run("check --help"));
    insta::assert_snapshot!(columns.run("demo-target --help"));
}

#[test]
fn version() {
    for flag in ["--version", "-V"] {
        let ended = akrida(flag);
        assert_eq!(ended.stdout, concat!("akrida ", env!("CARGO_PKG_VERSION"), "\n"));
        assert_eq!(ended.code, Some(0));
    }
}

#[test]
fn wrong_usage() {
    let lines = [
        "",
        "--usrs 5",
        "-u",
        "-u ten",
        "--web-login",
        "http://localhost --config-users x",
        "-f missing.yaml",
        "-f notes.txt",
        "-f http://example.org/locustfile.py",
        "-f -",
        "--master -f -",
        "demo -H http://localhost",
        "demo-target --port x",
        "healthcheck --worker",
        "--worker --health-port 70000",
        "demo --tls-ca missing.pem -t 1s --headless",
    ];
    let shown = lines.map(|line| format!("$ akrida {line}\n{}\n", akrida(line)));
    insta::assert_snapshot!(shown.join("\n"));
}
