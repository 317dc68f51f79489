//! How long the server asks to wait: `Retry-After`, its relatives, and resets of quotas.
//!
//! Whatever a server sends ends as a hint; nothing overflows and nothing panics. Dates are measured against the
//! answer's own `Date`, so a local clock that is wrong does no harm.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

use crate::operation::{Place, Unit, Wait};

/// The longest wait that is believed.
const CAP: Duration = Duration::from_secs(24 * 60 * 60);
/// A reset that lies back no farther than this is over; farther back, it is nonsense.
const LATE: Duration = Duration::from_secs(5 * 60);

/// What the server says about a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    /// Wait so long, counted from the arrival of the head.
    After(Duration),
    /// Longer than a day: nobody waits for that.
    OverCap,
    /// It makes no sense and is ignored; the caller counts it.
    Invalid,
    /// Nothing.
    Missing,
}

/// What an answer's dates are measured against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// The answer's `Date`.
    pub(crate) date: Option<SystemTime>,
    /// The local wall clock, for answers without one.
    pub(crate) wall: SystemTime,
}

impl Times {
    /// Reads the `Date` of an answer (RFC 9110 §6.6.1).
    pub(crate) fn of(headers: &HeaderMap, wall: SystemTime) -> Times {
        let text = headers.get(DATE).and_then(|value| value.to_str().ok());
        Times {
            date: text.and_then(|text| httpdate::parse_http_date(text.trim()).ok()),
            wall,
        }
    }

    fn now(&self) -> SystemTime {
        self.date.unwrap_or(self.wall)
    }
}

/// A wait and how many sources were passed over because they made no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) hint: Hint,
    pub(crate) invalid: u32,
}

/// The first of `sources` that makes sense. `body` gives the scalar at a JSON pointer as text.
pub(crate) fn wait(
    sources: &[Wait],
    headers: &HeaderMap,
    body: &dyn Fn(&[&str]) -> Option<String>,
    times: Times,
) -> Asked {
    let mut invalid = 0;
    for source in sources {
        let hint = match *source {
            Wait::Fixed(length) => Hint::After(length),
            Wait::From(place, unit) => at(place, unit, headers, body, times),
        };
        match hint {
            Hint::After(_) | Hint::OverCap => return Asked { hint, invalid },
            Hint::Invalid => invalid += 1,
            Hint::Missing => {}
        }
    }
    let hint = if invalid > 0 {
        Hint::Invalid
    } else {
        Hint::Missing
    };
    Asked { hint, invalid }
}

/// The answer's `Retry-After` (RFC 9110 §10.2.3).
pub(crate) fn retry_after(headers: &HeaderMap, times: Times) -> Hint {
    at(
        Place::Header(RETRY_AFTER.as_str()),
        Unit::RetryAfter,
        headers,
        &|_| None,
        times,
    )
}

/// The wait at a place of an answer.
pub(crate) fn at(
    place: Place,
    unit: Unit,
    headers: &HeaderMap,
    body: &dyn Fn(&[&str]) -> Option<String>,
    times: Times,
) -> Hint {
    match text_at(place, headers, body) {
        Ok(Some(text)) => parse(&text, unit, times),
        Ok(None) => Hint::Invalid,
        Err(Absent) => Hint::Missing,
    }
}

/// The place is not there.
pub(crate) struct Absent;

/// The text at a place; `None` when a header occurs more than once, since nobody can say which one counts.
pub(crate) fn text_at<'h>(
    place: Place,
    headers: &'h HeaderMap,
    body: &dyn Fn(&[&str]) -> Option<String>,
) -> Result<Option<Cow<'h, [u8]>>, Absent> {
    match place {
        Place::Header(name) => {
            let mut values = headers.get_all(name).iter();
            let first = values.next().ok_or(Absent)?;
            Ok(values
                .next()
                .is_none()
                .then(|| Cow::Borrowed(first.as_bytes())))
        }
        Place::Body(pointer) => body(pointer)
            .map(|text| Some(Cow::Owned(text.into_bytes())))
            .ok_or(Absent),
        // A link leads somewhere; it says no time and no number.
        Place::Link(_) => Err(Absent),
    }
}

