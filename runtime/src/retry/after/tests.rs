//! Tables of what servers send, and the same dates read by two other implementations.

use http::HeaderValue;
use proptest::prelude::*;

use super::*;

/// Sunday, 2023-01-15T10:00:00Z.
const NOW: u64 = 1_673_776_800;
const DAY: u64 = 24 * 60 * 60;

fn wall(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn dated() -> Times {
    Times {
        date: Some(wall(NOW)),
        wall: wall(0),
    }
}

fn millis(millis: u64) -> Hint {
    Hint::After(Duration::from_millis(millis))
}

fn check(unit: Unit, rows: &[(&str, Hint)]) -> usize {
    for (text, expected) in rows {
        assert_eq!(
            parse(text.as_bytes(), unit, dated()),
            *expected,
            "{unit:?} {text:?}"
        );
    }
    rows.len()
}

const O: Hint = Hint::OverCap;
const X: Hint = Hint::Invalid;

/// What is nonsense in every unit (row B6).
const NONSENSE: &[&str] = &[
    "",
    " ",
    "-1",
    "-0",
    "+5",
    "+0",
    "1e3",
    "1E3",
    "5, 10",
    "5,10",
    "5;10",
    "12abc",
    "abc",
    "0x10",
    "1_000",
    "1 000",
    "5s",
    "10 s",
    "1m",
    "PT5S",
    "NaN",
    "nan",
    "inf",
    "Infinity",
    "-inf",
    "null",
    "true",
    ".",
    "..",
    "1.",
    ".5",
    "1.2.3",
    "1..2",
    "-1.5",
    "1.-5",
    "1.5e3",
    "\0",
    "5\0",
    "\u{663}\u{664}",
    "５",
    "½",
    "--5",
    "5-",
    "5+",
    "%35",
    "\"5\"",
    "'5'",
    "[5]",
    "{}",
    "5\n6",
    "tomorrow",
    "Sun",
    "GMT",
];

/// Rows B4 to B7: numbers of seconds.
#[test]
fn seconds() {
    let rows = [
        ("120", millis(120_000)),
        ("0", millis(0)),
        ("00", millis(0)),
        ("007", millis(7_000)),
        ("1", millis(1_000)),
        (" 5 ", millis(5_000)),
        ("\t5\t", millis(5_000)),
        ("0.5", millis(500)),
        ("1.5", millis(1_500)),
        ("0.001", millis(1)),
        ("0.0001", millis(1)),
        ("0.0000", millis(0)),
        ("1.0005", millis(1_001)),
        ("1.9999", millis(2_000)),
        ("2.000", millis(2_000)),
        ("2.0000001", millis(2_001)),
        ("0.000000000000000000000000000000000000000001", millis(1)),
        ("86399", millis((DAY - 1) * 1_000)),
        ("86400", millis(DAY * 1_000)),
        ("86399.9999", millis(DAY * 1_000)),
        ("86400.001", O),
        ("86401", O),
        ("9223372037", O),
        ("9223372036854775807", O),
        ("9223372036854775808", O),
        ("18446744073709551615", O),
        ("18446744073709551616", O),
        ("18446744073709551.616", O),
        ("18446744073709552", O),
        ("99999999999999999999999999999999", O),
        (
            "000000000000000000000000000000000000000000000000000000000000000005",
            millis(5_000),
        ),
    ];
    assert!(check(Unit::Seconds, &rows) + check(Unit::RetryAfter, &rows) >= 60);
    let digits = [
        "9".repeat(400),
        format!("1{}", "0".repeat(400)),
        "9".repeat(4_096),
        format!("{}.5", "9".repeat(4_096)),
    ];
    for text in &digits {
        for unit in [Unit::Seconds, Unit::RetryAfter, Unit::Millis] {
            assert_eq!(parse(text.as_bytes(), unit, dated()), O);
        }
    }
}

/// Row B6: what makes no sense is invalid whatever the unit.
#[test]
fn nonsense() {
    let units = [
        Unit::RetryAfter,
        Unit::Seconds,
        Unit::Millis,
        Unit::EpochSeconds,
        Unit::EpochMillis,
    ];
    assert!(NONSENSE.len() * units.len() >= 200);
    for text in NONSENSE {
        for unit in units {
            assert_eq!(
                parse(text.as_bytes(), unit, dated()),
                X,
                "{unit:?} {text:?}"
            );
        }
    }
}

/// Row B10: milliseconds and dates are never guessed from the size of a number.
#[test]
fn other_units() {
    let seconds = |ahead: i64| (NOW as i64 + ahead).to_string();
    let thousandths = |ahead: i64| (NOW as i64 * 1_000 + ahead).to_string();
    let (late, over) = (seconds(DAY as i64), seconds(DAY as i64 + 1));
    check(
        Unit::Millis,
        &[
            ("0", millis(0)),
            ("1", millis(1)),
            ("1500", millis(1_500)),
            ("0.1", millis(1)),
            ("1.0", millis(1)),
            ("86400000", millis(DAY * 1_000)),
            ("86400001", O),
        ],
    );
    // A whole second stands for any instant of it, so one is added.
    check(
        Unit::EpochSeconds,
        &[
            (&seconds(0), millis(1_000)),
            (&seconds(1), millis(2_000)),
            (&seconds(60), millis(61_000)),
            (&seconds(-1), millis(0)),
            (&seconds(-300), millis(0)),
            (&seconds(-301), X),
            (&late, millis(DAY * 1_000 + 1_000)),
            (&over, X),
            (&format!("{}.25", NOW + 2), millis(2_250)),
            (&format!("{}.0001", NOW + 2), millis(2_001)),
            ("60", X),
            ("0", X),
            ("4294967296", X),
            ("2147483647", X),
            ("4102444800", X),
            ("253402300800", X),
            ("18446744073709551615", X),
            ("99999999999999999999", X),
            (&thousandths(0), X),
        ],
    );
    check(
        Unit::EpochMillis,
        &[
            (&thousandths(0), millis(0)),
            (&thousandths(1), millis(1)),
            (&thousandths(61_500), millis(61_500)),
            (&thousandths(-1), millis(0)),
            (&thousandths(-300_000), millis(0)),
            (&thousandths(-300_001), X),
            (&thousandths(DAY as i64 * 1_000), millis(DAY * 1_000)),
            (&thousandths(DAY as i64 * 1_000 + 1), X),
            (&seconds(60), X),
            ("0", X),
            ("18446744073709551615", X),
        ],
    );
    for unit in [
        Unit::Seconds,
        Unit::Millis,
        Unit::EpochSeconds,
        Unit::EpochMillis,
    ] {
        for text in [
            "Sun, 15 Jan 2023 10:01:00 GMT",
            "2023-01-15T10:01:00Z",
            "2023-01-15",
        ] {
            assert_eq!(
                parse(text.as_bytes(), unit, dated()),
                X,
                "{unit:?} {text:?}"
            );
        }
    }
}

/// Rows B5 and B8: the three forms of a date, in the past, in the future and broken.
#[test]
fn dates() {
    let rows = [
        ("Sun, 15 Jan 2023 10:00:00 GMT", millis(0)),
        ("Sun, 15 Jan 2023 10:02:00 GMT", millis(120_000)),
        ("Sunday, 15-Jan-23 10:02:00 GMT", millis(120_000)),
        ("Sun Jan 15 10:02:00 2023", millis(120_000)),
        ("Sun, 15 Jan 2023 09:59:59 GMT", millis(0)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", millis(0)),
        ("Sun Nov  6 08:49:37 1994", millis(0)),
        ("Sunday, 06-Nov-94 08:49:37 GMT", millis(0)),
        ("Mon, 16 Jan 2023 10:00:00 GMT", millis(DAY * 1_000)),
        ("Mon, 16 Jan 2023 10:00:01 GMT", O),
        ("Fri, 31 Dec 9999 23:59:59 GMT", O),
        ("Tue, 19 Jan 2038 03:14:08 GMT", O),
        ("Sun, 07 Feb 2106 06:28:16 GMT", O),
        ("Sun, 15 Jan 2023 10:02:00", X),
        ("Sun, 15 Jan 2023 10:02:00 UTC", X),
        ("Sun, 15 Jan 2023 10:02:00 +0000", X),
        ("15 Jan 2023 10:02:00 GMT", X),
        ("Sun, 32 Jan 2023 10:02:00 GMT", X),
        ("Sun, 15 Foo 2023 10:02:00 GMT", X),
        ("Sun, 15 Jan 2023 25:02:00 GMT", X),
        ("Sun, 15 Jan 2023 10:02:00 GMT, 5", X),
        ("2023-01-15T10:02:00Z", X),
    ];
    check(Unit::RetryAfter, &rows);
}

/// Row B8: what is left of a second is rounded up, and the answer's own `Date` is the present.
#[test]
fn dates_are_rounded_up() {
    let local = |now: Duration| Times {
        date: None,
        wall: SystemTime::UNIX_EPOCH + now,
    };
    let text = b"Sun, 15 Jan 2023 10:00:02 GMT";
    for (nanos, seconds) in [
        (0, 2),
        (1, 2),
        (999_999_999, 2),
        (1_000_000_000, 1),
        (1_000_000_001, 1),
        (1_999_999_999, 1),
        (2_000_000_000, 0),
    ] {
        let now = Duration::from_secs(NOW) + Duration::from_nanos(nanos);
        assert_eq!(
            parse(text, Unit::RetryAfter, local(now)),
            millis(seconds * 1_000),
            "{nanos}"
        );
    }
    let epoch = (NOW + 2).to_string();
    let half = Duration::from_secs(NOW) + Duration::from_micros(500_100);
    assert_eq!(
        parse(epoch.as_bytes(), Unit::EpochSeconds, local(half)),
        millis(1_500 + 1_000)
    );
}

/// Row B9: a local clock that is wrong by hours or years changes nothing when the answer has a `Date`; without one a
/// date that is too far away is ignored.
#[test]
fn skewed_clocks() {
    let year = 365 * DAY;
    for wrong in [
        NOW - 10 * year,
        NOW - 3_600,
        NOW,
        NOW + 3_600,
        NOW + 10 * year,
    ] {
        let times = Times {
            date: Some(wall(NOW)),
            wall: wall(wrong),
        };
        assert_eq!(
            parse((NOW + 30).to_string().as_bytes(), Unit::EpochSeconds, times),
            millis(31_000)
        );
        assert_eq!(
            parse(b"Sun, 15 Jan 2023 10:00:30 GMT", Unit::RetryAfter, times),
            millis(30_000)
        );
    }
    let behind = Times {
        date: None,
        wall: wall(NOW - 10 * year),
    };
    assert_eq!(
        parse(b"Sun, 15 Jan 2023 10:00:30 GMT", Unit::RetryAfter, behind),
        X
    );
    assert_eq!(
        parse(NOW.to_string().as_bytes(), Unit::EpochSeconds, behind),
        X
    );
    let ahead = Times {
        date: None,
        wall: wall(NOW + 10 * year),
    };
    assert_eq!(
        parse(b"Sun, 15 Jan 2023 10:00:30 GMT", Unit::RetryAfter, ahead),
        millis(0)
    );
    assert_eq!(
        parse(NOW.to_string().as_bytes(), Unit::EpochSeconds, ahead),
        X
    );
    assert_eq!(parse(b"30", Unit::RetryAfter, behind), millis(30_000));
}

#[test]
fn headers_and_their_number() {
    let mut headers = HeaderMap::new();
    assert_eq!(retry_after(&headers, dated()), Hint::Missing);
    headers.insert("retry-after", HeaderValue::from_static("7"));
    assert_eq!(retry_after(&headers, dated()), millis(7_000));
    headers.append("Retry-After", HeaderValue::from_static("7"));
    assert_eq!(retry_after(&headers, dated()), X);
    headers.insert("retry-after", HeaderValue::from_bytes(b"\xff7").unwrap());
    assert_eq!(retry_after(&headers, dated()), X);
    headers.insert(
        "date",
        HeaderValue::from_static("Sun, 15 Jan 2023 10:00:00 GMT"),
    );
    assert_eq!(Times::of(&headers, wall(0)).date, Some(wall(NOW)));
    headers.insert("date", HeaderValue::from_static("yesterday"));
    assert_eq!(Times::of(&headers, wall(0)).date, None);
}

/// The first source that makes sense counts; the others are counted.
#[test]
fn sources_in_their_order() {
    let sources = [
        Wait::From(Place::Header("retry-after"), Unit::RetryAfter),
        Wait::From(Place::Body(&["error", "wait"]), Unit::Millis),
        Wait::Fixed(Duration::from_secs(180)),
    ];
    let body = |pointer: &[&str]| (pointer == ["error", "wait"]).then(|| "1500".to_owned());
    let mut headers = HeaderMap::new();
    let asked = |headers: &HeaderMap, sources: &[Wait]| wait(sources, headers, &body, dated());
    assert_eq!(
        asked(&headers, &sources),
        Asked {
            hint: millis(1_500),
            invalid: 0
        }
    );
    assert_eq!(
        asked(&headers, &sources[..1]),
        Asked {
            hint: Hint::Missing,
            invalid: 0
        }
    );
    assert_eq!(
        asked(&headers, &sources[2..]),
        Asked {
            hint: millis(180_000),
            invalid: 0
        }
    );
    headers.insert("retry-after", HeaderValue::from_static("soon"));
    assert_eq!(
        asked(&headers, &sources),
        Asked {
            hint: millis(1_500),
            invalid: 1
        }
    );
    assert_eq!(
        asked(&headers, &sources[..1]),
        Asked {
            hint: X,
            invalid: 1
        }
    );
    headers.insert("retry-after", HeaderValue::from_static("9223372037"));
    assert_eq!(
        asked(&headers, &sources),
        Asked {
            hint: O,
            invalid: 0
        }
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// Row B6: any bytes, any unit, any clocks: no panic, and never longer than is believed.
    #[test]
    fn any_bytes(text in proptest::collection::vec(any::<u8>(), 0..40), date in proptest::option::of(any::<u32>()), local in any::<u32>()) {
        let times = Times { date: date.map(|date| wall(date.into())), wall: wall(local.into()) };
        for unit in [Unit::RetryAfter, Unit::Seconds, Unit::Millis, Unit::EpochSeconds, Unit::EpochMillis] {
            if let Hint::After(wait) = parse(&text, unit, times) {
                prop_assert!(wait <= CAP + Duration::from_secs(1));
            }
        }
    }

    /// Any decimal: never shorter than asked, and by less than a millisecond longer.
    #[test]
    fn any_decimal(whole in 0_u64..DAY, fraction in "[0-9]{0,9}") {
        let text = if fraction.is_empty() { whole.to_string() } else { format!("{whole}.{fraction}") };
        let nanos: u64 = format!("{fraction:0<9}").parse().unwrap();
        let exact = Duration::from_secs(whole) + Duration::from_nanos(nanos);
        match parse(text.as_bytes(), Unit::RetryAfter, dated()) {
            Hint::After(wait) => prop_assert!(wait >= exact && wait - exact < Duration::from_millis(1)),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    /// Row B8, against `httpdate` and `jiff`: each form of each date within the span is read as that date.
    #[test]
    fn dates_as_others_read_them(ahead in 0_u64..=DAY, base in 1_000_000_000_u64..2_500_000_000) {
        let date = wall(base + ahead);
        let stamp = jiff::Timestamp::from_second((base + ahead) as i64).unwrap();
        let forms = [
            httpdate::fmt_http_date(date),
            stamp.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
            stamp.strftime("%A, %d-%b-%y %H:%M:%S GMT").to_string(),
            stamp.strftime("%a %b %e %H:%M:%S %Y").to_string(),
        ];
        for text in forms {
            prop_assert_eq!(httpdate::parse_http_date(&text).ok(), Some(date), "{}", &text);
            let times = Times { date: Some(wall(base)), wall: wall(0) };
            prop_assert_eq!(parse(text.as_bytes(), Unit::RetryAfter, times), millis(ahead * 1_000), "{}", &text);
        }
    }
}
