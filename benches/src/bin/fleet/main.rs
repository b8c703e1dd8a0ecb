//! A master with a fleet: thousands of simulated workers from one core, with real sockets and the real protocol, and
//! what the master costs. `cargo xtask bench fleet` runs it.
//!
//!     fleet MASTER akrida|locust FILE WORKERS SECONDS [aligned]
//!     fleet join PORT WORKERS ENDPOINTS
//!
//! The second form is a fleet alone, for a master that somebody else has started; it goes on until it is ended.

mod worker;
mod zmtp;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use worker::Fleet;

/// Endpoints that each worker reports.
const ENDPOINTS: usize = 20;

/// After all workers have users: how long the master is left alone before it is measured.
const CALM: Duration = Duration::from_secs(5);

/// How long all workers may take to have users.
const CONNECTING: Duration = Duration::from_secs(60);

/// How long all of them may take to leave after that, with the rest of the run's time.
const ENDING: Duration = Duration::from_secs(60);

/// Between two workers that connect.
const APART: Duration = Duration::from_micros(500);

/// What is measured.
struct Trial {
    master: PathBuf,
    akrida: bool,
    file: String,
    workers: usize,
    seconds: u64,
    aligned: bool,
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = tokio::task::LocalSet::new();
    let (master, kind, file, workers, seconds, aligned) = match words[..] {
        ["join", port, workers, endpoints] => {
            let port = number(port)?.try_into().map_err(io::Error::other)?;
            let (workers, endpoints) = (number(workers)? as usize, number(endpoints)? as usize);
            return tasks.block_on(&runtime, join(port, workers, endpoints));
        }
        [master, kind, file, workers, seconds] => (master, kind, file, workers, seconds, false),
        [master, kind, file, workers, seconds, "aligned"] => (master, kind, file, workers, seconds, true),
        _ => {
            return Err(io::Error::other(
                "usage: fleet MASTER akrida|locust FILE WORKERS SECONDS [aligned], or fleet join PORT WORKERS ENDPOINTS",
            ));
        }
    };
    let trial = Trial {
        master: master.into(),
        akrida: kind == "akrida",
        file: file.to_owned(),
        workers: number(workers)? as usize,
        seconds: number(seconds)?,
        aligned,
    };
    tasks.block_on(&runtime, trial.run())
}

fn number(text: &str) -> io::Result<u64> {
    text.parse().map_err(|_| io::Error::other(format!("{text} is no number")))
}

/// Connects a fleet of Akrida's workers, and lets it live until the master says quit.
async fn join(port: u16, workers: usize, endpoints: usize) -> io::Result<()> {
    let fleet = Rc::new(Fleet::new(port, workers, endpoints, true, false));
    for task in connect(&fleet).await {
        let _ = task.await;
    }
    Ok(())
}

/// Starts all workers of a fleet, one after the other.
async fn connect(fleet: &Rc<Fleet>) -> Vec<tokio::task::JoinHandle<()>> {
    let mut tasks = Vec::with_capacity(fleet.workers);
    for number in 0..fleet.workers {
        let fleet = fleet.clone();
        tasks.push(tokio::task::spawn_local(async move {
            if worker::live(fleet.clone(), number).await.is_err() {
                fleet.broken.set(fleet.broken.get() + 1);
            }
        }));
        sleep(APART).await;
    }
    tasks
}

