//! The tables of errors: what their bodies look like.
//!
//! Plain data, as the rest of the tables; `error` reads it.

/// One shape of an error body.
#[derive(Clone, Copy, Debug)]
pub enum ErrorShape {
    /// An object. It fits when one of its places exists.
    Object {
        /// The first pointer that exists is the message.
        message: &'static [&'static [&'static str]],
        /// The API's own code.
        code: Option<&'static [&'static str]>,
        /// Several messages: the list, the text inside an element, the target inside an element.
        messages: Option<Messages>,
        /// A map of member names to a message or a list of them.
        fields: Option<&'static [&'static str]>,
    },
    /// A bare JSON string.
    String,
    /// Plain text.
    Text,
    /// No body.
    Empty,
}

/// Several messages of an error; pointers with segments unescaped.
#[derive(Clone, Copy, Debug)]
pub struct Messages {
    /// The list.
    pub each: &'static [&'static str],
    /// The text inside an element; empty: the element itself.
    pub text: &'static [&'static str],
    /// The member that is meant, inside an element.
    pub target: Option<&'static [&'static str]>,
}
