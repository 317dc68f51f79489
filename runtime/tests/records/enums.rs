//! Words and numbers of a list, and newtypes.

use etiquette_runtime::codegen::{Param, Text, UnknownValue, Uuid};

use crate::json;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    Paid,
    Empty,
    Quoted,
    Unknown(UnknownValue),
}

etiquette_runtime::open_enum! { Status: Paid = "paid", Empty = "", Quoted = "a \"b\"\n" }

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    Left,
    Right,
}

etiquette_runtime::closed_enum! { Side: Left = "left", Right = "right", }

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Level {
    Low,
    Below,
    Unknown(UnknownValue),
}

etiquette_runtime::open_int_enum! { Level: Low = 1, Below = -3 }

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bit {
    Off,
    On,
}

etiquette_runtime::closed_int_enum! { Bit: Off = 0, On = 1 }

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserId(String);
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Number(i64);
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Big(u64);
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceId(Uuid);

etiquette_runtime::alias! { UserId: String }
etiquette_runtime::alias! { Number: i64 }
etiquette_runtime::alias! { Big: u64 }
etiquette_runtime::alias! { DeviceId: Uuid }

#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Holder {
    pub number: Number,
    pub big: Option<Big>,
}

etiquette_runtime::both! { Holder: number: Number as Text; optional big: Big as Text }

fn shown(value: &dyn Param) -> String {
    let mut out = String::new();
    value.show(&mut out).unwrap();
    out
}

/// Row G4: an unknown value is kept and written back as it came; the empty string is a value.
#[test]
fn words_come_back_as_they_were() {
    for word in ["paid", "", "a \"b\"\n", "new", "Paid", " ", "é😀"] {
        let text = serde_json::to_string(word).unwrap();
        let status: Status = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (json(&status), status.as_str(), status.to_string()),
            (text, word, word.to_owned())
        );
        assert_eq!(
            (Status::from(word), shown(&status)),
            (status, word.to_owned())
        );
    }
    assert_eq!(Status::from(""), Status::Empty);
    assert!(matches!(Status::from("new"), Status::Unknown(_)));
    for text in ["null", "1", "[]", "true"] {
        assert!(serde_json::from_str::<Status>(text).is_err(), "{text}");
    }
}

#[test]
fn closed_enums_refuse_what_they_do_not_name() {
    assert_eq!(
        serde_json::from_str::<Side>("\"left\"").unwrap(),
        Side::Left
    );
    assert_eq!(
        (Side::try_from("right").unwrap(), Side::Right.as_str()),
        (Side::Right, "right")
    );
    let error = serde_json::from_str::<Side>("\"canary\"")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("a known `Side`") && !error.contains("canary"),
        "{error}"
    );
    assert_eq!(
        Side::try_from("up").unwrap_err().to_string(),
        "it is no `Side`"
    );
    assert_eq!(serde_json::from_str::<Bit>("1").unwrap(), Bit::On);
    assert_eq!(
        (json(&Bit::Off), Bit::try_from(0).unwrap()),
        ("0".to_owned(), Bit::Off)
    );
    for text in ["2", "\"1\"", "1.0", "null"] {
        assert!(serde_json::from_str::<Bit>(text).is_err(), "{text}");
    }
}

#[test]
fn numbers_come_back_as_they_were() {
    for number in [1, -3, 0, i64::MIN, i64::MAX] {
        let level: Level = serde_json::from_str(&number.to_string()).unwrap();
        assert_eq!(
            (json(&level), level.as_i64(), shown(&level)),
            (number.to_string(), number, number.to_string())
        );
        assert_eq!(Level::from(number), level);
    }
    assert_eq!(Level::from(-3), Level::Below);
    assert!(matches!(Level::from(7), Level::Unknown(_)));
    for text in ["\"1\"", "1.5", "9223372036854775808", "null"] {
        assert!(serde_json::from_str::<Level>(text).is_err(), "{text}");
    }
}

#[test]
fn newtypes_are_their_value() {
    let id = UserId::from("a/b");
    assert_eq!(
        (json(&id), shown(&id), id.to_string()),
        ("\"a/b\"".to_owned(), "a/b".to_owned(), "a/b".to_owned())
    );
    assert_eq!(
        (
            UserId::from(&id),
            UserId::from("a/b".to_owned()),
            id.as_ref()
        ),
        (id.clone(), id.clone(), "a/b")
    );
    assert_eq!(serde_json::from_str::<UserId>("\"a/b\"").unwrap(), id);
    assert!(serde_json::from_str::<UserId>("1").is_err());
    let number: Number = serde_json::from_str("-5").unwrap();
    assert_eq!(
        (number.get(), json(&number), i64::from(number)),
        (-5, "-5".to_owned(), -5)
    );
    let uuid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    let device: DeviceId = serde_json::from_str(&format!("\"{uuid}\"")).unwrap();
    assert_eq!(
        (shown(&device), device.get().to_string()),
        (uuid.to_owned(), uuid.to_owned())
    );
}

#[test]
fn newtypes_take_formats() {
    let holder: Holder =
        serde_json::from_str(r#"{"number":"-5","big":"18446744073709551615"}"#).unwrap();
    assert_eq!(holder, Holder::new(-5).big(u64::MAX));
    assert_eq!(
        json(&holder),
        r#"{"number":"-5","big":"18446744073709551615"}"#
    );
    for text in [
        r#"{"number":-5}"#,
        r#"{"number":"+5"}"#,
        r#"{"number":"5.0"}"#,
        r#"{"number":" 5"}"#,
        r#"{"number":""}"#,
    ] {
        assert!(serde_json::from_str::<Holder>(text).is_err(), "{text}");
    }
}
