//! Parameters: what is encoded, what is refused, and that an independent decoder gets it back.

use etiquette_runtime::{
    codegen::{AsJson, Date, Decimal, Digits, Json, Param, SecretString, Timestamp},
    encode::{
        BadValue, header_value, may_name_header, push_encoded, push_name, push_query, push_segment,
    },
};

use crate::Random;

fn path_segment(value: &dyn Param) -> Result<String, BadValue> {
    let mut path = String::new();
    push_segment(&mut path, value).map(|()| path)
}

/// RFC 3986 §2.1, written apart from the encoder: nothing but unreserved characters and `%XX` may stand there.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        match first {
            b'%' => {
                let (digits, after) = after.split_at_checked(2)?;
                if digits.iter().any(u8::is_ascii_lowercase) {
                    return None;
                }
                bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
                rest = after;
            }
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                bytes.push(*first);
                rest = after;
            }
            _ => return None,
        }
    }
    String::from_utf8(bytes).ok()
}

/// Rows F3 and F4: 100 000 texts come back as they were, and each character takes its place.
#[test]
fn an_independent_decoder_gets_every_text_back() {
    let mut random = Random(5);
    for _ in 0..100_000 {
        let text = random.text();
        let mut encoded = String::new();
        push_encoded(&text, &mut encoded);
        assert_eq!(
            decode(&encoded).as_deref(),
            Some(text.as_str()),
            "{text:?} became {encoded:?}"
        );
        let mut query = String::new();
        push_query(&mut query, &text, &text).unwrap();
        push_query(&mut query, "b", &1i64).unwrap();
        let (first, second) = query.split_once('&').unwrap();
        let (name, value) = first.split_once('=').unwrap();
        assert_eq!(
            (decode(name).as_deref(), decode(value).as_deref(), second),
            (Some(&*text), Some(&*text), "b=1")
        );
    }
    let long = "é/".repeat(32 * 1024);
    assert_eq!(decode(&path_segment(&long).unwrap()).unwrap(), long);
}

/// Row F4: what looks encoded is data.
#[test]
fn nothing_is_decoded() {
    for (text, encoded) in [
        ("%2F", "%252F"),
        ("%2e%2e", "%252e%252e"),
        ("a/b", "a%2Fb"),
        ("a b+c", "a%20b%2Bc"),
        ("\0\r\n\t", "%00%0D%0A%09"),
        ("\u{2028}", "%E2%80%A8"),
        ("😀", "%F0%9F%98%80"),
        ("-._~aZ9", "-._~aZ9"),
        ("...", "..."),
    ] {
        assert_eq!(path_segment(&text).unwrap(), encoded);
    }
}

#[test]
fn a_path_value_names_one_segment() {
    for text in ["", ".", ".."] {
        assert_eq!(
            path_segment(&text).unwrap_err().to_string(),
            "a path value must not be empty, `.` or `..`"
        );
    }
    assert_eq!(path_segment(&SecretString::from("a b")).unwrap(), "a%20b");
}

/// Row F5: how values look, and that NaN and the infinities are refused.
#[test]
fn values_as_parameters() {
    let json: Json = serde_json::from_str(r#"{"a":["b",null]}"#).unwrap();
    let decimal: Decimal = "1.50".parse().unwrap();
    let cases: [(&dyn Param, &str); 13] = [
        (&"", ""),
        (&true, "true"),
        (&Digits(true), "1"),
        (&Digits(false), "0"),
        (&i64::MIN, "-9223372036854775808"),
        (&u64::MAX, "18446744073709551615"),
        (&1.5f64, "1.5"),
        (&decimal, "1.50"),
        (&Timestamp::UNIX_EPOCH, "1970-01-01T00:00:00Z"),
        (&Date::constant(2024, 2, 29), "2024-02-29"),
        (&AsJson(&json), r#"{"a":["b",null]}"#),
        (&AsJson(&vec![1i64]), "[1]"),
        (&&&"x", "x"),
    ];
    for (value, text) in cases {
        let mut shown = String::new();
        value.show(&mut shown).unwrap();
        assert_eq!(shown, text);
    }
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut query = "a=1".to_owned();
        assert!(push_query(&mut query, "b", &bad).is_err() && query == "a=1");
        assert!(path_segment(&bad).is_err() && header_value(&bad).is_err());
        assert!(path_segment(&AsJson(&vec![bad])).is_err());
    }
    let mut flags = String::new();
    push_name(&mut flags, "a b");
    push_name(&mut flags, "c");
    assert_eq!(flags, "a%20b&c");
}

/// Row F6: a header's value is sent as it is or not at all.
#[test]
fn header_values_are_visible_or_refused() {
    for good in ["", "a", "a b\tc", "\"x\"; q=0.5", "~!@#"] {
        assert_eq!(header_value(&good).unwrap(), good);
    }
    for bad in [
        "a\r\nb: c",
        "\n",
        "\r",
        "\0",
        "é",
        "\u{80}",
        "\u{7f}",
        " a",
        "a ",
        "\t",
        "a\u{b}",
    ] {
        let error = header_value(&bad).unwrap_err().to_string();
        assert!(
            error.starts_with("a header value must "),
            "{bad:?}: {error}"
        );
    }
    let mut random = Random(6);
    for _ in 0..100_000 {
        let text = random.text();
        if let Ok(value) = header_value(&text) {
            assert!(
                value == text
                    && value
                        .bytes()
                        .all(|byte| (0x20..0x7f).contains(&byte) || byte == 9)
            );
        }
    }
}

/// Row F6: data names no header of the connection.
#[test]
fn some_headers_are_not_for_data() {
    for good in ["x-trace", "X_1", "if-match", "~"] {
        assert!(may_name_header(good), "{good}");
    }
    for bad in [
        "",
        "a b",
        "a:",
        "a\n",
        "é",
        "Host",
        "content-length",
        "Transfer-Encoding",
        "CONNECTION",
        "te",
        "Upgrade",
    ] {
        assert!(!may_name_header(bad), "{bad}");
    }
}
