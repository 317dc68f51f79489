//! Webhooks: what an API sends by itself, how it proves that, and as what it is read.
//!
//! Each is a verifier in the module `webhooks` of the API, with an enum where there are several kinds of events.

use super::{Doc, Name, Origin, Ty};

/// What the API sends by itself to one place of an application's.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhook {
    /// Described name and verifier.
    pub name: Name,
    /// `UPDATES`.
    pub constant: String,
    /// The header that holds the proof, lower case.
    pub header: String,
    /// How it proves where it comes from.
    pub proof: Proof,
    /// The secret is a credential's value, an index into `Api::credentials`; otherwise it is given.
    pub credential: Option<usize>,
    /// The environment variable.
    pub env: Option<String>,
    /// What it holds.
    pub content: Content,
    /// The payload's place, a JSON pointer; empty: the whole body.
    pub from: String,
    /// The type of the time by which the newest is told.
    pub newest: Option<Ty>,
    /// Words.
    pub doc: Doc,
    /// Where it is described.
    pub origin: Origin,
}

/// How a delivery proves where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The HMAC-SHA256 of the raw body.
    HmacSha256 {
        /// Base64, otherwise hexadecimal.
        in_base64: bool,
        /// Verbatim before it.
        prefix: String,
    },
    /// The secret itself.
    SharedSecret,
}

/// What a delivery holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Always the same.
    Payload {
        /// As this.
        ty: Ty,
        /// The member that tells the time.
        newest_by: Option<String>,
    },
    /// One of several events.
    Events {
        /// The enum.
        rust: String,
        /// The place of the event's name, a JSON pointer.
        at: String,
        /// In file order.
        events: Vec<WebhookEvent>,
    },
}

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub struct WebhookEvent {
    /// Its name on the wire and its variant.
    pub name: Name,
    /// The payload's type.
    pub ty: Ty,
    /// The payload's member that tells the time.
    pub newest_by: Option<String>,
}
