//! What may be sent when: quotas, gates and the queue before them, in one admission decision.
//!
//! The state lives in a `Limits` handle. The pipeline enters with what a call costs, polls its ticket until it holds a
//! lease, and ends the lease when the answer has ended. Nothing here sleeps or reads a clock on its own.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError};
use std::task::Waker;
use std::time::Duration;

use crate::clock::Moment;
use crate::operation::{Concurrency, Then};
use crate::sync::{Mutex, MutexGuard};

mod admission;
mod bucket;
mod concurrency;
mod fields;
mod gate;
mod grant;
pub(crate) mod learn;
mod lease;
mod permits;
mod quota;
mod snapshot;

use admission::{Line, State};
pub(crate) use lease::{Lease, NotAdmitted, Ticket};
pub use snapshot::{BucketSnapshot, ConcurrencySnapshot, LimitsSnapshot};

/// Whose quota it is: a bucket of an API in one of its scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct BucketKey {
    pub(crate) api: &'static str,
    pub(crate) bucket: &'static str,
    /// A fingerprint of the credential and the client parameters that the bucket belongs to.
    pub(crate) scope: u64,
}

impl fmt::Display for BucketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.api, self.bucket)
    }
}

/// What a call costs in one bucket, and what the description and the builder say of the bucket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    pub(crate) key: BucketKey,
    pub(crate) cost: u32,
    /// So many in so long; `None` when nobody says.
    pub(crate) window: Option<(u32, Duration)>,
    /// Answers tell something of it.
    pub(crate) learns: bool,
}

/// Whose concurrency it is: everything that is sent to an API at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ShareKey {
    pub(crate) api: &'static str,
    /// A fingerprint of the base URL.
    pub(crate) place: u64,
}

/// One permit of an API that says how many requests may be on their way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    pub(crate) key: ShareKey,
    pub(crate) rules: Concurrency,
    /// Its latencies are compared with those of the same operation.
    pub(crate) operation: &'static str,
}

/// A call that wants to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) demand: Arc<Demand>,
    /// The longest wait at a gate. Waits for quota have no bound.
    pub(crate) max_wait: Duration,
}

/// What every call of an operation wants; made once, and shared by them.
#[derive(Debug)]
pub(crate) struct Demand {
    /// As the description charges them, those that cost nothing included.
    pub(crate) charges: Vec<Claim>,
    /// `None`: any number may be on their way.
    pub(crate) share: Option<Share>,
    /// All or nothing, each bucket once.
    claims: Vec<Claim>,
    line: Arc<Line>,
}

impl Demand {
    /// `client` is the one whose gate is obeyed.
    pub(crate) fn new(client: u64, charges: Vec<Claim>, share: Option<Share>) -> Arc<Demand> {
        let claims = merge(&charges);
        let line = Arc::new(Line {
            client,
            claims: claims.iter().map(|claim| (claim.key, claim.cost)).collect(),
            share: share.map(|share| share.key),
        });
        Arc::new(Demand {
            charges,
            share,
            claims,
            line,
        })
    }

    /// The buckets that are charged.
    pub(crate) fn keys(&self) -> Vec<BucketKey> {
        self.charges.iter().map(|claim| claim.key).collect()
    }
}

/// When a call may be sent, in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Now,
    /// Not before this moment.
    At(Moment),
    /// Only after a request in flight has ended.
    Unknown,
}

/// What a refusal shuts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Held<'a> {
    Buckets(&'a [BucketKey]),
    Client(u64),
}

/// The state of quotas, gates and queues.
///
/// Clones share it. All clones of a client share one; two clients share it only when the same handle is given to
/// both. It lives in this process: a new process starts with all quotas unused, unless
/// [`assume_used`](Limits::assume_used) tells otherwise.
#[derive(Clone, Default)]
pub struct Limits {
    state: Arc<Mutex<State>>,
}

impl Limits {
    /// Nothing used, nothing held.
    #[must_use]
    pub fn new() -> Limits {
        Limits::default()
    }

    /// Says that `used` slots of a bucket, named `api.bucket`, have been used just now by someone else, for example by
    /// this program before it was restarted. They are free again one window after the bucket is used next. It holds
    /// for every scope of the bucket; a second call adds to the first.
    pub fn assume_used(&self, bucket: &str, used: u32) {
        let mut state = self.lock();
        let known = state.assumed.entry(bucket.to_owned()).or_default();
        *known = known.saturating_add(used);
    }

    /// Lets so many calls wait in line instead of 1 024; one more fails with [`Kind::QueueFull`](crate::Kind::QueueFull).
    /// A call that was sent before and waits for another attempt is never turned away.
    #[must_use]
    pub fn with_queue(self, calls: usize) -> Limits {
        self.lock().queue = calls;
        self
    }

    /// Waits in line. Nothing happens before the ticket is polled.
    pub(crate) fn enter(&self, entry: Entry) -> Ticket {
        Ticket::new(self.clone(), entry)
    }

    /// Shuts gates for `wait` and a spread, and gives the moment at which the last of them opens.
    pub(crate) fn hold(
        &self,
        what: Held<'_>,
        now: Moment,
        wait: Duration,
        fraction: f64,
    ) -> Moment {
        self.change(|state| {
            let mut until = now;
            match what {
                Held::Buckets(keys) => {
                    for key in keys {
                        until = until.max(
                            state
                                .buckets
                                .entry(*key)
                                .or_default()
                                .gate
                                .shut(now, wait, fraction),
                        );
                    }
                    (until, state.all_wakers(|line| line.shares(keys)))
                }
                Held::Client(client) => {
                    until = until.max(
                        state
                            .clients
                            .entry(client)
                            .or_default()
                            .shut(now, wait, fraction),
                    );
                    (until, state.all_wakers(|line| line.client == client))
                }
            }
        })
    }

    /// The API has refused a request whose lease has not ended yet: half as many may be on their way, and for a while
    /// not more. Refusals of requests that were on their way together are one.
    pub(crate) fn cut(&self, key: ShareKey, then: Then, now: Moment) {
        if let Some(pool) = self.lock().pools.get_mut(&key) {
            pool.refused(then, now);
        }
    }

    /// What can be seen from outside.
    pub(crate) fn snapshot(&self, now: Moment) -> LimitsSnapshot {
        snapshot::take(&mut self.lock(), now)
    }

    /// A panic elsewhere cannot leave the state half changed, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and wakes those concerned after the lock is free, since a waker may poll at once.
    fn change<T>(&self, act: impl FnOnce(&mut State) -> (T, Vec<Waker>)) -> T {
        let (result, wakers) = act(&mut self.lock());
        wakers.into_iter().for_each(Waker::wake);
        result
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits").finish_non_exhaustive()
    }
}

/// Claims on the same bucket are one.
fn merge(claims: &[Claim]) -> Vec<Claim> {
    let mut merged: BTreeMap<BucketKey, Claim> = BTreeMap::new();
    for claim in claims {
        let known = merged
            .entry(claim.key)
            .or_insert(Claim { cost: 0, ..*claim });
        known.cost = known.cost.saturating_add(claim.cost);
    }
    merged
        .into_values()
        .filter(|claim| claim.cost > 0)
        .collect()
}

#[cfg(test)]
#[cfg(etiquette_loom)]
mod loom;

#[cfg(test)]
#[cfg(not(etiquette_loom))]
mod tests;
