//! Wire formats of times, lengths and numbers.

use std::collections::BTreeMap;

use etiquette_runtime::{
    codegen::{
        Date, DateTime, Decimal, EpochMillis, EpochSeconds, Format, Millis, Naive, NaiveUtc,
        OffsetNoColon, Param, Seconds, SignedDuration, Space, Text, Time, Timestamp,
    },
    format::Shown,
    record::{Read, Shaped, Whole, Write},
};

use crate::{json, refusal};

fn read<T: Read>(text: &str) -> Result<T, String> {
    serde_json::from_str::<Whole<T>>(text)
        .map(|Whole(value)| value)
        .map_err(|error| error.to_string())
}

fn read_as<F: Format<T>, T>(text: &str) -> Result<T, String> {
    serde_json::from_str::<Whole<Shaped<F, T>>>(text)
        .map(|Whole(value)| value.into_inner())
        .map_err(|error| error.to_string())
}

/// The text reads as the value, and the value is written as `back`.
fn both_ways<T: Read + Write + ToString>(cases: &[(&str, &str, &str)]) {
    for (text, value, back) in cases {
        let read: T = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(
            (read.to_string().as_str(), json(&read).as_str()),
            (*value, *back),
            "{text}"
        );
    }
}

fn refused<T: Read>(texts: &[&str]) {
    for text in texts {
        assert!(read::<T>(text).is_err(), "{text}");
    }
}

/// Row F13: RFC 3339 in and out.
#[test]
fn times_are_rfc_3339() {
    both_ways::<Timestamp>(&[
        (
            "\"2022-11-01T17:42:07.409+01:00\"",
            "2022-11-01T16:42:07.409Z",
            "\"2022-11-01T16:42:07.409Z\"",
        ),
        (
            "\"2023-01-15T10:30:00Z\"",
            "2023-01-15T10:30:00Z",
            "\"2023-01-15T10:30:00Z\"",
        ),
        (
            "\"2023-01-15t10:30:00z\"",
            "2023-01-15T10:30:00Z",
            "\"2023-01-15T10:30:00Z\"",
        ),
        (
            "\"1969-12-31T23:59:59.999999999Z\"",
            "1969-12-31T23:59:59.999999999Z",
            "\"1969-12-31T23:59:59.999999999Z\"",
        ),
        (
            "\"9999-12-30T22:00:00Z\"",
            "9999-12-30T22:00:00Z",
            "\"9999-12-30T22:00:00Z\"",
        ),
    ]);
    refused::<Timestamp>(&[
        "\"10000-01-01T00:00:00Z\"",
        "\"+010000-01-01T00:00:00Z\"",
        "\"-000001-01-01T00:00:00Z\"",
        "\"2023-01-15T10:30:00\"",
        "\"2023-01-15\"",
        "\"2023-02-30T10:30:00Z\"",
        "\"2023-01-15T10:30:00+01:00[Europe/Berlin]\"",
        "\"\"",
        "1673778600",
        "null",
    ]);
    both_ways::<Date>(&[("\"2024-02-29\"", "2024-02-29", "\"2024-02-29\"")]);
    refused::<Date>(&[
        "\"2023-02-29\"",
        "\"20230101\"",
        "\"2023-1-1\"",
        "\"2023-01-15T10:30:00Z\"",
        "\"10000-01-01\"",
    ]);
    both_ways::<Time>(&[
        ("\"10:30:00\"", "10:30:00", "\"10:30:00\""),
        ("\"10:30:00.5\"", "10:30:00.5", "\"10:30:00.5\""),
    ]);
    refused::<Time>(&["\"25:00:00\"", "\"10:30:00Z\"", "\"1030\"", "\"\""]);
    both_ways::<DateTime>(&[(
        "\"2023-01-15T10:30:00\"",
        "2023-01-15T10:30:00",
        "\"2023-01-15T10:30:00\"",
    )]);
    refused::<DateTime>(&["\"2023-01-15T10:30:00Z\"", "\"2023-01-15\""]);
}

/// Row F13: no year that has no four digits is sent.
#[test]
fn years_before_zero_are_refused() {
    let wanted = "a year must be between 0 and 9999";
    assert_eq!(refusal(&Timestamp::MIN), wanted);
    assert_eq!(refusal(&Date::MIN), wanted);
    assert_eq!(refusal(&DateTime::MIN), wanted);
    assert_eq!(
        Timestamp::MIN
            .show(&mut String::new())
            .unwrap_err()
            .to_string(),
        wanted
    );
    assert_eq!(refusal(&Shown::<NaiveUtc, _>::new(&Timestamp::MIN)), wanted);
    assert_eq!(json(&Timestamp::MAX), "\"9999-12-30T22:00:00.999999999Z\"");
    assert_eq!(json(&Date::new(0, 1, 1).unwrap()), "\"0000-01-01\"");
}

#[test]
fn lengths_are_iso_8601() {
    both_ways::<SignedDuration>(&[
        ("\"PT1H30M\"", "PT1H30M", "\"PT1H30M\""),
        ("\"P1D\"", "PT24H", "\"PT24H\""),
        ("\"P1W\"", "PT168H", "\"PT168H\""),
        ("\"-PT0.5S\"", "-PT0.5S", "\"-PT0.5S\""),
        ("\"PT0S\"", "PT0S", "\"PT0S\""),
    ]);
    refused::<SignedDuration>(&["\"P1M\"", "\"1h\"", "\"\"", "90", "\"P\""]);
}

