//! The places that a table's members are read into, one kind per word of the table.
//! Assumes that the source calls `fill` at most once for a slot, as a member that stands twice is refused. Must not
//! know JSON: what a text looks like is the source's.

use std::{collections::BTreeMap, fmt::Display, marker::PhantomData, str::FromStr};

use super::{
    Read,
    source::{Failed, Rest, Source, Table, Take},
};
use crate::format::Format;

/// The names of all members, as they stand on the wire.
pub type Keys = &'static [&'static str];

/// Where a member goes.
pub trait Slot {
    /// Reads it.
    fn fill(&mut self, source: &mut dyn Source) -> Result<(), Failed>;

    /// The answer should have had it.
    fn is_missing(&self) -> bool {
        false
    }
}

/// Reads an object whose unknown members nobody wants.
///
/// # Errors
///
/// A member stands twice, a required one is missing, or one does not fit.
pub fn object(
    source: &mut dyn Source,
    name: &'static str,
    keys: Keys,
    slots: &mut [&mut dyn Slot],
) -> Result<(), Failed> {
    source.object(Table {
        name,
        keys,
        slots,
        rest: &mut Nothing,
    })
}

/// Reads an object and gives `rest` what the table does not name.
///
/// # Errors
///
/// As [`object`].
pub fn object_with(
    source: &mut dyn Source,
    name: &'static str,
    keys: Keys,
    slots: &mut [&mut dyn Slot],
    rest: &mut dyn Rest,
) -> Result<(), Failed> {
    source.object(Table {
        name,
        keys,
        slots,
        rest,
    })
}

/// `required`
pub struct Required<T>(Option<T>);

impl<T> Required<T> {
    /// An empty one.
    pub const EMPTY: Required<T> = Required(None);

    /// The value, after `object` has succeeded.
    pub fn take(self) -> T {
        self.0
            .expect("`object` fails when a required slot is empty")
    }

    /// Fills it by hand.
    pub fn set(&mut self, value: T) {
        self.0 = Some(value);
    }
}

impl<T: Read> Slot for Required<T> {
    fn fill(&mut self, source: &mut dyn Source) -> Result<(), Failed> {
        self.0 = Some(T::read(source)?);
        Ok(())
    }

    fn is_missing(&self) -> bool {
        self.0.is_none()
    }
}

/// `optional`: absent and null are both `None`.
impl<T: Read> Slot for Option<T> {
    fn fill(&mut self, source: &mut dyn Source) -> Result<(), Failed> {
        source.nullable(self)
    }
}

/// `list`: absent and null are both empty.
impl<T: Read> Slot for Vec<T> {
    fn fill(&mut self, source: &mut dyn Source) -> Result<(), Failed> {
        source.nullable(&mut Items(self))
    }
}

struct Items<'a, T>(&'a mut Vec<T>);

impl<T: Read> Take for Items<'_, T> {
    fn take(&mut self, source: &mut dyn Source) -> Result<(), Failed> {
        source.list(self.0)
    }
}

/// `nulled`: required, and null is a value of its own.
pub struct NullIs<T> {
    value: Option<T>,
    null: T,
    missing: bool,
}

impl<T> NullIs<T> {
    /// Null means this.
    pub fn new(null: T) -> NullIs<T> {
        NullIs {
            value: None,
            null,
            missing: true,
        }
    }

    /// The value, after `object` has succeeded.
    pub fn take(self) -> T {
        self.value.unwrap_or(self.null)
    }
}

impl<T: Read> Slot for NullIs<T> {
    fn fill(&mut self, source: &mut dyn Source) -> Result<(), Failed> {
        self.missing = false;
        source.nullable(&mut self.value)
    }

    fn is_missing(&self) -> bool {
        self.missing
    }
}

/// `optional` with a value for null: absent is `None`, and null is a value of its own.
pub struct OrNull<T> {
    value: Option<T>,
    null: Option<T>,
}

impl<T> OrNull<T> {
    /// Null means this.
    pub fn new(null: T) -> OrNull<T> {
        OrNull {
            value: None,
            null: Some(null),
        }
    }

