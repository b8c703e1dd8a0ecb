//! Every bound of this crate, with its unit and its reason.

use std::time::Duration;

/// How long a connection to the API server may take: it is in the same cluster.
pub(crate) const CONNECT: Duration = Duration::from_secs(5);

/// How long a whole exchange with the API server may take. A person waits for it, and an answer takes milliseconds.
pub(crate) const CALL: Duration = Duration::from_secs(10);

/// Bytes of an answer. A Scale has about 1 kB; a list of autoscalers of a namespace fits, too.
pub(crate) const ANSWER: usize = 4 << 20;

/// Bytes of a file with a token, as an API server reads them.
pub(crate) const TOKEN: u64 = 64 << 10;

/// Bytes of the name of a namespace: a DNS label.
pub(crate) const LABEL: usize = 63;

/// Bytes of the name of an object: a DNS subdomain.
pub(crate) const NAME: usize = 253;

/// Characters of what an API server said that are shown: longer ones are dumps of objects.
pub(crate) const SAID: usize = 200;
