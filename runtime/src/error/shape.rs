//! Reads the body of an error by the shapes that the API's description gives; the first that fits wins.
//!
//! The body comes from a server: whatever it is, this gives some answer and never fails.

use serde_json::Value;

use super::Message;
use crate::decode::{Pointer, clip};
use crate::operation::{ErrorShape, Messages};

const MOST_MESSAGES: usize = 100;
const LONGEST_TEXT: usize = 4096;
const LONGEST_REFERENCE: usize = 64;

/// What a body says.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) code: Option<String>,
    pub(super) messages: Vec<Message>,
}

pub(super) fn read(shapes: &[ErrorShape], body: &[u8]) -> Found {
    let json = serde_json::from_slice::<Value>(body).ok();
    shapes
        .iter()
        .find_map(|shape| fit(shape, json.as_ref(), body))
        .unwrap_or_default()
}

/// The name behind these words in a message or, where no shape fits, in the body: letters, digits, `-` and `_`, at most
/// 64 of them. What is longer is something else.
pub(super) fn reference(before: &str, messages: &[Message], body: &[u8]) -> Option<Box<str>> {
    let name = |text: &str| {
        text.match_indices(before).find_map(|(at, _)| {
            let rest = &text[at + before.len()..];
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            let name = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
            (1..=LONGEST_REFERENCE)
                .contains(&name.len())
                .then(|| name.into())
        })
    };
    messages
        .iter()
        .find_map(|message| name(&message.text))
        .or_else(|| name(std::str::from_utf8(body).ok()?))
}

fn fit(shape: &ErrorShape, json: Option<&Value>, body: &[u8]) -> Option<Found> {
    match shape {
        ErrorShape::Object {
            message,
            code,
            messages,
            fields,
        } => {
            let body = json.filter(|value| value.is_object())?;
            object(body, message, *code, messages.as_ref(), *fields)
        }
        ErrorShape::String => json.and_then(Value::as_str).map(one),
        ErrorShape::Text => {
            let text = std::str::from_utf8(body).ok()?.trim();
            (!text.is_empty() && json.is_none()).then(|| one(text))
        }
        ErrorShape::Empty => body
            .iter()
            .all(u8::is_ascii_whitespace)
            .then(Found::default),
    }
}

