//! Datetimes of several forms: some APIs write one form here and another there.
//!
//! Assumes that no table reads seconds and milliseconds since 1970 by one format, because they look alike. Must not
//! allocate where all forms are texts.

use std::marker::PhantomData;

use jiff::Timestamp;

use super::{
    EpochMillis, EpochSeconds, Format, NaiveUtc, OffsetNoColon, Shown, Space, in_utc, parsed,
};
use crate::{
    record::{Failed, Out, Source, Write},
    value::{Decimal, Json, timestamp},
};

/// Reads either form and writes the first: `Forms<Rfc3339, Forms<Space, EpochSeconds>>`.
#[derive(Clone, Copy, Debug)]
pub struct Forms<A, B>(PhantomData<(A, B)>);

/// `2023-01-15T10:30:00Z`: the usual form, as one of several.
#[derive(Clone, Copy, Debug)]
pub enum Rfc3339 {}

/// A form of a moment, or several. Each reads as much as it does alone.
#[doc(hidden)]
pub trait Moment {
    /// It may be a number.
    const NUMBER: bool = false;

    /// The value of a string.
    fn of_text(_: &str) -> Option<Timestamp> {
        None
    }

    /// The value of a number, from its text.
    fn of_number(_: &str) -> Option<Timestamp> {
        None
    }
}

macro_rules! texts {
    ($($F:ident: $parse:ident;)*) => {$(
        impl Moment for $F {
            fn of_text(text: &str) -> Option<Timestamp> {
                $parse(text)
            }
        }
    )*};
}

texts! { Rfc3339: timestamp; OffsetNoColon: timestamp; NaiveUtc: in_utc; Space: in_utc; }

macro_rules! numbers {
    ($($F:ident: $unit:literal;)*) => {$(
        impl Moment for $F {
            const NUMBER: bool = true;

            fn of_number(text: &str) -> Option<Timestamp> {
                let nanos = text.parse::<Decimal>().ok()?.scaled($unit)?;
                Timestamp::from_nanosecond(nanos).ok()
            }
        }
    )*};
}

numbers! { EpochSeconds: 1_000_000_000; EpochMillis: 1_000_000; }

impl<A: Moment, B: Moment> Moment for Forms<A, B> {
    const NUMBER: bool = A::NUMBER || B::NUMBER;

    fn of_text(text: &str) -> Option<Timestamp> {
        A::of_text(text).or_else(|| B::of_text(text))
    }

    fn of_number(text: &str) -> Option<Timestamp> {
        A::of_number(text).or_else(|| B::of_number(text))
    }
}

const WANTED: &str = "a date and time in one of the forms of this API";

impl<A: Moment + Written, B: Moment> Format<Timestamp> for Forms<A, B> {
    fn read(source: &mut dyn Source) -> Result<Timestamp, Failed> {
        if !Self::NUMBER {
            return parsed(source, WANTED, Self::of_text);
        }
        let found = match source.json()? {
            Json::String(text) => Self::of_text(&text),
            Json::Number(number) => Self::of_number(&number.to_string()),
            Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
        };
        found.ok_or_else(|| {
            source.refuse(&format_args!("invalid value: another, expected {WANTED}"))
        })
    }

    fn write(value: &Timestamp, out: &mut Out) {
        A::write(value, out);
    }
}

/// How the first of several forms is written.
#[doc(hidden)]
pub trait Written {
    fn write(value: &Timestamp, out: &mut Out);
}

impl Written for Rfc3339 {
    fn write(value: &Timestamp, out: &mut Out) {
        Write::write(value, out);
    }
}

macro_rules! written {
    ($($F:ident)*) => {$(
        impl Written for $F {
            fn write(value: &Timestamp, out: &mut Out) {
                Shown::<$F, Timestamp>::new(value).write(out);
            }
        }
    )*};
}

written! { OffsetNoColon NaiveUtc Space EpochSeconds EpochMillis }
