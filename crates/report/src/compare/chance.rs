//! Student's distribution: how likely chance makes a difference of so many errors.

/// The probability that chance alone makes a difference of at least `t` errors, in either direction, where the error
/// itself is known with so many degrees of freedom.
pub(super) fn probability(t: f64, freedom: f64) -> f64 {
    if !t.is_finite() {
        return 0.0;
    }
    incomplete_beta(freedom / (freedom + t * t), freedom / 2.0, 0.5)
}

/// How many errors a difference exceeds by chance with this probability.
pub(super) fn two_sided(probability_: f64, freedom: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1e6);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if probability(middle, freedom) > probability_ { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The regularised incomplete beta function, by its continued fraction (DLMF 8.17.22).
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges fast on this side of the mean; the other side is its mirror.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(1.0 - x, b, a);
    }
    let front = (a * x.ln() + b * (-x).ln_1p() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b)).exp() / a;
    front / fraction(x, a, b)
}

/// 1 + d1 / (1 + d2 / (1 + ...)), from its far end.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TERMS: u32 = 200;
    let mut value = 1.0;
    for term in (1..=TERMS).rev() {
        let m = f64::from(term / 2);
        let d = if term % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        value = 1.0 + d / value;
    }
    value
}

/// The logarithm of the gamma function: Stirling's series far out, and the way back by its recurrence.
fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut below) = (x, 0.0);
    while x < 10.0 {
        below += x.ln();
        x += 1.0;
    }
    let square = x * x;
    let series = (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * square)) / square) / x;
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + series - below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_tables_have_it() {
        let check = |freedom: f64, share: f64, errors: f64| {
            assert!((two_sided(share, freedom) - errors).abs() < 2e-3, "{freedom} {share}");
            assert!((probability(errors, freedom) - share).abs() < 1e-5, "{freedom} {errors}");
        };
        check(1.0, 0.05, 12.706_2);
        check(2.0, 0.05, 4.302_65);
        check(4.0, 0.01, 4.604_09);
        check(9.0, 0.05, 2.262_16);
        check(29.0, 0.001, 3.659_41);
        check(1e6, 0.05, 1.959_97);
        assert_eq!((probability(0.0, 5.0), probability(f64::INFINITY, 5.0)), (1.0, 0.0));
    }

    #[test]
    fn gamma_of_whole_and_half_numbers() {
        assert!((ln_gamma(5.0) - 24.0_f64.ln()).abs() < 1e-10);
        assert!((ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-10);
    }
}
