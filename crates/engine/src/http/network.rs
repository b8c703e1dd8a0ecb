//! How the requests of each class travel: made once when an engine starts, shared by its cores.

use super::dns::{Dns, Lookup};
use super::proxy::Proxy;
use super::tls::{Roots, Tls, TlsError, TlsRoots};
use crate::engine::StartError;
use crate::redact::Redactor;
use akrida_scenario::Scenario;
use akrida_scenario::model::{HttpVersion, UserClass};
use std::sync::Arc;

/// One class's way to its targets.
#[derive(Debug)]
pub(crate) struct Network {
    pub(super) version: HttpVersion,
    pub(super) proxy: Option<Proxy>,
    pub(super) tls: Tls,
    pub(super) lookup: Lookup,
}

/// Those of all classes.
#[derive(Debug)]
pub(crate) struct Networks {
    dns: Dns,
    classes: Vec<Arc<Network>>,
}

impl Networks {
    pub(crate) fn new(scenario: &Scenario, roots: &TlsRoots) -> Result<Self, StartError> {
        let (dns, roots) = (Dns::default(), Roots::read(roots)?);
        let redactor = Redactor::new(scenario);
        let classes = scenario.classes.iter().map(|class| {
            let network = Network::new(class, &dns, &roots);
            network.map(Arc::new).map_err(|reason| {
                // What an expression raises may quote a secret.
                let reason = redactor.clean(&reason).into_owned();
                StartError::Network { class: class.name.clone(), reason }
            })
        });
        Ok(Self { classes: classes.collect::<Result<_, _>>()?, dns })
    }

    /// The one of the class with this index.
    pub(crate) fn of(&self, class: usize) -> Arc<Network> {
        self.classes[class].clone()
    }

    /// Forgets addresses: the next run looks names up again.
    pub(crate) fn forget(&self) {
        self.dns.forget();
    }
}

impl Network {
    fn new(class: &UserClass, dns: &Dns, roots: &Roots) -> Result<Self, String> {
        let settings = &class.network;
        let proxy = settings.proxy.as_ref().map(|proxy| Proxy::new(proxy, &class.secrets)).transpose()?;
        let tls = Tls::new(roots, &settings.tls, settings.version);
        Ok(Self {
            version: settings.version,
            proxy,
            tls: tls.map_err(|error: TlsError| error.to_string())?,
            lookup: Lookup::new(dns.clone(), settings.dns, &settings.addresses),
        })
    }
}
