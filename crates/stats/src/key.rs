//! What a measurement is filed under.

use serde::{Deserialize, Serialize};

/// Names one label (method, name and tags) of a recorder. Dense: labels are numbered from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LabelId(pub u32);

/// Names what was requested, and the stage in which it started, without a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId {
    /// Method, name and tags.
    pub label: LabelId,
    /// Number of the stage in which the request started, from 1; 0 in a run without stages.
    pub stage: u16,
}

/// What an entry is filed under when it leaves the recorder.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct EntryKey {
    /// The request's name, by default its path.
    pub name: String,
    /// HTTP method or another request type, such as `GET`.
    pub method: String,
    /// The tags of the task that made the request, sorted.
    pub tags: Vec<String>,
    /// Index from 0 of the stage in which the request started; `None` in a run without stages or from a worker that
    /// knows of none.
    pub stage: Option<u16>,
}

impl EntryKey {
    /// An entry without tags and stage.
    #[must_use]
    pub fn plain(method: &str, name: &str) -> Self {
        Self { name: name.to_owned(), method: method.to_owned(), tags: Vec::new(), stage: None }
    }
}
