//! A real nginx, for what must not be proven against code of ours: HTTP/2 above all.

use crate::certificates::{Authority, Identity};
use crate::limits::{NGINX_STARTS, NGINX_WAIT};
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The log's fields are parted by tabs, which nginx writes as `\x09` where a client sends them.
const CONFIGURATION: &str = r#"
daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log;
user USER;
events { worker_connections 4096; }
http {
  log_format lines "$server_protocol\t$connection\t$status\t$request_method\t$request_uri";
  access_log access.log lines;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  default_type text/plain;
  client_max_body_size 64m;
  keepalive_requests 1000000000;
  ssl_certificate server.pem;
  ssl_certificate_key server.key;
  server { listen ADDRESS_HTTP1; SERVER }
  server { listen ADDRESS_HTTP2 http2; SERVER }
  server { listen ADDRESS_TLS1 ssl; SERVER }
  server { listen ADDRESS_TLS2 ssl http2; SERVER }
}
"#;

/// A running nginx, with the same content at four addresses. It is ended when this is dropped.
#[derive(Debug)]
pub struct Nginx {
    child: Child,
    folder: PathBuf,
    addresses: [SocketAddr; 4],
}

/// A line of its access log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// `HTTP/1.1`, `HTTP/2.0`.
    pub protocol: String,
    /// The connection's number: equal for requests on one connection.
    pub connection: u64,
    /// The answer's.
    pub status: u16,
    /// `GET`, `POST`, ...
    pub method: String,
    /// With the query.
    pub path: String,
}

impl Nginx {
    /// Starts one; `server` is what stands in each `server { ... }` beside `listen`, such as
    /// `location / { return 200 'hello'; }`. TLS is with a certificate of this authority.
    ///
    /// # Panics
    /// If there is no nginx, or the configuration is none.
    #[must_use]
    pub fn start(authority: &Authority, server: &str) -> Self {
        let identity = authority.good();
        for _ in 0..NGINX_STARTS {
            let mut nginx = Self::launch(&identity, server);
            match nginx.wait() {
                Ok(()) => return nginx,
                Err(reason) if reason.contains("Address already in use") => {}
                Err(reason) => panic!("nginx does not start: {reason}"),
            }
        }
        panic!("nginx found no free ports in {NGINX_STARTS} tries")
    }

    fn launch(identity: &Identity, server: &str) -> Self {
        let (folder, addresses) = (folder(), free());
        let write = |name: &str, text: &str| {
            fs::write(folder.join(name), text).expect("the temporary folder can be written");
        };
        write("server.pem", identity.certificate_pem());
        write("server.key", identity.key_pem());
        let names = ["ADDRESS_HTTP1", "ADDRESS_HTTP2", "ADDRESS_TLS1", "ADDRESS_TLS2"];
        let text = CONFIGURATION.replace("SERVER", server).replace("USER", &user());
        let pairs = names.iter().zip(addresses);
        write("nginx.conf", &pairs.fold(text, |text, (name, at)| text.replace(name, &at.to_string())));
        Self { child: spawn(&folder), folder, addresses }
    }

    /// Plain text, HTTP/1.1.
    #[must_use]
    pub fn http1_url(&self) -> String {
        format!("http://{}", self.addresses[0])
    }

    /// Plain text, HTTP/2 by prior knowledge.
    #[must_use]
    pub fn http2_url(&self) -> String {
        format!("http://{}", self.addresses[1])
    }

    /// TLS, where nginx agrees to HTTP/1.1 only.
    #[must_use]
    pub fn tls1_url(&self) -> String {
        format!("https://{}", self.addresses[2])
    }

    /// TLS, where nginx agrees to HTTP/2 and HTTP/1.1 (ALPN).
    #[must_use]
    pub fn tls2_url(&self) -> String {
        format!("https://{}", self.addresses[3])
    }

    /// What it logged, once that are as many lines: nginx writes a line after the answer is sent.
    ///
    /// # Panics
    /// If they are fewer after ten seconds.
    #[must_use]
    pub fn accesses(&self, lines: usize) -> Vec<Access> {
        let mut text = String::new();
        for _ in 0..NGINX_WAIT {
            text = fs::read_to_string(self.folder.join("access.log")).unwrap_or_default();
            if text.lines().count() >= lines && (text.is_empty() || text.ends_with('\n')) {
                return text.lines().map(access).collect();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("nginx logged less than {lines} lines:\n{text}")
    }

    /// Waits until it answers; says why it does not.
    fn wait(&mut self) -> Result<(), String> {
        for _ in 0..NGINX_WAIT {
            let ended = self.child.try_wait().map_err(|error| error.to_string())?;
            if let Some(status) = ended {
                let said = fs::read_to_string(self.folder.join("stderr")).unwrap_or_default();
                return Err(format!("{status}: {said}"));
            }
            if self.addresses.iter().all(|address| TcpStream::connect(address).is_ok()) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Err("its ports stay closed".to_owned())
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // TERM, not KILL: nginx takes its worker with it.
        let _ = Command::new("kill").arg(self.child.id().to_string()).stderr(Stdio::null()).status();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn spawn(folder: &PathBuf) -> Child {
    let errors = File::create(folder.join("stderr")).expect("the temporary folder can be written");
    let mut command = Command::new("sh");
    // Debian keeps it where only administrators look.
    command.args(["-c", r#"PATH="$PATH:/usr/sbin"; exec nginx -p "$0" -c nginx.conf -e stderr"#]);
    command.arg(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors);
    command.spawn().expect("there is a shell")
}

fn access(line: &str) -> Access {
    let fields: Vec<&str> = line.split('\t').collect();
    let [protocol, connection, status, method, path] = fields[..] else {
        panic!("not a line of the access log: {line}")
    };
    let number =
        |text: &str| text.parse().unwrap_or_else(|_| panic!("not a number in the access log: {line}"));
    Access {
        protocol: protocol.to_owned(),
        connection: number(connection),
        status: u16::try_from(number(status)).expect("a status has three digits"),
        method: method.to_owned(),
        path: path.to_owned(),
    }
}

/// Four ports that nobody has now. Somebody else may take one before nginx does.
fn free() -> [SocketAddr; 4] {
    let listeners = [(); 4].map(|()| {
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("the loopback interface has a free port")
    });
    listeners.map(|listener| listener.local_addr().expect("a listener has an address"))
}

/// Who runs this: nginx started by root would otherwise become a user that may not write its folder.
fn user() -> String {
    let output = Command::new("id").arg("-un").output().expect("there is `id`");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn folder() -> PathBuf {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("akrida-nginx-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).expect("the temporary folder can be written");
    folder
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::testing::talk;

    #[test]
    fn answers_and_logs() {
        let nginx = Nginx::start(&Authority::new(), "location / { return 200 'hello'; }");
        assert_eq!(nginx.accesses(0), []);
        let address = nginx.addresses[0];
        let text =
            "GET /a?b=c HTTP/1.1\r\nhost: x\r\n\r\nGET /d HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        let (heard, _) = talk(address, text);
        assert_eq!(heard.matches("\r\n\r\nhello").count(), 2, "{heard}");
        let accesses = nginx.accesses(2);
        let connection = accesses[0].connection;
        let access = |path: &str| Access {
            protocol: "HTTP/1.1".to_owned(),
            connection,
            status: 200,
            method: "GET".to_owned(),
            path: path.to_owned(),
        };
        assert_eq!(accesses, [access("/a?b=c"), access("/d")]);

        let folder = nginx.folder.clone();
        drop(nginx);
        assert!(TcpStream::connect(address).is_err() && !folder.exists());
    }
}
