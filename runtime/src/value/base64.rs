//! Bytes as base64 text (RFC 4648 §4).
//! A text and its bytes belong together but for the padding: spare bits must be zero, and neither line breaks nor the
//! alphabet for URLs may be accepted.

use std::{fmt, ops::Deref};

use bytes::Bytes;

/// Bytes that stand as base64 on the wire: the standard alphabet, written with padding, read with or without.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Base64(Bytes);

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl Base64 {
    /// The bytes.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

impl Deref for Base64 {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

macro_rules! from_bytes {
    ($($t:ty: $into:expr),*) => {$(
        impl From<$t> for Base64 {
            fn from(bytes: $t) -> Base64 {
                Base64($into(bytes))
            }
        }
    )*};
}

from_bytes! { Bytes: Bytes::from, Vec<u8>: Bytes::from, &[u8]: Bytes::copy_from_slice }

/// The length alone: bytes are seldom for reading and may be secret.
impl fmt::Debug for Base64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Base64({} bytes)", self.0.len())
    }
}

impl fmt::Display for Base64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.chunks(3) {
            let bits = chunk
                .iter()
                .fold(0u32, |bits, byte| bits << 8 | u32::from(*byte))
                << (8 * (3 - chunk.len()));
            for place in 0..4 {
                let index = (bits >> (18 - 6 * place) & 63) as usize;
                fmt::Write::write_char(
                    f,
                    if place > chunk.len() {
                        '='
                    } else {
                        char::from(ALPHABET[index])
                    },
                )?;
            }
        }
        Ok(())
    }
}

fn decode(text: &str) -> Option<Base64> {
    let digits = match text.len() % 4 {
        0 => text
            .strip_suffix("==")
            .or_else(|| text.strip_suffix('='))
            .unwrap_or(text),
        _ => text,
    };
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for chunk in digits.as_bytes().chunks(4) {
        let mut bits = 0u32;
        for byte in chunk {
            bits = bits << 6 | u32::from(value(*byte)?);
        }
        bits <<= 6 * (4 - chunk.len());
        let [_, one, two, three] = bits.to_be_bytes();
        // The bits beyond the last whole byte must be zero, so that a text and its bytes belong together (RFC 4648 §3.5).
        match chunk.len() {
            4 => bytes.extend([one, two, three]),
            3 if three == 0 => bytes.extend([one, two]),
            2 if two == 0 && three == 0 => bytes.push(one),
            _ => return None,
        }
    }
    Some(Base64(bytes.into()))
}

fn value(digit: u8) -> Option<u8> {
    Some(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

super::text_value!(Base64, "base64 text", decode);
