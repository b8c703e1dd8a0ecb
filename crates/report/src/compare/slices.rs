//! Figures of a run, and how far off they are by chance: a bootstrap over its slices.

use super::{METRICS, Slice};
use akrida_scenario::threshold::Metric;
use akrida_stats::Sparse;

/// Least difference that is told apart, as a share: what histograms and the ends of slices leave open.
pub(super) const RESOLUTION: f64 = 0.001;

/// Blocks of slices that are drawn from. Slices that follow each other are alike, so long runs are cut into few long
/// blocks; that also bounds the work.
const BLOCKS: usize = 30;

/// Blocks below which nothing is said: they tell too little of how blocks differ.
const FEWEST: usize = 5;

/// Times that blocks are drawn. The error is known to a twelfth.
const DRAWS: usize = 80;

/// Requests on either side of a percentile below which it is chance.
const BEYOND: f64 = 10.0;

/// Requests below which no figure means anything.
const REQUESTS: f64 = 30.0;

/// Cells of response times for each doubling: finer than noise, and few.
const CELLS: f64 = 64.0;

/// What some requests of a run did.
pub(super) struct Measure {
    /// By metric; `None` where there is nothing to measure.
    pub(super) values: [Option<f64>; METRICS.len()],
    /// How far each is off by chance, on its scale; `None` where slices are too few.
    pub(super) errors: Option<[Option<f64>; METRICS.len()]>,
    /// Blocks that were drawn from.
    pub(super) slices: usize,
    pub(super) requests: f64,
    pub(super) failures: f64,
}

impl Measure {
    pub(super) fn of(slices: &[Slice]) -> Self {
        let length = slices.len().div_ceil(BLOCKS).max(1);
        let blocks: Vec<Block> = slices.chunks(length).map(Block::of).collect();
        let whole = Block::of(slices);
        let values = METRICS.map(|metric| whole.value(metric));
        let enough = blocks.len() >= FEWEST && whole.requests >= REQUESTS;
        Self {
            values,
            errors: enough.then(|| errors(&blocks, &whole)),
            slices: blocks.len(),
            requests: whole.requests,
            failures: whole.failures,
        }
    }
}

/// Slices that follow each other, as one.
struct Block {
    seconds: f64,
    requests: f64,
    failures: f64,
    total_us: f64,
    timed: f64,
    times: Sparse,
}

impl Block {
    fn of(slices: &[Slice]) -> Self {
        let sum = |of: fn(&Slice) -> f64| slices.iter().map(of).sum::<f64>();
        let buckets = slices.iter().flat_map(|slice| slice.times.buckets().iter().copied()).collect();
        let times = Sparse::from_buckets(buckets);
        Self {
            seconds: sum(|slice| slice.seconds),
            requests: sum(|slice| slice.requests as f64),
            failures: sum(|slice| slice.failures as f64),
            total_us: sum(|slice| slice.total_us as f64),
            timed: times.len() as f64,
            times,
        }
    }

    fn value(&self, metric: Metric) -> Option<f64> {
        match metric {
            Metric::Quantile(quantile) => {
                let beyond = self.timed * quantile.min(1.0 - quantile);
                (beyond >= BEYOND).then(|| self.times.quantiles([quantile])[0] as f64 / 1e3)
            }
            Metric::Mean => (self.timed >= REQUESTS).then(|| self.total_us / self.timed / 1e3),
            Metric::FailureRatio => (self.requests >= REQUESTS).then(|| self.failures / self.requests),
            _ => (self.requests >= REQUESTS && self.seconds > 0.0).then(|| self.requests / self.seconds),
        }
    }
}

