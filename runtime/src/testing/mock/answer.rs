//! From what a function of a mock answers to the answer of a server: a value goes where the operation expects it.
//! One function for each kind of answer; `mock!` names them.

use bytes::Bytes;

use super::super::ScriptReply;
use super::node::Node;
use super::{Answer, Asked, MockError, Route, page};
use crate::decode::Pointer;
use crate::record::{Out, Write};

/// An answer as the API would send it.
#[doc(hidden)]
pub type Told = Result<ScriptReply, MockError>;

/// A value as JSON.
///
/// # Panics
///
/// When the mock gives what has no form in JSON.
pub(super) fn json(value: &dyn Write, asked: &Asked<'_>) -> String {
    let mut out = Out::new();
    value.write(&mut out);
    let text = out
        .finish()
        .unwrap_or_else(|bad| panic!("what the mock answers to `{}`: {bad}", asked.operation()));
    String::from_utf8(text).expect("JSON is UTF-8")
}

fn at<T: Write>(answer: Answer<T>, asked: &Asked<'_>, at: Pointer<'static>) -> Told {
    let json = json(&answer?, asked);
    Ok(ScriptReply::json(asked.success(), Node::at(at, json)))
}

/// The kinds of answers, as the tables of `mock!` name them.
impl<M> Route<M> {
    /// One value.
    ///
    /// # Errors
    ///
    /// What the mock answers instead.
    pub fn value<T: Write>(answer: Answer<T>, asked: &Asked<'_>, place: Pointer<'static>) -> Told {
        at(answer, asked, place)
    }

    /// A list that is not walked.
    ///
    /// # Errors
    ///
    /// What the mock answers instead.
    pub fn list<T: Write>(
        answer: Answer<Vec<T>>,
        asked: &Asked<'_>,
        place: Pointer<'static>,
    ) -> Told {
        at(answer, asked, place)
    }

    /// A list of which a page is asked for.
    ///
    /// # Errors
    ///
    /// What the mock answers instead.
    pub fn page<T: Write>(
        answer: Answer<Vec<T>>,
        asked: &Asked<'_>,
        place: Pointer<'static>,
    ) -> Told {
        let items = answer?;
        let items = items.iter().map(|item| json(item, asked));
        Ok(page::cut(&Vec::from_iter(items), asked, place))
    }

    /// Nothing.
    ///
    /// # Errors
    ///
    /// What the mock answers instead.
    pub fn none(answer: Answer<()>, asked: &Asked<'_>, _: Pointer<'static>) -> Told {
        let status = asked.table().success.first().copied().unwrap_or(204);
        answer.map(|()| ScriptReply::empty(status))
    }

    /// A text.
    ///
    /// # Errors
    ///
    /// What the mock answers instead.
    pub fn text(answer: Answer<String>, asked: &Asked<'_>, _: Pointer<'static>) -> Told {
        answer.map(|text| ScriptReply::text(asked.success(), text))
    }

    /// Bytes, also of a download.
    ///
    /// # Errors
    ///
    /// What the mock answers instead.
    pub fn bytes(answer: Answer<Bytes>, asked: &Asked<'_>, _: Pointer<'static>) -> Told {
        answer.map(|bytes| ScriptReply::bytes(asked.success(), bytes))
    }

    /// One of several, by status.
    ///
    /// # Errors
    ///
    /// What the mock answers instead.
    pub fn outcome<T: Outcome>(answer: Answer<T>, asked: &Asked<'_>, _: Pointer<'static>) -> Told {
        let answer = answer?;
        let (status, value) = answer.told();
        Ok(match value {
            None => ScriptReply::empty(status),
            Some((place, value)) => ScriptReply::json(status, Node::at(place, json(value, asked))),
        })
    }
}

/// An enum of `outcomes!`.
#[doc(hidden)]
pub trait Outcome {
    /// The status, and where a value stands.
    fn told(&self) -> (u16, Option<(Pointer<'static>, &dyn Write)>);
}
