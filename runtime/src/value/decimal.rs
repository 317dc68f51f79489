//! Decimal numbers as exact text.
//! Assumes that the text is a JSON number from the moment a value exists. Must not calculate or round, except where the
//! runtime asks for whole units, and must not grow beyond its longest text.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer};

use crate::{
    encode::{BadValue, Param},
    record::{Failed, Out, Read, Source, Write, from},
};

/// A number as its text, exact to the last digit; a JSON number on the wire, or a string where the description says so.
///
/// Two of them are equal when their texts are: `1.0` is not `1`.
///
/// ```
/// use etiquette_runtime::value::Decimal;
///
/// let price: Decimal = "19.90".parse()?;
/// assert_eq!(price.as_str(), "19.90");
/// assert!("1,5".parse::<Decimal>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal(Box<str>);

/// More digits than any quantity has; a longer number is a mistake or an attack.
const LONGEST: usize = 256;

impl Decimal {
    /// The text, in the form of a JSON number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest `f64`.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        // Each JSON number is one that Rust can parse.
        self.0.parse().unwrap_or(f64::NAN)
    }

    /// The number times `unit`, a power of ten, rounded towards negative infinity; `None` beyond 128 bits.
    pub(crate) fn scaled(&self, unit: i128) -> Option<i128> {
        let (mantissa, exponent) = self.0.split_once(['e', 'E']).unwrap_or((&self.0, "0"));
        let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: i128 = format!("{integer}{fraction}").parse().ok()?;
        let fraction = i32::try_from(fraction.len()).ok()?;
        let power = exponent.parse::<i32>().ok()?.checked_sub(fraction)?;
        // A zero has no size, whatever its exponent.
        if digits == 0 {
            return Some(0);
        }
        let scaled = digits.checked_mul(unit)?;
        match 10i128.checked_pow(power.unsigned_abs()) {
            Some(factor) if power >= 0 => scaled.checked_mul(factor),
            Some(factor) => Some(scaled.div_euclid(factor)),
            None if power < 0 => Some(if scaled < 0 { -1 } else { 0 }),
            None => None,
        }
    }
}

/// A JSON number (RFC 8259 §6).
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = text
        .split_once(['e', 'E'])
        .map_or((text, None), |(m, e)| (m, Some(e)));
    let (integer, fraction) = mantissa
        .split_once('.')
        .map_or((mantissa, None), |(i, f)| (i, Some(f)));
    let integer = integer.strip_prefix('-').unwrap_or(integer);
    text.len() <= LONGEST
        && digits(integer)
        && (integer == "0" || !integer.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent
            .is_none_or(|exponent| digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)))
}

impl FromStr for Decimal {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Decimal, BadValue> {
        if is_number(text) {
            Ok(Decimal(text.into()))
        } else {
            Err(BadValue::new(
                "it must be a decimal number of at most 256 characters",
            ))
        }
    }
}

impl TryFrom<&str> for Decimal {
    type Error = BadValue;

    fn try_from(text: &str) -> Result<Decimal, BadValue> {
        text.parse()
    }
}

macro_rules! from_integers {
    ($($t:ty),*) => {$(
        impl From<$t> for Decimal {
            fn from(value: $t) -> Decimal {
                Decimal(value.to_string().into())
            }
        }
    )*};
}

from_integers! { i32, u32, i64, u64 }

impl From<&Decimal> for Decimal {
    fn from(value: &Decimal) -> Decimal {
        value.clone()
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Read for Decimal {
    fn read(source: &mut dyn Source) -> Result<Decimal, Failed> {
        let text = source.raw()?;
        if is_number(&text) {
            return Ok(Decimal(text));
        }
        Err(source
            .refuse(&"invalid value: something else, expected a number of at most 256 characters"))
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        from(deserializer)
    }
}

impl Write for Decimal {
    fn write(&self, out: &mut Out) {
        out.json(&self.0);
    }
}

impl Param for Decimal {
    fn show(&self, out: &mut String) -> Result<(), BadValue> {
        out.push_str(&self.0);
        Ok(())
    }
}
