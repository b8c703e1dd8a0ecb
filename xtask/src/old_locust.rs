//! Locust of old generations, which tests have as masters and workers beside ours.
//!
//! Each stands in an environment of its own, with everything pinned: what is newer than the pins breaks it. Python of
//! today runs them as they are, with the newest gevent, zmq and requests that have wheels for it; the web servers'
//! libraries are as old as those that these Locusts import from.

use crate::step::{Failure, output, step, target};
use std::fs;
use std::path::Path;
use std::process::Command;

/// A version, and what it is installed with.
struct Old {
    version: &'static str,
    /// Wheels.
    wheels: &'static [&'static str],
    /// What there is only as source: built with [`BUILDERS`].
    sources: &'static [&'static str],
    /// What Python runs before it, where it cannot run as it is.
    shim: &'static str,
}

/// With what sources are built.
const BUILDERS: &[&str] = &["setuptools==69.5.1", "wheel==0.43.0"];

/// What all of them need. Flask 1.1 is the last one that has what they import, and needs the others as old.
const COMMON: &[&str] = &[
    "gevent==23.9.1",
    "greenlet==3.0.3",
    "zope.event==5.0",
    "zope.interface==6.1",
    "flask==1.1.2",
    "werkzeug==2.0.3",
    "jinja2==3.0.3",
    "itsdangerous==2.0.1",
    "markupsafe==2.1.5",
    "click==8.1.7",
    "requests==2.31.0",
    "urllib3==2.0.7",
    "idna==3.6",
    "certifi==2024.2.2",
    "charset-normalizer==3.3.2",
    "pyzmq==25.1.2",
    "six==1.16.0",
];

/// gevent renamed the function that 0.8.1 calls for its signals, and the name is a module's now.
const SIGNAL: &str = "\
import gevent, gevent.signal, types

class Signal(types.ModuleType):
    def __call__(self, *arguments):
        return gevent.signal_handler(*arguments)

gevent.signal.__class__ = Signal
";

const OLD: &[Old] = &[
    Old {
        version: "1.6.0",
        wheels: &[
            "locust==1.6.0",
            "msgpack==1.0.7",
            "geventhttpclient==2.0.11",
            "brotli==1.1.0",
            "configargparse==1.7.1",
            "psutil==5.9.8",
            "flask-cors==4.0.0",
        ],
        sources: &["flask-basicauth==0.2.0"],
        shim: "",
    },
    Old {
        version: "0.14.6",
        wheels: &["locustio==0.14.6", "msgpack==1.0.7", "configargparse==1.7.1", "psutil==5.9.8"],
        sources: &[],
        shim: "",
    },
    // The last msgpack that reads as this one asks it to, and writes texts in the old form.
    Old { version: "0.8.1", wheels: &[], sources: &["locustio==0.8.1", "msgpack==0.6.2"], shim: SIGNAL },
];

/// Installs those that are not there as they should be.
pub(crate) fn ready() -> Result<(), Failure> {
    OLD.iter().try_for_each(install)
}

fn install(old: &Old) -> Result<(), Failure> {
    let folder = target().join(format!("locust-{}", old.version));
    let wheels = [BUILDERS, COMMON, old.wheels].concat();
    let installed = folder.join("installed");
    let pins = [&wheels[..], old.sources, &[old.shim]].concat().join("\n");
    if fs::read_to_string(&installed).is_ok_and(|was| was == pins) {
        return Ok(());
    }
    let name = format!("an environment for Locust {}", old.version);
    step(&name, Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let name = format!("install Locust {}", old.version);
    step(&name, pip(&folder).args(["--only-binary", ":all:"]).args(&wheels))?;
    if !old.sources.is_empty() {
        let name = format!("build what Locust {} needs", old.version);
        step(&name, pip(&folder).arg("--no-build-isolation").args(old.sources))?;
    }
    if !old.shim.is_empty() {
        let packages = "import sysconfig; print(sysconfig.get_path('purelib'))";
        let packages = output(Command::new(folder.join("bin/python")).args(["-c", packages]))
            .ok_or_else(|| Failure(format!("Locust {} has no place for packages", old.version)))?;
        fs::write(Path::new(&packages).join("sitecustomize.py"), old.shim)?;
    }
    // Said last: an install that was broken off is begun anew.
    fs::write(installed, pins)?;
    Ok(())
}

fn pip(folder: &Path) -> Command {
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    pip
}
