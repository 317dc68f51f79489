//! Values that JSON or the standard library has no type for: exact decimals, identifiers, addresses, secrets, what this
//! version does not know; and the usual wire form of dates and times.
//!
//! A newtype here is valid from the moment it exists. Errors and `Debug` of secrets never show them.

mod base64;
mod decimal;
mod secret;
mod time;
mod unknown;
mod url;
mod uuid;
mod zone;

pub(crate) use self::time::{show_year, timestamp, utc};
pub use self::{
    base64::Base64,
    decimal::Decimal,
    secret::SecretString,
    unknown::{UnknownObject, UnknownValue},
    url::Url,
    uuid::Uuid,
    zone::UnknownZone,
};
pub use jiff::civil::{Date, DateTime, Time};
pub use jiff::{SignedDuration, Timestamp};

#[doc(hidden)]
pub use self::{
    unknown::{unknown_number, unknown_text},
    zone::zoned,
};

/// Any JSON value.
pub type Json = serde_json::Value;

/// `Read`, `Deserialize`, `Write`, `Param`, `Display` and `FromStr` of a newtype over a text.
macro_rules! text_value {
    ($T:ty, $wanted:literal, $parse:expr) => {
        impl crate::record::Read for $T {
            fn read(source: &mut dyn crate::record::Source) -> Result<$T, crate::record::Failed> {
                crate::format::parsed(source, $wanted, $parse)
            }
        }

        impl<'de> serde::Deserialize<'de> for $T {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$T, D::Error> {
                crate::record::from(deserializer)
            }
        }

        impl crate::record::Write for $T {
            fn write(&self, out: &mut crate::record::Out) {
                out.string(&self.to_string());
            }
        }

        impl crate::encode::Param for $T {
            fn show(&self, out: &mut String) -> Result<(), crate::encode::BadValue> {
                out.push_str(&self.to_string());
                Ok(())
            }
        }

        impl std::str::FromStr for $T {
            type Err = crate::encode::BadValue;

            fn from_str(text: &str) -> Result<$T, crate::encode::BadValue> {
                $parse(text).ok_or(crate::encode::BadValue::new(concat!(
                    "it must be ",
                    $wanted
                )))
            }
        }

        impl TryFrom<&str> for $T {
            type Error = crate::encode::BadValue;

            fn try_from(text: &str) -> Result<$T, crate::encode::BadValue> {
                text.parse()
            }
        }

        impl From<&$T> for $T {
            fn from(value: &$T) -> $T {
                value.clone()
            }
        }
    };
}
use text_value;
