//! Certificates made at run time: a test's own authority, and servers that are as they should be or not.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use std::fmt;
use std::sync::Arc;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// A certificate authority that nobody trusts but the test that made it.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    /// Makes one, with a new key.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "making a key is no default")]
    pub fn new() -> Self {
        let mut params = params(&[]);
        params.distinguished_name.push(DnType::CommonName, "Akrida test authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, key()).expect("the parameters are valid");
        Self { issuer }
    }

    /// Its certificate, to be trusted, as PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A server that is `localhost` and `127.0.0.1`, and valid.
    #[must_use]
    pub fn good(&self) -> Identity {
        self.identity(&params(&["localhost", "127.0.0.1"]))
    }

    /// A server that is `elsewhere.example` and nothing else.
    #[must_use]
    pub fn wrong_name(&self) -> Identity {
        self.identity(&params(&["elsewhere.example"]))
    }

    /// As [`Authority::good`], but only until the end of the year 2001.
    #[must_use]
    pub fn expired(&self) -> Identity {
        let mut params = params(&["localhost", "127.0.0.1"]);
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2001, 12, 31);
        self.identity(&params)
    }

    fn identity(&self, params: &CertificateParams) -> Identity {
        let key = key();
        let certificate = params.signed_by(&key, &self.issuer).expect("the parameters are valid");
        Identity {
            certificate: certificate.der().clone(),
            key: PrivatePkcs8KeyDer::from(key.serialize_der()),
        }
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

/// A server's certificate and key.
#[derive(Debug)]
pub struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
}

impl Identity {
    pub(crate) fn server_config(&self) -> Arc<ServerConfig> {
        let key = PrivateKeyDer::Pkcs8(self.key.clone_key());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring knows the default versions")
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.clone()], key)
            .expect("the key was made for the certificate");
        Arc::new(config)
    }
}

fn params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    CertificateParams::new(names).expect("the names are ASCII")
}

fn key() -> KeyPair {
    KeyPair::generate().expect("ring has random numbers")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Answer, Target};
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use tokio_rustls::rustls::pki_types::ServerName;
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

    fn get(target: &Target, ca: &str) -> Result<String, String> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca.as_bytes()).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let client = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = StreamOwned::new(client, TcpStream::connect(target.addr()).unwrap());
        let request = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        stream.write_all(request).map_err(|error| error.to_string())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map_err(|error| error.to_string())?;
        Ok(answer)
    }

    #[test]
    fn only_the_good_one_is_believed() {
        let authority = Authority::new();
        let check = |identity: Identity, ca: &str, expected: Result<&str, &str>| {
            let target = Target::start_tls(&identity, |_| Answer::ok("safe"));
            assert_eq!(target.url(), format!("https://{}", target.addr()));
            match (get(&target, ca), expected) {
                (Ok(answer), Ok(expected)) => assert!(answer.ends_with(expected), "{answer}"),
                (Err(error), Err(expected)) => assert!(error.contains(expected), "{error}"),
                (got, expected) => panic!("{got:?} instead of {expected:?}"),
            }
            assert_eq!(target.total(), u64::from(expected.is_ok()));
        };
        let ca = authority.pem();
        check(authority.good(), &ca, Ok("\r\n\r\nsafe"));
        check(authority.wrong_name(), &ca, Err("not valid for name"));
        check(authority.expired(), &ca, Err("expired"));
        check(authority.good(), &Authority::new().pem(), Err("invalid peer certificate"));
    }

    #[test]
    fn plain_http_on_a_tls_port_is_let_go() {
        let target = Target::start_tls(&Authority::new().good(), |_| Answer::ok("safe"));
        let (_, ending) = crate::raw::testing::talk(target.addr(), "GET / HTTP/1.1\r\nhost: x\r\n\r\n");
        assert_ne!(ending, crate::raw::testing::Ending::Open);
        assert_eq!((target.connections(), target.total()), (0, 0));
    }
}
