//! Which frames may overtake others on their way to the master.

use crate::reader::Reader;

/// Whether a frame from a worker must not wait behind reports: a heartbeat, which proves that the worker lives.
/// Everything else keeps its order, because it means something only after what came before it: `quit` after the last
/// `stats`, `client_ready` after `client_stopped`.
#[must_use]
pub fn is_urgent(frame: &[u8]) -> bool {
    let mut reader = Reader::new(frame);
    reader.array(usize::MAX, "elements").is_ok_and(|elements| elements == 3)
        && reader.text(crate::limits::KIND).is_ok_and(|kind| kind == "heartbeat")
}

#[cfg(test)]
mod tests {
    use super::is_urgent;
    use crate::{ToMaster, WorkerState};

    #[test]
    fn only_heartbeats_are_urgent() {
        let state = WorkerState::Ready;
        let heartbeat = ToMaster::Heartbeat { state, cpu_usage: 0.0, memory_usage: 0, extra: None };
        assert!(is_urgent(&heartbeat.encode("w")));
        assert!(!is_urgent(&ToMaster::Quit.encode("w")));
        for garbage in [&b""[..], b"\x93", b"\xff\xff", b"\x93\xa9heartbea", b"heartbeat"] {
            assert!(!is_urgent(garbage), "{garbage:?}");
        }
    }
}
