//! Tests of numbers, durations, texts and places as they are written.

use std::time::Duration;

use super::{Literal, Numeral, api, assert_found, found};
use crate::document::{FilterOp, RequestPlace, ResponsePlace, RetryWhen};

/// The codes for a field's key.
fn field(entry: &str) -> Vec<&'static str> {
    found(&format!(
        "types: {{A: {{fields: {{x: {{type: int, {entry}}}}}}}}}\n"
    ))
    .iter()
    .map(|(code, _)| *code)
    .collect()
}

#[test]
fn durations_are_one_integer_and_one_unit() {
    let timeout = |text: &str| {
        api(&format!("defaults: {{timeout: {text}}}\n"))
            .defaults
            .unwrap()
            .timeout
            .unwrap()
    };
    for (text, millis) in [
        ("200ms", 200),
        ("30s", 30_000),
        ("5m", 300_000),
        ("2h", 7_200_000),
        ("1d", 86_400_000),
        ("0s", 0),
    ] {
        assert_eq!(
            timeout(text).value.value,
            Duration::from_millis(millis),
            "{text}"
        );
    }
    assert_eq!(
        timeout("{value: 1s, trust: assumed, source: \"https://example.com\"}")
            .value
            .value,
        Duration::from_secs(1)
    );
    for text in [
        "30",
        "30 s",
        "1.5s",
        "-1s",
        "s",
        "1m30s",
        "1w",
        "01s",
        "30S",
        "1e3s",
        "99999999999999999999s",
        "36601d",
        "20000000000000000d",
    ] {
        assert_found(
            &format!("defaults: {{timeout: {text}}}\n"),
            &[("E024", "defaults.timeout")],
        );
    }
    assert_found(
        "defaults: {timeout: [1s]}\n",
        &[("E022", "defaults.timeout")],
    );
}

/// Row I20: what cannot be a number of the description.
#[test]
fn numbers_are_plain_and_fit() {
    for number in [
        "0",
        "-1",
        "1.5",
        "-0.5",
        "18446744073709551615",
        "-9223372036854775808",
        "123.000",
    ] {
        assert_eq!(field(&format!("min: {number}")), [""; 0], "{number}");
    }
    let mut bad = vec![
        "-0", "-0.0", "1e999", "1e3", ".inf", ".nan", "NaN", "0x10", "1_000", "+1", "01", "1.",
        ".5", "\"1\"", "x",
    ];
    let long = format!("1{}.5", "0".repeat(400));
    bad.push(&long);
    for number in bad {
        assert_eq!(field(&format!("max: {number}")), ["E023"], "{number}");
    }
    // Beyond 64 bits the second parser gives up before we do, or both do.
    for number in [
        "18446744073709551616",
        "-9223372036854775809",
        "170141183460469231731687303715884105728",
    ] {
        let codes = field(&format!("min: {number}"));
        assert!(
            codes == ["E023"] || codes == ["E016"],
            "{number}: {codes:?}"
        );
    }
    for number in ["-1", "1.5", "18446744073709551616.0"] {
        assert_found(
            &format!("retry: {{r: {{attempts: {number}, when: []}}}}\n"),
            &[("E023", "retry.r.attempts")],
        );
    }
}

/// Row I5: the Norway problem and its relatives, where a text is expected.
#[test]
fn unquoted_surprises_are_refused_where_text_is_expected() {
    for text in [
        "no",
        "NO",
        "y",
        "on",
        "~",
        "null",
        "1e3",
        "0x10",
        "1:30",
        "2024-01-31",
        "1.0",
        "007",
        ".nan",
    ] {
        assert_found(&format!("version: {text}\n"), &[("E018", "version")]);
        assert_found(
            &format!("types: {{A: [{text}]}}\n"),
            &[("E018", "types.A[0]")],
        );
        assert_eq!(
            api(&format!("version: \"{text}\"\n"))
                .version
                .unwrap()
                .as_str(),
            text
        );
        assert_eq!(
            api(&format!("version: '{text}'\n"))
                .version
                .unwrap()
                .as_str(),
            text
        );
    }
    for text in [
        "v1",
        "1.2.3",
        "norway",
        "a: b".trim_start_matches("a: "),
        "12 apples",
    ] {
        assert_eq!(
            api(&format!("version: {text}\n")).version.unwrap().as_str(),
            text
        );
    }
}

