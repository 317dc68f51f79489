//! The table of polls: what is asked again and again until something is done.
//!
//! Plain data, as the rest of the tables; `call` reads it.

use std::time::Duration;

use super::Operation;

/// What is asked until something is done.
#[derive(Debug)]
pub struct PollUntil {
    /// The read that is asked, of what the call has made; `None`: the call is that read itself.
    pub call: Option<&'static Operation>,
    /// The placeholders of that read which the call does not know, and where their values stand in the call's answer.
    pub keys: &'static [(&'static str, &'static [&'static str])],
    /// Where the answer of the read says how far it is; a JSON pointer, segments unescaped.
    pub at: &'static [&'static str],
    /// What stands there when it is done.
    pub until: &'static [&'static str],
    /// What stands there when it will never be done.
    pub fail: &'static [&'static str],
    /// Where the value stands in the answer of the read.
    pub from: &'static [&'static str],
    /// From one answer to the next question, unless the answer asks for more.
    pub every: Duration,
    /// How long it is asked in all.
    pub max: Duration,
}

impl PollUntil {
    /// A poll that says nothing; tables name what differs.
    pub const NEW: PollUntil = PollUntil {
        call: None,
        keys: &[],
        at: &[],
        until: &[],
        fail: &[],
        from: &[],
        every: Duration::from_secs(2),
        max: Duration::from_secs(600),
    };
}
