//! How many users each worker is to have, whatever their class.

/// What a worker may have: its share, rounded down, and one more if the share is not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) least: u64,
    pub(crate) may_have_one_more: bool,
}

/// The shares of workers with these `capacities`, each at least 1, of `users`; and how many of the workers that
/// may have one more do.
pub(crate) fn shares(users: u64, capacities: &[u64]) -> (Vec<Share>, u64) {
    let all: u128 = capacities.iter().map(|&capacity| u128::from(capacity)).sum();
    let shares: Vec<Share> = capacities
        .iter()
        .map(|&capacity| {
            let scaled = u128::from(users) * u128::from(capacity);
            Share { least: (scaled / all) as u64, may_have_one_more: scaled % all > 0 }
        })
        .collect();
    let more = users - shares.iter().map(|share| share.least).sum::<u64>();
    (shares, more)
}

/// The users of each worker: `more` of those that may have one more get it, first those whose `wish` is above
/// their least, then the others in their order.
pub(crate) fn rows(shares: &[Share], mut more: u64, wish: &[u64]) -> Vec<u64> {
    let mut rows: Vec<u64> = shares.iter().map(|share| share.least).collect();
    for wishing in [true, false] {
        for ((row, share), wish) in rows.iter_mut().zip(shares).zip(wish) {
            if more > 0 && share.may_have_one_more && (*wish > share.least) == wishing {
                *row += 1;
                more -= 1;
            }
        }
    }
    rows
}