#[test]
fn booleans_are_true_and_false() {
    assert_eq!(field("sensitive: true"), [""; 0]);
    for text in ["yes", "True", "\"true\"", "1", "~"] {
        assert_eq!(field(&format!("sensitive: {text}")), ["E025"], "{text}");
    }
}

#[test]
fn literals_are_read_when_their_type_is_known() {
    let api = api(
        "types: {A: {fields: {x: {type: int, default: 5, const: no, example: {a: [null, \"1\"]}}}}}\n",
    );
    let crate::document::Type::Object(object) = &api.types[0].1.value else {
        panic!("an object")
    };
    let field = &object.fields[0].1;
    let default = field.default.as_ref().unwrap();
    assert_eq!(
        default.read_as::<Numeral>().unwrap().value,
        Numeral("5".to_owned())
    );
    assert_eq!(default.read_as::<String>().unwrap_err().code, "E018");
    let constant = field.r#const.as_ref().unwrap();
    assert_eq!(constant.read_as::<String>().unwrap_err().code, "E018");
    assert_eq!(constant.read_as::<bool>().unwrap_err().code, "E025");
    let example = field.example.as_ref().unwrap();
    assert_eq!(example.read_as::<String>().unwrap_err().code, "E022");
    let Literal::Map(map) = &example.value else {
        panic!("a map")
    };
    let Literal::List(list) = &map[0].1.value else {
        panic!("a list")
    };
    assert!(list[0].is_null() && !list[1].is_null());
    assert_eq!(list[1].read_as::<String>().unwrap().as_str(), "1");
}

#[test]
fn places_have_their_forms() {
    let api = api("\
client: {a: {type: string, at: {header: X-A}}, b: {type: string, at: q}, c: {type: string, at: {body: /a/b}}}
page: {p: {kind: page, read: {next: {link: next}, total: {header: X-Total}, pages: /meta~1x/pages}}}
retry: {r: {attempts: 2, when: [network, 503]}}
filters: {f: {form: \"{field}\", ops: {not_eq: ne, ge: gte}}}
");
    let places: Vec<&RequestPlace> = api
        .client
        .iter()
        .map(|(_, parameter)| &parameter.at.value)
        .collect();
    assert!(matches!(
        places[..],
        [
            RequestPlace::Header(_),
            RequestPlace::Query(_),
            RequestPlace::Body(_)
        ]
    ));
    let read = api.page[0].1.read.as_ref().unwrap();
    assert_eq!(
        read.next.as_ref().unwrap().value,
        ResponsePlace::Link("next".to_owned())
    );
    assert_eq!(
        read.total.as_ref().unwrap().value,
        ResponsePlace::Header("X-Total".to_owned())
    );
    assert!(
        matches!(api.retry[0].1.when[..], [ref a, ref b] if a.value == RetryWhen::Network && b.value == RetryWhen::Status(503))
    );
    let ops: Vec<FilterOp> = api.filters[0]
        .1
        .ops
        .iter()
        .map(|(op, _)| op.value)
        .collect();
    assert!(ops[0].negated && !ops[1].negated);
    for bad in [
        "total",
        "/a~2",
        "{header: \"X: y\"}",
        "{header: \"\"}",
        "{header: X, link: next}",
        "{}",
        "[/a]",
    ] {
        assert_found(
            &format!("page: {{p: {{kind: page, read: {{total: {bad}}}}}}}\n"),
            &[(
                "E027",
                if bad.starts_with("{header: \"") {
                    "page.p.read.total.header"
                } else {
                    "page.p.read.total"
                },
            )],
        );
    }
    assert_found(
        "page: {p: {kind: page, read: {total: {query: x}}}}\n",
        &[("E020", "page.p.read.total.query")],
    );
}
