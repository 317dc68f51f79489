//! Policies: retries, limits, errors. Numbers carry how sure they are.
//!
//! Names here are already Rust constants (`BY_PAGE`), so that emitters only print them.

use super::{Doc, Name, Origin, Ty};

/// A number or duration of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// The value; durations in milliseconds.
    pub value: u64,
    /// A builder's setter that replaces it.
    pub config: Option<String>,
    /// How sure it is, and from where.
    pub doc: Doc,
}

/// A place in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A header, lower case.
    Header(String),
    /// A JSON pointer into the body.
    Body(String),
    /// The target of a `Link` with this relation.
    Link(String),
}

/// A place in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendAt {
    /// A query parameter.
    Query(String),
    /// A header, lower case.
    Header(String),
    /// A JSON pointer into the body.
    Body(String),
}

impl SendAt {
    /// The name there: of the parameter, of the header, or of the member.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            SendAt::Query(name) | SendAt::Header(name) => name,
            SendAt::Body(pointer) => pointer.rsplit('/').next().unwrap_or_default(),
        }
    }
}

/// A retry policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// Described name and constant.
    pub name: Name,
    /// All attempts together.
    pub attempts: Number,
    /// Which failures.
    pub when: Vec<Failure>,
    /// Delays.
    pub backoff: Backoff,
    /// Attempts and backoffs together.
    pub max_elapsed: Option<Number>,
    /// Words.
    pub doc: Doc,
    /// Where it is described.
    pub origin: Origin,
}

/// A failure that a retry policy names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// No whole answer came.
    Network,
    /// An answer with this status.
    Status(u16),
}

/// Delays between attempts.
#[derive(Clone, Debug, PartialEq)]
pub struct Backoff {
    /// The first, in milliseconds.
    pub first: Number,
    /// Each further one, in thousandths: 2000 doubles.
    pub factor_milli: Number,
    /// The longest, in milliseconds.
    pub max: Number,
}

/// A quota bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct Bucket {
    /// Described name and constant.
    pub name: Name,
    /// Whose it is.
    pub scope: Vec<Scope>,
    /// What is known of it.
    pub window: Window,
    /// What answers tell.
    pub learn: Option<Learn>,
    /// Words.
    pub doc: Doc,
    /// Where it is described.
    pub origin: Origin,
}

/// One dimension of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The credential that signs.
    Credential,
    /// A client parameter, by its index in `Api::client`.
    Client(usize),
}

/// A quota.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "an API has a handful of buckets")]
pub enum Window {
    /// So many in so long (milliseconds).
    Of {
        /// Requests.
        max: Number,
        /// Milliseconds.
        per: Number,
    },
    /// Nobody says; it is learned from answers.
    Unknown,
}

/// What answers tell of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learn {
    /// The quota.
    pub limit: Option<Place>,
    /// What is used up.
    pub used: Option<Place>,
    /// What is left.
    pub remaining: Option<Place>,
    /// When it starts anew.
    pub reset: Option<Reset>,
    /// Which policy of the fields `RateLimit` and `RateLimit-Policy` it is.
    pub rate_limit: Option<RateLimitPolicy>,
}

/// A policy of the fields `RateLimit` and `RateLimit-Policy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RateLimitPolicy {
    /// The strictest of those that an answer tells.
    Any,
    /// The one of this name.
    Named(String),
}

/// When a bucket starts anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reset {
    /// Where it stands.
    pub from: Place,
    /// In what unit.
    pub unit: Unit,
}

/// Units of times on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// `Retry-After`: an integer, a decimal or an HTTP date.
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

/// A method's use of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Index into `Api::buckets`.
    pub bucket: usize,
    /// Slots.
    pub cost: u32,
}

/// What a refusal looks like and what follows.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// These statuses.
    pub statuses: Vec<u16>,
    /// Only with one of these codes at `errors.shapes`' code; empty: with any or none.
    pub codes: Vec<String>,
    /// Only with all of these headers, lower case, and values.
    pub headers: Vec<(String, String)>,
    /// `false`: a refused write was not carried out.
    pub processed: bool,
    /// How sure that is.
    pub processed_doc: Doc,
    /// The first that parses is the wait.
    pub wait: Vec<WaitSource>,
    /// `true`: all buckets of the client are held, otherwise the call's.
    pub hold_client: bool,
    /// How sure that is.
    pub hold_doc: Doc,
    /// The concurrency is halved.
    pub halve: Option<Halve>,
    /// The longest sum of waits, milliseconds.
    pub max_wait: Number,
    /// Where it is described.
    pub origin: Origin,
}

/// That a refusal halves the concurrency.
#[derive(Clone, Debug, PartialEq)]
pub struct Halve {
    /// It does not grow for so long: milliseconds.
    pub grow_after: Number,
    /// Where it is described.
    pub origin: Origin,
}

/// How many requests may be on their way at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Concurrency {
    /// At first.
    pub start: Number,
    /// At least.
    pub min: Number,
    /// At most; `None`: no bound of ours.
    pub max: Option<Number>,
    /// An answer is slow from so many thousandths of the smallest latency on.
    pub slow_milli: Option<Number>,
    /// Where it is described.
    pub origin: Origin,
}

/// A wait that any answer may ask for.
#[derive(Clone, Debug, PartialEq)]
pub struct Hint {
    /// Where it stands.
    pub from: Place,
    /// In what unit.
    pub unit: Unit,
    /// Where it is described.
    pub origin: Origin,
}

/// Where a wait is read.
#[derive(Clone, Debug, PartialEq)]
pub enum WaitSource {
    /// From an answer.
    From(Place, Unit),
    /// Always this, milliseconds.
    Fixed(Number),
}

/// How errors are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Errors {
    /// The first that fits wins.
    pub shapes: Vec<ErrorShape>,
    /// The header of the request's id.
    pub request_id: Option<String>,
    /// What stands before a reference in a message.
    pub reference: Option<Reference>,
}

/// A reference in the API's own messages, which its support asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The words before it, verbatim.
    pub after: String,
    /// Where it is described.
    pub origin: Origin,
}

/// One shape of an error body.
#[derive(Clone, Debug, PartialEq)]
pub enum ErrorShape {
    /// An object.
    Object {
        /// Pointers to the message; the first that exists.
        message: Vec<String>,
        /// Pointer to the code.
        code: Option<String>,
        /// Several messages.
        messages: Option<Messages>,
        /// Pointer to a map of field names to messages.
        fields: Option<String>,
    },
    /// A bare JSON string.
    String,
    /// Plain text.
    Text,
    /// No body.
    Empty,
}

/// Several messages of an error.
#[derive(Clone, Debug, PartialEq)]
pub struct Messages {
    /// Pointer to the list.
    pub each: String,
    /// Pointer to the text inside an element; empty: the element itself.
    pub text: String,
    /// Pointer to the member that is meant, inside an element.
    pub target: Option<String>,
}

/// A named error.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Described word and variant.
    pub name: Name,
    /// The status.
    pub status: u16,
    /// The API's own code.
    pub code: Option<String>,
    /// What the body holds.
    pub details: Option<Ty>,
    /// Words.
    pub doc: Doc,
    /// Where it is described.
    pub origin: Origin,
}
