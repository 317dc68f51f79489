//! Decimals, UUIDs, URLs and base64.

use etiquette_runtime::{
    codegen::{Base64, Decimal, Url, Uuid},
    record::{Read, Whole},
};

use crate::{Random, json};

fn read<T: Read>(text: &str) -> Result<T, String> {
    serde_json::from_str::<Whole<T>>(text)
        .map(|Whole(value)| value)
        .map_err(|error| error.to_string())
}

/// Row F11: a decimal keeps each digit.
#[test]
fn decimals_are_exact() {
    for text in [
        "0",
        "-0",
        "0.10",
        "1e400",
        "-1.50E-7",
        "123456789012345678901234567890.123456789012345678901234567890",
    ] {
        let decimal: Decimal = read(text).unwrap();
        assert_eq!((decimal.as_str(), json(&decimal).as_str()), (text, text));
        assert_eq!(text.parse::<Decimal>().unwrap(), decimal);
    }
    for text in ["\"1\"", "null", "true", "[1]", "{}", "01", "1.", ".5", "+1"] {
        assert!(read::<Decimal>(text).is_err(), "{text}");
    }
    for text in [
        "", "1,5", "NaN", "0x1", " 1", "1 ", "--1", "1e", "1e+", "-", "٣",
    ] {
        assert!(text.parse::<Decimal>().is_err(), "{text}");
    }
    assert_eq!(
        (
            Decimal::from(-5i64).as_str(),
            Decimal::from(u64::MAX).to_f64()
        ),
        ("-5", u64::MAX as f64)
    );
}

/// Row G7: also where digits are kept, their number is bounded.
#[test]
fn endless_decimals_are_refused() {
    assert!(read::<Decimal>(&"9".repeat(256)).is_ok());
    assert!(read::<Decimal>(&"9".repeat(257)).is_err());
    assert!(read::<Decimal>(&"9".repeat(100_000)).is_err());
}

#[test]
fn uuids_are_checked() {
    let text = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    let uuid: Uuid = read(&format!("\"{}\"", text.to_uppercase())).unwrap();
    assert_eq!(
        (uuid.to_string().as_str(), json(&uuid)),
        (text, format!("\"{text}\""))
    );
    assert_eq!(Uuid::from_bytes(*uuid.as_bytes()), uuid);
    assert_eq!(uuid.as_bytes()[..3], [0x6b, 0xa7, 0xb8]);
    for bad in [
        "",
        &text[1..],
        &text.replace('-', ""),
        &text.replace('6', "g"),
        &format!("{{{text}}}"),
        &text.replace("d1-", "d1é"),
    ] {
        assert!(bad.parse::<Uuid>().is_err(), "{bad}");
    }
    let mut random = Random(3);
    for _ in 0..1_000 {
        let bytes: [u8; 16] = std::array::from_fn(|_| random.next() as u8);
        assert_eq!(
            Uuid::from_bytes(bytes).to_string().parse::<Uuid>().unwrap(),
            Uuid::from_bytes(bytes)
        );
    }
}

#[test]
fn urls_are_absolute_and_kept() {
    for text in [
        "https://example.com",
        "http://a:8080/x?y=%2F#z",
        "HTTPS://user:p@[::1]:443/",
        "https://é.example/ü",
        "mailto:a@b.example",
        "urn:isbn:1",
        "https://a@b@c.example/",
    ] {
        let url: Url = read(&serde_json::to_string(text).unwrap()).unwrap();
        assert_eq!(
            (url.as_str(), json(&url)),
            (text, serde_json::to_string(text).unwrap())
        );
    }
    for bad in [
        "",
        "/a",
        "a",
        "//a.example",
        "https:",
        "https://",
        "https:///x",
        "https://:80",
        "https://a:99999",
        "https://a:b",
        "http://[::1",
        "https://a b",
        "https://a\n.example",
        "1a:b",
        "://a",
        "https://a/\"",
        "https://a/<x>",
        "https:a",
    ] {
        assert!(bad.parse::<Url>().is_err(), "{bad}");
    }
}

/// RFC 4648 §10, and back from any bytes.
#[test]
fn bytes_are_base64() {
    for (bytes, text) in [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ] {
        let value = Base64::from(bytes.as_bytes());
        assert_eq!(
            (value.to_string().as_str(), json(&value)),
            (text, format!("\"{text}\""))
        );
        assert_eq!(text.parse::<Base64>().unwrap(), value);
        assert_eq!(text.trim_end_matches('=').parse::<Base64>().unwrap(), value);
    }
    let mut random = Random(4);
    for length in 0..300 {
        let bytes: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
        assert_eq!(
            Base64::from(bytes.clone())
                .to_string()
                .parse::<Base64>()
                .unwrap()[..],
            bytes[..]
        );
    }
    for bad in [
        "Z",
        "Zg=",
        "Zg===",
        "=",
        "====",
        "Zh==",
        "Zm9=",
        "Zm9v Zm9v",
        "Zm9-",
        "Zg==Zg==",
        "Zm9vé",
    ] {
        assert!(bad.parse::<Base64>().is_err(), "{bad}");
    }
    assert_eq!(
        format!("{:?}", Base64::from(&b"canary"[..])),
        "Base64(6 bytes)"
    );
}
