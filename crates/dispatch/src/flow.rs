//! The largest flow through a small network, after Dinic: shortest ways first, all of one length at a time.

/// A network of directed edges with capacities.
#[derive(Debug)]
pub(crate) struct Network {
    /// Each edge stands beside its reverse: 2n and 2n + 1.
    edges: Vec<Edge>,
    /// Edges that leave each node.
    leaving: Vec<Vec<u32>>,
}

#[derive(Clone, Copy, Debug)]
struct Edge {
    to: u32,
    /// What may still pass.
    room: u64,
}

/// Names an edge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EdgeId(u32);

impl Network {
    pub(crate) fn new(nodes: usize) -> Self {
        Self { edges: Vec::new(), leaving: vec![Vec::new(); nodes] }
    }

    /// An edge through which `flow` passes already and `room` more may.
    pub(crate) fn edge(&mut self, from: usize, to: usize, flow: u64, room: u64) -> EdgeId {
        let id = self.edges.len() as u32;
        self.edges.push(Edge { to: to as u32, room });
        self.edges.push(Edge { to: from as u32, room: flow });
        self.leaving[from].push(id);
        self.leaving[to].push(id + 1);
        EdgeId(id)
    }

    /// What passes through `edge`.
    pub(crate) fn flow(&self, edge: EdgeId) -> u64 {
        self.edges[edge.0 as usize + 1].room
    }

    /// Lets as much as possible flow from `source` to `sink`.
    pub(crate) fn maximise(&mut self, source: usize, sink: usize) {
        while let Some(levels) = self.levels(source, sink) {
            let mut next = vec![0; self.leaving.len()];
            while self.push(source, sink, u64::MAX, &levels, &mut next) > 0 {}
        }
    }

    /// Each node's distance from `source` over edges with room; `None` if `sink` is out of reach.
    fn levels(&self, source: usize, sink: usize) -> Option<Vec<u32>> {
        let mut levels = vec![u32::MAX; self.leaving.len()];
        levels[source] = 0;
        let mut reached = vec![source];
        let mut at = 0;
        while let Some(&node) = reached.get(at) {
            at += 1;
            for &edge in &self.leaving[node] {
                let Edge { to, room } = self.edges[edge as usize];
                if room > 0 && levels[to as usize] == u32::MAX {
                    levels[to as usize] = levels[node] + 1;
                    reached.push(to as usize);
                }
            }
        }
        (levels[sink] != u32::MAX).then_some(levels)
    }

    /// Pushes up to `amount` along one way of ascending levels. As deep as the way is long: between workers and
    /// classes that is about twice the number of classes.
    fn push(&mut self, node: usize, sink: usize, amount: u64, levels: &[u32], next: &mut [usize]) -> u64 {
        if node == sink {
            return amount;
        }
        while let Some(&edge) = self.leaving[node].get(next[node]) {
            let Edge { to, room } = self.edges[edge as usize];
            if room > 0 && levels[to as usize] == levels[node] + 1 {
                let pushed = self.push(to as usize, sink, amount.min(room), levels, next);
                if pushed > 0 {
                    self.edges[edge as usize].room -= pushed;
                    self.edges[edge as usize ^ 1].room += pushed;
                    return pushed;
                }
            }
            next[node] += 1;
        }
        0
    }
}
