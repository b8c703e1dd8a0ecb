//! Names to addresses.

use crate::failure::Failure;
use crate::limits;
use akrida_scenario::model;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use tokio::time::Instant;

/// What a lookup found: at least one address, in the resolver's order.
type Found = Result<Arc<[SocketAddr]>, Failure>;
type Key = (String, u16);

/// How one class turns names into addresses; asked only when a connection is made.
#[derive(Debug)]
pub(super) struct Lookup {
    shared: Dns,
    mode: model::Dns,
    fixed: HashMap<String, Vec<IpAddr>>,
}

impl Lookup {
    pub(super) fn new(shared: Dns, mode: model::Dns, fixed: &[(String, Vec<IpAddr>)]) -> Self {
        // As hosts of addresses are when they come here: in lower case, and in ASCII.
        let written = |name: &str| url::Host::parse(name).map_or(name.to_owned(), |host| host.to_string());
        let fixed = fixed.iter().map(|(name, addresses)| (written(name), addresses.clone()));
        Self { shared, mode, fixed: fixed.collect() }
    }

    /// The addresses of a name; at least one.
    pub(super) async fn resolve(&self, host: &str, port: u16) -> Found {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(Arc::new([SocketAddr::new(address, port)]));
        }
        if let Some(fixed) = self.fixed.get(host) {
            return some(fixed.iter().map(|address| SocketAddr::new(*address, port)), host);
        }
        match self.mode {
            model::Dns::Run => self.shared.resolve((host.to_owned(), port), ask).await,
            model::Dns::User => ask((host.to_owned(), port)).await,
        }
    }
}

/// Asks the system's resolver.
async fn ask((host, port): Key) -> Found {
    let found = tokio::net::lookup_host((host.as_str(), port)).await;
    match found {
        Ok(found) => some(found, &host),
        // Too many open files and the like are not the name's fault.
        Err(error) if error.raw_os_error().is_some() => Err(Failure::from(&error)),
        Err(_) => Err(Failure::Dns(host.clone())),
    }
}

fn some(found: impl Iterator<Item = SocketAddr>, host: &str) -> Found {
    let found: Arc<[SocketAddr]> = found.collect();
    if found.is_empty() { Err(Failure::Dns(host.to_owned())) } else { Ok(found) }
}

/// Names that were looked up in this run, by whoever was first. Shared by all cores.
#[derive(Clone, Debug, Default)]
pub(super) struct Dns {
    known: Arc<Mutex<HashMap<Key, Known>>>,
}

#[derive(Debug)]
enum Known {
    /// Being looked up; tells all who wait for it.
    Asked(watch::Receiver<Option<Found>>),
    Found(Arc<[SocketAddr]>),
    /// Not asked again before then, so that a resolver in trouble is not flooded.
    Failed(Failure, Instant),
}

impl Dns {
    async fn resolve<F>(&self, key: Key, ask: impl FnOnce(Key) -> F) -> Found
    where
        F: Future<Output = Found> + Send + 'static,
    {
        let mut asked = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            match known.get(&key) {
                Some(Known::Found(found)) => return Ok(found.clone()),
                Some(Known::Failed(failure, until)) if Instant::now() < *until => return Err(failure.clone()),
                // One whose asker is gone never ends.
                Some(Known::Asked(asked)) if asked.has_changed().is_ok() => asked.clone(),
                _ => {
                    if known.len() >= limits::NAMES {
                        known.clear();
                    }
                    let (tell, asked) = watch::channel(None);
                    known.insert(key.clone(), Known::Asked(asked.clone()));
                    let (dns, answer) = (self.clone(), ask(key.clone()));
                    // A task of its own: whoever asked may give up before the answer comes.
                    tokio::spawn(async move {
                        let found = answer.await;
                        dns.note(key, &found);
                        tell.send_replace(Some(found));
                    });
                    asked
                }
            }
        };
        let found = asked.wait_for(Option::is_some).await.ok().and_then(|found| found.clone());
        // The asker's core ended before the answer came.
        found.unwrap_or(Err(Failure::Abandoned))
    }

    fn note(&self, key: Key, found: &Found) {
        let known = match found {
            Ok(found) => Known::Found(found.clone()),
            Err(failure) => Known::Failed(failure.clone(), Instant::now() + limits::DNS_RETRY),
        };
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, known);
    }

    /// Forgets everything: the next run looks names up again.
    pub(super) fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::Semaphore;

    fn key() -> Key {
        ("shop.test".to_owned(), 80)
    }

    fn found() -> Found {
        Ok(Arc::new([SocketAddr::from(([10, 0, 0, 1], 80))]))
    }

    /// Asks for the name; `asked` counts how often the resolver was, which answers when it may.
    async fn resolve(dns: &Dns, asked: &Arc<AtomicUsize>, may: &Arc<Semaphore>, answer: Found) -> Found {
        dns.resolve(key(), |_| {
            asked.fetch_add(1, Ordering::Relaxed);
            let may = may.clone();
            async move {
                let _permit = may.acquire().await;
                answer
            }
        })
        .await
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_at_once_waits_for_one_answer_even_if_the_first_gives_up() {
        let (dns, asked, may) = (Dns::default(), Arc::default(), Arc::new(Semaphore::new(0)));
        let soon = std::time::Duration::from_millis(1);
        let first = tokio::time::timeout(soon, resolve(&dns, &asked, &may, found())).await;
        assert!(first.is_err());
        let others =
            async { tokio::join!(resolve(&dns, &asked, &may, found()), async { may.add_permits(1) }).0 };
        assert!(others.await.is_ok());
        assert!(resolve(&dns, &asked, &may, found()).await.is_ok());
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        dns.forget();
        assert!(resolve(&dns, &asked, &may, found()).await.is_ok());
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_remembered_for_a_while() {
        let (dns, asked, may) = (Dns::default(), Arc::default(), Arc::new(Semaphore::new(1)));
        let failed = || Err(Failure::Dns("shop.test".to_owned()));
        for _ in 0..5 {
            assert!(resolve(&dns, &asked, &may, failed()).await.is_err());
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        tokio::time::advance(limits::DNS_RETRY).await;
        assert!(resolve(&dns, &asked, &may, found()).await.is_ok());
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }
}
