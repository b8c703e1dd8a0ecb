//! The newest snapshot, written once for all who read it.

use crate::clock;
use crate::locust::stats;
use crate::v1::{Packed, snapshot};
use akrida_run::Snapshot;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::watch;

/// Numbers snapshots, and keeps the newest in all forms that anybody asked for.
pub(crate) struct Board {
    snapshots: watch::Receiver<Arc<Snapshot>>,
    newest: Mutex<Arc<Sheet>>,
    /// Tells snapshots of this process from those of another.
    boot: String,
    distributed: bool,
}

/// One snapshot, in all its forms.
pub(crate) struct Sheet {
    pub(crate) seq: u64,
    pub(crate) etag: String,
    pub(crate) snapshot: Arc<Snapshot>,
    distributed: bool,
    json: OnceLock<Text>,
    locusts: OnceLock<Text>,
    event: OnceLock<Packed>,
}

/// A text, and the same compressed.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) plain: Bytes,
    pub(crate) gzip: Bytes,
}

impl Text {
    pub(crate) fn new(plain: Vec<u8>) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        // Writing to memory cannot fail.
        let _ = encoder.write_all(&plain);
        let gzip = encoder.finish().unwrap_or_default();
        Self { plain: plain.into(), gzip: gzip.into() }
    }
}

impl Board {
    pub(crate) fn new(snapshots: watch::Receiver<Arc<Snapshot>>, distributed: bool) -> Self {
        let boot = format!("{:x}", clock::nanoseconds());
        let first = Sheet::new(0, &boot, snapshots.borrow().clone(), distributed);
        Self { snapshots, newest: Mutex::new(Arc::new(first)), boot, distributed }
    }

    /// The newest sheet.
    pub(crate) fn sheet(&self) -> Arc<Sheet> {
        let snapshot = self.snapshots.borrow().clone();
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&newest.snapshot, &snapshot) {
            *newest = Arc::new(Sheet::new(newest.seq + 1, &self.boot, snapshot, self.distributed));
        }
        Arc::clone(&newest)
    }

    /// Tells of newer ones.
    pub(crate) fn watch(&self) -> watch::Receiver<Arc<Snapshot>> {
        let mut snapshots = self.snapshots.clone();
        snapshots.mark_unchanged();
        snapshots
    }
}

impl Sheet {
    fn new(seq: u64, boot: &str, snapshot: Arc<Snapshot>, distributed: bool) -> Self {
        Self {
            seq,
            etag: format!("\"{boot}-{seq}\""),
            snapshot,
            distributed,
            json: OnceLock::new(),
            locusts: OnceLock::new(),
            event: OnceLock::new(),
        }
    }

    /// As `/api/v1/snapshot` has it.
    pub(crate) fn json(&self) -> &Text {
        self.json.get_or_init(|| Text::new(snapshot::write(self)))
    }

    /// As `/stats/requests` has it.
    pub(crate) fn locusts(&self) -> &Text {
        self.locusts.get_or_init(|| Text::new(stats::write(&self.snapshot, self.distributed)))
    }

    /// As a live event.
    pub(crate) fn event(&self) -> &Packed {
        self.event.get_or_init(|| {
            let head = format!("event: snapshot\nid: {}\ndata: ", self.seq);
            // Compact JSON has no line ends, which would end the data.
            Packed::new([head.as_bytes(), &self.json().plain, b"\n\n"].concat())
        })
    }
}
