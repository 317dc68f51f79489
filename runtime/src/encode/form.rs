//! Bodies of forms: `application/x-www-form-urlencoded`, as HTML writes it.
//!
//! It assumes a JSON text that our own writer made. Only a flat object has such a form; how deeper ones would be spelled
//! is each server's own invention, so they are refused.

use std::fmt;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{BadValue, push_encoded, push_name};

/// The pairs of a flat object, in its order; a list gives its name once for each item, of which it has one at least.
///
/// # Errors
///
/// It is no object, or a value of it is null, an object, or a list of something else than scalars.
pub(crate) fn form(json: &[u8]) -> Result<String, BadValue> {
    let mut pairs = Pairs::default();
    let read = serde_json::Deserializer::from_slice(json).deserialize_map(&mut pairs);
    match pairs.bad {
        Some(bad) => Err(bad),
        None if read.is_err() => Err(BadValue::new("a form is an object")),
        None => Ok(pairs.out),
    }
}

#[derive(Default)]
struct Pairs {
    out: String,
    bad: Option<BadValue>,
}

impl Pairs {
    fn add(&mut self, name: &str, value: &RawValue) -> Result<(), BadValue> {
        let text = value.get();
        if text.starts_with('[') {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| NESTED)?;
            if items.is_empty() {
                // As no pairs it would say that nothing was given.
                return Err(BadValue::new("an empty list has no form"));
            }
            return items
                .into_iter()
                .try_for_each(|item| self.scalar(name, item.get()));
        }
        self.scalar(name, text)
    }

    fn scalar(&mut self, name: &str, text: &str) -> Result<(), BadValue> {
        let decoded;
        let text = match text.as_bytes().first() {
            Some(b'"') => {
                decoded = serde_json::from_str::<String>(text).map_err(|_| NESTED)?;
                &decoded
            }
            Some(b'{' | b'[') => return Err(NESTED),
            Some(b'n') => return Err(BadValue::new("a form has no null")),
            _ => text,
        };
        push_name(&mut self.out, name);
        self.out.push('=');
        push_encoded(text, &mut self.out);
        Ok(())
    }
}

const NESTED: BadValue = BadValue::new("a form has no objects and no lists of lists");

impl<'de> Visitor<'de> for &mut Pairs {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some((name, value)) = members.next_entry::<String, &RawValue>()? {
            if let Err(mut bad) = self.add(&name, value) {
                bad.inside(&name);
                self.bad.get_or_insert(bad);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(json: &str) -> Vec<(String, String)> {
        let form = form(json.as_bytes()).unwrap();
        url::form_urlencoded::parse(form.as_bytes())
            .into_owned()
            .collect()
    }

    /// Read back by another implementation.
    #[test]
    fn a_flat_object_is_its_pairs() {
        let json = r#"{"z":"a b&c=d+e%é\n","n":1.50,"b":true,"l":["x","y",3],"é=":""}"#;
        let wanted = [
            ("z", "a b&c=d+e%é\n"),
            ("n", "1.50"),
            ("b", "true"),
            ("l", "x"),
            ("l", "y"),
            ("l", "3"),
            ("é=", ""),
        ];
        let wanted: Vec<_> = wanted.map(|(a, b)| (a.to_owned(), b.to_owned())).into();
        assert_eq!(pairs(json), wanted);
        assert_eq!(form(b"{}").unwrap(), "");
    }

    #[test]
    fn what_has_no_form_is_refused_by_its_place() {
        for (json, wanted) in [
            (r#"{"l":[]}"#, "/l: an empty list has no form"),
            (
                r#"{"a":{"b":1}}"#,
                "/a: a form has no objects and no lists of lists",
            ),
            (
                r#"{"a":[[1]]}"#,
                "/a: a form has no objects and no lists of lists",
            ),
            (r#"{"a":null}"#, "/a: a form has no null"),
            (r#"{"a":[null]}"#, "/a: a form has no null"),
            ("[1]", "a form is an object"),
            ("7", "a form is an object"),
        ] {
            assert_eq!(form(json.as_bytes()).unwrap_err().to_string(), wanted);
        }
    }
}
