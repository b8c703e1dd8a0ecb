//! Counts: what is asked of the API server, and what is read from it.

use crate::{of, scaler};
use akrida_scaler::{Scale, ScaleError, Target};
use akrida_testkit::{Deployment, Grant, Kubernetes};
use serde_json::json;

fn scale(wanted: u32, existing: u32) -> Scale {
    Scale { wanted, existing, selector: "app.kubernetes.io/name=akrida-worker".to_owned() }
}

#[tokio::test]
async fn a_count_is_read_and_changed() {
    let kubernetes = Kubernetes::start(3);
    let scaler = scaler(&kubernetes);
    assert_eq!(scaler.namespace().await.unwrap(), "load");
    assert_eq!(scaler.get().await.unwrap(), scale(3, 3));
    // The new wish, and the old number of pods.
    assert_eq!(scaler.set(5).await.unwrap(), scale(5, 3));
    assert_eq!(scaler.get().await.unwrap(), scale(5, 5));
    let patch = kubernetes.requests().into_iter().find(|request| request.method == "PATCH").unwrap();
    assert_eq!(patch.path, "/apis/apps/v1/namespaces/load/deployments/akrida-worker/scale");
    assert_eq!(patch.query.as_deref(), Some("fieldManager=akrida"));
    assert_eq!(patch.header("content-type"), Some("application/merge-patch+json"));
    assert_eq!(patch.text(), r#"{"spec":{"replicas":5}}"#);
    assert_eq!(kubernetes.object("akrida-worker").unwrap().managers.iter().collect::<Vec<_>>(), ["akrida"]);

    // At zero the number is left out.
    assert_eq!(scaler.set(0).await.unwrap(), scale(0, 5));
    assert_eq!(scaler.get().await.unwrap(), scale(0, 0));
    assert_eq!(scaler.set(2).await.unwrap(), scale(2, 0));

    // The same again changes nothing.
    let before = kubernetes.object("akrida-worker").unwrap();
    assert_eq!(scaler.set(2).await.unwrap(), scale(2, 2));
    assert_eq!(kubernetes.object("akrida-worker").unwrap(), before);

    // Quota: the wish is taken, the pods do not come.
    kubernetes.change("akrida-worker", |object| object.quota = 5);
    scaler.set(9).await.unwrap();
    assert_eq!(scaler.get().await.unwrap(), scale(9, 5));

    // There is no upper bound.
    assert_eq!(scaler.set(2_147_483_647).await.unwrap().wanted, 2_147_483_647);
}

#[tokio::test]
async fn a_rehearsal_changes_nothing() {
    let kubernetes = Kubernetes::start(3);
    let scaler = scaler(&kubernetes);
    let before = kubernetes.object("akrida-worker").unwrap();
    assert_eq!(scaler.rehearse().await.unwrap(), scale(3, 3));
    assert_eq!(kubernetes.object("akrida-worker").unwrap(), before);
    assert_eq!(kubernetes.patches(), [json!(null); 0]);
    let asked = kubernetes.requests();
    let last = asked.last().unwrap();
    assert_eq!(last.query.as_deref(), Some("dryRun=All&fieldManager=akrida"));

    kubernetes.grant(vec![Grant::scale("get", "akrida-worker")]);
    let error = scaler.rehearse().await.unwrap_err();
    assert!(matches!(error, ScaleError::Forbidden { verb: "patch", .. }), "{error:?}");
}

#[tokio::test]
async fn a_role_that_lets_patch_alone_is_enough_for_it() {
    let kubernetes = Kubernetes::start(3);
    kubernetes.grant(vec![Grant::scale("patch", "akrida-worker")]);
    let scaler = scaler(&kubernetes);
    assert!(matches!(scaler.get().await, Err(ScaleError::Forbidden { verb: "get", .. })));
    assert_eq!(scaler.set(4).await.unwrap(), scale(4, 3));
}

/// The scale of a custom resource takes merge patches and does nothing.
#[tokio::test]
async fn custom_resources_get_json_patches_and_are_read_again() {
    let kubernetes = Kubernetes::start(3);
    let rollout = Deployment { api: "argoproj.io/v1alpha1", plural: "rollouts", ..Deployment::default() };
    kubernetes.change("shop", |object| *object = Deployment { wanted: 0, ..rollout });
    let may = |verb| Grant { verb, plural: "rollouts", name: "shop" };
    kubernetes.grant(vec![may("get"), may("patch")]);
    let target = Target::new("argoproj.io/v1alpha1", "Rollout", "rollouts", None, "shop").unwrap();
    let scaler = of(&kubernetes, target);
    assert_eq!(scaler.get().await.unwrap().wanted, 0);
    let told = scaler.set(4).await.unwrap();
    assert_eq!((told.wanted, told.existing), (4, 4));
    assert_eq!(kubernetes.patches(), [json!([{ "op": "add", "path": "/spec/replicas", "value": 4 }])]);
    assert_eq!(scaler.set(2).await.unwrap().wanted, 2);
    assert_eq!(kubernetes.object("shop").unwrap().wanted, 2);
    let last = kubernetes.requests();
    assert_eq!(last.last().unwrap().method, "GET");
    scaler.rehearse().await.unwrap();
}
