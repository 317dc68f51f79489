//! Webhooks as written: how a delivery proves where it comes from, and what it holds.
//! Each value is well formed by itself once it was read. Must not ask which keys belong together:
//! lowering does.

use super::Spanned;
use super::names::{Entries, WireKey};
use super::policies::HeaderName;
use super::read::{document, plain_documents};
use super::scalars::Pointer;
use super::words::{ProofKey, ProofKind, SignatureDigits, Trust};

document! {
    /// What the API sends by itself to one place of an application's.
    struct Webhook {
        /// How a delivery proves where it comes from.
        verify: required Spanned<WebhookProof>,
        /// What it holds.
        payload: optional Spanned<WebhookPayload>,
        /// Where the event's name stands.
        event: optional Spanned<Pointer>,
        /// The payload's type for each event.
        events: many Entries<WireKey, Spanned<String>>,
        /// The field by whose value the newest of several deliveries is told.
        newest_by: optional Spanned<String>,
        /// What it is, for the documentation.
        doc: optional Spanned<String>,
        /// How sure the description is.
        trust: optional Spanned<Trust>,
        /// Where this is known from.
        source: optional Spanned<String>,
    }

    /// How a delivery proves where it comes from.
    struct WebhookProof {
        /// By which means.
        kind: required Spanned<ProofKind>,
        /// The header that holds the proof.
        header: required HeaderName,
        /// How a signature is written.
        encoding: optional Spanned<SignatureDigits>,
        /// What is written before a signature, verbatim.
        prefix: optional Spanned<String>,
        /// What the secret is.
        key: optional Spanned<ProofKey>,
        /// Which credential is the secret, where the API has several.
        credential: optional Spanned<String>,
        /// The environment variable that the secret is usually kept in.
        env: optional Spanned<String>,
    }

    /// What a delivery holds.
    struct WebhookPayload {
        /// Its type, if there is one kind of event.
        r#type: optional Spanned<String>,
        /// Where it stands in the body.
        from: optional Spanned<Pointer>,
    }
}

plain_documents! { Webhook WebhookProof WebhookPayload }
