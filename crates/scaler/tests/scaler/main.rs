//! The scaler against a stand-in for the API server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers here fail the test that calls them"
)]

mod access;
mod counts;
mod failures;

use akrida_scaler::{Access, Cluster, InCluster, Scaler, Target};
use akrida_testkit::Kubernetes;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// An empty folder of its own.
fn folder() -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{count}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// What a pod of this cluster is given.
fn pod(kubernetes: &Kubernetes) -> InCluster {
    let folder = folder();
    kubernetes.mount(&folder);
    let address = kubernetes.addr();
    InCluster { host: address.ip().to_string(), port: address.port().to_string(), folder }
}

/// Of the Deployment `akrida-worker`, in a pod.
fn scaler(kubernetes: &Kubernetes) -> Scaler {
    of(kubernetes, Target::deployment(None, "akrida-worker").unwrap())
}

fn of(kubernetes: &Kubernetes, target: Target) -> Scaler {
    Scaler::new(Arc::new(Cluster::new(Access::InCluster(pod(kubernetes)))), target)
}
