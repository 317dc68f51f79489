//! Counts requests against a limit: fixed windows with a phase, or a sliding one.
//!
//! It counts by the instants that it is given and never asks for the time. A denied request is
//! not counted, as the used/remaining figures of the APIs are about the requests they served.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// So many requests in so long a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Requests that one window admits; none at all when it is zero.
    pub max: u32,
    /// The window's length.
    pub window: Duration,
    /// Where windows begin.
    pub shape: Shape,
}

/// Where windows begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Every whole number of lengths after 1970 plus the phase.
    Fixed {
        /// How far windows lie behind the whole number.
        phase: Duration,
    },
    /// The first request after the last window's end.
    FromFirst,
    /// Every instant: the window is whatever the last length of time admitted.
    Sliding,
}

impl Limit {
    /// Fixed windows that begin at whole numbers of the length.
    pub fn fixed(max: u32, window: Duration) -> Self {
        Self::fixed_with_phase(max, window, Duration::ZERO)
    }

    /// Fixed windows that begin `phase` later than that.
    pub fn fixed_with_phase(max: u32, window: Duration, phase: Duration) -> Self {
        let shape = Shape::Fixed { phase };
        Self { max, window, shape }
    }

    /// A window that begins with the first request after the last one's end.
    pub fn from_first(max: u32, window: Duration) -> Self {
        let shape = Shape::FromFirst;
        Self { max, window, shape }
    }

    /// A window that slides.
    pub fn sliding(max: u32, window: Duration) -> Self {
        let shape = Shape::Sliding;
        Self { max, window, shape }
    }
}

/// What one request found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) max: u32,
    /// Counting this request, unless it was denied.
    pub(crate) used: u32,
    pub(crate) denied: bool,
    pub(crate) at: SystemTime,
    /// The first instant at which a denied request would be admitted.
    pub(crate) resets: SystemTime,
}

impl Usage {
    pub(crate) fn until_reset(&self) -> Duration {
        self.resets.duration_since(self.at).unwrap_or_default()
    }
}

#[derive(Debug)]
pub(crate) struct Limiter {
    limit: Limit,
    /// The admitted requests that still count, oldest first.
    admitted: VecDeque<SystemTime>,
    /// Where the fixed window under way began.
    began: Option<SystemTime>,
}

impl Limiter {
    /// # Panics
    /// When the window has no length.
    pub(crate) fn new(limit: Limit) -> Self {
        assert!(!limit.window.is_zero(), "a window has a length");
        Self {
            limit,
            admitted: VecDeque::new(),
            began: None,
        }
    }

    /// Counts a request, unless it is denied.
    #[cfg(test)]
    fn arrive(&mut self, at: SystemTime) -> Usage {
        arrive_at_all(&mut [self], at).expect("there is one limiter")
    }

    fn is_full(&mut self, at: SystemTime) -> bool {
        match self.limit.shape {
            Shape::Fixed { phase } => self.turn_window(at, phase),
            Shape::FromFirst => self.open_window(at),
            Shape::Sliding => self.forget_before(at),
        }
        self.admitted.len() >= usize::try_from(self.limit.max).unwrap_or(usize::MAX)
    }

    fn usage(&self, at: SystemTime, denied: bool) -> Usage {
        let max = self.limit.max;
        let resets = match (self.began, self.admitted.front()) {
            (Some(began), _) => began + self.limit.window,
            (None, Some(oldest)) => *oldest + self.limit.window,
            (None, None) => at + self.limit.window,
        };
        let used = u32::try_from(self.admitted.len()).unwrap_or(u32::MAX);
        Usage {
            max,
            used,
            denied,
            at,
            resets,
        }
    }

    fn turn_window(&mut self, at: SystemTime, phase: Duration) {
        let length = self.limit.window.as_nanos();
        let since = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        // Adding a length keeps the subtraction above zero; the phase counts modulo the length.
        let into = (since + length - phase.as_nanos() % length) % length;
        let into = Duration::new(
            u64::try_from(into / 1_000_000_000).unwrap_or(u64::MAX),
            u32::try_from(into % 1_000_000_000).expect("less than a second"),
        );
        let began = at.checked_sub(into).unwrap_or(UNIX_EPOCH);
        if self.began != Some(began) {
            self.began = Some(began);
            self.admitted.clear();
        }
    }

    fn open_window(&mut self, at: SystemTime) {
        let window = self.limit.window;
        let over = |began: SystemTime| at.duration_since(began).is_ok_and(|since| since >= window);
        if self.began.is_none_or(over) {
            self.began = Some(at);
            self.admitted.clear();
        }
    }

