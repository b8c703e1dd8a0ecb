//! Fills a table of workers and classes whose sums are given, so that every worker has every class's share.

/// Users by worker and class, row after row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) cells: Vec<u64>,
    pub(crate) classes: usize,
}

impl Table {
    pub(crate) fn new(workers: usize, classes: usize) -> Self {
        Self { cells: vec![0; workers * classes], classes }
    }

    pub(crate) fn row(&self, worker: usize) -> &[u64] {
        &self.cells[worker * self.classes..][..self.classes]
    }

    pub(crate) fn row_mut(&mut self, worker: usize) -> &mut [u64] {
        &mut self.cells[worker * self.classes..][..self.classes]
    }

    /// Users of each worker.
    pub(crate) fn rows(&self, workers: usize) -> Vec<u64> {
        (0..workers).map(|worker| self.row(worker).iter().sum()).collect()
    }

    /// Users of each class.
    pub(crate) fn columns(&self) -> Vec<u64> {
        let mut columns = vec![0; self.classes];
        for row in self.cells.chunks_exact(self.classes.max(1)) {
            columns.iter_mut().zip(row).for_each(|(column, cell)| *column += cell);
        }
        columns
    }
}

/// Adds users to `table` until worker w has `rows[w]` and class c has `columns[c]`, neither of which it exceeds
/// yet; both have the same sum. Each cell comes close to its part of both sums. What one worker has too much or
/// too little of a class, the next ones make up for.
pub(crate) fn spread(table: &mut Table, rows: &[u64], columns: &[u64]) {
    let users: u64 = columns.iter().sum();
    if users == 0 {
        return;
    }
    let left = columns.iter().zip(table.columns()).map(|(column, has)| column - has).collect();
    let mut filling = Filling { left, below: vec![0.0; columns.len()], missing: 0 };
    for (worker, &row) in rows.iter().enumerate() {
        let part = row as f64 / users as f64;
        let cells = table.row_mut(worker);
        filling.missing = row - cells.iter().sum::<u64>();
        for ((below, column), cell) in filling.below.iter_mut().zip(columns).zip(&*cells) {
            *below += *column as f64 * part - *cell as f64;
        }
        filling.fill(cells);
    }
}

/// The state of [`spread`] as it goes from worker to worker.
struct Filling {
    /// Users of each class who have no worker yet.
    left: Vec<u64>,
    /// How far this worker, and all before it, are below what they should have of each class.
    below: Vec<f64>,
    /// Users whom this worker still lacks.
    missing: u64,
}

impl Filling {
    fn fill(&mut self, cells: &mut [u64]) {
        let classes = cells.len();
        // Whole numbers first, which nearly always fit; then one by one to the class that lacks most.
        if (0..classes).map(|class| self.whole(class)).sum::<u64>() <= self.missing {
            for class in 0..classes {
                self.give(cells, class, self.whole(class));
            }
        }
        while self.missing > 0 {
            // Backwards, because the last of equals wins.
            let open = (0..classes).rev().filter(|&class| self.left[class] > 0);
            let Some(class) = open.max_by(|&a, &b| self.below[a].total_cmp(&self.below[b])) else { break };
            // Many at a time while there are many, but never half of what is fair.
            let some = (self.missing / (2 * classes as u64)).max(1).min(self.left[class]);
            self.give(cells, class, some);
        }
    }

    /// What this worker lacks of a class, rounded down.
    fn whole(&self, class: usize) -> u64 {
        (self.below[class].max(0.0) as u64).min(self.left[class])
    }

    fn give(&mut self, cells: &mut [u64], class: usize, some: u64) {
        cells[class] += some;
        self.left[class] -= some;
        self.below[class] -= some as f64;
        self.missing -= some;
    }
}
