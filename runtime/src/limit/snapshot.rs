//! What `client.limits()` shows: a copy of the state at one moment.
//!
//! It names buckets and shows numbers; credentials and scopes do not appear.

use std::time::Duration;

use super::admission::State;
use crate::clock::Moment;

/// Quotas, gates and queues at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitsSnapshot {
    /// The buckets that have been used, by name. One that exists in several scopes stands here several times.
    pub buckets: Vec<BucketSnapshot>,
    /// How many requests may be on their way to the APIs that bound it.
    pub concurrency: Vec<ConcurrencySnapshot>,
    /// Calls that wait in line.
    pub queued: usize,
    /// How long no request at all may be sent, because the server has refused one and that holds the whole client. Of
    /// several clients that share the limits, the longest.
    pub held: Option<Duration>,
}

/// Requests on their way to one API, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConcurrencySnapshot {
    /// The API. One that is used at several base URLs stands here several times.
    pub name: String,
    /// How many may be on their way now. It moves with the API's latency and its refusals.
    pub limit: u32,
    /// How many are.
    pub in_flight: u32,
}

/// One bucket at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BucketSnapshot {
    /// `api.bucket`.
    pub name: String,
    /// Slots in a window: what the description says, or less if the server says less. `None` while nobody has said.
    pub limit: Option<u32>,
    /// Slots that are free now. `None` while the limit is not known.
    pub remaining: Option<u32>,
    /// How long until everything that is used now is free again; `None` if nothing is used.
    pub reset: Option<Duration>,
    /// Slots of requests that have not ended.
    pub in_flight: u32,
    /// Calls in line that need this bucket.
    pub queued: usize,
    /// How long its gate stays shut.
    pub held: Option<Duration>,
}

pub(super) fn take(state: &mut State, now: Moment) -> LimitsSnapshot {
    let queued: Vec<_> = state
        .buckets
        .keys()
        .map(|key| state.queued_for(*key))
        .collect();
    let buckets = state
        .buckets
        .iter_mut()
        .zip(queued)
        .map(|((key, bucket), queued)| {
            bucket.slots.expire(now);
            let limit = bucket.limit();
            BucketSnapshot {
                name: key.to_string(),
                limit,
                remaining: limit.map(|limit| limit.saturating_sub(bucket.slots.used())),
                reset: bucket.reset(now).map(|reset| reset - now),
                in_flight: bucket.slots.in_flight,
                queued,
                held: bucket.gate.shut_until(now).map(|until| until - now),
            }
        });
    LimitsSnapshot {
        buckets: buckets.collect(),
        concurrency: state
            .pools
            .iter()
            .map(|(key, pool)| ConcurrencySnapshot {
                name: key.api.to_owned(),
                limit: pool.limit(),
                in_flight: pool.in_flight,
            })
            .collect(),
        queued: state.waiting(),
        held: state
            .clients
            .values()
            .filter_map(|gate| gate.shut_until(now).map(|until| until - now))
            .max(),
    }
}
