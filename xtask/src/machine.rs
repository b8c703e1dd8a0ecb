//! What has to be on the machine before tests can run, and how it gets there.

use crate::old_locust;
use crate::step::{Failure, output, step, target};
use std::path::PathBuf;
use std::process::Command;

/// What nobody but a person should install: name, command that shows it, what to do without it.
const NEEDED: &[(&str, &[&str], &str)] = &[
    ("rustfmt", &["cargo", "fmt", "--version"], "rustup component add rustfmt"),
    ("clippy", &["cargo", "clippy", "--version"], "rustup component add clippy"),
    ("a C++ compiler", &["c++", "--version"], "apt-get install g++"),
    ("openssl", &["openssl", "version"], "apt-get install openssl"),
    ("Python 3 with venv", &["python3", "-c", "import ensurepip"], "apt-get install python3-venv"),
];

/// The oldest Node with which the page's tests run; the page itself is built by 18.
const NODE: u32 = 20;

/// The oldest kubectl that renders what is in k8s/: 1.MINOR.
const KUBECTL: u32 = 22;

/// The Locust that Akrida is compared with. Tests look for it in a folder of this name beside what cargo builds.
const LOCUST: &str = "2.47.0";

/// The version of the package that has the official definitions of OpenTelemetry's messages.
const OPENTELEMETRY: &str = "1.45.2";

/// Makes sure that all is there.
pub(crate) fn ready() -> Result<(), Failure> {
    for (name, command, remedy) in NEEDED {
        if output(Command::new(command[0]).args(&command[1..])).is_none() {
            let command = command.join(" ");
            return Err(Failure(format!("{name} is missing: `{command}` does not run. Try: {remedy}")));
        }
    }
    nginx()?;
    prometheus()?;
    node()?;
    browser()?;
    kubectl()?;
    locust()?;
    opentelemetry()?;
    old_locust::ready()
}

/// What the page is built with, and what its tests run in.
fn node() -> Result<(), Failure> {
    let version = || output(Command::new("node").arg("--version"));
    if version().is_none() || output(Command::new("npm").arg("--version")).is_none() {
        install("Node", "nodejs npm")?;
    }
    let version = version().ok_or_else(|| Failure("node was installed, but does not run".to_owned()))?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    if major.is_some_and(|major: u32| major >= NODE) {
        return Ok(());
    }
    Err(Failure(format!(
        "the page's tests need Node {NODE} or newer, and this is {version}: see https://nodejs.org"
    )))
}

/// The browser that the page is tested in.
pub(crate) fn browser() -> Result<(), Failure> {
    if output(&mut shell("command -v chromium || command -v google-chrome")).is_some() {
        return Ok(());
    }
    install("Chromium", "chromium")
}

/// What renders the manifests; no cluster is asked.
fn kubectl() -> Result<(), Failure> {
    let version = || output(Command::new("kubectl").args(["version", "--client", "-o", "json"]));
    if version().is_none() && packaged_minor().is_some_and(|minor| minor >= KUBECTL) {
        install("kubectl", "kubernetes-client")?;
    }
    let found = version().and_then(|json| minor(json.split("\"gitVersion\"").nth(1)?.split('"').nth(1)?));
    if found.is_some_and(|minor| minor >= KUBECTL) {
        return Ok(());
    }
    let state = found.map_or_else(|| "is missing".to_owned(), |minor| format!("1.{minor} is too old"));
    Err(Failure(format!(
        "kubectl {state}: 1.{KUBECTL} or newer renders the manifests in k8s/. Debian has one from 13 on \
         (apt-get install kubernetes-client; that of Debian 12 is 1.20); elsewhere take the program from \
         https://kubernetes.io/docs/tasks/tools/"
    )))
}

/// The minor version of the kubectl that Debian would install.
fn packaged_minor() -> Option<u32> {
    let policy = output(&mut shell("apt-get update >&2 && apt-cache policy kubernetes-client"))?;
    minor(policy.split("Candidate: ").nth(1)?.lines().next()?)
}

/// Of `v1.32.4`, or of `1.20.5+really1.20.2-1.1`, whose last version is the one that it has.
fn minor(version: &str) -> Option<u32> {
    version.rsplit("really").next()?.split('.').nth(1)?.parse().ok()
}

/// The server that HTTP/2 is proven against, and that is loaded by benchmarks.
pub(crate) fn nginx() -> Result<(), Failure> {
    let there = || output(&mut shell("PATH=$PATH:/usr/sbin; command -v nginx")).is_some();
    if there() {
        return Ok(());
    }
    install("nginx", "nginx-light")?;
    if there() { Ok(()) } else { Err(Failure("nginx was installed, but is not found".to_owned())) }
}

/// What scrapes the metrics of a run in tests, with the tool that checks them.
fn prometheus() -> Result<(), Failure> {
    if output(&mut shell("command -v prometheus && command -v promtool")).is_some() {
        return Ok(());
    }
    install("Prometheus", "prometheus")
}

fn install(name: &str, packages: &str) -> Result<(), Failure> {
    if output(&mut shell(r#"test "$(id -u)" = 0 && command -v apt-get"#)).is_none() {
        return Err(Failure(format!(
            "{name} is missing, and only root on Debian gets it from here. Try: sudo apt-get install {packages}"
        )));
    }
    let script = format!("apt-get update && apt-get install -y --no-install-recommends {packages}");
    step(&format!("install {name}"), &mut shell(&script))
}

/// The program of the Locust that [`ready`] installs.
pub(crate) fn locust_program() -> PathBuf {
    locust_folder().join("bin/locust")
}

/// The environment that [`ready`] makes for it.
pub(crate) fn locust_folder() -> PathBuf {
    target().join(format!("locust-{LOCUST}"))
}

/// Real Locust, in an environment of its own that stays for the next time.
fn locust() -> Result<(), Failure> {
    let folder = locust_folder();
    let version = output(Command::new(folder.join("bin/locust")).arg("--version"));
    if version.is_some_and(|version| version.contains(LOCUST)) {
        return Ok(());
    }
    step("an environment for Locust", Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    step("install Locust", pip.arg(format!("locust=={LOCUST}")))
}

/// The official definitions of OpenTelemetry's messages, which a test has ours decoded by.
fn opentelemetry() -> Result<(), Failure> {
    let python = locust_folder().join("bin/python");
    let there =
        || output(Command::new(&python).args(["-c", "import opentelemetry.proto.collector.metrics.v1"]));
    if there().is_some() {
        return Ok(());
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    let package = format!("opentelemetry-proto=={OPENTELEMETRY}");
    step("install OpenTelemetry's definitions", pip.arg(package))
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_kubectl() {
        assert_eq!(minor("v1.32.4-dispatcher"), Some(32));
        assert_eq!(minor("v1.22.0"), Some(22));
        assert_eq!(minor("1.20.5+really1.20.2-1.1+deb12u1"), Some(20));
        assert_eq!(minor("1.32.3+ds-2"), Some(32));
        assert_eq!(minor("(none)"), None);
    }
}
