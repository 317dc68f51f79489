//! Literals: strings of a description as tokens. They are only ever string literals.
//! Assumes nothing about the text, which comes from outside. Must not yield anything but one string
//! literal: identifiers come from `names` alone.

use proc_macro2::Literal;
use std::str::FromStr;

/// A string literal; whatever is not printable ASCII is written as an escape.
pub(super) fn wire(text: &str) -> Literal {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Literal::string(text);
    }
    Literal::from_str(&format!("\"{}\"", text.escape_default()))
        .expect("an escaped text is a literal")
}
