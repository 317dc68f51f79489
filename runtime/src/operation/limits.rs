//! The tables of limits: buckets, what is learned of them, concurrency, refusals.
//!
//! Plain data, as the rest of the tables; `limit` and `client` read it.

use std::time::Duration;

use super::Place;

/// How many requests may be on their way at once, and how that number moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concurrency {
    /// At first.
    pub start: u32,
    /// At least; 1 or more.
    pub min: u32,
    /// At most; `None`: no bound of ours.
    pub max: Option<u32>,
    /// Too slow is this many thousandths of the smallest latency; `None`: latency does not matter.
    pub slow_milli: Option<u32>,
}

/// A quota: so many requests in any window of a length.
#[derive(Debug)]
pub struct Bucket {
    /// Its name in the description.
    pub name: &'static str,
    /// Whose it is: `Scope::Credential` and client parameters by name. An unset parameter switches the bucket off.
    pub scope: &'static [Scope],
    /// `None`: nobody says; learned from answers.
    pub window: Option<Window>,
    /// What answers tell.
    pub learn: Option<Learn>,
}

/// One dimension of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The credential that signs.
    Credential,
    /// A client parameter, by its name in the description.
    Client(&'static str),
}

/// So many requests in so long.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Requests.
    pub max: u32,
    /// The builder's setting that replaces `max`.
    pub max_config: Option<&'static str>,
    /// The length.
    pub per: Duration,
    /// The builder's setting that replaces `per`.
    pub per_config: Option<&'static str>,
}

/// What answers tell of a bucket.
#[derive(Clone, Copy, Debug)]
pub struct Learn {
    /// The quota.
    pub limit: Option<Place>,
    /// What is used up.
    pub used: Option<Place>,
    /// What is left.
    pub remaining: Option<Place>,
    /// When the window ends.
    pub reset: Option<(Place, Unit)>,
    /// The structured fields `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers) tell of it.
    pub fields: Option<RateLimitFields>,
}

impl Learn {
    /// Nothing; tables name what differs.
    pub const NEW: Learn = Learn {
        limit: None,
        used: None,
        remaining: None,
        reset: None,
        fields: None,
    };
}

/// Which of the policies in `RateLimit` a bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimitFields {
    /// The policy of this name; `None`: the strictest of those that are told.
    pub policy: Option<&'static str>,
}

/// Units of times on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// An integer, a decimal, or one of the three HTTP dates (RFC 9110 §5.6.7).
    RetryAfter,
    /// Seconds from now, decimals allowed.
    Seconds,
    /// Milliseconds from now.
    Millis,
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMillis,
}

/// What a refusal looks like and what follows.
#[derive(Debug)]
pub struct Refusal {
    /// These statuses.
    pub statuses: &'static [u16],
    /// Only with one of these codes; empty: with any or none.
    pub codes: &'static [&'static str],
    /// Only with all of these headers and values.
    pub headers: &'static [(&'static str, &'static str)],
    /// Whether a refused write may have been carried out.
    pub processed: bool,
    /// The first that parses is the server's wait.
    pub wait: &'static [Wait],
    /// What is held.
    pub hold: Hold,
    /// What becomes of the concurrency.
    pub then: Option<Then>,
    /// The longest sum of one request's waits.
    pub max_wait: Duration,
}

impl Refusal {
    /// 429, not carried out, with `Retry-After`; tables name what differs.
    pub const NEW: Refusal = Refusal {
        statuses: &[429],
        codes: &[],
        headers: &[],
        processed: false,
        wait: &[],
        hold: Hold::Bucket,
        then: None,
        max_wait: Duration::from_secs(900),
    };
}

/// What becomes of the concurrency after a refusal: it is halved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Then {
    /// It does not grow for so long.
    pub grow_after: Duration,
}

/// Where a wait is read.
#[derive(Clone, Copy, Debug)]
pub enum Wait {
    /// From the answer.
    From(Place, Unit),
    /// Always this long.
    Fixed(Duration),
}

/// What a refusal holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The buckets of the refused call.
    Bucket,
    /// All buckets of the client.
    Client,
}
