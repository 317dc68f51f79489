//! Wire formats: how a value looks where JSON's own form, or the type's usual one, is not meant.
//!
//! A table names one after `as`: `required created_at: Timestamp as EpochSeconds`. A format that fits `T` fits `Option<T>`,
//! `Vec<T>`, `BTreeMap<String, T>` and `Patch<T>` too. The usual forms of dates and times are in `value`.

mod several;

use std::{collections::BTreeMap, fmt::Write as _, marker::PhantomData};

use jiff::{SignedDuration, Timestamp, civil::DateTime};

use crate::{
    encode::{BadValue, Param},
    patch::Patch,
    record::{Failed, Out, Read, Shaped, Source, Write},
    value::{Decimal, show_year, utc},
};

pub use several::{Forms, Rfc3339};

/// How a `T` is read and written.
pub trait Format<T> {
    /// Reads one.
    ///
    /// # Errors
    ///
    /// Another form stands there; the source keeps the reason.
    fn read(source: &mut dyn Source) -> Result<T, Failed>;

    /// Writes one.
    fn write(value: &T, out: &mut Out);

    /// It may be left out.
    fn is_absent(_: &T) -> bool {
        false
    }
}

/// A format of single values, which can be parameters too.
pub trait Scalar<T>: Format<T> {
    /// Adds the text without quotes.
    ///
    /// # Errors
    ///
    /// The format cannot say this value.
    fn text(value: &T, out: &mut String) -> Result<(), BadValue>;
}

/// A value together with its format, to be sent.
#[derive(Debug)]
pub struct Shown<'a, F, T>(&'a T, PhantomData<F>);

impl<'a, F, T> Shown<'a, F, T> {
    /// Borrows the value.
    pub fn new(value: &'a T) -> Shown<'a, F, T> {
        Shown(value, PhantomData)
    }
}

impl<F: Format<T>, T> Write for Shown<'_, F, T> {
    fn write(&self, out: &mut Out) {
        F::write(self.0, out);
    }

    fn is_absent(&self) -> bool {
        F::is_absent(self.0)
    }
}

impl<F: Scalar<T>, T> Param for Shown<'_, F, T> {
    fn show(&self, out: &mut String) -> Result<(), BadValue> {
        F::text(self.0, out)
    }
}

impl<F: Format<T>, T> Format<Option<T>> for F {
    fn read(source: &mut dyn Source) -> Result<Option<T>, Failed> {
        <Option<Shaped<F, T>> as Read>::read(source).map(Shaped::optional)
    }

    fn write(value: &Option<T>, out: &mut Out) {
        value.as_ref().map(Shown::<F, T>::new).write(out);
    }

    fn is_absent(value: &Option<T>) -> bool {
        value.is_none()
    }
}

impl<F: Format<T>, T> Format<Vec<T>> for F {
    fn read(source: &mut dyn Source) -> Result<Vec<T>, Failed> {
        <Vec<Shaped<F, T>> as Read>::read(source).map(Shaped::list)
    }

    fn write(value: &Vec<T>, out: &mut Out) {
        let items: Vec<Shown<'_, F, T>> = value.iter().map(Shown::new).collect();
        items.write(out);
    }

    fn is_absent(value: &Vec<T>) -> bool {
        value.is_empty()
    }
}

impl<F: Format<T>, T> Format<BTreeMap<String, T>> for F {
    fn read(source: &mut dyn Source) -> Result<BTreeMap<String, T>, Failed> {
        let members = <BTreeMap<String, Shaped<F, T>> as Read>::read(source)?;
        Ok(members
            .into_iter()
            .map(|(key, value)| (key, value.into_inner()))
            .collect())
    }

    fn write(value: &BTreeMap<String, T>, out: &mut Out) {
        let members: BTreeMap<String, Shown<'_, F, T>> = value
            .iter()
            .map(|(key, value)| (key.clone(), Shown::new(value)))
            .collect();
        members.write(out);
    }
}

impl<F: Format<T>, T> Format<Patch<T>> for F {
    fn read(source: &mut dyn Source) -> Result<Patch<T>, Failed> {
        <F as Format<Option<T>>>::read(source).map(Patch::from)
    }

