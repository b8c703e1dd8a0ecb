//! What [`place`] promises: sums are exact, shares are fair, nobody moves without need, and nobody's class piles
//! up on one worker.

use akrida_dispatch::{Assignment, Worker, place};
use proptest::prelude::*;

type Rows = Vec<Vec<u64>>;

fn fleet(capacities: &[Option<u64>]) -> Vec<Worker<usize>> {
    capacities.iter().enumerate().map(|(id, &capacity)| Worker { id, capacity }).collect()
}

fn even(workers: usize) -> Vec<Worker<usize>> {
    fleet(&vec![None; workers])
}

fn assignment(rows: &[Vec<u64>]) -> Assignment<usize> {
    Assignment(rows.iter().cloned().enumerate().collect())
}

fn placed(present: &[Vec<u64>], workers: &[Worker<usize>], totals: &[u64]) -> Rows {
    place(&assignment(present), workers, totals).0.into_values().collect()
}

fn check(present: &[&[u64]], workers: usize, totals: &[u64], expected: &[&[u64]]) {
    let present: Rows = present.iter().map(|row| row.to_vec()).collect();
    assert_eq!(placed(&present, &even(workers), totals), expected, "{present:?} to {totals:?}");
}

/// Users who stay where they are.
fn in_common(left: &[Vec<u64>], right: &[Vec<u64>]) -> u64 {
    left.iter().flatten().zip(right.iter().flatten()).map(|(left, right)| left.min(right)).sum()
}

#[test]
fn a_first_spawn_gives_every_worker_every_class() {
    // Locust's round robin gives all of the second class to the second worker: its pattern of four meets two
    // workers (example A of the reference: 9, 0, 1 and 4, 5, 1).
    check(&[], 2, &[13, 5, 2], &[&[7, 2, 1], &[6, 3, 1]]);
    check(&[], 3, &[7], &[&[3], &[2], &[2]]);
    check(&[], 2, &[0, 0], &[&[0, 0], &[0, 0]]);
    check(&[], 0, &[5], &[]);
    check(&[], 2, &[], &[&[], &[]]);
}

#[test]
fn edits_leave_no_worker_behind() {
    // Example D of the reference: Locust ends with 3, 2, 1 and then 3, 1, 2.
    let six: &[&[u64]] = &[&[2], &[2], &[2]];
    let four: &[&[u64]] = &[&[2], &[1], &[1]];
    check(&[], 3, &[6], six);
    check(six, 3, &[4], four);
    check(four, 3, &[6], six);
}

#[test]
fn a_worker_that_joins_takes_its_share_and_no_more() {
    check(&[&[3], &[2], &[2]], 4, &[7], &[&[2], &[2], &[2], &[1]]);
    check(&[&[6, 2], &[6, 2]], 3, &[12, 4], &[&[5, 1], &[3, 2], &[4, 1]]);
}

#[test]
fn users_of_a_worker_that_left_are_shared_among_the_rest() {
    let present: Assignment<&str> =
        Assignment([("gone", vec![4, 1]), ("left", vec![3, 2]), ("right", vec![4, 1])].into());
    let workers = ["left", "right"].map(|id| Worker { id, capacity: None });
    let after = place(&present, &workers, &[11, 4]);
    assert_eq!(after, Assignment([("left", vec![6, 2]), ("right", vec![5, 2])].into()));
}

#[test]
fn capacities_count_if_all_tell_theirs() {
    assert_eq!(placed(&[], &fleet(&[Some(8), Some(2)]), &[20]), [[16], [4]]);
    assert_eq!(placed(&[], &fleet(&[Some(8), None]), &[20]), [[10], [10]]);
    assert_eq!(placed(&[], &fleet(&[Some(0), Some(0)]), &[4]), [[2], [2]]);
    assert_eq!(placed(&[], &fleet(&[Some(u64::MAX), Some(u64::MAX)]), &[1 << 40]), [[1 << 39], [1 << 39]]);
}

#[test]
fn absurd_claims_are_harmless() {
    assert_eq!(placed(&[vec![u64::MAX, u64::MAX], vec![1, 0]], &even(2), &[2, 2]), [[1, 1], [1, 1]]);
}

#[test]
fn a_large_fleet_is_placed_at_once() {
    let workers = even(2_000);
    let totals: Vec<u64> = (1..=20).map(|class| class * 5_000).collect();
    let full = placed(&[], &workers, &totals);
    let without_ten: Rows = full.iter().take(1_990).cloned().chain(vec![vec![0; 20]; 10]).collect();
    let healed = placed(&without_ten, &workers, &totals);
    assert_eq!(in_common(&without_ten, &healed), without_ten.iter().flatten().sum::<u64>());
    for (class, total) in totals.iter().enumerate() {
        let (least, most) = bounds(full.iter().map(|row| row[class]));
        assert!(most - least <= 2, "class {class}: {least} to {most} of {total}");
    }
}

