//! Certificates made at run time: a test's own authority, servers that are as they should be or not, and clients.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use std::fmt;
use std::sync::Arc;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

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

    /// A client of this name, for [`Target::start_mutual_tls`](crate::Target::start_mutual_tls).
    #[must_use]
    pub fn client(&self, name: &str) -> Identity {
        let mut params = params(&[]);
        params.distinguished_name.push(DnType::CommonName, name);
        self.identity(&params)
    }

    fn identity(&self, params: &CertificateParams) -> Identity {
        let key = key();
        let certificate = params.signed_by(&key, &self.issuer).expect("the parameters are valid");
        Identity {
            certificate: certificate.der().clone(),
            key: PrivatePkcs8KeyDer::from(key.serialize_der()),
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            protocols: Vec::new(),
        }
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

/// A certificate and its key.
#[derive(Debug)]
pub struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivatePkcs8KeyDer<'static>,
    certificate_pem: String,
    key_pem: String,
    protocols: Vec<Vec<u8>>,
}

impl Identity {
    /// As a server, agrees to one of these protocols (ALPN) such as `http/1.1`, the first preferred. Without, it
    /// says nothing of protocols.
    #[must_use]
    pub fn speaking(mut self, protocols: &[&str]) -> Self {
        self.protocols = protocols.iter().map(|&name| name.as_bytes().to_vec()).collect();
        self
    }

    /// The certificate as PEM.
    #[must_use]
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The key as PEM.
    #[must_use]
    pub fn key_pem(&self) -> &str {
        &self.key_pem
    }

    /// For a server of this identity that wants certificates of this authority from clients, or none at all.
    pub(crate) fn server_config(&self, clients: Option<&Authority>) -> Arc<ServerConfig> {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .expect("ring knows the default versions");
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.issuer.der().clone()).expect("an authority's certificate is a root");
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().expect("there is a root"))
            }
        };
        let key = PrivateKeyDer::Pkcs8(self.key.clone_key());
        let mut config = builder
            .with_single_cert(vec![self.certificate.clone()], key)
            .expect("the key was made for the certificate");
        config.alpn_protocols.clone_from(&self.protocols);
        Arc::new(config)
    }
}

/// The common name of a certificate's subject, if it is shorter than 128 bytes.
///
/// Not a reader of ASN.1: it takes the last common name there is. The issuer's stands before it, and what stands
/// behind it has none in certificates of ours.
pub(crate) fn common_name(certificate: &CertificateDer<'_>) -> Option<String> {
    const OBJECT_ID: &[u8] = &[0x06, 0x03, 0x55, 0x04, 0x03];
    let at = certificate.windows(OBJECT_ID.len()).rposition(|window| window == OBJECT_ID)?;
    let [_type, length, text @ ..] = &certificate[at + OBJECT_ID.len()..] else { return None };
    let text = text.get(..usize::from(*length))?;
    Some(String::from_utf8_lossy(text).into_owned())
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

    fn get(target: &Target, ca: &str, client: Option<&Identity>) -> Result<String, String> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca.as_bytes()).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match client {
            None => config.with_no_client_auth(),
            Some(client) => {
                let key = PrivateKeyDer::Pkcs8(client.key.clone_key());
                config.with_client_auth_cert(vec![client.certificate.clone()], key).unwrap()
            }
        };
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
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
            match (get(&target, ca, None), expected) {
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
    fn clients_are_known_by_name() {
        let (authority, other) = (Authority::new(), Authority::new());
        let target = Target::start_mutual_tls(&authority.good(), &authority, |request| {
            Answer::ok(request.client.clone().unwrap_or_default())
        });
        let ask = |client: Option<&Identity>| get(&target, &authority.pem(), client);
        assert!(ask(Some(&authority.client("Ada"))).unwrap().ends_with("\r\n\r\nAda"));
        assert!(ask(Some(&authority.client("Löwe 1"))).unwrap().ends_with("\r\n\r\nLöwe 1"));
        assert!(ask(Some(&other.client("Ada"))).is_err());
        assert!(ask(None).is_err());
        let clients: Vec<_> = target.requests().into_iter().map(|request| request.client.unwrap()).collect();
        assert_eq!((clients, target.total()), (vec!["Ada".to_owned(), "Löwe 1".to_owned()], 2));
    }

    #[test]
    fn agrees_to_a_protocol_or_to_none() {
        let authority = Authority::new();
        let check = |protocols: &[&str], works: bool| {
            let target = Target::start_tls(&authority.good().speaking(protocols), |_| Answer::ok("safe"));
            assert_eq!(get(&target, &authority.pem(), None).is_ok(), works, "{protocols:?}");
        };
        check(&[], true);
        check(&["http/1.1"], true);
        check(&["spdy/3"], false);
    }

    #[test]
    fn identities_are_shown_as_pem() {
        let identity = Authority::new().good();
        let certificate = CertificateDer::from_pem_slice(identity.certificate_pem().as_bytes()).unwrap();
        let key = PrivatePkcs8KeyDer::from_pem_slice(identity.key_pem().as_bytes()).unwrap();
        assert_eq!((certificate, key), (identity.certificate, identity.key));
    }

    #[test]
    fn plain_http_on_a_tls_port_is_let_go() {
        let target = Target::start_tls(&Authority::new().good(), |_| Answer::ok("safe"));
        let (_, ending) = crate::raw::testing::talk(target.addr(), "GET / HTTP/1.1\r\nhost: x\r\n\r\n");
        assert_ne!(ending, crate::raw::testing::Ending::Open);
        assert_eq!((target.connections(), target.total()), (0, 0));
    }
}
