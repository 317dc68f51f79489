//! Policies: pages, retries, limits, errors. Numbers carry how sure they are.
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
}

/// A page policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Paging {
    /// Described name and constant, `BY_OFFSET`.
    pub name: Name,
    /// How it advances.
    pub kind: PagingKind,
    /// The parameter of the position.
    pub start_param: String,
    /// The parameter of the size, if any.
    pub size_param: Option<String>,
    /// Where the items stand; empty: the envelope's list.
    pub items: String,
    /// The first position.
    pub first: u64,
    /// Pointers into the answer.
    pub total: Option<String>,
    /// The next position.
    pub next: Option<String>,
    /// The page's number.
    pub page: Option<String>,
    /// How many pages there are.
    pub pages: Option<String>,
    /// The size that the server used.
    pub size: Option<String>,
    /// What the server takes when no size is sent.
    pub default_size: Option<Number>,
    /// The least size.
    pub min_size: Option<Number>,
    /// The greatest size.
    pub max_size: Option<Number>,
    /// Repeated items are dropped by this field, a wire name.
    pub unique_by: Option<String>,
    /// What ends a walk; complete.
    pub stop: Vec<Stop>,
    /// Words.
    pub doc: Doc,
    /// Where it is described.
    pub origin: Origin,
}

/// How a walk advances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PagingKind {
    /// By items received.
    Offset,
    /// By page numbers.
    Page,
}

/// What ends a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the words of the language")]
pub enum Stop {
    TotalReached,
    NoNext,
    ShortPage,
    EmptyPage,
    LastPage,
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
    pub factor_milli: u64,
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
    /// Only with this code at `errors.shapes`' code.
    pub code: Option<String>,
    /// Only with this header and value.
    pub header: Option<(String, String)>,
    /// `false`: a refused write was not carried out.
    pub processed: bool,
    /// The first that parses is the wait.
    pub wait: Vec<WaitSource>,
    /// `true`: all buckets of the client are held, otherwise the call's.
    pub hold_client: bool,
    /// The longest sum of waits, milliseconds.
    pub max_wait: Number,
    /// Words.
    pub doc: Doc,
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
