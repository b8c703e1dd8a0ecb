//! Every bound of this crate, with its unit and its reason.

/// Lowest spawn rate, in users per second: one user in about eleven days. Lower ones, and what is no rate at all,
/// count as this.
pub const SPAWN_RATE: f64 = 1e-6;

/// Most users, in a run or of a fixed class. Sums and products of such numbers stay well within 64 and 128 bits.
pub const USERS: u64 = 1 << 40;
