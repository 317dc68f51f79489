//! Which values can be parameters, and how they look before they are encoded.
//! Assumes that its caller encodes what it gets for the place where it goes. Must not encode by itself, nor quote a
//! value in an error, since it may be secret.

use std::fmt::Write as _;

use super::BadValue;
use crate::{
    record::{Out, Write},
    value::SecretString,
};

/// A value for a path, a query or a header.
pub trait Param {
    /// Adds its text, not encoded.
    ///
    /// # Errors
    ///
    /// It has no text: NaN, for example.
    fn show(&self, out: &mut String) -> Result<(), BadValue>;
}

/// A `bool` as `1` or `0`.
#[derive(Clone, Copy, Debug)]
pub struct Digits(pub bool);

/// A value as JSON text.
#[derive(Clone, Copy, Debug)]
pub struct AsJson<'a, T: ?Sized>(pub &'a T);

impl Param for str {
    fn show(&self, out: &mut String) -> Result<(), BadValue> {
        out.push_str(self);
        Ok(())
    }
}

impl Param for String {
    fn show(&self, out: &mut String) -> Result<(), BadValue> {
        self.as_str().show(out)
    }
}

impl<T: Param + ?Sized> Param for &T {
    fn show(&self, out: &mut String) -> Result<(), BadValue> {
        (**self).show(out)
    }
}

macro_rules! displayed {
    ($($t:ty),*) => {$(
        impl Param for $t {
            fn show(&self, out: &mut String) -> Result<(), BadValue> {
                write!(out, "{self}").expect("a string takes all characters");
                Ok(())
            }
        }
    )*};
}

displayed! { bool, i32, i64, u16, u32, u64, usize }

/// NaN and the infinities are refused.
impl Param for f64 {
    fn show(&self, out: &mut String) -> Result<(), BadValue> {
        AsJson(self).show(out)
    }
}

impl Param for Digits {
    fn show(&self, out: &mut String) -> Result<(), BadValue> {
        out.push(if self.0 { '1' } else { '0' });
        Ok(())
    }
}

impl Param for SecretString {
    fn show(&self, out: &mut String) -> Result<(), BadValue> {
        self.expose_secret().show(out)
    }
}

impl<T: Write + ?Sized> Param for AsJson<'_, T> {
    fn show(&self, out: &mut String) -> Result<(), BadValue> {
        let mut json = Out::new();
        self.0.write(&mut json);
        let text =
            String::from_utf8(json.finish()?).map_err(|_| BadValue::new("a text must be UTF-8"))?;
        out.push_str(&text);
        Ok(())
    }
}
