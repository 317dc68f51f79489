//! YAML as an editor's JSON Schema validator sees it: plain scalars become JSON by the core schema of
//! YAML 1.2 (section 10.3.2), keys become texts.
//!
//! It is for well-formed descriptions without anchors and tags; another text has no value.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Number, Value};

/// The value of a text's first document; nothing if it cannot be parsed.
pub(crate) fn read(text: &str) -> Option<Value> {
    let mut stack: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.ok()?;
        let value = match event {
            Event::Scalar(text, style, _, _) => {
                // What stands before `:` is a name for every validator.
                if let Some(Open::Map(_, key @ None)) = stack.last_mut() {
                    *key = Some(text.into_owned());
                    continue;
                }
                scalar(&text, style == ScalarStyle::Plain)
            }
            Event::SequenceStart(..) => {
                stack.push(Open::List(Vec::new()));
                continue;
            }
            Event::MappingStart(..) => {
                stack.push(Open::Map(Map::new(), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match stack.pop()? {
                Open::List(list) => Value::Array(list),
                Open::Map(map, _) => Value::Object(map),
            },
            Event::Alias(_) => return None,
            _ => continue,
        };
        match stack.last_mut() {
            None => return Some(value),
            Some(Open::List(list)) => list.push(value),
            Some(Open::Map(map, key)) => {
                map.insert(key.take()?, value);
            }
        }
    }
    None
}

/// A collection that has not ended.
enum Open {
    List(Vec<Value>),
    /// With the key whose value comes next.
    Map(Map<String, Value>, Option<String>),
}

fn scalar(text: &str, plain: bool) -> Value {
    let as_text = || Value::String(text.to_owned());
    if !plain {
        return as_text();
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return integer(digits, 10, negative).unwrap_or_else(as_text);
    }
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(value) = text
            .strip_prefix(prefix)
            .and_then(|digits| integer(digits, radix, false))
        {
            return value;
        }
    }
    let decimal = digits.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    match text.parse::<f64>().ok().and_then(Number::from_f64) {
        Some(number) if decimal => Value::Number(number),
        _ => as_text(),
    }
}

fn integer(digits: &str, radix: u32, negative: bool) -> Option<Value> {
    let Ok(number) = u64::from_str_radix(digits, radix) else {
        // A validator has it as a double then.
        let double = digits.parse::<f64>().ok()?;
        return Number::from_f64(if negative { -double } else { double }).map(Value::Number);
    };
    if !negative {
        return Some(number.into());
    }
    let number = i64::try_from(-i128::from(number)).ok()?;
    Some(number.into())
}

#[test]
fn scalars_are_what_an_editor_takes_them_for() {
    use serde_json::json;
    let text =
        "{a: 12, b: '12', c: yes, d: true, e: 2024-01-31, f: 1e3, g: 0x10, h: -0, i: 010, 5: ~}\n";
    let expected = json!({
        "a": 12, "b": "12", "c": "yes", "d": true, "e": "2024-01-31", "f": 1000.0, "g": 16, "h": 0,
        "i": 10, "5": null
    });
    assert_eq!(read(text), Some(expected));
    assert_eq!(read("- [a]\n- {}\n"), Some(json!([["a"], {}])));
    assert_eq!(read("a: [\n"), None);
}
