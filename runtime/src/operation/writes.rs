//! The tables of writes: keys against repetition, locks against overwriting, and how to look up what was made.
//!
//! Plain data, as the rest of the tables; `client` and `retry` read it.

use std::time::Duration;

use super::{Operation, Place, SendAt};

/// A key by which a server knows that it has seen a request before.
#[derive(Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Where it stands.
    pub at: SendAt,
    /// How long the server remembers it.
    pub within: Option<Duration>,
    /// What the server answers to a repetition, unless it repeats its first answer.
    pub replay: Option<Replay>,
}

/// What the server answers to a repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replay {
    /// With this status.
    pub status: u16,
    /// What that means.
    pub means: ReplayMeans,
}

/// What the answer to a repetition means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayMeans {
    /// The first request was carried out.
    Done,
    /// The first request is being carried out.
    InProgress,
}

/// A version that a write names, so that it does not overwrite what it has not seen (RFC 9110 §13.1.1).
#[derive(Debug)]
pub struct Lock {
    /// Its name in the description.
    pub name: &'static str,
    /// Where the version stands in a write.
    pub send: SendAt,
    /// Where it stands in an answer.
    pub from: Place,
    /// Verbatim before the version when it is sent, and taken off when it is read.
    pub before: &'static str,
    /// Verbatim behind it.
    pub after: &'static str,
    /// A write without a version is refused before it is sent.
    pub required: bool,
    /// The status of a write whose version is stale.
    pub stale: u16,
    /// The API's own code of it.
    pub stale_code: Option<&'static str>,
}

/// How to find out what became of a create whose answer was lost: a list is searched for what was to be made.
#[derive(Debug)]
pub struct Reconcile {
    /// The list.
    pub list: &'static Operation,
    /// Members of an item that must equal those of the body, as wire names, and the query parameter of the list that
    /// looks for each, if there is one.
    pub by: &'static [(&'static str, Option<&'static str>)],
}
