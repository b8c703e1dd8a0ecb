//! The order of workers.

use std::collections::HashMap;

/// The order in which workers get their next user, as indices into `node_ids`: hosts take turns. The host is
/// what stands before the first `_` of a node id, as Locust has it.
#[must_use]
pub fn worker_order(node_ids: &[&str]) -> Vec<usize> {
    let mut by_id: Vec<usize> = (0..node_ids.len()).collect();
    by_id.sort_by_key(|&worker| node_ids[worker]);
    let mut on_host: HashMap<&str, usize> = HashMap::new();
    let mut turns: Vec<(usize, usize)> = Vec::with_capacity(by_id.len());
    for worker in by_id {
        let host = node_ids[worker].split('_').next().unwrap_or_default();
        let turn = on_host.entry(host).or_default();
        turns.push((*turn, worker));
        *turn += 1;
    }
    // Stable: within a turn the order of ids stays.
    turns.sort_by_key(|turn| turn.0);
    turns.into_iter().map(|turn| turn.1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(node_ids: &[&str], expected: &[&str]) {
        let ordered: Vec<&str> = worker_order(node_ids).into_iter().map(|worker| node_ids[worker]).collect();
        assert_eq!(ordered, expected);
    }

    #[test]
    fn hosts_take_turns() {
        check(&["hostA_1", "hostA_2", "hostB_1"], &["hostA_1", "hostB_1", "hostA_2"]);
        check(&["hostB_2", "hostA_2", "hostB_1", "hostA_1"], &["hostA_1", "hostB_1", "hostA_2", "hostB_2"]);
        check(&["noturn", "", "a_"], &["", "a_", "noturn"]);
        check(&[], &[]);
    }
}