/// Understands one value.
pub(crate) fn parse(text: &[u8], unit: Unit, times: Times) -> Hint {
    let text = text.trim_ascii();
    let number = Decimal::parse(text);
    match (unit, number) {
        (Unit::RetryAfter, None) => parse_date(text, times),
        (Unit::RetryAfter | Unit::Seconds, Some(number)) => from_now(number.rounded_up(1_000)),
        (Unit::Millis, Some(number)) => from_now(number.rounded_up(1)),
        (Unit::EpochSeconds, Some(number)) => {
            // A whole second may stand for any instant of it, and `Date` for any instant of its own.
            let grain = if number.is_whole() {
                Duration::from_secs(1)
            } else {
                Duration::ZERO
            };
            from_epoch(number.rounded_up(1_000), grain, times)
        }
        (Unit::EpochMillis, Some(number)) => {
            from_epoch(number.rounded_up(1), Duration::ZERO, times)
        }
        (Unit::Seconds | Unit::Millis | Unit::EpochSeconds | Unit::EpochMillis, None) => {
            Hint::Invalid
        }
    }
}

/// Digits, and perhaps a point and digits. No sign, no exponent, no separators.
struct Decimal<'a> {
    whole: &'a [u8],
    fraction: &'a [u8],
}

impl<'a> Decimal<'a> {
    fn parse(text: &'a [u8]) -> Option<Decimal<'a>> {
        let are_digits =
            |digits: &[u8]| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
        let mut parts = text.splitn(2, |byte| *byte == b'.');
        let whole = parts.next().filter(|digits| are_digits(digits))?;
        match parts.next() {
            None => Some(Decimal {
                whole,
                fraction: b"",
            }),
            Some(fraction) => are_digits(fraction).then_some(Decimal { whole, fraction }),
        }
    }

    fn is_whole(&self) -> bool {
        self.fraction.is_empty()
    }

    /// In thousandths of a second, where one is `millis` of them; `None` when that is more than can be counted.
    fn rounded_up(&self, millis: u64) -> Option<u64> {
        let whole = self
            .whole
            .iter()
            .try_fold(0_u64, |sum, digit| push_digit(sum, *digit))?;
        let digits = if millis == 1 { 0 } else { 3 };
        let mut part = 0;
        for place in 0..digits {
            part = part * 10 + u64::from(self.fraction.get(place).map_or(0, |digit| digit - b'0'));
        }
        let rest = self.fraction.get(digits..).unwrap_or(b"");
        let up = u64::from(rest.iter().any(|digit| *digit != b'0'));
        whole.checked_mul(millis)?.checked_add(part + up)
    }
}

fn push_digit(sum: u64, digit: u8) -> Option<u64> {
    sum.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
}

/// A number that is too large to count is as good as any that is over the cap.
fn from_now(millis: Option<u64>) -> Hint {
    match millis.map(Duration::from_millis) {
        Some(wait) if wait <= CAP => Hint::After(wait),
        Some(_) | None => Hint::OverCap,
    }
}

/// A reset outside of a sensible span is in another unit or on another clock, so it is no wait at all.
fn from_epoch(millis: Option<u64>, grain: Duration, times: Times) -> Hint {
    let reset =
        millis.and_then(|millis| SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis)));
    let Some(reset) = reset else {
        return Hint::Invalid;
    };
    match reset.duration_since(times.now()) {
        Ok(ahead) if ahead <= CAP => Hint::After(ceil(ahead, Duration::from_millis(1)) + grain),
        Ok(_) => Hint::Invalid,
        Err(behind) if behind.duration() <= LATE => {
            Hint::After(grain.saturating_sub(behind.duration()))
        }
        Err(_) => Hint::Invalid,
    }
}

/// One of the three forms of RFC 9110 §5.6.7, rounded up to whole seconds. A date that has passed means now.
fn parse_date(text: &[u8], times: Times) -> Hint {
    let date = std::str::from_utf8(text)
        .ok()
        .and_then(|text| httpdate::parse_http_date(text).ok());
    let Some(date) = date else {
        return Hint::Invalid;
    };
    let ahead = date.duration_since(times.now()).unwrap_or(Duration::ZERO);
    match ahead <= CAP {
        true => Hint::After(ceil(ahead, Duration::from_secs(1))),
        // Without the server's own clock, a wrong local one is more likely than such a wait.
        false if times.date.is_none() => Hint::Invalid,
        false => Hint::OverCap,
    }
}

fn ceil(length: Duration, grain: Duration) -> Duration {
    let grains = length.as_nanos().div_ceil(grain.as_nanos());
    grain * u32::try_from(grains).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
