//! Reads a body by a table of the fields that may be written, with complaints in sentences.
//!
//! A member that no table names is ignored, as are those that only the server writes. The wording
//! follows the reference's examples (`Merchant sku can't be blank` for `merchant_sku_id`).

use http::{HeaderMap, header};
use serde_json::Value;

use super::refusal::Refusal;
use super::state::{Object, instant};
use crate::calendar::{parse_day, parse_instant};

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Integer,
    /// An integer of at least one.
    Count,
    Number,
    Flag,
    Instant,
    Day,
    /// Capital letters, so many of them.
    Code(usize),
    OneOf(&'static [&'static str]),
    Texts,
    Anything,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Required,
    Nullable,
    /// Never null; the server has a value for it when the body has none.
    Filled,
}

pub(super) struct Field {
    pub(super) name: &'static str,
    kind: Kind,
    presence: Presence,
}

pub(super) const fn required(name: &'static str, kind: Kind) -> Field {
    let presence = Presence::Required;
    Field {
        name,
        kind,
        presence,
    }
}

pub(super) const fn nullable(name: &'static str, kind: Kind) -> Field {
    let presence = Presence::Nullable;
    Field {
        name,
        kind,
        presence,
    }
}

pub(super) const fn filled(name: &'static str, kind: Kind) -> Field {
    let presence = Presence::Filled;
    Field {
        name,
        kind,
        presence,
    }
}

/// How much of a record a body tells.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it: what is required must be there.
    Whole,
    /// What is to change.
    Part,
}

/// The object in a body that says that it is JSON.
pub(super) fn read_body(headers: &HeaderMap, body: &[u8]) -> Result<Object, Refusal> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::BadRequest);
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) | Err(_) => Err(Refusal::BadRequest),
    }
}

/// The members of `body` that `fields` name, as they will be kept.
pub(super) fn read(
    fields: &[Field],
    extent: Extent,
    body: &Object,
    owner: &str,
    complaints: &mut Vec<String>,
) -> Object {
    let mut found = Object::new();
    for field in fields {
        let subject = || sentence_start(owner, field.name);
        match body.get(field.name) {
            None if extent == Extent::Part || field.presence != Presence::Required => {}
            Some(Value::Null) if field.presence == Presence::Nullable => {
                found.insert(field.name.to_owned(), Value::Null);
            }
            None | Some(Value::Null) => complaints.push(format!("{} can't be blank", subject())),
            Some(Value::String(text))
                if field.presence == Presence::Required && text.trim().is_empty() =>
            {
                complaints.push(format!("{} can't be blank", subject()));
            }
            Some(value) => match check(field.kind, value) {
                Ok(value) => {
                    found.insert(field.name.to_owned(), value);
                }
                Err(complaint) => complaints.push(format!("{} {complaint}", subject())),
            },
        }
    }
    found
}

/// Adds null for each nullable field that is not there.
pub(super) fn complete(fields: &[Field], object: &mut Object) {
    for field in fields
        .iter()
        .filter(|field| field.presence == Presence::Nullable)
    {
        object.entry(field.name).or_insert(Value::Null);
    }
}

/// `Merchant sku` for `merchant_sku_id`, and `Items[0] merchant sku` when it is an item's.
pub(super) fn sentence_start(owner: &str, name: &str) -> String {
    let words = name.strip_suffix("_id").unwrap_or(name).replace('_', " ");
    if owner.is_empty() {
        let mut letters = words.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect()
    } else {
        format!("{owner} {words}")
    }
}

fn check(kind: Kind, value: &Value) -> Result<Value, &'static str> {
    let kept = |fits: bool, complaint| {
        if fits {
            Ok(value.clone())
        } else {
            Err(complaint)
        }
    };
    let text = value.as_str();
    match kind {
        Kind::Text => kept(text.is_some(), "is not a text"),
        Kind::Integer => kept(value.is_i64(), "is not an integer"),
        Kind::Count if !value.is_i64() => Err("is not an integer"),
        Kind::Count => kept(value.as_i64() >= Some(1), "must be greater than 0"),
        Kind::Number => kept(value.is_number(), "is not a number"),
        Kind::Flag => kept(value.is_boolean(), "is not true or false"),
        Kind::Instant => match text.and_then(parse_instant) {
            Some(millis) => Ok(instant(millis).into()),
            None => Err("is not a date and time"),
        },
        Kind::Day => kept(text.and_then(parse_day).is_some(), "is not a date"),
        Kind::Code(length) => {
            let capitals = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase());
            kept(
                text.is_some_and(|text| text.len() == length && capitals(text)),
                "is invalid",
            )
        }
        Kind::OneOf(words) => kept(
            text.is_some_and(|text| words.contains(&text)),
            "is not included in the list",
        ),
        Kind::Texts => {
            let texts = value
                .as_array()
                .is_some_and(|list| list.iter().all(Value::is_string));
            kept(texts, "is not a list of texts")
        }
        Kind::Anything => Ok(value.clone()),
    }
}
