//! How the API server is reached, and as whom: the files of a pod, or a kubeconfig.

use crate::ScaleError;
use crate::limits;
use crate::target::is_label;
use http::HeaderValue;
use kube::Config;
use kube::config::{KubeConfigOptions, Kubeconfig};
use std::io::Read as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// Where to find the API server. What the environment says of it is told by whoever reads the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Nothing is known of a cluster.
    #[default]
    None,
    /// As a pod.
    InCluster(InCluster),
    /// The files of `KUBECONFIG`. The one in the home directory is not looked at: whoever is logged in to a cluster has
    /// not said that this process may change it.
    Kubeconfig(Vec<PathBuf>),
}

/// What a pod is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InCluster {
    /// `KUBERNETES_SERVICE_HOST`: a name or an address.
    pub host: String,
    /// `KUBERNETES_SERVICE_PORT`.
    pub port: String,
    /// Where token, authority and namespace are mounted.
    pub folder: PathBuf,
}

impl InCluster {
    /// Where Kubernetes mounts a service account's files.
    pub const FOLDER: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
}

impl Access {
    /// What these variables say: `KUBECONFIG`, if it is set, goes before what a pod is given.
    #[must_use]
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        if let Some(files) = variable("KUBECONFIG") {
            return Self::Kubeconfig(
                std::env::split_paths(&files).filter(|file| *file != Path::new("")).collect(),
            );
        }
        match (variable("KUBERNETES_SERVICE_HOST"), variable("KUBERNETES_SERVICE_PORT")) {
            (Some(host), Some(port)) => {
                Self::InCluster(InCluster { host, port, folder: PathBuf::from(InCluster::FOLDER) })
            }
            _ => Self::None,
        }
    }

    /// Reads what this names.
    pub(crate) async fn configure(&self) -> Result<(Config, Token), ScaleError> {
        let (mut config, token) = match self {
            Self::None => return Err(ScaleError::NotInCluster),
            Self::InCluster(pod) => pod.configure()?,
            Self::Kubeconfig(files) => of_kubeconfig(files).await?,
        };
        config.connect_timeout = Some(limits::CONNECT);
        // Each whole exchange has a bound of its own.
        (config.read_timeout, config.write_timeout) = (None, None);
        // Whoever asked decides whether to ask again.
        config.default_retry = false;
        Ok((config, token))
    }
}

impl InCluster {
    fn configure(&self) -> Result<(Config, Token), ScaleError> {
        let host = match self.host.parse::<IpAddr>() {
            Ok(IpAddr::V6(address)) => format!("[{address}]"),
            _ => self.host.clone(),
        };
        let address = format!("https://{host}:{}", self.port);
        let address = address.parse().map_err(|_| {
            ScaleError::Credentials(format!("The API server's address {address} cannot be understood."))
        })?;
        let token = Token::File(self.folder.join("token"));
        // First, since without it there is nobody to be, and a person can do something about it.
        token.header()?;
        let namespace = read(&self.folder.join("namespace"))?;
        let namespace = namespace.trim();
        if !is_label(namespace) {
            return Err(ScaleError::Credentials("The pod's file `namespace` names none.".to_owned()));
        }
        let authority = self.folder.join("ca.crt");
        read(&authority)?;
        let mut config = Config::new(address);
        config.default_namespace = namespace.to_owned();
        // The client reads it again each minute. It would look for the system's roots beside it, which a bare image
        // does not have.
        config.root_cert_file = Some(authority);
        config.root_cert = Some(Vec::new());
        Ok((config, token))
    }
}

async fn of_kubeconfig(files: &[PathBuf]) -> Result<(Config, Token), ScaleError> {
    let wrong = |error: kube::config::KubeconfigError| {
        ScaleError::Credentials(format!(
            "KUBECONFIG cannot be used: {}.",
            crate::error::one_line(&error.to_string())
        ))
    };
    let merged = files.iter().try_fold(Kubeconfig::default(), |merged, file| {
        Kubeconfig::read_from(file).and_then(|next| merged.merge(next))
    });
    let options = KubeConfigOptions::default();
    let mut config = Config::from_custom_kubeconfig(merged.map_err(wrong)?, &options).await.map_err(wrong)?;
    let auth = &mut config.auth_info;
    // A file is read here, since the client sends its line end, too. What goes before it stays with the client.
    let others = auth.auth_provider.is_some() || auth.token.is_some() || auth.username.is_some();
    let token = match auth.token_file.take() {
        Some(file) if !others => Token::File(PathBuf::from(file)),
        _ => Token::OfClient,
    };
    Ok((config, token))
}

/// Who we are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// In this file, which changes: read for each request.
    File(PathBuf),
    /// The client knows, or none is needed.
    OfClient,
}

impl Token {
    /// The field that tells it; `None` where the client does that.
    pub(crate) fn header(&self) -> Result<Option<HeaderValue>, ScaleError> {
        let Self::File(file) = self else { return Ok(None) };
        let token = read(file)?;
        let token = token.trim();
        let unusable = || ScaleError::Credentials(format!("The token in {} cannot be sent.", file.display()));
        if token.is_empty() {
            return Err(unusable());
        }
        let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| unusable())?;
        value.set_sensitive(true);
        Ok(Some(value))
    }
}

/// Reads a small file.
fn read(file: &Path) -> Result<String, ScaleError> {
    let reading = |error: std::io::Error| {
        ScaleError::Credentials(if error.kind() == std::io::ErrorKind::NotFound {
            format!(
                "{} is not there: the pod has no service account's token (automountServiceAccountToken: true gives it \
                 one).",
                file.display()
            )
        } else {
            format!("{} cannot be read: {error}.", file.display())
        })
    };
    let mut text = String::new();
    let opened = std::fs::File::open(file).map_err(reading)?;
    opened.take(limits::TOKEN).read_to_string(&mut text).map_err(reading)?;
    Ok(text)
}
