//! The usual wire form of jiff's types: RFC 3339 for dates and times, ISO 8601 for lengths of time.
//!
//! Years have four digits, on the way in and out: RFC 3339 has no others.

use jiff::{
    SignedDuration, Span, SpanRelativeTo, Timestamp,
    civil::{Date, DateTime, Time},
    tz::Offset,
};

use crate::{
    encode::{BadValue, Param},
    format::parsed,
    record::{Failed, Out, Read, Source, Write},
};

/// Reads RFC 3339 in any offset, `2022-11-01T17:42:07.409+01:00`.
pub(crate) fn timestamp(text: &str) -> Option<Timestamp> {
    // jiff takes signed years and zone names in brackets too; RFC 3339 has neither.
    (starts_with_digit(text) && !text.contains('[')).then(|| text.parse().ok())?
}

/// The time as UTC shows it on a clock.
pub(crate) fn utc(value: &Timestamp) -> DateTime {
    Offset::UTC.to_datetime(*value)
}

/// Refuses years that RFC 3339 has no form for; jiff's own end with 9999.
pub(crate) fn show_year(year: i16) -> Result<(), BadValue> {
    if (0..=9999).contains(&year) {
        Ok(())
    } else {
        Err(BadValue::new("a year must be between 0 and 9999"))
    }
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
}

fn date(text: &str) -> Option<Date> {
    (text.len() == 10 && starts_with_digit(text)).then(|| text.parse().ok())?
}

fn date_time(text: &str) -> Option<DateTime> {
    (text.len() >= 16 && starts_with_digit(text) && !text.contains('['))
        .then(|| text.parse().ok())?
}

fn time(text: &str) -> Option<Time> {
    let is_plain = |byte: u8| byte.is_ascii_digit() || b":.".contains(&byte);
    (text.contains(':') && text.bytes().all(is_plain)).then(|| text.parse().ok())?
}

/// Days and weeks count 24 and 168 hours; months and years have no length.
fn duration(text: &str) -> Option<SignedDuration> {
    if !text.trim_start_matches('-').starts_with('P') {
        return None;
    }
    let span: Span = text.parse().ok()?;
    span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
}

macro_rules! times {
    ($($T:ty, $wanted:literal, $parse:ident, $year:expr;)*) => {$(
        impl Read for $T {
            fn read(source: &mut dyn Source) -> Result<$T, Failed> {
                parsed(source, $wanted, $parse)
            }
        }

        impl Param for $T {
            fn show(&self, out: &mut String) -> Result<(), BadValue> {
                show_year($year(self))?;
                out.push_str(&self.to_string());
                Ok(())
            }
        }

        impl Write for $T {
            fn write(&self, out: &mut Out) {
                match show_year($year(self)) {
                    Ok(()) => out.string(&self.to_string()),
                    Err(bad) => out.refuse(bad),
                }
            }
        }
    )*};
}

times! {
    Timestamp, "an RFC 3339 date and time with an offset", timestamp, |value| utc(value).year();
    DateTime, "a date and time without a zone", date_time, |value: &DateTime| value.year();
    Date, "a date", date, |value: &Date| value.year();
    Time, "a time of day", time, |_: &Time| 0;
    SignedDuration, "an ISO 8601 duration", duration, |_: &SignedDuration| 0;
}
