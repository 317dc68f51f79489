//! From the text of an answer to a value: one UTF-8 check, one walk along the pointers that matter, serde in between.
//!
//! Only `read` is generic. What an error says is safe to show: it names the place and the kind of what stood there, and
//! never repeats a value. Nesting is bounded, also in what is skipped.

pub(crate) mod media;
mod misfit;
mod walk;

use serde::de::{
    Deserialize, DeserializeOwned, Deserializer, Error as _, MapAccess, SeqAccess, Visitor,
};

pub(crate) use misfit::{Misfit, SNIPPET, clip};
pub(crate) use walk::{Pointer, elements, walk};

/// Reads one value at the beginning of a text and tells where it ended.
pub(crate) type Read<T> = fn(&str) -> (Result<T, serde_json::Error>, usize);

/// The only decoder that is compiled once per type.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> (Result<T, serde_json::Error>, usize) {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<T>();
    let value = values
        .next()
        .unwrap_or_else(|| Err(serde_json::Error::custom("missing value")));
    (value, values.byte_offset())
}

/// The value at a pointer of a text; the rest of the text must be JSON too.
pub(crate) fn value_at<T>(text: &str, at: Pointer<'_>, read: Read<T>) -> Result<T, Misfit> {
    let mut found = None;
    walk(text, &[at], &mut |_, from| {
        let (value, length) = read(&text[from..]);
        found = Some(value.map_err(|error| Misfit::in_value(&error, &text[from..], at))?);
        Ok(length)
    })?;
    found.ok_or_else(|| Misfit::missing(at))
}

/// The text of a body.
pub(crate) fn text(body: &[u8]) -> Result<&str, Misfit> {
    std::str::from_utf8(body).map_err(|error| Misfit::not_utf8(error.valid_up_to()))
}

/// A value that nobody wants. Unlike serde's `IgnoredAny` it counts the nesting, so that 200 000 brackets are an error.
pub(crate) struct Skip;

impl<'de> Deserialize<'de> for Skip {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Skip, D::Error> {
        deserializer.deserialize_any(Skip)
    }
}

impl<'de> Visitor<'de> for Skip {
    type Value = Skip;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Skip, E> {
        Ok(Skip)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Skip, E> {
        Ok(Skip)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Skip, E> {
        Ok(Skip)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Skip, E> {
        Ok(Skip)
    }

    fn visit_str<E>(self, _: &str) -> Result<Skip, E> {
        Ok(Skip)
    }

    fn visit_unit<E>(self) -> Result<Skip, E> {
        Ok(Skip)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Skip, A::Error> {
        while items.next_element::<Skip>()?.is_some() {}
        Ok(Skip)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Skip, A::Error> {
        while members.next_entry::<Skip, Skip>()?.is_some() {}
        Ok(Skip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Result<Vec<i64>, String> {
        value_at(text, &["data"], read::<Vec<i64>>).map_err(|misfit| misfit.to_string())
    }

    #[test]
    fn a_pointer_is_followed() {
        assert_eq!(
            numbers(r#" {"success": true, "x":{"data":[9]}, "data": [1, 2] , "y": "}"} "#),
            Ok(vec![1, 2])
        );
        assert_eq!(
            value_at("[[1],[2,3]]", &["1"], read::<Vec<i64>>).ok(),
            Some(vec![2, 3])
        );
        assert_eq!(value_at(" 7 ", &[], read::<i64>).ok(), Some(7));
        assert_eq!(numbers(r#"{"d\u0061ta":[4]}"#), Ok(vec![4]));
    }

    /// Row G5: the wrong type is an error that names the place and not the value.
    #[test]
    fn a_wrong_type_is_named_by_its_place() {
        let error = numbers("{\"success\":true,\n \"data\": [1, 2,\n \"secret\"]}").unwrap_err();
        assert_eq!(error, "at /data/2: expected i64, found string");
        assert_eq!(
            numbers(r#"{"data":[1,null]}"#).unwrap_err(),
            "at /data/1: expected i64, found null"
        );
        assert_eq!(
            numbers(r#"{"data":[1.5]}"#).unwrap_err(),
            "at /data/0: expected i64, found floating point"
        );
        assert_eq!(
            numbers(r#"{"other":[1]}"#).unwrap_err(),
            "at /data: it is missing"
        );
        assert_eq!(
            numbers(r#"{"data":"a, expected secret"}"#).unwrap_err(),
            "at /data: expected a sequence, found string"
        );
    }

    /// Row G3: a member that stands twice is an error.
    #[test]
    fn a_member_that_stands_twice_is_refused() {
        assert_eq!(
            numbers(r#"{"data":[1],"data":[2]}"#).unwrap_err(),
            "at /data: it stands there twice"
        );
    }

    /// Row G6: byte order marks, trailing garbage, two documents and broken text.
    #[test]
    fn what_is_not_one_json_text_is_refused() {
        for (text, wanted) in [
            ("\u{feff}{\"data\":[1]}", "it begins with a byte order mark"),
            ("{\"data\":[1]} {\"data\":[2]}", "more than one value"),
            (
                "{\"data\":[1]}\x1b[31mx",
                "more than one value: \"\\u{1b}[31mx\"",
            ),
            (
                "<html><body>502</body></html>",
                "not JSON: \"<html><body>502</body></html>\"",
            ),
            ("{\"data\":[1]", "EOF while parsing"),
            ("{\"data\":[1],}", "at /: expected"),
            (
                "{\"a\":\"\\ud800\",\"data\":[1]}",
                "at /a: unexpected end of hex escape",
            ),
            ("", "it is empty"),
        ] {
            let error = numbers(text).unwrap_err();
            assert!(
                error.contains(wanted),
                "{text:?}: {error:?} has no {wanted:?}"
            );
        }
        assert!(
            text(b"{\"a\":\"\xff\"}")
                .unwrap_err()
                .to_string()
                .contains("byte 6")
        );
    }

    /// Row G1: nesting is an error beyond 128, in values and in what is skipped, on a small stack.
    #[test]
    fn deep_nesting_is_refused() {
        let work = || {
            for open in ["[", "{\"a\":"] {
                let deep = open.repeat(200_000);
                assert!(
                    numbers(&format!("{{\"x\":{deep}"))
                        .unwrap_err()
                        .contains("recursion limit")
                );
                assert!(numbers(&format!("{{\"data\":{deep}")).is_err());
                assert!(value_at(&deep, &[], read::<serde_json::Value>).is_err());
            }
        };
        std::thread::Builder::new()
            .stack_size(256 * 1024)
            .spawn(work)
            .unwrap()
            .join()
            .unwrap();
    }

    /// Row G7: giant numbers are an error and take no quadratic time.
    #[test]
    fn giant_numbers_are_refused() {
        assert!(numbers(r#"{"data":[1e400]}"#).is_err());
        assert!(numbers(&format!("{{\"data\":[{}]}}", "9".repeat(100_000))).is_err());
    }
}
