//! The queue of an account: slower with each request that waits, then shut for a while.
//!
//! The seed tells the order (slowness first, refusal after it, "a few minutes" of rest) and no
//! numbers; they are chosen here. It asks nobody for the time.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

/// How patient an account's queue is.
#[derive(Clone, Copy, Debug)]
pub struct Queue {
    /// How much slower a request becomes for each one that is ahead of it.
    pub slow_by: Duration,
    /// A request that finds so many ahead of it is refused.
    pub most_waiting: usize,
    /// The slowed requests of one minute after which the next one is refused.
    pub most_slowed: usize,
    /// For how long everything is refused after a refusal.
    pub rest: Duration,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            slow_by: Duration::from_millis(400),
            most_waiting: 8,
            most_slowed: 60,
            rest: Duration::from_secs(120),
        }
    }
}

const MINUTE: Duration = Duration::from_secs(60);
/// The reference code of the first refusal.
const FIRST_CODE: u32 = 0x008f_3a21;

/// When a request is turned to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Now,
    In(Duration),
    /// With the code that support would want to hear.
    Refused(String),
}

pub(super) struct Account {
    queue: Queue,
    slowed: VecDeque<SystemTime>,
    shut_until: Option<SystemTime>,
    codes: u32,
}

impl Account {
    pub(super) fn new(queue: Queue) -> Self {
        Self {
            queue,
            slowed: VecDeque::new(),
            shut_until: None,
            codes: 0,
        }
    }

    pub(super) fn turn(&mut self, ahead: usize, at: SystemTime) -> Turn {
        let recent = |then: &SystemTime| at.duration_since(*then).unwrap_or_default() < MINUTE;
        self.slowed.retain(recent);
        if self.shut_until.is_some_and(|until| at < until) {
            return Turn::Refused(self.next_code());
        }
        if ahead == 0 {
            return Turn::Now;
        }
        if ahead >= self.queue.most_waiting || self.slowed.len() >= self.queue.most_slowed {
            self.shut_until = Some(at + self.queue.rest);
            return Turn::Refused(self.next_code());
        }
        self.slowed.push_back(at);
        let ahead = u32::try_from(ahead).unwrap_or(u32::MAX);
        Turn::In(self.queue.slow_by.saturating_mul(ahead))
    }

    pub(super) fn next_code(&mut self) -> String {
        let code = format!("CF-{:06X}", FIRST_CODE + self.codes);
        self.codes += 1;
        code
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn slowness_grows_and_then_comes_a_rest() {
        let queue = Queue {
            most_waiting: 3,
            most_slowed: 3,
            ..Queue::default()
        };
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let mut account = Account::new(queue);
        assert_eq!(account.turn(0, at(0)), Turn::Now);
        assert_eq!(account.turn(1, at(0)), Turn::In(queue.slow_by));
        assert_eq!(account.turn(2, at(0)), Turn::In(queue.slow_by * 2));
        assert_eq!(
            account.turn(3, at(1)),
            Turn::Refused("CF-8F3A21".to_owned())
        );
        assert_eq!(
            account.turn(0, at(120)),
            Turn::Refused("CF-8F3A22".to_owned())
        );
        assert_eq!(account.turn(0, at(121)), Turn::Now);
        for second in 130..133 {
            assert_eq!(account.turn(1, at(second)), Turn::In(queue.slow_by));
        }
        assert_eq!(
            account.turn(1, at(133)),
            Turn::Refused("CF-8F3A23".to_owned())
        );
    }
}
