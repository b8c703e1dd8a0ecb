//! A cluster of one Deployment, for tests of other languages: the stand-in for the API server, and a controller that
//! starts and ends real workers as its scale says.
//!
//!     kubernetes FOLDER AKRIDA SCENARIO MASTER_PORT REPLICAS
//!
//! writes a kubeconfig into FOLDER, and lives until its standard input ends.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "what cannot be set up fails the test that wants it"
)]

use akrida_testkit::Kubernetes;
use std::collections::VecDeque;
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often the controller looks.
const EVERY: Duration = Duration::from_millis(20);

/// Looks after which a pod that was told to end is killed, as after 30 s of grace.
const GRACE: usize = 1_500;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, akrida, scenario, port, replicas] = arguments.as_slice() else {
        eprintln!("kubernetes FOLDER AKRIDA SCENARIO MASTER_PORT REPLICAS");
        std::process::exit(2);
    };
    let kubernetes = Kubernetes::start(replicas.parse().expect("REPLICAS is a number"));
    kubernetes.change("akrida-worker", |object| (object.controlled, object.existing) = (false, 0));
    let _ = kubernetes.kubeconfig(Path::new(folder));

    let over = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&over);
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        told.store(true, Ordering::Relaxed);
    });
    let worker = || {
        let mut command = Command::new(akrida);
        command.args(["-f", scenario, "--worker", "--master-host", "127.0.0.1", "--master-port", port]);
        command.stdin(Stdio::null()).spawn().expect("there is Akrida")
    };
    let (mut pods, mut ending) = (Vec::<Child>::new(), VecDeque::<(Child, usize)>::new());
    while !over.load(Ordering::Relaxed) {
        // What ends by itself is started again, as a Deployment does.
        pods.retain_mut(|pod| pod.try_wait().unwrap().is_none());
        let wanted = usize::try_from(kubernetes.wanted()).unwrap_or(0);
        while pods.len() < wanted {
            pods.push(worker());
        }
        while pods.len() > wanted {
            let pod = pods.pop().expect("there is one");
            let _ = Command::new("kill").args(["-TERM", &pod.id().to_string()]).status();
            ending.push_back((pod, 0));
        }
        ending.retain_mut(|(pod, looks)| {
            *looks += 1;
            if *looks == GRACE {
                let _ = pod.kill();
            }
            pod.try_wait().unwrap().is_none()
        });
        kubernetes.change("akrida-worker", |object| object.existing = i64::try_from(pods.len()).unwrap());
        std::thread::sleep(EVERY);
    }
    for mut pod in pods.into_iter().chain(ending.into_iter().map(|(pod, _)| pod)) {
        let _ = pod.kill();
        let _ = pod.wait();
    }
}
