//! Scalars: text, numbers, durations and pointers, read from the source text and never from what
//! YAML guesses.

use std::time::Duration;

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::parse::{Kind, Node, Reading, Scalar, read_by_yaml};

use super::Spanned;
use super::read::{Read, wrong_kind};
use super::schema::{Book, Described, Schema};

/// Something that is written as one scalar.
pub(crate) trait FromScalar: Sized {
    /// What a diagnostic calls it, such as `a duration`.
    const EXPECTED: &'static str;

    /// What editors are told of it.
    fn describe_scalar() -> Schema;

    /// Reads the text; `place` is where it stands.
    fn from_scalar(scalar: &Scalar, place: &Place) -> Result<Self, Box<Diagnostic>>;
}

/// Reads a node that has to be a scalar.
pub(crate) fn read_scalar<T: FromScalar>(node: &Node, diagnostics: &mut Diagnostics) -> Option<T> {
    match &node.kind {
        Kind::Scalar(scalar) => match T::from_scalar(scalar, &node.place) {
            Ok(value) => Some(value),
            Err(diagnostic) => {
                diagnostics.push(*diagnostic);
                None
            }
        },
        Kind::Sequence(_) | Kind::Mapping(_) => wrong_kind(node, T::EXPECTED, diagnostics),
    }
}

/// Makes types readable that are written as one scalar.
macro_rules! scalars {
    ($($type:ty)*) => { $(
        impl $crate::document::schema::Described for $type {
            fn describe(
                _: &mut $crate::document::schema::Book,
            ) -> $crate::document::schema::Schema {
                <$type as $crate::document::scalars::FromScalar>::describe_scalar()
            }
        }

        impl $crate::document::read::Read for $type {
            fn read(
                node: &$crate::parse::Node,
                diagnostics: &mut $crate::diagnostics::Diagnostics,
            ) -> Option<Self> {
                $crate::document::scalars::read_scalar(node, diagnostics)
            }
        }
    )* };
}

pub(super) use scalars;

scalars! { String bool u16 u64 Numeral Duration Pointer }

fn refuse<T>(
    code: &'static str,
    place: &Place,
    message: String,
    help: &str,
) -> Result<T, Box<Diagnostic>> {
    Err(Box::new(Diagnostic::new(code, place, message).help(help)))
}

/// Text where text is expected: refused when it is unquoted and YAML 1.1 or 1.2 would read it as
/// something else.
impl FromScalar for String {
    const EXPECTED: &'static str = "a text";

    fn describe_scalar() -> Schema {
        Schema::text()
    }

    fn from_scalar(scalar: &Scalar, place: &Place) -> Result<Self, Box<Diagnostic>> {
        let reading = if scalar.plain {
            read_by_yaml(&scalar.text)
        } else {
            Reading::Text
        };
        if reading == Reading::Text {
            return Ok(scalar.text.clone());
        }
        let message = format!(
            "`{}` is {} for YAML, and a text is expected",
            scalar.text,
            reading.describe()
        );
        refuse(
            "E018",
            place,
            message,
            &format!("quote it: \"{}\"", scalar.text),
        )
    }
}

impl FromScalar for bool {
    const EXPECTED: &'static str = "`true` or `false`";

    fn describe_scalar() -> Schema {
        Schema::boolean()
    }

    fn from_scalar(scalar: &Scalar, place: &Place) -> Result<Self, Box<Diagnostic>> {
        match (scalar.text.as_str(), scalar.plain) {
            ("true", true) => Ok(true),
            ("false", true) => Ok(false),
            (text, _) => {
                let message = format!("expected `true` or `false`, found `{text}`");
                refuse(
                    "E025",
                    place,
                    message,
                    "write `true` or `false` without quotes",
                )
            }
        }
    }
}

/// A number that counts something: decimal digits, no sign, no leading zero.
impl FromScalar for u64 {
    const EXPECTED: &'static str = "a whole number";

    fn describe_scalar() -> Schema {
        Schema::integer(0, Self::MAX)
    }

    fn from_scalar(scalar: &Scalar, place: &Place) -> Result<Self, Box<Diagnostic>> {
        let text = scalar.text.as_str();
        match plain_digits(text).and_then(|digits| digits.parse().ok()) {
            Some(number) if scalar.plain => Ok(number),
            _ => {
                let message = format!("`{text}` is no whole number from 0 to {}", Self::MAX);
                refuse(
                    "E023",
                    place,
                    message,
                    "write decimal digits only, without quotes",
                )
            }
        }
    }
}

/// An HTTP status (RFC 9110, section 15: three digits, from 100 to 599).
impl FromScalar for u16 {
    const EXPECTED: &'static str = "an HTTP status";

    fn describe_scalar() -> Schema {
        Schema::integer(100, 599)
    }

    fn from_scalar(scalar: &Scalar, place: &Place) -> Result<Self, Box<Diagnostic>> {
        match plain_digits(&scalar.text).and_then(|digits| digits.parse().ok()) {
            Some(status @ 100..=599) if scalar.plain => Ok(status),
            _ => {
                let message = format!("`{}` is no HTTP status", scalar.text);
                refuse(
                    "E023",
                    place,
                    message,
                    "write a number from 100 to 599 without quotes",
                )
            }
        }
    }
}

/// Decimal digits without a leading zero, which YAML 1.1 would read as octal.
fn plain_digits(text: &str) -> Option<&str> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits && (text == "0" || !text.starts_with('0'))).then_some(text)
}

/// A number of the described API, as it is written: `-?digits[.digits]`, finite as a double and,
/// if it has no point, within 64 bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Numeral(pub(crate) String);

