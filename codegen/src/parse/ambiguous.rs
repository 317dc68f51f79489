//! What YAML 1.1 or 1.2 makes of an unquoted scalar.
//!
//! The answer covers every form that one of the two versions or a common parser takes for something
//! else than text, so it may be wider than each of them alone.

/// What a parser may read an unquoted scalar as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    Text,
    Null,
    Bool,
    Number,
    Date,
    Sexagesimal,
}

impl Reading {
    /// For a message: `… is a date`.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::Date => "a date",
            Self::Sexagesimal => "a number to the base of sixty",
        }
    }
}

/// What YAML may read this unquoted text as.
pub(crate) fn read_by_yaml(text: &str) -> Reading {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Reading::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "n" | "N" | "no" | "No" | "NO" | "true" | "True"
        | "TRUE" | "false" | "False" | "FALSE" | "on" | "On" | "ON" | "off" | "Off" | "OFF" => {
            return Reading::Bool;
        }
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if is_number(unsigned) {
        Reading::Number
    } else if is_sexagesimal(unsigned) {
        Reading::Sexagesimal
    } else if is_date(text) {
        Reading::Date
    } else {
        Reading::Text
    }
}

fn is_number(text: &str) -> bool {
    if matches!(text, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let in_base = |prefix: &str, base: u32| {
        let digits = text.strip_prefix(prefix);
        digits.is_some_and(|digits| {
            !digits.is_empty()
                && digits
                    .chars()
                    .all(|char| char == '_' || char.is_digit(base))
        })
    };
    in_base("0x", 16) || in_base("0o", 8) || in_base("0b", 2) || is_decimal(text)
}

/// Digits with `_`, perhaps a point and an exponent; at least one digit comes first or directly
/// behind the point.
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    let first = mantissa.strip_prefix('.').unwrap_or(mantissa);
    exponent_fits
        && first.starts_with(|char: char| char.is_ascii_digit())
        && mantissa.bytes().filter(|byte| *byte == b'.').count() <= 1
        && mantissa
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'_'))
}

/// `1:30`, which YAML 1.1 reads as 90.
fn is_sexagesimal(text: &str) -> bool {
    let whole = match text.split_once('.') {
        Some((whole, fraction))
            if fraction
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'_') =>
        {
            whole
        }
        Some(_) => return false,
        None => text,
    };
    let Some((first, rest)) = whole.split_once(':') else {
        return false;
    };
    let begins = first.starts_with(|char: char| char.is_ascii_digit())
        && first
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'_');
    begins
        && rest.split(':').all(|part| match part.as_bytes() {
            [ones] => ones.is_ascii_digit(),
            [tens, ones] => matches!(tens, b'0'..=b'5') && ones.is_ascii_digit(),
            _ => false,
        })
}

/// `2024-01-31`, perhaps with a time behind it.
fn is_date(text: &str) -> bool {
    let digits = |text: &str, from: usize, to: usize| {
        (from..=to).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut parts = text.splitn(3, '-');
    let (Some(year), Some(month), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let end = rest
        .bytes()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(rest.len());
    let (day, time) = rest.split_at(end);
    let hour = time
        .trim_start_matches(['T', 't', ' ', '\t'])
        .split(':')
        .next()
        .unwrap_or("");
    let time_fits = time.is_empty()
        || (time.starts_with(['T', 't', ' ', '\t']) && time.contains(':') && digits(hour, 1, 2));
    digits(year, 4, 4) && digits(month, 1, 2) && digits(day, 1, 2) && time_fits
}
