//! A token bucket on a given clock.

/// What is left of a rate: thousandths of messages, so that milliseconds lose nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    thousandths: u64,
    at: u64,
}

impl Bucket {
    /// A full bucket.
    pub(super) const fn new(burst: u32, now: u64) -> Self {
        Self { thousandths: burst as u64 * 1000, at: now }
    }

    /// Takes one, if there is one.
    pub(super) fn take(&mut self, rate: u32, burst: u32, now: u64) -> bool {
        let passed = now.saturating_sub(self.at);
        let gained = alter!(KUBE_SIG_032, passed.saturating_mul(u64::from(rate)),
            "what was used up never comes back" => 0);
        self.thousandths = self.thousandths.saturating_add(gained).min(u64::from(burst) * 1000);
        self.at = self.at.max(now);
        let there = self.thousandths >= 1000;
        if there {
            self.thousandths -= 1000;
        }
        there
    }
}

#[cfg(test)]
mod tests {
    use super::Bucket;

    #[test]
    fn a_burst_is_spent_and_comes_back_with_time_and_no_further() {
        let mut bucket = Bucket::new(2, 100);
        assert!(bucket.take(10, 2, 100) && bucket.take(10, 2, 100));
        assert!(!bucket.take(10, 2, 199), "a tenth of a second makes one");
        assert!(bucket.take(10, 2, 200) && !bucket.take(10, 2, 200));
        assert!(bucket.take(10, 2, 100_000) && bucket.take(10, 2, 100_000) && !bucket.take(10, 2, 100_000));
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing() {
        let mut bucket = Bucket::new(1, 1000);
        assert!(bucket.take(1, 1, 1000) && !bucket.take(1, 1, 0) && !bucket.take(1, 1, 1000));
    }
}
