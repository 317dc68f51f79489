//! A value that is about to be read: serde's deserializer behind an object-safe trait.
//!
//! Each [`Source`] gives one value once. Its methods keep serde's own error and return [`Failed`], so that the code of a
//! model carries no error type; [`from`] hands the error back to serde.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor,
};

use super::{Read, slots::Slot};
use crate::{decode::Skip, value::Json};

/// Reading failed; the source keeps the reason.
#[derive(Debug)]
pub struct Failed(());

/// One value that can be read once.
pub trait Source {
    /// A string.
    fn string(&mut self) -> Result<String, Failed>;
    /// An integer without a fraction.
    fn i64(&mut self) -> Result<i64, Failed>;
    /// An integer that is not negative.
    fn u64(&mut self) -> Result<u64, Failed>;
    /// A number.
    fn f64(&mut self) -> Result<f64, Failed>;
    /// `true` or `false`.
    fn bool(&mut self) -> Result<bool, Failed>;
    /// Anything.
    fn json(&mut self) -> Result<Json, Failed>;
    /// The text of a value as it stands; JSON only.
    fn raw(&mut self) -> Result<Box<str>, Failed>;
    /// A string that `take` understands; `wanted` says what it should have been.
    fn text(
        &mut self,
        wanted: &'static str,
        take: &mut dyn FnMut(&str) -> bool,
    ) -> Result<(), Failed>;
    /// A value that `take` reads, or null.
    fn nullable(&mut self, take: &mut dyn Take) -> Result<(), Failed>;
    /// A list; `take` reads its items one by one.
    fn list(&mut self, take: &mut dyn Take) -> Result<(), Failed>;
    /// An object.
    fn object(&mut self, table: Table<'_, '_>) -> Result<(), Failed>;
    /// Any value, which nobody wants.
    fn skip(&mut self) -> Result<(), Failed>;
    /// Makes a reason of our own. It must not repeat a value.
    fn refuse(&mut self, reason: &dyn fmt::Display) -> Failed;
}

/// Takes one value from a source.
#[doc(hidden)]
pub trait Take {
    fn take(&mut self, source: &mut dyn Source) -> Result<(), Failed>;
}

/// What becomes of members that the table does not name.
#[doc(hidden)]
pub trait Rest {
    /// `false`: their names need not be kept.
    fn wants(&self) -> bool {
        true
    }

    fn member(&mut self, key: String, source: &mut dyn Source) -> Result<(), Failed>;
}

/// What an object may hold.
#[doc(hidden)]
pub struct Table<'a, 'b> {
    pub name: &'static str,
    pub keys: &'static [&'static str],
    /// One for each key.
    pub slots: &'a mut [&'b mut dyn Slot],
    pub rest: &'a mut dyn Rest,
}

/// Reads a value with serde.
#[doc(hidden)]
pub fn from<'de, T: Read, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    drive(deserializer, |source| T::read(source))
}

/// Runs code of ours over a deserializer and gives serde its error back.
fn drive<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    read: impl FnOnce(&mut dyn Source) -> Result<T, Failed>,
) -> Result<T, D::Error> {
    let mut holder = Holder {
        deserializer: Some(deserializer),
        error: None,
    };
    read(&mut holder).map_err(|Failed(())| {
        holder
            .error
            .unwrap_or_else(|| D::Error::custom("it cannot be read"))
    })
}

struct Holder<D, E> {
    deserializer: Option<D>,
    error: Option<E>,
}

impl<'de, D: Deserializer<'de>> Holder<D, D::Error> {
    fn run<T>(&mut self, read: impl FnOnce(D) -> Result<T, D::Error>) -> Result<T, Failed> {
        let Some(deserializer) = self.deserializer.take() else {
            return Err(self.refuse(&"a value was read twice"));
        };
        read(deserializer).map_err(|error| {
            self.error = Some(error);
            Failed(())
        })
    }
}

impl<'de, D: Deserializer<'de>> Source for Holder<D, D::Error> {
    fn string(&mut self) -> Result<String, Failed> {
        self.run(String::deserialize)
    }

    fn i64(&mut self) -> Result<i64, Failed> {
        self.run(i64::deserialize)
    }

    fn u64(&mut self) -> Result<u64, Failed> {
        self.run(u64::deserialize)
    }

    fn f64(&mut self) -> Result<f64, Failed> {
        self.run(f64::deserialize)
    }

