//! An engine's own among rows that go round.
//!
//! Lanes change when the fleet does. An engine then goes on in its new lane behind the last number that it gave: of a
//! cycle nobody is promised that a row is given once.

/// Which numbers are an engine's own: each `stride`th from `offset`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lane {
    offset: u64,
    stride: u64,
}

impl Lane {
    /// A stride of 0 is taken for 1.
    pub(crate) fn new(offset: u64, stride: u64) -> Self {
        Self { offset, stride: stride.max(1) }
    }

    /// The first number of this lane that is not below `least`.
    pub(super) fn at_least(self, least: u64) -> u64 {
        let strides = least.saturating_sub(self.offset).div_ceil(self.stride);
        self.offset.saturating_add(strides.saturating_mul(self.stride))
    }
}

#[cfg(test)]
mod tests {
    use super::Lane;

    #[test]
    fn a_lane_goes_on_behind_what_was_given_and_saturates() {
        assert_eq!([0, 1, 2, 5, 6].map(|least| Lane::new(1, 4).at_least(least)), [1, 1, 5, 5, 9]);
        assert_eq!(Lane::new(1, 0).at_least(7), 7);
        assert_eq!(Lane::new(u64::MAX, u64::MAX).at_least(1), u64::MAX);
    }
}
