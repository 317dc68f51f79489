//! Bodies: values that write themselves as JSON into one growing text.
//!
//! [`Write`] is object safe, so that one function writes the members of every model. It cannot fail; what JSON has no
//! form for (NaN, a year before 0) is remembered by [`Out`] and told at the end.

use std::{collections::BTreeMap, fmt};

use crate::{encode::BadValue, patch::Patch, value::Json};

/// Writes itself as JSON.
pub trait Write {
    /// Adds its text.
    fn write(&self, out: &mut Out);

    /// It may be left out of an object: `None`, an empty list, [`Patch::Absent`].
    fn is_absent(&self) -> bool {
        false
    }
}

/// One member of an object: its name, its value, and whether it is left out when it is absent.
#[doc(hidden)]
pub type Rows<'a> = &'a [(&'static str, &'a dyn Write, bool)];

/// A JSON text in the making.
#[derive(Debug, Default)]
pub struct Out {
    text: Vec<u8>,
    bad: Option<BadValue>,
    /// Of the union around the object that comes next.
    tags: Vec<(&'static str, &'static str)>,
    /// The types with a limit whose values stand open.
    open: Vec<&'static str>,
}

impl Out {
    /// An empty one.
    #[must_use]
    pub fn new() -> Out {
        Out::default()
    }

    /// The text.
    ///
    /// # Errors
    ///
    /// A value has no form in JSON or on this wire; the error names the place.
    pub fn finish(self) -> Result<Vec<u8>, BadValue> {
        match self.bad {
            Some(bad) => Err(bad),
            None => Ok(self.text),
        }
    }

    /// Adds a text that is JSON already.
    pub fn json(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    /// Adds a string.
    pub fn string(&mut self, text: &str) {
        self.value(text);
    }

    /// Adds null and remembers that something cannot be written.
    pub fn refuse(&mut self, bad: BadValue) {
        self.json("null");
        self.bad.get_or_insert(bad);
    }

    /// Adds a list.
    pub fn list(&mut self, items: &mut dyn Iterator<Item = &dyn Write>) {
        self.text.push(b'[');
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.text.push(b',');
            }
            self.element(&index, item);
        }
        self.text.push(b']');
    }

    /// A value of a type begins whose values nest no deeper than this.
    #[doc(hidden)]
    pub fn descend(&mut self, name: &'static str, most: usize) {
        self.open.push(name);
        if self.open.iter().filter(|open| **open == name).count() > most && self.bad.is_none() {
            self.bad = Some(BadValue::new("it is nested deeper than the API takes"));
        }
    }

    /// It ended.
    #[doc(hidden)]
    pub fn ascend(&mut self, _: usize) {
        self.open.pop();
    }

    /// Remembers that a group has no member, where one must be given.
    #[doc(hidden)]
    pub fn one_of(&mut self, group: &[(&'static str, &dyn Write)]) {
        if group.iter().all(|(_, value)| value.is_absent()) && self.bad.is_none() {
            let names = group
                .iter()
                .map(|(name, _)| *name)
                .collect::<Vec<_>>()
                .join(" or ");
            let mut bad = BadValue::new("one of these members must be given");
            bad.inside(&names);
            self.bad = Some(bad);
        }
    }

    /// Adds an object: rows, and members whose names are data.
    #[doc(hidden)]
    pub fn object(&mut self, rows: Rows<'_>, more: &[&dyn Scattered]) {
        self.text.push(b'{');
        let mut first = true;
        let tags = std::mem::take(&mut self.tags);
        for (key, value) in &tags {
            self.member(&mut first, key, value);
        }
        let is_tag = |key: &str| tags.iter().any(|(tag, _)| *tag == key);
        for (key, value, may_be_absent) in rows {
            if !(*may_be_absent && value.is_absent() || is_tag(key)) {
                self.member(&mut first, key, *value);
            }
        }
        for members in more {
            members.each(&mut |key, value| {
                // A kept member never stands beside a named one of the same name (RFC 8259 §4).
                if !is_tag(key) && !rows.iter().any(|(known, ..)| *known == key) {
                    self.member(&mut first, key, value);
                }
            });
        }
        self.text.push(b'}');
    }

    /// Adds an object whose first member is a union's tag.
    #[doc(hidden)]
    pub fn tagged(&mut self, tag: &'static str, name: &'static str, value: &dyn Write) {
        self.tags.push((tag, name));
        value.write(self);
        self.tags.clear();
    }

    fn member(&mut self, first: &mut bool, key: &str, value: &dyn Write) {
        if !std::mem::take(first) {
            self.text.push(b',');
        }
        self.value(key);
        self.text.push(b':');
        self.element(&key, value);
    }

    fn element(&mut self, key: &dyn fmt::Display, value: &dyn Write) {
        let was_good = self.bad.is_none();
        value.write(self);
        if let Some(bad) = self.bad.as_mut().filter(|_| was_good) {
            bad.inside(&key.to_string());
        }
    }

    fn value(&mut self, value: &(impl serde::Serialize + ?Sized)) {
        serde_json::to_writer(&mut self.text, value)
            .expect("texts and numbers can be written, and a vector takes all bytes");
    }
}

/// Members whose names are data.
#[doc(hidden)]
pub trait Scattered {
    fn each(&self, member: &mut dyn FnMut(&str, &dyn Write));
}

impl<T: Write> Scattered for BTreeMap<String, T> {
    fn each(&self, member: &mut dyn FnMut(&str, &dyn Write)) {
        for (key, value) in self {
            member(key, value);
        }
    }
}

/// Members that are named by a prefix and a key.
#[doc(hidden)]
pub struct Prefixed<'a, K, V>(pub &'static str, pub &'a BTreeMap<K, V>);

impl<K: fmt::Display, V: Write> Scattered for Prefixed<'_, K, V> {
    fn each(&self, member: &mut dyn FnMut(&str, &dyn Write)) {
        for (key, value) in self.1 {
            member(&format!("{}{key}", self.0), value);
        }
    }
}

