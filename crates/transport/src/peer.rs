//! Who is at the other end of a connection.

use bytes::Bytes;
use std::fmt;

/// The identity of a connection, as the peer chose it when it connected; opaque bytes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerId(Bytes);

impl PeerId {
    /// The identity as text; `None` if it is not UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// The identity as it stands.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Bytes> for PeerId {
    fn from(identity: Bytes) -> Self {
        Self(identity)
    }
}

impl From<&str> for PeerId {
    fn from(identity: &str) -> Self {
        Self(Bytes::copy_from_slice(identity.as_bytes()))
    }
}

impl fmt::Debug for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeerId({})", self.0.escape_ascii())
    }
}
