//! Durations that many tasks record, counted in ranges of 1.6 % of their length.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Ranges for each doubling.
const STEPS: u32 = 64;
/// Doublings, from 64 ns to beyond an hour.
const DOUBLINGS: u32 = 38;

/// How many durations fell into each range.
#[derive(Debug)]
pub(super) struct Histogram {
    counts: Vec<AtomicU64>,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: (0..STEPS * DOUBLINGS).map(|_| AtomicU64::new(0)).collect() }
    }
}

impl Histogram {
    pub(super) fn record(&self, duration: Duration) {
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX).max(u64::from(STEPS));
        let doubling = nanoseconds.ilog2() - STEPS.ilog2();
        let step = (nanoseconds >> doubling) - u64::from(STEPS);
        let place = u64::from(doubling * STEPS) + step;
        let place = usize::try_from(place).unwrap_or(usize::MAX).min(self.counts.len() - 1);
        if let Some(count) = self.counts.get(place) {
            count.fetch_add(1, Relaxed);
        }
    }

    /// The duration that a share of all of them does not exceed, in milliseconds; none if there are none.
    pub(super) fn quantile(&self, share: f64) -> Option<f64> {
        let total: u64 = self.counts.iter().map(|count| count.load(Relaxed)).sum();
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let rank = ((total as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        for (place, count) in (0u32..).zip(&self.counts) {
            seen += count.load(Relaxed);
            if seen >= rank {
                let (doubling, step) = (place / STEPS, place % STEPS);
                #[allow(clippy::cast_precision_loss)]
                return Some((u64::from(STEPS + step + 1) << doubling) as f64 / 1e6);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_within_a_range_of_the_truth() {
        let histogram = Histogram::default();
        assert_eq!(histogram.quantile(0.5), None);
        for microseconds in 1..=10_000 {
            histogram.record(Duration::from_micros(microseconds));
        }
        for (share, milliseconds) in [(0.5, 5.0), (0.99, 9.9), (1.0, 10.0)] {
            let found = histogram.quantile(share).unwrap();
            assert!((found / milliseconds - 1.0).abs() < 0.02, "{share}: {found}");
        }
    }

    #[test]
    fn what_is_beyond_the_ranges_is_counted_in_the_outermost() {
        let histogram = Histogram::default();
        histogram.record(Duration::ZERO);
        histogram.record(Duration::MAX);
        assert!(histogram.quantile(0.5).unwrap() < 0.001);
        assert!(histogram.quantile(1.0).unwrap() > 1e6);
    }
}