/// Reads and writes with a format; `back` is the JSON text, and without quotes the parameter.
fn formatted<F: Format<T>, T: ToString>(cases: &[(&str, &str, &str)], bad: &[&str])
where
    for<'a> Shown<'a, F, T>: Param,
{
    for (text, value, back) in cases {
        let read: T = read_as::<F, T>(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(read.to_string(), *value, "{text}");
        assert_eq!(json(&Shown::<F, T>::new(&read)), *back, "{text}");
        let mut shown = String::new();
        Shown::<F, T>::new(&read).show(&mut shown).unwrap();
        assert_eq!(shown, back.trim_matches('"'));
    }
    for text in bad {
        assert!(read_as::<F, T>(text).is_err(), "{text}");
    }
}

#[test]
fn instants_as_numbers() {
    formatted::<EpochSeconds, Timestamp>(
        &[
            ("0", "1970-01-01T00:00:00Z", "0"),
            ("1673778600", "2023-01-15T10:30:00Z", "1673778600"),
            ("1673778600.25", "2023-01-15T10:30:00.25Z", "1673778600"),
            ("1.6737786e9", "2023-01-15T10:30:00Z", "1673778600"),
            ("-1.5", "1969-12-31T23:59:58.5Z", "-2"),
            ("0e400", "1970-01-01T00:00:00Z", "0"),
        ],
        &["\"0\"", "null", "1e400", "99999999999999", "true", "[]"],
    );
    formatted::<EpochMillis, Timestamp>(
        &[
            ("1673778600409", "2023-01-15T10:30:00.409Z", "1673778600409"),
            ("-1", "1969-12-31T23:59:59.999Z", "-1"),
        ],
        &["\"0\"", "1e300", "9223372036854775807"],
    );
    formatted::<Seconds, SignedDuration>(
        &[
            ("90", "PT1M30S", "90"),
            ("0.5", "PT0.5S", "0.5"),
            ("-1.25", "-PT1.25S", "-1.25"),
            ("0", "PT0S", "0"),
        ],
        &["\"90\"", "1e30"],
    );
    formatted::<Millis, SignedDuration>(
        &[("1500", "PT1.5S", "1500"), ("-1", "-PT0.001S", "-1")],
        &["\"1\""],
    );
}

#[test]
fn instants_as_text_without_a_zone() {
    let cases = [
        (
            "\"2023-01-15T10:30:00\"",
            "2023-01-15T10:30:00Z",
            "\"2023-01-15T10:30:00\"",
        ),
        (
            "\"2023-01-15 10:30:00.5\"",
            "2023-01-15T10:30:00.5Z",
            "\"2023-01-15T10:30:00.5\"",
        ),
    ];
    let bad = [
        "\"2023-01-15T10:30:00Z\"",
        "\"2023-01-15T10:30:00+01:00\"",
        "\"2023-01-15\"",
        "\"-2023-01-15T10:30:00\"",
        "\"\"",
        "1",
    ];
    formatted::<NaiveUtc, Timestamp>(&cases, &bad);
    formatted::<Naive, DateTime>(
        &[(
            "\"2023-01-15T10:30:00\"",
            "2023-01-15T10:30:00",
            "\"2023-01-15T10:30:00\"",
        )],
        &bad,
    );
    formatted::<Space, Timestamp>(
        &[(
            "\"2023-01-15 10:30:00\"",
            "2023-01-15T10:30:00Z",
            "\"2023-01-15 10:30:00\"",
        )],
        &bad,
    );
    formatted::<OffsetNoColon, Timestamp>(
        &[
            (
                "\"2023-01-15T10:30:00+0000\"",
                "2023-01-15T10:30:00Z",
                "\"2023-01-15T10:30:00+0000\"",
            ),
            (
                "\"2023-01-15T10:30:00.409-0130\"",
                "2023-01-15T12:00:00.409Z",
                "\"2023-01-15T12:00:00.409+0000\"",
            ),
        ],
        &["\"2023-01-15T10:30:00\"", "1"],
    );
}

#[test]
fn numbers_in_strings() {
    formatted::<Text, i64>(
        &[(
            "\"-9007199254740993\"",
            "-9007199254740993",
            "\"-9007199254740993\"",
        )],
        &[
            "1",
            "\"+1\"",
            "\"1.0\"",
            "\" 1\"",
            "\"\"",
            "\"9223372036854775808\"",
        ],
    );
    formatted::<Text, u64>(
        &[(
            "\"18446744073709551615\"",
            "18446744073709551615",
            "\"18446744073709551615\"",
        )],
        &["\"-1\"", "1"],
    );
    formatted::<Text, f64>(
        &[("\"1.5\"", "1.5", "\"1.5\"")],
        &["\"NaN\"", "\"inf\"", "\"1e400\"", "1.5"],
    );
    formatted::<Text, Decimal>(&[("\"0.10\"", "0.10", "\"0.10\"")], &["0.10", "\"1,5\""]);
    assert_eq!(
        refusal(&Shown::<Text, _>::new(&f64::NAN)),
        "a number must be finite"
    );
}

/// A format that fits a value fits what holds such values.
#[test]
fn formats_reach_into_lists_and_maps() {
    type Times = BTreeMap<String, Vec<Option<Timestamp>>>;
    let text = r#"{"a":[0,null,60]}"#;
    let times: Times = read_as::<EpochSeconds, Times>(text).unwrap();
    assert_eq!(times["a"][2].unwrap().as_second(), 60);
    assert_eq!(json(&Shown::<EpochSeconds, Times>::new(&times)), text);
    assert!(read_as::<EpochSeconds, Times>(r#"{"a":[],"a":[]}"#).is_err());
}

#[test]
fn a_format_shows_parameters() {
    let mut out = String::new();
    EpochSeconds::show(&Timestamp::UNIX_EPOCH)
        .show(&mut out)
        .unwrap();
    assert_eq!(out, "0");
}
