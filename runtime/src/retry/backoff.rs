//! How long to wait before an attempt when nobody says: exponential with full jitter.
//!
//! Any description and any randomness give a delay between zero and the policy's longest. The caller takes the longer
//! of this and what the server asks.

use std::time::Duration;

use crate::operation::Retry;

/// The delay after `attempt` attempts: a part of `first` × `factor`^(attempt − 1), which is capped at `max`.
pub(crate) fn delay(retry: &Retry, attempt: u32, fraction: f64) -> Duration {
    let part = if fraction.is_nan() {
        1.0
    } else {
        fraction.clamp(0.0, 1.0)
    };
    let longest = ceiling(retry.first, retry.factor_milli, retry.max, attempt);
    Duration::try_from_secs_f64(longest.as_secs_f64() * part)
        .map_or(longest, |delay| delay.min(longest))
}

/// The longest delay after `attempt` attempts.
pub(crate) fn ceiling(first: Duration, factor_milli: u32, max: Duration, attempt: u32) -> Duration {
    if first.is_zero() {
        return Duration::ZERO;
    }
    let exponent = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
    let grown = first.as_secs_f64() * (f64::from(factor_milli) / 1000.0).powi(exponent);
    // An infinite product is no duration, so it is the longest one.
    Duration::try_from_secs_f64(grown).unwrap_or(max).min(max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn retry(first: Duration, factor_milli: u32, max: Duration) -> Retry {
        Retry {
            name: "r",
            attempts: 4,
            network: true,
            statuses: &[],
            first,
            factor_milli,
            max,
            max_elapsed: None,
        }
    }

    #[test]
    fn it_doubles_up_to_the_longest() {
        let gentle = retry(Duration::from_millis(100), 2_000, Duration::from_secs(30));
        let delays: Vec<u128> = (1..=10)
            .map(|n| delay(&gentle, n, 1.0).as_millis())
            .collect();
        assert_eq!(
            delays,
            [
                100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000
            ]
        );
        assert_eq!(delay(&gentle, 3, 0.5), Duration::from_millis(200));
        assert_eq!(delay(&gentle, 3, 0.0), Duration::ZERO);
        assert_eq!(delay(&gentle, 0, 1.0), Duration::from_millis(100));
        assert_eq!(delay(&gentle, u32::MAX, 1.0), Duration::from_secs(30));
    }

    #[test]
    fn a_factor_of_zero_or_one_is_harmless() {
        let second = Duration::from_secs(1);
        assert_eq!(delay(&retry(second, 1_000, second), u32::MAX, 1.0), second);
        assert_eq!(delay(&retry(second, 0, second), 1, 1.0), second);
        assert_eq!(delay(&retry(second, 0, second), 2, 1.0), Duration::ZERO);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        /// Rows A18 and A19: no panic and never outside of [0, max], whatever the numbers.
        #[test]
        fn it_stays_within_its_bounds(
            first in any::<Duration>(),
            factor in any::<u32>(),
            max in any::<Duration>(),
            attempt in any::<u32>(),
            fraction in any::<f64>(),
        ) {
            prop_assert!(delay(&retry(first, factor, max), attempt, fraction) <= max);
        }
    }

    /// Row A19: the edges of randomness, over each attempt number that matters.
    #[test]
    fn edges_of_randomness() {
        let gentle = retry(Duration::from_millis(100), 2_000, Duration::from_secs(30));
        for attempt in (0..100).chain([i32::MAX as u32, u32::MAX - 1, u32::MAX]) {
            for fraction in [
                0.0,
                -0.0,
                f64::MIN_POSITIVE,
                0.5,
                1.0 - f64::EPSILON,
                1.0,
                f64::NAN,
                f64::INFINITY,
                -1.0,
            ] {
                assert!(delay(&gentle, attempt, fraction) <= gentle.max);
            }
        }
    }
}
