//! How many requests may be on their way at once: more by one now and then, fewer by a factor when the API is slow or
//! refuses.
//!
//! A pure policy: it is told of latencies and refusals and says a number. A latency counts as a multiple of the
//! smallest one of its operation, so that slow operations do not look like a slow API. It must not count requests and
//! reads no clock.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::clock::Moment;
use crate::operation::Concurrency;

/// Slow answers leave this much of the limit, and a refusal leaves that much.
const SLOW: f64 = 0.7;
const REFUSED: f64 = 0.5;
/// One more after so many healthy answers for each request of the limit.
const GROWTH: f64 = 4.0;
/// The median of the last so many latencies is compared; fewer than three cannot outvote an outlier.
const RECENT: usize = 10;
const ENOUGH: usize = 3;
/// A baseline is the smallest latency of so many minutes.
const MINUTES: u64 = 10;
/// A shorter latency is this long: differences below it are noise.
const GRAIN: Duration = Duration::from_millis(1);

/// See the module.
#[derive(Debug)]
pub(super) struct Limiter {
    rules: Concurrency,
    /// Between `min` and `max`, and not whole.
    limit: f64,
    baselines: BTreeMap<&'static str, Baseline>,
    /// The last latencies since the last cut, as multiples of their baselines.
    recent: VecDeque<f64>,
    /// Answers since the last cut to requests sent since then.
    since_cut: u32,
    /// No growth before this moment.
    frozen_until: Moment,
}

/// How an answer came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub(super) operation: &'static str,
    /// From sending to the head.
    pub(super) latency: Duration,
    /// Not more than the smallest limit were on their way, so that no fewer could have made it faster.
    pub(super) alone: bool,
    /// Requests on their way, this one included.
    pub(super) in_flight: u32,
}

impl Limiter {
    pub(super) fn new(rules: Concurrency) -> Limiter {
        let mut limiter = Limiter {
            rules,
            limit: f64::from(rules.start),
            baselines: BTreeMap::new(),
            recent: VecDeque::new(),
            since_cut: 0,
            frozen_until: Moment::START,
        };
        limiter.set(limiter.limit);
        limiter
    }

    /// How many may be on their way.
    pub(super) fn permits(&self) -> u32 {
        // The cast saturates, and the limit is never below 1.
        self.limit as u32
    }

    pub(super) fn min(&self) -> u32 {
        self.rules.min.max(1)
    }

    /// Of two descriptions the stricter maximum counts.
    pub(super) fn describe(&mut self, rules: &Concurrency) {
        if rules
            .max
            .is_some_and(|max| self.rules.max.is_none_or(|known| max < known))
        {
            self.rules.max = rules.max;
            self.set(self.limit);
        }
    }

    /// Takes in an answer to a request that was sent since the last cut; true when that has cut the limit.
    pub(super) fn answered(&mut self, sample: &Sample, now: Moment) -> bool {
        let latency = sample.latency.max(GRAIN);
        let baseline = self.baselines.entry(sample.operation).or_default();
        let smallest = baseline.take(latency, sample.alone, now);
        let ratio = latency.as_secs_f64() / smallest.as_secs_f64();
        if self.judge(ratio) {
            return true;
        }
        // Between healthy and slow it neither grows nor shrinks, or it would swing from one end to the other. The mean
        // counts: one too many may be served at once and make another wait for twice as long, so that single answers,
        // and even their median, look healthy up to the next cut.
        let is_healthy = self.times().is_none_or(|times| self.mean() <= times.sqrt());
        let is_used = f64::from(sample.in_flight) * 2.0 >= self.limit;
        if !is_healthy {
            // What it had grown towards one more is lost, or a little luck now and then would add up.
            self.set(self.limit.floor());
        } else if is_used && now >= self.frozen_until {
            self.set(self.limit + 1.0 / (GROWTH * self.limit));
        }
        false
    }

