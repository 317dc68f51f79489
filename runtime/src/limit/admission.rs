//! The one decision: who may be sent next, over all gates and buckets at once.
//!
//! Calls that want the same slots stand in one line; the oldest of all lines comes first. A later one passes only
//! where it delays none of the older ones. Everything happens under one lock and is decided anew after every
//! wake; moments are handed in. A caller who is called and does not come is passed over until it comes back, because
//! a future that nobody polls must not stop the others.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use super::bucket::{Bucket, End, Holding};
use super::gate::Gate;
use super::{BucketKey, Claim, NotAdmitted, Turn};
use crate::clock::Moment;

/// Calls that may wait.
const QUEUE: usize = 1_024;
/// How long a caller who is called may take to come.
const PATIENCE: Duration = Duration::from_secs(1);
/// Idle buckets are forgotten when there are more than this, and then when there are twice as many.
const KEPT_BUCKETS: usize = 64;

/// All calls that want the same: they stand one behind the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    pub(super) client: u64,
    /// Bucket and cost, each bucket once.
    pub(super) claims: Vec<(BucketKey, u32)>,
}

impl Line {
    pub(super) fn shares(&self, keys: &[BucketKey]) -> bool {
        self.claims.iter().any(|(key, _)| keys.contains(key))
    }
}

/// Those who stand in a line.
#[derive(Debug, Default)]
struct Queue {
    present: BTreeMap<u64, Waker>,
    /// Called, but did not come.
    absent: BTreeMap<u64, Waker>,
    head: Head,
}

/// What is known of the first of a line.
#[derive(Debug, Default)]
struct Head {
    place: u64,
    called: Option<Moment>,
}

/// Who asks.
pub(super) struct Caller<'a> {
    pub(super) line: &'a Arc<Line>,
    pub(super) place: u64,
    /// It has never asked before, so it may be sent away.
    pub(super) is_new: bool,
    pub(super) max_wait: Duration,
    pub(super) waker: &'a Waker,
}

/// What a poll ends with.
#[derive(Debug)]
pub(super) enum Outcome {
    Admit {
        holdings: Vec<Holding>,
        probe: bool,
        order: u64,
    },
    Wait {
        wake: Option<Moment>,
        earliest: Option<Moment>,
    },
    Refuse(NotAdmitted),
}

/// Who is before a caller: how far, and when its turn may come.
#[derive(Clone, Copy, Debug)]
struct Ahead {
    distance: u64,
    turn: Turn,
}

/// What the older callers will take, and when.
type Reserved = Vec<(Turn, BucketKey, u32)>;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) buckets: BTreeMap<BucketKey, Bucket>,
    pub(super) clients: BTreeMap<u64, Gate>,
    /// What callers say is used, by the name of the bucket.
    pub(super) assumed: BTreeMap<String, u32>,
    queues: BTreeMap<Arc<Line>, Queue>,
    numbers: u64,
    sweep_at: usize,
    /// To be woken once the lock is free.
    wakers: Vec<Waker>,
}

impl State {
    /// Makes sure that the buckets exist and obey the description.
    pub(super) fn prepare(&mut self, claims: &[Claim], now: Moment) {
        if self.buckets.len() > self.sweep_at.max(KEPT_BUCKETS) {
            self.buckets.retain(|_, bucket| !bucket.is_idle(now));
            self.clients.retain(|_, gate| !gate.is_idle(now));
            self.sweep_at = 2 * self.buckets.len();
        }
        for claim in claims {
            let bucket = self.buckets.entry(claim.key).or_default();
            bucket.describe(claim.window, claim.learns);
            if self.assumed.is_empty() {
                continue;
            }
            if let Some(total) = self.assumed.get(&claim.key.to_string()) {
                bucket.assume(*total, now);
            }
        }
    }

    /// Numbers grow: places by age of the calls, orders by when requests are sent.
    pub(super) fn next_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    pub(super) fn waiting(&self) -> usize {
        self.queues.values().map(Queue::len).sum()
    }

    pub(super) fn queued_for(&self, key: BucketKey) -> usize {
        let lines = self.queues.iter().filter(|(line, _)| line.shares(&[key]));
        lines.map(|(_, queue)| queue.len()).sum()
    }

    pub(super) fn take_wakers(&mut self) -> Vec<Waker> {
        std::mem::take(&mut self.wakers)
    }

