//! Values that a description holds for its fields: defaults, examples and bounds.
//!
//! They are texts for people, and each has to be a value of its field's type, because the
//! documentation says so. Constants, which are sent, were read as their type already.

use std::cmp::Ordering;

use crate::model::{Field, Ty, TypeKind};

use super::reach::Types;

/// What a value turned out to be wrong about.
pub(super) type Refused = String;

/// Whether a text for people is a value of the type.
pub(super) fn check_text(types: &Types<'_>, ty: &Ty, text: &str) -> Result<(), Refused> {
    let text = unquote(text);
    match ty {
        Ty::String | Ty::Secret | Ty::Json | Ty::Bytes | Ty::Url | Ty::File => Ok(()),
        // Their forms depend on `format`, and the server decides what it takes.
        Ty::Timestamp | Ty::CivilDateTime | Ty::Date | Ty::Time | Ty::Duration => Ok(()),
        Ty::List(_) | Ty::Map(_) => Ok(()),
        Ty::Int => require(
            text.parse::<i64>().is_ok(),
            text,
            "a whole number of 64 bits",
        ),
        Ty::Uint => require(
            text.parse::<u64>().is_ok(),
            text,
            "a whole number of 64 bits without a sign",
        ),
        Ty::Float => require(
            text.parse::<f64>().is_ok_and(f64::is_finite),
            text,
            "a finite number",
        ),
        Ty::Decimal => require(is_decimal(text), text, "a decimal number"),
        Ty::Bool => require(matches!(text, "true" | "false"), text, "`true` or `false`"),
        Ty::Uuid => require(is_uuid(text), text, "a UUID"),
        Ty::Nullable(_) if text == "null" => Ok(()),
        Ty::Nullable(inner) => check_text(types, inner, text),
        Ty::Item(item) | Ty::Boxed(item) => match types.find(item).map(|found| &found.kind) {
            Some(TypeKind::Enum(words)) => {
                let known = words.values.iter().any(|value| value.name.wire == text);
                require(known, text, "a value of the enum")
            }
            Some(TypeKind::Alias(alias)) => check_text(types, &alias.inner, text),
            Some(TypeKind::Object(_) | TypeKind::Union(_)) | None => Ok(()),
        },
    }
}

fn require(holds: bool, text: &str, what: &str) -> Result<(), Refused> {
    if holds {
        Ok(())
    } else {
        Err(format!("`{}` is not {what}", text.escape_debug()))
    }
}

/// The value that a text for people stands for: lowering writes an empty one in words.
fn unquote(text: &str) -> &str {
    if text == "an empty text" {
        return "";
    }
    let inside = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inside.unwrap_or(text)
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}

/// RFC 9562, section 4: 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// What `min` and `max` of a type bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// The value itself.
    Value,
    /// The number of characters or elements.
    Count,
    /// Nothing that could be compared.
    Nothing,
}

pub(super) fn measure(types: &Types<'_>, ty: &Ty) -> Measure {
    match ty {
        Ty::Int | Ty::Uint | Ty::Float | Ty::Decimal => Measure::Value,
        Ty::String | Ty::Secret | Ty::Url | Ty::Bytes | Ty::List(_) | Ty::Map(_) => Measure::Count,
        Ty::Nullable(inner) => measure(types, inner),
        Ty::Item(item) | Ty::Boxed(item) => match types.find(item).map(|found| &found.kind) {
            Some(TypeKind::Alias(alias)) => measure(types, &alias.inner),
            Some(TypeKind::Enum(_) | TypeKind::Object(_) | TypeKind::Union(_)) | None => {
                Measure::Nothing
            }
        },
        Ty::Bool
        | Ty::Timestamp
        | Ty::CivilDateTime
        | Ty::Date
        | Ty::Time
        | Ty::Duration
        | Ty::Uuid
        | Ty::Json
        | Ty::File => Measure::Nothing,
    }
}

/// Compares two decimal numbers exactly where they are whole.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    match (a.parse::<i128>(), b.parse::<i128>()) {
        (Ok(a), Ok(b)) => Some(a.cmp(&b)),
        _ => a.parse::<f64>().ok()?.partial_cmp(&b.parse::<f64>().ok()?),
    }
}

/// Whether a default or example keeps its field's bounds; the bound that it does not keep.
pub(super) fn broken_bound<'f>(
    types: &Types<'_>,
    field: &'f Field,
    text: &str,
) -> Option<(&'static str, &'f str)> {
    let text = unquote(text);
    let measured = match measure(types, &field.ty) {
        Measure::Value => text.to_owned(),
        // What a list looks like as a text for people is not for counting.
        Measure::Count if matches!(field.ty, Ty::List(_) | Ty::Map(_) | Ty::Bytes) => return None,
        Measure::Count => text.chars().count().to_string(),
        Measure::Nothing => return None,
    };
    let breaks = |bound: &str, way: Ordering| compare(&measured, bound) == Some(way);
    let least = field
        .min
        .as_deref()
        .filter(|min| breaks(min, Ordering::Less))
        .map(|min| ("min", min));
    least.or_else(|| {
        field
            .max
            .as_deref()
            .filter(|max| breaks(max, Ordering::Greater))
            .map(|max| ("max", max))
    })
}
