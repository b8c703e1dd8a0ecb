//! Files that a scenario names.

use super::super::node::Node;
use super::super::quote::{excerpt, quote};
use super::super::rules;
use super::Decoder;
use super::value::text;
use crate::Source;
use crate::limits::{ALL_FILES_BYTES, DATA_BYTES};
use std::collections::HashMap;
use std::sync::Arc;

/// What a file is to a scenario.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Data,
    Secret,
}

/// What is in a file, or why it cannot be read.
type Found = Result<Arc<[u8]>, String>;

/// Reads each file once, and not too much of all.
pub(super) struct Files<'s> {
    pub(super) source: &'s dyn Source,
    read: HashMap<(Kind, String), Found>,
    bytes: usize,
}

impl<'s> Files<'s> {
    pub(super) fn new(source: &'s dyn Source) -> Self {
        Self { source, read: HashMap::new(), bytes: 0 }
    }

    fn file(&mut self, kind: Kind, path: &str) -> Found {
        let key = (kind, path.to_owned());
        if let Some(known) = self.read.get(&key) {
            return known.clone();
        }
        let mib = |bytes: usize| bytes / (1024 * 1024);
        let found = match kind {
            Kind::Data => self.source.file(path),
            Kind::Secret => self.source.secret_file(path),
        };
        let found = match found {
            Ok(bytes) if bytes.len() > DATA_BYTES => {
                Err(format!("it is larger than {} MiB", mib(DATA_BYTES)))
            }
            Ok(bytes) if self.bytes + bytes.len() > ALL_FILES_BYTES => {
                Err(format!("with it, the files of the scenario exceed {} MiB", mib(ALL_FILES_BYTES)))
            }
            found => found,
        };
        self.bytes += found.as_ref().map_or(0, |bytes| bytes.len());
        self.read.insert(key, found.clone());
        found
    }
}

impl Decoder<'_> {
    /// What is in the file that `node` names.
    pub(super) fn file(&mut self, node: &Node) -> Option<Arc<[u8]>> {
        self.read(Kind::Data, node)
    }

    /// What is in the file that `node` names, which nobody else may see.
    pub(super) fn secret_file(&mut self, node: &Node) -> Option<Arc<[u8]>> {
        self.read(Kind::Secret, node)
    }

    fn read(&mut self, kind: Kind, node: &Node) -> Option<Arc<[u8]>> {
        let path = text(node).filter(|path| (rules::FILE.accepts)(path))?;
        match self.files.file(kind, path) {
            Ok(bytes) => Some(bytes),
            Err(reason) => {
                self.problem(
                    &node.span,
                    format!("{} cannot be read: {}", quote(path), excerpt(&reason)),
                    "name a file that can be read; its path is relative to the scenario's folder",
                );
                None
            }
        }
    }
}