    /// Everyone in the lines that are meant.
    pub(super) fn all_wakers(&self, is_meant: impl Fn(&Line) -> bool) -> Vec<Waker> {
        let lines = self.queues.iter().filter(|(line, _)| is_meant(line));
        lines
            .flat_map(|(_, queue)| queue.present.values().chain(queue.absent.values()))
            .cloned()
            .collect()
    }

    /// Asks for a caller whether it is its turn, and admits it if so.
    pub(super) fn poll(&mut self, caller: &Caller<'_>, now: Moment) -> Outcome {
        let (line, place) = (caller.line, caller.place);
        if let Some(until) = self
            .shut_until(line, now)
            .filter(|until| *until - now > caller.max_wait)
        {
            self.leave(line, place);
            return Outcome::Refuse(NotAdmitted::Held { until });
        }
        let turn = self.turn(line, now);
        // Nobody waits, so there is no line to stand in.
        if self.queues.is_empty() && turn == Turn::Now {
            return self.admit(line, place);
        }
        self.stand(line, place, caller.waker);
        let ahead = self.ahead_of(line, place, now);
        if ahead.is_none() && turn == Turn::Now {
            return self.admit(line, place);
        }
        if caller.is_new && self.waiting() > QUEUE {
            self.leave(line, place);
            return Outcome::Refuse(NotAdmitted::QueueFull);
        }
        let earliest = match turn.max(ahead.map_or(Turn::Now, |ahead| ahead.turn)) {
            Turn::At(at) => Some(at),
            Turn::Now | Turn::Unknown => None,
        };
        // Behind others it will be woken when they are gone. That they come at all is looked after by those next to
        // them first.
        let wake = match ahead {
            None => earliest,
            Some(ahead) => {
                let steps = u32::try_from(ahead.distance).unwrap_or(u32::MAX);
                Some(earliest.unwrap_or(now) + PATIENCE.saturating_mul(steps))
            }
        };
        Outcome::Wait { wake, earliest }
    }

    /// Puts the caller into its line, or back into it.
    fn stand(&mut self, line: &Arc<Line>, place: u64, waker: &Waker) {
        let queue = self.queues.entry(Arc::clone(line)).or_default();
        queue.absent.remove(&place);
        if queue.head.place == place {
            queue.head.called = None;
        }
        queue.present.insert(place, waker.clone());
    }

    /// Looks at the first of each line, the oldest first, as far as they are older than this caller.
    fn ahead_of(&mut self, line: &Arc<Line>, place: u64, now: Moment) -> Option<Ahead> {
        loop {
            let mut firsts: Vec<(u64, Arc<Line>)> = Vec::new();
            for (other, queue) in &self.queues {
                let first = queue.present.keys().next().filter(|first| **first < place);
                firsts.extend(first.map(|first| (*first, Arc::clone(other))));
            }
            firsts.sort_unstable();
            let (mut ahead, mut reserved) = (None, Reserved::new());
            let mut everyone_comes = true;
            for (first, other) in firsts {
                let turn = self.turn(&other, now);
                let is_its_turn =
                    turn == Turn::Now && self.delayed(&reserved, &other, now).is_none();
                everyone_comes &= self.call(&other, first, is_its_turn, now);
                reserved.extend(other.claims.iter().map(|(key, cost)| (turn, *key, *cost)));
                if other == *line {
                    ahead = Some(Ahead {
                        distance: place - first,
                        turn,
                    });
                }
            }
            if everyone_comes {
                let delayed = self
                    .delayed(&reserved, line, now)
                    .map(|turn| Ahead { distance: 1, turn });
                return ahead.or(delayed);
            }
        }
    }

    /// The turn of an older caller that would come later if this line were served now.
    ///
    /// A slot that is taken now is not free again for a window, so every older one whose turn comes sooner must find
    /// enough slots besides. A turn that is not known may come at any time.
    fn delayed(&mut self, reserved: &Reserved, line: &Line, now: Moment) -> Option<Turn> {
        let mut latest = None;
        for (key, cost) in &line.claims {
            let bucket = self.buckets.entry(*key).or_default();
            let mut older: Vec<_> = reserved
                .iter()
                .filter(|(_, reserved, _)| reserved == key)
                .collect();
            older.sort_unstable();
            let mut slots = bucket.cost(*cost);
            for (turn, _, cost) in older {
                slots = slots.saturating_add(bucket.cost(*cost));
                let free = bucket.room(slots, now);
                let is_in_time = free == Turn::Now || (*turn != Turn::Unknown && free <= *turn);
                let is_far = matches!(turn, Turn::At(at) if *at >= bucket.back_by(now));
                if !is_in_time && !is_far {
                    latest = latest.max(Some(*turn));
                }
            }
        }
        latest
    }

