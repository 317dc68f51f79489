//! What keeps a write from happening twice or over what it has not seen: locks, idempotency keys, and
//! how to look for what was made.

use super::{Doc, Name, Number, Origin, Place, SendAt};

/// A version that a write names.
#[derive(Clone, Debug, PartialEq)]
pub struct Lock {
    /// Described name and constant, `ETAG`.
    pub name: Name,
    /// Where a write carries the version.
    pub send: SendAt,
    /// Where an answer carries it.
    pub from: Place,
    /// Verbatim before the version when it is sent.
    pub before: String,
    /// Verbatim behind it.
    pub after: String,
    /// A write without a version is refused before it is sent.
    pub required: bool,
    /// Index into `Api::cases`: the version is stale.
    pub stale: usize,
    /// Words.
    pub doc: Doc,
    /// Where it is described.
    pub origin: Origin,
}

/// A key by which a server knows that it has seen a write before; equal ones are one.
#[derive(Clone, Debug, PartialEq)]
pub struct IdempotencyKey {
    /// The constant, `IDEMPOTENCY_KEY`.
    pub constant: String,
    /// Where a write carries it.
    pub at: SendAt,
    /// How long the server remembers it, in milliseconds.
    pub within: Option<Number>,
    /// What the server answers to a repetition, unless it repeats its first answer.
    pub replay: Option<Replay>,
    /// Where it is described first.
    pub origin: Origin,
}

/// What the server answers to a repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replay {
    /// With this status.
    pub status: u16,
    /// The first request was carried out; otherwise it is being carried out.
    pub done: bool,
}

/// How to find out what became of a create whose answer was lost: a list is searched for what was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconcile {
    /// The list's operation, `users.list`.
    pub list: String,
    /// Members of an item that must equal those of the body, as wire names, each with the query
    /// parameter of the list that looks for it.
    pub by: Vec<(String, Option<String>)>,
    /// How sure it is that they tell items apart.
    pub doc: Doc,
}