    /// The value, if the member was there.
    pub fn take(self) -> Option<T> {
        self.value
    }
}

impl<T: Read> Slot for OrNull<T> {
    fn fill(&mut self, source: &mut dyn Source) -> Result<(), Failed> {
        source.nullable(&mut self.value)?;
        if self.value.is_none() {
            self.value = self.null.take();
        }
        Ok(())
    }
}

/// `hollow`: absent, null and an object of nothing but nulls are `None`.
pub struct Hollow<T>(Option<T>);

impl<T> Hollow<T> {
    /// An empty one.
    pub const EMPTY: Hollow<T> = Hollow(None);

    /// The value, if there is one.
    pub fn take(self) -> Option<T> {
        self.0
    }
}

impl<T: Read> Slot for Hollow<T> {
    fn fill(&mut self, source: &mut dyn Source) -> Result<(), Failed> {
        self.0 = super::unions::unless_hollow(source)?;
        Ok(())
    }
}

/// A value in a wire format.
pub struct Shaped<F, T>(T, PhantomData<F>);

impl<F, T> Shaped<F, T> {
    /// The value.
    pub fn into_inner(self) -> T {
        self.0
    }

    /// Out of a required slot.
    pub fn required(slot: Required<Shaped<F, T>>) -> T {
        slot.take().0
    }

    /// Out of an optional slot.
    pub fn optional(slot: Option<Shaped<F, T>>) -> Option<T> {
        slot.map(|shaped| shaped.0)
    }

    /// Out of a slot for a list.
    pub fn list(slot: Vec<Shaped<F, T>>) -> Vec<T> {
        slot.into_iter().map(|shaped| shaped.0).collect()
    }

    /// Out of a slot where null is a value.
    pub fn nulled(slot: NullIs<Shaped<F, T>>) -> T {
        slot.take().0
    }

    /// As if it had been read.
    pub fn new(value: T) -> Shaped<F, T> {
        Shaped(value, PhantomData)
    }
}

impl<F: Format<T>, T> Read for Shaped<F, T> {
    fn read(source: &mut dyn Source) -> Result<Shaped<F, T>, Failed> {
        F::read(source).map(Shaped::new)
    }
}

/// Unknown members are skipped.
pub struct Nothing;

impl Rest for Nothing {
    fn wants(&self) -> bool {
        false
    }

    fn member(&mut self, _: String, source: &mut dyn Source) -> Result<(), Failed> {
        source.skip()
    }
}

/// Members that are named by a prefix and a key; what is not one of them goes on.
pub struct Dynamic<'a, K, V> {
    prefix: &'static str,
    members: &'a mut BTreeMap<K, V>,
    rest: &'a mut dyn Rest,
}

impl<'a, K, V> Dynamic<'a, K, V> {
    /// `extra` gets the others.
    pub fn with(
        prefix: &'static str,
        members: &'a mut BTreeMap<K, V>,
        extra: &'a mut dyn Rest,
    ) -> Self {
        Dynamic {
            prefix,
            members,
            rest: extra,
        }
    }
}

impl<K: FromStr + Display + Ord, V: Read> Rest for Dynamic<'_, K, V> {
    fn member(&mut self, key: String, source: &mut dyn Source) -> Result<(), Failed> {
        // Only the usual form of a key is one: `field7`, not `field07` or `field+7`, so that it is written back as it came.
        let parsed = key
            .strip_prefix(self.prefix)
            .filter(|rest| !rest.is_empty())
            .and_then(|rest| {
                rest.parse::<K>()
                    .ok()
                    .filter(|parsed| parsed.to_string() == rest)
            });
        match parsed {
            None if self.rest.wants() => self.rest.member(key, source),
            None => source.skip(),
            Some(parsed) if self.members.contains_key(&parsed) => {
                Err(source.refuse(&format_args!("duplicate field `{key}`")))
            }
            Some(parsed) => {
                self.members.insert(parsed, V::read(source)?);
                Ok(())
            }
        }
    }
}

/// The argument of a setter of a list.
pub fn collect<T>(items: impl IntoIterator<Item = impl Into<T>>) -> Vec<T> {
    items.into_iter().map(Into::into).collect()
}
