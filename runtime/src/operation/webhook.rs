//! The tables of webhooks: how a delivery proves where it comes from, and where its event and payload stand.
//!
//! Plain data, as the rest of the tables; `webhook` reads it.

/// What an API sends by itself to one place of an application's.
#[derive(Debug)]
pub struct WebhookTable {
    /// Its name in the description.
    pub name: &'static str,
    /// The header that proves the sender; lower case.
    pub header: &'static str,
    /// How it proves it.
    pub proof: WebhookProof,
    /// The environment variable that holds the secret.
    pub env: Option<&'static str>,
    /// Where the event's name stands; empty: there is one kind of event.
    pub event: &'static [&'static str],
    /// Where the payload stands; empty: it is the whole body.
    pub payload: &'static [&'static str],
}

/// How a delivery proves that its sender knows the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookProof {
    /// The HMAC-SHA256 (RFC 2104) of the raw body.
    HmacSha256 {
        /// How it is written.
        encoding: WebhookEncoding,
        /// Verbatim before it.
        prefix: &'static str,
    },
    /// The secret itself, which says nothing of the body.
    SharedSecret,
}

/// How bytes are written in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookEncoding {
    /// Two digits a byte (RFC 4648 §8), large or small.
    Hex,
    /// RFC 4648 §4, with or without padding.
    Base64,
}
