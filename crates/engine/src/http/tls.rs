//! TLS: whom to trust, and the handshake.

use crate::failure::{Failure, tls_text};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

/// Whom to trust: Mozilla's roots, which are built in, and certificates of one's own.
#[derive(Clone, Debug, Default)]
pub struct TlsRoots {
    /// PEM texts with certificates that are trusted in addition.
    pub extra_pem: Vec<Vec<u8>>,
}

/// Why [`TlsRoots`] cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// Not PEM, or not a certificate.
    #[error("a CA file holds no usable certificate: {0}")]
    BadCertificate(String),
}

/// Makes client sides of TLS; shared by all cores.
#[derive(Clone, Debug)]
pub(crate) struct Tls {
    config: Arc<ClientConfig>,
}

impl Tls {
    pub(crate) fn new(roots: &TlsRoots) -> Result<Self, TlsError> {
        let bad = |error: &dyn std::fmt::Display| TlsError::BadCertificate(error.to_string());
        let mut store = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        for pem in &roots.extra_pem {
            let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
            let certificates = certificates.map_err(|error| bad(&error))?;
            // System bundles hold roots that rustls does not read; one that it reads is enough.
            if store.add_parsable_certificates(certificates).0 == 0 {
                return Err(bad(&"no CERTIFICATE section that can be read"));
            }
        }
        let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| bad(&error))?
            .with_root_certificates(store)
            .with_no_client_auth();
        Ok(Self { config: Arc::new(config) })
    }

    /// The handshake over a connected socket.
    pub(crate) async fn connect(
        &self,
        host: &str,
        socket: TcpStream,
    ) -> Result<TlsStream<TcpStream>, Failure> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| Failure::Tls("the host is neither a DNS name nor an address".to_owned()))?;
        let connector = tokio_rustls::TlsConnector::from(self.config.clone());
        connector.connect(name, socket).await.map_err(|error| match error.get_ref() {
            Some(inner) => Failure::Tls(match inner.downcast_ref() {
                Some(tls) => tls_text(tls),
                None => inner.to_string(),
            }),
            None if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Failure::Tls("the peer closed the connection during the handshake".to_owned())
            }
            None => Failure::from(&error),
        })
    }
}
