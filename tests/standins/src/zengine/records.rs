//! The attributes of records that their form's fields make: `field123`, by the field's type.
//!
//! A number is kept, and shown, as a text with eight decimals. What a type accepts is not
//! documented beyond the examples; chosen here.

use serde_json::{Value, json};

use super::Object;
use super::filter::at;
use super::schema::fill;
use super::store::{Store, id_in, id_of};
use super::write::{Complaints, Target};
use crate::calendar::parse_day;

const DECIMALS: usize = 8;

/// Reads the dynamic attributes of a body into what is written already.
pub(super) fn read(
    store: &Store,
    target: Target<'_>,
    known: Option<u64>,
    change: bool,
    body: &Object,
    (written, complaints): (&mut Object, &mut Complaints),
) {
    let fields: Vec<&Object> = store.all_of(&fill("forms/{}/fields", target.ids)).collect();
    for (name, value) in body {
        let Some(id) = name
            .strip_prefix("field")
            .and_then(|id| id.parse::<u64>().ok())
        else {
            continue;
        };
        match fields.iter().find(|field| id_of(field) == id) {
            None => complaints.add(name, "The form has no such field"),
            Some(field) => match check(store, field, value) {
                Ok(value) => {
                    if demands(field, "unique") && is_taken(store, target, known, name, &value) {
                        complaints.add(name, "Must be unique");
                    }
                    if demands(field, "required") && value.is_null() {
                        complaints.add(name, "This attribute is required");
                    }
                    written.insert(name.clone(), value);
                }
                Err(complaint) => complaints.add(name, complaint),
            },
        }
    }
    for field in fields {
        let name = format!("field{}", id_of(field));
        if !change && !body.contains_key(&name) {
            if demands(field, "required") {
                complaints.add(&name, "This attribute is required");
            }
            written.insert(name, Value::Null);
        }
    }
}

fn demands(field: &Object, rule: &str) -> bool {
    at(field, &format!("settings.validation.{rule}")) == Some(&Value::Bool(true))
}

fn is_taken(
    store: &Store,
    target: Target<'_>,
    known: Option<u64>,
    name: &str,
    value: &Value,
) -> bool {
    let path = target.path();
    let mut others = store
        .all_of(&path)
        .filter(|record| Some(id_of(record)) != known);
    !value.is_null() && others.any(|record| record.get(name) == Some(value))
}

fn check(store: &Store, field: &Object, value: &Value) -> Result<Value, &'static str> {
    if value.is_null() || value == "" {
        return Ok(Value::Null);
    }
    let text = value.as_str();
    let kept = |fits: bool, complaint| {
        if fits {
            Ok(value.clone())
        } else {
            Err(complaint)
        }
    };
    match field
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
    {
        "numeric" => {
            let text = text.map_or_else(|| value.to_string(), str::to_owned);
            decimal(&text).map(Value::from).ok_or("Must be numeric")
        }
        "checkbox" => kept(value.is_boolean(), "Must be a boolean"),
        "year" => {
            let year = text.map_or(value.as_i64(), |text| text.parse().ok());
            year.map(Value::from).ok_or("Must be a year")
        }
        "date-picker" => kept(text.and_then(parse_day).is_some(), "Must be a date"),
        "linked" | "member" | "file-upload" => {
            let id = id_in(Some(value)).ok_or("Must be a reference by id")?;
            let linked = store
                .find_record(id)
                .and_then(|record| record.get("name").cloned());
            Ok(json!({ "id": id, "name": linked.unwrap_or(Value::Null) }))
        }
        _ if demands(field, "emailAddress") => kept(
            text.is_some_and(|text| text.contains('@')),
            "Must be an email address",
        ),
        _ => kept(text.is_some(), "Must be a string"),
    }
}

/// A number without an exponent, with all of its decimals.
fn decimal(text: &str) -> Option<String> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = whole.strip_prefix('-').unwrap_or(whole);
    let plain = !unsigned.is_empty() && digits(unsigned) && digits(decimals);
    (plain && decimals.len() <= DECIMALS).then(|| format!("{whole}.{decimals:0<DECIMALS$}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_eight_decimals_and_lose_none() {
        for (text, expected) in [
            ("2100215000", Some("2100215000.00000000")),
            ("-0.5", Some("-0.50000000")),
            (
                "9007199254740993.00000001",
                Some("9007199254740993.00000001"),
            ),
            ("1.000000001", None),
            ("1e3", None),
            ("-", None),
            (".5", None),
        ] {
            assert_eq!(decimal(text).as_deref(), expected, "{text}");
        }
    }
}
