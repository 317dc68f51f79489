//! Where a page begins, in the form in which it is sent.
//! It must not decide what follows: that is `advance`.

use std::fmt;

use crate::encode;

/// A position, as the kind of paging has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Position {
    /// An offset, a page's number, or a cursor or key that is a whole number.
    Number(u64),
    /// Any other number, with the digits that the server wrote.
    Decimal(Box<str>),
    /// A cursor or a key.
    Text(Box<str>),
    /// Path and query of a URL within the origin, without what signs.
    Url(Box<str>),
}

impl Position {
    /// A text or a number of an answer, given as JSON; nothing else is a position, nor is an empty text.
    pub(super) fn of_json(json: &str) -> Option<Position> {
        if json.starts_with('"') {
            let text: String = serde_json::from_str(json).ok()?;
            return (!text.is_empty()).then(|| Position::Text(text.into()));
        }
        if let Ok(number) = json.parse() {
            return Some(Position::Number(number));
        }
        json.starts_with(|first: char| first == '-' || first.is_ascii_digit())
            .then(|| Position::Decimal(json.into()))
    }

    /// As it stands in a body.
    pub(crate) fn json(&self) -> String {
        match self {
            Position::Number(_) | Position::Decimal(_) => self.to_string(),
            Position::Text(text) | Position::Url(text) => encode::quoted(text),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Position::Number(number) => number.fmt(f),
            Position::Decimal(text) | Position::Text(text) | Position::Url(text) => {
                f.write_str(text)
            }
        }
    }
}
