//! The retry budget: what a client may spend on attempts after the first.
//!
//! In a total outage it runs dry, so that calls cost one attempt each and the server is not beaten while it is down.
//! Only successes fill it.

use std::sync::atomic::{AtomicU32, Ordering};

const CAPACITY: u32 = 100;
/// The cost of another attempt when the last one did nothing.
pub(crate) const CHEAP: u32 = 5;
/// The cost of another attempt when the last one may have done something.
pub(crate) const DEAR: u32 = 10;

/// Shared by all calls of a client.
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicU32,
}

/// What an attempt has cost. It comes back when the attempt succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "it is refunded when the attempt succeeds"]
pub(crate) struct Spent(u32);

impl Budget {
    pub(crate) const fn new() -> Budget {
        Budget {
            left: AtomicU32::new(CAPACITY),
        }
    }

    /// Takes `cost` out, or nothing if there is less.
    pub(crate) fn spend(&self, cost: u32) -> Option<Spent> {
        let take = |left: u32| left.checked_sub(cost);
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .ok()
            .map(|_| Spent(cost))
    }

    /// The attempt that was paid with it has succeeded.
    pub(crate) fn refund(&self, spent: Spent) {
        self.put(spent.0);
    }

    /// A call has succeeded at its first attempt.
    pub(crate) fn success(&self) {
        self.put(1);
    }

    fn put(&self, amount: u32) {
        let fill = |left: u32| Some(left.saturating_add(amount).min(CAPACITY));
        // The closure always gives a value, so this cannot fail.
        let _ = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fill);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_at_both_ends() {
        let budget = Budget::new();
        budget.success();
        let spent: Vec<Spent> = std::iter::from_fn(|| budget.spend(DEAR)).collect();
        assert_eq!(spent.len(), 10);
        assert!(budget.spend(1).is_none());
        budget.success();
        assert!(budget.spend(CHEAP).is_none());
        assert!(budget.spend(1).is_some());
        for part in spent {
            budget.refund(part);
        }
        budget.refund(Spent(u32::MAX));
        assert_eq!(std::iter::from_fn(|| budget.spend(CHEAP)).count(), 20);
    }

    /// Row A15: an outage costs 20 further attempts when nothing was sent, 10 otherwise, over all calls together.
    #[test]
    fn an_outage_is_not_amplified() {
        for (cost, further) in [(CHEAP, 20), (DEAR, 10)] {
            let budget = Budget::new();
            let attempts: u32 = (0..10_000)
                .map(|_| 1 + (0..3).map_while(|_| budget.spend(cost)).count() as u32)
                .sum();
            assert_eq!(attempts, 10_000 + further);
        }
    }

    #[test]
    fn threads_never_overdraw_it() {
        let budget = Budget::new();
        let spent: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| std::iter::from_fn(|| budget.spend(1)).count()))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum()
        });
        assert_eq!(spent, 100);
    }
}