fn bounds(values: impl Iterator<Item = u64>) -> (u64, u64) {
    values.fold((u64::MAX, 0), |(least, most), value| (least.min(value), most.max(value)))
}

/// All tables with these row bounds and column sums.
fn all_tables(rows: &[(u64, u64)], totals: &[u64]) -> Vec<Rows> {
    let Some((&(least, most), rest)) = rows.split_first() else {
        return if totals.iter().all(|total| *total == 0) { vec![Vec::new()] } else { Vec::new() };
    };
    let mut tables = Vec::new();
    for row in all_rows(totals) {
        if (least..=most).contains(&row.iter().sum()) {
            let left: Vec<u64> = totals.iter().zip(&row).map(|(total, cell)| total - cell).collect();
            for mut table in all_tables(rest, &left) {
                table.insert(0, row.clone());
                tables.push(table);
            }
        }
    }
    tables
}

/// All rows with no cell above `most`.
fn all_rows(most: &[u64]) -> Vec<Vec<u64>> {
    let Some((&first, rest)) = most.split_first() else { return vec![Vec::new()] };
    let rests = all_rows(rest);
    let with = |cell: u64| rests.iter().map(move |rest| [&[cell], &rest[..]].concat());
    (0..=first).flat_map(with).collect()
}

/// Down and up from the share, for each worker.
fn share_bounds(workers: &[Worker<usize>], users: u64) -> Vec<(u64, u64)> {
    let told: Option<Vec<u64>> = workers.iter().map(|worker| worker.capacity).collect();
    let capacities = told.unwrap_or_else(|| vec![1; workers.len()]);
    let all: u64 = capacities.iter().sum();
    capacities.iter().map(|capacity| (users * capacity / all, (users * capacity).div_ceil(all))).collect()
}

fn table(
    workers: impl Into<prop::collection::SizeRange>,
    classes: usize,
    most: u64,
) -> impl Strategy<Value = Rows> {
    prop::collection::vec(prop::collection::vec(0..=most, classes), workers)
}

proptest! {
    #[test]
    fn sums_are_exact_shares_are_fair_and_a_second_look_changes_nothing(
        (present, totals) in (1_usize..8).prop_flat_map(|classes| (table(0..12, classes, 40), prop::collection::vec(0_u64..60, classes))),
        capacities in prop::collection::vec(prop::option::weighted(0.95, 1_u64..9), 1..12),
    ) {
        let workers = fleet(&capacities);
        let rows = placed(&present, &workers, &totals);
        for (class, total) in totals.iter().enumerate() {
            prop_assert_eq!(rows.iter().map(|row| row[class]).sum::<u64>(), *total);
        }
        for (row, (least, most)) in rows.iter().zip(share_bounds(&workers, totals.iter().sum())) {
            prop_assert!((least..=most).contains(&row.iter().sum()), "{:?}", rows);
        }
        prop_assert_eq!(placed(&rows, &workers, &totals), rows);
    }

    #[test]
    fn nobody_moves_without_need(
        (present, totals) in (1_usize..=3).prop_flat_map(|classes| (table(0..=3, classes, 4), prop::collection::vec(0_u64..5, classes))),
        capacities in prop::collection::vec(prop::option::weighted(0.8, 1_u64..4), 1..=3),
    ) {
        let workers = fleet(&capacities);
        let rows = placed(&present, &workers, &totals);
        let mut present = present;
        present.resize(workers.len(), vec![0; totals.len()]);
        let bounds = share_bounds(&workers, totals.iter().sum());
        let best = all_tables(&bounds, &totals).iter().map(|table| in_common(&present, table)).max();
        prop_assert_eq!(Some(in_common(&present, &rows)), best, "{:?} to {:?}", present, rows);
    }

    #[test]
    fn everybody_stays_on_the_way_up(
        present in table(1..12, 3, 40), more in prop::collection::vec(0_u64..60, 3)
    ) {
        let workers = even(present.len());
        let sum = |rows: &Rows, class: usize| rows.iter().map(|row| row[class]).sum::<u64>();
        let totals: Vec<u64> = (0..3).map(|class| sum(&present, class)).collect();
        let balanced = placed(&present, &workers, &totals);
        let grown: Vec<u64> = totals.iter().zip(&more).map(|(total, more)| total + more).collect();
        prop_assert_eq!(in_common(&balanced, &placed(&balanced, &workers, &grown)), totals.iter().sum::<u64>());
    }

    #[test]
    fn classes_are_spread(totals in prop::collection::vec(0_u64..200, 1..8), workers in 1_usize..20) {
        let rows = placed(&[], &even(workers), &totals);
        for (class, total) in totals.iter().enumerate() {
            let share = *total as f64 / workers as f64;
            for row in &rows {
                prop_assert!((row[class] as f64 - share).abs() <= 2.0, "class {} of {:?}", class, rows);
            }
        }
    }
}