    fn bool(&mut self) -> Result<bool, Failed> {
        self.run(bool::deserialize)
    }

    fn json(&mut self) -> Result<Json, Failed> {
        self.run(Json::deserialize)
    }

    fn raw(&mut self) -> Result<Box<str>, Failed> {
        let raw = self.run(Box::<serde_json::value::RawValue>::deserialize)?;
        Ok(raw.into())
    }

    fn text(
        &mut self,
        wanted: &'static str,
        take: &mut dyn FnMut(&str) -> bool,
    ) -> Result<(), Failed> {
        self.run(|deserializer| deserializer.deserialize_str(Text(wanted, take)))
    }

    fn nullable(&mut self, take: &mut dyn Take) -> Result<(), Failed> {
        self.run(|deserializer| deserializer.deserialize_option(Nullable(take)))
    }

    fn list(&mut self, take: &mut dyn Take) -> Result<(), Failed> {
        self.run(|deserializer| deserializer.deserialize_seq(List(take)))
    }

    fn object(&mut self, table: Table<'_, '_>) -> Result<(), Failed> {
        self.run(|deserializer| deserializer.deserialize_map(table))
    }

    fn skip(&mut self) -> Result<(), Failed> {
        self.run(Skip::deserialize).map(|_| ())
    }

    fn refuse(&mut self, reason: &dyn fmt::Display) -> Failed {
        self.error = Some(D::Error::custom(reason));
        Failed(())
    }
}

/// Where a value goes.
enum Seed<'a> {
    Take(&'a mut dyn Take),
    Slot(&'a mut dyn Slot),
    Rest(String, &'a mut dyn Rest),
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        drive(deserializer, |source| match self {
            Seed::Take(take) => take.take(source),
            Seed::Slot(slot) => slot.fill(source),
            Seed::Rest(key, rest) => rest.member(key, source),
        })
    }
}

struct Text<'a>(&'static str, &'a mut dyn FnMut(&str) -> bool);

impl Visitor<'_> for Text<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        if (self.1)(text) {
            Ok(())
        } else {
            Err(E::invalid_value(Unexpected::Other("another text"), &self.0))
        }
    }
}

struct Nullable<'a>(&'a mut dyn Take);

impl<'de> Visitor<'de> for Nullable<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        Seed::Take(self.0).deserialize(deserializer)
    }
}

struct List<'a>(&'a mut dyn Take);

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Seed::Take(&mut *self.0))?.is_some() {}
        Ok(())
    }
}

impl<'de> Visitor<'de> for Table<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut seen = Seen::default();
        let mut at = 0;
        let keeps = self.rest.wants();
        while let Some(key) = members.next_key_seed(Key {
            keys: self.keys,
            at,
            keeps,
        })? {
            match key {
                Member::Known(known) => {
                    if seen.again(known) {
                        return Err(A::Error::duplicate_field(self.keys[known]));
                    }
                    members.next_value_seed(Seed::Slot(&mut *self.slots[known]))?;
                    at = known + 1;
                }
                Member::Other(key) => members.next_value_seed(Seed::Rest(key, &mut *self.rest))?,
                Member::Unwanted => {
                    members.next_value::<Skip>()?;
                }
            }
        }
        match self.slots.iter().position(|slot| slot.is_missing()) {
            Some(missing) => Err(A::Error::missing_field(self.keys[missing])),
            None => Ok(()),
        }
    }
}

/// The members that were there: bits for the first 128, a list beyond.
#[derive(Default)]
struct Seen {
    bits: u128,
    beyond: Vec<usize>,
}

impl Seen {
    fn again(&mut self, member: usize) -> bool {
        if member >= 128 {
            let again = self.beyond.contains(&member);
            self.beyond.push(member);
            return again;
        }
        let bit = 1 << member;
        let again = self.bits & bit != 0;
        self.bits |= bit;
        again
    }
}

enum Member {
    Known(usize),
    Other(String),
    Unwanted,
}

/// Looks first at the key after the last one: servers write members in order.
struct Key {
    keys: &'static [&'static str],
    at: usize,
    keeps: bool,
}

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Member;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Member, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Member, E> {
        if self.keys.get(self.at) == Some(&key) {
            return Ok(Member::Known(self.at));
        }
        Ok(match self.keys.iter().position(|known| *known == key) {
            Some(known) => Member::Known(known),
            None if self.keeps => Member::Other(key.to_owned()),
            None => Member::Unwanted,
        })
    }
}