    /// A window of length W reaches from t up to, not including, t + W.
    fn forget_before(&mut self, at: SystemTime) {
        let window = self.limit.window;
        self.admitted
            .retain(|&then| at.duration_since(then).unwrap_or_default() < window);
    }
}

/// Counts one request in all limiters, or in none when one of them denies it. What is told is of
/// the one that denies it for longest, or of the first.
pub(crate) fn arrive_at_all(limiters: &mut [&mut Limiter], at: SystemTime) -> Option<Usage> {
    let full: Vec<bool> = limiters
        .iter_mut()
        .map(|limiter| limiter.is_full(at))
        .collect();
    if full.contains(&true) {
        let denying = limiters.iter().zip(full).filter(|(_, full)| *full);
        let usages = denying.map(|(limiter, _)| limiter.usage(at, true));
        return usages.max_by_key(|usage| usage.resets);
    }
    for limiter in limiters.iter_mut() {
        limiter.admitted.push_back(at);
    }
    limiters.first().map(|limiter| limiter.usage(at, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(millis: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_700_000_040) + Duration::from_millis(millis)
    }

    /// 1 700 000 040 is a whole number of minutes.
    #[test]
    fn a_fixed_window_ends_where_its_phase_says() {
        let mut limiter = Limiter::new(Limit::fixed(2, MINUTE));
        assert!(!limiter.arrive(at(59_000)).denied);
        assert!(!limiter.arrive(at(59_500)).denied);
        let usage = limiter.arrive(at(59_999));
        assert!(usage.denied);
        assert_eq!(
            (usage.used, usage.until_reset()),
            (2, Duration::from_millis(1))
        );
        assert!(!limiter.arrive(at(60_000)).denied);

        let phase = Duration::from_secs(200);
        let mut limiter = Limiter::new(Limit::fixed_with_phase(1, MINUTE, phase));
        assert_eq!(limiter.arrive(at(0)).resets, at(20_000));
        assert!(limiter.arrive(at(19_999)).denied);
        assert!(!limiter.arrive(at(20_000)).denied);
    }

    #[test]
    fn a_sliding_window_frees_one_place_at_a_time() {
        let mut limiter = Limiter::new(Limit::sliding(2, MINUTE));
        assert!(!limiter.arrive(at(0)).denied);
        assert!(!limiter.arrive(at(30_000)).denied);
        let usage = limiter.arrive(at(59_999));
        assert!(usage.denied);
        assert_eq!(usage.resets, at(60_000));
        assert!(!limiter.arrive(at(60_000)).denied);
        assert_eq!(limiter.arrive(at(60_001)).resets, at(90_000));
    }

    #[test]
    fn a_window_can_begin_with_its_first_request() {
        let mut limiter = Limiter::new(Limit::from_first(2, MINUTE));
        assert!(!limiter.arrive(at(17_000)).denied);
        assert!(!limiter.arrive(at(70_000)).denied);
        assert_eq!(limiter.arrive(at(76_999)).resets, at(77_000));
        let usage = limiter.arrive(at(90_000));
        assert_eq!(
            (usage.denied, usage.used, usage.resets),
            (false, 1, at(150_000))
        );
    }

    #[test]
    fn what_one_limiter_denies_the_others_do_not_count() {
        let mut wide = Limiter::new(Limit::from_first(3, MINUTE));
        let mut narrow = Limiter::new(Limit::from_first(1, MINUTE));
        let mut both = |millis| arrive_at_all(&mut [&mut wide, &mut narrow], at(millis)).unwrap();
        assert_eq!((both(0).used, both(0).denied), (1, true));
        assert!(both(1).denied);
        assert_eq!(wide.arrive(at(2)).used, 2);
        assert_eq!(arrive_at_all(&mut [], at(0)), None);
    }

    #[test]
    fn a_limit_of_zero_and_a_clock_that_steps_back_do_no_harm() {
        let mut limiter = Limiter::new(Limit::sliding(0, MINUTE));
        assert!(limiter.arrive(at(0)).denied);
        let mut limiter = Limiter::new(Limit::sliding(1, MINUTE));
        assert!(!limiter.arrive(at(90_000)).denied);
        assert!(limiter.arrive(at(0)).denied);
        let mut limiter = Limiter::new(Limit::fixed(1, MINUTE));
        assert!(!limiter.arrive(at(0)).denied);
        assert!(!limiter.arrive(UNIX_EPOCH - MINUTE).denied);
    }
}
