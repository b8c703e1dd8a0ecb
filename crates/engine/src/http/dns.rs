//! Names to addresses, looked up once per run.

use crate::failure::Failure;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

type Known = HashMap<(String, u16), Arc<[SocketAddr]>>;

/// Shared by all cores; asked only when a connection is made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dns {
    known: Arc<Mutex<Known>>,
}

impl Dns {
    /// The addresses of a name, in the resolver's order; at least one. A failure is not remembered.
    pub(crate) async fn resolve(&self, host: &str, port: u16) -> Result<Arc<[SocketAddr]>, Failure> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(Arc::new([SocketAddr::new(address, port)]));
        }
        let key = (host.to_owned(), port);
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(known.clone());
        }
        let found: Arc<[SocketAddr]> = match tokio::net::lookup_host((host, port)).await {
            Ok(found) => found.collect(),
            // Too many open files and the like are not the name's fault.
            Err(error) if error.raw_os_error().is_some() => return Err(Failure::from(&error)),
            Err(_) => return Err(Failure::Dns(host.to_owned())),
        };
        if found.is_empty() {
            return Err(Failure::Dns(host.to_owned()));
        }
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, found.clone());
        Ok(found)
    }

    /// Forgets everything: the next run looks names up again.
    pub(crate) fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