impl Trial {
    async fn run(&self) -> io::Result<()> {
        let folder = std::env::temp_dir().join(format!("akrida-fleet-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut master = self.start(port, &folder)?;
        let measured = self.measure(port, &mut master, &folder).await;
        let _ = master.kill();
        let _ = master.wait();
        if measured.is_err() {
            eprint!("{}", fs::read_to_string(folder.join("log")).unwrap_or_default());
        }
        let _ = fs::remove_dir_all(&folder);
        measured
    }

    fn start(&self, port: u16, folder: &Path) -> io::Result<Child> {
        let (workers, users, port) =
            (self.workers.to_string(), (2 * self.workers).to_string(), port.to_string());
        // The clock of the run begins when the first jobs are sent, and all else has to find room in it.
        let time = format!("{}s", self.seconds + 2 * CALM.as_secs() + 10);
        Command::new(&self.master)
            .args(["-f", &self.file, "-H", "http://127.0.0.1:9", "--master", "--headless", "--only-summary"])
            .args(["--master-bind-port", &port, "--expect-workers", &workers, "-u", &users, "-r", &users])
            .args(["-t", &time, "--json-file", "results"])
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.join("log"))?)
            .spawn()
    }

    async fn measure(&self, port: u16, master: &mut Child, folder: &Path) -> io::Result<()> {
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            if master.try_wait()?.is_some() {
                return Err(io::Error::other("the master has ended"));
            }
            sleep(Duration::from_millis(50)).await;
        }
        let fleet = Rc::new(Fleet::new(port, self.workers, ENDPOINTS, self.akrida, self.aligned));
        let tasks = connect(&fleet).await;
        let began = Instant::now();
        while fleet.running.get() < self.workers {
            if began.elapsed() > CONNECTING {
                return Err(io::Error::other(format!(
                    "{} of {} workers have users",
                    fleet.running.get(),
                    self.workers
                )));
            }
            sleep(Duration::from_millis(50)).await;
        }
        sleep(CALM).await;
        let pid = master.id();
        let (before, own, at) = (cpu_s(pid)?, cpu_s(std::process::id())?, Instant::now());
        fleet.counting.set(true);
        sleep(Duration::from_secs(self.seconds)).await;
        fleet.counting.set(false);
        let took = at.elapsed().as_secs_f64();
        let (used, simulated) = ((cpu_s(pid)? - before) / took, (cpu_s(std::process::id())? - own) / took);
        let (resident, broken) = (resident_mib(pid)?, fleet.broken.get());
        let (answers, [median, p99, worst]) = fleet.answers();
        let answered = answers as f64 / (self.workers as f64 * took);
        let ended = Instant::now();
        for task in tasks {
            // One that panicked is as good as broken, and a master that says nothing any more is not waited for.
            let _ = tokio::time::timeout_at(ended + ENDING, task).await;
        }
        while master.try_wait()?.is_none() && ended.elapsed() < ENDING {
            sleep(Duration::from_millis(50)).await;
        }
        let counted = counted(&folder.join("results.json"))?;
        let lost = fleet.reported.get() as i64 - counted as i64;
        println!(
            "{:<8} {:>6} workers{:>9}: {:>5.1} % of a core, {:.1} us per worker and second, {:>6.1} MiB; \
             heartbeat answers {median:.2} ms median, {p99:.2} ms p99, {worst:.1} ms worst, {:.1} % answered; \
             reports of {:.1} kB; {counted} requests counted, {lost} lost; {broken} connections broken; \
             simulator {:.0} %",
            if self.akrida { "akrida" } else { "locust" },
            self.workers,
            if self.aligned { ", aligned" } else { "" },
            100.0 * used,
            1e6 * used / self.workers as f64,
            resident,
            100.0 * answered,
            fleet.report_bytes.get() as f64 / 1e3,
            100.0 * simulated,
        );
        Ok(())
    }
}

/// Requests of all rows in results as Locust writes them.
fn counted(results: &Path) -> io::Result<u64> {
    let text = fs::read_to_string(results)?;
    let rows: Vec<serde_json::Value> = serde_json::from_str(&text)?;
    Ok(rows.iter().filter_map(|row| row["num_requests"].as_u64()).sum())
}

/// CPU seconds of a process.
fn cpu_s(pid: u32) -> io::Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks: f64 =
        fields.split_ascii_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    Ok(ticks / 100.0)
}

fn resident_mib(pid: u32) -> io::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = kib.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    Ok(kib.unwrap_or_default() / 1_024.0)
}
