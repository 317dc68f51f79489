//! `Serialize` for models: what a model writes, handed on to any serializer of serde.
//!
//! Users ask for it with the feature `serialize` to log or store models; requests never take this way.

use serde::{
    de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor},
    ser::{Error as _, Serialize, SerializeMap as _, SerializeSeq as _, Serializer},
};
use serde_json::value::RawValue;

use super::{Out, Write};

/// Serializes what `value` writes.
///
/// # Errors
///
/// The serializer's, and a value that JSON has no form for.
pub fn serialize<S: Serializer>(value: &dyn Write, serializer: S) -> Result<S::Ok, S::Error> {
    let mut out = Out::new();
    value.write(&mut out);
    let text = out.finish().map_err(S::Error::custom)?;
    let text = String::from_utf8(text).map_err(S::Error::custom)?;
    Text(&text).serialize(serializer)
}

/// A JSON text that is handed on.
struct Text<'a>(&'a str);

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serde_json::Deserializer::from_str(self.0);
        Transcode(serializer)
            .deserialize(&mut json)
            .map_err(S::Error::custom)
    }
}

/// Hands each value to a serializer as it is read, so that members keep their order.
struct Transcode<S>(S);

impl<'de, S: Serializer> DeserializeSeed<'de> for Transcode<S> {
    type Value = S::Ok;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Ok, D::Error> {
        deserializer.deserialize_any(self)
    }
}

macro_rules! visit {
    ($($visit:ident $t:ty: $serialize:ident;)*) => {$(
        fn $visit<E: serde::de::Error>(self, value: $t) -> Result<S::Ok, E> {
            self.0.$serialize(value).map_err(E::custom)
        }
    )*};
}

impl<'de, S: Serializer> Visitor<'de> for Transcode<S> {
    type Value = S::Ok;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    visit! {
        visit_bool bool: serialize_bool;
        visit_i64 i64: serialize_i64;
        visit_u64 u64: serialize_u64;
        visit_f64 f64: serialize_f64;
        visit_str &str: serialize_str;
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<S::Ok, E> {
        self.0.serialize_none().map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<S::Ok, A::Error> {
        let mut list = self.0.serialize_seq(None).map_err(A::Error::custom)?;
        while let Some(item) = items.next_element::<&RawValue>()? {
            list.serialize_element(&Text(item.get()))
                .map_err(A::Error::custom)?;
        }
        list.end().map_err(A::Error::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<S::Ok, A::Error> {
        let mut map = self.0.serialize_map(None).map_err(A::Error::custom)?;
        while let Some(key) = members.next_key::<String>()? {
            map.serialize_entry(&key, &Text(members.next_value::<&RawValue>()?.get()))
                .map_err(A::Error::custom)?;
        }
        map.end().map_err(A::Error::custom)
    }
}