fn object(
    body: &Value,
    message: &[Pointer<'_>],
    code: Option<Pointer<'_>>,
    several: Option<&Messages>,
    fields: Option<Pointer<'_>>,
) -> Option<Found> {
    let message = message.iter().find_map(|pointer| at(body, pointer));
    let code = code.and_then(|pointer| at(body, pointer));
    let list = several.and_then(|several| at(body, several.each).map(|list| (several, list)));
    let fields = fields.and_then(|pointer| at(body, pointer));
    if message.is_none() && code.is_none() && list.is_none() && fields.is_none() {
        return None;
    }
    let mut found = Found {
        code: code.and_then(words),
        messages: Vec::new(),
    };
    if let Some(text) = message.and_then(words) {
        push(&mut found, text, None);
    }
    if let Some((several, list)) = list {
        let elements = list
            .as_array()
            .map_or_else(|| std::slice::from_ref(list), Vec::as_slice);
        for element in elements {
            let target = several
                .target
                .and_then(|pointer| at(element, pointer))
                .and_then(words);
            if let Some(text) = at(element, several.text).and_then(words) {
                push(&mut found, text, target);
            }
        }
    }
    for (name, value) in fields.and_then(Value::as_object).into_iter().flatten() {
        let texts = value
            .as_array()
            .map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
        for text in texts.iter().filter_map(words) {
            push(&mut found, text, Some(name.clone()));
        }
    }
    Some(found)
}

fn one(text: &str) -> Found {
    let mut found = Found::default();
    push(&mut found, clip(text, LONGEST_TEXT).to_owned(), None);
    found
}

fn push(found: &mut Found, text: String, target: Option<String>) {
    if found.messages.len() < MOST_MESSAGES {
        found.messages.push(Message { text, target });
    }
}

fn at<'a>(value: &'a Value, pointer: Pointer<'_>) -> Option<&'a Value> {
    let found = pointer.iter().try_fold(value, |value, key| match value {
        Value::Array(list) => list.get(key.parse::<usize>().ok()?),
        Value::Object(members) => members.get(*key),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    })?;
    (!found.is_null()).then_some(found)
}

fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(clip(text, LONGEST_TEXT).to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null => None,
        Value::Array(_) | Value::Object(_) => {
            Some(clip(&value.to_string(), LONGEST_TEXT).to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HIVE: &[ErrorShape] = &[ErrorShape::Object {
        message: &[],
        code: None,
        messages: Some(Messages {
            each: &["errors"],
            text: &[],
            target: None,
        }),
        fields: None,
    }];
    const USERS: &[ErrorShape] = &[
        ErrorShape::Object {
            message: &[&["error"]],
            code: None,
            messages: None,
            fields: None,
        },
        ErrorShape::Empty,
    ];
    const RICH: &[ErrorShape] = &[
        ErrorShape::Object {
            message: &[&["detail"], &["title"]],
            code: Some(&["code"]),
            messages: Some(Messages {
                each: &["all", "0"],
                text: &["text"],
                target: Some(&["on"]),
            }),
            fields: Some(&["validationErrors"]),
        },
        ErrorShape::String,
        ErrorShape::Text,
    ];

    fn texts(shapes: &[ErrorShape], body: &str) -> Vec<(String, Option<String>)> {
        read(shapes, body.as_bytes())
            .messages
            .into_iter()
            .map(|message| (message.text, message.target))
            .collect()
    }

    fn plain(text: &str) -> (String, Option<String>) {
        (text.to_owned(), None)
    }

    /// Row G9: each shape of an error body.
    #[test]
    fn each_shape_is_read() {
        assert_eq!(
            texts(
                HIVE,
                r#"{"success":false,"errors":["Name can't be blank","Sku can't be blank"]}"#
            ),
            [plain("Name can't be blank"), plain("Sku can't be blank")]
        );
        assert_eq!(
            texts(USERS, r#"{"error":"not found"}"#),
            [plain("not found")]
        );
        assert_eq!(texts(USERS, " \n"), []);
        assert_eq!(
            texts(RICH, r#""\"uuid\" must be unique.""#),
            [plain("\"uuid\" must be unique.")]
        );
        assert_eq!(texts(RICH, "usage violation\n"), [plain("usage violation")]);
        let body = r#"{"title":"t","code":4012,"validationErrors":{"a":["x","y"],"b":"z"},"all":[{"text":"q","on":"c"}]}"#;
        assert_eq!(read(RICH, body.as_bytes()).code.as_deref(), Some("4012"));
        let on = |text: &str, target: &str| (text.to_owned(), Some(target.to_owned()));
        assert_eq!(
            texts(RICH, body),
            [
                plain("t"),
                on("q", "c"),
                on("x", "a"),
                on("y", "a"),
                on("z", "b")
            ]
        );
    }

    #[test]
    fn what_fits_no_shape_says_nothing() {
        for body in ["<html>", "[1]", "{}", r#"{"errors":null}"#, "\u{0}", "nul"] {
            assert_eq!(texts(HIVE, body), [], "{body}");
        }
        assert_eq!(read(HIVE, b"\xff\xfe").messages.len(), 0);
    }

    #[test]
    fn references_stand_behind_their_words() {
        let of = |body: &str| {
            let found = read(HIVE, body.as_bytes());
            reference("by referencing ", &found.messages, body.as_bytes())
        };
        for (body, wanted) in [
            (
                r#"{"errors":["Internal error. Contact us by referencing a1B-2_c."]}"#,
                Some("a1B-2_c"),
            ),
            (r#"{"errors":["x","by referencing 7"]}"#, Some("7")),
            (
                "plain, by referencing k9, twice: by referencing k8",
                Some("k9"),
            ),
            (r#"{"other":"by referencing q"}"#, Some("q")),
            ("by referencing ", None),
            ("by referencing \u{1b}[31m", None),
            ("by referencing  two", None),
            ("By referencing x", None),
        ] {
            assert_eq!(of(body).as_deref(), wanted, "{body:?}");
        }
        let long = format!("by referencing {} by referencing short", "x".repeat(65));
        assert_eq!(of(&long).as_deref(), Some("short"), "too long to be a name");
        assert_eq!(
            reference("by referencing ", &[], b"by referencing \xff"),
            None
        );
    }

    #[test]
    fn long_lists_and_texts_are_cut() {
        let many = format!(r#"{{"errors":[{}"x"]}}"#, r#""x","#.repeat(5000));
        assert_eq!(texts(HIVE, &many).len(), MOST_MESSAGES);
        let long = format!(r#"{{"error":"{}"}}"#, "é".repeat(5000));
        assert_eq!(texts(USERS, &long)[0].0.len(), LONGEST_TEXT);
    }
}
