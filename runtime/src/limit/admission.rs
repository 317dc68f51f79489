//! The one decision: who may be sent next, over all gates, buckets and permits at once.
//!
//! Calls that want the same stand in one line; the oldest of all lines comes first. A later one passes only
//! where it delays none of the older ones. Everything happens under one lock and is decided anew after every
//! wake; moments are handed in. A caller who is called and does not come is passed over until it comes back, because
//! a future that nobody polls must not stop the others.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use super::bucket::{Bucket, End};
use super::gate::Gate;
use super::grant::Grant;
use super::permits::Pool;
use super::{BucketKey, Claim, NotAdmitted, Share, ShareKey, Turn};
use crate::clock::Moment;
use crate::events::Waiting;

/// Calls that may wait, unless something else is said.
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
    /// Where it takes a permit.
    pub(super) share: Option<ShareKey>,
}

impl Line {
    pub(super) fn shares(&self, keys: &[BucketKey]) -> bool {
        self.claims.iter().any(|(key, _)| keys.contains(key))
    }

    /// Whether one of them may wait for what the other one has.
    fn competes(&self, other: &Line) -> bool {
        (self.share.is_some() && self.share == other.share)
            || self.claims.iter().any(|(key, _)| other.shares(&[*key]))
    }

    fn cost(&self, key: BucketKey) -> Option<u32> {
        let claim = self.claims.iter().find(|(claimed, _)| *claimed == key);
        claim.map(|(_, cost)| *cost)
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
    pub(super) share: Option<&'a Share>,
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
        grant: Grant,
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

/// The older callers, and when they come.
type Older = Vec<(Turn, Arc<Line>)>;

/// See the module.
#[derive(Debug)]
pub(super) struct State {
    pub(super) buckets: BTreeMap<BucketKey, Bucket>,
    pub(super) pools: BTreeMap<ShareKey, Pool>,
    pub(super) clients: BTreeMap<u64, Gate>,
    /// What callers say is used, by the name of the bucket.
    pub(super) assumed: BTreeMap<String, u32>,
    /// Calls that may wait.
    pub(super) queue: usize,
    queues: BTreeMap<Arc<Line>, Queue>,
    numbers: u64,
    sweep_at: usize,
    /// To be woken once the lock is free.
    wakers: Vec<Waker>,
}

impl Default for State {
    fn default() -> State {
        State {
            buckets: BTreeMap::new(),
            pools: BTreeMap::new(),
            clients: BTreeMap::new(),
            assumed: BTreeMap::new(),
            queue: QUEUE,
            queues: BTreeMap::new(),
            numbers: 0,
            sweep_at: 0,
            wakers: Vec::new(),
        }
    }
}

impl State {
    /// Makes sure that the buckets and the pool exist and obey the description.
    pub(super) fn prepare(&mut self, claims: &[Claim], share: Option<&Share>, now: Moment) {
        if self.buckets.len() + self.pools.len() > self.sweep_at.max(KEPT_BUCKETS) {
            self.pools.retain(|_, pool| !pool.is_idle(now));
            self.buckets.retain(|_, bucket| !bucket.is_idle(now));
            self.clients.retain(|_, gate| !gate.is_idle(now));
            self.sweep_at = 2 * (self.buckets.len() + self.pools.len());
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
        if let Some(share) = share {
            let new = || Pool::new(share.rules);
            let pool = self.pools.entry(share.key).or_insert_with(new);
            pool.describe(&share.rules, now);
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
            return self.admit(caller);
        }
        self.stand(line, place, caller.waker);
        let ahead = self.ahead_of(line, place, now);
        if ahead.is_none() && turn == Turn::Now {
            return self.admit(caller);
        }
        if caller.is_new && self.waiting() > self.queue {
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
            let (mut ahead, mut older) = (None, Older::new());
            let mut everyone_comes = true;
            for (first, other) in firsts {
                let turn = self.turn(&other, now);
                let is_its_turn = turn == Turn::Now && self.delayed(&older, &other, now).is_none();
                everyone_comes &= self.call(&other, first, is_its_turn, now);
                if other == *line {
                    ahead = Some(Ahead {
                        distance: place - first,
                        turn,
                    });
                }
                older.push((turn, other));
            }
            if everyone_comes {
                let delayed = self
                    .delayed(&older, line, now)
                    .map(|turn| Ahead { distance: 1, turn });
                return ahead.or(delayed);
            }
        }
    }

    /// The turn of an older caller that would come later if this line were served now.
    ///
    /// A slot that is taken now is not free again for a window, so every older one whose turn comes sooner must find
    /// enough slots besides. A turn that is not known may come at any time.
    fn delayed(&mut self, older: &Older, line: &Line, now: Moment) -> Option<Turn> {
        let mut latest = None;
        for (key, cost) in &line.claims {
            let bucket = self.buckets.entry(*key).or_default();
            let wanted = |(turn, other): &(Turn, Arc<Line>)| Some((*turn, other.cost(*key)?));
            let mut wanted: Vec<_> = older.iter().filter_map(wanted).collect();
            wanted.sort_unstable();
            let mut slots = bucket.cost(*cost);
            for (turn, cost) in wanted {
                slots = slots.saturating_add(bucket.cost(cost));
                let free = bucket.room(slots, now);
                let is_in_time = free == Turn::Now || (turn != Turn::Unknown && free <= turn);
                let is_far = matches!(turn, Turn::At(at) if at >= bucket.back_by(now));
                if !is_in_time && !is_far {
                    latest = latest.max(Some(turn));
                }
            }
        }
        latest.max(self.delayed_by_permit(older, line, now))
    }

    /// The same of permits, which are back much sooner than slots, nobody knows when.
    fn delayed_by_permit(&self, older: &Older, line: &Line, now: Moment) -> Option<Turn> {
        let pool = self.pools.get(&line.share?)?;
        let before = older
            .iter()
            .filter(|(turn, other)| other.share == line.share && pool.delays(*turn, now));
        let wanted = u32::try_from(before.count()).unwrap_or(u32::MAX);
        let is_room = wanted == 0 || pool.room(wanted.saturating_add(1)) == Turn::Now;
        (!is_room).then_some(Turn::Unknown)
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
        let pool = line.share.and_then(|key| self.pools.get(&key));
        turn.max(pool.map_or(Turn::Now, |pool| pool.room(1)))
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

    /// What keeps a line waiting, for those who look on.
    pub(super) fn waits_for(&self, line: &Line, now: Moment) -> Waiting {
        let claims = line.claims.iter();
        let buckets = claims.filter_map(|(key, _)| self.buckets.get(key));
        let gates = buckets.map(|bucket| &bucket.gate);
        let pool = line.share.and_then(|key| self.pools.get(&key));
        if gates
            .chain(self.clients.get(&line.client))
            .any(|gate| gate.turn(now) != Turn::Now)
        {
            Waiting::Gate
        } else if pool.is_some_and(|pool| pool.room(1) != Turn::Now) {
            Waiting::Concurrency
        } else {
            Waiting::Quota
        }
    }

    fn admit(&mut self, caller: &Caller<'_>) -> Outcome {
        let line = caller.line;
        let take =
            |(key, cost): &(BucketKey, u32)| self.buckets.entry(*key).or_default().take(*cost);
        let holdings = line.claims.iter().map(take).collect();
        let permit = caller.share.map(|share| {
            let pool = self.pools.get_mut(&share.key);
            pool.expect("the pool was prepared").take(share)
        });
        let probe = self.clients.get_mut(&line.client).is_some_and(Gate::pass);
        self.leave(line, caller.place);
        Outcome::Admit {
            grant: Grant {
                holdings,
                permit,
                probe,
            },
            order: self.next_number(),
        }
    }

    /// Ends a lease.
    pub(super) fn end(&mut self, line: &Line, grant: &Grant, end: End) {
        let Grant {
            holdings,
            permit,
            probe,
        } = grant;
        for ((key, _), holding) in line.claims.iter().zip(holdings.iter()) {
            if let Some(bucket) = self.buckets.get_mut(key) {
                bucket.end(holding, end);
            }
        }
        let pool = line.share.and_then(|key| self.pools.get_mut(&key));
        if let (Some(pool), Some(permit)) = (pool, permit) {
            pool.end(permit, end);
        }
        if let Some(gate) = self.clients.get_mut(&line.client).filter(|_| *probe) {
            match end {
                End::Answered(_) => gate.probe_answered(),
                End::Abandoned(_) | End::NotSent => gate.probe_lost(),
            }
        }
        self.call_heads(|other| other.competes(line) || (*probe && other.client == line.client));
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
            let is_bare = line.claims.is_empty();
            self.call_heads(|other| {
                other.competes(line) || (is_bare && other.client == line.client)
            });
        }
    }

    /// Wakes the first of each line that is meant.
    pub(super) fn call_heads(&mut self, is_meant: impl Fn(&Line) -> bool) {
        for (line, queue) in &self.queues {
            if is_meant(line) {
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
