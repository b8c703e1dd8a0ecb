//! A Deployment `fibonacci`, whose replicas are real processes behind one address.

use crate::binary::now;
use akrida_testkit::{Grant, Kubernetes};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

const SERVICE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/python/one_at_a_time.py");

/// Between two looks at what is wanted.
const LOOK: Duration = Duration::from_millis(10);

/// How long replicas may take to be there, on a machine that does much else.
const SETTLED: Duration = Duration::from_secs(120);

/// The stand-in, what runs in it, and the address that all of it is behind.
pub(super) struct Site {
    pub(super) kubernetes: Arc<Kubernetes>,
    address: SocketAddr,
    replicas: Arc<Replicas>,
    over: Arc<AtomicBool>,
    keeper: Option<JoinHandle<()>>,
}

/// Those that run, and a bell for whoever waits for one of them.
#[derive(Default)]
struct Replicas {
    running: Mutex<Vec<Arc<Replica>>>,
    freed: Condvar,
}

/// One process of the service.
struct Replica {
    child: Mutex<Child>,
    port: u16,
    /// Whether it has a request.
    busy: AtomicBool,
}

impl Site {
    /// Starts with so many replicas.
    pub(super) fn start(replicas: i64) -> Self {
        let kubernetes = Arc::new(Kubernetes::start(0));
        kubernetes.grant(vec![Grant::scale("get", "fibonacci"), Grant::scale("patch", "fibonacci")]);
        kubernetes.change("fibonacci", |object| object.wanted = replicas);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (serving, over) = (Arc::<Replicas>::default(), Arc::new(AtomicBool::new(false)));
        let keeper = {
            let (kubernetes, running, over) = (kubernetes.clone(), serving.clone(), over.clone());
            thread::spawn(move || keep(&kubernetes, &running, &over))
        };
        {
            let (running, over) = (serving.clone(), over.clone());
            thread::spawn(move || {
                for stream in listener.incoming() {
                    let (running, over) = (running.clone(), over.clone());
                    thread::spawn(move || stream.map(|stream| balance(stream, &running, &over)));
                }
            });
        }
        let site = Self { kubernetes, address, replicas: serving, over, keeper: Some(keeper) };
        site.settle();
        site
    }

    /// Waits until as many replicas run as are wanted.
    pub(super) fn settle(&self) {
        let deadline = now() + SETTLED;
        while self.replicas.running.lock().unwrap().len() as i64 != self.wanted() {
            assert!(now() < deadline, "replicas do not come or go");
            thread::sleep(LOOK);
        }
    }

    /// `http://127.0.0.1:PORT`
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Replicas that are wanted.
    pub(super) fn wanted(&self) -> i64 {
        self.kubernetes.object("fibonacci").unwrap().wanted
    }

    /// The counts that were ever asked for, in order.
    pub(super) fn asked(&self) -> Vec<i64> {
        let patches = self.kubernetes.patches();
        patches.iter().filter_map(|patch| patch["spec"]["replicas"].as_i64()).collect()
    }

    /// Loads the service with so many clients, each of which asks again as soon as it is answered, until the load is
    /// dropped. Each request takes so many tenths of a second.
    pub(super) fn load(&self, clients: usize, tenths: u32) -> Load {
        let over = Arc::new(AtomicBool::new(false));
        for _ in 0..clients {
            let (over, address) = (over.clone(), self.address);
            let what = format!("/fibonacci?n=23&times={tenths}");
            let request = format!("GET {what} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let _ = ask(address, request.as_bytes());
                }
            });
        }
        Load(over)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(keeper) = self.keeper.take() {
            let _ = keeper.join();
        }
        self.replicas.running.lock().unwrap().clear();
    }
}

/// Ends with it.
pub(super) struct Load(Arc<AtomicBool>);

impl Drop for Load {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Replica {
    fn start() -> Arc<Self> {
        let mut child =
            Command::new("python3").arg(SERVICE).stdout(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().unwrap();
        Arc::new(Self { child: Mutex::new(child), port, busy: AtomicBool::new(false) })
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap();
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// Makes as many replicas as are wanted, as a Deployment's controller does. One that has to go ends with its last
/// request.
fn keep(kubernetes: &Kubernetes, replicas: &Replicas, over: &AtomicBool) {
    let running = &replicas.running;
    while !over.load(Ordering::Relaxed) {
        let wanted = kubernetes.object("fibonacci").map_or(0, |object| object.wanted);
        let wanted = usize::try_from(wanted).unwrap();
        let there = running.lock().unwrap().len();
        if there < wanted {
            let replica = Replica::start();
            running.lock().unwrap().push(replica);
            replicas.freed.notify_all();
        } else if there > wanted {
            let gone = running.lock().unwrap().pop();
            drop(gone);
        } else {
            let there = i64::try_from(there).unwrap();
            kubernetes.change("fibonacci", |object| object.existing = there);
        }
        thread::sleep(LOOK);
    }
}

impl Replicas {
    /// Waits for a replica that has nothing to do, and gives it something.
    fn take(&self, over: &AtomicBool) -> Option<Arc<Replica>> {
        let mut running = self.running.lock().unwrap();
        while !over.load(Ordering::Relaxed) {
            if let Some(free) = running.iter().find(|replica| !replica.busy.swap(true, Ordering::SeqCst)) {
                return Some(free.clone());
            }
            running = self.freed.wait_timeout(running, LOOK).unwrap().0;
        }
        None
    }

    fn give_back(&self, replica: &Replica) {
        replica.busy.store(false, Ordering::SeqCst);
        self.freed.notify_one();
    }
}

/// Passes each request of a connection to the first replica that is free: one queue for all of them, so that capacity
/// is what their number says.
fn balance(mut client: TcpStream, replicas: &Replicas, over: &AtomicBool) {
    let _ = client.set_nodelay(true);
    let mut buffer = Vec::new();
    while let Some(request) = request(&mut client, &mut buffer) {
        let Some(replica) = replicas.take(over) else { return };
        let answer = ask(SocketAddr::from(([127, 0, 0, 1], replica.port)), &request);
        replicas.give_back(&replica);
        let Ok(answer) = answer else { return };
        if client.write_all(&answer).is_err() {
            return;
        }
    }
}

/// The next request, which has no body.
fn request(client: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    loop {
        if let Some(at) = buffer.windows(4).position(|end| end == b"\r\n\r\n") {
            return Some(buffer.drain(..at + 4).collect());
        }
        let mut part = [0; 4096];
        let read = client.read(&mut part).ok().filter(|read| *read > 0)?;
        buffer.extend_from_slice(&part[..read]);
    }
}

fn ask(address: SocketAddr, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    // A replica closes after its answer; the balancer goes on with the next request of a connection, whose end the
    // client asks for by closing its own.
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut part = [0; 4096];
    loop {
        let read = stream.read(&mut part)?;
        answer.extend_from_slice(&part[..read]);
        if read == 0 || answer.ends_with(b"\r\n\r\n34") {
            return Ok(answer);
        }
    }
}
