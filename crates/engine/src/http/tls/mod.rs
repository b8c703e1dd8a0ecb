//! TLS: whom to trust, who the user is, and the handshake.

mod unverified;

use crate::failure::{Failure, tls_text};
use akrida_scenario::model::{HttpVersion, Identity, Tls as Settings};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use std::fmt::Display;
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

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// Not PEM, or not a certificate.
    #[error("a CA file holds no usable certificate: {0}")]
    BadCertificate(String),
    /// The client's own certificate or its key.
    #[error("the client certificate and its key are not usable: {0}")]
    BadIdentity(String),
}

/// The ALPN name of HTTP/2.
const H2: &[u8] = b"h2";

/// The roots that all classes trust.
#[derive(Debug)]
pub(super) struct Roots(Arc<RootCertStore>);

impl Roots {
    pub(super) fn read(roots: &TlsRoots) -> Result<Self, TlsError> {
        let mut store = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        for pem in &roots.extra_pem {
            add(&mut store, pem)?;
        }
        Ok(Self(Arc::new(store)))
    }

    /// With one class's own roots.
    fn and(&self, ca: Option<&[u8]>) -> Result<Arc<RootCertStore>, TlsError> {
        let Some(pem) = ca else { return Ok(self.0.clone()) };
        let mut store = RootCertStore::clone(&self.0);
        add(&mut store, pem)?;
        Ok(Arc::new(store))
    }
}

fn add(store: &mut RootCertStore, pem: &[u8]) -> Result<(), TlsError> {
    let bad = |error: &dyn Display| TlsError::BadCertificate(error.to_string());
    let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let certificates = certificates.map_err(|error| bad(&error))?;
    // System bundles hold roots that rustls does not read; one that it reads is enough.
    if store.add_parsable_certificates(certificates).0 == 0 {
        return Err(bad(&"no CERTIFICATE section that can be read"));
    }
    Ok(())
}

/// Makes client sides of TLS for one class; shared by all cores.
#[derive(Clone, Debug)]
pub(super) struct Tls {
    config: Arc<ClientConfig>,
}

impl Tls {
    pub(super) fn new(roots: &Roots, settings: &Settings, version: HttpVersion) -> Result<Self, TlsError> {
        let provider = Arc::new(crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::BadCertificate(error.to_string()))?;
        let roots = roots.and(settings.ca.as_deref())?;
        let builder = if settings.verify {
            builder.with_root_certificates(roots)
        } else {
            unverified::trust_anybody(builder)
        };
        let mut config = match &settings.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let bad = |error: &dyn Display| TlsError::BadIdentity(error.to_string());
                let (chain, key) = read_identity(identity).map_err(|error| bad(&error))?;
                builder.with_client_auth_cert(chain, key).map_err(|error| bad(&error))?
            }
        };
        if version == HttpVersion::Http2 {
            config.alpn_protocols = vec![H2.to_vec(), b"http/1.1".to_vec()];
        }
        Ok(Self { config: Arc::new(config) })
    }

    /// The handshake over a connected socket.
    pub(super) async fn connect(
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

/// Whether both sides agreed on HTTP/2.
pub(super) fn agreed_on_http2(stream: &TlsStream<TcpStream>) -> bool {
    stream.get_ref().1.alpn_protocol() == Some(H2)
}

type Chain = Vec<CertificateDer<'static>>;

fn read_identity(
    identity: &Identity,
) -> Result<(Chain, PrivateKeyDer<'static>), rustls_pki_types::pem::Error> {
    let chain = CertificateDer::pem_slice_iter(&identity.certificate).collect::<Result<Chain, _>>()?;
    Ok((chain, PrivateKeyDer::from_pem_slice(&identity.key)?))
}
