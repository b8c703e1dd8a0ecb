//! A stand-in for Kubernetes' API server, as strict as the real one about scales: TLS with an authority of its own,
//! bearer tokens, a Role with names, and the answers that v1.36 was measured to give.

mod others;
mod patch;
mod serve;
mod state;

pub use state::{Deployment, Fault, Grant};

use crate::certificates::Authority;
use crate::http1::Request;
use crate::ledger::Ledger;
use crate::server::Server;
use serde_json::{Value, json};
use state::State;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_rustls::TlsAcceptor;

/// The account that the stand-in lets in.
pub const ACCOUNT: &str = "system:serviceaccount:load:akrida-master";

/// A stand-in for an API server with one namespace `load`, whose Role grants `get` and `patch` of the scale of
/// `akrida-worker`.
#[derive(Debug)]
pub struct Kubernetes {
    state: Arc<Mutex<State>>,
    ledger: Arc<Ledger>,
    authority: Authority,
    acceptor: Acceptor,
    server: Option<Server>,
    address: SocketAddr,
}

#[derive(Clone)]
struct Acceptor(TlsAcceptor);

impl std::fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Acceptor").finish_non_exhaustive()
    }
}

impl Kubernetes {
    /// Starts one whose Deployment `akrida-worker` wants `replicas` and has them.
    #[must_use]
    pub fn start(replicas: i64) -> Self {
        let authority = Authority::new();
        let acceptor = Acceptor(TlsAcceptor::from(authority.good().server_config(None)));
        let (state, ledger) = (Arc::new(Mutex::new(State::new(replicas))), Arc::new(Ledger::default()));
        let server = listen(0, &acceptor, &state, &ledger);
        let address = server.address();
        Self { state, ledger, authority, acceptor, server: Some(server), address }
    }

    /// Refuses connections from now on, and closes those that are open.
    pub fn stop(&mut self) {
        self.server = None;
    }

    /// Listens again, at the same address.
    pub fn resume(&mut self) {
        self.server = None;
        self.server = Some(listen(self.address.port(), &self.acceptor, &self.state, &self.ledger));
    }

    /// Its certificate is from another authority from now on. Returns that one's certificate as PEM.
    pub fn rotate(&mut self) -> String {
        self.authority = Authority::new();
        self.acceptor = Acceptor(TlsAcceptor::from(self.authority.good().server_config(None)));
        self.resume();
        self.authority.pem()
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The certificate of its authority, as PEM.
    #[must_use]
    pub fn ca(&self) -> String {
        self.authority.pem()
    }

    /// What is let in: `Authorization: Bearer ...`
    #[must_use]
    pub fn token(&self) -> String {
        self.state().token.clone()
    }

    /// Lets only this token in from now on.
    pub fn set_token(&self, token: &str) {
        token.clone_into(&mut self.state().token);
    }

    /// Writes a kubeconfig and the token's file into a folder; returns the kubeconfig's path.
    #[must_use]
    pub fn kubeconfig(&self, folder: &Path) -> String {
        let (ca, token) = (folder.join("ca.crt"), folder.join("token"));
        write(&ca, &self.ca());
        // As tools and people write files: with a line end.
        write(&token, &format!("{}\n", self.token()));
        let mut text = "apiVersion: v1\nkind: Config\ncurrent-context: test\n".to_owned();
        let _ = writeln!(
            text,
            "clusters:\n- name: test\n  cluster: {{server: \"https://{}\", certificate-authority: ca.crt}}",
            self.address
        );
        text.push_str("users:\n- name: test\n  user: {tokenFile: token}\n");
        text.push_str("contexts:\n- name: test\n  context: {cluster: test, user: test, namespace: load}\n");
        let file = folder.join("kubeconfig");
        write(&file, &text);
        file.display().to_string()
    }

    /// Writes what a pod's service account has into a folder: token, authority and namespace.
    pub fn mount(&self, folder: &Path) {
        write(&folder.join("token"), &format!("{}\n", self.token()));
        write(&folder.join("ca.crt"), &self.ca());
        write(&folder.join("namespace"), "load");
    }

    /// Misbehaves from now on.
    pub fn fault(&self, fault: Fault) {
        self.fault_on("", fault);
    }

    /// Misbehaves from now on with this method only; an empty one stands for all.
    pub fn fault_on(&self, method: &'static str, fault: Fault) {
        let mut state = self.state();
        (state.fault, state.faulty) = (fault, method);
    }

    /// Gives the account these rights, and no others.
    pub fn grant(&self, grants: Vec<Grant>) {
        self.state().grants = grants;
    }

    /// Changes an object, or makes one: `change` is given what is there.
    pub fn change(&self, name: &str, change: impl FnOnce(&mut Deployment)) {
        let mut state = self.state();
        let object = state.objects.entry(name.to_owned()).or_default();
        let before = object.clone();
        change(object);
        if *object != before {
            object.version += 1;
        }
    }

    /// Deletes an object.
    pub fn delete(&self, name: &str) {
        self.state().objects.remove(name);
    }

    /// An object as it is now.
    #[must_use]
    pub fn object(&self, name: &str) -> Option<Deployment> {
        self.state().objects.get(name).cloned()
    }

    /// What `akrida-worker` wants now.
    #[must_use]
    pub fn wanted(&self) -> i64 {
        self.object("akrida-worker").map_or(-1, |object| object.wanted)
    }

    /// Puts an object where the API server has it, such as a ConfigMap, or a list. It is read, and merge patches of it
    /// are taken; none of that needs rights.
    pub fn put(&self, path: &str, object: Value) {
        self.state().others.insert(path.to_owned(), object);
    }

    /// What is there now of what was put there.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Value> {
        self.state().others.get(path).cloned()
    }

    /// All requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.ledger.requests()
    }

    /// The bodies of all patches so far that were no dry run.
    #[must_use]
    pub fn patches(&self) -> Vec<Value> {
        let is_patch = |request: &Request| request.method == "PATCH" && request.parameter("dryRun").is_none();
        let body = |request: Request| request.json().unwrap_or_else(|| json!(request.text()));
        self.requests().into_iter().filter(is_patch).map(body).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn listen(port: u16, acceptor: &Acceptor, state: &Arc<Mutex<State>>, ledger: &Arc<Ledger>) -> Server {
    let (acceptor, state, ledger) = (acceptor.clone(), state.clone(), ledger.clone());
    Server::start_at(port, move |stream| {
        let (acceptor, state, ledger) = (acceptor.clone(), state.clone(), ledger.clone());
        async move {
            if let Ok(stream) = acceptor.0.accept(stream).await {
                ledger.connection();
                // An error is a client that went away: what it did is the test's.
                let _ = serve::connection(stream, &state, &ledger).await;
            }
        }
    })
}

fn write(file: &Path, text: &str) {
    std::fs::write(file, text).expect("a test's folder can be written");
}
