//! Many small histograms that become one.

use crate::limits::GATHERED;
use crate::{Histogram, Sparse};

/// Takes histograms in any order and gives their sum: as buckets side by side while there are few, and as a dense
/// histogram, which each bucket costs the same however many there were, when a large fleet reports.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gather {
    buckets: Vec<(u64, u64)>,
    dense: Option<Box<Histogram>>,
}

impl Gather {
    pub(crate) fn add(&mut self, other: &Sparse) {
        if let Some(dense) = &mut self.dense {
            return dense.add(other);
        }
        self.buckets.extend_from_slice(other.buckets());
        if self.buckets.len() > GATHERED {
            let dense = self.dense.insert(Box::default());
            dense.add(&Sparse::from_buckets(std::mem::take(&mut self.buckets)));
        }
    }

    /// The sum so far.
    pub(crate) fn sum(&self) -> Sparse {
        self.dense
            .as_ref()
            .map_or_else(|| Sparse::from_buckets(self.buckets.clone()), |dense| dense.to_sparse())
    }

    /// The sum, after which it is empty. The memory for as much again is kept.
    pub(crate) fn take(&mut self) -> Sparse {
        let sum = self.sum();
        self.buckets.clear();
        if let Some(dense) = &mut self.dense {
            dense.clear();
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_become_the_same() {
        let mut gather = Gather::default();
        let mut all = Histogram::<u64>::default();
        for round in 0..3_u64 {
            let reports = if round == 1 { 2 } else { GATHERED as u64 };
            for report in 0..reports {
                let mut histogram = Histogram::<u64>::default();
                [7, 100 * report, 1_000_000 + report * report]
                    .into_iter()
                    .for_each(|us| histogram.record(us));
                [7, 100 * report, 1_000_000 + report * report].into_iter().for_each(|us| all.record(us));
                gather.add(&histogram.to_sparse());
            }
            assert_eq!(gather.sum(), all.to_sparse());
            assert_eq!(gather.take(), all.to_sparse(), "round {round}");
            assert!(gather.sum().is_empty());
            all.clear();
        }
    }
}