    /// A request was given up after `age`, without an answer. That tells something only if an answer would have been
    /// slow already. True when it has cut the limit.
    pub(super) fn given_up(&mut self, operation: &'static str, age: Duration) -> bool {
        let smallest = self.baselines.get(operation).and_then(Baseline::get);
        match (smallest, self.times()) {
            (Some(smallest), Some(times)) => {
                let ratio = age.as_secs_f64() / smallest.as_secs_f64();
                ratio > times && self.judge(ratio)
            }
            _ => false,
        }
    }

    /// The API has refused.
    pub(super) fn refused(&mut self) {
        self.cut(REFUSED);
    }

    /// No growth for so long, longer if that was said before.
    pub(super) fn freeze(&mut self, until: Moment) {
        self.frozen_until = self.frozen_until.max(until);
    }

    pub(super) fn is_frozen(&self, now: Moment) -> bool {
        now < self.frozen_until
    }

    /// Looks at the latencies, at most once for as many answers as the limit has requests.
    fn judge(&mut self, ratio: f64) -> bool {
        self.recent.truncate(RECENT - 1);
        self.recent.push_front(ratio);
        self.since_cut = self.since_cut.saturating_add(1);
        let is_time = f64::from(self.since_cut) >= self.limit && self.recent.len() >= ENOUGH;
        let is_slow = is_time && self.times().is_some_and(|times| self.median() > times);
        is_slow && self.cut(SLOW)
    }

    fn mean(&self) -> f64 {
        self.recent.iter().sum::<f64>() / self.recent.len().max(1) as f64
    }

    /// The lower one, where there are two in the middle.
    fn median(&self) -> f64 {
        let mut sorted: Vec<f64> = self.recent.iter().copied().collect();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted[(sorted.len() - 1) / 2]
    }

    fn times(&self) -> Option<f64> {
        self.rules
            .slow_milli
            .map(|milli| f64::from(milli) / 1_000.0)
    }

    fn cut(&mut self, part: f64) -> bool {
        let before = self.limit;
        self.set(self.limit * part);
        let is_lower = self.limit < before;
        if is_lower {
            self.recent.clear();
            self.since_cut = 0;
        }
        is_lower
    }

    fn set(&mut self, limit: f64) {
        let max = self.rules.max.unwrap_or(u32::MAX).max(self.min());
        self.limit = limit.clamp(f64::from(self.min()), f64::from(max));
    }
}

/// The smallest latency of an operation in the last ten minutes in which requests were alone.
///
/// Only those make it forget: under load all latencies are long, and a baseline that follows them would call the API
/// healthy while its queue grows. Minutes without them do not count, or the first request that is alone again, when
/// a slow API has brought the limit down, would make all forgotten at once.
#[derive(Debug, Default)]
struct Baseline {
    /// The smallest of each minute, as far as no later one is smaller: they grow from front to back.
    minima: VecDeque<(u64, Duration)>,
    /// Minutes in which a request was alone, and the last of them.
    minutes: u64,
    last: Option<u64>,
}

impl Baseline {
    fn take(&mut self, latency: Duration, alone: bool, now: Moment) -> Duration {
        let minute = Some(now.nanos() / 60_000_000_000);
        if alone && self.last != minute {
            (self.last, self.minutes) = (minute, self.minutes + 1);
            let old = |(then, _): &(u64, Duration)| then + MINUTES <= self.minutes;
            while self.minima.front().is_some_and(old) {
                self.minima.pop_front();
            }
        }
        if alone || self.get().is_none_or(|smallest| latency < smallest) {
            while self
                .minima
                .back()
                .is_some_and(|(_, known)| *known >= latency)
            {
                self.minima.pop_back();
            }
            if self
                .minima
                .back()
                .is_none_or(|(then, _)| *then < self.minutes)
            {
                self.minima.push_back((self.minutes, latency));
            }
        }
        self.get().unwrap_or(latency)
    }

    fn get(&self) -> Option<Duration> {
        self.minima.front().map(|(_, latency)| *latency)
    }
}
