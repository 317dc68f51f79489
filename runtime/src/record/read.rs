//! What can be read from a [`Source`]: numbers, texts, lists, maps and, by their tables, all models.
//!
//! Strict: an integer is neither `1.0` nor `"1"`, null is no value, and a map with a key that stands twice is refused.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer};

use super::source::{Failed, Rest, Source, Table, Take, from};
use crate::value::Json;

/// A type that can be read from an answer.
///
/// It is implemented by tables such as [`record!`](crate::record!), and each implementor of ours is `Deserialize` too
/// where its crate allows it. ([`Whole`] makes any of them so.)
pub trait Read: Sized {
    /// Reads one value.
    ///
    /// # Errors
    ///
    /// Another kind of value stands there; the source keeps the reason.
    fn read(source: &mut dyn Source) -> Result<Self, Failed>;
}

/// Gives a [`Read`] type to serde.
#[derive(Clone, Debug, PartialEq)]
pub struct Whole<T>(pub T);

impl<'de, T: Read> Deserialize<'de> for Whole<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Whole<T>, D::Error> {
        from(deserializer).map(Whole)
    }
}

macro_rules! plain {
    ($($t:ty: $method:ident),*) => {$(
        impl Read for $t {
            fn read(source: &mut dyn Source) -> Result<$t, Failed> {
                source.$method()
            }
        }
    )*};
}

plain! { String: string, i64: i64, u64: u64, f64: f64, bool: bool, Json: json }

impl<T: Read> Read for Box<T> {
    fn read(source: &mut dyn Source) -> Result<Box<T>, Failed> {
        T::read(source).map(Box::new)
    }
}

impl<T: Read> Read for Option<T> {
    fn read(source: &mut dyn Source) -> Result<Option<T>, Failed> {
        let mut value = None;
        source.nullable(&mut value)?;
        Ok(value)
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(source: &mut dyn Source) -> Result<Vec<T>, Failed> {
        let mut items = Vec::new();
        source.list(&mut items)?;
        Ok(items)
    }
}

impl<T: Read> Read for BTreeMap<String, T> {
    fn read(source: &mut dyn Source) -> Result<BTreeMap<String, T>, Failed> {
        let mut members = BTreeMap::new();
        source.object(Table {
            name: "a map",
            keys: &[],
            slots: &mut [],
            rest: &mut members,
        })?;
        Ok(members)
    }
}

impl<T: Read> Take for Option<T> {
    fn take(&mut self, source: &mut dyn Source) -> Result<(), Failed> {
        *self = Some(T::read(source)?);
        Ok(())
    }
}

impl<T: Read> Take for Vec<T> {
    fn take(&mut self, source: &mut dyn Source) -> Result<(), Failed> {
        self.push(T::read(source)?);
        Ok(())
    }
}

impl<T: Read> Rest for BTreeMap<String, T> {
    fn member(&mut self, key: String, source: &mut dyn Source) -> Result<(), Failed> {
        if self.contains_key(&key) {
            return Err(source.refuse(&format_args!("duplicate field `{key}`")));
        }
        self.insert(key, T::read(source)?);
        Ok(())
    }
}
