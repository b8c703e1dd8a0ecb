//! Makes the bundle of the page from `web/`, in a copy, so that nothing is written beside the sources.
//!
//! Needs Node and npm, and the network the first time. Who has neither names a folder with a ready bundle, which
//! `node build.mjs FOLDER` makes in `web/`, in `AKRIDA_WEB_BUNDLE`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

/// Names a folder with a ready bundle.
const READY: &str = "AKRIDA_WEB_BUNDLE";

/// What the bundle is made of: files and folders of `web/`.
const SOURCES: [&str; 5] = ["package.json", "package-lock.json", ".npmrc", "build.mjs", "src"];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("\nThe web page cannot be built: {problem}\n");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is how cargo speaks with build scripts")]
fn run() -> Result<(), String> {
    println!("cargo::rerun-if-env-changed={READY}");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo did not say where to build")?);
    let bundle = match env::var_os(READY) {
        Some(ready) => {
            let ready =
                fs::canonicalize(&ready).map_err(|error| format!("{READY}={}: {error}", ready.display()))?;
            println!("cargo::rerun-if-changed={}", ready.display());
            ready
        }
        None => build(&out)?,
    };
    let code = embed(&bundle)?;
    fs::write(out.join("assets.rs"), code).map_err(|error| error.to_string())
}

/// Copies the sources, gets what they need, and makes the bundle.
fn build(out: &Path) -> Result<PathBuf, String> {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web");
    let copy = out.join("web");
    let _ = fs::remove_dir_all(copy.join("src"));
    for source in SOURCES {
        println!("cargo::rerun-if-changed={}", web.join(source).display());
        copy_all(&web.join(source), &copy.join(source)).map_err(|error| format!("web/{source}: {error}"))?;
    }
    let lock = fs::read(copy.join("package-lock.json")).map_err(|error| error.to_string())?;
    let installed = copy.join("node_modules/.installed");
    if fs::read(&installed).ok().as_ref() != Some(&lock) {
        run_in(&copy, "npm", &["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"])?;
        fs::write(&installed, lock).map_err(|error| error.to_string())?;
    }
    let bundle = out.join("bundle");
    run_in(&copy, "node", &["build.mjs", &bundle.to_string_lossy()])?;
    Ok(bundle)
}

fn run_in(folder: &Path, program: &str, arguments: &[&str]) -> Result<(), String> {
    let typed = format!("`{program} {}`", arguments.join(" "));
    let output = Command::new(program).args(arguments).current_dir(folder).output().map_err(|error| {
        format!(
            "{typed}: {error}.\nInstall Node 18 or newer with npm (Debian: apt-get install nodejs npm), or let {READY} name a \
             folder with a ready bundle."
        )
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!(
        "{typed} in {} failed: {}\n{}\nWithout a network, let {READY} name a folder with a ready bundle.",
        folder.display(),
        output.status,
        String::from_utf8_lossy(&said)
    ))
}

fn copy_all(from: &Path, to: &Path) -> std::io::Result<()> {
    if !from.is_dir() {
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        return fs::copy(from, to).map(|_| ());
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy_all(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Code that holds the files of a bundle.
fn embed(bundle: &Path) -> Result<String, String> {
    let list = bundle.join("assets.txt");
    let list = fs::read_to_string(&list).map_err(|error| format!("{}: {error}", list.display()))?;
    let mut code = "pub(super) static ASSETS: &[Asset] = &[\n".to_owned();
    for line in list.lines() {
        let (source, name) = line.split_once(' ').ok_or_else(|| format!("assets.txt: {line}"))?;
        let file = |end: &str| format!("{:?}", bundle.join(format!("{name}{end}")).display().to_string());
        let _ = writeln!(
            code,
            "    Asset {{ source: {source:?}, name: {name:?}, plain: include_bytes!({}), gzip: include_bytes!({}), \
             brotli: include_bytes!({}) }},",
            file(""),
            file(".gz"),
            file(".br")
        );
    }
    code.push_str("];\n");
    Ok(code)
}
