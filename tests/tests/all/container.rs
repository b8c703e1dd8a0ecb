//! The container image, as far as that can be had without an engine: the folder that the Dockerfile puts into it, and
//! the binary in there, as its user, with its variables, as process 1 on a root that cannot be written.
//!
//! What is not tried here is the build itself.

use crate::binary::{Akrida, binary, folder, free_port};
use crate::health::{get, post};
use crate::kubernetes::yaml::documents;
use crate::repository::{path, root, text};
use akrida_testkit::{Answer, Target};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// What an engine does before it starts the program. Its arguments: root, user, group, first folder, program and more.
const ENTER: &str = r#"
    set -e
    root=$1 user=$2 group=$3 folder=$4
    shift 4
    mount --bind "$root" "$root"
    mount -t proc proc "$root/proc"
    mount -o remount,bind,ro "$root"
    exec env -u PATH /usr/bin/setpriv --no-new-privs \
        /usr/bin/unshare --root "$root" --wd "$folder" --setgid "$group" --setuid "$user" -- "$@"
"#;

/// What the last stage of the Dockerfile says by this instruction.
pub(crate) fn image(instruction: &str) -> String {
    let file = text(Path::new("Dockerfile")).expect("there is a Dockerfile");
    let stage = file.rsplit("\nFROM ").next().unwrap_or_default().to_owned();
    let line = stage.lines().find_map(|line| line.strip_prefix(instruction)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("the image has no {instruction}")).to_owned()
}

/// The words of an instruction in its form without a shell.
fn words(instruction: &str) -> Vec<String> {
    let line = image(instruction);
    let list = line.find('[').map(|start| &line[start..]).expect("a list, since there is no shell");
    serde_json::from_str(list).expect("a list of texts")
}

/// The image's root folder, with what is mounted into it.
struct Image {
    root: PathBuf,
}

impl Image {
    fn new() -> Self {
        let root = folder().join("root");
        let made = Command::new(path("container/root.sh")).arg(binary()).arg(&root).output().unwrap();
        assert!(made.status.success(), "{made:?}");
        fs::write(root.join("etc/hosts"), "127.0.0.1 localhost locust-master\n").unwrap();
        Self { root }
    }

    fn file(&self, path: &str, text: &str) {
        fs::write(self.root.join(path), text).unwrap();
    }

    /// The program, and what an engine would add to it.
    fn start(&self, variables: &[(&str, &str)], command: &[String]) -> Akrida {
        let user = image("USER");
        let (user, group) = user.split_once(':').expect("a user and a group");
        let set = image("ENV");
        let own = set.split_once('=').expect("one variable");
        let path = ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        let mut entering = Command::new("unshare");
        entering
            .args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "sh"])
            .arg(&self.root);
        entering.args([user, group, &image("WORKDIR")]).args(command);
        Akrida::start_by(entering, &[&[path, own][..], variables].concat())
    }

    /// Runs something to its end; its exit code, and what it says.
    fn run(&self, variables: &[(&str, &str)], command: &[String]) -> (Option<i32>, String) {
        let ended = self.start(variables, command).end(Duration::ZERO);
        (ended.status.code(), ended.stdout + &ended.stderr)
    }
}

/// The one process that another has started: the program, as the system around it knows it.
fn child_of(pid: u32) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
    children.split(' ').next()?.parse().ok()
}

/// Asks the program to end, as an engine does: from outside, where it is not the first process.
fn terminate(container: &Akrida) {
    let program = child_of(container.pid()).expect("it runs");
    assert!(Command::new("kill").args(["-TERM", &program.to_string()]).status().unwrap().success());
}

#[test]
fn master_and_worker_run_by_the_first_images_variables() {
    let image = Image::new();
    let entry = words("ENTRYPOINT");
    let (code, said) = image.run(&[], &[&entry[..], &["--version".to_owned()]].concat());
    if code != Some(0) {
        // Without these rights the rest would say nothing about the image.
        assert!(said.contains("not permitted") || said.contains("denied"), "{code:?} {said}");
        println!("Not run as in a container, for which root and mounts are needed: {said}");
        return;
    }
    // The test of k8s/compat, at the place where the first image looked for it.
    let scripts = &documents(&text(Path::new("k8s/compat/scripts-cm.yaml")).unwrap())[0];
    image.file("locust/locustfile.py", scripts["data"]["locustfile.py"].as_str().unwrap());
    let target = Target::start(|_| Answer::ok("34"));
    let (url, port, web) = (target.url(), free_port(), free_port());
    let (masters_health, workers_health) = (free_port(), free_port());
    let of_both: [(&str, &str); 2] = [("ATTACKED_HOST", &url), ("LOCUST_MASTER_BIND_PORT", &port)];
    let of_master: [(&str, &str); 4] = [
        ("LOCUST_MODE", "MASTER"),
        ("LOCUST_OPTS", "--no-reset-stats"),
        ("LOCUST_WEB_PORT", &web),
        ("AKRIDA_HEALTH_PORT", &masters_health),
    ];
    let of_worker: [(&str, &str); 3] = [
        ("LOCUST_MODE", "SLAVE"),
        ("LOCUST_MASTER", "locust-master"),
        ("AKRIDA_HEALTH_PORT", &workers_health),
    ];
    let of_master = [&of_both[..], &of_master].concat();
    let of_worker = [&of_both[..], &of_worker].concat();

    let master = image.start(&of_master, &entry);
    let worker = image.start(&of_worker, &entry);
    worker.until(|| get(&workers_health, "/readyz").is_some_and(|(status, _)| status == 200));
    for variables in [&of_master, &of_worker] {
        let (code, said) = image.run(variables, &words("HEALTHCHECK"));
        assert_eq!(code, Some(0), "{said}");
    }
    let process = child_of(worker.pid()).unwrap();
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    for wanted in ["Uid:\t10001\t10001\t", "Groups:\t \n", "CapEff:\t0000000000000000\n", "NoNewPrivs:\t1\n"]
    {
        assert!(status.contains(wanted), "{wanted:?} is not in {status}");
    }
    let convert = ["convert", "--curl", "curl http://a/", "-o", "/tmp/a.yaml"].map(str::to_owned);
    let (code, said) = image.run(&[], &[&entry[..], &convert].concat());
    assert!(code != Some(0) && said.contains("Read-only file system"), "{said}");

    let (status, answer) = post(&web, "/swarm", "locust_count=3&hatch_rate=3").unwrap();
    assert!(status == 200 && answer.contains(r#""success": true"#), "{answer}");
    worker.until(|| target.total() > 5);
    terminate(&worker);
    worker.end(Duration::ZERO).exits(0);
    terminate(&master);
    let ended = master.end(Duration::ZERO);
    assert!(ended.exits(0).stderr.contains("GET      /fibonacci"), "{}", ended.stderr);
}

#[test]
fn the_image_is_built_of_what_is_here() {
    let file = text(Path::new("Dockerfile")).unwrap();
    let toolchain = text(Path::new("Cargo.toml")).unwrap();
    let version =
        toolchain.split("rust-version = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert!(file.contains(&format!("FROM rust:{version}-")), "the image is built by another toolchain");
    let runs = file.lines().filter_map(|line| line.strip_prefix("RUN "));
    let ours: Vec<&str> = runs.filter(|run| run.starts_with("container/")).collect();
    assert_eq!(ours.len(), 1, "{ours:?}");
    let script = ours[0].split(' ').next().unwrap_or_default();
    assert!(root().join(script).is_file(), "{script}");
    assert_eq!(words("ENTRYPOINT").first(), words("HEALTHCHECK").first());
}
