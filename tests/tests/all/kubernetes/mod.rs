//! The manifests in k8s/: rendered by the kubectl at hand, every key known to Kubernetes, every reference held, every flag
//! and variable known to the binary.

mod commands;
mod files;
mod objects;
mod policy;
mod references;
mod render;
pub(crate) mod yaml;

use render::{Rendered, rendered};

/// Holds each rendered set against `rule`, and tells all that is wrong at once.
#[track_caller]
fn check(mut rule: impl FnMut(&Rendered, &mut Vec<String>)) {
    let mut wrong = Vec::new();
    for set in rendered() {
        let mut complaints = Vec::new();
        rule(set, &mut complaints);
        wrong.extend(complaints.into_iter().map(|complaint| format!("{}: {complaint}", set.folder)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