/// How far the metrics are off by chance: the spread of what other draws of the same blocks would have given.
fn errors(blocks: &[Block], whole: &Block) -> [Option<f64>; METRICS.len()] {
    let cells = Cells::of(blocks);
    // Always the same draws: whoever compares twice gets one answer.
    let mut rng = fastrand::Rng::with_seed(0x616b_7269_6461);
    let mut sums = [(0.0, 0.0); METRICS.len()];
    let mut weights = vec![0.0; blocks.len()];
    for _ in 0..DRAWS {
        weights.fill(0.0);
        (0..blocks.len()).for_each(|_| weights[rng.usize(..blocks.len())] += 1.0);
        for (sum, value) in sums.iter_mut().zip(drawn(blocks, &cells, &weights)) {
            (sum.0, sum.1) = (sum.0 + value, sum.1 + value * value);
        }
    }
    // Blocks are one fewer than they seem: they are held against their own mean.
    let (draws, count) = (DRAWS as f64, blocks.len() as f64);
    let few = (count / (count - 1.0)).sqrt();
    let mut errors = [None; METRICS.len()];
    for (at, (sum, squares)) in sums.into_iter().enumerate() {
        let variance = (squares - sum * sum / draws) / (draws - 1.0);
        let least = if METRICS[at] == Metric::FailureRatio { 0.0 } else { RESOLUTION };
        errors[at] = whole.value(METRICS[at]).map(|_| (variance.max(0.0).sqrt() * few).max(least));
    }
    errors
}

/// The metrics of blocks that were drawn so often, on their scales.
fn drawn(blocks: &[Block], cells: &Cells, weights: &[f64]) -> [f64; METRICS.len()] {
    let sum = |of: fn(&Block) -> f64| {
        blocks.iter().zip(weights).map(|(block, weight)| of(block) * weight).sum::<f64>()
    };
    let (requests, timed) = (sum(|block| block.requests).max(1.0), sum(|block| block.timed).max(1.0));
    let quantiles = cells.quantiles(weights, timed);
    let mut at_quantile = quantiles.into_iter();
    METRICS.map(|metric| match metric {
        Metric::Quantile(_) => at_quantile.next().unwrap_or(0.0),
        Metric::Mean => (sum(|block| block.total_us).max(1.0) / timed).ln(),
        Metric::FailureRatio => sum(|block| block.failures) / requests,
        _ => (requests / sum(|block| block.seconds).max(1e-9)).ln(),
    })
}

/// Response times of all blocks by cell, on a scale of logarithms.
struct Cells {
    /// The number of the first cell.
    first: usize,
    /// Cell by cell, block by block.
    counts: Vec<f64>,
    blocks: usize,
}

impl Cells {
    fn of(blocks: &[Block]) -> Self {
        let all = || blocks.iter().flat_map(|block| block.times.buckets().iter());
        let first = all().map(|(us, _)| cell(*us)).min().unwrap_or(0);
        let last = all().map(|(us, _)| cell(*us)).max().unwrap_or(0);
        let mut counts = vec![0.0; (last - first + 1) * blocks.len()];
        for (number, block) in blocks.iter().enumerate() {
            for (us, count) in block.times.buckets() {
                counts[(cell(*us) - first) * blocks.len() + number] += *count as f64;
            }
        }
        Self { first, counts, blocks: blocks.len() }
    }

    /// Logarithms of the compared percentiles, ascending, of blocks that were drawn so often.
    fn quantiles(&self, weights: &[f64], timed: f64) -> [f64; 3] {
        let ranks = METRICS.iter().filter_map(|metric| match metric {
            Metric::Quantile(quantile) => Some(quantile * timed),
            _ => None,
        });
        let mut found = [0.0; 3];
        let mut wanted = ranks.zip(&mut found).peekable();
        let mut seen = 0.0;
        for (number, counts) in self.counts.chunks_exact(self.blocks).enumerate() {
            let count: f64 = counts.iter().zip(weights).map(|(count, weight)| count * weight).sum();
            while let Some((rank, found)) = wanted.next_if(|(rank, _)| count > 0.0 && seen + count >= *rank) {
                // As if times lay evenly in the cell: draws differ by less than one.
                let place = (self.first + number) as f64 + (rank - seen) / count;
                *found = place / CELLS * std::f64::consts::LN_2;
            }
            seen += count;
        }
        found
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an hour has 32 doublings")]
fn cell(us: u64) -> usize {
    ((us as f64 + 1.0).log2() * CELLS) as usize
}
