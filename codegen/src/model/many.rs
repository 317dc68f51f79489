//! Calls on many rows, and calls that take their time.
//! Plain data; must not count, wait or decide.

use super::Number;

/// What is asked until something is done.
#[derive(Clone, Debug, PartialEq)]
pub struct Poll {
    /// The operation of the read that is asked, `exports.get`; `None`: the call is that read itself.
    pub call: Option<String>,
    /// The placeholders of that read which the call's own path does not have, each with the pointer into the
    /// call's answer where its value stands.
    pub keys: Vec<(String, String)>,
    /// Where the read's answer says how far it is, a pointer.
    pub at: String,
    /// What stands there when it is done.
    pub until: Vec<String>,
    /// What stands there when it will never be done.
    pub fail: Vec<String>,
    /// From one answer to the next question, in milliseconds.
    pub every: Number,
    /// How long it is asked in all, in milliseconds.
    pub max: Number,
}
