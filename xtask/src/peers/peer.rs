//! The load generators that are measured beside each other, and how each is installed and started.

use super::figures::Failed;
use crate::step::{output, root, step, target};
use std::path::PathBuf;
use std::process::Command;

/// A load generator. The scripts are for `sh` and see `URL`, `USERS`, `DURATION` (seconds), `PEERS` (where they
/// may install), `SOURCES` (this folder's files for them) and `AKRIDA` (the binary).
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    /// Prints a line with the version, or nothing if it is not installed.
    version: &'static str,
    install: &'static str,
    /// Gets one page over and over.
    pub(crate) plain: &'static str,
    /// Gets one page every five seconds with each user, if it can.
    pub(crate) waiting: Option<&'static str>,
}

pub(crate) const PEERS: &[Peer] = &[
    Peer {
        name: "akrida",
        version: r#""$AKRIDA" --version"#,
        install: "cargo build --locked --release -p akrida",
        plain: r#"exec "$AKRIDA" "$URL" -u "$USERS" -r "$USERS" -t "${DURATION}s" --headless --cores 1"#,
        waiting: Some(
            r#"exec "$AKRIDA" -f "$SOURCES/waiting.py" -H "$URL" -u "$USERS" -r "$USERS" -t "${DURATION}s" \
            --headless --cores 1"#,
        ),
    },
    Peer {
        name: "wrk",
        version: r"wrk -v 2>&1 | sed -n '1s/ \[.*//p'",
        install: "apt-get install -y wrk",
        plain: r#"exec wrk -t1 -c"$USERS" -d"${DURATION}s" "$URL""#,
        waiting: None,
    },
    Peer {
        name: "oha",
        version: "oha --version",
        install: r#"cargo install --locked --root "$PEERS" --target-dir "$PEERS/build" oha@1.16.0"#,
        plain: r#"exec oha --no-tui -z "${DURATION}s" -c "$USERS" "$URL""#,
        waiting: Some(r#"exec oha --no-tui -z "${DURATION}s" -c "$USERS" -q $((USERS / 5 + 1)) "$URL""#),
    },
    Peer {
        name: "hey",
        version: "dpkg-query -W -f 'hey ${Version}' hey",
        install: "apt-get install -y hey",
        plain: r#"exec hey -z "${DURATION}s" -c "$USERS" "$URL""#,
        waiting: None,
    },
    Peer {
        name: "goose",
        version: r#"command -v goose-peer >/dev/null &&
            sed -n 's/^goose = "=\(.*\)"/goose \1/p' "$SOURCES/goose.toml""#,
        install: r#"mkdir -p "$PEERS/goose/src" "$PEERS/bin" && cd "$PEERS/goose" &&
            cp "$SOURCES/goose.toml" Cargo.toml && cp "$SOURCES/goose.rs" src/main.rs &&
            cargo build --release --target-dir "$PEERS/build" && cp "$PEERS/build/release/goose-peer" "$PEERS/bin/""#,
        plain: r#"exec goose-peer -H "$URL" -u "$USERS" -r "$USERS" -t "${DURATION}""#,
        waiting: Some(r#"export WAIT=5; exec goose-peer -H "$URL" -u "$USERS" -r "$USERS" -t "${DURATION}""#),
    },
    Peer {
        name: "Locust",
        version: "locust --version 2>/dev/null | sed 's/ from .*//; s/$/, FastHttpUser/'",
        install: r#"python3 -m venv "$PEERS/venv" && "$PEERS/venv/bin/pip" install locust==2.47.0"#,
        plain: r#"exec locust -f "$SOURCES/plain.py" -H "$URL" -u "$USERS" -r "$USERS" -t "${DURATION}s" \
            --headless --only-summary"#,
        waiting: Some(
            r#"exec locust -f "$SOURCES/waiting.py" -H "$URL" -u "$USERS" -r "$USERS" -t "${DURATION}s" \
            --headless --only-summary"#,
        ),
    },
];

impl Peer {
    /// One more way to run the binary, which is built already.
    pub(crate) const fn of_akrida(name: &'static str, plain: &'static str) -> Self {
        Self { name, version: "", install: "", plain, waiting: None }
    }

    /// Makes sure that it is there; says its version.
    pub(crate) fn ready(&self) -> Result<String, Failed> {
        if self.name == "akrida" || self.installed().is_none() {
            let mut install = shell(self.install);
            step(&format!("install {}", self.name), install.current_dir(root()))
                .map_err(|failure| failure.0)?;
        }
        self.installed().ok_or_else(|| format!("{} is installed but does not say its version", self.name))
    }

    fn installed(&self) -> Option<String> {
        output(&mut shell(self.version)).filter(|version| !version.is_empty())
    }
}

/// Where what is installed here goes.
pub(crate) fn folder() -> PathBuf {
    target().join("peers")
}

/// A script with what all scripts see.
pub(crate) fn shell(script: &str) -> Command {
    let (peers, sources) = (folder(), root().join("xtask/peers"));
    let path = format!(r#"PATH="$PEERS/bin:$PEERS/venv/bin:$HOME/.cargo/bin:$PATH"; {script}"#);
    let mut command = Command::new("sh");
    command.arg("-c").arg(path).env("PEERS", peers).env("SOURCES", sources);
    command.env("AKRIDA", target().join("release/akrida"));
    command
}
