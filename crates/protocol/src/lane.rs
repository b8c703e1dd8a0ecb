//! Which frames may overtake others on their way to the master.

use crate::reader::Reader;

/// Whether a frame from a worker must not wait behind reports: a heartbeat, which proves that the worker lives.
/// Everything else keeps its order, because it means something only after what came before it: `quit` after the last
/// `stats`, `client_ready` after `client_stopped`. So do heartbeats without memory, which are of the time before 2.4.2:
/// such workers may send them together with their first `client_ready`, without waiting for an answer.
#[must_use]
pub fn is_urgent(frame: &[u8]) -> bool {
    let mut reader = Reader::new(frame);
    let mut tells_memory = false;
    reader.array(usize::MAX, "elements").is_ok_and(|elements| elements == 3)
        && reader.text(crate::limits::KIND).is_ok_and(|kind| kind == "heartbeat")
        && reader
            .fields(|name, reader| {
                tells_memory |= name == "current_memory_usage";
                reader.skip()
            })
            .is_ok()
        && tells_memory
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
        let old = b"\x93\xa9heartbeat\x81\xa5state\xa5ready\xa1w";
        assert!(ToMaster::decode(old).is_ok() && !is_urgent(old));
        assert!(!is_urgent(&ToMaster::Quit.encode("w")));
        for garbage in [&b""[..], b"\x93", b"\xff\xff", b"\x93\xa9heartbea", b"heartbeat"] {
            assert!(!is_urgent(garbage), "{garbage:?}");
        }
    }
}
