//! Writes over many rows and polls, as written. Each value is well formed by itself once it was read.
//! Must not ask whether a method or a field exists: lowering and the checks do.

use std::time::Duration;

use super::Spanned;
use super::common::Judged;
use super::read::{document, plain_documents};
use super::scalars::Pointer;

document! {
    /// A write that touches all rows which its filters select.
    struct Bulk {
        /// The method that counts them.
        guard: required Spanned<String>,
    }

    /// What is asked until something is done.
    struct Poll {
        /// The read of what the call has made; without it, the call is that read itself.
        call: optional Spanned<String>,
        /// When it is done.
        until: required PollUntil,
        /// What stands there when it will never be done.
        fail: optional Spanned<Vec<Spanned<String>>>,
        /// From one answer to the next question.
        every: required Judged<Duration>,
        /// How long it is asked in all.
        max: required Judged<Duration>,
    }

    /// What an answer says when something is done.
    struct PollUntil {
        /// Where it says how far it is.
        at: required Spanned<Pointer>,
        /// What stands there then.
        r#in: required Spanned<Vec<Spanned<String>>>,
    }
}

plain_documents! { Bulk Poll PollUntil }
