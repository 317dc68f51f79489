//! Reads a body by the table of a resource's fields, with complaints by field.
//!
//! A member that no table names is ignored, as are those that are read only. One that can only be
//! given at creation is refused in a change, whatever its value.

use serde_json::{Map, Value, json};

use crate::calendar::parse_naive;

pub(super) type Object = Map<String, Value>;

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Integer,
    /// An integer from one bound to the other.
    Range(i64, i64),
    /// A text of so many characters at most.
    Text(usize),
    OneOf(&'static [&'static str]),
    /// True or false; null is the same as false.
    Flag,
    /// A date and time without an offset.
    Naive,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Required at creation, read only afterwards.
    CreateOnly,
    Required,
    Nullable,
    /// Never shown.
    Hidden,
}

pub(super) struct Field {
    pub(super) name: &'static str,
    kind: Kind,
    pub(super) rule: Rule,
}

pub(super) const fn create_only(name: &'static str) -> Field {
    let (kind, rule) = (Kind::Integer, Rule::CreateOnly);
    Field { name, kind, rule }
}

pub(super) const fn required(name: &'static str, kind: Kind) -> Field {
    let rule = Rule::Required;
    Field { name, kind, rule }
}

pub(super) const fn nullable(name: &'static str, kind: Kind) -> Field {
    let rule = Rule::Nullable;
    Field { name, kind, rule }
}

pub(super) const fn flag(name: &'static str) -> Field {
    nullable(name, Kind::Flag)
}

pub(super) const fn hidden(name: &'static str, length: usize) -> Field {
    let (kind, rule) = (Kind::Text(length), Rule::Hidden);
    Field { name, kind, rule }
}

/// What a body is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Creation,
    Change,
}

/// What is wrong, by field.
#[derive(Default)]
pub(super) struct Complaints(pub(super) Object);

impl Complaints {
    pub(super) fn add(&mut self, field: &str, complaint: &str) {
        let list = self.0.entry(field).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(complaint.into());
        }
    }
}

/// The fields that a body writes. It tells the whole of them: what it leaves out becomes null.
pub(super) fn read(
    fields: &[Field],
    purpose: Purpose,
    body: &Object,
    complaints: &mut Complaints,
) -> Object {
    let mut found = Object::new();
    for field in fields {
        let sent = body.get(field.name);
        if field.rule == Rule::CreateOnly && purpose == Purpose::Change {
            if sent.is_some() {
                complaints.add(field.name, "Cannot be changed");
            }
            continue;
        }
        let required = matches!(field.rule, Rule::CreateOnly | Rule::Required);
        match sent.filter(|value| !value.is_null()) {
            None if required => complaints.add(field.name, "Required"),
            None => {
                found.insert(field.name.to_owned(), Value::Null);
            }
            Some(Value::String(text)) if required && text.trim().is_empty() => {
                complaints.add(field.name, "Required");
            }
            Some(value) => match check(field.kind, value) {
                Ok(()) => {
                    found.insert(field.name.to_owned(), value.clone());
                }
                Err(complaint) => complaints.add(field.name, &complaint),
            },
        }
    }
    found
}

fn check(kind: Kind, value: &Value) -> Result<(), String> {
    let text = value.as_str();
    let (fits, complaint) = match kind {
        Kind::Integer => (value.is_i64(), "Must be an integer".to_owned()),
        Kind::Range(least, most) => {
            let fits = value.as_i64().is_some_and(|n| (least..=most).contains(&n));
            (fits, format!("Must be between {least} and {most}"))
        }
        Kind::Text(length) => {
            let fits = text.is_some_and(|text| text.chars().count() <= length);
            (
                fits,
                format!("Must be a string of at most {length} characters"),
            )
        }
        Kind::OneOf(words) => {
            let fits = text.is_some_and(|text| words.contains(&text));
            (fits, format!("Must be one of {}", words.join(", ")))
        }
        Kind::Flag => (value.is_boolean(), "Must be true or false".to_owned()),
        Kind::Naive => {
            let fits = text.and_then(parse_naive).is_some();
            (fits, "Must be a date and time without an offset".to_owned())
        }
    };
    if fits { Ok(()) } else { Err(complaint) }
}
