//! What this version of a generated crate does not name: kept as it came and written back unchanged.
//! Assumes that only the runtime's readers and macros make these. Must not change a value on its way through, nor show
//! an object in which nobody said what is sensitive.

use std::fmt;

use super::Json;
use crate::record::{Out, Write};

/// A value of an enum that this version does not name. It comes from an answer, or from `From<&str>` of its enum.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    /// The value as it stands on the wire; digits, if it is a number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value, if it is an integer.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }
}

impl fmt::Debug for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[doc(hidden)]
#[must_use]
pub fn unknown_text(text: &str) -> UnknownValue {
    UnknownValue(text.into())
}

#[doc(hidden)]
#[must_use]
pub fn unknown_number(number: i64) -> UnknownValue {
    UnknownValue(number.to_string().into())
}

/// A member of a union that this version does not name.
#[derive(Clone, PartialEq)]
pub struct UnknownObject(Json);

impl UnknownObject {
    pub(crate) fn new(json: Json) -> UnknownObject {
        UnknownObject(json)
    }

    /// All of it.
    #[must_use]
    pub fn as_json(&self) -> &Json {
        &self.0
    }
}

/// Nobody said what in it is sensitive, so nothing is shown.
impl fmt::Debug for UnknownObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnknownObject(…)")
    }
}

impl Write for UnknownObject {
    fn write(&self, out: &mut Out) {
        self.0.write(out);
    }
}
