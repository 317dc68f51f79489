//! The data half of the runtime through its public macros, as a generated crate uses it.
//!
//! Tables of cases, no network, no clock. The rows named in the tests are those of the list of faults.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]
#![allow(unreachable_pub, reason = "models are public, as in a generated crate")]

mod encode;
mod enums;
mod formats;
mod forms;
mod hygiene;
mod nested;
mod patches;
mod read;
mod steps;
mod unions;
mod values;
mod write;

use etiquette_runtime::record::{Out, Write};

/// The text of a body.
fn json(value: &dyn Write) -> String {
    let mut out = Out::new();
    value.write(&mut out);
    String::from_utf8(out.finish().unwrap()).unwrap()
}

/// Why a body cannot be sent.
fn refusal(value: &dyn Write) -> String {
    let mut out = Out::new();
    value.write(&mut out);
    out.finish().unwrap_err().to_string()
}

/// Numbers that look random and are the same in each run (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A text of what usually goes wrong, and of anything.
    fn text(&mut self) -> String {
        const ODD: &[&str] = &[
            "/",
            "\\",
            "?",
            "#",
            "%",
            "%2F",
            "%00",
            ";",
            "&",
            "=",
            "+",
            ":",
            "@",
            "\0",
            "\r\n",
            "\t",
            " ",
            "\u{2028}",
            "😀",
            "\"",
            "\u{7f}",
            "é",
            "~",
            "..",
            ".",
            "\u{1b}",
            "'",
            "<",
            "\u{e000}",
            "\u{10ffff}",
        ];
        let length = self.below(12);
        (0..length)
            .map(|_| match self.below(3) {
                0 => ODD[self.below(ODD.len() as u64) as usize].to_owned(),
                1 => char::from(b' ' + self.below(95) as u8).to_string(),
                _ => {
                    char::from_u32(self.below(0x11_0000) as u32).map_or(String::new(), String::from)
                }
            })
            .collect()
    }
}
