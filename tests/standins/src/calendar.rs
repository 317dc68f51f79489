//! Dates as the APIs write them: RFC 3339 with `Z`, with an offset and milliseconds, with an offset
//! that has no colon, and without any.
//!
//! Written out by hand so that the stand-ins and the runtime cannot share a mistake about time.
//! It knows years 0000 to 9999 and no leap seconds.

use std::time::{SystemTime, UNIX_EPOCH};

const DAY: i64 = 86_400_000;

/// Milliseconds since 1970, negative before it.
pub(crate) fn millis(at: SystemTime) -> i64 {
    match at.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
    }
}

/// `2023-01-15T10:30:00Z`.
pub(crate) fn utc_seconds(millis: i64) -> String {
    let (date, time) = split(millis);
    format!("{}T{}Z", day(date), clock_face(time))
}

/// `2022-11-01T17:42:07.409+01:00`.
pub(crate) fn at_offset(millis: i64, offset_minutes: i32) -> String {
    let (date, time) = split(millis + i64::from(offset_minutes) * 60_000);
    let sign = if offset_minutes < 0 { '-' } else { '+' };
    let offset = offset_minutes.abs();
    format!(
        "{}T{}.{:03}{sign}{:02}:{:02}",
        day(date),
        clock_face(time),
        time % 1000,
        offset / 60,
        offset % 60
    )
}

/// `2016-11-10T18:33:41+0000`, which is not RFC 3339.
pub(crate) fn without_colon(millis: i64) -> String {
    let (date, time) = split(millis);
    format!("{}T{}+0000", day(date), clock_face(time))
}

/// `2015-09-23 18:02:29`.
pub(crate) fn with_space(millis: i64) -> String {
    let (date, time) = split(millis);
    format!("{} {}", day(date), clock_face(time))
}

/// `2015-01-01T00:00:00.000`, of no zone at all.
pub(crate) fn naive(millis: i64) -> String {
    let (date, time) = split(millis);
    format!("{}T{}.{:03}", day(date), clock_face(time), time % 1000)
}

/// What a text without an offset says, counted as if it were UTC.
pub(crate) fn parse_naive(text: &str) -> Option<i64> {
    (text.len() <= 29).then_some(())?;
    parse_instant(&format!("{text}Z"))
}

/// An instant with `Z`, or with an offset that may lack its colon.
pub(crate) fn parse_loose(text: &str) -> Option<i64> {
    parse_instant(text).or_else(|| {
        let (rest, minutes) = text.split_at_checked(text.len().checked_sub(2)?)?;
        parse_instant(&format!("{rest}:{minutes}"))
    })
}

/// `2022-12-01`, of the day that begins `days` days after 1970-01-01.
pub(crate) fn day(days: i64) -> String {
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The instant that an RFC 3339 text names; a text without an offset names none.
pub(crate) fn parse_instant(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let days = parse_day(date)?;
    let rest = rest.strip_prefix('T')?;
    let (face, rest) = rest.split_at_checked(8)?;
    let &[h1, h2, b':', m1, m2, b':', s1, s2] = face.as_bytes() else {
        return None;
    };
    let (hour, minute, second) = (pair(h1, h2)?, pair(m1, m2)?, pair(s1, s2)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (fraction, rest) = parse_fraction(rest)?;
    let offset = parse_offset(rest)?;
    let seconds = (hour * 60 + minute - offset) * 60 + second;
    Some(days * DAY + seconds * 1000 + fraction)
}

/// The number of days from 1970-01-01 to a date that exists.
pub(crate) fn parse_day(text: &str) -> Option<i64> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
        return None;
    };
    let year = pair(y1, y2)? * 100 + pair(y3, y4)?;
    let days = days_to(year, pair(m1, m2)?, pair(d1, d2)?);
    // A date that does not exist comes back as another one.
    (day(days) == text).then_some(days)
}

fn split(millis: i64) -> (i64, i64) {
    (millis.div_euclid(DAY), millis.rem_euclid(DAY))
}

fn clock_face(time: i64) -> String {
    let seconds = time / 1000;
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

fn pair(tens: u8, ones: u8) -> Option<i64> {
    (tens.is_ascii_digit() && ones.is_ascii_digit())
        .then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

fn parse_fraction(text: &str) -> Option<(i64, &str)> {
    let Some(rest) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    if length == 0 || length > 9 {
        return None;
    }
    let nanos: i64 = format!("{:0<9}", &rest[..length]).parse().ok()?;
    Some((nanos / 1_000_000, &rest[length..]))
}

fn parse_offset(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let &[sign, h1, h2, b':', m1, m2] = text.as_bytes() else {
        return None;
    };
    let (hours, minutes) = (pair(h1, h2)?, pair(m1, m2)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    match sign {
        b'+' => Some(hours * 60 + minutes),
        b'-' => Some(-(hours * 60 + minutes)),
        _ => None,
    }
}

/// Counts years from March, so that the leap day is the last of its year.
fn days_to(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leaps + (153 * month + 2) / 5 + day - 1 - 719_468
}

fn civil(days: i64) -> (i64, i64, i64) {
    let mut year = 1970 + days.div_euclid(366);
    while days_to(year + 1, 1, 1) <= days {
        year += 1;
    }
    let mut month = 1;
    while month < 12 && days_to(year, month + 1, 1) <= days {
        month += 1;
    }
    (year, month, days - days_to(year, month, 1) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_instants_read_and_write() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2023-01-15T10:30:00Z", 1_673_778_600_000),
            ("2000-02-29T23:59:59Z", 951_868_799_000),
            ("1969-12-31T23:59:59Z", -1000),
            ("2100-03-01T00:00:00Z", 4_107_542_400_000),
        ] {
            assert_eq!(parse_instant(text), Some(expected), "{text}");
            assert_eq!(utc_seconds(expected), text);
        }
        let hive = "2022-11-01T17:42:07.409+01:00";
        assert_eq!(parse_instant(hive), Some(1_667_320_927_409));
        assert_eq!(at_offset(1_667_320_927_409, 60), hive);
        assert_eq!(
            at_offset(1_667_320_927_409, -210),
            "2022-11-01T13:12:07.409-03:30"
        );
    }

    #[test]
    fn the_odd_forms_read_and_write() {
        let at = 1_478_802_821_000;
        assert_eq!(without_colon(at), "2016-11-10T18:33:41+0000");
        assert_eq!(with_space(at), "2016-11-10 18:33:41");
        assert_eq!(naive(at), "2016-11-10T18:33:41.000");
        for text in [
            "2016-11-10T18:33:41Z",
            "2016-11-10T19:33:41+0100",
            "2016-11-10T18:33:41+00:00",
        ] {
            assert_eq!(parse_loose(text), Some(at), "{text}");
        }
        assert_eq!(parse_naive("2016-11-10T18:33:41"), Some(at));
        for text in ["2016-11-10T18:33:41Z", "2016-11-10T18:33:41+01:00", "", "é"] {
            assert_eq!(parse_naive(text), None, "{text}");
        }
        assert_eq!(parse_loose("00"), None);
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "2023-02-29",
            "2023-13-01",
            "2023-00-10",
            "2023-1-10",
            "",
            "2023-01-1x",
        ] {
            assert_eq!(parse_day(text), None, "{text}");
        }
        for text in [
            "2023-01-15T10:30:00",
            "2023-01-15 10:30:00Z",
            "2023-01-15T24:00:00Z",
            "2023-01-15T10:30:00.Z",
            "2023-01-15T10:30:00+0100",
            "2023-01-15T10:30:00 01:00",
        ] {
            assert_eq!(parse_instant(text), None, "{text}");
        }
    }
}
