//! Putting a member into a JSON text without writing the rest of it anew.
//!
//! It serves what the runtime itself adds to a body: positions of pages, keys of writes. All bytes outside of the member
//! stay as they are, so that numbers keep their digits and members their order. The value must be JSON already.

use bytes::Bytes;

use super::BadValue;
use crate::decode::{self, Misfit, Pointer, Skip};

/// Puts a value at a pointer of an object: replaced when it is there, else added together with the objects on the way.
/// An empty body is an empty object. Segments are unescaped names of members; no array is entered.
///
/// # Errors
///
/// When the body is not one JSON text, or something else than an object stands on the way.
pub(crate) fn splice(body: &[u8], at: Pointer<'_>, value: &str) -> Result<Bytes, BadValue> {
    let text = match decode::text(body) {
        Ok(text) if text.trim_ascii().is_empty() => "{}",
        Ok(text) => text,
        Err(_) => return Err(BAD),
    };
    let mut from = text.len() - text.trim_ascii_start().len();
    let mut to = text.trim_ascii_end().len();
    for (depth, key) in at.iter().enumerate() {
        let object = &text[from..to];
        if !object.starts_with('{') {
            return Err(BadValue::new(
                "the body has something else than an object where a member is to be put",
            ));
        }
        match find(object, key)? {
            Some((start, length)) => (from, to) = (from + start, from + start + length),
            None => return Ok(insert(text, from, to - 1, &at[depth..], value)),
        }
    }
    Ok([&text[..from], value, &text[to..]].concat().into())
}

const BAD: BadValue = BadValue::new("the body is not JSON, so nothing can be put into it");

/// Where a member's value begins in an object, and how long it is.
fn find(object: &str, key: &str) -> Result<Option<(usize, usize)>, BadValue> {
    let mut found = None;
    decode::walk(object, &[&[key]], &mut |_, from| {
        let (skipped, length) = decode::read::<Skip>(&object[from..]);
        skipped.map_err(|error| Misfit::in_text(&error, object, from))?;
        found = Some((from, length));
        Ok(length)
    })
    .map_err(|_| BAD)?;
    Ok(found)
}

/// Adds the first of these members, with the others inside it, to the object from `from` to its bracket at `end`.
fn insert(text: &str, from: usize, end: usize, keys: Pointer<'_>, value: &str) -> Bytes {
    let is_empty = text[from + 1..end].trim_ascii().is_empty();
    let mut out = String::with_capacity(text.len() + value.len() + 32 * keys.len());
    out.push_str(&text[..end]);
    for (depth, key) in keys.iter().enumerate() {
        match depth {
            0 if is_empty => {}
            0 => out.push(','),
            _ => out.push('{'),
        }
        out.push_str(&quoted(key));
        out.push(':');
    }
    out.push_str(value);
    (1..keys.len()).for_each(|_| out.push('}'));
    out.push_str(&text[end..]);
    out.into()
}

/// A text as JSON.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    fn spliced(body: &str, at: &[&str], value: &str) -> Result<String, BadValue> {
        splice(body.as_bytes(), at, value).map(|body| String::from_utf8(body.to_vec()).unwrap())
    }

    #[test]
    fn the_rest_stays_as_it_is() {
        for (body, at, value, wanted) in [
            ("", &["a"][..], "1", r#"{"a":1}"#),
            (" {} ", &["a"], "1", r#" {"a":1} "#),
            ("{ }", &["a", "b"], "1", r#"{ "a":{"b":1}}"#),
            (
                r#"{"x":1.50, "a" : null}"#,
                &["a"],
                r#""k""#,
                r#"{"x":1.50, "a" : "k"}"#,
            ),
            (
                r#"{"p":{"q":[1,{"a":2}]},"a":{"b":3}}"#,
                &["a", "c", "d"],
                "4",
                r#"{"p":{"q":[1,{"a":2}]},"a":{"b":3,"c":{"d":4}}}"#,
            ),
            (r#"{"\u0061":1}"#, &["a"], "2", r#"{"\u0061":2}"#),
            ("{}", &["a\"b\n"], "1", r#"{"a\"b\n":1}"#),
            ("[1]", &[], "2", "2"),
        ] {
            assert_eq!(spliced(body, at, value).as_deref(), Ok(wanted));
        }
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for (body, at) in [
            ("[1]", &["0"][..]),
            ("7", &["a"]),
            (r#"{"a":null}"#, &["a", "b"]),
            (r#"{"a":[{}]}"#, &["a", "0", "b"]),
            (r#"{"a":1,"a":2}"#, &["a"]),
            ("{", &["a"]),
            ("{} {}", &["a"]),
            ("<a>", &["a"]),
        ] {
            assert!(spliced(body, at, "1").is_err(), "{body}");
        }
        assert!(splice(b"\xff", &["a"], "1").is_err());
    }

    fn tree() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[ab\"\\\\{},é]{0,2}", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// The same on values: `None` when something else than an object stands on the way.
    fn set(mut on: &mut Value, at: &[&str], value: Value) -> Option<()> {
        for key in at {
            on = on
                .as_object_mut()?
                .entry(*key)
                .or_insert_with(|| Value::Object(Map::new()));
        }
        *on = value;
        Some(())
    }

    proptest! {
        #[test]
        fn it_does_what_setting_a_member_does(
            body in tree(),
            at in prop::collection::vec("[ab\"\\\\{},é]{0,2}", 1..4),
            value in tree(),
            pretty: bool,
        ) {
            let text = if pretty { format!("{body:#}") } else { body.to_string() };
            let at: Vec<&str> = at.iter().map(String::as_str).collect();
            let mut wanted = body;
            let is_set = set(&mut wanted, &at, value.clone()).is_some();
            let found = spliced(&text, &at, &value.to_string());
            prop_assert_eq!(found.is_ok(), is_set);
            if let Ok(found) = found {
                prop_assert_eq!(serde_json::from_str::<Value>(&found).unwrap(), wanted);
                // Twice is as good as once, to the byte.
                prop_assert_eq!(spliced(&found, &at, &value.to_string()), Ok(found));
            }
        }

        #[test]
        fn any_bytes_are_survived(body in prop::collection::vec(any::<u8>(), 0..64), text in "[{}\\[\\]\",:a1 ]{0,24}") {
            let _ = splice(&body, &["a", "b"], "1");
            if let Ok(found) = spliced(&text, &["a"], "1") {
                prop_assert_eq!(&serde_json::from_str::<Value>(&found).unwrap()["a"], &json!(1));
            }
        }
    }
}
