//! Identifiers of 128 bits (RFC 9562).
//! Assumes the one textual form with dashes. Must not ask for a version or variant: servers make up identifiers that
//! have neither.

use std::fmt;

/// A UUID: read in upper or lower case, written in lower case.
///
/// ```
/// use etiquette_runtime::value::Uuid;
///
/// let id: Uuid = "6BA7B810-9DAD-11D1-80B4-00C04FD430C8".parse()?;
/// assert_eq!(id.to_string(), "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uuid([u8; 16]);

impl Uuid {
    /// From its bytes, most significant first.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Uuid {
        Uuid(bytes)
    }

    /// Its bytes, most significant first.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let dash = if matches!(index, 4 | 6 | 8 | 10) {
                "-"
            } else {
                ""
            };
            write!(f, "{dash}{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// RFC 9562 §4: 8, 4, 4, 4 and 12 hexadecimal digits between dashes.
fn parse(text: &str) -> Option<Uuid> {
    let mut bytes = [0; 16];
    let mut digits = 0;
    if text.len() != 36 {
        return None;
    }
    for (index, character) in text.chars().enumerate() {
        if matches!(index, 8 | 13 | 18 | 23) {
            if character != '-' {
                return None;
            }
            continue;
        }
        let digit = u8::try_from(character.to_digit(16)?).ok()?;
        bytes[digits / 2] = bytes[digits / 2] << 4 | digit;
        digits += 1;
    }
    Some(Uuid(bytes))
}

super::text_value!(Uuid, "a UUID", parse);