impl FromScalar for Numeral {
    const EXPECTED: &'static str = "a number";

    fn describe_scalar() -> Schema {
        Schema::number()
    }

    fn from_scalar(scalar: &Scalar, place: &Place) -> Result<Self, Box<Diagnostic>> {
        let text = scalar.text.as_str();
        if scalar.plain && is_numeral(text) {
            return Ok(Self(text.to_owned()));
        }
        let message = format!("`{text}` is no number that can be described");
        let help = "write decimal digits, perhaps with `-` before or `.` and digits behind, without quotes";
        refuse("E023", place, message, help)
    }
}

fn is_numeral(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let whole_fits = match fraction {
        Some(fraction) => {
            let written =
                !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
            written && text.parse::<f64>().is_ok_and(f64::is_finite)
        }
        None => text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok(),
    };
    let negative_zero =
        text.starts_with('-') && digits.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    plain_digits(whole).is_some() && whole_fits && !negative_zero
}

/// One integer and one unit: `ms s m h d`.
impl FromScalar for Duration {
    const EXPECTED: &'static str = "a duration";

    fn describe_scalar() -> Schema {
        // The digits of a hundred years in each unit; the reader counts exactly.
        let digits = [("ms", 12), ("s", 9), ("m", 7), ("h", 5), ("d", 4)];
        let ways = digits.map(|(unit, more)| format!("[1-9][0-9]{{0,{more}}}{unit}"));
        Schema::pattern(&format!("0(?:ms|[smhd])|{}", ways.join("|")))
    }

    fn from_scalar(scalar: &Scalar, place: &Place) -> Result<Self, Box<Diagnostic>> {
        parse_duration(&scalar.text).map_or_else(
            || {
                let message = format!("`{}` is no duration", scalar.text);
                refuse(
                    "E024",
                    place,
                    message,
                    "write one integer and one of `ms`, `s`, `m`, `h`, `d`, such as `30s`",
                )
            },
            Ok,
        )
    }
}

/// The duration, if the text is one and is not longer than a hundred years: deadlines are
/// computed from it and must not overflow.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    const LONGEST: u64 = 100 * 366 * 24 * 60 * 60 * 1_000;
    let end = text.bytes().position(|byte| !byte.is_ascii_digit())?;
    let (digits, unit) = text.split_at(end);
    let number: u64 = plain_digits(digits)?.parse().ok()?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60 * 1_000,
        "h" => 60 * 60 * 1_000,
        "d" => 24 * 60 * 60 * 1_000,
        _ => return None,
    };
    let total = number.checked_mul(millis)?;
    (total <= LONGEST).then(|| Duration::from_millis(total))
}

/// A JSON pointer (RFC 6901) that points below the top: `/data/items`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pointer(pub(crate) String);

impl FromScalar for Pointer {
    const EXPECTED: &'static str = "a pointer";

    fn describe_scalar() -> Schema {
        Schema::pattern("/(?:[^~]|~[01])*")
    }

    fn from_scalar(scalar: &Scalar, place: &Place) -> Result<Self, Box<Diagnostic>> {
        let text = &scalar.text;
        // RFC 6901, section 3: `~` stands only in `~0` and `~1`.
        let escapes = text
            .split('~')
            .skip(1)
            .all(|rest| rest.starts_with(['0', '1']));
        if text.starts_with('/') && escapes {
            return Ok(Self(text.clone()));
        }
        let message = format!("`{text}` is no pointer into an answer");
        refuse(
            "E027",
            place,
            message,
            "write a JSON pointer such as `/data/items`",
        )
    }
}

/// Data of the described API, whose type is known only later: a default, a constant, an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Literal {
    Scalar(Scalar),
    List(Vec<Spanned<Literal>>),
    Map(Vec<(Spanned<String>, Spanned<Literal>)>),
}

impl Spanned<Literal> {
    /// Whether it is an unquoted `null`.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Literal::Scalar(Scalar { text, plain: true }) if text == "null")
    }

    /// Reads it as the type that it turned out to have: `String`, `bool`, [`Numeral`] …
    pub(crate) fn read_as<T: FromScalar>(&self) -> Result<Spanned<T>, Box<Diagnostic>> {
        match &self.value {
            Literal::Scalar(scalar) => T::from_scalar(scalar, &self.place).map(|value| Spanned {
                value,
                place: self.place.clone(),
            }),
            Literal::List(_) | Literal::Map(_) => {
                let message = format!("expected {}, found a list or mapping", T::EXPECTED);
                refuse(
                    "E022",
                    &self.place,
                    message,
                    &format!("write {}", T::EXPECTED),
                )
            }
        }
    }
}

/// Whatever the API may have.
impl Described for Literal {
    fn describe(_: &mut Book) -> Schema {
        Schema::anything()
    }
}

impl Read for Literal {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        Some(match &node.kind {
            Kind::Scalar(scalar) => Self::Scalar(scalar.clone()),
            Kind::Sequence(_) => Self::List(Read::read(node, diagnostics)?),
            Kind::Mapping(entries) => {
                let mut map = Vec::with_capacity(entries.len());
                for (key, node) in entries {
                    let value = Read::read(node, diagnostics)?;
                    match String::from_scalar(&key.value, &key.place) {
                        Ok(name) => map.push((
                            Spanned {
                                value: name,
                                place: key.place.clone(),
                            },
                            value,
                        )),
                        Err(found) => diagnostics.push(*found),
                    }
                }
                Self::Map(map)
            }
        })
    }
}