/// A JSON text that is always sent.
#[doc(hidden)]
pub struct Constant(pub &'static str);

impl Write for Constant {
    fn write(&self, out: &mut Out) {
        out.json(self.0);
    }
}

macro_rules! plain {
    ($($t:ty),*) => {$(
        impl Write for $t {
            fn write(&self, out: &mut Out) {
                out.value(self);
            }
        }
    )*};
}

plain! { str, String, bool, i64, u64, Json }

impl Write for f64 {
    /// NaN and the infinities have no form in JSON (RFC 8259 §6).
    fn write(&self, out: &mut Out) {
        if self.is_finite() {
            out.value(self);
        } else {
            out.refuse(BadValue::NOT_FINITE);
        }
    }
}

impl<T: Write + ?Sized> Write for &T {
    fn write(&self, out: &mut Out) {
        (**self).write(out);
    }

    fn is_absent(&self) -> bool {
        (**self).is_absent()
    }
}

impl<T: Write + ?Sized> Write for Box<T> {
    fn write(&self, out: &mut Out) {
        (**self).write(out);
    }

    fn is_absent(&self) -> bool {
        (**self).is_absent()
    }
}

impl<T: Write> Write for Option<T> {
    fn write(&self, out: &mut Out) {
        match self {
            Some(value) => value.write(out),
            None => out.json("null"),
        }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Write> Write for Patch<T> {
    fn write(&self, out: &mut Out) {
        self.value().write(out);
    }

    fn is_absent(&self) -> bool {
        matches!(self, Patch::Absent)
    }
}

impl<T: Write> Write for [T] {
    fn write(&self, out: &mut Out) {
        out.list(&mut self.iter().map(|item| item as &dyn Write));
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Write> Write for Vec<T> {
    fn write(&self, out: &mut Out) {
        self.as_slice().write(out);
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Write> Write for BTreeMap<String, T> {
    fn write(&self, out: &mut Out) {
        out.object(&[], &[self]);
    }
}
