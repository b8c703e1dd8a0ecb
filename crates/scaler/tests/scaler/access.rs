//! How the API server is reached, and that this recovers.

use crate::{folder, pod, scaler};
use akrida_scaler::{Access, Cluster, InCluster, ScaleError, Scaler, Target};
use akrida_testkit::{ClosedPort, Kubernetes};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

fn with(access: Access) -> Scaler {
    Scaler::new(Arc::new(Cluster::new(access)), Target::deployment(None, "akrida-worker").unwrap())
}

#[test]
fn what_the_environment_says() {
    let check = |variables: &[(&str, &str)], expected: Access| {
        let of =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        assert_eq!(Access::of_environment(of), expected);
    };
    let in_cluster = Access::InCluster(InCluster {
        host: "10.96.0.1".to_owned(),
        port: "443".to_owned(),
        folder: PathBuf::from("/var/run/secrets/kubernetes.io/serviceaccount"),
    });
    let service = [("KUBERNETES_SERVICE_HOST", "10.96.0.1"), ("KUBERNETES_SERVICE_PORT", "443")];
    check(&[], Access::None);
    check(&service[..1], Access::None);
    check(&[("HOME", "/root")], Access::None);
    check(&service, in_cluster.clone());
    check(&[service[0], service[1], ("KUBECONFIG", "")], in_cluster);
    let both = Access::Kubeconfig(vec![PathBuf::from("a"), PathBuf::from("/b")]);
    check(&[service[0], service[1], ("KUBECONFIG", "a::/b")], both);
}

#[tokio::test]
async fn a_kubeconfig() {
    let kubernetes = Kubernetes::start(3);
    let file = kubernetes.kubeconfig(&folder());
    let scaler = with(Access::Kubeconfig(vec![PathBuf::from(&file)]));
    assert_eq!(scaler.namespace().await.unwrap(), "load");
    // The token's file has a line end, which is not sent.
    assert_eq!(scaler.get().await.unwrap().wanted, 3);

    // A token within the file.
    let text = fs::read_to_string(&file)
        .unwrap()
        .replace("tokenFile: token", &format!("token: {}", kubernetes.token()));
    let other = PathBuf::from(&file).with_file_name("other");
    fs::write(&other, text).unwrap();
    assert_eq!(with(Access::Kubeconfig(vec![other.clone()])).get().await.unwrap().wanted, 3);

    for (text, told) in
        [("a: [", "KUBECONFIG cannot be used: "), ("apiVersion: v1\nkind: Config\n", "context")]
    {
        fs::write(&other, text).unwrap();
        let error = with(Access::Kubeconfig(vec![other.clone()])).get().await.unwrap_err().to_string();
        assert!(error.starts_with("KUBECONFIG cannot be used: ") && error.contains(told), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }
    let error =
        with(Access::Kubeconfig(vec![PathBuf::from("no-such-file")])).get().await.unwrap_err().to_string();
    assert!(error.contains("no-such-file"), "{error}");
}

#[tokio::test]
async fn a_token_is_read_anew() {
    let kubernetes = Kubernetes::start(3);
    let pod = pod(&kubernetes);
    let token = pod.folder.join("token");
    let scaler = with(Access::InCluster(pod));
    scaler.get().await.unwrap();
    kubernetes.set_token("the-next-one");
    assert_eq!(scaler.get().await, Err(ScaleError::Unauthorized));
    fs::write(&token, "the-next-one\n\n").unwrap();
    assert_eq!(scaler.get().await.unwrap().wanted, 3);
    let sent = kubernetes.requests().last().unwrap().header("authorization").unwrap().to_owned();
    assert_eq!(sent, "Bearer the-next-one");
    for (text, told) in [("", "cannot be sent"), (" \n", "cannot be sent"), ("a\nb", "cannot be sent")] {
        fs::write(&token, text).unwrap();
        let error = scaler.get().await.unwrap_err().to_string();
        assert!(error.contains(told) && !error.contains("a\nb"), "{error}");
    }
    fs::remove_file(&token).unwrap();
    let error = scaler.get().await.unwrap_err().to_string();
    assert!(error.contains("automountServiceAccountToken: true"), "{error}");
    fs::write(&token, "the-next-one").unwrap();
    assert_eq!(scaler.get().await.unwrap().wanted, 3);
}

#[tokio::test]
async fn a_cluster_that_comes_back_is_found_again() {
    let mut kubernetes = Kubernetes::start(3);
    let pod = pod(&kubernetes);
    let authority = pod.folder.join("ca.crt");
    let scaler = with(Access::InCluster(pod));
    scaler.get().await.unwrap();

    kubernetes.stop();
    let error = scaler.get().await.unwrap_err();
    assert!(matches!(error, ScaleError::Unreachable(_)), "{error:?}");
    kubernetes.resume();
    assert_eq!(scaler.set(4).await.unwrap().wanted, 4);

    // Another authority, of which the pod hears a little later.
    let pem = kubernetes.rotate();
    let error = scaler.get().await.unwrap_err();
    assert!(matches!(error, ScaleError::Untrusted(_)), "{error:?}");
    fs::write(&authority, pem).unwrap();
    assert_eq!(scaler.get().await.unwrap().wanted, 4);
}

#[tokio::test]
async fn a_master_starts_without_a_cluster() {
    let nowhere = with(Access::None);
    assert!(!nowhere.cluster().is_there());
    assert_eq!(nowhere.get().await, Err(ScaleError::NotInCluster));

    let closed = ClosedPort::new();
    let kubernetes = Kubernetes::start(3);
    let pod = InCluster { port: closed.addr().port().to_string(), ..pod(&kubernetes) };
    let error = with(Access::InCluster(pod)).get().await.unwrap_err().to_string();
    assert_eq!(error, "The API server cannot be reached: Connection refused (os error 111).");

    let folder = folder();
    let empty = InCluster { host: "::1".to_owned(), port: "443".to_owned(), folder: folder.clone() };
    let error = with(Access::InCluster(empty)).get().await.unwrap_err();
    assert!(matches!(error, ScaleError::Credentials(_)), "{error:?}");
    drop(scaler(&kubernetes));
}