    fn write(value: &Patch<T>, out: &mut Out) {
        value.value().map(Shown::<F, T>::new).write(out);
    }

    fn is_absent(value: &Patch<T>) -> bool {
        value.is_absent()
    }
}

macro_rules! formats {
    ($($(#[$doc:meta])* $F:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $F {}

        impl $F {
            /// The value in this form, as a parameter.
            pub fn show<T>(value: &T) -> Shown<'_, $F, T>
            where
                $F: Scalar<T>,
            {
                Shown::new(value)
            }
        }
    )*};
}

formats! {
    /// A number inside a string: `"12"`.
    Text;
    /// Seconds since 1970, a number. Fractions are read and, when written, dropped.
    EpochSeconds;
    /// Milliseconds since 1970, a number. Fractions are read and, when written, dropped.
    EpochMillis;
    /// `2023-01-15T10:30:00`, no zone.
    Naive;
    /// `2023-01-15T10:30:00`, meant as UTC.
    NaiveUtc;
    /// `2023-01-15 10:30:00`, meant as UTC.
    Space;
    /// `2023-01-15T10:30:00+0000`; any offset is read.
    OffsetNoColon;
    /// A duration as a number of seconds.
    Seconds;
    /// A duration as a number of milliseconds. Fractions are read and, when written, dropped.
    Millis;
}

/// Formats over a string in quotes or over a number.
macro_rules! scalars {
    ($($F:ty, $T:ty, $quoted:literal: $read:expr, $text:expr;)*) => {$(
        impl Format<$T> for $F {
            fn read(source: &mut dyn Source) -> Result<$T, Failed> {
                $read(source)
            }

            fn write(value: &$T, out: &mut Out) {
                write_text(<$F as Scalar<$T>>::text, value, $quoted, out);
            }
        }

        impl Scalar<$T> for $F {
            fn text(value: &$T, out: &mut String) -> Result<(), BadValue> {
                $text(value, out)
            }
        }
    )*};
}

scalars! {
    Text, i64, true: |source| parsed(source, "an integer in a string", integer), |value: &i64, out| value.show(out);
    Text, u64, true: |source| parsed(source, "an integer in a string", integer), |value: &u64, out| value.show(out);
    Text, f64, true: |source| parsed(source, "a number in a string", finite), |value: &f64, out| value.show(out);
    Text, Decimal, true: |source| parsed(source, "a number in a string", |text| text.parse().ok()), |value: &Decimal, out| value.show(out);
    EpochSeconds, Timestamp, false: |source| instant(source, 1_000_000_000), |value: &Timestamp, out| floored(value, 1_000_000_000, out);
    EpochMillis, Timestamp, false: |source| instant(source, 1_000_000), |value: &Timestamp, out| floored(value, 1_000_000, out);
    Naive, DateTime, true: |source| parsed(source, "a date and time without a zone", naive), |value: &DateTime, out| civil(value, 'T', out);
    NaiveUtc, Timestamp, true: |source| parsed(source, "a date and time without a zone", in_utc), |value: &Timestamp, out| civil(&utc(value), 'T', out);
    Space, Timestamp, true: |source| parsed(source, "a date and time without a zone", in_utc), |value: &Timestamp, out| civil(&utc(value), ' ', out);
    OffsetNoColon, Timestamp, true: |source| parsed(source, "a date and time with an offset", crate::value::timestamp), with_offset;
    Seconds, SignedDuration, false: |source| length(source, 1_000_000_000), seconds;
    Millis, SignedDuration, false: |source| length(source, 1_000_000), |value: &SignedDuration, out: &mut String| whole(value.as_millis(), out);
}

/// Formats of a newtype over an integer; for `alias!`.
#[doc(hidden)]
pub fn read_integer<T: std::str::FromStr, U>(
    source: &mut dyn Source,
    wrap: fn(T) -> U,
) -> Result<U, Failed> {
    parsed(source, "an integer in a string", integer::<T>).map(wrap)
}

fn write_text<T>(
    text: fn(&T, &mut String) -> Result<(), BadValue>,
    value: &T,
    quoted: bool,
    out: &mut Out,
) {
    let mut shown = String::new();
    match text(value, &mut shown) {
        Err(bad) => out.refuse(bad),
        Ok(()) if quoted => out.string(&shown),
        Ok(()) => out.json(&shown),
    }
}

/// A string that `parse` understands.
pub(crate) fn parsed<T>(
    source: &mut dyn Source,
    wanted: &'static str,
    parse: fn(&str) -> Option<T>,
) -> Result<T, Failed> {
    let mut value = None;
    source.text(wanted, &mut |text| {
        value = parse(text);
        value.is_some()
    })?;
    value.ok_or_else(|| source.refuse(&wanted))
}

/// Digits with at most a minus before them: `FromStr` takes a plus too.
fn integer<T: std::str::FromStr>(text: &str) -> Option<T> {
    if text.starts_with('+') {
        None
    } else {
        text.parse().ok()
    }
}

fn finite(text: &str) -> Option<f64> {
    text.parse::<Decimal>()
        .ok()?
        .as_str()
        .parse()
        .ok()
        .filter(|value: &f64| value.is_finite())
}

fn naive(text: &str) -> Option<DateTime> {
    // jiff takes a date alone and zone names too; this form has neither.
    let is_plain = |byte: u8| byte.is_ascii_digit() || b"-:.,T ".contains(&byte);
    (text.len() >= 16 && text.as_bytes()[0].is_ascii_digit() && text.bytes().all(is_plain))
        .then(|| text.parse().ok())?
}

fn in_utc(text: &str) -> Option<Timestamp> {
    jiff::tz::Offset::UTC.to_timestamp(naive(text)?).ok()
}

fn civil(value: &DateTime, between: char, out: &mut String) -> Result<(), BadValue> {
    show_year(value.year())?;
    write!(out, "{}{between}{}", value.date(), value.time())
        .expect("a string takes all characters");
    Ok(())
}

fn with_offset(value: &Timestamp, out: &mut String) -> Result<(), BadValue> {
    civil(&utc(value), 'T', out)?;
    out.push_str("+0000");
    Ok(())
}

fn whole(value: i128, out: &mut String) -> Result<(), BadValue> {
    i64::try_from(value)
        .map_err(|_| BadValue::new("a number must fit into 64 bits"))?
        .show(out)
}

fn floored(value: &Timestamp, unit: i128, out: &mut String) -> Result<(), BadValue> {
    whole(value.as_nanosecond().div_euclid(unit), out)
}

fn seconds(value: &SignedDuration, out: &mut String) -> Result<(), BadValue> {
    let nanos = value.as_nanos();
    let sign = if nanos < 0 { "-" } else { "" };
    let text = format!(
        "{sign}{}.{:09}",
        nanos.unsigned_abs() / 1_000_000_000,
        nanos.unsigned_abs() % 1_000_000_000
    );
    out.push_str(text.trim_end_matches('0').trim_end_matches('.'));
    Ok(())
}

/// A number of units, in nanoseconds; exact, because it is read as text.
fn nanoseconds(source: &mut dyn Source, unit: i128) -> Result<i128, Failed> {
    let number = <Decimal as Read>::read(source)?;
    number.scaled(unit).ok_or_else(|| {
        source.refuse(
            &"invalid value: another number, expected a number of seconds or milliseconds in range",
        )
    })
}

fn instant(source: &mut dyn Source, unit: i128) -> Result<Timestamp, Failed> {
    let nanos = nanoseconds(source, unit)?;
    Timestamp::from_nanosecond(nanos).map_err(|_| {
        source.refuse(&"invalid value: another number, expected a time before the year 10000")
    })
}

fn length(source: &mut dyn Source, unit: i128) -> Result<SignedDuration, Failed> {
    let nanos = nanoseconds(source, unit)?;
    i64::try_from(nanos.div_euclid(1_000_000_000))
        .map(|seconds| {
            SignedDuration::new(
                seconds,
                i32::try_from(nanos.rem_euclid(1_000_000_000)).unwrap_or_default(),
            )
        })
        .map_err(|_| {
            source.refuse(&"invalid value: another number, expected a length of time in range")
        })
}
