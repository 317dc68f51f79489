//! Where a walk stands, as a value that outlives the process.
//!
//! It holds a position and a few numbers: no items, no parameters of the call, and nothing that signs. In its serde form
//! it is a tuple with a version in front, so that any format can hold it and an older program refuses a newer one.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::position::Position;
use super::walk::Mark;
use crate::operation::Operation;

const VERSION: u8 = 1;

/// Where a walk stands.
///
/// Made by [`Items::checkpoint`](super::Items::checkpoint) and [`Pages::checkpoint`](super::Pages::checkpoint), taken by
/// [`ListCall::resume`](super::ListCall::resume). With an unchanged list, each item is given exactly once, before the
/// checkpoint or after it. Position and count are all that is kept: items that came or went meanwhile shift a page by
/// number as they always do, and `unique_by` begins anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    operation: Box<str>,
    mark: Mark,
    given: u64,
}

impl Checkpoint {
    pub(super) fn new(operation: &'static Operation, mark: Mark, given: u64) -> Checkpoint {
        Checkpoint {
            operation: name(operation).into(),
            mark,
            given,
        }
    }

    /// The walk has come to its end: there is nothing to go on with.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.mark.is_over
    }

    /// What a walk of this operation goes on from, and how much of its first page was given.
    pub(super) fn of(&self, operation: &'static Operation) -> Result<(Mark, u64), String> {
        if *self.operation != *name(operation) {
            return Err(format!(
                "the checkpoint is one of `{}`",
                self.operation.escape_debug()
            ));
        }
        Ok((self.mark.clone(), self.given))
    }
}

/// Operations of two APIs may have the same name.
fn name(operation: &Operation) -> String {
    format!("{}/{}", operation.api.name, operation.name)
}

type Written = (u8, String, char, String, Option<u64>, u32, u32, u64);

impl Serialize for Checkpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mark = &self.mark;
        let kind = match &mark.position {
            _ if mark.is_over => 'e',
            None => 'b',
            Some(Position::Number(_)) => 'n',
            Some(Position::Decimal(_)) => 'd',
            Some(Position::Text(_)) => 't',
            Some(Position::Url(_)) => 'u',
        };
        let position = mark.position.as_ref().map(ToString::to_string);
        let operation = self.operation.to_string();
        let written: Written = (
            VERSION,
            operation,
            kind,
            position.unwrap_or_default(),
            mark.received,
            mark.pages,
            mark.empty,
            self.given,
        );
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Checkpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Checkpoint, D::Error> {
        let written = Written::deserialize(deserializer)?;
        let (version, operation, kind, text, received, pages, empty, given) = written;
        if version != VERSION {
            let text = format!("a checkpoint of version {version}; this program knows {VERSION}");
            return Err(D::Error::custom(text));
        }
        let position = match kind {
            'b' | 'e' => None,
            'n' => Some(Position::Number(text.parse().map_err(D::Error::custom)?)),
            // It stands in a body as it is.
            'd' if is_number(&text) => Some(Position::Decimal(text.into())),
            't' => Some(Position::Text(text.into())),
            // Where it leads is looked at again before it is followed.
            'u' if text.starts_with('/') => Some(Position::Url(text.into())),
            _ => return Err(D::Error::custom("no position of a checkpoint")),
        };
        let mark = Mark {
            position,
            received,
            pages,
            empty,
            is_over: kind == 'e',
        };
        Ok(Checkpoint {
            operation: operation.into(),
            mark,
            given,
        })
    }
}

/// Whether this is one JSON number and nothing else.
fn is_number(text: &str) -> bool {
    let is_whole = |json: &RawValue| json.get().len() == text.len();
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        && serde_json::from_str::<&RawValue>(text).is_ok_and(is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    static LIST: Operation = Operation {
        name: "things.list",
        ..Operation::NEW
    };

    fn at(position: Option<Position>, is_over: bool) -> Checkpoint {
        let mark = Mark {
            position,
            received: Some(7),
            pages: 2,
            empty: 1,
            is_over,
        };
        Checkpoint::new(&LIST, mark, 3)
    }

    #[test]
    fn it_is_the_same_after_a_round_trip() {
        for checkpoint in [
            at(None, false),
            at(None, true),
            at(Some(Position::Number(u64::MAX)), false),
            at(Some(Position::Decimal("-1.50".into())), false),
            at(Some(Position::Text("a\"\u{e9}".into())), false),
            at(Some(Position::Url("/v1/x?a=1".into())), false),
        ] {
            let text = serde_json::to_string(&checkpoint).unwrap();
            assert_eq!(
                serde_json::from_str::<Checkpoint>(&text).unwrap(),
                checkpoint,
                "{text}"
            );
        }
        let text = serde_json::to_string(&at(Some(Position::Number(20)), false)).unwrap();
        assert_eq!(text, r#"[1,"/things.list","n","20",7,2,1,3]"#);
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            r#"[2,"/x","n","20",7,2,1,3]"#,
            r#"[1,"/x","n","x",7,2,1,3]"#,
            r#"[1,"/x","q","20",7,2,1,3]"#,
            r#"[1,"/x","u","https://evil.example/",7,2,1,3]"#,
            r#"[1,"/x","n","20"]"#,
            "{}",
        ] {
            assert!(serde_json::from_str::<Checkpoint>(text).is_err(), "{text}");
        }
        static OTHER: Operation = Operation {
            name: "others.list",
            ..Operation::NEW
        };
        assert!(at(None, false).of(&LIST).is_ok());
        assert!(at(None, false).of(&OTHER).is_err());
    }
}