    /// Calls the first of a line if it is its turn; false when it was called before and did not come, so that it is
    /// passed over.
    fn call(&mut self, line: &Arc<Line>, first: u64, is_its_turn: bool, now: Moment) -> bool {
        let queue = self.queues.get_mut(line).expect("the line has a first");
        if queue.head.place != first {
            queue.head = Head {
                place: first,
                called: None,
            };
        }
        match queue.head.called.filter(|_| is_its_turn) {
            Some(called) if now - called >= PATIENCE => {
                queue.pass_over(first);
                return false;
            }
            Some(_) => {}
            None => {
                queue.head.called = Some(now).filter(|_| is_its_turn);
                self.wakers
                    .extend(queue.present.get(&first).filter(|_| is_its_turn).cloned());
            }
        }
        true
    }

    /// When a call of this line could be sent, if it were alone.
    fn turn(&mut self, line: &Line, now: Moment) -> Turn {
        let mut turn = self
            .clients
            .get(&line.client)
            .map_or(Turn::Now, |gate| gate.turn(now));
        for (key, cost) in &line.claims {
            let bucket = self.buckets.entry(*key).or_default();
            let room = bucket.room(bucket.cost(*cost), now);
            turn = turn.max(room).max(bucket.gate.turn(now));
        }
        turn
    }

    /// The last moment at which a gate before this line opens.
    fn shut_until(&self, line: &Line, now: Moment) -> Option<Moment> {
        let buckets = line
            .claims
            .iter()
            .filter_map(|(key, _)| self.buckets.get(key))
            .map(|bucket| &bucket.gate);
        let gates = self.clients.get(&line.client).into_iter().chain(buckets);
        gates.filter_map(|gate| gate.shut_until(now)).max()
    }

    fn admit(&mut self, line: &Line, place: u64) -> Outcome {
        let take =
            |(key, cost): &(BucketKey, u32)| self.buckets.entry(*key).or_default().take(*cost);
        let holdings = line.claims.iter().map(take).collect();
        let probe = self.clients.get_mut(&line.client).is_some_and(Gate::pass);
        self.leave(line, place);
        Outcome::Admit {
            holdings,
            probe,
            order: self.next_number(),
        }
    }

    /// Ends a lease.
    pub(super) fn end(&mut self, line: &Line, holdings: &[Holding], probe: bool, end: End) {
        for ((key, _), holding) in line.claims.iter().zip(holdings) {
            if let Some(bucket) = self.buckets.get_mut(key) {
                bucket.end(holding, end);
            }
        }
        if let Some(gate) = self.clients.get_mut(&line.client).filter(|_| probe) {
            match end {
                End::Answered(_) => gate.probe_answered(),
                End::Abandoned(_) | End::NotSent => gate.probe_lost(),
            }
        }
        self.call_heads(&line.claims, Some(line.client).filter(|_| probe));
    }

    /// Takes a caller out of its line and calls those who may have waited for it.
    pub(super) fn leave(&mut self, line: &Line, place: u64) {
        let Some(queue) = self.queues.get_mut(line) else {
            return;
        };
        let was_there =
            queue.present.remove(&place).is_some() | queue.absent.remove(&place).is_some();
        if queue.len() == 0 {
            self.queues.remove(line);
        }
        if was_there {
            self.call_heads(
                &line.claims,
                Some(line.client).filter(|_| line.claims.is_empty()),
            );
        }
    }

    /// Wakes the first of each line that wants one of these buckets, or belongs to this client.
    pub(super) fn call_heads(&mut self, claims: &[(BucketKey, u32)], client: Option<u64>) {
        for (line, queue) in &self.queues {
            let is_meant =
                client == Some(line.client) || claims.iter().any(|(key, _)| line.shares(&[*key]));
            if is_meant {
                self.wakers.extend(queue.present.values().next().cloned());
                self.wakers.extend(queue.absent.values().cloned());
            }
        }
    }
}

impl Queue {
    fn len(&self) -> usize {
        self.present.len() + self.absent.len()
    }

    fn pass_over(&mut self, place: u64) {
        if let Some(waker) = self.present.remove(&place) {
            self.absent.insert(place, waker);
        }
    }
}
