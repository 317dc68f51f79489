//! Families that attack the reading of characters: encodings, controls, what YAML guesses.

use super::family::{
    ENVIRONMENTS, Expect, Family, HEAD, RESOURCES, api, family, field, quoted, raw,
};
use Expect::{Code, Loads};

pub(crate) fn families() -> Vec<Family> {
    vec![
        implicit_types(),
        quoted_implicit_types(),
        encodings(),
        byte_order_marks(),
        control_characters(),
        invisible_characters(),
    ]
}

const IMPLICIT_TYPES_SURPRISES: &[&str] = &[
    "no",
    "No",
    "NO",
    "yes",
    "on",
    "off",
    "y",
    "n",
    "true",
    "False",
    "null",
    "Null",
    "~",
    "1e3",
    "0x10",
    "0o17",
    "017",
    "1_000",
    "1:30",
    "190:20:30",
    "2024-01-01",
    "2024-01-01T10:00:00Z",
    ".inf",
    "-.INF",
    ".nan",
    "1.5",
    "+1",
    "-0",
    "0b11",
    "12",
];

/// Row I5: what YAML 1.1 or 1.2 reads as something else is no text.
fn implicit_types() -> Family {
    let unquoted = IMPLICIT_TYPES_SURPRISES
        .iter()
        .map(|text| (format!("title: {text}"), api(&format!("title: {text}\n"))));
    let values = ["no", "on", "1e3", "12"].map(|text| {
        (
            format!("[{text}]"),
            api(&format!("types: {{Flag: [{text}, other]}}\n")),
        )
    });
    let constant = [(
        "const: no".to_owned(),
        field("name: {type: string, const: no}"),
    )];
    family(
        "texts that YAML reads as something else",
        &["I5"],
        Code("E018"),
        unquoted.chain(values).chain(constant),
    )
}

fn quoted_implicit_types() -> Family {
    let texts = [
        "no",
        "null",
        "1e3",
        "0x10",
        "1:30",
        "2024-01-01",
        ".nan",
        "~",
        "12",
    ];
    let quoted = texts.map(|text| (format!("\"{text}\""), api(&format!("title: \"{text}\"\n"))));
    let single = texts.map(|text| (format!("'{text}'"), api(&format!("title: '{text}'\n"))));
    let words = [(
        "on is a word in a sentence".to_owned(),
        api("title: on and off\n"),
    )];
    family(
        "quoted texts that look like something else",
        &["I5"],
        Loads,
        quoted.into_iter().chain(single).chain(words),
    )
}

fn encodings() -> Family {
    let text = format!("{HEAD}{ENVIRONMENTS}{RESOURCES}");
    let utf16 = |mark: &[u8], swap: bool| -> Vec<u8> {
        let units = text.encode_utf16().flat_map(|unit| {
            if swap {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        });
        mark.iter().copied().chain(units).collect()
    };
    let utf32: Vec<u8> = text
        .chars()
        .flat_map(|char| u32::from(char).to_le_bytes())
        .collect();
    let with = |bytes: &[u8]| {
        raw([
            format!("{HEAD}{ENVIRONMENTS}title: ").as_bytes(),
            bytes,
            b"\n",
        ]
        .concat())
    };
    family(
        "other encodings",
        &["I6"],
        Code("E002"),
        [
            ("UTF-16 LE", raw(utf16(&[0xff, 0xfe], false))),
            ("UTF-16 BE", raw(utf16(&[0xfe, 0xff], true))),
            ("UTF-16 LE without a mark", raw(utf16(&[], false))),
            ("UTF-16 BE without a mark", raw(utf16(&[], true))),
            (
                "UTF-32 LE",
                raw([&[0xff, 0xfe, 0, 0], utf32.as_slice()].concat()),
            ),
        ],
    )
    .and(
        Code("E001"),
        [
            ("Latin-1", with(b"caf\xe9")),
            ("a lone continuation", with(b"\x80")),
            ("an overlong slash", with(b"\xc0\xaf")),
            ("a surrogate", with(b"\xed\xa0\x80")),
            ("beyond Unicode", with(b"\xf4\x90\x80\x80")),
            ("cut off", with(b"\xe2\x82")),
        ],
    )
}

fn byte_order_marks() -> Family {
    let marked = format!("\u{feff}{HEAD}{ENVIRONMENTS}{RESOURCES}");
    family(
        "byte order marks",
        &["I6"],
        Code("E004"),
        [
            ("twice", raw(format!("\u{feff}{marked}"))),
            ("inside", api("title: a\u{feff}b\n")),
            ("before a key", api("\u{feff}title: a\n")),
        ],
    )
    .and(Loads, [("at the start", raw(marked))])
}

/// Rows I6 and I15.
fn control_characters() -> Family {
    let c0 = (0..0x20_u32).filter(|code| ![9, 10, 13].contains(code));
    let codes = c0.chain([0x7f, 0x80, 0x84, 0x85, 0x86, 0x9f]);
    let inputs = codes.map(|code| {
        let char = char::from_u32(code).expect("a control character is a character");
        (
            format!("U+{code:04X}"),
            api(&format!("title: \"a{char}b\"\n")),
        )
    });
    let comment = [
        ("in a comment".to_owned(), api("# a\u{1b}[2Jb\n")),
        ("a lone CR".to_owned(), api("title: \"a\rb\"\n")),
    ];
    family(
        "control characters",
        &["I6", "I15"],
        Code("E003"),
        inputs.chain(comment),
    )
}

/// Row I16.
fn invisible_characters() -> Family {
    const CODES: &[u32] = &[
        0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068,
        0x2069, 0x2028, 0x2029, 0xe0001, 0xe0041, 0xe007f,
    ];
    let char = |code: u32| char::from_u32(code).expect("each code is a character");
    let texts = CODES.iter().map(|&code| {
        (
            format!("U+{code:04X}"),
            api(&format!("title: a{}b\n", char(code))),
        )
    });
    let places = [
        ("in a comment".to_owned(), api("# a\u{202e}b\n")),
        ("in a key".to_owned(), api("ti\u{202e}tle: a\n")),
        (
            "in a wire name".to_owned(),
            field("name: {type: string, wire: \"na\u{2066}me\"}"),
        ),
        (
            "in an enum's value".to_owned(),
            api("types: {Flag: [\"a\u{202e}b\"]}\n"),
        ),
    ];
    family(
        "invisible characters",
        &["I16"],
        Code("E004"),
        texts.chain(places),
    )
    .and(
        Loads,
        [(
            "as escapes of a wire name",
            field(&format!(
                "name: {{type: string, wire: {}}}",
                quoted("na\u{2066}me")
            )),
        )],
    )
}
